//! Native tests of reading settings: the seed's tag, defaults, mistakes, JSON.

use super::*;
use proptest::prelude::*;

fn page() -> Surroundings<'static> {
    Surroundings {
        address: "https://news.example/world/frogs",
        host: "news.example",
        language: "en-GB",
        site_name: "The Example",
    }
}

/// Attributes and JSON as their authors wrote them.
#[derive(Clone, Debug)]
enum Raw {
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(String, Raw)>),
}

impl Raw {
    /// As the shell hands them over.
    fn entries(self) -> Entries {
        let mut entries = Vec::new();
        self.enter(String::new(), &mut entries);
        entries
    }

    fn enter(self, name: String, entries: &mut Entries) {
        let (kind, members) = match self {
            Raw::Text(text) => {
                entries.push((name, text));
                return;
            }
            Raw::List(items) => {
                ("list", items.into_iter().enumerate().map(|(nth, item)| (nth.to_string(), item)).collect())
            }
            Raw::Map(members) => ("map", members),
        };
        entries.push((format!("{name}."), kind.to_owned()));
        for (key, value) in members {
            value.enter(if name.is_empty() { key } else { format!("{name}.{key}") }, entries);
        }
    }
}

fn text(value: &str) -> Raw {
    Raw::Text(value.to_owned())
}

fn attributes(entries: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    settings.add_attributes(
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    );
    settings
}

/// All that is read of settings, with all diagnostics.
fn read_all(settings: Settings) -> (Config, GateConfig, Vec<Diagnostic>) {
    let (config, mut diagnostics) = Config::read(settings, &page());
    let shown = config.for_gate(&mut diagnostics);
    (config, shown, diagnostics)
}

fn read(entries: &[(&str, &str)]) -> (Config, GateConfig, Vec<String>) {
    let (config, shown, diagnostics) = read_all(attributes(entries));
    (config, shown, diagnostics.iter().map(Diagnostic::line).collect())
}

#[test]
fn a_bare_tag_has_sane_defaults() {
    let (config, shown, diagnostics) = read(&[]);
    assert!(diagnostics.is_empty());
    assert_eq!((config.limits, config.window, config.dwell), ([3; 3], Window::MONTHS, 3000));
    assert_eq!(config.site, Site::of("news.example"));
    assert_eq!((shown.publication.as_str(), shown.locale.as_str()), ("The Example", "en-GB"));
    assert_eq!((config.teaser, shown.theme, shown.accent), (Teaser::Paragraphs(3), Theme::Auto, None));
    assert_eq!((shown.currency.code(), shown.plans.len(), shown.benefits.len()), ("USD", 0, 0));
    assert!(config.content.is_none() && config.subscribe.is_none() && shown.login.is_none());
}

#[test]
fn the_seeds_tag_is_read_whole() {
    let (config, shown, diagnostics) = read(&[
        ("site", "meridian"),
        ("publication", "The Meridian"),
        ("limit", "1"),
        ("period", "month"),
        ("content", "article .body"),
        ("teaser", "3p"),
        ("currency", "USD"),
        ("plans", "Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year"),
        (
            "benefits",
            "Exclusive coverage | Ad-free reading [new] | Weekly magazine [new] | 9 newsletters | The archive",
        ),
        ("subscribeUrl", "/subscribe?plan={plan}&return={return_url}"),
        ("loginUrl", "/login?return={return_url}"),
        ("accent", "#0b5d5e"),
        ("theme", "dark"),
        ("locale", "de"),
        ("cfasync", "false"),
    ]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(
        (config.limits, config.site.as_str(), shown.publication.as_str()),
        ([1; 3], "meridian", "The Meridian")
    );
    let plans: Vec<&str> = shown.plans.iter().map(|plan| plan.id.as_str()).collect();
    assert_eq!(plans, ["free-trial", "annual-access"]);
    let badges: Vec<bool> = shown.benefits.iter().map(|benefit| benefit.badge.is_some()).collect();
    assert_eq!(badges, [false, true, true, false, false]);
    assert!(config.subscribe.is_some() && shown.login.is_some());
    assert_eq!((shown.theme, shown.locale.as_str()), (Theme::Dark, "de"));
}

#[test]
fn cn_09_a_limit_that_is_none_is_named_and_three_is_used() {
    for bad in ["-1", "abc", "1e9", "1001", "3.5", "٣", "99999999999999999999"] {
        let (config, _, diagnostics) = read(&[("limit", bad)]);
        assert_eq!(config.limits[0], 3, "{bad}");
        assert_eq!(diagnostics, [["data-limit=\"", bad, "\": not-a-number, using \"3\""].concat()]);
    }
    for empty in ["", " "] {
        let (config, _, diagnostics) = read(&[("limit", empty)]);
        assert_eq!(
            (config.limits[0], diagnostics),
            (3, vec!["data-limit: not-a-number, using \"3\"".to_owned()])
        );
    }
    // Zero and the largest are limits.
    for (value, limit) in [("0", 0), ("1000", 1000), (" 7 ", 7)] {
        let (config, _, diagnostics) = read(&[("limit", value)]);
        assert_eq!((config.limits[0], diagnostics.len()), (limit, 0), "{value}");
    }
}

#[test]
fn every_mistake_names_the_attribute_the_value_and_what_is_used() {
    let (_, shown, diagnostics) = read(&[
        ("period", "fortnight"),
        ("teaser", "three"),
        ("currency", "dollars"),
        ("theme", "pink"),
        ("accent", "red;} *{display:none"),
        ("locale", "english!"),
        ("plans", "Monthly: $3/month | Annual: 19.999/year | Year: 5/year"),
        ("subscribeUrl", "javascript:alert(1)"),
        ("loginUrl", "//elsewhere.example/"),
        ("dwell", "soon"),
    ]);
    assert_eq!(
        diagnostics,
        [
            "data-period=\"fortnight\": not-a-choice, using \"month\"",
            "data-dwell=\"soon\": not-a-number, using \"3\"",
            "data-teaser=\"three\": not-a-teaser, using \"3p\"",
            "data-subscribe-url=\"javascript:alert(1)\": link-scheme",
            "data-locale=\"english!\": not-a-language, using \"en-GB\"",
            "data-currency=\"dollars\": not-a-currency, using \"USD\"",
            "data-plans=\"Monthly: $3/month\": plan-price",
            "data-plans=\"Annual: 19.999/year\": plan-decimals",
            "data-login-url=\"//elsewhere.example/\": link-authority",
            "data-theme=\"pink\": not-a-choice, using \"auto\"",
            "data-accent=\"red;} *{display:none\": not-a-colour",
        ]
    );
    assert_eq!(shown.plans.len(), 1);
}

#[test]
fn prices_have_their_currencys_decimals() {
    let (_, shown, diagnostics) =
        read(&[("currency", "JPY"), ("plans", "A: 300/month | B: 2.5/month | C: 300.00/year")]);
    assert_eq!(shown.plans.len(), 2);
    assert_eq!(diagnostics, ["data-plans=\"B: 2.5/month\": plan-decimals"]);
    let (_, shown, diagnostics) = read(&[("currency", "KWD"), ("plans", "A: 1.250/month")]);
    assert_eq!((shown.plans.len(), diagnostics.len()), (1, 0));
}

#[test]
fn cn_31_json_gives_what_the_attributes_do_not() {
    let mut settings = attributes(&[("limit", "2")]);
    let plan = Raw::Map(vec![
        ("id".into(), text("Year 1")),
        ("name".into(), text("A | B")),
        ("badge".into(), text("new")),
        ("terms".into(), text("19.90/year")),
    ]);
    let benefit = Raw::Map(vec![("text".into(), text("The [old] archive")), ("badge".into(), text("new"))]);
    settings.add_json(
        Raw::Map(vec![
            ("limit".into(), text("9")),
            ("subscribeUrl".into(), text("/join")),
            ("login-url".into(), text("/login")),
            ("plans".into(), Raw::List(vec![plan, text("Month: 2.90/month"), Raw::List(vec![])])),
            ("benefits".into(), Raw::List(vec![text("One [new]"), benefit, Raw::Map(vec![])])),
            ("publication".into(), Raw::List(vec![])),
            ("limits".into(), text("9")),
        ])
        .entries(),
    );
    let (config, shown, diagnostics) = read_all(settings);
    assert_eq!((config.limits[0], shown.publication.as_str()), (2, "The Example"));
    assert!(config.subscribe.is_some() && shown.login.is_some());
    let [year, month] = shown.plans.as_slice() else { panic!("two plans") };
    assert_eq!(
        (year.id.as_str(), year.name.as_str(), year.badge.as_deref()),
        ("year-1", "A | B", Some("new"))
    );
    assert_eq!(month.id, "month");
    assert_eq!(shown.benefits.len(), 2);
    assert_eq!(shown.benefits[1], Benefit { text: "The [old] archive".into(), badge: Some("new".into()) });
    let lines: Vec<String> = diagnostics.iter().map(Diagnostic::line).collect();
    assert_eq!(
        lines,
        [
            "script[data-tollgate-config]=\"limits\": unknown-setting",
            "data-plans=\":\": plan-terms",
            "data-publication: wrong-type",
        ]
    );
}

#[test]
fn of_a_long_list_a_hundred_items_are_read() {
    let mut settings = Settings::default();
    let benefits = (0..150).map(|nth| text(&format!("Benefit {nth}"))).collect();
    settings.add_json(Raw::Map(vec![("benefits".into(), Raw::List(benefits))]).entries());
    let (_, shown, _) = read_all(settings);
    let read: Vec<&str> = shown.benefits.iter().map(|benefit| benefit.text.as_str()).collect();
    assert_eq!((read.len(), read.first(), read.last()), (100, Some(&"Benefit 0"), Some(&"Benefit 99")));
}

#[test]
fn json_that_is_no_object_is_reported() {
    for json in [text("7"), Raw::List(vec![])] {
        let mut settings = Settings::default();
        settings.add_json(json.entries());
        let (_, _, diagnostics) = read_all(settings);
        assert_eq!(diagnostics[0].line(), "script[data-tollgate-config]: json-unreadable");
    }
}

#[test]
fn texts_come_by_attribute_or_as_an_object_in_json() {
    let mut settings = Settings::default();
    settings.add_attributes(vec![("textOffer".into(), " Join us ".into())]);
    let texts = |name: &str, text: &str| (format!("texts.{name}"), text.to_owned());
    let map = |name: &str| (name.to_owned(), "map".to_owned());
    settings.add_json(vec![
        map("."),
        map("texts."),
        texts("offer", "Not this"),
        texts("headlineMonth", "Enough"),
        texts("log-in", "Enter"),
    ]);
    assert_eq!(settings.replaced("offer"), Some("Join us"));
    assert_eq!(settings.replaced("headline-month"), Some("Enough"));
    assert_eq!(settings.replaced("log-in"), Some("Enter"));
    assert_eq!(settings.replaced("close"), None);
    let (config, _, diagnostics) = read_all(settings);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut unknown = Vec::new();
    config.check_texts("offer headline-month close", &mut unknown);
    let lines: Vec<String> = unknown.iter().map(Diagnostic::line).collect();
    assert_eq!(lines, ["data-text=\"login\": unknown-text"]);
}

#[test]
fn the_look_is_read() {
    let (config, shown, diagnostics) = read(&[
        ("style", "plain"),
        ("plan-style", "buttons"),
        ("notice-style", "card"),
        ("logo", "/logo.svg"),
        ("wait-for", " #banner "),
        ("preview", "inline"),
    ]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!((shown.style, shown.plan_style, shown.is_card), (Style::Plain, PlanStyle::Buttons, true));
    assert_eq!(
        shown.logo.map(|logo| logo.fill("", "https://a.example/x")).as_deref(),
        Some("https://a.example/logo.svg")
    );
    assert_eq!(config.wait_for(), "#banner");
    assert_eq!(config.preview, Some(Preview { surface: Surface::Subscribe, opens: false }));
    let (config, shown, diagnostics) = read(&[
        ("style", "loud"),
        ("logo", "data:image/svg+xml,"),
        ("preview", "all"),
        ("notice-style", "bubble"),
    ]);
    assert_eq!((shown.style, shown.logo, config.preview), (Style::Journal, None, None));
    assert_eq!(diagnostics.len(), 4, "{diagnostics:?}");
}

#[test]
fn camel_case_that_html_has_lowered_is_understood() {
    let (config, shown, _) = read(&[("subscribeurl", "/join"), ("login_url", "/login")]);
    assert!(config.subscribe.is_some() && shown.login.is_some());
}

#[test]
fn every_code_has_its_sentence_and_every_setting_an_attribute_of_its_own() {
    let all = [ATTRIBUTES.as_slice(), &OF_THE_TAG].concat();
    for (nth, attribute) in all.iter().enumerate() {
        assert!(attribute.starts_with("data-") && !all[..nth].contains(attribute), "{attribute}");
    }
    let codes = [
        Code::NotANumber,
        Code::NotAChoice,
        Code::NotAMeter,
        Code::NotARule,
        Code::NotAStep,
        Code::StepWithoutUrl,
        Code::NotAReferrer,
        Code::NotATimeZone,
        Code::NotATeaser,
        Code::NotAColour,
        Code::NotACurrency,
        Code::NotALanguage,
        Code::UnknownText,
        Code::PlanTerms,
        Code::PlanTrial,
        Code::PlanPrice,
        Code::PlanDecimals,
        Code::PlanPeriod,
        Code::LinkMalformed,
        Code::LinkScheme,
        Code::LinkAuthority,
        Code::NoSubscribeUrl,
        Code::ContentTaken,
        Code::ContentMissing,
        Code::ContentRefused,
        Code::ContentInvalid,
        Code::WrongType,
        Code::JsonUnreadable,
        Code::UnknownSetting,
        Code::NoStorage,
        Code::EndpointElsewhere,
        Code::NoIssuer,
        Code::NotKeys,
        Code::TokenRefused,
        Code::PaywallNotSaid,
        Code::PaywallWithoutPart,
        Code::PaywallSelector,
        Code::PaywallClassMissing,
        Code::PaywallNested,
    ];
    let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
    let explained: Vec<&str> = PROSE.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, explained);
    // By their places: the loader knows them by these.
    assert!(codes.iter().enumerate().all(|(place, code)| *code as usize == place));
    assert_eq!((Code::ContentTaken as u32, Code::NoStorage as u32), (22, 29));
}

#[test]
fn sec_06_a_foreign_endpoint_must_be_listed() {
    let asked = |address: &str, endpoint: &str, origins: &str| {
        let mut settings = Settings::default();
        settings.add_attributes(vec![
            ("entitlementUrl".to_owned(), endpoint.to_owned()),
            ("entitlementOrigins".to_owned(), origins.to_owned()),
        ]);
        let page = Surroundings { address, ..Surroundings::default() };
        let (config, _) = Config::read(settings, &page);
        let mut diagnostics = Vec::new();
        let sources = config.sources(&mut diagnostics);
        assert_eq!(sources.endpoint.is_empty(), !diagnostics.is_empty(), "{endpoint}");
        !sources.endpoint.is_empty()
    };
    let news = "https://www.news.example/frogs";
    for (endpoint, origins) in [
        ("/entitlement", ""),
        ("entitlement?x=https://y.example/", ""),
        ("https://www.news.example/e", ""),
        ("https://news.example/e", ""),
        ("https://api.news.example:8443/e", ""),
        ("https://API.News.Example/e", ""),
        ("https://access.example/e", "https://other.example https://access.example"),
        ("https://access.example:444/e", "https://Access.example:444"),
    ] {
        assert!(asked(news, endpoint, origins), "{endpoint} {origins}");
    }
    for (endpoint, origins) in [
        ("https://access.example/e", ""),
        ("https://access.example/e", "https://access.example.evil.example access.example"),
        ("https://access.example:444/e", "https://access.example"),
        ("https://notnews.example/e", ""),
        ("https://news.example.evil.example/e", ""),
        ("https://example/e", ""),
        ("//news.example/e", ""),
        ("http://news.example/e", ""),
        ("javascript:alert(1)", ""),
        ("https://www.news.example@evil.example/e", ""),
        ("https://access.example/e", "https://*"),
        ("https://access.example/e", "https://other.example *"),
    ] {
        assert!(!asked(news, endpoint, origins), "{endpoint} {origins}");
    }
}

#[test]
fn periods_are_units_of_the_calendar_or_days() {
    let window = |entries: &[(&str, &str)]| {
        let (config, _, diagnostics) = read(entries);
        (config.window, diagnostics)
    };
    let days = |cut, days| Window { cut, unit: Unit::Day, days, week_start: 0 };
    assert_eq!(window(&[("period", "30d")]), (days(Cut::Calendar, 30), vec![]));
    assert_eq!(window(&[("period", "366d"), ("window", "rolling")]), (days(Cut::Rolling, 366), vec![]));
    // A unit is as many days where a period begins with a read.
    let weekly = window(&[("period", "week"), ("window", "first-view"), ("week-start", "sunday")]).0;
    assert_eq!((weekly.cut, weekly.days, weekly.week_start), (Cut::FirstView, 7, 6));
    for bad in ["0d", "367d", "d", "-1d", "1.5d", "30 d", "fortnight"] {
        let expected = format!("data-period=\"{bad}\": not-a-choice, using \"month\"");
        assert_eq!(window(&[("period", bad)]), (Window::MONTHS, vec![expected]));
    }
    let (config, _, _) = read(&[("time-zone", "Europe/Paris")]);
    assert_eq!(config.zone, "Europe/Paris");
    let (config, _, _) = read(&[("time-zone", "Europe/Paris"), ("window", "rolling")]);
    assert_eq!(config.zone, "", "a span of days is the same in every zone");
}

#[test]
fn a_tier_without_a_limit_of_its_own_has_that_of_the_one_below() {
    assert_eq!(read(&[("limit", "2")]).0.limits, [2, 2, 2]);
    assert_eq!(read(&[("limit", "2"), ("newsletter-limit", "4")]).0.limits, [2, 4, 4]);
    assert_eq!(read(&[("registered-limit", "5")]).0.limits, [3, 3, 5]);
    let (config, _, diagnostics) = read(&[("limit", "2"), ("registered-limit", "many")]);
    assert_eq!(config.limits, [2, 2, 2]);
    assert_eq!(diagnostics, ["data-registered-limit=\"many\": not-a-number, using \"2\""]);
}

fn terms(settings: Settings, says: &Says<'_>) -> (Terms, Vec<String>) {
    let (config, _, mut diagnostics) = read_all(settings);
    let terms = config.terms(says, &mut diagnostics);
    (terms, diagnostics.iter().map(Diagnostic::line).collect())
}

#[test]
fn an_article_is_on_the_meters_of_its_sections() {
    let meters = "opinion: 1 | Local news [city, region]: 5 | all [*]: 9 | broken | none: x | : 3";
    let of = |sections| {
        let (terms, diagnostics) =
            terms(attributes(&[("meters", meters)]), &Says { sections, ..Says::default() });
        assert_eq!(
            diagnostics,
            [
                "data-meters=\"broken\": not-a-meter",
                "data-meters=\"none\": not-a-meter",
                "data-meters: not-a-meter"
            ]
        );
        terms.meters.into_iter().map(|meter| (meter.mark, meter.limit)).collect::<Vec<_>>()
    };
    let meter = |mark: &str, limit| (mark.to_owned(), limit);
    assert_eq!(of(""), [meter(":all", 9)]);
    assert_eq!(of("Opinion"), [meter(":opinion", 1), meter(":all", 9)]);
    assert_eq!(of("sport,  REGION "), [meter(":local-news", 5), meter(":all", 9)]);
    assert_eq!(of("opinion, city").len(), 3);
    let json = Raw::Map(vec![(
        "meters".into(),
        Raw::List(vec![
            Raw::Map(vec![("name".into(), text("Opinion [and more]")), ("limit".into(), text("2"))]),
            Raw::Map(vec![
                ("name".into(), text("Arts")),
                ("sections".into(), text("film, music")),
                ("limit".into(), text("4")),
            ]),
            text("opinion: 3"),
        ]),
    )]);
    let mut settings = Settings::default();
    settings.add_json(json.entries());
    let (terms, diagnostics) = terms(settings, &Says { sections: "film", ..Says::default() });
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(terms.meters, [SectionMeter { mark: ":arts".into(), limit: 4 }]);
}

#[test]
fn an_article_is_free_or_locked_by_the_page_or_else_by_its_path() {
    let paths = "/jobs/*: free | /premium/*: locked | /premium/open: free | *.pdf: locked | /x: open";
    let rule = |said, path: &str| {
        let address = ["https://news.example", path].concat();
        let says = Says { address: &address, rule: said, ..Says::default() };
        let (terms, diagnostics) = terms(attributes(&[("paths", paths)]), &says);
        (terms.rule, diagnostics.len())
    };
    assert_eq!(rule("", "/world/frogs"), (Rule::Metered, 1));
    assert_eq!(rule("", "/jobs/1?x=/premium/#/premium/"), (Rule::Free, 1));
    assert_eq!(rule("", "/premium/open"), (Rule::Locked, 1));
    assert_eq!(rule("", "/a/b.pdf"), (Rule::Locked, 1));
    assert_eq!(rule("", "/jobs"), (Rule::Metered, 1));
    assert_eq!(rule(" Metered ", "/premium/1"), (Rule::Metered, 1));
    assert_eq!(rule("free", "/premium/1"), (Rule::Free, 1));
    assert_eq!(
        rule("premium", "/jobs/1"),
        (Rule::Free, 2),
        "a word that is none says nothing, and is reported"
    );
    let (_, diagnostics) = terms(
        attributes(&[("paths", "/x: open")]),
        &Says { rule: "premium", address: "https://news.example/y", ..Says::default() },
    );
    assert_eq!(
        diagnostics,
        [
            "data-tollgate=\"premium\": not-a-rule, using \"metered\"",
            "data-paths=\"/x\": not-a-rule, using \"metered\""
        ]
    );
}

#[test]
fn steps_are_read_and_always_end_with_the_subscription() {
    let steps = |text| {
        let (config, _, diagnostics) = read(&[("steps", text), ("register-url", "/register")]);
        (config.steps, diagnostics)
    };
    let (notice, subscribe) = (Step::of(Surface::Notice), Step::of(Surface::Subscribe));
    assert_eq!(steps(""), (vec![notice, subscribe], vec![]));
    let register = Step { from: 4, ..Step::of(Surface::Register) };
    assert_eq!(
        steps("notice from 2, 1/day | register from 4 | subscribe"),
        (vec![Step { from: 2, often: 1, ..notice }, register, subscribe], vec![])
    );
    assert_eq!(
        steps("subscribe dismissible 2/week from 3 | register, from 4, 3/month"),
        (
            vec![
                Step { from: 3, dismissible: true, often: 2, days: 7, ..subscribe },
                Step { often: 3, days: 31, ..register }
            ],
            vec![]
        )
    );
    assert_eq!(steps("register from 4"), (vec![register, subscribe], vec![]));
    assert_eq!(
        steps("newsletter from 1"),
        (vec![notice, subscribe], vec!["data-steps=\"newsletter from 1\": step-without-url".to_owned()])
    );
    for bad in [
        "popup",
        "notice from",
        "notice from 0",
        "notice from x",
        "notice 0/day",
        "notice 1/hour",
        "notice 1",
        "from 2 notice",
    ] {
        assert_eq!(
            steps(bad),
            (vec![notice, subscribe], vec![format!("data-steps=\"{bad}\": not-a-step")]),
            "{bad}"
        );
    }
    let json = Raw::Map(vec![(
        "steps".into(),
        Raw::List(vec![
            Raw::Map(vec![
                ("surface".into(), text("notice")),
                ("from".into(), text("2")),
                ("dismissible".into(), text("true")),
                ("cap".into(), text("1/week")),
            ]),
            Raw::Map(vec![("surface".into(), text("subscribe"))]),
        ]),
    )]);
    let mut settings = Settings::default();
    settings.add_json(json.entries());
    let (config, _, diagnostics) = read_all(settings);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(config.steps, [Step { from: 2, dismissible: true, often: 1, days: 7, ..notice }, subscribe]);
}

#[test]
fn readers_from_listed_referrers_are_known() {
    let referred = |list, referrer| {
        let says = Says { referrer, address: page().address, ..Says::default() };
        let (terms, diagnostics) = terms(attributes(&[("free-referrers", list)]), &says);
        (terms.referred, diagnostics)
    };
    assert_eq!(referred("search | Partner.example", "https://www.google.com/"), (true, vec![]));
    assert_eq!(referred("search | Partner.example", "https://partner.example/x"), (true, vec![]));
    assert_eq!(referred("search", "https://partner.example/x"), (false, vec![]));
    assert_eq!(referred("", "https://www.google.com/"), (false, vec![]));
    let bad = vec!["data-free-referrers=\"google\": not-a-referrer".to_owned()];
    assert_eq!(referred("google | social", "https://t.co/x"), (true, bad));
}

#[test]
fn a_star_stands_for_any_characters() {
    for (path, pattern, expected) in [
        ("/a/b", "/a/*", true),
        ("/a/", "/a/*", true),
        ("/a", "/a/*", false),
        ("/a/b/c", "*/c", true),
        ("/a/b/c", "/*b*", true),
        ("/a/b/c", "/*b", false),
        ("/aaab", "/*ab", true),
        ("", "*", true),
        ("", "", true),
        ("/a", "", false),
        ("/a", "**", true),
    ] {
        assert_eq!(fits(path, pattern), expected, "{path} {pattern}");
    }
    // What backtracks without end in other matchers takes no time here.
    assert!(!fits(&"a".repeat(2000), &["*a".repeat(50).as_str(), "b"].concat()));
}

fn raw() -> impl Strategy<Value = Raw> {
    let leaf = ".{0,24}".prop_map(Raw::Text);
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Raw::List),
            proptest::collection::vec(("name|terms|text|badge|.{0,6}", inner), 0..6).prop_map(Raw::Map),
        ]
    })
}

proptest! {
    #[test]
    fn no_settings_panic_and_what_is_wrong_is_said(values in proptest::collection::vec((0..ATTRIBUTES.len(), raw()), 0..20)) {
        let mut settings = Settings::default();
        let json = values.into_iter().map(|(at, value)| (ATTRIBUTES[at].replace("data-", ""), value)).collect();
        settings.add_json(Raw::Map(json).entries());
        let (config, _, mut diagnostics) = read_all(settings);
        let says = Says { address: page().address, sections: "world, frogs", ..Says::default() };
        let _ = config.terms(&says, &mut diagnostics);
        prop_assert!(config.limits[0] <= 1000 && (0..=600_000).contains(&config.dwell));
        for diagnostic in diagnostics {
            prop_assert!(diagnostic.line().starts_with("data-"));
        }
    }
}
