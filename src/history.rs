//! Histories: what happened on a page, as lines of JSON, and their replay. A history that a browser recorded
//! (`tollgate.history()` in `tollgate.debug.js`) replays natively to the same effects, so that a report becomes a test.
//!
//! One line each: first the page as it was found ([`Line::Start`]), then its articles and what was signalled to them, in
//! order, with the effects that followed.

use crate::config::{Code, Config, Diagnostic, Entries, Settings, Surroundings, setting};
use crate::machine::{Now, Page, Signal};
use serde::{Deserialize, Serialize};

#[cfg(feature = "replay")]
pub use replay::{Replayed, Unreadable, replay};

/// One line of a history; `Effects` are the machine's when it is written, and JSON when it is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line<Effects> {
    /// The page, before anything happened.
    Start(Start),
    /// An article was found: the page's own first. Their numbers are their order.
    Article(Page),
    /// A script has turned the page into another one: its own article, in the place of all before it.
    Turned(Page),
    /// Something happened.
    Signal(Happening<Effects>),
}

/// What a page was when the script came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Start {
    /// The version that recorded it.
    pub tollgate: String,
    /// The tag's `data-` attributes, flat.
    pub attributes: Entries,
    /// The JSON script's members, flat, if there is one.
    pub json: Option<Entries>,
    /// The page's address.
    pub address: String,
    /// The page's host name.
    pub host: String,
    /// The page's language.
    pub language: String,
    /// The site's name.
    pub site_name: String,
    /// Whether the browser knows the time zone, if one is set.
    pub zone_is_known: bool,
}

impl Start {
    /// The configuration of the page, and what is wrong with it.
    #[must_use]
    pub fn config(&self) -> (Config, Vec<Diagnostic>) {
        let mut settings = Settings::default();
        settings.add_attributes(self.attributes.clone());
        if let Some(json) = &self.json {
            settings.add_json(json.clone());
        }
        let around = Surroundings {
            address: &self.address,
            host: &self.host,
            language: &self.language,
            site_name: &self.site_name,
        };
        let (config, mut diagnostics) = Config::read(settings, &around);
        if !config.zone.is_empty() && !self.zone_is_known {
            diagnostics.push(Diagnostic::new(Code::NotATimeZone, setting::TIME_ZONE, &config.zone, "UTC"));
        }
        (config, diagnostics)
    }
}

/// A signal and what followed from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Happening<Effects> {
    /// The article it was signalled to, by its number.
    pub article: usize,
    /// When.
    pub now: Now,
    /// What.
    pub signal: Signal,
    /// What followed.
    pub effects: Effects,
}

#[cfg(feature = "replay")]
mod replay;
