//! `cargo xtask picture`: makes the picture of the README and the demo's screenshots, from the demo as it is now.

use crate::setup::{browsers, cargo};
use crate::{build, process};
use anyhow::Result;

/// The command.
pub(crate) fn run() -> Result<bool> {
    build::build()?;
    let chromium = browsers::ensure_for_pictures()?;
    let started = process::begin("pictures");
    process::show(
        cargo::native()
            .args(["run", "--quiet", "--package", "tollgate-hosts", "--", "--picture"])
            .env(chromium.variable(), &chromium.driver),
    )?;
    println!("pictures made in {}", process::took(started));
    Ok(true)
}
