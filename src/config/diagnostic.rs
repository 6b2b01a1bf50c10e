//! Diagnostics: what was wrong with a setting, where, and what is used instead.
//!
//! The module carries the short codes; the sentences that explain them ship in `tollgate.debug.js` and in the README
//! (rulings, 'Core and texts'), because every reader pays for every byte and only publishers read them.

use crate::text::scan::join;

/// What was wrong. Each code's name stands in the console, its sentence in [`PROSE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub enum Code {
    /// Not a whole number in range.
    NotANumber,
    /// Not one of the words the setting knows.
    NotAChoice,
    /// A meter without a name or a limit.
    NotAMeter,
    /// Not one of the rules for an article.
    NotARule,
    /// A step that cannot be read.
    NotAStep,
    /// A step that leads nowhere.
    StepWithoutUrl,
    /// Not a host, a parameter or a group of them.
    NotAReferrer,
    /// Not a time zone that the browser knows.
    NotATimeZone,
    /// Not of the teaser's grammar.
    NotATeaser,
    /// Not a hexadecimal colour.
    NotAColour,
    /// Not a currency code.
    NotACurrency,
    /// Not a language tag.
    NotALanguage,
    /// A text for a message that there is not.
    UnknownText,
    /// A plan without a name, or without a `:` behind it.
    PlanTerms,
    /// A plan whose trial cannot be read.
    PlanTrial,
    /// A plan whose price cannot be read.
    PlanPrice,
    /// A plan whose price has more decimals than the currency.
    PlanDecimals,
    /// A plan whose period cannot be read.
    PlanPeriod,
    /// An address with characters that do not belong.
    LinkMalformed,
    /// An address that is not of the web.
    LinkScheme,
    /// An address without a plain host.
    LinkAuthority,
    /// Nowhere to subscribe.
    NoSubscribeUrl,
    /// Where the article's text was found, when no selector says.
    ContentTaken,
    /// The selector matches nothing, or there is no article's text to be found.
    ContentMissing,
    /// The selector matches something that may not be cut.
    ContentRefused,
    /// The selector is none.
    ContentInvalid,
    /// A structure where text belongs, or the other way round.
    WrongType,
    /// The JSON script cannot be read.
    JsonUnreadable,
    /// A name in the JSON script that is no setting.
    UnknownSetting,
    /// A read that local storage could not keep.
    NoStorage,
    /// An endpoint of another site that is not listed.
    EndpointElsewhere,
    /// Keys without an issuer.
    NoIssuer,
    /// No public keys.
    NotKeys,
    /// A token that is worth nothing.
    TokenRefused,
    /// The structured data does not say that the article is not free.
    #[cfg(any(feature = "history", not(target_family = "wasm")))]
    PaywallNotSaid,
    /// It does not say what of it is not.
    #[cfg(any(feature = "history", not(target_family = "wasm")))]
    PaywallWithoutPart,
    /// A selector in it that is no class.
    #[cfg(any(feature = "history", not(target_family = "wasm")))]
    PaywallSelector,
    /// A class in it that no element has.
    #[cfg(any(feature = "history", not(target_family = "wasm")))]
    PaywallClassMissing,
    /// Parts in it that lie within each other.
    #[cfg(any(feature = "history", not(target_family = "wasm")))]
    PaywallNested,
}

impl Code {
    /// The code's name in the console and in the documentation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Code::NotANumber => "not-a-number",
            Code::NotAChoice => "not-a-choice",
            Code::NotAMeter => "not-a-meter",
            Code::NotARule => "not-a-rule",
            Code::NotAStep => "not-a-step",
            Code::StepWithoutUrl => "step-without-url",
            Code::NotAReferrer => "not-a-referrer",
            Code::NotATimeZone => "not-a-time-zone",
            Code::NotATeaser => "not-a-teaser",
            Code::NotAColour => "not-a-colour",
            Code::NotACurrency => "not-a-currency",
            Code::NotALanguage => "not-a-language",
            Code::UnknownText => "unknown-text",
            Code::PlanTerms => "plan-terms",
            Code::PlanTrial => "plan-trial",
            Code::PlanPrice => "plan-price",
            Code::PlanDecimals => "plan-decimals",
            Code::PlanPeriod => "plan-period",
            Code::LinkMalformed => "link-malformed",
            Code::LinkScheme => "link-scheme",
            Code::LinkAuthority => "link-authority",
            Code::NoSubscribeUrl => "no-subscribe-url",
            Code::ContentTaken => "content-taken",
            Code::ContentMissing => "content-missing",
            Code::ContentRefused => "content-refused",
            Code::ContentInvalid => "content-invalid",
            Code::WrongType => "wrong-type",
            Code::JsonUnreadable => "json-unreadable",
            Code::UnknownSetting => "unknown-setting",
            Code::NoStorage => "no-storage",
            Code::EndpointElsewhere => "endpoint-elsewhere",
            Code::NoIssuer => "no-issuer",
            Code::NotKeys => "not-keys",
            Code::TokenRefused => "token-refused",
            #[cfg(any(feature = "history", not(target_family = "wasm")))]
            Code::PaywallNotSaid => "paywall-not-said",
            #[cfg(any(feature = "history", not(target_family = "wasm")))]
            Code::PaywallWithoutPart => "paywall-without-part",
            #[cfg(any(feature = "history", not(target_family = "wasm")))]
            Code::PaywallSelector => "paywall-selector",
            #[cfg(any(feature = "history", not(target_family = "wasm")))]
            Code::PaywallClassMissing => "paywall-class-missing",
            #[cfg(any(feature = "history", not(target_family = "wasm")))]
            Code::PaywallNested => "paywall-nested",
        }
    }

    /// Whether the publisher should change something; else it is only good to know.
    #[must_use]
    pub fn is_mistake(self) -> bool {
        #[cfg(any(feature = "history", not(target_family = "wasm")))]
        if matches!(self, Code::PaywallNotSaid | Code::PaywallWithoutPart) {
            return false;
        }
        self != Code::ContentTaken
    }
}

/// What each code means and what was expected: the text of `tollgate.debug.js` and of the README's table.
pub const PROSE: &[(&str, &str)] = &[
    (
        "not-a-number",
        "Expected a whole number in plain digits: the limits take 0 to 1000, data-dwell 0 to 600 seconds.",
    ),
    (
        "not-a-choice",
        "Expected one of: data-period day, week, month, year or 1d to 366d; data-window calendar, rolling, first-view; data-week-start monday to sunday; data-theme auto, light, dark; data-style journal, plain; data-plan-style choice, buttons; data-notice-style bar, card; data-preview overlay, inline, notice, newsletter, register; data-consent required; data-structured-data add; data-fallback granted, denied; data-analytics none, datalayer, gtag.",
    ),
    (
        "not-a-meter",
        "Expected 'name: limit' or 'name [section, section]: limit', the limit 0 to 1000. This meter is left out.",
    ),
    (
        "not-a-rule",
        "Expected free, locked or metered; in data-paths behind a path and a colon: '/jobs/*: free'.",
    ),
    (
        "not-a-step",
        "Expected 'surface from N, dismissible, N/day': notice, newsletter, register or subscribe first, the rest as needed, hard for an overlay that stays; caps a day, week or month. This step is left out.",
    ),
    (
        "step-without-url",
        "A newsletter or register step needs data-newsletter-url or data-register-url. It is left out.",
    ),
    (
        "not-a-referrer",
        "Expected search, social, newsletter, a host (example.org) or a parameter (utm_medium=email). It is left out.",
    ),
    (
        "not-a-time-zone",
        "Expected an IANA time zone that this browser knows, such as Europe/Paris. Periods are cut in UTC.",
    ),
    (
        "not-a-teaser",
        "Expected paragraphs (3p, 0 to 99), a share of the text (20%, 0 to 99) or the word marker.",
    ),
    ("not-a-colour", "Expected a hexadecimal colour: #rgb or #rrggbb."),
    ("not-a-currency", "Expected an ISO 4217 code: three letters, such as EUR."),
    ("not-a-language", "Expected a BCP 47 language tag, such as en-GB."),
    ("unknown-text", "No message has this name: the README lists them. The text is passed over."),
    ("plan-terms", "Expected 'name: terms', such as 'Annual access: 19.90/year'. This plan is left out."),
    (
        "plan-trial",
        "Expected a span before 'free', such as '30d free then 2.90/month'. This plan is left out.",
    ),
    (
        "plan-price",
        "Expected an amount and a period, such as '2.90/month': plain digits, a point, no currency sign. This plan is left out.",
    ),
    (
        "plan-decimals",
        "The price has more decimals than its currency; a wrong price would be worse than none. This plan is left out.",
    ),
    (
        "plan-period",
        "Expected a period after the '/': day, week, month or year, with a number before it or without. This plan is left out.",
    ),
    ("link-malformed", "Expected an address without blanks, control characters or backslashes."),
    ("link-scheme", "Expected https:// (or http:// on a page that is on http), or a path on this site."),
    (
        "link-authority",
        "Expected a plain host: no user name, no placeholder; and https: written out, not '//' alone.",
    ),
    ("no-subscribe-url", "Nothing is gated while there is nowhere to subscribe: set data-subscribe-url."),
    (
        "content-taken",
        "No data-content is set; the article's text was taken from the element named here. Set data-content if that is wrong.",
    ),
    (
        "content-missing",
        "No element on this page holds the article's text, so nothing is gated: check data-content.",
    ),
    (
        "content-refused",
        "The element holds the whole page or Tollgate's own tag, so it is not cut and nothing is gated: name a smaller one.",
    ),
    ("content-invalid", "Expected a CSS selector; nothing is gated."),
    (
        "wrong-type",
        "Expected text, not a list or an object (data-plans and data-benefits also take lists); the default is used.",
    ),
    ("json-unreadable", "Expected a JSON object in the script; it is passed over."),
    ("unknown-setting", "No setting has this name; it is passed over."),
    (
        "no-storage",
        "This browser's local storage is blocked, off or full. Reads are counted as long as the tab or the page is open.",
    ),
    (
        "endpoint-elsewhere",
        "The endpoint learns what is read: it must be on this site, or its origin listed in data-entitlement-origins. It is not asked.",
    ),
    ("no-issuer", "Tokens are accepted from one issuer: set data-token-issuer. Until then none is."),
    (
        "not-keys",
        "Expected public keys as JSON: a JWK, a list of them or a JWK set, EC P-256 or OKP Ed25519, without the private member d. No token is accepted.",
    ),
    (
        "token-refused",
        "A signed token is worth nothing here, for the reason given; the other sources and the meter decide.",
    ),
    (
        "paywall-not-said",
        "No JSON-LD of this page says isAccessibleForFree: false of its article; search engines may take the gate for cloaking.",
    ),
    (
        "paywall-without-part",
        "The article's JSON-LD has no hasPart with isAccessibleForFree: false and a cssSelector: which text is behind the gate is not said.",
    ),
    ("paywall-selector", "Expected a cssSelector of one class, such as .body: no other is understood."),
    ("paywall-class-missing", "No element on this page has the class of this cssSelector."),
    ("paywall-nested", "Parts that are behind the gate may not lie within each other."),
];

/// One thing wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub struct Diagnostic {
    /// What is wrong.
    pub code: Code,
    /// Where: an attribute of the tag, or the JSON script.
    pub place: &'static str,
    /// The value as it was found, cut after 80 bytes.
    pub value: String,
    /// What is used instead; empty where it is left out.
    pub used: String,
}

impl Diagnostic {
    /// A diagnostic.
    #[must_use]
    pub fn new(code: Code, place: &'static str, value: &str, used: &str) -> Diagnostic {
        let mut end = value.len();
        if end > 80 {
            end = 80;
            while !value.is_char_boundary(end) {
                end = end.saturating_sub(1);
            }
        }
        Diagnostic { code, place, value: value.get(..end).unwrap_or("").to_owned(), used: used.to_owned() }
    }

    /// The line in the console: `data-limit="abc": not-a-number, using "3"`.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_with(self.code.name())
    }

    /// The same with another name for its code: the module has none of them, which are in the changing page's script.
    #[must_use]
    pub fn line_with(&self, name: &str) -> String {
        let (before, after) = if self.value.is_empty() { ("", "") } else { ("=\"", "\"") };
        let (using, end) = if self.used.is_empty() { ("", "") } else { (", using \"", "\"") };
        join(&[self.place, before, &self.value, after, ": ", name, using, &self.used, end])
    }
}
