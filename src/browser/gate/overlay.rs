//! The overlay: the offer in a modal dialog over the page, closable by its button and by Escape.

use super::{benefits, button, group, headline, link, login, surface, text_and_badge};
use crate::browser::entry::code;
use crate::browser::host::Host;
use crate::view::{PlanView, View};
use web_sys::Node;

/// Builds the overlay; its root. It is not in the page yet.
pub(in crate::browser) fn build(host: &Host, view: &View) -> Node {
    let root = surface(host, "overlay", "dialog.overlay", view);
    // Escape, and whatever else a browser closes dialogs by.
    host.listen("close", code::CLOSED);
    host.enter();
    group(host, "div.card");

    group(host, "header.masthead");
    host.add("p.publication", &view.publication);
    button(host, "button.close", "", code::CLOSE);
    host.set("aria-label", &view.close);
    host.leave();

    headline(host, view);
    // Focus begins here: what follows is read in order (ARIA practices, modal dialog).
    host.set("tabindex", "-1");

    group(host, "div.offer");
    group(host, "div.reasons");
    host.add("h3.offer-headline", &view.offer);
    benefits(host, view, &view.benefits);
    host.leave();
    group(host, "div.order");
    if !view.plans.is_empty() {
        group(host, "fieldset.plans");
        host.add("legend.legend", &view.plans_label);
        let mut chosen = true;
        for plan in &view.plans {
            add_plan(host, plan, chosen);
            chosen = false;
        }
        host.leave();
    }
    link(host, "a.cta", &view.action, code::SUBSCRIBE);
    host.add("p.cancel", &view.cancel);
    host.leave();
    host.leave();
    login(host, view);
    root
}

/// Makes the button follow the choice of the plan with this id.
pub(in crate::browser) fn choose(host: &Host, root: &Node, view: &View, id: &str) {
    for plan in &view.plans {
        if plan.id == id {
            host.lead_on(root, &plan.action.label, &plan.action.address);
        }
    }
}

fn add_plan(host: &Host, plan: &PlanView, chosen: bool) {
    group(host, "label.plan");
    host.add("input.choice", "");
    host.set("type", "radio");
    host.set("name", "plan");
    host.set("value", &plan.id);
    if chosen {
        host.set("checked", "");
    }
    host.listen("change", code::CHOICE);
    group(host, "span.terms");
    text_and_badge(host, "span.plan-name", &plan.name, plan.badge.as_ref());
    host.add("span.price", &plan.price);
    if let Some(then) = &plan.then {
        host.add("span.then", then);
    }
    if let Some(saving) = &plan.saving {
        host.add("span.saving", saving);
    }
    host.leave();
    host.leave();
}
