//! Structured data for paywalled content: what a page's JSON-LD should say, so that search engines take the gate for a paywall and
//! not for cloaking (Google Search Central, "Subscription and paywalled content"). Checked in `tollgate.debug.js` alone.

use crate::article;
use crate::config::{Code, Diagnostic, Entries};

/// Where these diagnostics say that something is wrong.
const PLACE: &str = "structured data";

/// What is wrong with the scripts of JSON-LD of a page whose article may be gated. `matches` says for a class selector whether the
/// document has an element of it, and for two whether one of the second's lies within one of the first's.
#[must_use]
pub fn check(scripts: &[Entries], matches: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut report = |code, value: &str| diagnostics.push(Diagnostic::new(code, PLACE, value, ""));
    let mut is_said = false;
    let mut selectors: Vec<&str> = Vec::new();
    for data in scripts {
        for node in articles(data) {
            is_said |= is_not_free(data, &[node, "isAccessibleForFree"].concat());
            for (name, selector) in data {
                let Some(part) = name.strip_prefix(node).and_then(|rest| rest.strip_prefix("hasPart."))
                else {
                    continue;
                };
                // Of one part, or of one of several: its selector, or one of several.
                let (number, rest) = part.split_once('.').unwrap_or(("", part));
                let is_numbered = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
                let (prefix, field) = if is_numbered {
                    ([node, "hasPart.", number, "."].concat(), rest)
                } else {
                    ([node, "hasPart."].concat(), part)
                };
                let is_selector = field == "cssSelector"
                    || field.strip_prefix("cssSelector.").is_some_and(|nth| !nth.is_empty());
                if is_selector && is_not_free(data, &[prefix.as_str(), "isAccessibleForFree"].concat()) {
                    selectors.push(selector);
                }
            }
        }
    }
    if !is_said {
        report(Code::PaywallNotSaid, "");
    } else if selectors.is_empty() {
        report(Code::PaywallWithoutPart, "");
    }
    for selector in &selectors {
        if !is_class(selector) {
            report(Code::PaywallSelector, selector);
        } else if !matches(selector) {
            report(Code::PaywallClassMissing, selector);
        }
    }
    for outer in &selectors {
        for inner in &selectors {
            if is_class(outer) && is_class(inner) && matches(&[outer, " ", inner].concat()) {
                report(Code::PaywallNested, &[outer, " ", inner].concat());
            }
        }
    }
    diagnostics
}

/// The nodes of articles, by what the names of their members begin with: at the top, in a graph, as the main entity.
fn articles(data: &Entries) -> Vec<&str> {
    let mut nodes = Vec::new();
    for entry in data {
        if article::is_said_by(&vec![entry.clone()])
            && let Some((node, _)) = entry.0.rsplit_once("@type")
        {
            nodes.push(node);
        }
    }
    nodes.dedup();
    nodes
}

/// Whether a member says `false`, in any of the ways that are seen.
fn is_not_free(data: &Entries, member: &str) -> bool {
    data.iter().any(|(name, text)| name == member && text.to_ascii_lowercase().ends_with("false"))
}

/// Whether a selector is one class: no other is understood.
fn is_class(selector: &str) -> bool {
    selector.strip_prefix('.').is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte >= 0x80)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::json::flat;

    fn codes(value: &serde_json::Value, classes: &[&str]) -> Vec<(Code, String)> {
        let found = check(&[flat(&value.to_string())], |selector| classes.contains(&selector));
        found.into_iter().map(|diagnostic| (diagnostic.code, diagnostic.value)).collect()
    }

    #[test]
    fn se_02_what_is_complete_is_in_order() {
        let part = serde_json::json!({ "@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".body" });
        for has_part in [part.clone(), serde_json::json!([part])] {
            let article = serde_json::json!({
                "@type": ["Thing", "NewsArticle"], "isAccessibleForFree": "False", "hasPart": has_part });
            for data in [
                article.clone(),
                serde_json::json!([article]),
                serde_json::json!({ "@graph": [{ "@type": "Person" }, article] }),
            ] {
                assert_eq!(codes(&data, &[".body"]), [], "{data}");
            }
        }
    }

    #[test]
    fn se_02_what_is_missing_is_named() {
        assert_eq!(
            codes(&serde_json::json!({ "@type": "Organization", "isAccessibleForFree": false }), &[]),
            [(Code::PaywallNotSaid, String::new())]
        );
        assert_eq!(
            codes(&serde_json::json!({ "@type": "NewsArticle", "isAccessibleForFree": true }), &[]),
            [(Code::PaywallNotSaid, String::new())]
        );
        assert_eq!(
            codes(&serde_json::json!({ "@type": "NewsArticle", "isAccessibleForFree": false }), &[]),
            [(Code::PaywallWithoutPart, String::new())]
        );
        assert_eq!(check(&[], |_| true).len(), 1);
    }

    #[test]
    fn se_02_selectors_are_classes_that_are_there_and_not_nested() {
        let article = |selectors: serde_json::Value| {
            serde_json::json!({ "@type": "BlogPosting", "isAccessibleForFree": false,
                "hasPart": { "isAccessibleForFree": false, "cssSelector": selectors } })
        };
        assert_eq!(codes(&article("#body".into()), &["#body"]), [(Code::PaywallSelector, "#body".into())]);
        assert_eq!(codes(&article(".a .b".into()), &[".a .b"]), [(Code::PaywallSelector, ".a .b".into())]);
        assert_eq!(codes(&article(".body".into()), &[]), [(Code::PaywallClassMissing, ".body".into())]);
        assert_eq!(
            codes(&article(serde_json::json!([".a", ".b"])), &[".a", ".b", ".a .b"]),
            [(Code::PaywallNested, ".a .b".into())]
        );
    }

    #[test]
    fn a_part_that_is_free_is_no_paywall() {
        let data = serde_json::json!({ "@type": "NewsArticle", "isAccessibleForFree": false,
            "hasPart": { "isAccessibleForFree": true, "cssSelector": ".lead" } });
        assert_eq!(codes(&data, &[".lead"]), [(Code::PaywallWithoutPart, String::new())]);
    }
}
