//! What the publisher's code sees: the object on `window`, its events, analytics, and the page's own elements.

use super::tests;
use crate::check;
use crate::engine::ALL;
use crate::page::{Page, SEED, seed_with, seed_with_all};
use crate::reader::{Reader, Trouble};
use anyhow::Result;
use serde_json::{Value, json};

tests! {
    the_queue_and_the_object_take_the_same_calls: ALL, Ordinary;
    listeners_by_on_once_and_off: ALL, Ordinary;
    who_listens_late_gets_the_last_event: ALL, Ordinary;
    a_listener_that_throws_harms_nobody: ALL, Ordinary;
    beforeshow_prevents_the_overlay_and_not_the_gate: ALL, Ordinary;
    beforeshow_prevents_the_notice: ALL, Ordinary;
    set_config_begins_anew: ALL, Ordinary;
    set_config_keeps_what_is_stored_nowhere: ALL, Ordinary;
    set_config_keeps_what_the_page_has_said: ALL, Ordinary;
    set_config_tells_that_the_gate_is_gone: ALL, Ordinary;
    events_of_a_reader_who_has_used_up_the_free_reads: ALL, Ordinary;
    the_page_brings_a_meter_of_its_own: ALL, Ordinary;
    set_language_changes_the_gates_words: ALL, Ordinary;
    analytics_go_to_the_data_layer: ALL, Ordinary;
    analytics_go_to_gtag: ALL, Ordinary;
    no_analytics_without_being_asked: ALL, Ordinary;
    elements_of_the_page_say_how_the_meter_stands: ALL, Ordinary;
    elements_of_the_page_lead_where_they_should: ALL, Ordinary;
    elements_that_come_later_work_too: ALL, Ordinary;
    a_page_of_its_own_buttons_without_a_gate: ALL, Ordinary;
}

fn queued(callback: &str) -> String {
    format!(
        "<script>window.heard = []; (window.tollgate = window.tollgate || []).push(function (t) {{ {callback} }})</script>"
    )
}

fn stories(reader: &Reader, tag: &str, before: &str) {
    for slug in ["first", "second", "third"] {
        reader.site.page(Page::article(slug).before_tag(before).tag(tag));
    }
}

async fn the_queue_and_the_object_take_the_same_calls(reader: &mut Reader) -> Result<()> {
    stories(reader, SEED, &queued("heard.push(typeof t.on, t === window.tollgate)"));
    reader.read("/story/first").await?;
    reader.is("before", "heard.join()", "function,true").await?;
    reader.js::<Value>("tollgate.push(t => heard.push(t.version))").await?;
    reader.is("now", "heard.length", 3).await?;
    let methods = "['push','on','once','off','show','hide','getMeter','getDecision','explain','setEntitlement','refresh','navigate','setConfig','setLanguage','consent','forget','destroy']";
    reader
        .is(
            "what is missing",
            &format!("{methods}.filter(name => typeof tollgate[name] !== 'function').join()"),
            "",
        )
        .await
}

async fn listeners_by_on_once_and_off(reader: &mut Reader) -> Result<()> {
    let before = "t.on('meter', m => heard.push('on ' + m.reads)); t.once('meter', m => heard.push('once ' + m.reads)); \
                  window.gone = () => heard.push('gone'); t.on('meter', gone); t.off('meter', gone)";
    stories(reader, SEED, &queued(before));
    reader.read("/story/first").await?;
    reader.is("what was heard", "heard.join()", "on 0,once 0,on 1").await?;
    reader.js::<Value>("tollgate.off('meter'); tollgate.forget()").await?;
    reader.wait_for("the meter began anew", "tollgate.getMeter().reads === 0").await?;
    reader.is("nothing more is heard", "heard.length", 3).await
}

async fn who_listens_late_gets_the_last_event(reader: &mut Reader) -> Result<()> {
    stories(reader, SEED, &queued(""));
    reader.read("/story/first").await?;
    reader
        .js::<Value>(
            "tollgate.on('ready', () => heard.push('ready')); tollgate.once('meter', m => heard.push('meter ' + m.reads)); \
             tollgate.on('granted', d => heard.push(d.grantReason)); tollgate.on('denied', () => heard.push('denied')); \
             tollgate.on('beforeshow', () => heard.push('beforeshow'))",
        )
        .await?;
    reader.is("what was heard", "heard.join()", "ready,meter 1,METERING").await?;
    reader.js::<Value>("tollgate.forget()").await?;
    reader.wait_for("it is granted anew", "heard.length > 3").await?;
    reader.is("once is over", "heard.filter(it => it.startsWith('meter')).length", 1).await
}

async fn a_listener_that_throws_harms_nobody(reader: &mut Reader) -> Result<()> {
    let before = "for (const name of ['meter', 'granted', 'denied', 'beforeshow', 'show', 'lock', 'ready']) { \
                  t.on(name, () => { throw new Error('theirs') }); t.on(name, () => heard.push(name)) }";
    stories(reader, &seed_with("data-limit", "0"), &queued(before));
    reader.allow(Trouble::Error);
    reader.open_gated("/story/first").await?;
    reader.is_locked("first").await?;
    reader
        .is("the others were called", "heard.sort().join()", "beforeshow,denied,lock,meter,ready,show")
        .await?;
    let errors = reader.noted("error").await;
    check::that(
        &format!("all that was thrown is theirs: {errors:?}"),
        !errors.is_empty() && errors.iter().all(|text| text.contains("theirs")),
    )?;
    reader.escape().await
}

async fn beforeshow_prevents_the_overlay_and_not_the_gate(reader: &mut Reader) -> Result<()> {
    let before = "t.on('beforeshow', (detail, event) => { heard.push(detail.surface, detail.gateReason, detail.step); if (!window.lets) event.preventDefault() })";
    stories(reader, &seed_with("data-limit", "0"), &queued(before));
    reader.open("/story/first").await?;
    reader.wait_for("it was asked", "heard.length > 0").await?;
    reader.is("about what", "heard.join()", "overlay,NO_FREE_READS,subscribe").await?;
    reader.wait_for("the inline gate is there", "witness.hosts('inline').length === 1").await?;
    reader.is_locked("first").await?;
    reader.is("no overlay", "witness.overlayOpen()", false).await?;
    reader
        .is("and none was told of", "witness.events('show').length + witness.events('hide').length", 0)
        .await?;
    reader
        .is("the page can be scrolled", "getComputedStyle(document.documentElement).overflow", "visible")
        .await?;
    // The reader asks for it, and now it may.
    reader.js::<Value>("window.lets = true; tollgate.show()").await?;
    reader.overlay().await?;
    reader.is("now it was told of", "witness.events('show').length", 1).await?;
    reader.escape().await
}

async fn beforeshow_prevents_the_notice(reader: &mut Reader) -> Result<()> {
    let listens = "<script>document.addEventListener('tollgate:beforeshow', event => { if (event.detail.surface === 'notice') event.preventDefault() })</script>";
    stories(reader, SEED, listens);
    reader.read("/story/first").await?;
    reader.is("no notice", "witness.hosts('notice').length + witness.events('show').length", 0).await?;
    reader.js::<Value>("tollgate.setEntitlement({ granted: true })").await?;
    reader.wait_for("it is granted", "tollgate.getDecision().grantReason === 'SUBSCRIBER'").await?;
    reader.is("nothing was hidden that never showed", "witness.events('hide').length", 0).await?;
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await
}

async fn set_config_begins_anew(reader: &mut Reader) -> Result<()> {
    stories(reader, SEED, "");
    reader.read("/story/first").await?;
    reader.open_gated("/story/second").await?;
    reader.js::<Value>("tollgate.setConfig({ limit: 3 })").await?;
    reader.wait_for("two more are free", "witness.paragraphs('second') === '11111111'").await?;
    reader.is("the limit", "tollgate.getMeter().limit", 3).await?;
    reader.is_open("second").await?;
    reader.is_untouched().await?;
    reader.scroll().await?;
    reader.wait_for("it counts", "tollgate.getMeter().reads === 2").await?;
    // And back: what was read stays read.
    reader
        .js::<Value>("tollgate.setConfig({ limit: 1, plans: [{ name: 'By the week', terms: '1/week' }] })")
        .await?;
    reader.wait_for("the limit", "tollgate.getMeter().limit === 1").await?;
    reader.is_open("second").await?;
    reader.js::<Value>("tollgate.forget()").await?;
    reader.js::<Value>("tollgate.setConfig({ limit: 0 })").await?;
    let overlay = reader.overlay().await?;
    check::contains("the plan of the new settings", &overlay.to_string(), "By the week")?;
    // Each visit of a page, whatever it sets, has its listeners once.
    reader.escape().await?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn set_config_keeps_what_is_stored_nowhere(reader: &mut Reader) -> Result<()> {
    stories(reader, &seed_with("data-consent", "required"), "");
    reader.read("/story/first").await?;
    reader
        .is("it is in memory alone", "JSON.stringify(localStorage) + JSON.stringify(sessionStorage)", "{}{}")
        .await?;
    let hears = "window.heard = []; document.addEventListener('tollgate:meter', ({ detail }) => heard.push(detail.reads))";
    reader.js::<Value>(hears).await?;
    reader.js::<Value>("tollgate.setConfig({ publication: 'Another' })").await?;
    reader.wait_for("it begins anew", "heard.length > 0").await?;
    // Counted again it would be one too, but not at first.
    reader.is("what was read stays read", "heard[0]", 1).await
}

async fn set_config_keeps_what_the_page_has_said(reader: &mut Reader) -> Result<()> {
    stories(
        reader,
        &seed_with("data-limit", "0"),
        &queued("t.setEntitlement({ granted: true, tier: 'subscriber' })"),
    );
    reader.open("/story/first").await?;
    reader.granted().await?;
    reader.js::<Value>("tollgate.setConfig({ publication: 'Another' })").await?;
    reader.wait_for("it was decided again", "witness.events('granted').length === 2").await?;
    reader
        .is("no gate on the way", "witness.events('denied').length + witness.events('lock').length", 0)
        .await
}

async fn set_config_tells_that_the_gate_is_gone(reader: &mut Reader) -> Result<()> {
    stories(
        reader,
        &seed_with("data-limit", "0"),
        &queued(
            "for (const name of ['show', 'hide', 'release', 'dismiss']) t.on(name, ({ surface }) => heard.push(name + ' ' + surface))",
        ),
    );
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("tollgate.setConfig({ limit: 5 })").await?;
    reader.wait_for("it is open", "tollgate.getDecision().granted").await?;
    reader.is("what was told", "heard.join()", "show overlay,hide overlay,release inline").await?;
    reader.is_open("first").await?;
    // Gated again by other settings, and by others still.
    reader.js::<Value>("heard.length = 0; tollgate.setConfig({ limit: 0 })").await?;
    reader.overlay().await?;
    reader.js::<Value>("tollgate.setConfig({ publication: 'Another' })").await?;
    reader.wait_for("it shows again", "heard.length === 4").await?;
    reader.overlay().await?;
    reader
        .is("what was told", "heard.join()", "show overlay,hide overlay,release inline,show overlay")
        .await?;
    reader.escape().await
}

async fn events_of_a_reader_who_has_used_up_the_free_reads(reader: &mut Reader) -> Result<()> {
    let names = "['granted', 'denied', 'ready', 'meter', 'expired', 'lock', 'show', 'seen']";
    let listens = format!(
        "for (const name of {names}) t.on(name, detail => heard.push(name + (detail && detail.surface ? ' ' + detail.surface : '')))"
    );
    stories(reader, SEED, &queued(&listens));
    reader.read("/story/first").await?;
    reader.is("not expired", "heard.includes('expired')", false).await?;
    reader.wait_for("the notice is seen", "heard.includes('seen notice')").await?;
    reader.open_gated("/story/second").await?;
    reader.wait_for("the overlay is seen", "heard.includes('seen overlay')").await?;
    reader
        .is(
            "in their order",
            "heard.filter(name => !name.startsWith('seen')).join()",
            "denied,ready,meter,expired,lock inline,show overlay",
        )
        .await?;
    reader.js::<Value>("window.detail = null; tollgate.on('expired', it => (window.detail = it))").await?;
    reader.is("with the meter", "[detail.reads, detail.readsLeft, detail.limit].join()", "1,0,1").await?;
    reader.escape().await?;
    reader
        .js::<Value>("document.querySelector('tollgate-gate[data-tollgate-surface=inline]').scrollIntoView()")
        .await?;
    reader.wait_for("the inline gate is seen", "heard.includes('seen inline')").await?;
    reader.is("each once", "heard.filter(name => name.startsWith('seen')).length", 2).await
}

/// AMP's answer with `data`, from the page's own code.
async fn the_page_brings_a_meter_of_its_own(reader: &mut Reader) -> Result<()> {
    let answer = "granted: false, data: { isLoggedIn: true, articlesRead: 4, articleLimit: 5 }";
    stories(reader, SEED, &queued(&format!("t.setEntitlement({{ {answer} }})")));
    reader.open("/story/first").await?;
    reader
        .wait_for("by the page's meter", "tollgate.getDecision() && tollgate.getDecision().limit === 5")
        .await?;
    reader
        .is("open", "[tollgate.getDecision().granted, tollgate.getDecision().tier].join()", "true,registered")
        .await?;
    let over = answer.replace("articlesRead: 4", "articlesRead: 5");
    stories(reader, SEED, &queued(&format!("t.setEntitlement(Promise.resolve({{ {over} }}))")));
    reader.open_gated("/story/second").await?;
    reader.is_locked("second").await?;
    // What can't be written down says nothing: fail open.
    reader
        .js::<Value>("const data = {}; data.data = data; tollgate.setEntitlement({ granted: false, data })")
        .await?;
    reader.wait_for("nothing is known", "tollgate.getDecision().grantReason === 'FALLBACK'").await?;
    reader.is_open("second").await
}

async fn set_language_changes_the_gates_words(reader: &mut Reader) -> Result<()> {
    stories(reader, &seed_with("data-limit", "0"), "");
    reader.open_gated("/story/first").await?;
    reader.js::<Value>("tollgate.setLanguage('de')").await?;
    reader
        .wait_for("the gate is in German", "witness.hosts('overlay').some(host => host.lang === 'de')")
        .await?;
    reader.overlay().await?;
    reader.escape().await?;
    reader.is_locked("first").await
}

/// What analytics got of our events: names and some values, flat.
const LAYER: &str = "dataLayer.map(it => it.event).filter(it => it && it.startsWith('tollgate_')).join()";

async fn analytics_go_to_the_data_layer(reader: &mut Reader) -> Result<()> {
    stories(
        reader,
        &seed_with_all(&[("data-analytics", "datalayer"), ("data-limit", "0")]),
        "<script>window.dataLayer = [{ theirs: 1 }]</script>",
    );
    reader.open_gated("/story/first").await?;
    reader.wait_for("the overlay is told of", "dataLayer.some(it => it.event === 'tollgate_show')").await?;
    let seen = "dataLayer.filter(it => it.event === 'tollgate_seen').map(it => it.tollgate_surface).join()";
    reader.wait_for("that it is seen is told of", &format!("{seen} !== ''")).await?;
    reader
        .is(
            "in order",
            LAYER,
            "tollgate_denied,tollgate_ready,tollgate_meter,tollgate_lock,tollgate_beforeshow,tollgate_show,tollgate_seen",
        )
        .await?;
    reader.is("what is behind it is not seen", seen, "overlay").await?;
    reader.is("theirs stays", "dataLayer[0].theirs", 1).await?;
    reader
        .is(
            "it is flat",
            "dataLayer.every(it => Object.values(it).every(value => typeof value !== 'object'))",
            true,
        )
        .await?;
    reader
        .is(
            "what is told of the gate",
            "(({ tollgate_reason, tollgate_step, reads, limit, reads_left, non_interaction }) => [tollgate_reason, tollgate_step, reads, limit, reads_left, non_interaction].join())(dataLayer.find(it => it.event === 'tollgate_denied'))",
            "NO_FREE_READS,subscribe,0,0,0,true",
        )
        .await?;
    reader.escape().await?;
    reader
        .wait_for(
            "the reader closed it",
            "dataLayer.some(it => it.event === 'tollgate_dismiss' && it.non_interaction === false)",
        )
        .await?;
    reader.wait_for("now it is", &format!("{seen} === 'overlay,inline'")).await
}

async fn analytics_go_to_gtag(reader: &mut Reader) -> Result<()> {
    // With Google's function there, and without it (its library comes later): the form it reads.
    stories(
        reader,
        &seed_with_all(&[("data-analytics", "gtag"), ("data-limit", "0")]),
        "<script>window.got = []; window.gtag = (...all) => got.push(all)</script>",
    );
    reader.open_gated("/story/first").await?;
    reader.wait_for("it is told", "got.some(([kind, name, values]) => kind === 'event' && name === 'tollgate_show' && values.tollgate_surface === 'overlay')").await?;
    reader.escape().await?;
    reader.site.page(
        Page::article("second").tag(&seed_with_all(&[("data-analytics", "gtag"), ("data-limit", "0")])),
    );
    reader.open_gated("/story/second").await?;
    reader.wait_for("it waits for its library", "Array.from(window.dataLayer || []).some(it => Object.prototype.toString.call(it) === '[object Arguments]' && it[0] === 'event' && it[1] === 'tollgate_show')").await?;
    // One that throws is the page's own.
    reader.allow(Trouble::Error);
    reader.site.page(
        Page::article("third")
            .tag(&seed_with_all(&[("data-analytics", "gtag"), ("data-limit", "0")]))
            .before_tag("<script>window.gtag = () => { throw new Error('theirs') }</script>"),
    );
    reader.open_gated("/story/third").await?;
    reader.is_locked("third").await
}

async fn no_analytics_without_being_asked(reader: &mut Reader) -> Result<()> {
    stories(
        reader,
        &seed_with_all(&[("data-limit", "0")]),
        "<script>window.gtag = () => { window.called = true }</script>",
    );
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    reader.is("nothing was told", "[window.called, window.dataLayer].join()", ",").await?;
    check::equal("nor was that script fetched", reader.site.requests(&reader.site.connect()?), 0)
}

/// A page with elements of its own, above the story.
fn with_elements(elements: &str) -> String {
    let paragraphs: String = (1..=8)
        .map(|nth| format!("<p>first-paragraph-{nth}. Some words of prose, a line or two of them.</p>"))
        .collect();
    format!(
        "<div id=\"own\">{elements}</div><article><h1>First</h1><div class=\"body\">{paragraphs}</div></article>"
    )
}

async fn elements_of_the_page_say_how_the_meter_stands(reader: &mut Reader) -> Result<()> {
    let own = "<p lang=\"de\">Noch <b data-tollgate-text=\"reads-left\">einige</b> von <b data-tollgate-text=\"limit\">-</b>, gelesen <b data-tollgate-text=\"reads\"><i>x</i></b>, \
               neu am <b data-tollgate-text=\"resets\">-</b> <b data-tollgate-text=\"nonsense\">stays</b></p>";
    reader.site.page(Page::article("first").body(&with_elements(own)).tag(&seed_with("data-limit", "1000")));
    reader.read("/story/first").await?;
    reader.wait_for("all is filled in", "document.getElementById('own').textContent.includes('999')").await?;
    let text = reader.value("document.getElementById('own').textContent.replace(/\\s+/g, ' ')").await?;
    check::json("the text", &text, &json!("Noch 999 von 1.000, gelesen 1, neu am 1. Juni stays"))?;
    reader.js::<Value>("tollgate.destroy()").await?;
    reader.is_untouched().await
}

async fn elements_of_the_page_lead_where_they_should(reader: &mut Reader) -> Result<()> {
    let own = "<a href=\"/elsewhere\" data-tollgate-action=\"subscribe\" data-tollgate-plan=\"annual-access\" id=\"a\">Subscribe</a> \
               <button data-tollgate-action=\"login\" id=\"b\"><span>Log in</span></button> \
               <button data-tollgate-action=\"show\" id=\"s\">Show</button> <button data-tollgate-action=\"nothing\" id=\"n\">Nothing</button>";
    reader.site.page(Page::article("first").body(&with_elements(own)).tag(&seed_with("data-limit", "0")));
    for path in ["/subscribe", "/login"] {
        reader.site.page(Page::plain(path));
    }
    let back = |reader: &Reader| reader.site.url("/story/first").replace(':', "%3A").replace('/', "%2F");
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    reader.click("document.getElementById('n')").await?;
    reader.is("nothing happens", "location.pathname", "/story/first").await?;
    reader.click("document.getElementById('s')").await?;
    reader.overlay().await?;
    reader.escape().await?;
    reader.leave_by("document.getElementById('a').click()", "/subscribe").await?;
    reader
        .is(
            "where it leads",
            "location.pathname + location.search",
            format!("/subscribe?plan=annual-access&return={}", back(reader)),
        )
        .await?;
    reader.open_gated("/story/first").await?;
    reader.escape().await?;
    reader.leave_by("document.querySelector('#b span').click()", "/login").await?;
    reader
        .is(
            "where it leads",
            "location.pathname + location.search",
            format!("/login?return={}", back(reader)),
        )
        .await
}

async fn elements_that_come_later_work_too(reader: &mut Reader) -> Result<()> {
    reader.site.page(Page::article("first").tag(&seed_with("data-limit", "5")));
    reader.site.page(Page::plain("/subscribe"));
    reader.read("/story/first").await?;
    reader
        .js::<Value>(
            "const p = document.createElement('p'); p.id = 'late'; \
             p.innerHTML = '<b data-tollgate-text=\"reads-left\">-</b> <button data-tollgate-action=\"subscribe\">Subscribe</button>'; \
             document.body.append(p)",
        )
        .await?;
    reader.wait_for("it is filled in", "document.querySelector('#late b').textContent === '4'").await?;
    // The next one, when the script that does it is there.
    reader.js::<Value>("document.getElementById('late').insertAdjacentHTML('beforeend', '<i data-tollgate-text=\"limit\"></i>')").await?;
    reader.wait_for("and the next", "document.querySelector('#late i').textContent === '5'").await?;
    reader.leave_by("document.querySelector('#late button').click()", "/subscribe").await?;
    Ok(())
}

async fn a_page_of_its_own_buttons_without_a_gate(reader: &mut Reader) -> Result<()> {
    // A front page has no article and no meter: its buttons work, and its texts stay.
    let body = "<p id=\"own\"><b data-tollgate-text=\"reads-left\">a few</b> <button data-tollgate-action=\"subscribe\">Subscribe</button></p>";
    reader.site.page(Page::front("/").body(body).tag(SEED));
    reader.site.page(Page::plain("/subscribe"));
    reader.open("/").await?;
    reader.wait_for("it is ready", "witness.events('ready').length === 1").await?;
    let connect = reader.site.connect()?;
    reader
        .wait_for(
            "its script is here",
            &format!("performance.getEntriesByType('resource').some(it => it.name.includes('{connect}'))"),
        )
        .await?;
    reader.is("the text stays", "document.querySelector('#own b').textContent", "a few").await?;
    reader
        .leave_by("setInterval(() => document.querySelector('#own button').click(), 100)", "/subscribe")
        .await?;
    Ok(())
}
