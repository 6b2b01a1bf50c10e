//! The targets: each makes something of bytes, gives it to the core, and checks what must hold whatever it was.

mod addresses;
mod answers;
mod attributes;
mod json;
mod keys;
mod periods;
mod setting;
mod signals;
mod tokens;

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, on the command line and of its corpus.
    pub name: &'static str,
    /// Runs one input; panics where a law is broken.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target { name: "attributes", run: attributes::run },
    Target { name: "json", run: json::run },
    Target { name: "keys", run: keys::run },
    Target { name: "addresses", run: addresses::run },
    Target { name: "periods", run: periods::run },
    Target { name: "signals", run: signals::run },
    Target { name: "tokens", run: tokens::run },
    Target { name: "answers", run: answers::run },
];

#[cfg(test)]
mod tests {
    use super::TARGETS;
    use crate::runner::{self, Order};

    /// The short run, as CI does it: all kept inputs, then some new ones, always the same.
    fn short_run(name: &str) {
        let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
        let outcome =
            runner::run(target, Order { inputs: 5000, seed: 1, threads: 1 }).expect("a place to write to");
        assert!(outcome.kept > 0, "no corpus");
        if let Some(failure) = outcome.failure {
            panic!("{}\nthe input is in {}", failure.message, failure.file.display());
        }
    }

    #[test]
    fn sec_11_attributes() {
        short_run("attributes");
    }

    #[test]
    fn sec_11_json() {
        short_run("json");
    }

    #[test]
    fn sec_11_keys() {
        short_run("keys");
    }

    #[test]
    fn sec_11_addresses() {
        short_run("addresses");
    }

    #[test]
    fn sec_11_periods() {
        short_run("periods");
    }

    #[test]
    fn sec_11_signals() {
        short_run("signals");
    }

    #[test]
    fn sec_11_tokens() {
        short_run("tokens");
    }

    #[test]
    fn en_02_answers() {
        short_run("answers");
    }
}
