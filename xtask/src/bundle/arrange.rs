//! The module in the order in which it packs best: the same functions and instructions, written another way.
//!
//! Functions of one type stand together, and those that end alike side by side: what follows what is then the same for
//! longer. So do imports of one type. Functions and types that nothing refers to are left out. Alignments are hints that
//! no engine needs, so all are zero. A function's length has two bytes whatever it is, so that the loader can write it
//! behind the function's back.

use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result, bail};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What a number in the module is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Functions,
    Types,
}

/// Takes each number that refers to a function or a type, and gives the one that is written.
pub(crate) type Renumber<'a> = dyn FnMut(Of, usize) -> Result<usize> + 'a;

/// A module in parts, each with the number that it had.
#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    /// The number of each section and its content. Of a section whose content has a member of its own here, only that it is
    /// there.
    pub sections: Vec<(u8, Cow<'a, [u8]>)>,
    pub types: Vec<(usize, &'a [u8])>,
    pub imports: Vec<Import<'a>>,
    /// What is imported besides functions, as it is written, and how much of it there is.
    pub shared: (usize, Vec<u8>),
    pub functions: Vec<Function<'a>>,
    /// The names of functions, for those who look for one. They are not written.
    pub names: Vec<(usize, &'a str)>,
}

/// An imported function.
#[derive(Clone, Debug)]
pub(crate) struct Import<'a> {
    pub number: usize,
    pub from: Cow<'a, str>,
    pub name: Cow<'a, str>,
    /// The number of its type.
    pub kind: usize,
}

/// A function of the module's own.
#[derive(Clone, Debug)]
pub(crate) struct Function<'a> {
    pub number: usize,
    /// The number of its type.
    pub kind: usize,
    pub body: wasm::Body<'a>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(module: &'a [u8]) -> Result<Parts<'a>> {
        let sections = wasm::sections(module)?;
        let section = |wanted| wasm::content(&sections, wanted);
        let types = Reader::new(section(wasm::TYPES)).types()?.into_iter().enumerate().collect();
        let imports = imports(section(wasm::IMPORTS))?;
        let kinds = numbers(section(wasm::FUNCTIONS))?;
        let bodies = wasm::bodies(section(wasm::CODE))?;
        if kinds.len() != bodies.len() {
            bail!("{} functions have types, {} have bodies", kinds.len(), bodies.len());
        }
        let functions = (imports.len()..).zip(kinds).zip(bodies);
        let functions = functions.map(|((number, kind), body)| Function { number, kind, body }).collect();
        let names = wasm::function_names(&sections)?;
        let mut written = Vec::new();
        for wasm::Section { number, content, .. } in &sections {
            if *number != 0 {
                written.push((*number, Cow::Borrowed(*content)));
            } else if Reader::new(content).name()? != "name" {
                bail!("a custom section, which may refer to functions by number: strip it");
            }
        }
        Ok(Parts { types, imports, shared: (0, Vec::new()), functions, sections: written, names })
    }

    /// Writes the module anew.
    ///
    /// # Errors
    /// If it refers to its functions in a way that is not known here: a reference that keeps its old number is another
    /// function.
    pub(crate) fn arranged(mut self) -> Result<Vec<u8>> {
        // What is referred to at all: first the functions, then the types of those that stay.
        let used = self.used(Of::Functions)?;
        let mut known: BTreeSet<usize> = self.functions.iter().map(|function| function.number).collect();
        known.extend(self.imports.iter().map(|import| import.number));
        if let Some(stray) = used.difference(&known).next() {
            bail!("there is no function {stray}");
        }
        self.functions.retain(|function| used.contains(&function.number));
        let used = self.used(Of::Types)?;
        self.types.retain(|(number, _)| used.contains(number));

        // Which function comes when. By type, then by the opcodes from the last to the first.
        self.functions.sort_by_cached_key(|function| {
            let opcodes: Vec<u8> =
                function.body.instructions.iter().rev().map(|(opcode, _)| *opcode).collect();
            (function.kind, opcodes, function.number)
        });
        self.imports.sort_by_key(|import| import.kind);
        let functions: Vec<usize> = (self.imports.iter().map(|import| import.number))
            .chain(self.functions.iter().map(|function| function.number))
            .collect();
        let types: Vec<usize> = self.types.iter().map(|(number, _)| *number).collect();
        self.written(&mut |of, number| {
            let all = if of == Of::Functions { &functions } else { &types };
            all.iter()
                .position(|old| *old == number)
                .with_context(|| format!("{number} of {of:?} is referred to and not there"))
        })
    }

    /// The numbers of the functions or types that anything refers to.
    fn used(&self, wanted: Of) -> Result<BTreeSet<usize>> {
        let mut used = BTreeSet::new();
        self.written(&mut |of, number| {
            used.extend((of == wanted).then_some(number));
            Ok(number)
        })?;
        Ok(used)
    }

    /// The module, with all numbers of functions and types as `renumber` gives them.
    pub(crate) fn written(&self, renumber: &mut Renumber<'_>) -> Result<Vec<u8>> {
        let mut written = wasm::PREAMBLE.to_vec();
        for (number, content) in &self.sections {
            let mut section = Vec::new();
            match *number {
                wasm::TYPES => {
                    section.extend(leb(self.types.len()));
                    section.extend(self.types.iter().flat_map(|(_, bytes)| *bytes));
                }
                wasm::IMPORTS => {
                    section.extend(leb(self.shared.0 + self.imports.len()));
                    section.extend(&self.shared.1);
                    for import in &self.imports {
                        wasm::add_name(&mut section, &import.from);
                        wasm::add_name(&mut section, &import.name);
                        section.push(0);
                        section.extend(leb(renumber(Of::Types, import.kind)?));
                    }
                }
                wasm::FUNCTIONS => {
                    section.extend(leb(self.functions.len()));
                    for function in &self.functions {
                        section.extend(leb(renumber(Of::Types, function.kind)?));
                    }
                }
                wasm::EXPORTS => section = exports(content, renumber)?,
                wasm::START => section = leb(renumber(Of::Functions, Reader::new(content).number()?)?),
                wasm::ELEMENTS => {
                    section = wasm::elements(content, |function| renumber(Of::Functions, function))?;
                }
                wasm::CODE => {
                    section.extend(leb(self.functions.len()));
                    for function in &self.functions {
                        section.extend(body(&function.body, renumber)?);
                    }
                }
                wasm::GLOBALS => section = globals(content)?,
                _ => section.extend_from_slice(content),
            }
            wasm::add_section(&mut written, *number, &section);
        }
        Ok(written)
    }
}

/// A function's body with its length.
fn body(body: &wasm::Body<'_>, renumber: &mut Renumber<'_>) -> Result<Vec<u8>> {
    let mut bytes = body.declarations.to_vec();
    for (opcode, immediates) in &body.instructions {
        bytes.push(*opcode);
        let mut reader = Reader::new(immediates);
        match *opcode {
            wasm::CALL | wasm::REF_FUNC => bytes.extend(leb(renumber(Of::Functions, reader.number()?)?)),
            wasm::CALL_INDIRECT => bytes.extend(leb(renumber(Of::Types, reader.number()?)?)),
            // A block's type: without parameters and with no result or one it is a byte of its own, else a number, signed.
            0x02..=0x04 if immediates.first().is_some_and(|first| !(0x40..0x80).contains(first)) => {
                let number = renumber(Of::Types, reader.number()?)?;
                if number >= 64 {
                    bail!("a block of type {number}, whose number has a byte more");
                }
                bytes.extend(leb(number));
            }
            0x28..=0x3E => {
                if reader.number()? > 4 {
                    bail!("a memory access of more than an alignment");
                }
                bytes.push(0);
            }
            _ => {}
        }
        bytes.extend_from_slice(immediates.get(reader.at..).unwrap_or_default());
    }
    if bytes.len() >= 1 << 14 {
        bail!("a function of {} bytes, whose length two bytes cannot hold", bytes.len());
    }
    let mut written = vec![(bytes.len() & 0x7F) as u8 | 0x80, (bytes.len() >> 7) as u8];
    written.extend(bytes);
    Ok(written)
}

/// A vector of numbers.
fn numbers(section: &[u8]) -> Result<Vec<usize>> {
    let mut reader = Reader::new(section);
    (0..reader.number()?).map(|_| reader.number()).collect()
}

fn imports(section: &[u8]) -> Result<Vec<Import<'_>>> {
    let mut reader = Reader::new(section);
    let mut imports = Vec::new();
    for number in 0..reader.number()? {
        let (from, name) = (reader.name()?, reader.name()?);
        if reader.byte()? != 0 {
            bail!("{name} is not a function");
        }
        imports.push(Import { number, from: from.into(), name: name.into(), kind: reader.number()? });
    }
    Ok(imports)
}

fn exports(section: &[u8], renumber: &mut Renumber<'_>) -> Result<Vec<u8>> {
    let mut reader = Reader::new(section);
    let count = reader.number()?;
    let mut exports = leb(count);
    for _ in 0..count {
        wasm::add_name(&mut exports, reader.name()?);
        let kind = reader.byte()?;
        exports.push(kind);
        let number = reader.number()?;
        exports.extend(leb(if kind == 0 { renumber(Of::Functions, number)? } else { number }));
    }
    Ok(exports)
}

/// The global section as it is: nothing in it may be a function.
fn globals(section: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader::new(section);
    for _ in 0..reader.number()? {
        reader.take(2)?;
        loop {
            match reader.instruction()?.0 {
                wasm::END => break,
                wasm::REF_FUNC => bail!("a global begins as a function, whose number is not mended here"),
                _ => {}
            }
        }
    }
    Ok(section.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrange(module: &[u8]) -> Result<Vec<u8>> {
        Parts::of(module)?.arranged()
    }

    /// Two types: nothing to nothing, and an i32 to nothing.
    const TYPES: (u8, &[u8]) = (1, &[2, 0x60, 0, 0, 0x60, 1, 0x7F, 0]);

    /// A module of sections.
    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut module = wasm::PREAMBLE.to_vec();
        for (number, content) in sections {
            module.extend([*number, content.len() as u8]);
            module.extend(*content);
        }
        module
    }

    #[test]
    fn functions_move_and_what_refers_to_them_follows() {
        // One import (function 0), and two functions: 1 of type 1 reads memory, 2 of type 0 calls all three.
        let before = module(&[
            TYPES,
            (2, &[1, 1, b'a', 1, b'a', 0, 0]),
            (3, &[2, 1, 0]),
            (7, &[2, 1, b'a', 0, 1, 1, b'b', 2, 0]),
            (8, &[2]),
            (9, &[1, 0, 0x41, 0, 0x0B, 2, 1, 2]),
            (10, &[2, 6, 0, 0x28, 2, 8, 0x1A, 0x0B, 8, 0, 0x10, 0, 0x10, 1, 0x10, 2, 0x0B]),
        ]);
        let after = module(&[
            TYPES,
            (2, &[1, 1, b'a', 1, b'a', 0, 0]),
            (3, &[2, 0, 1]),
            (7, &[2, 1, b'a', 0, 2, 1, b'b', 2, 0]),
            (8, &[1]),
            (9, &[1, 0, 0x41, 0, 0x0B, 2, 2, 1]),
            (10, &[2, 0x88, 0, 0, 0x10, 0, 0x10, 2, 0x10, 1, 0x0B, 0x86, 0, 0, 0x28, 0, 8, 0x1A, 0x0B]),
        ]);
        assert_eq!(arrange(&before).expect("well formed"), after);
        assert_eq!(arrange(&after).expect("well formed"), after);
    }

    #[test]
    fn what_nothing_refers_to_is_left_out() {
        // Three imports by their types 2, 1, 2; of four functions only the third is exported, and calls all imports. Its
        // block has the type 3.
        let before = module(&[
            (1, &[4, 0x60, 1, 0x7E, 0, 0x60, 0, 0, 0x60, 1, 0x7F, 0, 0x60, 0, 2, 0x7F, 0x7F]),
            (2, &[3, 1, b'a', 1, b'a', 0, 2, 1, b'a', 1, b'b', 0, 1, 1, b'a', 1, b'c', 0, 2]),
            (3, &[3, 0, 0, 1]),
            (7, &[1, 1, b'a', 0, 5]),
            (
                10,
                &[
                    3, 2, 0, 0x0B, 2, 0, 0x0B, 14, 0, 0x02, 3, 0x0B, 0x10, 0, 0x10, 1, 0x10, 2, 0x02, 0x40,
                    0x0B, 0x0B,
                ],
            ),
        ]);
        let after = module(&[
            (1, &[3, 0x60, 0, 0, 0x60, 1, 0x7F, 0, 0x60, 0, 2, 0x7F, 0x7F]),
            (2, &[3, 1, b'a', 1, b'b', 0, 0, 1, b'a', 1, b'a', 0, 1, 1, b'a', 1, b'c', 0, 1]),
            (3, &[1, 0]),
            (7, &[1, 1, b'a', 0, 3]),
            (10, &[1, 0x8E, 0, 0, 0x02, 2, 0x0B, 0x10, 1, 0x10, 0, 0x10, 2, 0x02, 0x40, 0x0B, 0x0B]),
        ]);
        assert_eq!(arrange(&before).expect("well formed"), after);
    }

    #[test]
    fn what_may_refer_to_functions_otherwise_is_refused() {
        let code: (u8, &[u8]) = (10, &[1, 2, 0, 0x0B]);
        assert!(arrange(&module(&[TYPES, (3, &[1, 0]), code])).is_ok());
        for other in [(6, [1, 0x70, 0, 0xD2, 0, 0x0B]), (9, [1, 1, 0, 1, 0, 0]), (0, [1, b'n', 0, 0, 0, 0])] {
            assert!(
                arrange(&module(&[TYPES, (3, &[1, 0]), (other.0, &other.1), code])).is_err(),
                "{other:?}"
            );
        }
        assert!(arrange(&module(&[TYPES, (3, &[1, 0]), (10, &[1, 4, 0, 0x10, 1, 0x0B])])).is_err());
        assert!(arrange(&module(&[TYPES, (3, &[2, 0, 0]), code])).is_err());
    }
}
