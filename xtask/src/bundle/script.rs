//! The script: loader, glue, styles, prose and the module's bytes in one classic script.

use super::languages::Languages;
use super::pack;
use crate::setup::node::NodeTools;
use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::process::Command;

/// Stands for the literal while the minifiers work, which would write control characters as escapes. The name of a global
/// that nobody knows: of a text they would compute the length.
const PLACEHOLDER: &str = "THE_LITERAL_OF_THE_MODULE";
/// Makes the script UTF-8 whatever the page's charset is.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Tells V8 that nearly all of the script's functions will be called: it compiles them beside the main thread while the script arrives, and not
/// one by one when they are. <https://v8.dev/blog/explicit-compile-hints>
const ALL_AT_ONCE: &str = "//# allFunctionsCalledOnLoad\n";

/// Runs finished scripts in a page of almost nothing and compares the pieces of the module that they make with those in the
/// files: the decoder as minified, on the literals as written, with the checksums they carry.
const PROVE: &str = "\
const { readFileSync } = require('fs');
let made;
const nothing = () => {};
globalThis.window = globalThis.top = globalThis;
globalThis.addEventListener = nothing;
globalThis.document = {
  currentScript: { localName: 'script', hasAttribute: nothing, dataset: {} },
  dispatchEvent: nothing,
  addEventListener: nothing,
};
const instance = { exports: new Proxy({}, { get: () => nothing }) };
globalThis.WebAssembly = {
  Module: function () { throw new RangeError('not made here'); },
  instantiate: async (bytes) => { made = bytes; return { instance }; },
};
(async () => {
  const files = process.argv.slice(1);
  while (files.length) {
    made = null;
    require('vm').runInThisContext(readFileSync(files.shift(), 'utf8'), { timeout: 20000 });
    // Further pieces wait until the first is there.
    await new Promise(setImmediate);
    if (!made || !readFileSync(files.shift()).equals(made)) throw new Error('a script does not make its module');
  }
  process.exit();
})();
";

/// What terser may take for granted of the loader, beyond what it always does: no function is a constructor or asks how many
/// parameters it has, and to read a property changes nothing.
const COMPRESS: &str = "passes=4,unsafe_arrows,unsafe_methods,keep_fargs=false,pure_getters,hoist_props";

/// The optimised module with the names by which it is fetched and checked.
#[derive(Debug)]
pub(crate) struct Module {
    pub bytes: Vec<u8>,
    /// `tollgate-<hash>.wasm`.
    pub file: String,
    /// The value of an `integrity` attribute.
    integrity: String,
    /// The text of the literal.
    packed: String,
    checksum: u32,
}

impl Module {
    /// # Errors
    /// If the module cannot be packed.
    pub(crate) fn new(bytes: Vec<u8>) -> Result<Module> {
        let packed = pack::pack(&bytes)?;
        Ok(Module {
            file: format!("tollgate-{}.wasm", short_hash(&bytes, NAMED)),
            integrity: integrity(&bytes),
            checksum: pack::checksum(&packed),
            packed,
            bytes,
        })
    }

    /// The module as the loader imports it, without the literal itself.
    fn script(&self) -> String {
        format!(
            "export const literal={PLACEHOLDER};\nexport const length={};\nexport const checksum={};\n",
            self.bytes.len(),
            self.checksum,
        )
    }
}

/// A finished script that the tag's fetches, with the name by which it is fetched and checked.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub text: String,
    /// `tollgate-gate-<hash>.js`
    pub file: String,
    /// The value of an `integrity` attribute.
    integrity: String,
}

impl Script {
    fn new(role: &str, text: String) -> Script {
        Script {
            file: format!("tollgate-{role}-{}.js", short_hash(text.as_bytes(), NAMED)),
            integrity: integrity(text.as_bytes()),
            text,
        }
    }

    /// What the loader calls its name and its integrity.
    fn names(&self, role: &str) -> String {
        format!(
            "export const {role}File={};\nexport const {role}Integrity={};\n",
            quoted(&format!("./{}", self.file)),
            quoted(&self.integrity),
        )
    }
}

/// The script carries its date as a day: the floor of a clock need not be finer, and the bytes are the same all day.
const MINUTES_OF_A_DAY: u64 = 24 * 60;

/// How much of a hash stands in the name of a file that only what we serve ourselves asks for, in bytes.
const NAMED: usize = 8;

/// So many bytes of a content's hash, for its name.
pub(crate) fn short_hash(content: &[u8], bytes: usize) -> String {
    Sha256::digest(content).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// The value of an `integrity` attribute for a content.
fn integrity(content: &[u8]) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(content)))
}

/// The folder in which the bundle's parts lie side by side, as the loader imports them.
#[derive(Debug)]
pub(crate) struct Workbench<'a> {
    folder: PathBuf,
    tools: &'a NodeTools,
}

impl<'a> Workbench<'a> {
    /// Lays out everything but the prose and the modules: the glue, the minified styles, the words, the loader.
    pub(crate) fn lay_out(
        tools: &'a NodeTools,
        (glue, others): &(String, Vec<String>),
        languages: &Languages,
        twin: &str,
    ) -> Result<Workbench<'a>> {
        let folder = places::workshop().join("bundle");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(folder.join("loader"))?;
        let bench = Workbench { folder, tools };
        bench.write("glue.js", glue)?;
        for (role, glue) in ["gate", "connect"].iter().zip(others) {
            bench.write(&format!("{role}-glue.js"), glue)?;
        }
        bench.write("twin.js", twin)?;
        bench.write("words.js", &languages.script()?)?;
        let names: Vec<&str> = tollgate::config::PROSE.iter().map(|(name, _)| *name).collect();
        let names = quoted(&names.join(" "));
        bench.write("names.js", &format!("export const names={names}.split(' ');\n"))?;
        let css = bench.minified_css()?;
        bench.write("style.js", &format!("export const css={};\n", quoted(css.trim_end())))?;
        for file in places::files(&places::loader(), "js")? {
            let name = file.file_name().context("a file has a name")?;
            std::fs::copy(&file, bench.folder.join("loader").join(name))?;
        }
        Ok(bench)
    }

    /// Bundles the script for the tag, and those that it fetches: for a gate, for a tag with rules, for a connected page, for a page that changes; `built` is when, in minutes since 1970. With
    /// the `sentences` for the diagnostics' codes it is the script for publishers, which explains itself.
    pub(crate) fn bundle(
        &self,
        first: &Module,
        [gate, rules, connect]: [&Module; 3],
        twin: &Script,
        built: u64,
        sentences: Option<&[(&str, &str)]>,
    ) -> Result<(String, [Script; 4])> {
        match sentences {
            None => self.write("debug.js", "export const debug=null;\n")?,
            Some(sentences) => {
                let entries: Vec<String> =
                    sentences.iter().map(|(_, text)| format!("  {},\n", quoted(text))).collect();
                self.write("prose.js", &format!("export const sentences=[\n{}];\n", entries.concat()))?;
                self.write("debug.js", "export { debug } from './loader/debug.js';\n")?;
            }
        }
        let piece = |role: &str, module: &Module| -> Result<Script> {
            self.write("module.js", &module.script())?;
            let bundled = self.minified(&format!("loader/{role}.js"), built)?;
            Ok(Script::new(role, with_literal(&bundled, &module.packed)?))
        };
        let (gate_script, rules_script) = (piece("gate", gate)?, piece("rules", rules)?);
        let connect_script = piece("connect", connect)?;
        let changing = Script::new("changing", self.minified("loader/changing.js", built)?);
        let own = format!(
            "export const file={};\nexport const integrity={};\n",
            quoted(&first.file),
            quoted(&first.integrity),
        );
        let names = [
            first.script(),
            own,
            gate_script.names("gate"),
            rules_script.names("rules"),
            connect_script.names("connect"),
            changing.names("changing"),
            twin.names("twin"),
        ];
        let names = names.concat();
        self.write("module.js", &[&*names, &for_a_tag(false, false)].concat())?;
        let script = with_literal(&self.minified("loader/main.js", built)?, &first.packed)?;
        self.write("names-of-module.js", &names)?;
        for text in [&script, &gate_script.text, &rules_script.text, &connect_script.text, &changing.text] {
            is_of_2020(text)?;
        }
        self.prove(&[
            (&script, first),
            (&gate_script.text, gate),
            (&rules_script.text, rules),
            (&connect_script.text, connect),
        ])?;
        Ok((script, [gate_script, rules_script, connect_script, changing]))
    }

    /// The tag's script without the module, which it fetches and makes while it arrives: `tollgate.split.js`. To be made right after
    /// [`Workbench::bundle`].
    pub(crate) fn split(&self, built: u64) -> Result<String> {
        self.without_literal(built, &for_a_tag(true, false))
    }

    /// The tag's script with the module's twin in its place: `tollgate.nowasm.js`. To be made before [`Workbench::importable`].
    pub(crate) fn without_wasm(&self, built: u64) -> Result<String> {
        let modules = std::fs::read_to_string(self.folder.join("glue.js"))?;
        let glue = "export { signal, start } from './twin.js';\n\
                    export const encoder = new TextEncoder(), imports = null, finish = null, join = null;\n";
        self.write("glue.js", glue)?;
        let script = self.without_literal(built, &for_a_tag(false, true))?;
        self.write("glue.js", &modules)?;
        Ok(script)
    }

    fn without_literal(&self, built: u64, what: &str) -> Result<String> {
        let names = std::fs::read_to_string(self.folder.join("names-of-module.js"))?;
        let names =
            names.replacen(&format!("export const literal={PLACEHOLDER}"), "export const literal=''", 1);
        self.write("module.js", &[&*names, what].concat())?;
        let script = self.minified("loader/main.js", built)?;
        is_of_2020(&script)?;
        Ok(script)
    }

    /// The script that brings the module's twin where WebAssembly is missing or refused.
    pub(crate) fn twin(&self, built: u64) -> Result<Script> {
        let text = self.minified("loader/twin.js", built)?;
        is_of_2020(&text)?;
        Ok(Script::new("twin", text))
    }

    /// The tag's script as a module for those who bundle: `tollgate.module.js`. All that it fetches stands in it as imports that a bundler
    /// sees; the tag is what www/package/tollgate.tag.js has for one. To be made right after [`Workbench::bundle`], of the same module.
    pub(crate) fn importable(
        &self,
        first: &Module,
        fetched: &[Script],
        languages: &Languages,
        built: u64,
    ) -> Result<String> {
        self.write("loader/tag.js", "export { tag } from './tollgate.tag.js';\n")?;
        let import = |name: &str, file: &str| {
            format!("  {}: () => import({}),\n", quoted(name), quoted(&format!("./{file}")))
        };
        let mut names = std::fs::read_to_string(self.folder.join("names-of-module.js"))?;
        names.push_str("const files = {\n");
        for Script { file, .. } in fetched {
            names.push_str(&import(&format!("./{file}"), file));
        }
        names.push_str("};\nexport const importing = (file) => files[file]();\nexport const isImported = true;\nexport const isSplit = false;\nexport const isTwin = false;\nconst all = {\n");
        for (tag, file, _) in languages.modules() {
            names.push_str(&import(&tag, &file));
        }
        names.push_str("};\nexport const texts = async (tag) => (await all[tag]()).default;\n");
        self.write("module.js", &names)?;
        with_literal(&self.minified_as("loader/main.js", built, "esm")?, &first.packed)
    }

    /// A file of the loader with all that it imports, minified.
    fn minified(&self, entry: &str, built: u64) -> Result<String> {
        self.minified_as(entry, built, "iife")
    }

    /// The same as a script (`iife`) or as a module (`esm`).
    fn minified_as(&self, entry: &str, built: u64, format: &str) -> Result<String> {
        // What the loader calls VERSION and BUILT.
        let version = format!("--define:VERSION={}", quoted(env!("CARGO_PKG_VERSION")));
        let built = format!("--define:BUILT={}", built / MINUTES_OF_A_DAY);
        let bundled = process::capture(Command::new(&self.tools.esbuild).current_dir(&self.folder).args([
            entry,
            &version,
            &built,
            "--bundle",
            "--minify",
            &format!("--format={format}"),
            "--target=es2020",
            "--charset=ascii",
            "--legal-comments=none",
            // Fetched by the finished script.
            "--external:./tollgate-*",
            "--external:./tollgate.tag.js",
            "--external:./languages/*",
            "--log-level=warning",
        ]))?;
        // Once more by another minifier: it sees through more of the functions, and its names lie closer together.
        self.write("bundled.js", &bundled)?;
        process::capture(Command::new(&self.tools.terser).current_dir(&self.folder).args([
            "bundled.js",
            "--ecma=2020",
            if format == "esm" { "--module" } else { "--toplevel" },
            "--compress",
            COMPRESS,
            "--mangle",
            "--format",
            "ascii_only",
        ]))
    }

    /// Makes sure that each script gives the very module that it was made of; the tag's comes first.
    fn prove(&self, scripts: &[(&String, &Module)]) -> Result<()> {
        let mut files = Vec::new();
        for (nth, (script, module)) in scripts.iter().enumerate() {
            let (finished, file) = (
                self.folder.join(format!("finished{nth}.js")),
                self.folder.join(format!("module{nth}.wasm")),
            );
            std::fs::write(&finished, script)?;
            std::fs::write(&file, &module.bytes)?;
            files.extend([finished, file]);
        }
        process::capture(Command::new("node").args(["-e", PROVE, "--"]).args(files))
            .context("www/loader/unpack.js and xtask/src/bundle/pack.rs are not of one mind")?;
        Ok(())
    }

    fn minified_css(&self) -> Result<String> {
        let file = places::gate_style();
        let css = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        self.write("gate.css", &in_own_measure(&css))?;
        process::capture(
            Command::new(&self.tools.esbuild)
                .args(["--minify", "--loader:.css=css", "--log-level=warning", "gate.css"])
                .current_dir(&self.folder),
        )
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        std::fs::write(self.folder.join(name), text).with_context(|| format!("cannot write {name}"))
    }
}

/// What the loader imports where it is a tag's script: how further scripts are fetched, whether it is imported by a bundle, whether the module is
/// apart from it, whether its twin is in it, and where the gate's texts are.
fn for_a_tag(is_split: bool, is_twin: bool) -> String {
    format!(
        "export const importing=(file)=>import(file);\nexport const isImported=false;\nexport const isSplit={is_split};\n\
         export const isTwin={is_twin};\nexport const texts=null;\n"
    )
}

/// Makes sure that a script is one of ECMAScript 2020 (LD-25): the minifiers' words for what they were asked to write.
fn is_of_2020(text: &str) -> Result<()> {
    let parser = places::node_tools().join("node_modules/acorn");
    let parse = "const { readFileSync } = require('fs'); \
                 require(process.argv[1]).parse(readFileSync(0, 'utf8'), { ecmaVersion: 2020, sourceType: 'script' })";
    process::feed(Command::new("node").args(["-e", parse, "--"]).arg(parser), text)
        .context("a script is not of ECMAScript 2020")
}

/// Lengths in `rem` in the gate's own measure, `--rem`. Those of media queries stay, which know no properties.
fn in_own_measure(css: &str) -> String {
    let mut written = String::new();
    for line in css.lines() {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("rem").filter(|_| !line.contains("--rem:")) {
            let digits = before.len()
                - before
                    .trim_end_matches(|letter: char| letter.is_ascii_digit() || ['.', '-'].contains(&letter))
                    .len();
            let (head, number) = before.split_at(before.len() - digits);
            written.push_str(head);
            if number.is_empty() || line.starts_with("@media") {
                written.push_str(&[number, "rem"].concat());
            } else {
                written.push_str(&["calc(", number, "*var(--rem))"].concat());
            }
            rest = after;
        }
        written.push_str(rest);
        written.push('\n');
    }
    written
}

/// The commit's date in minutes since 1970: the floor of the widget's clock, the same for everyone who builds this
/// commit. A build from an archive may state its release's date itself; without either there is no floor.
pub(crate) fn built_minutes() -> u64 {
    if let Some(stated) = std::env::var("TOLLGATE_BUILD_MINUTES").ok().and_then(|stated| stated.parse().ok())
    {
        return stated;
    }
    let root = places::root();
    if !root.join(".git").exists() {
        return 0;
    }
    let date = process::capture(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root));
    date.ok().and_then(|date| date.trim().parse::<u64>().ok()).map_or(0, |seconds| seconds / 60)
}

/// Puts the literal where its placeholder stands and the byte order mark in front. All else must be ASCII, and the literal
/// free of what JavaScript or an editor would read otherwise.
fn with_literal(bundled: &str, literal: &str) -> Result<String> {
    let Some((before, behind)) = bundled.split_once(PLACEHOLDER) else {
        bail!("the bundle does not contain the module's literal: does loader/unpack.js use it?");
    };
    if behind.contains(PLACEHOLDER) {
        bail!("the bundle contains the module's literal more than once");
    }
    if let Some(stray) = before.chars().chain(behind.chars()).find(|character| !character.is_ascii()) {
        bail!("the bundle contains {stray:?} outside the module's literal");
    }
    if literal.contains(['\0', '\n', '\r', '\u{1b}', '"', '\\', '\u{2028}', '\u{2029}', BYTE_ORDER_MARK]) {
        bail!("the literal contains a letter that needs an escape");
    }
    Ok(format!("{BYTE_ORDER_MARK}{ALL_AT_ONCE}{before}\"{literal}\"{behind}"))
}

/// A JavaScript string literal; JSON's is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_literal_takes_the_place_of_its_placeholder() {
        let script =
            with_literal(&format!("(()=>{{var a={PLACEHOLDER};}})();"), "\u{104}x").expect("well formed");
        assert_eq!(script, "\u{feff}//# allFunctionsCalledOnLoad\n(()=>{var a=\"\u{104}x\";})();");
    }

    #[test]
    fn ld_25_a_later_language_is_refused() {
        crate::setup::node::ensure().expect("the npm programs");
        assert!(is_of_2020("(async () => { await import('./a.js'); a?.b ?? 1n })()").is_ok());
        // ECMAScript 2021, 2022.
        for later in ["a ||= 1", "class A { #b = 1 }", "a.at?.(1_000)", "await a"] {
            assert!(is_of_2020(later).is_err(), "{later}");
        }
    }

    #[test]
    fn lengths_are_in_the_gates_own_measure() {
        let css = "@media (min-width: 48rem) {\n  a {\n    --rem: max(1rem, 16px);\n    margin: -1.25rem 0 .5rem;\n    content: 'remark';\n";
        let written = "@media (min-width: 48rem) {\n  a {\n    --rem: max(1rem, 16px);\n    \
                       margin: calc(-1.25*var(--rem)) 0 calc(.5*var(--rem));\n    content: 'remark';\n";
        assert_eq!(in_own_measure(css), written);
    }

    #[test]
    fn a_bundle_that_would_break_is_refused() {
        for bundled in [
            "nothing here".to_owned(),
            format!("a({PLACEHOLDER});b({PLACEHOLDER})"),
            format!("a({PLACEHOLDER});b('…')"),
        ] {
            assert!(with_literal(&bundled, "x").is_err(), "{bundled}");
        }
        for literal in ["\0", "a\"", "\\", "\r", "\u{2028}", "\u{feff}"] {
            assert!(with_literal(&format!("({PLACEHOLDER})"), literal).is_err(), "{literal:?}");
        }
    }

    #[test]
    fn a_module_is_named_by_its_content() {
        // One function that does nothing.
        let bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0A\x05\x01\x82\0\0\x0B\x0B\x01\0";
        let module = Module::new(bytes.to_vec()).expect("arranged");
        assert_eq!(module.file, "tollgate-da76ee888940a001.wasm");
        assert_eq!(module.integrity, "sha256-2nbuiIlAoAHnRmHFaoGPgpV7ICPyVI3i4xWDAakUAGE=");
        assert!(module.script().contains("export const length=28;"));
    }
}
