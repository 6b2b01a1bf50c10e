//! The language files as they are written (`languages/*.txt`) → the lines that [`Words`](super::Words) reads, checked. Never in the
//! module: xtask builds the files that pages fetch with it, and tests read them.

use super::NAMES;

/// The English file.
pub const ENGLISH: &str = include_str!("languages/en.txt");

/// What stands before the messages.
const HEAD: [&str; 4] = ["language", "direction", "plural", "numbers"];

/// A language file, packed for the module.
///
/// # Errors
/// What is wrong with the file, in a sentence: a line that is no `name: text`, or is not where the English file has it.
pub fn pack(source: &str) -> Result<String, String> {
    let mut expected = HEAD.iter().chain(NAMES);
    let mut packed = String::new();
    for line in source.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let (name, text) = line.split_once(':').ok_or_else(|| format!("no `name: text`: {line}"))?;
        match expected.next() {
            Some(expected) if *expected == name => {}
            Some(expected) => return Err(format!("`{name}` stands where `{expected}` belongs")),
            None => return Err(format!("`{name}` stands behind the last message")),
        }
        if !packed.is_empty() {
            packed.push('\n');
        }
        packed.push_str(text.trim());
    }
    match expected.next() {
        Some(missing) => Err(format!("`{missing}` is missing")),
        None => Ok(packed),
    }
}

/// What a gate has at hand: the tags of the languages there are files of, the messages' names, and the English texts.
///
/// # Errors
/// As [`pack`], for the English file.
pub fn at_hand(tags: &[&str]) -> Result<String, String> {
    Ok([tags.join(" "), NAMES.join(" "), pack(ENGLISH)?].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_language_file_is_refused() {
        assert!(pack(ENGLISH).is_ok());
        for (was, is) in [
            ("close: Close", "close Close"),
            ("close: Close", "clsoe: Close"),
            ("close: Close\n", ""),
            ("preview: Preview", "preview: Preview\npreview: Preview"),
            ("preview: Preview", ""),
            ("language: en\n", ""),
        ] {
            assert!(ENGLISH.contains(was), "{was}");
            assert!(pack(&ENGLISH.replace(was, is)).is_err(), "{is}");
        }
    }
}
