//! The module: compile the crate for wasm32, generate its glue, shrink it.

use super::{data, order, split, trim};
use crate::setup::compiler::Compiler;
use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

/// WebAssembly features that every supported browser has. Named one by one: `--all-features` would emit encodings
/// that browsers do not read.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What the crate is compiled for. Each is the compiler's own wasm32-unknown-unknown, changed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// Browsers. Functions may return more than one value: without that a `&str` is returned through memory; 3% of the module were stores and
    /// loads for it.
    Browsers,
    /// The twin in JavaScript: the WebAssembly of 2017.
    Twin,
}

impl Target {
    /// What it is called; cargo names its folder so.
    fn name(self) -> &'static str {
        match self {
            Target::Browsers => "wasm32-tollgate",
            Target::Twin => "wasm32-twin",
        }
    }

    /// What of the compiler's own it changes.
    fn changes(self) -> [(&'static str, &'static str); 2] {
        match self {
            Target::Browsers => [("llvm-abiname", "experimental-mv"), ("features", "+multivalue")],
            Target::Twin => [("cpu", "mvp"), ("features", "+mutable-globals")],
        }
    }
}

/// Compiles the crate with its own standard library and these features; the path of the raw module, under this name.
/// Nothing to do takes cargo less than a second.
pub(crate) fn compile(compiler: &Compiler, to: Target, features: &str, name: &str) -> Result<PathBuf> {
    let target = places::module_target();
    let specification = write_target(compiler, to)?;
    let module = target.join(to.name()).join("module/tollgate.wasm");
    let mut cargo = compiler.cargo(&target);
    cargo
        .args(["build", "--package", "tollgate", "--lib", "--features", features, "--profile", "module"])
        .arg("--target")
        .arg(specification)
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
        .env(format!("CARGO_TARGET_{}_LINKER", to.name().to_uppercase().replace('-', "_")), &compiler.linker)
        .env("CARGO_ENCODED_RUSTFLAGS", rustc_flags(compiler).join("\u{1f}"));
    if process::capture(compiler.cargo(&target).args(["-Z", "help"]))?.contains("json-target-spec") {
        cargo.arg("-Zjson-target-spec");
    }
    if !module.exists() {
        println!(
            "-> Compiling the module with {}, and its standard library with it (about a minute, once) ...",
            compiler.version
        );
    }
    process::show(&mut cargo)?;
    // Cargo gives the module of either feature set the same place.
    let kept = places::workshop().join(name);
    std::fs::copy(&module, &kept).with_context(|| module.display().to_string())?;
    Ok(kept)
}

/// Writes the specification of a target.
fn write_target(compiler: &Compiler, to: Target) -> Result<PathBuf> {
    let printed = process::capture(
        Command::new(&compiler.rustc)
            .args(["-Zunstable-options", "--print=target-spec-json", "--target=wasm32-unknown-unknown"])
            .env("RUSTC_BOOTSTRAP", "1")
            .current_dir(places::root()),
    )?;
    let mut target: serde_json::Map<String, Value> =
        serde_json::from_str(&printed).context("the compiler's specification of wasm32-unknown-unknown")?;
    for (name, value) in to.changes() {
        target.insert(name.to_owned(), value.into());
    }
    let file = places::workshop().join(to.name()).with_extension("json");
    let text = serde_json::to_string_pretty(&target)?;
    // Untouched if it is the same: cargo compiles everything anew when it changes.
    if std::fs::read_to_string(&file).ok().as_deref() != Some(&text) {
        std::fs::create_dir_all(places::workshop())?;
        std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    Ok(file)
}

/// A panic becomes a trap without text or unwinding, and no path of this machine gets into the module.
fn rustc_flags(compiler: &Compiler) -> Vec<String> {
    let remap = machine_paths(compiler)
        .into_iter()
        .map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display()));
    // Each thing of the data is left a segment of its own: see `data.rs`.
    let own = ["-Zunstable-options", "-Cpanic=immediate-abort", "-Clink-arg=--no-merge-data-segments"];
    own.map(str::to_owned).into_iter().chain(remap).collect()
}

/// The folders whose names must not reach the module, and what stands for them.
fn machine_paths(compiler: &Compiler) -> Vec<(PathBuf, &'static str)> {
    let mut paths =
        vec![(places::root(), "/tollgate"), (compiler.sysroot.join("lib/rustlib/src/rust"), "/rust")];
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home?.join(".cargo")));
    paths.extend(cargo_home.map(|cargo_home| (cargo_home, "/cargo")));
    paths
}

/// Writes the JavaScript glue into `folder` and returns the module that fits it, and where each thing of its data lies.
pub(crate) fn generate_glue(raw: &Path, folder: &Path) -> Result<(PathBuf, Vec<Range<usize>>)> {
    bind(raw, folder)?;
    let module = folder.join("tollgate_bg.wasm");
    let bytes = std::fs::read(&module).with_context(|| module.display().to_string())?;
    refuse_mismatches(&bytes)?;
    let (mended, _) = order::mended(&bytes)?;
    let (merged, things) = data::merged(&mended)?;
    std::fs::write(&module, merged).with_context(|| module.display().to_string())?;
    Ok((module, things))
}

/// Writes the JavaScript glue and its module into `folder`, as wasm-bindgen makes them.
pub(crate) fn bind(raw: &Path, folder: &Path) -> Result<()> {
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(raw)
        .web(true)?
        .out_name("tollgate")
        .omit_default_module_path(true)
        .typescript(false)
        .demangle(false)
        .generate(folder)
        .context("wasm-bindgen could not generate the glue")
}

/// Refuses a module that calls a function otherwise than it was compiled. The linker puts a trap in its place, named so: the
/// compiler's own library returns 128 bits through memory, whatever the target's ABI is.
fn refuse_mismatches(module: &[u8]) -> Result<()> {
    const MARK: &[u8] = b"signature_mismatch:";
    if let Some(at) = module.windows(MARK.len()).position(|window| window == MARK) {
        let rest = module.get(at + MARK.len()..).unwrap_or_default();
        let name: String = rest
            .iter()
            .take(40)
            .take_while(|byte| byte.is_ascii_graphic())
            .map(|&byte| char::from(byte))
            .collect();
        bail!(
            "the module calls {name} in another ABI, which would trap: no arithmetic in 128 bits (such as saturating_mul of i64)"
        );
    }
    Ok(())
}

/// Shrinks the module and returns its bytes. Of what engines have no use for only the names of functions stay.
pub(crate) fn optimise(wasm_opt: &Path, module: &Path, compiler: &Compiler) -> Result<Vec<u8>> {
    let bytes = std::fs::read(module).with_context(|| module.display().to_string())?;
    // What the module will be cut at must not become part of something else.
    let kept: Vec<String> = [split::GATE, split::RULES, split::CONNECT]
        .concat()
        .iter()
        .map(|root| format!("--no-inline=*{root}*"))
        .collect();
    let passes = [
        // Less inlining than usual, only of what hardly does more than call another: a few per cent more before
        // compression, three per cent fewer after Brotli.
        "--always-inline-max-function-size=3",
        "--one-caller-inline-max-function-size=32",
        // The lowest kilobyte is the far end of the stack, and holds nothing that an address counts on: offsets may be
        // folded into loads. Another one per cent comes from laying out the control flow anew.
        "--low-memory-unused",
        "--flatten",
        "--rereloop",
        "-Oz",
        "-Oz",
        "--converge",
        // What is said twice costs little after Brotli; a variable that keeps it costs more.
        "--skip-pass=local-cse",
    ];
    let (from, small) =
        (module.with_file_name("tollgate.answered.wasm"), module.with_file_name("tollgate.opt.wasm"));
    std::fs::write(&from, trim::answered(&bytes)?).with_context(|| from.display().to_string())?;
    process::capture(
        Command::new(wasm_opt)
            .args(FEATURES)
            .args(kept)
            .args(passes)
            .args(["-g", "--strip-dwarf", "--strip-producers", "--strip-target-features", "-o"])
            .arg(&small)
            .arg(from),
    )?;
    let bytes = std::fs::read(&small).with_context(|| small.display().to_string())?;
    let mut bytes = trim::one_trap(&bytes)?;
    trim::blanked(&mut bytes)?;
    refuse_paths(&bytes, compiler)?;
    Ok(bytes)
}

/// Refuses a module with a path of this machine in it.
pub(crate) fn refuse_paths(bytes: &[u8], compiler: &Compiler) -> Result<()> {
    for (path, _) in machine_paths(compiler) {
        let needle = path.as_os_str().as_encoded_bytes();
        if bytes.windows(needle.len()).any(|window| window == needle) {
            bail!(
                "the module contains the path {}: a build elsewhere would give other bytes",
                path.display()
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::refuse_mismatches;

    #[test]
    fn a_call_in_another_abi_is_refused() {
        assert!(refuse_mismatches(b"\0asm ... name __multi3").is_ok());
        let error = refuse_mismatches(b"\0asm ... signature_mismatch:__multi3\x01next").expect_err("a trap");
        assert!(error.to_string().contains("__multi3 in another ABI"), "{error}");
    }
}
