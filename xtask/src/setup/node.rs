//! Node, and the npm programs that the build needs: wasm-opt (binaryen) and esbuild, as the lock file pins them.

use super::packages::{self, Wanted};
use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The oldest major version that esbuild runs on.
const OLDEST: u32 = 18;

/// The installed npm programs.
#[derive(Debug)]
pub(crate) struct NodeTools {
    /// Shrinks the module.
    pub wasm_opt: PathBuf,
    /// Bundles and minifies scripts and styles.
    pub esbuild: PathBuf,
}

/// Finds or installs them.
pub(crate) fn ensure() -> Result<NodeTools> {
    packages::ensure(
        &[Wanted { programs: &["node"], package: "nodejs" }, Wanted { programs: &["npm"], package: "npm" }],
        "the JavaScript side of the build (Node 18 or newer, with npm)",
    )?;
    let home = places::node_tools();
    let wanted = manifest_and_lock()?;
    let stamp = home.join("installed");
    if std::fs::read_to_string(&stamp).ok().as_deref() != Some(wanted.as_str()) {
        install(&wanted)?;
    }
    let program = |name: &str| {
        let path = home.join("node_modules/.bin").join(name);
        if path.exists() {
            Ok(path)
        } else {
            bail!("{} is missing: delete {}", path.display(), home.display())
        }
    };
    Ok(NodeTools { wasm_opt: program("wasm-opt")?, esbuild: program("esbuild")? })
}

fn install(wanted: &str) -> Result<()> {
    let version = process::capture(Command::new("node").arg("--version"))?;
    if major_version(&version).is_none_or(|major| major < OLDEST) {
        bail!("this is Node {}; the build's tools need Node {OLDEST} or newer", version.trim());
    }
    let home = places::node_tools();
    std::fs::create_dir_all(&home)?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(places::xtask().join(file), home.join(file))
            .with_context(|| format!("xtask/{file}"))?;
    }
    process::log(
        "Installing wasm-opt and esbuild from npm",
        Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&home),
    )?;
    std::fs::write(home.join("installed"), wanted)?;
    Ok(())
}

/// What decides which programs are installed; kept beside them to see when that changes.
fn manifest_and_lock() -> Result<String> {
    let mut text = String::new();
    for file in ["package.json", "package-lock.json"] {
        let file = places::xtask().join(file);
        text += &std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    }
    Ok(text)
}

/// 20 of `v20.19.2`.
fn major_version(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major_version("v20.19.2\n"), Some(20));
        assert_eq!(major_version("20"), None);
    }

    #[test]
    fn no_registry_is_named_in_the_lock_file() {
        let lock = include_str!("../../package-lock.json");
        assert!(!lock.contains("\"resolved\"") && !lock.contains("://"));
    }
}
