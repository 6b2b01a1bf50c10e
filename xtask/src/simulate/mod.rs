//! `cargo xtask simulate`: what would this limit do? A stated model of readers reads for some months, the core decides on
//! every page view, and a publisher sees how many meet which surface under each limit.
//!
//! | file | what it holds |
//! |---|---|
//! | `tag` | a publisher's tag: its settings as they are written |
//! | `rules` | the core's rules, and the only mention of the core |
//! | `model` | what readers are like: parameters with their sources, and one reader's visits |
//! | `device` | what a reader's storage holds, and what becomes of a page view |
//! | `run` | all readers under all limits, on all cores, counted |
//! | `report`, `chart` | what was counted, as a table, CSV and SVG |
//! | `options` | what can be asked |
//! | `product` | a test: readers played through the whole machine meet the same |

mod chart;
mod device;
mod model;
mod options;
#[cfg(test)]
mod product;
mod report;
mod rules;
mod run;
mod tag;

pub(crate) use options::{Options, help};

use crate::{places, process};
use anyhow::{Context as _, Result};
use model::{LASTING, Model, PARAMETERS};
use report::{Report, grouped, wrapped};
use rules::Rules;
use std::path::Path;

/// The command.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let plan = options.plan().map_err(anyhow::Error::msg)?;
    print_model(&plan.model);
    print_configuration(&plan.rules);

    let started = process::begin("simulation");
    let counts = run::run(&plan);
    let report = Report::of(&plan, &counts);
    let months = plan.calendar.months.get(plan.calendar.uncounted..).unwrap_or_default();
    let name = |month: Option<&rules::Month>| month.map_or_else(String::new, |month| month.name.clone());
    println!(
        "{} readers a month and {} page views in {} to {}, under {} limits, on {} threads: {}",
        grouped(counts.readers / months.len().max(1) as u64),
        grouped(counts.views),
        name(months.first()),
        name(months.last()),
        plan.rules.limits.len(),
        rayon::current_num_threads(),
        process::took(started),
    );
    println!(
        "A month's reader makes {:.1} visits and opens {:.1} articles. One article is opened by {:.0}% of them, two to \
         five by\n{:.0}%, more by {:.0}%. Subscribers make {:.0}% of the page views.",
        report.visits,
        report.views,
        report.by_articles[0],
        report.by_articles[1],
        report.by_articles[2],
        report.subscriber_views,
    );

    println!("\n== what each limit would do: free articles {}\n", report.span);
    print!("{}", report.table());
    println!("\n{}", notes(&report));

    let folder = places::simulation();
    let csv = options.csv.clone().unwrap_or_else(|| folder.join("limits.csv"));
    let svg = options.svg.clone().unwrap_or_else(|| folder.join("limits.svg"));
    write(&csv, &report.csv())?;
    write(&svg, &chart::draw(&report, options))?;
    println!("\n{}\n{}\nThe same again: {}", csv.display(), svg.display(), options.command());
    Ok(true)
}

/// Every parameter, what it means and where it comes from.
fn print_model(model: &Model) {
    println!("== the model of readers");
    for parameter in &PARAMETERS {
        let value = parameter.shown(model);
        let set = if value == parameter.shown(&Model::default()) { "" } else { " (set by you)" };
        let meaning = format!("{value} {}{set}", parameter.meaning);
        let mut label = parameter.option;
        for line in wrapped(&meaning, 92) {
            println!("{label:<17}{line}");
            label = "";
        }
        let what = if set.is_empty() { "" } else { "default: " };
        for line in wrapped(&format!("{what}{}", parameter.source), 89) {
            println!("{:<20}{line}", "");
        }
    }
}

/// What is simulated of the publisher's tag, and what is wrong with it.
fn print_configuration(rules: &Rules) {
    println!("{LASTING}");
    let mut lines = rules.words();
    if let Some(limit) = rules.own_limit {
        lines.push(format!("The tag's own limit is {limit}; it is what is varied here."));
    }
    lines.extend(rules.remarks.iter().cloned());
    if !lines.is_empty() {
        println!("\n== the configuration");
        for line in lines.iter().flat_map(|line| wrapped(line, 118)) {
            println!("{line}");
        }
    }
}

/// How the table is read, and what it can be compared with.
fn notes(report: &Report) -> String {
    let surfaces: Vec<String> =
        report.surfaces.iter().map(|surface| format!("{}: {}.", surface.name(), surface.meaning())).collect();
    let mut notes = wrapped(&surfaces.join(" "), 118).join("\n");
    notes.push_str(
        "\n\
         % of readers: of those who come in a month, subscribers included, the share that meets it at least once, or does\n\
         what it asks for, for the first time. articles read: page views that are open in the end, for each reader and month.\n\
         What these readers meet does not change how often they come; real ones leave, or open a private window.",
    );
    if report.span == "a month" {
        notes.push_str(
            "\nTo compare: of more than 500 publishers half stop fewer than 1.8% of a month's readers; those whose digital\n\
             business sustains itself stop more than 4.2%, those that thrive more than 6% (Digital Pay-Meter Playbook, 2019).",
        );
    }
    notes
}

fn write(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use crate::places;

    #[test]
    fn only_the_rules_name_the_core() {
        let core = concat!("tollgate", "::");
        let mut naming = Vec::new();
        for entry in std::fs::read_dir(places::xtask().join("src/simulate")).expect("this folder").flatten() {
            if std::fs::read_to_string(entry.path()).expect("text").contains(core) {
                naming.push(entry.file_name());
            }
        }
        naming.sort();
        // The whole machine is for the test alone.
        assert_eq!(naming, ["product.rs", "rules.rs"]);
    }
}
