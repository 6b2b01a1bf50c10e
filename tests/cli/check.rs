//! `tollgate check`: pages from files and from a server, right and wrong.

use crate::run::Desk;
use tollgate_serve::{Response, Router, Server};

/// What stands for the script that was built: by its words it is known, and the files that it names are looked for.
const SCRIPT: &str = "\u{feff}'[tollgate] tollgate-gate-0123456789abcdef.js tollgate-0123456789abcdef.wasm'";
const GATE: &str = "/tollgate-gate-0123456789abcdef.js";
const MODULE: &str = "/tollgate-0123456789abcdef.wasm";
/// What stands for the gate's.
fn gates() -> String {
    format!("root=\"00112233445566778899aabb\",hand=`de fr zh-Hant\n{}\nen`", tollgate::text::NAMES.join(" "))
}
const GERMAN: &str = "/tollgate-de-00112233445566778899aabb.txt";

/// A page with this in its head, and the article's text.
fn page(head: &str) -> String {
    let text = "<p>It was a plain day.</p>".repeat(8);
    format!(
        "<!doctype html><html lang=\"de\"><head><meta charset=\"utf-8\"><title>Frogs</title>{head}</head>\
         <body><article><div class=\"body\">{text}</div></article></body></html>"
    )
}

/// A tag as it should be, with these attributes besides.
fn tag(more: &str) -> String {
    format!(
        "<script async src=\"/tollgate.js\" data-content=\".body\" data-subscribe-url=\"/subscribe\" {more}></script>\
         <link rel=\"canonical\" href=\"/frogs\">\
         <script type=\"application/ld+json\">{{\"@type\": \"NewsArticle\", \"isAccessibleForFree\": false, \
         \"hasPart\": {{\"isAccessibleForFree\": false, \"cssSelector\": \".body\"}}}}</script>"
    )
}

/// What a check of a page says, read from a file, where it will stand at a known address.
fn said_of(name: &str, page: &str) -> (i32, String) {
    let desk = Desk::new(name);
    desk.put("frogs.html", page);
    let said = desk.run(&["check", "frogs.html", "--address", "https://news.example/frogs", "--page-only"]);
    assert_eq!(said.remarks, "", "{}", said.output);
    (said.code, said.output)
}

/// A server of a page and of all files beside it, but for those that are replaced.
fn serve(page: &str, replaced: Vec<(&'static str, Option<Response>)>) -> Server {
    let javascript = |text: &str| Response::new(200).body("text/javascript; charset=utf-8", text);
    let mut files = vec![
        ("/frogs", Response::new(200).body("text/html; charset=utf-8", page)),
        ("/tollgate.js", javascript(SCRIPT)),
        (GATE, javascript(&gates())),
        (MODULE, Response::new(200).body("application/wasm", "\0asm")),
        (GERMAN, Response::new(200).body("text/plain", "de\n")),
    ];
    for (path, response) in replaced {
        files.retain(|(known, _)| *known != path);
        files.extend(response.map(|response| (path, response)));
    }
    let router = files
        .into_iter()
        .fold(Router::new(), |router, (path, response)| router.at(path, move |_| response.clone()));
    Server::start(router).expect("a free port")
}

/// What a check of the served page says.
fn said_of_served(name: &str, page: &str, replaced: Vec<(&'static str, Option<Response>)>) -> (i32, String) {
    let server = serve(page, replaced);
    let said = Desk::new(name).run(&["check", &format!("http://{}/frogs", server.addr)]);
    assert_eq!(said.remarks, "", "{}", said.output);
    (said.code, said.output)
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn a_page_as_it_should_be() {
    let (code, text) = said_of_served("check-right", &page(&tag("")), Vec::new());
    assert_eq!(code, 0, "{text}");
    has(
        &text,
        &[
            "ok     metered; 152 bytes",
            "the script, and the files that it names",
            "the texts in de",
            "Nothing is wrong.",
        ],
    );
    assert!(!text.contains("wrong "), "{text}");
}

#[test]
fn every_wrong_setting_is_named_with_what_is_expected() {
    let wrong = "data-limit=\"many\" data-plans=\"Year: 19.90/yeer\" data-text-ofer=\"x\" data-time-zone=\"Europe/Pariss\" \
                 data-subscribe-ul=\"/x\" limit=\"3\" data-cfasync=\"false\"";
    let (code, text) = said_of("check-settings", &page(&tag(wrong)));
    assert_eq!(code, 1);
    has(
        &text,
        &[
            "data-limit=\"many\": not-a-number, using \"3\"",
            "Expected a whole number",
            "plan-period",
            "unknown-text",
            "data-time-zone=\"Europe/Pariss\": not-a-time-zone",
            "Did you mean data-subscribe-url?",
            "Settings begin with data-. Did you mean data-limit?",
            "6 wrong",
        ],
    );
    // Another tool's.
    assert!(!text.contains("cfasync"), "{text}");
}

#[test]
fn settings_in_json_are_read_too() {
    let json = "<script type=\"application/json\" data-tollgate-config>{\"limits\": 3, \"dwell\": 5.0, \"steps\": [{\"surface\": \"notise\"}]}</script>";
    let (code, text) = said_of("check-json", &page(&[&tag(""), json].concat()));
    assert_eq!(code, 1);
    has(&text, &["limits", "unknown-setting", "not-a-step", "2 wrong"]);
    let (_, text) = said_of("check-json-none", &page(&(tag("") + &json.replace('}', ""))));
    has(&text, &["json-unreadable"]);
}

#[test]
fn the_tag_itself() {
    let (code, text) = said_of("check-no-tag", &page(""));
    assert_eq!(code, 1);
    has(&text, &["no script whose file is called tollgate"]);
    let two = [tag(""), tag("type=\"text/plain\"")].concat();
    has(&said_of("check-two-tags", &page(&two)).1, &["2 tags"]);
    let held = tag("type=\"text/plain\"").replace("async ", "");
    has(
        &said_of("check-held", &page(&held)).1,
        &["type=\"text/plain\": the browser does not run it", "without async"],
    );
    let elsewhere = tag("integrity=\"sha256-x\"").replace("/tollgate.js", "https://cdn.example/tollgate.js");
    has(&said_of("check-elsewhere", &page(&elsewhere)).1, &["integrity without crossorigin"]);
}

#[test]
fn the_article_and_its_address() {
    let of = |name: &str, was: &str, is: &str| said_of(name, &page(&tag("")).replace(was, is)).1;
    has(&of("check-front", "class=\"body\"", ""), &["content-missing", "no article on this page"]);
    has(&of("check-invalid", "data-content=\".body\"", "data-content=\"..\""), &["content-invalid"]);
    has(&of("check-whole", "data-content=\".body\"", "data-content=\"body\""), &["content-refused"]);
    has(&of("check-taken", "data-content=\".body\"", ""), &["content-taken", "article"]);
    has(&of("check-nowhere", "data-subscribe-url=\"/subscribe\"", ""), &["no-subscribe-url"]);
    has(
        &of("check-free", "<article>", "<article data-tollgate=\"free\" data-tollgate-id=\"7\">"),
        &["free;", "known as id:7"],
    );
    has(&of("check-rule", "<article>", "<article data-tollgate=\"premium\">"), &["not-a-rule"]);
    has(&of("check-no-canonical", "rel=\"canonical\"", ""), &["no <link rel=\"canonical\">"]);
    has(
        &of("check-canonical", "href=\"/frogs\"", "href=\"https://other.example/frogs\""),
        &["is not believed"],
    );
    has(&of("check-same", "href=\"/frogs\"", "href=\"/news/frogs\""), &["and not the page's own address"]);
    let two = "href=\"/frogs\"><link rel=\"canonical\" href=\"/toads\"";
    has(
        &of("check-two-canonicals", "href=\"/frogs\"", two),
        &["2 canonical addresses that are not the same"],
    );
    // Where the page will stand is not known.
    let desk = Desk::new("check-unknown");
    desk.put("frogs.html", page(&tag("")));
    has(&desk.run(&["check", "frogs.html", "--page-only"]).output, &["Say with --address"]);
}

#[test]
fn structured_data() {
    let of = |name: &str, was: &str, is: &str| said_of(name, &page(&tag("")).replace(was, is)).1;
    has(&of("check-not-said", "\"isAccessibleForFree\": false", "\"x\": 1"), &["paywall-not-said"]);
    has(&of("check-part", "\"cssSelector\": \".body\"", "\"y\": 1"), &["paywall-without-part"]);
    has(&of("check-class", "\".body\"}", "\".text\"}"), &["paywall-class-missing"]);
    has(&of("check-broken", "{\"@type\"", "{,\"@type\""), &["no JSON"]);
    let (code, text) = said_of("check-added", &page(&tag("data-structured-data=\"add\"")));
    assert_eq!(code, 0, "{text}");
    has(&text, &["completed on the page"]);
}

#[test]
fn a_policy_that_refuses() {
    let of = |name: &str, policy: &str, more: &str| {
        let meta = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
        said_of(name, &page(&[&meta, &*tag(more)].concat()))
    };
    let (code, text) = of("check-policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'", "");
    assert_eq!(code, 0, "{text}");
    has(&text, &["lets all through"]);
    has(&of("check-policy-wasm", "script-src 'self'", "").1, &["refused: WebAssembly", "'wasm-unsafe-eval'"]);
    let meta = "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'self'\">";
    let twin = tag("").replace("tollgate.js", "tollgate.nowasm.js");
    let (_, text) = said_of("check-policy-nowasm", &page(&[meta, &*twin].concat()));
    assert!(!text.contains("refused: WebAssembly"), "{text}");
    has(
        &of("check-policy-none", "script-src 'none'; connect-src 'none'", "data-entitlement-url=\"/may\"").1,
        &[
            "refused: the script",
            "refused: what the script fetches",
            "refused: the gate's texts",
            "refused: the endpoint",
        ],
    );
    let strict = "script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'";
    let (code, text) = of("check-policy-nonce", strict, "nonce=\"abc\"");
    assert_eq!(code, 0, "{text}");
    has(&of("check-policy-no-nonce", strict, "").1, &["refused: the script"]);
    // The same by a header.
    let answer = Response::new(200)
        .body("text/html; charset=utf-8", page(&tag("")))
        .header("Content-Security-Policy", "script-src 'self'");
    let (code, text) = said_of_served("check-policy-header", "", vec![("/frogs", Some(answer))]);
    assert_eq!(code, 1);
    has(&text, &["refused: WebAssembly"]);
}

#[test]
fn settings_in_json_that_come_too_late() {
    let json = |settings: &str| {
        format!("<script type=\"application/json\" data-tollgate-config>{settings}</script>")
    };
    let late = "stands behind the tag";
    let asks = json("{\"consent\": \"required\"}");
    has(&said_of("check-late", &page(&(tag("") + &asks))).1, &[late, "Put it before the tag"]);
    for (name, head) in [
        ("check-early", asks + &tag("")),
        // What it sets is read in time.
        ("check-late-limit", tag("") + &json("{\"limit\": 2}")),
    ] {
        let (_, text) = said_of(name, &page(&head));
        assert!(!text.contains(late), "{name}: {text}");
    }
}

#[test]
fn files_that_are_missing_or_served_wrong() {
    let page = page(&tag(""));
    let of = |name: &str, path: &'static str, response: Option<Response>| {
        let (code, text) = said_of_served(name, &page, vec![(path, response)]);
        assert_eq!(code, 1, "{text}");
        text
    };
    has(&of("check-no-script", "/tollgate.js", None), &["/tollgate.js: the server answers 404"]);
    has(
        &of("check-no-gate", GATE, None),
        &["0123456789abcdef.js: the server answers 404", "not the script alone"],
    );
    has(&of("check-no-texts", GERMAN, None), &["tollgate-de-", "404"]);
    // A language that is served by another's texts, and one that by none.
    let of_taiwan = page.replace("lang=\"de\"", "lang=\"zh-TW\"");
    has(&said_of_served("check-chinese", &of_taiwan, Vec::new()).1, &["tollgate-zh-Hant-", "404"]);
    let of_wales = page.replace("lang=\"de\"", "lang=\"cy\"");
    has(&said_of_served("check-welsh", &of_wales, Vec::new()).1, &["no texts in cy"]);
    let of_america = page.replace("lang=\"de\"", "lang=\"en_US\"");
    let (_, text) = said_of_served("check-american", &of_america, Vec::new());
    assert!(!text.contains("texts in"), "{text}");
    let as_text = Response::new(200).body("text/plain", SCRIPT);
    has(
        &of("check-type", "/tollgate.js", Some(as_text)),
        &["Content-Type \"text/plain\"", "Serve it as text/javascript"],
    );
    let other = Response::new(200).body("text/html", "<h1>Not found</h1>");
    has(&of("check-page", "/tollgate.js", Some(other)), &["is not Tollgate's script"]);
    let pinned = self::page(&tag("integrity=\"sha256-wrong\""));
    let (code, text) = said_of_served("check-integrity", &pinned, Vec::new());
    assert_eq!(code, 1);
    has(&text, &["integrity is not the script's", "It would be sha256-"]);
    let right = text.split("sha256-").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a hash");
    let pinned = self::page(&tag(&format!("integrity=\"sha256-{right}\"")));
    has(&said_of_served("check-integrity-right", &pinned, Vec::new()).1, &["integrity fits the script"]);
}

#[test]
fn files_beside_a_page_that_is_a_file() {
    let desk = Desk::new("check-folder");
    desk.put("frogs.html", page(&tag("")).replace("src=\"/tollgate.js\"", "src=\"js/tollgate.js\""));
    let said = desk.run(&["check", "frogs.html"]);
    assert_eq!(said.code, 1);
    has(&said.output, &["js/tollgate.js"]);
    for (name, text) in
        [("tollgate.js", SCRIPT), (&GATE[1..], &gates()), (&MODULE[1..], "\0asm"), (&GERMAN[1..], "de\n")]
    {
        desk.put(&format!("js/{name}"), text);
    }
    let said = desk.run(&["check", "frogs.html"]);
    assert_eq!(said.code, 0, "{}", said.output);
    has(&said.output, &["the script, and the files that it names", "the texts in de"]);
}

#[test]
fn what_is_no_page_is_not_checked() {
    let server = serve("", vec![("/style.css", Some(Response::new(200).body("text/css", "a {}")))]);
    let desk = Desk::new("check-none");
    for (target, why) in [
        ("missing.html".to_owned(), "missing.html"),
        (".".to_owned(), "a folder"),
        (format!("http://{}/nothing", server.addr), "404"),
        (format!("http://{}/style.css", server.addr), "no page"),
        ("http://127.0.0.1:1/".to_owned(), "127.0.0.1:1"),
    ] {
        let said = desk.run(&["check", &target]);
        assert_eq!((said.code, said.output.as_str()), (2, ""), "{target}");
        assert!(said.remarks.starts_with("tollgate: ") && said.remarks.contains(why), "{}", said.remarks);
        assert_eq!(said.remarks.lines().count(), 1);
    }
    let said = desk.run(&["check", "x.html", "--address", "frogs"]);
    assert!(said.code == 2 && said.remarks.contains("--address frogs"), "{}", said.remarks);
    // By standard input; and nothing of it can command the terminal.
    let said = desk.run_with(
        &["check", "-", "--address", "https://news.example/frogs"],
        &page(&tag("data-limit=\"\u{1b}[2J\"")),
    );
    assert_eq!(said.code, 1);
    assert!(!said.output.contains('\u{1b}'));
}
