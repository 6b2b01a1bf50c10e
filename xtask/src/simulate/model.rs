//! The model of readers: its parameters, each with its meaning and its source, and the visits that one reader makes.
//!
//! A month's readers are of two kinds. Passers-by come once and are other people the next month. Returning readers stay
//! the same people; how often they come is drawn once for each from a log-normal distribution, which has a heavy tail,
//! and their visits fall evenly on a month's minutes. What they meet changes nothing in how often they come. At a surface
//! that asks for something they do it or not: once a month each reader's dice say what this reader would do when asked.

use super::rules::{Calendar, DAY, Minute, Surface};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Geometric, LogNormal, Poisson};
use std::ops::Range;

/// How a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number, as it is.
    Number,
    /// A share, written in per cent.
    Share,
}

/// One parameter of the model.
pub(crate) struct Parameter {
    /// Its option on the command line.
    pub option: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// The values it may have, as they are written.
    pub least: f64,
    /// See [`Parameter::least`].
    pub most: f64,
    /// What it says of readers.
    pub meaning: &'static str,
    /// Where the default comes from.
    pub source: &'static str,
    field: fn(&mut Model) -> &mut f64,
}

/// The values of all parameters; shares from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Model {
    /// See [`PARAMETERS`] for the meaning of each.
    pub returning: f64,
    pub visits: f64,
    pub spread: f64,
    pub articles: f64,
    pub rereads: f64,
    pub private: f64,
    pub safari: f64,
    pub safari_days: f64,
    pub second_device: f64,
    pub subscribers: f64,
    pub sign_up: f64,
    pub register: f64,
    pub pay: f64,
    pub turn_down: f64,
}

impl Default for Model {
    fn default() -> Model {
        Model {
            returning: 0.25,
            visits: 6.0,
            spread: 1.2,
            articles: 1.2,
            rereads: 0.03,
            private: 0.05,
            safari: 0.20,
            safari_days: 7.0,
            second_device: 0.33,
            subscribers: 0.12,
            sign_up: 0.005,
            register: 0.03,
            pay: 0.005,
            turn_down: 1.0,
        }
    }
}

/// Nobody comes more often than this in an average month: five times a day.
const MOST_VISITS: f64 = 150.0;

/// All parameters, in the order they are printed.
pub(crate) const PARAMETERS: [Parameter; 14] = [
    Parameter {
        option: "--returning",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of a month's readers come back now and then; the others come once",
        source: "assumption, fitted with the next three to what 15 metropolitan publishers count in 30 days: 68% of readers \
                 view one article, 23% two to five, 9% more (Mele, Skibinski, Spector: Digital Pay-Meter Playbook, \
                 Shorenstein Center and Lenfest Institute, 2019)",
        field: |model| &mut model.returning,
    },
    Parameter {
        option: "--visits",
        kind: Kind::Number,
        least: 0.1,
        most: MOST_VISITS,
        meaning: "visits a month a returning reader makes, on average",
        source: "assumption, fitted as above; between the 10.9 a month of those who come to 26 US news sites directly and \
                 the 3.1 and 2.9 of those who come by a search or Facebook (Pew Research Center: Social, Search and \
                 Direct, 2014)",
        field: |model| &mut model.visits,
    },
    Parameter {
        option: "--spread",
        kind: Kind::Number,
        least: 0.0,
        most: 3.0,
        meaning: "how unequal they are: the log-normal's sigma; 0 makes all alike, and nobody comes more than 150 times",
        source: "assumption, fitted as above; that a few per cent of readers make a quarter of the page views is an old \
                 finding (Yelvington: The soft paywall, 2010: more than 20 visits a month, 2 to 3% of users, 20 to 30% of \
                 page views), that visits to sites have a heavy tail an older one (Montgomery, Faloutsos: Trends and \
                 Patterns of WWW Browsing Behavior, Carnegie Mellon)",
        field: |model| &mut model.spread,
    },
    Parameter {
        option: "--articles",
        kind: Kind::Number,
        least: 1.0,
        most: 50.0,
        meaning: "articles opened in a visit, on average, at least one (geometric)",
        source: "assumption, fitted as above; below the 1.4 to 2.3 pages a visit, front pages and all, that follow from \
                 Pew Research Center's figures of 2014",
        field: |model| &mut model.articles,
    },
    Parameter {
        option: "--rereads",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of page views open one of the reader's last ten articles again",
        source: "assumption",
        field: |model| &mut model.rereads,
    },
    Parameter {
        option: "--private",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of visits are made in a private window, whose storage ends with the visit",
        source: "assumption: no public measurement on news sites is known to us; DuckDuckGo: A Study on Private Browsing, \
                 2017, counts people and not visits: a third of those who use private windows do so daily",
        field: |model| &mut model.private,
    },
    Parameter {
        option: "--safari",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of devices read in Safari, which deletes what scripts have stored",
        source: "StatCounter Global Stats, all devices worldwide, early 2022: 19.8%; where iPhones are many, set more",
        field: |model| &mut model.safari,
    },
    Parameter {
        option: "--safari-days",
        kind: Kind::Number,
        least: 1.0,
        most: 1000.0,
        meaning: "days without a visit after which Safari has deleted it",
        source: "WebKit: Full Third-Party Cookie Blocking and More, 2020 (webkit.org/blog/10218): seven days of Safari use \
                 without interaction; assumption: Safari is used daily and every visit has a tap, a click or a key",
        field: |model| &mut model.safari_days,
    },
    Parameter {
        option: "--second-device",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of returning readers come on two devices in turn, at random",
        source: "Reuters Institute Digital News Report 2013: 33% consume news on at least two devices in a week; \
                 assumption: also on one site, and half of the visits on each",
        field: |model| &mut model.second_device,
    },
    Parameter {
        option: "--subscribers",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of visits are made by subscribers, who are among the returning readers and always known",
        source: "Chartbeat for Press Gazette, 2022: 12% of the page views of 670 news sites with subscriptions; \
                 assumption: a subscriber comes as often as others who return",
        field: |model| &mut model.subscribers,
    },
    Parameter {
        option: "--sign-up",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of the readers who are asked for their address in a month sign up for the newsletter",
        source: "Google News Initiative, Local News Experiments Project (Village Media, undated): a newsletter's pop-up on \
                 a local news site, 0.37% before and 0.68% after its words were changed; assumption: of readers, and as \
                 many where it stands in the text's place, which should be more",
        field: |model| &mut model.sign_up,
    },
    Parameter {
        option: "--register",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of the readers who are asked to in a month make an account",
        source: "Mather Economics: An inside look at a registration wall launch, 2022: 3.14% of those who saw the wall of \
                 one small North American publisher, from the second article on; assumption: in each month",
        field: |model| &mut model.register,
    },
    Parameter {
        option: "--pay",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of the readers who meet the gate in a month subscribe",
        source: "Press+ for the Newspaper Association of America, 2014, by Nieman Lab: on average 0.5% of those who are \
                 stopped, 1 to 2% with the best of more than 450 publications",
        field: |model| &mut model.pay,
    },
    Parameter {
        option: "--turn-down",
        kind: Kind::Share,
        least: 0.0,
        most: 100.0,
        meaning: "of page views at which a step may be turned down, and the reader does not do it, go on; the others end",
        source: "assumption: all who came to read do",
        field: |model| &mut model.turn_down,
    },
];

impl Parameter {
    /// Its value in this model, as it is written: a share in per cent.
    pub(crate) fn value(&self, model: &Model) -> f64 {
        let value = *(self.field)(&mut { *model });
        if self.kind == Kind::Share { value * 100.0 } else { value }
    }

    /// Its value in words: `25%` or `1.2`.
    pub(crate) fn shown(&self, model: &Model) -> String {
        // Rounded where binary fractions would show.
        let value = (self.value(model) * 1e6).round() / 1e6;
        if self.kind == Kind::Share { format!("{value}%") } else { format!("{value}") }
    }

    /// Sets it from what was written, `25`, `25%` or `1.2`; the error is a sentence for the person who wrote it.
    pub(crate) fn set(&self, model: &mut Model, written: &str) -> Result<(), String> {
        let number = if self.kind == Kind::Share { written.trim_end_matches('%') } else { written };
        let value: Option<f64> = number.parse().ok();
        let value = value.filter(|value| (self.least..=self.most).contains(value)).ok_or_else(|| {
            let unit = if self.kind == Kind::Share { "%" } else { "" };
            format!("`{written}`: {} takes {}{unit} to {}{unit}.", self.option, self.least, self.most)
        })?;
        *(self.field)(model) = if self.kind == Kind::Share { value / 100.0 } else { value };
        Ok(())
    }
}

impl Model {
    /// The share of returning readers that are subscribers, so that the visits of these are as many as was asked for; if
    /// that is more than returning readers make, all of them are.
    fn subscribers_among_returning(&self) -> f64 {
        let returning = self.returning * self.visits;
        let visits = 1.0 - self.returning + returning;
        if returning > 0.0 { (self.subscribers * visits / returning).min(1.0) } else { 0.0 }
    }
}

/// Where a visit's reads are stored: the first or the second device, or a private window.
pub(crate) const STORAGES: usize = 3;
const PRIVATE_WINDOW: usize = 2;

/// What is done of what is asked for, and when it is forgotten.
pub(crate) const LASTING: &str = "\
At the start nobody has the newsletter or an account. Who has signed up or registered is known on that device until its
storage is lost, in a private window until it closes, and then does it again when asked, as does the same person on a
second device. Who subscribes is known everywhere from then on. Nobody cancels, and all stay as long as it takes to count.";

/// One visit of a reader.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// When it begins.
    pub minute: Minute,
    /// The month it falls in.
    pub month: usize,
    /// Which of the [`STORAGES`] it has.
    pub storage: usize,
    /// Whether that storage is empty, whatever was stored there before.
    pub is_fresh: bool,
    /// Its page views, as a range in [`Reader::articles`].
    pub views: Range<usize>,
}

/// One reader's history.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// Whether the reader pays.
    pub subscriber: bool,
    /// Whether it is another person in each month.
    pub passes_by: bool,
    /// For each month and surface, whether the reader would do what it asks for.
    pub willing: Vec<[bool; Surface::COUNT]>,
    /// For each page view, whether the reader would turn down what may be turned down.
    pub turns_down: Vec<bool>,
    /// The visits, in order.
    pub visits: Vec<Visit>,
    /// The article of each page view, by a number of this reader's own.
    pub articles: Vec<u32>,
    minutes: Vec<Minute>,
}

/// The model made ready to draw readers from.
pub(crate) struct Readers<'a> {
    model: Model,
    calendar: &'a Calendar,
    rate: LogNormal<f64>,
    more_articles: Geometric,
    subscribers: f64,
}

impl<'a> Readers<'a> {
    /// Readers of this model in these months.
    pub(crate) fn new(model: &Model, calendar: &'a Calendar) -> Readers<'a> {
        let mean = model.visits.ln() - model.spread * model.spread / 2.0;
        Readers {
            model: *model,
            calendar,
            rate: LogNormal::new(mean, model.spread).expect("bounded by the parameters"),
            more_articles: Geometric::new(1.0 / model.articles).expect("bounded by the parameters"),
            subscribers: model.subscribers_among_returning(),
        }
    }

    /// Draws the reader of this number. The same number and seed give the same reader, whatever else is drawn.
    pub(crate) fn draw(&self, seed: u64, number: u64, reader: &mut Reader) {
        // The odd constant spreads neighbours over all seeds; seed_from_u64 mixes them.
        let mut dice =
            Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        reader.visits.clear();
        reader.articles.clear();
        reader.passes_by = false;
        if dice.random_bool(self.model.returning) {
            self.draw_returning(&mut dice, reader);
        } else {
            self.draw_passers_by(&mut dice, reader);
        }
        self.draw_temper(&mut dice, reader);
    }

    /// What the reader would do at the surfaces. Drawn last, and each from a throw of its own: whether someone signs up changes
    /// neither when people come nor what others do.
    fn draw_temper(&self, dice: &mut Xoshiro256PlusPlus, reader: &mut Reader) {
        let model = &self.model;
        reader.willing.clear();
        reader.willing.extend(self.calendar.months.iter().map(|_| {
            [0.0, model.sign_up, model.register, model.pay].map(|share| dice.random::<f64>() < share)
        }));
        reader.turns_down.clear();
        if model.turn_down < 1.0 {
            let views = reader.articles.iter();
            reader.turns_down.extend(views.map(|_| dice.random::<f64>() < model.turn_down));
        } else {
            reader.turns_down.resize(reader.articles.len(), true);
        }
    }

    /// Another person each month, who comes once.
    fn draw_passers_by(&self, dice: &mut Xoshiro256PlusPlus, reader: &mut Reader) {
        reader.subscriber = false;
        reader.passes_by = true;
        for (index, month) in self.calendar.months.iter().enumerate() {
            let minute = dice.random_range(month.start..month.end);
            let known = reader.articles.len() as u32;
            let views = self.draw_views(dice, known, known, &mut reader.articles);
            reader.visits.push(Visit { minute, month: index, storage: 0, is_fresh: true, views });
        }
    }

    /// One person, all the time.
    fn draw_returning(&self, dice: &mut Xoshiro256PlusPlus, reader: &mut Reader) {
        reader.subscriber = dice.random_bool(self.subscribers);
        let has_two = dice.random_bool(self.model.second_device);
        let in_safari = [dice.random_bool(self.model.safari), dice.random_bool(self.model.safari)];
        let rate = self.rate.sample(dice).min(MOST_VISITS);
        let patience = (self.model.safari_days * DAY as f64) as Minute;
        let mut last_visits = [None; 2];
        let mut next_article = 0;
        for (index, month) in self.calendar.months.iter().enumerate() {
            let minutes = month.end - month.start;
            // An average month has a twelfth of 365.25 days.
            let expected = rate * minutes as f64 / (DAY as f64 * 365.25 / 12.0);
            let count = if expected > 0.0 {
                Poisson::new(expected).expect("above 0 and bounded").sample(dice) as usize
            } else {
                0
            };
            reader.minutes.clear();
            reader.minutes.extend((0..count).map(|_| dice.random_range(month.start..month.end)));
            reader.minutes.sort_unstable();
            for &minute in &reader.minutes {
                let device = usize::from(has_two && dice.random_bool(0.5));
                let (storage, is_fresh) = if dice.random_bool(self.model.private) {
                    (PRIVATE_WINDOW, true)
                } else {
                    let last = last_visits[device].replace(minute);
                    (device, in_safari[device] && last.is_some_and(|last| minute - last >= patience))
                };
                let views = self.draw_views(dice, 0, next_article, &mut reader.articles);
                next_article = reader.articles[views.clone()]
                    .iter()
                    .map(|&article| article + 1)
                    .fold(next_article, u32::max);
                reader.visits.push(Visit { minute, month: index, storage, is_fresh, views });
            }
        }
    }

    /// The page views of a visit. The person has seen the articles from `first` up to `next`, which is the next new one.
    fn draw_views(
        &self,
        dice: &mut Xoshiro256PlusPlus,
        first: u32,
        mut next: u32,
        articles: &mut Vec<u32>,
    ) -> Range<usize> {
        let start = articles.len();
        // A hundred more is never reached but by absurd parameters.
        let count = 1 + self.more_articles.sample(dice).min(500);
        for _ in 0..count {
            let is_again = dice.random_bool(self.model.rereads);
            let article = if is_again && next > first {
                dice.random_range(first.max(next.saturating_sub(10))..next)
            } else {
                next += 1;
                next - 1
            };
            articles.push(article);
        }
        start..articles.len()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::rules::tests::rules;
    use super::*;

    fn calendar() -> Calendar {
        Calendar::new("2026-01", 3, &rules(&[], 1..=1)).expect("a month")
    }

    fn readers(model: Model, count: u64) -> Vec<Reader> {
        let calendar = calendar();
        let readers = Readers::new(&model, &calendar);
        (0..count)
            .map(|number| {
                let mut reader = Reader::default();
                readers.draw(1, number, &mut reader);
                reader
            })
            .collect()
    }

    /// All alike, and nothing is ever lost.
    pub(crate) fn plain() -> Model {
        Model {
            returning: 1.0,
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

    #[test]
    fn every_parameter_is_written_and_read_back() {
        for parameter in &PARAMETERS {
            let mut model = Model::default();
            let written = parameter.shown(&model);
            parameter.set(&mut model, &written).expect(parameter.option);
            assert_eq!(parameter.shown(&model), written);
            let is_most = parameter.value(&model) == parameter.most;
            let other = if is_most { parameter.least } else { parameter.most };
            parameter.set(&mut model, &other.to_string()).expect(parameter.option);
            assert_ne!(model, Model::default(), "{} sets nothing", parameter.option);
            for wrong in ["", "-1", "many", "1e9", "NaN", "inf"] {
                let complaint = parameter.set(&mut model, wrong).expect_err(wrong);
                assert!(complaint.contains(parameter.option), "{complaint}");
            }
        }
    }

    #[test]
    fn every_default_has_a_source_or_says_that_it_is_assumed() {
        for parameter in &PARAMETERS {
            let has_year = parameter.source.contains("20");
            assert!(has_year || parameter.source.contains("assumption"), "{}", parameter.option);
        }
    }

    #[test]
    fn visits_are_as_many_as_the_model_says() {
        let readers = readers(plain(), 20_000);
        let visits: usize = readers.iter().map(|reader| reader.visits.len()).sum();
        // 90 of 365.25 days.
        let expected = 20_000.0 * 6.0 * 12.0 * 90.0 / 365.25;
        assert!((visits as f64 / expected - 1.0).abs() < 0.01, "{visits} of {expected}");
    }

    #[test]
    fn a_reader_stays_within_the_calendar_and_in_order() {
        let calendar = calendar();
        for reader in readers(Model::default(), 5_000) {
            assert!(reader.visits.is_sorted_by_key(|visit| visit.minute));
            for visit in &reader.visits {
                let month = &calendar.months[visit.month];
                assert!((month.start..month.end).contains(&visit.minute));
                assert!(visit.storage < STORAGES && !visit.views.is_empty());
            }
        }
    }

    #[test]
    fn subscribers_make_the_share_of_visits_that_was_asked_for() {
        let readers = readers(Model { spread: 0.5, ..Model::default() }, 50_000);
        let count = |subscribers: bool| -> usize {
            let visits = readers.iter().filter(|reader| reader.subscriber || !subscribers);
            visits.map(|reader| reader.visits.len()).sum()
        };
        let share = count(true) as f64 / count(false) as f64;
        assert!((share - 0.12).abs() < 0.01, "{share}");
        assert_eq!(Model { returning: 0.0, ..Model::default() }.subscribers_among_returning(), 0.0);
        assert_eq!(Model { subscribers: 1.0, ..Model::default() }.subscribers_among_returning(), 1.0);
    }

    #[test]
    fn what_readers_would_do_is_as_often_as_the_model_says_and_changes_nothing_else() {
        let mind = Model { sign_up: 0.5, register: 0.2, pay: 0.1, turn_down: 0.7, ..Model::default() };
        let drawn = readers(mind, 20_000);
        let months: Vec<&[bool; 4]> = drawn.iter().flat_map(|reader| &reader.willing).collect();
        for (place, expected) in [0.0, 0.5, 0.2, 0.1].into_iter().enumerate() {
            let found = months.iter().filter(|month| month[place]).count() as f64 / months.len() as f64;
            assert!((found - expected).abs() < 0.01, "{place}: {found}, not {expected}");
        }
        let views: Vec<bool> = drawn.iter().flat_map(|reader| reader.turns_down.clone()).collect();
        let found = views.iter().filter(|turns_down| **turns_down).count() as f64 / views.len() as f64;
        assert!((found - 0.7).abs() < 0.01, "{found}");
        let others = readers(Model { turn_down: 1.0, pay: 0.0, ..mind }, 20_000);
        for (one, other) in drawn.iter().zip(&others) {
            assert_eq!((&one.articles, one.visits.len()), (&other.articles, other.visits.len()));
            let but_paying = |reader: &Reader| -> Vec<(bool, bool)> {
                reader.willing.iter().map(|month| (month[1], month[2])).collect()
            };
            assert_eq!(but_paying(one), but_paying(other));
        }
    }

    #[test]
    fn safari_forgets_only_after_seven_days_and_private_windows_at_once() {
        let safari = readers(Model { safari: 1.0, ..plain() }, 2_000);
        let mut forgotten = 0;
        for reader in &safari {
            for pair in reader.visits.windows(2) {
                let gap = pair[1].minute - pair[0].minute;
                assert_eq!(pair[1].is_fresh, gap >= 7 * DAY);
                forgotten += usize::from(pair[1].is_fresh);
            }
        }
        assert!(forgotten > 0);
        let private = readers(Model { private: 1.0, ..plain() }, 100);
        assert!(private.iter().flat_map(|reader| &reader.visits).all(|visit| visit.is_fresh));
        let lossless = readers(plain(), 100);
        assert!(!lossless.iter().flat_map(|reader| &reader.visits).any(|visit| visit.is_fresh));
    }

    #[test]
    fn articles_are_new_or_among_the_last_ten() {
        for reader in readers(Model { rereads: 0.5, articles: 3.0, returning: 1.0, ..Model::default() }, 500)
        {
            let mut next = 0;
            for article in reader.articles {
                assert!(article == next || (next.saturating_sub(10)..next).contains(&article));
                next = next.max(article + 1);
            }
        }
    }
}
