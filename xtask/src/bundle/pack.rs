//! The module as the text of a JavaScript string literal, parted into streams that Brotli packs better than the module.
//!
//! In a module's code an opcode stands between numbers of several kinds, and each hides from the compressor what the
//! others have in common. Here the opcodes are one stream, and each kind of number is another; the two commonest kinds
//! (local variables and constants) have a stream for each kind of opcode that *follows*, since what a number is for says
//! most about it. `unpack` in www/loader/unpack.js puts them together again, in one pass. [`unpack`] here does the same,
//! and the build checks both.
//!
//! A stream is text. A number is mostly one letter: UTF-8 writes the usual ones in one byte, and no letter needs an
//! escape, ends the literal, or is altered on the way (line ends; ESC, which switches modes in ISO-2022-JP). Which opcode
//! has which letter is not indifferent: Brotli's model for text sorts letters into some sixteen classes (digits, vowels,
//! brackets; a space, a `%` or a `=` each alone), and the classes of the last two are what it knows of what was before.

use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result, bail};

/// Stands between two streams. No number that is common, and no byte either.
const SEPARATOR: char = '^';

/// Streams that belong to no kind; they have the numbers of those kinds that need no stream.
const TABLE: usize = 0;
const OPCODES: usize = 1;
/// All bytes up to the first function, and from the end of the last one on.
const HEAD: usize = 2;
const TAIL: usize = 3;
const DECLARATIONS: usize = 4;

/// Kinds of opcodes: the first four have no immediates, the number of any other is that of its stream. 0 is the end of
/// the opcodes. Control without immediates:
const PLAIN: usize = 1;
const ARITHMETIC: usize = 2;
const SUM: usize = 3;
/// The last `end` of a function: a kind and a letter of its own, so that nobody has to count blocks.
const LAST_END: usize = 4;
/// Everything that is not below, with its immediates as they are.
const RAW: usize = 5;
/// Memory accesses; their alignment is 0 and is left out.
const LOAD: usize = 6;
const STORE: usize = 7;
const CALL: usize = 8;
const BLOCK: usize = 9;
const BRANCH: usize = 10;
const GLOBAL: usize = 11;
const LOCAL: usize = 12;
const CONSTANT: usize = 13;
/// How many kinds there are.
const KINDS: usize = 14;
/// How many streams there are.
const STREAMS: usize = 3 * KINDS;

/// Stands for the last `end` of a function where opcodes are listed; it is none.
const LAST: u8 = 0xFF;
/// The first letter of an opcode.
const FIRST: u32 = 0x20;
/// The opcodes in the order of their letters: those from the space to `~` that are not unfit. Found by trial on this
/// module: any order is right, and a chance one is up to two hundred bytes larger. Opcodes that are not here get letters
/// from U+0080 on.
#[rustfmt::skip]
const ORDER: [u8; 92] = [
    0x41, 0x7F, 0x3B, 0x4B, 0x28, 0xB9, 0x6A, 0xAD, 0x7D, 0x73, 0x71, 0xA7, 0x31, 0x7C, 0x57, 0x81,
    0x05, 0x36, 0x0D, 0x52, 0x86, 0x59, 0x25, 0x83, 0x24, 0x35, 0x72, 0x43, 0x85, 0x2B, 0x56, 0x6B,
    0x6C, 0x54, 0x00, 0x0F, 0x11, 0x26, 0x46, 0x76, 0x02, 0x88, 0x2A, 0x6E, 0x48, 0x75, 0x78, 0x53,
    0x4D, 0x45, 0x10, 0x20, 0xFF, 0x95, 0x4F, 0x47, 0x1A, 0x84, 0x23, 0x74, 0x42, 0x2C, 0xFC, 0x89,
    0x92, 0x3A, 0x39, 0x03, 0x49, 0x29, 0x1B, 0x0C, 0xAC, 0x50, 0x77, 0x87, 0xD0, 0x04, 0xC0, 0x7E,
    0x2D, 0x4A, 0x37, 0x7A, 0x0E, 0x0B, 0xB8, 0x22, 0x51, 0x4E, 0x21, 0x6D,
];

/// A number's letter is this far above it.
const NUMBER: u32 = 35;
/// Says that the number is in the raw stream.
const ESCAPE: char = ' ';
/// The numbers that have a letter of their own end here.
const NUMBERS: u32 = 0x6C0;
/// Addresses of data have letters from U+0800 on, of three bytes. The stack ends where they begin.
const DATA: u32 = 0x10_0000;
const DATA_LETTER: u32 = 0x800;
const DATA_END: u32 = DATA + 0x8000;
/// The letters of local variables are spread by a step of 2, so that neighbours are in different classes; there are so
/// many. The loader undoes it by a step of 29: twice that is one more than 57.
const LOCALS: u32 = 57;
/// In a run of bytes, one that is unfit is so far up, and the last one of the run so far.
const MOVED: u32 = 0x100;
const LAST_OF_RUN: u32 = 0x400;

/// What cannot stand in a stream as it is.
fn is_unfit(letter: u32) -> bool {
    matches!(letter, 0x00 | 0x0A | 0x0D | 0x1B | 0x22 | 0x5C | 0x2028 | 0x2029) || letter == SEPARATOR as u32
}

/// An opcode's kind.
fn kind(opcode: u8) -> usize {
    match opcode {
        LAST => LAST_END,
        0x02..=0x04 => BLOCK,
        0x0C | 0x0D => BRANCH,
        wasm::CALL => CALL,
        0x20..=0x22 => LOCAL,
        0x23 | 0x24 => GLOBAL,
        0x28..=0x35 => LOAD,
        0x36..=0x3E => STORE,
        wasm::I32_CONST => CONSTANT,
        0x6A | 0x6B => SUM,
        0x45..=0xC4 => ARITHMETIC,
        0x00 | 0x01 | 0x05 | wasm::END | 0x0F | 0x1A | 0x1B | 0xD1 => PLAIN,
        _ => RAW,
    }
}

/// The stream for the numbers of one kind of opcode before another.
fn stream_of(kind: usize, next: usize) -> usize {
    match kind {
        LOCAL => KINDS + next,
        CONSTANT => 2 * KINDS + next,
        _ => kind,
    }
}

/// The text of the literal for a module as [`super::arrange`] writes it.
///
/// # Errors
/// If the module is not one, or what comes out again is not the same: then it is not arranged.
pub(crate) fn pack(module: &[u8]) -> Result<String> {
    let (head, bodies, tail) = parted(module)?;
    let letters = letters(&bodies)?;
    let mut streams = vec![String::new(); STREAMS];
    add_entries(stream(&mut streams, TABLE)?, &letters);
    add_run(stream(&mut streams, HEAD)?, head)?;
    add_run(stream(&mut streams, TAIL)?, tail)?;
    for body in &bodies {
        add_run(stream(&mut streams, DECLARATIONS)?, body.declarations)?;
        let opcodes = named(body);
        for (nth, (opcode, (_, immediates))) in opcodes.iter().zip(&body.instructions).enumerate() {
            let (_, letter) =
                letters.iter().find(|(of, _)| of == opcode).context("an opcode has a letter")?;
            stream(&mut streams, OPCODES)?.push(*letter);
            // Behind the last `end` there is none, and that one has no number.
            let next = opcodes.get(nth + 1).map_or(PLAIN, |next| kind(*next));
            add_immediates(&mut streams, kind(*opcode), next, immediates)?;
        }
    }
    let text = streams.join(&String::from(SEPARATOR));
    if unpack(&text).as_deref() != Some(module) {
        bail!("the packed module does not give the module again: is it not arranged?");
    }
    Ok(text)
}

/// All bytes before the first function, the functions, and all bytes behind the last one.
fn parted(module: &[u8]) -> Result<(&[u8], Vec<wasm::Body<'_>>, &[u8])> {
    let sections = wasm::sections(module)?;
    let code =
        sections.iter().find(|section| section.number == wasm::CODE).context("the module has no code")?;
    let bodies = wasm::bodies(code.content)?;
    let (head, _) = module.split_at(code.start + leb(bodies.len()).len());
    let tail = module.get(code.start + code.content.len()..).unwrap_or_default();
    Ok((head, bodies, tail))
}

/// The opcodes of a function, the last of them by its own name.
fn named(body: &wasm::Body<'_>) -> Vec<u8> {
    let mut opcodes: Vec<u8> = body.instructions.iter().map(|(opcode, _)| *opcode).collect();
    if let Some(last) = opcodes.last_mut() {
        *last = LAST;
    }
    opcodes
}

/// The letters of all opcodes, and more for those that the functions use besides.
fn letters(bodies: &[wasm::Body<'_>]) -> Result<Vec<(u8, char)>> {
    let usual = (FIRST..0x7F).filter(|letter| !is_unfit(*letter)).filter_map(char::from_u32);
    let mut letters: Vec<(u8, char)> = ORDER.into_iter().zip(usual).collect();
    let mut more = '\u{80}'..='\u{ff}';
    for opcode in 0..LAST {
        let used = bodies.iter().any(|body| body.instructions.iter().any(|(used, _)| *used == opcode));
        if used && letters.iter().all(|(of, _)| *of != opcode) {
            letters.push((opcode, more.next().context("more opcodes than letters")?));
        }
    }
    Ok(letters)
}

fn stream(streams: &mut [String], number: usize) -> Result<&mut String> {
    streams.get_mut(number).context("streams are numbered from 0")
}

/// Adds the table that the loader reads: for each letter the opcode's kind, above its byte. A letter of no opcode has an
/// entry of no kind; so has the mark between streams, by which the loader sees the end of the opcodes.
fn add_entries(stream: &mut String, letters: &[(u8, char)]) {
    let last = letters.iter().map(|(_, letter)| u32::from(*letter)).max().unwrap_or_default();
    for letter in FIRST..=last {
        let entry = letters.iter().find(|(_, of)| u32::from(*of) == letter).and_then(|(opcode, _)| {
            let byte = if *opcode == LAST { wasm::END } else { *opcode };
            char::from_u32((kind(*opcode) as u32) << 8 | u32::from(byte))
        });
        stream.push(entry.unwrap_or(' '));
    }
}

/// Adds an instruction's immediates, to the stream of its kind or as raw bytes.
fn add_immediates(streams: &mut [String], kind: usize, next: usize, immediates: &[u8]) -> Result<()> {
    let bytes = match kind {
        PLAIN | ARITHMETIC | SUM | LAST_END => return Ok(()),
        RAW => return add_run(stream(streams, RAW)?, immediates),
        LOAD | STORE => immediates.get(1..).context("a memory access has two numbers")?,
        _ => immediates,
    };
    let letter = number_letter(kind, bytes);
    stream(streams, stream_of(kind, next))?.push(letter.unwrap_or(ESCAPE));
    if letter.is_none() { add_run(stream(streams, RAW)?, bytes) } else { Ok(()) }
}

/// The letter of a number, if there is one for which the loader writes the very same bytes.
fn number_letter(kind: usize, bytes: &[u8]) -> Option<char> {
    let value = u32::try_from(Reader::new(bytes).number().ok()?).ok()?;
    let letter = match value {
        _ if kind == LOCAL && value < LOCALS => (2 * value + 46) % LOCALS + NUMBER,
        _ if kind == LOCAL => return None,
        ..NUMBERS => value + NUMBER,
        DATA..DATA_END => value - DATA + DATA_LETTER,
        _ => return None,
    };
    let mut written = Vec::new();
    write_number(&mut written, kind, letter);
    char::from_u32(letter).filter(|_| written == bytes && !is_unfit(letter))
}

/// Adds a run of bytes.
fn add_run(stream: &mut String, bytes: &[u8]) -> Result<()> {
    let (last, others) = bytes.split_last().context("a run has a last byte")?;
    for byte in others.iter().map(|byte| u32::from(*byte)) {
        stream.extend(char::from_u32(if is_unfit(byte) { byte + MOVED } else { byte }));
    }
    stream.extend(char::from_u32(u32::from(*last) + LAST_OF_RUN));
    Ok(())
}

/// The streams, each with what of it has not been read.
struct Streams(Vec<std::vec::IntoIter<u32>>);

impl Streams {
    fn new(text: &str) -> Streams {
        let letters = |stream: &str| stream.chars().map(u32::from).collect::<Vec<u32>>().into_iter();
        Streams(text.split(SEPARATOR).map(letters).collect())
    }

    fn letter(&mut self, stream: usize) -> Option<u32> {
        self.0.get_mut(stream)?.next()
    }

    /// The next opcode's entry in the table.
    fn entry(&mut self) -> Option<u32> {
        let place = self.letter(OPCODES)?.checked_sub(FIRST)?;
        self.0.get(TABLE)?.as_slice().get(usize::try_from(place).ok()?).copied()
    }

    /// Reads a run of bytes.
    fn copy(&mut self, stream: usize, bytes: &mut Vec<u8>) -> Option<()> {
        loop {
            let letter = self.letter(stream)?;
            bytes.push(letter as u8);
            if letter >= LAST_OF_RUN {
                return Some(());
            }
        }
    }
}

/// The module again, step for step as www/loader/unpack.js makes it; `None` where that would read past the end of a
/// stream.
fn unpack(text: &str) -> Option<Vec<u8>> {
    let mut streams = Streams::new(text);
    let mut bytes = Vec::new();
    streams.copy(HEAD, &mut bytes)?;
    let mut begin = 0;
    let mut next = streams.entry();
    while let Some(entry) = next {
        if begin == 0 {
            bytes.extend([0, 0]);
            begin = bytes.len();
            streams.copy(DECLARATIONS, &mut bytes)?;
        }
        next = streams.entry();
        bytes.push(entry as u8);
        let kind = usize::try_from(entry >> 8).ok()?;
        if kind == LOAD || kind == STORE {
            bytes.push(0);
        }
        if kind == LAST_END {
            let length = bytes.len() - begin;
            *bytes.get_mut(begin - 2)? = length as u8 | 0x80;
            *bytes.get_mut(begin - 1)? = (length >> 7) as u8;
            begin = 0;
        } else if kind > LAST_END {
            let stream = stream_of(kind, usize::try_from(next.unwrap_or_default() >> 8).ok()?);
            let letter = if kind == RAW { 0 } else { streams.letter(stream)? };
            if letter < NUMBER {
                streams.copy(RAW, &mut bytes)?;
            } else {
                write_number(&mut bytes, kind, letter);
            }
        }
    }
    streams.copy(TAIL, &mut bytes)?;
    Some(bytes)
}

/// Writes the number that a letter stands for, as LEB128; constants are signed.
fn write_number(bytes: &mut Vec<u8>, kind: usize, letter: u32) {
    let mut number = match letter {
        _ if kind == LOCAL => (letter * 29 + 45) % LOCALS,
        ..DATA_LETTER => letter.saturating_sub(NUMBER),
        _ => letter - DATA_LETTER + DATA,
    };
    while number >= if kind == CONSTANT { 64 } else { 128 } {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// By this the loader sees whether the letters arrived whole: the sum of all sums from the first letter up to another one,
/// to which every letter adds as often as its place says; of that the lowest 28 bits. It has no remainders, which would
/// cost the loader more than the additions.
pub(crate) fn checksum(text: &str) -> u32 {
    let (_, sums) = text.encode_utf16().fold((0_u32, 0_u32), |(sum, sums), letter| {
        let sum = sum.wrapping_add(u32::from(letter));
        (sum, sums.wrapping_add(sum))
    });
    sums & 0x0FFF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::arrange::Parts;

    /// A module of these functions' instructions, each without its `end`, and of a data section that holds all bytes.
    fn module(functions: &[&[u8]]) -> Vec<u8> {
        let count = functions.len();
        let mut sections = vec![
            (wasm::TYPES, vec![2, 0x60, 0, 0, 0x60, 0, 0]),
            (wasm::FUNCTIONS, [leb(count), vec![0; count]].concat()),
        ];
        let all = (0..count).flat_map(leb);
        sections.push((
            wasm::ELEMENTS,
            [1, 0, wasm::I32_CONST, 0, wasm::END].into_iter().chain(leb(count)).chain(all).collect(),
        ));
        let mut code = leb(count);
        for body in functions {
            code.extend(leb(body.len() + 4));
            code.extend([1, 2, 0x7F]);
            code.extend_from_slice(body);
            code.push(wasm::END);
        }
        sections.push((wasm::CODE, code));
        let all: Vec<u8> = (0..=255).collect();
        sections.push((11, [[1, 0, 0x41, 0, wasm::END].as_slice(), &leb(256), &all].concat()));
        let mut module = wasm::PREAMBLE.to_vec();
        for (number, content) in sections {
            module.push(number);
            module.extend(leb(content.len()));
            module.extend(content);
        }
        Parts::of(&module).and_then(Parts::arranged).expect("well formed")
    }

    fn survives(functions: &[&[u8]]) -> String {
        let module = module(functions);
        let text = pack(&module).expect("well formed");
        assert_eq!(unpack(&text), Some(module));
        assert!(!text.chars().any(|letter| letter != SEPARATOR && is_unfit(u32::from(letter))), "{text:?}");
        text
    }

    #[test]
    fn every_kind_of_instruction_survives() {
        survives(&[
            &[],
            // Blocks, branches, a table of them, calls.
            &[0x02, 0x40, 0x03, 0x7F, 0x04, 0x01, 0x0C, 1, 0x05, 0x0D, 0, 0x0B, 0x0E, 2, 0, 1, 0, 0x0B, 0x0B],
            &[0x10, 0, 0x10, 2, 0x11, 0, 0, 0x1C, 1, 0x7F, 0xD0, 0x70, 0xD2, 1, 0x1A],
            // Variables, memory, tables.
            &[0x20, 0, 0x21, 1, 0x22, 0x90, 1, 0x23, 0, 0x24, 3, 0x25, 0, 0x26, 0, 0x3F, 0, 0x40, 0],
            &[0x28, 2, 0x10, 0x37, 3, 0x88, 0xFF, 0x3F, 0x2D, 0, 0x83, 0x80, 0xC0, 0],
            // Floats, 64 bits, the second page of opcodes.
            &[0x43, 0, 10, 34, 92, 0x44, 1, 2, 3, 4, 5, 6, 7, 94, 0x42, 0x80, 0x80, 0x80, 0x80, 0x10, 0xA7],
            &[0xFC, 10, 0, 0, 0xFC, 3, 0xFC, 11, 0, 0xFC, 8, 1, 0, 0xFC, 17, 0],
        ]);
    }

    #[test]
    fn every_constant_and_every_variable_survives() {
        let signed = |value: i64| {
            let (mut bytes, mut rest) = (vec![wasm::I32_CONST], value);
            loop {
                let byte = (rest & 0x7F) as u8;
                rest >>= 7;
                if rest == if byte & 0x40 == 0 { 0 } else { -1 } {
                    bytes.push(byte);
                    return bytes;
                }
                bytes.push(byte | 0x80);
            }
        };
        let data = i64::from(DATA);
        let some = (-130..2100).chain(data - 2..data + 300).chain(data + 0x1800..data + 0x1900);
        let edges = [i64::from(i32::MIN), i64::from(i32::MAX), 0x7FFF, 0xFFFF, data + 0x7FFF, data + 0x8000];
        for value in some.chain(edges) {
            let read = |opcode: u8, value: i64| [vec![opcode], leb(value.max(0) as usize)].concat();
            survives(&[
                &[signed(value), read(0x20, value), vec![0x28, 0], leb(value.max(0) as usize)].concat()
            ]);
        }
    }

    #[test]
    fn every_opcode_and_every_pair_of_bytes_survives() {
        let plain: Vec<u8> = (0x45..=0xC4).chain([0x00, 0x01, 0x05, 0x0F, 0x1A, 0x1B]).collect();
        survives(&[&plain]);
        for first in 0..=255 {
            let pairs: Vec<u8> = (0..=255).flat_map(|second| [0x43, first, second, 0, second]).collect();
            survives(&[&pairs]);
        }
    }

    #[test]
    fn common_numbers_are_one_letter_and_are_sorted_by_what_follows() {
        let text = survives(&[&[0x41, 5, 0x41, 6, 0x6A, 0x20, 0, 0x41, 7, 0x6A]]);
        let streams: Vec<&str> = text.split(SEPARATOR).collect();
        assert_eq!(streams.len(), STREAMS);
        assert_eq!(streams.get(stream_of(CONSTANT, CONSTANT)), Some(&"("));
        assert_eq!(streams.get(stream_of(CONSTANT, SUM)), Some(&")*"));
        assert_eq!(streams.get(stream_of(LOCAL, CONSTANT)), Some(&"Q"));
    }

    #[test]
    fn a_module_that_is_not_arranged_is_refused() {
        let arranged = module(&[&[0x28, 0, 0]]);
        assert!(pack(&arranged).is_ok());
        let mut aligned = arranged.clone();
        let access = aligned.windows(3).position(|bytes| bytes == [0x28, 0, 0]).expect("the access");
        *aligned.get_mut(access + 1).expect("the alignment") = 2;
        assert!(pack(&aligned).is_err());
        assert!(pack(wasm::PREAMBLE).is_err());
        assert!(pack(arranged.get(1..).expect("bytes")).is_err());
    }

    #[test]
    fn a_text_that_is_cut_short_gives_nothing() {
        let text = survives(&[&[0x41, 5, 0x1A]]);
        let used = text.trim_end_matches(SEPARATOR);
        for (end, letter) in used.char_indices().filter(|(_, letter)| *letter != SEPARATOR) {
            assert_eq!(unpack(used.get(..end).expect("a boundary")), None, "before {letter:?} at {end}");
        }
    }

    #[test]
    fn the_usual_opcodes_are_listed_once() {
        let listed: std::collections::BTreeSet<u8> = ORDER.into_iter().collect();
        assert_eq!(listed.len(), ORDER.len());
        let letters = (FIRST..0x7F).filter(|letter| !is_unfit(*letter));
        assert_eq!(letters.count(), ORDER.len());
        assert!((0..LOCALS).all(|local| !is_unfit((2 * local + 46) % LOCALS + NUMBER)));
    }

    #[test]
    fn checksums_tell_letters_and_their_places() {
        assert_eq!(checksum(""), 0);
        assert_eq!(checksum("\u{1}\u{100}\u{10}"), 3 + 2 * 0x100 + 0x10);
        for damaged in ["ba^\u{101}", "ab\u{101}^", "ab^\u{c4}\u{81}", "ab^?", "ab^", "ab^\u{101}\0"] {
            assert_ne!(checksum(damaged), checksum("ab^\u{101}"), "{damaged}");
        }
        // What exceeds 28 bits is left out, at once or at last.
        assert_eq!(
            checksum(&"\u{ffff}".repeat(100_000)),
            ((0xFFFF * 5_000_050_000_u64) & 0x0FFF_FFFF) as u32
        );
    }
}
