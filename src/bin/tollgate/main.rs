//! `tollgate`, the command-line tool: makes keys, signs tokens and gift links, verifies them, and checks pages.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    clippy::string_slice,
    // A pipe that is closed is no reason to panic: see `Outcome`.
    clippy::print_stdout,
    clippy::print_stderr
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests may panic"
    )
)]

mod check;
mod tokens;

use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// Makes keys, signs tokens and gift links, verifies them, and checks pages.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit code: 0 all well, 1 refused, 2 something could not be read or done.")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Keygen(tokens::Keygen),
    Sign(tokens::Sign),
    Gift(tokens::Gift),
    Verify(tokens::Verify),
    Check(check::Check),
}

/// What a command has to say: on standard output, on standard error, and by its exit code.
#[derive(Debug, Default)]
struct Outcome {
    output: String,
    remarks: String,
    code: u8,
}

/// Why a command did nothing: one line for whoever called it.
type Failure = String;

impl Outcome {
    fn of(output: String) -> Outcome {
        Outcome { output, ..Outcome::default() }
    }
}

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        Command::Keygen(command) => command.run(),
        Command::Sign(command) => command.run(),
        Command::Gift(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Check(command) => command.run(),
    };
    let outcome = outcome.unwrap_or_else(|failure| Outcome {
        remarks: format!("tollgate: {failure}\n"),
        code: 2,
        ..Outcome::default()
    });
    let _ = std::io::stderr().write_all(outcome.remarks.as_bytes());
    let mut stdout = std::io::stdout().lock();
    // Whoever closed the pipe has what they wanted; a disk that is full is another matter.
    match stdout.write_all(outcome.output.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::from(outcome.code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        CommandLine::command().debug_assert();
    }
}
