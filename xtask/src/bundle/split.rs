//! The module in pieces: what every page view needs, what only a page with a gate needs, what only a tag with rules needs, and what only
//! a page needs that is connected to the publisher's systems.
//!
//! Cut after the optimiser, so that all pieces are one program: one memory, one table of functions, one stack, one heap.
//! A further piece has the functions of some names and whatever only they call. The first piece calls those through the
//! table of functions, where the other puts them when it is instantiated; until then such a call traps. The further pieces
//! have no data of their own, and import from the first what they call there. binaryen's wasm-split cuts in the
//! same way; it is not among its npm package's tools.

use super::arrange::{Function, Import, Of, Parts};
use super::data;
use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result, bail};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What only a gate needs begins with these functions, by parts of their names as the compiler writes them: one of
/// src/machine.rs and those of src/browser/gate.rs.
pub(crate) const GATE: &[&str] =
    &["7Machine7of_gate", "7browser4gate7answers", "7browser4gate4lock", "7browser4gate6notice"];

/// What only a tag with rules needs (sections' meters, paths, referrers, steps): src/config/mod.rs.
pub(crate) const RULES: &[&str] = &["6Parser12listed_terms", "6Parser12listed_steps"];

/// What only a connected page needs: src/browser/connect.rs.
pub(crate) const CONNECT: &[&str] = &["7browser7connect4take"];

/// What the further pieces call the first in their imports.
pub(crate) const FIRST: &str = "the first piece";

/// What an export is of, and an import (WebAssembly specification, section 5.5.5).
const FUNCTION: u8 = 0;
const TABLE: u8 = 1;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;

/// All pieces, arranged. What the others import from [`FIRST`] the first exports by the same name.
#[derive(Debug)]
pub(crate) struct Pieces<const N: usize> {
    pub first: Vec<u8>,
    pub others: [Vec<u8>; N],
    /// Each function by the piece it is in (0: the first), its name as the compiler wrote it, and the bytes of its code.
    pub functions: Vec<(usize, String, usize)>,
}

/// Cuts a module whose functions have their names; `things`: where each thing of its data lies. A function is a root of a further piece if its name has one of that
/// piece's `roots` in it. What two further pieces call and the first does not, each has for itself: every page view would pay for it in the
/// first.
///
/// # Errors
/// If a root is not there (the optimiser may have put it into another), is reached otherwise than by calls of the first piece,
/// or the module is one that is not known here.
pub(crate) fn split<const N: usize>(
    module: &[u8],
    things: &[Range<usize>],
    roots: [&[&str]; N],
) -> Result<Pieces<N>> {
    let parts = Parts::of(module)?;
    let mut named: [BTreeSet<usize>; N] = std::array::from_fn(|_| BTreeSet::new());
    for (named, roots) in named.iter_mut().zip(roots) {
        for root in roots {
            let before = named.len();
            named.extend(
                parts.names.iter().filter(|(_, name)| name.contains(root)).map(|(number, _)| *number),
            );
            if named.len() == before {
                bail!(
                    "no function of the module is called {root}: is it marked #[inline(never)], and called?"
                );
            }
        }
    }
    let all_named: BTreeSet<usize> = named.iter().flatten().copied().collect();
    let calls = calls(&parts)?;
    let stays = reached(outside(&parts)?, &calls, &all_named);
    let defined: BTreeSet<usize> = parts.functions.iter().map(|function| function.number).collect();
    let mut leaves: [BTreeSet<usize>; N] = std::array::from_fn(|_| BTreeSet::new());
    for (leaves, named) in leaves.iter_mut().zip(&named) {
        let reach = reached(named.iter().copied().collect(), &calls, &all_named);
        if let Some(root) = all_named
            .intersection(&stays)
            .chain(all_named.difference(named).filter(|root| reach.contains(root)))
            .next()
        {
            bail!(
                "function {root} is to leave, and is exported, in the table of functions, or called by another piece"
            );
        }
        *leaves = reach.difference(&stays).filter(|number| defined.contains(number)).copied().collect();
    }
    // Where hardly more is done than to call another, a copy costs less than a name by which two know it.
    let small: BTreeSet<usize> = parts
        .functions
        .iter()
        .filter(|function| size(function) <= COPIED)
        .map(|function| function.number)
        .collect();
    for leaves in &mut leaves {
        loop {
            let called: BTreeSet<usize> =
                leaves.iter().filter_map(|caller| calls.get(caller)).flatten().copied().collect();
            let known = |callee: &usize| called.contains(callee) || leaves.contains(callee);
            let copies: Vec<usize> = (called.difference(leaves).filter(|number| small.contains(number)))
                .filter(|number| !all_named.contains(number))
                .filter(|number| calls.get(number).is_none_or(|callees| callees.iter().all(known)))
                .copied()
                .collect();
            if copies.is_empty() {
                break;
            }
            leaves.extend(copies);
        }
    }
    let data::Parted { first: data_of_first, others: data_of_others } =
        data::parted(&parts, things, &stays, &leaves)?;
    let (tables, mut place) = grown(&parts, all_named.len())?;
    let mut exports = Exports::of(&parts)?;
    let mut places = BTreeMap::new();
    let mut others: [Vec<u8>; N] = std::array::from_fn(|_| Vec::new());
    for (((written, leaves), named), data) in others.iter_mut().zip(&leaves).zip(&named).zip(data_of_others) {
        let of_these: BTreeMap<usize, usize> = named.iter().copied().zip(place..).collect();
        place += named.len();
        let called: BTreeSet<usize> =
            leaves.iter().filter_map(|caller| calls.get(caller)).flatten().copied().collect();
        let shared = called.difference(leaves).copied().collect();
        *written = further(&parts, leaves, &shared, &of_these, data, &mut exports)?;
        places.extend(of_these);
    }

    // The immediates that take the place of a call's: a constant, and a type with the first table.
    let kinds: BTreeMap<usize, usize> =
        parts.functions.iter().map(|function| (function.number, function.kind)).collect();
    let mut indirect = BTreeMap::new();
    for (function, place) in &places {
        let kind = kinds.get(function).context("a function that leaves has a type")?;
        indirect.insert(*function, (signed(*place), [leb(*kind), leb(0)].concat()));
    }
    let mut first = parts.clone();
    first.functions.retain(|function| stays.contains(&function.number));
    for function in &mut first.functions {
        let instructions = std::mem::take(&mut function.body.instructions);
        for (opcode, immediates) in instructions {
            let callee = if opcode == wasm::CALL { Some(Reader::new(immediates).number()?) } else { None };
            match callee.and_then(|callee| indirect.get(&callee)) {
                Some((constant, kind)) => {
                    function.body.instructions.push((wasm::I32_CONST, constant));
                    function.body.instructions.push((wasm::CALL_INDIRECT, kind));
                }
                None => function.body.instructions.push((opcode, immediates)),
            }
        }
    }
    data::replace(&mut first.sections, wasm::DATA, data_of_first);
    first.imports.retain(|import| stays.contains(&import.number));
    for (number, content) in &mut first.sections {
        match *number {
            wasm::TABLES => *content = Cow::Owned(tables.clone()),
            wasm::EXPORTS => *content = Cow::Owned(exports.written()),
            _ => {}
        }
    }
    let mut functions = Vec::new();
    for (piece, members) in std::iter::once(&stays).chain(&leaves).enumerate() {
        for function in parts.functions.iter().filter(|function| members.contains(&function.number)) {
            let name = parts.names.iter().find(|(number, _)| *number == function.number);
            functions.push((piece, name.map_or("", |(_, name)| *name).to_owned(), size(function)));
        }
    }
    Ok(Pieces { first: first.arranged()?, others, functions })
}

/// How long a function's code may be that is copied, in bytes.
const COPIED: usize = 30;

fn size(function: &Function<'_>) -> usize {
    function.body.instructions.iter().map(|(_, immediates)| 1 + immediates.len()).sum()
}

/// Which functions each function calls, or refers to.
fn calls(parts: &Parts<'_>) -> Result<BTreeMap<usize, BTreeSet<usize>>> {
    let mut calls = BTreeMap::new();
    for function in &parts.functions {
        let mut callees = BTreeSet::new();
        for (opcode, immediates) in &function.body.instructions {
            if *opcode == wasm::REF_FUNC {
                bail!("function {} takes a function for a value", function.number);
            }
            if *opcode == wasm::CALL {
                callees.insert(Reader::new(immediates).number()?);
            }
        }
        calls.insert(function.number, callees);
    }
    Ok(calls)
}

/// The functions that are reached from outside: exported, in the table, or the one that starts the module.
fn outside(parts: &Parts<'_>) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    let mut outside = parts.clone();
    outside.functions.clear();
    outside.written(&mut |of, number| {
        found.extend((of == Of::Functions).then_some(number));
        Ok(number)
    })?;
    Ok(found)
}

/// These functions and all that they call, but for the roots.
fn reached(
    mut waiting: Vec<usize>,
    calls: &BTreeMap<usize, BTreeSet<usize>>,
    roots: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    while let Some(function) = waiting.pop() {
        if reached.insert(function) {
            let callees = calls.get(&function).into_iter().flatten();
            waiting.extend(callees.filter(|callee| !roots.contains(callee)));
        }
    }
    reached
}

/// A further piece, and what it needs of the first in `exports`.
fn further(
    parts: &Parts<'_>,
    leaves: &BTreeSet<usize>,
    shared: &BTreeSet<usize>,
    places: &BTreeMap<usize, usize>,
    data: Vec<u8>,
    exports: &mut Exports,
) -> Result<Vec<u8>> {
    let mut further = parts.clone();
    further.functions.retain(|function| leaves.contains(&function.number));
    further.imports.retain(|import| shared.contains(&import.number));
    for function in parts.functions.iter().filter(|function| shared.contains(&function.number)) {
        further.imports.push(Import {
            number: function.number,
            from: FIRST.into(),
            name: exports.name(FUNCTION, function.number).into(),
            kind: function.kind,
        });
    }
    // All tables, memories and globals, so that they keep their numbers.
    let section = |wanted: u8| {
        parts
            .sections
            .iter()
            .find(|(number, _)| *number == wanted)
            .map_or([0].as_slice(), |(_, content)| content)
    };
    let mut imported = Vec::new();
    let mut count = 0;
    for (kind, wanted) in [(TABLE, wasm::TABLES), (MEMORY, wasm::MEMORIES), (GLOBAL, wasm::GLOBALS)] {
        let mut reader = Reader::new(section(wanted));
        for nth in 0..reader.number()? {
            let written = match kind {
                // Of whatever size.
                TABLE => vec![Table::read(&mut reader)?.of, 0, 0],
                MEMORY => {
                    limits(&mut reader)?;
                    vec![0, 0]
                }
                _ => {
                    let kind = reader.take(2)?.to_vec();
                    while reader.instruction()?.0 != wasm::END {}
                    kind
                }
            };
            wasm::add_name(&mut imported, FIRST);
            wasm::add_name(&mut imported, &exports.name(kind, nth));
            imported.push(kind);
            imported.extend(written);
            count += 1;
        }
    }
    further.shared = (count, imported);
    let mut elements = leb(usize::from(!places.is_empty()));
    if let Some(place) = places.values().next() {
        elements.extend([0, wasm::I32_CONST]);
        elements.extend(signed(*place));
        elements.push(wasm::END);
        elements.extend(leb(places.len()));
        elements.extend(places.keys().flat_map(|function| leb(*function)));
    }
    further.sections = vec![
        (wasm::TYPES, Cow::Borrowed(&[])),
        (wasm::IMPORTS, Cow::Borrowed(&[])),
        (wasm::FUNCTIONS, Cow::Borrowed(&[])),
        (wasm::ELEMENTS, Cow::Owned(elements)),
        (wasm::CODE, Cow::Borrowed(&[])),
        (wasm::DATA, Cow::Owned(data)),
    ];
    further.arranged()
}

/// The exports of the first piece.
struct Exports {
    /// What each is of, its number, its name.
    all: Vec<(u8, usize, String)>,
}

impl Exports {
    fn of(parts: &Parts<'_>) -> Result<Exports> {
        let mut all = Vec::new();
        for (number, content) in &parts.sections {
            if *number == wasm::EXPORTS {
                let mut reader = Reader::new(content);
                for _ in 0..reader.number()? {
                    let name = reader.name()?.to_owned();
                    all.push((reader.byte()?, reader.number()?, name));
                }
            }
        }
        if all.is_empty() {
            bail!("the module exports nothing");
        }
        Ok(Exports { all })
    }

    /// The name under which something is exported, from now on if it was not.
    fn name(&mut self, kind: u8, number: usize) -> String {
        let known = self.all.iter().find(|(of, numbered, _)| (*of, *numbered) == (kind, number));
        if let Some((_, _, name)) = known {
            return name.clone();
        }
        let name = format!("shared {kind} {number}");
        self.all.push((kind, number, name.clone()));
        name
    }

    fn written(&self) -> Vec<u8> {
        let mut section = leb(self.all.len());
        for (kind, number, name) in &self.all {
            wasm::add_name(&mut section, name);
            section.push(*kind);
            section.extend(leb(*number));
        }
        section
    }
}

/// How large something is at first, and at most.
struct Limits {
    least: usize,
    most: Option<usize>,
}

impl Limits {
    fn written(&self) -> Vec<u8> {
        match self.most {
            Some(most) => [vec![1], leb(self.least), leb(most)].concat(),
            None => [vec![0], leb(self.least)].concat(),
        }
    }
}

fn limits(reader: &mut Reader<'_>) -> Result<Limits> {
    let flags = reader.byte()?;
    if flags > 1 {
        bail!("limits of the kind {flags}");
    }
    let least = reader.number()?;
    Ok(Limits { least, most: if flags == 1 { Some(reader.number()?) } else { None } })
}

/// A table: what it is of, and its limits.
struct Table {
    of: u8,
    limits: Limits,
}

impl Table {
    fn read(reader: &mut Reader<'_>) -> Result<Table> {
        Ok(Table { of: reader.byte()?, limits: limits(reader)? })
    }

    fn written(&self) -> Vec<u8> {
        [vec![self.of], self.limits.written()].concat()
    }
}

/// The section of tables, of which the first has room for `more` functions; and the place of the first of those.
fn grown(parts: &Parts<'_>, more: usize) -> Result<(Vec<u8>, usize)> {
    let section = parts.sections.iter().find(|(number, _)| *number == wasm::TABLES);
    let (_, section) = section.context("the module has no table of functions")?;
    let mut reader = Reader::new(section);
    let count = reader.number()?;
    let mut written = leb(count);
    let mut place = 0;
    for nth in 0..count {
        let mut table = Table::read(&mut reader)?;
        if nth == 0 {
            if table.of != 0x70 {
                bail!("the first table is not one of functions");
            }
            place = table.limits.least;
            table.limits.least += more;
            table.limits.most = table.limits.most.map(|most| most.max(table.limits.least));
        }
        written.extend(table.written());
    }
    Ok((written, place))
}

/// A number that is not negative, in signed LEB128.
pub(crate) fn signed(value: usize) -> Vec<u8> {
    let mut bytes = leb(value);
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section of a few bytes.
    fn add(module: &mut Vec<u8>, number: u8, content: &[u8]) {
        wasm::add_section(module, number, content);
    }

    /// One import (function 0) and five functions: 1, exported, calls 2 and 4; 2, called `root`, calls 3, 4 and 0; 3 is called
    /// by it alone; 4 by both; 5, in the table, calls nothing. Besides a table with one place, a memory and a global.
    fn module(root: &str) -> Vec<u8> {
        let mut module = wasm::PREAMBLE.to_vec();
        add(&mut module, wasm::TYPES, &[1, 0x60, 0, 0]);
        add(&mut module, wasm::IMPORTS, &[1, 1, b'g', 1, b'i', 0, 0]);
        add(&mut module, wasm::FUNCTIONS, &[5, 0, 0, 0, 0, 0]);
        add(&mut module, wasm::TABLES, &[1, 0x70, 1, 1, 1]);
        add(&mut module, wasm::MEMORIES, &[1, 0, 3]);
        add(&mut module, wasm::GLOBALS, &[1, 0x7F, 1, wasm::I32_CONST, 9, wasm::END]);
        add(&mut module, wasm::EXPORTS, &[1, 1, b'e', 0, 1]);
        add(&mut module, wasm::ELEMENTS, &[1, 0, wasm::I32_CONST, 0, wasm::END, 1, 5]);
        let body = |code: &[u8]| [&[code.len() as u8 + 2, 0], code, &[wasm::END]].concat();
        let bodies = [
            body(&[wasm::CALL, 2, wasm::CALL, 4]),
            body(&[wasm::CALL, 3, wasm::CALL, 4, wasm::CALL, 0]),
            body(&[0x41, 3, 0x1A]),
            body(&[0x41, 4, 0x1A]),
            body(&[0x41, 5, 0x1A]),
        ];
        add(&mut module, wasm::CODE, &[&[5], bodies.concat().as_slice()].concat());
        add(&mut module, wasm::DATA, &[1, 0, wasm::I32_CONST, 0, wasm::END, 1, 7]);
        let names = [&[1, 2], leb(root.len()).as_slice(), root.as_bytes()].concat();
        let subsection = [&[1], leb(names.len()).as_slice(), &names].concat();
        add(&mut module, 0, &[&[4], b"name".as_slice(), &subsection].concat());
        module
    }

    /// The instructions of a module's functions, without their ends.
    fn code(module: &[u8]) -> Vec<Vec<u8>> {
        let sections = wasm::sections(module).expect("a module");
        let bodies = wasm::bodies(wasm::content(&sections, wasm::CODE)).expect("functions");
        let code = bodies.iter().map(|body| {
            let instructions = body.instructions.iter().filter(|(opcode, _)| *opcode != wasm::END);
            instructions.flat_map(|(opcode, immediates)| [&[*opcode], *immediates].concat()).collect()
        });
        code.collect()
    }

    fn section(module: &[u8], number: u8) -> Vec<u8> {
        wasm::content(&wasm::sections(module).expect("a module"), number).to_vec()
    }

    #[test]
    fn what_only_a_root_calls_leaves_with_it() {
        let pieces = split(&module("a::root"), &[], [&["root"]]).expect("well formed");
        // The first: 1 calls through the table and 4, which the other has for itself; 4; and 5.
        let first = code(&pieces.first);
        assert_eq!(first.len(), 3);
        assert!(
            first.iter().any(|code| code[..5] == [wasm::I32_CONST, 1, wasm::CALL_INDIRECT, 0, 0]),
            "{first:?}"
        );
        assert!(!first.contains(&vec![0x41, 3, 0x1A]), "only the root calls it");
        // Its table has one place more, and it exports what the other needs (a copy of 4 is cheaper than its name); nothing of it
        // calls the import.
        assert_eq!(section(&pieces.first, wasm::TABLES), [1, 0x70, 1, 2, 2]);
        assert_eq!(section(&pieces.first, wasm::IMPORTS), [0]);
        let sections = wasm::sections(&pieces.first).expect("a module");
        let exports = wasm::content(&sections, wasm::EXPORTS);
        for name in ["e", "shared 1 0", "shared 2 0", "shared 3 0"] {
            assert!(exports.windows(name.len()).any(|window| window == name.as_bytes()), "{name}");
        }
        // The second: the root, 3 and a copy of 4; the root stands at the table's new place.
        let second = code(&pieces.others[0]);
        assert_eq!(second.len(), 3);
        for only in [3, 4] {
            assert!(second.contains(&vec![0x41, only, 0x1A]), "{second:?}");
        }
        assert_eq!(section(&pieces.others[0], wasm::DATA), [0]);
        let elements = section(&pieces.others[0], wasm::ELEMENTS);
        assert_eq!(elements[..6], [1, 0, wasm::I32_CONST, 1, wasm::END, 1]);
    }

    #[test]
    fn what_cannot_be_cut_is_refused() {
        // No root; one that is exported; one that is in the table.
        assert!(split(&module("other"), &[], [&["root"]]).is_err());
        let mut exported = module("root");
        let at = exported.windows(4).position(|bytes| bytes == [1, b'e', 0, 1]).expect("the export");
        exported[at + 3] = 2;
        assert!(split(&exported, &[], [&["root"]]).is_err());
        let mut listed = module("root");
        let at = listed.windows(3).position(|bytes| bytes == [wasm::END, 1, 5]).expect("the element");
        listed[at + 2] = 2;
        assert!(split(&listed, &[], [&["root"]]).is_err());
    }

    #[test]
    fn places_are_written_signed() {
        assert_eq!(signed(0), [0]);
        assert_eq!(signed(63), [63]);
        assert_eq!(signed(64), [0xC0, 0]);
        assert_eq!(signed(300), [0xAC, 2]);
    }
}
