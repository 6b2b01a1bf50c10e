//! The messages a reader sees: templates with named placeholders, chosen by plural form, filled in, never glued.
//!
//! English is inside. Whatever depends on the language beyond the words themselves (plural categories, money, dates,
//! digits) comes from the browser's `Intl` as answers to [`Request`]s; the core never calls it.

mod english;
pub(crate) mod scan;

use scan::{cut, join};
use std::cell::RefCell;

pub use english::LANGUAGE;

/// A message, by what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The free reads of the period are used up. `{limit}`: how many there were, in words. Plural by it.
    LimitReached(Every),
    /// The publisher gives no free reads.
    SubscribersOnly,
    /// The heading of the offer. `{publication}`.
    Offer,
    /// The name of the group of plans, for assistive technology.
    Plans,
    /// The name of the list of benefits, for assistive technology.
    Benefits,
    /// A trial's length. `{count}`. Plural by it.
    TrialFree(Every),
    /// What follows the trial. `{price}`, `{count}`: how many units the price is for. Plural by it.
    ThenPrice(Every),
    /// A plan's price. `{price}`, `{count}`. Plural by it.
    Price(Every),
    /// What a plan saves in a year. `{saving}`.
    SavingAYear,
    /// What a plan saves each time it is paid. `{saving}`.
    Saving,
    /// The button, where the chosen plan begins with a trial. `{publication}`.
    StartTrial,
    /// The button, where the chosen plan is paid from the start. `{publication}`.
    Subscribe,
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

/// The unit of time a message speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
}

/// Something only the browser's `Intl` can write, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A sum of money, with its currency's sign and digits (`Intl.NumberFormat`).
    Money {
        /// The exact amount in plain decimal digits, such as `19.90`.
        amount: String,
        /// The currency's ISO 4217 code.
        currency: String,
    },
    /// A whole number in the page's language's digits (`Intl.NumberFormat`).
    Number(u32),
    /// The plural category of a number in the language of the messages (`Intl.PluralRules`): `one`, `other` …
    Plural(u32),
}

/// Answers to requests, gathered in two passes over the same code: the first notes what is asked, the second reads the
/// answers, so that questions and answers cannot drift apart.
#[derive(Debug, Default)]
pub struct Intl {
    known: Vec<(Request, String)>,
    asked: RefCell<Vec<Request>>,
}

impl Intl {
    /// Notes the answers to `requests`, in their order. A missing answer leaves its question open.
    pub fn learn(&mut self, requests: Vec<Request>, answers: Vec<String>) {
        let mut answers = answers.into_iter();
        for request in requests {
            if let Some(answer) = answers.next() {
                self.known.push((request, answer));
            }
        }
    }

    /// The questions that had no answer since this was last called.
    #[must_use]
    pub fn open_questions(&self) -> Vec<Request> {
        self.asked.take()
    }

    /// A sum of money; its plain amount and code until the browser has answered.
    #[must_use]
    pub fn money(&self, amount: String, currency: &str) -> String {
        let plain = join(&[currency, " ", &amount]);
        self.answer(Request::Money { amount, currency: currency.to_owned() }, plain)
    }

    /// A whole number.
    #[must_use]
    pub fn number(&self, value: u32) -> String {
        self.answer(Request::Number(value), number(i64::from(value)))
    }

    /// Whether a number takes the singular of the messages' language.
    fn is_one(&self, value: u32) -> bool {
        self.answer(Request::Plural(value), String::new()) == "one"
    }

    /// `message` for `count`, filled in.
    #[must_use]
    pub fn plural(&self, message: Message, count: u32, values: &[(&str, &str)]) -> String {
        fill(english::template(message, self.is_one(count)), values)
    }

    /// A count in words where the language has one for it, else in digits.
    #[must_use]
    pub fn words(&self, value: u32) -> String {
        match english::number_word(value) {
            Some(word) => word.to_owned(),
            None => self.number(value),
        }
    }

    /// The answer to a request; `meanwhile` until there is one, and the question is noted.
    fn answer(&self, request: Request, meanwhile: String) -> String {
        for (known, answer) in &self.known {
            if *known == request {
                return answer.clone();
            }
        }
        let mut asked = self.asked.borrow_mut();
        for known in asked.iter() {
            if *known == request {
                return meanwhile;
            }
        }
        asked.push(request);
        meanwhile
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
        filled.push('{');
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A whole number in ASCII digits. Stands in for `core::fmt`, which costs the module more than the meter does.
#[must_use]
pub fn number(value: i64) -> String {
    let mut digits = in_base(value.unsigned_abs(), 10);
    if value < 0 {
        digits.insert(0, '-');
    }
    digits
}

/// A whole number in a base of 2 to 36.
pub(crate) fn in_base(value: u64, base: u64) -> String {
    let mut text = String::new();
    let mut rest = value;
    loop {
        let digit = rest.checked_rem(base).unwrap_or(0) as u32;
        text.insert(0, char::from_digit(digit, 36).unwrap_or('0'));
        rest = rest.checked_div(base).unwrap_or(0);
        if rest == 0 {
            return text;
        }
    }
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
    fn questions_are_asked_once_and_answers_used() {
        let mut intl = Intl::default();
        assert_eq!(intl.money("2.90".into(), "USD"), "USD 2.90");
        assert_eq!(intl.money("2.90".into(), "USD"), "USD 2.90");
        let asked = intl.open_questions();
        assert_eq!(asked, [Request::Money { amount: "2.90".into(), currency: "USD".into() }]);
        intl.learn(asked, vec!["$2.90".into()]);
        assert_eq!(intl.money("2.90".into(), "USD"), "$2.90");
        assert!(intl.open_questions().is_empty());
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
