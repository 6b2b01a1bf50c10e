//! Child processes: shown, logged or listened to; timed; and none left behind, however the command ends.

mod family;

use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often a silent step says that it is still at work.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a program may take to end after being asked to, before it is made to.
const GRACE: Duration = Duration::from_secs(3);

/// Prints the heading of a step and gives back the clock that [`took`] reads.
pub(crate) fn begin(what: &str) -> Instant {
    println!("\n== {what}");
    Instant::now()
}

/// `3.2 s` or `1 min 40 s` since then.
pub(crate) fn took(since: Instant) -> String {
    let seconds = since.elapsed().as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

/// The first of these programs that can be found: a path as it is, a bare name on `PATH`.
pub(crate) fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    names.iter().find_map(|name| {
        if name.contains('/') {
            return Some(PathBuf::from(name)).filter(|file| file.is_file());
        }
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|file| file.is_file())
    })
}

/// Runs a program quietly and returns what it wrote to standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| not_started(command))?;
    wait_for_the_end_if_interrupted();
    if !output.status.success() {
        bail!(
            "{} ({})\n{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program quietly with this text for its standard input.
pub(crate) fn feed(command: &mut Command, text: &str) -> Result<()> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| not_started(command))?;
    if let Some(mut input) = child.stdin.take() {
        // One that has seen enough closes it.
        let _ = input.write_all(text.as_bytes());
    }
    let output = child.wait_with_output()?;
    wait_for_the_end_if_interrupted();
    if !output.status.success() {
        bail!("{} ({})", String::from_utf8_lossy(&output.stderr).trim_end(), output.status);
    }
    Ok(())
}

/// Runs a program with its output shown.
pub(crate) fn show(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| not_started(command))?;
    wait_for_the_end_if_interrupted();
    if !status.success() {
        bail!("{} ({status})", shown(command));
    }
    Ok(())
}

/// Runs a program whose long output nobody wants to read unless it fails: announces what and why, gives a sign of
/// life from time to time, says how long it took; on failure shows the end of the log and where all of it is.
pub(crate) fn log(what: &str, command: &mut Command) -> Result<()> {
    let started = Instant::now();
    println!("-> {what} ...");
    let logs = crate::places::tools().join("logs");
    std::fs::create_dir_all(&logs)?;
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(OsStr::new("child"))
        .to_string_lossy()
        .into_owned();
    let log = logs.join(format!("{name}.log"));
    let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stderr(file.try_clone()?)
        .stdout(file)
        .spawn()
        .with_context(|| not_started(command))?;

    let (ended, wait) = mpsc::channel::<()>();
    let heartbeat = std::thread::spawn(move || {
        while wait.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
            println!("   still at it after {}", took(started));
        }
    });
    let status = child.wait();
    drop(ended);
    let _ = heartbeat.join();
    wait_for_the_end_if_interrupted();

    if status?.success() {
        println!("   done in {}", took(started));
        return Ok(());
    }
    let text = std::fs::read(&log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n");
    bail!("failed after {}: {}\n{end}\n(all of it: {})", took(started), shown(command), log.display())
}

/// Runs a program with its output shown, and listens to its standard output at the same time. What it leaves behind
/// (a browser whose driver ended first) is ended too.
pub(crate) fn listen(command: &mut Command) -> Result<(ExitStatus, String)> {
    let before = family::children_of(std::process::id());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map(Guarded)
        .with_context(|| not_started(command))?;
    let mut heard = Vec::new();
    if let Some(stdout) = child.0.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        while stdout.read_until(b'\n', &mut line)? > 0 {
            std::io::stdout().write_all(&line)?;
            heard.append(&mut line);
        }
    }
    let status = child.0.wait()?;
    wait_for_the_end_if_interrupted();
    let left_behind = family::children_of(std::process::id()).into_iter().filter(|id| !before.contains(id));
    left_behind.for_each(end_tree);
    Ok((status, String::from_utf8_lossy(&heard).into_owned()))
}

/// A program that runs beside us until this value is dropped; with it end all that it started.
#[derive(Debug)]
pub(crate) struct Guarded(pub(crate) Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        end_tree(self.0.id());
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From now on an interrupt (Ctrl-C, or a polite kill) ends every child before it ends us.
pub(crate) fn end_everything_on_interrupt() {
    family::adopt_orphans();
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) {
            std::thread::spawn(move || {
                if let Some(signal) = signals.forever().next() {
                    INTERRUPTED.store(true, Ordering::Relaxed);
                    // Standard output may be gone already.
                    let _ = writeln!(std::io::stdout(), "\nStopped.");
                    end_everything();
                    let usual = INTERRUPT_IS_THE_USUAL_END.load(Ordering::Relaxed);
                    std::process::exit(if usual { 0 } else { 128 + signal });
                }
            });
        }
    }
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static INTERRUPT_IS_THE_USUAL_END: AtomicBool = AtomicBool::new(false);

/// From now on an interrupt is how a person ends this command, and no failure.
pub(crate) fn interrupt_is_the_usual_end() {
    INTERRUPT_IS_THE_USUAL_END.store(true, Ordering::Relaxed);
}

/// A child that was ended by an interrupt has not failed: nobody counts it, or goes on to the next step.
fn wait_for_the_end_if_interrupted() {
    while INTERRUPTED.load(Ordering::Relaxed) {
        std::thread::park();
    }
}

/// Ends whatever we started, directly or not, and is still running.
pub(crate) fn end_everything() {
    for child in family::children_of(std::process::id()) {
        end_tree(child);
    }
    family::bury_the_dead();
}

/// Asks a process and all below it to end, then makes those end that did not.
fn end_tree(id: u32) {
    let mut members = vec![id];
    let mut next = 0;
    while let Some(&member) = members.get(next) {
        members.extend(family::children_of(member));
        next += 1;
    }
    for &member in &members {
        family::signal(member, family::Manner::Ask);
    }
    let deadline = Instant::now() + GRACE;
    while members.iter().any(|&member| family::runs(member)) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    for &member in members.iter().filter(|&&member| family::runs(member)) {
        family::signal(member, family::Manner::Force);
    }
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn not_started(command: &Command) -> String {
    format!("cannot start {}", command.get_program().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_and_by_path() {
        assert!(
            find_program(&["no-such-program-anywhere", "cargo"]).is_some_and(|found| found.is_absolute())
        );
        assert_eq!(find_program(&["/no/such/program"]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_dropped_child_takes_its_own_children_along() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 100 & echo $!; wait"]).stdout(Stdio::piped());
        let mut child = Guarded(shell.spawn().expect("sh starts"));
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().expect("piped")).read_line(&mut line).expect("the shell writes");
        let grandchild: u32 = line.trim().parse().expect("an id");
        assert!(family::runs(grandchild));
        drop(child);
        assert!(!family::runs(grandchild), "the grandchild is still there");
    }
}
