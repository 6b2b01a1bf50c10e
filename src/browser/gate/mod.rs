//! Views → nodes, and nothing more: two surfaces, each in an open shadow root, styled by one constructed sheet.

mod inline;
mod overlay;

pub(super) use overlay::Overlay;

pub(super) use inline::build as inline;

use super::host::Host;
use crate::look::Theme;
use crate::offer::benefit::Benefit;
use crate::view::{Action, View};
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, Document, Element, HtmlElement, ShadowRoot, ShadowRootInit, ShadowRootMode};

/// What gates are built with.
pub(super) struct Workshop {
    document: Document,
    sheet: CssStyleSheet,
    host: Host,
}

impl Workshop {
    /// A workshop with the gates' style sheet, which every surface shares.
    pub(super) fn new(document: &Document, host: &Host) -> Result<Workshop, JsValue> {
        let sheet = CssStyleSheet::new()?;
        sheet.replace_sync(&host.css())?;
        Ok(Workshop { document: document.clone(), sheet, host: host.clone() })
    }

    /// The element a surface lives in, and its shadow root: open, for a closed one gives no safety and shuts out
    /// password managers, testers and accessibility tools.
    fn surface(&self, name: &str, view: &View) -> Result<(HtmlElement, ShadowRoot), JsValue> {
        let element: HtmlElement = self.document.create_element("tollgate-gate")?.unchecked_into();
        element.set_attribute("data-tollgate-surface", name)?;
        element.set_attribute("lang", view.language)?;
        element.set_attribute("dir", "ltr")?;
        // The gate's words are not the story's: search engines keep them out of its snippet.
        element.set_attribute("data-nosnippet", "")?;
        // Turbo keeps snapshots of pages; this must not be in one.
        element.set_attribute("data-turbo-temporary", "")?;
        let root = element.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))?;
        Reflect::set(&root, &"adoptedStyleSheets".into(), &Array::of1(&self.sheet))?;
        let theme = match view.theme {
            Theme::Auto => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        };
        if let Some(theme) = theme {
            element.set_attribute("data-tollgate-theme", theme)?;
        }
        Ok((element, root))
    }

    /// An element with a part name and text, at the end of `parent`.
    fn add(&self, parent: &Element, tag: &str, part: &str, text: &str) -> Result<Element, JsValue> {
        let element = self.document.create_element(tag)?;
        if !part.is_empty() {
            element.set_attribute("part", part)?;
        }
        if !text.is_empty() {
            element.set_text_content(Some(text));
        }
        parent.append_child(&element)?;
        Ok(element)
    }

    /// A link that leads where `action` says and signals `code` when it is followed.
    fn link(&self, parent: &Element, part: &str, action: &Action, code: u32) -> Result<Element, JsValue> {
        let link = self.add(parent, "a", part, "")?;
        lead(&link, action)?;
        self.host.listen(&link, "click", code, false)?;
        Ok(link)
    }

    /// The list of benefits, if there are any.
    fn benefits(&self, parent: &Element, label: &str, benefits: &[Benefit]) -> Result<(), JsValue> {
        if benefits.is_empty() {
            return Ok(());
        }
        let list = self.add(parent, "ul", "benefits", "")?;
        // Safari drops the role of lists without bullets.
        list.set_attribute("role", "list")?;
        list.set_attribute("aria-label", label)?;
        for benefit in benefits {
            let item = self.add(&list, "li", "benefit", "")?;
            self.add(&item, "span", "", &benefit.text)?;
            self.badge(&item, benefit.badge.as_deref())?;
        }
        Ok(())
    }

    fn badge(&self, parent: &Element, badge: Option<&str>) -> Result<(), JsValue> {
        if let Some(badge) = badge {
            // A blank between, so that it is read as a word of its own.
            parent.append_child(&self.document.create_text_node(" "))?;
            self.add(parent, "span", "badge", badge)?;
        }
        Ok(())
    }

    /// The way in for subscribers, if there is one.
    fn login(&self, parent: &Element, view: &View) -> Result<(), JsValue> {
        if let Some(login) = &view.login {
            let line = self.add(parent, "p", "already", &login.question)?;
            line.append_child(&self.document.create_text_node(" "))?;
            self.link(&line, "login", &login.action, super::entry::code::LOGIN)?;
        }
        Ok(())
    }

    /// Gives a surface the publisher's colour.
    fn colour(&self, root: &Element, view: &View) -> Result<(), JsValue> {
        if let Some(accent) = view.accent {
            let style = root.unchecked_ref::<HtmlElement>().style();
            style.set_property("--accent", &accent.css())?;
            style.set_property("--on-accent", accent.label())?;
        }
        Ok(())
    }
}

/// Makes a link lead where `action` says.
fn lead(link: &Element, action: &Action) -> Result<(), JsValue> {
    link.set_text_content(Some(&action.label));
    link.set_attribute("href", &action.address)
}
