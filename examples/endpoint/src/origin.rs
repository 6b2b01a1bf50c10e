//! Origins: who may ask, whose forms are taken, and where a reader may be sent back to.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::fmt;
use std::str::FromStr;
use url::{Host, Url};

/// The longest address that a reader is sent back to.
const LONGEST: usize = 2048;

/// An origin of the web, such as `https://news.example` or `http://127.0.0.1:8787`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    is_loopback: bool,
}

impl Origin {
    /// The origin of an address; `None` if it is not of the web, or names a user.
    #[must_use]
    pub fn of(address: &str) -> Option<Origin> {
        Origin::of_url(&Url::parse(address).ok()?)
    }

    fn of_url(url: &Url) -> Option<Origin> {
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return None;
        }
        let is_loopback = match url.host()? {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        };
        Some(Origin { text: url.origin().ascii_serialization(), is_loopback })
    }

    /// As browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether it is of the machine that the reader sits at.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// The host and the port that is not the scheme's own, as in the header `Host`.
    fn host(&self) -> &str {
        self.text.split_once("://").map_or("", |(_, host)| host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Origin, String> {
        let origin = Origin::of(text).filter(|origin| text.trim_end_matches('/') == origin.as_str());
        origin.ok_or_else(|| format!("expected an origin such as https://news.example, not '{text}'"))
    }
}

/// The header of this name, if it is text.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What browsers say of where a request comes from (Fetch Metadata).
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether a form was sent from one of these origins' own pages. Every browser says so by `Origin`, or by what it says of the request; what
/// says nothing is no browser, or one that is too old to keep its cookies from other sites.
#[must_use]
pub fn is_own_form(origins: &[Origin], headers: &HeaderMap) -> bool {
    if let Some(origin) = headers.get(header::ORIGIN) {
        return origin.to_str().is_ok_and(|origin| is_known(origins, origin));
    }
    if let Some(site) = headers.get(SITE) {
        return site == "same-origin" || site == "none";
    }
    let from = text(headers, &header::REFERER).and_then(Origin::of);
    from.is_some_and(|from| is_known(origins, from.as_str()))
}

/// Whether a page's script asks, and one of these origins' own: what is only looked at, or comes from elsewhere, counts nothing.
#[must_use]
pub fn is_asked_by_own_page(origins: &[Origin], headers: &HeaderMap) -> bool {
    if headers.get(MODE).is_some_and(|mode| mode == "navigate") {
        return false;
    }
    match headers.get(header::ORIGIN) {
        Some(origin) => origin.to_str().is_ok_and(|origin| is_known(origins, origin)),
        None => headers.get(SITE).is_none_or(|site| site == "same-origin" || site == "none"),
    }
}

fn is_known(origins: &[Origin], origin: &str) -> bool {
    origins.iter().any(|known| known.as_str() == origin)
}

/// Lets a page of one of these origins read the answer, with the reader's cookies. Never any origin: `*`.
pub fn allow(origins: &[Origin], request: &HeaderMap, answer: &mut HeaderMap) {
    answer.insert(header::VARY, HeaderValue::from_static("Origin, Cookie"));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(origin) = request.get(header::ORIGIN)
        && origin.to_str().is_ok_and(|origin| is_known(origins, origin))
    {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// The origin by which the reader came here: several may lead here (127.0.0.1 and localhost), and a cookie is of one.
#[must_use]
pub fn by_host<'a>(origins: &'a [Origin], headers: &HeaderMap) -> Option<&'a Origin> {
    let host = text(headers, &header::HOST)?;
    origins.iter().find(|origin| origin.host().eq_ignore_ascii_case(host)).or(origins.first())
}

/// Where a reader may be sent back to: the address that was asked for if it is one of these origins', else the front page of `here`. Always
/// with its origin, and without a fragment.
#[must_use]
pub fn way_back(origins: &[Origin], here: &Origin, asked: &str) -> String {
    let allowed = || {
        if asked.len() > LONGEST || asked.chars().any(char::is_control) {
            return None;
        }
        let mut url = Url::parse(here.as_str()).ok()?.join(asked).ok()?;
        let origin = Origin::of_url(&url)?;
        url.set_fragment(None);
        is_known(origins, origin.as_str()).then(|| url.into())
    };
    allowed().unwrap_or_else(|| format!("{here}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Vec<Origin> {
        ["https://news.example", "https://www.news.example"].map(|text| text.parse().expect(text)).to_vec()
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn readers_go_back_to_the_publishers_pages_only() {
        let origins = origins();
        let back = |asked: &str| way_back(&origins, &origins[0], asked);
        for (asked, goes) in [
            ("", "https://news.example/"),
            ("/a?b=c#d", "https://news.example/a?b=c"),
            ("a", "https://news.example/a"),
            ("https://www.news.example/x", "https://www.news.example/x"),
            ("https://news.example:443/x", "https://news.example/x"),
            // It stays on its own host, since it is never written without it.
            ("https://news.example//evil.example/", "https://news.example//evil.example/"),
        ] {
            assert_eq!(back(asked), goes, "{asked}");
        }
        for asked in [
            "https://evil.example/",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https:/\\evil.example",
            "http://news.example/",
            "https://news.example.evil.example/",
            "https://news.example@evil.example/",
            "https://user@news.example/",
            "https://news.example:8443/",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://news.example/",
            "/a\r\nSet-Cookie: x=y",
            "\tjavascript:alert(1)",
            "https://evil.example\\@news.example/",
        ] {
            let goes = back(asked);
            assert!(
                goes.starts_with("https://news.example/") && !goes.contains(['\r', '\n']),
                "{asked}: {goes}"
            );
        }
        assert_eq!(back(&format!("/{}", "a".repeat(3000))), "https://news.example/");
    }

    #[test]
    fn forms_are_taken_from_own_pages_only() {
        let origins = origins();
        for (lines, own) in [
            (&[("origin", "https://news.example")][..], true),
            (&[("origin", "https://www.news.example")], true),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], false),
            (&[("origin", "null")], false),
            (&[("origin", "null"), ("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("referer", "https://news.example/")], false),
            (&[("referer", "https://news.example/login")], true),
            (&[("referer", "https://news.example.evil.example/login")], false),
            (&[], false),
        ] {
            assert_eq!(is_own_form(&origins, &headers(lines)), own, "{lines:?}");
        }
    }

    #[test]
    fn origins_are_read_strictly() {
        for wrong in
            ["news.example", "https://news.example/path", "https://a@news.example", "null", "*", "file:///"]
        {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
        assert!("http://[::1]:80".parse::<Origin>().is_err(), "its own port is not written");
        assert!("http://[::1]:8080".parse::<Origin>().is_ok_and(|origin| origin.is_loopback()));
        assert!("https://127.0.0.1.example".parse::<Origin>().is_ok_and(|origin| !origin.is_loopback()));
    }
}
