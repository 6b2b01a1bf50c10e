//! The answers to the core's requests, from the browser's `Intl`.

use super::events::{Value, object};
use crate::text::scan::join;
use crate::text::{LANGUAGE, Request, number};
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
}

/// What `Intl` says to a request, for the page's `locale`. A plain form of the same where it cannot say.
#[must_use]
pub fn answer(request: &Request, locale: &str) -> String {
    match request {
        Request::Money { amount, currency } => {
            let options = object(&[("style", Value::Text("currency")), ("currency", Value::Text(currency))]);
            format(amount, locale, &options).unwrap_or_else(|| join(&[currency, " ", amount]))
        }
        Request::Number(value) => {
            let digits = number(i64::from(*value));
            format(&digits, locale, &JsValue::UNDEFINED).unwrap_or(digits)
        }
        // In the language of the messages: it is their forms that are chosen from.
        Request::Plural(value) => {
            let rules = Intl::PluralRules::new(&Array::of1(&LANGUAGE.into()), &Object::new());
            String::from(rules.select(f64::from(*value)))
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
