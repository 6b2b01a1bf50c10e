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
            address: shim.fact(fact::ADDRESS),
            host: shim.fact(fact::HOST),
            language: shim.fact(fact::LANGUAGE),
            site_name: shim.fact(fact::SITE_NAME),
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

/// Finds the article: what the core needs to know of it. The shim remembers the element.
pub(super) fn find(shim: &Shim, facts: Facts, config: &Config) -> Page {
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
    Page {
        address: facts.address,
        canonical: shim.fact(fact::CANONICAL),
        declared: if found { shim.fact(fact::DECLARED) } else { String::new() },
        rule: if found { shim.fact(fact::RULE) } else { String::new() },
        sections: if found { shim.fact(fact::SECTIONS) } else { String::new() },
        referrer: shim.fact(fact::REFERRER),
        content,
        says_article: says_article(shim),
        prose: if found { shim.length() } else { 0 },
    }
}

/// Whether the page says of itself that it is an article.
fn says_article(shim: &Shim) -> bool {
    if shim.fact(fact::KIND).eq_ignore_ascii_case("article") {
        return true;
    }
    let mut nth = 0_u32;
    while let Some(text) = shim.script("[type=\"application/ld+json\"]", nth) {
        if article::is_said_by(&settings::json(&text)) {
            return true;
        }
        nth = nth.wrapping_add(1);
    }
    false
}
