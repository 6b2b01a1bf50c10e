//! `cargo xtask demo`: builds, then serves the demo newspaper with the widget in it.

use crate::setup::cargo;
use crate::{build, places, process};
use anyhow::{Context as _, Result, bail};
use std::io::ErrorKind;
use tollgate_serve::{Folder, Router, Server};

/// The command. It ends by Ctrl-C.
pub(crate) fn run(port: u16) -> Result<bool> {
    let built = build::build()?;
    for excess in built.excesses() {
        println!("over budget: {excess}");
    }
    let front_page = places::demo().join("index.html");
    if !front_page.is_file() {
        bail!("there is no {}", front_page.display());
    }
    let server = match Server::start_on(port, router()) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            println!("\nPort {port} is taken by another program; this is a free one instead.");
            Server::start(router())
        }
        other => other,
    }
    .with_context(|| format!("cannot listen on port {port} of 127.0.0.1"))?;

    println!(
        "\nThe Meridian, a newspaper with a paywall:\n\n    {}\n\n  \
         1. Open an article and read on for a moment: it is counted as this month's free article.\n  \
         2. Open a second one: its text ends after the teaser, and the overlay makes the offer.\n     \
         Escape closes it; the gate in the text stays. The first article stays readable.\n  \
         3. The panel in the corner, present only in this demo, shows the reads used, starts the month over,\n     \
         or makes you a subscriber.\n\nEvery surface and state, side by side: {}gallery/index.html\n\nCtrl-C ends it.",
        server.url(),
        server.url()
    );
    process::interrupt_is_the_usual_end();
    loop {
        std::thread::park();
    }
}

/// The command with the reference endpoint behind the demo's subscribe and log-in pages: a program of its own. It ends by Ctrl-C.
pub(crate) fn run_with_endpoint(port: u16) -> Result<bool> {
    build::build()?;
    // Where its database is: readers who subscribed stay subscribers.
    let folder = places::root().join("target/demo");
    std::fs::create_dir_all(&folder)?;
    println!(
        "\nThe Meridian, a newspaper with a server: subscribe with any address and a password of eight letters, read on, log out at\n\
         /account. Its database is {}. Ctrl-C ends it.\n",
        folder.join("endpoint.db").display()
    );
    process::interrupt_is_the_usual_end();
    process::show(
        cargo::native()
            .args(["run", "--package", "tollgate-endpoint", "--", "--listen"])
            .arg(format!("127.0.0.1:{port}"))
            .arg("--database")
            .arg(format!("sqlite://{}", folder.join("endpoint.db").display()))
            .arg("--files")
            .arg(places::demo())
            .arg("--files")
            .arg(places::dist()),
    )?;
    Ok(true)
}

/// The pages at the root, and beside them what the build made, as `/tollgate.js`; the gallery of all surfaces.
fn router() -> Router {
    Router::new()
        .mount("/", Folder::new(places::demo()))
        .mount("/", Folder::new(places::dist()))
        .mount("/gallery/", Folder::new(places::gallery()))
}
