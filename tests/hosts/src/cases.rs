//! The adverse cases and their tests: `tests/CASES.md`, made of `tests/cases.tsv`, of the host-page tests' table, and of the native tests'
//! names in the sources.

use crate::engine::Engine;
use crate::tests;
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What ids begin with, as they stand in tests' names.
const GROUPS: [&str; 9] = ["st", "cn", "ld", "is", "a11", "sec", "en", "se", "pv"];

/// Where native tests are.
const SOURCES: [&str; 5] = ["src", "tests/core", "tests/fuzz/src", "tests/hosts/src", "xtask/src"];

/// A case.
#[derive(Debug)]
struct Case<'a> {
    group: &'a str,
    id: &'a str,
    /// Where it is asked for: `U` for a native test, `C`, `F`, `K` for Chromium, Firefox, WebKit.
    asked: Vec<&'a str>,
    what: &'a str,
    /// Why it has no test where it is asked for.
    reason: &'a str,
}

/// What there is of a case's tests.
#[derive(Debug, Default)]
struct Tests {
    native: usize,
    on_pages: usize,
    /// Where they run, by the same letters.
    places: BTreeSet<&'static str>,
}

impl Tests {
    /// The places where a case is asked for and has no test.
    fn missing<'a>(&self, case: &Case<'a>) -> Vec<&'a str> {
        case.asked.iter().copied().filter(|place| !self.places.contains(place)).collect()
    }
}

/// Writes the table.
pub(crate) fn write() -> Result<PathBuf> {
    let file = file();
    std::fs::write(&file, table(&data()?)?).with_context(|| file.display().to_string())?;
    Ok(file)
}

fn file() -> PathBuf {
    crate::root().join("tests/CASES.md")
}

fn data() -> Result<String> {
    let file = crate::root().join("tests/cases.tsv");
    std::fs::read_to_string(&file).with_context(|| file.display().to_string())
}

/// The cases; of the lines of the file, those that are no comment.
fn cases(data: &str) -> Result<Vec<Case<'_>>> {
    let lines = data.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let mut fields = line.split('\t');
            let mut next = || fields.next().with_context(|| format!("five fields: {line}"));
            let (group, id, asked, what, reason) = (next()?, next()?, next()?, next()?, next()?);
            Ok(Case { group, id, asked: asked.split_whitespace().collect(), what, reason })
        })
        .collect()
}

/// The ids at the beginning of a test's name: of `st_16_st_19_keys_of_others` they are ST-16 and ST-19.
fn ids(name: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut words = name.split('_');
    while let (Some(group), Some(number)) = (words.next(), words.next())
        && GROUPS.contains(&group)
        && number.bytes().all(|digit| digit.is_ascii_digit())
    {
        ids.push(format!("{}-{number}", group.to_uppercase()));
    }
    ids
}

/// The tests of each case.
fn found() -> Result<BTreeMap<String, Tests>> {
    let mut found: BTreeMap<String, Tests> = BTreeMap::new();
    for test in tests::all() {
        for id in ids(test.name) {
            let tests = found.entry(id).or_default();
            tests.on_pages += 1;
            tests.places.extend(test.engines.iter().map(|engine| match engine {
                Engine::Chromium => "C",
                Engine::Firefox => "F",
                Engine::WebKit => "K",
            }));
        }
    }
    for source in SOURCES {
        let mut native = Vec::new();
        native_tests(&crate::root().join(source), &mut native)?;
        for id in native.iter().flat_map(|name| ids(name)) {
            let tests = found.entry(id).or_default();
            tests.native += 1;
            tests.places.insert("U");
        }
    }
    Ok(found)
}

/// The names of the native tests below a folder: functions behind `#[test]`.
fn native_tests(folder: &Path, names: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            native_tests(&path, names)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let mut is_test = false;
            for line in std::fs::read_to_string(&path)?.lines().map(str::trim) {
                if let Some(name) = line.strip_prefix("fn ").filter(|_| is_test) {
                    names.extend(name.split_once('(').map(|(name, _)| name.to_owned()));
                }
                is_test =
                    line == "#[test]" || (is_test && (line.starts_with("#[") || line.starts_with("//")));
            }
        }
    }
    Ok(())
}

/// The table as it should be.
fn table(data: &str) -> Result<String> {
    let found = found()?;
    let mut text = String::from(
        "# Adverse cases\n\nMade by `cargo xtask cases` of `cases.tsv` and of the tests' names; a test compares. `cargo xtask test` runs every test that is counted here, in every place\n\
         that is named, and is green only where all pass: of a commit that it is green for, this is what passed. U is a native test, C, F and K are pages in\n\
         Chromium, Firefox and WebKitGTK.\n",
    );
    let mut group = "";
    let none = Tests::default();
    for case in cases(data)? {
        if case.group != group {
            group = case.group;
            write!(
                text,
                "\n## {group}\n\n| id | what happens → what is expected | asked for | native tests | on pages | passes in |\n|---|---|---|---|---|---|\n"
            )?;
        }
        let tests = found.get(case.id).unwrap_or(&none);
        let order = ["U", "C", "F", "K"];
        let places: Vec<&str> = order.into_iter().filter(|place| tests.places.contains(place)).collect();
        let missing = tests.missing(&case);
        let note = match (missing.is_empty(), case.reason) {
            (true, _) => String::new(),
            (false, "") => format!(" **missing: {}**", missing.join(" ")),
            (false, reason) => format!(" ({reason})"),
        };
        let what = case.what.replace('|', "\\|");
        writeln!(
            text,
            "| {} | {what} | {} | {} | {} | {}{note} |",
            case.id,
            case.asked.join(" "),
            tests.native,
            tests.on_pages,
            places.join(" ")
        )?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests_of_the_table {
    use super::*;

    #[test]
    fn the_table_is_what_the_tests_are() {
        let written = std::fs::read_to_string(file()).expect("tests/CASES.md");
        let made = table(&data().expect("tests/cases.tsv")).expect("a table");
        let other = written.lines().zip(made.lines()).find(|(written, made)| written != made);
        assert!(written == made, "tests/CASES.md is outdated: cargo xtask cases makes it anew\n{other:?}");
    }

    #[test]
    fn no_case_lacks_a_test_without_a_reason() {
        let (data, found) = (data().expect("tests/cases.tsv"), found().expect("sources"));
        let none = Tests::default();
        let missing: Vec<String> = cases(&data)
            .expect("cases")
            .iter()
            .filter(|case| case.reason.is_empty())
            .map(|case| (case.id, found.get(case.id).unwrap_or(&none).missing(case)))
            .filter(|(_, missing)| !missing.is_empty())
            .map(|(id, missing)| format!("{id} in {}", missing.join(" ")))
            .collect();
        assert!(missing.is_empty(), "cases without a test: {missing:?}");
    }

    #[test]
    fn every_id_is_a_cases() {
        let data = data().expect("tests/cases.tsv");
        let known: BTreeSet<&str> = cases(&data).expect("cases").iter().map(|case| case.id).collect();
        let unknown: Vec<String> =
            found().expect("sources").into_keys().filter(|id| !known.contains(id.as_str())).collect();
        assert!(unknown.is_empty(), "tests of cases that there are not: {unknown:?}");
    }

    #[test]
    fn ids_stand_at_the_beginning_of_names() {
        assert_eq!(ids("st_16_st_19_keys_of_others"), ["ST-16", "ST-19"]);
        assert_eq!(ids("a11_01_axe"), ["A11-01"]);
        assert!(ids("the_script_is_missing").is_empty());
        assert!(ids("is_untouched").is_empty());
    }
}
