//! The entitlement: the answer to 'may this reader read this article', as the host page gives it.
//!
//! The shape is AMP's (`granted`, `grantReason`), so that publishers with an authorizer have it already.

/// Who is reading. Each tier has what those before it have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
pub enum Tier {
    /// Nothing is known of the reader.
    #[default]
    Anonymous,
    /// Has given an address for the newsletter.
    Newsletter,
    /// Has an account.
    Registered,
    /// Pays.
    Subscriber,
}

/// The words for [`Tier`], in its order.
const TIERS: [&str; 4] = ["anonymous", "newsletter", "registered", "subscriber"];

impl Tier {
    /// Its word, as hosts name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        TIERS.get(self as usize).unwrap_or(&"")
    }

    /// The tier of this name; anything else is anonymous.
    #[must_use]
    pub fn named(name: &str) -> Tier {
        match TIERS.iter().position(|known| *known == name) {
            Some(1) => Tier::Newsletter,
            Some(2) => Tier::Registered,
            Some(3) => Tier::Subscriber,
            _ => Tier::Anonymous,
        }
    }
}

/// What the host page has said of the reader's right to this article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Nothing, or that it knows of no right: the meter decides.
    #[default]
    Unasked,
    /// It is finding out. The text stays readable and uncounted until it answers or the time is up.
    Pending,
    /// It could not find out: the article stays open and is not counted (design.md section 4).
    Unknown,
    /// The reader may read it.
    Entitled,
}

/// A host's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
pub struct Entitlement {
    /// Whether the reader may read the article. If not, the meter decides.
    pub granted: bool,
    /// Why, in the host's words, such as `SUBSCRIBER`; shown in the decision.
    pub reason: String,
    /// Who is reading.
    pub tier: Tier,
    /// How the host's own meter stands; it takes the place of the one on this device.
    #[cfg_attr(feature = "history", serde(default))]
    pub meter: Option<Served>,
}

/// A meter that the host keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize, serde::Deserialize))]
pub struct Served {
    /// How many articles were read.
    pub reads: u32,
    /// How many may be read in all.
    pub limit: u32,
}

impl Entitlement {
    /// What follows for the article. A subscriber reads on, however the answer was put: a subscriber never sees a gate.
    #[must_use]
    pub fn access(&self) -> Access {
        if self.granted || self.tier == Tier::Subscriber { Access::Entitled } else { Access::Unasked }
    }
}
