//! Debian and Ubuntu packages: installed when we may, named when we may not.

use crate::process;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// A program, or another file, and the package that brings it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Where it may be: names on `PATH` or full paths, the first that is there is taken.
    pub programs: &'static [&'static str],
    /// The package on Debian and Ubuntu.
    pub package: &'static str,
}

impl Wanted {
    /// True if it is on this machine.
    pub(crate) fn is_here(&self) -> bool {
        process::find_program(self.programs).is_some()
    }
}

/// Makes sure that all of these are here. `why` completes the sentence 'Installing … for …'.
pub(crate) fn ensure(wanted: &[Wanted], why: &str) -> Result<()> {
    let missing = |wanted: &[Wanted]| -> Vec<&'static str> {
        wanted.iter().filter(|one| !one.is_here()).map(|one| one.package).collect()
    };
    let packages = missing(wanted);
    if packages.is_empty() {
        return Ok(());
    }
    install(&packages, why)?;
    let still = missing(wanted);
    if !still.is_empty() {
        bail!("the packages {} were installed, but their programs are not there", still.join(", "));
    }
    Ok(())
}

/// Installs these packages, or says why that cannot be and what to do.
pub(crate) fn install(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    if !has_apt() {
        bail!(
            "missing for {why}: what Debian calls {list}. Install these with your system's package manager."
        );
    }
    if !is_root() {
        bail!(
            "missing for {why}: {list}. Only root may install packages; run\n    \
             sudo apt-get update && sudo apt-get install --no-install-recommends {list}"
        );
    }
    update_once()?;
    process::log(
        &format!("Installing {list} for {why}"),
        apt().args(["install", "--yes", "--no-install-recommends"]).args(packages),
    )
}

/// True if the package lists know this package.
pub(crate) fn offers(package: &str) -> Result<bool> {
    update_once()?;
    let policy = process::capture(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C"))?;
    Ok(policy.lines().any(|line| {
        line.trim().strip_prefix("Candidate:").is_some_and(|candidate| candidate.trim() != "(none)")
    }))
}

/// True on a system where we may install packages ourselves.
pub(crate) fn may_install() -> bool {
    has_apt() && is_root()
}

/// True on Debian, Ubuntu and what derives from them.
fn has_apt() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    is_debian_like(&release) && Path::new("/usr/bin/apt-get").exists()
}

fn is_debian_like(os_release: &str) -> bool {
    os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace())
        .any(|id| id == "debian" || id == "ubuntu")
}

fn is_root() -> bool {
    #[cfg(unix)]
    {
        rustix::process::geteuid().is_root()
    }
    #[cfg(not(unix))]
    {
        false
    }
}

/// Fetches the package lists, the first time in this run that anything has to be installed.
fn update_once() -> Result<()> {
    static UPDATED: std::sync::OnceLock<()> = std::sync::OnceLock::new();
    if UPDATED.get().is_none() {
        process::log("Fetching the package lists", apt().arg("update"))?;
        let _ = UPDATED.set(());
    }
    Ok(())
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.args(["--quiet", "-o", "Acquire::Retries=3"])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("LC_ALL", "C");
    apt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_its_children_are_known() {
        assert!(is_debian_like("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(is_debian_like("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian_like("ID=fedora\nVERSION_ID=42\n"));
        assert!(!is_debian_like(""));
    }
}
