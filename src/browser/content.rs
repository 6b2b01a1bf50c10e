//! The article's blocks, and taking the locked ones out of the page.
//!
//! What is locked leaves the document, it is not hidden. But the elements that held it stay, empty and undisplayed:
//! a framework that renders the page may still remove or replace them while the article is gated (rulings, 'Behaviour').

use super::host::Journal;
use crate::teaser::{Block, Kind, Teaser};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Node};

/// What an element is to the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A paragraph: a block that is never looked into.
    Paragraph,
    /// A heading.
    Heading,
    /// Another block.
    Block,
    /// Groups others: looked into where it holds blocks.
    Group,
    /// Its substance is itself and not its children: taken out whole, to come back as the same node.
    Substance,
    /// Shows nothing and may matter to the whole page: left where it is.
    Silent,
    /// An empty line's half.
    Break,
    /// Part of a line of text.
    Phrase,
}

/// The roles of elements by name. A name that is not here and holds a hyphen is a group; any other is a phrase.
const ROLES: [(Role, &str); 7] = [
    (Role::Paragraph, "p"),
    (Role::Heading, "h1 h2 h3 h4 h5 h6 hgroup"),
    (
        Role::Block,
        "ul ol dl blockquote figure table pre aside nav footer form details address fieldset menu dialog",
    ),
    (Role::Group, "div section article main header center"),
    (Role::Substance, "img picture video audio iframe object embed canvas svg hr input script"),
    (Role::Silent, "style link meta template noscript"),
    (Role::Break, "br"),
];

fn role(element: &Element) -> Role {
    let name = element.local_name();
    let known = ROLES.iter().find(|(_, names)| names.split(' ').any(|known| known == name));
    known.map_or(if name.contains('-') { Role::Group } else { Role::Phrase }, |(role, _)| *role)
}

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

/// Takes everything below the teaser out of `content`.
///
/// `gate` is put where the text was cut before anything is taken out, so that its place cannot be lost.
pub(super) fn lock(content: &Element, teaser: Teaser, journal: &Journal, gate: &Node) {
    let mut outline = Outline { blocks: Vec::new(), pieces: Vec::new(), groups: Vec::new() };
    outline.read(content);
    let cut = teaser.cut(&outline.blocks);
    outline.put(cut, content, journal, gate);
    for (start, group) in &outline.groups {
        if *start >= cut {
            journal.hide(group);
        }
    }
    for piece in outline.pieces.iter().skip(cut) {
        match piece {
            Piece::Shell(element) => {
                journal.hide(element);
                while let Some(child) = element.first_child() {
                    journal.take(&child);
                }
            }
            Piece::Nodes(nodes) => {
                for node in nodes {
                    journal.take(node);
                }
            }
        }
    }
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
            if element.has_attribute("data-tollgate-cut") {
                self.end(&mut run);
                self.push(Kind::Mark, Piece::Nodes(Vec::new()), 0);
            }
            let role = role(element);
            match role {
                Role::Silent => {}
                Role::Group if holds_blocks(element) => {
                    self.end(&mut run);
                    self.groups.push((self.blocks.len(), element.clone()));
                    self.read(element);
                }
                Role::Paragraph | Role::Heading | Role::Block | Role::Group => {
                    self.end(&mut run);
                    let kind = match role {
                        Role::Heading => Kind::Heading,
                        Role::Block => Kind::Other,
                        _ => Kind::Paragraph,
                    };
                    self.push(kind, Piece::Shell(element.clone()), characters(&node));
                }
                Role::Substance => {
                    self.end(&mut run);
                    self.push(Kind::Other, Piece::Nodes(vec![node]), 0);
                }
                Role::Break | Role::Phrase => {
                    // Text that stands alone is parted into paragraphs by empty lines.
                    breaks = if role == Role::Break { breaks.saturating_add(1) } else { 0 };
                    run.push(node);
                    if breaks >= 2 {
                        self.end(&mut run);
                        breaks = 0;
                    }
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

    /// Puts the gate where the text is cut: before the outermost group that begins there, else before the first locked
    /// node, else at the end.
    fn put(&self, cut: usize, content: &Element, journal: &Journal, gate: &Node) {
        let group = self.groups.iter().find(|(start, _)| *start == cut).map(|(_, group)| group.as_ref());
        let first: Option<&Node> = group.or_else(|| {
            self.pieces.iter().skip(cut).find_map(|piece| match piece {
                Piece::Shell(element) => Some(element.as_ref()),
                Piece::Nodes(nodes) => nodes.first(),
            })
        });
        match first.and_then(Node::parent_node) {
            Some(parent) => journal.put(gate, &parent, first),
            None => journal.put(gate, content, None),
        }
    }
}

fn holds_blocks(element: &Element) -> bool {
    let mut next = element.first_element_child();
    while let Some(child) = next {
        if matches!(role(&child), Role::Paragraph | Role::Heading | Role::Block | Role::Group) {
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
