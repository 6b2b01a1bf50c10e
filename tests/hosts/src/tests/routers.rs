//! Sites whose pages a router changes within one load: Turbo, Astro's ClientRouter, React Router and Vue Router, the real
//! ones. Each walk is taken twice: without our tag, to see what the router makes of the page, and with it.

use super::spa::{decided, gated, open};
use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, script, seed_with_all};
use crate::reader::Reader;
use anyhow::Result;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use tollgate_serve::Response;

tests! {
    turbo_goes_on: ALL, Ordinary;
    turbo_with_the_tag_in_the_body: ALL, Ordinary;
    turbo_waits_for_a_slow_page: ALL, Ordinary;
    turbo_goes_back_to_what_it_has_not_kept: ALL, Ordinary;
    turbo_shows_a_preview: ALL, Ordinary;
    turbo_loads_the_same_page_again: ALL, Ordinary;
    cn_25_astro: ALL, Ordinary;
    cn_25_astro_waits_for_a_slow_page: ALL, Ordinary;
    react_router: ALL, Ordinary;
    react_router_in_strict_mode: ALL, Ordinary;
    react_router_waits_for_a_slow_loader: ALL, Ordinary;
    cn_19_react_router_names_the_article_later: ALL, Ordinary;
    vue_router: ALL, Ordinary;
    vue_router_keeps_what_is_left: ALL, Ordinary;
    vue_router_waits_for_a_slow_story: ALL, Ordinary;
    cn_22_vue_router_by_fragments: ALL, Ordinary;
}

const PARAGRAPHS: usize = 8;

/// A site of one router.
struct Router {
    /// Its bundle.
    script: &'static str,
    /// Attributes on the place of the site's own application; `None` where the server renders each page.
    place: Option<&'static str>,
    /// Whether our tag stands in the body.
    in_body: bool,
    /// Whether the address changes before the new page is there.
    address_first: bool,
    /// Attributes of our tag besides the usual.
    tag: &'static str,
    /// What a story's address begins with.
    stories: &'static str,
}

const TURBO: Router = Router {
    script: "turbo.js",
    place: None,
    in_body: false,
    address_first: false,
    tag: "",
    stories: "/story/",
};
const ASTRO: Router = Router { script: "astro.js", ..TURBO };
const REACT: Router = Router { script: "react-router.js", place: Some(""), ..TURBO };
const VUE: Router = Router { script: "vue-router.js", place: Some(""), address_first: true, ..TURBO };

impl Router {
    /// Puts the site's pages up, with our tag or without.
    fn put(&self, reader: &Reader, with_us: bool) -> Result<()> {
        reader.site.put_from_npm("/framework.js", self.script)?;
        for slug in ["first", "second", "third"] {
            let data = json!({ "slug": slug, "count": PARAGRAPHS });
            let answer = Response::new(200).body("application/json", data.to_string());
            reader.site.put(&format!("/data/{slug}"), answer);
            reader.site.page(self.page(Page::article(slug), slug, with_us));
        }
        reader.site.page(self.page(Page::front("/"), "", with_us));
        reader.site.page(self.page(Page::front("/app"), "", with_us).no_canonical());
        Ok(())
    }

    fn page(&self, page: Page, slug: &str, with_us: bool) -> Page {
        let tag = if with_us {
            let own = seed_with_all(&[("data-limit", "1"), ("data-steps", "subscribe")]);
            script(&format!("{own} {}", self.tag))
        } else {
            String::new()
        };
        let (in_head, at_the_end) = if self.in_body { ("", tag.as_str()) } else { (tag.as_str(), "") };
        // Where the site names its stories otherwise than by their addresses, it has served this one so.
        let archived = self.place.is_some_and(|place| place.contains("data-late"));
        let page = if archived { page.canonical(&format!("/archive/{slug}")) } else { page };
        page.before_tag(&self.head(slug)).tag_written(in_head).body(&self.body(slug)).last(at_the_end)
    }

    /// What the site has in the head of its pages.
    fn head(&self, slug: &str) -> String {
        match self.script {
            "astro.js" => "<meta name=\"astro-view-transitions-enabled\" content=\"true\">\
                 <meta name=\"astro-view-transitions-fallback\" content=\"animate\">\
                 <script type=\"module\" src=\"/framework.js\"></script>"
                .to_owned(),
            "react-router.js" => {
                let data = json!({ "slug": slug, "count": PARAGRAPHS });
                let data = json!({ "loaderData": { "story": data }, "actionData": null, "errors": null });
                format!(
                    "<script>window.__staticRouterHydrationData = {data}</script>\
                     <script defer src=\"/framework.js\"></script>"
                )
            }
            "vue-router.js" => {
                let data =
                    json!({ "slug": if slug.is_empty() { "first" } else { slug }, "count": PARAGRAPHS });
                let is_rendered_here = self.stories.contains('#');
                let served = if slug.is_empty() && !is_rendered_here { Value::Null } else { data };
                format!(
                    "<script>window.SERVED = {served}</script><script defer src=\"/framework.js\"></script>"
                )
            }
            _ => "<script defer src=\"/framework.js\"></script>".to_owned(),
        }
    }

    /// What the site has in the body of its pages: where an application takes it over, to the letter what that renders.
    fn body(&self, slug: &str) -> String {
        let mut nav = "<nav>".to_owned();
        for name in ["front", "first", "second", "third"] {
            let path = if name == "front" { "/".to_owned() } else { format!("/story/{name}") };
            let more = match self.script {
                "react-router.js" => " data-discover=\"true\"",
                "vue-router.js" if name == slug => {
                    " class=\"router-link-active router-link-exact-active\" aria-current=\"page\""
                }
                _ => "",
            };
            let _ = write!(nav, "<a id=\"to-{name}\" href=\"{path}\"{more}>{name}</a>");
        }
        nav.push_str("</nav>");
        let mut main = if slug.is_empty() {
            "<main id=\"front\"><h1>The Test Post</h1></main>".to_owned()
        } else {
            format!("<main><article><h1>The {slug} story</h1><div class=\"body\">")
        };
        if !slug.is_empty() {
            for n in 1..=PARAGRAPHS {
                let _ = write!(main, "<p id=\"p{n}\">{slug}-paragraph-{n}. It was a <em>plain</em> day.</p>");
            }
            main.push_str("</div></article></main>");
        }
        match self.place {
            None => format!("{nav}{main}"),
            Some(place) if place.contains("data-hash") => format!("<div id=\"app\" {place}></div>"),
            Some(place) if self.script == "vue-router.js" => {
                format!("<div id=\"app\" {place}><div>{nav}{main}</div></div>")
            }
            Some(place) => format!("<div id=\"app\" {place}>{nav}{main}</div>"),
        }
    }

    /// The path from which a story is fetched.
    fn source(&self, slug: &str) -> String {
        if self.place.is_some() { format!("/data/{slug}") } else { format!("/story/{slug}") }
    }

    /// Opens a story, as the first page of this load.
    async fn open(&self, reader: &mut Reader, slug: &str) -> Result<()> {
        if self.stories.contains('#') {
            // From the same site's page it would be no load.
            reader.open_address("about:blank").await?;
        }
        reader.open(&format!("{}{slug}", self.stories)).await?;
        reader.wait_for("the router runs", "!!window.framework").await
    }
}

/// Follows one of the links that the router has taken over. (Where an overlay is open, as a script of the page's would.)
async fn follow(reader: &Reader, name: &str) -> Result<()> {
    go(reader, &format!("document.getElementById('to-{name}').click()")).await
}

/// Goes on by a script of the page's, when the page before has come to rest: Astro leaves a rejection behind where not.
async fn go(reader: &Reader, script: &str) -> Result<()> {
    let at_rest = "!document.documentElement.hasAttribute('data-astro-transition')";
    reader.wait_for("no transition is going on", at_rest).await?;
    reader.js::<Value>(script).await?;
    Ok(())
}

/// The page of this name is on the screen, as far as its router is concerned.
async fn shows(reader: &Reader, name: &str) -> Result<()> {
    let shown = match name {
        "front" => "!!document.getElementById('front')".to_owned(),
        slug => format!("(document.querySelector('h1') || {{}}).textContent === 'The {slug} story'"),
    };
    reader.wait_for(&format!("the router shows {name}"), &shown).await
}

/// The body, but for our own tag, what a router says to those who hear the page, and classes that once were some.
const BODY: &str = "(() => { const body = document.body.cloneNode(true); \
    for (const it of body.querySelectorAll('script[src*=tollgate], .astro-route-announcer')) it.remove(); \
    return body.outerHTML.replace(/\\s+/g, ' ').replaceAll(' class=\"\"', '') })()";

/// Nothing of ours is on the page, which is as the router makes it without us.
async fn as_without_us(reader: &Reader, body: &Value) -> Result<()> {
    reader.wait_for("nothing of ours", "document.querySelector('tollgate-gate') === null").await?;
    reader.is("no style of ours", "document.querySelectorAll('[style]').length", 0).await?;
    same_markup(&reader.value(BODY).await?, body)
}

/// Two bodies are the same; else what is around the first difference.
fn same_markup(seen: &Value, expected: &Value) -> Result<()> {
    let (seen, expected) = (seen.as_str().unwrap_or_default(), expected.as_str().unwrap_or_default());
    let same = seen.chars().zip(expected.chars()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| text.chars().skip(same.saturating_sub(60)).take(160).collect::<String>();
    check::equal("the body, where it differs", around(seen), around(expected))
}

/// Nobody had anything to say: neither the router nor the browser.
async fn in_peace(reader: &mut Reader) -> Result<()> {
    reader.settle().await?;
    check::equal("warnings", reader.noted("console.warn").await, Vec::<String>::new())
}

/// The walk without us: the bodies of the first story, come back to, and of the front page.
async fn without_us(reader: &mut Reader, router: &Router) -> Result<(Value, Value)> {
    router.put(reader, false)?;
    router.open(reader, "first").await?;
    shows(reader, "first").await?;
    reader.js::<Value>("window.oneLoad = true").await?;
    follow(reader, "second").await?;
    shows(reader, "second").await?;
    go(reader, "history.back()").await?;
    shows(reader, "first").await?;
    let first = reader.value(BODY).await?;
    follow(reader, "front").await?;
    shows(reader, "front").await?;
    let front = reader.value(BODY).await?;
    reader.is("all in one load", "window.oneLoad", true).await?;
    in_peace(reader).await?;
    Ok((first, front))
}

/// One free article read, the next gated; back and forth, away from the articles and back: all in one load.
async fn walk(reader: &mut Reader, router: &Router) -> Result<()> {
    let (first_body, front_body) = without_us(reader, router).await?;
    router.put(reader, true)?;
    router.open(reader, "first").await?;
    let first = open(reader, "first", 1).await?;
    reader.js::<Value>("window.oneLoad = true").await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.ledger_has(1).await?;

    follow(reader, "second").await?;
    let second = gated(reader, "second", 2).await?;
    check::that("another article", first != second)?;

    go(reader, "history.back()").await?;
    check::equal("the first again", open(reader, "first", 3).await?, first.clone())?;
    as_without_us(reader, &first_body).await?;

    go(reader, "history.forward()").await?;
    check::equal("the second again", gated(reader, "second", 4).await?, second.clone())?;
    reader.escape().await?;

    follow(reader, "front").await?;
    shows(reader, "front").await?;
    as_without_us(reader, &front_body).await?;
    reader.is("the page is let go", "document.documentElement.getAttribute('style')", Value::Null).await?;
    reader.is("decisions in this load", "witness.decisions().length", 4).await?;

    go(reader, "history.back()").await?;
    check::equal("the second again", gated(reader, "second", 5).await?, second)?;
    // From under the open overlay.
    follow(reader, "first").await?;
    check::equal("the first again", open(reader, "first", 6).await?, first)?;
    as_without_us(reader, &first_body).await?;

    reader.ledger_has(1).await?;
    reader.is("all in one load", "window.oneLoad", true).await?;
    check::equal("ready once", reader.events("ready").await.len(), 1)?;
    in_peace(reader).await
}

/// While the next page is on its way, the old one stays what it is; where the address is already the next one's, it is open.
async fn slow(reader: &mut Reader, router: &Router) -> Result<()> {
    const NO_GATE: &str = "document.querySelector('tollgate-gate') === null";
    let (on_its_way, time) = (Duration::from_millis(1_100), Duration::from_millis(2_200));
    router.put(reader, true)?;
    router.open(reader, "first").await?;
    open(reader, "first", 1).await?;
    reader.scroll().await?;
    reader.counted().await?;
    reader.site.slow(&router.source("third"), time);
    follow(reader, "third").await?;
    let there =
        format!("location.pathname === '/story/{}'", if router.address_first { "third" } else { "first" });
    reader.wait_for("the address", &there).await?;
    let whole = format!(
        "{there} && witness.paragraphs('first') === '11111111' && {NO_GATE} && witness.decisions().length === 1"
    );
    reader.stays("the old story is open", &whole, on_its_way).await?;
    gated(reader, "third", 2).await?;

    router.open(reader, "second").await?;
    gated(reader, "second", 1).await?;
    follow(reader, "third").await?;
    if router.address_first {
        let open = format!("witness.paragraphs('second') === '11111111' && {NO_GATE}");
        reader.wait_for("the old gate is gone", &open).await?;
        reader.stays("the old story is open", &open, on_its_way / 2).await?;
    } else {
        let locked = "witness.paragraphs('second') === '11100000' && witness.overlayOpen()";
        reader.stays("the old story is gated", locked, on_its_way).await?;
    }
    gated(reader, "third", 2).await?;
    reader.ledger_has(1).await?;
    in_peace(reader).await
}

async fn turbo_goes_on(reader: &mut Reader) -> Result<()> {
    walk(reader, &TURBO).await?;
    what_turbo_kept(reader).await
}

async fn turbo_with_the_tag_in_the_body(reader: &mut Reader) -> Result<()> {
    walk(reader, &Router { in_body: true, ..TURBO }).await?;
    what_turbo_kept(reader).await
}

/// What Turbo took from its cache had nothing of ours in it, and no text was missing.
async fn what_turbo_kept(reader: &Reader) -> Result<()> {
    let kept: Vec<Value> = reader.js("return bodies").await?;
    check::that(&format!("{} bodies", kept.len()), kept.len() >= 6)?;
    for one in kept {
        let body = one["body"].as_str().unwrap_or_default();
        let path = one["path"].as_str().unwrap_or_default();
        check::that(&format!("no gate in {path}: {body}"), !body.contains("tollgate-gate"))?;
        check::that(&format!("no style in {path}: {body}"), !body.contains("style="))?;
        if let Some(slug) = path.strip_prefix("/story/") {
            check::contains("its last paragraph", body, &format!("{slug}-paragraph-{PARAGRAPHS}."))?;
        }
    }
    Ok(())
}

async fn turbo_waits_for_a_slow_page(reader: &mut Reader) -> Result<()> {
    slow(reader, &TURBO).await
}

/// Back to a page that Turbo has not kept: its address comes first, the page later.
async fn turbo_goes_back_to_what_it_has_not_kept(reader: &mut Reader) -> Result<()> {
    TURBO.put(reader, true)?;
    TURBO.open(reader, "first").await?;
    let first = open(reader, "first", 1).await?;
    reader.scroll().await?;
    reader.counted().await?;
    follow(reader, "second").await?;
    gated(reader, "second", 2).await?;
    reader.js::<Value>("framework.cache.clear()").await?;
    reader.site.slow("/story/first", Duration::from_millis(2_200));
    go(reader, "history.back()").await?;
    let open_ = "location.pathname === '/story/first' && witness.paragraphs('second') === '11111111' \
                 && document.querySelector('tollgate-gate') === null";
    reader.wait_for("the old gate is gone", open_).await?;
    reader.stays("the old story is open", open_, Duration::from_millis(900)).await?;
    check::equal("the first again", open(reader, "first", 3).await?, first)?;
    reader.ledger_has(1).await?;
    in_peace(reader).await
}

/// A link to a page that Turbo has kept shows that at once, until the page itself is there: gated all along.
async fn turbo_shows_a_preview(reader: &mut Reader) -> Result<()> {
    TURBO.put(reader, true)?;
    TURBO.open(reader, "first").await?;
    let first = open(reader, "first", 1).await?;
    reader.scroll().await?;
    reader.counted().await?;
    follow(reader, "second").await?;
    let second = gated(reader, "second", 2).await?;
    follow(reader, "first").await?;
    shows(reader, "first").await?;
    reader.wait_for("no preview", "!document.documentElement.hasAttribute('data-turbo-preview')").await?;
    let last = "witness.decisions().pop()";
    reader
        .wait_for("the first again", &format!("{last}.article === '{first}' && {last}.name === 'granted'"))
        .await?;
    reader.is_open("first").await?;

    reader.site.slow("/story/second", Duration::from_millis(2_500));
    follow(reader, "second").await?;
    let preview = "document.documentElement.hasAttribute('data-turbo-preview')";
    reader.wait_for("the preview", preview).await?;
    reader
        .wait_for("it is gated", &format!("{preview} && witness.paragraphs('second') === '11100000'"))
        .await?;
    reader.wait_for("the page itself is there", &format!("!{preview}")).await?;
    let locked = "witness.paragraphs('second') === '11100000' && witness.overlayOpen()";
    reader.wait_for("it is gated", locked).await?;
    reader.stays("and stays so", locked, Duration::from_millis(700)).await?;
    reader
        .is("one gate", "[witness.hosts('inline').length, witness.hosts('overlay').length]", json!([1, 1]))
        .await?;
    reader.is("the second again", &format!("{last}.article"), second).await?;
    reader.ledger_has(1).await?;
    in_peace(reader).await
}

/// A link to the page itself: its text comes anew, and is gated, or counted, as it was.
async fn turbo_loads_the_same_page_again(reader: &mut Reader) -> Result<()> {
    TURBO.put(reader, true)?;
    TURBO.open(reader, "first").await?;
    open(reader, "first", 1).await?;
    reader.scroll().await?;
    reader.counted().await?;
    // Each load of a page replaces the paragraphs.
    let again = "window.old = document.getElementById('p1'); 0";
    let anew = "!old.isConnected && !document.documentElement.hasAttribute('aria-busy')";
    reader.js::<Value>(again).await?;
    follow(reader, "first").await?;
    reader.wait_for("it was loaded again", anew).await?;
    let open_ =
        "witness.paragraphs('first') === '11111111' && document.querySelector('tollgate-gate') === null";
    reader.stays("it stays open", open_, Duration::from_millis(900)).await?;

    follow(reader, "second").await?;
    reader.overlay().await?;
    reader.escape().await?;
    reader.js::<Value>(again).await?;
    follow(reader, "second").await?;
    reader.wait_for("it was loaded again", anew).await?;
    reader.wait_for("it is gated", "witness.paragraphs('second') === '11100000'").await?;
    reader.wait_for("with its gate", "witness.hosts('inline').length === 1").await?;
    reader.ledger_has(1).await?;
    in_peace(reader).await
}

async fn cn_25_astro(reader: &mut Reader) -> Result<()> {
    walk(reader, &ASTRO).await
}

async fn cn_25_astro_waits_for_a_slow_page(reader: &mut Reader) -> Result<()> {
    slow(reader, &ASTRO).await
}

async fn react_router(reader: &mut Reader) -> Result<()> {
    walk(reader, &REACT).await
}

async fn react_router_in_strict_mode(reader: &mut Reader) -> Result<()> {
    walk(reader, &Router { place: Some("data-strict=\"1\" data-keyed=\"1\""), ..REACT }).await
}

async fn react_router_waits_for_a_slow_loader(reader: &mut Reader) -> Result<()> {
    slow(reader, &REACT).await
}

/// The next story's canonical address is set by an effect, 100 ms later, and is not its address: it is what counts.
async fn cn_19_react_router_names_the_article_later(reader: &mut Reader) -> Result<()> {
    let router = Router { place: Some("data-late=\"/archive/\""), ..REACT };
    router.put(reader, true)?;
    reader.site.page(Page::article("elsewhere").canonical("/archive/second"));
    reader.open("/story/elsewhere").await?;
    let archived = decided(reader, 1, "granted").await?;
    router.open(reader, "first").await?;
    open(reader, "first", 1).await?;
    reader.scroll().await?;
    reader.counted().await?;
    follow(reader, "second").await?;
    check::equal("the article", gated(reader, "second", 2).await?, archived)?;
    in_peace(reader).await
}

async fn vue_router(reader: &mut Reader) -> Result<()> {
    walk(reader, &VUE).await
}

async fn vue_router_keeps_what_is_left(reader: &mut Reader) -> Result<()> {
    walk(reader, &Router { place: Some("data-keep=\"1\""), ..VUE }).await
}

async fn vue_router_waits_for_a_slow_story(reader: &mut Reader) -> Result<()> {
    slow(reader, &VUE).await
}

/// Where the addresses of a site's stories are fragments, and the tag says so.
async fn cn_22_vue_router_by_fragments(reader: &mut Reader) -> Result<()> {
    let router =
        Router { place: Some("data-hash=\"1\""), tag: "data-hash-routing", stories: "/app#/story/", ..VUE };
    walk(reader, &router).await
}
