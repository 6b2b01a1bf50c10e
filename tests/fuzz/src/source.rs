//! Bytes read as choices, numbers and texts. Past its end a source gives zeros, and the first of every choice is the plainest:
//! a shorter input is a simpler one.

/// Pieces that the core's grammars are made of, for texts that come close to one.
const PIECES: [&str; 48] = [
    "",
    " ",
    "|",
    ":",
    ".",
    "/",
    "[",
    "]",
    ",",
    "-",
    "*",
    "=",
    "&",
    "?",
    "#",
    "%",
    "@",
    "{",
    "}",
    "{plan}",
    "{return_url}",
    "0",
    "1",
    "30d",
    "2.90",
    "month",
    "3 months",
    "free then ",
    "from 2",
    "dismissible",
    "1/day",
    "notice",
    "newsletter",
    "register",
    "subscribe",
    "free",
    "locked",
    "metered",
    "search",
    "https://",
    "//",
    "utm_source=x",
    "%41",
    "%2",
    "\u{3000}",
    "é",
    "\0",
    "\\",
];

/// Bytes to be read.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    rest: &'a [u8],
}

impl<'a> Source<'a> {
    /// A source of these bytes.
    pub(crate) fn of(bytes: &'a [u8]) -> Source<'a> {
        Source { rest: bytes }
    }

    /// Whether there is nothing left but zeros.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *byte
    }

    /// A number below `limit`, which is at most 65,536 and not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let mut number = usize::from(self.byte());
        if limit > 256 {
            number = number << 8 | usize::from(self.byte());
        }
        number % limit
    }

    /// Yes once in `often` times.
    pub(crate) fn once_in(&mut self, often: usize) -> bool {
        self.below(often) == often - 1
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A number of 0 to 8 bytes, often a small one.
    pub(crate) fn number(&mut self) -> i64 {
        let length = self.pick(&[1, 0, 1, 1, 2, 3, 4, 5, 6, 8]);
        let number = (0..length).fold(0_u64, |number, _| number << 8 | u64::from(self.byte()));
        let number = number.cast_signed();
        if self.once_in(4) { number.wrapping_neg() } else { number }
    }

    /// A number between two, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = most.wrapping_sub(least).wrapping_add(1);
        if span <= 0 { self.number() } else { least.wrapping_add(self.number().rem_euclid(span)) }
    }

    /// A list of at most `most`, made one by one; it ends with the bytes.
    pub(crate) fn list<T>(&mut self, most: usize, mut make: impl FnMut(&mut Source<'a>) -> T) -> Vec<T> {
        let count = self.below(most + 1);
        let mut list = Vec::new();
        while list.len() < count && !self.is_empty() {
            list.push(make(self));
        }
        list
    }

    /// Any text of at most `most` bytes.
    pub(crate) fn raw(&mut self, most: usize) -> String {
        let length = self.below(most + 1).min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(length);
        self.rest = rest;
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// A text of the grammars' pieces and a few other characters.
    pub(crate) fn pieces(&mut self, most: usize) -> String {
        let parts = self.list(most, |source| match source.below(4) {
            3 => source.raw(3),
            _ => source.pick(&PIECES).to_owned(),
        });
        parts.concat()
    }

    /// `text` as it is, or changed a little, or another one.
    pub(crate) fn nearly(&mut self, text: &str) -> String {
        match self.below(16) {
            0..=10 => text.to_owned(),
            11..=13 => self.changed(text),
            14 => self.pieces(8),
            _ => self.raw(40),
        }
    }

    /// `text` with something left out, put in, doubled or cut.
    fn changed(&mut self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let place = |source: &mut Source<'_>| source.below(letters.len().min(65_535) + 1);
        let (one, other) = (place(self), place(self));
        let (from, to) = (one.min(other), one.max(other));
        let part = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
        let (before, middle, after) = (part(0, from), part(from, to), part(to, letters.len()));
        match self.below(6) {
            0 => [before, after].concat(),
            1 => [before, self.pieces(2), after].concat(),
            2 => [before, middle.clone(), middle, after].concat(),
            3 => [after, middle, before].concat(),
            4 => [before, middle.to_uppercase(), after].concat(),
            _ => [before, self.raw(4), middle, after].concat(),
        }
    }

    /// One of several texts, or nearly one.
    pub(crate) fn like(&mut self, texts: &[&str]) -> String {
        let text = self.pick(texts);
        self.nearly(text)
    }

    /// Several such texts in one, parted as a list is.
    pub(crate) fn list_like(&mut self, most: usize, sign: &str, texts: &[&str]) -> String {
        self.list(most, |source| source.like(texts)).join(sign)
    }
}
