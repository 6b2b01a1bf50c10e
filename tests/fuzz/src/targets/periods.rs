//! Periods: names → periods and back, the calendar at any minute, clocks and zones.

use super::setting::window;
use crate::source::Source;
use tollgate::meter::period::{Moment, Period, moment_of, offset};

/// The years 1972 to 9999, in minutes: they have four digits, and no period of theirs begins at 0, which stands for none. No
/// clock that is believed shows another.
pub(super) const FOUR_DIGITS: std::ops::Range<i64> = 1_051_200..4_223_371_680;
/// The furthest minute of a browser's Date, either way.
pub(super) const FURTHEST: i64 = 144_000_000_000;

/// A name and a minute.
pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    let window = window(&mut source);
    let written = name(&mut source);
    if let Some(period) = window.parse(&written) {
        assert_eq!(period.name(), written, "read otherwise than written");
        check(period);
        if written.ends_with('d') {
            let days = (period.end - period.start) / 1440;
            assert!((1..=366).contains(&days), "{written} has {days} days");
        }
    }
    let local = minute(&mut source);
    let period = window.period(local);
    check(period);
    assert!(period.start <= local && local < period.end, "{local} is not in {period:?}");
    let next = window.next(period);
    assert_eq!(next.start, period.end, "a gap behind {period:?}");
    let previous = window.previous(period);
    assert_eq!(previous.end, period.start, "a gap before {period:?}");
    let day = window.day(local);
    assert!(day.end - day.start == 1440 && day.start <= local && local < day.end);
    if FOUR_DIGITS.contains(&period.start) && FOUR_DIGITS.contains(&(period.end - 1)) {
        assert_eq!(window.parse(&period.name()), Some(period), "{}", period.name());
    }
    check_clocks(&mut source);
}

fn check(period: Period) {
    assert!(period.start < period.end, "{period:?} is empty");
    let not_begun = period.not_begun();
    assert!(!not_begun.has_begun() && not_begun.end == period.end - period.start);
}

/// A local minute: mostly in years that a reader may live to see.
pub(super) fn minute(source: &mut Source<'_>) -> i64 {
    match source.below(8) {
        0..=4 => 29_923_920 + source.number() % 10_000_000,
        5 => source.between(FOUR_DIGITS.start, FOUR_DIGITS.end),
        _ => source.between(-FURTHEST, FURTHEST),
    }
}

/// A period's name, or nearly one.
pub(super) fn name(source: &mut Source<'_>) -> String {
    let (first, second, third) = (source.below(10_000), source.below(100), source.below(40));
    let name = match source.below(8) {
        0 => format!("{first:04}-{second:02}"),
        1 => format!("{first:04}-W{second:02}"),
        2 => format!("{first:04}-{:02}-{third:02}", second % 13),
        3 => format!("{first:04}"),
        4 => format!("ht{}yc.{second}d", source.pick(&["d", "e", "0"])),
        5 => [&source.raw(8), ".", &source.number().to_string(), "d"].concat(),
        _ => source
            .pick(&["2026-11", "2026-W45", "2026-11-04", "2024-02-29", "2026", "htdyc.30d", "0.30d", "30d"])
            .to_owned(),
    };
    source.nearly(&name)
}

/// Clocks that lie, offsets that are none.
fn check_clocks(source: &mut Source<'_>) {
    let built = Moment::from_milliseconds(1_795_435_200_000);
    let bits = (0..8).fold(0_u64, |bits, _| bits << 8 | u64::from(source.byte()));
    let shown = if source.once_in(2) { f64::from_bits(bits) } else { source.number() as f64 };
    let moment = Moment::of_clock(shown, built);
    assert!(moment >= built && moment.minutes() <= built.minutes() + 20 * 366 * 1440);
    let text = source.like(&["11/25/2026, GMT+05:30", "11/25/2026, GMT", "-GMT-03:00", "T", "GMT+é0:00"]);
    let ahead = offset(&text);
    assert!(ahead.abs() <= 6039, "{text}: {ahead}");
    let offsets = [source.between(-6039, 6039), source.between(-6039, 6039)];
    let local = minute(source);
    let moment = moment_of(local, ahead, offsets).minutes();
    assert!((moment - local).abs() <= 6039 || local.abs() > FURTHEST - 6039, "{local} becomes {moment}");
}
