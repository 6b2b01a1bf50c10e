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
use crate::meter::ledger::{Site, slug};
use crate::meter::period::Length;
use crate::offer::benefit::Benefit;
use crate::offer::money::Currency;
use crate::offer::plan::{self, Plan, PlanError};
use crate::offer::some_text;
use crate::teaser::Teaser;
use crate::text::number;
use crate::text::scan::{join, next_field, trim, whole};

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
        let site = reader.text_or(Setting::Site, page.host);

        let language = trim(page.language);
        let language = if is_language_tag(language) { language } else { "en" };
        let mut locale = reader.text_or(Setting::Locale, language);
        if !is_language_tag(&locale) {
            reader.report(Code::NotALanguage, Setting::Locale, &locale, language);
            language.clone_into(&mut locale);
        }
        let text = reader.text(Setting::Currency);
        let currency = Currency::parse(&text).unwrap_or_else(|| {
            reader.refuse(Code::NotACurrency, Setting::Currency, &text, "USD");
            Currency::dollar()
        });
        let plans = reader.plans(&currency);
        let publication = if page.site_name.is_empty() { page.host } else { page.site_name };
        let publication = reader.text_or(Setting::Publication, publication);
        let limit = reader.number(Setting::Limit, Config::LIMIT, 1000);
        let text = reader.text(Setting::Period);
        let period = length(&text).unwrap_or_else(|| {
            reader.refuse(Code::NotAChoice, Setting::Period, &text, "month");
            Length::Month
        });
        let dwell = i64::from(reader.number(Setting::Dwell, 3, 600)).saturating_mul(1000);
        let text = reader.text(Setting::Teaser);
        let teaser = Teaser::parse(&text).unwrap_or_else(|| {
            reader.refuse(Code::NotATeaser, Setting::Teaser, &text, "3p");
            Teaser::default()
        });
        let subscribe = reader.link(Setting::SubscribeUrl, page.address);
        let login = reader.link(Setting::LoginUrl, page.address);
        let text = reader.text(Setting::Theme);
        let theme = theme(&text).unwrap_or_else(|| {
            reader.refuse(Code::NotAChoice, Setting::Theme, &text, "auto");
            Theme::Auto
        });
        let text = reader.text(Setting::Accent);
        let accent = Colour::parse(&text);
        if accent.is_none() {
            reader.refuse(Code::NotAColour, Setting::Accent, &text, "");
        }
        let content = some_text(&reader.text(Setting::Content));
        let benefits = reader.benefits();
        let site = Site::of(&site);
        let config = Config {
            site,
            publication,
            limit,
            period,
            dwell,
            content,
            teaser,
            currency,
            plans,
            benefits,
            subscribe,
            login,
            locale,
            theme,
            accent,
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
    let mut rest = Some(tag);
    let mut is_first = true;
    while let Some(subtag) = next_field(&mut rest, b'-') {
        if subtag.len() > 8 || subtag.len() < if is_first { 2 } else { 1 } {
            return false;
        }
        for byte in subtag.bytes() {
            if !byte.is_ascii_alphabetic() && (is_first || !byte.is_ascii_digit()) {
                return false;
            }
        }
        is_first = false;
    }
    true
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

    /// As `report`, for a setting that could not be read: one that is not set is no mistake.
    fn refuse(&mut self, code: Code, setting: Setting, value: &str, used: &str) {
        if !value.is_empty() {
            self.report(code, setting, value, used);
        }
    }

    /// A setting as text, trimmed; empty where it is not set, or a structure where text belongs.
    fn text(&mut self, setting: Setting) -> String {
        match self.settings.get(setting) {
            Some(Raw::Text(text)) => return trim(text).to_owned(),
            Some(_) => self.report(Code::WrongType, setting, "", ""),
            None => {}
        }
        String::new()
    }

    fn text_or(&mut self, setting: Setting, default: &str) -> String {
        let text = self.text(setting);
        if text.is_empty() { default.to_owned() } else { text }
    }

    fn number(&mut self, setting: Setting, default: u32, most: u32) -> u32 {
        let text = self.text(setting);
        match whole(&text) {
            Some(number) if number <= most => number,
            // Set but empty is a mistake too: a template that filled in nothing (CN-09).
            _ => {
                if matches!(self.settings.get(setting), Some(Raw::Text(_))) {
                    self.report(Code::NotANumber, setting, &text, &number(i64::from(default)));
                }
                default
            }
        }
    }

    fn link(&mut self, setting: Setting, page: &str) -> Option<Template> {
        let text = self.text(setting);
        let error = match Template::parse(&text, page) {
            Ok(template) => return Some(template),
            Err(error) => error,
        };
        let code = match error {
            LinkError::Malformed => Code::LinkMalformed,
            LinkError::Scheme => Code::LinkScheme,
            LinkError::Authority => Code::LinkAuthority,
        };
        self.refuse(code, setting, &text, "");
        None
    }

    /// The items of a list setting: `a | b` as text, or a JSON list.
    fn items(&mut self, setting: Setting) -> Vec<Raw> {
        let mut items = Vec::new();
        match self.settings.get(setting) {
            None => {}
            Some(Raw::Text(text)) => {
                let mut rest = Some(text.as_str());
                while let Some(item) = next_field(&mut rest, b'|') {
                    items.push(Raw::Text(trim(item).to_owned()));
                }
            }
            Some(Raw::List(list)) => items.clone_from(list),
            Some(Raw::Map(_)) => self.report(Code::WrongType, setting, "", ""),
        }
        items
    }

    fn plans(&mut self, currency: &Currency) -> Vec<Plan> {
        let mut plans = Vec::new();
        for item in self.items(Setting::Plans) {
            let (text, parsed) = match item {
                Raw::Text(text) if text.is_empty() => continue,
                Raw::Text(text) => {
                    let parsed = Plan::parse(&text, currency);
                    (text, parsed)
                }
                item => {
                    let (name, terms) = (item.field("name"), item.field("terms"));
                    let mut parsed = Plan::of(name, terms, currency);
                    if let Ok(plan) = &mut parsed {
                        let badge = trim(item.field("badge"));
                        if !badge.is_empty() {
                            plan.badge = Some(badge.to_owned());
                        }
                        let id = slug(item.field("id"), 40);
                        if !id.is_empty() {
                            plan.id = id;
                        }
                    }
                    (join(&[name, ": ", terms]), parsed)
                }
            };
            let error = match parsed {
                Ok(plan) => {
                    plans.push(plan);
                    continue;
                }
                Err(error) => error,
            };
            let code = match error {
                PlanError::NoTerms => Code::PlanTerms,
                PlanError::BadTrial => Code::PlanTrial,
                PlanError::BadPrice => Code::PlanPrice,
                PlanError::TooManyDecimals => Code::PlanDecimals,
                PlanError::BadPeriod => Code::PlanPeriod,
            };
            self.report(code, Setting::Plans, trim(&text), "");
        }
        plan::tell_apart(&mut plans);
        plans
    }

    fn benefits(&mut self) -> Vec<Benefit> {
        let mut benefits = Vec::new();
        for item in self.items(Setting::Benefits) {
            let benefit = match &item {
                Raw::Text(text) => Benefit::parse(text),
                // Apart already: brackets in the text are the text's own.
                _ => some_text(trim(item.field("text")))
                    .map(|text| Benefit { text, badge: some_text(trim(item.field("badge"))) }),
            };
            if let Some(benefit) = benefit {
                benefits.push(benefit);
            }
        }
        benefits
    }
}

#[cfg(test)]
mod tests;
