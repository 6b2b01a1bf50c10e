//! The settings, read by the core itself, as in the module.

use super::page::{Page, Tag};
use super::report::{Report, Topic};
use jiff::tz::TimeZone;
use tollgate::config::json::flat;
use tollgate::config::setting::{self, ATTRIBUTES, OF_THE_TAG, TEXT};
use tollgate::config::{Code, Config, Diagnostic, Entries, Settings, Surroundings};
use tollgate::text::source;

/// How alike two names must be for one to be taken for the other, of 1.
const ALIKE: f64 = 0.84;

/// What follows from the settings.
pub(super) struct Configured {
    pub(super) config: Config,
    pub(super) endpoint: String,
    pub(super) logo: String,
    /// The language of the gate.
    pub(super) locale: String,
    /// Where the newsletter's form leads, where there is one.
    pub(super) newsletter: String,
}

pub(super) fn check(page: &Page, tag: &Tag, report: &mut Report) -> Configured {
    let mut settings = Settings::default();
    let attributes = tag.attributes.iter().filter_map(|(name, value)| Some((camel(name)?, value.clone())));
    let mut entries: Entries = vec![(".".to_owned(), "map".to_owned())];
    entries.extend(attributes);
    settings.add_attributes(entries);
    look_for_slips(tag, report);
    let scripts = page.scripts("[data-tollgate-config]");
    if let Some(script) = scripts.first() {
        let entries = flat(script);
        let mut said = Settings::default();
        said.add_json(entries.clone());
        let has_settings = tag.attributes.iter().any(|(name, _)| name.starts_with("data-"));
        // As `foresee` in www/loader/further.js, which has seen no more than the tag's own by then.
        if (said.connects() || said.has_one_of(&[setting::CONSENT]))
            && has_settings
            && page.has_settings_behind_the_tag()
        {
            report.note(
                Topic::Settings,
                "the script of settings stands behind the tag, and says who may read or asks for consent",
                "Put it before the tag: else the gate's script may be fetched, and what was read be looked for, before it is known.",
            );
        }
        settings.add_json(entries);
        if scripts.len() > 1 {
            report.wrong(
                Topic::Settings,
                format!("{} scripts of settings", scripts.len()),
                "The first is read. Leave one.",
            );
        }
    }
    let text = |name: &str| settings.text(name).unwrap_or("").trim().to_owned();
    let (endpoint, logo, locale, newsletter) = (
        text(setting::ENTITLEMENT_URL),
        text(setting::LOGO),
        text(setting::LOCALE),
        text(setting::NEWSLETTER_URL),
    );
    let site_name = page.meta("og:site_name").first().copied().unwrap_or("").to_owned();
    let surroundings = Surroundings {
        address: page.address.as_str(),
        host: page.address.host_str().unwrap_or(""),
        language: page.language(),
        site_name: &site_name,
    };
    let (config, mut diagnostics) = Config::read(settings, &surroundings);
    let _ = config.for_gate(&mut diagnostics);
    let sources = config.sources(&mut diagnostics);
    let _ = config.analytics(&mut diagnostics);
    if let Ok(at_hand) = source::at_hand(&[]) {
        config.check_texts(at_hand.lines().nth(1).unwrap_or(""), &mut diagnostics);
    }
    if !config.zone.is_empty() && TimeZone::get(&config.zone).is_err() {
        diagnostics.push(Diagnostic::new(Code::NotATimeZone, setting::TIME_ZONE, &config.zone, "UTC"));
    }
    report.diagnostics(Topic::Settings, &diagnostics);
    let [anonymous, ..] = config.limits;
    report.fine(
        Topic::Settings,
        format!("{anonymous} free; the keys in storage are those of {:?}", config.site.as_str()),
    );
    let locale = if locale.is_empty() { page.language().to_owned() } else { locale };
    Configured {
        config,
        endpoint: if sources.endpoint.is_empty() { String::new() } else { endpoint },
        logo,
        locale,
        newsletter,
    }
}

/// Attributes that are no setting but look like one. Others are other tools', and pass.
fn look_for_slips(tag: &Tag, report: &mut Report) {
    let known: Vec<&str> = ATTRIBUTES.iter().chain(&OF_THE_TAG).copied().collect();
    for (name, _) in &tag.attributes {
        // A text's name is checked by the core.
        if name.starts_with(TEXT) || known.contains(&name.as_str()) {
            continue;
        }
        let alike = |of: &&&str| {
            strsim::jaro_winkler(name.trim_start_matches("data-"), of.trim_start_matches("data-"))
        };
        let closest = known.iter().max_by(|one, other| alike(one).total_cmp(&alike(other)));
        if let Some(closest) = closest.filter(|closest| alike(closest) >= ALIKE) {
            let advice = if name.starts_with("data-") {
                format!("Did you mean {closest}?")
            } else {
                format!("Settings begin with data-. Did you mean {closest}?")
            };
            report.wrong(Topic::Settings, format!("{name}: no setting has this name"), advice);
        }
    }
}

/// `data-subscribe-url` as `dataset` names it: `subscribeUrl`. `None` for what is no `data-` attribute.
fn camel(attribute: &str) -> Option<String> {
    let mut name = String::new();
    let mut raises = false;
    for letter in attribute.strip_prefix("data-")?.chars() {
        if letter == '-' && !raises {
            raises = true;
            continue;
        }
        if raises && letter.is_ascii_lowercase() {
            name.push(letter.to_ascii_uppercase());
        } else {
            if raises {
                name.push('-');
            }
            name.push(letter);
        }
        raises = false;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_named_as_a_browser_names_them() {
        assert_eq!(camel("data-subscribe-url").as_deref(), Some("subscribeUrl"));
        assert_eq!(camel("data-limit").as_deref(), Some("limit"));
        assert_eq!(camel("src"), None);
    }
}
