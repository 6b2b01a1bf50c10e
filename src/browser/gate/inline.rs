//! The inline gate: what stands where the text was cut, in the flow of the page. A plain region that traps nothing.

use super::{benefits, button, headline, link, login, surface};
use crate::browser::entry::code;
use crate::browser::host::Host;
use crate::view::View;
use web_sys::Node;

/// How many benefits it names.
const BENEFITS: usize = 2;

/// Builds the inline gate; its root.
pub(in crate::browser) fn build(host: &Host, view: &View) -> Node {
    let (root, section) = surface(host, "inline", "section", view);
    headline(host, &section, view);
    host.add(&section, "p", "invitation", &view.invitation);
    benefits(host, &section, &view.benefits_label, view.benefits.get(..BENEFITS).unwrap_or(&view.benefits));
    let actions = host.add(&section, "div", "actions", "");
    link(host, &actions, "cta", &view.action, code::SUBSCRIBE);
    if view.plans.len() > 1 {
        button(host, &actions, "all-plans", &view.all_plans, code::WANTED);
    }
    let foot = host.add(&section, "div", "foot", "");
    host.add(&foot, "p", "cancel", &view.cancel);
    login(host, &foot, view);
    root
}
