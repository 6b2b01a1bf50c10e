//! The policy: may this article be read now, and why. A pure function of what is known.

use crate::access::entitlement::Access;

/// What the publisher says of one article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
}

/// What the policy says for one article now: a grant or a gate, with its reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Granted over the limit, but there is nowhere to subscribe.
    NowhereToSubscribe,
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
        matches!(self, Decision::LimitReached | Decision::NoFreeReads | Decision::Locked)
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
                | Decision::NowhereToSubscribe
        )
    }

    /// Whether reading the article counts.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Decision::Metered | Decision::Referred | Decision::NowhereToSubscribe)
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
        _ if question.reads < question.limit => Decision::Metered,
        _ if !question.can_subscribe => Decision::NowhereToSubscribe,
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
        ) {
            let question = Question { access, rule, limit, reads, read_before, referred, can_subscribe };
            let decision = decide(&question);
            prop_assert_eq!(decision == Decision::Pending, access == Access::Pending);
            if decision.is_gate() {
                prop_assert_ne!(rule, Rule::Free, "gated what is free");
                prop_assert!(can_subscribe, "gated with nowhere to subscribe");
                prop_assert_eq!(access, Access::Unasked, "gated a reader whom the host lets in");
                if rule == Rule::Metered {
                    prop_assert!(reads >= limit, "gated below the limit");
                    prop_assert!(!read_before && !referred, "gated what was read before, or a guest");
                }
            }
        }
    }
}
