//! The replay of a history on the core as it is now.

use super::{Happening, Line};
use crate::machine::{Effect, Machine, Signal};
use serde_json::Value;
use std::fmt;

/// What a replay showed of one signal.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The line's number in the file, from 1.
    pub line: usize,
    /// What happened.
    pub happening: Happening<Value>,
    /// The effects of the replay.
    pub effects: Value,
    /// The decision in words, if there was one.
    pub words: Option<String>,
}

impl Replayed {
    /// Whether the same effects followed.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.effects == self.happening.effects
    }
}

/// Why a history cannot be replayed.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The line's number in the file, from 1.
    line: usize,
    reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for Unreadable {}

/// Replays a history on the core as it is now.
///
/// # Errors
/// If a line is no line of a history, or stands where it does not belong.
pub fn replay(text: &str) -> Result<Vec<Replayed>, Unreadable> {
    let mut lines = Vec::new();
    for (nth, text) in (1..).zip(text.lines()) {
        if !text.trim().is_empty() {
            let unreadable = |error: serde_json::Error| Unreadable { line: nth, reason: error.to_string() };
            lines.push((nth, serde_json::from_str::<Line<Value>>(text).map_err(unreadable)?));
        }
    }
    let Some((_, Line::Start(start))) = lines.first() else {
        return Err(Unreadable { line: 1, reason: "a history begins with its `start`".to_owned() });
    };
    let (config, diagnostics) = start.config();
    let mut machines: Vec<Machine<'_>> = Vec::new();
    // The next page's machine, made before this one's are told that they are over.
    let mut turned = None;
    let mut replayed = Vec::new();
    for (nth, line) in &lines {
        match line {
            // The first line; another one belongs to another page.
            Line::Start(_) if machines.is_empty() => {}
            Line::Start(_) => {
                return Err(Unreadable { line: *nth, reason: "a second `start`".to_owned() });
            }
            Line::Article(page) => machines.push(match machines.first() {
                None => Machine::new(&config, diagnostics.clone(), page.clone()),
                Some(first) => first.beside(page.clone()),
            }),
            Line::Turned(page) => turned = machines.first().map(|first| first.beside(page.clone())),
            Line::Signal(happening) => {
                if matches!(happening.signal, Signal::Started)
                    && let Some(machine) = turned.take()
                {
                    machines = vec![machine];
                }
                let Some(machine) = machines.get_mut(happening.article) else {
                    return Err(Unreadable {
                        line: *nth,
                        reason: "an article that was not found".to_owned(),
                    });
                };
                let effects = machine.on(happening.now, happening.signal.clone());
                let words = effects.iter().find_map(|effect| match effect {
                    Effect::Decided { trace, .. } => Some(trace.words(machine)),
                    _ => None,
                });
                replayed.push(Replayed {
                    line: *nth,
                    happening: happening.clone(),
                    effects: serde_json::to_value(&effects).unwrap_or_default(),
                    words,
                });
            }
        }
    }
    Ok(replayed)
}
