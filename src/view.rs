//! The view: everything a gate shows, as texts by name, all of them final. The shell turns it into nodes and nothing more.

use crate::article::split_site;
use crate::config::{Config, Diagnostic, GateConfig};
use crate::look::{Colour, PlanStyle, Style, Theme};
use crate::meter::period::Unit;
use crate::meter::policy::{Decision, Step, Surface};
use crate::offer::plan::{self, Plan, Span};
use crate::text::scan::join;
use crate::text::{Intl, Message};

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
    fn say(&mut self, name: &'static str, words: Message, intl: &Intl<'_>) {
        self.set(name, intl.message(words, &[]));
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
    /// Whether its overlay stays until the reader does what it asks for, or leaves.
    pub hard: bool,
    /// Whether it is shown to look at it, whoever reads.
    pub preview: bool,
    /// How many articles may be read on the meter in a period.
    pub limit: u32,
    /// How many may be read after this one.
    pub left: u32,
    /// The local minute from which on there is more to read; 0 where that is not known.
    pub free_at: i64,
}

impl Gate {
    /// Shows what a step shows.
    pub fn show(&mut self, step: Step) {
        self.surface = step.surface;
        self.dismissible = step.dismissible;
        self.hard = step.hard;
    }
}

/// What a gate shows, whichever surface it takes. The names of the texts, here and in www/loader/gate.js:
///
/// | where | name | what it is |
/// |---|---|---|
/// | `texts` | `language`, `direction` | of the messages |
/// | | `theme`, `style`, `planStyle` | `light` or `dark` where the publisher sets one; `plain` or nothing; `buttons` or nothing |
/// | | `noticeStyle` | `card` or nothing |
/// | | `surface`, `dismiss` | its word in [`SURFACES`](crate::meter::policy::SURFACES); the button that turns it down, where it may be |
/// | | `accent`, `onAccent` | the publisher's colour and that of a label on it, as CSS |
/// | | `publication`, `logo`, `headline`, `offer` | whose offer this is, in words and as a picture's address; why the reader sees it, its heading |
/// | | `freeAgain` | when there is more to read without it |
/// | | `benefits`, `plans` | the names of the two lists, for assistive technology |
/// | | `invitation`, `cancel` | what the inline gate promises; that nothing binds the reader |
/// | | `label`, `address` | the button, while the first plan is chosen or where there is none |
/// | | `email` … `signUpFailed` | of the form, where the button is one's |
/// | | `already`, `logIn`, `logInAddress` | the way in for those who have subscribed already |
/// | | `allPlans`, `close` | buttons: to the overlay, out of it |
/// | | `hard`, `goBack`, `home`, `homeAddress` | anything where the overlay stays; the ways out of it |
/// | | `unlocked`, `preview` | announced when the text is back; marks a preview |
/// | `benefits` | `text`, `badge` | what a subscriber gets |
/// | `plans` | `id`, `name`, `badge` | the plan |
/// | | `price`, `then`, `monthly`, `saving` | what it costs now and later, what that comes to in a month, and what it saves |
/// | | `chosen` | anything where it is chosen at the start |
/// | | `label`, `choose`, `address` | the button while it is chosen; its own button; where they lead |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "history", derive(serde::Serialize))]
pub struct View {
    /// The texts there is one of.
    pub texts: Texts,
    /// What a subscriber gets, each in its texts.
    pub benefits: Vec<Texts>,
    /// What can be chosen, each in its texts; one of them is chosen at the start.
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
        intl: &mut Intl<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> View {
        let shown = &config.for_gate(diagnostics);
        intl.locale.clone_from(&shown.locale);
        shown.currency.code().clone_into(&mut intl.currency);
        let publication = intl.own(&shown.publication);
        let mut view = View::default();
        let texts = &mut view.texts;
        let surface = gate.surface;
        texts.set("language", intl.words.language().to_owned());
        texts.set("direction", intl.words.direction().to_owned());
        texts.set("surface", surface.name().to_owned());
        let theme = match shown.theme {
            Theme::Auto => "",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        texts.set("theme", theme.to_owned());
        texts.set("style", (if shown.style == Style::Plain { "plain" } else { "" }).to_owned());
        texts.set("noticeStyle", (if shown.is_card { "card" } else { "" }).to_owned());
        texts.set("accent", shown.accent.map_or_else(String::new, Colour::css));
        texts.set("onAccent", shown.accent.map_or("", Colour::label).to_owned());
        texts.set("publication", shown.publication.clone());
        texts.set("logo", shown.logo.as_ref().map(|logo| logo.fill("", address)).unwrap_or_default());
        let number = if surface == Surface::Notice { gate.left } else { gate.limit };
        let words = intl.words(number);
        let window = config.window;
        let of_period =
            |of_day: Message, of_any| if window.days == 0 { of_day.by(window.unit) } else { of_any };
        let headline = match (surface, gate.decision) {
            (Surface::Newsletter, _) => Message::NEWSLETTER_HEADLINE,
            (Surface::Register, _) => Message::REGISTER_HEADLINE,
            (Surface::Notice, _) if number == 0 => Message::LAST_FREE_ARTICLE,
            (Surface::Notice, _) => of_period(Message::LEFT_DAY, Message::LEFT),
            (Surface::Subscribe, Decision::LimitReached) => {
                of_period(Message::HEADLINE_DAY, Message::HEADLINE)
            }
            (Surface::Subscribe, _) => Message::SUBSCRIBERS_ONLY,
        };
        texts.set("headline", intl.plural(headline, number, &[("limit", &words), ("left", &words)]));
        let mut free_again = String::new();
        if gate.free_at != 0 && gate.decision == Decision::LimitReached {
            let date = intl.date(gate.free_at);
            if !date.is_empty() {
                free_again = intl.message(Message::FREE_AGAIN, &[("date", &date)]);
            }
        }
        texts.set("freeAgain", free_again);
        let unless = |not: bool, message| {
            if not { String::new() } else { intl.message(message, &[]) }
        };
        texts.set("dismiss", unless(!gate.dismissible, Message::NOT_NOW));
        texts.set("hard", (if gate.hard { "hard" } else { "" }).to_owned());
        texts.set("close", unless(gate.hard, Message::CLOSE));
        texts.set("goBack", unless(!gate.hard, Message::GO_BACK));
        texts.set("home", unless(!gate.hard, Message::HOME));
        texts.set("homeAddress", join(&[split_site(address).0, "/"]));
        texts.set("preview", unless(!gate.preview, Message::PREVIEW));
        texts.say("unlocked", Message::UNLOCKED, intl);
        texts.say("already", Message::ALREADY, intl);
        texts.say("logIn", Message::LOG_IN, intl);
        let login = shown.login.as_ref();
        texts.set("logInAddress", login.map(|login| login.fill("", address)).unwrap_or_default());
        let asked_for = match surface {
            Surface::Newsletter => Message::SIGN_UP,
            Surface::Register => Message::REGISTER,
            Surface::Subscribe | Surface::Notice => {
                view.offer(config, shown, &publication, address, intl);
                return view;
            }
        };
        texts.say("label", asked_for, intl);
        let link = config.link(surface);
        texts.set("address", link.map(|link| link.fill("", address)).unwrap_or_default());
        texts.say("invitation", Message::FREE_OF_CHARGE, intl);
        for absent in ["offer", "benefits", "plans", "planStyle", "cancel", "allPlans"] {
            texts.set(absent, String::new());
        }
        if surface == Surface::Newsletter {
            for (name, message) in [
                ("email", Message::EMAIL),
                ("emailInvalid", Message::EMAIL_INVALID),
                ("privacy", Message::PRIVACY),
                ("sending", Message::SENDING),
                ("signedUp", Message::SIGNED_UP),
                ("signUpFailed", Message::SIGN_UP_FAILED),
            ] {
                texts.say(name, message, intl);
            }
        } else {
            texts.set("email", String::new());
        }
        view
    }

    /// Adds what is sold.
    fn offer(
        &mut self,
        config: &Config,
        shown: &GateConfig,
        publication: &str,
        address: &str,
        intl: &mut Intl<'_>,
    ) {
        let texts = &mut self.texts;
        let by_buttons = shown.plan_style == PlanStyle::Buttons;
        texts.set("offer", intl.message(Message::OFFER, &[("publication", publication)]));
        texts.say("benefits", Message::BENEFITS, intl);
        texts.say("plans", Message::PLANS, intl);
        texts.set("planStyle", (if by_buttons { "buttons" } else { "" }).to_owned());
        let first = shown.plans.iter().find(|plan| plan.chosen).or(shown.plans.first());
        let trial = first.is_some_and(|plan| plan.trial.is_some());
        let invitation = if trial { Message::TRIAL_TO_READ_ON } else { Message::SUBSCRIBE_TO_READ_ON };
        texts.say("invitation", invitation, intl);
        texts.say("cancel", Message::CANCEL, intl);
        set_action(texts, config, first, publication, address, intl);
        texts.say("allPlans", Message::ALL_PLANS, intl);
        texts.set("email", String::new());
        for benefit in &shown.benefits {
            let mut texts = Texts::default();
            texts.set("text", benefit.text.clone());
            texts.set("badge", benefit.badge.clone().unwrap_or_default());
            self.benefits.push(texts);
        }
        for plan in &shown.plans {
            let chosen = first.is_some_and(|first| first.id == plan.id);
            let mut texts = plan_texts(plan, chosen, shown, intl);
            set_action(&mut texts, config, Some(plan), publication, address, intl);
            self.plans.push(texts);
        }
    }
}

/// The button: what it says and where it leads, for a plan or for none.
fn set_action(
    texts: &mut Texts,
    config: &Config,
    plan: Option<&Plan>,
    publication: &str,
    address: &str,
    intl: &Intl<'_>,
) {
    let trial = plan.is_some_and(|plan| plan.trial.is_some());
    let label = if trial { Message::START_TRIAL } else { Message::SUBSCRIBE };
    texts.set("label", intl.message(label, &[("publication", publication)]));
    // Where nothing is sold, nothing is gated and no view is made.
    let subscribe = config.subscribe.as_ref();
    let id = plan.map_or("", |plan| &plan.id);
    texts.set("address", subscribe.map(|subscribe| subscribe.fill(id, address)).unwrap_or_default());
}

fn plan_texts(plan: &Plan, chosen: bool, shown: &GateConfig, intl: &mut Intl<'_>) -> Texts {
    let mut texts = Texts::default();
    texts.set("id", plan.id.clone());
    texts.set("name", plan.name.clone());
    texts.set("badge", plan.badge.clone().unwrap_or_default());
    texts.set("chosen", (if chosen { "chosen" } else { "" }).to_owned());
    texts.set("choose", intl.message(Message::CHOOSE, &[("plan", &intl.own(&plan.name))]));
    let decimals = shown.currency.decimals();
    let price = intl.money(plan.price.plain(decimals));
    let count = intl.number(plan.every.count);
    let values = [("price", price.as_str()), ("count", &count)];
    let words = if plan.trial.is_some() { Message::THEN_DAY } else { Message::PRICE_DAY };
    let Span { count: every, unit } = plan.every;
    let mut price = intl.plural(words.each(unit, every), every, &values);
    let mut then = String::new();
    if let Some(trial) = plan.trial {
        let count = intl.number(trial.count);
        let free = intl.plural(Message::TRIAL_DAY.by(trial.unit), trial.count, &[("count", &count)]);
        then = std::mem::replace(&mut price, free);
    }
    texts.set("price", price);
    texts.set("then", then);
    let mut monthly = String::new();
    if let Some(amount) = plan.monthly() {
        let amount = intl.money(amount.plain(decimals));
        monthly = intl.message(Message::PRICE_DAY.each(Unit::Month, 1), &[("price", &amount)]);
    }
    texts.set("monthly", monthly);
    let mut save = String::new();
    if let Some(saving) = plan::saving(plan, &shown.plans) {
        let yearly = unit == Unit::Year && every == 1;
        let saving = intl.money(saving.plain(decimals));
        let words = if yearly { Message::SAVING_YEAR } else { Message::SAVING };
        save = intl.message(words, &[("saving", &saving)]);
    }
    texts.set("saving", save);
    texts
}
