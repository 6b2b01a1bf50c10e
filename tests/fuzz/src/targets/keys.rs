//! Stored keys and values: any listing in every window, and what the machine makes of it.

use super::periods::{FOUR_DIGITS, minute, name};
use super::setting::{check_site, window};
use crate::source::Source;
use tollgate::meter::ledger::{self, PREFIX, Reads, Site};
use tollgate::meter::period::{Cut, Moment, Window};

/// Articles that keys are of: few, so that they meet.
const ARTICLES: [&str; 3] = ["AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBB-_", "h4fzS2SXPBUq15i2"];
/// What stands behind them.
const METERS: [&str; 9] =
    ["", ":local", ":a", ":.referrer", ":.notice", ":.newsletter", ":.register", ":.subscribe", ":.x"];
/// Limits a meter may have.
const LIMITS: [u32; 5] = [0, 1, 2, 3, 1000];

/// One device's storage at one minute.
pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    let site = Site::of(&source.like(&["meridian", "www.news.example", "other", ""]));
    check_site(&site);
    let window = window(&mut source);
    let now = minute(&mut source);
    let most = source.pick(&[6, 6, 12, 64]);
    let keys = source.list(most, |source| key(source, &site, window, now));
    let reads = Reads::list(&site, window, now, &keys);
    if FOUR_DIGITS.contains(&now) && FOUR_DIGITS.contains(&window.next(window.period(now)).end) {
        check(&reads, &site, window, now, &keys);
        check_read_back(&site, window, now, &mut source);
    }
    check_value(now);
}

/// A key of ours, or nearly one, or another's.
pub(super) fn key(source: &mut Source<'_>, site: &Site, window: Window, now: i64) -> String {
    let mark = [source.pick(&ARTICLES), source.pick(&METERS)].concat();
    let any = source.number() % 1_000_000;
    let near = now.saturating_add(source.pick(&[0, -1, 1440, -1440, 2879, 2881, -43_200, any]));
    let period = match source.below(4) {
        0 | 1 => window.period(near),
        2 => window.day(near),
        _ => super::setting::window(source).period(near),
    };
    match source.below(16) {
        0..=9 => site.key(period, &mark),
        10..=12 => {
            let key = site.key(period, &mark);
            source.nearly(&key)
        }
        13 => [&site.prefix(), &name(source), ":", &mark].concat(),
        14 => site.prefix() + &source.pieces(8),
        _ => source.like(&[
            "theme",
            PREFIX,
            "tollgate10:meridian:r:2026-11:AAAAAAAAAAAAAAAA",
            "tollgate1:other:r:x",
            "",
        ]),
    }
}

/// What holds of every listing.
fn check(reads: &Reads, site: &Site, window: Window, now: i64, keys: &[String]) {
    let prefix = site.prefix();
    assert!(reads.outdated.len() <= 50);
    for outdated in &reads.outdated {
        assert!(outdated.starts_with(&prefix), "{outdated:?} is not ours");
        assert!(keys.contains(outdated), "{outdated:?} was not listed");
    }
    assert!(reads.ahead.len() <= reads.outdated.len());
    assert!(reads.ahead.is_empty() || window.begins_with_a_read());
    let current = window.period(now);
    assert!(reads.period == current || window.begins_with_a_read(), "{:?} at {now}", reads.period);
    if window.is_shared() && reads.period.has_begun() {
        assert!(now < reads.period.end, "{:?} is over at {now}", reads.period);
    }
    assert!(reads.is_current(window, now), "a listing is outdated as it is made");

    let ours = keys.iter().filter(|key| key.starts_with(&prefix)).count();
    let mut total = 0;
    for meter in METERS {
        let count = reads.count(meter);
        total += count as usize;
        for limit in LIMITS {
            let free_at = reads.free_at(meter, limit);
            if free_at == 0 {
                assert!(
                    count == 0 || !meter_counts(meter) || window.cut == Cut::Rolling && limit == 0,
                    "{meter:?} of {limit} with {count}: never free, {:?}",
                    reads.period
                );
                continue;
            }
            if meter_counts(meter) {
                assert!(free_at > now, "{meter:?} is free at {free_at}, {now} is past it");
                if limit > 0 && count > 0 {
                    let left = reads.count_between(meter, free_at, i64::MAX);
                    assert!(left < limit, "{meter:?} of {limit}: {left} are left of {count} when it is free");
                }
            }
        }
        for article in ARTICLES {
            let until = reads.until(&[article, meter].concat());
            if until != 0 && meter_counts(meter) {
                assert!(until > now && reads.contains(article), "{article}{meter} until {until}, now {now}");
            }
        }
    }
    assert!(total <= ours, "{total} reads of {ours} keys");

    // A set: what comes twice or in another order says the same. What does not fit into one removal is for later.
    if reads.outdated.len() < 50 {
        let twice: Vec<String> = keys.iter().rev().chain(keys).cloned().collect();
        let again = Reads::list(site, window, now, &twice);
        if again.outdated.len() < 50 {
            same(reads, &again, now);
        }
        // And what is removed was of no use.
        let rest: Vec<String> = keys.iter().filter(|key| !reads.outdated.contains(key)).cloned().collect();
        let after = Reads::list(site, window, now, &rest);
        same(reads, &after, now);
        assert!(
            after.outdated.is_empty() && after.ahead.is_empty(),
            "{:?} is still outdated",
            after.outdated
        );
    }
}

fn same(one: &Reads, other: &Reads, now: i64) {
    assert_eq!(one.period, other.period);
    for meter in METERS {
        assert_eq!(one.count(meter), other.count(meter), "{meter:?}");
        assert_eq!(
            one.count_between(meter, now, i64::MAX),
            other.count_between(meter, now, i64::MAX),
            "{meter:?}"
        );
        assert_eq!(one.free_at(meter, 1), other.free_at(meter, 1), "{meter:?}");
        for article in ARTICLES {
            let mark = [article, meter].concat();
            assert_eq!(one.until(&mark), other.until(&mark), "{mark}");
        }
    }
}

/// Whether the name behind an article is a meter's, and not of something that happened on one day.
fn meter_counts(meter: &str) -> bool {
    !meter.starts_with(":.")
}

fn check_value(now: i64) {
    let value = ledger::value(Moment::from_milliseconds(now.saturating_mul(60_000)));
    assert_eq!(i64::from_str_radix(&value, 36), Ok(now.max(0)), "{value}");
}

/// What is written is read back, counts, and is not removed.
fn check_read_back(site: &Site, window: Window, now: i64, source: &mut Source<'_>) {
    let period = window.period(now);
    let article = source.pick(&ARTICLES);
    let meter = source.pick(&METERS);
    let mark = [article, meter].concat();
    let key = site.key(if meter_counts(meter) { period } else { window.day(now) }, &mark);
    let reads = Reads::list(site, window, now, std::slice::from_ref(&key));
    assert!(reads.until(&mark) > now && reads.outdated.is_empty(), "{key} is not read back");
    assert_eq!(reads.contains(article), meter_counts(meter), "{key}");
    let reads = Reads::list(site, window, period.end, std::slice::from_ref(&key));
    assert!(!reads.contains(article), "{key} counts past its end");
}
