//! JSON → the core's flat entries, where there is no browser that parses it: for the command-line tool, the simulation, tests. What
//! src/browser/settings.rs makes of the same text in a browser.

use super::Entries;
use serde_json::Value;

/// How deep it may be nested; what lies deeper is left out.
const DEPTH: u32 = 8;

/// The entries of a text; none where it is no JSON.
#[must_use]
pub fn flat(text: &str) -> Entries {
    let mut entries = Vec::new();
    if let Ok(value) = serde_json::from_str(text) {
        enter(&mut entries, "", &value, DEPTH);
    }
    entries
}

fn enter(entries: &mut Entries, name: &str, value: &Value, depth: u32) {
    let mut inside = |kind: &str, members: Vec<(String, &Value)>| {
        entries.push((format!("{name}."), kind.to_owned()));
        let Some(deeper) = depth.checked_sub(1) else { return };
        let point = if name.is_empty() { "" } else { "." };
        for (member, value) in members {
            enter(entries, &format!("{name}{point}{member}"), value, deeper);
        }
    };
    let plain = match value {
        Value::Object(members) => {
            return inside("map", members.iter().map(|(name, member)| (name.clone(), member)).collect());
        }
        Value::Array(items) => {
            return inside(
                "list",
                items.iter().enumerate().map(|(nth, item)| (nth.to_string(), item)).collect(),
            );
        }
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(is) => is.to_string(),
        // As JavaScript writes it: 1.0 is 1.
        Value::Number(number) => match number.as_f64() {
            Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => format!("{whole:.0}"),
            _ => number.to_string(),
        },
    };
    entries.push((name.to_owned(), plain));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_flattened_as_in_the_module() {
        let entries = flat(r#"{"limit": 2.0, "plans": [{"name": "Year"}], "hard": true, "none": null}"#);
        let has =
            |name: &str, text: &str| entries.iter().any(|(known, value)| known == name && value == text);
        assert_eq!(entries.first().map(|(name, _)| name.as_str()), Some("."));
        for (name, text) in [
            ("limit", "2"),
            ("plans.", "list"),
            ("plans.0.", "map"),
            ("plans.0.name", "Year"),
            ("hard", "true"),
            ("none", ""),
        ] {
            assert!(has(name, text), "{name}");
        }
        assert!(flat("{").is_empty());
    }
}
