//! The inline gate: what stands where the text was cut, in the flow of the page. A plain region that traps nothing.

use super::{benefits, button, group, headline, link, login, surface};
use crate::browser::entry::code;
use crate::browser::host::Host;
use crate::view::View;
use web_sys::Node;

/// How many benefits it names.
const BENEFITS: usize = 2;

/// Builds the inline gate; its root.
pub(in crate::browser) fn build(host: &Host, view: &View) -> Node {
    let root = surface(host, "inline", "section.inline", view);
    host.enter();
    headline(host, view);
    host.add("p.invitation", &view.invitation);
    benefits(host, view, view.benefits.get(..BENEFITS).unwrap_or(&view.benefits));
    group(host, "div.actions");
    link(host, "a.cta", &view.action, code::SUBSCRIBE);
    if view.plans.len() > 1 {
        button(host, "button.all-plans", &view.all_plans, code::WANTED);
    }
    host.leave();
    group(host, "div.foot");
    host.add("p.cancel", &view.cancel);
    login(host, view);
    root
}
