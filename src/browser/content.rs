//! The article's blocks, and taking the locked ones out of the page.
//!
//! What is locked leaves the document, it is not hidden. But the elements that held it stay, empty and undisplayed:
//! a framework that renders the page may still remove or replace them while the article is gated (rulings, 'Behaviour').

use super::host::Journal;
use crate::teaser::{Block, Kind, Teaser};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Node};

/// Elements that stand as a block of their own and are never looked into.
const BLOCKS: &str = " P H1 H2 H3 H4 H5 H6 UL OL DL BLOCKQUOTE FIGURE TABLE PRE ASIDE NAV FOOTER FORM HR DETAILS ADDRESS FIELDSET HGROUP MENU DIALOG ";
/// Elements that only group others: looked into where they hold blocks.
const GROUPS: &str = " DIV SECTION ARTICLE MAIN HEADER CENTER SPAN ";
/// Elements whose substance is themselves and not their children: taken out whole, to come back as the same nodes.
const SUBSTANCE: &str = " IMG PICTURE VIDEO AUDIO IFRAME OBJECT EMBED CANVAS SVG HR INPUT SCRIPT ";
/// Elements that show nothing and may matter to the whole page: left where they are.
const SILENT: &str = " STYLE LINK META TEMPLATE NOSCRIPT ";

/// The article's text as a list of blocks, each with the nodes it is made of.
struct Outline {
    blocks: Vec<Block>,
    pieces: Vec<Piece>,
    /// Groups, with the block each begins at; outer groups before the groups inside them.
    groups: Vec<(usize, Element)>,
}

/// What a block is made of.
enum Piece {
    /// An element that stays while its children go.
    Shell(Element),
    /// Nodes that go themselves.
    Nodes(Vec<Node>),
}

/// Where the text was cut: a gate put before `before` in `parent` stands where it goes on.
pub(super) struct Cut {
    pub(super) parent: Node,
    pub(super) before: Option<Node>,
}

/// Takes everything below the teaser out of `content`.
///
/// `gate` is put where the text was cut before anything is taken out, so that its place cannot be lost.
pub(super) fn lock(content: &Element, teaser: Teaser, journal: &Journal, gate: &Node) -> Result<(), JsValue> {
    let mut outline = Outline { blocks: Vec::new(), pieces: Vec::new(), groups: Vec::new() };
    outline.read(content);
    let cut = teaser.cut(&outline.blocks);
    let place = outline.place(cut, content);
    journal.put(gate, &place.parent, place.before.as_ref())?;
    for (start, group) in &outline.groups {
        if *start >= cut {
            journal.style(group, "display", "none")?;
        }
    }
    for piece in outline.pieces.iter().skip(cut) {
        match piece {
            Piece::Shell(element) => {
                journal.style(element, "display", "none")?;
                while let Some(child) = element.first_child() {
                    journal.take(&child)?;
                }
            }
            Piece::Nodes(nodes) => {
                for node in nodes {
                    journal.take(node)?;
                }
            }
        }
    }
    Ok(())
}

impl Outline {
    /// Reads the children of a group into blocks.
    fn read(&mut self, group: &Element) {
        let mut run: Vec<Node> = Vec::new();
        let mut breaks = 0_u32;
        let mut next = group.first_child();
        while let Some(node) = next {
            next = node.next_sibling();
            if node.node_type() == Node::COMMENT_NODE {
                let text = node.text_content().unwrap_or_default();
                if matches!(text.trim(), "more" | "tollgate") {
                    self.end(&mut run);
                    self.push(Kind::Mark, Piece::Nodes(Vec::new()), 0);
                }
                continue;
            }
            let Some(element) = node.dyn_ref::<Element>() else {
                if !node.text_content().unwrap_or_default().trim().is_empty() {
                    run.push(node);
                    breaks = 0;
                }
                continue;
            };
            let name = [" ", &element.tag_name().to_ascii_uppercase(), " "].concat();
            if element.has_attribute("data-tollgate-cut") {
                self.end(&mut run);
                self.push(Kind::Mark, Piece::Nodes(Vec::new()), 0);
            }
            if SILENT.contains(&name) {
                continue;
            }
            let is_group = GROUPS.contains(&name) || name.contains('-');
            if is_group && holds_blocks(element) {
                self.end(&mut run);
                self.groups.push((self.blocks.len(), element.clone()));
                self.read(element);
            } else if BLOCKS.contains(&name) || (is_group && name != " SPAN ") {
                self.end(&mut run);
                let kind = match name.trim() {
                    "P" | "DIV" => Kind::Paragraph,
                    "H1" | "H2" | "H3" | "H4" | "H5" | "H6" | "HGROUP" => Kind::Heading,
                    _ => Kind::Other,
                };
                let characters = characters(element);
                let piece = if SUBSTANCE.contains(&name) {
                    Piece::Nodes(vec![node])
                } else {
                    Piece::Shell(element.clone())
                };
                self.push(kind, piece, characters);
            } else {
                // Text that stands alone is parted into paragraphs by empty lines.
                breaks = if name == " BR " { breaks.saturating_add(1) } else { 0 };
                run.push(node);
                if breaks >= 2 {
                    self.end(&mut run);
                    breaks = 0;
                }
            }
        }
        self.end(&mut run);
    }

    /// Ends a run of text that stands alone.
    fn end(&mut self, run: &mut Vec<Node>) {
        if !run.is_empty() {
            let count = run.iter().map(characters).fold(0, u32::saturating_add);
            self.push(Kind::Paragraph, Piece::Nodes(std::mem::take(run)), count);
        }
    }

    fn push(&mut self, kind: Kind, piece: Piece, characters: u32) {
        self.blocks.push(Block { kind, characters });
        self.pieces.push(piece);
    }

    /// The place where the text is cut: before the outermost group that begins there, else before the first locked node.
    fn place(&self, cut: usize, content: &Element) -> Cut {
        let group =
            self.groups.iter().find(|(start, _)| *start == cut).map(|(_, group)| Node::from(group.clone()));
        let first = group.or_else(|| {
            self.pieces.iter().skip(cut).find_map(|piece| match piece {
                Piece::Shell(element) => Some(Node::from(element.clone())),
                Piece::Nodes(nodes) => nodes.first().cloned(),
            })
        });
        match first.as_ref().and_then(Node::parent_node) {
            Some(parent) => Cut { parent, before: first },
            None => Cut { parent: content.clone().into(), before: None },
        }
    }
}

fn holds_blocks(element: &Element) -> bool {
    let mut next = element.first_element_child();
    while let Some(child) = next {
        let name = [" ", &child.tag_name().to_ascii_uppercase(), " "].concat();
        if BLOCKS.contains(&name) || (GROUPS.contains(&name) && (name != " SPAN " || holds_blocks(&child))) {
            return true;
        }
        next = child.next_element_sibling();
    }
    false
}

fn characters(node: &Node) -> u32 {
    let text = node.text_content().unwrap_or_default();
    u32::try_from(text.trim().chars().count()).unwrap_or(u32::MAX)
}
