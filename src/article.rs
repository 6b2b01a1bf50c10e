//! Which article this is: the page's addresses → the article's key → its short hash.
//!
//! The rules are platform.md A2.1 and A2.2: an id the publisher declares, else the canonical address where it can be
//! trusted, else the page's own address; cleaned so that the same story always gives the same key.

use crate::config::Raw;
use crate::digest;

/// The addresses a page gives for its article.
#[derive(Clone, Copy, Debug, Default)]
pub struct Addresses<'a> {
    /// The page's own address, absolute, as the browser serialises it.
    pub location: &'a str,
    /// The `<link rel=canonical>`, resolved to an absolute address.
    pub canonical: Option<&'a str>,
    /// The publisher's own id for the article (`data-tollgate-id`).
    pub declared: Option<&'a str>,
}

/// The key of the article: equal for all addresses of one story, different for two stories.
///
/// Shape: `id:<declared id>`, or host, path and kept query without the scheme, such as
/// `news.example/2026/frogs?p=2`.
#[must_use]
pub fn key(addresses: &Addresses<'_>) -> String {
    if let Some(id) = addresses.declared.map(str::trim).filter(|id| !id.is_empty()) {
        return ["id:", id].concat();
    }
    let location = Address::parse(addresses.location);
    let canonical = addresses.canonical.and_then(Address::parse);
    match (location, canonical) {
        (Some(location), Some(canonical)) if canonical.can_name(&location) => canonical.key(),
        (Some(location), _) => location.key(),
        // Neither http nor https (a file, a data: page): the address as it stands, without its fragment.
        (None, _) => before(addresses.location, '#').to_owned(),
    }
}

/// The short hash of an article's key, as it stands in storage: 16 characters of `[A-Za-z0-9_-]`, the first 12 bytes
/// of SHA-256 over the site and the key, so that no address can be read from storage (platform.md A1.3).
#[must_use]
pub fn hash(site: &str, key: &str) -> String {
    let message = ["tollgate-aid\0", site, "\0", key].concat();
    let digest = digest::sha256(message.as_bytes());
    digest::base64url(digest.get(..12).unwrap_or_default())
}

/// Whether a page's structured data (JSON-LD) says that the page is an article: a `@type` of schema.org's articles at
/// its top, in its `@graph`, or as its `mainEntity`.
#[must_use]
pub fn is_said_by(data: &Raw) -> bool {
    match data {
        Raw::List(items) => items.iter().any(is_said_by),
        Raw::Map(members) => members.iter().any(|(key, value)| match key.as_str() {
            "@type" => is_article_type(value),
            "@graph" | "mainEntity" => is_said_by(value),
            _ => false,
        }),
        Raw::Text(_) => false,
    }
}

fn is_article_type(value: &Raw) -> bool {
    match value {
        // NewsArticle, OpinionNewsArticle, TechArticle … and the two that are called otherwise.
        Raw::Text(name) => name.ends_with("Article") || name.ends_with("BlogPosting"),
        Raw::List(names) => names.iter().any(is_article_type),
        Raw::Map(_) => false,
    }
}

/// Query parameters that say where a reader came from, not which article it is. A name ending in `*` is a prefix.
const TRACKING: &[&str] = &[
    "utm_*",
    "gaa_*",
    "mc_*",
    "_hs*",
    "tollgate_*",
    "fbclid",
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "yclid",
    "ttclid",
    "twclid",
    "igshid",
    "igsh",
    "li_fat_id",
    "srsltid",
    "_ga",
    "_gl",
    "amp",
    "outputtype",
];

/// An absolute http or https address, taken apart.
struct Address<'a> {
    /// Lower case, with the port where it is not the scheme's own.
    host: String,
    path: &'a str,
    query: &'a str,
}

impl<'a> Address<'a> {
    fn parse(address: &'a str) -> Option<Address<'a>> {
        let (scheme, rest) = address.split_once(':')?;
        let rest = rest.strip_prefix("//")?;
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let rest = before(rest, '#');
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
        let host = host.strip_suffix(default_port).unwrap_or(&host).to_owned();
        (!host.is_empty()).then_some(Address { host, path, query })
    }

    /// Whether this canonical address can be believed for a page at `location`: it is of the same site, and not the
    /// bare front page that some systems write on every page, which would make all stories one.
    fn can_name(&self, location: &Address<'_>) -> bool {
        let ours = site_of(&self.host);
        let theirs = site_of(&location.host);
        let same_site = ours == theirs || is_below(ours, theirs) || is_below(theirs, ours);
        same_site && (self.path != "/" || location.path == "/" || !self.query.is_empty())
    }

    fn key(&self) -> String {
        let path = normal_percent(self.path);
        let mut path = path.trim_end_matches('/');
        if let Some(rest) = path.strip_suffix("/amp") {
            path = rest.trim_end_matches('/');
        }
        // Sorted as they come in: std's sort would cost the module more than this whole file.
        let mut kept: Vec<String> = Vec::new();
        for pair in self.query.split('&').filter(|pair| keeps(pair)) {
            let pair = normal_percent(pair);
            let place = kept.iter().position(|known| *known > pair).unwrap_or(kept.len());
            kept.insert(place, pair);
        }
        let mut key = [self.host.as_str(), path].concat();
        for (nth, pair) in kept.iter().enumerate() {
            key.push(if nth == 0 { '?' } else { '&' });
            key.push_str(pair);
        }
        key
    }
}

/// The part of `text` before the first `mark`, or all of it.
pub(crate) fn before(text: &str, mark: char) -> &str {
    text.split(mark).next().unwrap_or(text)
}

/// The host without the prefix that only says which edition of the site it is.
fn site_of(host: &str) -> &str {
    let rest = ["www.", "m.", "amp."].iter().find_map(|prefix| host.strip_prefix(prefix));
    // `m.` of a bare top-level name is not an edition of anything.
    rest.filter(|rest| rest.contains('.')).unwrap_or(host)
}

fn is_below(host: &str, parent: &str) -> bool {
    // A parent without a dot (`localhost`, `com`) is no site of its own.
    parent.contains('.') && host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether this `name=value` of a query tells one article from another.
fn keeps(pair: &str) -> bool {
    let name = before(pair, '=').to_ascii_lowercase();
    !name.is_empty()
        && !TRACKING.iter().any(|tracking| match tracking.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == *tracking,
        })
}

/// Percent-encoding in one spelling (RFC 3986 section 6.2.2): upper-case digits, and characters that need no encoding
/// decoded. What is not a valid `%XX` stays as it is.
fn normal_percent(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, encoded)) = rest.split_once('%') {
        normal.push_str(plain);
        let byte = encoded.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|digits| Some((digits, u8::from_str_radix(digits, 16).ok()?))) {
            Some((digits, byte)) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    normal.push(char::from(byte));
                } else {
                    normal.push('%');
                    normal.push_str(&digits.to_ascii_uppercase());
                }
                rest = encoded.get(2..).unwrap_or("");
            }
            None => {
                normal.push('%');
                rest = encoded;
            }
        }
    }
    normal.push_str(rest);
    normal
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key_of(location: &str) -> String {
        key(&Addresses { location, ..Addresses::default() })
    }

    #[test]
    fn cn_04_one_story_has_one_key_whatever_its_address() {
        for same in [
            "https://news.example/2026/frogs",
            "https://news.example/2026/frogs/",
            "https://NEWS.example/2026/frogs?utm_source=x&utm_medium=mail",
            "https://news.example/2026/frogs#comments",
            "https://news.example/2026/frogs/amp",
            "https://news.example/2026/frogs/amp/",
            "https://news.example/2026/frogs?amp=1",
            "https://news.example/2026/frogs?outputType=amp&fbclid=abc",
            "https://news.example:443/2026/frogs",
            "http://news.example/2026/frogs?",
            "https://news.example/2026/%66rogs",
            "https://user:secret@news.example/2026/frogs",
        ] {
            assert_eq!(key_of(same), "news.example/2026/frogs", "{same}");
        }
    }

    #[test]
    fn cn_05_ids_in_the_query_tell_stories_apart() {
        assert_eq!(key_of("https://news.example/?p=1"), "news.example?p=1");
        assert_ne!(key_of("https://news.example/?p=1"), key_of("https://news.example/?p=2"));
        assert_eq!(key_of("https://a.example/s?b=2&a=1"), key_of("https://a.example/s?a=1&b=2&utm_id=7"));
        assert_eq!(key_of("https://a.example/caf%c3%a9"), key_of("https://a.example/caf%C3%A9"));
        assert_ne!(key_of("https://a.example:8080/s"), key_of("https://a.example/s"));
    }

    #[test]
    fn a_canonical_address_is_used_when_it_can_be_believed() {
        let with =
            |location, canonical| key(&Addresses { location, canonical: Some(canonical), declared: None });
        assert_eq!(with("https://www.a.example/s?x=1", "https://a.example/story"), "a.example/story");
        assert_eq!(with("https://amp.a.example/s", "https://www.a.example/story"), "www.a.example/story");
        assert_eq!(with("https://news.a.example/s", "https://a.example/story"), "a.example/story");
        // The front page on every page, another site, an empty or broken one: the page's own address.
        assert_eq!(with("https://a.example/s", "https://a.example/"), "a.example/s");
        assert_eq!(with("https://a.example/s", "https://other.example/s"), "a.example/s");
        assert_eq!(with("https://a.example/s", "https://nota.example/s"), "a.example/s");
        assert_eq!(with("https://a.example/s", ""), "a.example/s");
        assert_eq!(with("https://a.example/s", "javascript:alert(1)"), "a.example/s");
        assert_eq!(with("http://localhost:8080/s", "http://localhost:8080/t"), "localhost:8080/t");
        assert_eq!(with("https://a.example/", "https://a.example/"), "a.example");
    }

    #[test]
    fn a_declared_id_wins() {
        let declared =
            |id| key(&Addresses { location: "https://a.example/s", canonical: None, declared: Some(id) });
        assert_eq!(declared("story-7"), "id:story-7");
        assert_eq!(declared("  "), "a.example/s");
    }

    #[test]
    fn a_page_without_a_web_address_still_has_a_key() {
        assert_eq!(key_of("file:///home/reader/story.html#top"), "file:///home/reader/story.html");
    }

    #[test]
    fn structured_data_says_what_is_an_article() {
        let text = |value: &str| Raw::Text(value.into());
        let of = |key: &str, value| Raw::Map(vec![(key.into(), value)]);
        assert!(is_said_by(&of("@type", text("NewsArticle"))));
        assert!(is_said_by(&of("@type", Raw::List(vec![text("Thing"), text("BlogPosting")]))));
        assert!(is_said_by(&of(
            "@graph",
            Raw::List(vec![of("@type", text("WebSite")), of("@type", text("Article"))])
        )));
        assert!(is_said_by(&Raw::List(vec![of("@type", text("LiveBlogPosting"))])));
        assert!(!is_said_by(&of("@type", text("WebSite"))));
        // A list of stories on a front page does not make the page a story.
        assert!(!is_said_by(&of("itemListElement", Raw::List(vec![of("@type", text("NewsArticle"))]))));
        assert!(!is_said_by(&text("NewsArticle")));
    }

    #[test]
    fn the_hash_is_short_salted_by_the_site_and_stable() {
        let hash_of = |site| hash(site, "news.example/2026/frogs");
        assert_eq!(hash_of("meridian").len(), 16);
        assert_ne!(hash_of("meridian"), hash_of("other"));
        // Stored by readers: this value may never change.
        assert_eq!(hash_of("meridian"), "h4fzS2SXPBUq15i2");
    }

    proptest! {
        #[test]
        fn no_address_panics(location in ".{0,80}", canonical in ".{0,80}") {
            let _ = key(&Addresses { location: &location, canonical: Some(&canonical), declared: None });
        }

        #[test]
        fn a_key_is_a_fixed_point(path in "(/[a-z0-9%~ .-]{0,8}){0,4}", query in "([a-z]{1,5}=[a-z0-9%]{0,5}&?){0,4}") {
            let key = key_of(&["https://a.example", path.as_str(), "?", query.as_str()].concat());
            prop_assert_eq!(key_of(&["https://", key.as_str()].concat()), key.clone());
        }
    }
}
