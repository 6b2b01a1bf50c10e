//! What is in `www/dist`: `manifest.json` (sizes and integrity of every file, and the tag that pins them), `bom.json` (a bill of materials in
//! CycloneDX's form), `THIRD-PARTY-LICENSES.txt` (of all that is compiled into the module).

use super::measure::Sizes;
use crate::process;
use crate::setup::cargo;
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha384};
use std::collections::BTreeSet;
use std::path::Path;

/// A crate whose code may be in the module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Component {
    name: String,
    version: String,
    license: String,
    /// Where its sources are, and where they come from.
    folder: String,
    repository: String,
}

/// The value of an `integrity` attribute, for those who pin the tag: of 384 bits, as is usual.
pub(crate) fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", base64::engine::general_purpose::STANDARD.encode(Sha384::digest(content)))
}

/// `manifest.json`.
pub(crate) fn manifest(outputs: &[(&str, Vec<u8>)], sizes: &[Sizes]) -> String {
    let files: serde_json::Map<String, Value> = outputs
        .iter()
        .zip(sizes)
        .map(|((name, bytes), sizes)| {
            let entry =
                json!({ "bytes": bytes.len(), "brotli": sizes.brotli, "integrity": integrity(bytes) });
            ((*name).to_owned(), entry)
        })
        .collect();
    let tag = outputs.iter().find(|(name, _)| *name == "tollgate.js").map(|(_, bytes)| {
        format!(
            "<script async src=\"/tollgate.js\" integrity=\"{}\" crossorigin=\"anonymous\" …></script>",
            integrity(bytes)
        )
    });
    let manifest = json!({ "version": env!("CARGO_PKG_VERSION"), "tag": tag, "files": files });
    format!("{manifest:#}\n")
}

/// `bom.json` and `THIRD-PARTY-LICENSES.txt`; `compiler` made the standard library, whose sources are in `library`.
///
/// # Errors
/// If cargo cannot say what the module is made of, or a crate has no licence.
pub(crate) fn materials(compiler: &str, library: &Path) -> Result<[(String, Vec<u8>); 2]> {
    let components = components()?;
    let mut listed: Vec<Value> = components
        .iter()
        .map(|Component { name, version, license, .. }| {
            json!({
                "type": "library", "name": name, "version": version, "purl": format!("pkg:cargo/{name}@{version}"),
                "licenses": [{ "expression": license }],
            })
        })
        .collect();
    listed.push(json!({
        "type": "library", "name": "rust-std", "version": compiler,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
    }));
    let version = env!("CARGO_PKG_VERSION");
    let bom = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": { "component": {
            "type": "library", "name": "tollgate", "version": version, "bom-ref": "tollgate",
            "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        } },
        "components": listed,
    });
    let mut texts = String::from(
        "Tollgate's module and scripts contain code of these crates. Each stands with its licence, and with the text of it that it comes with.\n",
    );
    for component in &components {
        let Component { name, version, license, folder, repository } = component;
        if license.is_empty() {
            bail!("{name} {version} names no licence");
        }
        let text = license_text(Path::new(folder)).unwrap_or_else(|| {
            format!("It comes without the text, which is that of the others' ({repository}).")
        });
        texts.push_str(&format!("\n==== {name} {version}: {license}\n\n{}\n", text.trim()));
    }
    let copyright = std::fs::read_to_string(library.join("COPYRIGHT")).unwrap_or_default();
    texts.push_str(&format!(
        "\n==== The Rust standard library ({compiler}): MIT OR Apache-2.0\n\n{}\n",
        copyright.trim()
    ));
    Ok([
        ("bom.json".to_owned(), format!("{bom:#}\n").into_bytes()),
        ("THIRD-PARTY-LICENSES.txt".to_owned(), texts.into_bytes()),
    ])
}

/// The text that a crate comes with: MIT's where it may be had under it.
fn license_text(folder: &Path) -> Option<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("").to_ascii_uppercase();
            name.starts_with("LICENSE") || name.starts_with("COPYING")
        })
        .collect();
    files.sort_by_key(|file| (!file.to_string_lossy().to_ascii_uppercase().contains("MIT"), file.clone()));
    files.iter().find_map(|file| std::fs::read_to_string(file).ok())
}

/// The crates that the browser shell depends on, but for those that only run while it is compiled.
fn components() -> Result<Vec<Component>> {
    let metadata = process::capture(cargo::native().args([
        "metadata",
        "--format-version=1",
        "--filter-platform=wasm32-unknown-unknown",
        "--features=browser",
    ]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = list(&metadata["packages"]);
    let nodes = list(&metadata["resolve"]["nodes"]);
    let package = |id: &str| packages.iter().find(|package| package["id"] == id);
    let root = packages
        .iter()
        .find(|package| package["name"] == "tollgate")
        .map(|package| text(&package["id"]))
        .context("cargo does not know this crate")?;
    let mut reached = BTreeSet::new();
    let mut waiting = vec![root.clone()];
    while let Some(id) = waiting.pop() {
        let runs_while_compiling = package(&id).is_some_and(|package| {
            list(&package["targets"]).iter().any(|target| target["kind"][0] == "proc-macro")
        });
        if runs_while_compiling || !reached.insert(id.clone()) {
            continue;
        }
        for node in nodes.iter().filter(|node| node["id"] == *id) {
            for dependency in list(&node["deps"]) {
                let is_plain = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
                if is_plain {
                    waiting.push(text(&dependency["pkg"]));
                }
            }
        }
    }
    reached.remove(&root);
    let mut components: Vec<Component> = reached
        .iter()
        .filter_map(|id| package(id))
        .map(|package| Component {
            name: text(&package["name"]),
            version: text(&package["version"]),
            license: text(&package["license"]),
            repository: text(&package["repository"]),
            folder: Path::new(&text(&package["manifest_path"]))
                .parent()
                .map(|folder| folder.to_string_lossy().into_owned())
                .unwrap_or_default(),
        })
        .collect();
    components.sort();
    Ok(components)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_of_the_module_is_listed_with_its_licence() {
        let [(_, bom), (_, texts)] =
            materials("rustc 1.0", Path::new("/nowhere")).expect("they can be listed");
        let bom: Value = serde_json::from_slice(&bom).expect("JSON");
        let names: Vec<&str> = bom["components"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        for name in ["wasm-bindgen", "web-sys", "js-sys", "serde-wasm-bindgen", "gloo-storage", "rust-std"] {
            assert!(names.contains(&name), "{name} is missing");
        }
        // What only runs while it is compiled is not in it.
        assert!(!names.contains(&"syn"), "{names:?}");
        let texts = String::from_utf8(texts).expect("UTF-8");
        assert!(
            texts.matches("\n==== ").count() == names.len() && texts.contains("Permission is hereby granted")
        );
        let home = std::env::var("HOME").unwrap_or_default();
        assert!(
            home.len() < 2 || !texts.contains(&home) && !bom.to_string().contains(&home),
            "a path of this machine"
        );
    }

    #[test]
    fn the_manifest_pins_every_file() {
        let sizes = |file: &str| Sizes { file: file.into(), raw: 2, gzip: 2, brotli: 2 };
        let outputs = [("tollgate.js", b"ab".to_vec()), ("index.js", b"c".to_vec())];
        let text = manifest(&outputs, &[sizes("tollgate.js"), sizes("index.js")]);
        let manifest: Value = serde_json::from_str(&text).expect("JSON");
        // printf ab | openssl dgst -sha384 -binary | base64
        let expected = "sha384-x74DulvKo4RycHbbABjpkkjhpui9G571ip7J3U7uuz9IuDYgEiEXW++nTdw9Na/d";
        assert_eq!(manifest["files"]["tollgate.js"]["integrity"], expected);
        assert!(manifest["tag"].as_str().is_some_and(|tag| tag.contains(expected)));
        assert_eq!(manifest["files"]["index.js"]["bytes"], 1);
    }
}
