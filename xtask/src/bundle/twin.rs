//! The module's twin in JavaScript, for browsers that have no WebAssembly or pages that refuse it: the same crate, compiled for the
//! WebAssembly of 2017 (binaryen's wasm2js knows no later features), optimised, and written as functions of JavaScript. It is in one piece,
//! and about twice the module's size.

use super::module;
use crate::setup::compiler::Compiler;
use crate::setup::node::NodeTools;
use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Command;

/// What the twin is compiled for: all that came later is written out in it.
const FEATURES: [&str; 2] = ["--mvp-features", "--enable-mutable-globals"];

/// Where what wasm2js writes begins, and where it ends: in between is the function that makes the module.
const IMPORT: &str = "import * as $_tollgate_bg_js from './tollgate_bg.js';\n";
const CALL: &str = "\nvar retasmFunc = asmFunc({";

/// Views of memory that the generated helpers keep as long as their buffer is not detached. A twin's never is: when its memory grows,
/// the buffer that is out of date stays as it was. So they are made anew each time.
const VIEWS: [(&str, &str); 2] = [
    ("function getDataViewMemory0() {", "return new DataView(wasm.memory.buffer);"),
    ("function getUint8ArrayMemory0() {", "return new Uint8Array(wasm.memory.buffer);"),
];
/// With this the helpers begin that make a module of bytes, which is done here otherwise.
const MAKING: &str = "\nlet wasmModule, wasmInstance, wasm;";

/// The twin of the raw module that was compiled for it, as a script to be imported: `start` and `signal`.
///
/// # Errors
/// If a step fails, or what a program wrote is not what this file knows.
pub(crate) fn make(compiler: &Compiler, tools: &NodeTools, raw: &Path) -> Result<String> {
    let folder = places::workshop().join("twin");
    module::bind(raw, &folder)?;
    let small = folder.join("small.wasm");
    process::capture(
        Command::new(&tools.wasm_opt)
            .args(FEATURES)
            .args(["--low-memory-unused", "-Oz", "-Oz", "--converge"])
            .args(["--strip-debug", "--strip-producers", "--strip-target-features", "-o"])
            .arg(&small)
            .arg(folder.join("tollgate_bg.wasm")),
    )?;
    let bytes = std::fs::read(&small).with_context(|| small.display().to_string())?;
    module::refuse_paths(&bytes, compiler)?;
    let written = process::capture(
        Command::new(tools.wasm_opt.with_file_name("wasm2js")).args(FEATURES).arg("-Oz").arg(&small),
    )?;
    let glue = folder.join("tollgate.js");
    let generated = std::fs::read_to_string(&glue).with_context(|| glue.display().to_string())?;
    joined(&written, &generated)
}

/// What wasm2js wrote and the glue that was generated for it, as one.
fn joined(written: &str, generated: &str) -> Result<String> {
    let function = written
        .strip_prefix(IMPORT)
        .and_then(|rest| Some(rest.split_once(CALL)?.0))
        .context("wasm2js writes otherwise than xtask/src/bundle/twin.rs knows")?;
    let (glue, _) = generated.split_once(MAKING).context("the glue makes its module otherwise")?;
    let mut glue = glue.to_owned();
    for (head, body) in VIEWS {
        let Some((before, rest)) = glue.split_once(head) else { bail!("the glue has no {head}") };
        let (_, behind) = rest.split_once("\n}\n").context("a function ends")?;
        glue = [before, head, " ", body, " }\n", behind].concat();
    }
    Ok([function, "\n", &glue, "\nconst wasm = asmFunc(__wbg_get_imports());\n"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_made_anew() {
        let written = format!("{IMPORT}function asmFunc(imports) {{}}\n{CALL}\n}});\nexport var memory;");
        let generated = format!(
            "export function start() {{}}\nlet a = null;\n{}\n    if (a === null) {{\n        a = 1;\n    }}\n    return a;\n}}\n{}\n    b;\n}}\n{MAKING}\nrest",
            VIEWS[0].0, VIEWS[1].0
        );
        let twin = joined(&written, &generated).expect("known");
        assert!(twin.starts_with("function asmFunc(imports) {}\n"), "{twin}");
        assert!(
            twin.contains("getDataViewMemory0() { return new DataView(wasm.memory.buffer); }\n"),
            "{twin}"
        );
        assert!(
            twin.contains("getUint8ArrayMemory0() { return new Uint8Array(wasm.memory.buffer); }\n"),
            "{twin}"
        );
        assert!(!twin.contains("rest") && !twin.contains("memory;\n"), "{twin}");
        assert!(joined("import something", &generated).is_err());
        assert!(joined(&written, "no helpers").is_err());
    }
}
