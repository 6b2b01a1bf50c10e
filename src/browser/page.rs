//! What the page says of itself, and where the article's text is.

use super::settings;
use super::shim::Shim;
use crate::article;
use crate::config::{Config, Surroundings};
use crate::machine::{Content, Page};

/// The plain facts that the shim reads, by their numbers there (www/loader/page.js).
mod fact {
    pub(super) const ADDRESS: u32 = 0;
    pub(super) const HOST: u32 = 1;
    pub(super) const LANGUAGE: u32 = 2;
    pub(super) const SITE_NAME: u32 = 3;
    pub(super) const KIND: u32 = 4;
    pub(super) const CANONICAL: u32 = 5;
    pub(super) const DECLARED: u32 = 6;
    pub(super) const RULE: u32 = 7;
    pub(super) const SECTIONS: u32 = 8;
    pub(super) const REFERRER: u32 = 9;
}

/// The page's plain facts, owned.
pub(super) struct Facts {
    address: String,
    host: String,
    language: String,
    site_name: String,
}

impl Facts {
    pub(super) fn of(shim: &Shim) -> Facts {
        Facts {
            address: shim.fact(fact::ADDRESS, 0),
            host: shim.fact(fact::HOST, 0),
            language: shim.fact(fact::LANGUAGE, 0),
            site_name: shim.fact(fact::SITE_NAME, 0),
        }
    }

    /// The page as a history begins with it.
    #[cfg(feature = "history")]
    pub(super) fn start(&self, shim: &Shim, zone_is_known: bool) -> crate::history::Start {
        crate::history::Start {
            tollgate: env!("CARGO_PKG_VERSION").to_owned(),
            attributes: settings::attributes(shim),
            json: settings::script(shim),
            address: self.address.clone(),
            host: self.host.clone(),
            language: self.language.clone(),
            site_name: self.site_name.clone(),
            zone_is_known,
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

/// Finds the page's own article: what the core needs to know of it. The shim remembers the element.
pub(super) fn find(shim: &Shim, config: &Config) -> Page {
    // The shim's numbers for what was found: www/loader/page.js.
    let content = match shim.find(config.content.as_deref()) {
        0 => Content::Chosen,
        1 => Content::ArticleBody,
        2 => Content::Article,
        3 => Content::Main,
        4 => Content::Missing,
        5 => Content::Refused,
        _ => Content::Invalid,
    };
    let found = !matches!(content, Content::Missing | Content::Refused | Content::Invalid);
    let mut page = Page { content, says_article: says_article(shim), ..Page::default() };
    if found {
        page.prose = shim.length(0);
        describe(shim, 0, &mut page);
    }
    page
}

/// A further article of a feed, which the shim has made known.
pub(super) fn further(shim: &Shim, article: usize) -> Page {
    let mut page = Page { content: Content::Chosen, follows: true, ..Page::default() };
    describe(shim, article, &mut page);
    page
}

/// What is said of an article.
pub(super) fn describe(shim: &Shim, article: usize, page: &mut Page) {
    page.address = shim.fact(fact::ADDRESS, article);
    page.canonical = shim.fact(fact::CANONICAL, article);
    page.declared = shim.fact(fact::DECLARED, article);
    page.rule = shim.fact(fact::RULE, article);
    page.sections = shim.fact(fact::SECTIONS, article);
    page.referrer = shim.fact(fact::REFERRER, article);
}

/// The page's scripts of JSON-LD, flat.
#[cfg(feature = "history")]
pub(super) fn structured_data(shim: &Shim) -> Vec<crate::config::Entries> {
    (0..).map_while(|nth| shim.script(JSON_LD, nth)).map(|text| settings::json(&text)).collect()
}

/// The scripts that hold structured data.
const JSON_LD: &str = "[type=\"application/ld+json\"]";

/// Whether the page says of itself that it is an article.
fn says_article(shim: &Shim) -> bool {
    if shim.fact(fact::KIND, 0).eq_ignore_ascii_case("article") {
        return true;
    }
    let mut nth = 0_u32;
    while let Some(text) = shim.script(JSON_LD, nth) {
        if article::is_said_by(&settings::json(&text)) {
            return true;
        }
        nth = nth.wrapping_add(1);
    }
    false
}
