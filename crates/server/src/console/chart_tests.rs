//! Charts read back from their markup.

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
