//! When something of ours is refused, damaged or missing: the article is readable, the page is alive, the console has
//! one warning. And policies and hosts under which all of it must work.

use super::promises::reads_until_gated;
use super::tests;
use crate::check;
use crate::engine::{ALL, WITH_SETTINGS};
use crate::page::{Page, SEED, script, seed_with};
use crate::reader::{Reader, Trouble};
use crate::site::Site;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    ld_01_no_wasm_unsafe_eval: ALL, Ordinary;
    ld_02_nonce_and_strict_dynamic: ALL, Ordinary;
    ld_03_no_styles_allowed: ALL, Ordinary;
    ld_04_trusted_types: ALL, Ordinary;
    ld_06_no_connections_allowed: ALL, Ordinary;
    ld_09_the_pinned_module_with_any_type: ALL, Ordinary;
    ld_10_the_pinned_module_is_broken: ALL, Ordinary;
    ld_13_the_pinned_module_is_another: ALL, Ordinary;
    ld_12_the_script_from_another_origin: ALL, Ordinary;
    ld_15_webassembly_deleted: ALL, Ordinary;
    ld_15_webassembly_switched_off: WITH_SETTINGS, NoWebAssembly;
    ld_17_webassembly_throws: ALL, Ordinary;
    ld_21_a_host_that_wraps_everything: ALL, Ordinary;
    ld_28_integrity_right_and_wrong: ALL, Ordinary;
    a_page_in_another_charset: ALL, Ordinary;
    a_page_in_another_charset_without_connections: ALL, Ordinary;
    the_script_is_missing: ALL, Ordinary;
}

/// At a page where the first article would be gated at once: nothing is gated, one warning, one `tollgate:error`.
pub(super) async fn opens_with_one_warning(reader: &mut Reader, page: Page) -> Result<String> {
    reader.allow(Trouble::Warning);
    let errors = reader.events("error").await.len();
    reader.site.page(page);
    reader.open("/story/first").await?;
    reader.wait_for("tollgate:error", "witness.events('error').length > 0").await?;
    reader.scroll().await?;
    let open =
        "witness.paragraphs('first') === '11111111' && document.querySelector('tollgate-gate') === null";
    reader.stays("the article is readable", open, Duration::from_millis(400)).await?;
    reader.is_untouched().await?;
    let errors = reader.events("error").await.split_off(errors);
    check::equal("tollgate:error events", errors.len(), 1)?;
    let code = errors.first().map(|detail| detail["code"].clone()).unwrap_or_default();
    check::that(
        &format!("it has a code and a message: {errors:?}"),
        code.is_string() && errors[0]["message"].is_string(),
    )?;
    reader.one_warning().await?;
    // Calls of the host's still do no harm.
    reader.js::<Value>("if (window.tollgate) window.tollgate.push(() => {})").await?;
    Ok(code.as_str().unwrap_or_default().to_owned())
}

/// At a page where the first article is gated at once: it is, and nothing is said or violated.
pub(super) async fn works(reader: &mut Reader, page: Page) -> Result<()> {
    reader.site.page(page);
    let overlay = reader.open_gated("/story/first").await?;
    check::json("the headline", &overlay["headline"], &json!("This story is for subscribers"))?;
    check::json("it is modal", &overlay["modal"], &json!(true))?;
    reader.is_locked("first").await?;
    reader.escape().await?;
    reader.is("the inline gate is there", "witness.inline() !== null", true).await?;
    reader.settle().await
}

/// The seed tag, gated at once.
pub(super) fn closed() -> String {
    seed_with("data-limit", "0")
}

pub(super) fn page() -> Page {
    Page::article("first").tag(&closed())
}

/// What makes a gate look as it does.
const LOOKS: &str = "(() => { const root = witness.overlayRoot(); \
    return ['dialog', 'h2', '[part~=cta]', '[part~=plan]', '[part~=benefit]', '[part~=close]'].map(name => { \
    const style = getComputedStyle(root.querySelector(name)); \
    return ['color', 'backgroundColor', 'fontFamily', 'fontSize', 'padding', 'borderRadius', 'width', 'display'] \
    .map(property => style[property]).join(' ') }) })()";

/// Pages that take WebAssembly away, or patch it so that it throws.
pub(super) const DELETED: &str = "<script>delete window.WebAssembly</script>";
pub(super) const THROWING: &str = "<script>for (const name of ['Module', 'Instance', 'instantiate', 'compile', 'instantiateStreaming', \
    'compileStreaming']) WebAssembly[name] = function () { throw new Error('patched ' + name) };</script>";

/// The module's twin in JavaScript can't be had either.
pub(super) fn without_the_twin(reader: &Reader) -> Result<()> {
    reader.site.put(&reader.site.twin()?, Response::new(404).body("text/plain", "no"));
    Ok(())
}

async fn ld_01_no_wasm_unsafe_eval(reader: &mut Reader) -> Result<()> {
    without_the_twin(reader)?;
    reader.allow(Trouble::Violation);
    let code = opens_with_one_warning(reader, page().policy("script-src 'self'")).await?;
    check::equal("the code", code.as_str(), "csp-wasm")
}

async fn ld_02_nonce_and_strict_dynamic(reader: &mut Reader) -> Result<()> {
    let tag = script(&closed()).replace("<script async", "<script async nonce=\"tollgate\"");
    let policy =
        "script-src 'nonce-tollgate' 'strict-dynamic' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'";
    works(reader, page().tag_written(&tag).policy(policy)).await
}

async fn ld_03_no_styles_allowed(reader: &mut Reader) -> Result<()> {
    reader.site.page(page().no_style());
    reader.open_gated("/story/first").await?;
    let ordinary = reader.value(LOOKS).await?;
    works(reader, page().no_style().policy("style-src 'none'")).await?;
    reader.js::<Value>("tollgate.show()").await?;
    reader.overlay().await?;
    reader.is("the overlay looks the same", LOOKS, ordinary).await?;
    check::equal("violations", reader.noted("violation").await, Vec::<String>::new())
}

async fn ld_04_trusted_types(reader: &mut Reader) -> Result<()> {
    works(reader, page().policy("require-trusted-types-for 'script'; trusted-types 'none'")).await?;
    reader.is(
        "the policy is in force",
        "(() => { try { document.createElement('p').innerHTML = 'x'; return 'set' } catch (error) { return error.name } })()",
        "TypeError",
    )
    .await?;
    // That was the test's own violation.
    reader.allow(Trouble::Violation);
    Ok(())
}

async fn ld_06_no_connections_allowed(reader: &mut Reader) -> Result<()> {
    works(reader, page().policy("connect-src 'none'")).await
}

/// The script as a page in another charset sees it: no byte order mark, and no charset in its type, so that the
/// page's own is used and the module's bytes come out wrong.
fn put_unmarked_script(reader: &Reader) -> Result<()> {
    let bytes = reader.site.script()?;
    let unmarked =
        bytes.strip_prefix(b"\xef\xbb\xbf").context("the built script begins with a byte order mark")?;
    reader.site.put("/tollgate.js", Response::new(200).body("text/javascript", unmarked));
    Ok(())
}

async fn a_page_in_another_charset(reader: &mut Reader) -> Result<()> {
    // With its mark the script does not mind the page's charset.
    works(reader, page().charset("windows-1251")).await?;
    check::equal("the pinned module was not needed", reader.site.requests(&reader.site.module()?), 0)?;
    put_unmarked_script(reader)?;
    works(reader, page().charset("windows-1251")).await?;
    check::equal("the pinned module was fetched", reader.site.requests(&reader.site.module()?), 1)
}

async fn a_page_in_another_charset_without_connections(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Violation);
    put_unmarked_script(reader)?;
    let code =
        opens_with_one_warning(reader, page().charset("windows-1251").policy("connect-src 'none'")).await?;
    check::equal("the code", code.as_str(), "damaged")?;
    check::equal("the pinned module was not fetched", reader.site.requests(&reader.site.module()?), 0)
}

async fn ld_09_the_pinned_module_with_any_type(reader: &mut Reader) -> Result<()> {
    put_unmarked_script(reader)?;
    let path = reader.site.module()?;
    let bytes = reader.site.built(&path)?;
    for kind in ["text/plain", "application/octet-stream", "application/wasm; charset=utf-8"] {
        let response =
            Response::new(200).body(kind, bytes.clone()).header("X-Content-Type-Options", "nosniff");
        reader.site.put(&path, response);
        works(reader, page().charset("windows-1251")).await.with_context(|| format!("sent as {kind}"))?;
    }
    Ok(())
}

async fn ld_10_the_pinned_module_is_broken(reader: &mut Reader) -> Result<()> {
    // A failed integrity check is reported by the browser itself.
    reader.allow(Trouble::Error);
    put_unmarked_script(reader)?;
    let path = reader.site.module()?;
    let bytes = reader.site.built(&path)?;
    let half = bytes.len() / 2;
    for (what, response) in [
        ("missing", Response::new(404)),
        ("a server's error", Response::new(500).body("text/html", "<p>Sorry")),
        ("empty", Response::new(200).body("application/wasm", "")),
        ("a page", Response::html("<!doctype html><p>Not here")),
        ("half of it", Response::new(200).body("application/wasm", bytes.get(..half).unwrap_or_default())),
    ] {
        let asked = reader.site.requests(&reader.site.module()?);
        reader.site.put(&path, response);
        opens_with_one_warning(reader, page().charset("windows-1251"))
            .await
            .with_context(|| what.to_owned())?;
        check::equal(
            &format!("requests for the module when {what}"),
            reader.site.requests(&reader.site.module()?) - asked,
            1,
        )?;
    }
    Ok(())
}

/// One that would do the same, and is not the one that was pinned.
async fn ld_13_the_pinned_module_is_another(reader: &mut Reader) -> Result<()> {
    reader.allow(Trouble::Error);
    put_unmarked_script(reader)?;
    let path = reader.site.module()?;
    let mut bytes = reader.site.built(&path)?;
    // A section of its own name and no content, which no engine minds.
    bytes.extend([0, 2, 1, b'x']);
    reader.site.put(&path, Response::new(200).body("application/wasm", bytes.clone()));
    let code = opens_with_one_warning(reader, page().charset("windows-1251")).await?;
    check::equal("the code", code.as_str(), "damaged")?;
    // It is one that can be run.
    let sound = "fetch(PATH).then(it => it.arrayBuffer()).then(it => WebAssembly.validate(it))"
        .replace("PATH", &json!(path).to_string());
    check::json("it is sound", &reader.promised(&sound).await?, &json!(true))
}

async fn ld_12_the_script_from_another_origin(reader: &mut Reader) -> Result<()> {
    let cdn = Site::start()?;
    let tag = script(&closed()).replace("/tollgate.js", &cdn.url("/tollgate.js"));
    works(reader, page().tag_written(&tag)).await?;
    check::equal("the script came from there", cdn.requests("/tollgate.js"), 1)?;
    check::equal("and not from here", reader.site.requests("/tollgate.js"), 0)
}

async fn ld_15_webassembly_deleted(reader: &mut Reader) -> Result<()> {
    without_the_twin(reader)?;
    let code = opens_with_one_warning(reader, page().before_tag(DELETED)).await?;
    check::equal("the code", code.as_str(), "no-wasm")
}

async fn ld_15_webassembly_switched_off(reader: &mut Reader) -> Result<()> {
    without_the_twin(reader)?;
    let code = opens_with_one_warning(reader, page()).await?;
    check::equal("the code", code.as_str(), "no-wasm")?;
    reader.is("there is none here", "typeof WebAssembly", "undefined").await
}

async fn ld_17_webassembly_throws(reader: &mut Reader) -> Result<()> {
    without_the_twin(reader)?;
    opens_with_one_warning(reader, page().before_tag(THROWING)).await?;
    let odd = "<script>WebAssembly.Instance = function () { throw 'a string' }; \
               WebAssembly.instantiate = () => Promise.reject(undefined)</script>";
    opens_with_one_warning(reader, page().before_tag(odd)).await?;
    Ok(())
}

async fn ld_21_a_host_that_wraps_everything(reader: &mut Reader) -> Result<()> {
    let zone = "<script>{
        const wrapped = new WeakMap();
        const wrap = fn => { if (typeof fn !== 'function') return fn;
            if (!wrapped.has(fn)) wrapped.set(fn, function (...args) { return fn.apply(this, args) }); return wrapped.get(fn) };
        const add = EventTarget.prototype.addEventListener, remove = EventTarget.prototype.removeEventListener;
        EventTarget.prototype.addEventListener = function (name, fn, ...rest) { return add.call(this, name, wrap(fn), ...rest) };
        EventTarget.prototype.removeEventListener = function (name, fn, ...rest) { return remove.call(this, name, wrap(fn), ...rest) };
        for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'queueMicrotask']) {
            const original = window[name];
            window[name] = (fn, ...rest) => original.call(window, wrap(fn), ...rest);
        }
        const fetched = window.fetch; window.fetch = (...args) => fetched.apply(window, args);
        window.Promise = class ZonePromise extends Promise {};
        Array.prototype.toJSON = function () { return 'prototype.js was here' };
        Array.prototype.extra = 1; Object.prototype.extra = 1;
    }</script>";
    // The host's `toJSON` reaches the witness too: only what it leaves alone is asked for.
    reads_until_gated(reader, zone).await?;
    reader
        .is(
            "the saving",
            "witness.overlayRoot().querySelector('[part~=saving]').textContent.trim()",
            "Save $14.90 a year",
        )
        .await?;
    reader.escape().await
}

/// The built script's integrity, as the browser works it out.
pub(super) async fn integrity(reader: &mut Reader) -> Result<String> {
    reader.site.page(Page::plain("/"));
    reader.open("/").await?;
    let digest = "fetch('/tollgate.js').then(response => response.arrayBuffer())\
                  .then(bytes => crypto.subtle.digest('SHA-384', bytes))\
                  .then(hash => 'sha384-' + btoa(String.fromCharCode(...new Uint8Array(hash))))";
    Ok(reader.promised(digest).await?.as_str().context("a digest")?.to_owned())
}

/// The page whose tag is pinned to an integrity.
pub(super) fn pinned(integrity: &str) -> Page {
    pinned_with(integrity, &closed())
}

/// The same with these attributes.
pub(super) fn pinned_with(integrity: &str, attributes: &str) -> Page {
    page().tag_written(&script(&format!("integrity=\"{integrity}\" {attributes}")))
}

async fn ld_28_integrity_right_and_wrong(reader: &mut Reader) -> Result<()> {
    let right = integrity(reader).await?;
    works(reader, pinned(&right)).await?;
    // The browser itself refuses the file and reports it; nothing of ours runs.
    reader.allow(Trouble::Error);
    reader.site.page(pinned("sha384-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    reader.open("/story/first").await?;
    reader.is("nothing of ours ran", "typeof window.tollgate", "undefined").await?;
    reader.is_open("first").await
}

async fn the_script_is_missing(reader: &mut Reader) -> Result<()> {
    reader.site.put("/tollgate.js", Response::new(404));
    let queue = "<script>(window.tollgate = window.tollgate || []).push(() => {})</script>";
    reader.site.page(Page::article("first").tag(SEED).before_tag(queue));
    reader.open("/story/first").await?;
    reader.scroll().await?;
    reader.is_open("first").await?;
    reader.is("the queue is still an array", "Array.isArray(window.tollgate)", true).await
}
