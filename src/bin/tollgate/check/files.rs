//! The files: whether the script and those it names are there, whole, and of the types that browsers ask for.

use super::page::{Page, Tag};
use super::report::{Report, Topic};
use super::served::{Answer, Source};
use super::settings::Configured;
use content_security_policy::HashAlgorithm;
use tollgate::text::language;
use url::Url;

/// How the gate's script is named.
const GATE: &str = "tollgate-gate-";

/// What the script names, by how the names begin and end; between them stands a hash. Whether a browser runs it as a script.
const NAMED: [(&str, &str, bool); 6] = [
    (GATE, ".js", true),
    ("tollgate-rules-", ".js", true),
    ("tollgate-connect-", ".js", true),
    ("tollgate-changing-", ".js", true),
    ("tollgate-twin-", ".js", true),
    ("tollgate-", ".wasm", false),
];

/// The types that browsers take for JavaScript (WHATWG MIME Sniffing, 'JavaScript MIME type'), the usual ones.
const JAVASCRIPT: [&str; 4] =
    ["text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript"];

pub(super) fn check(source: &Source, page: &Page, tag: &Tag, configured: &Configured, report: &mut Report) {
    let Some(address) = &tag.address else { return };
    let answer = match source.beside(&tag.src, address) {
        None => {
            report.note(
                Topic::Files,
                format!("{}: not looked for", tag.src),
                "Of a page that is a file, only what stands beside it is.",
            );
            return;
        }
        Some(answer) => answer,
    };
    let Some(answer) = had(&tag.src, answer, report) else { return };
    let Ok(text) = std::str::from_utf8(&answer.bytes) else {
        report.wrong(Topic::Files, format!("{} is not UTF-8", tag.src), "Serve the file as it was built.");
        return;
    };
    if !text.contains("[tollgate]") || !text.contains(GATE) {
        report.wrong(
            Topic::Files,
            format!("{} is not Tollgate's script", tag.src),
            "Is it a page that says 404?",
        );
        return;
    }
    is_javascript(&tag.src, &answer, report);
    if !text.starts_with('\u{feff}') {
        let is_utf_8 = answer.kind.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().contains("utf-8"));
        if answer.kind.is_some() && !is_utf_8 {
            report.note(
                Topic::Files,
                format!("{} has lost its byte order mark, and its type names no charset", tag.src),
                "Serve it as it was built, or with charset=utf-8.",
            );
        }
    }
    if let Some(integrity) = tag.attribute("integrity") {
        let fits = integrity.split_whitespace().any(|one| {
            let (name, expected) = one.split_once('-').unwrap_or_default();
            HashAlgorithm::from_name(name).is_some_and(|hash| hash.apply(text) == expected)
        });
        if fits {
            report.fine(Topic::Files, "integrity fits the script");
        } else {
            report.wrong(
                Topic::Files,
                "integrity is not the script's: the browser refuses it",
                format!("It would be sha256-{}", HashAlgorithm::Sha256.apply(text)),
            );
        }
    }
    let folder = tag.src.rfind('/').map_or("", |slash| tag.src.get(..=slash).unwrap_or(""));
    let is_elsewhere = address.origin() != page.address.origin();
    let mut missing = false;
    let mut gate = None;
    for (beginning, end, is_script) in NAMED {
        let Some(name) = named(text, beginning, end) else { continue };
        let Some(answer) = beside(source, folder, address, &name) else { continue };
        let Some(answer) = had(&name, answer, report) else {
            missing = true;
            continue;
        };
        if is_script {
            is_javascript(&name, &answer, report);
            if beginning == GATE {
                gate = Some(answer);
            }
        } else if answer.kind.as_deref().is_some_and(|kind| !kind.starts_with("application/wasm")) {
            report.note(
                Topic::Files,
                format!("{name}: Content-Type {:?}", answer.kind.as_deref().unwrap_or("")),
                "application/wasm is its type. It is only fetched where the script came damaged.",
            );
        }
    }
    if missing {
        report.note(
            Topic::Files,
            "the files are of one build",
            "Put all of www/dist there, not the script alone.",
        );
    } else {
        report.fine(Topic::Files, "the script, and the files that it names");
    }
    if let Some(gate) = gate {
        texts(source, folder, address, &gate, &configured.locale, is_elsewhere, report);
    }
}

/// The gate's texts in the page's language, by the gate's script, which names them.
fn texts(
    source: &Source,
    folder: &str,
    address: &Url,
    gate: &Answer,
    locale: &str,
    is_elsewhere: bool,
    report: &mut Report,
) {
    // As some servers write it: `de_AT`.
    let asked = locale.replace('_', "-");
    if asked.is_empty() || language::is_same(&asked, language::ENGLISH) {
        return;
    }
    let script = String::from_utf8_lossy(&gate.bytes);
    let language = language::choose(&asked, languages(&script).unwrap_or_default());
    let Some(hash) = root(&script).filter(|_| language != language::ENGLISH) else {
        report.note(
            Topic::Files,
            format!("no texts in {locale}: the gate speaks English"),
            "data-text-… sets your own.",
        );
        return;
    };
    let name = format!("tollgate-{language}-{hash}.txt");
    let Some(answer) = beside(source, folder, address, &name) else { return };
    if let Some(answer) = had(&name, answer, report) {
        if is_elsewhere && answer.header("access-control-allow-origin").next().is_none() {
            report.wrong(
                Topic::Files,
                format!("{name} comes from another origin that does not allow it"),
                "Answer Access-Control-Allow-Origin there: the gate speaks English otherwise.",
            );
        } else {
            report.fine(Topic::Files, format!("the texts in {language}"));
        }
    }
}

/// The tags of the languages there are files of, parted by blanks: what stands before the messages' names in the gate's script.
fn languages(script: &str) -> Option<&str> {
    let (before, _) = script.split_once(&tollgate::text::NAMES.join(" "))?;
    // A line end as it is, or escaped.
    let before = before.strip_suffix("\\n").or_else(|| before.strip_suffix('\n'))?;
    before.rsplit(['"', '\'', '`']).next()
}

/// The hash by which their files are named: a literal of its own.
fn root(script: &str) -> Option<&str> {
    script
        .split(['"', '\'', '`'])
        .find(|literal| literal.len() == 24 && literal.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

fn beside(source: &Source, folder: &str, script: &Url, name: &str) -> Option<Result<Answer, String>> {
    source.beside(&format!("{folder}{name}"), &script.join(name).ok()?)
}

/// What was got, if it is there.
fn had(name: &str, answer: Result<Answer, String>, report: &mut Report) -> Option<Answer> {
    match answer {
        Err(error) => report.wrong(Topic::Files, error, ""),
        Ok(answer) if !(200..300).contains(&answer.status) => {
            report.wrong(Topic::Files, format!("{name}: the server answers {}", answer.status), "");
        }
        Ok(answer) => return Some(answer),
    }
    None
}

fn is_javascript(name: &str, answer: &Answer, report: &mut Report) {
    // A file has no type.
    let Some(kind) = answer.kind.as_deref() else { return };
    let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if !JAVASCRIPT.contains(&essence.as_str()) {
        report.wrong(
            Topic::Files,
            format!("{name}: Content-Type {kind:?}"),
            "Serve it as text/javascript: browsers run no module of another type, and under nosniff no script.",
        );
    }
}

/// The file that the script names by its content.
fn named(script: &str, beginning: &str, end: &str) -> Option<String> {
    script.split(beginning).skip(1).find_map(|rest| {
        let (hash, _) = rest.split_once(end)?;
        let is_hash = hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hash.then(|| format!("{beginning}{hash}{end}"))
    })
}
