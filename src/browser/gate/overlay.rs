//! The overlay: the offer in a modal dialog over the page, closable by its button and by Escape.

use super::{benefits, button, headline, link, login, surface, text_and_badge};
use crate::browser::entry::code;
use crate::browser::host::{Host, Journal};
use crate::view::{PlanView, View};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlDialogElement, Node};

/// The overlay's nodes that change or are asked again.
pub(in crate::browser) struct Overlay {
    root: Node,
    dialog: HtmlDialogElement,
    headline: Element,
    button: Element,
}

impl Overlay {
    /// Builds the overlay; it is not in the page yet.
    pub(in crate::browser) fn build(host: &Host, view: &View) -> Overlay {
        let (root, dialog) = surface(host, "overlay", "dialog", view);
        // Escape, and whatever else a browser closes dialogs by.
        host.listen(&dialog, "close", code::CLOSED);

        let card = host.add(&dialog, "div", "card", "");
        let masthead = host.add(&card, "header", "masthead", "");
        host.add(&masthead, "p", "publication", &view.publication);
        let close = button(host, &masthead, "close", "", code::CLOSE);
        host.set(&close, "aria-label", &view.close);

        let headline = headline(host, &card, view);
        // Focus begins here: what follows is read in order (ARIA practices, modal dialog).
        host.set(&headline, "tabindex", "-1");

        let offer = host.add(&card, "div", "offer", "");
        let reasons = host.add(&offer, "div", "reasons", "");
        host.add(&reasons, "h3", "offer-headline", &view.offer);
        benefits(host, &reasons, &view.benefits_label, &view.benefits);

        let order = host.add(&offer, "div", "order", "");
        if !view.plans.is_empty() {
            let group = host.add(&order, "fieldset", "plans", "");
            host.add(&group, "legend", "legend", &view.plans_label);
            for (nth, plan) in view.plans.iter().enumerate() {
                add_plan(host, &group, plan, nth == 0);
            }
        }
        let button = link(host, &order, "cta", &view.action, code::SUBSCRIBE);
        host.add(&order, "p", "cancel", &view.cancel);
        login(host, &card, view);
        Overlay { root, dialog: dialog.unchecked_into(), headline, button }
    }

    /// Puts the overlay into the page, after `<body>` so that no change of the body takes it away, and opens it.
    pub(in crate::browser) fn open(&self, host: &Host, page: &Element, journal: &Journal) {
        journal.freeze();
        journal.put(&self.root, page, None);
        host.show(&self.dialog, &self.headline);
    }

    /// Whether the dialog is open.
    pub(in crate::browser) fn is_open(&self) -> bool {
        self.dialog.open()
    }

    /// Makes the button follow the choice of the plan with this id.
    pub(in crate::browser) fn choose(&self, host: &Host, view: &View, id: &str) {
        if let Some(plan) = view.plans.iter().find(|plan| plan.id == id) {
            // Without a code: it is listened to already.
            host.lead(&self.button, &plan.action.label, &plan.action.address, 0);
        }
    }
}

fn add_plan(host: &Host, group: &Element, plan: &PlanView, chosen: bool) {
    let label = host.add(group, "label", "plan", "");
    let input = host.add(&label, "input", "choice", "");
    for (name, value) in [("type", "radio"), ("name", "plan"), ("value", plan.id.as_str())] {
        host.set(&input, name, value);
    }
    if chosen {
        host.set(&input, "checked", "");
    }
    host.listen(&input, "change", code::CHOICE);
    let text = host.add(&label, "span", "terms", "");
    let name = host.add(&text, "span", "plan-name", "");
    text_and_badge(host, &name, &plan.name, plan.badge.as_deref());
    let more = [("price", Some(&plan.price)), ("then", plan.then.as_ref()), ("saving", plan.saving.as_ref())];
    for (part, words) in more {
        if let Some(words) = words {
            host.add(&text, "span", part, words);
        }
    }
}
