//! `xtask/budget.toml`: what each file may weigh after Brotli.

use super::measure::Sizes;
use anyhow::{Context as _, Result, bail};

/// One line of the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The file's name in `www/dist`.
    pub file: String,
    /// The most bytes it may have after Brotli 11.
    pub brotli: usize,
}

/// The budget as it stands in the repository.
pub(crate) fn read() -> Result<Vec<Limit>> {
    let file = crate::places::xtask().join("budget.toml");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    parse(&text)
}

/// Reads the one form that the file uses: `"name" = { brotli = 1234 }`.
fn parse(text: &str) -> Result<Vec<Limit>> {
    let mut limits = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let limit = parse_line(line).with_context(|| {
            format!("budget.toml, line {}: not `\"file\" = {{ brotli = N }}`", number + 1)
        })?;
        limits.push(limit);
    }
    if limits.is_empty() {
        bail!("budget.toml limits nothing");
    }
    Ok(limits)
}

fn parse_line(line: &str) -> Option<Limit> {
    let (file, limit) = line.split_once('=')?;
    let file = file.trim().strip_prefix('"')?.strip_suffix('"')?.to_owned();
    let (key, bytes) = limit.trim().strip_prefix('{')?.strip_suffix('}')?.split_once('=')?;
    let brotli = bytes.trim().replace('_', "").parse().ok()?;
    (key.trim() == "brotli").then_some(Limit { file, brotli })
}

impl Limit {
    /// Whether it is a file's. `*` in its name stands for the hash of a file that is named by its content.
    pub(crate) fn is_of(&self, file: &str) -> bool {
        match self.file.split_once('*') {
            Some((start, end)) => file.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
            None => file == self.file,
        }
    }
}

/// What is over the budget, as sentences. A file that is in the budget but was not built is an excess too.
pub(crate) fn excesses(limits: &[Limit], built: &[Sizes]) -> Vec<String> {
    let mut complaints = Vec::new();
    for limit in limits {
        let Limit { file, brotli } = limit;
        if !built.iter().any(|sizes| limit.is_of(&sizes.file)) {
            complaints.push(format!("{file} is in budget.toml but was not built"));
        }
        for sizes in built.iter().filter(|sizes| limit.is_of(&sizes.file) && sizes.brotli > *brotli) {
            complaints.push(format!(
                "{} has {} bytes after Brotli, {} more than its budget of {brotli}",
                sizes.file,
                sizes.brotli,
                sizes.brotli - brotli
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(file: &str, brotli: usize) -> Sizes {
        Sizes { file: file.into(), raw: 4 * brotli, gzip: 2 * brotli, brotli }
    }

    #[test]
    fn the_repository_s_own_budget_is_read() {
        let limits = parse(include_str!("../../budget.toml")).expect("well formed");
        assert!(limits.iter().any(|limit| limit.file == "tollgate.js"));
    }

    #[test]
    fn what_is_not_in_the_form_is_refused() {
        for text in
            ["", "# only words", "tollgate.js = 5", "\"a.js\" = { gzip = 5 }", "\"a.js\" = { brotli = many }"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ld_26_a_file_may_weigh_what_the_budget_says_and_no_more() {
        let limits = parse("\"a.js\" = { brotli = 1_000 } # why").expect("well formed");
        assert!(excesses(&limits, &[sizes("a.js", 1000), sizes("b.js", 9000)]).is_empty());
        let over = excesses(&limits, &[sizes("a.js", 1001)]);
        assert_eq!(over, ["a.js has 1001 bytes after Brotli, 1 more than its budget of 1000"]);
        assert_eq!(excesses(&limits, &[]), ["a.js is in budget.toml but was not built"]);
        let hashed = parse("\"a-*.js\" = { brotli = 5 }").expect("well formed");
        assert_eq!(excesses(&hashed, &[sizes("a-0f.js", 5), sizes("b-0f.js", 6)]), Vec::<String>::new());
        assert_eq!(
            excesses(&hashed, &[sizes("a-0f.js", 5), sizes("a-1f.js", 6)]),
            ["a-1f.js has 6 bytes after Brotli, 1 more than its budget of 5"]
        );
    }
}
