//! The overlay: the offer in a modal dialog over the page, closable by its button and by Escape.

use super::{Workshop, lead};
use crate::browser::entry::code;
use crate::browser::host::Journal;
use crate::view::{Action, PlanView, View};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement};

/// The overlay's nodes that change or are asked again.
pub(in crate::browser) struct Overlay {
    element: HtmlElement,
    dialog: HtmlDialogElement,
    headline: Element,
    button: Element,
    choices: Vec<HtmlInputElement>,
    actions: Vec<Action>,
}

impl Overlay {
    /// Builds the overlay; it is not in the page yet.
    pub(in crate::browser) fn build(shop: &Workshop, view: &View) -> Result<Overlay, JsValue> {
        let (element, root) = shop.surface("overlay", view)?;
        let dialog: HtmlDialogElement = shop.document.create_element("dialog")?.unchecked_into();
        dialog.set_attribute("part", "overlay")?;
        dialog.set_attribute("aria-labelledby", "headline")?;
        shop.colour(&dialog, view)?;
        root.append_child(&dialog)?;

        let card = shop.add(&dialog, "div", "card", "")?;
        let masthead = shop.add(&card, "header", "masthead", "")?;
        shop.add(&masthead, "p", "publication", &view.publication)?;
        let close = shop.add(&masthead, "button", "close", "")?;
        close.set_attribute("type", "button")?;
        close.set_attribute("aria-label", &view.close)?;
        shop.host.listen(&close, "click", code::CLOSE, false)?;

        let headline = shop.add(&card, "h2", "headline", &view.headline)?;
        headline.set_id("headline");
        // Focus begins here: what follows is read in order (ARIA practices, modal dialog).
        headline.set_attribute("tabindex", "-1")?;
        headline.set_attribute("autofocus", "")?;

        let offer = shop.add(&card, "div", "offer", "")?;
        let reasons = shop.add(&offer, "div", "reasons", "")?;
        shop.add(&reasons, "h3", "offer-headline", &view.offer)?;
        shop.benefits(&reasons, &view.benefits_label, &view.benefits)?;

        let order = shop.add(&offer, "div", "order", "")?;
        let mut choices = Vec::new();
        if !view.plans.is_empty() {
            let group = shop.add(&order, "fieldset", "plans", "")?;
            shop.add(&group, "legend", "legend", &view.plans_label)?;
            for (nth, plan) in view.plans.iter().enumerate() {
                choices.push(add_plan(shop, &group, plan, nth == 0)?);
            }
        }
        let button = shop.link(&order, "cta", &view.action, code::SUBSCRIBE)?;
        shop.add(&order, "p", "cancel", &view.cancel)?;
        shop.login(&card, view)?;

        // Escape, and whatever else a browser closes dialogs by.
        shop.host.listen(&dialog, "close", code::CLOSED, false)?;
        let actions = view.plans.iter().map(|plan| plan.action.clone()).collect();
        Ok(Overlay { element, dialog, headline, button, choices, actions })
    }

    /// Puts the overlay into the page, after `<body>` so that no change of the body takes it away, and opens it.
    pub(in crate::browser) fn open(&self, shop: &Workshop, journal: &Journal) -> Result<(), JsValue> {
        let root = shop.document.document_element().ok_or(JsValue::NULL)?;
        lock_scrolling(shop, &root, journal)?;
        journal.put(&self.element, &root, None)?;
        self.dialog.show_modal()?;
        // Engines without autofocus in shadow trees put the focus on the close button.
        self.headline.unchecked_ref::<HtmlElement>().focus()
    }

    /// Closes the dialog, which gives the focus back to where it was.
    pub(in crate::browser) fn close(&self) {
        self.dialog.close();
    }

    /// Whether the dialog is open.
    pub(in crate::browser) fn is_open(&self) -> bool {
        self.dialog.open()
    }

    /// Makes the button follow the chosen plan.
    pub(in crate::browser) fn follow_choice(&self) -> Result<(), JsValue> {
        let chosen = self.choices.iter().zip(&self.actions).find(|(choice, _)| choice.checked());
        chosen.map_or(Ok(()), |(_, action)| lead(&self.button, action))
    }
}

fn add_plan(
    shop: &Workshop,
    group: &Element,
    plan: &PlanView,
    chosen: bool,
) -> Result<HtmlInputElement, JsValue> {
    let label = shop.add(group, "label", "plan", "")?;
    let input: HtmlInputElement = shop.add(&label, "input", "choice", "")?.unchecked_into();
    input.set_attribute("type", "radio")?;
    input.set_attribute("name", "plan")?;
    input.set_attribute("value", &plan.id)?;
    input.set_checked(chosen);
    shop.host.listen(&input, "change", code::CHOICE, false)?;
    let text = shop.add(&label, "span", "terms", "")?;
    let name = shop.add(&text, "span", "plan-name", "")?;
    shop.add(&name, "span", "", &plan.name)?;
    shop.badge(&name, plan.badge.as_deref())?;
    shop.add(&text, "span", "price", &plan.price)?;
    if let Some(then) = &plan.then {
        shop.add(&text, "span", "then", then)?;
    }
    if let Some(saving) = &plan.saving {
        shop.add(&text, "span", "saving", saving)?;
    }
    Ok(input)
}

/// Keeps the page behind the overlay where it is, and as wide as it was when its scrollbar goes.
fn lock_scrolling(shop: &Workshop, root: &Element, journal: &Journal) -> Result<(), JsValue> {
    let window = shop.document.default_view().ok_or(JsValue::NULL)?;
    let whole = window.inner_width()?.as_f64().unwrap_or(0.0);
    let without_bar = f64::from(root.client_width());
    journal.style(root, "overflow", "hidden")?;
    // The room the scrollbar took, if taking it away made the page wider (with a stable gutter it does not).
    let gained = (f64::from(root.client_width()) - without_bar).min(whole - without_bar);
    if gained > 0.0 {
        let pixels = [&crate::text::number(gained as i64), "px"].concat();
        journal.style(root, "padding-inline-end", &pixels)?;
    }
    Ok(())
}
