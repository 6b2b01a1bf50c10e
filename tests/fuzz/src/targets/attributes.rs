//! Attributes: names and values → settings → the configuration, an article's terms, the view of a gate.

use super::setting::{self, Around};
use crate::source::Source;
use tollgate::config::Settings;
use tollgate::teaser::{Block, Kind, Teaser};

/// One tag.
pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    let around = Around::of(&mut source);
    let entries = source.list(10, |source| {
        let (name, attribute) = setting::name(source);
        let value = setting::value(source, attribute);
        (name, value)
    });
    let written = entries.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    let mut settings = Settings::default();
    settings.add_attributes(entries);
    let teaser = settings.text("data-teaser").and_then(Teaser::parse);
    check_teaser(teaser.unwrap_or_default(), &mut source);
    let length = around.rule.len() + around.sections.len();
    let _ = setting::check(settings, &around, written + length, &mut source);
}

/// A teaser cuts some blocks, is written as it was read, and leaves no heading as the last line.
fn check_teaser(teaser: Teaser, source: &mut Source<'_>) {
    assert_eq!(Teaser::parse(&teaser.name()), Some(teaser));
    let blocks = source.list(12, |source| Block {
        kind: source.pick(&[Kind::Paragraph, Kind::Heading, Kind::Mark, Kind::Other]),
        characters: source.between(0, i64::from(u32::MAX)) as u32,
    });
    let kept = teaser.cut(&blocks);
    assert!(kept <= blocks.len());
    assert!(kept == 0 || blocks[kept - 1].kind != Kind::Heading, "a heading is the last line");
    let texts = |blocks: &[Block]| blocks.iter().filter(|block| block.characters > 0).count();
    let is_marked = teaser == Teaser::Marker && blocks.iter().any(|block| block.kind == Kind::Mark);
    assert!(is_marked || texts(&blocks[..kept]) <= texts(&blocks) / 2, "more than half stays readable");
}
