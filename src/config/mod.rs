//! What the publisher asked for: settings, from the tag's attributes and the JSON script → [`Config`] and diagnostics.
//!
//! Every setting has a sane default; what cannot be read is reported, named, and replaced by that default. Nothing here
//! can fail: a config mistake never takes the page down.

mod diagnostic;
mod setting;

pub use diagnostic::{Code, Diagnostic, PROSE};
pub use setting::{ATTRIBUTES, Raw, Setting, Settings};

use crate::link::{LinkError, Template};
use crate::look::{Colour, Theme};
use crate::meter::ledger::Site;
use crate::meter::period::Length;
use crate::offer::benefit::Benefit;
use crate::offer::money::Currency;
use crate::offer::plan::{self, Plan, PlanError};
use crate::teaser::Teaser;
use crate::text::number;

/// What surrounds the tag: facts of the page that defaults are taken from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The page's address.
    pub address: &'a str,
    /// The page's host name.
    pub host: &'a str,
    /// The page's language (`<html lang>`), empty if it gives none.
    pub language: &'a str,
    /// The site's name (`og:site_name`), empty if it gives none.
    pub site_name: &'a str,
}

/// Everything a publisher can set, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Keeps this site's keys apart from others on the same origin.
    pub site: Site,
    /// The publication's name, as readers see it.
    pub publication: String,
    /// How many articles may be read in a period, 0 to 1000.
    pub limit: u32,
    /// How long a period is.
    pub period: Length,
    /// How long an article must be visible to count as read, in milliseconds.
    pub dwell: i64,
    /// The publisher's selector for the element that holds the article's text.
    pub content: Option<String>,
    /// How much of it stays readable.
    pub teaser: Teaser,
    /// The currency of all prices.
    pub currency: Currency,
    /// What is sold.
    pub plans: Vec<Plan>,
    /// What a subscriber gets.
    pub benefits: Vec<Benefit>,
    /// Where to subscribe. Without it nothing is gated.
    pub subscribe: Option<Template>,
    /// Where to log in.
    pub login: Option<Template>,
    /// The BCP 47 tag that numbers and prices are written for.
    pub locale: String,
    /// Light or dark.
    pub theme: Theme,
    /// The colour of the button and of what is chosen.
    pub accent: Option<Colour>,
}

impl Config {
    /// Three reads a month, as in rulings ('Default limit 3').
    pub const LIMIT: u32 = 3;
    /// Three seconds, in milliseconds.
    pub const DWELL: i64 = 3000;

    /// Reads the settings. Whatever is wrong with them is in the diagnostics, and the config has what is used instead.
    #[must_use]
    pub fn read(settings: &Settings, page: &Surroundings<'_>) -> (Config, Vec<Diagnostic>) {
        let mut reader = Reader { settings, diagnostics: settings.diagnostics.clone() };
        let or = |text: Option<String>, default: &str| text.unwrap_or_else(|| default.to_owned());

        let site = or(reader.text(Setting::Site), page.host);
        let publication = if page.site_name.is_empty() { page.host } else { page.site_name };
        let locale = reader.locale(page.language);
        let currency = reader.value(Setting::Currency, Code::NotACurrency, "USD", Currency::parse);
        let currency = currency.unwrap_or_else(Currency::dollar);
        let plans = reader.plans(&currency);
        let config = Config {
            site: Site::of(&site),
            publication: or(reader.text(Setting::Publication), publication),
            limit: reader.number(Setting::Limit, Config::LIMIT, 1000),
            period: reader.value(Setting::Period, Code::NotAChoice, "month", length).unwrap_or(Length::Month),
            dwell: i64::from(reader.number(Setting::Dwell, 3, 600)).saturating_mul(1000),
            content: reader.text(Setting::Content),
            teaser: reader.value(Setting::Teaser, Code::NotATeaser, "3p", Teaser::parse).unwrap_or_default(),
            plans,
            currency,
            benefits: reader.benefits(),
            subscribe: reader.link(Setting::SubscribeUrl, page.address),
            login: reader.link(Setting::LoginUrl, page.address),
            locale,
            theme: reader.value(Setting::Theme, Code::NotAChoice, "auto", theme).unwrap_or_default(),
            accent: reader.value(Setting::Accent, Code::NotAColour, "", Colour::parse),
        };
        (config, reader.diagnostics)
    }
}

fn length(name: &str) -> Option<Length> {
    Some(match name {
        "day" => Length::Day,
        "week" => Length::Week,
        "month" => Length::Month,
        "year" => Length::Year,
        _ => return None,
    })
}

fn theme(name: &str) -> Option<Theme> {
    Some(match name {
        "auto" => Theme::Auto,
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => return None,
    })
}

/// Whether `tag` has the shape of a BCP 47 language tag: subtags of 1 to 8 letters or digits, the first of 2 to 8
/// letters. Whether the browser knows it is for the browser to say.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let first = subtags.next().unwrap_or("");
    (2..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// Reads settings one by one and notes what is wrong.
struct Reader<'a> {
    settings: &'a Settings,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn report(&mut self, code: Code, setting: Setting, value: &str, used: &str) {
        self.diagnostics.push(Diagnostic::new(code, setting.attribute(), value, used));
    }

    /// A setting as text, trimmed; `None` where it is not set, empty, or a structure where text belongs.
    fn text(&mut self, setting: Setting) -> Option<String> {
        match self.settings.get(setting)? {
            Raw::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            _ => {
                self.report(Code::WrongType, setting, "", "");
                None
            }
        }
    }

    /// A setting that `parse` understands; where it does not, `default` is used, which may be empty for 'none'.
    fn value<T>(
        &mut self,
        setting: Setting,
        code: Code,
        default: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if let Some(text) = self.text(setting) {
            let parsed = parse(&text);
            if parsed.is_some() {
                return parsed;
            }
            self.report(code, setting, &text, default);
        }
        parse(default)
    }

    fn number(&mut self, setting: Setting, default: u32, most: u32) -> u32 {
        // Set but empty: a template that filled in nothing, which the publisher should know of (CN-09).
        if matches!(self.settings.get(setting), Some(Raw::Text(text)) if text.trim().is_empty()) {
            self.report(Code::NotANumber, setting, "", &number(i64::from(default)));
        }
        let plain = |text: &str| {
            let digits = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok())?.filter(|value| *value <= most)
        };
        self.value(setting, Code::NotANumber, &number(i64::from(default)), plain).unwrap_or(default)
    }

    fn locale(&mut self, page: &str) -> String {
        let page = Some(page.trim()).filter(|tag| is_language_tag(tag)).unwrap_or("en");
        let tag = |text: &str| is_language_tag(text).then(|| text.to_owned());
        self.value(Setting::Locale, Code::NotALanguage, page, tag).unwrap_or_else(|| page.to_owned())
    }

    fn link(&mut self, setting: Setting, page: &str) -> Option<Template> {
        let text = self.text(setting)?;
        match Template::parse(&text, page) {
            Ok(template) => Some(template),
            Err(error) => {
                let code = match error {
                    LinkError::Malformed => Code::LinkMalformed,
                    LinkError::Scheme => Code::LinkScheme,
                    LinkError::Authority => Code::LinkAuthority,
                };
                self.report(code, setting, &text, "");
                None
            }
        }
    }

    /// The items of a list setting: `a | b` as text, or a JSON list.
    fn items(&mut self, setting: Setting) -> Vec<Raw> {
        match self.settings.get(setting) {
            None => Vec::new(),
            Some(Raw::Text(text)) => text.split('|').map(|item| Raw::Text(item.to_owned())).collect(),
            Some(Raw::List(items)) => items.clone(),
            Some(Raw::Map(_)) => {
                self.report(Code::WrongType, setting, "", "");
                Vec::new()
            }
        }
    }

    fn plans(&mut self, currency: &Currency) -> Vec<Plan> {
        let mut plans = Vec::new();
        for item in self.items(Setting::Plans) {
            let (text, parsed) = match &item {
                Raw::Text(text) if text.trim().is_empty() => continue,
                Raw::Text(text) => (text.clone(), Plan::parse(text, currency)),
                _ => {
                    let (name, terms) = (item.field("name"), item.field("terms"));
                    let parsed = Plan::of(name, terms, currency).map(|mut plan| {
                        let badge = item.field("badge").trim();
                        if !badge.is_empty() {
                            plan.badge = Some(badge.to_owned());
                        }
                        let id = crate::meter::ledger::slug(item.field("id"), 40);
                        if !id.is_empty() {
                            plan.id = id;
                        }
                        plan
                    });
                    ([name, ": ", terms].concat(), parsed)
                }
            };
            match parsed {
                Ok(plan) => plans.push(plan),
                Err(error) => {
                    let code = match error {
                        PlanError::NoTerms => Code::PlanTerms,
                        PlanError::BadTrial => Code::PlanTrial,
                        PlanError::BadPrice => Code::PlanPrice,
                        PlanError::TooManyDecimals => Code::PlanDecimals,
                        PlanError::BadPeriod => Code::PlanPeriod,
                    };
                    self.report(code, Setting::Plans, text.trim(), "");
                }
            }
        }
        plan::tell_apart(&mut plans);
        plans
    }

    fn benefits(&mut self) -> Vec<Benefit> {
        let mut benefits = Vec::new();
        for item in self.items(Setting::Benefits) {
            benefits.extend(match &item {
                Raw::Text(text) => Benefit::parse(text),
                _ => Benefit::parse(item.field("text")).map(|benefit| Benefit {
                    badge: Some(item.field("badge").trim().to_owned()).filter(|badge| !badge.is_empty()),
                    ..benefit
                }),
            });
        }
        benefits
    }
}

#[cfg(test)]
mod tests;
