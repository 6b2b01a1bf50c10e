//! The view: everything a gate shows, as data, all texts final. The shell turns it into nodes and nothing more.

use crate::config::Config;
use crate::look::{Colour, Theme};
use crate::meter::period::Length;
use crate::meter::policy::Gate;
use crate::offer::benefit::Benefit;
use crate::offer::plan::{self, Plan};
use crate::text::{self, Every, Intl, Message, message};

/// What a gate shows, whichever surface it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The language of the messages.
    pub language: &'static str,
    /// Light or dark.
    pub theme: Theme,
    /// The publisher's colour.
    pub accent: Option<Colour>,
    /// Whose offer this is.
    pub publication: String,
    /// Why the reader sees this.
    pub headline: String,
    /// The heading of the offer.
    pub offer: String,
    /// The name of the list of benefits, for assistive technology.
    pub benefits_label: String,
    /// What a subscriber gets.
    pub benefits: Vec<Benefit>,
    /// The name of the group of plans, for assistive technology.
    pub plans_label: String,
    /// What can be chosen; the first is chosen at the start.
    pub plans: Vec<PlanView>,
    /// The button where there is no plan to choose.
    pub action: Action,
    /// What the inline gate promises.
    pub invitation: String,
    /// That nothing binds the reader.
    pub cancel: String,
    /// Where to log in, if anywhere.
    pub login: Option<Login>,
    /// Opens the overlay with all plans.
    pub all_plans: String,
    /// Closes the overlay.
    pub close: String,
}

/// A plan, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanView {
    /// The plan's id.
    pub id: String,
    /// The publisher's name for it.
    pub name: String,
    /// A phrase that sets it off.
    pub badge: Option<String>,
    /// What it costs now: `30 days free`, `$19.90 per year`.
    pub price: String,
    /// What it costs later: `then $2.90 per month`.
    pub then: Option<String>,
    /// What it saves: `Save $14.90 a year`.
    pub saving: Option<String>,
    /// The button while it is chosen.
    pub action: Action,
}

/// A button that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it says.
    pub label: String,
    /// Where it leads, absolute.
    pub address: String,
}

/// The way in for those who have subscribed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Asks whether the reader has subscribed already.
    pub question: String,
    /// The link.
    pub action: Action,
}

impl View {
    /// The view of a gate on the page at `address`. Asks `intl` for what only the browser can write: made again with
    /// the answers, the view is final.
    #[must_use]
    pub fn of(config: &Config, gate: Gate, address: &str, intl: &Intl) -> View {
        let publication = [("publication", config.publication.as_str())];
        let plans: Vec<PlanView> =
            config.plans.iter().map(|plan| plan_view(plan, config, address, intl)).collect();
        let trial = config.plans.first().is_some_and(|plan| plan.trial.is_some());
        View {
            language: text::LANGUAGE,
            theme: config.theme,
            accent: config.accent,
            publication: config.publication.clone(),
            headline: match gate {
                Gate::NoFreeReads => message(Message::SubscribersOnly, &[]),
                Gate::LimitReached => {
                    let every = match config.period {
                        Length::Day => Every::Day,
                        Length::Week => Every::Week,
                        Length::Month => Every::Month,
                        Length::Year => Every::Year,
                    };
                    let limit = intl.words(config.limit);
                    intl.plural(Message::LimitReached(every), config.limit, &[("limit", &limit)])
                }
            },
            offer: message(Message::Offer, &publication),
            benefits_label: message(Message::Benefits, &[]),
            benefits: config.benefits.clone(),
            plans_label: message(Message::Plans, &[]),
            action: match plans.first() {
                Some(plan) => plan.action.clone(),
                None => Action {
                    label: message(Message::Subscribe, &publication),
                    address: subscribe_address(config, "", address),
                },
            },
            plans,
            invitation: message(if trial { Message::TrialToReadOn } else { Message::SubscribeToReadOn }, &[]),
            cancel: message(Message::Cancel, &[]),
            login: config.login.as_ref().map(|login| Login {
                question: message(Message::Already, &[]),
                action: Action { label: message(Message::LogIn, &[]), address: login.fill("", address) },
            }),
            all_plans: message(Message::AllPlans, &[]),
            close: message(Message::Close, &[]),
        }
    }
}

fn subscribe_address(config: &Config, plan: &str, address: &str) -> String {
    config.subscribe.as_ref().map(|subscribe| subscribe.fill(plan, address)).unwrap_or_default()
}

fn plan_view(plan: &Plan, config: &Config, address: &str, intl: &Intl) -> PlanView {
    let decimals = config.currency.decimals();
    let money =
        |amount: crate::offer::money::Amount| intl.money(amount.plain(decimals), config.currency.code());
    let count = intl.number(plan.every.count);
    let price = money(plan.price);
    let paid = |message| intl.plural(message, plan.every.count, &[("price", &price), ("count", &count)]);
    let (price, then, label) = match plan.trial {
        Some(trial) => {
            let days = intl.number(trial.count);
            let free = intl.plural(Message::TrialFree(trial.unit), trial.count, &[("count", &days)]);
            (free, Some(paid(Message::ThenPrice(plan.every.unit))), Message::StartTrial)
        }
        None => (paid(Message::Price(plan.every.unit)), None, Message::Subscribe),
    };
    let saving = plan::saving(plan, &config.plans).map(|saving| {
        let yearly = plan.every.unit == Every::Year && plan.every.count == 1;
        message(if yearly { Message::SavingAYear } else { Message::Saving }, &[("saving", &money(saving))])
    });
    PlanView {
        id: plan.id.clone(),
        name: plan.name.clone(),
        badge: plan.badge.clone(),
        price,
        then,
        saving,
        action: Action {
            label: message(label, &[("publication", &config.publication)]),
            address: subscribe_address(config, &plan.id, address),
        },
    }
}
