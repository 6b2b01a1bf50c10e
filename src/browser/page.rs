//! What the page says of itself, and where the article's text is.

use super::settings;
use crate::article;
use crate::config::{Config, Surroundings};
use crate::machine::{Content, Page};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlElement, Location};

/// The page's plain facts, owned.
pub(super) struct Facts {
    address: String,
    host: String,
    language: String,
    site_name: String,
}

impl Facts {
    pub(super) fn of(document: &Document, location: &Location) -> Facts {
        let root = document.document_element();
        Facts {
            address: location.href().unwrap_or_default(),
            host: location.hostname().unwrap_or_default(),
            language: root.and_then(|root| root.get_attribute("lang")).unwrap_or_default(),
            site_name: meta(document, "og:site_name"),
        }
    }

    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            address: &self.address,
            host: &self.host,
            language: &self.language,
            site_name: &self.site_name,
        }
    }
}

/// Finds the article: what the core needs to know of it, and the element that holds its text.
pub(super) fn find(
    document: &Document,
    facts: &Facts,
    config: &Config,
    tag: Option<&HtmlElement>,
) -> (Page, Option<Element>) {
    let (content, element) = match &config.content {
        Some(selector) => chosen(document, selector, tag),
        None => searched(document),
    };
    let declared = element
        .as_ref()
        .and_then(|element| element.closest("[data-tollgate-id]").ok().flatten())
        .and_then(|article| article.get_attribute("data-tollgate-id"));
    let canonical = document.query_selector("link[rel~=canonical i][href]").ok().flatten();
    let page = Page {
        address: facts.address.clone(),
        // The property is the address made absolute, as the browser sees it.
        canonical: canonical.and_then(|link| js_sys::Reflect::get(&link, &"href".into()).ok()?.as_string()),
        declared,
        content,
        says_article: says_article(document),
        prose: element.as_ref().map_or(0, prose),
    };
    (page, element)
}

fn chosen(document: &Document, selector: &str, tag: Option<&HtmlElement>) -> (Content, Option<Element>) {
    match document.query_selector(selector) {
        Err(_) => (Content::Invalid, None),
        Ok(None) => (Content::Missing, None),
        Ok(Some(element)) => {
            // Cutting one of these would take more than the article, or this script's own tag.
            let whole = element.matches("html,head,body").unwrap_or(true);
            let ours = tag.is_some_and(|tag| element.contains(Some(tag)));
            if whole || ours { (Content::Refused, None) } else { (Content::Chosen, Some(element)) }
        }
    }
}

fn searched(document: &Document) -> (Content, Option<Element>) {
    let first = |selector| document.query_selector(selector).ok().flatten();
    if let Some(element) = first("[itemprop~=articleBody]") {
        return (Content::ArticleBody, Some(element));
    }
    let mut best = None;
    let mut most = 0;
    for element in all(document, "article") {
        let prose = prose(&element);
        if prose > most || best.is_none() {
            most = prose;
            best = Some(element);
        }
    }
    match (best, first("main")) {
        (Some(article), _) => (Content::Article, Some(article)),
        (None, Some(main)) => (Content::Main, Some(main)),
        (None, None) => (Content::Missing, None),
    }
}

/// How many characters the paragraphs of an element hold.
fn prose(element: &Element) -> u32 {
    let Ok(paragraphs) = element.query_selector_all("p") else { return 0 };
    (0..paragraphs.length())
        .filter_map(|nth| paragraphs.item(nth)?.text_content())
        .fold(0, |sum: u32, text| sum.saturating_add(u32::try_from(text.trim().len()).unwrap_or(u32::MAX)))
}

/// Whether the page says of itself that it is an article.
fn says_article(document: &Document) -> bool {
    if meta(document, "og:type").eq_ignore_ascii_case("article") {
        return true;
    }
    all(document, "script[type=\"application/ld+json\"]")
        .filter_map(|script| settings::json(&script.text_content()?))
        .any(|data| article::is_said_by(&data))
}

fn meta(document: &Document, property: &str) -> String {
    let selector = ["meta[property=\"", property, "\"]"].concat();
    let found = document.query_selector(&selector).ok().flatten();
    found.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

fn all(document: &Document, selector: &str) -> impl Iterator<Item = Element> {
    let found = document.query_selector_all(selector).ok();
    let count = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |nth| found.as_ref()?.item(nth)?.dyn_into().ok())
}
