//! Addresses: an article's key and hash, templates of links, referrers, patterns of paths.

use super::setting::{is_of_the_web, template};
use crate::source::Source;
use tollgate::access::referrer;
use tollgate::article::{self, Addresses};
use tollgate::config::fits;
use tollgate::link::{Template, return_url};

/// One page's addresses.
pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    let page = if source.once_in(4) { hostile(&mut source) } else { address(&mut source) };
    check_key(&page, &mut source);
    check_link(&page, &mut source);
    check_referrer(&page, &mut source);
    check_pattern(&mut source);
}

/// An address as a browser serialises it: host in lower case, no blanks, what is not ASCII encoded.
fn address(source: &mut Source<'_>) -> String {
    let mut address = source.pick(&["https://", "http://"]).to_owned();
    address += source.pick(&[
        "news.example",
        "www.news.example",
        "amp.news.example",
        "m.news.example",
        "localhost:8080",
        "a.b.example:8443",
    ]);
    let path = source.list_like(
        5,
        "",
        &["/world", "/frogs", "/amp", "/", "/%41%2f", "/a.html", "/%", "/%e9", "/*", "/~a"],
    );
    let query = source.list_like(
        5,
        "&",
        &[
            "p=2",
            "utm_source=x",
            "utm_%6dedium=email",
            "a=1",
            "a",
            "=",
            "amp=1",
            "ref=Friends",
            "token=1",
            "%74oken=1",
            "b=%41&a=%2",
            "%66bclid=1",
            "gift",
        ],
    );
    address += &serialised(&path, "/");
    let query = serialised(&query, "?");
    address + &query + source.pick(&["", "#", "#comments", "#?a=1"])
}

/// What a browser would write of a path or a query; nothing of nothing.
fn serialised(text: &str, sign: &str) -> String {
    let mut written = String::new();
    if !text.is_empty() && !text.starts_with(sign) {
        written += sign;
    }
    for letter in text.chars() {
        match letter {
            '?' | '#' | '\\' => written.push('/'),
            '!'..='~' => written.push(letter),
            _ => letter.to_string().bytes().for_each(|byte| written += &format!("%{byte:02X}")),
        }
    }
    written.replacen(&sign.repeat(2), sign, usize::from(sign == "?"))
}

/// Anything that may stand where an address should.
fn hostile(source: &mut Source<'_>) -> String {
    match source.below(3) {
        0 => source.raw(60),
        1 => source.pieces(10),
        _ => {
            let address = address(source);
            source.nearly(&address)
        }
    }
}

fn check_key(page: &str, source: &mut Source<'_>) {
    let of = |location: &str| article::key(&Addresses { location, ..Addresses::default() });
    let canonical = hostile(source);
    let declared = source.like(&["", "story-7", " ", "\u{3000}"]);
    let key =
        article::key(&Addresses { location: page, canonical: Some(&canonical), declared: Some(&declared) });
    let id = declared.trim();
    assert!(id.is_empty() || key == ["id:", id].concat(), "the publisher's id does not win: {key:?}");
    if source.once_in(8) {
        let hash = article::hash("meridian", &key);
        let is_plain = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        assert!(hash.len() == 16 && is_plain, "{hash:?}");
    }
    let _ = of(&canonical);
    let Some((scheme, _)) = page.split_once("://").filter(|_| is_plain(page)) else { return };
    let key = of(page);
    assert!(key.len() <= 3 * page.len(), "{key:?} of {page:?}");
    assert!(!key.contains('#'), "{key:?} of {page:?}");
    let again = of(&[scheme, "://", &key].concat());
    assert_eq!(again, key, "the key of a key, of {page:?}");
    // What says where a reader came from does not name another story.
    let (bare, fragment) = page.split_once('#').map_or((page, ""), |(bare, fragment)| (bare, fragment));
    let sign = if bare.contains('?') { "&" } else { "?" };
    let more =
        source.pick(&["utm_source=x", "UTM_Campaign", "fbclid=1&gclid=2", "amp=1", "%75tm_source=y", "&&=1"]);
    assert_eq!(of(&[bare, sign, more, "#", fragment].concat()), key, "{page:?} with {more}");
}

/// Whether an address could be a browser's: of the web, its host plain, in printable ASCII without a backslash.
fn is_plain(page: &str) -> bool {
    let Some(rest) = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://")) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port == "443" || port == "80" { "" } else { name });
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
    };
    let is_port =
        host.len() == name.len() || host[name.len() + 1..].bytes().all(|byte| byte.is_ascii_digit());
    is_name(name) && is_port && page.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn check_link(page: &str, source: &mut Source<'_>) {
    let text = template(source);
    let plan = source.like(&["year", "", "../..", ":", "javascript:", "{return_url}"]);
    let back = return_url(page);
    assert!(!back.contains('#') && back.len() <= page.len());
    if let Some((_, query)) = back.split_once('?') {
        for pair in query.split('&') {
            // As a server reads it, as far as the generator encodes it.
            let name = pair.split('=').next().unwrap_or("").to_ascii_lowercase().replace("%74", "t");
            let secret =
                ["token", "gift", "access_token", "id_token", "code", "state"].contains(&name.as_str());
            assert!(
                !secret && !name.starts_with("tollgate") && !name.is_empty(),
                "{name} is sent back, from {page:?}"
            );
        }
    }
    let Ok(checked) = Template::parse(&text, page) else { return };
    let filled = checked.fill(&plan, page);
    if !is_plain(page) {
        return;
    }
    assert!(is_of_the_web(&filled, page), "{text:?} leads to {filled:?}");
    let site = page.split('/').take(3).collect::<Vec<_>>().join("/");
    let site = site.split(['?', '#']).next().unwrap_or("");
    let authority = filled.split(['/', '?', '#']).nth(2).unwrap_or("");
    assert!(!authority.is_empty() && !authority.contains(['@', '{']), "{text:?} leads to {filled:?}");
    let absolute = text.trim().to_ascii_lowercase().starts_with("http");
    assert!(absolute || filled.starts_with(site), "{text:?} leaves the site: {filled:?}");
}

fn check_referrer(page: &str, source: &mut Source<'_>) {
    let item = source.like(&["search", "social", "newsletter", "example.org", "ref=friends", "a.*"]);
    let from = hostile(source);
    if let Some(words) = referrer::words(&item) {
        let list = words.to_ascii_lowercase();
        let _ = referrer::is_listed(&list, &from, page);
        let host = source.pick(&["example.org", "www.example.org", "a.b.example.org:8080"]);
        let listed = referrer::is_listed("x.example example.org", &["https://", host, "/?q"].concat(), page);
        assert!(listed, "{host} is not listed");
    }
}

/// Compares with the definition: a star stands for any number of any characters.
fn check_pattern(source: &mut Source<'_>) {
    let letters = ["a", "b", "/", "é"];
    let path = source.list(12, |source| source.pick(&letters)).concat();
    let pattern = source.list(8, |source| source.pick(&["*", "a", "b", "/", "é"])).concat();
    let (path_bytes, pattern_bytes) = (path.as_bytes(), pattern.as_bytes());
    // reached[i]: the pattern so far fits the first i bytes.
    let mut reached = vec![false; path_bytes.len() + 1];
    reached[0] = true;
    for byte in pattern_bytes {
        let mut next = vec![false; reached.len()];
        for at in 0..reached.len() {
            next[at] = if *byte == b'*' {
                reached[..=at].contains(&true)
            } else {
                at > 0 && reached[at - 1] && path_bytes[at - 1] == *byte
            };
        }
        reached = next;
    }
    assert_eq!(fits(&path, &pattern), reached[path_bytes.len()], "{path:?} and {pattern:?}");
}
