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
    /// Articles opened and not gated, for each reader and month.
    pub open: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    /// One row for each limit, ascending.
    pub rows: Vec<Row>,
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
        let rows = plan.limits.iter().zip(&counts.limits).map(|(&limit, counted)| Row {
            limit,
            readers: counted.readers.map(of_readers),
            views: counted.views.map(of_views),
            open: ratio(counted.open, counts.readers),
        });
        Report {
            rows: rows.collect(),
            visits: ratio(counts.visits, counts.readers),
            views: ratio(counts.views, counts.readers),
            subscriber_views: of_views(counts.subscriber_views),
            by_articles: counts.by_articles.map(of_readers),
        }
    }

    /// The table.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        let width = 11 * Surface::COUNT;
        let _ = writeln!(table, "         {:>width$}   {:>width$}", "% of readers", "% of page views");
        let names: String = Surface::ALL.iter().map(|surface| format!("{:>11}", surface.name())).collect();
        let _ = writeln!(table, "  limit  {names}   {names}   articles read");
        for row in &self.rows {
            let cells = |shares: [f64; Surface::COUNT]| -> String {
                shares.iter().map(|share| format!("{share:>11.1}")).collect()
            };
            let (readers, views) = (cells(row.readers), cells(row.views));
            let _ = writeln!(table, "{:>7}  {readers}   {views}   {:>13.2}", row.limit, row.open);
        }
        table
    }

    /// The same as comma-separated values, with more digits.
    pub(crate) fn csv(&self) -> String {
        let mut csv = String::from("limit");
        for base in ["readers", "page_views"] {
            for surface in Surface::ALL {
                let _ = write!(csv, ",percent_of_{base}_{}", surface.name());
            }
        }
        csv.push_str(",articles_read_per_reader_and_month\n");
        for row in &self.rows {
            let _ = write!(csv, "{}", row.limit);
            for share in row.readers.iter().chain(&row.views) {
                let _ = write!(csv, ",{share:.4}");
            }
            let _ = writeln!(csv, ",{:.4}", row.open);
        }
        csv
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
                readers: [share * 2.0, share],
                views: [share, share * 1.5],
                open: 2.0 - share / 30.0,
            }
        });
        Report {
            rows: rows.collect(),
            visits: 2.3,
            views: 2.8,
            subscriber_views: 12.0,
            by_articles: [68.0, 23.0, 9.0],
        }
    }

    #[test]
    fn table_and_csv_say_the_same() {
        let report = sample(10);
        let (table, csv) = (report.table(), report.csv());
        let rows: Vec<Vec<&str>> =
            table.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
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
                    place if place == last => format!("{value:.2}"),
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
