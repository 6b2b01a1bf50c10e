//! The view: everything a gate shows, as texts by name, all of them final. The shell turns it into nodes and nothing more.

use crate::config::{Config, Diagnostic, GateConfig};
use crate::look::{Colour, Theme};
use crate::meter::period::Unit;
use crate::meter::policy::{Decision, Surface};
use crate::offer::plan::{self, Plan};
use crate::text::{self, Intl, Message, message};

/// Texts by name. One that is absent is there too, and empty: a name that an object lacks, a hostile page could give it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(Vec<(&'static str, String)>);

impl Texts {
    /// The text of this name; empty where there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        for (known, text) in &self.0 {
            if *known == name {
                return text;
            }
        }
        ""
    }

    /// Each name with its text, in the order they were set.
    #[must_use]
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }

    #[inline(never)]
    fn set(&mut self, name: &'static str, text: String) {
        self.0.push((name, text));
    }

    /// Sets a message without values.
    #[inline(never)]
    fn say(&mut self, name: &'static str, words: Message) {
        self.set(name, message(words, &[]));
    }
}

// As entries: what they become in JavaScript is made of these there.
#[cfg(any(feature = "browser", feature = "history"))]
impl serde::Serialize for Texts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq as _;
        let mut entries = serializer.serialize_seq(None)?;
        for (name, text) in &self.0 {
            entries.serialize_element(&[*name, text.as_str()])?;
        }
        entries.end()
    }
}

/// Which surface shows, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// What was decided.
    pub decision: Decision,
    /// What shows.
    pub surface: Surface,
    /// Whether the reader may turn it down.
    pub dismissible: bool,
    /// How many articles may be read on the meter in a period.
    pub limit: u32,
    /// How many may be read after this one.
    pub left: u32,
}

/// What a gate shows, whichever surface it takes. The names of the texts, here and in www/loader/gate.js:
///
/// | where | name | what it is |
/// |---|---|---|
/// | `texts` | `language`, `theme` | the language of the messages; `light` or `dark` where the publisher sets one |
/// | | `surface`, `dismiss` | its word in [`SURFACES`](crate::meter::policy::SURFACES); the button that turns it down, where it may be |
/// | | `accent`, `onAccent` | the publisher's colour and that of a label on it, as CSS |
/// | | `publication`, `headline`, `offer` | whose offer this is, why the reader sees it, its heading |
/// | | `benefits`, `plans` | the names of the two lists, for assistive technology |
/// | | `invitation`, `cancel` | what the inline gate promises; that nothing binds the reader |
/// | | `label`, `address` | the button, while the first plan is chosen or where there is none |
/// | | `already`, `logIn`, `logInAddress` | the way in for those who have subscribed already |
/// | | `allPlans`, `close` | buttons: to the overlay, out of it |
/// | `benefits` | `text`, `badge` | what a subscriber gets |
/// | `plans` | `id`, `name`, `badge` | the plan |
/// | | `price`, `then`, `saving` | what it costs now and later, and what it saves |
/// | | `label`, `address` | the button while it is chosen |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub struct View {
    /// The texts there is one of.
    pub texts: Texts,
    /// What a subscriber gets, each in its texts.
    pub benefits: Vec<Texts>,
    /// What can be chosen, each in its texts; the first is chosen at the start.
    pub plans: Vec<Texts>,
}

impl View {
    /// The view of a surface on the page at `address`. Asks `intl` for what only the browser can write: made again with
    /// the answers, the view is final. What is wrong with what only a gate uses goes to the diagnostics.
    #[must_use]
    pub fn of(
        config: &Config,
        gate: Gate,
        address: &str,
        intl: &mut Intl,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> View {
        let shown = &config.for_gate(diagnostics);
        intl.locale.clone_from(&shown.locale);
        shown.currency.code().clone_into(&mut intl.currency);
        let mut view = View::default();
        let texts = &mut view.texts;
        let surface = gate.surface;
        texts.set("language", text::LANGUAGE.to_owned());
        texts.set("surface", surface.name().to_owned());
        texts.set(
            "theme",
            match shown.theme {
                Theme::Auto => "",
                Theme::Light => "light",
                Theme::Dark => "dark",
            }
            .to_owned(),
        );
        texts.set("accent", shown.accent.map_or_else(String::new, Colour::css));
        texts.set("onAccent", shown.accent.map_or("", Colour::label).to_owned());
        texts.set("publication", shown.publication.clone());
        let number = if surface == Surface::Notice { gate.left } else { gate.limit };
        let words = intl.words(number);
        let window = config.window;
        let headline = match (surface, gate.decision) {
            (Surface::Newsletter, _) => Message::SignUpToReadOn,
            (Surface::Register, _) => Message::RegisterToReadOn,
            (Surface::Notice, _) if number == 0 => Message::LastFreeRead,
            (Surface::Notice, _) => Message::FreeReadsLeft,
            (Surface::Subscribe, Decision::LimitReached) if window.days == 0 => {
                Message::LimitReached(window.unit)
            }
            (Surface::Subscribe, Decision::LimitReached) => Message::AllFreeReadsUsed,
            (Surface::Subscribe, _) => Message::SubscribersOnly,
        };
        texts.set("headline", intl.plural(headline, number, &[("limit", &words), ("left", &words)]));
        if gate.dismissible {
            texts.say("dismiss", Message::NotNow);
        } else {
            texts.set("dismiss", String::new());
        }
        texts.say("already", Message::Already);
        texts.say("logIn", Message::LogIn);
        let login = shown.login.as_ref();
        texts.set("logInAddress", login.map(|login| login.fill("", address)).unwrap_or_default());
        texts.say("close", Message::Close);
        let asked_for = match surface {
            Surface::Newsletter => Message::SignUp,
            Surface::Register => Message::Register,
            Surface::Subscribe | Surface::Notice => {
                view.offer(config, shown, address, intl);
                return view;
            }
        };
        texts.say("label", asked_for);
        let link = config.link(surface);
        texts.set("address", link.map(|link| link.fill("", address)).unwrap_or_default());
        texts.say("invitation", Message::FreeOfCharge);
        for absent in ["offer", "benefits", "plans", "cancel", "allPlans"] {
            texts.set(absent, String::new());
        }
        view
    }

    /// Adds what is sold.
    fn offer(&mut self, config: &Config, shown: &GateConfig, address: &str, intl: &mut Intl) {
        let texts = &mut self.texts;
        let publication = [("publication", shown.publication.as_str())];
        texts.set("offer", message(Message::Offer, &publication));
        texts.say("benefits", Message::Benefits);
        texts.say("plans", Message::Plans);
        let trial = shown.plans.first().is_some_and(|plan| plan.trial.is_some());
        texts.say("invitation", if trial { Message::TrialToReadOn } else { Message::SubscribeToReadOn });
        texts.say("cancel", Message::Cancel);
        set_action(texts, config, shown, shown.plans.first(), address);
        texts.say("allPlans", Message::AllPlans);
        for benefit in &shown.benefits {
            let mut texts = Texts::default();
            texts.set("text", benefit.text.clone());
            texts.set("badge", benefit.badge.clone().unwrap_or_default());
            self.benefits.push(texts);
        }
        for plan in &shown.plans {
            self.plans.push(plan_texts(plan, config, shown, address, intl));
        }
    }
}

/// The button: what it says and where it leads, for a plan or for none.
fn set_action(texts: &mut Texts, config: &Config, shown: &GateConfig, plan: Option<&Plan>, address: &str) {
    let trial = plan.is_some_and(|plan| plan.trial.is_some());
    let label = if trial { Message::StartTrial } else { Message::Subscribe };
    texts.set("label", message(label, &[("publication", &shown.publication)]));
    // Where nothing is sold, nothing is gated and no view is made.
    let subscribe = config.subscribe.as_ref();
    let id = plan.map_or("", |plan| &plan.id);
    texts.set("address", subscribe.map(|subscribe| subscribe.fill(id, address)).unwrap_or_default());
}

fn plan_texts(plan: &Plan, config: &Config, shown: &GateConfig, address: &str, intl: &mut Intl) -> Texts {
    let mut texts = Texts::default();
    texts.set("id", plan.id.clone());
    texts.set("name", plan.name.clone());
    texts.set("badge", plan.badge.clone().unwrap_or_default());
    let decimals = shown.currency.decimals();
    let price = intl.money(plan.price.plain(decimals));
    let count = intl.number(plan.every.count);
    let values = [("price", price.as_str()), ("count", &count)];
    let words = if plan.trial.is_some() { Message::ThenPrice } else { Message::Price };
    let mut price = intl.plural(words(plan.every.unit), plan.every.count, &values);
    let mut then = String::new();
    if let Some(trial) = plan.trial {
        let count = intl.number(trial.count);
        let free = intl.plural(Message::TrialFree(trial.unit), trial.count, &[("count", &count)]);
        then = std::mem::replace(&mut price, free);
    }
    texts.set("price", price);
    texts.set("then", then);
    let mut save = String::new();
    if let Some(saving) = plan::saving(plan, &shown.plans) {
        let yearly = plan.every.unit == Unit::Year && plan.every.count == 1;
        let saving = intl.money(saving.plain(decimals));
        let words = if yearly { Message::SavingAYear } else { Message::Saving };
        save = message(words, &[("saving", &saving)]);
    }
    texts.set("saving", save);
    set_action(&mut texts, config, shown, Some(plan), address);
    texts
}
