//! Mends calls whose results the compiler reads before it makes the call.
//!
//! With several results a function (the module's ABI, see `module.rs`), LLVM's WebAssembly backend may put a call into the place of the one
//! use of its first result, and read the variable of a later result in front of it: `f().unwrap_or(0)` becomes a selection of
//! whatever the variable held before. Nothing says so, the module is valid, and the standard library has such functions too
//! (`Chars::next`). So every function is followed value by value. Where a call's further result goes into a variable, a value that
//! was read from that variable and still waits is out of date: the selection that takes it is given the new one. Anything else that
//! takes one is refused.

use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result, bail};

/// How many values a function takes and gives.
type Shape = (usize, usize);

/// What the code is within: how many values waited when it began, and its shape.
struct Block {
    height: usize,
    shape: Shape,
}

/// The module with all such selections mended, and how many there were.
///
/// # Errors
/// If something else than a selection takes such a value, or the module is not one that is known here.
pub(crate) fn mended(module: &[u8]) -> Result<(Vec<u8>, usize)> {
    let sections = wasm::sections(module)?;
    // Of each type: what it takes, as it is written.
    let mut takes: Vec<Vec<u8>> = Vec::new();
    let types: Vec<Shape> = Reader::new(wasm::content(&sections, wasm::TYPES))
        .types()?
        .into_iter()
        .map(|written| {
            let mut reader = Reader::new(written.get(1..).unwrap_or_default());
            let count = reader.number()?;
            takes.push(reader.take(count)?.to_vec());
            Ok((count, reader.number()?))
        })
        .collect::<Result<_>>()?;
    let mut functions: Vec<Shape> = Vec::new();
    let mut imports = Reader::new(wasm::content(&sections, wasm::IMPORTS));
    for _ in 0..imports.number()? {
        imports.name()?;
        imports.name()?;
        let start = imports.at;
        imports.import()?;
        let mut import = Reader::new(imports.bytes.get(start..imports.at).unwrap_or_default());
        if import.byte()? == 0 {
            functions.push(*types.get(import.number()?).context("an import has a type")?);
        }
    }
    let own = functions.len();
    let mut kinds = Reader::new(wasm::content(&sections, wasm::FUNCTIONS));
    let mut kinds_of_own = Vec::new();
    for _ in 0..kinds.number()? {
        let kind = kinds.number()?;
        functions.push(*types.get(kind).context("a function has a type")?);
        kinds_of_own.push(kind);
    }
    let names = wasm::function_names(&sections)?;
    let mut count = 0;
    let bodies = wasm::bodies(wasm::content(&sections, wasm::CODE))?;
    let mut code = leb(bodies.len());
    for (nth, body) in bodies.iter().enumerate() {
        let shape = *functions.get(own + nth).context("a body has a function")?;
        let name = || names.iter().find(|(number, _)| *number == own + nth).map_or("?", |(_, name)| name);
        let stale =
            stale(&body.instructions, shape, &types, &functions).with_context(|| format!("in {}", name()))?;
        count += stale.len();
        let parameters = takes.get(*kinds_of_own.get(nth).context("a body has a type")?).context("a type")?;
        let written = if stale.is_empty() { body.written() } else { rewritten(body, parameters, &stale)? };
        code.extend(leb(written.len()));
        code.extend(written);
    }
    let mut mended = wasm::PREAMBLE.to_vec();
    for section in &sections {
        wasm::add_section(
            &mut mended,
            section.number,
            if section.number == wasm::CODE { &code } else { section.content },
        );
    }
    Ok((mended, count))
}

/// A selection that takes a value out of date: its place in the function, whether that is the first of the two it chooses from, and the
/// variable that holds the new one.
struct Stale {
    place: usize,
    is_first: bool,
    variable: usize,
}

/// The function's body with its selections mended. `parameters`: their types.
fn rewritten(body: &wasm::Body<'_>, parameters: &[u8], stale: &[Stale]) -> Result<Vec<u8>> {
    // The types of all variables, and two more for each selection.
    let mut declarations = Reader::new(body.declarations);
    let mut types = parameters.to_vec();
    let groups = declarations.number()?;
    let start = declarations.at;
    for _ in 0..groups {
        let count = declarations.number()?;
        types.extend(std::iter::repeat_n(declarations.byte()?, count));
    }
    let mut written = leb(groups + 2 * stale.len());
    written.extend(body.declarations.get(start..declarations.at).unwrap_or_default());
    for Stale { variable, .. } in stale {
        written.extend([1, 0x7F, 1, *types.get(*variable).context("a variable has a type")?]);
    }
    for (place, (opcode, immediates)) in body.instructions.iter().enumerate() {
        if let Some(nth) = stale.iter().position(|stale| stale.place == place)
            && let Some(Stale { is_first, variable, .. }) = stale.get(nth)
        {
            let (condition, other) = (types.len() + 2 * nth, types.len() + 2 * nth + 1);
            let steps: &[(u8, usize)] = if *is_first {
                &[
                    (0x21, condition),
                    (0x21, other),
                    (0x1A, 0),
                    (0x20, *variable),
                    (0x20, other),
                    (0x20, condition),
                ]
            } else {
                &[(0x21, condition), (0x1A, 0), (0x20, *variable), (0x20, condition)]
            };
            for (opcode, variable) in steps {
                written.push(*opcode);
                if *opcode != 0x1A {
                    written.extend(leb(*variable));
                }
            }
        }
        written.push(*opcode);
        written.extend_from_slice(immediates);
    }
    Ok(written)
}

/// The selections of a function that take a value out of date.
fn stale(
    instructions: &[(u8, &[u8])],
    shape: Shape,
    types: &[Shape],
    functions: &[Shape],
) -> Result<Vec<Stale>> {
    let mut found = Vec::new();
    // Each value that waits, by the variable that it was read from; and whether that has a new value since.
    let mut waiting: Vec<Option<(usize, bool)>> = Vec::new();
    let mut blocks = vec![Block { height: 0, shape: (0, shape.1) }];
    // How many results of the last call may still go into variables, but for the first.
    let mut further = 0_usize;
    for (place, (opcode, immediates)) in instructions.iter().enumerate() {
        let mut reader = Reader::new(immediates);
        let mut is_taken = false;
        let mut shape_of = |count: Shape, waiting: &mut Vec<Option<(usize, bool)>>| {
            is_taken |=
                waiting.drain(waiting.len().saturating_sub(count.0)..).flatten().any(|(_, is_old)| is_old);
            waiting.extend(std::iter::repeat_n(None, count.1));
        };
        let was_further = std::mem::take(&mut further);
        match *opcode {
            0x20 => waiting.push(Some((reader.number()?, false))),
            0x21 => {
                let variable = reader.number()?;
                shape_of((1, 0), &mut waiting);
                if was_further > 0 {
                    further = was_further - 1;
                    for (_, is_old) in waiting.iter_mut().flatten().filter(|(of, _)| *of == variable) {
                        *is_old = true;
                    }
                }
            }
            wasm::CALL | wasm::CALL_INDIRECT => {
                let number = reader.number()?;
                let (takes, gives) = if *opcode == wasm::CALL {
                    *functions.get(number).context("a call has a function")?
                } else {
                    let (takes, gives) = *types.get(number).context("a call has a type")?;
                    (takes + 1, gives)
                };
                shape_of((takes, gives), &mut waiting);
                further = gives.saturating_sub(1);
            }
            0x02..=0x04 => {
                if *opcode == 0x04 {
                    shape_of((1, 0), &mut waiting);
                }
                let shape = match immediates.first() {
                    Some(0x40) => (0, 0),
                    Some(byte) if byte & 0x40 != 0 && byte & 0x80 == 0 => (0, 1),
                    _ => *types.get(reader.number()?).context("a block has a type")?,
                };
                blocks.push(Block { height: waiting.len().saturating_sub(shape.0), shape });
            }
            // `else`, and the end of a block.
            0x05 | wasm::END => {
                let Some(Block { height, shape }) = blocks.last() else { continue };
                waiting.resize(*height, None);
                if *opcode == 0x05 {
                    waiting.extend(std::iter::repeat_n(None, shape.0));
                } else {
                    waiting.extend(std::iter::repeat_n(None, shape.1));
                    blocks.pop();
                }
            }
            // What comes behind these up to the end is not reached.
            wasm::UNREACHABLE | 0x0C | 0x0E | 0x0F => {
                waiting.truncate(blocks.last().map_or(0, |block| block.height));
            }
            // Nothing; a variable's new value that is also the result.
            0x01 | 0x22 => {}
            0x0D | 0x1A | 0x24 => shape_of((1, 0), &mut waiting),
            0x1B | 0x1C => {
                let from = waiting.len().saturating_sub(3);
                for (nth, is_first) in [(from, true), (from + 1, false)] {
                    if let Some(value) = waiting.get_mut(nth)
                        && let Some((variable, true)) = *value
                    {
                        found.push(Stale { place, is_first, variable });
                        *value = None;
                    }
                }
                shape_of((3, 1), &mut waiting);
            }
            0x23 | 0x3F | 0x41..=0x44 | 0xD0 | wasm::REF_FUNC => shape_of((0, 1), &mut waiting),
            0x25
            | 0x28..=0x35
            | 0x40
            | 0x45
            | 0x50
            | 0x67..=0x69
            | 0x79..=0x7B
            | 0x8B..=0x91
            | 0x99..=0x9F
            | 0xA7..=0xC4
            | 0xD1 => shape_of((1, 1), &mut waiting),
            0x26 | 0x36..=0x3E => shape_of((2, 0), &mut waiting),
            0x46..=0x4F | 0x51..=0x66 | 0x6A..=0x78 | 0x7C..=0x8A | 0x92..=0x98 | 0xA0..=0xA6 => {
                shape_of((2, 1), &mut waiting);
            }
            0xFC => match reader.number()? {
                0..=7 => shape_of((1, 1), &mut waiting),
                8 | 10..=12 | 14 => shape_of((3, 0), &mut waiting),
                9 | 13 => {}
                15 => shape_of((2, 1), &mut waiting),
                16 => shape_of((0, 1), &mut waiting),
                17 => shape_of((3, 0), &mut waiting),
                unknown => bail!("the instruction 0xFC {unknown} is not known"),
            },
            unknown => bail!("the instruction {unknown:#04X} is not known"),
        }
        if is_taken {
            bail!("the compiler reads a call's result before the call, and {opcode:#04X} takes it");
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of an import that gives two values, and one function, which takes and gives one.
    fn module(code: &[u8]) -> Vec<u8> {
        let mut module = wasm::PREAMBLE.to_vec();
        wasm::add_section(&mut module, wasm::TYPES, &[2, 0x60, 0, 2, 0x7F, 0x7F, 0x60, 1, 0x7F, 1, 0x7F]);
        wasm::add_section(&mut module, wasm::IMPORTS, &[1, 1, b'a', 1, b'b', 0, 0]);
        wasm::add_section(&mut module, wasm::FUNCTIONS, &[1, 1]);
        let body = [&[0], code, &[wasm::END]].concat();
        wasm::add_section(&mut module, wasm::CODE, &[&[1, body.len() as u8], body.as_slice()].concat());
        module
    }

    /// The code of the mended module's function, with its variables.
    fn code(module: &[u8]) -> Vec<u8> {
        let (mended, _) = mended(module).expect("mended");
        let sections = wasm::sections(&mended).expect("a module");
        let bodies = wasm::bodies(wasm::content(&sections, wasm::CODE)).expect("bodies");
        bodies.first().expect("one").written()
    }

    #[test]
    fn a_selection_is_given_the_result_that_was_read_too_early() {
        // The variable is read, then the call is made whose second result goes into it; chosen was the old value.
        let first = [0x20, 0, 0x41, 9, wasm::CALL, 0, 0x21, 0, 0x1B];
        assert_eq!(mended(&module(&first)).expect("mended").1, 1);
        let expected = [
            0x20,
            0,
            0x41,
            9,
            wasm::CALL,
            0,
            0x21,
            0,
            0x21,
            1,
            0x21,
            2,
            0x1A,
            0x20,
            0,
            0x20,
            2,
            0x20,
            1,
            0x1B,
            wasm::END,
        ];
        assert_eq!(code(&module(&first)), [&[2, 1, 0x7F, 1, 0x7F], expected.as_slice()].concat());
        let second = [0x41, 9, 0x20, 0, wasm::CALL, 0, 0x21, 0, 0x1B];
        let expected =
            [0x41, 9, 0x20, 0, wasm::CALL, 0, 0x21, 0, 0x21, 1, 0x1A, 0x20, 0, 0x20, 1, 0x1B, wasm::END];
        assert_eq!(code(&module(&second)), [&[2, 1, 0x7F, 1, 0x7F], expected.as_slice()].concat());
    }

    #[test]
    fn what_is_read_in_its_time_stays() {
        for fine in [
            vec![wasm::CALL, 0, 0x21, 0, 0x41, 0, 0x20, 0, 0x1B],
            vec![0x20, 0, 0x41, 1, 0x21, 0],
            vec![0x20, 0, 0x1A, wasm::CALL, 0, 0x21, 0],
            vec![0x02, 0x7F, 0x20, 0, 0x0C, 0, wasm::END, 0x1A, wasm::CALL, 0, 0x21, 0],
        ] {
            let module = module(&fine);
            assert_eq!(mended(&module).expect("known"), (module, 0));
        }
    }

    #[test]
    fn what_cannot_be_mended_is_refused() {
        // A sum of the old value and the first result.
        let error = mended(&module(&[0x20, 0, wasm::CALL, 0, 0x21, 0, 0x6A])).expect_err("refused");
        assert!(format!("{error:#}").contains("before the call"), "{error:#}");
    }
}
