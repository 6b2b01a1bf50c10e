//! Addresses a reader may be sent to: templates from the publisher, checked strictly, filled in and made absolute.
//!
//! A setting can come from a careless author or a reflected parameter, so an address is only accepted when it plainly
//! is one of the web (platform.md A5.2). Grammar: `https://…` (or `http://…` on a page that is itself on http), or a path
//! on the page's own site: `/subscribe`, `subscribe.html`, `?offer=1`. Placeholders: `{plan}`, `{return_url}`.

use crate::article::{is_plain, push_encoded};
use crate::text::fill;
use crate::text::scan::{before, cut, cut_last, is_one_of, join, lower, next_field, trim};

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
        if text.is_empty() {
            return Err(LinkError::Malformed);
        }
        for letter in text.chars() {
            // Blanks and controls (also Unicode's), which browsers drop or write otherwise.
            if matches!(letter, '\0'..=' ' | '\\' | '\u{7f}'..='\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{feff}')
            {
                return Err(LinkError::Malformed);
            }
        }
        // Two slashes would name another host with the page's scheme: say so in full instead.
        if text.starts_with("//") {
            return Err(LinkError::Authority);
        }
        let lower = lower(text);
        let rest = match scheme(&lower) {
            None => return Ok(Template(text.to_owned())),
            Some("https") => lower.strip_prefix("https://"),
            Some("http") if !page.starts_with("https:") => lower.strip_prefix("http://"),
            Some(_) => return Err(LinkError::Scheme),
        };
        let authority = before(before(before(rest.unwrap_or(""), b'/'), b'?'), b'#');
        if authority.is_empty() || cut(authority, b'@').is_some() || cut(authority, b'{').is_some() {
            return Err(LinkError::Authority);
        }
        Ok(Template(text.to_owned()))
    }

    /// The absolute address with its placeholders filled in, for a reader on `page`.
    #[must_use]
    pub fn fill(&self, plan: &str, page: &str) -> String {
        let values = [("plan", &*encode(plan)), ("return_url", &*encode(&return_url(page)))];
        let filled = fill(&self.0, &values);
        if scheme(&filled).is_some() {
            return filled;
        }
        // Made absolute here, against the page and not against its <base>, which may be another's.
        let page = before(before(page, b'#'), b'?');
        let after_scheme = cut(page, b':').and_then(|(_, rest)| rest.strip_prefix("//")).unwrap_or(page);
        let host = before(after_scheme, b'/').len();
        let site = page.len().saturating_sub(after_scheme.len()).saturating_add(host);
        let (site, path) = page.split_at_checked(site).unwrap_or((page, ""));
        let path = if path.is_empty() { "/" } else { path };
        match filled.as_bytes().first() {
            Some(b'/') => join(&[site, &filled]),
            Some(b'?' | b'#') => join(&[site, path, &filled]),
            _ => join(&[site, cut_last(path, b'/').map_or("", |(folder, _)| folder), "/", &filled]),
        }
    }
}

/// Query parameters that may carry a right to read, and must not leave the page in a return address (SEC-09).
const SECRET: &str = "token gift access_token id_token code state";

/// Where a reader comes back to: the page without its fragment and without anything that may be secret.
#[must_use]
pub fn return_url(page: &str) -> String {
    let page = before(page, b'#');
    let Some((path, query)) = cut(page, b'?') else { return page.to_owned() };
    let mut address = path.to_owned();
    let mut sign = '?';
    let mut rest = Some(query);
    while let Some(pair) = next_field(&mut rest, b'&') {
        let name = lower(before(pair, b'='));
        if !name.is_empty() && !is_one_of(&name, SECRET) && !name.starts_with("tollgate") {
            address.push(sign);
            address.push_str(pair);
            sign = '&';
        }
    }
    address
}

/// The scheme of an address, where it has one: letters, then `:`, before any `/`, `?` or `#`. What could be taken for a
/// scheme by anyone counts as one.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = cut(address, b':')?;
    for byte in scheme.bytes() {
        if matches!(byte, b'/' | b'?' | b'#') {
            return None;
        }
    }
    Some(scheme)
}

/// Percent-encodes everything but letters, digits and `-._~`, as `encodeURIComponent` does and a little more.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            push_encoded(&mut encoded, byte);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn sec_09_a_return_address_carries_no_secret() {
        assert_eq!(return_url(PAGE), "https://news.example/world/frogs?p=2");
        assert_eq!(return_url("https://a.b/c?gift=1&tollgate_x=2#token=3"), "https://a.b/c");
        assert_eq!(return_url("https://a.b/c?&x=1&"), "https://a.b/c?x=1");
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
