//! Decisions in words a publisher can read. The module for readers has the codes alone (rulings, 'Core and texts'); these
//! words are in `tollgate.debug.js`, in replays and in tests.

use crate::machine::{Machine, Meter, Trace};
use crate::meter::period::Window;
use crate::meter::policy::{Decision, Rule};

impl Trace {
    /// What the decision rests on and what it is, in one line: `read 3 of 3 in 2026-11 (Europe/Paris), resets 2026-12-01;
    /// article not read before; referrer not listed → gate: subscribe`.
    #[must_use]
    pub fn words(&self, machine: &Machine<'_>) -> String {
        let mut parts = vec![meter_in_words(&self.meter, machine)];
        parts.push(format!("article {}read before", if self.meter.counted { "" } else { "not " }));
        parts.push(format!("referrer {}listed", if self.referred { "" } else { "not " }));
        if self.rule != Rule::Metered {
            parts.push(format!("article {}", self.rule.name()));
        }
        parts.push(format!("reader {}", self.tier.name()));
        let outcome = match self.decision {
            Decision::Pending => "no decision yet",
            Decision::Entitled => "granted by the host",
            Decision::Fallback => "granted: the host could not say who is reading",
            Decision::Free => "granted: free for everyone",
            Decision::ReadBefore => "granted: read before",
            Decision::Referred => "granted: by the referrer",
            Decision::Metered => "granted: a free read",
            Decision::Dismissed => "granted: the step was turned down, or has shown often enough",
            Decision::NowhereToSubscribe => "granted: there is nowhere to subscribe",
            Decision::EarlyStep | Decision::LimitReached | Decision::NoFreeReads | Decision::Locked => "gate",
        };
        let surface = self.surface.map(|surface| {
            let sign = if self.decision.is_gate() { ": " } else { ", with a " };
            [sign, surface.name()].concat()
        });
        format!("{} → {outcome}{}", parts.join("; "), surface.unwrap_or_default())
    }
}

/// `read 3 of 3 on meter local in 2026-11 (Europe/Paris), resets 2026-12-01`.
fn meter_in_words(meter: &Meter, machine: &Machine<'_>) -> String {
    let config = machine.config();
    let name = machine.meter_name(meter);
    let on = if name.is_empty() { String::new() } else { format!(" on meter {name}") };
    let zone = if config.zone.is_empty() { "UTC" } else { config.zone.as_str() };
    if config.window.days == 0 {
        let (period, end) = (meter.period.name(), Window::MONTHS.day(meter.period.end).name());
        return format!("read {} of {}{on} in {period} ({zone}), resets {end}", meter.reads, meter.limit);
    }
    let period = format!("in {} days", config.window.days);
    let resets = meter.resets.map_or_else(
        || "nothing to reset yet".to_owned(),
        |moment| {
            let (minutes, day) = (moment.minutes(), Window::MONTHS.day(moment.minutes()).name());
            let clock = minutes.rem_euclid(1440);
            format!("resets {day} {:02}:{:02} UTC", clock.div_euclid(60), clock.rem_euclid(60))
        },
    );
    format!("read {} of {}{on} {period}, {resets}", meter.reads, meter.limit)
}
