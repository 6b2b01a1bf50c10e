//! The glue as the loader needs it: what wasm-bindgen generates for our imports and exports, on a smaller runtime.

use anyhow::{Context as _, Result, bail};

/// Stands in for the generated helpers.
const RUNTIME: &str = include_str!("runtime.js");
/// With this the generated helpers begin, behind the imports and exports.
const HELPERS: &str = "\nfunction addToExternrefTable0(";
/// The generated helpers that are not needed: they serve each other, or make the module.
const LEFT_OUT: [&str; 7] = [
    "getUint8ArrayMemory0",
    "decodeText",
    "__wbg_finalize_init",
    "__wbg_load",
    "initSync",
    "__wbg_init",
    "__wbg_init_once",
];

/// Puts the runtime in the place of the generated helpers.
///
/// # Errors
/// If the glue is not built as expected, or has a helper that the runtime lacks.
pub(crate) fn with_runtime(generated: &str) -> Result<String> {
    let (imports, helpers) = generated.split_once(HELPERS).context("the glue has no helpers")?;
    for line in helpers.lines() {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let Some((name, _)) = line.strip_prefix("function ").and_then(|line| line.split_once('(')) else {
            continue;
        };
        if !LEFT_OUT.contains(&name) && !RUNTIME.contains(&format!("function {name}(")) {
            bail!("the glue has a helper that xtask/src/bundle/runtime.js lacks: {name}");
        }
    }
    // Text is written in one piece: it is short, and rarely all ASCII.
    Ok([&imports.replace(", wasm.__wbindgen_realloc)", ")"), "\n", RUNTIME].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_helpers_are_replaced() {
        let glue = "a: f(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);\n\nfunction addToExternrefTable0(obj) {\n}\nasync function __wbg_load(module) {\n}\n";
        let short = with_runtime(glue).expect("known helpers");
        assert!(short.starts_with("a: f(text, wasm.__wbindgen_malloc);\n"));
        assert!(short.ends_with(RUNTIME));
        assert!(!short.contains("__wbg_load"));
    }

    #[test]
    fn an_unknown_helper_is_refused() {
        assert!(with_runtime("a: f();").is_err());
        let glue = "\nfunction addToExternrefTable0(obj) {}\nfunction makeClosure(arg0) {}\n";
        assert!(with_runtime(glue).expect_err("unknown").to_string().contains("makeClosure"));
    }
}
