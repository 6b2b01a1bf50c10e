//! The policy: may this article be read now, and why. A pure function of what is known.

use crate::access::entitlement::{Access, Tier};

/// What the publisher says of one article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub enum Rule {
    /// It is one of those that are metered.
    #[default]
    Metered,
    /// Everyone may read it, and it does not count.
    Free,
    /// Only subscribers may read it.
    Locked,
}

/// The words for [`Rule`], the default first: of `data-tollgate`, of the page's meta tag, and of `data-paths`.
pub const RULES: [&str; 3] = ["metered", "free", "locked"];

impl Rule {
    /// The rule at a place in [`RULES`].
    #[must_use]
    pub fn at(place: usize) -> Rule {
        match place {
            1 => Rule::Free,
            2 => Rule::Locked,
            _ => Rule::Metered,
        }
    }

    /// Its word in [`RULES`].
    #[must_use]
    pub fn name(self) -> &'static str {
        RULES.get(self as usize).unwrap_or(&"")
    }
}

/// What a reader is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub enum Surface {
    /// The offer, as inline gate and overlay.
    #[default]
    Subscribe,
    /// How many free reads are left, in a bar that locks nothing.
    Notice,
    /// An invitation to the newsletter in place of the locked text.
    Newsletter,
    /// An invitation to make an account in place of the locked text.
    Register,
}

/// The words for [`Surface`], in its order: of `data-steps`, of events and of marks in storage.
pub const SURFACES: [&str; 4] = ["subscribe", "notice", "newsletter", "register"];

impl Surface {
    /// The surface at a place in [`SURFACES`].
    #[must_use]
    pub fn at(place: usize) -> Surface {
        match place {
            1 => Surface::Notice,
            2 => Surface::Newsletter,
            3 => Surface::Register,
            _ => Surface::Subscribe,
        }
    }

    /// Its word in [`SURFACES`].
    #[must_use]
    pub fn name(self) -> &'static str {
        SURFACES.get(self as usize).unwrap_or(&"")
    }

    /// The tier that has done what it asks for: such readers pass it by.
    #[must_use]
    pub fn asks_for(self) -> Tier {
        match self {
            Surface::Newsletter => Tier::Newsletter,
            Surface::Register => Tier::Registered,
            Surface::Notice | Surface::Subscribe => Tier::Subscriber,
        }
    }
}

/// From which read on a surface shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What shows.
    pub surface: Surface,
    /// From which read in a period on, counted from 1; 0 for the surface's own place: a notice at the last free read,
    /// any other behind it.
    pub from: u32,
    /// Whether the reader may turn it down and read on.
    pub dismissible: bool,
    /// Whether its overlay stays until the reader does what it asks for, or leaves. Not where it may be turned down.
    pub hard: bool,
    /// For how many articles it shows in so many `days`; 0 for all.
    pub often: u32,
    /// The days of that cap, 1 to 31.
    pub days: i64,
}

impl Step {
    /// The step of a surface without any more words.
    #[must_use]
    pub fn of(surface: Surface) -> Step {
        Step { surface, from: 0, dismissible: false, hard: false, often: 0, days: 1 }
    }

    /// From when on a showing counts for its cap, where it is the local minute `local` now: one of a day that ends after this
    /// minute is within the `days`.
    #[must_use]
    pub fn capped_since(self, local: i64) -> i64 {
        local.saturating_sub(self.days.saturating_sub(1).wrapping_mul(1440))
    }

    /// Whether it is due for a reader of this tier at the nth read of a period, counted from 1, with this limit.
    #[must_use]
    pub fn is_due(self, nth: u32, limit: u32, tier: Tier) -> bool {
        let from = match (self.from, self.surface) {
            (0, Surface::Notice) => limit,
            (0, _) => limit.saturating_add(1),
            (from, _) => from,
        };
        from <= nth && tier < self.surface.asks_for()
    }
}

/// All that a decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the host has said of the reader.
    pub access: Access,
    /// What the publisher says of the article.
    pub rule: Rule,
    /// How many articles a reader may read in a period, on the meter with the least left.
    pub limit: u32,
    /// How many were read in the current one, on that meter.
    pub reads: u32,
    /// Whether this article is one of them.
    pub read_before: bool,
    /// Whether the reader comes from where articles are free, and has not yet had that day's fill.
    pub referred: bool,
    /// Whether there is anywhere to subscribe: without it nothing is gated (rulings, 'Behaviour').
    pub can_subscribe: bool,
    /// Whether a step that gates is due: the last one that is, and has not yet shown as often as it may.
    pub step_due: bool,
    /// Whether the reader has turned it down, as it allows.
    pub dismissed: bool,
}

/// What the policy says for one article now: a grant or a gate, with its reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub enum Decision {
    /// Nothing yet: the host is still finding out.
    #[default]
    Pending,
    /// Granted by the host, for a reason in its own words.
    Entitled,
    /// Granted because the host could not say; not counted.
    Fallback,
    /// Granted to everyone; not counted.
    Free,
    /// Granted: already read in this period.
    ReadBefore,
    /// Granted because of where the reader comes from; counts only for that day's cap.
    Referred,
    /// Granted as one of the period's free reads; it counts once it is really read.
    Metered,
    /// Granted: the reader turned down what was due, or has seen it often enough; it counts like any other read.
    Dismissed,
    /// Granted over the limit, but there is nowhere to subscribe.
    NowhereToSubscribe,
    /// Gated below the limit, by an earlier step.
    EarlyStep,
    /// Gated: the period's free reads are used up.
    LimitReached,
    /// Gated: there are no free reads.
    NoFreeReads,
    /// Gated: the article is for subscribers only.
    Locked,
}

impl Decision {
    /// Whether the gate takes the place of the locked text.
    #[must_use]
    pub fn is_gate(self) -> bool {
        matches!(
            self,
            Decision::EarlyStep | Decision::LimitReached | Decision::NoFreeReads | Decision::Locked
        )
    }

    /// Whether it is a grant of the meter's own, which it never takes back within a page view.
    #[must_use]
    pub fn is_the_meters(self) -> bool {
        matches!(
            self,
            Decision::Free
                | Decision::ReadBefore
                | Decision::Referred
                | Decision::Metered
                | Decision::Dismissed
                | Decision::NowhereToSubscribe
        )
    }

    /// Whether reading the article counts.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(
            self,
            Decision::Metered | Decision::Referred | Decision::Dismissed | Decision::NowhereToSubscribe
        )
    }

    /// The reason as hosts see it, in AMP's and SwG's words. That of an entitled reader is the host's own.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Decision::Pending | Decision::Entitled => "",
            Decision::Fallback => "FALLBACK",
            Decision::ReadBefore | Decision::Metered => "METERING",
            Decision::Free | Decision::NowhereToSubscribe => "FREE",
            Decision::Referred => "REFERRER",
            Decision::Dismissed => "DISMISSED",
            Decision::EarlyStep => "STEP",
            Decision::LimitReached => "LIMIT_REACHED",
            Decision::NoFreeReads => "NO_FREE_READS",
            Decision::Locked => "LOCKED",
        }
    }
}

/// Decides.
#[must_use]
pub fn decide(question: &Question) -> Decision {
    match question.access {
        Access::Pending => return Decision::Pending,
        Access::Unknown => return Decision::Fallback,
        Access::Entitled => return Decision::Entitled,
        Access::Unasked => {}
    }
    match question.rule {
        Rule::Free => Decision::Free,
        Rule::Locked if question.can_subscribe => Decision::Locked,
        _ if question.read_before => Decision::ReadBefore,
        _ if question.referred => Decision::Referred,
        _ if question.dismissed => Decision::Dismissed,
        _ if question.reads < question.limit && !question.step_due => Decision::Metered,
        _ if question.reads < question.limit => Decision::EarlyStep,
        _ if !question.can_subscribe => Decision::NowhereToSubscribe,
        _ if !question.step_due => Decision::Dismissed,
        _ if question.limit == 0 => Decision::NoFreeReads,
        _ => Decision::LimitReached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn question(limit: u32, reads: u32, read_before: bool) -> Question {
        Question {
            access: Access::Unasked,
            rule: Rule::Metered,
            limit,
            reads,
            read_before,
            referred: false,
            can_subscribe: true,
            step_due: reads >= limit,
            dismissed: false,
        }
    }

    fn ask(limit: u32, reads: u32, read_before: bool) -> Decision {
        decide(&question(limit, reads, read_before))
    }

    #[test]
    fn the_first_reads_are_free_and_the_next_is_gated() {
        assert_eq!(ask(2, 0, false), Decision::Metered);
        assert_eq!(ask(2, 1, false), Decision::Metered);
        assert_eq!(ask(2, 2, false), Decision::LimitReached);
    }

    #[test]
    fn cn_07_an_article_read_before_stays_open() {
        assert_eq!(ask(2, 9, true), Decision::ReadBefore);
    }

    #[test]
    fn cn_08_limit_zero_gates_at_once() {
        assert_eq!(ask(0, 0, false), Decision::NoFreeReads);
    }

    #[test]
    fn a_step_is_due_from_its_read_on_for_those_who_have_not_done_it() {
        let notice = Step::of(Surface::Notice);
        let subscribe = Step::of(Surface::Subscribe);
        let due = |step: Step, nth| step.is_due(nth, 3, Tier::Anonymous);
        assert_eq!([1, 2, 3, 4].map(|nth| due(notice, nth)), [false, false, true, true]);
        assert_eq!([1, 2, 3, 4].map(|nth| due(subscribe, nth)), [false, false, false, true]);
        let newsletter = Step { from: 2, ..Step::of(Surface::Newsletter) };
        assert_eq!([1, 2, 3].map(|nth| due(newsletter, nth)), [false, true, true]);
        for (tier, newsletter_due, register_due) in
            [(Tier::Anonymous, true, true), (Tier::Newsletter, false, true), (Tier::Registered, false, false)]
        {
            assert_eq!(newsletter.is_due(9, 3, tier), newsletter_due);
            assert_eq!(Step::of(Surface::Register).is_due(9, 3, tier), register_due);
            assert!(subscribe.is_due(9, 3, tier));
        }
        for (place, word) in SURFACES.iter().enumerate() {
            assert_eq!(Surface::at(place).name(), *word);
        }
    }

    #[test]
    fn a_step_gates_below_the_limit_until_it_is_turned_down() {
        let early = Question { step_due: true, ..question(5, 1, false) };
        assert_eq!(decide(&early), Decision::EarlyStep);
        assert_eq!(decide(&Question { dismissed: true, ..early }), Decision::Dismissed);
        assert_eq!(decide(&Question { read_before: true, ..early }), Decision::ReadBefore);
        // Over the limit, a step that has shown often enough lets the reader pass.
        assert_eq!(decide(&Question { step_due: false, ..question(1, 1, false) }), Decision::Dismissed);
    }

    fn access() -> impl Strategy<Value = Access> {
        prop_oneof![
            Just(Access::Unasked),
            Just(Access::Pending),
            Just(Access::Unknown),
            Just(Access::Entitled),
        ]
    }

    #[test]
    fn an_article_may_be_free_or_locked_for_all() {
        let free = Question { rule: Rule::Free, ..question(0, 0, false) };
        assert_eq!(decide(&free), Decision::Free);
        let locked = Question { rule: Rule::Locked, ..question(9, 0, true) };
        assert_eq!(decide(&locked), Decision::Locked);
        assert_eq!(decide(&Question { access: Access::Entitled, ..locked }), Decision::Entitled);
        assert_eq!(decide(&Question { can_subscribe: false, ..locked }), Decision::ReadBefore);
        for (place, word) in RULES.iter().enumerate() {
            let rule = format!("{:?}", Rule::at(place));
            assert_eq!(rule.to_lowercase(), *word);
        }
    }

    #[test]
    fn a_reader_from_a_listed_referrer_uses_no_free_read() {
        let referred = Question { referred: true, ..question(1, 0, false) };
        assert_eq!(decide(&referred), Decision::Referred);
        assert_eq!(decide(&Question { reads: 1, ..referred }), Decision::Referred);
        assert_eq!(decide(&Question { read_before: true, ..referred }), Decision::ReadBefore);
    }

    proptest! {
        #[test]
        fn the_laws_hold(
            access in access(),
            rule in (0..3_usize).prop_map(Rule::at),
            limit in 0..6_u32,
            reads in 0..9_u32,
            read_before: bool,
            referred: bool,
            can_subscribe: bool,
            step_due: bool,
            dismissed: bool,
        ) {
            let question = Question {
                access,
                rule,
                limit,
                reads,
                read_before,
                referred,
                can_subscribe,
                step_due,
                dismissed,
            };
            let decision = decide(&question);
            prop_assert_eq!(decision == Decision::Pending, access == Access::Pending);
            if decision.is_gate() {
                prop_assert_ne!(rule, Rule::Free, "gated what is free");
                // Of an early step the machine sees to that.
                prop_assert!(can_subscribe || decision == Decision::EarlyStep, "gated with nowhere to subscribe");
                prop_assert_eq!(access, Access::Unasked, "gated a reader whom the host lets in");
                if rule == Rule::Metered {
                    prop_assert_eq!(reads < limit, decision == Decision::EarlyStep, "gated below the limit");
                    prop_assert!(step_due && !dismissed, "gated without a step that is due");
                    prop_assert!(!read_before && !referred, "gated what was read before, or a guest");
                }
            }
        }
    }
}
