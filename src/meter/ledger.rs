//! The ledger: the record of the reads on this device, a grow-only set of storage keys.
//!
//! One key an article, period and meter, nothing else, so that tabs that write at once cannot lose each other's reads
//! (platform.md 0.2 and A1.3). All that counts is in the keys; a value is never looked at. The grammar, written once:
//!
//! ```text
//! key     = "tollgate1:" site ":r:" period ":" article [ ":" meter ]
//! site    = 1*32( a-z | 0-9 | "-" )                      see `Site::of`
//! period  = "2026" | "2026-11" | "2026-W45" | "2026-11-04" | start "." days "d"
//! start   = the period's first minute of local time since 1970, in base 36
//! days    = 1 to 366: a block of days, a span from a first read, or from this read, as `data-window` says
//! article = 16( A-Z | a-z | 0-9 | "_" | "-" )            see `article::hash`
//! meter   = 1*32( a-z | 0-9 | "-" )                      a meter of `data-meters`; without it, the tag's own
//!         | ".referrer"                                  no read of a meter: free by `data-free-referrers`, that day
//!         | ".notice" | ".newsletter" | ".register" | ".subscribe"     shown for this article that day, where a step is capped
//!         | ".signed-up"                                 signed up for the newsletter here, remembered for 31 days from the last visit
//! value   = minutes since 1970-01-01T00:00Z of the first read, in base 36
//!
//! consent = "tollgate1:" site ":consent"                 with `data-consent`: the reader allows all of this; its value is 1
//! ```

use super::period::{Moment, Period, Window};
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

    /// What all keys of this site begin with, of the ledger and otherwise.
    #[must_use]
    pub fn everything(&self) -> String {
        join(&[PREFIX, &self.0, ":"])
    }

    /// What all keys of this site's ledger begin with: what a shell must list.
    #[must_use]
    pub fn prefix(&self) -> String {
        join(&[&self.everything(), "r:"])
    }

    /// The key that says that the reader allows the others.
    #[must_use]
    pub fn consent(&self) -> String {
        join(&[&self.everything(), "consent"])
    }

    /// The key of a mark in `period`.
    #[must_use]
    pub fn key(&self, period: Period, mark: &str) -> String {
        join(&[&self.prefix(), &period.name(), ":", mark])
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

/// What stands behind an article's hash in the mark of a read that was free because of where the reader came from.
pub const REFERRER: &str = ":.referrer";

/// What stands there where the reader has signed up for the newsletter, and each day that such a reader comes back.
pub const SIGNED_UP: &str = ":.signed-up";

/// The length of an article's hash.
const HASH: usize = 16;

/// How far ahead of the clock a read may be, in minutes: two days (platform.md A1.9).
const AHEAD: i64 = 2880;

/// For how long what happened on a day is remembered, in minutes: 31 days.
const MONTH: i64 = 31 * 1440;

/// What a listing of storage says of one site, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    /// The period that a read belongs to now. One counted from a read has not begun while there is none: it starts at 0.
    pub period: Period,
    /// What counts now, each once: an article's hash with what stands behind it, and the minute it counts until.
    marks: Vec<(String, i64)>,
    /// Our own keys that nothing needs any more, to be removed: at most 50.
    pub outdated: Vec<String>,
    /// Marks from a clock that was far ahead: their keys are outdated, and they are to be stored as of now.
    pub ahead: Vec<String>,
}

impl Reads {
    /// Nothing, not even a period.
    #[must_use]
    pub fn none() -> Reads {
        let period = Window::MONTHS.period(0);
        Reads { period, marks: Vec::new(), outdated: Vec::new(), ahead: Vec::new() }
    }

    /// Reads a listing at the local minute `now`. Keys that do not begin with the site's prefix are not ours and are
    /// passed over. Outdated are malformed keys under our own prefix, reads of periods before the previous one, and reads of
    /// periods after the next one (a clock that once was far ahead).
    #[must_use]
    pub fn list(site: &Site, window: Window, now: i64, keys: &[String]) -> Reads {
        let prefix = site.prefix();
        let current = window.period(now);
        let (previous, next) = (window.previous(current), window.next(current));
        let begins = window.begins_with_a_read();
        let mut reads = Reads::none();
        reads.period = if begins { current.not_begun() } else { current };
        for key in keys {
            let Some(rest) = key.strip_prefix(prefix.as_str()) else { continue };
            let mut stays = false;
            if let Some((period, mark)) = parse(rest, window) {
                stays = !period.is_before(previous) && !next.is_before(period);
                let is_of_a_day = is_of_a_day(mark);
                let counts = if is_of_a_day {
                    stays = period.start < now.wrapping_add(AHEAD) && now.wrapping_sub(MONTH) < period.end;
                    stays
                } else if begins && period.is_like(current) {
                    if period.start > now.wrapping_add(AHEAD) {
                        reads.ahead.push(mark.to_owned());
                        stays = false;
                    }
                    stays && now < period.end
                } else {
                    period == current
                };
                if counts {
                    // What happened on a day begins no period, whatever period its key names.
                    let is_shared = window.is_shared() && !is_of_a_day && period.is_like(current);
                    if is_shared && !period.is_later_than(reads.period) {
                        reads.period = period;
                    }
                    reads.add(mark, period.end);
                }
            }
            if !stays && reads.outdated.len() < PRUNE {
                reads.outdated.push(key.clone());
            }
        }
        reads
    }

    /// Whether the listing still says what counts at a local minute: the period has not ended, and the clock was not set back
    /// before it.
    #[must_use]
    pub fn is_current(&self, window: Window, local: i64) -> bool {
        let period = self.period;
        !period.has_begun() || (local < period.end && (period.start <= local || window.begins_with_a_read()))
    }

    /// The period of a read at a local minute.
    #[must_use]
    pub fn period_at(&self, window: Window, local: i64) -> Period {
        if self.period.has_begun() { self.period } else { window.period(local) }
    }

    /// How many articles were read on a meter, by what stands behind their hashes.
    #[must_use]
    pub fn count(&self, meter: &str) -> u32 {
        self.count_between(meter, i64::MIN, i64::MAX)
    }

    /// How many of the marks with this behind their hashes count until after one minute, but no longer than until another.
    #[must_use]
    pub fn count_between(&self, meter: &str, after: i64, end: i64) -> u32 {
        let mut count = 0_u32;
        for (mark, until) in &self.marks {
            if mark.get(HASH..) == Some(meter) && after < *until && *until <= end {
                count = count.wrapping_add(1);
            }
        }
        count
    }

    /// The local minute at which a meter of this `limit` has room again, or more room than now; 0 while there is nothing that
    /// could end.
    #[must_use]
    pub fn free_at(&self, meter: &str, limit: u32) -> i64 {
        let over = self.count(meter).saturating_sub(limit);
        let mut first = i64::MAX;
        for (_, until) in &self.marks {
            if *until < first && self.count_between(meter, i64::MIN, *until) > over {
                first = *until;
            }
        }
        match first {
            i64::MAX if self.period.has_begun() => self.period.end,
            i64::MAX => 0,
            _ => first,
        }
    }

    /// Whether the article with this hash was read in the period, on any meter.
    #[must_use]
    pub fn contains(&self, article: &str) -> bool {
        for (mark, _) in &self.marks {
            if mark.starts_with(article) && !is_of_a_day(mark) {
                return true;
            }
        }
        false
    }

    /// Until which local minute this very mark counts; 0 where there is none.
    #[must_use]
    pub fn until(&self, mark: &str) -> i64 {
        for (known, until) in &self.marks {
            if **known == *mark {
                return *until;
            }
        }
        0
    }

    /// Adds a mark that counts until a minute, as the set does: once. Of two, that which counts longer stays.
    pub fn add(&mut self, mark: &str, until: i64) {
        for (known, end) in &mut self.marks {
            if **known == *mark {
                if *end < until {
                    *end = until;
                }
                return;
            }
        }
        self.marks.push((mark.to_owned(), until));
    }
}

/// Whether the mark is no read of a meter, but something that happened on one day.
pub(crate) fn is_of_a_day(mark: &str) -> bool {
    mark.get(HASH..HASH.wrapping_add(2)) == Some(":.")
}

/// A key behind the prefix: its period and its mark.
fn parse(rest: &str, window: Window) -> Option<(Period, &str)> {
    let (period, mark) = cut(rest, b':')?;
    let mut place = 0_usize;
    let mut rest = mark.as_bytes();
    while let [byte, after @ ..] = rest {
        let fits = match byte {
            b':' => place == HASH && !after.is_empty(),
            b'.' => place == HASH.wrapping_add(1),
            b'a'..=b'z' | b'0'..=b'9' | b'-' => true,
            _ => place < HASH && (byte.is_ascii_uppercase() || *byte == b'_'),
        };
        // Behind the hash stands nothing, or a colon and a name.
        if !fits || (place == HASH && *byte != b':') {
            return None;
        }
        place = place.wrapping_add(1);
        rest = after;
    }
    if place >= HASH { Some((window.parse(period)?, mark)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::period::{Cut, Unit};
    use super::*;
    use proptest::prelude::*;

    const A: &str = "AAAAAAAAAAAAAAAA";
    const B: &str = "BBBBBBBBBBBBBB-_";

    /// 2026-11-23T12:00, in minutes.
    const NOW: i64 = 29_923_920;

    fn november() -> Period {
        Window::MONTHS.period(NOW)
    }

    fn days(cut: Cut, days: i64) -> Window {
        Window { cut, unit: Unit::Day, days, week_start: 0 }
    }

    fn list_by(window: Window, now: i64, keys: &[String]) -> Reads {
        Reads::list(&Site::of("meridian"), window, now, keys)
    }

    fn list(keys: &[&str]) -> Reads {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        list_by(Window::MONTHS, NOW, &keys)
    }

    fn key(period: Period, mark: &str) -> String {
        Site::of("meridian").key(period, mark)
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
        assert_eq!((reads.count(""), reads.contains(A), reads.contains(B)), (2, true, true));
        assert!(reads.outdated.is_empty());
    }

    #[test]
    fn st_13_malformed_keys_of_ours_are_removed_and_not_counted() {
        let malformed = [
            "tollgate1:meridian:r:2026-11:short",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAA!",
            "tollgate1:meridian:r:2026-13:AAAAAAAAAAAAAAAA",
            "tollgate1:meridian:r:htdyc.0d:AAAAAAAAAAAAAAAA",
            "tollgate1:meridian:r:htdyc.367d:AAAAAAAAAAAAAAAA",
            "tollgate1:meridian:r:",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA:",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA:X",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA:a:b",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA:a.b",
            "tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAAA",
        ];
        let reads = list(&malformed);
        assert_eq!(
            (reads.count(""), reads.outdated.as_slice()),
            (0, malformed.map(str::to_owned).as_slice())
        );
    }

    #[test]
    fn st_14_a_value_is_never_looked_at() {
        // A listing is keys alone, in every window: there is nothing of a value that could be read wrongly.
        let window = Window { cut: Cut::Rolling, ..Window::MONTHS };
        let now = 29_900_000;
        let site = Site::of("meridian");
        let key = site.key(Reads::none().period_at(window, now), "AAAAAAAAAAAAAAAA");
        let reads = Reads::list(&site, window, now, &[key]);
        assert_eq!((reads.count(""), reads.contains("AAAAAAAAAAAAAAAA")), (1, true));
        assert_eq!(list(&["tollgate1:meridian:r:2026-11:AAAAAAAAAAAAAAAA"]).count(""), 1);
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
        assert_eq!(reads, Reads { period: november(), ..Reads::none() });
    }

    #[test]
    fn pv_07_reads_before_the_last_period_and_after_the_next_are_removed() {
        let key = |period: &str| ["tollgate1:meridian:r:", period, ":", A].concat();
        let kept = ["2026-10", "2026-12", "2026-10-01", "2026-W50", "2026"];
        let gone = ["2026-09", "2027-01", "2026-W39", "2026-09-30", "2025", "2027"];
        let keys: Vec<String> = kept.iter().chain(&gone).map(|period| key(period)).collect();
        let reads = list_by(Window::MONTHS, NOW, &keys);
        assert_eq!(reads.outdated, gone.map(key));
        assert_eq!(reads.count(""), 0);
    }

    #[test]
    fn each_read_of_a_rolling_window_ages_out_by_itself() {
        let window = days(Cut::Rolling, 30);
        let day = |ago: i64| window.period(NOW - ago * 1440);
        let keys = [
            key(day(29), A),
            key(day(1), B),
            key(day(30), "CCCCCCCCCCCCCCCC"),
            key(day(3), &format!("{A}:local")),
        ];
        let reads = list_by(window, NOW, &keys);
        assert_eq!(
            (reads.count(""), reads.count(":local"), reads.contains("CCCCCCCCCCCCCCCC")),
            (2, 1, false)
        );
        assert!(reads.outdated.is_empty(), "what has just aged out is kept for a clock that is set back");
        // With a limit of 2 the first to age out makes room; with a limit of 1 both have to.
        assert_eq!((reads.free_at("", 2), reads.free_at("", 1)), (NOW + 1440, NOW + 29 * 1440));
        let later = list_by(window, NOW + 1440, &keys);
        assert_eq!(
            (later.count(""), later.contains(A), later.contains(B)),
            (1, true, true),
            "A on the local meter"
        );
        let at_last = list_by(window, NOW + 31 * 1440, &keys);
        assert_eq!((at_last.count(""), at_last.outdated.len(), at_last.free_at("", 1)), (0, 2, 0));
    }

    #[test]
    fn a_window_from_the_first_read_ends_for_all_reads_at_once() {
        let window = days(Cut::FirstView, 7);
        let first = window.period(NOW - 6 * 1440);
        // Two tabs that began at once each have their own beginning: the earlier one holds.
        let second = window.period(NOW - 6 * 1440 + 1);
        let keys = [key(second, B), key(first, A), key(window.period(NOW - 20 * 1440), "CCCCCCCCCCCCCCCC")];
        let reads = list_by(window, NOW, &keys);
        assert_eq!((reads.count(""), reads.period, reads.outdated.len()), (2, first, 1));
        assert_eq!(reads.period_at(window, NOW), first);
        assert_eq!(reads.free_at("", 2), first.end);
        let after = list_by(window, second.end, &keys);
        assert_eq!((after.count(""), after.period.has_begun()), (0, false));
        assert_eq!(after.period_at(window, second.end).start, second.end);
    }

    #[test]
    fn what_happened_on_a_day_begins_no_window() {
        let window = days(Cut::FirstView, 7);
        // Not as we write it: on a day, but under a period of the window's own length, which is over.
        let over = key(window.period(NOW - 7 * 1440), &format!("{A}:.notice"));
        let reads = list_by(window, NOW, &[over]);
        assert!(!reads.period.has_begun() && reads.is_current(window, NOW));
        assert_eq!(reads.period_at(window, NOW), window.period(NOW));
    }

    #[test]
    fn st_32_reads_from_far_ahead_count_as_of_now() {
        for cut in [Cut::Rolling, Cut::FirstView] {
            let window = days(cut, 30);
            let ten_years = key(window.period(NOW + 3650 * 1440), A);
            let a_day = key(window.period(NOW + 1440), B);
            let reads = list_by(window, NOW, &[ten_years.clone(), a_day]);
            assert_eq!(
                (reads.ahead.as_slice(), reads.outdated.as_slice()),
                ([A.to_owned()].as_slice(), [ten_years].as_slice())
            );
            assert_eq!(
                (reads.count(""), reads.contains(B)),
                (1, true),
                "{cut:?}: two days are a clock that is a little off"
            );
        }
        // By the calendar they count when their time comes, or never.
        let reads = list(&["tollgate1:meridian:r:2036-11:AAAAAAAAAAAAAAAA"]);
        assert_eq!((reads.ahead.len(), reads.outdated.len()), (0, 1));
    }

    #[test]
    fn reads_from_referrers_are_of_one_day_and_of_no_meter() {
        let today = Window::MONTHS.day(NOW);
        let mark = format!("{A}{REFERRER}");
        for window in [Window::MONTHS, days(Cut::Rolling, 7), days(Cut::FirstView, 7)] {
            let yesterday = window.day(NOW - 1440);
            let long_ago = window.day(NOW - 33 * 1440);
            let keys = [key(today, &mark), key(yesterday, &format!("{B}{REFERRER}")), key(long_ago, &mark)];
            let reads = list_by(window, NOW, &keys);
            assert_eq!((reads.count(REFERRER), reads.count(""), reads.contains(A)), (2, 0, false));
            assert_eq!(reads.count_between(REFERRER, NOW, i64::MAX), 1, "today");
            assert_eq!(reads.outdated, [key(long_ago, &mark)]);
            assert_eq!(reads.until(&mark), today.end);
            assert!(!reads.period.has_begun() || reads.period == november());
        }
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
        fn any_keys_in_any_order_give_the_same_meter(
            window in prop_oneof![
                Just(Window::MONTHS),
                Just(days(Cut::Calendar, 30)),
                Just(days(Cut::Rolling, 30)),
                Just(days(Cut::FirstView, 30)),
            ],
            mut keys in proptest::collection::vec(
                prop_oneof![
                    "tollgate1:meridian:r:2026-(10|11):[AB]{16}(:(a|b|.referrer))?",
                    "tollgate1:meridian:r:h(s|t)[a-z]{3}.(7|30)d:[AB]{16}(:a)?",
                    "tollgate1:meridian:r:2026-11-2[0-9]:[AB]{16}(:.referrer)?",
                    "tollgate1:meridian:r:.{0,24}",
                    ".{0,24}",
                ],
                0..40,
            ),
        ) {
            let once = list_by(window, NOW, &keys);
            let twice: Vec<String> = keys.iter().rev().chain(&keys).cloned().collect();
            let again = list_by(window, NOW, &twice);
            let set = |reads: &Reads| reads.marks.iter().cloned().collect::<std::collections::BTreeSet<_>>();
            prop_assert_eq!(set(&once), set(&again));
            prop_assert_eq!((once.marks.len(), once.period), (again.marks.len(), again.period));
            for limit in 0..4 {
                prop_assert_eq!(once.free_at("", limit), again.free_at("", limit));
            }
            // What is removed is always ours, and never a read of this period.
            keys.retain(|key| !once.outdated.contains(key));
            prop_assert_eq!(list_by(window, NOW, &keys).marks, once.marks);
            prop_assert!(once.outdated.iter().all(|key| key.starts_with("tollgate1:meridian:r:")));
        }

        #[test]
        fn a_written_key_is_read_back(milliseconds in 0..253_000_000_000_000_i64, name in ".{0,40}", key in ".{0,40}") {
            let site = Site::of(&name);
            let now = Moment::from_milliseconds(milliseconds).minutes();
            let article = crate::article::hash(site.as_str(), &key);
            let reads = Reads::list(&site, Window::MONTHS, now, &[site.key(Window::MONTHS.period(now), &article)]);
            prop_assert!(reads.contains(&article) && reads.outdated.is_empty());
        }
    }
}
