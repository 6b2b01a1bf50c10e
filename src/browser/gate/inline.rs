//! The inline gate: what stands where the text was cut, in the flow of the page. A plain region that traps nothing.

use super::Workshop;
use crate::browser::entry::code;
use crate::view::View;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// How many benefits it names.
const BENEFITS: usize = 2;

/// Builds the inline gate.
pub(in crate::browser) fn build(shop: &Workshop, view: &View) -> Result<HtmlElement, JsValue> {
    let (element, root) = shop.surface("inline", view)?;
    let section = shop.document.create_element("section")?;
    section.set_attribute("part", "inline")?;
    section.set_attribute("aria-labelledby", "headline")?;
    shop.colour(&section, view)?;
    root.append_child(&section)?;
    let headline = shop.add(&section, "h2", "headline", &view.headline)?;
    headline.set_id("headline");
    shop.add(&section, "p", "invitation", &view.invitation)?;
    shop.benefits(&section, &view.benefits_label, view.benefits.get(..BENEFITS).unwrap_or(&view.benefits))?;
    let actions = shop.add(&section, "div", "actions", "")?;
    shop.link(&actions, "cta", &view.action, code::SUBSCRIBE)?;
    if view.plans.len() > 1 {
        let plans = shop.add(&actions, "button", "all-plans", &view.all_plans)?;
        plans.set_attribute("type", "button")?;
        shop.host.listen(&plans, "click", code::WANTED, false)?;
    }
    let foot = shop.add(&section, "div", "foot", "")?;
    shop.add(&foot, "p", "cancel", &view.cancel)?;
    shop.login(&foot, view)?;
    Ok(element)
}
