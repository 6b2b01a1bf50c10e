//! The messages a reader sees: templates with named placeholders, chosen by plural form, filled in, never glued.
//!
//! The texts come as data, one file for each language (`languages/`), in the form that [`Words`] reads: the English ones with the
//! gate's script, another language's when a gate is due on a page that asks for it. Whatever depends on the language beyond the
//! words themselves (plural categories, money, dates, digits) comes from the browser's `Intl` as answers to [`Request`]s; the core
//! never calls it.

pub mod language;
pub(crate) mod scan;
#[cfg(not(target_family = "wasm"))]
pub mod source;

use crate::meter::period::Unit;
use scan::{cut, join, next_field};

/// A message, by its place among the messages of each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message(usize);

/// Lists the messages in the order of the files, each with its name there.
macro_rules! messages {
    ($($constant:ident $name:literal $meaning:literal;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "constants are made of these")]
        enum Place { $($constant,)* }

        impl Message {
            $(#[doc = $meaning] pub const $constant: Message = Message(Place::$constant as usize);)*
        }

        /// The messages' names, in their order. `data-text-` before one makes the attribute that replaces its text.
        #[cfg(not(target_family = "wasm"))]
        pub const NAMES: &[&str] = &[$($name),*];

        /// What each is for, in the same order.
        #[cfg(not(target_family = "wasm"))]
        pub const MEANINGS: &[&str] = &[$($meaning),*];
    };
}

messages! {
    HEADLINE_DAY "headline-day" "The free reads of today are used up. `{limit}`: how many there were, in words. Plural by it.";
    HEADLINE_WEEK "headline-week" "The same of this week.";
    HEADLINE_MONTH "headline-month" "The same of this month.";
    HEADLINE_YEAR "headline-year" "The same of this year.";
    HEADLINE "headline" "The same where a period is none of the calendar's units.";
    SUBSCRIBERS_ONLY "subscribers-only" "The publisher gives no free reads, or not of this article.";
    NEWSLETTER_HEADLINE "newsletter-headline" "Invites to the newsletter, in place of the locked text.";
    REGISTER_HEADLINE "register-headline" "Invites to make an account, in place of the locked text.";
    FREE_OF_CHARGE "free-of-charge" "That neither costs anything.";
    LAST_FREE_ARTICLE "last-free-article" "A notice that this is the last free read.";
    LEFT_DAY "left-day" "A notice of how many free reads are left today after this one. `{left}`, in words. Plural by it.";
    LEFT_WEEK "left-week" "The same of this week.";
    LEFT_MONTH "left-month" "The same of this month.";
    LEFT_YEAR "left-year" "The same of this year.";
    LEFT "left" "The same where a period is none of the calendar's units.";
    FREE_AGAIN "free-again" "From when on there are free reads again. `{date}`: day and month.";
    OFFER "offer" "The heading of the offer. `{publication}`.";
    PLANS "plans" "The name of the group of plans, for assistive technology.";
    BENEFITS "benefits" "The name of the list of benefits, for assistive technology.";
    TRIAL_DAY "trial-day" "A trial's length. `{count}`. Plural by it.";
    TRIAL_WEEK "trial-week" "The same in weeks.";
    TRIAL_MONTH "trial-month" "The same in months.";
    TRIAL_YEAR "trial-year" "The same in years.";
    THEN_DAY "then-day" "What follows the trial: `{price}` each day.";
    THEN_DAYS "then-days" "The same for several days: `{count}`. Plural by it.";
    THEN_WEEK "then-week" "The same for one week.";
    THEN_WEEKS "then-weeks" "The same for several weeks.";
    THEN_MONTH "then-month" "The same for one month.";
    THEN_MONTHS "then-months" "The same for several months.";
    THEN_YEAR "then-year" "The same for one year.";
    THEN_YEARS "then-years" "The same for several years.";
    PRICE_DAY "price-day" "A plan's price: `{price}` each day.";
    PRICE_DAYS "price-days" "The same for several days: `{count}`. Plural by it.";
    PRICE_WEEK "price-week" "The same for one week.";
    PRICE_WEEKS "price-weeks" "The same for several weeks.";
    PRICE_MONTH "price-month" "The same for one month; also what a longer plan comes to in a month.";
    PRICE_MONTHS "price-months" "The same for several months.";
    PRICE_YEAR "price-year" "The same for one year.";
    PRICE_YEARS "price-years" "The same for several years.";
    SAVING_YEAR "saving-year" "What a plan saves in a year. `{saving}`.";
    SAVING "saving" "What a plan saves each time it is paid. `{saving}`.";
    START_TRIAL "start-trial" "The button, where the chosen plan begins with a trial. `{publication}`.";
    SUBSCRIBE "subscribe" "The button, where the chosen plan is paid from the start. `{publication}`.";
    CHOOSE "choose" "The button of one plan, where each has its own. `{plan}`.";
    SIGN_UP "sign-up" "The button that signs up for the newsletter.";
    REGISTER "register" "The button that leads to the account.";
    NOT_NOW "not-now" "Turns down what is offered, and reads on.";
    TRIAL_TO_READ_ON "trial-to-read-on" "Where the text is cut: what a trial gives.";
    SUBSCRIBE_TO_READ_ON "subscribe-to-read-on" "Where the text is cut: what subscribing gives.";
    CANCEL "cancel" "That nothing binds the reader.";
    ALREADY "already" "Asks whether the reader has an account already.";
    LOG_IN "log-in" "Leads to the log-in.";
    ALL_PLANS "all-plans" "Opens the overlay with all plans.";
    CLOSE "close" "Closes the overlay.";
    GO_BACK "go-back" "Leads to the page before, out of an overlay that stays.";
    HOME "home" "Leads to the front page, out of an overlay that stays.";
    EMAIL "email" "The label of the field for the address.";
    EMAIL_INVALID "email-invalid" "What is wrong with it.";
    PRIVACY "privacy" "What becomes of the address.";
    SENDING "sending" "While the address is on its way.";
    SIGNED_UP "signed-up" "That it has arrived.";
    SIGN_UP_FAILED "sign-up-failed" "That it has not.";
    UNLOCKED "unlocked" "Announced when the text is back.";
    PREVIEW "preview" "Marks a preview.";
}

impl Message {
    /// Of four messages that begin with this one, for a day, a week, a month and a year, that of a unit.
    #[must_use]
    pub fn by(self, unit: Unit) -> Message {
        Message(self.0.wrapping_add(unit as usize))
    }

    /// Of eight that begin with this one, for one and for several of each unit, that of a span.
    #[must_use]
    pub fn each(self, unit: Unit, count: u32) -> Message {
        let place = (unit as usize).wrapping_mul(2).wrapping_add(usize::from(count != 1));
        Message(self.0.wrapping_add(place))
    }
}

/// Where the messages begin in a language's lines: behind its tag, its direction, its plural categories and its number words.
const HEAD: usize = 4;

/// A language's texts, as lines: its BCP 47 tag; `ltr` or `rtl`; the plural categories it uses, parted by blanks; its words for 1
/// to 10 where they fit everywhere, or nothing; then the messages, their forms parted by ` | ` in the order of the categories.
#[derive(Debug, Default)]
pub struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    /// Reads them. `names` are the messages' names, parted by blanks, and `replaced` the publisher's own text for one of them.
    #[must_use]
    pub fn of(lines: &'a str, names: &str, replaced: impl Fn(&str) -> Option<&'a str>) -> Words<'a> {
        let mut words = Vec::new();
        let mut rest = Some(lines);
        while let Some(line) = next_field(&mut rest, b'\n') {
            words.push(line);
        }
        let mut names = Some(names);
        let mut place = HEAD;
        while let Some(name) = next_field(&mut names, b' ') {
            // A name without its unit stands for all of them.
            let own = replaced(name).or_else(|| replaced(without_unit(name)));
            if let (Some(text), Some(line)) = (own, words.get_mut(place)) {
                *line = text;
            }
            place = place.wrapping_add(1);
        }
        Words(words)
    }

    fn line(&self, place: usize) -> &'a str {
        self.0.get(place).copied().unwrap_or("")
    }

    /// The BCP 47 tag of the language.
    #[must_use]
    pub fn language(&self) -> &'a str {
        self.line(0)
    }

    /// In which direction it is written: `ltr` or `rtl`.
    #[must_use]
    pub fn direction(&self) -> &'a str {
        self.line(1)
    }

    /// The text of a message in the form of a plural category; in its last form where it has none of its own.
    #[must_use]
    pub fn template(&self, message: Message, category: &str) -> &'a str {
        let (mut categories, mut forms) = (Some(self.line(2)), Some(self.line(message.0.wrapping_add(HEAD))));
        let mut last = "";
        while let Some(form) = next_field(&mut forms, b'|') {
            let form = scan::trim(form);
            // A publisher's form that was left empty is none.
            if !form.is_empty() {
                last = form;
            }
            if next_field(&mut categories, b' ') == Some(category) {
                break;
            }
        }
        last
    }

    /// The word for a number, where the language has one that fits.
    fn number(&self, value: u32) -> Option<&'a str> {
        let mut words = Some(self.line(3));
        let mut number = 1;
        while let Some(word) = next_field(&mut words, b' ') {
            if number == value && !word.is_empty() {
                return Some(word);
            }
            number = u32::wrapping_add(number, 1);
        }
        None
    }
}

/// A message's name without the unit at its end.
#[must_use]
pub fn without_unit(name: &str) -> &str {
    for unit in ["-day", "-week", "-month", "-year"] {
        if let Some(before) = name.strip_suffix("s").unwrap_or(name).strip_suffix(unit) {
            return before;
        }
    }
    name
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
    /// The day and the month of a moment, by minutes since 1970, in the language of the messages (`Intl.DateTimeFormat`).
    Date,
}

/// Questions and their answers, in two passes over the same code: the first notes what is asked, the second takes the
/// answers in the same order, so that the two cannot drift apart.
#[derive(Debug, Default)]
pub struct Intl<'a> {
    /// The texts.
    pub words: Words<'a>,
    /// The answers to what is going to be asked, in order. Without an answer a text stays empty, and its question is noted.
    pub answers: Vec<String>,
    /// The questions, in order.
    pub asked: Vec<Request>,
    /// The BCP 47 tag that numbers and sums are to be written for.
    pub locale: String,
    /// The currency of sums, by its ISO 4217 code.
    pub currency: String,
}

impl Intl<'_> {
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

    /// The day and the month of a local minute.
    #[must_use]
    pub fn date(&mut self, minute: i64) -> String {
        self.answer(Kind::Date, number(minute))
    }

    /// A message, filled in.
    #[must_use]
    pub fn message(&self, message: Message, values: &[(&str, &str)]) -> String {
        fill(self.words.template(message, "other"), values)
    }

    /// A message for `count`, filled in.
    #[must_use]
    pub fn plural(&mut self, message: Message, count: u32, values: &[(&str, &str)]) -> String {
        let category = self.answer(Kind::Plural, number(i64::from(count)));
        fill(self.words.template(message, &category), values)
    }

    /// A count in words where the language has one for it, else in digits.
    #[must_use]
    pub fn words(&mut self, value: u32) -> String {
        match self.words.number(value) {
            Some(word) => word.to_owned(),
            None => self.number(value),
        }
    }

    /// A publisher's own words among ours: kept to themselves where their direction may be another's (Unicode Bidirectional
    /// Algorithm, FSI and PDI).
    #[must_use]
    pub fn own(&self, text: &str) -> String {
        if text.is_ascii() && self.words.direction() != "rtl" {
            text.to_owned()
        } else {
            join(&["\u{2068}", text, "\u{2069}"])
        }
    }

    fn answer(&mut self, kind: Kind, number: String) -> String {
        let answer = self.answers.get_mut(self.asked.len()).map(std::mem::take);
        self.asked.push(Request { kind, number });
        answer.unwrap_or_default()
    }
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
        let both = |intl: &mut Intl<'_>| (intl.money("2.90".into()), intl.number(1200));
        let mut asking = Intl::default();
        assert_eq!(both(&mut asking), (String::new(), String::new()));
        let request = |kind, number: &str| Request { kind, number: number.into() };
        assert_eq!(asking.asked, [request(Kind::Money, "2.90"), request(Kind::Number, "1200")]);
        let mut answered = Intl { answers: vec!["$2.90".into(), "1,200".into()], ..Intl::default() };
        assert_eq!(both(&mut answered), ("$2.90".into(), "1,200".into()));
        // More questions than answers: a text stays empty.
        assert_eq!(answered.number(7), "");
    }

    /// A language with three forms, and two messages.
    const LINES: &str = "xx\nrtl\none few other\nuno duo\n{n} book | {n} books | {n} buch\nClose\n";

    #[test]
    fn a_text_is_chosen_by_its_message_and_its_form() {
        let words = Words::of(LINES, "a-day close", |_| None);
        assert_eq!((words.language(), words.direction()), ("xx", "rtl"));
        let book = Message(0);
        for (category, text) in [
            ("one", "{n} book"),
            ("few", "{n} books"),
            ("other", "{n} buch"),
            ("two", "{n} buch"),
            ("", "{n} buch"),
        ] {
            assert_eq!(words.template(book, category), text, "{category}");
        }
        assert_eq!(words.template(Message(1), "few"), "Close");
        assert_eq!(words.template(Message(9), "one"), "");
        assert_eq!([1, 2, 3, 0].map(|number| words.number(number)), [Some("uno"), Some("duo"), None, None]);
        assert_eq!(Words::default().template(book, "one"), "");
        let of_none = Words::of("xx\nltr\none\n\nA", "a", |_| None);
        assert_eq!([0, 1].map(|number| of_none.number(number)), [None, None]);
    }

    #[test]
    fn a_publishers_text_takes_the_place_of_ours() {
        let own = |name: &str| match name {
            "a" => Some("All {n}"),
            "close" => Some("Shut | Shut all"),
            _ => None,
        };
        let words = Words::of(LINES, "a-day close", own);
        assert_eq!(words.template(Message(0), "few"), "All {n}");
        assert_eq!(words.template(Message(1), "one"), "Shut");
        assert_eq!(words.template(Message(1), "other"), "Shut all");
        assert_eq!(
            ["a-day", "a-days", "by-month", "left", "day"].map(without_unit),
            ["a", "a", "by", "left", "day"]
        );
    }

    #[test]
    fn words_of_another_direction_are_kept_to_themselves() {
        let intl = Intl::default();
        assert_eq!(intl.own("The Meridian"), "The Meridian");
        assert_eq!(intl.own("\u{202e}evil"), "\u{2068}\u{202e}evil\u{2069}");
        let rtl = Intl { words: Words::of(LINES, "", |_| None), ..Intl::default() };
        assert_eq!(rtl.own("The Meridian"), "\u{2068}The Meridian\u{2069}");
    }

    #[test]
    fn the_messages_of_spans_follow_each_other() {
        let name = |message: Message| NAMES[message.0];
        assert_eq!(name(Message::HEADLINE_DAY.by(Unit::Month)), "headline-month");
        assert_eq!(name(Message::LEFT_DAY.by(Unit::Year)), "left-year");
        assert_eq!(name(Message::TRIAL_DAY.by(Unit::Week)), "trial-week");
        assert_eq!(name(Message::THEN_DAY.each(Unit::Month, 1)), "then-month");
        assert_eq!(name(Message::PRICE_DAY.each(Unit::Year, 2)), "price-years");
    }

    proptest! {
        #[test]
        fn no_lines_panic(lines in "[a-z |\n{}]{0,60}", names in "[a-z -]{0,30}", category in "[a-z]{0,3}") {
            let words = Words::of(&lines, &names, |_| None);
            for place in 0..9 {
                let _ = words.template(Message(place), &category);
                let _ = words.number(place as u32);
            }
        }

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
