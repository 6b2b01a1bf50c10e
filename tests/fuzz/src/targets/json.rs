//! JSON: the flat entries that the shell makes of the script's value, its names hostile, and entries that no value has.

use super::setting::{self, Around};
use crate::source::Source;
use tollgate::article;
use tollgate::config::{ATTRIBUTES, Code, Entries, Settings};

/// How deep the shell goes (src/browser/settings.rs).
const DEPTH: u32 = 8;

/// One page with a script, and perhaps a tag that has attributes too.
pub(super) fn run(bytes: &[u8]) {
    let mut source = Source::of(bytes);
    let around = Around::of(&mut source);
    let mut entries = Vec::new();
    match source.below(8) {
        0..=5 => top(&mut entries, &mut source),
        6 => any(&mut entries, "", &mut source, DEPTH),
        _ => entries = source.list(16, |source| (source.pieces(4), source.pieces(4))),
    }
    let _ = article::is_said_by(&entries);
    let is_object = entries.first().is_some_and(|(name, kind)| name == "." && kind == "map");
    let attributes = source.list(2, |source| {
        let (name, attribute) = setting::name(source);
        (name, setting::value(source, attribute))
    });
    let of_both = attributes.iter().chain(&entries);
    let written = of_both.map(|(name, value)| name.len() + value.len() + 1).sum::<usize>();

    let mut settings = Settings::default();
    settings.add_attributes(attributes);
    let before: Vec<Option<String>> =
        ATTRIBUTES.map(|attribute| settings.text(attribute).map(str::to_owned)).to_vec();
    settings.add_json(entries);
    for (attribute, before) in ATTRIBUTES.iter().zip(before) {
        let text = settings.text(attribute);
        assert!(before.is_none() || text == before.as_deref(), "{attribute}: the attribute does not win");
        assert!(is_object || text == before.as_deref(), "{attribute}: read of what is no object");
    }
    let length = around.rule.len() + around.sections.len();
    let diagnostics = setting::check(settings, &around, written + length, &mut source);
    let unreadable = diagnostics.iter().filter(|diagnostic| diagnostic.code == Code::JsonUnreadable).count();
    assert_eq!(unreadable, usize::from(!is_object));
}

/// An object whose members are mostly settings, of their kinds.
fn top(entries: &mut Entries, source: &mut Source<'_>) {
    entries.push((".".to_owned(), "map".to_owned()));
    for _ in 0..source.below(8) {
        let (name, attribute) = setting::name(source);
        let list: &[(&str, &[&str])] = match attribute {
            "data-plans" => &[
                ("name", &["Year", "One year | all of it", "A [b]", ""]),
                ("terms", &["19.90/year", "30d free then 2.90/month", "1/m"]),
                ("id", &["year", "", "Ü", "plan-2"]),
                ("badge", &["new", " "]),
            ],
            "data-benefits" => &[("text", &["Ad-free [really]", "", " "]), ("badge", &["new"])],
            "data-meters" => &[
                ("name", &["Local", "*", ""]),
                ("sections", &["city, region", "*", ""]),
                ("limit", &["5", "0", "1001"]),
            ],
            "data-paths" => &[("path", &["/jobs/*", "*", ""]), ("rule", &["free", "locked", "x"])],
            "data-steps" => &[
                ("surface", &["notice", "register", "subscribe"]),
                ("from", &["2", "0", "x"]),
                ("dismissible", &["true", "false"]),
                ("cap", &["1/day", "2/", "/"]),
            ],
            _ => &[],
        };
        match source.below(6) {
            0..=2 if !list.is_empty() => {
                entries.push(([&name, "."].concat(), "list".to_owned()));
                for nth in 0..source.below(6) {
                    item(entries, &format!("{name}.{nth}"), list, source);
                }
            }
            5 => any(entries, &name, source, DEPTH - 1),
            _ => {
                let value = setting::value(source, attribute);
                entries.push((name, value));
            }
        }
    }
}

/// One item of a list: a text, or an object of these fields.
fn item(entries: &mut Entries, name: &str, fields: &[(&str, &[&str])], source: &mut Source<'_>) {
    if source.once_in(4) {
        entries.push((name.to_owned(), source.pieces(6)));
        return;
    }
    entries.push(([name, "."].concat(), "map".to_owned()));
    for (field, values) in fields {
        match source.below(6) {
            0..=3 => entries.push(([name, ".", field].concat(), source.like(values))),
            4 => {}
            _ => any(entries, &[name, ".", field].concat(), source, 3),
        }
    }
}

/// Any value, flattened as the shell does it.
fn any(entries: &mut Entries, name: &str, source: &mut Source<'_>, depth: u32) {
    let kind = match source.below(4) {
        2 => "list",
        3 => "map",
        _ => {
            let text = match source.below(4) {
                0 => source.number().to_string(),
                1 => source.pick(&["", "true", "false", "2.9", "1e21", "NaN", "NewsArticle"]).to_owned(),
                _ => source.pieces(6),
            };
            entries.push((name.to_owned(), text));
            return;
        }
    };
    entries.push(([name, "."].concat(), kind.to_owned()));
    let Some(deeper) = depth.checked_sub(1) else { return };
    let point = if name.is_empty() { "" } else { "." };
    for nth in 0..source.below(4) {
        let member = if kind == "list" {
            nth.to_string()
        } else {
            source.like(&["name", "terms", "@type", "@graph", "0", "a.b", "", "list", "map"])
        };
        any(entries, &[name, point, &member].concat(), source, deeper);
    }
}
