//! The answers to the core's requests, from the browser's `Intl`, through js-sys.

use crate::text::{LANGUAGE, Request, number};
use js_sys::{Array, Function, Intl, Object, Reflect};
use wasm_bindgen::prelude::*;

/// What `Intl` says to a request, for the page's `locale`. A plain form of the same where it cannot say.
#[must_use]
pub fn answer(request: &Request, locale: &str) -> String {
    match request {
        Request::Money { amount, currency } => {
            money(amount, currency, locale).unwrap_or_else(|_| [currency, " ", amount].concat())
        }
        Request::Number(value) => {
            format(&(*value).into(), locale, &Object::new()).unwrap_or_else(|_| number(i64::from(*value)))
        }
        Request::Plural(value) => plural(*value).unwrap_or_else(|_| "other".to_owned()),
    }
}

fn money(amount: &str, currency: &str, locale: &str) -> Result<String, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"style".into(), &"currency".into())?;
    Reflect::set(&options, &"currency".into(), &currency.into())?;
    // As text: newer engines read it exactly, older ones as the nearest number, which prints the same.
    format(&amount.into(), locale, &options)
}

fn format(value: &JsValue, locale: &str, options: &Object) -> Result<String, JsValue> {
    let format: Intl::NumberFormat = make("NumberFormat", locale, options)?.unchecked_into();
    let text = format.format().call1(&JsValue::UNDEFINED, value)?;
    text.as_string().ok_or(JsValue::UNDEFINED)
}

fn plural(value: u32) -> Result<String, JsValue> {
    // In the language of the messages: it is their forms that are chosen from.
    let rules: Intl::PluralRules = make("PluralRules", LANGUAGE, &Object::new())?.unchecked_into();
    Ok(String::from(rules.select(f64::from(value))))
}

/// `new Intl[name](locale, options)`, in the browser's own language where it refuses the locale. By reflection, because
/// js-sys's constructors do not catch the RangeError.
fn make(name: &str, locale: &str, options: &Object) -> Result<JsValue, JsValue> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
    let constructor: Function = Reflect::get(&intl, &name.into())?.dyn_into()?;
    Reflect::construct(&constructor, &Array::of2(&locale.into(), options))
        .or_else(|_| Reflect::construct(&constructor, &Array::of2(&JsValue::UNDEFINED, options)))
}
