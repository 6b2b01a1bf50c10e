//! Whether a build elsewhere gives the same bytes: the sources are copied into a folder of another name and built there, by this very program.

use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Command;

/// Builds a copy and compares it with `www/dist`, which was just built.
///
/// # Errors
/// If the copy cannot be built, or a file of it is another one: its name.
pub(crate) fn prove() -> Result<()> {
    let copy = places::elsewhere();
    copy_sources(&copy)?;
    // What was installed for the build is the same for both.
    let tools = copy.join("target/tools");
    if !tools.exists() {
        std::fs::create_dir_all(copy.join("target"))?;
        #[cfg(unix)]
        std::os::unix::fs::symlink(places::tools(), &tools)?;
    }
    let built = crate::bundle::script::built_minutes();
    process::capture(
        Command::new(std::env::current_exe()?)
            .arg("build")
            .current_dir(&copy)
            .env("CARGO_MANIFEST_DIR", copy.join("xtask"))
            .env("TOLLGATE_BUILD_MINUTES", built.to_string()),
    )
    .context("the copy cannot be built")?;
    let (ours, theirs) = (places::dist(), copy.join("www/dist"));
    let (names, others) = (names(&ours)?, self::names(&theirs)?);
    if names != others {
        let strange: Vec<&String> = names
            .iter()
            .filter(|name| !others.contains(name))
            .chain(others.iter().filter(|name| !names.contains(name)))
            .collect();
        bail!("other files in another folder: {strange:?}");
    }
    for name in names {
        if std::fs::read(ours.join(&name))? != std::fs::read(theirs.join(&name))? {
            bail!("{name} has other bytes when it is built in another folder");
        }
    }
    Ok(())
}

/// The files of a folder and of the folders in it, in a fixed order.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            names.extend(self::names(&entry.path())?.into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Copies what git has and would add; what is the same already stays, so that cargo has nothing to do for it.
fn copy_sources(copy: &Path) -> Result<()> {
    let root = places::root();
    let listed = process::capture(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root),
    )?;
    for name in listed.lines().filter(|name| !name.starts_with('"')) {
        let (from, to) = (root.join(name), copy.join(name));
        // Deleted, and not yet committed.
        let Ok(bytes) = std::fs::read(&from) else { continue };
        if std::fs::read(&to).ok().as_deref() == Some(&bytes) {
            continue;
        }
        std::fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
        std::fs::write(&to, bytes).with_context(|| to.display().to_string())?;
    }
    Ok(())
}
