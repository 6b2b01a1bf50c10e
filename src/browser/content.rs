//! Cutting the article's text: its blocks, as the shim reads them, to the teaser and back.
//!
//! What is locked leaves the document, it is not hidden. But the elements that held it stay, empty and undisplayed:
//! a framework that renders the page may still remove or replace them while the article is gated (rulings, 'Behaviour').

use super::host::{Host, Journal};
use crate::teaser::{Block, Kind, Teaser};
use web_sys::Node;

/// Takes everything below the teaser out of the article; `gate` takes its place.
pub(super) fn lock(host: &Host, teaser: Teaser, journal: &Journal, gate: &Node) {
    host.outline();
    let mut blocks = Vec::new();
    let mut nth = 0_u32;
    // The shim's numbers for kinds: www/loader/page.js.
    while let Ok(block) = u32::try_from(host.block(nth)) {
        let kind = match block & 3 {
            0 => Kind::Paragraph,
            1 => Kind::Heading,
            2 => Kind::Mark,
            _ => Kind::Other,
        };
        blocks.push(Block { kind, characters: block >> 2 });
        nth = nth.wrapping_add(1);
    }
    host.lock(journal, gate, teaser.cut(&blocks) as u32);
}
