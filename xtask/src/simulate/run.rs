//! The runs: every reader's page views go through the core under every limit, on all cores, and are counted.

use super::model::{Model, Reader, Readers, STORAGES};
use super::rules::{self, Calendar, Minute, PageView, Surface};
use rayon::prelude::*;

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How many readers a month has.
    pub readers: u64,
    /// The limits that are compared, ascending.
    pub limits: Vec<u32>,
    /// The months, of which the first is not counted, and the periods in them.
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
        .reduce(|| Counts::of(plan.limits.len()), |all, some| all.plus(&some))
}

/// One read in a reader's storage.
#[derive(Clone, Copy, Debug)]
struct Read {
    article: u32,
    until: Minute,
}

/// What one reader's storage holds under one limit.
type Ledger = Vec<Read>;

/// Follows one reader after the other, under all limits at once.
struct Desk<'a> {
    plan: &'a Plan,
    counts: Counts,
    /// For each storage, the ledger of each limit.
    ledgers: [Vec<Ledger>; STORAGES],
    /// For each limit, which surfaces the reader met this month.
    met: Vec<[bool; Surface::COUNT]>,
    /// The articles that the reader opened this month, as far as their number matters.
    opened: Vec<u32>,
}

impl<'a> Desk<'a> {
    fn new(plan: &'a Plan) -> Desk<'a> {
        let limits = plan.limits.len();
        Desk {
            plan,
            counts: Counts::of(limits),
            ledgers: std::array::from_fn(|_| vec![Ledger::new(); limits]),
            met: vec![[false; Surface::COUNT]; limits],
            opened: Vec::new(),
        }
    }

    fn follow(&mut self, reader: &Reader) {
        for ledger in self.ledgers.iter_mut().flatten() {
            ledger.clear();
        }
        // All visits of a month stand together.
        for visits in reader.visits.chunk_by(|one, next| one.month == next.month) {
            // The first month only fills the storages.
            let is_counted = visits.first().is_some_and(|visit| visit.month > 0);
            for visit in visits {
                if visit.is_fresh {
                    self.ledgers[visit.storage].iter_mut().for_each(Ledger::clear);
                }
                let until = self.plan.calendar.counts_until(visit.minute);
                for &article in &reader.articles[visit.views.clone()] {
                    self.view(
                        reader.subscriber,
                        visit.storage,
                        Read { article, until },
                        visit.minute,
                        is_counted,
                    );
                }
            }
            if is_counted {
                self.close_month(visits.len() as u64);
            }
        }
    }

    /// One page view under all limits.
    fn view(&mut self, subscriber: bool, storage: usize, read: Read, now: Minute, is_counted: bool) {
        let limits = self.plan.limits.iter().zip(&mut self.ledgers[storage]);
        for (place, (&limit, ledger)) in limits.enumerate() {
            // The first read is the first to be forgotten.
            if ledger.first().is_some_and(|first| first.until <= now) {
                ledger.retain(|read| read.until > now);
            }
            let outcome = rules::outcome(
                PageView {
                    subscriber,
                    reads: ledger.len() as u32,
                    read_before: ledger.iter().any(|before| before.article == read.article),
                },
                limit,
            );
            if outcome.counts {
                ledger.push(read);
            }
            if is_counted {
                let counts = &mut self.counts.limits[place];
                counts.open += u64::from(outcome.open);
                if let Some(surface) = outcome.surface {
                    counts.views[surface.place()] += 1;
                    self.met[place][surface.place()] = true;
                }
            }
        }
        if is_counted {
            self.counts.views += 1;
            self.counts.subscriber_views += u64::from(subscriber);
            if self.opened.len() < 6 && !self.opened.contains(&read.article) {
                self.opened.push(read.article);
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
        for (counts, met) in self.counts.limits.iter_mut().zip(&mut self.met) {
            for (count, met) in counts.readers.iter_mut().zip(std::mem::take(met)) {
                *count += u64::from(met);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::Length;
    use super::*;

    fn plan(model: Model, readers: u64, period: Length, months: usize) -> Plan {
        Plan {
            readers,
            limits: (0..=8).collect(),
            calendar: Calendar::new("2026-01", months, period).expect("a month"),
            seed: 1,
            model,
        }
    }

    /// Everyone returns as often, opens one article a visit and loses nothing.
    fn plain() -> Model {
        Model {
            returning: 1.0,
            visits: 4.0,
            spread: 0.0,
            articles: 1.0,
            rereads: 0.0,
            private: 0.0,
            safari: 0.0,
            second_device: 0.0,
            subscribers: 0.0,
            ..Model::default()
        }
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
        let counts = run(&plan(model, 500, Length::Month, 3));
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
        let counts = run(&plan(plain(), 60_000, Length::Month, 2));
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
                ("gated views", counted.views[1] as f64 / counts.views as f64, beyond / expected),
            ] {
                assert!((found - right).abs() < 0.01, "{what} at {limit}: {found}, not {right}");
            }
        }
    }

    #[test]
    fn a_higher_limit_never_gates_more() {
        for period in Length::ALL {
            let counts = run(&plan(Model::default(), 20_000, period, 4));
            for pair in counts.limits.windows(2) {
                let gate = Surface::Subscribe.place();
                assert!(pair[1].readers[gate] <= pair[0].readers[gate], "readers, {period:?}");
                assert!(pair[1].views[gate] <= pair[0].views[gate], "page views, {period:?}");
                assert!(pair[1].open >= pair[0].open, "open articles, {period:?}");
            }
        }
    }

    #[test]
    fn a_page_view_is_open_or_gated() {
        let counts = run(&plan(Model::default(), 5_000, Length::Month, 3));
        assert_eq!(counts.by_articles.iter().sum::<u64>(), counts.readers);
        for limit in &counts.limits {
            assert_eq!(limit.open + limit.views[Surface::Subscribe.place()], counts.views);
            for surface in Surface::ALL {
                let (readers, views) = (limit.readers[surface.place()], limit.views[surface.place()]);
                assert!(readers <= views && readers <= counts.readers, "{surface:?}");
            }
        }
    }

    #[test]
    fn longer_periods_gate_more_and_lost_storage_less() {
        let gated = |model: Model, period: Length, months: usize| -> u64 {
            let counts = run(&plan(model, 5_000, period, months));
            counts.limits[2].views[Surface::Subscribe.place()]
        };
        let by_period = Length::ALL.map(|period| gated(Model::default(), period, 6));
        assert!(by_period.is_sorted() && by_period[0] < by_period[3], "{by_period:?}");
        let all = gated(plain(), Length::Month, 3);
        for lossy in [
            Model { private: 0.5, ..plain() },
            Model { safari: 1.0, ..plain() },
            Model { second_device: 1.0, ..plain() },
            Model { subscribers: 0.3, ..plain() },
            Model { rereads: 0.5, ..plain() },
        ] {
            assert!(gated(lossy, Length::Month, 3) < all, "{lossy:?}");
        }
        assert_eq!(gated(Model { private: 1.0, ..plain() }, Length::Month, 3), 0);
        assert_eq!(gated(Model { subscribers: 1.0, ..plain() }, Length::Month, 3), 0);
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let plan = plan(Model::default(), 3 * CHUNK + 7, Length::Week, 3);
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
        let all = plan(Model::default(), 3_000, Length::Month, 3);
        let one = Plan { limits: vec![3], ..all.clone() };
        let (all, one) = (run(&all), run(&one));
        assert_eq!((all.readers, all.visits, all.views), (one.readers, one.visits, one.views));
        assert_eq!(all.limits[3], one.limits[0]);
    }

    #[test]
    fn the_default_readers_are_those_of_the_source_they_are_fitted_to() {
        let counts = run(&plan(Model::default(), 50_000, Length::Month, 3));
        for (count, share) in counts.by_articles.into_iter().zip([0.68, 0.23, 0.09]) {
            let found = count as f64 / counts.readers as f64;
            assert!((found - share).abs() < 0.02, "{found}, not {share}");
        }
    }
}
