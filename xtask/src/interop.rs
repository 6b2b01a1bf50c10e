//! Tokens that other libraries made, for the host-page tests: jose (npm) and PyJWT (Debian).

use crate::setup::node;
use crate::setup::packages::{self, Wanted};
use crate::{places, process};
use anyhow::{Context as _, Result};
use std::process::Command;

/// Who issues the tokens, the site they are for, and the pages' time in seconds: as tests/hosts/src/tests/tokens.rs has them.
const FACTS: [&str; 3] = ["https://login.meridian.example", "meridian", "1936180800"];

const PYJWT: Wanted =
    Wanted { programs: &["/usr/lib/python3/dist-packages/jwt/__init__.py"], package: "python3-jwt" };
const CRYPTOGRAPHY: Wanted = Wanted {
    programs: &["/usr/lib/python3/dist-packages/cryptography/__init__.py"],
    package: "python3-cryptography",
};

/// Makes them anew.
///
/// # Errors
/// If a library is missing, or can't make them.
pub(crate) fn make() -> Result<()> {
    let home = places::interop();
    node::ensure()?;
    node::install(&places::interop_tests(), &home, "jose")?;
    packages::ensure(&[PYJWT, CRYPTOGRAPHY], "the tokens of other libraries")?;
    let script = home.join("jose.mjs");
    std::fs::copy(places::interop_tests().join("jose.mjs"), &script)?;
    let jose = process::capture(Command::new("node").arg(&script).args(FACTS)).context("jose")?;
    std::fs::write(home.join("jose.json"), jose)?;
    // The system's own: another Python has packages of its own.
    let python = Command::new("/usr/bin/python3")
        .arg(places::interop_tests().join("pyjwt.py"))
        .args(FACTS)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .context("/usr/bin/python3")?;
    if !python.status.success() {
        anyhow::bail!("PyJWT: {}", String::from_utf8_lossy(&python.stderr));
    }
    Ok(std::fs::write(home.join("pyjwt.json"), python.stdout)?)
}
