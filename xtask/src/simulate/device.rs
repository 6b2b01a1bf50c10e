//! A reader's device under one limit: what its storage holds, and what becomes of a page view on it. The core decides;
//! here is only kept what the product keeps, and done what readers do.

use super::rules::{DAY, Decided, Known, Minute, Rules, Step, Surface, Tier};

/// One read in a storage.
#[derive(Clone, Copy, Debug)]
struct Read {
    article: u32,
    until: Minute,
}

/// That a surface with a cap showed for an article on a day.
#[derive(Clone, Copy, Debug)]
struct Mark {
    surface: Surface,
    article: u32,
    until: Minute,
}

/// What one storage holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    reads: Vec<Read>,
    marks: Vec<Mark>,
    /// Whom the host takes the reader for.
    tier: Tier,
}

/// A page view, as far as it does not depend on the limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageView {
    /// The article, by a number of the reader's own.
    pub article: u32,
    /// When.
    pub now: Minute,
    /// Until when the read counts, unless it shares a period that has begun.
    pub until: Minute,
    /// Whether it would share one.
    pub is_shared: bool,
    /// The end of that day.
    pub day_ends: Minute,
    /// For each surface, whether the reader does what it asks for.
    pub willing: [bool; Surface::COUNT],
    /// Whether the reader turns down what may be turned down.
    pub turns_down: bool,
}

/// What became of a page view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// For each surface, whether the reader met it.
    pub met: [bool; Surface::COUNT],
    /// For each surface, whether the reader did what it asks for, for the first time.
    pub done: [bool; Surface::COUNT],
    /// Whether the article was open in the end.
    pub open: bool,
}

impl Storage {
    /// Nothing is stored any more, and the reader is logged out.
    pub(crate) fn clear(&mut self) {
        self.reads.clear();
        self.marks.clear();
        self.tier = Tier::Anonymous;
    }

    /// A page view under the limit at this place. `person` is who the reader has become so far, on whatever device: who has
    /// done something once does it again where the device does not know of it, and who pays is known everywhere.
    pub(crate) fn view(
        &mut self,
        rules: &Rules,
        place: usize,
        view: &PageView,
        person: &mut Tier,
    ) -> Outcome {
        // Reads end in the order they began.
        if self.reads.first().is_some_and(|first| first.until <= view.now) {
            self.reads.retain(|read| read.until > view.now);
        }
        let mut outcome = Outcome::default();
        let mut known = Known {
            tier: if *person == Tier::Subscriber { Tier::Subscriber } else { self.tier },
            reads: self.reads.len() as u32,
            read_before: self.reads.iter().any(|read| read.article == view.article),
            dismissed: false,
        };
        let decided = loop {
            let decided = rules.decide(place, known, |step| self.may_show(step, view));
            if let Some(surface) = decided.surface {
                outcome.met[surface.place()] = true;
                if rules.is_capped(surface) {
                    self.mark(surface, view);
                }
                let before = *person;
                if !decided.open && self.reader_acts(surface, decided, view, person, &mut known) {
                    outcome.done[surface.place()] |= *person > before;
                    continue;
                }
            }
            break decided;
        };
        outcome.open = decided.open;
        if decided.counts {
            let begun = self.reads.first().filter(|_| view.is_shared);
            let until = begun.map_or(view.until, |first| first.until);
            self.reads.push(Read { article: view.article, until });
        }
        outcome
    }

    /// What the reader does at a gate; whether there is something to decide anew.
    fn reader_acts(
        &mut self,
        surface: Surface,
        decided: Decided,
        view: &PageView,
        person: &mut Tier,
        known: &mut Known,
    ) -> bool {
        let asked_for = surface.asks_for();
        if view.willing[surface.place()] || *person >= asked_for {
            *person = asked_for.max(*person);
            self.tier = asked_for.max(self.tier);
            known.tier = self.tier;
            return true;
        }
        known.dismissed = decided.dismissible && view.turns_down;
        known.dismissed
    }

    /// Whether a step has not yet shown as often as it may, or shows for this article already: as the machine has it.
    fn may_show(&self, step: Step, view: &PageView) -> bool {
        if step.often == 0 {
            return true;
        }
        let since = step.capped_since(view.now);
        let surface = Surface::of(step);
        let mut shown = 0;
        for mark in &self.marks {
            if mark.surface == surface && mark.until > since {
                if mark.article == view.article {
                    return true;
                }
                shown += 1;
            }
        }
        shown < step.often
    }

    fn mark(&mut self, surface: Surface, view: &PageView) {
        // The longest cap looks back 31 days.
        self.marks.retain(|mark| mark.until > view.now - 31 * DAY);
        let known =
            self.marks.iter_mut().find(|mark| mark.surface == surface && mark.article == view.article);
        match known {
            Some(mark) => mark.until = view.day_ends,
            None => self.marks.push(Mark { surface, article: view.article, until: view.day_ends }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::rules;
    use super::*;

    const NOON: Minute = 20_000 * DAY + DAY / 2;

    fn view(article: u32, now: Minute) -> PageView {
        PageView {
            article,
            now,
            until: now + 30 * DAY,
            is_shared: false,
            day_ends: now / DAY * DAY + DAY,
            willing: [false; Surface::COUNT],
            turns_down: true,
        }
    }

    fn surfaces(outcome: Outcome) -> Vec<&'static str> {
        Surface::ALL.into_iter().filter(|surface| outcome.met[surface.place()]).map(Surface::name).collect()
    }

    #[test]
    fn who_registers_reads_on_under_the_registered_limit() {
        let rules = rules(&[("--steps", "register from 2 | subscribe"), ("--registered-limit", "+1")], 2..=2);
        let (mut storage, mut person) = (Storage::default(), Tier::Anonymous);
        let willing = [false, false, true, false];
        let outcomes = [0, 1, 2, 3].map(|article| {
            let view = PageView { willing, ..view(article, NOON) };
            storage.view(&rules, 0, &view, &mut person)
        });
        assert_eq!(outcomes.map(surfaces), [vec![], vec!["register"], vec![], vec!["subscribe"]]);
        assert_eq!(outcomes.map(|outcome| outcome.open), [true, true, true, false]);
        assert!(outcomes[1].done[Surface::Register.place()]);
        // Logged out, the same person logs in again where it is asked.
        storage.clear();
        let again = [0, 1, 2].map(|article| storage.view(&rules, 0, &view(article, NOON), &mut person));
        assert_eq!(again.map(surfaces), [vec![], vec!["register"], vec![]]);
    }

    #[test]
    fn a_step_is_turned_down_where_it_may_be_and_the_read_counts() {
        let rules = rules(&[("--steps", "newsletter from 2, dismissible, 1/week | subscribe")], 3..=3);
        let (mut storage, mut person) = (Storage::default(), Tier::Anonymous);
        let mut read = |article, day| storage.view(&rules, 0, &view(article, NOON + day * DAY), &mut person);
        assert_eq!(surfaces(read(0, 0)), [""; 0]);
        let second = read(1, 0);
        assert_eq!((surfaces(second), second.open, second.done), (vec!["newsletter"], true, [false; 4]));
        // Once a week; over the limit the gate, which may not be turned down.
        assert_eq!(surfaces(read(2, 0)), [""; 0]);
        assert_eq!((surfaces(read(3, 6)), read(3, 6).open), (vec!["subscribe"], false));
        // Those who neither do it nor turn it down stay where they are.
        let stubborn = PageView { turns_down: false, ..view(1, NOON) };
        let mut other = Storage::default();
        let _ = other.view(&rules, 0, &view(0, NOON), &mut person);
        let outcome = other.view(&rules, 0, &stubborn, &mut person);
        assert_eq!((surfaces(outcome), outcome.open), (vec!["newsletter"], false));
    }

    #[test]
    fn who_pays_is_known_everywhere() {
        let rules = rules(&[], 0..=0);
        let (mut storage, mut person) = (Storage::default(), Tier::Anonymous);
        let willing = [false, false, false, true];
        let first = storage.view(&rules, 0, &PageView { willing, ..view(0, NOON) }, &mut person);
        assert_eq!((surfaces(first), first.open, first.done[3]), (vec!["subscribe"], true, true));
        let elsewhere = Storage::default().view(&rules, 0, &view(1, NOON), &mut person);
        assert_eq!((surfaces(elsewhere), elsewhere.open), (vec![], true));
    }
}
