//! The ledger: the record of the reads on this device, a grow-only set of storage keys.
//!
//! One key an article and period, nothing else, so that tabs that write at once cannot lose each other's reads
//! (platform.md 0.2 and A1.3). The grammar, written once:
//!
//! ```text
//! key     = "tollgate1:" site ":r:" period ":" article
//! site    = 1*32( a-z | 0-9 | "-" )                      see `Site::of`
//! period  = "2026" | "2026-11" | "2026-W45" | "2026-11-04"
//! article = 16( A-Z | a-z | 0-9 | "_" | "-" )            see `article::hash`
//! value   = minutes since 1970-01-01T00:00Z of the first read, in base 36
//! ```

use super::period::{Moment, Period};
use crate::digest;
use crate::text::in_base;
use crate::text::scan::{cut, join, push};

/// What every key of this version of the grammar begins with. A breaking change gets a new one.
pub const PREFIX: &str = "tollgate1:";

/// How many of our own outdated keys one page view removes at most.
const PRUNE: usize = 50;

/// The name that keeps one site's keys from another's on the same origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site(String);

impl Site {
    /// The longest name that fits the grammar.
    const LONGEST: usize = 32;

    /// The site named `name`: as it is where it fits the grammar, else a slug of it and 8 characters of its hash, so
    /// that two names never meet (rulings, 'Storage').
    #[must_use]
    pub fn of(name: &str) -> Site {
        let mut fits = !name.is_empty() && name.len() <= Site::LONGEST;
        let mut rest = name.as_bytes();
        while let [byte, after @ ..] = rest {
            fits &= matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
            rest = after;
        }
        if fits {
            return Site(name.to_owned());
        }
        let slug = slug(name, 23);
        // 40 bits as eight digits of base 32, the first of them never 0.
        let mut bits = 0_u64;
        for byte in digest::sha256(name.as_bytes()).iter().take(5) {
            bits = bits << 8 | u64::from(*byte);
        }
        let hash = in_base(bits | 1 << 39, 32);
        Site(join(&[&slug, if slug.is_empty() { "" } else { "-" }, &hash]))
    }

    /// The name as it stands in the keys.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What all keys of this site's ledger begin with: what a shell must list.
    #[must_use]
    pub fn prefix(&self) -> String {
        join(&[PREFIX, &self.0, ":r:"])
    }

    /// The key of a read of `article` (its hash) in `period`.
    #[must_use]
    pub fn key(&self, period: Period, article: &str) -> String {
        join(&[&self.prefix(), &period.name(), ":", article])
    }
}

/// `name` in lower-case letters, digits and single hyphens, at most `longest` characters; empty if nothing is left.
#[must_use]
pub fn slug(name: &str, longest: usize) -> String {
    let mut slug = String::new();
    let mut last = b'-';
    let mut rest = name.as_bytes();
    while let [byte, after @ ..] = rest
        && slug.len() < longest
    {
        let letter = match byte {
            b'a'..=b'z' | b'0'..=b'9' => *byte,
            b'A'..=b'Z' => byte | 0x20,
            _ => b'-',
        };
        if letter != b'-' || last != b'-' {
            push(&mut slug, letter);
            last = letter;
        }
        rest = after;
    }
    match slug.strip_suffix("-") {
        Some(shorter) => shorter.to_owned(),
        None => slug,
    }
}

/// The value stored for a read at `now`.
#[must_use]
pub fn value(now: Moment) -> String {
    in_base(now.minutes().max(0).unsigned_abs(), 36)
}

/// What a listing of storage says of one site and period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The hashes of the articles read in the period, each once.
    articles: Vec<String>,
    /// Our own keys that nothing needs any more, to be removed: at most 50.
    pub outdated: Vec<String>,
}

impl Reads {
    /// Reads a listing. Keys that do not begin with the site's prefix are not ours and are passed over; values play no
    /// part in calendar periods. Outdated are malformed keys under our own prefix, reads of periods before the
    /// previous one, and reads of periods after the next one (a clock that once was far ahead).
    #[must_use]
    pub fn list(site: &Site, now: Period, keys: &[String]) -> Reads {
        let prefix = site.prefix();
        let (previous, next) = (now.previous(), now.next());
        let mut reads = Reads::default();
        for key in keys {
            let Some(rest) = key.strip_prefix(prefix.as_str()) else { continue };
            match parse(rest) {
                Some((period, article)) if period == now => reads.add(article),
                Some((period, _)) if !period.is_before(previous) && !next.is_before(period) => {}
                _ if reads.outdated.len() < PRUNE => reads.outdated.push(key.clone()),
                _ => {}
            }
        }
        reads
    }

    /// How many articles were read in the period.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.articles.len()).unwrap_or(u32::MAX)
    }

    /// Whether the article with this hash was read in the period.
    #[must_use]
    pub fn contains(&self, article: &str) -> bool {
        for read in &self.articles {
            if **read == *article {
                return true;
            }
        }
        false
    }

    /// Adds a read, as the set does: once.
    pub fn add(&mut self, article: &str) {
        if !self.contains(article) {
            self.articles.push(article.to_owned());
        }
    }
}

fn parse(rest: &str) -> Option<(Period, &str)> {
    let (period, article) = cut(rest, b':')?;
    let mut rest = article.as_bytes();
    while let [byte, after @ ..] = rest {
        if !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_') {
            return None;
        }
        rest = after;
    }
    if article.len() == 16 { Some((Period::parse(period)?, article)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::period::Unit;
    use super::*;
    use proptest::prelude::*;

    const A: &str = "AAAAAAAAAAAAAAAA";
    const B: &str = "BBBBBBBBBBBBBB-_";

    fn november() -> Period {
        Period::parse("2026-11").expect("a period")
    }

    fn list(keys: &[&str]) -> Reads {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        Reads::list(&Site::of("meridian"), november(), &keys)
    }

    #[test]
    fn a_read_is_one_key_of_the_grammar() {
        let site = Site::of("meridian");
        assert_eq!(site.key(november(), A), "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA");
        let now = Moment::from_milliseconds(1_795_474_800_000);
        assert_eq!(value(now), "htdyc");
        assert_eq!(i64::from_str_radix(&value(now), 36), Ok(now.minutes()));
        assert_eq!(value(Moment::from_milliseconds(-5)), "0");
    }

    #[test]
    fn reads_of_this_period_count_each_once() {
        let reads = list(&[
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA",
            "tollgate1:meridian:r:2026-11:BBBBBBBBBBBBBB-_",
            "tollgate1:meridian:r:2026-10:CCCCCCCCCCCCCCCC",
        ]);
        assert_eq!((reads.count(), reads.contains(A), reads.contains(B)), (2, true, true));
        assert!(reads.outdated.is_empty());
    }

    #[test]
    fn st_13_malformed_keys_of_ours_are_removed_and_not_counted() {
        let malformed = [
            "tollgate1:meridian:r:2026-11:short",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAA!",
            "tollgate1:meridian:r:2026-13:AAAAAAAAAAAAAAAA",
            "tollgate1:meridian:r:",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA:x",
        ];
        let reads = list(&malformed);
        assert_eq!((reads.count(), reads.outdated.as_slice()), (0, malformed.map(str::to_owned).as_slice()));
    }

    #[test]
    fn st_16_st_19_keys_of_others_are_not_touched() {
        let reads = list(&[
            "tollgate10:meridian:r:2026-11:AAAAAAAAAAAAAAAA",
            "tollgate1",
            "tollgate1:meridian",
            "tollgate1:meridian:x:2026-11:AAAAAAAAAAAAAAAA",
            "tollgate1:other:r:2019-11:AAAAAAAAAAAAAAAA",
            "tollgate2:meridian:r:2026-11:AAAAAAAAAAAAAAAA",
            "theme",
            "",
        ]);
        assert_eq!(reads, Reads::default());
    }

    #[test]
    fn pv_07_reads_before_the_last_period_and_after_the_next_are_removed() {
        let key = |period: &str| ["tollgate1:meridian:r:", period, ":", A].concat();
        let kept = ["2026-10", "2026-12", "2026-10-01", "2026-W50", "2026"];
        let gone = ["2026-09", "2027-01", "2026-W39", "2026-09-30", "2025", "2027"];
        let keys: Vec<String> = kept.iter().chain(&gone).map(|period| key(period)).collect();
        let reads = Reads::list(&Site::of("meridian"), november(), &keys);
        assert_eq!(reads.outdated, gone.map(key));
        assert_eq!(reads.count(), 0);
    }

    #[test]
    fn site_names_fit_the_grammar_and_never_meet() {
        assert_eq!(Site::of("meridian").as_str(), "meridian");
        for name in ["www.news.example", "www-news.example", "Meridian", "", "日報", &"long-".repeat(20)] {
            let site = Site::of(name);
            assert!(!site.as_str().is_empty() && site.as_str().len() <= 32, "{name}");
            assert!(
                site.as_str()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
        }
        assert_ne!(Site::of("a.b"), Site::of("a-b"));
        assert_ne!(Site::of("a.b"), Site::of("a,b"));
    }

    proptest! {
        #[test]
        fn any_keys_in_any_order_give_the_same_meter(mut keys in proptest::collection::vec(
            prop_oneof!["tollgate1:meridian:r:2026-(10|11):[AB]{16}", "tollgate1:meridian:r:.{0,24}", ".{0,24}"], 0..40
        )) {
            let site = Site::of("meridian");
            let once = Reads::list(&site, november(), &keys);
            let twice: Vec<String> = keys.iter().rev().chain(&keys).cloned().collect();
            let again = Reads::list(&site, november(), &twice);
            let set = |reads: &Reads| reads.articles.iter().cloned().collect::<std::collections::BTreeSet<_>>();
            prop_assert_eq!(set(&once), set(&again));
            prop_assert_eq!(once.articles.len(), again.articles.len());
            // What is removed is always ours, and never a read of this period.
            keys.retain(|key| !once.outdated.contains(key));
            prop_assert_eq!(Reads::list(&site, november(), &keys).articles, once.articles);
            prop_assert!(once.outdated.iter().all(|key| key.starts_with("tollgate1:meridian:r:")));
        }

        #[test]
        fn a_written_key_is_read_back(milliseconds in 0..253_000_000_000_000_i64, name in ".{0,40}", key in ".{0,40}") {
            let site = Site::of(&name);
            let period = Period::containing(Moment::from_milliseconds(milliseconds), Unit::Month);
            let article = crate::article::hash(site.as_str(), &key);
            let reads = Reads::list(&site, period, &[site.key(period, &article)]);
            prop_assert!(reads.contains(&article) && reads.outdated.is_empty());
        }
    }
}
