//! Tollgate on real pages: the host-page tests, in Chromium, Firefox and WebKitGTK.
//!
//! `cargo run -p tollgate-hosts -- [--engine chromium|firefox|webkit]… [--picture] [--baselines] [--cases] [NAME]`
//!
//! * `engine`, `processes`, `browser`: the browsers, and what they need
//! * `page`, `site`: what is served: pages from parts, each test's own origin, the pages' clock
//! * `reader`, `check`: what tests are written with
//! * `tests`: the tests by topic, and their table
//! * `runner`: runs them, and says what happened
//! * `cases`: the adverse cases and their tests, as a table
//! * `pictures`: screenshots of the demo, to be looked at

#[cfg(test)]
mod blockers;
mod browser;
mod cases;
mod check;
mod engine;
mod page;
mod pictures;
mod processes;
mod reader;
mod runner;
mod site;
mod tests;

use engine::Engine;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// What the command line asks for.
#[derive(Debug, Default)]
struct Asked {
    engines: Vec<Engine>,
    picture: bool,
    cases: bool,
    name: String,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        tokio::select! {
            passed = run(asked) => if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE },
            () = broken_off() => ExitCode::from(130),
        }
    });
    // Whatever is still running (a hung test's browser, or all of them after a Ctrl-C) ends here.
    processes::end_all();
    runtime.shutdown_timeout(Duration::from_secs(3));
    code
}

/// Does what was asked; whether all went well.
async fn run(asked: Asked) -> bool {
    if asked.cases {
        return match cases::write() {
            Ok(file) => {
                println!("written: {}", file.display());
                true
            }
            Err(error) => {
                eprintln!("{error:#}");
                false
            }
        };
    }
    if asked.picture {
        let engines = if asked.engines.is_empty() { vec![Engine::Chromium] } else { asked.engines };
        return pictures::take(&engines).await;
    }
    let engines = if asked.engines.is_empty() { engine::ALL.to_vec() } else { asked.engines };
    runner::run(&engines, &asked.name).await
}

/// Ends when the reader of the terminal has had enough.
async fn broken_off() {
    let mut signals = Vec::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        signals.extend(signal(kind));
    }
    let [first, second, third] = signals.as_mut_slice() else { return std::future::pending().await };
    tokio::select! {
        _ = first.recv() => {}
        _ = second.recv() => {}
        _ = third.recv() => {}
    }
    eprintln!("broken off: ending the browsers");
}

/// Reads the command line.
fn asked(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Asked> {
    let mut asked = Asked::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--engine" => {
                let name = arguments.next().unwrap_or_default();
                asked.engines.push(name.parse()?);
            }
            "--picture" => asked.picture = true,
            "--cases" => asked.cases = true,
            "--baselines" => tests::visual::MAKE_ANEW.store(true, Ordering::Relaxed),
            option if option.starts_with('-') => {
                anyhow::bail!(
                    "{option} is no option: [--engine chromium|firefox|webkit]… [--picture] [--baselines] [--cases] [NAME]"
                )
            }
            name => asked.name = name.to_owned(),
        }
    }
    Ok(asked)
}

/// The repository's folder: two above this package's.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.ancestors().nth(2).map_or_else(PathBuf::new, PathBuf::from)
}
