//! The options of `cargo xtask simulate`: read from the command line, and written back as the command that asks for the
//! same.

use super::model::{Kind, Model, PARAMETERS};
use super::report::wrapped;
use super::rules::{Calendar, Rules, TRIED, Wishes};
use super::run::Plan;
use super::tag::Tag;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

/// Everything that can be asked of the command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    /// How many readers a month has.
    pub readers: u64,
    /// The first and the last of the limits that are compared.
    pub limits: (u32, u32),
    /// The publisher's tag as it was written, or the file it is in.
    pub tag: Option<String>,
    /// The configuration, as it is asked of the core.
    pub wishes: Wishes,
    /// The first month, `2026-01`.
    pub from: String,
    /// How many months, the first of them uncounted; none for what suits the period.
    pub months: Option<usize>,
    /// What the dice start from.
    pub seed: u64,
    /// What readers are like.
    pub model: Model,
    /// Where the CSV goes, if not to its usual place.
    pub csv: Option<PathBuf>,
    /// Where the chart goes, if not to its usual place.
    pub svg: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            readers: 1_000_000,
            limits: (1, 10),
            tag: None,
            wishes: Wishes::default(),
            from: "2026-01".to_owned(),
            months: None,
            seed: 1,
            model: Model::default(),
            csv: None,
            svg: None,
        }
    }
}

/// The limits that `data-limit` takes.
const HIGHEST_LIMIT: u32 = 1000;
/// No more than this many are compared at once: a chart of more could not be read.
const MOST_LIMITS: u32 = 50;

impl Options {
    /// Reads the arguments behind `simulate`; the error is a sentence for the person who typed them.
    pub(crate) fn parse(arguments: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument.as_str(), None),
            };
            if !names().any(|known| known == name) {
                return Err(format!("`{argument}` is not understood here."));
            }
            let value = value
                .or_else(|| rest.next().map(String::as_str))
                .ok_or_else(|| format!("`{name}` needs a value behind it."))?;
            options.set(name, value)?;
        }
        // Only known now: what belongs together may stand apart.
        options.plan()?;
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "--readers" => self.readers = whole(name, value, 1, 100_000_000)?,
            "--limits" => self.limits = limits(value)?,
            "--tag" => {
                let file = std::fs::read_to_string(value);
                let found = Tag::read(file.as_deref().unwrap_or(value));
                self.wishes.tag = Some(found.ok_or_else(|| {
                    format!("`{value}` is neither a file with the tag nor a tag's attributes, such as data-limit=3.")
                })?);
                self.tag = Some(value.to_owned());
            }
            "--from" => self.from = value.to_owned(),
            "--months" => self.months = Some(whole(name, value, 2, 120)?),
            "--seed" => self.seed = whole(name, value, 0, u64::MAX)?,
            "--csv" => self.csv = Some(PathBuf::from(value)),
            "--svg" => self.svg = Some(PathBuf::from(value)),
            _ => {
                for (_, attribute) in TRIED.iter().filter(|(option, _)| *option == name) {
                    self.wishes.instead.retain(|(known, _)| known != attribute);
                    self.wishes.instead.push((attribute, value.to_owned()));
                    // In an order of their own: whoever asks for the same asks the same.
                    self.wishes.instead.sort();
                }
                for parameter in PARAMETERS.iter().filter(|parameter| parameter.option == name) {
                    parameter.set(&mut self.model, value)?;
                }
            }
        }
        Ok(())
    }

    /// What is simulated; the error is a sentence for the person who typed the options.
    pub(crate) fn plan(&self) -> Result<Plan, String> {
        let limits: Vec<u32> = (self.limits.0..=self.limits.1).collect();
        let rules = Rules::read(&self.wishes, &limits)?;
        // A year's periods need all months of a year.
        let least = rules.months_before() + 1;
        let months = self.months.unwrap_or(if rules.is_long() { least + 11 } else { least + 1 });
        if months < least {
            return Err(format!(
                "`{months}`: --months takes at least {least} here, the last of them counted."
            ));
        }
        let calendar = Calendar::new(&self.from, months, &rules)
            .ok_or_else(|| format!("`{}` is not a month such as 2026-01.", self.from))?;
        Ok(Plan { readers: self.readers, rules, calendar, seed: self.seed, model: self.model })
    }

    /// The command that simulates the same, with whatever is not as by default.
    pub(crate) fn command(&self) -> String {
        let default = Options::default();
        let mut command = String::from("cargo xtask simulate");
        let mut say = |is_said: bool, name: &str, value: &dyn std::fmt::Display| {
            if is_said {
                let _ = write!(command, " {name} {value}");
            }
        };
        say(self.readers != default.readers, "--readers", &self.readers);
        let limits = format!("{}..{}", self.limits.0, self.limits.1);
        say(self.limits != default.limits, "--limits", &limits);
        if let Some(tag) = &self.tag {
            say(true, "--tag", &quoted(tag));
        }
        for (option, attribute) in TRIED {
            for (_, value) in self.wishes.instead.iter().filter(|(known, _)| *known == attribute) {
                say(true, option, &quoted(value));
            }
        }
        say(self.from != default.from, "--from", &self.from);
        say(self.months.is_some(), "--months", &self.months.unwrap_or_default());
        say(self.seed != default.seed, "--seed", &self.seed);
        for parameter in &PARAMETERS {
            let value = parameter.shown(&self.model);
            say(value != parameter.shown(&default.model), parameter.option, &value);
        }
        command
    }
}

/// As a shell takes it for one argument.
fn quoted(value: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-+./_=:".contains(letter);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// The names of all options.
fn names() -> impl Iterator<Item = &'static str> {
    let own = ["--readers", "--limits", "--tag", "--from", "--months", "--seed", "--csv", "--svg"];
    own.into_iter()
        .chain(TRIED.iter().map(|(option, _)| *option))
        .chain(PARAMETERS.iter().map(|parameter| parameter.option))
}

/// A whole number within these bounds; digits may be grouped by `_`.
fn whole<T: FromStr + PartialOrd + std::fmt::Display>(
    name: &str,
    value: &str,
    least: T,
    most: T,
) -> Result<T, String> {
    let number = value.replace('_', "").parse().ok();
    number
        .filter(|number| (&least..=&most).contains(&number))
        .ok_or_else(|| format!("`{value}`: {name} takes a whole number from {least} to {most}."))
}

/// `1..10`, both ends included, or one limit.
fn limits(value: &str) -> Result<(u32, u32), String> {
    let (first, last) = value.split_once("..").unwrap_or((value, value));
    let first = whole("--limits", first, 0, HIGHEST_LIMIT)?;
    let last = whole("--limits", last, 0, HIGHEST_LIMIT)?;
    if first > last || last - first >= MOST_LIMITS {
        return Err(format!("`{value}`: --limits takes up to {MOST_LIMITS} limits, such as 1..10."));
    }
    Ok((first, last))
}

/// The help of the command.
pub(crate) fn help() -> String {
    let mut help = String::from(
        "\
cargo xtask simulate [options]

What a configuration would do under each limit: a million readers, drawn from the model below, read for a few months, and
the core decides on every page view. Prints a table and writes CSV and a chart to target/simulate/.

  --readers N        readers a month (1000000)
  --limits A..B      the limits that are compared, both ends included (1..10)
  --tag T            your tag: a file with it (an HTML page will do), or its attributes: 'data-limit=3 data-steps=\"…\"'.
                     Read by the core, with its diagnostics; data-limit is what is varied. These replace parts of it:
  --steps S          as data-steps: 'notice from 2 | newsletter from 3, dismissible, 1/week | register from 5 | subscribe'
  --window W         as data-window: calendar, rolling or first-view (calendar)
  --period P         as data-period: day, week, month, year or 1d to 366d (month)
  --newsletter-limit N   as data-newsletter-limit, or +N: so many more than the limit that is varied
  --registered-limit N   the same of data-registered-limit
  --from YYYY-MM     the first month; it only fills the readers' storage and is not counted (2026-01)
  --months N         how many months with that one (3; a year more for long periods, and as many uncounted as a rolling or
                     first-view period needs to fill)
  --seed N           other dice (1)
  --csv FILE         where the CSV goes (target/simulate/limits.csv)
  --svg FILE         where the chart goes (target/simulate/limits.svg)

The model of readers; `cargo xtask simulate` prints where each number comes from:

",
    );
    for parameter in &PARAMETERS {
        let unit = if parameter.kind == Kind::Share { "%" } else { "" };
        let mut option = format!("{} N{unit}", parameter.option);
        let meaning = format!("{} ({})", parameter.meaning, parameter.shown(&Model::default()));
        for line in wrapped(&meaning, 90) {
            let _ = writeln!(help, "  {option:<20}{line}");
            option.clear();
        }
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, String> {
        Options::parse(&arguments(line))
    }

    /// As a shell parts them.
    fn arguments(line: &str) -> Vec<String> {
        let (mut arguments, mut is_quoted, mut is_between) = (Vec::new(), false, true);
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            let is_end = letter == ' ' && !is_quoted;
            if !is_end && is_between {
                arguments.push(String::new());
            }
            is_between = is_end;
            let last = arguments.last_mut();
            match (letter, last) {
                ('\'', _) => is_quoted = !is_quoted,
                ('\\', Some(last)) if !is_quoted => last.extend(letters.next()),
                (_, Some(last)) if !is_end => last.push(letter),
                _ => {}
            }
        }
        arguments
    }

    fn months(line: &str) -> (usize, usize) {
        let plan = parsed(line).expect("options").plan().expect("a plan");
        (plan.calendar.months.len(), plan.calendar.uncounted)
    }

    #[test]
    fn options_are_read() {
        assert_eq!(parsed(""), Ok(Options::default()));
        let options = parsed(
            "--readers 2_000 --limits=0..4 --period week --from 2025-06 --months 4 --seed 9 --private 12.5% \
             --safari-days=30 --csv a.csv --svg b/c.svg",
        )
        .expect("options");
        assert_eq!((options.readers, options.limits), (2000, (0, 4)));
        assert_eq!(options.wishes.instead, [("data-period", "week".to_owned())]);
        assert_eq!((options.from.as_str(), options.months, options.seed), ("2025-06", Some(4), 9));
        assert_eq!((options.model.private, options.model.safari_days), (0.125, 30.0));
        assert_eq!(options.csv.as_deref(), Some(std::path::Path::new("a.csv")));
        assert_eq!(parsed("--limits 3").expect("one").limits, (3, 3));
        assert_eq!(
            (months(""), months("--period year"), months("--window rolling")),
            ((3, 1), (13, 1), (3, 1))
        );
        assert_eq!((months("--window first-view --period 90d"), months("--period 7d")), ((15, 3), (3, 1)));
    }

    #[test]
    fn a_tag_is_taken_from_the_line_or_a_file_and_options_replace_parts_of_it() {
        let tag =
            "data-limit=4 data-period=week data-steps=\"notice from 2 | subscribe\" data-subscribe-url=/s";
        let words = |line: String| {
            let rules = parsed(&line).expect("options").plan().expect("a plan").rules;
            (rules.own_limit, rules.span(), rules.words(), rules.remarks)
        };
        let steps = vec!["Steps: notice from 2 | subscribe.".to_owned()];
        let expected = (Some(4), "a week".to_owned(), steps, Vec::new());
        assert_eq!(words(format!("--tag '{tag}'")), expected);
        let file = std::env::temp_dir().join(format!("tollgate-simulate-{}.html", std::process::id()));
        std::fs::write(&file, format!("<p><script src=/tollgate.js {tag}></script>")).expect("written");
        assert_eq!(words(format!("--tag '{}'", file.display())), expected);
        std::fs::remove_file(&file).expect("removed");
        let changed = words(format!("--tag '{tag}' --period day --steps notice"));
        assert_eq!((changed.1.as_str(), changed.2.len()), ("a day", 0));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, part) in [
            ("--reader 5", "`--reader`"),
            ("5", "`5`"),
            ("--seed", "needs a value"),
            ("--readers 0", "1 to 100000000"),
            ("--limits 5..2", "`5..2`"),
            ("--limits 0..1000", "up to 50"),
            ("--limits 1-4", "--limits takes"),
            ("--period fortnight", "`fortnight`"),
            ("--from 2026-13", "`2026-13`"),
            ("--months 1", "2 to 120"),
            ("--months 3 --window rolling --period 90d", "at least 4"),
            ("--window sliding", "`sliding`"),
            ("--steps 'notice | welcome from 2'", "`welcome from 2`"),
            ("--registered-limit +x", "`+x`"),
            ("--tag nowhere.html", "`nowhere.html`"),
            ("--private 101", "0% to 100%"),
            ("--articles 0.5", "1 to 50"),
        ] {
            let complaint = parsed(line).expect_err(line);
            assert!(complaint.contains(part), "{line}: {complaint}");
        }
    }

    #[test]
    fn the_command_asks_for_the_same() {
        for line in [
            "",
            "--readers 5 --limits 2..3 --period day --months 5 --private 7.3% --spread 0 --from 2027-02",
            "--steps 'notice from 2 | subscribe' --newsletter-limit +2 --registered-limit 9 --window rolling",
            "--tag 'data-site=\"a'\\''s\" data-limit=2' --turn-down 50%",
        ] {
            let options = parsed(line).expect("options");
            let command = options.command();
            let arguments = command.strip_prefix("cargo xtask simulate").expect("the command");
            assert_eq!(parsed(arguments), Ok(options), "{command}");
        }
    }

    #[test]
    fn the_help_names_every_option() {
        let help = help();
        for name in names() {
            assert!(help.contains(name), "{name}");
        }
    }
}
