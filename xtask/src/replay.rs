//! `cargo xtask replay FILE…`: plays histories that a browser recorded through the core as it is now, and says where it acts
//! otherwise.

use anyhow::{Context as _, Result};
use std::path::PathBuf;
use tollgate::history::{self, Replayed};

/// The command. False if a history does not replay to the effects it recorded.
pub(crate) fn run(files: &[PathBuf]) -> Result<bool> {
    let mut all_same = true;
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let replayed = history::replay(&text).with_context(|| file.display().to_string())?;
        println!("{}", file.display());
        for one in &replayed {
            print!("{}", told(one));
        }
        let different = replayed.iter().filter(|one| !one.is_same()).count();
        println!("{} signals, {different} with other effects than were recorded\n", replayed.len());
        all_same &= different == 0;
    }
    Ok(all_same)
}

/// What happened, in a line or a few.
fn told(one: &Replayed) -> String {
    let happening = &one.happening;
    let signal = serde_json::to_value(&happening.signal).unwrap_or_default();
    // A listing of thousands of keys is not worth its lines.
    let mut signal = signal.to_string();
    if signal.len() > 160 {
        signal.truncate(signal.floor_char_boundary(160));
        signal.push('…');
    }
    let mut text = format!(
        "{:>4}  {:>9.3} s  article {}  {signal}\n",
        one.line,
        happening.now.elapsed as f64 / 1000.0,
        happening.article
    );
    if let Some(words) = &one.words {
        text.push_str(&format!("      {words}\n"));
    }
    if !one.is_same() {
        text.push_str(&format!("      recorded {}\n      now      {}\n", happening.effects, one.effects));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn st_36_a_zone_that_the_browser_does_not_know_is_utc_and_said_once() {
        let start = tollgate::history::Start {
            attributes: vec![(".".into(), "map".into()), ("timeZone".into(), "Europe/Atlantis".into())],
            ..Default::default()
        };
        let (_, diagnostics) = start.config();
        let said: Vec<String> = diagnostics.iter().map(tollgate::config::Diagnostic::line).collect();
        assert_eq!(said, ["data-time-zone=\"Europe/Atlantis\": not-a-time-zone, using \"UTC\""]);
        let (_, diagnostics) = tollgate::history::Start { zone_is_known: true, ..start }.config();
        assert_eq!(diagnostics, []);
    }

    /// Every recorded history in tests/histories still plays to the same effects: reports that became tests.
    #[test]
    fn the_histories_of_the_repository_replay_to_the_same_effects() {
        let folder = crate::places::histories();
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .expect("tests/histories")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
            .collect();
        files.sort();
        assert!(files.len() >= 3, "histories in {}", folder.display());
        for file in files {
            let text = std::fs::read_to_string(&file).expect("text");
            let replayed =
                history::replay(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(!replayed.is_empty(), "{}", file.display());
            for one in replayed {
                assert!(one.is_same(), "{}\n{}", file.display(), told(&one));
            }
        }
    }

    #[test]
    fn a_history_that_says_otherwise_is_told() {
        let text = include_str!("../../tests/histories/a-gate-and-a-subscriber.jsonl");
        let forged = text.replacen("LIMIT_REACHED", "FORGED", 1);
        assert_ne!(text, forged);
        let replayed = history::replay(&forged).expect("a history");
        let different: Vec<&Replayed> = replayed.iter().filter(|one| !one.is_same()).collect();
        assert_eq!(different.len(), 1);
        assert!(told(different[0]).contains("recorded") && told(different[0]).contains("FORGED"));
        assert!(history::replay("").is_err() && history::replay("{}").is_err());
    }
}
