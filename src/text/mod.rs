//! The messages a reader sees: templates with named placeholders, chosen by plural form, filled in, never glued.
//!
//! English is inside. Whatever depends on the language beyond the words themselves (plural categories, money, dates,
//! digits) comes from the browser's `Intl` as answers to [`Request`]s; the core never calls it.

mod english;
pub(crate) mod scan;

use crate::meter::period::Unit;
use scan::cut;

pub use english::LANGUAGE;

/// A message, by what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The free reads of the period are used up. `{limit}`: how many there were, in words. Plural by it.
    LimitReached(Unit),
    /// As `LimitReached`, where a period is none of the calendar's units.
    AllFreeReadsUsed,
    /// The publisher gives no free reads.
    SubscribersOnly,
    /// Invites to the newsletter, in place of the locked text.
    SignUpToReadOn,
    /// Invites to make an account, in place of the locked text.
    RegisterToReadOn,
    /// That neither costs anything.
    FreeOfCharge,
    /// A notice that this is the last free read.
    LastFreeRead,
    /// A notice of how many free reads are left after this one. `{left}`, in words. Plural by it.
    FreeReadsLeft,
    /// The heading of the offer. `{publication}`.
    Offer,
    /// The name of the group of plans, for assistive technology.
    Plans,
    /// The name of the list of benefits, for assistive technology.
    Benefits,
    /// A trial's length. `{count}`. Plural by it.
    TrialFree(Unit),
    /// What follows the trial. `{price}`, `{count}`: how many units the price is for. Plural by it.
    ThenPrice(Unit),
    /// A plan's price. `{price}`, `{count}`. Plural by it.
    Price(Unit),
    /// What a plan saves in a year. `{saving}`.
    SavingAYear,
    /// What a plan saves each time it is paid. `{saving}`.
    Saving,
    /// The button, where the chosen plan begins with a trial. `{publication}`.
    StartTrial,
    /// The button, where the chosen plan is paid from the start. `{publication}`.
    Subscribe,
    /// The button that leads to the newsletter.
    SignUp,
    /// The button that leads to the account.
    Register,
    /// Turns down what is offered, and reads on.
    NotNow,
    /// Where the text is cut: what a trial gives.
    TrialToReadOn,
    /// Where the text is cut: what subscribing gives.
    SubscribeToReadOn,
    /// That nothing binds the reader.
    Cancel,
    /// Asks whether the reader has an account already.
    Already,
    /// Leads to the log-in.
    LogIn,
    /// Opens the overlay with all plans.
    AllPlans,
    /// Closes the overlay.
    Close,
}

/// Something only the browser's `Intl` can write, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub struct Request {
    /// What is to be written.
    pub kind: Kind,
    /// The exact number it is written of, in plain decimal digits, such as `19.90`.
    pub number: String,
}

/// What `Intl` writes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub enum Kind {
    /// A sum of money in the publisher's currency, with its sign and digits (`Intl.NumberFormat`).
    Money,
    /// A whole number in the page's language's digits (`Intl.NumberFormat`).
    Number,
    /// The plural category in the language of the messages (`Intl.PluralRules`): `one`, `other` …
    Plural,
}

/// Questions and their answers, in two passes over the same code: the first notes what is asked, the second takes the
/// answers in the same order, so that the two cannot drift apart.
#[derive(Debug, Default)]
pub struct Intl {
    /// The answers to what is going to be asked, in order. Without an answer a text stays empty, and its question is noted.
    pub answers: Vec<String>,
    /// The questions, in order.
    pub asked: Vec<Request>,
    /// The BCP 47 tag that numbers and sums are to be written for.
    pub locale: String,
    /// The currency of sums, by its ISO 4217 code.
    pub currency: String,
}

impl Intl {
    /// A sum of money, in plain digits.
    #[must_use]
    pub fn money(&mut self, amount: String) -> String {
        self.answer(Kind::Money, amount)
    }

    /// A whole number.
    #[must_use]
    pub fn number(&mut self, value: u32) -> String {
        self.answer(Kind::Number, number(i64::from(value)))
    }

    /// `message` for `count`, filled in.
    #[must_use]
    pub fn plural(&mut self, message: Message, count: u32, values: &[(&str, &str)]) -> String {
        let one = self.answer(Kind::Plural, number(i64::from(count))) == "one";
        fill(english::template(message, one), values)
    }

    /// A count in words where the language has one for it, else in digits.
    #[must_use]
    pub fn words(&mut self, value: u32) -> String {
        match english::number_word(value) {
            Some(word) => word.to_owned(),
            None => self.number(value),
        }
    }

    fn answer(&mut self, kind: Kind, number: String) -> String {
        let answer = self.answers.get_mut(self.asked.len()).map(std::mem::take);
        self.asked.push(Request { kind, number });
        answer.unwrap_or_default()
    }
}

/// `message`, filled in: for a message without a plural.
#[must_use]
pub fn message(message: Message, values: &[(&str, &str)]) -> String {
    fill(english::template(message, false), values)
}

/// `template` with each `{name}` replaced by its value. A name without a value stays as it is, and values are not
/// looked into: a publication may be called `{limit}`.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    'text: while let Some((before, after)) = cut(rest, b'{') {
        filled.push_str(before);
        if let Some((name, behind)) = cut(after, b'}') {
            for (known, value) in values {
                if *known == name {
                    filled.push_str(value);
                    rest = behind;
                    continue 'text;
                }
            }
        }
        scan::push(&mut filled, b'{');
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A whole number in ASCII digits. Stands in for `core::fmt`, which costs the module more than the meter does.
#[must_use]
pub fn number(value: i64) -> String {
    let mut text = String::new();
    if value < 0 {
        scan::push(&mut text, b'-');
    }
    scan::push_in_base(&mut text, value.unsigned_abs(), 10);
    text
}

/// A whole number in a base of 2 to 36.
pub(crate) fn in_base(value: u64, base: u64) -> String {
    let mut text = String::new();
    scan::push_in_base(&mut text, value, base);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn placeholders_are_filled_once_and_unknown_ones_stay() {
        let values = [("limit", "three"), ("publication", "The {limit} Times")];
        assert_eq!(fill("{limit} in {publication}", &values), "three in The {limit} Times");
        assert_eq!(fill("{nothing} {limit", &values), "{nothing} {limit");
        assert_eq!(fill("{{limit}}", &values), "{three}");
    }

    #[test]
    fn questions_are_noted_and_answers_taken_in_order() {
        let both = |intl: &mut Intl| (intl.money("2.90".into()), intl.number(1200));
        let mut asking = Intl::default();
        assert_eq!(both(&mut asking), (String::new(), String::new()));
        let request = |kind, number: &str| Request { kind, number: number.into() };
        assert_eq!(asking.asked, [request(Kind::Money, "2.90"), request(Kind::Number, "1200")]);
        let mut answered = Intl { answers: vec!["$2.90".into(), "1,200".into()], ..Intl::default() };
        assert_eq!(both(&mut answered), ("$2.90".into(), "1,200".into()));
        // More questions than answers: a text stays empty.
        assert_eq!(answered.number(7), "");
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_std_writes_them(value: i64) {
            prop_assert_eq!(number(value), value.to_string());
        }

        #[test]
        fn no_template_panics(template in ".{0,40}", value in ".{0,9}") {
            let _ = fill(&template, &[("a", &value)]);
        }
    }
}
