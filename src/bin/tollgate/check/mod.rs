//! `check`: stub.

use crate::{Failure, Outcome};
use clap::Args;

/// Looks a page over.
#[derive(Debug, Args)]
pub(crate) struct Check {}

impl Check {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        Ok(Outcome::default())
    }
}
