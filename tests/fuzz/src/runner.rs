//! Runs a target on its kept inputs, then on as many new ones as are asked for, on several threads. An input that fails is
//! made smaller and written down.

use crate::dice::Dice;
use crate::targets::Target;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// How many inputs a thread takes at a time.
const BATCH: u64 = 4096;
/// For how long a failing input is made smaller.
const SHRINKING: Duration = Duration::from_secs(5);

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// How many new inputs.
    pub inputs: u64,
    /// What they are made from: the same seed, the same inputs.
    pub seed: u64,
    /// On how many threads.
    pub threads: usize,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How many kept inputs were run.
    pub kept: usize,
    /// How many new ones were.
    pub inputs: u64,
    /// How long it took.
    pub took: Duration,
    /// The longest that one input took. Other programs on the machine count in.
    pub slowest: Duration,
    /// How many bytes that input had.
    pub slowest_bytes: usize,
    /// The first input that failed.
    pub failure: Option<Failure>,
}

/// An input that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The smallest that was found.
    pub input: Vec<u8>,
    /// What it failed with.
    pub message: String,
    /// Where it is written down; where it lies already, if it is a kept one.
    pub file: PathBuf,
}

/// Where a target's kept inputs lie.
#[must_use]
pub fn corpus(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

/// A target's kept inputs, by their files' names.
fn kept(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(folder) = std::fs::read_dir(corpus(target)) else { return Vec::new() };
    let files = folder.flatten().map(|entry| entry.path());
    let mut kept: Vec<_> =
        files.filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes))).collect();
    kept.sort();
    kept
}

thread_local! {
    /// Whether this thread runs an input, and where its last panic was.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What an input fails with; `None` if it does not.
fn fails(target: &Target, input: &[u8]) -> Option<String> {
    RUNNING.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    RUNNING.set(false);
    let caught = outcome.err()?;
    let message = match (caught.downcast_ref::<&str>(), caught.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without words".to_owned(),
    };
    Some(format!("{}: {message}", PLACE.with_borrow(String::clone)))
}

/// Notes where an input's panic was, instead of printing it: shrinking panics a thousand times.
fn note_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !RUNNING.get() {
                return usual(panic);
            }
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            PLACE.with_borrow_mut(|noted| *noted = place);
        }));
    });
}

/// Runs a target.
///
/// # Errors
/// If a failing input cannot be written.
pub fn run(target: &Target, order: Order) -> std::io::Result<Outcome> {
    note_panics();
    let started = Instant::now();
    let kept = kept(target);
    let mut outcome = Outcome {
        kept: kept.len(),
        inputs: 0,
        took: Duration::ZERO,
        slowest: Duration::ZERO,
        slowest_bytes: 0,
        failure: None,
    };
    for (file, input) in &kept {
        if let Some(message) = fails(target, input) {
            outcome.failure = Some(Failure { input: input.clone(), message, file: file.clone() });
            return Ok(outcome);
        }
    }
    let kept: Vec<Vec<u8>> = kept.into_iter().map(|(_, input)| input).collect();
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let failing = Mutex::new(None);
    let slowest = Mutex::new((Duration::ZERO, 0));
    std::thread::scope(|scope| {
        for _ in 0..order.threads.max(1) {
            scope.spawn(|| {
                let mut bytes = Vec::new();
                let mut longest = (Duration::ZERO, 0);
                while !stop.load(Ordering::Relaxed) {
                    let first = next.fetch_add(BATCH, Ordering::Relaxed);
                    if first >= order.inputs {
                        break;
                    }
                    let mut before = Instant::now();
                    for nth in first..order.inputs.min(first + BATCH) {
                        Dice::of(order.seed, nth).roll(&kept, &mut bytes);
                        if let Some(message) = fails(target, &bytes) {
                            stop.store(true, Ordering::Relaxed);
                            let mut failing = failing.lock().unwrap_or_else(PoisonError::into_inner);
                            *failing = Some((bytes.clone(), message));
                            break;
                        }
                        let after = Instant::now();
                        longest = longest.max((after - before, bytes.len()));
                        before = after;
                    }
                }
                let mut slowest = slowest.lock().unwrap_or_else(PoisonError::into_inner);
                *slowest = longest.max(*slowest);
            });
        }
    });
    outcome.inputs = next.into_inner().min(order.inputs);
    (outcome.slowest, outcome.slowest_bytes) = slowest.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some((input, message)) = failing.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let (input, message) = shrink(target, input, message);
        let file = write(target, &input)?;
        outcome.failure = Some(Failure { input, message, file });
    }
    outcome.took = started.elapsed();
    Ok(outcome)
}

/// The smallest input that still fails: parts left out, then bytes made zero.
fn shrink(target: &Target, input: Vec<u8>, message: String) -> (Vec<u8>, String) {
    let started = Instant::now();
    let (mut input, mut message) = (input, message);
    let mut size = input.len();
    while size > 0 && started.elapsed() < SHRINKING {
        let mut at = 0;
        while at < input.len() && started.elapsed() < SHRINKING {
            let end = input.len().min(at + size);
            let without = [&input[..at], &input[end..]].concat();
            let mut zeroed = input.clone();
            zeroed[at..end].fill(0);
            let shorter = fails(target, &without).map(|message| (without, message));
            let smaller = shorter.or_else(|| {
                let is_news = zeroed != input;
                if is_news { fails(target, &zeroed).map(|message| (zeroed, message)) } else { None }
            });
            match smaller {
                Some(smaller) if smaller.0.len() < input.len() => (input, message) = smaller,
                Some(smaller) => {
                    (input, message) = smaller;
                    at += size;
                }
                None => at += size,
            }
        }
        size /= 2;
    }
    (input, message)
}

fn write(target: &Target, input: &[u8]) -> std::io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/fuzz-inputs").join(target.name);
    std::fs::create_dir_all(&folder)?;
    let sum = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let file = folder.join(format!("{sum:016x}"));
    std::fs::write(&file, input)?;
    Ok(file)
}
