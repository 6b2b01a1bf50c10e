//! Runs the tests: a browser for each engine and setting, a site of its own for each test, a line for each result.

use crate::browser::Browser;
use crate::engine::{Engine, SETTINGS, Setting};
use crate::reader::{Log, Reader};
use crate::tests::{self, Test};
use anyhow::{Error, Result, anyhow};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a test may take before it counts as hung. The longest (three windows with ten modules each) takes a third of
/// that where all three engines share two cores.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How many of a page's last notes are printed with a failure.
const NOTES: usize = 30;

/// How many tests passed, and how many did not.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Runs every test whose name contains `name` in these engines; whether all passed.
pub(crate) async fn run(engines: &[Engine], name: &str) -> bool {
    // The engines run side by side, for a browser mostly waits: on two cores 150 s
    // instead of 205 s, with one engine's tests taking 65 to 70 s alone.
    let mut runs: JoinSet<Tally> =
        engines.iter().map(|engine| run_engine(*engine, name.to_owned())).collect();
    let mut total = Tally::default();
    while let Some(run) = runs.join_next().await {
        match run {
            Ok(tally) => {
                total.passed += tally.passed;
                total.failed += tally.failed;
            }
            Err(error) => {
                println!("FAILED the runner itself: {error}");
                total.failed += 1;
            }
        }
    }
    if total.passed + total.failed == 0 {
        println!("FAILED no test's name contains '{name}' in these engines");
        total.failed += 1;
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    total.failed == 0
}

/// All of one engine's tests, setting by setting.
async fn run_engine(engine: Engine, name: String) -> Tally {
    let mut tally = Tally::default();
    for setting in SETTINGS {
        let chosen = tests::all().into_iter().filter(|test| {
            test.setting == *setting && test.engines.contains(&engine) && test.name.contains(&name)
        });
        let chosen: Vec<Test> = chosen.collect();
        if !chosen.is_empty() {
            run_session(engine, *setting, &chosen, &mut tally).await;
        }
    }
    tally
}

/// The tests of one engine and setting, in one session; a session that a test has broken is made anew.
async fn run_session(engine: Engine, setting: Setting, tests: &[Test], tally: &mut Tally) {
    let mut session: Option<Arc<Browser>> = None;
    for test in tests {
        let started = Instant::now();
        let ready = match session.take() {
            Some(browser) => Ok(browser),
            None => start(engine, setting).await,
        };
        let outcome = match ready {
            Ok(browser) => {
                let (outcome, whole) = run_test(test, &browser).await;
                if whole {
                    session = Some(browser);
                }
                outcome
            }
            Err(error) => Err(error),
        };
        let time = started.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => {
                tally.passed += 1;
                println!("ok     {engine:<8}  {} ({time:.1} s)", test.name);
            }
            Err(error) => {
                tally.failed += 1;
                let reason = format!("{error:#}").replace('\n', "\n         ");
                println!("FAILED {engine:<8}  {} ({time:.1} s)\n         {reason}", test.name);
            }
        }
    }
    if let Some(browser) = session.and_then(Arc::into_inner) {
        browser.quit().await;
    }
}

/// Starts a browser; a second time if the first did not come up (a loaded machine, a port taken in between).
async fn start(engine: Engine, setting: Setting) -> Result<Arc<Browser>> {
    match Browser::start(engine, setting).await {
        Ok(browser) => Ok(Arc::new(browser)),
        Err(_) => Ok(Arc::new(Browser::start(engine, setting).await?)),
    }
}

/// One test, and whether the session can be used after it.
async fn run_test(test: &Test, browser: &Arc<Browser>) -> (Result<()>, bool) {
    let log = Log::default();
    let body = test.run;
    // A task of its own, so that a panic in a test is that test's failure.
    let task = tokio::spawn({
        let (browser, log) = (Arc::clone(browser), Arc::clone(&log));
        async move {
            let mut reader = Reader::new(browser, log)?;
            let outcome = body(&mut reader).await;
            let settled = reader.settle().await;
            outcome.and(settled)
        }
    });
    let stop = task.abort_handle();
    let (outcome, hung) = match tokio::time::timeout(TIMEOUT, task).await {
        Ok(Ok(outcome)) => (outcome, false),
        Ok(Err(panic)) => (Err(anyhow!("the test itself panicked: {panic}")), false),
        Err(_) => {
            stop.abort();
            (Err(anyhow!("not done after {TIMEOUT:?}; the browser is started anew")), true)
        }
    };
    let tidied = match hung {
        true => false,
        false => matches!(tokio::time::timeout(Duration::from_secs(10), browser.tidy()).await, Ok(Ok(()))),
    };
    (outcome.map_err(|error| with_notes(error, &log)), tidied)
}

/// A failure's reason, followed by what the pages wrote down.
fn with_notes(error: Error, log: &Log) -> Error {
    let log = log.lock().unwrap_or_else(PoisonError::into_inner);
    let from = log.len().saturating_sub(NOTES);
    let notes: String = log.iter().skip(from).map(|entry| format!("\n  | {entry}")).collect();
    anyhow!("{error:#}{notes}")
}
