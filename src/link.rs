//! Addresses a reader may be sent to: templates from the publisher, checked strictly, filled in and made absolute.
//!
//! A setting can come from a careless author or a reflected parameter, so an address is only accepted when it plainly
//! is one of the web (platform.md A5.2). Grammar: `https://…` (or `http://…` on a page that is itself on http), or a path
//! on the page's own site: `/subscribe`, `subscribe.html`, `?offer=1`. Placeholders: `{plan}`, `{return_url}`.

use crate::article::{TRACKING, push_encoded, split_site, without};
use crate::text::fill;
use crate::text::scan::{before, cut, cut_last, join, lower, trim};

/// An address that was checked, with its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Empty, or with blanks, control characters or backslashes inside.
    Malformed,
    /// `javascript:`, `data:` and every other scheme but http and https; or http on an https page.
    Scheme,
    /// A user name or password stands in it, or there is no host.
    Authority,
}

impl Template {
    /// Checks an address. `page` is the address of the page it stands on.
    ///
    /// # Errors
    /// What is not of the grammar above.
    pub fn parse(text: &str, page: &str) -> Result<Template, LinkError> {
        let text = trim(text);
        check(text, page)?;
        Ok(Template(text.to_owned()))
    }

    /// The absolute address with its placeholders filled in, for a reader on `page`.
    #[must_use]
    pub fn fill(&self, plan: &str, page: &str) -> String {
        let values = [("plan", &*encode(plan)), ("return_url", &*encode(&return_url(page)))];
        let filled = fill(&self.0, &values);
        if has_scheme(&filled) {
            return filled;
        }
        // Made absolute here, against the page and not against its <base>, which may be another's.
        let (site, path) = split_site(before(before(page, b'#'), b'?'));
        let path = if path.is_empty() { "/" } else { path };
        let (folder, slash) = match filled.as_bytes() {
            [b'/', ..] => ("", ""),
            [b'?' | b'#', ..] => (path, ""),
            _ => (cut_last(path, b'/').map_or("", |(folder, _)| folder), "/"),
        };
        join(&[site, folder, slash, &filled])
    }
}

fn check(text: &str, page: &str) -> Result<(), LinkError> {
    if text.is_empty() {
        return Err(LinkError::Malformed);
    }
    let mut last_three = 0_u32;
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        last_three = (last_three << 8 | u32::from(*byte)) & 0xff_ffff;
        if is_forbidden(last_three) {
            return Err(LinkError::Malformed);
        }
        rest = after;
    }
    // Two slashes would name another host with the page's scheme: say so in full instead.
    if text.starts_with("//") {
        return Err(LinkError::Authority);
    }
    if !has_scheme(text) {
        return Ok(());
    }
    match &*lower(before(text, b':')) {
        "https" => {}
        "http" if !page.starts_with("https:") => {}
        _ => return Err(LinkError::Scheme),
    }
    let authority = cut(split_site(text).0, b':').and_then(|(_, rest)| rest.strip_prefix("//")).unwrap_or("");
    if authority.is_empty() || cut(authority, b'@').is_some() || cut(authority, b'{').is_some() {
        return Err(LinkError::Authority);
    }
    Ok(())
}

/// Query parameters that may carry a right to read, and must not leave the page in a return address (SEC-09).
const SECRET: &str = "token gift access_token id_token code state tollgate*";

/// Where a reader comes back to: the page without its fragment and without anything that may be secret.
#[must_use]
pub fn return_url(page: &str) -> String {
    let page = before(page, b'#');
    match cut(page, b'?') {
        Some((path, query)) => join(&[path, &without(query, SECRET)]),
        None => page.to_owned(),
    }
}

/// An article's address for the publisher's endpoint: as [`return_url`], and without what says by which link the reader came.
#[must_use]
pub fn article_url(page: &str) -> String {
    let page = return_url(page);
    match cut(&page, b'?') {
        Some((path, query)) => join(&[path, &without(query, TRACKING)]),
        None => page,
    }
}

/// Whether the last character of these three bytes of UTF-8 is a blank, a control (also Unicode's), which browsers drop or
/// write otherwise, or a backslash.
fn is_forbidden(last_three: u32) -> bool {
    // U+0000 to U+0020, U+005C, U+007F
    matches!(last_three & 0xff, 0..=0x20 | 0x5c | 0x7f)
        // U+0080 to U+00A0
        || matches!(last_three & 0xffff, 0xc280..=0xc2a0)
        // U+1680, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+206F, U+3000, U+FEFF
        || matches!(last_three, 0xe19a80 | 0xe28080..=0xe2808f | 0xe280a8..=0xe280af | 0xe2819f..=0xe281af | 0xe38080 | 0xefbbbf)
}

/// Whether an address has a scheme: anything, then `:`, before any `/`, `?` or `#`. What could be taken for a scheme by
/// anyone counts as one.
fn has_scheme(address: &str) -> bool {
    let mut rest = address.as_bytes();
    while let [byte, after @ ..] = rest {
        if matches!(byte, b':' | b'/' | b'?' | b'#') {
            return *byte == b':';
        }
        rest = after;
    }
    false
}

/// Percent-encodes everything but letters, digits and `-._~`, as `encodeURIComponent` does and a little more.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        push_encoded(&mut encoded, *byte);
        rest = after;
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_endpoint_learns_no_tracking_parameters() {
        let page = "https://news.example/frogs?p=2&utm_source=mail&fbclid=1&token=x#top";
        assert_eq!(article_url(page), "https://news.example/frogs?p=2");
        assert_eq!(article_url("https://news.example/frogs?gclid=1"), "https://news.example/frogs");
        assert_eq!(article_url("https://news.example/frogs"), "https://news.example/frogs");
    }

    const PAGE: &str = "https://news.example/world/frogs?p=2&token=s3cret#comments";

    fn go(template: &str, page: &str) -> Result<String, LinkError> {
        Template::parse(template, page).map(|template| template.fill("free-trial", page))
    }

    #[test]
    fn templates_become_absolute_addresses() {
        assert_eq!(
            go("/subscribe?plan={plan}&return={return_url}", PAGE).as_deref(),
            Ok(
                "https://news.example/subscribe?plan=free-trial&return=https%3A%2F%2Fnews.example%2Fworld%2Ffrogs%3Fp%3D2"
            )
        );
        assert_eq!(go("join.html", PAGE).as_deref(), Ok("https://news.example/world/join.html"));
        assert_eq!(go("../join", PAGE).as_deref(), Ok("https://news.example/world/../join"));
        assert_eq!(go("?offer=1", PAGE).as_deref(), Ok("https://news.example/world/frogs?offer=1"));
        assert_eq!(go("#offer", PAGE).as_deref(), Ok("https://news.example/world/frogs#offer"));
        assert_eq!(go("/join", "https://news.example").as_deref(), Ok("https://news.example/join"));
        assert_eq!(go("join", "https://news.example").as_deref(), Ok("https://news.example/join"));
        assert_eq!(
            go("HTTPS://pay.example/x?r={return_url}", "https://a.b/c").as_deref(),
            Ok("HTTPS://pay.example/x?r=https%3A%2F%2Fa.b%2Fc")
        );
        assert_eq!(go("http://pay.example/", "http://localhost:8080/").as_deref(), Ok("http://pay.example/"));
        assert_eq!(go("/join?at=10:30", PAGE).as_deref(), Ok("https://news.example/join?at=10:30"));
    }

    #[test]
    fn sec_01_dangerous_addresses_are_refused() {
        for (bad, error) in [
            ("javascript:alert(1)", LinkError::Scheme),
            (" JaVaScRiPt:alert(1)", LinkError::Scheme),
            ("java\tscript:alert(1)", LinkError::Malformed),
            ("java\nscript:alert(1)", LinkError::Malformed),
            ("data:text/html,x", LinkError::Scheme),
            ("vbscript:x", LinkError::Scheme),
            ("blob:https://news.example/x", LinkError::Scheme),
            ("file:///etc/passwd", LinkError::Scheme),
            ("http://news.example/", LinkError::Scheme),
            ("https:evil", LinkError::Authority),
            ("https://", LinkError::Authority),
            ("https:///evil", LinkError::Authority),
            ("https://user:pass@evil.example/", LinkError::Authority),
            ("https://{return_url}/", LinkError::Authority),
            ("//evil.example/", LinkError::Authority),
            ("/\\evil.example", LinkError::Malformed),
            ("\\\\evil.example", LinkError::Malformed),
            ("\u{1}javascript:alert(1)", LinkError::Malformed),
            ("{plan}:alert(1)", LinkError::Scheme),
            ("", LinkError::Malformed),
        ] {
            assert_eq!(go(bad, PAGE), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn sec_01_blanks_and_controls_are_refused_wherever_they_stand() {
        for letter in '\0'..=char::MAX {
            let forbidden = matches!(letter, '\0'..=' ' | '\\' | '\u{7f}'..='\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{feff}');
            let text = ["/a", letter.to_string().as_str(), "b"].concat();
            assert_eq!(Template::parse(&text, PAGE).is_err(), forbidden, "{letter:?}");
        }
    }

    #[test]
    fn sec_09_a_return_address_carries_no_secret() {
        assert_eq!(return_url(PAGE), "https://news.example/world/frogs?p=2");
        assert_eq!(return_url("https://a.b/c?gift=1&tollgate_x=2#token=3"), "https://a.b/c");
        assert_eq!(return_url("https://a.b/c?&x=1&"), "https://a.b/c?x=1");
        // Servers decode names.
        assert_eq!(return_url("https://a.b/c?%74oken=3&%67%69ft=1&%78=1"), "https://a.b/c?%78=1");
    }

    proptest! {
        #[test]
        fn an_accepted_address_is_of_the_web(template in ".{0,40}|(java|data|https?)?[a-z:/@\\\\{}?#. \t]{0,20}") {
            if let Ok(address) = go(&template, PAGE) {
                prop_assert!(address.to_ascii_lowercase().starts_with("https://"), "{address}");
            }
        }

        #[test]
        fn a_template_that_fills_from_the_root_stays_on_the_site(path in "/[a-z0-9/{}_.?=&-]{0,30}") {
            if let Ok(address) = go(&path, PAGE) {
                prop_assert!(address.starts_with("https://news.example/"), "{address}");
            }
        }
    }
}
