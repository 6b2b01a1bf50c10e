//! Where a reader comes from, and whether articles are free for readers who come from there.

use crate::article::split_site;
use crate::text::scan::{before, cut, is_one_of, lower, next_field};

/// Search engines' hosts; those with a domain in many countries by their name.
const SEARCH: &str = "google.* bing.com duckduckgo.com yahoo.* yandex.* baidu.com ecosia.org qwant.com startpage.com brave.com kagi.com naver.com";
/// Social networks' hosts, with those of their link shorteners.
const SOCIAL: &str = "facebook.com instagram.com threads.* t.co x.com twitter.com bsky.app linkedin.com lnkd.in reddit.com pinterest.* \
     youtube.com tiktok.com whatsapp.com telegram.org t.me mastodon.*";
/// What mailing systems write into the links of a newsletter.
const NEWSLETTER: &str = "utm_medium=email utm_medium=newsletter utm_source=newsletter";

/// What one item of `data-free-referrers` stands for, as words: hosts, with all hosts below them, and parameters of the
/// article's address. `None` for what is neither, nor one of the groups `search`, `social`, `newsletter`.
#[must_use]
pub fn words(item: &str) -> Option<&str> {
    match item {
        "search" => Some(SEARCH),
        "social" => Some(SOCIAL),
        "newsletter" => Some(NEWSLETTER),
        _ if cut(item, b'.').is_some() || cut(item, b'=').is_some() => Some(item),
        _ => None,
    }
}

/// Whether a reader of the page at `address` comes from a place on the list: from a page on one of its hosts, or by a link
/// with one of its parameters. `list`: words as [`words`] gives them, in lower case, parted by blanks; one that ends in `*`
/// stands for all that begin so. `referrer`: the address of the page before, empty if it is not known.
#[must_use]
pub fn is_listed(list: &str, referrer: &str, address: &str) -> bool {
    let referrer = lower(split_site(referrer).0);
    // The host, then what is left of it without its first name, and so on.
    let mut host = cut(&referrer, b'/').and_then(|(_, rest)| rest.strip_prefix("/"));
    while let Some(name) = host {
        let name = before(name, b':');
        if is_one_of(name, list) {
            return true;
        }
        host = cut(name, b'.').map(|(_, rest)| rest);
    }
    let address = lower(before(address, b'#'));
    let mut query = cut(&address, b'?').map(|(_, query)| query);
    while let Some(pair) = next_field(&mut query, b'&') {
        if is_one_of(pair, list) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes(item: &str, referrer: &str, address: &str) -> bool {
        is_listed(&lower(words(item).expect("known")), referrer, address)
    }

    #[test]
    fn hosts_are_listed_with_all_below_them() {
        let page = "https://news.example/frogs";
        for search in [
            "https://www.google.com/",
            "https://google.co.uk/url?q=x",
            "https://search.brave.com/",
            "HTTPS://DuckDuckGo.com",
        ] {
            assert!(comes("search", search, page), "{search}");
        }
        assert!(comes("social", "https://l.facebook.com/l.php?u=x", page));
        assert!(comes("social", "https://t.co/", page));
        assert!(comes("10.0.0.7", "http://10.0.0.7:8080/links", page));
        assert!(comes("Partner.example", "https://www.partner.example/links", page));
        for other in [
            "",
            "https://example.org/",
            "https://notgoogle.com/",
            "https://evil.example/?google.com",
            "android-app://com.example",
        ] {
            assert!(!comes("search", other, page), "{other}");
        }
        assert!(!comes("partner.example", "https://notpartner.example/", page));
        assert!(!comes("social", "https://at.co/", page));
    }

    #[test]
    fn a_campaign_parameter_is_listed() {
        assert!(comes("newsletter", "", "https://news.example/frogs?a=1&utm_medium=Email#top"));
        assert!(comes("ref=Friends", "", "https://news.example/frogs?ref=friends"));
        assert!(!comes("newsletter", "", "https://news.example/frogs#?utm_medium=email"));
        assert!(!comes("newsletter", "", "https://news.example/frogs?utm_medium=emails"));
    }

    #[test]
    fn an_item_is_a_group_a_host_or_a_parameter() {
        assert_eq!(words("facebook"), None);
        assert_eq!(words(""), None);
        assert_eq!(words("example.org"), Some("example.org"));
    }
}
