//! `cargo xtask fuzz`: the long run of the fuzz targets, optimised, with every overflow a failure. The runner is
//! `tests/fuzz`; the short run is one of its tests.

use crate::command_line::Fuzzing;
use crate::process;
use crate::setup::cargo;
use anyhow::Result;

/// The command. False if an input failed.
pub(crate) fn run(fuzzing: &Fuzzing) -> Result<bool> {
    let started = process::begin("fuzzing");
    let mut command = cargo::native();
    command.args(["run", "--quiet", "--profile", "fuzz", "--package", "tollgate-fuzz", "--"]);
    for (option, number) in [("--inputs", fuzzing.inputs), ("--seed", fuzzing.seed)] {
        if let Some(number) = number {
            command.arg(option).arg(number.to_string());
        }
    }
    command.args(&fuzzing.target);
    let (ended, _) = process::listen(&mut command)?;
    println!("took {}", process::took(started));
    Ok(ended.success())
}
