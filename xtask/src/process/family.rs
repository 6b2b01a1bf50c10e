//! Who is whose child. On Linux by /proc; elsewhere only direct children are ended, by their `Guarded` value.

/// Whether a process may tidy up first.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    Ask,
    Force,
}

pub(super) use system::{adopt_orphans, bury_the_dead, children_of, runs, signal};

#[cfg(target_os = "linux")]
mod system {
    use super::Manner;
    use rustix::process::{Pid, Signal, WaitOptions, kill_process};

    /// Grandchildren whose parent ended become our children, so that they can be found and ended too.
    pub(in crate::process) fn adopt_orphans() {
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }

    /// Takes the exit codes of adopted processes that nobody else waits for. Only for the very end: whoever waits
    /// for a child of their own finds it gone.
    pub(in crate::process) fn bury_the_dead() {
        while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
    }

    /// The direct children that are there now.
    pub(in crate::process) fn children_of(parent: u32) -> Vec<u32> {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|&id| stat(id).is_some_and(|(_, its_parent)| its_parent == parent))
            .collect()
    }

    /// True until it has ended, whether or not anybody has taken its exit code.
    pub(in crate::process) fn runs(id: u32) -> bool {
        stat(id).is_some_and(|(state, _)| state != 'Z')
    }

    /// Asks a process to end, or makes it.
    pub(in crate::process) fn signal(id: u32, manner: Manner) {
        let signal = match manner {
            Manner::Ask => Signal::TERM,
            Manner::Force => Signal::KILL,
        };
        if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// The state and the parent: the two words behind the program's name, which stands in brackets.
    fn stat(id: u32) -> Option<(char, u32)> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (_, behind_name) = stat.rsplit_once(')')?;
        let mut words = behind_name.split_whitespace();
        Some((words.next()?.chars().next()?, words.next()?.parse().ok()?))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Manner;

    pub(in crate::process) fn adopt_orphans() {}

    pub(in crate::process) fn bury_the_dead() {}

    pub(in crate::process) fn children_of(_parent: u32) -> Vec<u32> {
        Vec::new()
    }

    pub(in crate::process) fn runs(_id: u32) -> bool {
        false
    }

    pub(in crate::process) fn signal(_id: u32, _manner: Manner) {}
}
