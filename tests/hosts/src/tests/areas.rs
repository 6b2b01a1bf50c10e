//! Storage areas that are full, private, partitioned, or that belong to no site at all: where a read is kept then.

use super::hosts::counts_in_memory;
use super::tests;
use crate::browser::Folder;
use crate::check;
use crate::engine::{ALL, Engine};
use crate::page::{Page, SEED, seed_with};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

tests! {
    st_03_allowed_in_a_data_frame: ALL, Ordinary;
    st_11_old_keys_make_room_in_a_full_area: ALL, Ordinary;
    st_12_both_areas_full: ALL, Ordinary;
    st_27_a_private_window: ALL, Private;
    st_28_inert_in_a_third_partys_frame: ALL, Ordinary;
    st_28_a_third_partys_frame_has_a_meter_of_its_own: ALL, Ordinary;
    st_29_a_page_from_a_file: ALL, Ordinary;
}

/// Fills an area to its last character with a host's keys.
fn fill(area: &str) -> String {
    format!(
        "let size = 1 << 22, n = 0; while (size >= 1) {{ \
         try {{ {area}.setItem('host' + n, 'x'.repeat(size)); n += 1 }} catch {{ size >>= 1 }} }}"
    )
}

/// The host's keys of an area and the lengths of what they hold.
fn hosts_keys(area: &str) -> String {
    format!(
        "Object.keys({area}).filter(key => key.startsWith('host')).sort().map(key => key + {area}[key].length).join()"
    )
}

async fn st_03_allowed_in_a_data_frame(reader: &mut Reader) -> Result<()> {
    let story = Page::article("first").tag(&format!("{SEED} data-allow-frame"));
    let origin = reader.site.origin();
    let markup = String::from_utf8(story.response(&origin).body)?;
    let markup = markup.replace("src=\"/", &format!("src=\"{origin}/"));
    let show = format!(
        "const frame = document.createElement('iframe'); frame.width = 1000; frame.height = 700; \
         frame.src = 'data:text/html,' + encodeURIComponent({}); document.querySelector('main').replaceChildren(frame)",
        json!(markup)
    );
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    reader.js::<Value>(&show).await?;
    reader.enter_frame().await?;
    reader
        .wait_for("the frame has its page", "location.protocol === 'data:' && typeof witness === 'object'")
        .await?;
    counts_in_memory(reader).await
}

async fn st_11_old_keys_make_room_in_a_full_area(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    // The oldest are of a period before the last one, and each as long as the key that will be written.
    let old = "for (const n of ['A', 'B']) \
               localStorage.setItem('tollgate1:meridian:r:2031-01:AAAAAAAAAAAAAAA' + n, 'j7aaa'); \
               localStorage.setItem('tollgate1:meridian:r:2031-04:AAAAAAAAAAAAAAAA', 'j7aaa');";
    reader.js::<Value>(&format!("{old} {}", fill("localStorage"))).await?;
    let full = "(() => { try { localStorage.setItem('z', ''); return 'room' } catch (error) { return error.name } })()";
    reader.is("the area is full", full, "QuotaExceededError").await?;
    let hosts = reader.value(&hosts_keys("localStorage")).await?;
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    let ours = "Object.keys(witness.ledger()).map(key => key.split(':')[3]).sort()";
    reader
        .is(
            "the last period's and this one's stand in the local storage",
            ours,
            json!(["2031-04", "2031-05"]),
        )
        .await?;
    reader.is("and nothing in the session's", "sessionStorage.length", 0).await?;
    reader.is("the host's keys are untouched", &hosts_keys("localStorage"), hosts).await?;
    check::equal("nothing is complained of", reader.warnings().await, Vec::<String>::new())?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}

async fn st_12_both_areas_full(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    let keys = format!("[{}, {}]", hosts_keys("localStorage"), hosts_keys("sessionStorage"));
    reader.js::<Value>(&fill("localStorage")).await?;
    reader.js::<Value>(&fill("sessionStorage")).await?;
    let hosts = reader.value(&keys).await?;
    for slug in ["first", "second"] {
        reader.read(&format!("/story/{slug}")).await?;
        reader.is_open(slug).await?;
        reader.is("counted in memory", "tollgate.getMeter().reads", 1).await?;
        check::contains("and it is said", &reader.one_warning().await?, "localStorage: no-storage")?;
        let ours =
            "[localStorage, sessionStorage].flatMap(Object.keys).filter(key => key.startsWith('tollgate'))";
        reader.is("no key of ours in either area", ours, json!([])).await?;
        reader.is("the host's keys are untouched", &keys, hosts.clone()).await?;
    }
    Ok(())
}

/// A private window counts as any other does: the main job, with a reload and a second window. That the windows are
/// private is seen where the engine lets it be seen; with WebKit's driver all of them are, with the option or without.
async fn st_27_a_private_window(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.read("/story/first").await?;
    reader.ledger_has(1).await?;
    reader.reload().await?;
    reader.granted().await?;
    reader.is_open("first").await?;
    reader.is("counted before", "tollgate.getMeter().counted", true).await?;
    reader.settle().await?;
    let private = reader.window().await?;
    match reader.engine {
        Engine::Chromium => {
            // The driver's own windows are none of the private ones: they have another meter.
            reader.another_window().await?;
            reader.read("/story/second").await?;
            reader.ledger_has(1).await?;
            reader.settle().await?;
            reader.switch_to(&private).await?;
            reader.window_of_the_page("/story/second").await?;
        }
        Engine::Firefox => {
            // It gives private windows no file system.
            let files = reader.promised("navigator.storage.getDirectory().then(() => 'there')").await?;
            check::contains("no files in a private window", &files.to_string(), "SecurityError")?;
            reader.another_window().await?;
            reader.open("/story/second").await?;
        }
        Engine::WebKit => {
            reader.another_window().await?;
            reader.open("/story/second").await?;
        }
    }
    reader.overlay().await?;
    reader.is_locked("second").await?;
    check::equal("nothing is complained of", reader.warnings().await, Vec::<String>::new())
}

/// A page with a frame of the same publisher's other origin: for the browser a third party's.
async fn open_around(reader: &mut Reader, slug: &str) -> Result<()> {
    let address = format!("{}/story/{slug}", reader.site.other_origin());
    let frame = format!("<main><iframe width=\"1000\" height=\"700\" src=\"{address}\"></iframe></main>");
    reader.site.page(Page::plain("/around").body(&frame));
    reader.open("/around").await?;
    reader.enter_frame().await
}

async fn st_28_inert_in_a_third_partys_frame(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "0")));
    reader.open_address(&format!("{}/story/first", reader.site.other_origin())).await?;
    reader.overlay().await?;
    open_around(reader, "first").await?;
    reader.scroll().await?;
    let inert = "witness.paragraphs('first') === '11111111' && document.querySelector('tollgate-gate') === null \
                 && localStorage.length + sessionStorage.length === 0 && !window.tollgate";
    reader.stays("inert in the frame", inert, Duration::from_millis(700)).await?;
    reader.settle().await?;
    reader.leave_frame().await
}

async fn st_28_a_third_partys_frame_has_a_meter_of_its_own(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).tag(&format!("{SEED} data-allow-frame")));
    }
    let site = reader.site.other_origin();
    reader.open_address(&format!("{site}/story/first")).await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.ledger_has(1).await?;
    let own = reader.ledger().await?;
    // The meter of the publisher's own pages is used up; that of the frame is not.
    open_around(reader, "second").await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("second").await?;
    reader.ledger_has(1).await?;
    reader.settle().await?;
    reader.leave_frame().await?;
    open_around(reader, "third").await?;
    reader.overlay().await?;
    reader.is_locked("third").await?;
    reader.settle().await?;
    reader.leave_frame().await?;
    reader.open_address(&format!("{site}/story/first")).await?;
    reader.granted().await?;
    check::equal("the publisher's own meter is as it was", reader.ledger().await?, own)
}

/// A saved page with the script beside it. The subscribe page must then be named in full: a path leads nowhere.
async fn st_29_a_page_from_a_file(reader: &mut Reader) -> Result<()> {
    let folder = Folder::new()?;
    std::fs::write(folder.path().join("tollgate.js"), reader.site.script()?)?;
    let gate = reader.site.gate()?;
    std::fs::write(folder.path().join(gate.trim_start_matches('/')), reader.site.built(&gate)?)?;
    let tag = seed_with("data-subscribe-url", "https://example.com/subscribe?plan={plan}");
    let origin = reader.site.origin();
    for slug in ["first", "second"] {
        let page = Page::article(slug).no_canonical().tag(&tag);
        let markup = String::from_utf8(page.response(&origin).body)?
            .replace("src=\"/witness", &format!("src=\"{origin}/witness"))
            .replace("src=\"/tollgate", "src=\"tollgate");
        std::fs::write(folder.path().join(format!("{slug}.html")), markup)?;
    }
    let address = |slug: &str| format!("file://{}/{slug}.html", folder.path().display());
    reader.open_address(&address("first")).await?;
    reader.is("it is a file", "location.protocol", "file:").await?;
    reader.granted().await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("first").await?;
    reader.open_address(&address("second")).await?;
    reader.overlay().await?;
    reader.is_locked("second").await?;
    reader.js::<Value>("localStorage.clear()").await?;
    Ok(())
}
