//! The messages in English: source language, written by the Tollgate developers, reviewed with the code.

use super::{Message, Unit};

/// The BCP 47 tag of these messages.
pub const LANGUAGE: &str = "en";

/// The template of a message, in the singular or the plural (English has the CLDR categories `one` and `other`).
pub(super) fn template(message: Message, one: bool) -> &'static str {
    use Unit::{Day, Month, Week, Year};
    match (message, one) {
        (Message::LimitReached(Day), true) => "You’ve read your one free article today",
        (Message::LimitReached(Day), false) => "You’ve read your {limit} free articles today",
        (Message::LimitReached(Week), true) => "You’ve read your one free article this week",
        (Message::LimitReached(Week), false) => "You’ve read your {limit} free articles this week",
        (Message::LimitReached(Month), true) => "You’ve read your one free article this month",
        (Message::LimitReached(Month), false) => "You’ve read your {limit} free articles this month",
        (Message::LimitReached(Year), true) => "You’ve read your one free article this year",
        (Message::LimitReached(Year), false) => "You’ve read your {limit} free articles this year",
        (Message::AllFreeReadsUsed, true) => "You’ve read your one free article",
        (Message::AllFreeReadsUsed, false) => "You’ve read your {limit} free articles",
        (Message::SubscribersOnly, _) => "This story is for subscribers",
        (Message::SignUpToReadOn, _) => "Sign up for our newsletter to read on",
        (Message::RegisterToReadOn, _) => "Create a free account to read on",
        (Message::FreeOfCharge, _) => "It’s free.",
        (Message::LastFreeRead, _) => "This is your last free article",
        (Message::FreeReadsLeft, true) => "You have one free article left",
        (Message::FreeReadsLeft, false) => "You have {left} free articles left",
        (Message::Offer, _) => "Keep reading with {publication}",
        (Message::Plans, _) => "Choose a plan",
        (Message::Benefits, _) => "What you get",
        (Message::TrialFree(Day), true) => "{count} day free",
        (Message::TrialFree(Day), false) => "{count} days free",
        (Message::TrialFree(Week), true) => "{count} week free",
        (Message::TrialFree(Week), false) => "{count} weeks free",
        (Message::TrialFree(Month), true) => "{count} month free",
        (Message::TrialFree(Month), false) => "{count} months free",
        (Message::TrialFree(Year), true) => "{count} year free",
        (Message::TrialFree(Year), false) => "{count} years free",
        (Message::ThenPrice(Day), true) => "then {price} per day",
        (Message::ThenPrice(Day), false) => "then {price} every {count} days",
        (Message::ThenPrice(Week), true) => "then {price} per week",
        (Message::ThenPrice(Week), false) => "then {price} every {count} weeks",
        (Message::ThenPrice(Month), true) => "then {price} per month",
        (Message::ThenPrice(Month), false) => "then {price} every {count} months",
        (Message::ThenPrice(Year), true) => "then {price} per year",
        (Message::ThenPrice(Year), false) => "then {price} every {count} years",
        (Message::Price(Day), true) => "{price} per day",
        (Message::Price(Day), false) => "{price} every {count} days",
        (Message::Price(Week), true) => "{price} per week",
        (Message::Price(Week), false) => "{price} every {count} weeks",
        (Message::Price(Month), true) => "{price} per month",
        (Message::Price(Month), false) => "{price} every {count} months",
        (Message::Price(Year), true) => "{price} per year",
        (Message::Price(Year), false) => "{price} every {count} years",
        (Message::SavingAYear, _) => "Save {saving} a year",
        (Message::Saving, _) => "Save {saving}",
        (Message::StartTrial, _) => "Try {publication} for free",
        (Message::Subscribe, _) => "Subscribe to {publication}",
        (Message::SignUp, _) => "Sign up",
        (Message::Register, _) => "Create an account",
        (Message::NotNow, _) => "Not now",
        (Message::TrialToReadOn, _) => "Start your free trial to read the full story.",
        (Message::SubscribeToReadOn, _) => "Subscribe to read the full story.",
        (Message::Cancel, _) => "Cancel anytime",
        (Message::Already, _) => "Already a subscriber?",
        (Message::LogIn, _) => "Log in",
        (Message::AllPlans, _) => "See all plans",
        (Message::Close, _) => "Close",
    }
}

/// The word for a count, up to twelve, as newspapers write them.
pub(super) fn number_word(value: u32) -> Option<&'static str> {
    Some(match value {
        0 => "no",
        1 => "one",
        2 => "two",
        3 => "three",
        4 => "four",
        5 => "five",
        6 => "six",
        7 => "seven",
        8 => "eight",
        9 => "nine",
        10 => "ten",
        11 => "eleven",
        12 => "twelve",
        _ => return None,
    })
}
