//! The runs: every reader's page views go through the core under every limit, on all cores, and are counted.

use super::device::{Outcome, PageView, Storage};
use super::model::{Model, Reader, Readers, STORAGES, Visit};
use super::rules::{Calendar, Rules, Surface, Tier};
use rayon::prelude::*;

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How many readers a month has.
    pub readers: u64,
    /// The configuration, under each of the limits that are compared.
    pub rules: Rules,
    /// The months, of which the first are not counted, and the periods in them.
    pub calendar: Calendar,
    /// What the dice start from.
    pub seed: u64,
    /// What readers are like.
    pub model: Model,
}

/// What was counted. A reader counts once for each month with at least one visit: a reader-month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Reader-months.
    pub readers: u64,
    /// Visits.
    pub visits: u64,
    /// Page views of articles.
    pub views: u64,
    /// Page views of subscribers.
    pub subscriber_views: u64,
    /// Reader-months with one article opened, with two to five, with more.
    pub by_articles: [u64; 3],
    /// For each limit, what became of these.
    pub limits: Vec<LimitCounts>,
}

/// What was counted under one limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitCounts {
    /// For each surface, the reader-months that met it at least once.
    pub readers: [u64; Surface::COUNT],
    /// For each surface, the page views that met it.
    pub views: [u64; Surface::COUNT],
    /// For each surface, the reader-months in which what it asks for was done for the first time.
    pub done: [u64; Surface::COUNT],
    /// Page views with the article open.
    pub open: u64,
}

impl Counts {
    fn of(limits: usize) -> Counts {
        Counts { limits: vec![LimitCounts::default(); limits], ..Counts::default() }
    }

    fn plus(mut self, other: &Counts) -> Counts {
        self.readers += other.readers;
        self.visits += other.visits;
        self.views += other.views;
        self.subscriber_views += other.subscriber_views;
        add(&mut self.by_articles, &other.by_articles);
        for (mine, theirs) in self.limits.iter_mut().zip(&other.limits) {
            add(&mut mine.readers, &theirs.readers);
            add(&mut mine.views, &theirs.views);
            add(&mut mine.done, &theirs.done);
            mine.open += theirs.open;
        }
        self
    }
}

fn add<const N: usize>(to: &mut [u64; N], from: &[u64; N]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

/// Readers that are simulated by one thread in one go; what they are does not depend on it.
const CHUNK: u64 = 2048;

/// Simulates. The result depends on the plan alone, not on the number of cores: every reader has dice of their own, and
/// whole numbers are added in any order.
pub(crate) fn run(plan: &Plan) -> Counts {
    let readers = Readers::new(&plan.model, &plan.calendar);
    (0..plan.readers.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut desk = Desk::new(plan);
            let mut reader = Reader::default();
            for number in chunk * CHUNK..((chunk + 1) * CHUNK).min(plan.readers) {
                readers.draw(plan.seed, number, &mut reader);
                desk.follow(&reader);
            }
            desk.counts
        })
        .reduce(|| Counts::of(plan.rules.limits.len()), |all, some| all.plus(&some))
}

/// Follows one reader after the other, under all limits at once.
struct Desk<'a> {
    plan: &'a Plan,
    counts: Counts,
    /// For each storage, what it holds under each limit.
    storages: [Vec<Storage>; STORAGES],
    /// For each limit, who the reader has become.
    persons: Vec<Tier>,
    /// For each limit, which surfaces the reader met this month, and at which the reader did what it asks for.
    month: Vec<Outcome>,
    /// The articles that the reader opened this month, as far as their number matters.
    opened: Vec<u32>,
}

impl<'a> Desk<'a> {
    fn new(plan: &'a Plan) -> Desk<'a> {
        let limits = plan.rules.limits.len();
        Desk {
            plan,
            counts: Counts::of(limits),
            storages: std::array::from_fn(|_| vec![Storage::default(); limits]),
            persons: vec![Tier::Anonymous; limits],
            month: vec![Outcome::default(); limits],
            opened: Vec::new(),
        }
    }

    fn follow(&mut self, reader: &Reader) {
        self.storages.iter_mut().flatten().for_each(Storage::clear);
        let first = if reader.subscriber { Tier::Subscriber } else { Tier::Anonymous };
        self.persons.fill(first);
        // All visits of a month stand together.
        for visits in reader.visits.chunk_by(|one, next| one.month == next.month) {
            // The first months only fill the storages.
            let is_counted = visits.first().is_some_and(|visit| visit.month >= self.plan.calendar.uncounted);
            if reader.passes_by {
                self.persons.fill(first);
            }
            for visit in visits {
                if visit.is_fresh {
                    self.storages[visit.storage].iter_mut().for_each(Storage::clear);
                }
                for view in page_views(&self.plan.calendar, reader, visit) {
                    self.view(visit.storage, &view, is_counted);
                    self.counts.subscriber_views += u64::from(reader.subscriber && is_counted);
                }
            }
            if is_counted {
                self.close_month(visits.len() as u64);
            }
        }
    }

    /// One page view under all limits.
    fn view(&mut self, storage: usize, view: &PageView, is_counted: bool) {
        let limits = self.storages[storage].iter_mut().zip(&mut self.persons).enumerate();
        for (place, (storage, person)) in limits {
            let outcome = storage.view(&self.plan.rules, place, view, person);
            if is_counted {
                let (counts, month) = (&mut self.counts.limits[place], &mut self.month[place]);
                counts.open += u64::from(outcome.open);
                for surface in 0..Surface::COUNT {
                    counts.views[surface] += u64::from(outcome.met[surface]);
                    month.met[surface] |= outcome.met[surface];
                    month.done[surface] |= outcome.done[surface];
                }
            }
        }
        if is_counted {
            self.counts.views += 1;
            if self.opened.len() < 6 && !self.opened.contains(&view.article) {
                self.opened.push(view.article);
            }
        }
    }

    fn close_month(&mut self, visits: u64) {
        self.counts.readers += 1;
        self.counts.visits += visits;
        let size = match self.opened.len() {
            0 | 1 => 0,
            2..=5 => 1,
            _ => 2,
        };
        self.counts.by_articles[size] += 1;
        self.opened.clear();
        for (counts, month) in self.counts.limits.iter_mut().zip(&mut self.month) {
            let month = std::mem::take(month);
            add(&mut counts.readers, &month.met.map(u64::from));
            add(&mut counts.done, &month.done.map(u64::from));
        }
    }
}

/// The page views of a visit, one after the other.
pub(super) fn page_views<'a>(
    calendar: &Calendar,
    reader: &'a Reader,
    visit: &Visit,
) -> impl Iterator<Item = PageView> + use<'a> {
    let now = visit.minute;
    let (until, day_ends) = (calendar.counts_until(now), calendar.day_ends(now));
    let (is_shared, willing) = (calendar.is_shared(), reader.willing[visit.month]);
    visit.views.clone().map(move |view| PageView {
        article: reader.articles[view],
        now,
        until,
        is_shared,
        day_ends,
        willing,
        turns_down: reader.turns_down[view],
    })
}

#[cfg(test)]
mod tests {
    use super::super::model;
    use super::super::rules::tests::rules;
    use super::*;

    fn plan(model: Model, readers: u64, period: &str, months: usize) -> Plan {
        plan_with(&[("--period", period)], model, readers, months)
    }

    fn plan_with(tried: &[(&str, &str)], model: Model, readers: u64, months: usize) -> Plan {
        let rules = rules(tried, 0..=8);
        let calendar = Calendar::new("2026-01", months, &rules).expect("a month");
        Plan { readers, rules, calendar, seed: 1, model }
    }

    /// Everyone returns as often, opens one article a visit and loses nothing.
    fn plain() -> Model {
        Model { visits: 4.0, sign_up: 0.0, register: 0.0, pay: 0.0, ..model::tests::plain() }
    }

    fn shares(counts: &Counts, surface: Surface) -> Vec<f64> {
        counts
            .limits
            .iter()
            .map(|limit| limit.readers[surface.place()] as f64 / counts.readers as f64)
            .collect()
    }

    /// The chances of 0, 1, 2 … visits where so many are expected.
    fn poisson(expected: f64) -> Vec<f64> {
        let mut chances = vec![(-expected).exp()];
        for count in 1..60 {
            chances.push(chances[count - 1] * expected / count as f64);
        }
        chances
    }

    #[test]
    fn those_who_come_once_read_one_article() {
        let model = Model { returning: 0.0, ..plain() };
        let counts = run(&plan(model, 500, "month", 3));
        // Two counted months.
        assert_eq!((counts.readers, counts.views, counts.by_articles), (1000, 1000, [1000, 0, 0]));
        let notice = shares(&counts, Surface::Notice);
        let gate = shares(&counts, Surface::Subscribe);
        assert_eq!((&notice[..3], &gate[..3]), (&[0.0, 1.0, 0.0][..], &[1.0, 0.0, 0.0][..]));
        let open: Vec<u64> = counts.limits.iter().map(|limit| limit.open).collect();
        assert_eq!(open[..3], [0, 1000, 1000]);
    }

    #[test]
    fn evenly_returning_readers_meet_what_the_poisson_distribution_says() {
        let counts = run(&plan(plain(), 60_000, "month", 2));
        // February: 28 of the 30.4375 days of an average month.
        let expected = 4.0 * 28.0 / (365.25 / 12.0);
        let chances = poisson(expected);
        let came = 1.0 - chances[0];
        for (place, limit) in (0..=8_usize).enumerate() {
            let gated: f64 = chances.iter().skip(limit + 1).sum::<f64>() / came;
            let noticed: f64 = if limit == 0 { 0.0 } else { chances.iter().skip(limit).sum::<f64>() / came };
            let beyond: f64 =
                chances.iter().enumerate().map(|(n, p)| p * n.saturating_sub(limit) as f64).sum();
            let counted = &counts.limits[place];
            for (what, found, right) in [
                ("gated readers", shares(&counts, Surface::Subscribe)[place], gated),
                ("noticed readers", shares(&counts, Surface::Notice)[place], noticed),
                (
                    "gated views",
                    counted.views[Surface::Subscribe.place()] as f64 / counts.views as f64,
                    beyond / expected,
                ),
            ] {
                assert!((found - right).abs() < 0.01, "{what} at {limit}: {found}, not {right}");
            }
        }
    }

    #[test]
    fn a_higher_limit_never_gates_more() {
        for period in ["day", "week", "month", "year"] {
            let counts = run(&plan(Model::default(), 20_000, period, 4));
            for pair in counts.limits.windows(2) {
                let gate = Surface::Subscribe.place();
                assert!(pair[1].readers[gate] <= pair[0].readers[gate], "readers, {period}");
                assert!(pair[1].views[gate] <= pair[0].views[gate], "page views, {period}");
                assert!(pair[1].open >= pair[0].open, "open articles, {period}");
            }
        }
    }

    #[test]
    fn a_page_view_is_open_or_gated() {
        let steadfast = Model { pay: 0.0, ..Model::default() };
        for model in [steadfast, Model::default(), Model { pay: 0.5, ..steadfast }] {
            let counts = run(&plan(model, 5_000, "month", 3));
            assert_eq!(counts.by_articles.iter().sum::<u64>(), counts.readers);
            for limit in &counts.limits {
                let gate = Surface::Subscribe.place();
                // Who subscribes at the gate reads on: once, for nobody meets it again.
                assert_eq!(limit.open + limit.views[gate], counts.views + limit.done[gate]);
                assert_eq!(limit.done[gate] > 0, model.pay > 0.0);
                for surface in Surface::ALL {
                    let place = surface.place();
                    let (readers, views) = (limit.readers[place], limit.views[place]);
                    assert!(readers <= views && readers <= counts.readers, "{surface:?}");
                    assert!(limit.done[place] <= readers, "{surface:?}");
                }
            }
        }
    }

    #[test]
    fn steps_that_nobody_does_or_meets_change_nothing() {
        let model = Model { pay: 0.0, ..Model::default() };
        let bare = run(&plan(model, 5_000, "month", 3));
        for steps in
            ["notice | subscribe", "notice", "subscribe | notice", "notice | register from 99 | subscribe"]
        {
            assert_eq!(run(&plan_with(&[("--steps", steps)], model, 5_000, 3)), bare, "{steps}");
        }
        // Nor do limits of tiers that nobody has.
        let tried = [("--newsletter-limit", "+3"), ("--registered-limit", "1000")];
        assert_eq!(run(&plan_with(&tried, model, 5_000, 3)), bare);
        // A share of those who are asked is none where nobody is.
        assert_eq!(run(&plan(Model { sign_up: 1.0, register: 1.0, ..model }, 5_000, "month", 3)), bare);
    }

    #[test]
    fn where_all_register_they_read_under_the_registered_limit() {
        // Nothing is lost, so that everybody is asked once.
        let model = Model { register: 1.0, ..plain() };
        let bare = run(&plan(model, 5_000, "month", 3));
        let steps = [("--steps", "register from 1 | subscribe"), ("--registered-limit", "+2")];
        let counts = run(&plan_with(&steps, model, 5_000, 3));
        let (gate, register) = (Surface::Subscribe.place(), Surface::Register.place());
        for limit in 1..=6 {
            assert_eq!(counts.limits[limit].views[gate], bare.limits[limit + 2].views[gate], "{limit}");
            assert_eq!(counts.limits[limit].open, bare.limits[limit + 2].open, "{limit}");
            // Almost all have done it in the first month already, which is not counted.
            let asked = counts.limits[limit].readers[register];
            assert_eq!(asked, counts.limits[limit].done[register]);
            assert!(asked < counts.readers / 50, "{asked}");
        }
        // Where nobody does, the step is a wall.
        let counts = run(&plan_with(&steps, plain(), 5_000, 3));
        assert!(counts.limits.iter().all(|limit| limit.open == 0));
    }

    #[test]
    fn a_step_that_all_turn_down_takes_no_article_away() {
        let model = Model { pay: 0.0, sign_up: 0.0, ..Model::default() };
        let bare = run(&plan(model, 5_000, "month", 3));
        let steps = [("--steps", "newsletter from 1, dismissible | subscribe")];
        let all = run(&plan_with(&steps, model, 5_000, 3));
        let half = run(&plan_with(&steps, Model { turn_down: 0.5, ..model }, 5_000, 3));
        let newsletter = Surface::Newsletter.place();
        for (limit, ((bare, all), half)) in
            bare.limits.iter().zip(&all.limits).zip(&half.limits).enumerate().skip(1)
        {
            assert_eq!(all.open, bare.open, "{limit}");
            assert!(half.open < bare.open && all.views[newsletter] > 0, "{limit}");
        }
    }

    #[test]
    fn a_cap_shows_a_step_less_often_and_to_as_many() {
        let model = Model { pay: 0.0, sign_up: 0.0, private: 0.0, ..Model::default() };
        let shown = |cap: &str| {
            let steps = format!("newsletter from 1, dismissible{cap} | subscribe");
            let counts = run(&plan_with(&[("--steps", &steps)], model, 5_000, 3));
            let limit = &counts.limits[8];
            let place = Surface::Newsletter.place();
            (limit.views[place], limit.readers[place], counts.readers)
        };
        let (all, month, week, day) = (shown(""), shown(", 1/month"), shown(", 1/week"), shown(", 1/day"));
        assert!(month.0 < week.0 && week.0 < day.0 && day.0 < all.0, "{month:?} {week:?} {day:?} {all:?}");
        assert!(shown(", 2/week").0 > week.0 && shown(", 100/day") == all);
        // A reader who was asked late in one month is not asked early in the next.
        assert!(month.1 < all.1 && month.1 > all.1 / 2, "{month:?} {all:?}");
        // A subscription that is capped lets readers pass.
        let open = |steps: &str| run(&plan_with(&[("--steps", steps)], model, 5_000, 3)).limits[1].open;
        assert!(open("subscribe 1/week") > open("subscribe"));
    }

    #[test]
    fn windows_that_begin_with_a_read_gate_as_they_should() {
        let gated = |window: &str, period: &str| -> Vec<u64> {
            let tried = [("--window", window), ("--period", period)];
            let counts = run(&plan_with(&tried, Model { pay: 0.0, ..plain() }, 20_000, 4));
            counts.limits.iter().map(|limit| limit.views[Surface::Subscribe.place()]).collect()
        };
        let (calendar, rolling, first) =
            (gated("calendar", "7d"), gated("rolling", "7d"), gated("first-view", "7d"));
        assert_eq!(
            (calendar[0], rolling[0]),
            (first[0], first[0]),
            "no free articles are none in any window"
        );
        for limit in 1..=4 {
            // A calendar's period is often entered in its middle; the other windows are always whole.
            assert!(calendar[limit] < first[limit], "{limit}: {calendar:?} {first:?}");
            assert!(first[limit] <= rolling[limit], "{limit}: {first:?} {rolling:?}");
        }
        // With one free article the two are the same: the first read ends, and the next begins.
        assert_eq!(first[1], rolling[1]);
        // The calendar's own weeks, and blocks of as many days, are about the same.
        let weeks = gated("calendar", "week");
        assert!((weeks[1] as f64 / calendar[1] as f64 - 1.0).abs() < 0.05, "{weeks:?} {calendar:?}");
    }

    #[test]
    fn longer_periods_gate_more_and_lost_storage_less() {
        let gated = |model: Model, period: &str, months: usize| -> u64 {
            let counts = run(&plan(model, 5_000, period, months));
            counts.limits[2].views[Surface::Subscribe.place()]
        };
        let by_period = ["day", "week", "month", "year"].map(|period| gated(Model::default(), period, 6));
        assert!(by_period.is_sorted() && by_period[0] < by_period[3], "{by_period:?}");
        let all = gated(plain(), "month", 3);
        for lossy in [
            Model { private: 0.5, ..plain() },
            Model { safari: 1.0, ..plain() },
            Model { second_device: 1.0, ..plain() },
            Model { subscribers: 0.3, ..plain() },
            Model { rereads: 0.5, ..plain() },
        ] {
            assert!(gated(lossy, "month", 3) < all, "{lossy:?}");
        }
        assert_eq!(gated(Model { private: 1.0, ..plain() }, "month", 3), 0);
        assert_eq!(gated(Model { subscribers: 1.0, ..plain() }, "month", 3), 0);
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let model = Model { turn_down: 0.6, register: 0.2, ..Model::default() };
        let steps = [("--period", "week"), ("--steps", "newsletter from 1, dismissible, 1/week | register")];
        let plan = plan_with(&steps, model, 3 * CHUNK + 7, 3);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| run(&plan))
        };
        let alone = on(1);
        assert_eq!(alone, on(2));
        assert_eq!(alone, on(7));
        assert_ne!(alone, run(&Plan { seed: 2, ..plan.clone() }));
    }

    #[test]
    fn what_readers_do_does_not_depend_on_the_limits_compared() {
        let all = plan(Model::default(), 3_000, "month", 3);
        let one = Plan { rules: rules(&[], 3..=3), ..all.clone() };
        let (all, one) = (run(&all), run(&one));
        assert_eq!((all.readers, all.visits, all.views), (one.readers, one.visits, one.views));
        assert_eq!(all.limits[3], one.limits[0]);
    }

    #[test]
    fn the_default_readers_are_those_of_the_source_they_are_fitted_to() {
        let counts = run(&plan(Model::default(), 50_000, "month", 3));
        for (count, share) in counts.by_articles.into_iter().zip([0.68, 0.23, 0.09]) {
            let found = count as f64 / counts.readers as f64;
            assert!((found - share).abs() < 0.02, "{found}, not {share}");
        }
    }
}
