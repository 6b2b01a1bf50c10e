//! The rules of the house, as tests: one door to the web, a sentence at the top of every file, one table of names.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} files in {folder}");
    found
}

#[test]
fn only_the_browser_room_names_the_webs_crates() {
    let web = ["web_sys", "js_sys", "wasm_bindgen", "gloo_storage", "serde_wasm_bindgen"];
    for file in files("src", "rs") {
        if file.starts_with(root().join("src/browser")) {
            continue;
        }
        let text = fs::read_to_string(&file).expect("text");
        for name in web {
            assert!(!text.contains(name), "{} names {name}", file.display());
        }
    }
}

#[test]
fn the_webs_crates_are_each_used() {
    let all: String =
        files("src/browser", "rs").iter().map(|file| fs::read_to_string(file).expect("text")).collect();
    for name in ["web_sys::", "js_sys::", "wasm_bindgen::", "gloo_storage::", "serde_wasm_bindgen::"] {
        assert!(all.contains(name), "{name} is a dependency that nothing uses");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "tests", "xtask"] {
        for file in files(folder, "rs") {
            let text = fs::read_to_string(&file).expect("text");
            assert!(text.starts_with("//! "), "{} has no opening sentence", file.display());
        }
    }
    for file in files("www/loader", "js") {
        assert!(fs::read_to_string(&file).expect("text").starts_with("// "), "{}", file.display());
    }
}

#[test]
fn the_readme_explains_every_attribute_and_every_code() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    for attribute in tollgate::config::ATTRIBUTES.iter().chain(&tollgate::config::OF_THE_TAG) {
        assert!(readme.contains(&format!("| `{attribute}` |")), "{attribute} is not in the README's table");
    }
    for (code, _) in tollgate::config::PROSE {
        assert!(readme.contains(&format!("| `{code}` |")), "{code} is not in the README's table");
    }
}

#[test]
fn the_readme_lists_every_text() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    for (name, meaning) in tollgate::text::NAMES.iter().zip(tollgate::text::MEANINGS) {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        assert!(row.is_some_and(|row| row.contains(meaning)), "{name} is not in the README's table of texts");
    }
}

#[test]
fn the_signals_numbers_are_the_same_on_both_sides() {
    let rust = fs::read_to_string(root().join("src/browser/entry.rs")).expect("text");
    let script = fs::read_to_string(root().join("www/loader/codes.js")).expect("text");
    let mut compared = 0;
    for line in script.lines() {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, number)) = line.strip_prefix("const ").and_then(|rest| rest.split_once(" = ")) else {
            continue;
        };
        if name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') {
            let constant = format!("const {name}: u32 = {number}");
            assert!(rust.contains(&constant), "entry.rs has no `{constant}`");
            compared += 1;
        }
    }
    assert!(compared >= 10, "only {compared} numbers were compared");
}

#[test]
fn ld_24_the_loader_has_no_dangerous_sink() {
    for file in files("www/loader", "js") {
        let text = fs::read_to_string(&file).expect("text");
        for sink in
            ["eval(", "new Function", "innerHTML", "document.write", "'unload'", "alert(", "pushState"]
        {
            assert!(!text.contains(sink), "{} has {sink}", file.display());
        }
    }
}

#[test]
fn all_pages_of_the_demo_carry_the_same_tag() {
    let mut tags = Vec::new();
    for file in files("www/demo", "html") {
        let text = fs::read_to_string(&file).expect("text");
        let start =
            text.find("<script async src=\"/tollgate.js\"").unwrap_or_else(|| panic!("{}", file.display()));
        let tag = text[start..].split("</script>").next().expect("a tag").to_owned();
        tags.push((file, tag));
    }
    let (_, first) = tags.first().expect("a page").clone();
    assert!(first.contains("data-limit=\"1\""));
    for (file, tag) in tags {
        assert_eq!(tag, first, "{}", file.display());
    }
}
