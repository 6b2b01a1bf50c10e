//! The languages' files, packed and named by their content, and what the gate's script knows of them.

use super::script::short_hash;
use crate::places;
use anyhow::{Context as _, Result, anyhow};
use serde_json::{Map, Value};
use tollgate::text::source;

/// How much of a file's hash stands in its name, in bytes. The gate's script compares it with what it was served: 96 bits.
const PINNED: usize = 12;

/// One language's texts as pages fetch them.
#[derive(Debug)]
struct Texts {
    tag: String,
    hash: String,
    packed: String,
}

/// Every language but English, whose texts are in the gate's script.
#[derive(Debug)]
pub(crate) struct Languages(Vec<Texts>);

impl Languages {
    /// Reads and packs them all.
    ///
    /// # Errors
    /// If one is not of the form.
    pub(crate) fn read() -> Result<Languages> {
        let mut languages = Vec::new();
        for file in places::files(&places::languages(), "txt")? {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let packed = source::pack(&text).map_err(|wrong| anyhow!("{}: {wrong}", file.display()))?;
            let tag = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            if tag != tollgate::text::language::ENGLISH {
                languages.push(Texts { hash: short_hash(packed.as_bytes(), PINNED), tag, packed });
            }
        }
        Ok(Languages(languages))
    }

    /// What the gate's script imports of them.
    ///
    /// # Errors
    /// If the English file is not of the form.
    pub(crate) fn script(&self) -> Result<String> {
        let tags: Vec<&str> = self.0.iter().map(|texts| texts.tag.as_str()).collect();
        let at_hand = source::at_hand(&tags).map_err(|wrong| anyhow!("the English texts: {wrong}"))?;
        let files: Map<String, Value> =
            self.0.iter().map(|texts| (texts.tag.clone(), Value::from(texts.hash.as_str()))).collect();
        Ok(format!(
            "export const atHand={};\nexport const files={};\n",
            Value::from(at_hand),
            Value::from(files)
        ))
    }

    /// The files, by their names.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let file = |texts: &Texts| {
            (format!("tollgate-{}-{}.txt", texts.tag, texts.hash), texts.packed.clone().into_bytes())
        };
        self.0.iter().map(file).collect()
    }

    /// The same as modules, for those who bundle: the tag, the file's name, what stands in it.
    pub(crate) fn modules(&self) -> Vec<(String, String, String)> {
        let module = |texts: &Texts| {
            (
                texts.tag.clone(),
                format!("languages/{}.js", texts.tag),
                format!("export default {};\n", Value::from(texts.packed.as_str())),
            )
        };
        self.0.iter().map(module).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_file_that_is_named_by_its_content() {
        let languages = Languages::read().expect("well formed");
        let files = languages.files();
        assert!(files.len() >= 60, "{} languages", files.len());
        let script = languages.script().expect("well formed");
        for (name, bytes) in files {
            let hash = short_hash(&bytes, PINNED);
            assert!(name.ends_with(&format!("-{hash}.txt")), "{name}");
            assert!(script.contains(&hash), "{name}");
        }
        assert!(!script.contains("\"en\":"), "English is at hand");
    }
}
