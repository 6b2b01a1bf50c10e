//! The answers to the core's requests, from the browser's `Intl`.

use crate::meter::period::{Moment, offset};
use crate::text::scan::{join, whole};
use crate::text::{Kind, LANGUAGE, Request};
use js_sys::{Array, Intl, Object};
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

    /// The options of `Intl.NumberFormat` and `Intl.DateTimeFormat`.
    type Options;

    #[wasm_bindgen(method, setter)]
    fn set_style(this: &Options, style: &str);

    #[wasm_bindgen(method, setter)]
    fn set_currency(this: &Options, currency: &str);

    #[wasm_bindgen(method, setter = timeZone)]
    fn set_time_zone(this: &Options, zone: &str);

    #[wasm_bindgen(method, setter = timeZoneName)]
    fn set_time_zone_name(this: &Options, style: &str);
}

#[wasm_bindgen]
extern "C" {
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
        let options = Object::new().unchecked_into::<Options>();
        options.set_time_zone(name);
        options.set_time_zone_name("longOffset");
        // English, whose way to write an offset the core reads.
        DateTimeFormat::new("en", &options).ok().map(Zone)
    }

    /// How many minutes the zone is ahead of UTC at a moment.
    #[must_use]
    pub(super) fn offset(&self, moment: Moment) -> i64 {
        offset(&self.0.format(moment.milliseconds() as f64))
    }
}

/// What `Intl` says to a request, for the page's `locale` and the prices' `currency`. A plain form of the same where it
/// cannot say.
#[must_use]
pub fn answer(request: &Request, locale: &str, currency: &str) -> String {
    let number = request.number.as_str();
    match request.kind {
        Kind::Money => {
            let options = options(currency);
            format(number, locale, &options).unwrap_or_else(|| join(&[currency, " ", number]))
        }
        Kind::Number => format(number, locale, &JsValue::UNDEFINED).unwrap_or_else(|| number.to_owned()),
        // In the language of the messages: it is their forms that are chosen from.
        Kind::Plural => {
            let rules = Intl::PluralRules::new(&Array::of1(&LANGUAGE.into()), &Object::new());
            String::from(rules.select(f64::from(whole(number).unwrap_or(0))))
        }
    }
}

/// How a sum of money is written.
fn options(currency: &str) -> JsValue {
    let options = Object::new().unchecked_into::<Options>();
    options.set_style("currency");
    options.set_currency(currency);
    options.into()
}

/// In the browser's own language where it refuses the locale.
fn format(number: &str, locale: &str, options: &JsValue) -> Option<String> {
    let format = NumberFormat::new(&locale.into(), options)
        .or_else(|_| NumberFormat::new(&JsValue::UNDEFINED, options))
        .ok()?;
    Some(format.format(number))
}
