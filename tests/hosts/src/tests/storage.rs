//! Storage that is missing, full, forged or wiped; clocks that are wrong.

use super::tests;
use crate::check;
use crate::engine::{ALL, WITH_SETTINGS};
use crate::page::{Page, seed_with};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::Value;
use std::time::Duration;

tests! {
    st_02_sandboxed_by_policy: ALL, Ordinary;
    st_04_cookies_blocked: WITH_SETTINGS, CookiesBlocked;
    st_05_storage_switched_off: WITH_SETTINGS, StorageOff;
    st_06_a_getter_that_throws_a_string: ALL, Ordinary;
    st_06_a_storage_whose_every_call_throws: ALL, Ordinary;
    st_10_a_full_area_steps_down: ALL, Ordinary;
    st_13_garbage_keys_do_not_count: ALL, Ordinary;
    st_14_garbage_values_count: ALL, Ordinary;
    st_20_a_clear_during_the_dwell: ALL, Ordinary;
    st_25_storage_events_of_every_kind: ALL, Ordinary;
    st_30_impossible_clocks: ALL, Ordinary;
}

/// Without any storage a page counts in memory and says so once; the next page is open too, and nothing is thrown.
async fn works_in_memory(reader: &mut Reader, page: impl Fn(&str) -> Page) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(page(slug));
    }
    for slug in ["first", "second"] {
        reader.read(&format!("/story/{slug}")).await?;
        reader.is_open(slug).await?;
        reader.is("counted in memory", "tollgate.getMeter().reads", 1).await?;
        says_no_storage(reader).await?;
    }
    Ok(())
}

/// The publisher is told once that local storage did not take the read.
async fn says_no_storage(reader: &mut Reader) -> Result<()> {
    let warning = reader.one_warning().await?;
    check::contains("it says what failed", &warning, "localStorage: no-storage, using \"session or memory\"")
}

async fn st_02_sandboxed_by_policy(reader: &mut Reader) -> Result<()> {
    works_in_memory(reader, |slug| Page::article(slug).policy("sandbox allow-scripts")).await?;
    let throws = "(() => { try { return typeof localStorage } catch (error) { return error.name } })()";
    reader.is("the getter throws here", throws, "SecurityError").await
}

async fn st_04_cookies_blocked(reader: &mut Reader) -> Result<()> {
    works_in_memory(reader, Page::article).await?;
    let throws = "(() => { try { return typeof localStorage } catch (error) { return error.name } })()";
    reader.is("the getter throws here", throws, "SecurityError").await
}

async fn st_05_storage_switched_off(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.is("there is no local storage here", "window.localStorage === null", true).await?;
    reader.is("counted all the same", "tollgate.getMeter().reads", 1).await?;
    says_no_storage(reader).await
}

async fn st_06_a_getter_that_throws_a_string(reader: &mut Reader) -> Result<()> {
    let broken = "<script>for (const name of ['localStorage', 'sessionStorage']) \
                  Object.defineProperty(window, name, { get() { throw 'x' } });</script>";
    works_in_memory(reader, |slug| Page::article(slug).before_tag(broken)).await
}

async fn st_06_a_storage_whose_every_call_throws(reader: &mut Reader) -> Result<()> {
    let broken = "<script>for (const name of ['getItem', 'setItem', 'removeItem', 'key', 'clear']) \
                  Storage.prototype[name] = () => { throw new DOMException('no', 'UnknownError') };</script>";
    works_in_memory(reader, |slug| Page::article(slug).before_tag(broken)).await
}

async fn st_10_a_full_area_steps_down(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    let fill = "let size = 1 << 22; let n = 0; while (size >= 1) { \
                try { localStorage.setItem('host' + n, 'x'.repeat(size)); n += 1 } catch { size >>= 1 } } \
                const sum = () => Object.keys(localStorage).sort().map(key => key + localStorage[key].length).join(); \
                return sum()";
    let before: String = reader.js(fill).await?;
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.is("counted", "tollgate.getMeter().reads", 1).await?;
    let sum = "Object.keys(localStorage).sort().map(key => key + localStorage[key].length).join()";
    reader.is("the host's keys are untouched", sum, before).await?;
    check::equal(
        "the read stands in the session's storage",
        reader.ledger_in("sessionStorage").await?.len(),
        1,
    )?;
    says_no_storage(reader).await?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}

async fn st_13_garbage_keys_do_not_count(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    reader
        .js::<Value>(
            "for (const key of ['tollgate1:meridian:r:2031-05:', 'tollgate1:meridian:r:2031-05:short', \
             'tollgate1:meridian:r:2031-05:AAAAAAAAAAAAAAA!', 'tollgate1:meridian:r:2031-05:AAAAAAAAAAAAAAAAA', \
             'tollgate1', 'tollgate10:meridian:r:2031-05:AAAAAAAAAAAAAAAA', 'tollgate2:meridian:r:2031-05:AAAAAAAAAAAAAAAA', \
             'tollgate1:meridian2:r:2031-05:AAAAAAAAAAAAAAAA', 'getItem', '__proto__', 'length']) \
             localStorage.setItem(key, '1')",
        )
        .await?;
    reader.read("/story/first").await?;
    reader.is_open("first").await?;
    reader.is("one read", "tollgate.getMeter().reads", 1).await?;
    let kept = "['tollgate1', 'tollgate10:meridian:r:2031-05:AAAAAAAAAAAAAAAA', \
                'tollgate2:meridian:r:2031-05:AAAAAAAAAAAAAAAA', 'tollgate1:meridian2:r:2031-05:AAAAAAAAAAAAAAAA', \
                'getItem', '__proto__', 'length'].filter(key => Storage.prototype.getItem.call(localStorage, key) !== '1').join()";
    reader.is("foreign keys that are gone", kept, "").await?;
    reader
        .wait_for(
            "malformed keys of ours are deleted",
            "Object.keys(localStorage).filter(key => key.startsWith('tollgate1:meridian:')).length === 1",
        )
        .await
}

async fn st_14_garbage_values_count(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "4")));
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    reader
        .js::<Value>(
            "['{}', '', 'x'.repeat(1 << 20), '\\ud800'].forEach((value, n) => \
             localStorage.setItem('tollgate1:meridian:r:2031-05:AAAAAAAAAAAAAAA' + n, value))",
        )
        .await?;
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await?;
    reader.is("four reads", "tollgate.getMeter().reads", 4).await
}

async fn st_20_a_clear_during_the_dwell(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug).tag(&seed_with("data-limit", "2")));
    }
    reader.read("/story/first").await?;
    reader.open("/story/second").await?;
    reader.granted().await?;
    reader.js::<Value>("localStorage.clear()").await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.is_open("second").await?;
    reader.ledger_has(1).await?;
    // Wiped once more while the article stands open: nothing is thrown, nobody is locked out.
    reader
        .js::<Value>("localStorage.clear(); dispatchEvent(new StorageEvent('storage', { key: null }))")
        .await?;
    let open = "witness.paragraphs('second') === '11111111'";
    reader.stays("the article stays open", open, Duration::from_millis(300)).await
}

async fn st_25_storage_events_of_every_kind(reader: &mut Reader) -> Result<()> {
    for slug in ["first", "second"] {
        reader.site.page(Page::article(slug));
    }
    reader.read("/story/first").await?;
    let events = "for (const init of [{ key: null }, { key: 'foreign', newValue: '1' }, { key: '', newValue: '' }, \
                  { key: 'tollgate1:meridian:r:2031-05:AAAAAAAAAAAAAAAA', newValue: null }, \
                  { key: 'tollgate1:meridian:r:2031-05:AAAAAAAAAAAAAAAA', newValue: '\\ud800' }, \
                  { key: 'tollgate1:meridian:r:', oldValue: 'x' }]) \
                  dispatchEvent(new StorageEvent('storage', { storageArea: localStorage, ...init }))";
    reader.js::<Value>(events).await?;
    reader.stays("open", "witness.paragraphs('first') === '11111111'", Duration::from_millis(200)).await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>(events).await?;
    reader.stays("gated", "witness.paragraphs('second') === '11100000'", Duration::from_millis(200)).await?;
    reader.is("one overlay", "witness.overlay().hosts", 1).await
}

async fn st_30_impossible_clocks(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first"));
    for clock in [
        "0",
        "-1e15",
        "Date.UTC(2001, 0, 1)",
        "Date.UTC(9999, 0, 1)",
        "NaN",
        "Infinity",
        "'yesterday'",
        "null",
    ] {
        reader.site.clock_stuck_at(clock);
        reader.read("/story/first").await?;
        reader.is_open("first").await?;
        let period = reader.value("tollgate.getMeter().period").await?;
        let period = period.as_str().unwrap_or_default();
        // The build's own month, whichever that is: the same for all of them, and not before the first release.
        check::that(
            &format!("period {period} for the clock {clock}"),
            ("2026-11".."2046-12").contains(&period),
        )?;
        reader.ledger_has(1).await?;
    }
    Ok(())
}
