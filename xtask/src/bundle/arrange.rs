//! The module in the order in which it packs best: the same functions and instructions, written another way.
//!
//! Functions of one type stand together, and those that end alike side by side: what follows what is then the same for
//! longer. Alignments are hints that no engine needs, so all are zero. A function's length has two bytes whatever it is,
//! so that the loader can write it behind the function's back.

use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result, bail};

/// Writes the module anew.
///
/// # Errors
/// If it refers to its functions in a way that is not known here: a reference that keeps its old number is another
/// function.
pub(crate) fn arrange(module: &[u8]) -> Result<Vec<u8>> {
    let sections = wasm::sections(module)?;
    let section = |wanted: u8| {
        sections
            .iter()
            .find(|section| section.number == wanted)
            .map(|section| section.content)
            .unwrap_or_default()
    };
    let types = numbers(section(wasm::FUNCTIONS))?;
    let bodies = wasm::bodies(section(wasm::CODE))?;
    if types.len() != bodies.len() {
        bail!("{} functions have types, {} have bodies", types.len(), bodies.len());
    }

    // Which function comes when. By type, then by the opcodes from the last to the first.
    let mut order: Vec<(usize, usize, Vec<u8>)> = Vec::new();
    for (nth, (kind, body)) in types.iter().zip(&bodies).enumerate() {
        order.push((nth, *kind, body.instructions.iter().rev().map(|(opcode, _)| *opcode).collect()));
    }
    order.sort_by(|(a, a_kind, a_ops), (b, b_kind, b_ops)| (a_kind, a_ops, a).cmp(&(b_kind, b_ops, b)));
    let imports = imported_functions(section(wasm::IMPORTS))?;
    let mut moved: Vec<usize> = (0..imports + bodies.len()).collect();
    for (place, (nth, _, _)) in order.iter().enumerate() {
        *moved.get_mut(imports + nth).context("a function has a number")? = imports + place;
    }

    let mut arranged = wasm::PREAMBLE.to_vec();
    for wasm::Section { number, content, .. } in &sections {
        let content = match *number {
            wasm::FUNCTIONS => {
                let mut section = leb(order.len());
                section.extend(order.iter().flat_map(|(_, kind, _)| leb(*kind)));
                section
            }
            wasm::EXPORTS => exports(content, &moved)?,
            wasm::START => function(&mut Reader::new(content), &moved)?,
            wasm::ELEMENTS => elements(content, &moved)?,
            wasm::CODE => {
                let mut section = leb(order.len());
                for (nth, _, _) in &order {
                    let body = bodies.get(*nth).context("a function has a body")?;
                    section.extend(written(body, &moved)?);
                }
                section
            }
            wasm::GLOBALS => globals(content)?,
            0 => bail!("a custom section, which may name functions by number: strip it"),
            _ => content.to_vec(),
        };
        wasm::add_section(&mut arranged, *number, &content);
    }
    Ok(arranged)
}

/// A function's body with its length.
fn written(body: &wasm::Body<'_>, moved: &[usize]) -> Result<Vec<u8>> {
    let mut bytes = body.declarations.to_vec();
    for (opcode, immediates) in &body.instructions {
        bytes.push(*opcode);
        let mut reader = Reader::new(immediates);
        match *opcode {
            wasm::CALL | wasm::REF_FUNC => bytes.extend(function(&mut reader, moved)?),
            0x28..=0x3E => {
                if reader.number()? > 4 {
                    bail!("a memory access of more than an alignment");
                }
                bytes.push(0);
                bytes.extend_from_slice(immediates.get(reader.at..).unwrap_or_default());
            }
            _ => bytes.extend_from_slice(immediates),
        }
    }
    if bytes.len() >= 1 << 14 {
        bail!("a function of {} bytes, whose length two bytes cannot hold", bytes.len());
    }
    let mut written = vec![(bytes.len() & 0x7F) as u8 | 0x80, (bytes.len() >> 7) as u8];
    written.extend(bytes);
    Ok(written)
}

/// Reads a function's number and writes the new one.
fn function(reader: &mut Reader<'_>, moved: &[usize]) -> Result<Vec<u8>> {
    let number = reader.number()?;
    Ok(leb(*moved.get(number).with_context(|| format!("there is no function {number}"))?))
}

/// A vector of numbers.
fn numbers(section: &[u8]) -> Result<Vec<usize>> {
    let mut reader = Reader::new(section);
    (0..reader.number()?).map(|_| reader.number()).collect()
}

/// How many functions are imported. `names.rs` has seen to it that nothing else is.
fn imported_functions(section: &[u8]) -> Result<usize> {
    if section.is_empty() { Ok(0) } else { Reader::new(section).number() }
}

fn exports(section: &[u8], moved: &[usize]) -> Result<Vec<u8>> {
    let mut reader = Reader::new(section);
    let count = reader.number()?;
    let mut exports = leb(count);
    for _ in 0..count {
        wasm::add_name(&mut exports, reader.name()?);
        let kind = reader.byte()?;
        exports.push(kind);
        exports.extend(if kind == 0 { function(&mut reader, moved)? } else { leb(reader.number()?) });
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

/// The element section, whose segments list functions by number.
fn elements(section: &[u8], moved: &[usize]) -> Result<Vec<u8>> {
    let mut reader = Reader::new(section);
    let count = reader.number()?;
    let mut elements = leb(count);
    for _ in 0..count {
        let start = reader.at;
        if reader.number()? != 0 {
            bail!("only active segments of the first table are known");
        }
        while reader.instruction()?.0 != wasm::END {}
        let functions = reader.number()?;
        elements
            .extend_from_slice(section.get(start..reader.at).context("a segment ends within its section")?);
        for _ in 0..functions {
            elements.extend(function(&mut reader, moved)?);
        }
    }
    if !reader.is_at_end() {
        bail!("the element section was not read to its end");
    }
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (2, &[1, 1, b'a', 1, b'a', 0, 0]),
            (3, &[2, 1, 0]),
            (7, &[2, 1, b'a', 0, 1, 1, b'b', 2, 0]),
            (8, &[2]),
            (9, &[1, 0, 0x41, 0, 0x0B, 2, 1, 2]),
            (10, &[2, 6, 0, 0x28, 2, 8, 0x1A, 0x0B, 8, 0, 0x10, 0, 0x10, 1, 0x10, 2, 0x0B]),
        ]);
        let after = module(&[
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
    fn what_may_refer_to_functions_otherwise_is_refused() {
        let code: (u8, &[u8]) = (10, &[1, 2, 0, 0x0B]);
        assert!(arrange(&module(&[(3, &[1, 0]), code])).is_ok());
        for other in [(6, [1, 0x70, 0, 0xD2, 0, 0x0B]), (9, [1, 1, 0, 1, 0, 0]), (0, [1, b'n', 0, 0, 0, 0])] {
            assert!(arrange(&module(&[(3, &[1, 0]), (other.0, &other.1), code])).is_err(), "{other:?}");
        }
        assert!(arrange(&module(&[(3, &[1, 0]), (10, &[1, 4, 0, 0x10, 1, 0x0B])])).is_err());
        assert!(arrange(&module(&[(3, &[2, 0, 0]), code])).is_err());
    }
}
