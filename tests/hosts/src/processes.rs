//! The processes a run starts (drivers, a display): each is ended by its id, with all that it started itself,
//! whatever way the run ends.

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The ids of the processes that are still to be ended; `None` once the run is broken off and nothing may start.
static STARTED: Mutex<Option<Vec<u32>>> = Mutex::new(Some(Vec::new()));

/// A process of ours, in a group of its own; ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a command in its own process group, so that a Ctrl-C in the terminal reaches only the runner.
    pub(crate) fn start(command: &mut Command) -> Result<Process> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut started = started();
        let Some(started) = started.as_mut() else { bail!("the run is broken off") };
        let child = command.process_group(0).spawn().with_context(|| format!("cannot start {program}"))?;
        started.push(child.id());
        Ok(Process { child })
    }

    /// The output of a process whose standard output was piped.
    pub(crate) fn output(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let id = self.child.id();
        end_tree(id);
        let _ = self.child.wait();
        if let Some(started) = started().as_mut() {
            started.retain(|other| *other != id);
        }
    }
}

/// Ends everything that is still running, and lets nothing start any more.
pub(crate) fn end_all() {
    let last = started().take();
    last.into_iter().flatten().for_each(end_tree);
}

fn started() -> MutexGuard<'static, Option<Vec<u32>>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends a process of ours, its group, and what it started in other groups (browsers make groups of their own).
fn end_tree(id: u32) {
    let Some(root) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let descendants = descendants(root.as_raw_nonzero().get());
    let _ = kill_process_group(root, Signal::KILL);
    for descendant in descendants.into_iter().filter_map(Pid::from_raw) {
        let _ = kill_process(descendant, Signal::KILL);
    }
}

/// The ids of all processes below one, read from /proc (elsewhere than on Linux: none, the group must do).
fn descendants(root: i32) -> Vec<i32> {
    let parents: Vec<(i32, i32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let id: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // `id (name) state parent …`; the name may hold anything, so look behind its last parenthesis.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&above) = found.get(next) {
        found.extend(parents.iter().filter(|(_, parent)| *parent == above).map(|(id, _)| *id));
        next += 1;
    }
    found.split_off(1)
}
