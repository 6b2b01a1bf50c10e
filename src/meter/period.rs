//! Calendar arithmetic: which period a moment belongs to, its name in storage, and when it ends.
//!
//! Integer arithmetic on days, on the proleptic Gregorian calendar; never a Date's setters, which give 1 March on 30
//! January (platform.md A1.8). Weeks are those of ISO 8601, Monday first, week 1 holds the first Thursday, unless the
//! publisher has them begin on another day.
//!
//! Periods are spans of *local* time: minutes since 1970 as a clock on the wall of the publisher's zone counts them. What
//! that zone's offset is comes in as data ([`Zone`]); without a zone local time is UTC.

// Days are bounded by `Moment::day` to ±100,000,000 and years to ±273,000, so nothing below can overflow.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "every operand is bounded by Moment's range or parsed from few digits"
)]

use crate::text::scan::{cut, digits, join, push, whole};
use crate::text::{in_base, number};

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;
/// The minutes of a day.
const DAY: i64 = 1440;

/// A moment of the reader's clock: milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
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
        let latest = Moment(built.0 + 20 * 366 * DAY * MINUTE);
        if shown < built || shown > latest { built } else { shown }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// The moment of a local minute, where local time is `offset` minutes ahead of UTC.
    #[must_use]
    pub fn of_local(local: i64, offset: i64) -> Moment {
        Moment::from_milliseconds((local - offset) * MINUTE)
    }

    /// Whole minutes since the epoch: as exact as anything that is stored.
    #[must_use]
    pub fn minutes(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }
}

/// A unit of the calendar: how long a period is, or what a price or a trial is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub enum Unit {
    /// From midnight to midnight.
    Day,
    /// From the week's first day to the next week's.
    Week,
    /// From the first to the first.
    Month,
    /// From New Year to New Year.
    Year,
}

/// How reads are grouped into periods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// By the calendar: all readers start over at the same moment.
    #[default]
    Calendar,
    /// Each read for itself: it counts for a while, then it is forgotten.
    Rolling,
    /// From a reader's first read on; the first read after its end begins the next.
    FirstView,
}

/// The rule that gives every read its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How reads are grouped.
    pub cut: Cut,
    /// How long a period is by the calendar, where it is not counted in days.
    pub unit: Unit,
    /// How many days a period lasts, 1 to 366; 0 where it is one unit of the calendar, which only [`Cut::Calendar`] has.
    pub days: i64,
    /// Days from Monday to the first day of a week, 0 to 6.
    pub week_start: i32,
}

impl Window {
    /// The calendar's months, with weeks as in ISO 8601: what a tag without settings gets.
    pub const MONTHS: Window = Window { cut: Cut::Calendar, unit: Unit::Month, days: 0, week_start: 0 };

    /// The period of a read at this local minute; but see [`Cut::FirstView`], where a read belongs to one that has begun.
    #[must_use]
    pub fn period(self, local: i64) -> Period {
        if self.days == 0 {
            // Whole cycles are added, and taken away again, so that the division rounds down.
            let far = i64::from(CYCLES * CYCLE_DAYS);
            let day = (local + far * DAY) / DAY - far;
            return self.of_day(day as i32, self.unit);
        }
        let length = self.days * DAY;
        let start = if self.cut == Cut::Calendar { local - local.rem_euclid(length) } else { local };
        Period { start, end: start + length, unit: None }
    }

    /// Whether a period begins with a read, and not by the calendar.
    #[must_use]
    pub fn begins_with_a_read(self) -> bool {
        self.cut != Cut::Calendar
    }

    /// Whether reads share a period that began with the first of them.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self.cut == Cut::FirstView
    }

    /// The period that begins where this one ends.
    #[must_use]
    pub fn next(self, period: Period) -> Period {
        self.period(period.end)
    }

    /// The period that ends where this one begins.
    #[must_use]
    pub fn previous(self, period: Period) -> Period {
        match period.unit {
            None => Period { start: period.start + period.start - period.end, end: period.start, ..period },
            Some(_) => self.period(period.start - 1),
        }
    }

    /// The day of the calendar that this local minute belongs to, whatever the window's periods are.
    #[must_use]
    pub fn day(self, local: i64) -> Period {
        Window { cut: Cut::Calendar, unit: Unit::Day, days: 0, ..self }.period(local)
    }

    fn of_day(self, day: i32, unit: Unit) -> Period {
        let month = month_of(day);
        let (start, end) = match unit {
            Unit::Day => (day, day + 1),
            Unit::Week => {
                let first = day - (weekday(day) + 7 - self.week_start) % 7;
                (first, first + 7)
            }
            Unit::Month => (first_day(month), first_day(month + 1)),
            Unit::Year => {
                let january = month - month.rem_euclid(12);
                (first_day(january), first_day(january + 12))
            }
        };
        Period { start: i64::from(start) * DAY, end: i64::from(end) * DAY, unit: Some(unit) }
    }

    /// The period of this name; `None` where it is not of the grammar of [`Period::name`] to the letter, or names a
    /// day, week or month that does not exist. Years have four digits, and there are 1 to 366 days.
    #[must_use]
    pub fn parse(self, name: &str) -> Option<Period> {
        // Read without care: only what is spelled as we spell it is ours, and that is seen at the end.
        let period = match cut(name, b'.') {
            Some((start, length)) => {
                let start = i64::from(digits(start, 36)?);
                let days = match whole(length.strip_suffix("d")?)? {
                    days @ 1..=366 => i64::from(days),
                    _ => return None,
                };
                Period { start, end: start + days * DAY, unit: None }
            }
            None => {
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
                let (unit, day) = match name.len() {
                    4 => (Unit::Year, first_day(january)),
                    7 => (Unit::Month, month),
                    // 4 January is always in the first week.
                    8 => {
                        let fourth = first_day(january) + 3;
                        (Unit::Week, fourth - weekday(fourth) + 7 * second - 4)
                    }
                    10 => (Unit::Day, month + third - 1),
                    _ => return None,
                };
                self.of_day(day, unit)
            }
        };
        // A 13th month or a 31 February named a day of another month.
        (*period.name() == *name).then_some(period)
    }
}

/// One period: the local minutes `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub struct Period {
    /// The first minute.
    pub start: i64,
    /// The first minute after it.
    pub end: i64,
    /// What it is one of in the calendar; none where it is counted in days.
    unit: Option<Unit>,
}

impl Period {
    /// One as long as this, that no read has begun yet.
    #[must_use]
    pub fn not_begun(self) -> Period {
        Period { start: 0, end: self.end - self.start, ..self }
    }

    /// Whether a read has begun it, or the calendar has.
    #[must_use]
    pub fn has_begun(self) -> bool {
        self.start != 0
    }

    /// Whether it begins after the other, which has begun.
    #[must_use]
    pub fn is_later_than(self, other: Period) -> bool {
        other.has_begun() && other.start < self.start
    }

    /// Whether the other is counted in as many days.
    #[must_use]
    pub fn is_like(self, other: Period) -> bool {
        self.unit.is_none() && self.end - self.start == other.end - other.start
    }

    /// Whether the period lies wholly before `other`, whatever their lengths.
    #[must_use]
    pub fn is_before(self, other: Period) -> bool {
        self.end <= other.start
    }

    /// The period's name in storage: `2026-11-04`, `2026-W45`, `2026-11`, `2026`; or, where it is counted in days, its
    /// first minute in base 36 and its length: `htdyc.30d`, or the length alone while it has not begun.
    #[must_use]
    pub fn name(self) -> String {
        let Some(unit) = self.unit else {
            let start = if self.start == 0 {
                String::new()
            } else {
                join(&[&in_base(self.start.max(0).unsigned_abs(), 36), "."])
            };
            return join(&[&start, &number((self.end - self.start) / DAY), "d"]);
        };
        let first = (self.start / DAY) as i32;
        // Whatever day a week begins on, it has one Thursday, and is named as the week of ISO 8601 that has the same.
        let day = if unit == Unit::Week { first + (10 - weekday(first)) % 7 } else { first };
        let month = month_of(day);
        let year = month.div_euclid(12);
        let mut name = number(i64::from(year));
        match unit {
            Unit::Year => {}
            Unit::Week => push_padded(&mut name, "-W", (day - first_day(year * 12)) / 7),
            Unit::Month | Unit::Day => push_padded(&mut name, "-", month.rem_euclid(12)),
        }
        if unit == Unit::Day {
            push_padded(&mut name, "-", day - first_day(month));
        }
        name
    }
}

/// The offset of a zone's local time from UTC, in minutes, as `Intl` writes it in full (`timeZoneName: 'longOffset'`): of
/// `11/25/2026, GMT+05:30` 330, of `11/25/2026, GMT` 0.
#[must_use]
pub fn offset(text: &str) -> i64 {
    let (_, text) = cut(text, b'T').unwrap_or_default();
    let part = |at: usize| text.get(at..at + 2).and_then(whole).map_or(0, i64::from);
    let minutes = part(1) * 60 + part(4);
    if text.starts_with("-") { -minutes } else { minutes }
}

/// The moment at which a zone's clocks come to show the local minute `local`. The guess at it is
/// [`Moment::of_local`] with the offset that is in force `now`; the zone's offsets just `before` that guess and `at` it
/// say what becomes of it. Exact where the clocks are set once between now and then, or there and back; also where they
/// are set at midnight.
#[must_use]
pub fn moment_of(local: i64, now: i64, [before, at]: [i64; 2]) -> Moment {
    let offset = if at < now {
        at
    } else if before > now {
        before
    } else {
        now
    };
    Moment::of_local(local, offset)
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
    use jiff::ToSpan as _;
    use proptest::prelude::*;

    const UNITS: [Unit; 4] = [Unit::Day, Unit::Week, Unit::Month, Unit::Year];

    fn calendar(unit: Unit) -> Window {
        Window { unit, ..Window::MONTHS }
    }

    fn days(cut: Cut, days: i64) -> Window {
        Window { cut, unit: Unit::Day, days, week_start: 0 }
    }

    fn moment(text: &str) -> Moment {
        let timestamp: jiff::Timestamp = text.parse().expect("a timestamp");
        Moment::from_milliseconds(timestamp.as_millisecond())
    }

    fn name(text: &str, unit: Unit) -> String {
        calendar(unit).period(moment(text).minutes()).name()
    }

    #[test]
    fn periods_have_the_names_of_the_storage_grammar() {
        let now = "2026-11-23T23:15:00Z";
        assert_eq!(name(now, Unit::Day), "2026-11-23");
        assert_eq!(name(now, Unit::Week), "2026-W48");
        assert_eq!(name(now, Unit::Month), "2026-11");
        assert_eq!(name(now, Unit::Year), "2026");
        let local = moment(now).minutes();
        for cut in [Cut::Rolling, Cut::FirstView] {
            let period = days(cut, 30).period(local);
            assert_eq!((period.name().as_str(), period.end - period.start), ("htdyr.30d", 30 * DAY));
            assert_eq!((period.start, period.not_begun().name().as_str()), (local, "30d"));
        }
        let block = days(Cut::Calendar, 30).period(local);
        assert_eq!(block.start % (30 * DAY), 0);
        assert!(block.start <= local && local < block.end && block.end - block.start == 30 * DAY);
        assert_eq!(days(Cut::Calendar, 30).parse(&block.name()), Some(block));
    }

    #[test]
    fn st_33_the_month_after_january_is_february_on_every_day() {
        for day in 1..=31 {
            let now = moment(&format!("2026-01-{day:02}T12:00:00Z")).minutes();
            let period = Window::MONTHS.period(now);
            let next = Window::MONTHS.next(period);
            assert_eq!((period.name(), next.name()), ("2026-01".into(), "2026-02".into()));
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
    fn a_week_begins_on_the_publishers_day_and_is_named_by_its_thursday() {
        let sundays = Window { week_start: 6, ..calendar(Unit::Week) };
        let week = |text: &str| sundays.period(moment(text).minutes());
        let november = week("2026-11-22T00:00:00Z");
        assert_eq!(november, week("2026-11-28T23:59:00Z"));
        assert_ne!(november, week("2026-11-21T23:59:00Z"));
        assert_ne!(november, week("2026-11-29T00:00:00Z"));
        // Its Thursday is the 26th, of ISO week 48.
        assert_eq!(november.name(), "2026-W48");
        assert_eq!(week("2026-12-31T12:00:00Z").name(), "2026-W53");
        assert_eq!(week("2027-01-03T12:00:00Z").name(), "2027-W01");
    }

    /// The ten zones: with and without daylight saving, set at midnight (Beirut, Cairo, Havana), by half an hour (Lord
    /// Howe), twice a year for Ramadan (Casablanca), far from UTC (Kiritimati, Honolulu), by quarters of an hour.
    const ZONES: [&str; 13] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Pacific/Kiritimati",
        "Asia/Kolkata",
        "Asia/Beirut",
        "America/Havana",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Honolulu",
        "Asia/Kathmandu",
        "America/Santiago",
        "Africa/Cairo",
    ];

    /// Local time as jiff knows it, in minutes.
    fn local(zoned: &jiff::ZonedDateTime) -> (i64, i64) {
        let offset = i64::from(zoned.offset().seconds()) / 60;
        (zoned.timestamp().as_second().div_euclid(60) + offset, offset)
    }

    #[test]
    fn st_33_st_35_every_hour_of_2024_to_2032_agrees_with_jiff_in_thirteen_zones() {
        for zone in ZONES {
            let zone = jiff::tz::TimeZone::get(zone).expect("a zone");
            let mut at: jiff::Timestamp = "2024-01-01T00:00:00Z".parse().expect("a timestamp");
            let mut hours = 0;
            let mut last = String::new();
            while hours < 3288 * 24 {
                let zoned = at.to_zoned_datetime(zone.clone());
                let (minutes, offset) = local(&zoned);
                let date = zoned.date();
                let week = date.iso_week_date();
                let expected = [
                    format!("{date}"),
                    format!("{}-W{:02}", week.year(), week.week()),
                    format!("{}-{:02}", date.year(), date.month()),
                    format!("{}", date.year()),
                ];
                for (unit, expected) in UNITS.into_iter().zip(expected) {
                    assert_eq!(calendar(unit).period(minutes).name(), expected, "{zoned}");
                }
                let day = calendar(Unit::Day).period(minutes);
                // The ids of periods never go back, not in the hour that comes twice.
                assert!(day.name() >= last, "{zoned}");
                last = day.name();
                if hours % 24 == 7 {
                    // When it ends, by the zone's offsets around a guess.
                    for unit in UNITS {
                        let end = calendar(unit).period(minutes).end;
                        let offset_at = |milliseconds: i64| {
                            let at = jiff::Timestamp::from_millisecond(milliseconds).expect("in range");
                            i64::from(zone.to_offset(at).seconds()) / 60
                        };
                        let guess = Moment::of_local(end, offset).milliseconds();
                        let moment = moment_of(end, offset, [offset_at(guess - 1), offset_at(guess)]);
                        let date = jiff::civil::date(1970, 1, 1)
                            .checked_add(jiff::Span::new().days(end / DAY))
                            .expect("in range");
                        let start = date
                            .to_zoned_datetime(zone.clone())
                            .expect("a day")
                            .start_of_day()
                            .expect("a start");
                        assert_eq!(
                            moment.milliseconds(),
                            start.timestamp().as_millisecond(),
                            "{zoned} {unit:?}"
                        );
                    }
                }
                at = at.checked_add(1.hour()).expect("in range");
                hours += 1;
            }
        }
    }

    #[test]
    fn offsets_are_read_as_intl_writes_them() {
        for (text, minutes) in [
            ("11/25/2026, GMT+05:30", 330),
            ("11/25/2026, GMT-08:00", -480),
            ("11/25/2026, GMT", 0),
            ("11/25/2026, GMT+14:00", 840),
            ("", 0),
            ("GMT+", 0),
            ("GMT\u{2212}08:00", 0),
        ] {
            assert_eq!(offset(text), minutes, "{text}");
        }
    }

    #[test]
    fn only_names_that_we_write_are_periods() {
        let parse = |name| Window::MONTHS.parse(name);
        for good in ["2026", "2026-11", "2026-W53", "2026-11-04", "2024-02-29", "htdyc.30d", "1.1d"] {
            assert_eq!(parse(good).map(Period::name).as_deref(), Some(good));
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
            "30d",
            "0.30d",
            ".30d",
            "htdyc.30",
            "htdyc.030d",
            "htdyc.d",
            "HTDYC.30d",
            "htdyc.30d.",
            "zzzzzzzzz.30d",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
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

    fn windows() -> impl Strategy<Value = Window> {
        let units =
            (0..4_usize, 0..7).prop_map(|(unit, week_start)| Window { week_start, ..calendar(UNITS[unit]) });
        let spans = (0..3_usize, 1..=366_i64)
            .prop_map(|(cut, length)| days([Cut::Calendar, Cut::Rolling, Cut::FirstView][cut], length));
        prop_oneof![units, spans]
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_gap_or_overlap(milliseconds: i64, window in windows()) {
            let now = Moment::from_milliseconds(milliseconds).minutes();
            let period = window.period(now);
            prop_assert!(period.start <= now && now < period.end);
            prop_assert_eq!(window.next(period).start, period.end);
            prop_assert_eq!(window.previous(period).end, period.start);
            prop_assert!(period.is_before(window.next(period)) && !window.next(period).is_before(period));
        }

        #[test]
        fn names_of_four_digit_years_are_read_back(milliseconds in 60_000..253_000_000_000_000_i64, window in windows()) {
            let period = window.period(Moment::from_milliseconds(milliseconds).minutes());
            if period.has_begun() {
                prop_assert_eq!(window.parse(&period.name()), Some(period));
            }
        }

        #[test]
        fn no_name_panics(name in ".{0,12}", window in windows()) {
            let _ = window.parse(&name);
        }

        #[test]
        fn a_boundary_is_never_off_by_more_than_the_clocks_were_set(local in 0..20_000_000_i64, now in -720..840_i64, before in -720..840_i64, at in -720..840_i64) {
            let moment = moment_of(local, now, [before, at]).minutes();
            prop_assert!([now, before, at].iter().any(|offset| moment == local - offset));
        }
    }
}
