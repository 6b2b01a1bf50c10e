//! `tollgate-fuzz [--inputs N] [--seed N] [--threads N] [TARGET]`: runs the fuzz targets, by `cargo xtask fuzz`.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use tollgate_fuzz::runner::{self, Order};
use tollgate_fuzz::{TARGETS, Target};

/// How many new inputs each target gets where it is not said.
const INPUTS: u64 = 10_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (order, targets) = match parse(&arguments) {
        Ok(parsed) => parsed,
        Err(complaint) => {
            eprintln!("{complaint}");
            return ExitCode::from(2);
        }
    };
    println!("seed {}, {} threads", order.seed, order.threads);
    let mut well = true;
    for target in targets {
        match runner::run(target, order) {
            Ok(outcome) => {
                let seconds = outcome.took.as_secs_f64();
                println!(
                    "{:<10} {:>3} kept, {} new inputs in {seconds:.1} s ({:.0} a second); the slowest took {:.2} ms, {} bytes",
                    target.name,
                    outcome.kept,
                    outcome.inputs,
                    outcome.inputs as f64 / seconds.max(0.001),
                    outcome.slowest.as_secs_f64() * 1000.0,
                    outcome.slowest_bytes,
                );
                if let Some(failure) = outcome.failure {
                    well = false;
                    println!(
                        "{}: FAILED\n{}\nthe input is in {}",
                        target.name,
                        failure.message,
                        failure.file.display()
                    );
                }
            }
            Err(error) => {
                well = false;
                println!("{}: {error}", target.name);
            }
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(arguments: &[String]) -> Result<(Order, Vec<&'static Target>), String> {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut order = Order { inputs: INPUTS, seed: clock, threads };
    let mut targets = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument.starts_with("--") {
            let value = rest.next().ok_or_else(|| format!("`{argument}` needs a number behind it."))?;
            let number: u64 = value.parse().map_err(|_| format!("`{value}` is not a whole number."))?;
            match argument.as_str() {
                "--inputs" => order.inputs = number,
                "--seed" => order.seed = number,
                "--threads" => order.threads = usize::try_from(number).unwrap_or(1).max(1),
                other => return Err(format!("`{other}` is not understood here.")),
            }
        } else {
            let target = TARGETS.iter().find(|target| target.name == argument);
            targets.push(target.ok_or_else(|| {
                let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
                format!("There is no target `{argument}`: {}.", names.join(", "))
            })?);
        }
    }
    if targets.is_empty() {
        targets = TARGETS.iter().collect();
    }
    Ok((order, targets))
}
