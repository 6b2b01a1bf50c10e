//! Which article this is: the page's addresses → the article's key → its short hash.
//!
//! The rules are platform.md A2.1 and A2.2: an id the publisher declares, else the canonical address where it can be
//! trusted, else the page's own address; cleaned so that the same story always gives the same key.

use crate::config::Entries;
use crate::digest;
use crate::text::scan::{
    before, cut, cut_last, digits, is_one_of, join, lower, next_field, push, push_hexadecimal, trim, whole,
};

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
    let id = trim(addresses.declared.unwrap_or(""));
    if !id.is_empty() {
        return join(&["id:", id]);
    }
    let canonical = addresses.canonical.unwrap_or("");
    let (lower_location, lower_canonical) = (lower(addresses.location), lower(canonical));
    let Some(mut address) = Address::parse(addresses.location, &lower_location) else {
        // Neither http nor https (a file, a data: page): the address as it stands, without its fragment.
        return before(addresses.location, b'#').to_owned();
    };
    if let Some(canonical) = Address::parse(canonical, &lower_canonical)
        && canonical.can_name(&address)
    {
        address = canonical;
    }
    address.key()
}

/// The short hash of an article's key, as it stands in storage: 16 characters of `[A-Za-z0-9_-]`, the first 12 bytes
/// of SHA-256 over the site and the key, so that no address can be read from storage (platform.md A1.3).
#[must_use]
pub fn hash(site: &str, key: &str) -> String {
    let message = join(&["tollgate-aid\0", site, "\0", key]);
    let digest = digest::sha256(message.as_bytes());
    digest::base64url(digest.get(..12).unwrap_or_default())
}

/// Whether a page's structured data (JSON-LD, flat) says that the page is an article: a `@type` of schema.org's articles
/// at its top, in its `@graph`, or as its `mainEntity`.
#[must_use]
pub fn is_said_by(data: &Entries) -> bool {
    for (name, text) in data {
        // NewsArticle, OpinionNewsArticle, TechArticle … and the two that are called otherwise.
        let mut says = text.ends_with("Article") || text.ends_with("BlogPosting");
        let mut is_type = false;
        let mut rest = Some(name.as_str());
        while let Some(step) = next_field(&mut rest, b'.') {
            is_type |= step == "@type";
            says &= whole(step).is_some() || is_one_of(step, "@type @graph mainEntity");
        }
        if says && is_type {
            return true;
        }
    }
    false
}

/// Query parameters that say where a reader came from, not which article it is.
pub(crate) const TRACKING: &str = "fbclid gclid gbraid wbraid dclid msclkid yclid ttclid twclid igshid igsh li_fat_id srsltid _ga _gl amp outputtype \
     utm_* gaa_* mc_* _hs* tollgate_*";

/// An absolute http or https address, taken apart.
struct Address<'a> {
    /// Lower case, with the port where it is not the scheme's own.
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Address<'a> {
    /// Takes `address` apart; `lower` is the same in lower case.
    fn parse(address: &'a str, lower: &'a str) -> Option<Address<'a>> {
        let (site, _) = split_site(lower);
        let (_, rest) = address.split_at_checked(site.len())?;
        let (authority, default_port) = match site.strip_prefix("https://") {
            Some(authority) => (authority, ":443"),
            None => (site.strip_prefix("http://")?, ":80"),
        };
        let host = cut_last(authority, b'@').map_or(authority, |(_, host)| host);
        let host = host.strip_suffix(default_port).unwrap_or(host);
        if host.is_empty() {
            return None;
        }
        let rest = before(rest, b'#');
        let (path, query) = cut(rest, b'?').unwrap_or((rest, ""));
        Some(Address { host, path: if path.is_empty() { "/" } else { path }, query })
    }

    /// Whether this canonical address can be believed for a page at `location`: it is of the same site, and not the
    /// bare front page that some systems write on every page, which would make all stories one.
    fn can_name(&self, location: &Address<'_>) -> bool {
        let ours = site_of(self.host);
        let theirs = site_of(location.host);
        let same_site = is_of(ours, theirs) || is_of(theirs, ours);
        same_site && (*self.path != *"/" || *location.path == *"/" || !self.query.is_empty())
    }

    fn key(&self) -> String {
        let path = normal_percent(self.path);
        let mut path = without_slashes(&path);
        while let Some(rest) = path.strip_suffix("/amp") {
            path = without_slashes(rest);
        }
        // Sorted as they come in, `&` before each: std's sort would cost the module more than this whole file.
        let mut sorted = String::new();
        let query = normal_percent(&without(self.query, TRACKING));
        let mut rest = query.get(1..);
        while let Some(pair) = next_field(&mut rest, b'&') {
            let mut place = 0_usize;
            let mut known = sorted.get(1..);
            while let Some(other) = next_field(&mut known, b'&')
                && *other <= *pair
            {
                place = place.wrapping_add(other.len()).wrapping_add(1);
            }
            let (less, more) = sorted.split_at_checked(place).unwrap_or_default();
            sorted = join(&[less, "&", pair, more]);
        }
        let query = sorted.get(1..).unwrap_or("");
        join(&[self.host, path, if query.is_empty() { "" } else { "?" }, query])
    }
}

fn without_slashes(path: &str) -> &str {
    let mut path = path;
    while let Some(shorter) = path.strip_suffix("/") {
        path = shorter;
    }
    path
}

/// The host without the prefix that only says which edition of the site it is.
fn site_of(host: &str) -> &str {
    if let Some((edition, rest)) = cut(host, b'.')
        && is_one_of(edition, "www m amp")
        // `m.` of a bare top-level name is not an edition of anything.
        && cut(rest, b'.').is_some()
    {
        return rest;
    }
    host
}

/// Whether `host` is `parent` or lies below it.
fn is_of(host: &str, parent: &str) -> bool {
    match host.strip_suffix(parent) {
        // A parent without a dot (`localhost`, `com`) is no site of others.
        Some(rest) => rest.is_empty() || (rest.ends_with(".") && cut(parent, b'.').is_some()),
        None => false,
    }
}

/// Whether two origins, in lower case, are of one site as far as their hosts say: one is the other's, or above or below it.
pub(crate) fn is_of_one_site(ours: &str, theirs: &str) -> bool {
    let (Some(ours), Some(theirs)) = (Address::parse(ours, ours), Address::parse(theirs, theirs)) else {
        return false;
    };
    let (ours, theirs) = (before(site_of(ours.host), b':'), before(site_of(theirs.host), b':'));
    is_of(ours, theirs) || is_of(theirs, ours)
}

/// `address` cut behind its host: `https://news.example` and `/2026/frogs?p=2`.
pub(crate) fn split_site(address: &str) -> (&str, &str) {
    let mut slashes = 0_u32;
    let mut rest = address.as_bytes();
    while let [byte, after @ ..] = rest {
        slashes = slashes.wrapping_add(u32::from(*byte == b'/'));
        if slashes == 3 || matches!(byte, b'?' | b'#') {
            break;
        }
        rest = after;
    }
    address.split_at_checked(address.len().wrapping_sub(rest.len())).unwrap_or((address, ""))
}

/// A query without the parameters that are listed in `names`, and those without a name: `?p=2&page=3`, or nothing.
pub(crate) fn without(query: &str, names: &str) -> String {
    let mut kept = String::new();
    let mut rest = Some(query);
    while let Some(pair) = next_field(&mut rest, b'&') {
        // As servers read it: `%66bclid` is `fbclid`.
        let name = lower(&normal_percent(before(pair, b'=')));
        if !name.is_empty() && !is_one_of(&name, names) {
            let sign = if kept.is_empty() { b'?' } else { b'&' };
            push(&mut kept, sign);
            kept.push_str(pair);
        }
    }
    kept
}

/// Percent-encoding in one spelling (RFC 3986 section 6.2.2): upper-case digits, and characters that need no encoding
/// decoded. A `%` that begins no valid `%XX` is itself encoded, so that decoding its neighbour cannot make it valid.
pub(crate) fn normal_percent(text: &str) -> String {
    let mut normal = String::new();
    let mut rest = text;
    while let Some((plain, encoded)) = cut(rest, b'%') {
        normal.push_str(plain);
        rest = encoded;
        let mut byte = b'%';
        if let Some((code, after)) = encoded.split_at_checked(2)
            && let Some(value) = digits(code, 16)
        {
            byte = value as u8;
            rest = after;
        }
        push_encoded(&mut normal, byte);
    }
    normal.push_str(rest);
    normal
}

/// Adds a byte of an address: letters, digits and `-._~` as they are (RFC 3986 section 2.3), all else as `%XX`.
#[inline(never)]
pub(crate) fn push_encoded(text: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        push(text, byte);
    } else {
        push(text, b'%');
        push_hexadecimal(text, byte);
    }
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
            "https://news.example/2026/frogs/amp/amp",
            "https://news.example/2026/frogs?amp=1",
            "https://news.example/2026/frogs?outputType=amp&fbclid=abc",
            "https://news.example/2026/frogs?%66bclid=abc&UTM%5Fid=7",
            "https://news.example:443/2026/frogs",
            "http://news.example/2026/frogs?",
            "https://news.example/2026/%66rogs",
            "https://user:secret@news.example/2026/frogs",
            "https://user:p@ss@news.example/2026/frogs",
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
        assert_eq!(declared("\u{3000}"), "a.example/s");
    }

    #[test]
    fn a_page_without_a_web_address_still_has_a_key() {
        assert_eq!(key_of("file:///home/reader/story.html#top"), "file:///home/reader/story.html");
    }

    #[test]
    fn structured_data_says_what_is_an_article() {
        let says = |entries: &[(&str, &str)]| {
            is_said_by(&entries.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect())
        };
        assert!(says(&[(".", "map"), ("headline", "Frogs"), ("@type", "NewsArticle")]));
        assert!(says(&[(".", "map"), ("@type.", "list"), ("@type.0", "Thing"), ("@type.1", "BlogPosting")]));
        assert!(says(&[
            (".", "map"),
            ("@graph.", "list"),
            ("@graph.0.@type", "WebSite"),
            ("@graph.1.@type", "Article")
        ]));
        assert!(says(&[(".", "map"), ("mainEntity.", "map"), ("mainEntity.@type", "TechArticle")]));
        assert!(says(&[(".", "list"), ("0.", "map"), ("0.@type", "LiveBlogPosting")]));
        assert!(!says(&[(".", "map"), ("@type", "WebSite"), ("name", "An Article")]));
        assert!(!says(&[
            (".", "map"),
            ("itemListElement.", "list"),
            ("itemListElement.0.@type", "NewsArticle")
        ]));
        assert!(!says(&[("", "NewsArticle")]));
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
