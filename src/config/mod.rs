//! What the publisher asked for: settings, from the tag's attributes and the JSON script → [`Config`] and diagnostics.
//!
//! Every setting has a sane default; what cannot be read is reported, named, and replaced by that default. Nothing here
//! can fail: a config mistake never takes the page down.

mod diagnostic;
pub mod setting;

pub use diagnostic::{Code, Diagnostic, PROSE};
pub use setting::{ATTRIBUTES, Entries, Settings};

use crate::link::{LinkError, Template};
use crate::look::{Colour, Theme};
use crate::meter::ledger::{Site, slug};
use crate::meter::period::Unit;
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

/// The most items that are read of a JSON list. Each is searched for: a longer one would keep the page waiting.
const ITEMS: usize = 100;

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
    pub period: Unit,
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
    /// Three seconds.
    pub const DWELL: u32 = 3;

    /// Reads the settings. Whatever is wrong with them is in the diagnostics, and the config has what is used instead.
    #[must_use]
    pub fn read(mut settings: Settings, page: &Surroundings<'_>) -> (Config, Vec<Diagnostic>) {
        let diagnostics = std::mem::take(&mut settings.diagnostics);
        let mut parser = Parser { settings: &settings, diagnostics };
        let site = parser.text_or(setting::SITE, page.host);

        let language = trim(page.language);
        let language = if is_language_tag(language) { language } else { "en" };
        let mut locale = parser.text_or(setting::LOCALE, language);
        if !is_language_tag(locale) {
            parser.report(Code::NotALanguage, setting::LOCALE, locale, language);
            locale = language;
        }
        let text = parser.text(setting::CURRENCY);
        let currency = Currency::parse(text).unwrap_or_else(|| {
            parser.refuse(Code::NotACurrency, setting::CURRENCY, text, "USD");
            Currency::dollar()
        });
        let plans = parser.plans(&currency);
        let publication = if page.site_name.is_empty() { page.host } else { page.site_name };
        let publication = parser.text_or(setting::PUBLICATION, publication);
        let limit = parser.number(setting::LIMIT, Config::LIMIT, 1000);
        let period = match parser.choice(setting::PERIOD, &["month", "day", "week", "year"]) {
            1 => Unit::Day,
            2 => Unit::Week,
            3 => Unit::Year,
            _ => Unit::Month,
        };
        let dwell = i64::from(parser.number(setting::DWELL, Config::DWELL, 600)).wrapping_mul(1000);
        let text = parser.text(setting::TEASER);
        let teaser = Teaser::parse(text).unwrap_or_else(|| {
            parser.refuse(Code::NotATeaser, setting::TEASER, text, "3p");
            Teaser::default()
        });
        let subscribe = parser.link(setting::SUBSCRIBE_URL, page.address);
        let login = parser.link(setting::LOGIN_URL, page.address);
        let theme = match parser.choice(setting::THEME, &["auto", "light", "dark"]) {
            1 => Theme::Light,
            2 => Theme::Dark,
            _ => Theme::Auto,
        };
        let text = parser.text(setting::ACCENT);
        let accent = Colour::parse(text);
        if accent.is_none() {
            parser.refuse(Code::NotAColour, setting::ACCENT, text, "");
        }
        let content = some_text(parser.text(setting::CONTENT));
        let benefits = parser.benefits();
        let config = Config {
            site: Site::of(site),
            publication: publication.to_owned(),
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
            locale: locale.to_owned(),
            theme,
            accent,
        };
        (config, parser.diagnostics)
    }
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
struct Parser<'a> {
    settings: &'a Settings,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    fn report(&mut self, code: Code, attribute: &'static str, value: &str, used: &str) {
        self.diagnostics.push(Diagnostic::new(code, attribute, value, used));
    }

    /// As `report`, for a setting that could not be read: one that is not set is no mistake.
    fn refuse(&mut self, code: Code, attribute: &'static str, value: &str, used: &str) {
        if !value.is_empty() {
            self.report(code, attribute, value, used);
        }
    }

    /// A setting as text, trimmed; empty where it is not set, or a structure where text belongs.
    #[inline(never)]
    fn text(&mut self, attribute: &'static str) -> &'a str {
        if let Some(text) = self.settings.text(attribute) {
            return trim(text);
        }
        if self.settings.structure(attribute).is_some() {
            self.report(Code::WrongType, attribute, "", "");
        }
        ""
    }

    fn text_or(&mut self, attribute: &'static str, default: &'a str) -> &'a str {
        let text = self.text(attribute);
        if text.is_empty() { default } else { text }
    }

    fn number(&mut self, attribute: &'static str, default: u32, most: u32) -> u32 {
        let text = self.text(attribute);
        match whole(text) {
            Some(number) if number <= most => number,
            // Set but empty is a mistake too: a template that filled in nothing (CN-09).
            _ => {
                if self.settings.text(attribute).is_some() {
                    self.report(Code::NotANumber, attribute, text, &number(i64::from(default)));
                }
                default
            }
        }
    }

    /// The place of a setting among the words it knows, of which the first is the default.
    fn choice(&mut self, attribute: &'static str, words: &[&str]) -> usize {
        let text = self.text(attribute);
        let mut place = 0_usize;
        for word in words {
            if *word == text {
                return place;
            }
            place = place.wrapping_add(1);
        }
        self.refuse(Code::NotAChoice, attribute, text, words.first().unwrap_or(&""));
        0
    }

    fn link(&mut self, attribute: &'static str, page: &str) -> Option<Template> {
        let text = self.text(attribute);
        let error = match Template::parse(text, page) {
            Ok(template) => return Some(template),
            Err(error) => error,
        };
        let code = match error {
            LinkError::Malformed => Code::LinkMalformed,
            LinkError::Scheme => Code::LinkScheme,
            LinkError::Authority => Code::LinkAuthority,
        };
        self.refuse(code, attribute, text, "");
        None
    }

    /// The items of a list setting: `a | b` as text, or a JSON list. A JSON object comes without a text but with the
    /// name of its fields.
    fn items(&mut self, attribute: &'static str) -> Vec<(Option<&'a str>, String)> {
        let settings = self.settings;
        let mut items = Vec::new();
        if settings.structure(attribute) == Some("list") && settings.text(attribute).is_none() {
            while items.len() < ITEMS
                && let Some(item) = settings.item(attribute, items.len() as i64)
            {
                items.push(item);
            }
        } else {
            let mut rest = Some(self.text(attribute));
            while let Some(item) = next_field(&mut rest, b'|') {
                items.push((Some(item), String::new()));
            }
        }
        items
    }

    fn plans(&mut self, currency: &Currency) -> Vec<Plan> {
        let settings = self.settings;
        let mut plans = Vec::new();
        for (text_of_item, fields) in self.items(setting::PLANS) {
            let (name, terms) = (settings.field(&fields, "name"), settings.field(&fields, "terms"));
            let written = join(&[name, ": ", terms]);
            let text = trim(text_of_item.unwrap_or(&written));
            if text.is_empty() {
                continue;
            }
            let parsed = match text_of_item {
                Some(text) => Plan::parse(text, currency),
                None => Plan::of(name, terms, currency),
            };
            let error = match parsed {
                Ok(mut plan) => {
                    let badge = trim(settings.field(&fields, "badge"));
                    if !badge.is_empty() {
                        plan.badge = Some(badge.to_owned());
                    }
                    let id = slug(settings.field(&fields, "id"), 40);
                    if !id.is_empty() {
                        plan.id = id;
                    }
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
            self.report(code, setting::PLANS, text, "");
        }
        plan::tell_apart(&mut plans);
        plans
    }

    fn benefits(&mut self) -> Vec<Benefit> {
        let settings = self.settings;
        let mut benefits = Vec::new();
        for (text, fields) in self.items(setting::BENEFITS) {
            let benefit = match text {
                Some(text) => Benefit::parse(text),
                // Apart already: brackets in the text are the text's own.
                None => some_text(trim(settings.field(&fields, "text")))
                    .map(|text| Benefit { text, badge: some_text(trim(settings.field(&fields, "badge"))) }),
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
