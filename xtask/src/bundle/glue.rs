//! The glue as the loader needs it: what wasm-bindgen generates for our imports and exports, on a smaller runtime.

use super::trim;
use anyhow::{Context as _, Result, bail};

/// Stands in for the generated helpers.
const RUNTIME: &str = include_str!("runtime.js");
/// With this the generated helpers begin, behind the imports and exports.
const HELPERS: &str = "\nfunction addToExternrefTable0(";
/// The generated helpers that are not needed: they serve each other, make the module, or were what [`shortened`] replaces.
const LEFT_OUT: [&str; 10] = [
    "getDataViewMemory0",
    "handleError",
    "passStringToWasm0",
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
    let imports = shortened(imports)?;
    if let Some(name) = LEFT_OUT.iter().find(|name| imports.contains(&format!("{name}("))) {
        bail!("the glue calls {name} in a way that xtask/src/bundle/glue.rs does not know");
    }
    Ok([&imports, "\n", RUNTIME].concat())
}

/// The generated imports as arrows, with helpers of the runtime for what is written out in each of them.
fn shortened(imports: &str) -> Result<String> {
    let mut short = String::new();
    let mut lines = imports.lines();
    while let Some(line) = lines.next() {
        let code = line.trim();
        if code.split_once(": function(").is_some_and(|(name, _)| trim::is_known(name)) {
            // Nothing calls it any more.
            for line in lines.by_ref() {
                if line.trim() == "}," {
                    break;
                }
            }
            continue;
        }
        let replaced =
            if let Some((name, rest)) = code.split_once(": function() { return handleError(function (") {
                // Its errors go to the module.
                format!("{name}: caught(({}", arrow(rest)?)
            } else if code == "}, arguments); }," {
                "}),".to_owned()
            } else if let Some((name, rest)) = code.split_once(": function(") {
                format!("{name}: ({}", arrow(rest)?)
            } else if code.contains(" ptr1 = ") {
                // A text, or none, is given back by its place and length in memory.
                if !code.contains("passStringToWasm0(ret, wasm.__wbindgen_malloc") {
                    bail!("the glue gives back no text: {code}");
                }
                let store = "getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * ";
                let length = if code.starts_with("var") { "var len1 = " } else { "const len1 = " };
                follow(&mut lines, &[length, &format!("{store}1, len1"), &format!("{store}0, ptr1")])?;
                "giveText(arg0, ret);".to_owned()
            } else if code.starts_with("const ret = typeof globalThis === 'undefined'") {
                // Every engine that reads this script has it.
                follow(&mut lines, &["return isLikeNone(ret)"])?;
                "return addToExternrefTable0(globalThis);".to_owned()
            } else if code == "let result;" {
                // No class is asked for that a window may lack.
                follow(&mut lines, &["try {"])?;
                let test = lines.next().map(str::trim).unwrap_or_default();
                follow(&mut lines, &["} catch", "result = false;", "}"])?;
                format!("const {test}")
            } else if code == "__proto__: null," {
                continue;
            } else {
                code.to_owned()
            };
        short.push_str(&replaced);
        short.push('\n');
    }
    Ok(short)
}

/// Takes the lines that must follow, by what they begin with.
fn follow(lines: &mut std::str::Lines<'_>, beginnings: &[&str]) -> Result<()> {
    beginnings.iter().try_for_each(|beginning| match lines.next().map(str::trim) {
        Some(next) if next.starts_with(beginning) => Ok(()),
        next => bail!("in the glue comes {next:?} where {beginning:?} was known"),
    })
}

/// The parameters of a function and its brace, as an arrow has them.
fn arrow(rest: &str) -> Result<String> {
    let parameters = rest.strip_suffix(") {").context("a function's parameters end its line")?;
    Ok(format!("{parameters}) => {{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_helpers_are_replaced() {
        let glue = "a: f(text);\n\nfunction addToExternrefTable0(obj) {\n}\nasync function __wbg_load(module) {\n}\n";
        let short = with_runtime(glue).expect("known helpers");
        assert!(short.starts_with("a: f(text);\n"));
        assert!(short.ends_with(RUNTIME));
        assert!(!short.contains("__wbg_load"));
    }

    #[test]
    fn imports_are_arrows() {
        let glue = "\
            {\n__proto__: null,\n__wbg_a_1: function(arg0, arg1) {\nconst ret = !arg1;\nreturn ret;\n},\n\
            b: function() { return handleError(function (arg0, arg1) {\n\
            const ret = arg1.b();\n\
            var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);\n\
            var len1 = WASM_VECTOR_LEN;\n\
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);\n\
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);\n\
            }, arguments); },\n\
            c: function(arg0) {\nlet result;\ntry {\nresult = arg0 instanceof Window;\n} catch (_) {\nresult = false;\n}\n\
            const ret = result;\nreturn ret;\n},\n\
            __wbg_static_accessor_SELF_1: function() {\nconst ret = typeof self === 'undefined' ? undefined : self;\n\
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);\n},\n\
            __wbg_static_accessor_GLOBAL_THIS_1: function() {\n\
            const ret = typeof globalThis === 'undefined' ? undefined : globalThis;\n\
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);\n},\n}";
        assert_eq!(
            shortened(glue).expect("known"),
            "{\n__wbg_a_1: (arg0, arg1) => {\nconst ret = !arg1;\nreturn ret;\n},\n\
             b: caught((arg0, arg1) => {\nconst ret = arg1.b();\ngiveText(arg0, ret);\n}),\n\
             c: (arg0) => {\nconst result = arg0 instanceof Window;\nconst ret = result;\nreturn ret;\n},\n\
             __wbg_static_accessor_GLOBAL_THIS_1: () => {\nreturn addToExternrefTable0(globalThis);\n},\n}\n"
        );
        for unknown in
            ["const ptr1 = passArray8ToWasm0(ret, m);", "let result;\nnothing", "a: function(arg0,"]
        {
            assert!(shortened(unknown).is_err(), "{unknown}");
        }
        let left = "x = passStringToWasm0(a, b);\n\nfunction addToExternrefTable0(obj) {\n}\n";
        assert!(with_runtime(left).is_err());
    }

    #[test]
    fn an_unknown_helper_is_refused() {
        assert!(with_runtime("a: f();").is_err());
        let glue = "\nfunction addToExternrefTable0(obj) {}\nfunction makeClosure(arg0) {}\n";
        assert!(with_runtime(glue).expect_err("unknown").to_string().contains("makeClosure"));
    }
}
