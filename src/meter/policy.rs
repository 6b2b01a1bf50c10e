//! The policy: may this article be read now, and why. A pure function of what is known.

use crate::access::entitlement::Access;

/// All that a decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the host has said of the reader.
    pub access: &'a Access,
    /// How many articles a reader may read in a period.
    pub limit: u32,
    /// How many were read in the current one.
    pub reads: u32,
    /// Whether this article is one of them.
    pub read_before: bool,
    /// Whether there is anywhere to subscribe: without it nothing is gated (rulings, 'Behaviour').
    pub can_subscribe: bool,
}

/// What the policy says for one article now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The article may be read.
    Grant(Grant),
    /// The gate takes the place of the locked text.
    Gate(Gate),
}

/// Why an article may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The host granted it, for this reason in its own words.
    Entitled(String),
    /// The host could not say: open, not counted.
    Fallback,
    /// Already read in this period.
    ReadBefore,
    /// One of the period's free reads; it counts once it is really read.
    Metered,
    /// Over the limit, but there is nowhere to subscribe.
    NowhereToSubscribe,
}

/// Why an article is gated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The period's free reads are used up.
    LimitReached,
    /// There are no free reads.
    NoFreeReads,
}

impl Grant {
    /// The reason as hosts see it, in AMP's and SwG's words.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Grant::Entitled(reason) => reason,
            Grant::Fallback => "FALLBACK",
            Grant::ReadBefore | Grant::Metered => "METERING",
            Grant::NowhereToSubscribe => "FREE",
        }
    }

    /// Whether the grant is the meter's own, which it never takes back within a page view.
    #[must_use]
    pub fn is_the_meters(&self) -> bool {
        !matches!(self, Grant::Entitled(_) | Grant::Fallback)
    }

    /// Whether reading the article counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self, Grant::Metered | Grant::NowhereToSubscribe)
    }
}

impl Gate {
    /// The reason as hosts see it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Gate::LimitReached => "LIMIT_REACHED",
            Gate::NoFreeReads => "NO_FREE_READS",
        }
    }
}

/// Decides; `None` while the host is still finding out.
#[must_use]
pub fn decide(question: &Question<'_>) -> Option<Decision> {
    let grant = match question.access {
        Access::Pending => return None,
        Access::Unknown => Grant::Fallback,
        Access::Known(entitlement) if entitlement.opens() => Grant::Entitled(entitlement.reason.clone()),
        _ if question.read_before => Grant::ReadBefore,
        _ if question.reads < question.limit => Grant::Metered,
        _ if !question.can_subscribe => Grant::NowhereToSubscribe,
        _ if question.limit == 0 => return Some(Decision::Gate(Gate::NoFreeReads)),
        _ => return Some(Decision::Gate(Gate::LimitReached)),
    };
    Some(Decision::Grant(grant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::entitlement::{Entitlement, Tier};
    use proptest::prelude::*;

    fn ask(limit: u32, reads: u32, read_before: bool) -> Option<Decision> {
        decide(&Question { access: &Access::Unasked, limit, reads, read_before, can_subscribe: true })
    }

    #[test]
    fn the_first_reads_are_free_and_the_next_is_gated() {
        assert_eq!(ask(2, 0, false), Some(Decision::Grant(Grant::Metered)));
        assert_eq!(ask(2, 1, false), Some(Decision::Grant(Grant::Metered)));
        assert_eq!(ask(2, 2, false), Some(Decision::Gate(Gate::LimitReached)));
    }

    #[test]
    fn cn_07_an_article_read_before_stays_open() {
        assert_eq!(ask(2, 9, true), Some(Decision::Grant(Grant::ReadBefore)));
    }

    #[test]
    fn cn_08_limit_zero_gates_at_once() {
        assert_eq!(ask(0, 0, false), Some(Decision::Gate(Gate::NoFreeReads)));
    }

    fn access() -> impl Strategy<Value = Access> {
        let tier = prop_oneof![Just(Tier::Anonymous), Just(Tier::Registered), Just(Tier::Subscriber)];
        prop_oneof![
            Just(Access::Unasked),
            Just(Access::Pending),
            Just(Access::Unknown),
            (any::<bool>(), "[A-Z]{0,9}", tier)
                .prop_map(|(granted, reason, tier)| Access::Known(Entitlement { granted, reason, tier })),
        ]
    }

    proptest! {
        #[test]
        fn the_laws_hold(access in access(), limit in 0..6_u32, reads in 0..9_u32, read_before: bool, can_subscribe: bool) {
            let question = Question { access: &access, limit, reads, read_before, can_subscribe };
            let decision = decide(&question);
            prop_assert_eq!(decision.is_none(), access == Access::Pending);
            if let Some(Decision::Gate(_)) = decision {
                prop_assert!(reads >= limit, "gated below the limit");
                prop_assert!(!read_before, "gated what was read before");
                prop_assert!(can_subscribe, "gated with nowhere to subscribe");
                prop_assert!(!matches!(&access, Access::Known(known) if known.tier == Tier::Subscriber), "gated a subscriber");
            }
        }
    }
}
