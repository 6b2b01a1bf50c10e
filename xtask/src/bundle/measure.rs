//! The sizes of what was built: as it is, after gzip, after Brotli 11, and the table of them.

use super::budget::Limit;
use crate::process;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file's sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub file: String,
    pub raw: usize,
    pub gzip: usize,
    pub brotli: usize,
}

/// Node has both compressors, the same code that servers use: no crate to compile for it.
const MEASURE: &str = "\
const { gzipSync, brotliCompressSync, constants } = require('zlib');
for (const file of process.argv.slice(1)) {
  const bytes = require('fs').readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes, { params }).length);
}";

/// Measures these files of a folder.
pub(crate) fn measure(folder: &Path, files: &[String]) -> Result<Vec<Sizes>> {
    let paths = files.iter().map(|file| folder.join(file)).collect::<Vec<PathBuf>>();
    let answer = process::capture(Command::new("node").args(["-e", MEASURE, "--"]).args(paths))?;
    let measured = files.iter().zip(answer.lines()).map(|(file, line)| {
        let mut numbers = line.split(' ').map(str::parse::<usize>);
        let mut next =
            || numbers.next().and_then(Result::ok).with_context(|| format!("the size of {file}: {line}"));
        Ok(Sizes { file: file.clone(), raw: next()?, gzip: next()?, brotli: next()? })
    });
    measured.collect()
}

/// The table that every build ends with.
pub(crate) fn table(built: &[Sizes], limits: &[Limit]) -> String {
    let mut text =
        format!("{:<32}{:>10}{:>10}{:>12}{:>10}\n", "www/dist/", "raw", "gzip", "Brotli 11", "budget");
    // Of the languages, of which there are many, the largest.
    let is_text = |sizes: &&Sizes| sizes.file.starts_with("tollgate-") && sizes.file.ends_with(".txt");
    let largest = built.iter().filter(is_text).max_by_key(|sizes| sizes.brotli);
    // The same as modules, and what is no script, nobody's page loads.
    let is_shown = |sizes: &&Sizes| {
        let Sizes { file, .. } = sizes;
        (file.ends_with(".js") || file.ends_with(".wasm")) && !file.starts_with("languages/")
    };
    for sizes in built.iter().filter(is_shown).chain(largest) {
        let Sizes { file, raw, gzip, brotli } = sizes;
        let limit = limits.iter().find(|limit| limit.is_of(file)).map(|limit| grouped(limit.brotli));
        let (raw, gzip, brotli, limit) =
            (grouped(*raw), grouped(*gzip), grouped(*brotli), limit.unwrap_or_default());
        let line = format!("{file:<32}{raw:>10}{gzip:>10}{brotli:>12}{limit:>10}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let count = built.iter().filter(is_text).count();
    if count > 1 {
        text.push_str(&format!("the largest of {count} languages; the others are not shown\n"));
    }
    text
}

/// 26624 as `26 624`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (26_624, "26 624"), (1_234_567, "1 234 567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn the_table_names_the_budget_of_the_files_that_have_one() {
        let built = [
            Sizes { file: "tollgate.js".into(), raw: 81_000, gzip: 33_000, brotli: 25_000 },
            Sizes { file: "tollgate.debug.js".into(), raw: 1, gzip: 2, brotli: 3 },
        ];
        let table = table(&built, &[Limit { file: "tollgate.js".into(), brotli: 26_624 }]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.get(1).is_some_and(|line| line.ends_with("25 000    26 624")), "{table}");
        assert!(lines.get(2).is_some_and(|line| line.ends_with(" 3")), "{table}");
    }
}
