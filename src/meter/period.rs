//! Calendar arithmetic: which period a moment belongs to, its name in storage, and when the next one begins.
//!
//! Integer arithmetic on days in UTC, on the proleptic Gregorian calendar; never a Date's setters, which give 1 March
//! on 30 January (platform.md A1.8). Weeks are those of ISO 8601: Monday first, week 1 holds the first Thursday.

// Days are bounded by `Moment::day` to about ±110,000,000 and years to ±300,000, so nothing below can overflow an i64.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "every operand is bounded by Moment::day or parsed from few digits"
)]

use crate::text::number;
use crate::text::scan::{join, next_field, whole};

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// A moment of the reader's clock: milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// The last moment a browser's Date can hold (ECMA-262 section 21.4.1.1).
    const LAST: i64 = 8_640_000_000_000_000;

    /// The moment `milliseconds` after the epoch; what lies outside a Date's range is moved to its edge.
    #[must_use]
    pub fn from_milliseconds(milliseconds: i64) -> Moment {
        Moment(milliseconds.clamp(-Moment::LAST, Moment::LAST))
    }

    /// The moment a clock shows, distrusted: never before the module was `built`, and at most 20 years after it;
    /// a clock that shows anything else (1970, 9999, NaN) is taken to show the build (platform.md A1.9, ST-30).
    #[must_use]
    pub fn of_clock(milliseconds: f64, built: Moment) -> Moment {
        // The cast saturates, and turns NaN into 0.
        let shown = Moment::from_milliseconds(milliseconds as i64);
        let latest = Moment(built.0 + 20 * 366 * DAY);
        if shown < built || shown > latest { built } else { shown }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// Whole minutes since the epoch: as exact as anything that is stored.
    #[must_use]
    pub fn minutes(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }

    /// Milliseconds from `earlier` to this moment; 0 if the clock went backwards.
    #[must_use]
    pub fn since(self, earlier: Moment) -> i64 {
        (self.0 - earlier.0).max(0)
    }

    /// Days since the epoch, in UTC.
    fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }
}

/// The length of a calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
    /// From New Year to New Year.
    Year,
}

/// One period of the calendar, in UTC: `[start, end)` in days since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    length: Length,
    start: i64,
    end: i64,
}

impl Period {
    /// The period of this length that `moment` belongs to.
    #[must_use]
    pub fn containing(moment: Moment, length: Length) -> Period {
        Period::of_day(moment.day(), length)
    }

    fn of_day(day: i64, length: Length) -> Period {
        let (year, month, _) = date_of(day);
        let (start, end) = match length {
            Length::Day => (day, day + 1),
            Length::Week => {
                let monday = day - weekday(day);
                (monday, monday + 7)
            }
            Length::Month if month == 12 => (day_of(year, 12, 1), day_of(year + 1, 1, 1)),
            Length::Month => (day_of(year, month, 1), day_of(year, month + 1, 1)),
            Length::Year => (day_of(year, 1, 1), day_of(year + 1, 1, 1)),
        };
        Period { length, start, end }
    }

    /// The period after this one.
    #[must_use]
    pub fn next(self) -> Period {
        Period::of_day(self.end, self.length)
    }

    /// The period before this one.
    #[must_use]
    pub fn previous(self) -> Period {
        Period::of_day(self.start - 1, self.length)
    }

    /// The first moment after this period: when the meter starts over.
    #[must_use]
    pub fn end(self) -> Moment {
        Moment(self.end * DAY)
    }

    /// Whether the period lies wholly before `other`, whatever their lengths.
    #[must_use]
    pub fn is_before(self, other: Period) -> bool {
        self.end <= other.start
    }

    /// The period's name in storage: `2026-11-04`, `2026-W45`, `2026-11` or `2026`.
    #[must_use]
    pub fn name(self) -> String {
        let (year, month, day) = date_of(self.start);
        match self.length {
            Length::Day => join(&[&number(year), "-", &padded(month), "-", &padded(day)]),
            Length::Month => join(&[&number(year), "-", &padded(month)]),
            Length::Year => number(year),
            Length::Week => {
                let year = iso_year(self.start);
                let week = (self.start - first_monday(year)) / 7 + 1;
                join(&[&number(year), "-W", &padded(week)])
            }
        }
    }

    /// The period of this name; `None` where it is not of the grammar of [`Period::name`] to the letter, or names a
    /// day, week or month that does not exist. Years have four digits.
    #[must_use]
    pub fn parse(name: &str) -> Option<Period> {
        let mut rest = Some(name);
        let year = digits(next_field(&mut rest, b'-')?, 4)?;
        let second = next_field(&mut rest, b'-');
        let third = next_field(&mut rest, b'-');
        if rest.is_some() {
            return None;
        }
        let period = match (second, third) {
            (None, _) => Period::of_day(day_of(year, 1, 1), Length::Year),
            (Some(second), None) => match second.strip_prefix('W') {
                Some(week) => Period::of_day(first_monday(year) + 7 * (digits(week, 2)? - 1), Length::Week),
                None => Period::of_day(day_of(year, digits(second, 2)?, 1), Length::Month),
            },
            (Some(month), Some(day)) => {
                Period::of_day(day_of(year, digits(month, 2)?, digits(day, 2)?), Length::Day)
            }
        };
        // A 13th month or a 31 February names a day of another month: only what is spelled as we spell it is ours.
        (period.name() == name).then_some(period)
    }
}

fn digits(text: &str, count: usize) -> Option<i64> {
    if text.len() == count { whole(text).map(i64::from) } else { None }
}

fn padded(value: i64) -> String {
    join(&[if value < 10 { "0" } else { "" }, &number(value)])
}

/// Days since Monday: 0 to 6. 1970-01-01 was a Thursday.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The Monday that begins ISO week 1 of `year`: the week that holds 4 January.
fn first_monday(year: i64) -> i64 {
    let fourth = day_of(year, 1, 4);
    fourth - weekday(fourth)
}

/// The ISO year of the week that begins on `monday`: the year of its Thursday.
fn iso_year(monday: i64) -> i64 {
    date_of(monday + 3).0
}

/// The day of a date. Counts years from March, so that the leap day is the last of its year; then every month's start
/// is a line rounded down (Howard Hinnant, 'chrono-Compatible Low-Level Date Algorithms').
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of a day: year, month 1 to 12, day 1 to 31. The inverse of [`day_of`].
fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan as _, civil};
    use proptest::prelude::*;

    const LENGTHS: [Length; 4] = [Length::Day, Length::Week, Length::Month, Length::Year];

    fn moment(text: &str) -> Moment {
        let timestamp: jiff::Timestamp = text.parse().expect("a timestamp");
        Moment::from_milliseconds(timestamp.as_millisecond())
    }

    fn name(text: &str, length: Length) -> String {
        Period::containing(moment(text), length).name()
    }

    #[test]
    fn periods_have_the_names_of_the_storage_grammar() {
        let now = "2026-11-23T23:15:00Z";
        assert_eq!(name(now, Length::Day), "2026-11-23");
        assert_eq!(name(now, Length::Week), "2026-W48");
        assert_eq!(name(now, Length::Month), "2026-11");
        assert_eq!(name(now, Length::Year), "2026");
    }

    #[test]
    fn st_33_the_month_after_january_is_february_on_every_day() {
        for day in 1..=31 {
            let now = moment(&format!("2026-01-{day:02}T12:00:00Z"));
            let period = Period::containing(now, Length::Month);
            assert_eq!((period.name(), period.next().name()), ("2026-01".into(), "2026-02".into()));
        }
    }

    #[test]
    fn st_37_iso_weeks_around_new_year() {
        assert_eq!(name("2026-12-31T23:59:59Z", Length::Week), "2026-W53");
        assert_eq!(name("2027-01-03T23:59:59Z", Length::Week), "2026-W53");
        assert_eq!(name("2027-01-04T00:00:00Z", Length::Week), "2027-W01");
        assert_eq!(name("2024-12-30T00:00:00Z", Length::Week), "2025-W01");
    }

    #[test]
    fn st_33_every_hour_of_2024_to_2032_agrees_with_jiff_in_utc() {
        let mut at = civil::date(2024, 1, 1).at(0, 0, 0, 0);
        let mut hours = 0;
        while at.year() < 2033 {
            let now = moment(&format!("{at}Z"));
            let date = at.date();
            let week = date.iso_week_date();
            let expected = [
                format!("{date}"),
                format!("{}-W{:02}", week.year(), week.week()),
                format!("{}-{:02}", date.year(), date.month()),
                format!("{}", date.year()),
            ];
            for (length, expected) in LENGTHS.into_iter().zip(expected) {
                assert_eq!(Period::containing(now, length).name(), expected, "{at}");
            }
            at = at.checked_add(1.hour()).expect("in range");
            hours += 1;
        }
        assert_eq!(hours, 3288 * 24, "nine years, three of them leap years");
    }

    #[test]
    fn only_names_that_we_write_are_periods() {
        for good in ["2026", "2026-11", "2026-W53", "2026-11-04", "2024-02-29"] {
            assert_eq!(Period::parse(good).map(Period::name).as_deref(), Some(good));
        }
        for bad in [
            "",
            "26",
            "2026-",
            "2026-1",
            "2026-13",
            "2026-00",
            "2026-W00",
            "2026-W54",
            "2025-W53",
            "2026-02-30",
            "2026-11-04-1",
            "2026-11-4",
            "x026",
            "2026-+1",
            "-026",
            "２０２６",
        ] {
            assert_eq!(Period::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn st_30_a_clock_that_is_far_off_shows_the_build() {
        let built = moment("2026-11-23T00:00:00Z");
        for wrong in [0.0, -1e300, 978_307_200_000.0, 253_370_764_800_000.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Moment::of_clock(wrong, built), built, "{wrong}");
        }
        let later = moment("2031-05-01T00:00:00Z");
        assert_eq!(Moment::of_clock(later.milliseconds() as f64, built), later);
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_gap_or_overlap(milliseconds: i64, kind in 0..4_usize) {
            let now = Moment::from_milliseconds(milliseconds);
            let period = Period::containing(now, LENGTHS[kind]);
            prop_assert!(period.start <= now.day() && now.day() < period.end);
            prop_assert_eq!(period.next().start, period.end);
            prop_assert_eq!(period.previous().end, period.start);
            prop_assert!(period.is_before(period.next()) && !period.next().is_before(period));
        }

        #[test]
        fn names_of_four_digit_years_are_read_back(milliseconds in 0..253_000_000_000_000_i64, kind in 0..4_usize) {
            let period = Period::containing(Moment::from_milliseconds(milliseconds), LENGTHS[kind]);
            prop_assert_eq!(Period::parse(&period.name()), Some(period));
        }

        #[test]
        fn no_name_panics(name in ".{0,12}") {
            let _ = Period::parse(&name);
        }
    }
}
