//! Charts as SVG made here: no script draws them, and each has the same numbers as a table below it.
//!
//! Coordinates are whole tenths of a unit of the drawing, so that a chart has the same bytes on every machine.

use std::fmt::Write as _;

use super::Texts;
use super::html::{Html, escape};

/// Most days or points of a chart; later ones are left out.
const MAX_POINTS: usize = 400;
/// Most series: colours beyond six cannot be told apart.
const MAX_SERIES: usize = 6;
/// Space left of the plot for its scale, above it and below it, in units of the drawing.
const LEFT: i64 = 34;
const ABOVE: i64 = 8;
const BELOW: i64 = 20;
/// Space to the right of the plot.
const RIGHT: i64 = 18;
/// Fewest units between two labels below the plot.
const LABEL_ROOM: i64 = 44;

/// How wide a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// 360 × 150: two beside each other, or one on a phone.
    Half,
    /// 1080 × 220: across the page; it scrolls sideways on a phone.
    Wide,
}

impl Size {
    fn units(self) -> (i64, i64) {
        match self {
            Self::Half => (360, 150),
            Self::Wide => (1080, 220),
        }
    }
}

/// Colours of a series, by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// A generation of contact: the colour of its tag.
    Generation(u8),
    /// The n-th series of a chart without fixed colours, from 0.
    Plain(u8),
}

impl Ink {
    fn class(self) -> String {
        match self {
            Self::Generation(n) => format!("g{}", n.min(4)),
            Self::Plain(n) => format!("c{}", n % 6 + 1),
        }
    }
}

/// Whole numbers over the days of a chart, such as cases by day of onset.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// What is counted.
    pub(crate) name: String,
    /// Its colour.
    pub(crate) ink: Ink,
    /// One for each label; missing ones are 0.
    pub(crate) counts: Vec<u32>,
}

/// Bars over days, series stacked in order from below: an epidemic curve.
#[derive(Clone, Debug)]
pub(crate) struct Bars {
    /// What the chart shows, in one sentence.
    pub(crate) title: String,
    /// The days as written, such as `21/11`.
    pub(crate) labels: Vec<String>,
    /// At most six.
    pub(crate) series: Vec<Series>,
    /// How wide.
    pub(crate) size: Size,
}

/// A value with the bounds between which it is believed to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Banded {
    /// Lower bound.
    pub(crate) low: f64,
    /// The value.
    pub(crate) mid: f64,
    /// Upper bound.
    pub(crate) high: f64,
}

/// A line with a band around it, such as an estimate with its interval.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What the chart shows, in one sentence.
    pub(crate) title: String,
    /// What is estimated.
    pub(crate) name: String,
    /// The days as written.
    pub(crate) labels: Vec<String>,
    /// One for each label; where there is none, or none that is a number, the line has a gap.
    pub(crate) points: Vec<Option<Banded>>,
    /// A level to compare with, and its name.
    pub(crate) goal: Option<(f64, String)>,
    /// How wide.
    pub(crate) size: Size,
}

/// Returns a line of 88 × 26 without scale, for beside a figure; nothing below two numbers.
pub(crate) fn sparkline(values: &[f64]) -> Option<Html> {
    let values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let values = &values[values.len().saturating_sub(MAX_POINTS)..];
    let last = i64::try_from(values.len()).ok()? - 1;
    if last < 1 {
        return None;
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut points = String::new();
    let mut end = (0, 0);
    for (at, value) in (0..).zip(values) {
        // Without a difference the line runs through the middle.
        let share = if high > low { part(*value, low, high) } else { 500 };
        end = (20 + 840 * at / last, 220 - 180 * share / 1000);
        let _ = write!(points, "{},{} ", tenth(end.0), tenth(end.1));
    }
    Some(Html::trusted(format!(
        r#"<svg class="spark" viewBox="0 0 88 26" width="88" height="26" aria-hidden="true"><polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>"#,
        points.trim_end(),
        tenth(end.0),
        tenth(end.1)
    )))
}

impl Bars {
    /// Draws the chart with its legend and its table.
    pub(crate) fn draw(&self, texts: Texts) -> Html {
        let days = self.labels.len().min(MAX_POINTS);
        let series = &self.series[..self.series.len().min(MAX_SERIES)];
        let count = |series: &Series, day: usize| i64::from(series.counts.get(day).copied().unwrap_or(0));
        let total = |day: usize| series.iter().map(|series| count(series, day)).sum::<i64>();
        let top = nice_top((0..days).map(total).max().unwrap_or(0));
        let steps = if top % 4 == 0 { 4 } else { top };
        let plot = Plot::new(self.size, top, steps, days);
        let mut body = plot.scale(&|value| texts.number(value));
        for (index, label) in self.labels.iter().take(days).enumerate() {
            let day = whole(index);
            let (left, width) = plot.column(day);
            let mut below = 0;
            let mut parts = String::new();
            for series in series {
                let height = count(series, index);
                if height == 0 {
                    continue;
                }
                let (y, foot) = (plot.y(below + height), plot.y(below));
                let _ = write!(
                    parts,
                    r#"<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>"#,
                    series.ink.class(),
                    tenth(left),
                    tenth(y),
                    tenth(width),
                    tenth(foot - y)
                );
                below += height;
            }
            if !parts.is_empty() {
                let hover = escape(&format!("{label}: {}", texts.number(below)));
                let _ = write!(body, "<g><title>{hover}</title>{parts}</g>");
            }
            body.push_str(&plot.label(day, label));
        }
        let names: Vec<(&str, String)> = series.iter().map(|s| (s.name.as_str(), s.ink.class())).collect();
        let rows = (0..days).map(|day| {
            let cells = series.iter().map(|series| texts.number(count(series, day)));
            (self.labels[day].clone(), cells.collect())
        });
        let heads: Vec<String> = names.iter().map(|(name, _)| (*name).to_owned()).collect();
        let table = table(texts, &heads, rows.collect());
        figure(&self.title, self.size, &body, &legend(&names), &table)
    }
}

impl Line {
    /// Draws the chart with its table.
    pub(crate) fn draw(&self, texts: Texts) -> Html {
        let days = self.labels.len().min(MAX_POINTS);
        let points: Vec<Option<Banded>> = (0..days).map(|day| self.points.get(day).copied().flatten()).collect();
        let points: Vec<Option<[i64; 3]>> = points
            .into_iter()
            .map(|point| point.and_then(Banded::hundredths))
            .collect();
        let goal = self
            .goal
            .as_ref()
            .and_then(|(value, name)| Some((hundredths(*value)?, name)));
        let highest = points.iter().flatten().map(|[_, _, high]| *high);
        let highest = highest.chain(goal.iter().map(|(value, _)| *value)).max().unwrap_or(0);
        let top = nice_top(highest.div_euclid(100) + 1);
        let steps = if top % 4 == 0 { 4 } else { 2 };
        let plot = Plot::new(self.size, top * 100, steps, days);
        let mut body = plot.scale(&|value| texts.tenths(value / 10));
        for run in runs(&points) {
            body.push_str(&plot.band(&run));
        }
        if let Some((value, name)) = goal {
            let (y, end) = (tenth(plot.y(value)), tenth(plot.right()));
            let _ = write!(body, r#"<path class="goal" d="M{LEFT} {y}H{end}"/>"#);
            // At the end where the line is farther away.
            let away = |point: Option<&[i64; 3]>| point.map_or(0, |[_, mid, _]| (mid - value).abs());
            let at_start = away(points.iter().flatten().next()) > away(points.iter().flatten().last());
            let (anchor, x) = if at_start {
                ("", (LEFT + 4).to_string())
            } else {
                ("e ", end)
            };
            let (y, name) = (tenth(plot.y(value) - 40), escape(name));
            let _ = write!(body, r#"<text class="{anchor}goal" x="{x}" y="{y}">{name}</text>"#);
        }
        for (index, label) in self.labels.iter().take(days).enumerate() {
            body.push_str(&plot.label(whole(index), label));
        }
        let heads = [
            texts.get("console-chart-low"),
            self.name.clone(),
            texts.get("console-chart-high"),
        ];
        let rows = (0..days).map(|day| {
            let cells = match points[day] {
                Some(values) => values.iter().map(|value| texts.hundredths(*value)).collect(),
                None => vec![texts.get("console-none"); 3],
            };
            (self.labels[day].clone(), cells)
        });
        let table = table(texts, &heads, rows.collect());
        figure(&self.title, self.size, &body, "", &table)
    }
}

impl Banded {
    /// Returns the three values in hundredths, in order; nothing when one of them is no number or out of reach.
    fn hundredths(self) -> Option<[i64; 3]> {
        let mut values = [hundredths(self.low)?, hundredths(self.mid)?, hundredths(self.high)?];
        values.sort_unstable();
        Some(values)
    }
}

/// Returns a number from 0 to 10^9 in hundredths.
fn hundredths(value: f64) -> Option<i64> {
    let is_drawn = value.is_finite() && (0.0..=1e9).contains(&value);
    #[expect(clippy::cast_possible_truncation, reason = "within 0 to 10^11 after the test above")]
    is_drawn.then(|| (value * 100.0).round() as i64)
}

/// Returns where `value` lies between `low` and `high`, in thousandths.
fn part(value: f64, low: f64, high: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a share of 0 to 1")]
    let thousandths = ((value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) * 1000.0).round() as i64;
    thousandths.clamp(0, 1000)
}

fn whole(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// Returns a number of tenths as SVG writes it: `12`, `12.5`.
fn tenth(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    if rest == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest}")
    }
}

/// Returns the end of a scale that holds `highest` and has four equal whole steps, or fewer when it is small.
fn nice_top(highest: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for step in [1, 2, 5] {
            let top = unit.saturating_mul(step).saturating_mul(4);
            if top >= highest {
                return if highest <= 2 { highest.max(1) } else { top };
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Points without a gap between them, with their days.
fn runs(points: &[Option<[i64; 3]>]) -> Vec<Vec<(i64, [i64; 3])>> {
    let mut runs = vec![Vec::new()];
    for (day, point) in points.iter().enumerate() {
        match (point, runs.last_mut()) {
            (Some(values), Some(run)) => run.push((whole(day), *values)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// The plane between the scales, in tenths of a unit.
struct Plot {
    width: i64,
    height: i64,
    top: i64,
    steps: i64,
    days: i64,
}

impl Plot {
    fn new(size: Size, top: i64, steps: i64, days: usize) -> Self {
        let (width, height) = size.units();
        Self {
            width: (width - LEFT - RIGHT) * 10,
            height: (height - ABOVE - BELOW) * 10,
            top,
            steps,
            days: whole(days).max(1),
        }
    }

    fn right(&self) -> i64 {
        LEFT * 10 + self.width
    }

    fn y(&self, value: i64) -> i64 {
        ABOVE * 10 + self.height - self.height * value / self.top.max(1)
    }

    /// Returns left edge and width of a day's bar.
    fn column(&self, day: i64) -> (i64, i64) {
        let left = LEFT * 10 + self.width * day / self.days;
        let next = LEFT * 10 + self.width * (day + 1) / self.days;
        let gap = if next - left > 40 { 10 } else { 0 };
        (left, (next - left - gap).max(1))
    }

    fn middle(&self, day: i64) -> i64 {
        let (left, width) = self.column(day);
        left + width / 2
    }

    fn scale(&self, words: &dyn Fn(i64) -> String) -> String {
        let mut out = String::new();
        for step in 0..=self.steps {
            let value = self.top * step / self.steps;
            let (y, end) = (self.y(value), tenth(self.right()));
            let _ = write!(out, r#"<path class="g" d="M{LEFT} {}H{end}"/>"#, tenth(y));
            let _ = write!(
                out,
                r#"<text class="e" x="{}" y="{}">{}</text>"#,
                LEFT - 6,
                tenth(y + 35),
                escape(&words(value))
            );
        }
        out
    }

    /// Writes below the plot every so many days that labels have room.
    fn label(&self, day: i64, label: &str) -> String {
        let every = (LABEL_ROOM * 10 * self.days).div_euclid(self.width) + 1;
        if day % every != 0 {
            return String::new();
        }
        let y = tenth(ABOVE * 10 + self.height + 150);
        let x = tenth(self.middle(day));
        format!(r#"<text class="d" x="{x}" y="{y}">{}</text>"#, escape(label))
    }

    fn band(&self, run: &[(i64, [i64; 3])]) -> String {
        let at = |day: i64, value: i64| format!("{} {}", tenth(self.middle(day)), tenth(self.y(value)));
        let upper = run.iter().map(|(day, [_, _, high])| at(*day, *high));
        let lower = run.iter().rev().map(|(day, [low, _, _])| at(*day, *low));
        let band: Vec<String> = upper.chain(lower).collect();
        let line: Vec<String> = run.iter().map(|(day, [_, mid, _])| at(*day, *mid)).collect();
        let last = run
            .last()
            .map_or((0, 0), |(day, [_, mid, _])| (self.middle(*day), self.y(*mid)));
        format!(
            r#"<path class="band" d="M{}z"/><path class="line" d="M{}"/><circle class="last" cx="{}" cy="{}" r="3"/>"#,
            band.join("L"),
            line.join("L"),
            tenth(last.0),
            tenth(last.1)
        )
    }
}

fn legend(names: &[(&str, String)]) -> String {
    let mut out = String::from("<ul class=\"legend\">");
    for (name, class) in names {
        let _ = write!(out, r#"<li><i class="{class}"></i>{}</li>"#, escape(name));
    }
    out.push_str("</ul>");
    out
}

fn table(texts: Texts, heads: &[String], rows: Vec<(String, Vec<String>)>) -> String {
    let mut out = format!(
        "<details class=\"numbers\"><summary>{}</summary>",
        escape(&texts.get("console-chart-table"))
    );
    let _ = write!(
        out,
        "<table><thead><tr><th scope=\"col\">{}</th>",
        escape(&texts.get("console-chart-day"))
    );
    for head in heads {
        let _ = write!(out, "<th scope=\"col\" class=\"r\">{}</th>", escape(head));
    }
    out.push_str("</tr></thead><tbody>");
    for (label, cells) in rows {
        let _ = write!(out, "<tr><th scope=\"row\" class=\"num\">{}</th>", escape(&label));
        for cell in cells {
            let _ = write!(out, "<td class=\"num r\">{}</td>", escape(&cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></details>");
    out
}

fn figure(title: &str, size: Size, body: &str, legend: &str, table: &str) -> Html {
    let (width, height) = size.units();
    let title = escape(title);
    let class = match size {
        Size::Half => "chart",
        Size::Wide => "chart wide",
    };
    Html::trusted(format!(
        "<figure class=\"{class}\"><figcaption>{title}</figcaption>{legend}<div class=\"draw\" role=\"group\" tabindex=\"0\" aria-label=\"{title}\">\
         <svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>{body}</svg></div>{table}</figure>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Language;

    const TEXTS: Texts = Texts(Language::English);

    fn bars(counts: &[&[u32]], size: Size) -> String {
        let days = counts.iter().map(|series| series.len()).max().unwrap_or(0);
        let series = (0..).zip(counts).map(|(n, counts)| Series {
            name: format!("F{n}"),
            ink: Ink::Generation(n),
            counts: counts.to_vec(),
        });
        let chart = Bars {
            title: "Onset <by> day".into(),
            labels: (0..days).map(|day| format!("{}/11", day + 1)).collect(),
            series: series.collect(),
            size,
        };
        chart.draw(TEXTS).to_string()
    }

    /// The `attribute` of every element that begins with `start`.
    fn values(svg: &str, start: &str, attribute: &str) -> Vec<f64> {
        let parts = svg
            .split(start)
            .skip(1)
            .map(|part| part.split('>').next().expect("an end"));
        let found = parts.filter_map(|part| part.split(&format!(" {attribute}=\"")).nth(1)?.split('"').next());
        found.map(|text| text.parse().expect("a number")).collect()
    }

    #[test]
    fn bars_are_as_high_as_their_counts_and_stand_on_each_other() {
        let svg = bars(&[&[1, 4], &[3, 0]], Size::Half);
        let (y, height) = (values(&svg, "<rect", "y"), values(&svg, "<rect", "height"));
        // In the order of days, then of series: 1, 3, then 4.
        assert_eq!(height.len(), 3);
        assert!((height[1] - 3.0 * height[0]).abs() < 0.25, "{height:?}");
        assert!((height[2] - 4.0 * height[0]).abs() < 0.25, "{height:?}");
        assert!((y[1] + height[1] - y[0]).abs() < 0.05, "the second stands on the first");
    }

    #[test]
    fn the_table_has_every_number_and_the_drawing_a_name() {
        let svg = bars(&[&[1, 4], &[3, 0]], Size::Half);
        let cells: Vec<&str> = svg
            .split("<td class=\"num r\">")
            .skip(1)
            .filter_map(|t| t.split('<').next())
            .collect();
        assert_eq!(cells, ["1", "3", "4", "0"]);
        assert!(
            svg.contains("role=\"img\" aria-label=\"Onset &lt;by&gt; day\""),
            "{svg}"
        );
    }

    #[test]
    fn nothing_leaves_the_drawing_and_it_stays_small() {
        let many: Vec<u32> = (0..42).map(|n| n * 37 % 91).collect();
        let svg = bars(&[&many, &many], Size::Wide);
        for (x, width) in values(&svg, "<rect", "x").iter().zip(values(&svg, "<rect", "width")) {
            assert!(*x >= 34.0 && x + width <= 1062.0, "{x} {width}");
        }
        assert!(values(&svg, "<rect", "y").iter().all(|y| *y >= 8.0));
        let (drawing, _) = svg.split_once("<details").expect("a table");
        assert!(drawing.len() < 12_000, "{}", drawing.len());
        for odd in [
            bars(&[], Size::Half),
            bars(&[&[0, 0]], Size::Half),
            bars(&[[u32::MAX; 500].as_slice(); 9], Size::Half),
        ] {
            assert!(!odd.contains("NaN") && !odd.contains("=\"-"), "{}", &odd[..200]);
        }
    }

    #[test]
    fn the_scale_ends_at_or_above_the_highest() {
        for highest in 0..3000 {
            let top = nice_top(highest);
            assert!(top >= highest.max(1) && top <= highest * 5 / 2 + 8, "{highest} {top}");
            assert!(top <= 2 || top % 4 == 0, "{top}");
        }
        assert!(nice_top(i64::MAX) > 0);
    }

    #[test]
    fn a_sparkline_rises_with_its_numbers_and_passes_over_what_is_none() {
        let line = sparkline(&[1.0, f64::NAN, 2.5, f64::INFINITY, 4.0])
            .expect("a line")
            .to_string();
        assert!(line.contains(r#"points="2,22 44,13 86,4""#), "{line}");
        assert!(sparkline(&[1.0]).is_none() && sparkline(&[f64::NAN, f64::NAN]).is_none());
        assert!(sparkline(&[3.0, 3.0]).expect("flat").to_string().contains("2,13 86,13"));
        assert!(
            sparkline(&[-f64::MAX, f64::MAX])
                .expect("far")
                .to_string()
                .contains("2,22 86,4")
        );
    }

    #[test]
    fn a_line_has_a_gap_where_a_number_is_missing() {
        let at = |mid: f64| {
            Some(Banded {
                low: mid / 2.0,
                mid,
                high: mid * 2.0,
            })
        };
        let chart = Line {
            title: "R".into(),
            name: "Rt".into(),
            labels: (1..6).map(|day| day.to_string()).collect(),
            points: vec![at(1.0), at(1.25), None, at(f64::NAN), at(0.8)],
            goal: Some((1.0, "1".into())),
            size: Size::Half,
        };
        let svg = chart.draw(TEXTS).to_string();
        assert_eq!(svg.matches("class=\"line\"").count(), 2);
        assert!(svg.contains(">1.25<") && svg.contains(">–<"), "{svg}");
        assert!(!svg.contains("NaN"));
    }
}
