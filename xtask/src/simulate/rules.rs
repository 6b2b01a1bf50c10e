//! The core's rules as the simulation asks for them: the only file of it that names the core. What the meter decides and
//! what a period is, is the core's to say; nothing of it is written a second time.

use tollgate::access::entitlement::{Access, Tier};
use tollgate::meter::period::{Unit, Window};
use tollgate::meter::policy::{self, Decision, Question, Rule, Step};

/// What a page view can show its reader beside the article: at most one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// The last free read of the period; the article is open.
    Notice,
    /// The gate with the offer; the article is closed.
    Subscribe,
}

impl Surface {
    /// How many there are.
    pub(crate) const COUNT: usize = 2;
    /// All of them, from the mildest to the strictest: the order of every report.
    pub(crate) const ALL: [Surface; Surface::COUNT] = [Surface::Notice, Surface::Subscribe];

    /// Its name in tables, files and charts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Surface::Notice => "notice",
            Surface::Subscribe => "subscribe",
        }
    }

    /// What it is, for the chart's readers.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Surface::Notice => "the last free article",
            Surface::Subscribe => "the gate and its offer",
        }
    }

    /// Its place in [`Surface::ALL`].
    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

/// What is known of a page view when the core decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageView {
    /// Whether the reader pays.
    pub subscriber: bool,
    /// How many articles were read in the current period, as far as the reader's storage knows.
    pub reads: u32,
    /// Whether this article is one of them.
    pub read_before: bool,
}

/// What follows for a page view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What the reader is shown beside the article.
    pub surface: Option<Surface>,
    /// Whether the article is open.
    pub open: bool,
    /// Whether it goes on the meter.
    pub counts: bool,
}

/// What the core makes of a page view under this limit.
pub(crate) fn outcome(view: PageView, limit: u32) -> Outcome {
    let due = |surface| Step::of(surface).is_due(view.reads + 1, limit, Tier::Anonymous);
    let decision = policy::decide(&Question {
        access: if view.subscriber { Access::Entitled } else { Access::Unasked },
        rule: Rule::Metered,
        limit,
        reads: view.reads,
        read_before: view.read_before,
        referred: false,
        step_due: due(policy::Surface::Subscribe),
        dismissed: false,
        can_subscribe: true,
    });
    let surface = if decision.is_gate() {
        Some(Surface::Subscribe)
    } else if decision == Decision::Metered && due(policy::Surface::Notice) {
        Some(Surface::Notice)
    } else {
        None
    };
    Outcome { surface, open: !decision.is_gate(), counts: decision.counts() }
}

/// How long a period lasts, in the words of `data-period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Day,
    Week,
    Month,
    Year,
}

impl Length {
    /// All of them.
    pub(crate) const ALL: [Length; 4] = [Length::Day, Length::Week, Length::Month, Length::Year];

    /// Its name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Length::Day => "day",
            Length::Week => "week",
            Length::Month => "month",
            Length::Year => "year",
        }
    }

    fn unit(self) -> Unit {
        match self {
            Length::Day => Unit::Day,
            Length::Week => Unit::Week,
            Length::Month => Unit::Month,
            Length::Year => Unit::Year,
        }
    }
}

/// Minutes since 1970-01-01T00:00Z.
pub(crate) type Minute = i64;
/// The minutes of a day.
pub(crate) const DAY: Minute = 24 * 60;

/// One month of the calendar, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Month {
    /// `2026-01`.
    pub name: String,
    /// Its first minute.
    pub start: Minute,
    /// The first minute after it.
    pub end: Minute,
}

/// The simulated stretch of time.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// Its months, one after the other.
    pub months: Vec<Month>,
    /// For each of its days, the end of the period that the day belongs to.
    ends: Vec<Minute>,
}

impl Calendar {
    /// `count` months from the one of this name (`2026-01`), cut into periods of this length; `None` if there is no such
    /// month.
    pub(crate) fn new(first: &str, count: usize, length: Length) -> Option<Calendar> {
        let mut period = Window::MONTHS.parse(first).filter(|_| is_month(first))?;
        let mut months = Vec::new();
        let mut start = period.start;
        for _ in 0..count {
            let end = period.end;
            months.push(Month { name: period.name(), start, end });
            (period, start) = (Window::MONTHS.next(period), end);
        }
        let from = months.first().map_or(start, |month| month.start);
        let ends = (from..start).step_by(DAY as usize).map(|minute| end_of_period(minute, length)).collect();
        Some(Calendar { months, ends })
    }

    /// Until when a read at this minute counts.
    pub(crate) fn counts_until(&self, minute: Minute) -> Minute {
        let day = (minute - self.months[0].start) / DAY;
        self.ends[day as usize]
    }
}

/// Whether this is spelled like the name of a month, and not like that of a day or a year.
fn is_month(name: &str) -> bool {
    name.len() == "2026-01".len()
}

fn end_of_period(minute: Minute, length: Length) -> Minute {
    Window { unit: length.unit(), ..Window::MONTHS }.period(minute).end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(limit: u32, reads: u32) -> Option<Surface> {
        outcome(PageView { subscriber: false, reads, read_before: false }, limit).surface
    }

    #[test]
    fn the_last_free_read_has_a_notice_and_the_next_one_the_gate() {
        assert_eq!(
            [0, 1, 2, 3].map(|reads| met(2, reads)),
            [None, Some(Surface::Notice), Some(Surface::Subscribe), Some(Surface::Subscribe)]
        );
        assert_eq!(met(0, 0), Some(Surface::Subscribe));
    }

    #[test]
    fn subscribers_and_articles_read_before_meet_nothing() {
        let subscriber = PageView { subscriber: true, reads: 9, read_before: false };
        assert_eq!(outcome(subscriber, 1), Outcome { surface: None, open: true, counts: false });
        let again = PageView { subscriber: false, reads: 9, read_before: true };
        assert_eq!(outcome(again, 1), Outcome { surface: None, open: true, counts: false });
    }

    #[test]
    fn a_calendar_has_its_months_and_the_cores_periods() {
        let calendar = Calendar::new("2026-01", 3, Length::Week).expect("a month");
        let names: Vec<&str> = calendar.months.iter().map(|month| month.name.as_str()).collect();
        assert_eq!(names, ["2026-01", "2026-02", "2026-03"]);
        let days: Vec<i64> = calendar.months.iter().map(|month| (month.end - month.start) / DAY).collect();
        assert_eq!(days, [31, 28, 31]);
        // 1 January 2026 is a Thursday: the first week ends with the 4th.
        let start = calendar.months[0].start;
        assert_eq!(calendar.counts_until(start), start + 4 * DAY);
        assert_eq!(calendar.counts_until(start + 4 * DAY), start + 11 * DAY);
        for wrong in ["2026", "2026-13", "2026-W01", "2026-01-01", "January"] {
            assert!(Calendar::new(wrong, 1, Length::Month).is_none(), "{wrong}");
        }
    }

    #[test]
    fn surfaces_know_their_places() {
        for (place, surface) in Surface::ALL.into_iter().enumerate() {
            assert_eq!(surface.place(), place);
        }
    }
}
