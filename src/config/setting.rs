//! The settings: their names, once, and the two places they come from.

use super::diagnostic::{Code, Diagnostic};
use crate::access::json::Document;
use crate::text::number;
use crate::text::scan::{before, join, push, trim};

/// The one table of settings, by their attributes on the tag. A setting's name in JSON is the attribute's without
/// `data-`, in camel case: `data-subscribe-url` is `subscribeUrl`.
pub const ATTRIBUTES: [&str; 44] = [
    SITE,
    PUBLICATION,
    LIMIT,
    NEWSLETTER_LIMIT,
    REGISTERED_LIMIT,
    PERIOD,
    WINDOW,
    TIME_ZONE,
    WEEK_START,
    METERS,
    PATHS,
    FREE_REFERRERS,
    REFERRER_LIMIT,
    STEPS,
    DWELL,
    CONTENT,
    TEASER,
    CURRENCY,
    PLANS,
    BENEFITS,
    SUBSCRIBE_URL,
    LOGIN_URL,
    NEWSLETTER_URL,
    REGISTER_URL,
    LOCALE,
    THEME,
    ACCENT,
    STYLE,
    PLAN_STYLE,
    NOTICE_STYLE,
    LOGO,
    WAIT_FOR,
    PREVIEW,
    CONSENT,
    STRUCTURED_DATA,
    ENTITLEMENT_URL,
    ENTITLEMENT_ORIGINS,
    FALLBACK,
    TOKEN_KEYS,
    TOKEN_ISSUER,
    TOKEN_COOKIE,
    SUBSCRIBER_COOKIE,
    SUBSCRIBER_IF,
    ANALYTICS,
];
/// What is set on the tag alone, by being there: the loader reads it before there is a configuration.
pub const OF_THE_TAG: [&str; 4] = [HASH_ROUTING, HOLD, ALLOW_FRAME, DEBUG];
/// The site's name in storage keys.
pub const SITE: &str = "data-site";
/// The publication's name.
pub const PUBLICATION: &str = "data-publication";
/// Free reads a period.
pub const LIMIT: &str = "data-limit";
/// Free reads a period for those who have the newsletter.
pub const NEWSLETTER_LIMIT: &str = "data-newsletter-limit";
/// Free reads a period for those who have an account.
pub const REGISTERED_LIMIT: &str = "data-registered-limit";
/// The period.
pub const PERIOD: &str = "data-period";
/// How reads are grouped into periods.
pub const WINDOW: &str = "data-window";
/// The zone whose calendar cuts the periods.
pub const TIME_ZONE: &str = "data-time-zone";
/// The first day of a week.
pub const WEEK_START: &str = "data-week-start";
/// Meters of their own for some sections.
pub const METERS: &str = "data-meters";
/// What is free or locked, by its address.
pub const PATHS: &str = "data-paths";
/// Where readers come from whose reads are free.
pub const FREE_REFERRERS: &str = "data-free-referrers";
/// How many of those reads are free a day.
pub const REFERRER_LIMIT: &str = "data-referrer-limit";
/// From which read on which surface shows.
pub const STEPS: &str = "data-steps";
/// Seconds until a read counts.
pub const DWELL: &str = "data-dwell";
/// The selector of the article's text.
pub const CONTENT: &str = "data-content";
/// How much stays readable.
pub const TEASER: &str = "data-teaser";
/// The prices' currency.
pub const CURRENCY: &str = "data-currency";
/// The plans.
pub const PLANS: &str = "data-plans";
/// The benefits.
pub const BENEFITS: &str = "data-benefits";
/// Where to subscribe.
pub const SUBSCRIBE_URL: &str = "data-subscribe-url";
/// Where to log in.
pub const LOGIN_URL: &str = "data-login-url";
/// Where to sign up for the newsletter.
pub const NEWSLETTER_URL: &str = "data-newsletter-url";
/// Where to make an account.
pub const REGISTER_URL: &str = "data-register-url";
/// The language of prices.
pub const LOCALE: &str = "data-locale";
/// Light or dark.
pub const THEME: &str = "data-theme";
/// The button's colour.
pub const ACCENT: &str = "data-accent";
/// The gate's style.
pub const STYLE: &str = "data-style";
/// How a plan is taken.
pub const PLAN_STYLE: &str = "data-plan-style";
/// The notice's form.
pub const NOTICE_STYLE: &str = "data-notice-style";
/// The publication's logo.
pub const LOGO: &str = "data-logo";
/// The selector of what no overlay may cover.
pub const WAIT_FOR: &str = "data-wait-for";
/// The surface that is shown to look at it.
pub const PREVIEW: &str = "data-preview";
/// Whether the fragment of an address says which article it is.
pub const HASH_ROUTING: &str = "data-hash-routing";
/// Whether anything may be stored before the reader consents.
pub const CONSENT: &str = "data-consent";
/// Whether the page's structured data is completed.
pub const STRUCTURED_DATA: &str = "data-structured-data";
/// Where it is asked who may read.
pub const ENTITLEMENT_URL: &str = "data-entitlement-url";
/// The other origins where that may be asked.
pub const ENTITLEMENT_ORIGINS: &str = "data-entitlement-origins";
/// What holds where it can't be found out.
pub const FALLBACK: &str = "data-fallback";
/// The public keys that tokens are signed with.
pub const TOKEN_KEYS: &str = "data-token-keys";
/// Who issues them.
pub const TOKEN_ISSUER: &str = "data-token-issuer";
/// The cookie that carries one.
pub const TOKEN_COOKIE: &str = "data-token-cookie";
/// The host's own cookie that subscribers have.
pub const SUBSCRIBER_COOKIE: &str = "data-subscriber-cookie";
/// The host's own global that says who is one.
pub const SUBSCRIBER_IF: &str = "data-subscriber-if";
/// Where events are also sent to.
pub const ANALYTICS: &str = "data-analytics";
/// For how long the article's text waits for the decision before it is painted.
pub const HOLD: &str = "data-hold";
/// What the attributes begin with that replace a text, by its name: `data-text-offer`.
pub const TEXT: &str = "data-text-";
/// Whether each decision is printed.
pub const DEBUG: &str = "data-debug";
/// Whether the tag also works inside a frame.
pub const ALLOW_FRAME: &str = "data-allow-frame";

/// Attributes or JSON, flat: each text by the way that leads to it, in the order it was found. An object or a list has
/// an entry too, its name with a point at the end and `map` or `list` for a text.
///
/// `{"limit": 2, "plans": [{"name": "Year"}]}` is `(".", "map")`, `("limit", "2")`, `("plans.", "list")`,
/// `("plans.0.", "map")`, `("plans.0.name", "Year")`.
pub type Entries = Vec<(String, String)>;

/// What is compared of a setting's name, whether it is written as in JSON (`subscribeUrl`), as in the attribute
/// (`subscribe-url`), or as HTML leaves a camel-case attribute (`subscribeurl`): case and hyphens do not matter.
pub(super) fn letters(name: &str) -> String {
    let mut letters = String::new();
    for letter in name.bytes() {
        if letter != b'-' && letter != b'_' {
            push(&mut letters, letter.to_ascii_lowercase());
        }
    }
    letters
}

/// The settings of one tag.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    entries: Entries,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Settings {
    /// Takes in the tag's own `data-` attributes, named as in `dataset`. Other names are passed over: tags carry
    /// attributes of many tools. To be called before [`Settings::add_json`]: an attribute that is set wins.
    pub fn add_attributes(&mut self, entries: Entries) {
        for entry in entries {
            self.add(entry);
        }
    }

    /// Takes in the JSON script. A name that is no setting is reported.
    pub fn add_json(&mut self, entries: Entries) {
        let mut entries = entries.into_iter();
        if !entries.next().is_some_and(|(name, kind)| name == "." && kind == "map") {
            self.json_unreadable();
            return;
        }
        let mut unknown = String::new();
        for entry in entries {
            let name = before(&entry.0, b'.').to_owned();
            if !self.add(entry) && name != unknown {
                self.report_json(Code::UnknownSetting, &name);
                unknown = name;
            }
        }
    }

    /// Notes that the JSON script could not be read.
    pub fn json_unreadable(&mut self) {
        self.report_json(Code::JsonUnreadable, "");
    }

    /// The text of a setting; `None` where it is not set to one.
    #[must_use]
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.find(&letters(attribute))
    }

    /// Whether a setting is a list (`list`) or an object (`map`); `None` where it is neither.
    #[must_use]
    pub fn structure(&self, attribute: &str) -> Option<&str> {
        self.find(&join(&[&letters(attribute), "."]))
    }

    /// Whether there are lists that say what holds for which article and which read.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        self.has_one_of(&[METERS, PATHS, FREE_REFERRERS, STEPS])
    }

    /// Whether there are sources that say who may read.
    #[must_use]
    pub fn connects(&self) -> bool {
        self.has_one_of(&[ENTITLEMENT_URL, TOKEN_KEYS, SUBSCRIBER_COOKIE, SUBSCRIBER_IF])
    }

    /// Whether one of these is set, to whatever.
    #[must_use]
    pub fn has_one_of(&self, attributes: &[&str]) -> bool {
        let is_set = |attribute: &&str| self.text(attribute).is_some() || self.structure(attribute).is_some();
        attributes.iter().any(is_set)
    }

    /// A setting that is a list or an object, as a document; `None` where it is neither.
    #[must_use]
    pub fn document(&self, attribute: &str) -> Option<Document> {
        self.structure(attribute)?;
        let name = letters(attribute);
        let inside = |entry: &'_ (String, String)| {
            entry.0.strip_prefix(&name).is_some_and(|rest| rest.starts_with("."))
        };
        Some(Document::of(self.entries.iter().filter(|entry| inside(entry)).map(|(path, text)| {
            let rest = path.get(name.len().wrapping_add(1)..).unwrap_or("");
            (rest, text.as_str())
        })))
    }

    /// The nth item of a setting that is a list: its text, or `None` where it is a structure; and the name of its fields
    /// without theirs. Nothing past the last.
    #[must_use]
    pub fn item(&self, attribute: &str, nth: i64) -> Option<(Option<&str>, String)> {
        let name = join(&[&letters(attribute), ".", &number(nth)]);
        let text = self.find(&name);
        let fields = join(&[&name, "."]);
        if text.is_some() || self.find(&fields).is_some() { Some((text, fields)) } else { None }
    }

    /// The text of a field of an item; empty where there is none.
    #[must_use]
    pub fn field(&self, item: &str, name: &str) -> &str {
        self.find(&join(&[item, name])).unwrap_or("")
    }

    #[inline(never)]
    fn find(&self, name: &str) -> Option<&str> {
        for (known, text) in &self.entries {
            if known == name {
                return Some(text);
            }
        }
        None
    }

    /// The publisher's own text for a message.
    #[must_use]
    pub fn replaced(&self, message: &str) -> Option<&str> {
        let name = letters(&join(&[TEXT, message]));
        self.find(&name).map(trim).filter(|text| !text.is_empty())
    }

    /// The names of the messages that the publisher has texts for, as they are compared.
    #[must_use]
    pub fn replaced_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for (name, _) in &self.entries {
            // An entry of a structure in the place of a text has a point in its name.
            if let Some(name) = name.strip_prefix("datatext") {
                names.push(name);
            }
        }
        names
    }

    /// Whether the entry belongs to a setting.
    fn add(&mut self, entry: (String, String)) -> bool {
        let (name, text) = entry;
        let top = before(&name, b'.');
        // Named as attributes are, without what stands before the first hyphen.
        let setting = join(&["data", &letters(top)]);
        // In JSON the texts are an object.
        let own = if setting == "datatexts" {
            name.get(top.len()..).and_then(|rest| rest.strip_prefix("."))
        } else if matches!(top.as_bytes().get(4), Some(b'A'..=b'Z' | b'-' | b'_')) {
            // A word that begins like it is another tool's: `data-texture`.
            setting.strip_prefix("datatext")
        } else {
            None
        };
        if let Some(own) = own {
            if !own.is_empty() {
                self.entries.push((join(&["datatext", &letters(own)]), text));
            }
            return true;
        }
        for attribute in ATTRIBUTES {
            if letters(attribute) == setting {
                let name = join(&[&setting, name.get(top.len()..).unwrap_or("")]);
                self.entries.push((name, text));
                return true;
            }
        }
        false
    }

    fn report_json(&mut self, code: Code, value: &str) {
        self.diagnostics.push(Diagnostic::new(code, "script[data-tollgate-config]", value, ""));
    }
}
