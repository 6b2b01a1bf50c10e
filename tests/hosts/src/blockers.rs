//! IS-26: no generic rule of the usual blockers' lists matches our files or what stands in the page's own tree. As a unit test, on the
//! lists that Debian ships with uBlock Origin (EasyList, EasyPrivacy, uBlock's own; Fanboy's annoyances are in no package).

use adblock::Engine;
use adblock::blocker::BlockerResult;
use adblock::lists::{FilterSet, ParseOptions};
use adblock::request::Request;
use std::path::{Path, PathBuf};

/// Where the package puts them.
const LISTS: &str =
    "/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/uBlock0@raymondhill.net/assets";

fn lists(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            lists(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "txt") {
            found.push(path);
        }
    }
}

fn engine() -> Engine {
    let mut found = Vec::new();
    lists(Path::new(LISTS), &mut found);
    assert!(found.len() >= 5, "no lists in {LISTS}: cargo xtask test installs webext-ublock-origin-firefox");
    let mut set = FilterSet::new(true);
    for list in found {
        let text = std::fs::read_to_string(&list).expect("a list");
        let _ = set.add_filter_list(text, ParseOptions::default());
    }
    Engine::new_with_filter_set(set)
}

fn asked(engine: &Engine, address: &str, kind: &str) -> BlockerResult {
    let request = Request::new(address, "https://news.example/story", kind, "get").expect("a request");
    engine.check_network_request(&request)
}

#[test]
fn is_26_no_blocker_knows_our_files_or_names() {
    let engine = engine();
    // The lists are those, and are read: they know what they are for.
    assert!(asked(&engine, "https://www.googletagmanager.com/gtm.js", "script").filter.is_some());
    assert!(!engine.hidden_class_id_selectors(["ad-a"], ["AC_ad"], &Default::default()).is_empty());

    for (address, kind) in [
        ("https://news.example/tollgate.js", "script"),
        ("https://news.example/assets/tollgate.debug.js", "script"),
        ("https://cdn.example/tollgate-gate-0123456789abcdef.js", "script"),
        ("https://news.example/tollgate-0123456789abcdef.wasm", "xmlhttprequest"),
        ("https://news.example/tollgate-de-0123456789abcdef01234567.txt", "xmlhttprequest"),
    ] {
        let result = asked(&engine, address, kind);
        assert!(result.filter.is_none(), "{address}: {:?}", result.filter);
    }
    // In the page's own tree stands one element, with no class and no id.
    let hidden = engine.url_cosmetic_resources("https://news.example/story").hide_selectors;
    assert!(!hidden.is_empty(), "generic rules");
    let ours = ["tollgate", "data-nosnippet", "data-turbo-temporary"];
    let rules: Vec<&String> =
        hidden.iter().filter(|rule| ours.iter().any(|name| rule.contains(name))).collect();
    assert!(rules.is_empty(), "{rules:?}");
}
