//! `cargo xtask build`: the crate and the loader become `www/dist/tollgate.js`, its twin that speaks (`tollgate.debug.js`),
//! and what each of them fetches by its content: the gate's script, its texts in other languages, and the module that a damaged
//! script falls back to.

use crate::bundle::budget::{self, Limit};
use crate::bundle::languages::Languages;
use crate::bundle::manifest;
use crate::bundle::measure::{self, Sizes};
use crate::bundle::module::Target;
use crate::bundle::package;
use crate::bundle::script::{Module, Script, Workbench, built_minutes};
use crate::bundle::{glue, module, names, split, twin};
use crate::setup::{compiler, node};
use crate::size;
use crate::{places, process};
use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The name of the list of all files.
const MANIFEST: &str = "manifest.json";

/// What was built, measured.
#[derive(Debug)]
pub(crate) struct Built {
    pub sizes: Vec<Sizes>,
    pub limits: Vec<Limit>,
}

impl Built {
    /// What is over the budget, as sentences.
    pub(crate) fn excesses(&self) -> Vec<String> {
        budget::excesses(&self.limits, &self.sizes)
    }
}

/// The command. False if the result is over the budget.
pub(crate) fn run() -> Result<bool> {
    let excesses = build()?.excesses();
    for excess in &excesses {
        eprintln!("over budget: {excess}");
    }
    Ok(excesses.is_empty())
}

/// Builds what has changed and prints the table.
pub(crate) fn build() -> Result<Built> {
    let started = process::begin("build");
    let compiler = compiler::ensure()?;
    let tools = node::ensure()?;
    let limits = budget::read()?;
    let raw = module::compile(&compiler, Target::Browsers, "browser", "readers.wasm")?;
    let raw_debug = module::compile(&compiler, Target::Browsers, "browser,history", "publishers.wasm")?;
    let raw_twin = module::compile(&compiler, Target::Twin, "browser", "twin.wasm")?;

    let built = built_minutes();
    let inputs = fingerprint(&[&raw, &raw_debug, &raw_twin], built)?;
    let stamp = Stamp::read();
    if let Some(sizes) = stamp.filter(|stamp| stamp.inputs == inputs).and_then(|stamp| stamp.still_there()) {
        print!("{}", measure::table(&sizes, &limits));
        println!("nothing changed since the last build ({})", process::took(started));
        return Ok(Built { sizes, limits });
    }

    let languages = Languages::read()?;
    let twin_source = twin::make(&compiler, &tools, &raw_twin)?;
    let mut importable = None;
    let mut parted = None;
    let mut whole = None;
    let mut made = |raw: &Path,
                    sentences: Option<&[(&str, &str)]>|
     -> Result<(Module, String, [Script; 5])> {
        let folder = places::workshop().join("glue");
        let (module, things) = module::generate_glue(raw, &folder)?;
        let optimised = module::optimise(&tools.wasm_opt, &module, &compiler)?;
        let generated = std::fs::read_to_string(folder.join("tollgate.js")).context("the generated glue")?;
        let split::Pieces { first, others: [gate, rules, connect], functions } =
            split::split(&optimised, &things, [split::GATE, split::RULES, split::CONNECT])?;
        if sentences.is_none() {
            size::note(&functions)?;
        }
        let mut names = names::Names::new(&glue::with_runtime(&generated)?);
        let (first, rules) = (names.shorten(&first)?, names.shorten(&rules)?);
        names.first_is_done();
        let gate = Module::new(names.shorten(&gate)?)?;
        let connect = Module::new(names.shorten(&connect)?)?;
        let (first, rules) = (Module::new(first)?, Module::new(rules)?);
        let bench = Workbench::lay_out(&tools, &names.glue()?, &languages, &twin_source)?;
        // The same for both.
        let twin = match whole.take() {
            Some((twin, _)) => twin,
            None => bench.twin(built)?,
        };
        let (script, [gate, rules, connect, changing]) =
            bench.bundle(&first, [&gate, &rules, &connect], &twin, built, sentences)?;
        let mut without_wasm = String::new();
        let fetched = [gate, rules, connect, changing, twin.clone()];
        if sentences.is_none() {
            parted = Some(bench.split(built)?);
            without_wasm = bench.without_wasm(built)?;
            importable = Some(bench.importable(&first, &fetched, &languages, built)?);
        }
        whole = Some((twin, without_wasm));
        Ok((first, script, fetched))
    };
    let (debug_module, debug_script, debug_fetched) = made(&raw_debug, Some(tollgate::config::PROSE))?;
    let (module, script, fetched) = made(&raw, None)?;
    let texts = languages.files();
    let packaged = package::files(importable.context("the readers' script was made")?, &languages)?;
    let parted = parted.context("the readers' script was made")?;
    let (_, without_wasm) = whole.context("the readers' script was made")?;
    let mut outputs = vec![
        ("tollgate.js", script.into_bytes()),
        ("tollgate.split.js", parted.into_bytes()),
        ("tollgate.nowasm.js", without_wasm.into_bytes()),
        ("tollgate.debug.js", debug_script.into_bytes()),
    ];
    outputs.extend(
        fetched
            .iter()
            .chain(debug_fetched.iter().take(4))
            .map(|script| (script.file.as_str(), script.text.clone().into_bytes())),
    );
    outputs.extend([
        (module.file.as_str(), module.bytes.clone()),
        (debug_module.file.as_str(), debug_module.bytes.clone()),
    ]);
    let materials = manifest::materials(&compiler.version, &compiler.sysroot.join("lib/rustlib/src/rust"))?;
    outputs.extend(
        texts.iter().chain(&packaged).chain(&materials).map(|(name, bytes)| (name.as_str(), bytes.clone())),
    );
    write_dist(&outputs)?;

    let names: Vec<String> = outputs.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut sizes = measure::measure(&places::dist(), &names)?;
    let manifest = manifest::manifest(&outputs, &sizes).into_bytes();
    std::fs::write(places::dist().join(MANIFEST), &manifest)?;
    sizes.extend(measure::measure(&places::dist(), &[MANIFEST.to_owned()])?);
    outputs.push((MANIFEST, manifest));
    Stamp::write(&inputs, &sizes, &outputs)?;
    print!("{}", measure::table(&sizes, &limits));
    println!(
        "the tag's integrity: {}",
        manifest::integrity(&std::fs::read(places::dist().join("tollgate.js"))?)
    );
    println!("built in {}", process::took(started));
    Ok(Built { sizes, limits })
}

/// Writes the outputs; what earlier builds pinned by its content goes, which nothing refers to any more.
fn write_dist(outputs: &[(&str, Vec<u8>)]) -> Result<()> {
    let dist = places::dist();
    std::fs::create_dir_all(&dist)?;
    for old in std::fs::read_dir(&dist)?.flatten() {
        let name = old.file_name();
        let is_pinned = name.to_str().is_some_and(|name| name.starts_with("tollgate-"));
        if is_pinned && outputs.iter().all(|(output, _)| name != *output) {
            std::fs::remove_file(old.path()).with_context(|| old.path().display().to_string())?;
        }
    }
    std::fs::create_dir_all(dist.join("languages"))?;
    for (name, bytes) in outputs {
        std::fs::write(dist.join(name), bytes).with_context(|| format!("cannot write {name}"))?;
    }
    Ok(())
}

/// One hash of all that the steps behind the compiler read: the raw modules, the commit's date, the loader, the
/// styles, the npm tools' versions, and this program itself (with the prose it carries).
fn fingerprint(raw: &[&Path], built: u64) -> Result<String> {
    let mut files: Vec<PathBuf> = raw.iter().map(|raw| raw.to_path_buf()).collect();
    files.extend([places::gate_style(), places::xtask().join("package-lock.json")]);
    files.extend(places::files(&places::loader(), "js")?);
    for ending in ["js", "json", "md", "ts"] {
        files.extend(places::files(&places::package(), ending)?);
    }
    files.extend(places::files(&places::languages(), "txt")?);
    let mut hash = Sha256::new();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
        hash.update(file.as_os_str().as_encoded_bytes());
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    }
    let program = std::fs::metadata(std::env::current_exe()?)?;
    let changed = program.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    hash.update(format!("{} {} {built}", program.len(), changed.as_nanos()));
    Ok(hexadecimal(&hash.finalize()))
}

/// What the last build read and wrote, kept to see that nothing has changed.
struct Stamp {
    inputs: String,
    outputs: Vec<(Sizes, String)>,
}

impl Stamp {
    fn read() -> Option<Stamp> {
        let text = std::fs::read_to_string(places::workshop().join("stamp")).ok()?;
        let mut lines = text.lines();
        let inputs = lines.next()?.to_owned();
        let outputs = lines.map(|line| {
            let mut words = line.split(' ');
            let file = words.next()?.to_owned();
            let mut number = || words.next()?.parse().ok();
            let sizes = Sizes { file, raw: number()?, gzip: number()?, brotli: number()? };
            Some((sizes, words.next()?.to_owned()))
        });
        Some(Stamp { inputs, outputs: outputs.collect::<Option<_>>()? })
    }

    fn write(inputs: &str, sizes: &[Sizes], outputs: &[(&str, Vec<u8>)]) -> Result<()> {
        let mut text = format!("{inputs}\n");
        for (Sizes { file, raw, gzip, brotli }, (_, bytes)) in sizes.iter().zip(outputs) {
            writeln!(text, "{file} {raw} {gzip} {brotli} {}", hexadecimal(&Sha256::digest(bytes)))?;
        }
        Ok(std::fs::write(places::workshop().join("stamp"), text)?)
    }

    /// The sizes, if every output is still what was written.
    fn still_there(self) -> Option<Vec<Sizes>> {
        let outputs = self.outputs.into_iter().map(|(sizes, hash)| {
            let bytes = std::fs::read(places::dist().join(&sizes.file)).ok()?;
            (hexadecimal(&Sha256::digest(bytes)) == hash).then_some(sizes)
        });
        outputs.collect()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
