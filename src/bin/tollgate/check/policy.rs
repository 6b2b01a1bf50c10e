//! The page's Content-Security-Policy: whether it lets all through that Tollgate needs (checked by the algorithms of CSP Level 3).

use super::page::{Page, Tag};
use super::report::{Report, Topic};
use super::settings::Configured;
use content_security_policy::{
    CheckResult, CspList, Destination, Initiator, ParserMetadata, PolicyDisposition, PolicySource, Request,
};
use url::Url;

/// What stands for a file beside the script: its name is not known here.
const FURTHER: &str = "tollgate-gate-0000000000000000.js";

pub(super) fn check(page: &Page, tag: &Tag, configured: &Configured, report: &mut Report) {
    let mut policies = CspList(Vec::new());
    for policy in &page.policies {
        policies.append(CspList::parse(policy, PolicySource::Header, PolicyDisposition::Enforce));
    }
    for policy in page.own_policies() {
        policies.append(CspList::parse(policy, PolicySource::Meta, PolicyDisposition::Enforce));
    }
    if policies.0.is_empty() {
        report.fine(Topic::Policy, "no Content-Security-Policy");
        return;
    }
    let Some(script) = &tag.address else { return };
    let nonce = tag.attribute("nonce").unwrap_or("");
    let integrity = tag.attribute("integrity").unwrap_or("");
    let request = |address: &Url, destination, parser| Request {
        url: address.clone(),
        current_url: address.clone(),
        origin: page.address.origin(),
        redirect_count: 0,
        destination,
        initiator: Initiator::None,
        nonce: if destination == Destination::Script { nonce.to_owned() } else { String::new() },
        integrity_metadata: String::new(),
        parser_metadata: parser,
    };
    let before = report.wrongs();
    let mut allow = |what: &str, request: Request, advice: &str| {
        let (result, violations) = policies.should_request_be_blocked(&request);
        if result == CheckResult::Blocked {
            let directive = violations.first().map(|violation| {
                format!("{} {}", violation.directive.name, violation.directive.value.join(" "))
            });
            report.wrong(
                Topic::Policy,
                format!("refused: {what} ({})", directive.unwrap_or_default().trim_end()),
                advice,
            );
        }
    };
    let own = Request {
        integrity_metadata: integrity.to_owned(),
        ..request(script, Destination::Script, ParserMetadata::ParserInserted)
    };
    allow("the script", own, "Allow its address in script-src, or give the tag the page's nonce.");
    if let Ok(further) = script.join(FURTHER) {
        allow(
            "what the script fetches",
            request(&further, Destination::Script, ParserMetadata::NotParserInserted),
            "Allow the folder of tollgate.js in script-src: the files lie beside it. Under 'strict-dynamic' give the tag the page's nonce.",
        );
    }
    let is_english = configured.locale.is_empty() || configured.locale.to_ascii_lowercase().starts_with("en");
    if !is_english && let Ok(texts) = script.join("tollgate-texts.txt") {
        allow(
            "the gate's texts in the page's language",
            request(&texts, Destination::None, ParserMetadata::None),
            "Allow the origin of tollgate.js in connect-src: the gate speaks English otherwise.",
        );
    }
    for (what, written, destination, advice) in [
        (
            "the endpoint",
            &configured.endpoint,
            Destination::None,
            "Allow its origin in connect-src: data-fallback holds otherwise.",
        ),
        ("the logo", &configured.logo, Destination::Image, "Allow its origin in img-src."),
    ] {
        if !written.is_empty()
            && let Ok(address) = page.address.join(written)
        {
            allow(what, request(&address, destination, ParserMetadata::None), advice);
        }
    }
    let has_wasm = !script.path().ends_with("nowasm.js");
    if has_wasm && policies.is_wasm_evaluation_allowed().0 == CheckResult::Blocked {
        report.wrong(
            Topic::Policy,
            "refused: WebAssembly",
            "Add 'wasm-unsafe-eval' to script-src: every reader fetches the larger tollgate-twin-<hash>.js otherwise.",
        );
    }
    // No function of the crate's tells this without a navigation.
    if !configured.newsletter.is_empty()
        && let Ok(address) = page.address.join(&configured.newsletter)
        && address.origin() != page.address.origin()
        && policies.0.iter().any(|policy| policy.contains_a_directive_whose_name_is("form-action"))
    {
        report.note(
            Topic::Policy,
            "form-action, and a newsletter's form that leads to another origin",
            format!("Does it allow {}?", address.origin().ascii_serialization()),
        );
    }
    if policies.get_sandboxing_flag_set_for_document().is_some() {
        report.note(
            Topic::Policy,
            "sandbox: without allow-scripts nothing runs, without allow-same-origin nothing is remembered",
            "",
        );
    }
    if report.wrongs() == before {
        report.fine(Topic::Policy, "lets all through that Tollgate needs");
    }
}
