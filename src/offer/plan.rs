//! A plan: its name, its trial, its price, and what it saves against paying monthly.
//!
//! The grammar, written once (blanks may stand between any two parts; words in either case):
//!
//! ```text
//! plan   = [ "*" ] name [ "[" badge "]" ] ":" terms     the last ":" counts; "*": the one that is chosen at the start
//! terms  = price | trial [ "then" ] price
//! trial  = span "free"                                  30d free · 1 month free · 2 weeks free
//! price  = amount "/" span                              2.90/month · 19.90/year · 8/3 months
//! amount = 1*9DIGIT [ "." 1*DIGIT ]                     no more decimals than the currency has
//! span   = [ count ] unit                               count = 1 to 999, 1 if left out
//! unit   = d | day | days | w | week | weeks | m | month | months | y | year | years
//! ```

use super::money::{Amount, AmountError, Currency};
use super::{cut_badge, some_text};
use crate::meter::ledger::slug;
use crate::meter::period::Unit;
use crate::text::number;
use crate::text::scan::{cut, cut_last, is_one_of, join, lower, push, trim};

/// A plan as the publisher wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What stands for `{plan}` in addresses: `[a-z0-9-]`, unique among the plans.
    pub id: String,
    /// The publisher's name for it.
    pub name: String,
    /// A phrase that sets it off, such as `best value`.
    pub badge: Option<String>,
    /// Whether it is to be chosen at the start; else the first is.
    pub chosen: bool,
    /// How long it is free at first.
    pub trial: Option<Span>,
    /// What is paid, each time.
    pub price: Amount,
    /// How often.
    pub every: Span,
}

/// A stretch of time in calendar units: `3 months`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many, 1 to 999.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// Why a text is not a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// No name, or no `:` after it.
    NoTerms,
    /// What stands before `free` is no span.
    BadTrial,
    /// The price is no amount, or has no `/`.
    BadPrice,
    /// More decimals than the currency has.
    TooManyDecimals,
    /// What stands after the `/` is no span.
    BadPeriod,
}

impl Plan {
    /// Reads one plan of the grammar above.
    ///
    /// # Errors
    /// What does not follow the grammar, by its first wrong part.
    pub fn parse(text: &str, currency: &Currency) -> Result<Plan, PlanError> {
        let (name, terms) = cut_last(text, b':').ok_or(PlanError::NoTerms)?;
        Plan::of(name, terms, currency)
    }

    /// A plan of a name (with its badge) and terms, as the JSON form gives them apart.
    ///
    /// # Errors
    /// As [`Plan::parse`].
    pub fn of(name: &str, terms: &str, currency: &Currency) -> Result<Plan, PlanError> {
        let (name, badge) = cut_badge(name);
        let starred = name.strip_prefix("*");
        let name = trim(starred.unwrap_or(name));
        if name.is_empty() {
            return Err(PlanError::NoTerms);
        }
        let terms = lower(trim(terms));
        let (trial, price) = match split_word(&terms, "free") {
            Some((trial, rest)) => {
                let rest = trim(rest);
                let price = rest.strip_prefix("then").unwrap_or(rest);
                (Some(Span::parse(trial).ok_or(PlanError::BadTrial)?), price)
            }
            None => (None, terms.as_str()),
        };
        let (amount, every) = cut(price, b'/').ok_or(PlanError::BadPrice)?;
        let price = Amount::parse(trim(amount), currency.decimals()).map_err(|error| match error {
            AmountError::TooManyDecimals => PlanError::TooManyDecimals,
            AmountError::NotANumber | AmountError::TooLarge => PlanError::BadPrice,
        })?;
        let every = Span::parse(every).ok_or(PlanError::BadPeriod)?;
        Ok(Plan {
            id: slug(name, 40),
            name: name.to_owned(),
            badge: some_text(badge),
            chosen: starred.is_some(),
            trial,
            price,
            every,
        })
    }

    /// What its price comes to in a month, rounded up so that it never promises too much; `None` where it is paid by the month, or by
    /// days or weeks, which make no months.
    #[must_use]
    pub fn monthly(&self) -> Option<Amount> {
        let months = self.every.months();
        if months > 1 { Some(self.price.part(months)) } else { None }
    }
}

/// The parts of `text` before and after the first `word`. (std's search would cost the module 2 KB.)
fn split_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let mut at = 0_usize;
    while at < text.len() {
        // Between two bytes of one character there is no cut, and no word.
        if let Some(after) = text.get(at..).and_then(|rest| rest.strip_prefix(word)) {
            return Some((text.split_at_checked(at)?.0, after));
        }
        at = at.wrapping_add(1);
    }
    None
}

impl Span {
    /// Reads a span of the grammar above, in lower case.
    fn parse(text: &str) -> Option<Span> {
        let text = trim(text);
        let mut count = 0_u32;
        let mut digits = 0_usize;
        let mut rest = text.as_bytes();
        while let [digit @ b'0'..=b'9', after @ ..] = rest {
            count = count.wrapping_mul(10).wrapping_add(u32::from(digit.wrapping_sub(b'0')));
            digits = digits.wrapping_add(1);
            rest = after;
        }
        if digits == 0 {
            count = 1;
        }
        if count == 0 || digits > 3 {
            return None;
        }
        let unit = trim(text.get(digits..)?);
        let unit = if is_one_of(unit, "d day days") {
            Unit::Day
        } else if is_one_of(unit, "w week weeks") {
            Unit::Week
        } else if is_one_of(unit, "m month months") {
            Unit::Month
        } else if is_one_of(unit, "y year years") {
            Unit::Year
        } else {
            return None;
        };
        Some(Span { count, unit })
    }

    /// The span in whole months; 0 for days and weeks, which make no whole months.
    fn months(self) -> u32 {
        match self.unit {
            Unit::Month => self.count,
            Unit::Year => self.count.wrapping_mul(12),
            Unit::Day | Unit::Week => 0,
        }
    }
}

/// Gives every plan an id of its own: a name that makes no slug, or one that is taken, gets its place in the list.
pub fn tell_apart(plans: &mut [Plan]) {
    let mut rest = plans;
    let mut place = 0;
    let mut taken = String::from(" ");
    while let Some((plan, later)) = rest.split_first_mut() {
        rest = later;
        place = i64::wrapping_add(place, 1);
        while plan.id.is_empty() || is_one_of(&plan.id, &taken) {
            plan.id = join(&[if plan.id.is_empty() { "plan" } else { &plan.id }, "-", &number(place)]);
        }
        taken.push_str(&plan.id);
        push(&mut taken, b' ');
    }
}

/// What `plan` saves, each time it is paid, against paying monthly for as long: by the cheapest of `plans` that is
/// paid by the month, so that it never promises too much. `None` where it saves nothing or cannot be compared.
#[must_use]
pub fn saving(plan: &Plan, plans: &[Plan]) -> Option<Amount> {
    let mut month: Option<Amount> = None;
    for other in plans {
        if other.every.months() == 1 && month.is_none_or(|month| other.price < month) {
            month = Some(other.price);
        }
    }
    month?.times(plan.every.months()).beyond(plan.price)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd() -> Currency {
        Currency::parse("USD").expect("a currency")
    }

    fn plan(text: &str) -> Plan {
        Plan::parse(text, &usd()).expect(text)
    }

    #[test]
    fn the_plans_of_the_seed() {
        let trial = plan("Free trial: 30d free then 2.90/month");
        assert_eq!(
            (trial.id.as_str(), trial.name.as_str(), trial.badge.as_ref()),
            ("free-trial", "Free trial", None)
        );
        assert_eq!(trial.trial, Some(Span { count: 30, unit: Unit::Day }));
        assert_eq!(
            (trial.price.plain(2).as_str(), trial.every),
            ("2.90", Span { count: 1, unit: Unit::Month })
        );

        let annual = plan("Annual access [best value]: 19.90/year");
        assert_eq!(annual.badge.as_deref(), Some("best value"));
        let plans = [trial, annual];
        assert_eq!(saving(&plans[1], &plans).map(|saving| saving.plain(2)).as_deref(), Some("14.90"));
        assert_eq!(saving(&plans[0], &plans), None);
    }

    #[test]
    fn a_star_chooses_a_plan_and_is_no_part_of_its_name() {
        let starred = plan("* Annual access [best value]: 19.90/year");
        assert_eq!((starred.name.as_str(), starred.chosen), ("Annual access", true));
        assert!(!plan("Annual: 19.90/year").chosen);
        assert_eq!(Plan::parse("*: 2/month", &usd()), Err(PlanError::NoTerms));
    }

    #[test]
    fn a_longer_plan_comes_to_so_much_a_month() {
        let monthly = |text| plan(text).monthly().map(|amount| amount.plain(2));
        assert_eq!(monthly("A: 19.90/year").as_deref(), Some("1.66"));
        assert_eq!(monthly("A: 24/year").as_deref(), Some("2.00"));
        assert_eq!(monthly("A: 5/3 months").as_deref(), Some("1.67"));
        for none in ["A: 2/month", "A: 2/week", "A: 9/30 days"] {
            assert_eq!(monthly(none), None, "{none}");
        }
    }

    #[test]
    fn terms_may_be_spelled_in_several_ways() {
        for same in
            ["A: 1 month free then 8/3 months", "A : 1M FREE THEN 8.00 / 3months", "A:1month free 8/3m"]
        {
            let plan = plan(same);
            assert_eq!(plan.trial, Some(Span { count: 1, unit: Unit::Month }), "{same}");
            assert_eq!(plan.every, Span { count: 3, unit: Unit::Month }, "{same}");
        }
        assert_eq!(plan("Plan: two: 5/w").name, "Plan: two");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text| Plan::parse(text, &usd()).expect_err(text);
        assert_eq!(error("Annual"), PlanError::NoTerms);
        assert_eq!(error(": 2/month"), PlanError::NoTerms);
        assert_eq!(error("A: 2,90/month"), PlanError::BadPrice);
        assert_eq!(error("A: 2.90"), PlanError::BadPrice);
        assert_eq!(error("A: $2/month"), PlanError::BadPrice);
        assert_eq!(error("A: 1.999/month"), PlanError::TooManyDecimals);
        assert_eq!(error("A: 2/fortnight"), PlanError::BadPeriod);
        assert_eq!(error("A: 2/0 months"), PlanError::BadPeriod);
        assert_eq!(error("A: soon free then 2/month"), PlanError::BadTrial);
        assert_eq!(error("A: 1000d free then 2/month"), PlanError::BadTrial);
        assert_eq!(error("A: 0007d free then 2/month"), PlanError::BadTrial);
        assert_eq!(
            plan("A\u{3000}:\u{3000}2\u{2003}/\u{2003}7\u{a0}days").every,
            Span { count: 7, unit: Unit::Day }
        );
    }

    #[test]
    fn ids_are_unique_and_never_empty() {
        let mut plans = ["Année: 1/m", "年間: 1/y", "年間: 2/y", "Année: 3/m"].map(plan);
        tell_apart(&mut plans);
        assert_eq!(plans.map(|plan| plan.id), ["ann-e", "plan-2", "plan-3", "ann-e-4"]);
        let mut plans = ["A 3: 1/m", "A: 1/m", "A: 1/y"].map(plan);
        tell_apart(&mut plans);
        assert_eq!(plans.map(|plan| plan.id), ["a-3", "a", "a-3-3"]);
    }

    #[test]
    fn savings_are_only_claimed_where_they_can_be_computed() {
        let plans =
            ["Month: 3/month", "Other: 2/month", "Week: 1/week", "Quarter: 5/3 months", "Dear: 30/year"]
                .map(plan);
        let savings = plans.each_ref().map(|plan| saving(plan, &plans).map(|saving| saving.plain(2)));
        assert_eq!(savings, [None, None, None, Some("1.00".into()), None]);
        assert_eq!(saving(&plan("Year: 1/year"), &[plan("Week: 1/week")]), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = Plan::parse(&text, &usd());
        }

        #[test]
        fn near_misses_do_not_panic(text in "[A-Z a-z\\[\\]:]{0,12}:? ?[0-9]{0,4}[dwmy]{0,2} ?(free)? ?(then)? ?[0-9.]{0,6}/?[0-9]{0,4}(month|year|m)?s?") {
            let _ = Plan::parse(&text, &usd());
        }

        #[test]
        fn well_formed_plans_are_read(count in 1..1000_u32, cents in 0..100_000_i64, unit in "(day|week|month|year)s?") {
            let price = [number(cents / 100), ".".into(), if cents % 100 < 10 { "0".into() } else { String::new() }, number(cents % 100)].concat();
            let text = ["Plan: ", &price, "/", &number(i64::from(count)), &unit].concat();
            let plan = Plan::parse(&text, &usd()).expect("well formed");
            prop_assert_eq!((plan.every.count, plan.price.plain(2)), (count, price));
        }
    }
}
