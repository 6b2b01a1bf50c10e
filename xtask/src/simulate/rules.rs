//! The core's rules as the simulation asks for them: the only file of it that names the core, but for the test that plays
//! readers through the whole machine. What a setting means, what the meter decides and what a period is, is the core's to
//! say; nothing of it is written a second time.

use super::tag::Tag;
use tollgate::access::entitlement::Access;
/// JSON as the core takes it: `tollgate.js` makes the same of it in a browser.
pub(super) use tollgate::config::json::flat;
use tollgate::config::{Config, Diagnostic, PROSE, Settings, Surroundings, setting};
use tollgate::meter::period::{Unit, Window};
use tollgate::meter::policy::{self, Decision, Question, Rule};

pub(crate) use tollgate::access::entitlement::Tier;
pub(crate) use tollgate::meter::policy::Step;

/// What a page view can show its reader beside the article, from the mildest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// How many free reads are left; the article is open.
    Notice,
    /// The invitation to the newsletter; the article is closed.
    Newsletter,
    /// The invitation to make an account; the article is closed.
    Register,
    /// The gate with the offer; the article is closed.
    Subscribe,
}

impl Surface {
    /// How many there are.
    pub(crate) const COUNT: usize = 4;
    /// All of them, from the mildest to the strictest: the order of every report.
    pub(crate) const ALL: [Surface; Surface::COUNT] =
        [Surface::Notice, Surface::Newsletter, Surface::Register, Surface::Subscribe];

    /// Its name in tables, files and charts.
    pub(crate) fn name(self) -> &'static str {
        self.in_the_core().name()
    }

    /// What it is, for the chart's readers.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Surface::Notice => "how many free articles are left",
            Surface::Newsletter => "sign up to read on",
            Surface::Register => "make an account to read on",
            Surface::Subscribe => "the gate and its offer",
        }
    }

    /// What those are called who did what it asks for; nothing where it asks for nothing.
    pub(crate) fn deed(self) -> Option<&'static str> {
        match self {
            Surface::Notice => None,
            Surface::Newsletter => Some("signed up"),
            Surface::Register => Some("registered"),
            Surface::Subscribe => Some("subscribed"),
        }
    }

    /// Its place in [`Surface::ALL`].
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    /// The tier of those who have done what it asks for.
    pub(crate) fn asks_for(self) -> Tier {
        self.in_the_core().asks_for()
    }

    /// The surface that a step shows.
    pub(crate) fn of(step: Step) -> Surface {
        match step.surface {
            policy::Surface::Notice => Surface::Notice,
            policy::Surface::Newsletter => Surface::Newsletter,
            policy::Surface::Register => Surface::Register,
            policy::Surface::Subscribe => Surface::Subscribe,
        }
    }

    fn in_the_core(self) -> policy::Surface {
        match self {
            Surface::Notice => policy::Surface::Notice,
            Surface::Newsletter => policy::Surface::Newsletter,
            Surface::Register => policy::Surface::Register,
            Surface::Subscribe => policy::Surface::Subscribe,
        }
    }
}

/// What is asked of the core: a publisher's tag, and what is tried out instead of parts of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The tag; none for one without settings but addresses.
    pub tag: Option<Tag>,
    /// Attributes that take the place of the tag's. A limit may be `+N`: so many more than the limit that is varied.
    pub instead: Vec<(&'static str, String)>,
}

/// The attributes that can be tried out by options of their own.
pub(crate) const TRIED: [(&str, &str); 5] = [
    ("--steps", setting::STEPS),
    ("--window", setting::WINDOW),
    ("--period", setting::PERIOD),
    ("--newsletter-limit", setting::NEWSLETTER_LIMIT),
    ("--registered-limit", setting::REGISTERED_LIMIT),
];

/// What a tag may say that no reader of the model is concerned by.
const PASSED_OVER: [(&str, &str); 4] = [
    (setting::METERS, "all articles are on the tag's own meter"),
    (setting::PATHS, "all articles are metered"),
    (setting::FREE_REFERRERS, "nobody comes from where articles are free"),
    (setting::TIME_ZONE, "days and months are cut in UTC"),
];

/// A configuration in force, under each of the limits that are compared.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The core's configuration for each limit.
    pub(super) configs: Vec<Config>,
    /// The limits.
    pub limits: Vec<u32>,
    /// The limit that the tag itself has; none where there is no tag.
    pub own_limit: Option<u32>,
    /// What is wrong with the tag, and what of it is not simulated: a line each.
    pub remarks: Vec<String>,
}

impl Rules {
    /// What the core reads in these settings, under each of these limits; the error is a sentence about what is tried out.
    pub(crate) fn read(wishes: &Wishes, limits: &[u32]) -> Result<Rules, String> {
        // What is typed is complained of; what stands on a page works as it does there.
        for (attribute, value) in &wishes.instead {
            let tried = [(*attribute, resolved(attribute, value, 1))];
            let (_, diagnostics) = config(None, &tried);
            if let Some(diagnostic) = diagnostics.iter().find(|found| found.code.is_mistake()) {
                let option =
                    TRIED.iter().find(|(_, tried)| tried == attribute).map_or("", |(option, _)| option);
                return Err(format!(
                    "`{}`: {option} is read as {attribute} is. {}",
                    diagnostic.value,
                    prose(diagnostic)
                ));
            }
        }
        let (own, diagnostics) = config(wishes.tag.as_ref(), &[]);
        let mut remarks: Vec<String> =
            diagnostics.iter().map(|found| format!("{}. {}", found.line(), prose(found))).collect();
        if own.subscribe.is_none() {
            remarks.push("Nothing is gated without data-subscribe-url but by earlier steps.".to_owned());
        }
        if let Some(tag) = &wishes.tag {
            let settings = settings(tag, &[]);
            for (attribute, instead) in PASSED_OVER {
                if settings.text(attribute).is_some() || settings.structure(attribute).is_some() {
                    remarks.push(format!("{attribute} is not simulated: {instead}."));
                }
            }
        }
        let of_limit = |limit: &u32| {
            let mut instead: Vec<(&str, String)> =
                wishes.instead.iter().map(|(name, value)| (*name, resolved(name, value, *limit))).collect();
            instead.push((setting::LIMIT, limit.to_string()));
            config(wishes.tag.as_ref(), &instead).0
        };
        Ok(Rules {
            configs: limits.iter().map(of_limit).collect(),
            limits: limits.to_vec(),
            own_limit: wishes.tag.as_ref().map(|_| own.limit(Tier::Anonymous)),
            remarks,
        })
    }

    /// The steps, the same under each limit.
    pub(crate) fn steps(&self) -> &[Step] {
        self.configs.first().map_or(&[], |config| config.steps.as_slice())
    }

    /// The surfaces of the steps, in the order of reports.
    pub(crate) fn surfaces(&self) -> Vec<Surface> {
        let has = |surface: &Surface| self.steps().iter().any(|step| Surface::of(*step) == *surface);
        Surface::ALL.into_iter().filter(has).collect()
    }

    /// Whether a step of this surface is capped.
    pub(crate) fn is_capped(&self, surface: Surface) -> bool {
        self.steps().iter().any(|step| Surface::of(*step) == surface && step.often != 0)
    }

    /// The window that reads fall into.
    pub(crate) fn window(&self) -> Window {
        self.configs.first().map_or(Window::MONTHS, |config| config.window)
    }

    /// For how long the limit's free articles last: `a month`, `in any 30 days`.
    pub(crate) fn span(&self) -> String {
        let window = self.window();
        let days = match window.days {
            1 => "24 hours".to_owned(),
            days => format!("{days} days"),
        };
        match window.unit {
            _ if window.is_shared() => format!("in {days} from the first"),
            _ if window.begins_with_a_read() => format!("in any {days}"),
            _ if window.days > 0 => format!("in {days}"),
            Unit::Day => "a day".to_owned(),
            Unit::Week => "a week".to_owned(),
            Unit::Month => "a month".to_owned(),
            Unit::Year => "a year".to_owned(),
        }
    }

    /// The steps and the limits of tiers, as they are in force: a line each, and none where all is by default.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let default = [Step::of(policy::Surface::Notice), Step::of(policy::Surface::Subscribe)];
        if self.steps() != default {
            let steps: Vec<String> = self.steps().iter().map(|step| step_in_words(*step)).collect();
            lines.push(format!("Steps: {}.", steps.join(" | ")));
        }
        for (name, tier) in [("With the newsletter", Tier::Newsletter), ("Registered", Tier::Registered)] {
            let limits: Vec<u32> = self.configs.iter().map(|config| config.limit(tier)).collect();
            let more: Vec<Option<u32>> =
                limits.iter().zip(&self.limits).map(|(limit, least)| limit.checked_sub(*least)).collect();
            let is_as_many = more.windows(2).all(|pair| pair[0] == pair[1]);
            match (limits.as_slice(), more.as_slice()) {
                ([first, ..], [Some(more), ..]) if is_as_many && *more > 0 => {
                    lines.push(if limits.len() == 1 {
                        format!("{name}: {first} free articles.")
                    } else {
                        format!("{name}: {more} more free articles.")
                    });
                }
                ([first, ..], _) if !is_as_many => lines.push(format!("{name}: {first} free articles.")),
                _ => {}
            }
        }
        lines
    }

    /// How many months must pass before counting begins: as long as a reader's first period.
    pub(crate) fn months_before(&self) -> usize {
        let window = self.window();
        if window.begins_with_a_read() { (window.days as usize).div_ceil(30) } else { 1 }
    }

    /// Whether a period is so long that all months of a year are needed.
    pub(crate) fn is_long(&self) -> bool {
        let window = self.window();
        if window.days == 0 { window.unit == Unit::Year } else { window.days > 31 }
    }

    /// What the core makes of a page view under the limit at this place.
    pub(crate) fn decide(&self, place: usize, known: Known, may_show: impl Fn(Step) -> bool) -> Decided {
        let config = &self.configs[place];
        let limit = config.limit(known.tier);
        let (mut gate, mut notice) = (None, false);
        for step in &config.steps {
            if step.is_due(known.reads + 1, limit, known.tier) && may_show(*step) {
                if step.surface == policy::Surface::Notice {
                    notice = true;
                } else {
                    gate = Some(*step);
                }
            }
        }
        let can_subscribe = config.subscribe.is_some();
        let decision = policy::decide(&Question {
            access: if known.tier == Tier::Subscriber { Access::Entitled } else { Access::Unasked },
            rule: Rule::Metered,
            limit,
            reads: known.reads,
            read_before: known.read_before,
            referred: false,
            can_subscribe,
            step_due: gate.is_some_and(|step| config.link(step.surface).is_some()),
            dismissed: known.dismissed,
        });
        let surface = match gate {
            Some(step) if decision.is_gate() => Some(Surface::of(step)),
            _ if decision == Decision::Metered && notice && can_subscribe => Some(Surface::Notice),
            _ => None,
        };
        Decided {
            surface,
            open: !decision.is_gate(),
            dismissible: gate.is_some_and(|step| step.dismissible),
            counts: decision.counts(),
        }
    }
}

/// What is known of a page view when the core decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Who is reading.
    pub tier: Tier,
    /// How many articles were read in the current period, as far as the reader's storage knows.
    pub reads: u32,
    /// Whether this article is one of them.
    pub read_before: bool,
    /// Whether the reader has turned down what showed for it.
    pub dismissed: bool,
}

/// What follows for a page view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    /// What the reader is shown beside the article.
    pub surface: Option<Surface>,
    /// Whether the article is open.
    pub open: bool,
    /// Whether the reader may turn it down, where it is not.
    pub dismissible: bool,
    /// Whether it goes on the meter.
    pub counts: bool,
}

/// The core's configuration: what is tried out, the tag's settings behind it, and addresses where there are none.
pub(super) fn config(tag: Option<&Tag>, instead: &[(&str, String)]) -> (Config, Vec<Diagnostic>) {
    let mut tried = instead.to_vec();
    // A step that is tried out leads somewhere; a tag without settings is one that works.
    let is_stepping = instead.iter().any(|(name, _)| *name == setting::STEPS);
    let none = Tag::default();
    let known = settings(tag.unwrap_or(&none), &[]);
    for attribute in [setting::SUBSCRIBE_URL, setting::NEWSLETTER_URL, setting::REGISTER_URL] {
        let is_needed = tag.is_none() || (is_stepping && attribute != setting::SUBSCRIBE_URL);
        if is_needed && known.text(attribute).is_none() {
            tried.push((attribute, "/".to_owned()));
        }
    }
    let around =
        Surroundings { address: "https://site.example/", host: "site.example", ..Surroundings::default() };
    Config::read(settings(tag.unwrap_or(&none), &tried), &around)
}

fn settings(tag: &Tag, instead: &[(&str, String)]) -> Settings {
    let mut settings = Settings::default();
    // The first of a name wins.
    let instead = instead.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let all = instead.chain(tag.attributes.iter().cloned());
    // Named as in `dataset`.
    let bare = |(name, value): (String, String)| (name.trim_start_matches("data-").to_owned(), value);
    settings.add_attributes(all.map(bare).collect());
    if let Some(json) = &tag.json {
        settings.add_json(json.clone());
    }
    settings
}

/// What an attribute that is tried out says under this limit.
fn resolved(attribute: &str, value: &str, limit: u32) -> String {
    let is_limit = [setting::NEWSLETTER_LIMIT, setting::REGISTERED_LIMIT].contains(&attribute);
    match value.strip_prefix('+').and_then(|more| more.parse::<u32>().ok()) {
        Some(more) if is_limit => limit.saturating_add(more).min(1000).to_string(),
        _ => value.to_owned(),
    }
}

/// A step as `data-steps` has it.
fn step_in_words(step: Step) -> String {
    let mut words = step.surface.name().to_owned();
    if step.from > 0 {
        words.push_str(&format!(" from {}", step.from));
    }
    if step.dismissible {
        words.push_str(", dismissible");
    }
    if step.often > 0 {
        let unit = match step.days {
            1 => "day",
            7 => "week",
            _ => "month",
        };
        words.push_str(&format!(", {}/{unit}", step.often));
    }
    words
}

fn prose(diagnostic: &Diagnostic) -> &'static str {
    PROSE.iter().find(|(code, _)| *code == diagnostic.code.name()).map_or("", |(_, prose)| prose)
}

/// Minutes since 1970-01-01T00:00Z.
pub(crate) type Minute = i64;
/// The minutes of a day.
pub(crate) const DAY: Minute = 24 * 60;

/// One month of the calendar, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Month {
    /// `2026-01`.
    pub name: String,
    /// Its first minute.
    pub start: Minute,
    /// The first minute after it.
    pub end: Minute,
}

/// The simulated stretch of time.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// Its months, one after the other.
    pub months: Vec<Month>,
    /// How many of them only fill the readers' storages and are not counted.
    pub uncounted: usize,
    /// For each of its days, the end of the period that the day belongs to; nothing where periods begin with a read.
    ends: Vec<Minute>,
    window: Window,
}

impl Calendar {
    /// `count` months from the one of this name (`2026-01`), cut into periods by these rules; `None` if there is no such
    /// month.
    pub(crate) fn new(first: &str, count: usize, rules: &Rules) -> Option<Calendar> {
        let mut period = Window::MONTHS.parse(first).filter(|_| is_month(first))?;
        let window = rules.window();
        let mut months = Vec::new();
        let mut start = period.start;
        for _ in 0..count {
            let end = period.end;
            months.push(Month { name: period.name(), start, end });
            (period, start) = (Window::MONTHS.next(period), end);
        }
        let from = months.first().map_or(start, |month| month.start);
        let mut ends = Vec::new();
        if !window.begins_with_a_read() {
            ends.extend((from..start).step_by(DAY as usize).map(|minute| window.period(minute).end));
        }
        Some(Calendar { months, uncounted: rules.months_before(), ends, window })
    }

    /// Until when a read at this minute counts, unless it shares a period that has begun.
    pub(crate) fn counts_until(&self, minute: Minute) -> Minute {
        if self.ends.is_empty() {
            return self.window.period(minute).end;
        }
        let day = (minute - self.months[0].start) / DAY;
        self.ends[day as usize]
    }

    /// Whether reads share the period that the first of them has begun.
    pub(crate) fn is_shared(&self) -> bool {
        self.window.is_shared()
    }

    /// The end of this minute's day.
    pub(crate) fn day_ends(&self, minute: Minute) -> Minute {
        self.window.day(minute).end
    }
}

/// Whether this is spelled like the name of a month, and not like that of a day or a year.
fn is_month(name: &str) -> bool {
    name.len() == "2026-01".len()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The rules of a tag without settings but these, tried out.
    pub(crate) fn rules(tried: &[(&str, &str)], limits: std::ops::RangeInclusive<u32>) -> Rules {
        let attribute = |option: &str| TRIED.iter().find(|(known, _)| *known == option).expect("an option").1;
        let instead = tried.iter().map(|(option, value)| (attribute(option), (*value).to_owned())).collect();
        Rules::read(&Wishes { tag: None, instead }, &limits.collect::<Vec<u32>>()).expect("rules")
    }

    fn decided(rules: &Rules, tier: Tier, reads: u32) -> Decided {
        let known = Known { tier, reads, read_before: false, dismissed: false };
        rules.decide(0, known, |_| true)
    }

    fn met(rules: &Rules, tier: Tier, reads: u32) -> Option<Surface> {
        decided(rules, tier, reads).surface
    }

    #[test]
    fn the_last_free_read_has_a_notice_and_the_next_one_the_gate() {
        let two = rules(&[], 2..=2);
        assert_eq!(
            [0, 1, 2, 3].map(|reads| met(&two, Tier::Anonymous, reads)),
            [None, Some(Surface::Notice), Some(Surface::Subscribe), Some(Surface::Subscribe)]
        );
        assert_eq!(met(&rules(&[], 0..=0), Tier::Anonymous, 0), Some(Surface::Subscribe));
        assert_eq!(two.surfaces(), [Surface::Notice, Surface::Subscribe]);
    }

    #[test]
    fn subscribers_and_articles_read_before_meet_nothing() {
        let one = rules(&[], 1..=1);
        let nothing = |known| {
            let decided = one.decide(0, known, |_| true);
            assert_eq!((decided.surface, decided.open, decided.counts), (None, true, false));
        };
        nothing(Known { tier: Tier::Subscriber, reads: 9, read_before: false, dismissed: false });
        nothing(Known { tier: Tier::Anonymous, reads: 9, read_before: true, dismissed: false });
    }

    #[test]
    fn steps_and_limits_are_read_as_the_tag_reads_them() {
        let steps = "notice from 2 | newsletter from 3, dismissible | register from 5 | subscribe";
        let tried = [("--steps", steps), ("--newsletter-limit", "+2"), ("--registered-limit", "9")];
        let rules = rules(&tried, 4..=5);
        assert_eq!(rules.surfaces(), Surface::ALL);
        let surfaces = |tier| [1, 2, 3, 4, 5, 6, 9].map(|reads| met(&rules, tier, reads));
        let (n, l, r, s) = (
            Some(Surface::Notice),
            Some(Surface::Newsletter),
            Some(Surface::Register),
            Some(Surface::Subscribe),
        );
        assert_eq!(surfaces(Tier::Anonymous), [n, l, l, s, s, s, s]);
        assert_eq!(surfaces(Tier::Newsletter), [n, n, n, r, r, s, s]);
        assert_eq!(surfaces(Tier::Registered), [n, n, n, n, n, n, s]);
        assert!(decided(&rules, Tier::Anonymous, 2).dismissible);
        let limits: Vec<[u32; 3]> = rules.configs.iter().map(|config| config.limits).collect();
        assert_eq!(limits, [[4, 6, 9], [5, 7, 9]]);
        let words = ["With the newsletter: 2 more free articles.", "Registered: 9 free articles."];
        assert_eq!(rules.words(), [format!("Steps: {steps}.").as_str(), words[0], words[1]]);
        assert!(super::tests::rules(&[], 1..=9).words().is_empty());
    }

    #[test]
    fn a_tag_works_as_it_does_on_its_page() {
        let tag = Tag::read(
            "data-limit=4 data-window=rolling data-period=14d data-steps=\"register from 2 | bogus | subscribe\" \
             data-meters=\"a: 1\" data-subscribe-url=/s",
        );
        let rules = Rules::read(&Wishes { tag: tag.clone(), instead: Vec::new() }, &[1, 2]).expect("rules");
        assert_eq!((rules.own_limit, rules.span().as_str()), (Some(4), "in any 14 days"));
        // Its register step leads nowhere, and it is told.
        assert_eq!(rules.surfaces(), [Surface::Subscribe]);
        let remarks = rules.remarks.join("\n");
        for part in ["step-without-url", "not-a-step", "data-meters is not simulated"] {
            assert!(remarks.contains(part), "{part}: {remarks}");
        }
        // One that is tried out leads somewhere.
        let instead = vec![(setting::STEPS, "register from 2".to_owned())];
        let tried = Rules::read(&Wishes { tag, instead }, &[1]).expect("rules");
        assert_eq!(tried.surfaces(), [Surface::Register, Surface::Subscribe]);
        // Without anywhere to subscribe nothing is gated.
        let nowhere = Wishes { tag: Tag::read("data-limit=4"), instead: Vec::new() };
        let nowhere = Rules::read(&nowhere, &[1]).expect("rules");
        assert_eq!(met(&nowhere, Tier::Anonymous, 5), None);
        assert!(nowhere.remarks.iter().any(|remark| remark.contains("data-subscribe-url")));
    }

    #[test]
    fn what_is_tried_out_is_complained_of() {
        for (attribute, value) in [
            (setting::STEPS, "notice | welcome"),
            (setting::WINDOW, "sliding"),
            (setting::PERIOD, "400d"),
            (setting::NEWSLETTER_LIMIT, "+many"),
        ] {
            let wishes = Wishes { tag: None, instead: vec![(attribute, value.to_owned())] };
            let complaint = Rules::read(&wishes, &[1]).expect_err(value);
            assert!(complaint.contains(attribute) && complaint.contains("Expected"), "{complaint}");
        }
    }

    #[test]
    fn a_calendar_has_its_months_and_the_cores_periods() {
        let week = rules(&[("--period", "week")], 1..=1);
        let calendar = Calendar::new("2026-01", 3, &week).expect("a month");
        let names: Vec<&str> = calendar.months.iter().map(|month| month.name.as_str()).collect();
        assert_eq!(names, ["2026-01", "2026-02", "2026-03"]);
        let days: Vec<i64> = calendar.months.iter().map(|month| (month.end - month.start) / DAY).collect();
        assert_eq!(days, [31, 28, 31]);
        // 1 January 2026 is a Thursday: the first week ends with the 4th.
        let start = calendar.months[0].start;
        assert_eq!(calendar.counts_until(start), start + 4 * DAY);
        assert_eq!(calendar.counts_until(start + 4 * DAY), start + 11 * DAY);
        for wrong in ["2026", "2026-13", "2026-W01", "2026-01-01", "January"] {
            assert!(Calendar::new(wrong, 1, &week).is_none(), "{wrong}");
        }
        let rolling = rules(&[("--period", "90d"), ("--window", "rolling")], 1..=1);
        let calendar = Calendar::new("2026-01", 5, &rolling).expect("a month");
        assert_eq!(calendar.counts_until(start + 7), start + 7 + 90 * DAY);
        assert_eq!((calendar.uncounted, calendar.day_ends(start + 7)), (3, start + DAY));
    }

    #[test]
    fn a_span_is_in_words() {
        for (period, window, words) in [
            ("month", "calendar", "a month"),
            ("week", "calendar", "a week"),
            ("10d", "calendar", "in 10 days"),
            ("month", "rolling", "in any 30 days"),
            ("day", "rolling", "in any 24 hours"),
            ("7d", "first-view", "in 7 days from the first"),
        ] {
            assert_eq!(rules(&[("--period", period), ("--window", window)], 1..=1).span(), words);
        }
    }

    #[test]
    fn surfaces_know_their_places() {
        for (place, surface) in Surface::ALL.into_iter().enumerate() {
            assert_eq!(surface.place(), place);
            assert_eq!(Surface::of(Step::of(surface.in_the_core())), surface);
        }
    }
}
