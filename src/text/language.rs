//! Which language a gate speaks: of those there are texts for, the one that serves best.

use super::scan::{cut, cut_last, lower, next_field};

/// The language whose texts every gate has at hand.
pub const ENGLISH: &str = "en";

/// Tags that are known by another, or are best served by it: deprecated ones (IANA's registry of language subtags), and what a
/// page may say of Chinese by its place instead of its script (CLDR, likely subtags).
const ALIASES: [(&str, &str); 10] = [
    ("no", "nb"),
    ("nn", "nb"),
    ("iw", "he"),
    ("in", "id"),
    ("tl", "fil"),
    ("mo", "ro"),
    ("sh", "bs"),
    ("zh-tw", "zh-hant"),
    ("zh-hk", "zh-hant"),
    ("zh-mo", "zh-hant"),
];

/// Of the `available` tags, parted by blanks, the one for `asked`: itself, or what is left of it when its last parts are dropped one by
/// one (RFC 4647, section 3.4); English where there is none. Case does not matter.
#[must_use]
pub fn choose<'a>(asked: &str, available: &'a str) -> &'a str {
    let asked = lower(asked);
    let mut range = asked.as_str();
    loop {
        for (alias, tag) in ALIASES {
            if range == alias {
                range = tag;
            }
        }
        let mut rest = Some(available);
        while let Some(tag) = next_field(&mut rest, b' ') {
            if !tag.is_empty() && lower(tag) == range {
                return tag;
            }
        }
        match cut_last(range, b'-') {
            Some((before, _)) => range = before,
            None => return ENGLISH,
        }
    }
}

/// Whether two tags are of one language, whatever their other parts.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    let primary = |tag: &str| lower(cut(tag, b'-').map_or(tag, |(primary, _)| primary));
    primary(one) == primary(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AVAILABLE: &str = "de nb he pt pt-PT zh zh-Hant fil bs";

    #[test]
    fn a_language_falls_back_by_its_tag() {
        for (asked, chosen) in [
            ("pt-BR", "pt"),
            ("pt-PT", "pt-PT"),
            ("pt-pt", "pt-PT"),
            ("de-AT", "de"),
            ("de-Latn-DE-1996", "de"),
            ("DE", "de"),
            ("en-GB", "en"),
            ("en", "en"),
            ("tlh", "en"),
            ("d", "en"),
            ("", "en"),
            ("-", "en"),
            ("zh-CN", "zh"),
            ("zh-Hans-TW", "zh"),
            ("zh-TW", "zh-Hant"),
            ("zh-Hant-HK", "zh-Hant"),
            ("no", "nb"),
            ("nn-NO", "nb"),
            ("iw", "he"),
            ("tl", "fil"),
            ("sh-Latn", "bs"),
        ] {
            assert_eq!(choose(asked, AVAILABLE), chosen, "{asked}");
        }
        assert_eq!(choose("de", ""), "en");
    }

    #[test]
    fn a_languages_own_tags_are_of_it() {
        assert!(is_same("de", "de-AT"));
        assert!(is_same("EN-GB", "en"));
        assert!(!is_same("en", "enm"));
    }

    proptest! {
        #[test]
        fn what_is_chosen_is_there(asked in ".{0,12}|[a-zA-Z-]{0,12}") {
            let chosen = choose(&asked, AVAILABLE);
            prop_assert!(chosen == "en" || AVAILABLE.split(' ').any(|tag| tag == chosen));
        }
    }
}
