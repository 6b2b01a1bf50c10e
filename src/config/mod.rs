//! What the publisher asked for: settings, from the tag's attributes and the JSON script → [`Config`] and diagnostics.
//!
//! Every setting has a sane default; what cannot be read is reported, named, and replaced by that default. Nothing here
//! can fail: a config mistake never takes the page down.

mod diagnostic;
#[cfg(any(test, feature = "replay", feature = "signing"))]
pub mod json;
pub mod setting;

pub use diagnostic::{Code, Diagnostic, PROSE};
pub use setting::{ATTRIBUTES, Entries, OF_THE_TAG, Settings};

use crate::access::authorizer::Sources;
use crate::access::entitlement::Tier;
use crate::access::{referrer, token};
use crate::article::{is_of_one_site, normal_percent, split_site};
use crate::link::{LinkError, Template};
use crate::look::{Colour, PlanStyle, Style, Theme};
use crate::meter::ledger::{Site, slug};
use crate::meter::period::{Cut, Unit, Window};
use crate::meter::policy::{RULES, Rule, SURFACES, Step, Surface};
use crate::offer::benefit::Benefit;
use crate::offer::money::Currency;
use crate::offer::plan::{self, Plan, PlanError};
use crate::offer::{cut_badge, some_text};
use crate::teaser::Teaser;
use crate::text::scan::{before, cut, cut_last, is_one_of, join, lower, next_field, push, trim, whole};
use crate::text::{number, without_unit};

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

/// The days a week can begin on.
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Everything a publisher can set, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Keeps this site's keys apart from others on the same origin.
    pub site: Site,
    /// How many articles may be read in a period, 0 to 1000 each: by anonymous readers, with the newsletter, registered.
    pub limits: [u32; 3],
    /// How reads are given their periods.
    pub window: Window,
    /// The IANA name of the zone whose calendar cuts the periods; empty for UTC, and where a period begins with a read.
    pub zone: String,
    /// How many reads a day are free for readers from listed referrers, 0 to 1000.
    pub referrer_limit: u32,
    /// What shows from which read on, in order. There is always one for the subscription.
    pub steps: Vec<Step>,
    /// How long an article must be visible to count as read, in milliseconds.
    pub dwell: i64,
    /// The publisher's selector for the element that holds the article's text.
    pub content: Option<String>,
    /// How much of it stays readable.
    pub teaser: Teaser,
    /// Where to subscribe. Without it nothing is gated.
    pub subscribe: Option<Template>,
    /// Where to sign up for the newsletter.
    pub newsletter: Option<Template>,
    /// Where to make an account.
    pub register: Option<Template>,
    /// Whether nothing may be stored until the reader consents.
    pub asks_consent: bool,
    /// Whether the page's structured data is to be completed.
    pub describes: bool,
    /// Whether the meter decides where it can't be found out who is reading; else the article is open then.
    pub denies: bool,
    /// Whether there are sources that say who may read: see [`Config::sources`].
    pub connects: bool,
    /// Whether there are lists of meters, paths, referrers or steps.
    has_rules: bool,
    /// What is shown to look at it, whoever reads; nothing is counted or stored then.
    pub preview: Option<Preview>,
    /// What the rest is read from, when it is wanted: an article's terms, and what only a gate uses.
    settings: Settings,
    /// The page's address, language and name, for what is left to them.
    address: String,
    language: String,
    name: String,
}

/// What only a gate uses of what a publisher can set.
#[derive(Clone, Debug)]
pub struct GateConfig {
    /// The publication's name, as readers see it.
    pub publication: String,
    /// The currency of all prices.
    pub currency: Currency,
    /// What is sold.
    pub plans: Vec<Plan>,
    /// What a subscriber gets.
    pub benefits: Vec<Benefit>,
    /// Where to log in.
    pub login: Option<Template>,
    /// The BCP 47 tag that numbers and prices are written for.
    pub locale: String,
    /// Light or dark.
    pub theme: Theme,
    /// The colour of the button and of what is chosen.
    pub accent: Option<Colour>,
    /// How it is set.
    pub style: Style,
    /// How a plan is taken.
    pub plan_style: PlanStyle,
    /// Whether the notice is a card in a corner, and no bar.
    pub is_card: bool,
    /// The address of the publication's logo, on the page's own site or by https.
    pub logo: Option<Template>,
}

/// What a preview shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The surface.
    pub surface: Surface,
    /// Whether its overlay opens; else it shows where the text is cut.
    pub opens: bool,
}

/// A meter that an article is on, beside the tag's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionMeter {
    /// Its name as a slug, behind a colon: what stands behind the article in its keys.
    pub mark: String,
    /// How many articles may be read in a period, 0 to 1000, by readers of every tier that is metered.
    pub limit: u32,
}

/// What the page says of one article.
#[derive(Clone, Copy, Debug, Default)]
pub struct Says<'a> {
    /// Its address.
    pub address: &'a str,
    /// Its rule: one of [`RULES`]; empty where it says nothing.
    pub rule: &'a str,
    /// The sections it belongs to, parted by commas.
    pub sections: &'a str,
    /// The address of the page the reader came from; empty if it is not known.
    pub referrer: &'a str,
}

/// What the configuration makes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether it is metered: as the page says, else as the first path that fits says.
    pub rule: Rule,
    /// The meters it is on; none where it is on the tag's own.
    pub meters: Vec<SectionMeter>,
    /// Whether the reader comes from where articles are free.
    pub referred: bool,
}

/// Whether an article of some `sections` is in one of a meter's; both are lists parted by commas. `*` is every article's.
fn is_in(sections: &str, of_meter: &str) -> bool {
    let of_meter = lower(of_meter);
    let sections = lower(sections);
    let mut known = Some(of_meter.as_str());
    while let Some(name) = next_field(&mut known, b',') {
        let name = trim(name);
        let mut rest = Some(sections.as_str());
        while let Some(section) = next_field(&mut rest, b',') {
            if *name == *"*" || (*trim(section) == *name && !name.is_empty()) {
                return true;
            }
        }
    }
    false
}

/// Whether a path fits a pattern: the same characters, where each `*` stands for any number of any.
#[must_use]
pub fn fits(path: &str, pattern: &str) -> bool {
    let (mut path, mut pattern) = (path.as_bytes(), pattern.as_bytes());
    // Where the last star was met: what follows it, and what of the path it has not yet taken.
    let mut star = None;
    loop {
        match (pattern, path) {
            ([], []) => return true,
            ([b'*', after @ ..], _) => {
                pattern = after;
                star = Some((after, path));
            }
            ([expected, after @ ..], [byte, rest @ ..]) if expected == byte => {
                pattern = after;
                path = rest;
            }
            _ => {
                // The last star takes one more.
                let Some((after, [_, rest @ ..])) = star else { return false };
                pattern = after;
                path = rest;
                star = Some((after, rest));
            }
        }
    }
}

impl Config {
    /// Three reads a month, as in rulings ('Default limit 3').
    pub const LIMIT: u32 = 3;
    /// Three seconds.
    pub const DWELL: u32 = 3;
    /// Three free reads a day for readers from listed referrers.
    pub const REFERRER_LIMIT: u32 = 3;

    /// How many articles a reader of this tier may read in a period on the tag's own meter.
    #[must_use]
    pub fn limit(&self, tier: Tier) -> u32 {
        let [anonymous, newsletter, registered] = self.limits;
        match tier {
            Tier::Anonymous => anonymous,
            Tier::Newsletter => newsletter,
            Tier::Registered | Tier::Subscriber => registered,
        }
    }

    /// Where a surface leads.
    #[must_use]
    pub fn link(&self, surface: Surface) -> Option<&Template> {
        match surface {
            Surface::Newsletter => self.newsletter.as_ref(),
            Surface::Register => self.register.as_ref(),
            Surface::Subscribe | Surface::Notice => self.subscribe.as_ref(),
        }
    }

    /// The terms of an article. What is wrong with them, or with what the page says, goes to the diagnostics.
    #[must_use]
    pub fn terms(&self, says: &Says<'_>, diagnostics: &mut Vec<Diagnostic>) -> Terms {
        let mut parser = Parser { settings: &self.settings, diagnostics };
        if self.has_rules {
            parser.listed_terms(says)
        } else {
            Terms { rule: parser.rule_of(says).unwrap_or_default(), ..Terms::default() }
        }
    }

    /// Reads what only a gate uses. Whatever is wrong with it goes to the diagnostics.
    #[must_use]
    pub fn for_gate(&self, diagnostics: &mut Vec<Diagnostic>) -> GateConfig {
        let mut parser = Parser { settings: &self.settings, diagnostics };
        let language = trim(&self.language);
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
        let publication = parser.text_or(setting::PUBLICATION, &self.name);
        let login = parser.link(setting::LOGIN_URL, &self.address);
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
        let benefits = parser.benefits();
        let style = if parser.choice(setting::STYLE, &["journal", "plain"]) == 1 {
            Style::Plain
        } else {
            Style::Journal
        };
        let by_buttons = parser.choice(setting::PLAN_STYLE, &["choice", "buttons"]) == 1;
        let plan_style = if by_buttons { PlanStyle::Buttons } else { PlanStyle::Choice };
        let is_card = parser.choice(setting::NOTICE_STYLE, &["bar", "card"]) == 1;
        let logo = parser.link(setting::LOGO, &self.address);
        GateConfig {
            publication: publication.to_owned(),
            currency,
            plans,
            benefits,
            login,
            locale: locale.to_owned(),
            theme,
            accent,
            style,
            plan_style,
            is_card,
            logo,
        }
    }

    /// Reads the sources that say who may read. Whatever is wrong with them goes to the diagnostics.
    #[must_use]
    pub fn sources(&self, diagnostics: &mut Vec<Diagnostic>) -> Sources {
        let mut parser = Parser { settings: &self.settings, diagnostics };
        let mut endpoint = parser.text(setting::ENTITLEMENT_URL);
        if parser.link(setting::ENTITLEMENT_URL, &self.address).is_none() {
            endpoint = "";
        } else if !self.may_ask(endpoint, parser.text(setting::ENTITLEMENT_ORIGINS)) {
            parser.report(Code::EndpointElsewhere, setting::ENTITLEMENT_URL, endpoint, "");
            endpoint = "";
        }
        let written = match parser.settings.document(setting::TOKEN_KEYS) {
            Some(document) => token::keys_of(&document),
            None => token::keys(parser.text(setting::TOKEN_KEYS)),
        };
        let mut keys = Vec::new();
        let is_set = parser.settings.has_one_of(&[setting::TOKEN_KEYS]);
        let issuer = parser.text(setting::TOKEN_ISSUER);
        match written {
            Some(written) if !issuer.is_empty() => keys = written,
            Some(_) => parser.report(Code::NoIssuer, setting::TOKEN_ISSUER, "", ""),
            None if is_set => parser.report(Code::NotKeys, setting::TOKEN_KEYS, "", ""),
            None => {}
        }
        let (cookie, flag) = (parser.text(setting::SUBSCRIBER_COOKIE), parser.text(setting::SUBSCRIBER_IF));
        let token_cookie = parser.text(setting::TOKEN_COOKIE);
        Sources {
            endpoint: endpoint.to_owned(),
            keys,
            issuer: issuer.to_owned(),
            site: self.site.as_str().to_owned(),
            token_cookie: token_cookie.to_owned(),
            cookie: cookie.to_owned(),
            flag: flag.to_owned(),
        }
    }

    /// Where events are also sent to: `datalayer`, `gtag`, or nothing.
    #[must_use]
    pub fn analytics(&self, diagnostics: &mut Vec<Diagnostic>) -> &'static str {
        let mut parser = Parser { settings: &self.settings, diagnostics };
        match parser.choice(setting::ANALYTICS, &["none", "datalayer", "gtag"]) {
            1 => "datalayer",
            2 => "gtag",
            _ => "",
        }
    }

    /// Where to log in, for a way there that no gate shows; what is wrong with it is said by the gate.
    #[must_use]
    pub fn login(&self) -> Option<Template> {
        Template::parse(self.settings.text(setting::LOGIN_URL).unwrap_or(""), &self.address).ok()
    }

    /// Whether an endpoint may be told what is read (adverse case SEC-06): it is of the page's own site, that is on its host, on one above or
    /// below it, or it is on one of the `origins`, parted by blanks.
    fn may_ask(&self, endpoint: &str, origins: &str) -> bool {
        let origin = |address: &str| lower(split_site(address).0);
        if cut(before(endpoint, b'?'), b':').is_none() {
            return true;
        }
        let (theirs, ours) = (origin(endpoint), origin(&self.address));
        // No origin has a `*`, and a list that has one would allow them all.
        cut(origins, b'*').is_none() && is_one_of(&theirs, &lower(origins)) || is_of_one_site(&ours, &theirs)
    }

    /// The publisher's selector of what no overlay may cover; empty without one.
    #[must_use]
    pub fn wait_for(&self) -> &str {
        self.settings.text(setting::WAIT_FOR).map_or("", trim)
    }

    /// The publisher's own text for a message, by its name.
    #[must_use]
    pub fn replaced(&self, message: &str) -> Option<&str> {
        self.settings.replaced(message)
    }

    /// Notes each text of the publisher's whose message is not among the `names`, parted by blanks. A name may leave out the unit of a
    /// message that there is for each.
    pub fn check_texts(&self, names: &str, diagnostics: &mut Vec<Diagnostic>) {
        for own in self.settings.replaced_names() {
            let mut known = false;
            let mut rest = Some(names);
            while let Some(name) = next_field(&mut rest, b' ') {
                known |= own == setting::letters(name) || own == setting::letters(without_unit(name));
            }
            if !known {
                diagnostics.push(Diagnostic::new(Code::UnknownText, "data-text", own, ""));
            }
        }
    }

    /// Reads the settings, but for what [`Config::terms`] and [`Config::for_gate`] read. Whatever is wrong with them is in the
    /// diagnostics, and the config has what is used instead.
    #[must_use]
    pub fn read(mut settings: Settings, page: &Surroundings<'_>) -> (Config, Vec<Diagnostic>) {
        let mut diagnostics = std::mem::take(&mut settings.diagnostics);
        let mut parser = Parser { settings: &settings, diagnostics: &mut diagnostics };
        let site = parser.text_or(setting::SITE, page.host);

        let anonymous = parser.number(setting::LIMIT, Config::LIMIT, 1000);
        // What a reader has given is worth at least what it was worth before.
        let with_newsletter = parser.number(setting::NEWSLETTER_LIMIT, anonymous, 1000);
        let registered = parser.number(setting::REGISTERED_LIMIT, with_newsletter, 1000);
        let window = parser.window();
        let zone = if window.cut == Cut::Calendar { parser.text(setting::TIME_ZONE) } else { "" };
        let referrer_limit = parser.number(setting::REFERRER_LIMIT, Config::REFERRER_LIMIT, 1000);
        let dwell = i64::from(parser.number(setting::DWELL, Config::DWELL, 600)).wrapping_mul(1000);
        let text = parser.text(setting::TEASER);
        let teaser = Teaser::parse(text).unwrap_or_else(|| {
            parser.refuse(Code::NotATeaser, setting::TEASER, text, "3p");
            Teaser::default()
        });
        let subscribe = parser.link(setting::SUBSCRIBE_URL, page.address);
        let newsletter = parser.link(setting::NEWSLETTER_URL, page.address);
        let register = parser.link(setting::REGISTER_URL, page.address);
        let has_rules = settings.has_rules();
        let mut steps = Vec::new();
        if has_rules {
            steps = parser.listed_steps(newsletter.is_some(), register.is_some());
        }
        if steps.is_empty() {
            steps.push(Step::of(Surface::Notice));
        }
        if steps.iter().all(|step| step.surface != Surface::Subscribe) {
            steps.push(Step::of(Surface::Subscribe));
        }
        let content = some_text(parser.text(setting::CONTENT));
        let asks_consent = parser.choice(setting::CONSENT, &["", "required"]) == 1;
        let describes = parser.choice(setting::STRUCTURED_DATA, &["", "add"]) == 1;
        let denies = parser.choice(setting::FALLBACK, &["granted", "denied"]) == 1;
        let connects = settings.connects();
        let preview = parser.preview();
        let config = Config {
            site: Site::of(site),
            limits: [anonymous, with_newsletter, registered],
            window,
            zone: zone.to_owned(),
            referrer_limit,
            steps,
            dwell,
            content,
            teaser,
            subscribe,
            newsletter,
            register,
            asks_consent,
            describes,
            denies,
            connects,
            has_rules,
            preview,
            settings,
            address: page.address.to_owned(),
            language: page.language.to_owned(),
            name: (if page.site_name.is_empty() { page.host } else { page.site_name }).to_owned(),
        };
        (config, diagnostics)
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

/// Reads a step: `surface [from N] [dismissible] [hard] [N/unit]`, parted by blanks or commas.
fn read_step(text: &str) -> Option<Step> {
    let mut step = None;
    let mut is_from = false;
    // Any blank is one: attributes are written over several lines.
    let mut blank = String::new();
    for byte in text.bytes() {
        push(&mut blank, if byte.is_ascii_whitespace() || byte == b',' { b' ' } else { byte });
    }
    let mut rest = Some(blank.as_str());
    while let Some(word) = next_field(&mut rest, b' ') {
        if word.is_empty() {
            continue;
        }
        let Some(known) = &mut step else {
            step = Some(Step::of(Surface::at(SURFACES.iter().position(|surface| *surface == word)?)));
            continue;
        };
        if is_from {
            known.from = whole(word)?;
            // Reads are counted from 1.
            known.from.checked_sub(1)?;
            is_from = false;
        } else if word == "from" {
            is_from = true;
        } else if word == "dismissible" {
            known.dismissible = true;
        } else if word == "hard" {
            known.hard = true;
        } else {
            let (often, unit) = cut(word, b'/')?;
            known.often = whole(often)?;
            known.often.checked_sub(1)?;
            known.days = match unit {
                "day" => 1,
                "week" => 7,
                "month" => 31,
                _ => return None,
            };
        }
    }
    if is_from {
        return None;
    }
    if let Some(known) = &mut step {
        // What may be turned down does not stay.
        known.hard &= !known.dismissible;
    }
    step
}

/// Reads settings one by one and notes what is wrong.
struct Parser<'a, 'd> {
    settings: &'a Settings,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Parser<'a, '_> {
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

    fn window(&mut self) -> Window {
        let cut = match self.choice(setting::WINDOW, &["calendar", "rolling", "first-view"]) {
            1 => Cut::Rolling,
            2 => Cut::FirstView,
            _ => Cut::Calendar,
        };
        let week_start = self.choice(setting::WEEK_START, &WEEKDAYS) as i32;
        // A number of days, or a unit; a unit is as many days where a period begins with a read.
        let days = self.text(setting::PERIOD).strip_suffix("d").and_then(whole);
        if let Some(days @ 1..=366) = days {
            return Window { cut, unit: Unit::Day, days: i64::from(days), week_start };
        }
        let (unit, days) = match self.choice(setting::PERIOD, &["month", "day", "week", "year"]) {
            1 => (Unit::Day, 1),
            2 => (Unit::Week, 7),
            3 => (Unit::Year, 365),
            _ => (Unit::Month, 30),
        };
        Window { cut, unit, days: if cut == Cut::Calendar { 0 } else { days }, week_start }
    }

    /// An item as a pair: `name: value` as text, or two members of a JSON object.
    fn pair(&self, item: &(Option<&'a str>, String), name: &str, value: &str) -> (&'a str, &'a str) {
        let (name, value) = match item {
            (Some(text), _) => cut_last(text, b':').unwrap_or((text, "")),
            (None, fields) => (self.settings.field(fields, name), self.settings.field(fields, value)),
        };
        (trim(name), trim(value))
    }

    /// The meters for an article of some `sections`, parted by commas.
    /// The terms of an article where there are lists of meters, paths or referrers. With this and the list of steps a further
    /// piece of the module begins: they may only be called when that is here.
    #[inline(never)]
    fn listed_terms(&mut self, says: &Says<'_>) -> Terms {
        Terms { rule: self.rule(says), meters: self.meters(says.sections), referred: self.is_referred(says) }
    }

    fn meters(&mut self, sections: &str) -> Vec<SectionMeter> {
        let mut meters = Vec::new();
        for item in self.items(setting::METERS) {
            let (name, value) = self.pair(&item, "name", "limit");
            if name.is_empty() && value.is_empty() {
                continue;
            }
            let (mut title, mut theirs) = cut_badge(name);
            if item.0.is_none() {
                // Apart already: brackets in the name are the name's own.
                title = name;
                theirs = self.settings.field(&item.1, "sections");
            }
            // Or a JSON list of them.
            let mut listed = String::new();
            let mut place = 0_i64;
            loop {
                let section = self.settings.field(&item.1, &join(&["sections.", &number(place)]));
                if section.is_empty() {
                    break;
                }
                listed = join(&[&listed, section, ","]);
                place = place.wrapping_add(1);
            }
            if !listed.is_empty() {
                theirs = &listed;
            }
            // Of letters that a slug has not, two names could make one.
            let slug = if title.is_ascii() { slug(title, 32) } else { Site::of(title).as_str().to_owned() };
            let limit = match whole(value) {
                Some(limit @ 0..=1000) if !slug.is_empty() => limit,
                _ => {
                    self.report(Code::NotAMeter, setting::METERS, name, "");
                    continue;
                }
            };
            if is_in(sections, if theirs.is_empty() { title } else { theirs }) {
                meters.push(SectionMeter { mark: join(&[":", &slug]), limit });
            }
        }
        meters
    }

    /// The rule for an article: what the page says, else the first path that fits.
    fn rule(&mut self, says: &Says<'_>) -> Rule {
        let path = normal_percent(before(before(split_site(says.address).1, b'#'), b'?'));
        let mut rule = self.rule_of(says);
        for item in self.items(setting::PATHS) {
            let (pattern, word) = self.pair(&item, "path", "rule");
            let by_path = self.rule_named(word, setting::PATHS, pattern);
            if rule.is_none() && fits(&path, &normal_percent(pattern)) {
                rule = by_path;
            }
        }
        rule.unwrap_or_default()
    }

    /// What the page says of the article.
    fn rule_of(&mut self, says: &Says<'_>) -> Option<Rule> {
        self.rule_named(says.rule, "data-tollgate", says.rule)
    }

    /// The rule of a name; none where it says nothing. One that is none is reported.
    fn rule_named(&mut self, word: &str, place: &'static str, value: &str) -> Option<Rule> {
        let word = lower(trim(word));
        for (nth, known) in RULES.iter().enumerate() {
            if **known == *word {
                return Some(Rule::at(nth));
            }
        }
        self.refuse(Code::NotARule, place, value, RULES.first().unwrap_or(&""));
        None
    }

    /// The steps that are set and lead somewhere.
    #[inline(never)]
    fn listed_steps(&mut self, has_newsletter: bool, has_register: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        for item in self.items(setting::STEPS) {
            let (text, fields) = item;
            let settings = self.settings;
            let field = |name| settings.field(&fields, name);
            let from = field("from");
            let written = join(&[
                field("surface"),
                if from.is_empty() { "" } else { " from " },
                from,
                if field("dismissible") == "true" { " dismissible " } else { " " },
                if field("hard") == "true" { " hard " } else { "" },
                field("cap"),
            ]);
            let text = trim(text.unwrap_or(&written));
            if text.is_empty() {
                continue;
            }
            match read_step(text) {
                None => self.report(Code::NotAStep, setting::STEPS, text, ""),
                Some(step) => {
                    let leads = match step.surface {
                        Surface::Newsletter => has_newsletter,
                        Surface::Register => has_register,
                        Surface::Notice | Surface::Subscribe => true,
                    };
                    if leads {
                        steps.push(step);
                    } else {
                        self.report(Code::StepWithoutUrl, setting::STEPS, text, "");
                    }
                }
            }
        }
        steps
    }

    fn preview(&mut self) -> Option<Preview> {
        let surfaces = ["", "overlay", "inline", "notice", "newsletter", "register"];
        let (surface, opens) = match self.choice(setting::PREVIEW, &surfaces) {
            1 => (Surface::Subscribe, true),
            2 => (Surface::Subscribe, false),
            3 => (Surface::Notice, false),
            4 => (Surface::Newsletter, true),
            5 => (Surface::Register, true),
            _ => return None,
        };
        Some(Preview { surface, opens })
    }

    fn is_referred(&mut self, says: &Says<'_>) -> bool {
        let mut referred = false;
        for (text, _) in self.items(setting::FREE_REFERRERS) {
            let text = trim(text.unwrap_or(""));
            match referrer::words(text) {
                Some(words) => referred |= referrer::is_listed(&lower(words), says.referrer, says.address),
                None => self.refuse(Code::NotAReferrer, setting::FREE_REFERRERS, text, ""),
            }
        }
        referred
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
