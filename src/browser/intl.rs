//! The answers to the core's requests, from the browser's `Intl`.

use crate::meter::period::{Moment, offset};
use crate::text::scan::{before, join, whole};
use crate::text::{Kind, Request};
use js_sys::JSON;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `Intl.NumberFormat`. Not js-sys's, whose constructor does not catch the RangeError.
    type NumberFormat;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &JsValue, options: &JsValue) -> Result<NumberFormat, JsValue>;

    /// Of a number as text: newer engines read it exactly, older ones as the nearest number, which prints the same.
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, number: &str) -> String;

    /// `Intl.PluralRules`. Not js-sys's, which asks for a list of locales and for options.
    type PluralRules;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str) -> Result<PluralRules, JsValue>;

    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, number: f64) -> String;

    /// `Intl.DateTimeFormat`. Not js-sys's, whose constructor does not catch the RangeError.
    type DateTimeFormat;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> Result<DateTimeFormat, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, milliseconds: f64) -> String;
}

/// A time zone's offsets, as the browser knows them.
pub(super) struct Zone(DateTimeFormat);

impl Zone {
    /// The zone of this IANA name, if the browser knows it.
    #[must_use]
    pub(super) fn named(name: &str) -> Option<Zone> {
        // A name with a quote in it is none, and makes no JSON.
        let options = join(&["{\"timeZone\":\"", name, "\",\"timeZoneName\":\"longOffset\"}"]);
        // English, whose way to write an offset the core reads.
        DateTimeFormat::new("en", &JSON::parse(&options).ok()?).ok().map(Zone)
    }

    /// How many minutes the zone is ahead of UTC at a moment.
    #[must_use]
    pub(super) fn offset(&self, moment: Moment) -> i64 {
        offset(&self.0.format(moment.milliseconds() as f64))
    }
}

/// What `Intl` says to a request, for the page's `locale`, the prices' `currency`, and the messages' `language`. A plain form of the
/// same where it cannot say.
#[must_use]
pub fn answer(request: &Request, locale: &str, currency: &str, language: &str) -> String {
    let number = request.number.as_str();
    match request.kind {
        Kind::Money => {
            // Read by JSON, which the settings need anyway; setters for two properties would be two imports more.
            let options = join(&["{\"style\":\"currency\",\"currency\":\"", currency, "\"}"]);
            let options = JSON::parse(&options).unwrap_or(JsValue::UNDEFINED);
            format(number, locale, &options).unwrap_or_else(|| join(&[currency, " ", number]))
        }
        Kind::Number => format(number, locale, &JsValue::UNDEFINED).unwrap_or_else(|| number.to_owned()),
        // In the language of the messages: it is their forms that are chosen from.
        Kind::Plural => {
            // A page's own tag may have parts that the browser refuses: `de-GER`.
            let rules = PluralRules::new(language).or_else(|_| PluralRules::new(before(language, b'-')));
            rules.map(|rules| rules.select(f64::from(whole(number).unwrap_or(0)))).unwrap_or_default()
        }
        Kind::Date => {
            let options = JSON::parse("{\"day\":\"numeric\",\"month\":\"long\",\"timeZone\":\"UTC\"}");
            let options = options.unwrap_or(JsValue::UNDEFINED);
            let minute = f64::from(whole(number).unwrap_or(0)) * 60_000.0;
            DateTimeFormat::new(language, &options)
                .or_else(|_| DateTimeFormat::new(before(language, b'-'), &options))
                .map(|date| date.format(minute))
                .unwrap_or_default()
        }
    }
}

/// In the browser's own language where it refuses the locale.
fn format(number: &str, locale: &str, options: &JsValue) -> Option<String> {
    let format = NumberFormat::new(&locale.into(), options)
        .or_else(|_| NumberFormat::new(&JsValue::UNDEFINED, options))
        .ok()?;
    Some(format.format(number))
}
