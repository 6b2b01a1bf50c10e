//! `cargo xtask …`: the project's commands. `command_line.rs` lists them; each has a file of its own.
//!
//! | room | what it holds |
//! |---|---|
//! | `build`, `demo`, `test`, `fuzz`, `bench`, `picture` | the commands |
//! | `simulate/` | another command: a model of readers, and how many of them meet what under each limit |
//! | `bundle/` | from the crate to `www/dist`: compile, generate, optimise, encode, bundle, measure |
//! | `setup/` | what the commands need on the machine: found, else installed, else named |
//! | `process` | children: shown, logged or listened to, and never left behind |
//! | `tally` | counts of checks, and reading them from other programs' output |

mod bench;
mod build;
mod bundle;
mod command_line;
mod demo;
mod fuzz;
mod interop;
mod packed;
mod picture;
mod places;
mod process;
mod replay;
mod reproducible;
mod setup;
mod simulate;
mod size;
mod tally;
mod test;

use command_line::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    process::end_everything_on_interrupt();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match command_line::parse(&arguments) {
        Ok(Command::Help) => {
            print!("{}", command_line::HELP);
            Ok(true)
        }
        Ok(Command::Build) => build::run(),
        Ok(Command::Demo { port, with_endpoint: false }) => demo::run(port),
        Ok(Command::Demo { port, with_endpoint: true }) => demo::run_with_endpoint(port),
        Ok(Command::Test(selection)) => test::run(&selection),
        Ok(Command::Baselines(selection)) => test::make_baselines(&selection),
        Ok(Command::Cases) => test::make_cases(),
        Ok(Command::Fuzz(fuzzing)) => fuzz::run(&fuzzing),
        Ok(Command::Bench) => bench::run(),
        Ok(Command::BenchPages(options)) => bench::run_pages(&options),
        Ok(Command::Size { keeps }) => size::run(keeps),
        Ok(Command::Picture) => picture::run(),
        Ok(Command::Replay(files)) => replay::run(&files),
        Ok(Command::SimulateHelp) => {
            print!("{}", simulate::help());
            Ok(true)
        }
        Ok(Command::Simulate(options)) => simulate::run(&options),
        Err(complaint) => {
            eprintln!("{complaint}\n\n{}", command_line::HELP);
            return ExitCode::from(2);
        }
    };
    process::end_everything();
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
