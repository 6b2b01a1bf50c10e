//! The options of `cargo xtask simulate`: read from the command line, and written back as the command that asks for the
//! same.

use super::model::{Kind, Model, PARAMETERS};
use super::report::wrapped;
use super::rules::{Calendar, Length};
use super::run::Plan;
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
    /// How long a period is.
    pub period: Length,
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
            period: Length::Month,
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
        // Only known now: the first month may be changed behind the number of months.
        options.calendar()?;
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "--readers" => self.readers = whole(name, value, 1, 100_000_000)?,
            "--limits" => self.limits = limits(value)?,
            "--period" => {
                let length = Length::ALL.into_iter().find(|length| length.name() == value);
                self.period =
                    length.ok_or_else(|| format!("`{value}` is no period: day, week, month or year."))?;
            }
            "--from" => self.from = value.to_owned(),
            "--months" => self.months = Some(whole(name, value, 2, 120)?),
            "--seed" => self.seed = whole(name, value, 0, u64::MAX)?,
            "--csv" => self.csv = Some(PathBuf::from(value)),
            "--svg" => self.svg = Some(PathBuf::from(value)),
            _ => {
                for parameter in PARAMETERS.iter().filter(|parameter| parameter.option == name) {
                    parameter.set(&mut self.model, value)?;
                }
            }
        }
        Ok(())
    }

    /// How many months, the first of them uncounted: a year's periods need all months of a year.
    pub(crate) fn months(&self) -> usize {
        self.months.unwrap_or(if self.period == Length::Year { 13 } else { 3 })
    }

    fn calendar(&self) -> Result<Calendar, String> {
        Calendar::new(&self.from, self.months(), self.period)
            .ok_or_else(|| format!("`{}` is not a month such as 2026-01.", self.from))
    }

    /// What is simulated.
    pub(crate) fn plan(&self) -> Result<Plan, String> {
        Ok(Plan {
            readers: self.readers,
            limits: (self.limits.0..=self.limits.1).collect(),
            calendar: self.calendar()?,
            seed: self.seed,
            model: self.model,
        })
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
        say(self.period != default.period, "--period", &self.period.name());
        say(self.from != default.from, "--from", &self.from);
        say(self.months.is_some(), "--months", &self.months());
        say(self.seed != default.seed, "--seed", &self.seed);
        for parameter in &PARAMETERS {
            let value = parameter.shown(&self.model);
            say(value != parameter.shown(&default.model), parameter.option, &value);
        }
        command
    }
}

/// The names of all options.
fn names() -> impl Iterator<Item = &'static str> {
    let own = ["--readers", "--limits", "--period", "--from", "--months", "--seed", "--csv", "--svg"];
    own.into_iter().chain(PARAMETERS.iter().map(|parameter| parameter.option))
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

What each limit would do: a million readers, drawn from the model below, read for a few months, and the core decides on
every page view. Prints a table and writes CSV and a chart to target/simulate/.

  --readers N        readers a month (1000000)
  --limits A..B      the limits that are compared, both ends included (1..10)
  --period P         day, week, month or year (month)
  --from YYYY-MM     the first month; it only fills the readers' storage and is not counted (2026-01)
  --months N         how many months with that one (3; 13 for periods of a year)
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
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&arguments)
    }

    #[test]
    fn options_are_read() {
        assert_eq!(parsed(""), Ok(Options::default()));
        let options = parsed(
            "--readers 2_000 --limits=0..4 --period week --from 2025-06 --months 4 --seed 9 --private 12.5% \
             --safari-days=30 --csv a.csv --svg b/c.svg",
        )
        .expect("options");
        assert_eq!((options.readers, options.limits, options.period), (2000, (0, 4), Length::Week));
        assert_eq!((options.from.as_str(), options.months, options.seed), ("2025-06", Some(4), 9));
        assert_eq!((options.model.private, options.model.safari_days), (0.125, 30.0));
        assert_eq!(options.csv.as_deref(), Some(std::path::Path::new("a.csv")));
        assert_eq!(parsed("--limits 3").expect("one").limits, (3, 3));
        assert_eq!(parsed("--period year").expect("a year").months(), 13);
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
            ("--private 101", "0% to 100%"),
            ("--articles 0.5", "1 to 50"),
        ] {
            let complaint = parsed(line).expect_err(line);
            assert!(complaint.contains(part), "{line}: {complaint}");
        }
    }

    #[test]
    fn the_command_asks_for_the_same() {
        for line in
            ["", "--readers 5 --limits 2..3 --period day --months 5 --private 7.3% --spread 0 --from 2027-02"]
        {
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
