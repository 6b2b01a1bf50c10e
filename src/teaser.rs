//! The teaser: how much of the article stays readable, and where exactly the text is cut.
//!
//! Grammar: `3p` (paragraphs, 0 to 99) · `20%` (of the text, 0 to 99) · `marker` (the publisher's own mark in the text:
//! `<!-- more -->`, `<!-- tollgate -->` or an element with `data-tollgate-cut`).

use crate::text::number;
use crate::text::scan::{join, lower, trim, whole};

/// How much of the article stays readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teaser {
    /// This many paragraphs.
    Paragraphs(u32),
    /// This share of the text, in percent.
    Percent(u32),
    /// What stands above the publisher's mark; three paragraphs where there is none.
    Marker,
}

impl Default for Teaser {
    fn default() -> Teaser {
        Teaser::Paragraphs(3)
    }
}

/// One block of the article's text, as the shell finds it: the text is only ever cut between blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// How many characters of text it holds.
    pub characters: u32,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A paragraph, or a run of text that stands alone.
    Paragraph,
    /// A heading.
    Heading,
    /// The publisher's mark. It holds no text.
    Mark,
    /// Anything else: a list, a picture, a quotation, a table.
    Other,
}

impl Teaser {
    /// Reads the grammar above.
    #[must_use]
    pub fn parse(text: &str) -> Option<Teaser> {
        let text = lower(trim(text));
        if text == "marker" {
            return Some(Teaser::Marker);
        }
        let paragraphs = text.strip_suffix("p");
        let count = whole(trim(paragraphs.or_else(|| text.strip_suffix("%"))?))?;
        match count {
            100.. => None,
            count if paragraphs.is_some() => Some(Teaser::Paragraphs(count)),
            count => Some(Teaser::Percent(count)),
        }
    }

    /// The teaser as the grammar writes it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Teaser::Paragraphs(count) => join(&[&number(i64::from(count)), "p"]),
            Teaser::Percent(share) => join(&[&number(i64::from(share)), "%"]),
            Teaser::Marker => "marker".to_owned(),
        }
    }

    /// How many of `blocks` stay readable: the text is cut before the block at the returned place.
    ///
    /// A text too short for the teaser keeps at most half of its text's blocks, so that a gate always locks something;
    /// and a heading is never the last thing left, for it belongs to what follows.
    #[must_use]
    pub fn cut(self, blocks: &[Block]) -> usize {
        let mut texts = 0_u32;
        let mut total = 0_u64;
        let mut marked = false;
        for block in blocks {
            texts = texts.wrapping_add(u32::from(block.characters > 0));
            total = total.wrapping_add(u64::from(block.characters));
            marked |= block.kind == Kind::Mark;
        }
        // The publisher's own mark is obeyed to the letter; anything else leaves half of the text's blocks locked.
        let (mut paragraphs, mut share, mut most) = (u32::MAX, 100, texts / 2);
        match self {
            Teaser::Paragraphs(count) => paragraphs = count,
            Teaser::Percent(percent) => share = percent,
            Teaser::Marker if marked => most = u32::MAX,
            Teaser::Marker => paragraphs = 3,
        }
        // The share, a hundredfold: a text's characters times 100 fit 64 bits by far.
        let most_read = total.wrapping_mul(u64::from(share));
        let mut cut = 0_usize;
        let mut kept = 0_usize;
        let mut read = 0_u64;
        for block in blocks {
            read = read.wrapping_add(u64::from(block.characters).wrapping_mul(100));
            let too_long = read > most_read;
            let is_mark = self == Teaser::Marker && block.kind == Kind::Mark;
            if paragraphs == 0 || most == 0 || too_long || is_mark {
                break;
            }
            cut = cut.wrapping_add(1);
            // A heading is never the last line left: it belongs to what follows.
            if block.kind != Kind::Heading {
                kept = cut;
            }
            if block.characters > 0 {
                most = most.wrapping_sub(1);
                paragraphs = paragraphs.wrapping_sub(u32::from(block.kind == Kind::Paragraph));
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P: Block = Block { kind: Kind::Paragraph, characters: 100 };
    const H: Block = Block { kind: Kind::Heading, characters: 20 };
    const PICTURE: Block = Block { kind: Kind::Other, characters: 0 };
    const MARK: Block = Block { kind: Kind::Mark, characters: 0 };

    #[test]
    fn the_grammar() {
        for (text, teaser) in [
            ("3p", Teaser::Paragraphs(3)),
            (" 12P ", Teaser::Paragraphs(12)),
            ("0p", Teaser::Paragraphs(0)),
            ("20%", Teaser::Percent(20)),
            ("marker", Teaser::Marker),
        ] {
            assert_eq!(Teaser::parse(text), Some(teaser));
        }
        for bad in ["", "p", "%", "3", "-1p", "100%", "3.5p", "three", "1e1p"] {
            assert_eq!(Teaser::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn three_paragraphs_and_what_stands_between_them() {
        assert_eq!(Teaser::Paragraphs(3).cut(&[P, PICTURE, P, P, P, P, P, P]), 4);
        assert_eq!(Teaser::Paragraphs(0).cut(&[P, P]), 0);
    }

    #[test]
    fn a_heading_is_never_the_last_line() {
        assert_eq!(Teaser::Percent(50).cut(&[P, P, H, P, P, P]), 2);
        assert_eq!(Teaser::Marker.cut(&[P, H, MARK, P]), 1);
        assert_eq!(Teaser::Marker.cut(&[H, MARK, P]), 0);
    }

    #[test]
    fn a_short_text_still_locks_half() {
        assert_eq!(Teaser::Paragraphs(3).cut(&[P, P]), 1);
        assert_eq!(Teaser::Paragraphs(3).cut(&[P, P, P, P]), 2);
        assert_eq!(Teaser::Paragraphs(3).cut(&[P]), 0);
        assert_eq!(Teaser::Paragraphs(3).cut(&[]), 0);
    }

    #[test]
    fn a_share_of_the_text() {
        assert_eq!(Teaser::Percent(20).cut(&[P; 10]), 2);
        assert_eq!(Teaser::Percent(0).cut(&[P; 10]), 0);
        assert_eq!(Teaser::Percent(25).cut(&[P; 10]), 2);
    }

    #[test]
    fn the_publishers_mark_is_obeyed() {
        assert_eq!(Teaser::Marker.cut(&[P, P, P, P, MARK, P]), 4);
        assert_eq!(Teaser::Marker.cut(&[P; 8]), 3);
    }

    fn block() -> impl Strategy<Value = Block> {
        let kind =
            prop_oneof![Just(Kind::Paragraph), Just(Kind::Heading), Just(Kind::Other), Just(Kind::Mark)];
        (kind, 0..400_u32).prop_map(|(kind, characters)| Block { kind, characters })
    }

    proptest! {
        #[test]
        fn a_cut_is_within_the_text_and_locks_something(blocks in proptest::collection::vec(block(), 0..30), count in 0..100_u32) {
            for teaser in [Teaser::Paragraphs(count), Teaser::Percent(count), Teaser::Marker] {
                let cut = teaser.cut(&blocks);
                prop_assert!(cut <= blocks.len());
                let locked: u32 = blocks[cut..].iter().map(|block| block.characters).sum();
                let whole: u32 = blocks.iter().map(|block| block.characters).sum();
                prop_assert!(whole == 0 || locked > 0 || teaser == Teaser::Marker);
                prop_assert!(cut == 0 || blocks[cut - 1].kind != Kind::Heading);
            }
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_written_back(text in ".{0,6}|[0-9]{1,3}[p%]") {
            if let Some(teaser) = Teaser::parse(&text) {
                prop_assert_eq!(Teaser::parse(&teaser.name()), Some(teaser));
            }
        }
    }
}
