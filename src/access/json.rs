//! A small strict reader of JSON (RFC 8259), for bytes that are not ours: tokens and the endpoint's answers.
//!
//! Stricter than the browser's, which is what a signed token asks for (RFC 8725, section 3.10 and on): a member that stands twice, text behind
//! the end, an unpaired surrogate or a number that is none refuses the whole. It never looks deeper than [`DEPTH`] and never reads
//! more than [`MEMBERS`] values, so it ends soon whatever it is given (adverse case SEC-14).

use crate::text::scan::{join, push};
use crate::text::{number, scan};

/// How deep lists and objects may lie in each other; a token has one level, an answer two.
const DEPTH: u32 = 8;

/// How many values a document may hold: each new one is compared with all before it.
const MEMBERS: usize = 200;

/// What parts the names of a member within a member: no name may hold it.
const STEP: &str = "\n";

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    True,
    False,
    Null,
    Map,
    List,
}

#[derive(Debug)]
struct Member {
    path: String,
    kind: Kind,
    text: String,
}

/// A document that was read: an object, with its members by their paths.
#[derive(Debug)]
pub struct Document {
    members: Vec<Member>,
}

impl Document {
    /// Reads an object of at most `longest` bytes; `None` for all else.
    #[must_use]
    pub fn read(text: &str, longest: usize) -> Option<Document> {
        let document = Document::value(text, longest)?;
        if document.members.first()?.kind == Kind::Map { Some(document) } else { None }
    }

    /// Reads a value of any kind, of at most `longest` bytes.
    #[must_use]
    pub fn value(text: &str, longest: usize) -> Option<Document> {
        if text.len() > longest {
            return None;
        }
        let mut reader = Reader { rest: text.as_bytes(), members: Vec::new() };
        reader.value("", DEPTH)?;
        reader.skip_blanks();
        if reader.rest.is_empty() { Some(Document { members: reader.members }) } else { None }
    }

    /// A document of which another reader has made flat entries: each text by its path with points between the names, and `map` or `list`
    /// for what has a point at its end (`config::Entries`).
    #[must_use]
    pub fn of<'e>(entries: impl Iterator<Item = (&'e str, &'e str)>) -> Document {
        let mut members = Vec::new();
        for (name, text) in entries {
            let mut path = String::new();
            let mut steps = Some(name.strip_suffix(".").unwrap_or(name)).filter(|name| !name.is_empty());
            while let Some(step) = scan::next_field(&mut steps, b'.') {
                path = join(&[&path, STEP, step]);
            }
            let kind = match (name.is_empty() || name.ends_with("."), text) {
                (true, "list") => Kind::List,
                (true, _) => Kind::Map,
                _ => Kind::Text,
            };
            members.push(Member { path, kind, text: text.to_owned() });
        }
        Document { members }
    }

    /// The text of a member; a member of a member by both names, as in `&["data", "tier"]`.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        let member = self.find(path)?;
        if member.kind == Kind::Text { Some(&member.text) } else { None }
    }

    /// The whole number of a member: plain digits below 2⁵³ ([`scan::whole`] is for less), without sign, fraction or exponent.
    #[must_use]
    pub fn whole(&self, path: &[&str]) -> Option<i64> {
        let member = self.find(path)?;
        if member.kind != Kind::Number || member.text.len() > 16 {
            return None;
        }
        let mut whole = 0_i64;
        for digit in member.text.bytes() {
            if !digit.is_ascii_digit() {
                return None;
            }
            whole = whole.wrapping_mul(10).wrapping_add(i64::from(digit.wrapping_sub(b'0')));
        }
        if whole < 1 << 53 { Some(whole) } else { None }
    }

    /// Whether a member is `true` or `false`; `None` where it is neither.
    #[must_use]
    pub fn truth(&self, path: &[&str]) -> Option<bool> {
        match self.find(path)?.kind {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// Whether there is such a member, whatever it is.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        self.find(path).is_some()
    }

    /// Whether a member is a list; with an empty path, whether the document itself is one.
    #[must_use]
    pub fn is_list(&self, path: &[&str]) -> bool {
        self.find(path).is_some_and(|member| member.kind == Kind::List)
    }

    /// Whether the text of any member has a byte in it.
    #[must_use]
    pub fn holds(&self, byte: u8) -> bool {
        self.members.iter().any(|member| scan::cut(&member.text, byte).is_some())
    }

    fn find(&self, path: &[&str]) -> Option<&Member> {
        let mut whole = String::new();
        for name in path {
            whole = join(&[&whole, STEP, name]);
        }
        self.members.iter().find(|member| member.path == whole)
    }
}

/// The name of the nth item of a list, for a path.
#[must_use]
pub fn nth(place: usize) -> String {
    number(place as i64)
}

struct Reader<'a> {
    rest: &'a [u8],
    members: Vec<Member>,
}

impl Reader<'_> {
    fn value(&mut self, path: &str, depth: u32) -> Option<()> {
        self.skip_blanks();
        let place = self.members.len();
        if place >= MEMBERS || self.members.iter().any(|member| member.path == path) {
            return None;
        }
        self.members.push(Member { path: path.to_owned(), kind: Kind::Null, text: String::new() });
        let mut text = String::new();
        let kind = match self.rest.first()? {
            b'{' => {
                self.group(path, b'}', depth.checked_sub(1)?)?;
                Kind::Map
            }
            b'[' => {
                self.group(path, b']', depth.checked_sub(1)?)?;
                Kind::List
            }
            b'"' => {
                text = self.string()?;
                Kind::Text
            }
            b't' => self.word(b"true", Kind::True)?,
            b'f' => self.word(b"false", Kind::False)?,
            b'n' => self.word(b"null", Kind::Null)?,
            _ => {
                text = self.number()?;
                Kind::Number
            }
        };
        let member = self.members.get_mut(place)?;
        member.kind = kind;
        member.text = text;
        Some(())
    }

    /// An object or a list, up to the byte that ends it.
    fn group(&mut self, path: &str, end: u8, depth: u32) -> Option<()> {
        let mut place = 0_usize;
        self.step();
        self.skip_blanks();
        if self.takes(end) {
            return Some(());
        }
        loop {
            let name = if end == b']' {
                nth(place)
            } else {
                self.skip_blanks();
                let name = self.string()?;
                // It would be taken for a member of a member.
                if scan::cut(&name, b'\n').is_some() {
                    return None;
                }
                self.skip_blanks();
                if !self.takes(b':') {
                    return None;
                }
                name
            };
            self.value(&join(&[path, STEP, &name]), depth)?;
            place = place.wrapping_add(1);
            self.skip_blanks();
            if self.takes(end) {
                return Some(());
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Option<Kind> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(kind)
    }

    /// `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`, as it is written.
    fn number(&mut self) -> Option<String> {
        let mut text = String::new();
        if self.takes(b'-') {
            push(&mut text, b'-');
        }
        if self.takes(b'0') {
            push(&mut text, b'0');
        } else {
            self.digits(&mut text)?;
        }
        if self.takes(b'.') {
            push(&mut text, b'.');
            self.digits(&mut text)?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            push(&mut text, b'e');
            if !self.takes(b'+') && self.takes(b'-') {
                push(&mut text, b'-');
            }
            self.digits(&mut text)?;
        }
        Some(text)
    }

    /// One digit at least.
    fn digits(&mut self, text: &mut String) -> Option<()> {
        let before = text.len();
        while let Some(digit @ b'0'..=b'9') = self.rest.first() {
            push(text, *digit);
            self.step();
        }
        if text.len() > before { Some(()) } else { None }
    }

    fn string(&mut self) -> Option<String> {
        if !self.takes(b'"') {
            return None;
        }
        // Bytes of UTF-8: what is read is a part of a text, cut between letters.
        let mut text = Vec::new();
        loop {
            let byte = *self.rest.first()?;
            self.step();
            match byte {
                b'"' => return scan::utf8(&text),
                0..=0x1f => return None,
                b'\\' => {
                    let escaped = *self.rest.first()?;
                    self.step();
                    text.push(match escaped {
                        b'"' | b'\\' | b'/' => escaped,
                        b'b' => 8,
                        b'f' => 12,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'u' => {
                            let letter = self.escaped()?;
                            text.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
                            continue;
                        }
                        _ => return None,
                    });
                }
                _ => text.push(byte),
            }
        }
    }

    /// What stands behind `\u`: a letter, of which two halves may make one (RFC 8259, section 7).
    fn escaped(&mut self) -> Option<char> {
        let first = self.hexadecimal()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first);
        }
        if first >= 0xdc00 || !self.takes(b'\\') || !self.takes(b'u') {
            return None;
        }
        let second = self.hexadecimal()?;
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        char::from_u32(0x1_0000_u32.wrapping_add((first & 0x3ff) << 10 | second & 0x3ff))
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let mut value = 0_u32;
        for _ in 0..4 {
            let digit = char::from(*self.rest.first()?).to_digit(16)?;
            self.step();
            value = value << 4 | digit;
        }
        Some(value)
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is = self.rest.first() == Some(&byte);
        if is {
            self.step();
        }
        is
    }

    fn step(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.rest.first() {
            self.step();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reads(text: &str) -> bool {
        Document::value(text, 10_000).is_some()
    }

    #[test]
    fn members_are_found_by_their_paths() {
        let read = Document::read(
            r#" {"granted": true, "data": {"articlesLeft": 2, "tier": "registered"}, "list": [1, "b"], "none": null} "#,
            1000,
        )
        .expect("well formed");
        assert_eq!(read.truth(&["granted"]), Some(true));
        assert_eq!(read.whole(&["data", "articlesLeft"]), Some(2));
        assert_eq!(read.text(&["data", "tier"]), Some("registered"));
        assert_eq!(read.text(&["list", &nth(1)]), Some("b"));
        assert!(read.has(&["none"]) && read.truth(&["none"]).is_none());
        assert_eq!(read.text(&["data"]), None);
        assert_eq!(read.whole(&["granted"]), None);
        // No path leads into a name that looks like one.
        assert_eq!(Document::read(r#"{"data\ntier": "subscriber"}"#, 1000).map(|_| ()), None);
    }

    #[test]
    fn escapes_are_letters() {
        let read =
            Document::read(r#"{"t": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀"}"#, 1000).expect("well formed");
        assert_eq!(read.text(&["t"]), Some("\"\\/\u{8}\u{c}\n\r\té😀é😀"));
    }

    #[test]
    fn sec_14_what_is_not_strict_json_is_refused() {
        let deep = ["[".repeat(10_000), "]".repeat(10_000)].concat();
        let many = format!("[{}1]", "1,".repeat(300));
        for bad in [
            "",
            "{",
            "}",
            "{}}",
            "{} x",
            "{\"a\":1,}",
            "[1,]",
            "[,1]",
            "{a:1}",
            "{'a':1}",
            "{\"a\" 1}",
            "{\"a\":}",
            "\u{feff}{}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":{\"b\":1,\"b\":1}}",
            "{\"a\":1,\"\\u0061\":2}",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "1e+",
            "-",
            "0x1",
            "NaN",
            "Infinity",
            "tru",
            "truex",
            "nul",
            "\"\\x\"",
            "\"\n\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\\u12g4\"",
            "\"open",
            "// c\n1",
            "{\"a\":1}\u{0}",
            &deep,
            &many,
        ] {
            assert!(!reads(bad), "{}", bad.get(..60).unwrap_or(bad));
        }
        assert!(Document::value(&format!("\"{}\"", "x".repeat(10_000_000)), 4096).is_none());
        assert!(Document::read("[]", 10).is_none());
        for good in ["0", "-0.5e-3", "1E9", "[[[[[[[[]]]]]]]]", "\"\\u0000\"", "{\"\":1}"] {
            assert!(reads(good), "{good}");
        }
        assert!(!reads("[[[[[[[[[]]]]]]]]]"));
    }

    #[test]
    fn a_whole_number_has_no_sign_fraction_or_exponent() {
        let whole = |text: &str| Document::value(text, 100).and_then(|read| read.whole(&[]));
        assert_eq!(whole("9007199254740991"), Some(9_007_199_254_740_991));
        for none in ["9007199254740992", "99999999999999999999", "-1", "1.0", "1e3", "\"1\"", "true"] {
            assert_eq!(whole(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn sec_11_any_text_is_read_or_refused(text in any::<String>()) {
            let _ = Document::value(&text, 1000);
        }

        /// What this reader takes, serde_json takes too, and means the same by it.
        #[test]
        fn it_takes_nothing_that_serde_json_refuses(text in r#"[\[\]{}",:0-9a-c.eE+\- \\u]{0,24}"#) {
            if reads(&text) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            }
        }

        #[test]
        fn it_takes_what_serde_json_writes(names in proptest::collection::btree_map("[^\n]{0,6}", any::<String>(), 0..6)) {
            let written = serde_json::to_string(&names).expect("written");
            let read = Document::read(&written, 100_000).expect("strict JSON");
            for (name, text) in &names {
                prop_assert_eq!(read.text(&[name]), Some(text.as_str()));
            }
        }
    }
}
