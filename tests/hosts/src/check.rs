//! Assertions whose failure says what was expected and what was seen.

use anyhow::{Result, bail};
use serde_json::Value;
use std::fmt::Debug;

/// Two values are equal.
pub(crate) fn equal<A: Debug + PartialEq<B>, B: Debug>(what: &str, seen: A, expected: B) -> Result<()> {
    if seen == expected {
        return Ok(());
    }
    bail!("{what}\n  expected: {expected:?}\n  seen:     {seen:?}")
}

/// Two JSON values are equal.
pub(crate) fn json(what: &str, seen: &Value, expected: &Value) -> Result<()> {
    if seen == expected {
        return Ok(());
    }
    bail!("{what}\n  expected: {expected}\n  seen:     {seen}")
}

/// A condition holds.
pub(crate) fn that(what: &str, holds: bool) -> Result<()> {
    if holds {
        return Ok(());
    }
    bail!("{what}: it is not so")
}

/// A text holds another.
pub(crate) fn contains(what: &str, seen: &str, expected: &str) -> Result<()> {
    if seen.contains(expected) {
        return Ok(());
    }
    bail!("{what}\n  expected: something with {expected:?}\n  seen:     {seen:?}")
}
