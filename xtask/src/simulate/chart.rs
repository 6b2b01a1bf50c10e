//! The chart: one panel for each surface, with the share of readers and of page views that meet it under each limit. Plain
//! SVG without scripts or fonts of its own, in light and dark.

use super::model::PARAMETERS;
use super::options::Options;
use super::report::{Report, Row, grouped, wrapped};
use super::rules::Surface;
use std::fmt::Write as _;

/// The whole picture.
const WIDTH: f64 = 960.0;
const MARGIN: f64 = 40.0;
/// Where the panels begin.
const TOP: f64 = 122.0;
/// One panel and what stands around it.
const PANEL: f64 = 378.0;
const GUTTER: f64 = 24.0;
/// The plot within a panel: its distance from the panel's top, its height, and the room right of it for names.
const PLOT_TOP: f64 = 44.0;
const PLOT: f64 = 240.0;
const NAMES: f64 = 102.0;
const SCALE: f64 = 40.0;

/// What is drawn in a panel: readers, then page views.
const SERIES: [&str; 2] = ["readers", "page views"];

/// Draws.
pub(crate) fn draw(report: &Report, options: &Options) -> String {
    let rows = report.surfaces.len().div_ceil(2);
    let notes = footer(report, options);
    let foot = TOP + rows as f64 * PANEL;
    let height = foot + 16.0 * notes.len() as f64 + 22.0;
    let title = headline(report);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title desc\">\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n{STYLE}\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <rect class=\"rule\" x=\"{MARGIN}\" y=\"26\" width=\"56\" height=\"5\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"66\">{}</text>\n\
         <text class=\"lead\" x=\"{MARGIN}\" y=\"92\">{}</text>\n",
        escaped(&title),
        escaped(&description(report)),
        escaped(&title),
        escaped(&lead(report)),
    );
    // The strictest first: it is what a publisher looks for.
    let width = (WIDTH - 2.0 * MARGIN - GUTTER) / 2.0;
    for (place, surface) in report.surfaces.iter().rev().copied().enumerate() {
        let x = MARGIN + (place % 2) as f64 * (width + GUTTER);
        let y = TOP + (place / 2) as f64 * PANEL;
        let panel = Panel { x, y, width, surface, report };
        panel.draw(&mut svg);
    }
    for (line, text) in notes.iter().enumerate() {
        let y = foot + 16.0 * line as f64 + 6.0;
        let _ = writeln!(svg, "<text class=\"note\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", escaped(text));
    }
    svg.push_str("</svg>\n");
    svg
}

const STYLE: &str = "<style>
svg { --paper: #fffdf8; --ink: #1d1b18; --soft: #6a655d; --line: #ddd7cc; --a: #0b5394; --b: #b3411e }
@media (prefers-color-scheme: dark) {
  svg { --paper: #191817; --ink: #f0ece4; --soft: #a39d92; --line: #3a3733; --a: #7db7ee; --b: #f0946f }
}
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: var(--ink) }
.paper { fill: var(--paper) }
.rule { fill: var(--b) }
.title { font: 700 25px Georgia, 'Times New Roman', serif }
.lead { font-size: 15px; fill: var(--soft) }
.panel { font-size: 15px; font-weight: 700 }
.panel tspan { font-weight: 400; fill: var(--soft) }
.tick, .axis, .note { font-size: 12px; fill: var(--soft) }
.grid { stroke: var(--line); stroke-width: 1 }
.base { stroke: var(--soft); stroke-width: 1 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
.value, .row { font-size: 12px; font-variant-numeric: tabular-nums }
.value { text-anchor: middle }
.name { font-size: 13px; font-weight: 600 }
.a.line { stroke: var(--a) } text.a { fill: var(--a) } circle.a { fill: var(--a) }
.b.line { stroke: var(--b); stroke-dasharray: 7 5 } text.b { fill: var(--b) }
circle.b { fill: var(--paper); stroke: var(--b); stroke-width: 2.5 }
</style>";

/// One surface.
struct Panel<'a> {
    x: f64,
    y: f64,
    width: f64,
    surface: Surface,
    report: &'a Report,
}

impl Panel<'_> {
    fn draw(&self, svg: &mut String) {
        let top = self.y + PLOT_TOP;
        let bottom = top + PLOT;
        let left = self.x + SCALE;
        let right = self.x + self.width - NAMES;
        let _ = writeln!(
            svg,
            "<text class=\"panel\" x=\"{}\" y=\"{}\">{} <tspan>· {}</tspan></text>",
            self.x,
            self.y + 18.0,
            capital(self.surface.name()),
            self.surface.meaning()
        );
        let rows = &self.report.rows;
        let values: [Vec<f64>; 2] =
            [0, 1].map(|series| rows.iter().map(|row| value(row, self.surface, series)).collect());
        let (highest, step) = scale(values.iter().flatten().copied().fold(0.0, f64::max));
        let y_of = |share: f64| bottom - PLOT * share / highest;
        let x_of = |place: usize| match rows.len() {
            0 | 1 => f64::midpoint(left, right),
            count => left + 14.0 + (right - left - 28.0) * place as f64 / (count - 1) as f64,
        };

        let mut share = 0.0;
        while share <= highest + step / 2.0 {
            let y = y_of(share);
            let class = if share == 0.0 { "base" } else { "grid" };
            let _ = writeln!(
                svg,
                "<line class=\"{class}\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{share}%</text>",
                left - 8.0,
                y + 4.0
            );
            share += step;
        }
        // Not every number of a long row has room.
        let every = rows.len().div_ceil(14).max(1);
        for (place, row) in rows.iter().enumerate().filter(|(place, _)| place % every == 0) {
            let _ = writeln!(
                svg,
                "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                x_of(place),
                bottom + 18.0,
                row.limit
            );
        }
        let _ = writeln!(
            svg,
            "<text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\">free articles</text>",
            right + 8.0,
            bottom + 18.0
        );

        for (series, class) in [(1, "b"), (0, "a")] {
            let points: Vec<(f64, f64)> =
                values[series].iter().enumerate().map(|(place, &share)| (x_of(place), y_of(share))).collect();
            let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(svg, "<polyline class=\"{class} line\" points=\"{}\"/>", path.join(" "));
            for (x, y) in points {
                let r = if every == 1 { 4 } else { 3 };
                let _ = writeln!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\"/>");
            }
        }
        if every == 1 {
            self.draw_values(svg, &values, bottom + 41.0, x_of);
        }
        self.draw_names(svg, &values, x_of(rows.len().saturating_sub(1)) + 12.0, y_of);
    }

    /// The numbers, in two rows below the plot, each under its limit.
    fn draw_values(&self, svg: &mut String, values: &[Vec<f64>; 2], y: f64, x_of: impl Fn(usize) -> f64) {
        let rows = values.iter().zip(SERIES).zip(["a", "b"]).enumerate();
        for (line, ((shares, name), class)) in rows {
            let y = y + 18.0 * line as f64;
            for (place, share) in shares.iter().enumerate() {
                let _ = writeln!(
                    svg,
                    "<text class=\"{class} value\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
                    x_of(place),
                    short(*share)
                );
            }
            let x = self.x + self.width - NAMES + 8.0;
            let _ = writeln!(svg, "<text class=\"{class} row\" x=\"{x:.1}\" y=\"{y:.1}\">% of {name}</text>");
        }
    }

    /// The lines' names at their ends, apart from each other.
    fn draw_names(&self, svg: &mut String, values: &[Vec<f64>; 2], x: f64, y_of: impl Fn(f64) -> f64) {
        let [Some(a), Some(b)] = [0, 1].map(|series| values[series].last().map(|&share| y_of(share))) else {
            return;
        };
        let apart = (16.0 - (a - b).abs()).max(0.0) / 2.0;
        let (a, b) = if a <= b { (a - apart, b + apart) } else { (a + apart, b - apart) };
        // Nor do they come near what stands below the plot.
        let low = (a.max(b) - (y_of(0.0) - 6.0)).max(0.0);
        let (a, b) = (a - low, b - low);
        for (y, class, name) in [(a, "a", SERIES[0]), (b, "b", SERIES[1])] {
            let _ =
                writeln!(svg, "<text class=\"{class} name\" x=\"{x:.1}\" y=\"{:.1}\">{name}</text>", y + 4.0);
        }
    }
}

fn value(row: &Row, surface: Surface, series: usize) -> f64 {
    [row.readers, row.views][series][surface.place()]
}

/// The highest share on the scale, and the step of its lines: three to six of them, at round numbers.
fn scale(highest: f64) -> (f64, f64) {
    let steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0];
    let step = steps.into_iter().find(|step| highest <= step * 5.0).unwrap_or(20.0);
    ((highest / step).ceil().max(1.0) * step, step)
}

/// How many characters of the headline, and of what stands below it, have room.
const HEADLINE: usize = 79;
#[cfg(test)]
const LEAD: usize = 114;

/// What is shown, in a sentence.
fn lead(report: &Report) -> String {
    format!(
        "Share of a month’s readers and of page views that meet each surface, by free articles {}",
        report.span
    )
}

/// What was found, in a sentence.
fn headline(report: &Report) -> String {
    let span = [" ", &report.span].concat();
    let long = headline_with(report, &span);
    // The span stands below it too.
    if long.chars().count() <= HEADLINE { long } else { headline_with(report, "") }
}

fn headline_with(report: &Report, span: &str) -> String {
    let share =
        |row: &Row| format!("{}%", short(row.readers[Surface::Subscribe.place()]).trim_end_matches(".0"));
    let articles = |row: &Row| match row.limit {
        0 => "no free article".to_owned(),
        1 => "one free article".to_owned(),
        limit => format!("{limit} free articles"),
    };
    // Where other steps close the text too, this is not the only gate.
    let has_others =
        [Surface::Newsletter, Surface::Register].iter().any(|other| report.surfaces.contains(other));
    let meet = if has_others { "are asked to subscribe" } else { "meet the gate" };
    match report.rows.as_slice() {
        [] => "No limit, no gate".to_owned(),
        [only] => format!("With {}{span}, {} of readers {meet}", articles(only), share(only)),
        [first, .., last] => {
            let more = if last.limit == 1 { articles(last) } else { last.limit.to_string() };
            format!(
                "With {}{span}, {} of readers {meet}; with {more}, {}",
                articles(first),
                share(first),
                share(last)
            )
        }
    }
}

/// Everything that the picture shows, for those who do not see it.
fn description(report: &Report) -> String {
    let mut text =
        format!("Line charts, one for each surface, over the number of free articles {}.", report.span);
    for row in &report.rows {
        let _ = write!(text, " Limit {}:", row.limit);
        for (place, surface) in report.surfaces.iter().rev().copied().enumerate() {
            let _ = write!(
                text,
                "{} {} met by {:.1}% of readers and {:.1}% of page views",
                if place == 0 { "" } else { "," },
                surface.name(),
                value(row, surface, 0),
                value(row, surface, 1)
            );
        }
        text.push('.');
    }
    text
}

/// How it was made.
fn footer(report: &Report, options: &Options) -> Vec<String> {
    let parameters: Vec<String> = PARAMETERS
        .iter()
        .map(|parameter| {
            // Held together by no-break spaces.
            let value = parameter.shown(&options.model);
            format!("{}\u{a0}{value}", parameter.option.trim_start_matches('-'))
        })
        .collect();
    let uncounted = if report.uncounted == 1 { String::new() } else { format!("{} ", report.uncounted) };
    let text = format!(
        "A simulation with Tollgate’s own rules, not a measurement: {} readers a month over {} months from {}, the first \
         {}not counted. What they meet does not change how often they come. The model: {}. Seed {}.",
        grouped(options.readers),
        report.months,
        options.from,
        uncounted,
        parameters.join(", "),
        options.seed
    );
    let mut lines: Vec<String> = report.configuration.iter().flat_map(|line| wrapped(line, 138)).collect();
    lines.extend(wrapped(&text, 138));
    lines
}

/// Two digits that matter: `27` or `3.4`.
fn short(share: f64) -> String {
    if share >= 9.95 { format!("{share:.0}") } else { format!("{share:.1}") }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::sample;
    use super::*;

    fn drawn(rows: u32) -> String {
        draw(&sample(rows), &Options::default())
    }

    #[test]
    fn it_is_well_formed_and_says_what_it_shows() {
        for rows in [0, 1, 2, 10, 50] {
            let svg = drawn(rows);
            let document = roxmltree::Document::parse(&svg).expect("XML");
            let root = document.root_element();
            assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")));
            for name in ["title", "desc"] {
                let child = root.children().find(|child| child.has_tag_name(name)).expect(name);
                assert!(child.text().is_some_and(|text| !text.is_empty()));
                assert_eq!(child.attribute("id"), Some(name));
            }
            let circles = document.descendants().filter(|node| node.has_tag_name("circle")).count();
            assert_eq!(circles, rows as usize * 2 * Surface::COUNT);
        }
    }

    #[test]
    fn nothing_is_drawn_outside_and_no_number_is_missing() {
        for rows in [1, 10, 50] {
            let svg = drawn(rows);
            let document = roxmltree::Document::parse(&svg).expect("XML");
            let view_box = document.root_element().attribute("viewBox").expect("a view box");
            let size: Vec<f64> =
                view_box.split(' ').map(|number| number.parse().expect("a number")).collect();
            for node in document.descendants() {
                for (name, most) in [("x", size[2]), ("cx", size[2]), ("y", size[3]), ("cy", size[3])] {
                    if let Some(value) = node.attribute(name) {
                        let value: f64 = value.parse().expect(name);
                        assert!((0.0..=most).contains(&value), "{name} {value}");
                    }
                }
            }
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
        }
    }

    #[test]
    fn it_asks_for_nothing_from_elsewhere() {
        let svg = drawn(10).replace("http://www.w3.org/2000/svg", "");
        for word in ["http", "url(", "@import", "<script", "<image", "href"] {
            assert!(!svg.contains(word), "{word}");
        }
    }

    #[test]
    fn scales_are_round_and_high_enough() {
        for (highest, expected) in
            [(0.0, (0.1, 0.1)), (4.2, (5.0, 1.0)), (24.0, (25.0, 5.0)), (97.0, (100.0, 20.0))]
        {
            assert_eq!(scale(highest), expected);
        }
    }

    #[test]
    fn the_headline_is_a_sentence_for_any_limits() {
        let gate = |rows| Report { surfaces: vec![Surface::Notice, Surface::Subscribe], ..sample(rows) };
        assert_eq!(
            headline(&gate(10)),
            "With one free article a month, 30% of readers meet the gate; with 10, 3%"
        );
        assert_eq!(headline(&gate(1)), "With one free article a month, 30% of readers meet the gate");
        assert_eq!(
            headline(&sample(1)),
            "With one free article a month, 30% of readers are asked to subscribe"
        );
        for span in ["a month", "in any 24 hours", "in 366 days from the first"] {
            let long = Report { span: span.to_owned(), ..sample(50) };
            assert!(headline(&long).chars().count() <= HEADLINE, "{}", headline(&long));
            assert!(lead(&long).chars().count() <= LEAD, "{}", lead(&long));
        }
        assert_eq!(escaped("a < b & \"c\""), "a &lt; b &amp; &quot;c&quot;");
    }
}
