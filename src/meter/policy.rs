//! The policy: may this article be read now, and why. A pure function of what is known.

use crate::access::entitlement::Access;

/// All that a decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// What the host has said of the reader.
    pub access: Access,
    /// How many articles a reader may read in a period.
    pub limit: u32,
    /// How many were read in the current one.
    pub reads: u32,
    /// Whether this article is one of them.
    pub read_before: bool,
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
    /// Granted: already read in this period.
    ReadBefore,
    /// Granted as one of the period's free reads; it counts once it is really read.
    Metered,
    /// Granted over the limit, but there is nowhere to subscribe.
    NowhereToSubscribe,
    /// Gated: the period's free reads are used up.
    LimitReached,
    /// Gated: there are no free reads.
    NoFreeReads,
}

impl Decision {
    /// Whether the gate takes the place of the locked text.
    #[must_use]
    pub fn is_gate(self) -> bool {
        matches!(self, Decision::LimitReached | Decision::NoFreeReads)
    }

    /// Whether it is a grant of the meter's own, which it never takes back within a page view.
    #[must_use]
    pub fn is_the_meters(self) -> bool {
        matches!(self, Decision::ReadBefore | Decision::Metered | Decision::NowhereToSubscribe)
    }

    /// Whether reading the article counts.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Decision::Metered | Decision::NowhereToSubscribe)
    }

    /// The reason as hosts see it, in AMP's and SwG's words. That of an entitled reader is the host's own.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Decision::Pending | Decision::Entitled => "",
            Decision::Fallback => "FALLBACK",
            Decision::ReadBefore | Decision::Metered => "METERING",
            Decision::NowhereToSubscribe => "FREE",
            Decision::LimitReached => "LIMIT_REACHED",
            Decision::NoFreeReads => "NO_FREE_READS",
        }
    }
}

/// Decides.
#[must_use]
pub fn decide(question: &Question) -> Decision {
    match question.access {
        Access::Pending => Decision::Pending,
        Access::Unknown => Decision::Fallback,
        Access::Entitled => Decision::Entitled,
        Access::Unasked if question.read_before => Decision::ReadBefore,
        Access::Unasked if question.reads < question.limit => Decision::Metered,
        Access::Unasked if !question.can_subscribe => Decision::NowhereToSubscribe,
        Access::Unasked if question.limit == 0 => Decision::NoFreeReads,
        Access::Unasked => Decision::LimitReached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ask(limit: u32, reads: u32, read_before: bool) -> Decision {
        decide(&Question { access: Access::Unasked, limit, reads, read_before, can_subscribe: true })
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

    proptest! {
        #[test]
        fn the_laws_hold(access in access(), limit in 0..6_u32, reads in 0..9_u32, read_before: bool, can_subscribe: bool) {
            let question = Question { access, limit, reads, read_before, can_subscribe };
            let decision = decide(&question);
            prop_assert_eq!(decision == Decision::Pending, access == Access::Pending);
            if decision.is_gate() {
                prop_assert!(reads >= limit, "gated below the limit");
                prop_assert!(!read_before, "gated what was read before");
                prop_assert!(can_subscribe, "gated with nowhere to subscribe");
                prop_assert_eq!(access, Access::Unasked, "gated a reader whom the host lets in");
            }
        }
    }
}
