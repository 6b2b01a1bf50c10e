//! The teaser: how much of the article stays readable, and where exactly the text is cut.
//!
//! Grammar: `3p` (paragraphs, 0 to 99) · `20%` (of the text, 0 to 99) · `marker` (the publisher's own mark in the text:
//! `<!-- more -->`, `<!-- tollgate -->` or an element with `data-tollgate-cut`).

use crate::text::number;

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
        let text = text.trim().to_ascii_lowercase();
        if text == "marker" {
            return Some(Teaser::Marker);
        }
        let count = |digits: &str| {
            let digits = digits.trim_end();
            let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
            plain.then(|| digits.parse().ok())?
        };
        match (text.strip_suffix('p'), text.strip_suffix('%')) {
            (Some(digits), _) => count(digits).map(Teaser::Paragraphs),
            (_, Some(digits)) => count(digits).map(Teaser::Percent),
            _ => None,
        }
    }

    /// The teaser as the grammar writes it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Teaser::Paragraphs(count) => [&number(i64::from(count)), "p"].concat(),
            Teaser::Percent(share) => [&number(i64::from(share)), "%"].concat(),
            Teaser::Marker => "marker".to_owned(),
        }
    }

    /// How many of `blocks` stay readable: the text is cut before the block at the returned place.
    ///
    /// A text too short for the teaser keeps at most half of its text's blocks, so that a gate always locks something;
    /// and a heading is never the last thing left, for it belongs to what follows.
    #[must_use]
    pub fn cut(self, blocks: &[Block]) -> usize {
        let wanted = match self {
            Teaser::Paragraphs(count) => after_paragraphs(blocks, count),
            Teaser::Percent(share) => after_share(blocks, share),
            Teaser::Marker => blocks
                .iter()
                .position(|block| block.kind == Kind::Mark)
                .unwrap_or_else(|| after_paragraphs(blocks, 3)),
        };
        let texts = blocks.iter().filter(|block| block.characters > 0).count();
        let kept = blocks.iter().take(wanted).filter(|block| block.characters > 0).count();
        let mut cut = wanted;
        // The publisher's own mark is obeyed to the letter.
        if self != Teaser::Marker && kept.saturating_mul(2) > texts {
            cut = after_texts(blocks, texts / 2);
        }
        while let Some(last) = blocks.get(..cut).and_then(<[Block]>::last) {
            if last.kind != Kind::Heading {
                break;
            }
            cut = cut.saturating_sub(1);
        }
        cut
    }
}

/// The place after the `count`th paragraph with text; the end if there are fewer.
fn after_paragraphs(blocks: &[Block], count: u32) -> usize {
    let paragraph = |block: &Block| block.kind == Kind::Paragraph && block.characters > 0;
    after(blocks, count as usize, paragraph)
}

/// The place after the `count`th block with text.
fn after_texts(blocks: &[Block], count: usize) -> usize {
    after(blocks, count, |block| block.characters > 0)
}

fn after(blocks: &[Block], count: usize, counts: impl Fn(&Block) -> bool) -> usize {
    let Some(last) = count.checked_sub(1) else { return 0 };
    let nth = blocks.iter().enumerate().filter(|(_, block)| counts(block)).nth(last);
    nth.map_or(blocks.len(), |(place, _)| place.saturating_add(1))
}

/// The place after the last block that still fits in `share` percent of the text.
fn after_share(blocks: &[Block], share: u32) -> usize {
    let total: u64 = blocks.iter().map(|block| u64::from(block.characters)).sum();
    let mut read = 0_u64;
    blocks
        .iter()
        .take_while(|block| {
            read = read.saturating_add(u64::from(block.characters));
            read.saturating_mul(100) <= total.saturating_mul(u64::from(share))
        })
        .count()
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
