//! Reading a module's bytes: numbers, sections, functions, instructions. What is not known is refused, never guessed.

use anyhow::{Context as _, Result, bail};

/// What a module begins with: the magic number and the version (WebAssembly specification, section 5.5.16).
pub(crate) const PREAMBLE: &[u8; 8] = b"\0asm\x01\0\0\0";
/// The sections' numbers (section 5.5.2).
pub(crate) const TYPES: u8 = 1;
pub(crate) const IMPORTS: u8 = 2;
pub(crate) const FUNCTIONS: u8 = 3;
pub(crate) const TABLES: u8 = 4;
pub(crate) const MEMORIES: u8 = 5;
pub(crate) const GLOBALS: u8 = 6;
pub(crate) const EXPORTS: u8 = 7;
pub(crate) const START: u8 = 8;
pub(crate) const ELEMENTS: u8 = 9;
pub(crate) const CODE: u8 = 10;
pub(crate) const DATA: u8 = 11;
pub(crate) const DATA_COUNT: u8 = 12;

/// The opcodes that are treated by name (section 5.4).
pub(crate) const UNREACHABLE: u8 = 0x00;
pub(crate) const END: u8 = 0x0B;
pub(crate) const CALL: u8 = 0x10;
pub(crate) const CALL_INDIRECT: u8 = 0x11;
pub(crate) const I32_CONST: u8 = 0x41;
pub(crate) const REF_FUNC: u8 = 0xD2;

/// An unsigned number in LEB128.
pub(crate) fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// Bytes, and how far they have been read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        let byte = *self.bytes.get(self.at).context("the module ends early")?;
        self.at += 1;
        Ok(byte)
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(length).context("a length beyond all bounds")?;
        let taken = self.bytes.get(self.at..end).context("the module ends early")?;
        self.at = end;
        Ok(taken)
    }

    /// An unsigned number of at most 32 bits.
    pub(crate) fn number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        bail!("a number of more than 32 bits")
    }

    /// A signed number of at most 64 bits, by its bits.
    pub(crate) fn wide(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                if byte & 0x40 != 0 && shift + 7 < 64 {
                    value |= u64::MAX << (shift + 7);
                }
                return Ok(value);
            }
        }
        bail!("a number of more than 64 bits")
    }

    /// The functions' types in the type section, each as it is written.
    pub(crate) fn types(&mut self) -> Result<Vec<&'a [u8]>> {
        let mut types = Vec::new();
        for _ in 0..self.number()? {
            let start = self.at;
            if self.byte()? != 0x60 {
                bail!("a type that is not a function's");
            }
            for _ in 0..2 {
                let values = self.number()?;
                self.take(values)?;
            }
            types.push(self.bytes.get(start..self.at).context("a type ends within its section")?);
        }
        Ok(types)
    }

    /// What an import is of, behind its names: the type of a function, of a table, a memory or a global.
    pub(crate) fn import(&mut self) -> Result<()> {
        let kind = self.byte()?;
        if kind == 1 || kind == 3 {
            self.byte()?;
        }
        self.number()?;
        match kind {
            0 | 3 => Ok(()),
            // Limits begin with whether there is an upper one. None of ours has any.
            1 | 2 => self.number().map(drop),
            _ => bail!("an import of the kind {kind}"),
        }
    }

    /// The bytes of a number of at most 64 bits.
    fn skip_number(&mut self) -> Result<()> {
        for _ in 0..10 {
            if self.byte()? < 0x80 {
                return Ok(());
            }
        }
        bail!("a number of more than 64 bits")
    }

    pub(crate) fn name(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        Ok(std::str::from_utf8(self.take(length)?)?)
    }

    /// The next instruction: its opcode, and the bytes of its immediates.
    pub(crate) fn instruction(&mut self) -> Result<(u8, &'a [u8])> {
        let opcode = self.byte()?;
        let start = self.at;
        match opcode {
            // Control, parametric and numeric instructions without immediates.
            0x00 | 0x01 | 0x05 | END | 0x0F | 0x1A | 0x1B | 0x45..=0xC4 | 0xD1 => {}
            // Blocks by their type; branches; calls, variables and tables by their index; constants.
            0x02..=0x04 | 0x0C | 0x0D | CALL | 0x20..=0x26 | 0x3F..=0x42 | 0xD0 | REF_FUNC => {
                self.skip_number()?;
            }
            // A call through a table; a memory access by its alignment and offset.
            CALL_INDIRECT | 0x28..=0x3E => {
                self.skip_number()?;
                self.skip_number()?;
            }
            // A branch by a table: so many targets, and the one for all other values.
            0x0E => {
                for _ in 0..=self.number()? {
                    self.skip_number()?;
                }
            }
            // A selection by type.
            0x1C => {
                let count = self.number()?;
                self.take(count)?;
            }
            0x43 => {
                self.take(4)?;
            }
            0x44 => {
                self.take(8)?;
            }
            0xFC => {
                let indexes = match self.number()? {
                    0..=7 => 0,
                    9 | 11 | 13 | 15..=17 => 1,
                    8 | 10 | 12 | 14 => 2,
                    unknown => bail!("the instruction 0xFC {unknown} is not known"),
                };
                for _ in 0..indexes {
                    self.skip_number()?;
                }
            }
            unknown => bail!("the instruction {unknown:#04X} is not known"),
        }
        let immediates = self.bytes.get(start..self.at).context("an instruction ends within the module")?;
        Ok((opcode, immediates))
    }
}

/// The numbers of an instruction that may be addresses of data: a constant, the two halves of a wide one (an address and a length are often
/// written at once), or what is added to the address of an access. Negative ones are read as others that are none.
///
/// # Errors
/// If the instruction ends early.
pub(crate) fn addresses(opcode: u8, immediates: &[u8]) -> Result<Vec<usize>> {
    let mut reader = Reader::new(immediates);
    Ok(match opcode {
        I32_CONST => vec![reader.number()?],
        0x42 => {
            let wide = reader.wide()?;
            vec![(wide & 0xffff_ffff) as usize, (wide >> 32) as usize]
        }
        0x28..=0x3E => {
            reader.number()?;
            vec![reader.number()?]
        }
        _ => Vec::new(),
    })
}

/// Adds a name, or any text, with its length.
pub(crate) fn add_name(bytes: &mut Vec<u8>, name: &str) {
    bytes.extend(leb(name.len()));
    bytes.extend(name.bytes());
}

/// Adds a section with its number and length.
pub(crate) fn add_section(module: &mut Vec<u8>, number: u8, content: &[u8]) {
    module.push(number);
    module.extend(leb(content.len()));
    module.extend(content);
}

/// A section of a module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'a> {
    pub number: u8,
    /// Where its content begins in the module.
    pub start: usize,
    pub content: &'a [u8],
}

/// The content of the section of this number; of one that is not there, that of an empty list.
pub(crate) fn content<'a>(sections: &[Section<'a>], number: u8) -> &'a [u8] {
    sections.iter().find(|section| section.number == number).map_or([0].as_slice(), |section| section.content)
}

/// The sections in their order.
pub(crate) fn sections(module: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut reader = Reader::new(module);
    if reader.take(PREAMBLE.len())? != PREAMBLE {
        bail!("this is not a module");
    }
    let mut sections = Vec::new();
    while !reader.is_at_end() {
        let number = reader.byte()?;
        let length = reader.number()?;
        let start = reader.at;
        sections.push(Section { number, start, content: reader.take(length)? });
    }
    Ok(sections)
}

/// The functions that have a name, each by its number: the second subsection of the custom section `name` (appendix
/// "Custom Sections").
pub(crate) fn function_names<'a>(sections: &[Section<'a>]) -> Result<Vec<(usize, &'a str)>> {
    let mut named = Vec::new();
    for section in sections.iter().filter(|section| section.number == 0) {
        let mut reader = Reader::new(section.content);
        if reader.name()? != "name" {
            continue;
        }
        while !reader.is_at_end() {
            let (kind, length) = (reader.byte()?, reader.number()?);
            let mut names = Reader::new(reader.take(length)?);
            for _ in 0..if kind == 1 { names.number()? } else { 0 } {
                named.push((names.number()?, names.name()?));
            }
        }
    }
    Ok(named)
}

/// The element section, whose segments list functions by number, with each number as `mended` gives it.
pub(crate) fn elements(section: &[u8], mut mended: impl FnMut(usize) -> Result<usize>) -> Result<Vec<u8>> {
    let mut reader = Reader::new(section);
    let count = reader.number()?;
    let mut elements = leb(count);
    for _ in 0..count {
        let start = reader.at;
        if reader.number()? != 0 {
            bail!("only active segments of the first table are known");
        }
        while reader.instruction()?.0 != END {}
        let functions = reader.number()?;
        elements
            .extend_from_slice(section.get(start..reader.at).context("a segment ends within its section")?);
        for _ in 0..functions {
            elements.extend(leb(mended(reader.number()?)?));
        }
    }
    if !reader.is_at_end() {
        bail!("the element section was not read to its end");
    }
    Ok(elements)
}

/// A function's body.
#[derive(Debug, Clone)]
pub(crate) struct Body<'a> {
    /// The declarations of its local variables, as they are written.
    pub declarations: &'a [u8],
    /// Opcodes and the bytes of their immediates. The last one is the `end` of the function.
    pub instructions: Vec<(u8, &'a [u8])>,
}

impl Body<'_> {
    /// The body as it stands in the module, without its length.
    pub(crate) fn written(&self) -> Vec<u8> {
        let mut written = self.declarations.to_vec();
        for (opcode, immediates) in &self.instructions {
            written.push(*opcode);
            written.extend_from_slice(immediates);
        }
        written
    }
}

/// The bodies of the code section.
pub(crate) fn bodies(section: &[u8]) -> Result<Vec<Body<'_>>> {
    let mut reader = Reader::new(section);
    let mut bodies = Vec::new();
    for _ in 0..reader.number()? {
        let length = reader.number()?;
        let mut body = Reader::new(reader.take(length)?);
        for _ in 0..body.number()? {
            body.number()?;
            body.byte()?;
        }
        let declarations = body.bytes.get(..body.at).context("declarations end within their function")?;
        let mut instructions = Vec::new();
        while !body.is_at_end() {
            instructions.push(body.instruction()?);
        }
        if instructions.last().is_none_or(|(opcode, _)| *opcode != END) {
            bail!("a function does not end with `end`");
        }
        bodies.push(Body { declarations, instructions });
    }
    if !reader.is_at_end() {
        bail!("the code section is longer than its functions");
    }
    Ok(bodies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_parted() {
        let code = [0x41, 0x80, 0x01, 0x28, 0x02, 0x10, 0x0E, 0x01, 0x00, 0x01, 0xFC, 0x0A, 0x00, 0x00, 0x0B];
        let mut reader = Reader::new(&code);
        let mut read = || reader.instruction().expect("known");
        assert_eq!(read(), (0x41, [0x80, 0x01].as_slice()));
        assert_eq!(read(), (0x28, [0x02, 0x10].as_slice()));
        assert_eq!(read(), (0x0E, [0x01, 0x00, 0x01].as_slice()));
        assert_eq!(read(), (0xFC, [0x0A, 0x00, 0x00].as_slice()));
        assert_eq!(read(), (0x0B, [].as_slice()));
        assert!(reader.is_at_end());
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for code in [[0x06, 0x40, 0x0B], [0xFD, 0x00, 0x0B], [0xFC, 0x12, 0x0B], [0x43, 0x00, 0x00]] {
            assert!(Reader::new(&code).instruction().is_err(), "{code:X?}");
        }
        assert!(sections(b"\0asm\x02\0\0\0").is_err());
        assert!(sections(b"\0asm\x01\0\0\0\x0A\x05\x00").is_err());
        // A body that does not end, and one that says it is longer than it is.
        assert!(bodies(&[1, 2, 0, 0x01]).is_err());
        assert!(bodies(&[1, 9, 0, 0x0B]).is_err());
    }
}
