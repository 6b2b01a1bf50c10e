//! The npm package as those who install it find it: packed, unpacked beside a bundler and two frameworks, its types compiled, its entry
//! imported on a server, the examples and a plain page bundled for the host-page tests to serve.

use crate::setup::node;
use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Command;

/// What is bundled: its folder, and the compiler that reads its types where it has some.
const BUNDLED: [(&str, Option<&str>); 3] =
    [("tests/package/plain", None), ("examples/react", Some("tsc")), ("examples/vue", Some("vue-tsc"))];

/// On a server it may be imported and called, and nothing happens.
const ON_A_SERVER: &str = "\
import { init, push } from 'tollgate';
push(() => { throw new Error('called back on a server'); });
if ((await init({ limit: 1 })) !== null) throw new Error('it runs on a server');
";

/// Packs `www/dist` and proves the package.
///
/// # Errors
/// What a compiler, the bundler, npm or Node said.
pub(crate) fn prove() -> Result<()> {
    let home = places::packed();
    node::ensure()?;
    node::install(&places::package_tests(), &home, "Vite, TypeScript, React and Vue")?;
    install(&home)?;
    let bin = home.join("node_modules/.bin");
    let types = home.join("types");
    copy(&places::package_tests().join("types"), &types)?;
    process::capture(Command::new(bin.join("tsc")).args(["--project", "."]).current_dir(&types))
        .context("the types do not allow what they should, or refuse nothing")?;
    std::fs::write(home.join("server.mjs"), ON_A_SERVER)?;
    process::capture(Command::new("node").arg("server.mjs").current_dir(&home))
        .context("imported on a server")?;
    for (folder, compiler) in BUNDLED {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let place = home.join(name);
        copy(&places::root().join(folder), &place)?;
        if let Some(compiler) = compiler {
            process::capture(
                Command::new(bin.join(compiler)).args(["--noEmit", "--project", "."]).current_dir(&place),
            )
            .with_context(|| format!("{folder} does not compile"))?;
        }
        process::capture(
            Command::new(bin.join("vite")).args(["build", "--logLevel", "warn"]).current_dir(&place),
        )
        .with_context(|| format!("{folder} cannot be bundled"))?;
    }
    Ok(())
}

/// Packs the package and unpacks it where the bundler looks for it.
fn install(home: &Path) -> Result<()> {
    let packed = process::capture(
        Command::new("npm")
            .args(["pack", "--ignore-scripts", "--silent", "--pack-destination"])
            .arg(home)
            .current_dir(places::dist()),
    )?;
    let Some(file) = packed.lines().last().filter(|file| file.ends_with(".tgz")) else {
        bail!("npm pack named no file: {packed}");
    };
    let place = home.join("node_modules/tollgate");
    if place.exists() {
        std::fs::remove_dir_all(&place)?;
    }
    std::fs::create_dir_all(&place)?;
    process::capture(
        Command::new("tar")
            .arg("-xzf")
            .arg(home.join(file.trim()))
            .args(["--strip-components", "1", "-C"])
            .arg(&place),
    )?;
    Ok(())
}

/// Copies a folder's files anew, without what npm or a bundler put there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (name, target) = (entry.file_name(), to.join(entry.file_name()));
        if name == "node_modules" || name == "dist" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
