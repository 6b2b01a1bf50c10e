//! Which of the module's data only a further piece reads, so that it comes with that piece.
//!
//! A module does not say who reads what. Every number in the code that may be an address is taken for one, and so is every aligned word of the
//! data: what lies between two such numbers is read by whoever names the first of them. What is named by one piece alone is zero in the
//! first piece, and written by that piece when it is made. A number may lie a little before what it is for (a table that is
//! counted from one): so what stands behind data of another's stays.

use super::arrange::Parts;
use super::trim::{Segment, segments, word};
use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer bytes than this are not worth a segment of their own.
const WORTH: usize = 8;

/// The data section of the first piece, and those of the others.
pub(crate) struct Parted<const N: usize> {
    pub first: Vec<u8>,
    pub others: [Vec<u8>; N],
}

/// Parts the data of a module of which the others have the functions of these numbers, and the first those that `stay`.
///
/// # Errors
/// If the data is not of the kind that is known here.
pub(crate) fn parted<const N: usize>(
    parts: &Parts<'_>,
    stay: &BTreeSet<usize>,
    others: &[BTreeSet<usize>; N],
) -> Result<Parted<N>> {
    let section = parts.sections.iter().find(|(number, _)| *number == wasm::DATA);
    let Some((_, content)) = section else {
        return Ok(Parted { first: vec![0], others: std::array::from_fn(|_| vec![0]) });
    };
    let segments = segments(&wasm::Section { number: wasm::DATA, content, start: 0 })?;
    let within = |number: usize| {
        segments.iter().any(|segment| (segment.address..segment.address + segment.length).contains(&number))
    };

    // Who names each address: a bit for the first piece, then one for each other.
    let mut named: BTreeMap<usize, u32> = segments.iter().map(|segment| (segment.address, 0)).collect();
    for function in &parts.functions {
        let mut readers = u32::from(stay.contains(&function.number));
        for (nth, piece) in others.iter().enumerate() {
            readers |= u32::from(piece.contains(&function.number)) << (nth + 1);
        }
        for (opcode, immediates) in &function.body.instructions {
            let mut reader = Reader::new(immediates);
            let number = match *opcode {
                wasm::I32_CONST => reader.number()?,
                0x28..=0x3E => {
                    reader.number()?;
                    reader.number()?
                }
                _ => continue,
            };
            if within(number) {
                *named.entry(number).or_default() |= readers;
            }
        }
    }
    // What the data names is read by whoever reads the data.
    let mut words = Vec::new();
    for Segment { place, length, address } in &segments {
        for at in (0..*length).step_by(4) {
            if let Some(number) =
                word(content, place + at).filter(|number| at + 4 <= *length && within(*number))
            {
                named.entry(number).or_default();
                words.push((address + at, number));
            }
        }
    }
    loop {
        let mut changed = false;
        for (from, to) in &words {
            let readers = named.range(..=from).next_back().map_or(0, |(_, readers)| *readers);
            let known = named.entry(*to).or_default();
            changed |= *known | readers != *known;
            *known |= readers;
        }
        if !changed {
            break;
        }
    }

    let mut first = content.to_vec();
    let mut moved: [Vec<(usize, Vec<u8>)>; N] = std::array::from_fn(|_| Vec::new());
    for Segment { place, length, address } in &segments {
        let mut before = 0;
        let starts: Vec<(usize, u32)> =
            named.range(*address..address + length).map(|(start, readers)| (*start, *readers)).collect();
        for (nth, (start, readers)) in starts.iter().enumerate() {
            let end = starts.get(nth + 1).map_or(address + length, |(next, _)| *next);
            let piece = (0..N).find(|piece| *readers == 1 << (piece + 1)).filter(|_| before == *readers);
            before = *readers;
            let Some(moved) = piece.and_then(|piece| moved.get_mut(piece)) else { continue };
            let range = place + start - address..place + end - address;
            let bytes = first.get_mut(range).context("data within its section")?;
            match moved.last_mut() {
                Some((known, run)) if *known + run.len() == *start => run.extend_from_slice(bytes),
                _ => moved.push((*start, bytes.to_vec())),
            }
            bytes.fill(0);
        }
    }
    let mut written: [Vec<u8>; N] = std::array::from_fn(|_| Vec::new());
    for (written, moved) in written.iter_mut().zip(moved) {
        let (worth, back): (Vec<_>, Vec<_>) = moved.into_iter().partition(|(_, bytes)| bytes.len() >= WORTH);
        for (start, bytes) in back {
            let segment = segments
                .iter()
                .find(|segment| (segment.address..segment.address + segment.length).contains(&start))
                .context("a segment has it")?;
            let place = segment.place + start - segment.address;
            first.get_mut(place..place + bytes.len()).context("where it was")?.copy_from_slice(&bytes);
        }
        written.extend(leb(worth.len()));
        for (start, bytes) in worth {
            written.extend([0, wasm::I32_CONST]);
            written.extend(super::split::signed(start));
            written.push(wasm::END);
            written.extend(leb(bytes.len()));
            written.extend(bytes);
        }
    }
    Ok(Parted { first, others: written })
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

    /// What is left of the data, and the segments of the other piece.
    fn left(ours: &[usize], theirs: &[usize], data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let module = module(ours, theirs, data);
        let parts = Parts::of(&module).expect("well formed");
        let Parted { first, others: [other] } =
            parted(&parts, &BTreeSet::from([0]), &[BTreeSet::from([1])]).expect("known");
        (first[first.len() - data.len()..].to_vec(), other)
    }

    const DATA: &[u8] = b"ours....theirs1.theirs2.shared..";

    #[test]
    fn what_one_piece_alone_names_leaves_with_it() {
        let (first, other) = left(&[1024, 1048], &[1032, 1040, 1048], DATA);
        // What stands behind data of another's stays: the number may be meant for what comes behind it.
        assert_eq!(first, b"ours....theirs1.\0\0\0\0\0\0\0\0shared..");
        assert_eq!(other, [&[1, 0, wasm::I32_CONST, 0x90, 8, wasm::END, 8], b"theirs2.".as_slice()].concat());
        // What both have named, or nobody, stays.
        assert_eq!(left(&[1024, 1040], &[1024, 1040], DATA), (DATA.to_vec(), vec![0]));
        assert_eq!(left(&[], &[], DATA), (DATA.to_vec(), vec![0]));
    }

    #[test]
    fn what_data_names_belongs_to_who_reads_that_data() {
        // A table of one address, which names the second text.
        let named = |table: usize| [&DATA[..24], &table.to_le_bytes()[..4], b"...."].concat();
        // The first piece reads the table: the text is its own though only the other's code names it.
        let (first, _) = left(&[1024, 1048], &[1032, 1040], &named(1040));
        assert_eq!(first, named(1040));
        // The other reads it: the text leaves, and so does the table.
        let (first, other) = left(&[1024], &[1032, 1048], &named(1040));
        assert_eq!(first, [b"ours....theirs1.".as_slice(), &[0; 16]].concat());
        assert!(other.windows(8).any(|bytes| bytes == b"theirs2."));
    }

    #[test]
    fn a_few_bytes_are_not_worth_a_segment() {
        let data = b"ours....theirs1.four....";
        let (first, other) = left(&[1024, 1044], &[1032, 1040], data);
        assert_eq!((first.as_slice(), other.as_slice()), (data.as_slice(), [0].as_slice()));
    }
}
