//! The journey with a real counterpart: the reference endpoint (examples/endpoint) behind the publisher's pages. Its forms, its cookies, its
//! tokens; what happens when it is slow, broken or gone.

use super::{DECIDED, tests};
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED};
use crate::reader::Reader;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

tests! {
    a_reader_subscribes_by_the_endpoint_reads_on_and_logs_out: ALL, Ordinary;
    a_reader_with_an_account_has_the_meter_on_the_server: ALL, Ordinary;
    the_demo_newspaper_works_with_the_endpoint: ALL, Ordinary;
    en_05_the_endpoint_is_gone: ALL, Ordinary;
}

/// What every test page runs first, at the real time.
const WITNESS: &str = include_str!("../pages/witness.js");

/// A running endpoint with a newspaper of two stories, and all it wrote down; both go with it.
struct Endpoint {
    child: Child,
    origin: String,
    folder: PathBuf,
}

impl Endpoint {
    fn start() -> Result<Endpoint> {
        static NTH: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join(format!(
            "tollgate-newspaper-{}-{}",
            std::process::id(),
            NTH.fetch_add(1, Ordering::SeqCst)
        ));
        std::fs::create_dir_all(folder.join("pages/story"))?;
        std::fs::write(folder.join("pages/witness.js"), format!("const CLOCK = null;\n{WITNESS}"))?;
        let program = std::env::current_exe()?.with_file_name("tollgate-endpoint");
        let mut child = Command::new(&program)
            .args(["--listen", "127.0.0.1:0", "--limit", "2"])
            .arg("--database")
            .arg(format!("sqlite://{}", folder.join("endpoint.db").display()))
            .arg("--files")
            .arg(folder.join("pages"))
            .arg("--files")
            .arg(crate::root().join("www/demo"))
            .arg("--files")
            .arg(crate::root().join("www/dist"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} is made by cargo build -p tollgate-endpoint", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output")?).read_line(&mut line)?;
        let Some(origin) = line.trim().strip_prefix("Listening on ") else { bail!("it said {line:?}") };
        let endpoint = Endpoint { origin: origin.to_owned(), child, folder };
        for slug in ["first", "second", "third"] {
            let path = format!("/story/{slug}.html");
            let page = Page::article(slug).at(&path).no_canonical().tag(SEED).response(&endpoint.origin);
            std::fs::write(endpoint.folder.join("pages").join(path.trim_start_matches('/')), page.body)?;
        }
        Ok(endpoint)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.end();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Fills in a form of the endpoint's and sends it.
async fn fill_in(reader: &mut Reader, email: &str, back: &str) -> Result<()> {
    reader
        .wait_for("the form is there", "document.readyState === 'complete' && document.forms.length > 0")
        .await?;
    let script = format!(
        "document.getElementById('email').value = '{email}'; document.getElementById('password').value = 'correct horse'; \
         document.forms[0].querySelector('button').click()"
    );
    reader.leave_to(&script, back).await
}

async fn a_reader_subscribes_by_the_endpoint_reads_on_and_logs_out(reader: &mut Reader) -> Result<()> {
    let endpoint = Endpoint::start()?;
    let (first, second, third) = (
        endpoint.url("/story/first.html"),
        endpoint.url("/story/second.html"),
        endpoint.url("/story/third.html"),
    );
    // Anonymous: the one free read, then the gate.
    reader.open_address(&first).await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.open_address(&second).await?;
    reader.overlay().await?;
    reader.is_locked("second").await?;
    // The button leads to the endpoint's page, with the plan that was chosen.
    let button = "witness.hosts('overlay')[0].shadowRoot.querySelector('[part~=cta]').click()";
    reader.leave_to(button, &endpoint.url("/subscribe?plan=free-trial")).await?;
    reader
        .wait_for(
            "the plan is chosen",
            "document.querySelector('[name=plan]:checked')?.value === 'free-trial'",
        )
        .await?;
    fill_in(reader, "ada@example.com", &second).await?;
    // Back at the story: open, at once, by the token; and the address is clean.
    reader.granted().await?;
    reader.is("nothing was gated on the way", DECIDED, "granted SUBSCRIBER").await?;
    reader.is_open("second").await?;
    reader.is("the address", "location.href", second.as_str()).await?;
    reader.open_address(&third).await?;
    reader.granted().await?;
    reader.is("nor on the next", DECIDED, "granted SUBSCRIBER").await?;
    // Out again.
    reader.open_address(&endpoint.url("/account")).await?;
    reader.wait_for("the account is shown", "document.forms.length > 0").await?;
    let home = endpoint.url("/");
    reader.leave_to("document.forms[0].querySelector('button').click()", &home).await?;
    reader.wait_for("the token is gone", "!localStorage.getItem('tollgate1:meridian:token')").await?;
    reader.open_address(&third).await?;
    reader.overlay().await?;
    reader.is("without a grant on the way", DECIDED, "denied LIMIT_REACHED").await?;
    reader.is_locked("third").await?;
    // In again, by the gate's link.
    let login = "witness.hosts('overlay')[0].shadowRoot.querySelector('[part~=login]').click()";
    reader.leave_to(login, &endpoint.url("/login")).await?;
    fill_in(reader, "ada@example.com", &third).await?;
    reader.granted().await?;
    reader.is_open("third").await
}

async fn a_reader_with_an_account_has_the_meter_on_the_server(reader: &mut Reader) -> Result<()> {
    let endpoint = Endpoint::start()?;
    reader.open_address(&endpoint.url("/register?return=%2Fstory%2Ffirst.html")).await?;
    fill_in(reader, "bob@example.com", &endpoint.url("/story/first.html")).await?;
    for slug in ["first", "second"] {
        reader.open_address(&endpoint.url(&format!("/story/{slug}.html"))).await?;
        reader.granted().await?;
        reader.is(slug, DECIDED, "granted METERING").await?;
        reader.is("who reads", "tollgate.getDecision().tier", "registered").await?;
    }
    reader.open_address(&endpoint.url("/story/third.html")).await?;
    reader.overlay().await?;
    reader
        .is("the server's meter", "[tollgate.getMeter().reads, tollgate.getMeter().limit].join()", "2,2")
        .await?;
    reader.is_locked("third").await?;
    // What was read there is read here, whatever this device remembers.
    reader.js::<Value>("localStorage.clear()").await?;
    reader.open_address(&endpoint.url("/story/third.html")).await?;
    reader.overlay().await?;
    reader.open_address(&endpoint.url("/story/first.html")).await?;
    reader.granted().await?;
    reader.is_open("first").await
}

async fn the_demo_newspaper_works_with_the_endpoint(reader: &mut Reader) -> Result<()> {
    let endpoint = Endpoint::start()?;
    let article = endpoint.url("/articles/learning-to-read-again.html");
    reader.open_address(&endpoint.url("/articles/letters-that-never-arrived.html")).await?;
    reader.wait_for("it is decided", "tollgate.getDecision?.()?.granted === true").await?;
    reader.scroll().await?;
    reader.wait_for("it counts", "tollgate.getMeter().counted").await?;
    reader.open_address(&article).await?;
    reader.wait_for("it is gated", "tollgate.getDecision?.()?.granted === false").await?;
    reader
        .wait_for(
            "the overlay is open",
            "document.querySelector('tollgate-gate[data-tollgate-surface=overlay]') !== null",
        )
        .await?;
    let button = "document.querySelector('tollgate-gate[data-tollgate-surface=overlay]').shadowRoot.querySelector('[part~=cta]').click()";
    reader.leave_to(button, &endpoint.url("/subscribe")).await?;
    reader
        .is(
            "it looks like the newspaper",
            "getComputedStyle(document.body).fontFamily.length > 0 && document.styleSheets.length",
            2,
        )
        .await?;
    fill_in(reader, "eve@example.com", &article).await?;
    reader.wait_for("it is open", "tollgate.getDecision?.()?.grantReason === 'SUBSCRIBER'").await?;
    reader
        .is("the masthead knows", "document.documentElement.getAttribute('data-reader')", "subscriber")
        .await
}

async fn en_05_the_endpoint_is_gone(reader: &mut Reader) -> Result<()> {
    let mut endpoint = Endpoint::start()?;
    let second = endpoint.url("/story/second.html");
    reader.open_address(&endpoint.url("/register?return=%2Fstory%2Fsecond.html")).await?;
    fill_in(reader, "dan@example.com", &second).await?;
    reader.granted().await?;
    reader.is("the server's meter has it", DECIDED, "granted METERING").await?;
    endpoint.end();
    // What is known stays known; and nothing of ours breaks on the page.
    reader.allow(crate::reader::Trouble::Error);
    reader.js::<Value>("tollgate.refresh()").await?;
    reader
        .stays("it is open", "witness.paragraphs('second') === '11111111'", std::time::Duration::from_secs(3))
        .await?;
    check::equal("warnings", reader.warnings().await.len(), 0)
}
