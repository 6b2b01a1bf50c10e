//! In-browser tests of the shell's own pieces, run by wasm-bindgen's runner in each engine: storage, `Intl`, raw values.
//! Whole pages are tested in tests/hosts.
#![cfg(target_family = "wasm")]

use js_sys::JSON;
use tollgate::browser::{Store, answer, entries};
use tollgate::config::Entries;
use tollgate::text::{Kind, Request};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Storage;

wasm_bindgen_test_configure!(run_in_browser);

const PREFIX: &str = "tollgate1:browser-test:r:";

fn store() -> (Store, Storage) {
    let window = web_sys::window().expect("a window");
    let area = window.local_storage().expect("allowed").expect("on");
    area.clear().expect("cleared");
    window.session_storage().expect("allowed").expect("on").clear().expect("cleared");
    let mut store = Store::default();
    store.open(&window, true);
    (store, area)
}

fn keys(store: &Store) -> Vec<String> {
    let mut keys = store.keys(PREFIX);
    keys.sort();
    keys
}

#[wasm_bindgen_test]
fn a_key_is_added_once_listed_and_removed() {
    let (mut store, area) = store();
    area.set_item("theme", "dark").expect("stored");
    area.set_item("getItem", "a name that shadows nothing").expect("stored");
    let key = [PREFIX, "2026-11:AAAAAAAAAAAAAAAA"].concat();
    store.add(&key, "one");
    store.add(&key, "two");
    assert_eq!(area.get_item(&key).expect("read").as_deref(), Some("one"), "the first read stays");
    assert_eq!(keys(&store), [key.as_str()]);
    store.remove(&[key, "theme".to_owned()]);
    assert!(keys(&store).is_empty());
    assert_eq!(area.get_item("theme").expect("read").as_deref(), Some("dark"), "only our keys are removed");
}

#[wasm_bindgen_test]
fn st_10_a_full_area_passes_the_key_on_and_keeps_the_hosts() {
    let (mut store, area) = store();
    // Filled to the last character: halves of what no longer fits.
    let mut size = 4 * 1024 * 1024;
    let mut nth = 0;
    while size > 0 {
        let key = ["host", &nth.to_string()].concat();
        if area.set_item(&key, &"x".repeat(size)).is_ok() {
            nth += 1;
        } else {
            size /= 2;
        }
    }
    let before = area.length().expect("counted");
    let key = [PREFIX, "2026-11:BBBBBBBBBBBBBBBB"].concat();
    store.add(&key, "one");
    assert_eq!(keys(&store), [key.as_str()]);
    assert_eq!(area.get_item(&key).expect("read"), None, "it is not in the full area");
    let session =
        web_sys::window().and_then(|window| window.session_storage().ok().flatten()).expect("session");
    assert_eq!(session.get_item(&key).expect("read").as_deref(), Some("one"));
    assert_eq!(area.length().expect("counted"), before);
    area.clear().expect("cleared");
}

#[wasm_bindgen_test]
fn pv_04_what_memory_keeps_is_stored_where_that_is_allowed_later() {
    let (_, area) = store();
    let window = web_sys::window().expect("a page");
    let mut store = Store::default();
    store.open(&window, false);
    let key = [PREFIX, "2026-11:EEEEEEEEEEEEEEEE"].concat();
    assert!(store.add(&key, "one"), "kept as long as it should be");
    assert_eq!(area.length(), Ok(0));
    store.open(&window, true);
    assert_eq!(area.get_item(&key), Ok(Some("one".to_owned())));
    store.open(&window, false);
    assert!(keys(&store).is_empty(), "what is stored is not read without consent");
}

#[wasm_bindgen_test]
fn st_12_without_any_area_memory_keeps_the_key() {
    let mut store = Store::default();
    let key = [PREFIX, "2026-11:CCCCCCCCCCCCCCCC"].concat();
    store.add(&key, "one");
    store.add(&key, "one");
    assert_eq!(keys(&store), [key.as_str()]);
    store.remove(&[key]);
    assert!(keys(&store).is_empty());
}

#[wasm_bindgen_test]
fn what_is_freed_is_used_again_and_no_block_overlaps_another() {
    // Lengths around the powers of two, and longer than a page of memory.
    let lengths = [0, 1, 15, 16, 17, 31, 32, 33, 500, 4096, 5000, 65_535, 65_536, 65_537, 200_000];
    let mut grown = 0;
    for round in 0..50_u8 {
        let mut blocks: Vec<Vec<u8>> = lengths.iter().map(|&length| vec![round; length]).collect();
        for (nth, block) in blocks.iter_mut().enumerate() {
            block.fill(nth as u8);
            // Moved to a longer block, with what it holds.
            block.reserve_exact(block.capacity() + 1);
        }
        for (nth, block) in blocks.iter().enumerate() {
            assert_eq!(block.len(), lengths[nth]);
            assert!(block.iter().all(|&byte| byte == nth as u8), "block {nth} was written over");
        }
        if round == 0 {
            grown = core::arch::wasm32::memory_size::<0>();
        }
    }
    // A page for what the test itself keeps.
    assert!(core::arch::wasm32::memory_size::<0>() <= grown + 1, "the heap grows");
}

/// No-break spaces as spaces: which of them a locale uses changes with the browser's data.
fn plain(text: String) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn written(kind: Kind, number: &str, locale: &str, currency: &str) -> String {
    plain(answer(&Request { kind, number: number.into() }, locale, currency, "en"))
}

#[wasm_bindgen_test]
fn money_is_written_by_intl_exactly() {
    let money = |amount, currency, locale| written(Kind::Money, amount, locale, currency);
    assert_eq!(money("2.90", "USD", "en"), "$2.90");
    assert_eq!(money("19.90", "USD", "de"), "19,90 $");
    assert_eq!(money("300", "JPY", "en"), "¥300");
    assert_eq!(money("1.250", "KWD", "en"), "KWD 1.250");
    assert_eq!(money("999999999.99", "EUR", "en"), "€999,999,999.99");
    // A tag of the right shape that the browser refuses: its own language, never an exception.
    assert!(money("2.90", "USD", "en-x").contains("2"));
}

#[wasm_bindgen_test]
fn plurals_and_numbers_are_the_browsers() {
    assert_eq!(written(Kind::Plural, "1", "de", "USD"), "one");
    assert_eq!(written(Kind::Plural, "0", "de", "USD"), "other");
    assert_eq!(written(Kind::Number, "1200", "en", "USD"), "1,200");
}

#[wasm_bindgen_test]
fn plurals_and_dates_are_of_the_messages_language() {
    let spoken = |kind, number: &str, language| {
        plain(answer(&Request { kind, number: number.into() }, "en", "USD", language))
    };
    assert_eq!(spoken(Kind::Plural, "21", "ru"), "one");
    assert_eq!(spoken(Kind::Plural, "3", "ru"), "few");
    assert_eq!(spoken(Kind::Plural, "5", "ru"), "many");
    // 2026-12-01T00:00, in minutes: whatever zone the browser is in.
    assert_eq!(spoken(Kind::Date, "29934720", "en-GB"), "1 December");
    assert_eq!(spoken(Kind::Date, "29934720", "de"), "1. Dezember");
    assert_eq!(spoken(Kind::Date, "29934720", "ru"), "1 декабря");
}

fn flat(json: &str) -> Entries {
    JSON::parse(json).map(|value| entries(&value)).unwrap_or_default()
}

#[wasm_bindgen_test]
fn json_becomes_flat_entries_with_exact_numbers() {
    let expected = [
        (".", "map"),
        ("limit", "2"),
        ("price", "2.9"),
        ("on", "true"),
        ("none", ""),
        ("list.", "list"),
        ("list.0", "a"),
        ("list.1.", "map"),
        ("list.1.b", "c"),
        ("empty.", "list"),
    ];
    assert_eq!(
        flat(
            r#"{"limit": 2, "price": 2.9, "on": true, "none": null, "list": ["a", {"b": "c"}], "empty": []}"#
        ),
        expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
    );
}

#[wasm_bindgen_test]
fn json_nested_ten_thousand_deep_is_cut() {
    // Engines may refuse to parse it at all, which is as good.
    let deep = flat(&["[".repeat(10_000), "]".repeat(10_000)].concat());
    assert!(deep.len() <= 9, "{} entries", deep.len());
    assert_eq!(
        flat("[[[[[[[[[[[[1]]]]]]]]]]]]").last().map(|(name, _)| name.as_str()),
        Some("0.0.0.0.0.0.0.0.")
    );
}
