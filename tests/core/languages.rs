//! Every language file: each message in every plural form that its language needs (by ICU4X, of CLDR), no broken placeholder, nothing
//! left in English, its direction and where it comes from stated.

use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tollgate::text::language::choose;
use tollgate::text::{Message, NAMES, Words, source};

/// The categories in CLDR's order, in which the files have their forms.
const CATEGORIES: [(PluralCategory, &str); 6] = [
    (PluralCategory::Zero, "zero"),
    (PluralCategory::One, "one"),
    (PluralCategory::Two, "two"),
    (PluralCategory::Few, "few"),
    (PluralCategory::Many, "many"),
    (PluralCategory::Other, "other"),
];

/// The texts that may be the same as in English: the language has the word from there, or both have it from elsewhere.
const SAME: [(&str, &str); 4] =
    [("af", "price-week"), ("fil", "email"), ("fil", "preview"), ("nl", "price-week")];

/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 4] = ["ar", "fa", "he", "ur"];

/// A file, read.
struct Language {
    tag: String,
    source: String,
    packed: String,
}

fn all() -> Vec<Language> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text/languages");
    let mut languages = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the languages").flatten() {
        let path = entry.path();
        let tag = path.file_stem().and_then(|stem| stem.to_str()).expect("a tag").to_owned();
        let source = std::fs::read_to_string(&path).expect("text");
        let packed = source::pack(&source).unwrap_or_else(|wrong| panic!("{tag}: {wrong}"));
        languages.push(Language { tag, source, packed });
    }
    languages.sort_by(|one, other| one.tag.cmp(&other.tag));
    languages
}

/// The English messages, which the others are held against.
fn english(languages: &[Language]) -> BTreeMap<&'static str, Vec<&str>> {
    languages.iter().find(|language| language.tag == "en").expect("English").messages()
}

impl Language {
    /// The messages by name, each in its forms.
    fn messages(&self) -> BTreeMap<&'static str, Vec<&str>> {
        let forms = |line: &'static str, text| (line, str::split(text, " | ").collect());
        NAMES.iter().zip(self.packed.lines().skip(4)).map(|(name, text)| forms(name, text)).collect()
    }

    fn line(&self, nth: usize) -> &str {
        self.packed.lines().nth(nth).unwrap_or_default()
    }

    /// The categories that its whole numbers from 1 to 1000 have, each with how many have it.
    fn categories(&self) -> Vec<(&'static str, usize)> {
        let locale: Locale = self.tag.parse().expect("a tag");
        let rules = PluralRules::try_new_cardinal((&locale).into()).expect("its rules");
        let mut counts = BTreeMap::new();
        for number in 1..=1000_u32 {
            *counts.entry(rules.category_for(number)).or_insert(0) += 1;
        }
        let count = |(category, name)| counts.get(&category).map(|count| (name, *count));
        CATEGORIES.into_iter().filter_map(count).collect()
    }
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// Whether a message has plural forms in English, and so in every language.
fn is_plural(english: &[&str]) -> bool {
    english.len() > 1
}

#[test]
fn there_are_more_than_sixty() {
    let tags: Vec<String> = all().into_iter().map(|language| language.tag).collect();
    assert!(tags.len() > 60, "{} languages", tags.len());
    let available = tags.join(" ");
    for (asked, chosen) in [("pt-BR", "pt"), ("pt-PT", "pt-PT"), ("zh-TW", "zh-Hant"), ("de-CH", "de")] {
        assert_eq!(choose(asked, &available), chosen);
    }
}

#[test]
fn each_states_its_tag_its_direction_and_where_it_comes_from() {
    for language in all() {
        let tag = &language.tag;
        assert_eq!(language.line(0), tag);
        let direction = if RIGHT_TO_LEFT.contains(&tag.as_str()) { "rtl" } else { "ltr" };
        assert_eq!(language.line(1), direction, "{tag}");
        let comment: Vec<&str> = language.source.lines().filter(|line| line.starts_with('#')).collect();
        let comment = comment.join(" ");
        assert!(
            comment.contains("Source:") && comment.contains("Review:"),
            "{tag} states no source or review"
        );
        let numbers = language.line(3);
        assert!(numbers.is_empty() || numbers.split(' ').count() == 10, "{tag}: {numbers}");
    }
}

#[test]
fn each_has_every_plural_form_that_it_needs() {
    let languages = all();
    let english = english(&languages);
    for language in &languages {
        let tag = &language.tag;
        let categories = language.categories();
        let names: Vec<&str> = categories.iter().map(|(name, _)| *name).collect();
        assert_eq!(language.line(2), names.join(" "), "the plural line of {tag}");
        for (name, forms) in language.messages() {
            let expected = if is_plural(&english[name]) { names.len() } else { 1 };
            assert_eq!(forms.len(), expected, "{tag}: the forms of {name}");
        }
    }
}

#[test]
fn each_has_all_placeholders_and_no_other() {
    let languages = all();
    let english = english(&languages);
    for language in &languages {
        let tag = &language.tag;
        let categories = language.categories();
        for (name, forms) in language.messages() {
            let all = placeholders(english[name].last().expect("a form"));
            for (nth, form) in forms.iter().enumerate() {
                let mut missing = all.clone();
                for found in placeholders(form) {
                    assert!(missing.remove(found), "{tag}: {name} has {{{found}}}");
                }
                // Where a form stands for one number alone, a word may say it.
                if is_plural(&english[name]) && categories[nth].1 == 1 {
                    for counted in ["limit", "left", "count"] {
                        missing.remove(counted);
                    }
                }
                assert!(missing.is_empty(), "{tag}: {name} lacks {missing:?} in `{form}`");
                let braces = form.matches(['{', '}']).count();
                assert_eq!(braces, 2 * form.matches('{').count(), "{tag}: {name} has a brace alone");
            }
        }
    }
}

#[test]
fn nothing_is_empty_blank_or_left_in_english() {
    let languages = all();
    let english = english(&languages);
    for language in languages.iter().filter(|language| language.tag != "en") {
        let tag = language.tag.as_str();
        for (name, forms) in language.messages() {
            for form in &forms {
                assert!(!form.is_empty() && form.trim() == *form, "{tag}: {name} is `{form}`");
                assert!(!form.contains(['<', '>', '\t', '|']), "{tag}: {name} has markup: {form}");
                assert!(!form.contains("  "), "{tag}: {name} has two blanks: {form}");
            }
            assert!(
                forms != english[name] || SAME.contains(&(tag, name)),
                "{tag}: {name} is as in English: {forms:?}"
            );
        }
    }
}

#[test]
fn the_module_finds_every_form() {
    for language in all() {
        let names = NAMES.join(" ");
        let words = Words::of(&language.packed, &names, |_| None);
        let messages = language.messages();
        for (nth, (category, _)) in language.categories().iter().enumerate() {
            let found = words.template(Message::HEADLINE_MONTH, category);
            assert_eq!(found, messages["headline-month"][nth], "{} {category}", language.tag);
        }
        assert_eq!(words.template(Message::PREVIEW, "other"), messages["preview"][0], "{}", language.tag);
    }
}
