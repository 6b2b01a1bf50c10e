//! The npm package: what `www/dist` has besides the scripts, so that the folder is one that `npm pack` packs.

use super::languages::Languages;
use crate::places;
use anyhow::{Context as _, Result, bail};

/// Its files, by their names: the widget as a module, every language as one, the entry, the types, the manifest, the licence.
///
/// # Errors
/// If one of www/package cannot be read.
pub(crate) fn files(importable: String, languages: &Languages) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![("tollgate.module.js".to_owned(), importable.into_bytes())];
    files.extend(languages.modules().into_iter().map(|(_, file, text)| (file, text.into_bytes())));
    for name in ["index.js", "tollgate.tag.js", "index.d.ts", "README.md"] {
        files.push((name.to_owned(), read(&places::package().join(name))?.into_bytes()));
    }
    files.push(("LICENSE".to_owned(), read(&places::root().join("LICENSE"))?.into_bytes()));
    let manifest = manifest(&read(&places::package().join("package.json"))?)?;
    files.push(("package.json".to_owned(), manifest.into_bytes()));
    Ok(files)
}

/// The manifest with the crate's version. As text: the order of what it exports says which is taken.
fn manifest(text: &str) -> Result<String> {
    let Some((before, behind)) = text.split_once("\"version\": \"\"") else {
        bail!("www/package/package.json has no place for the version");
    };
    Ok([before, "\"version\": \"", env!("CARGO_PKG_VERSION"), "\"", behind].concat())
}

fn read(file: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_manifest_has_the_crates_version_and_runs_nothing_when_it_is_installed() {
        let text = read(&places::package().join("package.json")).expect("there");
        let manifest: Value = serde_json::from_str(&manifest(&text).expect("JSON")).expect("JSON");
        assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(manifest["license"], "MIT OR Apache-2.0");
        for none in ["scripts", "dependencies", "bin"] {
            assert_eq!(manifest[none], Value::Null, "{none}");
        }
    }

    /// The members of an interface of the types, by their names.
    fn members(types: &str, interface: &str) -> Vec<String> {
        let (_, rest) = types.split_once(&format!("export interface {interface} ")).expect("it is there");
        let (_, rest) = rest.split_once("{\n").expect("it begins");
        let (body, _) = rest.split_once("\n}").expect("it ends");
        let member = |line: &str| {
            let line = line.strip_prefix("  ")?.trim_start_matches("readonly ").trim_matches('\'');
            let name: String =
                line.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '-').collect();
            (!name.is_empty()).then_some(name)
        };
        body.lines().filter_map(member).collect()
    }

    fn types() -> String {
        read(&places::package().join("index.d.ts")).expect("there")
    }

    #[test]
    fn the_types_have_every_setting_and_no_other() {
        let camel = |attribute: &str| {
            let mut words = attribute.trim_start_matches("data-").split('-');
            let first = words.next().unwrap_or_default().to_owned();
            words.fold(first, |name, word| {
                let (head, rest) = word.split_at(1);
                name + &head.to_uppercase() + rest
            })
        };
        let mut wanted: Vec<String> = tollgate::config::setting::ATTRIBUTES.map(camel).to_vec();
        wanted.push("texts".to_owned());
        assert_eq!(members(&types(), "Settings"), wanted);
        let of_the_tag: Vec<String> = tollgate::config::setting::OF_THE_TAG.map(camel).to_vec();
        assert_eq!(members(&types(), "InitSettings"), of_the_tag);
        let entry = read(&places::package().join("index.js")).expect("there");
        assert!(
            entry.contains(&format!("const OF_THE_TAG = ['{}'];", of_the_tag.join("', '"))),
            "{of_the_tag:?}"
        );
    }

    #[test]
    fn the_types_and_the_documentation_have_every_event_and_no_other() {
        let known = members(&types(), "TollgateEvents");
        let scripts: String = places::files(&places::loader(), "js")
            .expect("there")
            .iter()
            .map(|file| read(file).expect("readable"))
            .collect();
        for call in ["emit('", "dispatch('", "'tollgate:"] {
            for rest in scripts.split(call).skip(1) {
                let (name, _) = rest.split_once('\'').expect("a text ends");
                assert!(name.is_empty() || known.iter().any(|known| known == name), "{call}{name}");
            }
        }
        let documentation = read(&places::root().join("docs/api.md")).expect("there");
        for name in &known {
            let is_said =
                scripts.contains(&format!("'{name}'")) || scripts.contains(&format!("'tollgate:{name}'"));
            // Those of a step are made of its name.
            assert!(is_said || name.ends_with("-click"), "nothing says {name}");
            assert!(documentation.contains(&format!("`tollgate:{name}`")), "docs/api.md lacks {name}");
        }
    }
}
