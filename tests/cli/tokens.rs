//! `keygen`, `sign`, `gift`, `verify`: what they make is accepted, secrets stay where they are, mistakes are named.

use crate::run::{Desk, Said};
use serde_json::Value;

const US: [&str; 4] = ["--issuer", "https://news.example", "--site", "meridian"];

/// A desk with a private key in `key.json` and its public key in `public.json`.
fn with_key(name: &str, alg: &str) -> Desk {
    let desk = Desk::new(name);
    let said = desk.run(&["keygen", "--alg", alg, "--out", "key.json"]);
    assert_eq!(said.code, 0, "{said:?}");
    desk.put("public.json", public(&said));
    desk
}

fn public(said: &Said) -> String {
    let line = |text: &str| text.lines().find(|line| line.starts_with('{')).map(str::to_owned);
    line(&said.output).or_else(|| line(&said.remarks)).expect("a public key")
}

fn secret(text: &str) -> String {
    serde_json::from_str::<Value>(text).expect("JSON")["d"].as_str().expect("a private key").to_owned()
}

impl Desk {
    fn sign(&self, more: &[&str]) -> Said {
        self.run(&[&["sign", "--key", "key.json"], &US[..], more].concat())
    }

    fn gift(&self, more: &[&str]) -> Said {
        self.run(&[&["gift", "--key", "key.json"], &US[..], more].concat())
    }

    fn verify(&self, token: &str, more: &[&str]) -> Said {
        self.run(&[&["verify", "--keys", "public.json"], &US[..], more, &[token]].concat())
    }
}

#[test]
fn a_key_pair_is_made_and_the_secret_kept() {
    for alg in ["es256", "eddsa"] {
        let desk = Desk::new(&format!("keygen-{alg}"));
        let said = desk.run(&["keygen", "--alg", alg]);
        assert_eq!(said.code, 0, "{said:?}");
        let private = desk.text("tollgate-private-key.json");
        let read: Value = serde_json::from_str(&private).expect("JSON");
        let public: Value = serde_json::from_str(&public(&said)).expect("JSON");
        assert_eq!(read["kid"], public["kid"]);
        assert_eq!(read["use"], "sig");
        assert!(public.get("d").is_none());
        let secret = secret(&private);
        assert!(!said.output.contains(&secret) && !said.remarks.contains(&secret));
        // The attribute can be pasted: its value has no single quote.
        let attribute = said.output.split("data-token-keys='").nth(1).expect("the attribute");
        let value = attribute.split('\'').next().expect("a value");
        assert_eq!(serde_json::from_str::<Value>(value).expect("JSON"), public);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let data = std::fs::metadata(desk.folder.join("tollgate-private-key.json")).expect("a file");
            assert_eq!(data.permissions().mode() & 0o777, 0o600);
        }
        // It is never overwritten.
        let again = desk.run(&["keygen", "--alg", alg]);
        assert_eq!(again.code, 2);
        assert!(again.remarks.contains("there already"), "{again:?}");
        assert_eq!(desk.text("tollgate-private-key.json"), private);
    }
}

#[test]
fn a_secret_goes_to_standard_output_where_that_is_asked_for() {
    let desk = Desk::new("keygen-out");
    let said = desk.run(&["keygen", "--out", "-"]);
    assert_eq!(said.code, 0);
    assert_eq!(said.output.lines().count(), 1);
    assert!(!secret(&said.output).is_empty());
    assert!(said.remarks.contains("data-token-keys='") && !said.remarks.contains(&secret(&said.output)));
    assert_eq!(std::fs::read_dir(&desk.folder).expect("a folder").count(), 0);
    // And is read from standard input.
    let signed = desk.run_with(&[&["sign", "--key", "-"], &US[..]].concat(), &said.output);
    desk.put("public.json", public(&Said { code: 0, output: said.remarks, remarks: String::new() }));
    assert_eq!(desk.verify(signed.output.trim(), &[]).code, 0);
}

#[test]
fn en_08_what_is_signed_is_accepted() {
    for alg in ["es256", "eddsa"] {
        let desk = with_key(&format!("sign-{alg}"), alg);
        let signed = desk.sign(&["--subject", "r-1729", "--tier", "registered", "--days", "1"]);
        assert_eq!((signed.code, signed.remarks.as_str()), (0, ""));
        assert_eq!(signed.output.lines().count(), 1);
        let token = signed.output.trim();
        let said = desk.verify(token, &[]);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.output.starts_with("Accepted: tier registered, holds for "), "{said:?}");
        assert!(said.output.contains(r#""sub": "r-1729""#));
        // By the JSON itself, and in an address.
        let keys = desk.text("public.json");
        let set = format!(r#"{{"keys":[{keys}]}}"#);
        let link = format!("https://news.example/frogs?p=1#top&tollgate-token={token}");
        for keys in [keys.as_str(), &format!("[{keys}]"), &set] {
            assert_eq!(
                desk.run(&[&["verify", "--keys", keys], &US[..], &[&link]].concat()).code,
                0,
                "{keys}"
            );
        }
        let piped = desk.run_with(
            &[&["verify", "--keys", "public.json"], &US[..], &["-"]].concat(),
            &format!("{token}\n"),
        );
        assert_eq!(piped.code, 0, "{piped:?}");
    }
}

#[test]
fn a_gift_is_a_link() {
    let desk = with_key("gift", "es256");
    let given = desk.gift(&["--article", "https://news.example/2026/frogs", "--days", "31"]);
    assert_eq!(given.code, 0, "{given:?}");
    let [token, link] = given.output.lines().collect::<Vec<_>>()[..] else { panic!("{given:?}") };
    assert_eq!(link, format!("https://news.example/2026/frogs#tollgate-gift={token}"));
    let said = desk.verify(link, &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.output.starts_with("Accepted: a gift of one article, holds for "), "{said:?}");

    let given = desk.gift(&["--article", "id:7-42", "--page", "https://news.example/app#/frogs"]);
    assert!(given.output.contains("https://news.example/app#/frogs&tollgate-gift="), "{given:?}");
    assert_eq!(desk.verify(given.output.lines().nth(1).expect("a link"), &[]).code, 0);

    for (more, words) in [
        (&["--article", "/2026/frogs"][..], "relative URL"),
        (&["--article", "ftp://news.example/frogs"], "expected https"),
        (&["--article", "https://news.example/frogs#top"], "without a fragment"),
        (&["--article", "id:7-42"], "needs --page"),
        (&["--article", "https://news.example/frogs", "--days", "32"], "2678400 seconds"),
        (&["--article", "https://news.example/frogs", "--days", "1", "--hours", "2"], "cannot be used with"),
        (&[], "--article"),
    ] {
        let said = desk.gift(more);
        assert_eq!((said.code, said.output.as_str()), (2, ""), "{more:?}");
        assert!(said.remarks.contains(words), "{more:?}: {}", said.remarks);
    }
}

#[test]
fn what_would_be_refused_is_not_signed() {
    let desk = with_key("unsigned", "es256");
    for (more, words) in [
        (&["--tier", "gold"][..], "newsletter, registered or subscriber"),
        (&["--subject", "ada@news.example"], "no @"),
        (&["--hours", "25"], "24 hours"),
        (&["--days", "0"], "invalid value"),
        (&["--hours", "-1"], "error"),
    ] {
        let said = desk.sign(more);
        assert_eq!((said.code, said.output.as_str()), (2, ""), "{more:?}");
        assert!(said.remarks.contains(words), "{more:?}: {}", said.remarks);
    }
    let key = desk.text("key.json");
    desk.put("broken.json", key.replace('{', ""));
    desk.put("oct.json", r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qz"}"#);
    for (file, words) in [
        ("none.json", "none.json"),
        ("broken.json", "expected a JWK"),
        ("oct.json", "P-256"),
        ("public.json", "this is a public key"),
    ] {
        let said = desk.run(&[&["sign", "--key", file], &US[..]].concat());
        assert_eq!((said.code, said.output.as_str()), (2, ""), "{file}");
        assert!(said.remarks.contains(words), "{file}: {}", said.remarks);
        assert!(!said.remarks.contains(&secret(&key)));
    }
    let said = desk.run(&[
        "sign",
        "--key",
        "key.json",
        "--issuer",
        "https://news.example",
        "--site",
        "News.Example",
    ]);
    assert!(said.remarks.contains("data-site"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = with_key("open-key", "eddsa");
    std::fs::set_permissions(desk.folder.join("key.json"), std::fs::Permissions::from_mode(0o644))
        .expect("changed");
    let said = desk.sign(&[]);
    assert_eq!(said.code, 0);
    assert!(said.remarks.contains("chmod 600"), "{said:?}");
}

#[test]
fn en_07_a_refusal_is_precise() {
    let desk = with_key("refused", "es256");
    let token = desk.sign(&[]).output.trim().to_owned();
    let say = |said: Said| {
        assert_eq!(said.code, 1, "{said:?}");
        assert_eq!(said.output.lines().count(), 2, "{said:?}");
        said.output.lines().next().expect("a line").to_owned()
    };
    let by = |issuer: &str, site: &str| {
        say(desk.run(&["verify", "--keys", "public.json", "--issuer", issuer, "--site", site, &token]))
    };
    assert_eq!(by("https://news.example/", "meridian"), "Refused: wrong iss.");
    assert_eq!(by("https://news.example", "other"), "Refused: wrong aud.");
    assert_eq!(say(desk.verify(&format!("{token}.x"), &[])), "Refused: not a compact JWS.");
    assert_eq!(say(desk.verify("hello", &[])), "Refused: not a compact JWS.");
    let other = with_key("refused-other", "es256");
    desk.put("other.json", other.text("public.json"));
    let said = desk.run(&[&["verify", "--keys", "other.json"], &US[..], &[&token]].concat());
    assert_eq!(say(said), "Refused: no pinned key has this kid.");
    // The same id with another key.
    let mut keys: Value = serde_json::from_str(&other.text("public.json")).expect("JSON");
    let ours: Value = serde_json::from_str(&desk.text("public.json")).expect("JSON");
    keys["kid"] = ours["kid"].clone();
    let said = desk.run(&[&["verify", "--keys", &keys.to_string()], &US[..], &[&token]].concat());
    assert_eq!(say(said), "Refused: wrong signature.");
    // Keys that are none are no fault of the token's.
    for keys in ["key.json", "none.json", "{}", "[]"] {
        let said = desk.run(&[&["verify", "--keys", keys], &US[..], &[&token]].concat());
        assert_eq!((said.code, said.output.as_str()), (2, ""), "{keys}");
    }
}

#[test]
fn en_09_clocks_may_differ_by_four_minutes_and_not_by_six() {
    let desk = with_key("skew", "es256");
    let token = desk.sign(&["--at", "1800000000", "--hours", "1"]).output.trim().to_owned();
    let at = |seconds: i64| {
        let said = desk.verify(&token, &["--at", &seconds.to_string()]);
        (said.code, said.output.lines().next().expect("a line").to_owned())
    };
    assert_eq!(at(1_800_000_000 - 240).0, 0);
    assert_eq!(at(1_800_000_000 - 360), (1, "Refused: not yet valid.".to_owned()));
    assert_eq!(at(1_800_003_600 + 240).0, 0);
    assert_eq!(at(1_800_003_600 + 360), (1, "Refused: expired.".to_owned()));
}

#[test]
fn every_command_explains_itself() {
    let desk = Desk::new("help");
    for command in ["keygen", "sign", "gift", "verify"] {
        let said = desk.run(&[command, "--help"]);
        assert_eq!(said.code, 0);
        assert!(said.output.contains(&format!("tollgate {command}")), "{}", said.output);
        assert!(said.output.contains("Example"), "{command} has no example");
    }
    assert!(desk.run(&["--version"]).output.starts_with("tollgate "));
    assert_eq!(desk.run(&["nonsense"]).code, 2);
    assert_eq!(desk.run(&[]).code, 2);
}
