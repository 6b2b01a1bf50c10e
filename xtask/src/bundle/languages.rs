//! The languages' files, packed and named by the content of all of them, and what the gate's script knows of them: one hash for all, which each
//! file proves that it belongs to. So no page carries the hashes of sixty languages that it does not speak.

use super::script::short_hash;
use crate::places;
use anyhow::{Context as _, Result, anyhow};
use serde_json::Value;
use tollgate::text::source;

/// How much of a hash is kept, in bytes: 96 bits.
const PINNED: usize = 12;

/// One language's texts.
#[derive(Debug)]
struct Texts {
    tag: String,
    packed: String,
    /// The hashes beside its own on the way up to the root.
    proof: Vec<String>,
}

/// Every language but English, whose texts are in the gate's script.
#[derive(Debug)]
pub(crate) struct Languages {
    all: Vec<Texts>,
    /// What all of them come to, as lower-case hexadecimal.
    root: String,
}

/// The hash of two, in the order of their digits: whoever proves need not say which of them stood first.
fn joined(one: &str, other: &str) -> String {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    short_hash([first, second].concat().as_bytes(), PINNED)
}

/// The root of the hashes' tree (R. Merkle, 1987), and for each of them those beside it on the way up. The last of an odd number goes up as
/// it is. Texts begin with their language's tag and hold more than hexadecimal digits, so none can stand for a pair of hashes.
fn tree(leaves: Vec<String>) -> (String, Vec<Vec<String>>) {
    let mut proofs = vec![Vec::new(); leaves.len()];
    // Each with the leaves below it.
    let mut level: Vec<(String, Vec<usize>)> =
        leaves.into_iter().enumerate().map(|(nth, hash)| (hash, vec![nth])).collect();
    while level.len() > 1 {
        let mut above = Vec::new();
        let mut rest = level.into_iter();
        while let Some((one, below)) = rest.next() {
            let Some((other, beside)) = rest.next() else {
                above.push((one, below));
                break;
            };
            for (leaves, sibling) in [(&below, &other), (&beside, &one)] {
                for leaf in leaves {
                    if let Some(proof) = proofs.get_mut(*leaf) {
                        proof.push(sibling.clone());
                    }
                }
            }
            above.push((joined(&one, &other), [below, beside].concat()));
        }
        level = above;
    }
    (level.pop().unwrap_or_default().0, proofs)
}

impl Languages {
    /// Reads and packs them all.
    ///
    /// # Errors
    /// If one is not of the form.
    pub(crate) fn read() -> Result<Languages> {
        let mut all = Vec::new();
        for file in places::files(&places::languages(), "txt")? {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let packed = source::pack(&text).map_err(|wrong| anyhow!("{}: {wrong}", file.display()))?;
            let tag = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            if tag != tollgate::text::language::ENGLISH {
                all.push(Texts { tag, packed, proof: Vec::new() });
            }
        }
        let (root, proofs) =
            tree(all.iter().map(|texts| short_hash(texts.packed.as_bytes(), PINNED)).collect());
        for (texts, proof) in all.iter_mut().zip(proofs) {
            texts.proof = proof;
        }
        Ok(Languages { all, root })
    }

    /// What the gate's script imports of them.
    ///
    /// # Errors
    /// If the English file is not of the form.
    pub(crate) fn script(&self) -> Result<String> {
        let tags: Vec<&str> = self.all.iter().map(|texts| texts.tag.as_str()).collect();
        let at_hand = source::at_hand(&tags).map_err(|wrong| anyhow!("the English texts: {wrong}"))?;
        Ok(format!(
            "export const atHand={};\nexport const root={};\n",
            Value::from(at_hand),
            Value::from(self.root.as_str())
        ))
    }

    /// The files, by their names: the texts, and as a last line the proof.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let file = |texts: &Texts| {
            let content = format!("{}\n{}", texts.packed, texts.proof.join(" "));
            (format!("tollgate-{}-{}.txt", texts.tag, self.root), content.into_bytes())
        };
        self.all.iter().map(file).collect()
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
        self.all.iter().map(module).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text and its proof come to, as the gate's script reckons.
    fn proved(text: &str, proof: &str) -> String {
        proof.split(' ').fold(short_hash(text.as_bytes(), PINNED), |hash, beside| joined(&hash, beside))
    }

    #[test]
    fn every_language_has_a_file_that_proves_that_it_belongs_to_all() {
        let languages = Languages::read().expect("well formed");
        let files = languages.files();
        assert!(files.len() >= 60, "{} languages", files.len());
        let script = languages.script().expect("well formed");
        assert!(script.contains(&format!("root=\"{}\"", languages.root)), "{script}");
        for (name, bytes) in files {
            assert!(name.ends_with(&format!("-{}.txt", languages.root)), "{name}");
            let content = String::from_utf8(bytes).expect("text");
            let (text, proof) = content.rsplit_once('\n').expect("a proof");
            assert_eq!(proved(text, proof), languages.root, "{name}");
            assert_ne!(proved(&text.replace('a', "b"), proof), languages.root, "{name}");
            let shorter = proof.rsplit_once(' ').expect("several").0;
            assert_ne!(proved(text, shorter), languages.root, "{name}");
        }
        assert!(!script.contains("\"en "), "English is at hand");
    }

    #[test]
    fn a_tree_of_any_number_has_one_root() {
        assert_eq!(tree(Vec::new()), (String::new(), Vec::new()));
        for count in 1..20 {
            let leaves: Vec<String> = (0..count).map(|nth: u8| short_hash(&[nth], PINNED)).collect();
            let (root, proofs) = tree(leaves.clone());
            for (leaf, proof) in leaves.iter().zip(proofs) {
                let reached = proof.iter().fold(leaf.clone(), |hash, beside| joined(&hash, beside));
                assert_eq!(reached, root, "{leaf} of {count}");
            }
            let mut changed = leaves;
            changed.reverse();
            changed.pop();
            assert_ne!(tree(changed).0, root, "{count}");
        }
    }
}
