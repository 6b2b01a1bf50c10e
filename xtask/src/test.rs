//! `cargo xtask test`: everything that is checked, counted into one closing line. A step that fails does not keep the
//! later ones from running; what cannot run counts as failed.

use crate::command_line::{Engine, Selection};
use crate::setup::browsers::{self, Display, Ready};
use crate::setup::cargo::{self, Tool};
use crate::setup::packages::{self, Wanted};
use crate::setup::{compiler, node};
use crate::tally::{self, Tally};
use crate::{build, interop, packed, places, process, reproducible};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The command. False if anything failed.
pub(crate) fn run(selection: &Selection) -> Result<bool> {
    let started = std::time::Instant::now();
    let mut tally = Tally::default();
    let engines = if selection.engines.is_empty() { &Engine::ALL[..] } else { &selection.engines[..] };
    let ready = get_ready(engines, &mut tally);
    if selection.is_everything() {
        check_source(&mut tally);
        let built = check_build(&mut tally);
        let started = process::begin("the same bytes in another folder");
        let _ = tally.check("the same bytes in another folder", reproducible::prove());
        println!("took {}", process::took(started));
        native_tests(&mut tally);
        twin_tests(built, &mut tally);
        in_browser_tests(&ready, &mut tally);
        host_page_tests(&ready, selection.name.as_slice(), built, &mut tally);
        recipe_tests(&ready, built, &mut tally);
    } else {
        let built = check_build(&mut tally);
        host_page_tests(&ready, selection.name.as_slice(), built, &mut tally);
    }
    println!("\nall of it took {}\n\n{}", process::took(started), tally.closing());
    Ok(tally.failed == 0)
}

/// Makes the pictures anew that the tests compare every surface with. False if one could not be made.
pub(crate) fn make_baselines(selection: &Selection) -> Result<bool> {
    let mut tally = Tally::default();
    let engines = if selection.engines.is_empty() { &Engine::ALL[..] } else { &selection.engines[..] };
    let ready = get_ready(engines, &mut tally);
    let built = check_build(&mut tally);
    let looks = ["--baselines".to_owned(), "looks_as_before".to_owned()];
    host_page_tests(&ready, &looks, built, &mut tally);
    println!("\nLook at what has changed in tests/pictures before you commit it.\n\n{}", tally.closing());
    Ok(tally.failed == 0)
}

/// Makes the table of adverse cases and their tests anew.
pub(crate) fn make_cases() -> Result<bool> {
    process::show(cargo::native().args(["run", "--quiet", "--package", "tollgate-hosts", "--", "--cases"]))?;
    Ok(true)
}

/// Browsers and drivers. A missing engine is a failure, not a skip.
fn get_ready(engines: &[Engine], tally: &mut Tally) -> Vec<Ready> {
    let started = process::begin("browsers and drivers");
    let mut ready = Vec::new();
    for outcome in browsers::ensure(engines) {
        match outcome {
            Ok(engine) => ready.push(engine),
            Err((engine, error)) => {
                println!("{}: {error:#}", engine.name());
                tally.fail(format!("{}, all its tests: {error:#}", engine.name()));
            }
        }
    }
    let names: Vec<&str> = ready.iter().map(|ready| ready.engine.name()).collect();
    println!("ready: {} ({})", names.join(", "), process::took(started));
    ready
}

/// Formatting, and the lints natively: the core alone with all other crates, then the browser shell.
fn check_source(tally: &mut Tally) {
    let started = process::begin("format and lints");
    if let Err(error) = cargo::ensure_components() {
        println!("{error:#}");
    }
    let checks: [(&str, &[&str]); 3] = [
        ("format", &["fmt", "--all", "--check"]),
        ("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        (
            "lints of the browser shell",
            &[
                "clippy",
                "--package",
                "tollgate",
                "--features",
                "browser",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        ),
    ];
    for (name, arguments) in checks {
        let _ = tally.check(name, process::show(cargo::native().args(arguments)));
    }
    println!("took {}", process::took(started));
}

/// The build and, if there is one, its budget. True if there is something to test.
fn check_build(tally: &mut Tally) -> bool {
    let Some(built) = tally.check("build", build::build()) else {
        tally.fail("budget: nothing was built");
        return false;
    };
    let excesses = built.excesses();
    if excesses.is_empty() {
        tally.pass();
    } else {
        println!("over budget: {}", excesses.join("; "));
        tally.fail(format!("budget: {}", excesses.join("; ")));
    }
    true
}

const POSTGRESQL: Wanted = Wanted {
    programs: &[
        "/usr/lib/postgresql/15/bin/initdb",
        "/usr/lib/postgresql/17/bin/initdb",
        "/usr/lib/postgresql/16/bin/initdb",
        "/usr/lib/postgresql/14/bin/initdb",
    ],
    package: "postgresql",
};

/// The tests of `cargo test`, of every crate that needs no browser.
fn native_tests(tally: &mut Tally) {
    let started = process::begin("native tests");
    // The reference endpoint is tested on both of its databases; where this one can't be had, its tests say so.
    if let Err(error) = packages::ensure(&[POSTGRESQL], "the reference endpoint's tests") {
        println!("{error:#}");
    }
    let mut tests = cargo::native();
    tests.args(["test", "--workspace", "--exclude", "tollgate-hosts", "--no-fail-fast"]);
    listen("native tests", &mut tests, tally::of_test_results, tally);
    // What only the command-line tool has.
    let mut tests = cargo::native();
    tests.args([
        "test",
        "--package",
        "tollgate",
        "--features",
        "cli",
        "--test",
        "cli",
        "--bin",
        "tollgate",
        "--no-fail-fast",
    ]);
    listen("command-line tests", &mut tests, tally::of_test_results, tally);
    println!("took {}", process::took(started));
}

/// How many pages are made up for the comparison with the twin.
const PAGES: &str = "1500";

/// Whether the module and its twin in JavaScript do the same, in Node: on recorded histories, and on pages that are made up.
fn twin_tests(built: bool, tally: &mut Tally) {
    let name = "the module and its twin";
    let started = process::begin(name);
    let twin = places::files(&places::dist(), "js")
        .map(|files| files.into_iter().find(|file| file.to_string_lossy().contains("/tollgate-twin-")));
    match twin {
        Ok(Some(twin)) if built => {
            let mut compare = Command::new("node");
            compare
                .arg(places::twin_tests().join("compare.mjs"))
                .arg(places::workshop().join("glue"))
                .arg(twin)
                .arg(places::histories())
                .arg(PAGES);
            listen(name, &mut compare, tally::of_closing_line, tally);
        }
        _ => tally.fail(format!("{name}: nothing was built")),
    }
    println!("took {}", process::took(started));
}

/// The tests of the browser shell, compiled once and run in each engine.
fn in_browser_tests(ready: &[Ready], tally: &mut Tally) {
    let started = process::begin("in-browser tests");
    let prepared = Tool::wasm_bindgen_test_runner()
        .and_then(|runner| runner.ensure())
        .and_then(|runner| Ok((runner, compile_browser_tests()?)));
    match prepared {
        Err(error) => {
            println!("{error:#}");
            tally.fail(format!(
                "in-browser tests: {}",
                format!("{error:#}").lines().next().unwrap_or_default()
            ));
        }
        Ok((runner, tests)) => {
            for engine in ready {
                let name = format!("in-browser tests, {}", engine.engine.name());
                println!("\n-- {name}");
                // The display lives as long as the tests that need it.
                match run_browser_tests(&runner, &tests, engine) {
                    Ok((mut command, _display)) => {
                        listen(&name, &mut command, tally::of_test_results, tally);
                    }
                    Err(error) => tally.fail(format!("{name}: {error:#}")),
                }
            }
        }
    }
    println!("took {}", process::took(started));
}

/// The in-browser tests as one module. Its standard library unwinds, so that a failing test does not end the others.
fn compile_browser_tests() -> Result<PathBuf> {
    let compiler = compiler::ensure()?;
    let mut cargo = compiler.cargo(&places::browser_test_target());
    cargo
        .args(["test", "--no-run", "--message-format=json-render-diagnostics", "--package", "tollgate"])
        .args(["--features", "browser", "--test", "browser", "--target", "wasm32-unknown-unknown"])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind")
        // Function names stay; the rest of the debug information only makes the runner slow.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .stderr(std::process::Stdio::inherit());
    let messages = process::capture(&mut cargo).context("the in-browser tests do not compile")?;
    let executable = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        (message["target"]["name"] == "browser").then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    executable.context("cargo named no module of the in-browser tests")
}

fn run_browser_tests(runner: &Path, tests: &Path, ready: &Ready) -> Result<(Command, Option<Display>)> {
    let mut command = Command::new(runner);
    command.arg(tests).current_dir(places::root());
    for other in ["CHROMEDRIVER", "GECKODRIVER", "SAFARIDRIVER", "MSEDGEDRIVER"] {
        command.env_remove(other).env_remove(format!("{other}_REMOTE"));
    }
    command
        .env(ready.variable(), &ready.driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
        .env_remove("RUST_BACKTRACE");
    let mut display = None;
    match ready.engine {
        Engine::Chromium => {
            let settings = places::xtask().join("chromium.webdriver.json");
            command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings);
        }
        Engine::Firefox => {}
        Engine::WebKit => {
            let started = Display::start()?;
            command.env("DISPLAY", &started.name).env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
            display = Some(started);
        }
    }
    Ok((command, display))
}

/// The tests on whole pages, in all engines that are ready.
fn host_page_tests(ready: &[Ready], arguments: &[String], built: bool, tally: &mut Tally) {
    let name = "host-page tests";
    if !built || ready.is_empty() {
        let why = if built { "no engine is ready" } else { "nothing was built" };
        return tally.fail(format!("{name}: {why}"));
    }
    let started = process::begin(name);
    if let Err(error) = node::ensure_frameworks() {
        println!("{error:#}");
        return tally.fail(format!("{name}: the frameworks of some host pages are missing"));
    }
    // Some pages are bundled with it.
    let _ = tally.check("the npm package: packed, its types and examples compiled", packed::prove());
    let _ = tally.check("tokens of other libraries", interop::make());
    // The reference endpoint is the real counterpart of some pages.
    if let Err(error) =
        process::show(cargo::native().args(["build", "--quiet", "--package", "tollgate-endpoint"]))
    {
        println!("{error:#}");
        return tally.fail(format!("{name}: the reference endpoint is missing"));
    }
    let mut tests = cargo::native();
    tests.args(["run", "--quiet", "--package", "tollgate-hosts", "--"]);
    for ready in ready {
        tests.args(["--engine", ready.engine.name()]);
        tests.env(ready.variable(), &ready.driver);
    }
    tests.args(arguments);
    listen(name, &mut tests, tally::of_closing_line, tally);
    println!("took {}", process::took(started));
}

/// The examples of docs/recipes/testing.md, as those run them who test their own sites; they are for Chromium.
fn recipe_tests(ready: &[Ready], built: bool, tally: &mut Tally) {
    let name = "the testing recipe's examples";
    let Some(ready) = ready.iter().find(|ready| ready.engine == Engine::Chromium).filter(|_| built) else {
        return tally.fail(format!("{name}: Chromium is not ready, or nothing was built"));
    };
    let started = process::begin(name);
    let home = places::recipes();
    let run = || -> Result<()> {
        node::install(&places::recipe_tests(), &home, "Playwright and Selenium, without browsers")?;
        for script in places::files(&places::recipe_tests(), "mjs")? {
            let file = script.file_name().context("a file has a name")?;
            std::fs::copy(&script, home.join(file))?;
        }
        process::show(
            Command::new("node")
                .arg("run.mjs")
                .current_dir(&home)
                .env("TOLLGATE_DIST", places::dist())
                .env("CHROMIUM", browsers::chromium().context("Chromium is missing")?)
                .env("CHROMEDRIVER", &ready.driver),
        )
    };
    let _ = tally.check(name, run());
    println!("took {}", process::took(started));
}

/// Runs a test program, shows what it prints, and counts by `read`.
fn listen(name: &str, command: &mut Command, read: fn(&str) -> Option<tally::Counts>, tally: &mut Tally) {
    match process::listen(command) {
        Ok((ended, output)) => tally.add(name, ended, &output, read(&output)),
        Err(error) => tally.fail(format!("{name}: {error:#}")),
    }
}
