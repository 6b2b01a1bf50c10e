//! The report: shares of readers and of page views for each limit, as a table for people and as CSV for programs. Both are
//! written from the same rows, and so is the chart.

use super::rules::Surface;
use super::run::{Counts, Plan};
use std::fmt::Write as _;

/// What one limit does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Free articles in a period.
    pub limit: u32,
    /// For each surface, the share of a month's readers that meet it at least once, in per cent.
    pub readers: [f64; Surface::COUNT],
    /// For each surface, the share of page views that meet it, in per cent.
    pub views: [f64; Surface::COUNT],
    /// For each surface, the share of a month's readers that do what it asks for, for the first time, in per cent.
    pub done: [f64; Surface::COUNT],
    /// Articles opened and not gated, for each reader and month.
    pub open: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    /// One row for each limit, ascending.
    pub rows: Vec<Row>,
    /// The surfaces that the configuration has, in order.
    pub surfaces: Vec<Surface>,
    /// The configuration, in a line or two.
    pub configuration: Vec<String>,
    /// For how long the free articles last.
    pub span: String,
    /// How many months were simulated.
    pub months: usize,
    /// How many of them were not counted.
    pub uncounted: usize,
    /// Visits for each reader and month.
    pub visits: f64,
    /// Page views of articles for each reader and month.
    pub views: f64,
    /// The share of page views that subscribers make, in per cent.
    pub subscriber_views: f64,
    /// The shares of a month's readers that open one article, two to five, more; in per cent.
    pub by_articles: [f64; 3],
}

impl Report {
    /// The shares behind these counts.
    pub(crate) fn of(plan: &Plan, counts: &Counts) -> Report {
        let of_readers = |count: u64| percent(count, counts.readers);
        let of_views = |count: u64| percent(count, counts.views);
        let rows = plan.rules.limits.iter().zip(&counts.limits).map(|(&limit, counted)| Row {
            limit,
            readers: counted.readers.map(of_readers),
            views: counted.views.map(of_views),
            done: counted.done.map(of_readers),
            open: ratio(counted.open, counts.readers),
        });
        Report {
            rows: rows.collect(),
            surfaces: plan.rules.surfaces(),
            configuration: plan.rules.words(),
            span: plan.rules.span(),
            months: plan.calendar.months.len(),
            uncounted: plan.calendar.uncounted,
            visits: ratio(counts.visits, counts.readers),
            views: ratio(counts.views, counts.readers),
            subscriber_views: of_views(counts.subscriber_views),
            by_articles: counts.by_articles.map(of_readers),
        }
    }

    /// The table; or two, where it would be wider than a terminal.
    pub(crate) fn table(&self) -> String {
        let rows = || self.rows.iter();
        let groups = [
            Group::new("% of readers", self.names(), 1, rows().map(|row| self.shown(&row.readers))),
            Group::new("% of page views", self.names(), 1, rows().map(|row| self.shown(&row.views))),
            Group::new("% of readers who", self.deeds(), 2, rows().map(|row| self.done(row))),
            Group::new("", vec!["articles read"], 2, rows().map(|row| vec![row.open])),
        ];
        let width = groups.iter().map(|group| group.width() + 3).sum::<usize>() + "limit".len();
        if width <= WIDTH {
            return self.table_of(&groups);
        }
        let (met, done) = groups.split_at(2);
        format!("{}\n{}", self.table_of(met), self.table_of(done))
    }

    fn table_of(&self, groups: &[Group]) -> String {
        let mut table = format!("{:7}", "");
        for group in groups {
            let _ = write!(table, "   {:>1$}", group.title, group.width());
        }
        table.truncate(table.trim_end().len());
        table.push_str("\n  limit");
        for group in groups {
            let _ = write!(table, "   {}", group.line(&group.names));
        }
        table.push('\n');
        for (place, row) in self.rows.iter().enumerate() {
            let _ = write!(table, "{:>7}", row.limit);
            for group in groups {
                let _ = write!(table, "   {}", group.line(&group.cells[place]));
            }
            table.push('\n');
        }
        table
    }

    /// The same as comma-separated values, with more digits.
    pub(crate) fn csv(&self) -> String {
        let mut csv = String::from("limit");
        for base in ["readers", "page_views"] {
            for name in self.names() {
                let _ = write!(csv, ",percent_of_{base}_{name}");
            }
        }
        for deed in self.deeds() {
            let _ = write!(csv, ",percent_of_readers_{}", deed.replace(' ', "_"));
        }
        csv.push_str(",articles_read_per_reader_and_month\n");
        for row in &self.rows {
            let _ = write!(csv, "{}", row.limit);
            for share in [self.shown(&row.readers), self.shown(&row.views), self.done(row)].concat() {
                let _ = write!(csv, ",{share:.4}");
            }
            let _ = writeln!(csv, ",{:.4}", row.open);
        }
        csv
    }

    fn names(&self) -> Vec<&'static str> {
        self.surfaces.iter().map(|surface| surface.name()).collect()
    }

    fn deeds(&self) -> Vec<&'static str> {
        self.surfaces.iter().filter_map(|surface| surface.deed()).collect()
    }

    /// Of numbers for all surfaces, those of the configuration's.
    fn shown(&self, shares: &[f64; Surface::COUNT]) -> Vec<f64> {
        self.surfaces.iter().map(|surface| shares[surface.place()]).collect()
    }

    fn done(&self, row: &Row) -> Vec<f64> {
        let asking = self.surfaces.iter().filter(|surface| surface.deed().is_some());
        asking.map(|surface| row.done[surface.place()]).collect()
    }
}

/// The widest that a table may be.
const WIDTH: usize = 118;

/// Columns of the table under one title.
struct Group {
    title: &'static str,
    names: Vec<String>,
    cells: Vec<Vec<String>>,
}

impl Group {
    fn new(
        title: &'static str,
        names: Vec<&str>,
        digits: usize,
        rows: impl Iterator<Item = Vec<f64>>,
    ) -> Group {
        let cells = |row: Vec<f64>| row.iter().map(|value| format!("{value:.digits$}")).collect();
        Group {
            title,
            names: names.into_iter().map(str::to_owned).collect(),
            cells: rows.map(cells).collect(),
        }
    }

    /// Two blanks between columns, and room for `100.00`.
    fn widths(&self) -> impl Iterator<Item = usize> {
        self.names.iter().enumerate().map(|(place, name)| name.len().max(6) + if place == 0 { 0 } else { 2 })
    }

    fn width(&self) -> usize {
        self.widths().sum::<usize>().max(self.title.len())
    }

    fn line(&self, cells: &[String]) -> String {
        let line: String =
            cells.iter().zip(self.widths()).map(|(cell, width)| format!("{cell:>width$}")).collect();
        format!("{line:>0$}", self.width())
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    100.0 * ratio(part, whole)
}

/// How many of these there are to each of those; none of none is none.
fn ratio(these: u64, those: u64) -> f64 {
    if those == 0 { 0.0 } else { these as f64 / those as f64 }
}

/// A number with its thousands apart: `1,000,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text in lines of at most `width` characters, if its words allow it.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A report as a small run gives it.
    pub(crate) fn sample(rows: u32) -> Report {
        let rows = (1..=rows).map(|limit| {
            let share = 30.0 / f64::from(limit);
            Row {
                limit,
                readers: [share * 2.0, share * 1.2, share * 1.1, share],
                views: [share, share * 0.8, share * 0.9, share * 1.5],
                done: [0.0, share / 100.0, share / 50.0, share / 200.0],
                open: 2.0 - share / 30.0,
            }
        });
        Report {
            rows: rows.collect(),
            surfaces: Surface::ALL.to_vec(),
            configuration: vec!["Steps: notice < 2".to_owned()],
            span: "a month".to_owned(),
            months: 3,
            uncounted: 1,
            visits: 2.3,
            views: 2.8,
            subscriber_views: 12.0,
            by_articles: [68.0, 23.0, 9.0],
        }
    }

    #[test]
    fn table_and_csv_say_the_same() {
        for surfaces in [1, 2, 4] {
            let all = sample(10);
            let surfaces = Surface::ALL[Surface::COUNT - surfaces..].to_vec();
            say_the_same(&Report { surfaces, ..all });
        }
    }

    fn say_the_same(report: &Report) {
        let deeds = report.deeds().len();
        let (table, csv) = (report.table(), report.csv());
        assert!(table.lines().all(|line| line.len() <= WIDTH), "{table}");
        let mut rows: Vec<Vec<&str>> = Vec::new();
        for part in table.split("\n\n") {
            for (place, line) in part.lines().skip(2).enumerate() {
                let cells: Vec<&str> = line.split_whitespace().collect();
                match rows.get_mut(place) {
                    // The second part begins with the limit again.
                    Some(row) => row.extend(&cells[1..]),
                    None => rows.push(cells),
                }
            }
        }
        let records: Vec<Vec<f64>> = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').map(|field| field.parse().expect("a number")).collect())
            .collect();
        assert_eq!((rows.len(), records.len()), (10, 10));
        for (row, record) in rows.iter().zip(&records) {
            let last = record.len() - 1;
            let rounded: Vec<String> = record
                .iter()
                .enumerate()
                .map(|(place, value)| match place {
                    0 => format!("{value}"),
                    place if place >= last - deeds => format!("{value:.2}"),
                    _ => format!("{value:.1}"),
                })
                .collect();
            assert_eq!(row, &rounded);
        }
        let columns = csv.lines().next().expect("a heading").split(',').count();
        assert!(records.iter().all(|record| record.len() == columns));
    }

    #[test]
    fn numbers_are_grouped_and_texts_wrapped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(wrapped("one two  three four", 9), ["one two", "three", "four"]);
        assert_eq!(wrapped("", 9), Vec::<String>::new());
    }

    #[test]
    fn nobody_is_nought_per_cent() {
        assert_eq!(percent(0, 0), 0.0);
    }
}
