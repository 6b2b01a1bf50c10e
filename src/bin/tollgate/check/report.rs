//! What was found, by topic, in words.

use super::served::Source;
use crate::Outcome;
use std::fmt::Write as _;
use tollgate::config::{Diagnostic, PROSE};

/// What a finding is about, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Tag,
    Settings,
    Article,
    Address,
    StructuredData,
    Policy,
    Files,
}

/// The headings, in their order.
const TOPICS: [(Topic, &str); 7] = [
    (Topic::Tag, "tag"),
    (Topic::Settings, "settings"),
    (Topic::Article, "article"),
    (Topic::Address, "address"),
    (Topic::StructuredData, "structured data"),
    (Topic::Policy, "policy"),
    (Topic::Files, "files"),
];

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// As it should be, or good to know.
    Fine,
    /// Not wrong, but hardly meant.
    Note,
    Wrong,
}

/// All that was found.
#[derive(Debug)]
pub(super) struct Report {
    of: String,
    findings: Vec<(Topic, Weight, String, String)>,
}

impl Report {
    pub(super) fn of(source: &Source) -> Report {
        Report { of: source.name(), findings: Vec::new() }
    }

    /// Something is wrong: what, and what is to be done.
    pub(super) fn wrong(&mut self, topic: Topic, what: impl Into<String>, advice: impl Into<String>) {
        self.findings.push((topic, Weight::Wrong, what.into(), advice.into()));
    }

    /// Something is good to know.
    pub(super) fn note(&mut self, topic: Topic, what: impl Into<String>, advice: impl Into<String>) {
        self.findings.push((topic, Weight::Note, what.into(), advice.into()));
    }

    /// Something is as it should be.
    pub(super) fn fine(&mut self, topic: Topic, what: impl Into<String>) {
        self.findings.push((topic, Weight::Fine, what.into(), String::new()));
    }

    /// The core's own findings, with the sentences that explain them.
    pub(super) fn diagnostics(&mut self, topic: Topic, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let name = diagnostic.code.name();
            let prose = PROSE.iter().find(|(known, _)| *known == name).map_or("", |(_, prose)| prose);
            let weight = if diagnostic.code.is_mistake() { Weight::Wrong } else { Weight::Note };
            self.findings.push((topic, weight, diagnostic.line(), prose.to_owned()));
        }
    }

    /// How much is wrong so far.
    pub(super) fn wrongs(&self) -> usize {
        self.findings.iter().filter(|(_, weight, ..)| *weight == Weight::Wrong).count()
    }

    /// The report, and the exit code that follows from it.
    pub(super) fn outcome(self) -> Outcome {
        let wrong = self.wrongs();
        let notes = self.findings.iter().filter(|(_, weight, ..)| *weight == Weight::Note).count();
        let mut text = format!("{}\n", self.of);
        for (topic, heading) in TOPICS {
            let mut findings = self.findings.iter().filter(|(of, ..)| *of == topic).peekable();
            if findings.peek().is_none() {
                continue;
            }
            let _ = writeln!(text, "\n{heading}");
            for (_, weight, what, advice) in findings {
                let mark = match weight {
                    Weight::Wrong => "wrong",
                    Weight::Note => "note",
                    Weight::Fine => "ok",
                };
                let _ = writeln!(text, "  {mark:<6} {what}");
                if !advice.is_empty() {
                    let _ = writeln!(text, "         {advice}");
                }
            }
        }
        let _ = match (wrong, notes) {
            (0, 0) => writeln!(text, "\nNothing is wrong."),
            (0, notes) => writeln!(text, "\nNothing is wrong; {notes} to know."),
            (wrong, 0) => writeln!(text, "\n{wrong} wrong."),
            (wrong, notes) => writeln!(text, "\n{wrong} wrong, {notes} to know."),
        };
        Outcome { output: printable(&text), code: u8::from(wrong > 0), ..Outcome::default() }
    }
}

/// Without what a page could do to the terminal that this is shown in.
fn printable(text: &str) -> String {
    text.chars().filter(|sign| *sign == '\n' || !sign.is_control()).collect()
}
