//! `cargo xtask bench`: the core in numbers. Criterion measures (`tests/bench`); here its medians become one table with the
//! ratios that ARCHITECTURE.md states. Times are this machine's; the ratios are what is to be believed.

use crate::command_line::Engine;
use crate::setup::{browsers, cargo, node};
use crate::{build, places, process};
use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use std::process::Command;

/// How many keys the area has, how many are ours where all are, and by how much each is more than the one before.
const AREAS: [u32; 3] = [10, 1000, 100_000];
const OWN: [u32; 3] = [10, 100, 1000];
/// The windows of `benches/core.rs`.
const WINDOWS: [&str; 3] = ["calendar", "rolling", "first-view"];

/// The command.
pub(crate) fn run() -> Result<bool> {
    let started = process::begin("benchmarks");
    process::show(cargo::native().args(["bench", "--quiet", "--package", "tollgate-bench"]))?;
    print!("\n{}", table(&|name| median(name))?);
    println!("\ntook {}", process::took(started));
    Ok(true)
}

/// The page benchmark: builds, installs what the script is measured against, and measures. Options go to its own script.
pub(crate) fn run_pages(options: &[String]) -> Result<bool> {
    build::build()?;
    let engines = browsers::ensure(&[Engine::Chromium]);
    if let Some(Err((_, error))) = engines.into_iter().next() {
        return Err(error);
    }
    let started = process::begin("page benchmark");
    let (source, home) = (places::page_benchmark(), places::page_bench());
    let esbuild = node::ensure()?.esbuild;
    node::install(&source, &home, "Playwright, without a browser, and the contenders")?;
    let script = if options.iter().any(|option| option == "--growth") { "growth.mjs" } else { "run.mjs" };
    for name in [script, "figures.mjs"] {
        std::fs::copy(source.join(name), home.join(name))?;
    }
    let run = home.join(script);
    // As its author would put it up.
    let rival = process::capture(Command::new(esbuild).arg(source.join("vanilla.js")).arg("--minify"))?;
    std::fs::write(home.join("vanilla.js"), rival)?;
    process::show(
        Command::new("node")
            .arg(run)
            .args(options)
            .env("TOLLGATE_WWW", places::root().join("www"))
            .env("CHROMIUM", browsers::chromium().context("Chromium is missing")?),
    )?;
    println!("\ntook {}", process::took(started));
    Ok(true)
}

/// The median of a benchmark, in nanoseconds, as Criterion wrote it.
fn median(name: &str) -> Result<f64> {
    let file = places::benchmarks().join(name).join("new/estimates.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("no estimates of {name}"))?;
    let estimates: serde_json::Value = serde_json::from_str(&text)?;
    estimates["median"]["point_estimate"].as_f64().with_context(|| format!("{name} has no median"))
}

/// The table, as Markdown.
fn table(median: &dyn Fn(&str) -> Result<f64>) -> Result<String> {
    let mut text = String::from("| what | by | times | ratio to the first |\n|---|---|---|---|\n");
    let mut row = |what: &str, by: &str, names: &[String]| -> Result<()> {
        let times = names.iter().map(|name| median(name)).collect::<Result<Vec<f64>>>()?;
        let first = times.first().copied().unwrap_or(1.0);
        let joined = |each: &dyn Fn(&f64) -> String| times.iter().map(each).collect::<Vec<_>>().join(" · ");
        let ratios = joined(&|time| ratio(time / first));
        writeln!(text, "| {what} | {by} | {} | {ratios} |", joined(&|time| duration(*time)))?;
        Ok(())
    };
    let named = |start: &str, counts: &[u32]| {
        counts.iter().map(|count| format!("{start}/{count}")).collect::<Vec<_>>()
    };
    let areas = "keys in the area, 5 of them ours: 10 · 1,000 · 100,000";
    row("the listing, of the whole area", areas, &named("listing/area", &AREAS))?;
    row("the listing, of what the shell passes on", areas, &named("listing/filtered", &AREAS))?;
    row("a decision after it", areas, &named("decision/area", &AREAS))?;
    for window in WINDOWS {
        let ours = format!("keys of ours, {window}: 10 · 100 · 1,000");
        row("the listing", &ours, &named(&format!("own/listing {window}"), &OWN))?;
        row("a decision after it", &ours, &named(&format!("own/decision {window}"), &OWN))?;
    }
    let windows = WINDOWS.join(" · ");
    for (what, name) in [
        ("a page view: started, seen, listed, engaged, stored", "view/read"),
        ("a page view: started, seen, listed, formatted, locked", "view/gated"),
    ] {
        row(what, &windows, &WINDOWS.map(|window| format!("{name}/{window}")))?;
    }
    row("an article", "its key · its hash", &["article/key".to_owned(), "article/hash".to_owned()])?;
    row(
        "an article's key",
        "parameters in its address: 500 · 1,000 · 2,000",
        &named("article/parameters", &[500, 1000, 2000]),
    )?;
    Ok(text)
}

/// `1.0`, `97`, `1,000`: two digits are all that holds.
fn ratio(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}

/// Nanoseconds in the unit that reads best.
fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        small if small < 1e3 => format!("{small:.0} ns"),
        middle if middle < 1e6 => format!("{:.1} µs", middle / 1e3),
        large => format!("{:.1} ms", large / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_become_rows_with_their_ratios() {
        let table =
            table(&|name| Ok(if name.ends_with("1000") { 2_500.0 } else { 1_000.0 })).expect("a table");
        assert!(table.contains("| 1.0 µs · 2.5 µs · 1.0 µs | 1.0 · 2.5 · 1.0 |"), "{table}");
        assert_eq!(table.lines().count(), 2 + 3 + 2 * WINDOWS.len() + 4);
        assert_eq!((duration(999.0), duration(2e6)), ("999 ns".to_owned(), "2.0 ms".to_owned()));
    }
}
