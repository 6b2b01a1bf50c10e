//! Calendar arithmetic: which period a moment belongs to, its name in storage, and when the next one begins.
//!
//! Integer arithmetic on days in UTC, on the proleptic Gregorian calendar; never a Date's setters, which give 1 March
//! on 30 January (platform.md A1.8). Weeks are those of ISO 8601: Monday first, week 1 holds the first Thursday.

// Days are bounded by `Moment::day` to ±100,000,000 and years to ±273,000, so nothing below can overflow.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "every operand is bounded by Moment::day or parsed from few digits"
)]

use crate::text::number;
use crate::text::scan::push;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;
/// A day, in milliseconds.
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

    /// Days since the epoch, in UTC.
    fn day(self) -> i32 {
        // Counted from the first moment, which is a midnight, so that the division rounds down.
        ((self.0 + Moment::LAST) / DAY - Moment::LAST / DAY) as i32
    }
}

/// A unit of the calendar: how long a period is, or what a price or a trial is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
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
    length: Unit,
    start: i32,
    end: i32,
}

impl Period {
    /// The period of this length that `moment` belongs to.
    #[must_use]
    pub fn containing(moment: Moment, length: Unit) -> Period {
        Period::of_day(moment.day(), length)
    }

    fn of_day(day: i32, length: Unit) -> Period {
        let month = month_of(day);
        let (start, end) = match length {
            Unit::Day => (day, day + 1),
            Unit::Week => {
                let monday = day - weekday(day);
                (monday, monday + 7)
            }
            Unit::Month => (first_day(month), first_day(month + 1)),
            Unit::Year => {
                let january = month - month.rem_euclid(12);
                (first_day(january), first_day(january + 12))
            }
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
        Moment(i64::from(self.end) * DAY)
    }

    /// Whether the period lies wholly before `other`, whatever their lengths.
    #[must_use]
    pub fn is_before(self, other: Period) -> bool {
        self.end <= other.start
    }

    /// The period's name in storage: `2026-11-04`, `2026-W45`, `2026-11` or `2026`.
    #[must_use]
    pub fn name(self) -> String {
        // A week belongs to the year of its Thursday.
        let day = if self.length == Unit::Week { self.start + 3 } else { self.start };
        let month = month_of(day);
        let year = month.div_euclid(12);
        let mut name = number(i64::from(year));
        match self.length {
            Unit::Year => {}
            Unit::Week => push_padded(&mut name, "-W", (day - first_day(year * 12)) / 7),
            Unit::Month | Unit::Day => push_padded(&mut name, "-", month.rem_euclid(12)),
        }
        if self.length == Unit::Day {
            push_padded(&mut name, "-", day - first_day(month));
        }
        name
    }

    /// The period of this name; `None` where it is not of the grammar of [`Period::name`] to the letter, or names a
    /// day, week or month that does not exist. Years have four digits.
    #[must_use]
    pub fn parse(name: &str) -> Option<Period> {
        // Read without care: only what is spelled as we spell it is ours, and that is seen at the end.
        let mut numbers = [0_i32; 3];
        let mut place = 0_usize;
        let mut rest = name.as_bytes();
        while let [byte, after @ ..] = rest {
            let number = numbers.get_mut(place)?;
            match byte {
                b'-' => place += 1,
                b'0'..=b'9' => *number = (*number * 10 + i32::from(*byte - b'0')) % 10_000,
                _ => {}
            }
            rest = after;
        }
        let [year, second, third] = numbers;
        let january = year * 12;
        let month = first_day(january + second - 1);
        let (length, day) = match name.len() {
            4 => (Unit::Year, first_day(january)),
            7 => (Unit::Month, month),
            // 4 January is always in the first week.
            8 => (Unit::Week, first_day(january) + 7 * second - 4),
            10 => (Unit::Day, month + third - 1),
            _ => return None,
        };
        let period = Period::of_day(day, length);
        // A 13th month or a 31 February named a day of another month.
        (*period.name() == *name).then_some(period)
    }
}

/// Adds the place of something counted from 0, as a number of two digits counted from 1.
fn push_padded(name: &mut String, sign: &str, place: i32) {
    let number = (place + 1) as u8;
    name.push_str(sign);
    push(name, b'0' + number / 10 % 10);
    push(name, b'0' + number % 10);
}

/// Days since Monday: 0 to 6. 1970-01-01 was a Thursday.
fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7)
}

/// The first day of a month; months are counted from January of the year 0. Counts years from March, so that the leap
/// day is the last of its year; then every month's start is a line rounded down (Howard Hinnant, 'chrono-Compatible
/// Low-Level Date Algorithms').
fn first_day(month: i32) -> i32 {
    // Whole cycles of 400 years are added, and their days subtracted, so that every division rounds down.
    let month = month + CYCLES * 4800 - 2;
    let year = month / 12;
    365 * year + year / 4 - year / 100 + year / 400 + (153 * (month % 12) + 2) / 5
        - (CYCLES * CYCLE_DAYS + 719_468)
}

/// The month of a day.
fn month_of(day: i32) -> i32 {
    // 400 years have 4800 months; from their even share it is one or two steps.
    let share = (i64::from(day) * 4800).div_euclid(i64::from(CYCLE_DAYS)) as i32;
    let mut month = share + 1970 * 12 - 2;
    while first_day(month + 1) <= day {
        month += 1;
    }
    month
}

/// The days of 400 years.
const CYCLE_DAYS: i32 = 146_097;
/// More cycles than a Date's years hold before the year 0.
const CYCLES: i32 = 700;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan as _, civil};
    use proptest::prelude::*;

    const LENGTHS: [Unit; 4] = [Unit::Day, Unit::Week, Unit::Month, Unit::Year];

    fn moment(text: &str) -> Moment {
        let timestamp: jiff::Timestamp = text.parse().expect("a timestamp");
        Moment::from_milliseconds(timestamp.as_millisecond())
    }

    fn name(text: &str, length: Unit) -> String {
        Period::containing(moment(text), length).name()
    }

    #[test]
    fn periods_have_the_names_of_the_storage_grammar() {
        let now = "2026-11-23T23:15:00Z";
        assert_eq!(name(now, Unit::Day), "2026-11-23");
        assert_eq!(name(now, Unit::Week), "2026-W48");
        assert_eq!(name(now, Unit::Month), "2026-11");
        assert_eq!(name(now, Unit::Year), "2026");
    }

    #[test]
    fn st_33_the_month_after_january_is_february_on_every_day() {
        for day in 1..=31 {
            let now = moment(&format!("2026-01-{day:02}T12:00:00Z"));
            let period = Period::containing(now, Unit::Month);
            assert_eq!((period.name(), period.next().name()), ("2026-01".into(), "2026-02".into()));
        }
    }

    #[test]
    fn st_37_iso_weeks_around_new_year() {
        assert_eq!(name("2026-12-31T23:59:59Z", Unit::Week), "2026-W53");
        assert_eq!(name("2027-01-03T23:59:59Z", Unit::Week), "2026-W53");
        assert_eq!(name("2027-01-04T00:00:00Z", Unit::Week), "2027-W01");
        assert_eq!(name("2024-12-30T00:00:00Z", Unit::Week), "2025-W01");
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
