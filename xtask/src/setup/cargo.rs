//! Cargo for our own calls: apart from what the outer `cargo run` and the shell left in the environment. And the
//! tools that come as crates, built once into target/tools.

use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// Cargo on the native half: the same folder, the same flags as in a call by hand.
pub(crate) fn native() -> Command {
    let mut cargo = Command::new(program());
    cargo.current_dir(places::root());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name.as_ref());
        }
    }
    cargo
}

/// Cargo for WebAssembly or for a tool: no setting of the native half reaches it, only where the network and the
/// caches are.
pub(crate) fn isolated() -> Command {
    let mut cargo = Command::new(program());
    cargo.current_dir(places::root());
    for (name, _) in std::env::vars_os() {
        if !reaches_isolated(&name.to_string_lossy()) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Cargo and rustc read dozens of variables; these are the ones that say nothing of what is built.
fn reaches_isolated(variable: &str) -> bool {
    const KEPT: [&str; 8] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
        "CARGO_BUILD_JOBS",
    ];
    let ours = variable == "CARGO" || variable.starts_with("CARGO_") || variable.starts_with("RUSTC");
    let flags = variable == "RUSTFLAGS" || variable == "RUSTDOCFLAGS" || variable == "RUSTDOC";
    !(ours || flags) || KEPT.iter().any(|kept| variable.starts_with(kept))
}

fn program() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// rustfmt and clippy: part of rustup's default profile, not of its minimal one.
pub(crate) fn ensure_components() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if process::capture(native().args([subcommand, "--version"])).is_ok() {
            continue;
        }
        process::log(
            &format!("Adding {component} to the toolchain"),
            Command::new("rustup").args(["component", "add", component]).current_dir(places::root()),
        )
        .with_context(|| {
            format!("`cargo {subcommand}` is missing: run `rustup component add {component}`")
        })?;
    }
    Ok(())
}

/// A program that comes as a crate.
#[derive(Debug)]
pub(crate) struct Tool {
    pub krate: &'static str,
    pub program: &'static str,
    pub version: String,
    /// How much to optimise it: compiling is what takes long, so only as much as its own work is worth.
    pub opt_level: &'static str,
    pub why: &'static str,
}

impl Tool {
    /// The runner of the in-browser tests, of the very version of wasm-bindgen that the workspace pins.
    pub(crate) fn wasm_bindgen_test_runner() -> Result<Tool> {
        let version = pinned_version(include_str!("../../../Cargo.toml"), "wasm-bindgen-cli-support")
            .context("the workspace does not pin wasm-bindgen-cli-support")?;
        Ok(Tool {
            krate: "wasm-bindgen-cli",
            program: "wasm-bindgen-test-runner",
            version: version.to_owned(),
            opt_level: "1",
            why: "it runs the in-browser tests",
        })
    }

    /// Firefox's driver, which Debian does not package.
    pub(crate) fn geckodriver() -> Tool {
        Tool {
            krate: "geckodriver",
            program: "geckodriver",
            version: "0.37.1".to_owned(),
            opt_level: "0",
            why: "it drives Firefox, and Debian has no package of it",
        }
    }

    /// Where the program is once it is installed.
    pub(crate) fn path(&self) -> PathBuf {
        places::tools().join("bin").join(self.program)
    }

    /// Builds the program unless this version of it is there.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        let path = self.path();
        if self.is_here() {
            return Ok(path);
        }
        let what =
            format!("Building {} {} ({}; a minute or two, once)", self.program, self.version, self.why);
        // The published lock file is preferred; where a version in it cannot be had, the newest that fit are taken.
        let outcome = process::log(&what, self.install().arg("--locked")).or_else(|error| {
            println!("   {}", format!("{error:#}").lines().next().unwrap_or_default());
            process::log(&format!("{what}, now without its lock file"), &mut self.install())
        });
        outcome.with_context(|| {
            format!("`cargo install {} --version {}` did not work", self.krate, self.version)
        })?;
        let _ = std::fs::remove_dir_all(places::tools().join("build"));
        if !self.is_here() {
            bail!("{} was installed but does not say that it is version {}", path.display(), self.version);
        }
        Ok(path)
    }

    fn is_here(&self) -> bool {
        process::capture(Command::new(self.path()).arg("--version")).is_ok_and(|text| {
            text.lines().next().is_some_and(|line| line.split_whitespace().any(|word| word == self.version))
        })
    }

    fn install(&self) -> Command {
        let mut install = isolated();
        install
            .args(["install", self.krate, "--version", &format!("={}", self.version), "--bin", self.program])
            .arg("--root")
            .arg(places::tools())
            .arg("--force")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_TARGET_DIR", places::tools().join("build"));
        install
    }
}

/// The version in a manifest's line `name = "=1.2.3"`.
fn pinned_version<'a>(manifest: &'a str, name: &str) -> Option<&'a str> {
    manifest.lines().find_map(|line| {
        let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?;
        value.trim().trim_matches('"').strip_prefix('=')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_native_half_stay_outside() {
        for inner in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_PROFILE_DEV_DEBUG",
            "RUSTC_WRAPPER",
        ] {
            assert!(!reaches_isolated(inner), "{inner}");
        }
        for outer in ["PATH", "CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTUP_TOOLCHAIN", "RUST_BACKTRACE", "HOME"]
        {
            assert!(reaches_isolated(outer), "{outer}");
        }
    }

    #[test]
    fn the_pin_is_read_from_the_workspace() {
        let manifest =
            "[workspace.dependencies]\nwasm-bindgen = \"=0.2.1\"\nwasm-bindgen-cli-support = \"=0.2.2\"\n";
        assert_eq!(pinned_version(manifest, "wasm-bindgen-cli-support"), Some("0.2.2"));
        assert_eq!(pinned_version(manifest, "wasm-bindgen-cli"), None);
        assert!(Tool::wasm_bindgen_test_runner().is_ok());
    }
}
