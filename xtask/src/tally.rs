//! Counts of checks that passed and failed, and reading them from what test programs print.

use std::process::ExitStatus;

/// What ran so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub passed: usize,
    pub failed: usize,
    /// The failures by name, in the order they happened.
    pub failures: Vec<String>,
}

impl Tally {
    /// Counts one check that passed.
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    /// Counts one check that failed, under this name.
    pub(crate) fn fail(&mut self, name: impl Into<String>) {
        self.failed += 1;
        self.failures.push(name.into());
    }

    /// Counts one check by its outcome.
    pub(crate) fn check<T>(&mut self, name: &str, outcome: anyhow::Result<T>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.pass();
                Some(value)
            }
            Err(error) => {
                println!("{error:#}");
                self.fail(format!("{name}: {}", first_line(&format!("{error:#}"))));
                None
            }
        }
    }

    /// Adds up what a test program counted. A program that crashed, said nothing or failed without naming a
    /// failed test counts as one failure itself.
    pub(crate) fn add(&mut self, step: &str, ended: ExitStatus, output: &str, counts: Option<Counts>) {
        let Some(counts) = counts else {
            return self.fail(format!("{step}: it printed no result ({ended})"));
        };
        self.passed += counts.passed;
        self.failed += counts.failed;
        let names = failed_names(output);
        let named = names.len().min(counts.failed);
        self.failures.extend(names.into_iter().take(named).map(|name| format!("{step}: {name}")));
        self.failures.extend((named..counts.failed).map(|_| format!("{step}: a test that printed no name")));
        if !ended.success() && counts.failed == 0 {
            self.fail(format!("{step}: it ended badly after its tests ({ended})"));
        }
    }

    /// The failures by name, then the closing line, alone and last.
    pub(crate) fn closing(&self) -> String {
        let mut text = String::new();
        if !self.failures.is_empty() {
            text.push_str("Failed:\n");
            for failure in &self.failures {
                text.push_str(&format!("  {failure}\n"));
            }
            text.push('\n');
        }
        text.push_str(&format!("{} passed, {} failed", self.passed, self.failed));
        text
    }
}

/// What one program counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub passed: usize,
    pub failed: usize,
}

/// Adds up every `test result: ok. 3 passed; 0 failed; …` of cargo's and wasm-bindgen's test programs.
pub(crate) fn of_test_results(output: &str) -> Option<Counts> {
    let results = output.lines().filter_map(|line| {
        let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let mut parts = counts.split("; ");
        let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
        let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
        Some(Counts { passed, failed })
    });
    results.reduce(|sum, next| Counts { passed: sum.passed + next.passed, failed: sum.failed + next.failed })
}

/// The last `3 passed, 0 failed` of the host-page tests.
pub(crate) fn of_closing_line(output: &str) -> Option<Counts> {
    output.lines().rev().find_map(|line| {
        let (passed, failed) = line.trim().split_once(" passed, ")?;
        Some(Counts { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
    })
}

/// The names in `test some::name ... FAILED` (cargo), `test some::name ... FAIL` (wasm-bindgen) and
/// `FAILED firefox  some_name (1.2 s)` (the host-page tests).
fn failed_names(output: &str) -> Vec<String> {
    let named = output.lines().filter_map(|line| {
        if let Some(host_page) = line.strip_prefix("FAILED ") {
            let name = host_page.rsplit_once(" (").map_or(host_page, |(name, _time)| name);
            return Some(name.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        let (name, outcome) = line.trim().strip_prefix("test ")?.split_once(" ... ")?;
        outcome.starts_with("FAIL").then(|| name.to_owned())
    });
    named.collect()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(code: i32) -> ExitStatus {
        std::process::Command::new("sh").args(["-c", &format!("exit {code}")]).status().expect("sh runs")
    }

    const CARGO: &str = "\
running 2 tests
test money::saving ... ok
test money::decimals ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests tollgate
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s
";

    #[test]
    fn every_result_line_is_added_up() {
        assert_eq!(of_test_results(CARGO), Some(Counts { passed: 4, failed: 1 }));
        assert_eq!(of_test_results("error: could not compile\n"), None);
        let browser = "test a ... ok\n\ntest result: ok. 12 passed; 0 failed; 0 ignored; 0 filtered out\n";
        assert_eq!(of_test_results(browser), Some(Counts { passed: 12, failed: 0 }));
    }

    #[test]
    fn the_closing_line_is_the_last_of_its_kind() {
        let output = "chromium: 2 passed, 1 failed\n1 passed, 0 failed\nnot 3 passed, 4 failed\n 7 passed, 2 failed\n\n";
        assert_eq!(of_closing_line(output), Some(Counts { passed: 7, failed: 2 }));
        assert_eq!(of_closing_line("panicked"), None);
    }

    #[test]
    fn failures_are_named_and_crashes_count_as_one() {
        let mut tally = Tally::default();
        tally.pass();
        tally.add("native", ended(101), CARGO, of_test_results(CARGO));
        tally.add("in Firefox", ended(1), "", None);
        tally.add("host pages", ended(3), "9 passed, 0 failed", Some(Counts { passed: 9, failed: 0 }));
        assert_eq!((tally.passed, tally.failed), (14, 3));
        assert_eq!(tally.failures.len(), 3);
        assert_eq!(tally.failures.first().map(String::as_str), Some("native: money::decimals"));
        let closing = tally.closing();
        assert_eq!(closing.lines().last(), Some("14 passed, 3 failed"));
        assert!(closing.contains("in Firefox: it printed no result"), "{closing}");
    }

    #[test]
    fn each_runner_names_its_failures_in_its_own_way() {
        let output = "ok     webkit    seed_journey (0.9 s)\nFAILED firefox   seed_journey (1.2 s)\n         why\n\
                      test gate::closes ... FAIL\ntest gate::opens ... ok\ntest result: FAILED. 1 passed; 1 failed;";
        assert_eq!(failed_names(output), ["firefox seed_journey", "gate::closes"]);
    }

    #[test]
    fn a_failure_without_a_name_is_still_listed() {
        let mut tally = Tally::default();
        tally.add("host pages", ended(1), "", Some(Counts { passed: 2, failed: 2 }));
        assert_eq!(tally.failures.len(), 2);
    }
}
