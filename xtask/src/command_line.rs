//! The whole command line: what can be asked, and how it is read.

use crate::simulate;

/// Shown by `cargo xtask help` and after a mistake.
pub(crate) const HELP: &str = "\
cargo xtask <command>

  demo [--port N] [--with-endpoint]
                                  build, then serve the demo newspaper on 127.0.0.1 (port 8080); with the reference endpoint
                                  (examples/endpoint) behind its subscribe and log-in pages
  build                           www/dist/tollgate.js, its debug twin and what they fetch; sizes and budget
  test                            everything: format, lints, build, budget, native, in-browser and host-page tests
  test [--engine E]... [NAME]     quick loop: build, then the host-page tests whose name contains NAME,
                                  in these engines only (chromium, firefox, webkit; default all)
  simulate [OPTION VALUE]...      what your tag (--tag FILE) would do to a million readers under each limit: a table,
                                  CSV and a chart in target/simulate/; `simulate --help` lists its options
  fuzz [--inputs N] [--seed N] [TARGET]
                                  ten million new inputs, or N, for each fuzz target or one of them: attributes, json,
                                  keys, addresses, periods, signals, tokens, answers; the short run is part of `test`
  bench                           the core in numbers: listing, decision and page view, with their ratios
  bench pages [--rounds N] [--lines none,cdp,tcp] [--only NAME;…] [--against FOLDER] [--profile]
                                  a page with the gate in Chromium, beside a paywall written by hand and others, over three lines;
                                  --against: another build too; --profile: what the main thread did
  bench pages --growth [--rounds N] [--turns N]
                                  a page view by stored keys and by articles on the page; memory over pages that a script turns
  size [--keep]                   the module's largest functions and crates by name, and how all files have grown since the
                                  last release; --keep makes these sizes that release's
  baselines [--engine E]...       make the pictures anew that the tests compare every surface with (tests/pictures); look at
                                  them before you commit them
  cases                           make the table of adverse cases and their tests anew (tests/CASES.md)
  picture                         make the README picture and the demo's screenshots again
  replay FILE...                  play histories recorded by tollgate.debug.js (tollgate.history()) through the core
  help                            this text

Missing compilers, browsers and tools are installed on Debian and Ubuntu (as root); elsewhere the command says what
to install. Tools are kept under target/tools.
";

/// One command with its arguments.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Build,
    Demo { port: u16, with_endpoint: bool },
    Test(Selection),
    Baselines(Selection),
    Cases,
    Fuzz(Fuzzing),
    Bench,
    BenchPages(Vec<String>),
    Size { keeps: bool },
    Picture,
    Replay(Vec<std::path::PathBuf>),
    Simulate(Box<simulate::Options>),
    SimulateHelp,
}

/// Which tests to run. Nothing chosen means everything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The engines asked for; empty for all.
    pub engines: Vec<Engine>,
    /// A part of the names of the host-page tests.
    pub name: Option<String>,
}

impl Selection {
    /// True if the full run was asked for.
    pub(crate) fn is_everything(&self) -> bool {
        self.engines.is_empty() && self.name.is_none()
    }
}

/// What to fuzz; what is not said the runner knows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fuzzing {
    /// How many new inputs each target gets.
    pub inputs: Option<u64>,
    /// What they are made from.
    pub seed: Option<u64>,
    /// The one target, by its name.
    pub target: Option<String>,
}

/// A browser engine that the tests run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    /// All of them, in the order they run.
    pub(crate) const ALL: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

    /// Its name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::WebKit => "webkit",
        }
    }
}

/// Reads the arguments; the error is a sentence for the person who typed them.
pub(crate) fn parse(arguments: &[String]) -> Result<Command, String> {
    let Some((command, rest)) = arguments.split_first() else {
        return Ok(Command::Help);
    };
    if rest.iter().any(|argument| argument == "--help" || argument == "-h") {
        return Ok(if command == "simulate" { Command::SimulateHelp } else { Command::Help });
    }
    match command.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help),
        "build" => no_more(rest).map(|()| Command::Build),
        "fuzz" => parse_fuzz(rest).map(Command::Fuzz),
        "bench" if rest.first().is_some_and(|what| what == "pages") => {
            Ok(Command::BenchPages(rest.iter().skip(1).cloned().collect()))
        }
        "bench" => no_more(rest).map(|()| Command::Bench),
        "size" if rest == ["--keep"] => Ok(Command::Size { keeps: true }),
        "size" => no_more(rest).map(|()| Command::Size { keeps: false }),
        "picture" => no_more(rest).map(|()| Command::Picture),
        "cases" => no_more(rest).map(|()| Command::Cases),
        "replay" if rest.is_empty() => Err("`replay` needs the file of a history.".to_owned()),
        "replay" => Ok(Command::Replay(rest.iter().map(Into::into).collect())),
        "demo" => parse_demo(rest),
        "test" => parse_test(rest).map(Command::Test),
        "baselines" => match parse_test(rest)? {
            Selection { name: Some(name), .. } => Err(format!("`{name}` is not understood here.")),
            selection => Ok(Command::Baselines(selection)),
        },
        "simulate" => simulate::Options::parse(rest).map(|options| Command::Simulate(Box::new(options))),
        other => Err(format!("There is no command `{other}`.")),
    }
}

fn no_more(rest: &[String]) -> Result<(), String> {
    rest.first().map_or(Ok(()), |extra| Err(format!("`{extra}` is not understood here.")))
}

fn parse_demo(rest: &[String]) -> Result<Command, String> {
    let mut port = 8080;
    let mut with_endpoint = false;
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        if argument == "--with-endpoint" {
            with_endpoint = true;
            continue;
        }
        let value = option_value(argument, "--port", &mut rest)?
            .ok_or_else(|| format!("`{argument}` is not understood here."))?;
        port = value.parse().map_err(|_| format!("`{value}` is not a port (0 to 65535)."))?;
    }
    Ok(Command::Demo { port, with_endpoint })
}

fn parse_test(rest: &[String]) -> Result<Selection, String> {
    let mut selection = Selection::default();
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        if let Some(value) = option_value(argument, "--engine", &mut rest)? {
            let engine = Engine::ALL.into_iter().find(|engine| engine.name() == value);
            let engine = engine
                .ok_or_else(|| format!("There is no engine `{value}`: chromium, firefox or webkit."))?;
            if !selection.engines.contains(&engine) {
                selection.engines.push(engine);
            }
        } else if argument.starts_with('-') || selection.name.is_some() {
            return Err(format!("`{argument}` is not understood here."));
        } else {
            selection.name = Some(argument.clone());
        }
    }
    Ok(selection)
}

fn parse_fuzz(rest: &[String]) -> Result<Fuzzing, String> {
    let number = |value: &str| {
        value.replace('_', "").parse().map(Some).map_err(|_| format!("`{value}` is not a whole number."))
    };
    let mut fuzzing = Fuzzing::default();
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        if let Some(value) = option_value(argument, "--inputs", &mut rest)? {
            fuzzing.inputs = number(value)?;
        } else if let Some(value) = option_value(argument, "--seed", &mut rest)? {
            fuzzing.seed = number(value)?;
        } else if argument.starts_with('-') || fuzzing.target.is_some() {
            return Err(format!("`{argument}` is not understood here."));
        } else {
            fuzzing.target = Some(argument.clone());
        }
    }
    Ok(fuzzing)
}

/// The value of `--option value` or `--option=value`; `None` if the argument is something else.
fn option_value<'a>(
    argument: &'a str,
    option: &str,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<Option<&'a str>, String> {
    match argument.strip_prefix(option) {
        Some("") => rest
            .next()
            .map(|value| Some(value.as_str()))
            .ok_or_else(|| format!("`{option}` needs a value behind it.")),
        Some(with_sign) => Ok(with_sign.strip_prefix('=')),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&arguments)
    }

    #[test]
    fn commands_and_their_options_are_read() {
        assert_eq!(parsed(""), Ok(Command::Help));
        assert_eq!(parsed("test --help"), Ok(Command::Help));
        assert_eq!(parsed("build"), Ok(Command::Build));
        assert_eq!(parsed("demo"), Ok(Command::Demo { port: 8080, with_endpoint: false }));
        assert_eq!(parsed("demo --port 9000"), Ok(Command::Demo { port: 9000, with_endpoint: false }));
        assert_eq!(parsed("demo --port=0"), Ok(Command::Demo { port: 0, with_endpoint: false }));
        assert_eq!(
            parsed("demo --with-endpoint --port 1"),
            Ok(Command::Demo { port: 1, with_endpoint: true })
        );
        assert_eq!(parsed("replay a b"), Ok(Command::Replay(vec!["a".into(), "b".into()])));
        assert_eq!(parsed("test"), Ok(Command::Test(Selection::default())));
        assert_eq!(parsed("bench"), Ok(Command::Bench));
        assert_eq!(parsed("fuzz"), Ok(Command::Fuzz(Fuzzing::default())));
        let fuzzing = Fuzzing { inputs: Some(10_000), seed: Some(7), target: Some("keys".into()) };
        assert_eq!(parsed("fuzz --inputs 10_000 --seed=7 keys"), Ok(Command::Fuzz(fuzzing)));
        assert_eq!(parsed("simulate --help"), Ok(Command::SimulateHelp));
        assert_eq!(parsed("simulate"), Ok(Command::Simulate(Box::default())));
        let options = simulate::Options { seed: 2, ..simulate::Options::default() };
        assert_eq!(parsed("simulate --seed 2"), Ok(Command::Simulate(Box::new(options))));
        let selection =
            Selection { engines: vec![Engine::Firefox, Engine::WebKit], name: Some("seed_journey".into()) };
        assert_eq!(
            parsed("test --engine firefox seed_journey --engine=webkit --engine firefox"),
            Ok(Command::Test(selection))
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (line, part) in [
            ("bild", "`bild`"),
            ("build --fast", "`--fast`"),
            ("demo --port", "needs a value"),
            ("demo --port 70000", "`70000`"),
            ("demo --ports 1", "`--ports`"),
            ("test --engine opera", "`opera`"),
            ("test one two", "`two`"),
            ("test --nocapture", "`--nocapture`"),
            ("replay", "needs the file"),
            ("simulate fast", "`fast`"),
            ("fuzz --inputs many", "`many`"),
            ("fuzz keys json", "`json`"),
            ("bench 3", "`3`"),
        ] {
            let complaint = parsed(line).expect_err(line);
            assert!(complaint.contains(part), "{line}: {complaint}");
        }
    }
}
