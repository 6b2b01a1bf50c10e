//! Node, and what comes from npm, as lock files pin it: wasm-opt (binaryen), esbuild and terser for the build,
//! frameworks for the host-page tests.

use super::packages::{self, Wanted};
use crate::{places, process};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
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
    /// Minifies the bundled script once more.
    pub terser: PathBuf,
}

/// Finds or installs them.
pub(crate) fn ensure() -> Result<NodeTools> {
    packages::ensure(
        &[Wanted { programs: &["node"], package: "nodejs" }, Wanted { programs: &["npm"], package: "npm" }],
        "the JavaScript side of the build (Node 18 or newer, with npm)",
    )?;
    let home = places::node_tools();
    install(&places::xtask(), &home, "wasm-opt, esbuild and terser")?;
    let program = |name: &str| {
        let path = home.join("node_modules/.bin").join(name);
        if path.exists() {
            Ok(path)
        } else {
            bail!("{} is missing: delete {}", path.display(), home.display())
        }
    };
    Ok(NodeTools { wasm_opt: program("wasm-opt")?, esbuild: program("esbuild")?, terser: program("terser")? })
}

/// Installs what the manifest and the lock file in `source` name into `home`, unless it is there.
pub(crate) fn install(source: &Path, home: &Path, what: &str) -> Result<()> {
    let wanted = manifest_and_lock(source)?;
    let stamp = home.join("installed");
    if std::fs::read_to_string(&stamp).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(());
    }
    let version = process::capture(Command::new("node").arg("--version"))?;
    if major_version(&version).is_none_or(|major| major < OLDEST) {
        bail!("this is Node {}; the build's tools need Node {OLDEST} or newer", version.trim());
    }
    std::fs::create_dir_all(home)?;
    for file in MANIFEST {
        let from = source.join(file);
        std::fs::copy(&from, home.join(file)).with_context(|| from.display().to_string())?;
    }
    process::log(
        &format!("Installing {what} from npm"),
        Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(home),
    )?;
    std::fs::write(stamp, wanted)?;
    Ok(())
}

/// Installs the frameworks that own some host pages and bundles a script of each for the tests to serve.
pub(crate) fn ensure_frameworks() -> Result<()> {
    let (source, home) = (places::framework_sources(), places::frameworks());
    let esbuild = ensure()?.esbuild;
    install(&source, &home, "React, Vue, their routers, Turbo, Astro's router, axe and Readability")?;
    // Finished scripts: one looks for barriers, the other is Firefox's reader view.
    for (script, package) in
        [("axe.js", "axe-core/axe.min.js"), ("readability.js", "@mozilla/readability/Readability.js")]
    {
        let from = home.join("node_modules").join(package);
        std::fs::copy(&from, home.join(script)).with_context(|| from.display().to_string())?;
    }
    // Beside the packages, where esbuild looks for them.
    let beside = home.join("source");
    std::fs::create_dir_all(&beside)?;
    for file in FRAMEWORKS.iter().chain(&["astro-adapter.js"]) {
        let from = source.join(file);
        std::fs::copy(&from, beside.join(file)).with_context(|| from.display().to_string())?;
    }
    let component = home.join("node_modules/astro/components/ClientRouter.astro");
    let component = std::fs::read_to_string(&component).with_context(|| component.display().to_string())?;
    let script = script_of(&component).context("Astro's ClientRouter has no script")?;
    std::fs::write(beside.join("ClientRouter.ts"), script)?;
    for script in FRAMEWORKS {
        process::capture(
            Command::new(&esbuild)
                .arg(beside.join(script))
                .args(["--bundle", "--format=iife", "--log-level=warning"])
                // With their checks: what only a development build notices is an error worth knowing.
                .arg("--define:process.env.NODE_ENV=\"development\"")
                .args(["--define:__VUE_OPTIONS_API__=true", "--define:__VUE_PROD_DEVTOOLS__=false"])
                .arg("--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=true")
                .args(ASTRO)
                // From where what stands for another name is looked for.
                .current_dir(&home)
                .arg(format!("--outfile={}", home.join(script).display())),
        )?;
    }
    Ok(())
}

/// The scripts that are bundled, one for each framework or router.
const FRAMEWORKS: [&str; 6] =
    ["react.js", "vue.js", "turbo.js", "astro.js", "react-router.js", "vue-router.js"];

/// What `astro build` puts in the place of what is left open in its router, where a site is configured as it comes.
const ASTRO: [&str; 8] = [
    "--alias:virtual:astro:adapter-config/client=./source/astro-adapter.js",
    "--alias:astro:transitions/client=astro/virtual-modules/transitions-router.js",
    "--define:import.meta.env.SSR=false",
    "--define:import.meta.env.DEV=false",
    "--define:__PREFETCH_DISABLED__=false",
    "--define:__PREFETCH_PREFETCH_ALL__=undefined",
    "--define:__PREFETCH_DEFAULT_STRATEGY__=undefined",
    "--define:__EXPERIMENTAL_CLIENT_PRERENDER__=false",
];

/// The text of the first script of a component of Astro's.
fn script_of(component: &str) -> Option<&str> {
    let (_, rest) = component.split_once("<script>")?;
    rest.split_once("</script>").map(|(script, _)| script)
}

/// The files that decide what is installed.
const MANIFEST: [&str; 2] = ["package.json", "package-lock.json"];

/// What decides which programs are installed; kept beside them to see when that changes.
fn manifest_and_lock(source: &Path) -> Result<String> {
    let mut text = String::new();
    for file in MANIFEST {
        let file = source.join(file);
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
    fn a_components_script_is_found() {
        assert_eq!(script_of("---\n---\n<script>\n go()\n</script>\n"), Some("\n go()\n"));
        assert_eq!(script_of("<p>none</p>"), None);
    }

    /// Its router imports nothing of theirs, and they would be most of what is installed.
    #[test]
    fn astro_comes_without_its_dependencies() {
        let lock = include_str!("../../../tests/hosts/frameworks/package-lock.json");
        assert!(lock.contains("node_modules/astro\"") && !lock.contains("node_modules/vite\""));
    }

    #[test]
    fn no_registry_is_named_in_the_lock_file() {
        for lock in [
            include_str!("../../package-lock.json"),
            include_str!("../../../tests/hosts/frameworks/package-lock.json"),
            include_str!("../../../tests/package/package-lock.json"),
            include_str!("../../../tests/recipes/package-lock.json"),
            include_str!("../../../tests/interop/package-lock.json"),
        ] {
            assert!(!lock.contains("\"resolved\"") && !lock.contains("registry"));
        }
    }
}
