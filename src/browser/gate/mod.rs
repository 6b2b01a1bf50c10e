//! Views → nodes, and nothing more: two surfaces, each in an open shadow root, styled by one constructed sheet.

mod inline;
mod overlay;

pub(super) use inline::build as inline;
pub(super) use overlay::Overlay;

use super::entry::code;
use super::host::Host;
use crate::look::Theme;
use crate::offer::benefit::Benefit;
use crate::view::{Action, View};
use web_sys::{Element, Node};

/// A surface: its shadow root, and in it one element that holds all the rest and carries the publisher's colour.
fn surface(host: &Host, name: &str, tag: &str, view: &View) -> (Node, Element) {
    let theme = match view.theme {
        Theme::Auto => "",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let root = host.surface(name, view.language, theme);
    let frame = host.add(&root, tag, name, "");
    host.set(&frame, "aria-labelledby", "headline");
    if let Some(accent) = view.accent {
        host.paint(&frame, "--accent", &accent.css());
        host.paint(&frame, "--on-accent", accent.label());
    }
    (root, frame)
}

/// The heading that names the surface.
fn headline(host: &Host, parent: &Element, view: &View) -> Element {
    let headline = host.add(parent, "h2", "headline", &view.headline);
    host.set(&headline, "id", "headline");
    headline
}

/// A button that signals `code`.
fn button(host: &Host, parent: &Element, part: &str, text: &str, code: u32) -> Element {
    let button = host.add(parent, "button", part, text);
    host.set(&button, "type", "button");
    host.listen(&button, "click", code);
    button
}

/// A link that leads where `action` says, and signals `code` when it is followed.
fn link(host: &Host, parent: &Element, part: &str, action: &Action, code: u32) -> Element {
    let link = host.add(parent, "a", part, "");
    host.lead(&link, &action.label, &action.address, code);
    link
}

/// The list of benefits, if there are any.
fn benefits(host: &Host, parent: &Element, label: &str, benefits: &[Benefit]) {
    if benefits.is_empty() {
        return;
    }
    let list = host.add(parent, "ul", "benefits", "");
    // Safari drops the role of lists without bullets.
    host.set(&list, "role", "list");
    host.set(&list, "aria-label", label);
    for benefit in benefits {
        let item = host.add(&list, "li", "benefit", "");
        text_and_badge(host, &item, &benefit.text, benefit.badge.as_deref());
    }
}

fn text_and_badge(host: &Host, parent: &Element, text: &str, badge: Option<&str>) {
    host.add(parent, "span", "", text);
    if let Some(badge) = badge {
        host.add(parent, "span", "badge", badge);
    }
}

/// The way in for subscribers, if there is one.
fn login(host: &Host, parent: &Element, view: &View) {
    if let Some(login) = &view.login {
        let line = host.add(parent, "p", "already", "");
        host.add(&line, "span", "", &login.question);
        link(host, &line, "login", &login.action, code::LOGIN);
    }
}
