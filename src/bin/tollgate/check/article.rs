//! The article: which element holds it, by which address it is known, what its structured data says.

use super::page::{Page, is_ours};
use super::report::{Report, Topic};
use super::settings::Configured;
use scraper::ElementRef;
use tollgate::article::{self as known, Addresses};
use tollgate::config::Says;
use tollgate::config::json::flat;
use tollgate::machine::{Content, Effect, Machine, Now, Page as Facts, Signal};
use tollgate::meter::period::Moment;
use tollgate::structured_data;

pub(super) fn check(page: &Page, configured: &Configured, report: &mut Report) {
    let config = &configured.config;
    let (found, content) = find(page, config.content.as_deref());
    let said = |name: &str| {
        let around = found.iter().flat_map(|element| element.ancestors().filter_map(ElementRef::wrap));
        found.iter().copied().chain(around).find_map(|element| element.attr(name)).unwrap_or("")
    };
    let or_else = |own: &str, otherwise: String| if own.is_empty() { otherwise } else { own.to_owned() };
    let facts = Facts {
        address: page.address.as_str().to_owned(),
        canonical: canonical(page).first().map(|address| address.as_str().to_owned()).unwrap_or_default(),
        declared: said("data-tollgate-id").to_owned(),
        rule: or_else(said("data-tollgate"), page.meta("tollgate").first().copied().unwrap_or("").to_owned()),
        sections: or_else(said("data-tollgate-section"), page.meta("article:section").join(",")),
        content,
        says_article: says_article(page),
        prose: found.map_or(0, |element| prose(&element)),
        ..Facts::default()
    };
    // The machine itself decides what the page is, and says what is wrong with it.
    let mut machine = Machine::new(config, Vec::new(), facts.clone());
    let now = Now { clock: Moment::from_milliseconds(0), elapsed: 0, offset: 0 };
    for effect in machine.on(now, Signal::Started) {
        if let Effect::Warn(diagnostics) = effect {
            report.diagnostics(Topic::Article, &diagnostics);
        }
    }
    if machine.article().is_empty() {
        report.note(
            Topic::Article,
            "no article on this page: nothing is counted, nothing is gated",
            "That is right for a front page. On an article, set data-content to the element that holds its text.",
        );
        return;
    }
    if let Some(selector) = config.content.as_deref()
        && let Some(all) = page.all(selector)
        && all.len() > 1
    {
        report.note(
            Topic::Article,
            format!("{selector} finds {} elements; the first is the article", all.len()),
            "Further ones are articles of a feed, if each has a data-tollgate-id of its own.",
        );
    }
    let says = Says { address: &facts.address, rule: &facts.rule, sections: &facts.sections, referrer: "" };
    let terms = config.terms(&says, &mut Vec::new());
    let meters: Vec<&str> = terms.meters.iter().map(|meter| meter.mark.trim_start_matches(':')).collect();
    let meters =
        if meters.is_empty() { String::new() } else { format!(", on the meters {}", meters.join(", ")) };
    let rule = format!("{:?}", terms.rule).to_lowercase();
    report.fine(Topic::Article, format!("{rule}{meters}; {} bytes of text in its paragraphs", facts.prose));
    address(page, &facts, config.site.as_str(), report);
    structured(page, configured, report);
}

/// How many bytes the text of an element's paragraphs holds.
fn prose(element: &ElementRef<'_>) -> u32 {
    let parts = element.descendants().filter_map(ElementRef::wrap);
    let paragraphs = parts.filter(|part| part.value().name() == "p");
    let bytes = paragraphs.map(|part| part.text().collect::<String>().trim().len()).sum::<usize>();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The element that holds the article's text, as www/loader/page.js looks for it.
fn find<'a>(page: &'a Page, selector: Option<&str>) -> (Option<ElementRef<'a>>, Content) {
    if let Some(selector) = selector {
        let Some(found) = page.all(selector) else { return (None, Content::Invalid) };
        let Some(content) = found.first().copied() else { return (None, Content::Missing) };
        let holds_the_tag = content
            .descendants()
            .filter_map(ElementRef::wrap)
            .any(|part| part.value().name() == "script" && part.attr("src").is_some_and(is_ours));
        let is_too_much = matches!(content.value().name(), "html" | "head" | "body") || holds_the_tag;
        return if is_too_much { (None, Content::Refused) } else { (Some(content), Content::Chosen) };
    }
    if let Some(content) = page.first("[itemprop~=articleBody]") {
        return (Some(content), Content::ArticleBody);
    }
    // The last of those that are alike would be taken, the first is in a browser.
    let articles = page.all("article").unwrap_or_default();
    if let Some(content) = articles.into_iter().rev().max_by_key(prose) {
        return (Some(content), Content::Article);
    }
    match page.first("main") {
        Some(content) => (Some(content), Content::Main),
        None => (None, Content::Missing),
    }
}

/// Whether the page says of itself that it is an article.
fn says_article(page: &Page) -> bool {
    page.meta("og:type").first().is_some_and(|kind| kind.eq_ignore_ascii_case("article"))
        || page.scripts(JSON_LD).iter().any(|script| known::is_said_by(&flat(script)))
}

const JSON_LD: &str = "[type=\"application/ld+json\"]";

/// The canonical addresses that the page names.
fn canonical(page: &Page) -> Vec<url::Url> {
    let links = page.all("link[rel~=canonical i][href]").unwrap_or_default();
    links.iter().filter_map(|link| page.base.join(link.attr("href")?.trim()).ok()).collect()
}

/// By which address the article is known.
fn address(page: &Page, facts: &Facts, site: &str, report: &mut Report) {
    if !page.is_known && facts.declared.is_empty() {
        report.note(
            Topic::Address,
            "by which address the article is known can't be said",
            "Say with --address where the page will stand.",
        );
        return;
    }
    let addresses = Addresses {
        location: &facts.address,
        canonical: Some(&facts.canonical),
        declared: Some(&facts.declared),
    };
    let canonical = canonical(page);
    let key = known::key(&addresses);
    report.fine(Topic::Address, format!("known as {key} ({})", known::hash(site, &key)));
    if !facts.declared.is_empty() {
        return;
    }
    let Some(of) = canonical.first() else {
        report.note(
            Topic::Address,
            "no <link rel=\"canonical\">",
            "The article is known by the page's own address. If it can be read at several, each counts: name one of them.",
        );
        return;
    };
    if canonical.iter().any(|other| other != of) {
        report.wrong(
            Topic::Address,
            format!("{} canonical addresses that are not the same", canonical.len()),
            "The first is taken. Search engines take none of them.",
        );
    }
    let by =
        |location: &url::Url| known::key(&Addresses { location: location.as_str(), ..Addresses::default() });
    let (without, of_canonical) = (by(&page.address), by(of));
    if key == without && of_canonical != without {
        report.wrong(
            Topic::Address,
            format!("canonical {of} is not believed: it is on another site, or names the front page"),
            "The article is known by the page's own address.",
        );
    } else if key != without {
        report.note(
            Topic::Address,
            format!("canonical {of}, and not the page's own address"),
            "All pages with this canonical address are one article. Right for copies of it; wrong if a template says it on every page.",
        );
    }
}

/// What the structured data says.
fn structured(page: &Page, configured: &Configured, report: &mut Report) {
    let mut scripts = Vec::new();
    for text in page.scripts(JSON_LD) {
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(_) => scripts.push(flat(&text)),
            Err(error) => report.wrong(
                Topic::StructuredData,
                format!("a script of JSON-LD that is no JSON: {error}"),
                "Nobody reads it.",
            ),
        }
    }
    if configured.config.describes {
        report.fine(Topic::StructuredData, "completed on the page (data-structured-data)");
        return;
    }
    let diagnostics = structured_data::check(&scripts, |selector| page.has(selector));
    if diagnostics.is_empty() {
        report.fine(Topic::StructuredData, "says that the article is not free, and which part of it");
    }
    report.diagnostics(Topic::StructuredData, &diagnostics);
}
