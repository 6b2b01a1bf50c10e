//! The settings: their names, once, and the two places they come from.

use super::diagnostic::{Code, Diagnostic};

/// A value as it was found: an attribute's text, or a piece of JSON. Numbers and booleans are already text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// Text.
    Text(String),
    /// A JSON list.
    List(Vec<Raw>),
    /// A JSON object, in its order.
    Map(Vec<(String, Raw)>),
}

impl Raw {
    /// The text of a member of an object; empty where there is none.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        if let Raw::Map(members) = self {
            for (key, value) in members {
                if let Raw::Text(text) = value
                    && key == name
                {
                    return text;
                }
            }
        }
        ""
    }
}

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The site's name in storage keys.
    Site,
    /// The publication's name.
    Publication,
    /// Free reads a period.
    Limit,
    /// The period.
    Period,
    /// Seconds until a read counts.
    Dwell,
    /// The selector of the article's text.
    Content,
    /// How much stays readable.
    Teaser,
    /// The prices' currency.
    Currency,
    /// The plans.
    Plans,
    /// The benefits.
    Benefits,
    /// Where to subscribe.
    SubscribeUrl,
    /// Where to log in.
    LoginUrl,
    /// The language of prices.
    Locale,
    /// Light or dark.
    Theme,
    /// The button's colour.
    Accent,
    /// Whether the tag also works inside a frame.
    AllowFrame,
}

/// The one table of settings: each with its attribute on the tag. Its name in JSON is the attribute's without `data-`,
/// in camel case: `data-subscribe-url` is `subscribeUrl`.
pub const ATTRIBUTES: [(Setting, &str); 16] = [
    (Setting::Site, "data-site"),
    (Setting::Publication, "data-publication"),
    (Setting::Limit, "data-limit"),
    (Setting::Period, "data-period"),
    (Setting::Dwell, "data-dwell"),
    (Setting::Content, "data-content"),
    (Setting::Teaser, "data-teaser"),
    (Setting::Currency, "data-currency"),
    (Setting::Plans, "data-plans"),
    (Setting::Benefits, "data-benefits"),
    (Setting::SubscribeUrl, "data-subscribe-url"),
    (Setting::LoginUrl, "data-login-url"),
    (Setting::Locale, "data-locale"),
    (Setting::Theme, "data-theme"),
    (Setting::Accent, "data-accent"),
    (Setting::AllowFrame, "data-allow-frame"),
];

impl Setting {
    /// The setting's attribute.
    #[must_use]
    pub fn attribute(self) -> &'static str {
        for (setting, attribute) in ATTRIBUTES {
            if setting == self {
                return attribute;
            }
        }
        ""
    }

    /// The setting a key names, whether as in JSON (`subscribeUrl`), as in the attribute (`subscribe-url`), or as
    /// HTML leaves a camel-case attribute (`subscribeurl`): case and hyphens do not matter.
    fn named(key: &str) -> Option<Setting> {
        let key = letters(key);
        for (setting, attribute) in ATTRIBUTES {
            if letters(attribute).strip_prefix("data") == Some(&key) {
                return Some(setting);
            }
        }
        None
    }
}

/// The letters of a name, in lower case.
fn letters(name: &str) -> String {
    let mut letters = String::new();
    for letter in name.chars() {
        if letter != '-' && letter != '_' {
            letters.push(letter.to_ascii_lowercase());
        }
    }
    letters
}

/// The settings of one tag.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    values: Vec<(Setting, Raw)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Settings {
    /// Takes in the tag's own `data-` attributes, named as in `dataset`. Other names are passed over: tags carry
    /// attributes of many tools.
    pub fn add_attributes(&mut self, entries: Vec<(String, Raw)>) {
        for (key, value) in entries {
            if let Some(setting) = Setting::named(&key) {
                self.add(setting, value);
            }
        }
    }

    /// Takes in the members of the JSON script. An attribute that is set wins; a name that is no setting is reported.
    pub fn add_json(&mut self, json: Raw) {
        let Raw::Map(members) = json else {
            self.report_json(Code::JsonUnreadable, "");
            return;
        };
        for (key, value) in members {
            match Setting::named(&key) {
                Some(setting) => self.add(setting, value),
                None => self.report_json(Code::UnknownSetting, &key),
            }
        }
    }

    /// Notes that the JSON script could not be read.
    pub fn json_unreadable(&mut self) {
        self.report_json(Code::JsonUnreadable, "");
    }

    /// The value of a setting.
    #[must_use]
    pub fn get(&self, setting: Setting) -> Option<&Raw> {
        for (known, value) in &self.values {
            if *known == setting {
                return Some(value);
            }
        }
        None
    }

    fn add(&mut self, setting: Setting, value: Raw) {
        if self.get(setting).is_none() {
            self.values.push((setting, value));
        }
    }

    fn report_json(&mut self, code: Code, value: &str) {
        self.diagnostics.push(Diagnostic::new(code, "script[data-tollgate-config]", value, ""));
    }
}
