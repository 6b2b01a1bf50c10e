//! `cargo xtask size`: what the module's bytes are: its largest functions and its crates by name, piece by piece, and how each file has grown
//! since the last release.

use crate::bundle::measure::Sizes;
use crate::{build, places, process};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The pieces, in the order in which the module is cut.
const PIECES: [&str; 4] = ["first", "gate", "rules", "connect"];
/// How many functions are shown.
const SHOWN: usize = 40;

/// A function: its piece, its name, the bytes of its code.
type Function = (usize, String, usize);

fn file() -> PathBuf {
    places::workshop().join("functions.tsv")
}

/// Writes down what the module is made of, for [`run`].
pub(crate) fn note(functions: &[Function]) -> Result<()> {
    let mut text = String::new();
    for (piece, name, size) in functions {
        writeln!(text, "{piece}\t{size}\t{name}")?;
    }
    std::fs::write(file(), text).context("cannot write down the functions")
}

fn noted() -> Result<Vec<Function>> {
    let text = std::fs::read_to_string(file()).context("the build wrote down no functions")?;
    let function = |line: &str| {
        let mut fields = line.split('\t');
        let (piece, size) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some((piece, fields.next()?.to_owned(), size))
    };
    text.lines().map(|line| function(line).with_context(|| line.to_owned())).collect()
}

/// The command; `keeps`: these sizes are the release's.
pub(crate) fn run(keeps: bool) -> Result<bool> {
    let built = build::build()?;
    let functions = noted().or_else(|_| {
        // Of a build before there was this command: another one writes them down.
        let _ = std::fs::remove_file(places::workshop().join("stamp"));
        build::build().and_then(|_| noted())
    })?;
    println!("\n{}", report(&functions));
    let released = std::fs::read_to_string(places::released_sizes()).unwrap_or_default();
    println!("{}", growth(&built.sizes, &released));
    if keeps {
        let kept: String =
            scripts(&built.sizes).map(|(name, brotli)| format!("{name}\t{brotli}\n")).collect();
        std::fs::write(places::released_sizes(), kept)?;
        println!("kept in {}", places::released_sizes().display());
    }
    let started = process::begin("budget");
    let excesses = built.excesses();
    for excess in &excesses {
        println!("over budget: {excess}");
    }
    println!("{} ({})", if excesses.is_empty() { "kept" } else { "exceeded" }, process::took(started));
    Ok(excesses.is_empty())
}

/// A name as it stands in the source, without its hash.
fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The crate a function is of: that of the type or the trait's implementor it belongs to.
fn crate_of(name: &str) -> &str {
    let start = name
        .trim_start_matches(['<', '&', '*', '[', '('])
        .trim_start_matches("mut ")
        .trim_start_matches("dyn ");
    let end = start.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(start.len());
    match start.get(..end) {
        Some("" | "str" | "bool" | "u8" | "u32" | "usize" | "i32" | "i64") => "core",
        Some(name) if start.get(end..).is_some_and(|rest| rest.starts_with("::")) => name,
        _ => "(glue)",
    }
}

fn report(functions: &[Function]) -> String {
    let total: usize = functions.iter().map(|(_, _, size)| size).sum();
    let mut text = format!("{} functions, {total} bytes of code before compression\n\n", functions.len());
    let mut crates: BTreeMap<String, [usize; PIECES.len()]> = BTreeMap::new();
    for (piece, name, size) in functions {
        let sizes = crates.entry(crate_of(&demangled(name)).to_owned()).or_default();
        if let Some(sum) = sizes.get_mut(*piece) {
            *sum += size;
        }
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, sizes)| std::cmp::Reverse(sizes.iter().sum::<usize>()));
    let _ = write!(text, "{:<24}", "crate");
    for piece in PIECES {
        let _ = write!(text, "{piece:>10}");
    }
    text.push('\n');
    for (name, sizes) in &crates {
        let _ = write!(text, "{name:<24}");
        for size in sizes {
            let _ = write!(text, "{size:>10}");
        }
        text.push('\n');
    }
    let mut largest: Vec<&Function> = functions.iter().collect();
    largest.sort_by_key(|(_, _, size)| std::cmp::Reverse(*size));
    let _ = writeln!(text, "\n{:>8}{:>7}  {:<9}function", "bytes", "", "piece");
    for (piece, name, size) in largest.into_iter().take(SHOWN) {
        let share = 100.0 * *size as f64 / total.max(1) as f64;
        let piece = PIECES.get(*piece).unwrap_or(&"");
        let _ = writeln!(text, "{size:>8}{share:>6.1}%  {piece:<9}{}", demangled(name));
    }
    text
}

/// The scripts that pages load, named without their hashes, by their sizes after Brotli. Those of tollgate.debug.js, which have the same names,
/// are not among them: they come second.
fn scripts(sizes: &[Sizes]) -> impl Iterator<Item = (String, usize)> {
    let mut seen = Vec::new();
    sizes.iter().filter_map(move |sizes| {
        let is_script = sizes.file.ends_with(".js") && !sizes.file.contains('/');
        let name = match sizes.file.strip_suffix(".js")?.rsplit_once('-') {
            Some((name, hash)) if hash.len() == 16 => format!("{name}-*.js"),
            _ => sizes.file.clone(),
        };
        if !is_script || seen.contains(&name) {
            return None;
        }
        seen.push(name.clone());
        Some((name, sizes.brotli))
    })
}

/// Each script beside the last release's.
fn growth(sizes: &[Sizes], released: &str) -> String {
    let mut text = format!("{:<24}{:>10}{:>16}\n", "after Brotli 11", "now", "since release");
    for (name, brotli) in scripts(sizes) {
        let before = released
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .find(|(known, _)| *known == name)
            .and_then(|(_, size)| size.parse::<i64>().ok());
        let change = before.map_or("new".to_owned(), |before| {
            format!("{:+}", i64::try_from(brotli).unwrap_or_default() - before)
        });
        let _ = writeln!(text, "{name:<24}{brotli:>10}{change:>16}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_its_crates() {
        for (name, of) in [
            ("tollgate::machine::Machine::on", "tollgate"),
            ("<alloc::string::String as core::fmt::Write>::write_str", "alloc"),
            ("<&mut tollgate::config::Parser>::text", "tollgate"),
            ("<str as core::x>::y", "core"),
            ("__externref_table_alloc", "(glue)"),
        ] {
            assert_eq!(crate_of(name), of, "{name}");
        }
    }

    #[test]
    fn growth_is_since_the_release() {
        let of = |file: &str, brotli| Sizes { file: file.into(), raw: 0, gzip: 0, brotli };
        let sizes = [
            of("tollgate.js", 90),
            of("tollgate-gate-0123456789abcdef.js", 50),
            of("tollgate-gate-1123456789abcdef.js", 70),
            of("languages/de.js", 9),
            of("tollgate-de-0.txt", 9),
        ];
        let text = growth(&sizes, "tollgate.js\t100\n");
        let lines: Vec<Vec<&str>> =
            text.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines, [["tollgate.js", "90", "-10"], ["tollgate-gate-*.js", "50", "new"]]);
    }

    #[test]
    fn the_largest_come_first_with_their_pieces() {
        let functions =
            [(0, "_ZN8tollgate7machine2on17h0123456789abcdefE".to_owned(), 10), (1, "glue".to_owned(), 30)];
        let text = report(&functions);
        let at = |word: &str| text.rfind(word).expect(word);
        assert!(at("glue") < at("tollgate::machine::on"), "{text}");
        assert!(text.contains("75.0%  gate") && text.contains("25.0%  first"), "{text}");
    }
}
