//! What several targets make (values of settings, windows, hostile names) and check (a configuration that was read).

use crate::source::Source;
use std::sync::OnceLock;
use tollgate::access::entitlement::Tier;
use tollgate::config::{ATTRIBUTES, Config, Diagnostic, PROSE, Says, Settings, Surroundings};
use tollgate::meter::ledger::Site;
use tollgate::meter::period::{Cut, Unit, Window};
use tollgate::meter::policy::{Decision, Surface};
use tollgate::text::{self, Intl, Words, source as languages};
use tollgate::view::{Gate, Texts, View};

/// Pages that a tag may stand on.
const PAGES: [&str; 6] = [
    "https://news.example/world/frogs?p=2&token=s3cret#comments",
    "https://news.example",
    "https://www.news.example:8443/a/b.html",
    "http://localhost:8080/story?utm_source=newsletter",
    "file:///home/reader/story.html",
    "about:blank",
];

/// Names that are no settings, or that mean something to JavaScript, to our entries or to nobody.
const NAMES: [&str; 16] = [
    "x",
    "x.",
    ".",
    "",
    "..",
    "plans.0",
    "plans.",
    "plans.0.name",
    "__proto__",
    "constructor",
    "limit.0",
    "data-limit",
    "tollgateConfig",
    "data",
    "-",
    "li-mit",
];

/// Values by the setting they are for, and for any.
pub(super) fn value(source: &mut Source<'_>, attribute: &str) -> String {
    let name = attribute.strip_prefix("data-").unwrap_or(attribute);
    match name {
        "plans" => list(source, |source| {
            let name = source.like(&[
                "Year",
                "Free trial",
                "Année [new]",
                "A: B [best value]",
                "A",
                "A 3",
                "plan 2",
                "年間",
            ]);
            let terms = terms(source);
            let plan = [name.as_str(), ": ", &terms].concat();
            source.nearly(&plan)
        }),
        "benefits" => source.list_like(6, "|", &["The archive", "Ad-free [new]", " [", "a [b] [c] ", "]"]),
        "meters" => list(source, |source| {
            let name = source.like(&["opinion", "Local [city, region]", "* [*]", "All [*]", "a [,]"]);
            let limit = source.like(&["1", "0", "5", "1000", "1001", "-1", "١"]);
            [name.as_str(), ": ", &limit].concat()
        }),
        "paths" => list(source, |source| {
            let path = source.like(&["/jobs/*", "*", "/*/frogs*", "", "/world/frogs", "**a*b**"]);
            let rule = source.like(&["free", "locked", "metered", "FREE", " locked "]);
            [path.as_str(), ": ", &rule].concat()
        }),
        "free-referrers" => source.list_like(
            5,
            "|",
            &["search", "social", "newsletter", "example.org", "ref=Friends", "*.", "="],
        ),
        "steps" => list(source, |source| {
            let parts = [
                "notice",
                "newsletter",
                "register",
                "subscribe",
                "from 2",
                "from 0",
                "dismissible",
                "1/day,",
                "2/week",
                "9/month",
                "from",
            ];
            source.list_like(4, " ", &parts)
        }),
        "limit" | "newsletter-limit" | "registered-limit" | "referrer-limit" | "dwell" => source.like(&[
            "1",
            "0",
            "3",
            "600",
            "601",
            "1000",
            "1001",
            "999999999",
            "4294967296",
            "1.5",
            "-1",
            " 2 ",
            "２",
        ]),
        "period" => {
            source.like(&["month", "day", "week", "year", "1d", "30d", "366d", "367d", "0d", "d", "Month"])
        }
        "window" => source.like(&["calendar", "rolling", "first-view", "Rolling"]),
        "week-start" => source.like(&["monday", "sunday", "Thursday", "saturday"]),
        "teaser" => source.like(&["3p", "20%", "marker", "99p", "100p", "0%", " 3 p ", "p"]),
        "accent" => source.like(&["#0b5", "#0b5d5e", "#0b5d5", "red", "#", "#ggg"]),
        "currency" => source.like(&["USD", "jpy", "KWD", "CLF", "eur", "€", "US"]),
        "theme" => source.like(&["auto", "light", "dark"]),
        "locale" => source.like(&["en", "en-GB", "zh-Hans-CN", "x", "e-n", "en-", "de-1996"]),
        "subscribe-url" | "login-url" | "newsletter-url" | "register-url" => template(source),
        _ => source.like(&["meridian", "The Meridian", "article .body", "Europe/Paris", "news.example", "a"]),
    }
}

/// A template of a link.
pub(super) fn template(source: &mut Source<'_>) -> String {
    let start = source.like(&[
        "/",
        "https://pay.example/",
        "",
        "?",
        "#",
        "http://pay.example",
        "//evil.example/",
        "javascript:",
        "https:",
        "HTTPS://a.b",
        "data:text/html,",
        "../",
        "{plan}",
    ]);
    let rest = source.list_like(
        4,
        "",
        &[
            "join",
            "?plan={plan}",
            "&return={return_url}",
            "{plan}",
            "{",
            "}",
            "@evil.example",
            ":",
            "/",
            "\\",
            "\t",
            "\u{2028}",
            "a b",
        ],
    );
    [start, rest].concat()
}

fn terms(source: &mut Source<'_>) -> String {
    let trial = source.like(&["", "30d free then ", "1 month free ", "2 WEEKS free then", "0d free "]);
    let amount =
        source.like(&["2.90", "19.90", "8", "0", "1.999", "999999999", "1000000000", "0.0000", "1."]);
    let span = source.like(&["month", "year", "3 months", "w", "999d", "1000d", "0y", "7 days"]);
    [trial.as_str(), &amount, source.pick(&["/", " / ", "", "//"]), &span].concat()
}

fn list(source: &mut Source<'_>, item: impl Fn(&mut Source<'_>) -> String) -> String {
    let sign = source.pick(&["|", " | ", "||", ","]);
    source.list(5, item).join(sign)
}

/// A setting's name as it may be written: as in JSON or `dataset`, with hyphens, in other cases; or a hostile one.
pub(super) fn name(source: &mut Source<'_>) -> (String, &'static str) {
    let attribute = source.pick(&ATTRIBUTES);
    let plain = attribute.strip_prefix("data-").unwrap_or(attribute);
    let name = match source.below(8) {
        0..=3 => camel(plain),
        4 => plain.to_owned(),
        5 => plain.replace('-', "_").to_uppercase(),
        6 => source.like(&NAMES),
        _ => {
            let name = camel(plain);
            source.nearly(&name)
        }
    };
    (name, attribute)
}

fn camel(name: &str) -> String {
    let mut camel = String::new();
    for (nth, part) in name.split('-').enumerate() {
        let (first, rest) = part.split_at(usize::from(nth > 0));
        camel += &first.to_uppercase();
        camel += rest;
    }
    camel
}

/// A rule for periods, as settings can give it.
pub(super) fn window(source: &mut Source<'_>) -> Window {
    let cut = source.pick(&[Cut::Calendar, Cut::Rolling, Cut::FirstView]);
    let unit = source.pick(&[Unit::Month, Unit::Day, Unit::Week, Unit::Year]);
    let any = source.between(1, 366);
    let days = source.pick(&[0, 1, 7, 30, 365, 366, any]);
    let days = if cut == Cut::Calendar || days > 0 { days } else { 30 };
    let week_start = source.below(7) as i32;
    Window { cut, unit: if days > 0 { Unit::Day } else { unit }, days, week_start }
}

/// The facts of a page.
pub(super) struct Around {
    pub(super) address: String,
    host: String,
    language: String,
    site_name: String,
    pub(super) rule: String,
    pub(super) sections: String,
    pub(super) referrer: String,
}

impl Around {
    pub(super) fn of(source: &mut Source<'_>) -> Around {
        Around {
            address: source.like(&PAGES),
            host: source.like(&[
                // Mostly names that fit: the others are hashed, which takes longer than all the rest.
                "localhost",
                "news-example",
                "meridian",
                "example-1",
                "a",
                "www.news.example",
                "",
                "xn--bcher-kva.example",
            ]),
            language: source.like(&["en", "", "de-CH", "EN_us"]),
            site_name: source.like(&["", "The Example", "{limit}"]),
            rule: source.like(&["", "free", "locked", "metered", "no"]),
            sections: source.list_like(4, ",", &["opinion", "city", " Local ", "*", ""]),
            referrer: source.like(&[
                "",
                "https://www.google.com/",
                "https://t.co/x",
                "https://a.example.org:8/?x",
                "android-app://x",
                "https://",
            ]),
        }
    }

    pub(super) fn says(&self) -> Says<'_> {
        Says { address: &self.address, rule: &self.rule, sections: &self.sections, referrer: &self.referrer }
    }

    pub(super) fn read(&self, settings: Settings) -> (Config, Vec<Diagnostic>) {
        let around = Surroundings {
            address: &self.address,
            host: &self.host,
            language: &self.language,
            site_name: &self.site_name,
        };
        Config::read(settings, &around)
    }
}

/// What holds of a site's name, whatever it was made of.
pub(super) fn check_site(site: &Site) {
    let name = site.as_str();
    assert!((1..=32).contains(&name.len()), "site {name:?}");
    assert!(is_slug(name), "site {name:?}");
}

fn is_slug(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Whether an address is one of the web that a reader on `page` may be sent to.
pub(super) fn is_of_the_web(address: &str, page: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let is_web =
        lower.starts_with("https://") || (!page.starts_with("https:") && lower.starts_with("http://"));
    is_web && !address.chars().any(|letter| letter.is_control() || letter.is_whitespace() || letter == '\\')
}

/// Reads the settings and their terms, and checks what holds of every configuration. `written`: the bytes of all that was
/// set; there is never more to say of it than it is long. Gives back what is wrong with it.
pub(super) fn check(
    settings: Settings,
    around: &Around,
    written: usize,
    source: &mut Source<'_>,
) -> Vec<Diagnostic> {
    let (config, mut diagnostics) = around.read(settings);
    check_site(&config.site);
    assert!(config.limits.iter().all(|limit| *limit <= 1000) && config.referrer_limit <= 1000);
    assert!((0..=600_000).contains(&config.dwell), "dwell {}", config.dwell);
    let window = config.window;
    assert!((0..=366).contains(&window.days) && (0..7).contains(&window.week_start));
    assert!(
        window.days > 0 || window.cut == Cut::Calendar,
        "a window that begins with a read and has no length"
    );
    assert!(config.zone.is_empty() || window.cut == Cut::Calendar);
    assert!(
        config.steps.iter().any(|step| step.surface == Surface::Subscribe),
        "no step for the subscription"
    );
    for step in &config.steps {
        assert!(
            config.link(step.surface).is_some()
                || matches!(step.surface, Surface::Subscribe | Surface::Notice)
        );
        assert!(matches!(step.days, 1 | 7 | 31));
    }
    let shown = config.for_gate(&mut diagnostics);
    for (nth, plan) in shown.plans.iter().enumerate() {
        assert!(!plan.name.is_empty() && !plan.id.is_empty() && is_slug(&plan.id), "{plan:?}");
        assert!((1..=999).contains(&plan.every.count), "{plan:?}");
        assert!(shown.plans[..nth].iter().all(|other| other.id != plan.id), "two plans are {:?}", plan.id);
    }
    assert!(shown.benefits.iter().all(|benefit| !benefit.text.trim().is_empty()));
    let terms = config.terms(&around.says(), &mut diagnostics);
    for meter in &terms.meters {
        let name = meter.mark.strip_prefix(':').expect("a mark behind a colon");
        assert!((1..=32).contains(&name.len()) && is_slug(name) && meter.limit <= 1000, "{meter:?}");
    }
    assert!(diagnostics.len() <= written + 64, "{} diagnostics of {written} bytes", diagnostics.len());
    for diagnostic in &diagnostics {
        assert!(diagnostic.value.len() <= 80, "{diagnostic:?}");
        let name = diagnostic.code.name();
        assert!(PROSE.iter().any(|(known, _)| *known == name), "{name} has no sentence");
        assert!(diagnostic.line().starts_with(diagnostic.place));
    }
    if source.once_in(4) {
        check_view(&config, &around.address, source);
    }
    diagnostics
}

/// Makes the view twice, as the machine does, and checks its addresses.
fn check_view(config: &Config, page: &str, source: &mut Source<'_>) {
    let surface = source.pick(&[Surface::Subscribe, Surface::Notice, Surface::Newsletter, Surface::Register]);
    let gate = Gate {
        decision: source.pick(&[
            Decision::LimitReached,
            Decision::EarlyStep,
            Decision::NoFreeReads,
            Decision::Locked,
        ]),
        surface,
        dismissible: source.once_in(2),
        limit: config.limit(Tier::Anonymous),
        left: source.below(300) as u32,
        hard: source.once_in(3),
        preview: source.once_in(3),
        free_at: source.between(-1, 99_999_999),
    };
    static WORDS: OnceLock<[String; 2]> = OnceLock::new();
    let [lines, names] = WORDS.get_or_init(|| {
        [languages::pack(languages::ENGLISH).expect("the English file"), text::NAMES.join(" ")]
    });
    let words = || Words::of(lines, names, |name| config.replaced(name));
    let mut asking = Intl { words: words(), ..Intl::default() };
    let _ = View::of(config, gate, page, &mut asking, &mut Vec::new());
    let answers = asking.asked.iter().map(|request| source.nearly(&request.number)).collect();
    let mut answered = Intl { words: words(), answers, ..Intl::default() };
    let view = View::of(config, gate, page, &mut answered, &mut Vec::new());
    assert_eq!(asking.asked, answered.asked, "the second pass asks for something else");
    assert_eq!(
        view.plans.len() * usize::from(matches!(surface, Surface::Subscribe | Surface::Notice)),
        view.plans.len()
    );
    let on_the_web = page.starts_with("http://") || page.starts_with("https://");
    let check = |texts: &Texts, name: &str| {
        let address = texts.get(name);
        // What the page's own address has in it is the browser's, which serialises it.
        let plain = is_of_the_web(page, page);
        assert!(
            address.is_empty() || !on_the_web || !plain || is_of_the_web(address, page),
            "{name} leads to {address:?} from {page:?}"
        );
    };
    check(&view.texts, "address");
    check(&view.texts, "logInAddress");
    view.plans.iter().for_each(|plan| check(plan, "address"));
}
