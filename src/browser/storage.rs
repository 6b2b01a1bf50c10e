//! The one wrapper around storage. Every operation is fallible, and a failed one steps down: local → session → memory.

use crate::meter::ledger::PREFIX;
use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use js_sys::{JsString, Object};
use wasm_bindgen::JsCast as _;
use web_sys::{Storage, Window};

/// The areas in use, the best first; memory last.
#[derive(Debug, Default)]
pub struct Store {
    areas: Vec<Storage>,
    /// Whether the first of them is local storage, or none is wanted.
    is_whole: bool,
    /// The keys that no area took, with their values.
    memory: Vec<(String, String)>,
}

impl Store {
    /// Opens the areas this page may use, and puts what is in memory there; or closes them, where the publisher asks for
    /// consent and there is none: then memory is all there is. The getters throw in sandboxed frames and with cookies
    /// blocked, and give `null` where storage is off; gloo-storage's handles, which panic then, are taken only where they answer.
    ///
    /// Nothing is written as a test: a page view that counts nothing leaves no trace, and wakes no other tab.
    pub fn open(&mut self, window: &Window, may: bool) {
        self.areas.clear();
        self.is_whole = !may;
        if may {
            if matches!(window.local_storage(), Ok(Some(area)) if area.length().is_ok()) {
                self.areas.push(LocalStorage::raw());
                self.is_whole = true;
            }
            if matches!(window.session_storage(), Ok(Some(area)) if area.length().is_ok()) {
                self.areas.push(SessionStorage::raw());
            }
            for (key, value) in std::mem::take(&mut self.memory) {
                let _ = self.add(&key, &value);
            }
        }
    }

    /// The keys that begin with `prefix`, in all areas, some perhaps twice.
    #[must_use]
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for (key, _) in &self.memory {
            if key.starts_with(prefix) {
                keys.push(key.clone());
            }
        }
        for area in &self.areas {
            // One call: a loop over `key(i)` takes 260 ms for 10,000 keys in Firefox. Others' keys stay in JavaScript.
            for key in Object::keys(area.unchecked_ref::<Object>()) {
                let key: JsString = key.unchecked_into();
                if key.starts_with(prefix, 0) {
                    keys.push(String::from(key));
                }
            }
        }
        keys
    }

    /// Adds a key, unless it is there. Written where it can be read back: a full or failing area passes it on. Whether it
    /// is kept as long as it should be: in local storage, or where it was before.
    pub fn add(&mut self, key: &str, value: &str) -> bool {
        for area in &self.areas {
            if holds(area, key) {
                return true;
            }
        }
        let mut is_whole = self.is_whole;
        for area in &self.areas {
            if area.set_item(key, value).is_ok() && holds(area, key) {
                return is_whole;
            }
            is_whole = false;
        }
        for (known, _) in &self.memory {
            if known == key {
                return true;
            }
        }
        self.memory.push((key.to_owned(), value.to_owned()));
        is_whole
    }

    /// Removes keys of ours, wherever they are.
    pub fn remove(&mut self, keys: &[String]) {
        for key in keys {
            if !key.starts_with(PREFIX) {
                continue;
            }
            for area in &self.areas {
                // A key that cannot be removed will be found outdated again.
                let _ = area.remove_item(key);
            }
            self.memory.retain(|(known, _)| known != key);
        }
    }
}

fn holds(area: &Storage, key: &str) -> bool {
    matches!(area.get_item(key), Ok(Some(_)))
}
