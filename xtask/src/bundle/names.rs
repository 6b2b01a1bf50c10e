//! Short names for what the module and its glue have of each other.
//!
//! wasm-bindgen names each import by its function and a hash of 16 digits. The names only have to agree on both sides,
//! and no compression helps a hash: about 90 of them are more than a kilobyte that every reader would fetch.

use super::split;
use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// What stands for the name of the glue's module.
const MODULE: &str = "a";
/// What stands for the first piece of a module, from which the others import.
const FIRST: &str = "b";

/// The short names that were given, and the glue in which they stand.
#[derive(Debug, Default)]
pub(crate) struct Names {
    glue: String,
    /// What the glue's module was called.
    module: Option<String>,
    imports: BTreeMap<String, String>,
    exports: BTreeMap<String, String>,
    /// The short names of what each module imports that was shortened.
    used: Vec<BTreeSet<String>>,
    /// How many of them have no imports of their own: the first piece of a module, and those that import nothing more.
    first: usize,
}

/// The helpers of the glue that a further piece's own imports are given.
const HELPERS: &str = "getStringFromWasm0, giveText, caught";

impl Names {
    pub(crate) fn new(glue: &str) -> Names {
        Names { glue: glue.to_owned(), ..Names::default() }
    }

    /// Renames the imports and exports of a module and, to the same names, what the glue provides and uses. The first piece
    /// of a module comes before the others.
    ///
    /// # Errors
    /// If the module is not one, or imports something that the glue does not provide exactly once, nor the first piece.
    pub(crate) fn shorten(&mut self, module: &[u8]) -> Result<Vec<u8>> {
        self.used.push(BTreeSet::new());
        let mut shortened = wasm::PREAMBLE.to_vec();
        for wasm::Section { number, content, .. } in wasm::sections(module)? {
            let mut reader = Reader::new(content);
            let section = match number {
                wasm::IMPORTS => self.rename_imports(&mut reader)?,
                wasm::EXPORTS => self.rename_exports(&mut reader)?,
                _ => reader.take(content.len())?.to_vec(),
            };
            if !reader.is_at_end() {
                bail!("section {number} was not read to its end");
            }
            wasm::add_section(&mut shortened, number, &section);
        }
        Ok(shortened)
    }

    /// Notes that all pieces that need nothing but the first's imports were shortened: what is imported by one of the others alone leaves
    /// the glue with it.
    pub(crate) fn first_is_done(&mut self) {
        self.first = self.used.len();
    }

    /// The glue with all the names, and for each of the pieces that came since [`Names::first_is_done`] a script of the imports that it
    /// alone calls.
    ///
    /// # Errors
    /// If it uses what no module exports, or those use more of it than they are given.
    pub(crate) fn glue(&self) -> Result<(String, Vec<String>)> {
        // It would be missed only where it is used, which may be nowhere but after an error.
        if let Some((_, rest)) = self.glue.split_once("wasm.__") {
            let name: String =
                rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            bail!("the glue uses __{name}, which the module does not export");
        }
        let of = |name: &str| {
            let mut using = (0..self.used.len())
                .filter(|nth| self.used.get(*nth).is_some_and(|used| used.contains(name)));
            match (using.next(), using.next()) {
                (Some(only), None) if only >= self.first => Some(only - self.first),
                _ => None,
            }
        };
        let mut others = vec![String::new(); self.used.len() - self.first];
        let glue = in_order(&self.glue, &of, &mut others);
        for others in &others {
            if let Some(more) =
                ["wasm.", "addToExternrefTable0", "isLikeNone"].iter().find(|more| others.contains(**more))
            {
                bail!("an import that leaves the glue uses {more}, which it is not given");
            }
        }
        let script = |others: &String| format!("export const imports = ({HELPERS}) => ({{\n{others}}});\n");
        Ok((glue, others.iter().map(script).collect()))
    }

    /// The import section with short names.
    fn rename_imports(&mut self, reader: &mut Reader<'_>) -> Result<Vec<u8>> {
        let count = reader.number()?;
        let mut section = leb(count);
        for _ in 0..count {
            let (from, name) = (reader.name()?, reader.name()?);
            let start = reader.at;
            reader.import()?;
            let written = reader.bytes.get(start..reader.at).unwrap_or_default();
            let (from, short) = if from == split::FIRST {
                let short = self.exports.get(name);
                (FIRST, short.with_context(|| format!("the first piece does not export {name}"))?.clone())
            } else {
                (MODULE, self.import(from, name)?)
            };
            for text in [from, &short] {
                wasm::add_name(&mut section, text);
            }
            section.extend(written);
        }
        Ok(section)
    }

    /// The short name of what the glue provides.
    fn import(&mut self, from: &str, name: &str) -> Result<String> {
        if let Some(short) = self.imports.get(name).cloned() {
            self.uses(&short);
            return Ok(short);
        }
        match &self.module {
            None => {
                replace_once(&mut self.glue, &format!("\"{from}\""), &format!("\"{MODULE}\""))?;
                self.module = Some(from.to_owned());
            }
            Some(module) if module != from => bail!("imports from two modules: {module} and {from}"),
            Some(_) => {}
        }
        let short = short_name(self.imports.len());
        replace_once(&mut self.glue, name, &short)?;
        self.imports.insert(name.to_owned(), short.clone());
        self.uses(&short);
        Ok(short)
    }

    fn uses(&mut self, short: &str) {
        if let Some(used) = self.used.last_mut() {
            used.insert(short.to_owned());
        }
    }

    /// The export section with short names. The glue uses them as members of `wasm`.
    fn rename_exports(&mut self, reader: &mut Reader<'_>) -> Result<Vec<u8>> {
        let count = reader.number()?;
        let mut section = leb(count);
        for nth in 0..count {
            let name = reader.name()?;
            let short = short_name(nth);
            let word = format!("wasm.{name}");
            let places = whole_words(&self.glue, &word);
            for at in places.into_iter().rev() {
                self.glue.replace_range(at..at + word.len(), &format!("wasm.{short}"));
            }
            wasm::add_name(&mut section, &short);
            section.push(reader.byte()?);
            section.extend(leb(reader.number()?));
            self.exports.insert(name.to_owned(), short);
        }
        Ok(section)
    }
}

/// The glue with its imports in the order of their names, which is that of the module: those of one type, which look much
/// alike, side by side; those that leave it go to the piece that `of` names. An import is the lines from its name up to a brace at the
/// beginning of one.
fn in_order(glue: &str, of: &dyn Fn(&str) -> Option<usize>, others: &mut [String]) -> String {
    // One that kept its long name is imported by no piece.
    let is_unused = |name: &str| name.starts_with("__wb");
    let is_import = |line: &str| {
        line.split_once(": ").is_some_and(|(name, rest)| {
            (is_unused(name) || (name.len() <= 2 && name.bytes().all(|letter| letter.is_ascii_lowercase())))
                && (rest.starts_with('(') || rest.starts_with("caught("))
        })
    };
    let mut lines = glue.split_inclusive('\n').peekable();
    let mut ordered = String::new();
    while let Some(line) = lines.next() {
        if !is_import(line) {
            ordered.push_str(line);
            continue;
        }
        // All imports stand together.
        let mut imports = Vec::new();
        let mut first = Some(line);
        while let Some(line) = first.take().or_else(|| lines.next_if(|line| is_import(line))) {
            let mut import = line.to_owned();
            while !import.ends_with("\n},\n") && !import.ends_with("\n}),\n") {
                let Some(line) = lines.next() else { break };
                import.push_str(line);
            }
            imports.push(import);
        }
        imports.sort_by_key(|import| import.split_once(':').map(|(name, _)| (name.len(), name.to_owned())));
        for import in imports {
            let name = import.split_once(':').map_or("", |(name, _)| name);
            if is_unused(name) {
                continue;
            }
            of(name).and_then(|piece| others.get_mut(piece)).unwrap_or(&mut ordered).push_str(&import);
        }
    }
    ordered
}

/// `a` to `z`, then `aa` and on: a letter's case would only cost.
fn short_name(nth: usize) -> String {
    let letter = |value: usize| char::from(b'a' + (value % 26) as u8);
    match nth / 26 {
        0 => letter(nth).to_string(),
        tens => [letter(tens - 1), letter(nth)].iter().collect(),
    }
}

/// Replaces a whole word that stands in `text` exactly once.
fn replace_once(text: &mut String, word: &str, by: &str) -> Result<()> {
    match whole_words(text, word)[..] {
        [at] => text.replace_range(at..at + word.len(), by),
        ref places => bail!("{word} stands in the glue {} times, not once", places.len()),
    }
    Ok(())
}

/// Where a whole word stands in `text`.
fn whole_words(text: &str, word: &str) -> Vec<usize> {
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$')
    };
    let bytes = text.as_bytes();
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| {
            !is_part(at.checked_sub(1).and_then(|at| bytes.get(at))) && !is_part(bytes.get(at + word.len()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorten(module: &[u8], glue: &str) -> Result<(Vec<u8>, String)> {
        let mut names = Names::new(glue);
        let module = names.shorten(module)?;
        names.first_is_done();
        Ok((module, names.glue()?.0))
    }

    /// A module that imports `one_0a` and `two_0b` from `./x.js`, exports `memory` and `signal`, and ends with an empty
    /// code section.
    fn module() -> Vec<u8> {
        let mut imports = vec![2];
        for name in ["one_0a", "two_0b"] {
            imports.extend([6]);
            imports.extend(b"./x.js");
            imports.push(name.len() as u8);
            imports.extend(name.bytes());
            imports.extend([0, 3]);
        }
        let mut exports = vec![2];
        for (name, kind) in [("memory", 2), ("signal", 0)] {
            exports.push(name.len() as u8);
            exports.extend(name.bytes());
            exports.extend([kind, 5]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (number, section) in [(2, imports), (7, exports)] {
            module.extend([number, section.len() as u8]);
            module.extend(section);
        }
        module.extend([10, 1, 0]);
        module
    }

    #[test]
    fn both_sides_get_the_same_short_names() {
        let glue = "{ one_0a: f, two_0b(a) {}, } \"./x.js\": import0, not_one_0a, one_0ab; wasm.memory.buffer; wasm.memory; wasm.signal(); signal; wasm.signals ";
        let (wasm, glue) = shorten(&module(), glue).expect("well formed");
        assert_eq!(
            glue,
            "{ a: f, b(a) {}, } \"a\": import0, not_one_0a, one_0ab; wasm.a.buffer; wasm.a; wasm.b(); signal; wasm.signals "
        );
        let mut expected = b"\0asm\x01\0\0\0".to_vec();
        expected.extend([2, 13, 2, 1, b'a', 1, b'a', 0, 3, 1, b'a', 1, b'b', 0, 3]);
        expected.extend([7, 9, 2, 1, b'a', 2, 5, 1, b'b', 0, 5, 10, 1, 0]);
        assert_eq!(wasm, expected);
    }

    #[test]
    fn the_imports_are_in_the_order_of_their_names() {
        let glue = "{\naa: caught((a) => {\n  if (a) {\n  }\n}),\nb: () => {\n},\n__wbg_unused_0a: () => {\n},\na: (a) => {\n},\n};\nother: 1\n";
        let mut others = vec![String::new(); 2];
        assert_eq!(
            in_order(glue, &|name| if name == "b" { Some(1) } else { None }, &mut others),
            "{\na: (a) => {\n},\naa: caught((a) => {\n  if (a) {\n  }\n}),\n};\nother: 1\n"
        );
        assert_eq!(others, ["", "b: () => {\n},\n"]);
    }

    #[test]
    fn a_glue_that_does_not_fit_is_refused() {
        let fits = "one_0a, two_0b, \"./x.js\"";
        assert!(shorten(&module(), fits).is_ok());
        for (word, by) in [("two_0b", ""), ("two_0b", "two_0b, two_0b"), ("\"./x.js\"", "")] {
            assert!(shorten(&module(), &fits.replace(word, by)).is_err(), "{word}");
        }
        assert!(shorten(b"\0as", fits).is_err());
        let missed =
            shorten(&module(), &[fits, " wasm.__wbindgen_missed(1)"].concat()).expect_err("no such export");
        assert!(missed.to_string().contains("uses __wbindgen_missed,"), "{missed}");
    }

    #[test]
    fn names_are_short_and_different() {
        let names: std::collections::BTreeSet<String> = (0..300).map(short_name).collect();
        assert_eq!(names.len(), 300);
        assert!(names.iter().all(|name| name.len() <= 2));
    }
}
