//! What the module has of its crates and needs nowhere: imports that answer the same on every page, texts that nothing
//! reads. No optimiser can know either.

use super::wasm::{self, Reader, leb};
use anyhow::{Context as _, Result, bail};
use std::ops::Range;

/// Imports whose answer is known, by what their names begin with, and what stands in the place of a call.
///
/// The global object is `globalThis` in every engine that reads the script; js-sys asks for three other names where it is
/// not. A crate throws with a text where it gives up, for a reader of its documentation: nothing of ours lets it come to
/// that, and if it did, a trap would say the same to the shim.
const KNOWN: [(&str, &[u8]); 4] = [
    ("__wbg_static_accessor_SELF_", &[wasm::I32_CONST, 0]),
    ("__wbg_static_accessor_WINDOW_", &[wasm::I32_CONST, 0]),
    ("__wbg_static_accessor_GLOBAL_", &[wasm::I32_CONST, 0]),
    ("__wbg___wbindgen_throw_", &[wasm::UNREACHABLE]),
];
/// Begins like one of them and is none: it is all that [`GLOBAL`] asks for in the end.
const ASKED: &str = "__wbg_static_accessor_GLOBAL_THIS_";

/// The function that finds the global object, as the end of its name is mangled: `js_sys::global`. It asks by four names,
/// and keeps what it found.
const GLOBAL: &str = "6js_sys6global";

/// Texts of crates that nothing reads once the module is whole, by what they begin with and end with. None of ours may
/// contain one: what is read from its own beginning on would be blanked within. A test compares.
const UNREAD: [(&str, &str); 9] = [
    ("/rust/library/std/src/thread/local.rs", ""),
    ("/cargo/registry/src/", "/src/futures/jspi.rs"),
    ("called `Option::unwrap_throw()` on a `None` value", ""),
    ("no window", ""),
    ("failed to get local_storage", ""),
    ("no local storage", ""),
    ("failed to get session_storage", ""),
    ("no session storage", ""),
    ("closure invoked recursively or after being dropped", ""),
];
/// The longest of them.
const LONGEST: usize = 150;
/// Where rustc notes a place in the source: a text's address and length, a line and a column, 4 bytes each.
const LOCATION: usize = 16;

/// Whether an import is one whose calls [`answered`] replaces.
pub(crate) fn is_known(import: &str) -> bool {
    answer(import).is_some()
}

fn answer(import: &str) -> Option<&'static [u8]> {
    let known = KNOWN.iter().find(|(name, _)| import.starts_with(name) && !import.starts_with(ASKED));
    known.map(|(_, answer)| *answer)
}

/// The module with the answers in the place of calls to imports whose answer is known, and with the global object as
/// `globalThis` alone. What nothing calls any more stays, for the optimiser to take out: the numbers of all functions do
/// not change.
///
/// # Errors
/// If the module is not one.
pub(crate) fn answered(module: &[u8]) -> Result<Vec<u8>> {
    let mut answers = Vec::new();
    let global = global(module)?;
    let mut written = wasm::PREAMBLE.to_vec();
    for wasm::Section { number, content, .. } in wasm::sections(module)? {
        let mut section = content.to_vec();
        if number == wasm::IMPORTS {
            answers = imports(content)?;
        } else if number == wasm::CODE {
            let bodies = wasm::bodies(content)?;
            section = leb(bodies.len());
            for (nth, body) in bodies.into_iter().enumerate() {
                let mut bytes = body.declarations.to_vec();
                if let Some((function, import)) = global
                    && function == answers.len() + nth
                {
                    bytes = [&[0, wasm::CALL], leb(import).as_slice(), &[wasm::END]].concat();
                    section.extend(leb(bytes.len()));
                    section.extend(bytes);
                    continue;
                }
                for (opcode, immediates) in body.instructions {
                    let called =
                        if opcode == wasm::CALL { Reader::new(immediates).number().ok() } else { None };
                    if let Some(Some(answer)) = called.and_then(|called| answers.get(called)) {
                        bytes.extend_from_slice(answer);
                    } else {
                        bytes.push(opcode);
                        bytes.extend_from_slice(immediates);
                    }
                }
                section.extend(leb(bytes.len()));
                section.extend(bytes);
            }
        }
        wasm::add_section(&mut written, number, &section);
    }
    Ok(written)
}

/// The numbers of the function that finds the global object and of the import that has it, if the module has both, and
/// one gives what the other does.
fn global(module: &[u8]) -> Result<Option<(usize, usize)>> {
    let sections = wasm::sections(module)?;
    let section = |wanted| wasm::content(&sections, wanted);
    let names = wasm::function_names(&sections)?;
    let function = names.iter().find(|(_, name)| name.ends_with(GLOBAL)).map(|(number, _)| *number);
    let mut reader = Reader::new(section(wasm::IMPORTS));
    let mut kinds = Vec::new();
    let mut import = None;
    for number in 0..reader.number()? {
        reader.name()?;
        if reader.name()?.starts_with(ASKED) {
            import = Some(number);
        }
        reader.byte()?;
        kinds.push(reader.number()?);
    }
    let mut reader = Reader::new(section(wasm::FUNCTIONS));
    for _ in 0..reader.number()? {
        kinds.push(reader.number()?);
    }
    let types = Reader::new(section(wasm::TYPES)).types()?;
    let kind = |number: usize| kinds.get(number).and_then(|kind| types.get(*kind));
    Ok(match (function, import) {
        (Some(function), Some(import)) if kind(function).is_some() && kind(function) == kind(import) => {
            Some((function, import))
        }
        _ => None,
    })
}

/// The answer of each import, if it is known.
fn imports(section: &[u8]) -> Result<Vec<Option<&'static [u8]>>> {
    let mut reader = Reader::new(section);
    let mut answers = Vec::new();
    for _ in 0..reader.number()? {
        reader.name()?;
        let name = reader.name()?;
        if reader.byte()? != 0 {
            bail!("{name} is not a function");
        }
        reader.number()?;
        answers.push(answer(name));
    }
    Ok(answers)
}

/// The module with one trap in the table of functions, where the optimiser has left one for each type: what calls through
/// the table to another type's function traps as well. The others have no use then.
///
/// # Errors
/// If the module is not one, or fills its table in a way that is not known here.
pub(crate) fn one_trap(module: &[u8]) -> Result<Vec<u8>> {
    let sections = wasm::sections(module)?;
    let section = |wanted: u8| {
        sections
            .iter()
            .find(|section| section.number == wanted)
            .map(|section| section.content)
            .unwrap_or_default()
    };
    let imports = if section(wasm::IMPORTS).is_empty() { 0 } else { imports(section(wasm::IMPORTS))?.len() };
    let traps: Vec<bool> = wasm::bodies(section(wasm::CODE))?
        .iter()
        .map(|body| body.instructions.first().is_some_and(|(opcode, _)| *opcode == wasm::UNREACHABLE))
        .collect();
    let mut written = wasm::PREAMBLE.to_vec();
    for wasm::Section { number, content, .. } in &sections {
        let content = if *number == wasm::ELEMENTS {
            let mut first = None;
            wasm::elements(content, |function| {
                let is_trap =
                    function.checked_sub(imports).and_then(|nth| traps.get(nth)).is_some_and(|trap| *trap);
                Ok(if is_trap { *first.get_or_insert(function) } else { function })
            })?
        } else {
            content.to_vec()
        };
        wasm::add_section(&mut written, *number, &content);
    }
    Ok(written)
}

/// Blanks the texts that nothing reads. A text stays where the module has a number that may be an address in it: a
/// constant of the code, or one of the data that is no note of a place in the source which in turn nothing reads.
///
/// # Errors
/// If the module is not one, or has data at an address that is worked out or not aligned.
pub(crate) fn blanked(module: &mut [u8]) -> Result<()> {
    let mut constants = Vec::new();
    let mut data = Vec::new();
    for section in wasm::sections(module)? {
        match section.number {
            wasm::CODE => {
                for (opcode, immediates) in
                    wasm::bodies(section.content)?.iter().flat_map(|body| &body.instructions)
                {
                    constants.extend(wasm::addresses(*opcode, immediates)?);
                }
            }
            wasm::DATA => {
                data = segments(&section)?;
                if data.iter().any(|segment| segment.address % 4 != 0) {
                    bail!("data that is not aligned");
                }
            }
            _ => {}
        }
    }
    for segment in data {
        let bytes =
            module.get(segment.place..segment.place + segment.length).context("data within the module")?;
        let mut unread = bytes.to_vec();
        for (beginning, end) in UNREAD {
            for text in texts(bytes, beginning, end) {
                blank(bytes, &mut unread, segment.address, &constants, text);
            }
        }
        module[segment.place..segment.place + segment.length].copy_from_slice(&unread);
    }
    Ok(())
}

/// Where texts of this beginning and end stand.
fn texts(bytes: &[u8], beginning: &str, end: &str) -> Vec<Range<usize>> {
    let starts =
        bytes.windows(beginning.len()).enumerate().filter(|(_, window)| *window == beginning.as_bytes());
    let whole = starts.filter_map(|(start, _)| {
        let behind = start + beginning.len();
        let reach = bytes.get(behind..bytes.len().min(start + LONGEST))?;
        let rest = if end.is_empty() {
            0
        } else {
            reach.windows(end.len()).position(|window| window == end.as_bytes())? + end.len()
        };
        Some(start..behind + rest)
    });
    whole.collect()
}

/// Blanks one text, and the notes of places in it, if nothing reads them.
fn blank(bytes: &[u8], unread: &mut [u8], address: usize, constants: &[usize], text: Range<usize>) {
    let read_by_code = |range: &Range<usize>| {
        constants.iter().any(|constant| constant.checked_sub(address).is_some_and(|at| range.contains(&at)))
    };
    // rustc aligns all addresses that the data holds.
    let read_by_data = |range: &Range<usize>| -> Vec<usize> {
        let is_in = |at: &usize| {
            word(bytes, *at).and_then(|word| word.checked_sub(address)).is_some_and(|at| range.contains(&at))
        };
        (0..bytes.len()).step_by(4).filter(is_in).collect()
    };
    // A line and a column, where a table of texts would have the next one's address.
    let is_note = |at: usize| {
        let words: Vec<usize> = (0..4).filter_map(|nth| word(bytes, at + 4 * nth)).collect();
        matches!(words[..], [start, length, line, column]
            if start == address + text.start && length == text.len() && line < 1 << 16 && column < 1 << 16)
    };
    let notes = read_by_data(&text);
    let are_unread = notes.iter().all(|at| {
        let note = *at..at + LOCATION;
        is_note(*at) && !read_by_code(&note) && read_by_data(&note).is_empty()
    });
    if read_by_code(&text) || !are_unread {
        return;
    }
    for range in notes.into_iter().map(|at| at..at + LOCATION).chain([text]) {
        if let Some(range) = unread.get_mut(range) {
            range.fill(0);
        }
    }
}

/// The four bytes at a place as a number, the lowest first.
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..at + 4)?;
    Some(word.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// A segment of data.
pub(crate) struct Segment {
    /// Where its bytes begin in the module.
    pub place: usize,
    pub length: usize,
    /// Where they begin in memory.
    pub address: usize,
}

/// The segments of the data section.
pub(crate) fn segments(section: &wasm::Section<'_>) -> Result<Vec<Segment>> {
    let mut reader = Reader::new(section.content);
    let mut segments = Vec::new();
    for _ in 0..reader.number()? {
        if reader.number()? != 0 || reader.byte()? != wasm::I32_CONST {
            bail!("data whose address is not a constant");
        }
        let address = reader.number()?;
        if reader.byte()? != wasm::END {
            bail!("data whose address is worked out");
        }
        let length = reader.number()?;
        segments.push(Segment { place: section.start + reader.at, length, address });
        reader.take(length)?;
    }
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports functions of these names, has one function, and these bytes at the address 1024.
    fn module(imports: &[&str], body: &[u8], data: &[u8]) -> Vec<u8> {
        let mut import_section = leb(imports.len());
        for name in imports {
            wasm::add_name(&mut import_section, "a");
            wasm::add_name(&mut import_section, name);
            import_section.extend([0, 0]);
        }
        let mut module = wasm::PREAMBLE.to_vec();
        wasm::add_section(&mut module, wasm::IMPORTS, &import_section);
        let code = [&[1], leb(body.len() + 2).as_slice(), &[0], body, &[wasm::END]].concat();
        wasm::add_section(&mut module, wasm::CODE, &code);
        let data =
            [&[1, 0, wasm::I32_CONST, 0x80, 0x08, wasm::END], leb(data.len()).as_slice(), data].concat();
        wasm::add_section(&mut module, wasm::DATA, &data);
        module
    }

    #[test]
    fn calls_to_known_imports_are_answered() {
        let names = [
            "__wbg_static_accessor_GLOBAL_THIS_1",
            "__wbg_static_accessor_GLOBAL_2",
            "__wbg___wbindgen_throw_3",
        ];
        let called = module(&names, &[wasm::CALL, 0, wasm::CALL, 1, wasm::CALL, 2, 0x41, 1], b"");
        let expected = module(&names, &[wasm::CALL, 0, 0x41, 0, wasm::UNREACHABLE, 0x41, 1], b"");
        assert_eq!(answered(&called).expect("well formed"), expected);
    }

    #[test]
    fn the_global_object_is_global_this() {
        // Two imports, and two functions of which the first is `js_sys::global`; all of one type.
        let module = |first: &[u8]| {
            let mut import_section = vec![2];
            for name in ["other", "__wbg_static_accessor_GLOBAL_THIS_1"] {
                wasm::add_name(&mut import_section, "a");
                wasm::add_name(&mut import_section, name);
                import_section.extend([0, 0]);
            }
            let mut names = vec![2];
            for (number, name) in [(2, "_RNvCs1_6js_sys6global"), (3, "other")] {
                names.push(number);
                wasm::add_name(&mut names, name);
            }
            let mut name_section = vec![];
            wasm::add_name(&mut name_section, "name");
            name_section.extend([&[1], leb(names.len()).as_slice(), &names].concat());
            let body = |code: &[u8]| [leb(code.len() + 2).as_slice(), &[0], code, &[wasm::END]].concat();
            let code = [&[2], body(first).as_slice(), &body(&[0x41, 7])].concat();
            let mut module = wasm::PREAMBLE.to_vec();
            wasm::add_section(&mut module, wasm::TYPES, &[1, 0x60, 0, 1, 0x7F]);
            wasm::add_section(&mut module, wasm::IMPORTS, &import_section);
            wasm::add_section(&mut module, wasm::FUNCTIONS, &[2, 0, 0]);
            wasm::add_section(&mut module, wasm::CODE, &code);
            wasm::add_section(&mut module, 0, &name_section);
            module
        };
        let found = answered(&module(&[wasm::CALL, 0, 0x1A, wasm::CALL, 3])).expect("well formed");
        assert_eq!(found, module(&[wasm::CALL, 1]));
    }

    fn blanked_data(body: &[u8], data: &[u8]) -> Vec<u8> {
        let mut module = module(&[], body, data);
        blanked(&mut module).expect("well formed");
        module.split_off(module.len() - data.len())
    }

    #[test]
    fn the_table_has_one_trap() {
        let module = |elements: [u8; 4]| {
            let mut module = wasm::PREAMBLE.to_vec();
            let listed = [[1, 0, wasm::I32_CONST, 0, wasm::END, 4].as_slice(), &elements].concat();
            wasm::add_section(&mut module, wasm::ELEMENTS, &listed);
            let trap = [3, 0, wasm::UNREACHABLE, wasm::END].as_slice();
            let code = [&[4], trap, &[2, 0, wasm::END], trap, trap].concat();
            wasm::add_section(&mut module, wasm::CODE, &code);
            module
        };
        assert_eq!(one_trap(&module([1, 2, 3, 0])).expect("well formed"), module([1, 2, 2, 2]));
    }

    #[test]
    fn texts_that_nothing_reads_are_blanked() {
        assert_eq!(blanked_data(&[], b"-no window-"), b"-\0\0\0\0\0\0\0\0\0-");
        let path = b"/cargo/registry/src/x/src/futures/jspi.rs!";
        assert_eq!(blanked_data(&[], path), [[0; 41].as_slice(), b"!"].concat());
        // The address 1025, as a constant and as an offset.
        assert_eq!(blanked_data(&[0x41, 0x81, 0x08], b"-no window-"), b"-no window-");
        assert_eq!(blanked_data(&[0x28, 2, 0x81, 0x08], b"-no window-"), b"-no window-");
        assert_eq!(blanked_data(&[0x41, 0x80, 0x08], b"-no window-"), b"-\0\0\0\0\0\0\0\0\0-");
    }

    #[test]
    fn no_text_of_ours_contains_one() {
        fn look(folder: &std::path::Path) -> usize {
            let mut files = 0;
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    files += look(&path);
                } else {
                    let source = std::fs::read_to_string(&path).expect("text");
                    for (beginning, _) in UNREAD {
                        assert!(!source.contains(beginning), "{}: {beginning}", path.display());
                    }
                    files += 1;
                }
            }
            files
        }
        assert!(look(&crate::places::root().join("src")) > 20);
    }

    #[test]
    fn so_are_the_notes_of_places_in_them() {
        let words = |words: [u32; 4]| words.map(u32::to_le_bytes).concat();
        let text = b"no window\0\0\0";
        let data = |behind: [u32; 4]| [text.as_slice(), &words(behind)].concat();
        let note = data([1024, 9, 12, 7]);
        assert_eq!(blanked_data(&[], &note), [0; 28]);
        // One that is read, at 1036; and what is no note, but the beginning of a table of texts.
        assert_eq!(blanked_data(&[0x41, 0x8C, 0x08], &note), note);
        let table = data([1024, 9, 0x10_0000, 4]);
        assert_eq!(blanked_data(&[], &table), table);
    }
}
