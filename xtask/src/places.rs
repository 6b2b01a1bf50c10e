//! Where everything lies in the repository. No other file joins these paths.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    // `cargo run` states where the package is now; the compiled-in path is for a binary started by hand.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map(Path::to_path_buf).unwrap_or(xtask)
}

/// The npm manifest, lock file, budget and driver settings stand beside xtask's sources.
pub(crate) fn xtask() -> PathBuf {
    root().join("xtask")
}

/// What a publisher gets.
pub(crate) fn dist() -> PathBuf {
    root().join("www/dist")
}

/// The demo newspaper's pages.
pub(crate) fn demo() -> PathBuf {
    root().join("www/demo")
}

/// The gallery of every surface and state.
pub(crate) fn gallery() -> PathBuf {
    root().join("www/gallery")
}

/// The script tag's own JavaScript, before bundling.
pub(crate) fn loader() -> PathBuf {
    root().join("www/loader")
}

/// What the npm package has besides: its manifest, its entry, its types.
pub(crate) fn package() -> PathBuf {
    root().join("www/package")
}

/// The tests of the npm package.
pub(crate) fn package_tests() -> PathBuf {
    root().join("tests/package")
}

/// The recipes' examples for other people's tests.
pub(crate) fn recipe_tests() -> PathBuf {
    root().join("tests/recipes")
}

/// What they need, and they beside it.
pub(crate) fn recipes() -> PathBuf {
    tools().join("recipes")
}

/// What compares the module with its twin in JavaScript.
pub(crate) fn twin_tests() -> PathBuf {
    root().join("tests/twin")
}

/// What happened on some pages, as `tollgate.debug.js` wrote it down.
pub(crate) fn histories() -> PathBuf {
    root().join("tests/histories")
}

/// What makes the tokens of other libraries.
pub(crate) fn interop_tests() -> PathBuf {
    root().join("tests/interop")
}

/// Where they are made.
pub(crate) fn interop() -> PathBuf {
    tools().join("interop")
}

/// The npm package unpacked beside a bundler, and what was bundled with it.
pub(crate) fn packed() -> PathBuf {
    tools().join("package")
}

/// The files of a folder that end like this, in a fixed order.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    Ok(files)
}

/// The style sheet of the gate.
pub(crate) fn gate_style() -> PathBuf {
    root().join("www/loader/gate.css")
}

/// The messages in every language.
pub(crate) fn languages() -> PathBuf {
    root().join("src/text/languages")
}

/// Programs that were installed for this project alone.
pub(crate) fn tools() -> PathBuf {
    root().join("target/tools")
}

/// The npm programs.
pub(crate) fn node_tools() -> PathBuf {
    tools().join("node")
}

/// The sources of the pages that frameworks own, with their npm manifest.
pub(crate) fn framework_sources() -> PathBuf {
    root().join("tests/hosts/frameworks")
}

/// The installed frameworks and the scripts that are bundled of them.
pub(crate) fn frameworks() -> PathBuf {
    tools().join("frameworks")
}

/// Cargo's target folder of the module, apart from the native one: other compiler, other flags.
pub(crate) fn module_target() -> PathBuf {
    root().join("target/wasm")
}

/// Cargo's target folder of the in-browser tests: they need a standard library that unwinds.
pub(crate) fn browser_test_target() -> PathBuf {
    root().join("target/wasm-test")
}

/// What the build writes on its way to `dist`.
pub(crate) fn workshop() -> PathBuf {
    root().join("target/tollgate")
}

/// What the simulation writes, unless it is told where.
pub(crate) fn simulation() -> PathBuf {
    root().join("target/simulate")
}

/// A copy of the sources, in a folder whose name is another and longer.
pub(crate) fn elsewhere() -> PathBuf {
    root().join("target/elsewhere/a copy of the sources")
}

/// The page benchmark's own files.
pub(crate) fn page_benchmark() -> PathBuf {
    root().join("tests/bench/pages")
}

/// Where they and what they need lie together.
pub(crate) fn page_bench() -> PathBuf {
    tools().join("pages")
}

/// The sizes of the last release.
pub(crate) fn released_sizes() -> PathBuf {
    xtask().join("released-sizes.tsv")
}

/// What Criterion writes.
pub(crate) fn benchmarks() -> PathBuf {
    root().join("target/criterion")
}
