//! A rustc that has its own library source: the module's standard library is built with the module, because that
//! makes it small, and because rustup may not be able to download a ready one.

use super::{cargo, packages};
use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's current compiler and its library source.
const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
/// The first minor version that has `-Cpanic=immediate-abort` and the language this project is written in.
const OLDEST: u32 = 93;

/// A compiler that can build for wasm32, with everything to call it.
#[derive(Debug, Clone)]
pub(crate) struct Compiler {
    /// The rustc.
    pub rustc: PathBuf,
    /// Its sysroot, which holds the library source.
    pub sysroot: PathBuf,
    /// The linker for wasm32.
    pub linker: PathBuf,
    /// What it calls itself, such as `rustc 1.96.0`.
    pub version: String,
}

impl Compiler {
    /// A cargo call for wasm32-unknown-unknown with this compiler.
    pub(crate) fn cargo(&self, target_dir: &Path) -> Command {
        let mut cargo = cargo::isolated();
        cargo
            .env("RUSTC", &self.rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker)
            .env("CARGO_TARGET_DIR", target_dir);
        cargo
    }
}

/// A candidate as it was found on the machine.
#[derive(Debug, Clone)]
struct Candidate {
    rustc: PathBuf,
    sysroot: PathBuf,
    version: String,
    has_source: bool,
}

impl Candidate {
    fn inspect(rustc: &Path) -> Option<Candidate> {
        let version =
            process::capture(Command::new(rustc).arg("--version").current_dir(places::root())).ok()?;
        let sysroot =
            process::capture(Command::new(rustc).args(["--print", "sysroot"]).current_dir(places::root()))
                .ok()?;
        let sysroot = PathBuf::from(sysroot.trim());
        let has_source = sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file();
        let rustc = rustc.to_path_buf();
        Some(Candidate { rustc, sysroot, version: version.trim().to_owned(), has_source })
    }

    fn is_usable(&self) -> bool {
        self.has_source && minor_version(&self.version).is_some_and(|minor| minor >= OLDEST)
    }
}

/// Finds the compiler, or installs it, or says how to.
pub(crate) fn ensure() -> Result<Compiler> {
    if let Some(chosen) = std::env::var_os("TOLLGATE_RUSTC") {
        let candidate = Candidate::inspect(Path::new(&chosen))
            .with_context(|| format!("TOLLGATE_RUSTC={} does not run", chosen.to_string_lossy()))?;
        if !candidate.is_usable() {
            bail!(
                "TOLLGATE_RUSTC is {}, which {}",
                candidate.version,
                if candidate.has_source { "is too old" } else { "has no library source" }
            );
        }
        return with_linker(candidate);
    }
    if let Some(found) = choose(&candidates()) {
        return with_linker(found);
    }
    if packages::may_install()
        && packages::offers(PACKAGES[1])?
        && let Err(error) = packages::install(&PACKAGES, "a compiler with its library source")
    {
        println!("   {error:#}");
    }
    if let Some(found) = choose(&candidates()) {
        return with_linker(found);
    }
    if process::find_program(&["rustup"]).is_some() {
        let added = process::log(
            "Adding the library source to rustup's toolchain",
            Command::new("rustup").args(["component", "add", "rust-src"]).current_dir(places::root()),
        );
        if let Err(error) = added {
            println!("   {error:#}");
        }
    }
    let Some(found) = choose(&candidates()) else {
        bail!(
            "no rustc here (1.{OLDEST} or newer) has its library source, which the module needs. Either\n    \
             rustup component add rust-src\nor, on Debian or Ubuntu, as root\n    \
             apt-get install --no-install-recommends {}\nor name one: TOLLGATE_RUSTC=/path/to/rustc",
            PACKAGES.join(" ")
        );
    };
    with_linker(found)
}

/// rustup's active compiler (or whichever `rustc` comes first on the path), then the system's.
fn candidates() -> Vec<Candidate> {
    ["rustc", "/usr/bin/rustc"].iter().filter_map(|rustc| Candidate::inspect(Path::new(rustc))).collect()
}

fn choose(candidates: &[Candidate]) -> Option<Candidate> {
    candidates.iter().find(|candidate| candidate.is_usable()).cloned()
}

/// 96 of `rustc 1.96.0 (…)`.
fn minor_version(version: &str) -> Option<u32> {
    version.strip_prefix("rustc 1.")?.split('.').next()?.parse().ok()
}

/// rustup's toolchain has the linker for wasm32; the system's own one may stand beside its compiler or on the path.
fn with_linker(candidate: Candidate) -> Result<Compiler> {
    let rustup = Candidate::inspect(Path::new("rustc")).map(|active| active.sysroot);
    let beside = [rustup, Some(candidate.sysroot.clone())].into_iter().flatten().find_map(|sysroot| {
        let targets = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
        targets.flatten().map(|target| target.path().join("bin/rust-lld")).find(|linker| linker.is_file())
    });
    let linker = beside.or_else(|| process::find_program(&["rust-lld", "wasm-ld"])).context(
        "no linker for wasm32: rustup's stable toolchain has one (rust-lld); else install `wasm-ld` (Debian: lld)",
    )?;
    let Candidate { rustc, sysroot, version, .. } = candidate;
    Ok(Compiler { rustc, sysroot, linker, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(rustc: &str, version: &str, has_source: bool) -> Candidate {
        Candidate { rustc: rustc.into(), sysroot: "/".into(), version: version.into(), has_source }
    }

    #[test]
    fn the_first_with_source_and_a_late_version_is_chosen() {
        let rustup = candidate("rustc", "rustc 1.95.0 (59807616e 2026-04-14)", false);
        let rustup_with_source = Candidate { has_source: true, ..rustup.clone() };
        let system = candidate("/usr/bin/rustc", "rustc 1.96.0 (built from a source tarball)", true);
        let old_system = candidate("/usr/bin/rustc", "rustc 1.63.0", true);

        let chosen = |candidates: &[Candidate]| choose(candidates).map(|chosen| chosen.rustc);
        assert_eq!(chosen(&[rustup.clone(), system.clone()]), Some("/usr/bin/rustc".into()));
        assert_eq!(chosen(&[rustup_with_source, system]), Some("rustc".into()));
        assert_eq!(chosen(&[rustup, old_system]), None);
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(minor_version("rustc 1.97.0-nightly (abc 2026-05-01)"), Some(97));
        assert_eq!(minor_version("clang 1.96"), None);
    }
}
