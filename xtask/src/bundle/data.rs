//! Which of the module's data only a further piece reads, so that it comes with that piece.
//!
//! A module does not say who reads what, but the linker can be told to leave each thing of the data (a text, a table) a segment of its own:
//! so it is known where they begin and end. Whoever has a number within one in the code (a constant, half of a wide one, what is added to the address of
//! an access) may read it, and whoever reads one may read what its words name. What one piece alone may read is zero in the first piece, and written by that
//! piece when it is made. A table that is counted from one, or from a letter, may be named by a number in front of it: it then seems to be
//! read by nobody, and stays.

use super::arrange::Parts;
use super::trim::{Segment, segments, word};
use super::wasm::{self, leb};
use anyhow::{Context as _, Result};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

/// Fewer bytes than this are not worth a segment of their own.
const WORTH: usize = 8;

/// Up to so many bytes between two things of the data are there to align the second.
const GAP: usize = 16;

/// The module with segments that lie beside each other as one, and where each thing of its data lies in memory.
///
/// # Errors
/// If the data is not of the kind that is known here.
pub(crate) fn merged(module: &[u8]) -> Result<(Vec<u8>, Vec<Range<usize>>)> {
    let sections = wasm::sections(module)?;
    let Some(section) = sections.iter().find(|section| section.number == wasm::DATA) else {
        return Ok((module.to_vec(), Vec::new()));
    };
    let mut things: Vec<(usize, &[u8])> = Vec::new();
    for Segment { place, length, address } in segments(section)? {
        things.push((address, module.get(place..place + length).context("data lies in the module")?));
    }
    things.sort_by_key(|(address, _)| *address);
    let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
    for (address, bytes) in &things {
        match runs.last_mut() {
            Some((start, run)) if *start + run.len() + GAP >= *address && *start + run.len() <= *address => {
                run.resize(address - *start, 0);
                run.extend_from_slice(bytes);
            }
            _ => runs.push((*address, bytes.to_vec())),
        }
    }
    let data = written(&runs);
    let mut merged = wasm::PREAMBLE.to_vec();
    for section in &sections {
        let content = match section.number {
            wasm::DATA => data.clone(),
            wasm::DATA_COUNT => leb(runs.len()),
            _ => section.content.to_vec(),
        };
        wasm::add_section(&mut merged, section.number, &content);
    }
    Ok((merged, things.iter().map(|(address, bytes)| *address..address + bytes.len()).collect()))
}

/// A data section.
fn written(runs: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut written = leb(runs.len());
    for (start, bytes) in runs {
        written.extend([0, wasm::I32_CONST]);
        written.extend(super::split::signed(*start));
        written.push(wasm::END);
        written.extend(leb(bytes.len()));
        written.extend(bytes);
    }
    written
}

/// The data section of the first piece, and those of the others.
pub(crate) struct Parted<const N: usize> {
    pub first: Vec<u8>,
    pub others: [Vec<u8>; N],
}

/// Parts the data of a module of which the others have the functions of these numbers, and the first those that `stay`; `things`: where
/// each thing of the data lies.
///
/// # Errors
/// If the data is not of the kind that is known here.
pub(crate) fn parted<const N: usize>(
    parts: &Parts<'_>,
    things: &[Range<usize>],
    stay: &BTreeSet<usize>,
    others: &[BTreeSet<usize>; N],
) -> Result<Parted<N>> {
    let section = parts.sections.iter().find(|(number, _)| *number == wasm::DATA);
    let Some((_, content)) = section else {
        return Ok(Parted { first: vec![0], others: std::array::from_fn(|_| vec![0]) });
    };
    let segments = segments(&wasm::Section { number: wasm::DATA, content, start: 0 })?;
    // Where a thing's bytes stand in the section, if they all do.
    let place = |thing: &Range<usize>| {
        let segment = segments.iter().find(|segment| {
            segment.address <= thing.start && thing.end <= segment.address + segment.length
        })?;
        let start = segment.place + thing.start - segment.address;
        Some(start..start + thing.len())
    };
    let at = |number: usize| things.iter().position(|thing| thing.contains(&number));

    // Who may read each thing: a bit for the first piece, then one for each other.
    let mut readers = vec![0_u32; things.len()];
    for function in &parts.functions {
        let mut these = u32::from(stay.contains(&function.number));
        for (nth, piece) in others.iter().enumerate() {
            these |= u32::from(piece.contains(&function.number)) << (nth + 1);
        }
        for (opcode, immediates) in &function.body.instructions {
            for number in wasm::addresses(*opcode, immediates)? {
                if let Some(known) = at(number).and_then(|thing| readers.get_mut(thing)) {
                    *known |= these;
                }
            }
        }
    }
    // What the data names is read by whoever reads the data.
    let mut names = Vec::new();
    for (nth, thing) in things.iter().enumerate() {
        let Some(place) = place(thing) else { continue };
        let aligned = thing.start.next_multiple_of(4) - thing.start;
        for offset in (aligned..thing.len().saturating_sub(3)).step_by(4) {
            names.extend(word(content, place.start + offset).and_then(at).map(|named| (nth, named)));
        }
    }
    loop {
        let before = readers.clone();
        for (from, to) in &names {
            let these = before.get(*from).copied().unwrap_or(0);
            if let Some(known) = readers.get_mut(*to) {
                *known |= these;
            }
        }
        if readers == before {
            break;
        }
    }

    let mut first = content.to_vec();
    let mut moved: [Vec<(usize, Vec<u8>)>; N] = std::array::from_fn(|_| Vec::new());
    let mut last = [usize::MAX; N];
    for (nth, (thing, these)) in things.iter().zip(&readers).enumerate() {
        let piece = (0..N).find(|piece| *these == 1 << (piece + 1));
        let Some(piece) = piece else { continue };
        let (Some(moved), Some(last), Some(place)) =
            (moved.get_mut(piece), last.get_mut(piece), place(thing))
        else {
            continue;
        };
        let bytes = content.get(place).context("data within its section")?;
        match moved.last_mut() {
            // What aligns the next thing is nobody's.
            Some((start, run)) if *last + 1 == nth && *start + run.len() + GAP > thing.start => {
                run.resize(thing.start - *start, 0);
                run.extend_from_slice(bytes);
            }
            _ => moved.push((thing.start, bytes.to_vec())),
        }
        *last = nth;
    }
    for moved in &mut moved {
        moved.retain(|(_, bytes)| bytes.len() >= WORTH);
        for (start, bytes) in moved {
            let place = place(&(*start..*start + bytes.len())).context("a run within its segment")?;
            first.get_mut(place).context("data within its section")?.fill(0);
        }
    }
    Ok(Parted { first, others: moved.map(|moved| written(&moved)) })
}

/// Puts a content in the place of a section's.
pub(crate) fn replace(sections: &mut [(u8, Cow<'_, [u8]>)], number: u8, content: Vec<u8>) {
    for (known, old) in sections {
        if *known == number {
            *old = Cow::Owned(content);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Two functions that take nothing: the first names the addresses of `ours`, the second those of `theirs`; and data from 1024 on.
    fn module(ours: &[usize], theirs: &[usize], data: &[u8]) -> Vec<u8> {
        let body = |addresses: &[usize]| {
            let mut code = vec![0];
            for address in addresses {
                code.push(wasm::I32_CONST);
                code.extend(super::super::split::signed(*address));
                code.push(0x1A);
            }
            code.push(wasm::END);
            [leb(code.len()), code].concat()
        };
        let mut module = wasm::PREAMBLE.to_vec();
        wasm::add_section(&mut module, wasm::TYPES, &[1, 0x60, 0, 0]);
        wasm::add_section(&mut module, wasm::FUNCTIONS, &[2, 0, 0]);
        wasm::add_section(&mut module, wasm::CODE, &[vec![2], body(ours), body(theirs)].concat());
        let section =
            [&[1, 0, wasm::I32_CONST, 0x80, 8, wasm::END], leb(data.len()).as_slice(), data].concat();
        wasm::add_section(&mut module, wasm::DATA, &section);
        module
    }

    /// Where the things of [`DATA`] lie.
    const THINGS: [Range<usize>; 4] = [1024..1032, 1032..1040, 1040..1048, 1048..1056];

    /// What is left of the data, and the segments of the other piece.
    fn left(ours: &[usize], theirs: &[usize], data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let module = module(ours, theirs, data);
        let parts = Parts::of(&module).expect("well formed");
        let Parted { first, others: [other] } =
            parted(&parts, &THINGS, &BTreeSet::from([0]), &[BTreeSet::from([1])]).expect("known");
        (first[first.len() - data.len()..].to_vec(), other)
    }

    const DATA: &[u8] = b"ours....theirs1.theirs2.shared..";

    #[test]
    fn what_one_piece_alone_names_leaves_with_it() {
        // By any number within it.
        let (first, other) = left(&[1024, 1048], &[1034, 1040, 1048], DATA);
        assert_eq!(first, b"ours....\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0shared..");
        assert_eq!(
            other,
            [&[1, 0, wasm::I32_CONST, 0x88, 8, wasm::END, 16], b"theirs1.theirs2.".as_slice()].concat()
        );
        // A small thing between two that leave stays where it is.
        let things = [1024..1032, 1032..1039, 1039..1040, 1040..1048, 1048..1056];
        let module = module(&[1024, 1039, 1048], &[1032, 1040], DATA);
        let parts = Parts::of(&module).expect("well formed");
        let Parted { first, .. } =
            parted(&parts, &things, &BTreeSet::from([0]), &[BTreeSet::from([1])]).expect("known");
        assert_eq!(&first[first.len() - DATA.len()..][15..16], b".");
        // What both have named, or nobody (a table may be counted from one), stays.
        assert_eq!(left(&[1024, 1040], &[1024, 1040], DATA), (DATA.to_vec(), vec![0]));
        assert_eq!(left(&[1024], &[], DATA), (DATA.to_vec(), vec![0]));
    }

    #[test]
    fn what_data_names_belongs_to_who_reads_that_data() {
        // The last thing is a table, which names the third.
        let named = [&DATA[..24], &1040_usize.to_le_bytes()[..4], b"...."].concat();
        // The first piece reads the table: the text is its own though only the other's code names it.
        assert_eq!(left(&[1048], &[1040], &named), (named.clone(), vec![0]));
        // The other reads it: the text leaves, and so does the table.
        let (first, other) = left(&[1024], &[1048], &named);
        assert_eq!(first, [b"ours....theirs1.".as_slice(), &[0; 16]].concat());
        assert!(other.windows(8).any(|bytes| bytes == b"theirs2."));
    }

    #[test]
    fn an_address_and_a_length_may_be_written_at_once() {
        for wide in [8_u64 << 32 | 1040, 1040 << 32 | 8] {
            let mut immediates = Vec::new();
            let mut rest = wide;
            while rest > 0x3f {
                immediates.push(rest as u8 & 0x7f | 0x80);
                rest >>= 7;
            }
            immediates.push(rest as u8);
            let numbers = wasm::addresses(0x42, &immediates).expect("a constant");
            assert!(numbers.contains(&1040) && numbers.contains(&8), "{numbers:?}");
        }
        // Minus one has all its bits.
        assert_eq!(wasm::addresses(0x42, &[0x7f]).expect("a constant"), [0xffff_ffff, 0xffff_ffff]);
    }

    #[test]
    fn segments_beside_each_other_are_one() {
        let mut module = wasm::PREAMBLE.to_vec();
        let segment = |address: u8, bytes: &[u8]| {
            [&[0, wasm::I32_CONST, address, wasm::END, bytes.len() as u8], bytes].concat()
        };
        let segments = [segment(0x10, b"ab"), segment(0x14, b"cd"), segment(0x3C, b"e")].concat();
        wasm::add_section(&mut module, wasm::DATA_COUNT, &[3]);
        wasm::add_section(&mut module, wasm::DATA, &[&[3], segments.as_slice()].concat());
        let (merged, things) = merged(&module).expect("known");
        assert_eq!(things, [0x10..0x12, 0x14..0x16, 0x3C..0x3D]);
        let sections = wasm::sections(&merged).expect("a module");
        assert_eq!(wasm::content(&sections, wasm::DATA_COUNT), [2]);
        let expected = [&[2], segment(0x10, b"ab\0\0cd").as_slice(), &segment(0x3C, b"e")].concat();
        assert_eq!(wasm::content(&sections, wasm::DATA), expected);
    }
}
