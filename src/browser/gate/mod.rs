//! Views → nodes, and nothing more: two surfaces, each in an open shadow root, styled by one constructed sheet.
//!
//! Nodes are added one after another, as they stand in the surface; the shim keeps the place.

mod inline;
mod overlay;

pub(super) use inline::build as inline;
pub(super) use overlay::{build as overlay, choose};

use super::entry::code;
use super::host::Host;
use crate::look::Theme;
use crate::offer::benefit::Benefit;
use crate::view::{Action, View};
use web_sys::Node;

/// Begins a surface: its shadow root, and in it the one element that holds all the rest and carries the publisher's
/// colour. What is added next goes into that.
fn surface(host: &Host, name: &str, element: &str, view: &View) -> Node {
    let theme = match view.theme {
        Theme::Auto => "",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let root = host.surface(name, view.language, theme);
    host.add(element, "");
    host.set("aria-labelledby", "headline");
    if let Some(accent) = view.accent {
        host.set("--accent", &accent.css());
        host.set("--on-accent", accent.label());
    }
    root
}

/// An element that holds what is added next.
fn group(host: &Host, element: &str) {
    host.add(element, "");
    host.enter();
}

/// The heading that names the surface.
fn headline(host: &Host, view: &View) {
    host.add("h2.headline", &view.headline);
    host.set("id", "headline");
}

/// A button that signals `code`.
fn button(host: &Host, element: &str, text: &str, code: u32) {
    host.add(element, text);
    host.set("type", "button");
    host.listen("click", code);
}

/// A link that leads where `action` says, and signals `code` when it is followed.
fn link(host: &Host, element: &str, action: &Action, code: u32) {
    host.add(element, "");
    host.lead(&action.label, &action.address, code);
}

/// The list of benefits, if there are any.
fn benefits(host: &Host, view: &View, benefits: &[Benefit]) {
    if benefits.is_empty() {
        return;
    }
    host.add("ul.benefits", "");
    // Safari drops the role of lists without bullets.
    host.set("role", "list");
    host.set("aria-label", &view.benefits_label);
    host.enter();
    for benefit in benefits {
        text_and_badge(host, "li.benefit", &benefit.text, benefit.badge.as_ref());
    }
    host.leave();
}

fn text_and_badge(host: &Host, element: &str, text: &str, badge: Option<&String>) {
    group(host, element);
    host.add("span", text);
    if let Some(badge) = badge {
        host.add("span.badge", badge);
    }
    host.leave();
}

/// The way in for subscribers, if there is one.
fn login(host: &Host, view: &View) {
    if let Some(login) = &view.login {
        group(host, "p.already");
        host.add("span", &login.question);
        link(host, "a.login", &login.action, code::LOGIN);
        host.leave();
    }
}
