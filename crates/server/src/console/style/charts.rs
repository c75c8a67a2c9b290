//! Made-up charts.

use super::super::{Banded, Bars, Html, Ink, Line, Series, Size, Texts};

fn days(first: u32, count: u32) -> Vec<String> {
    (0..count)
        .map(|n| first + n)
        .map(|day| {
            if day <= 30 {
                format!("{day}/11")
            } else {
                format!("{}/12", day - 30)
            }
        })
        .collect()
}

pub(super) fn epicurve(texts: Texts) -> Html {
    let series = |name: &str, generation: u8, counts: &[u32]| Series {
        name: texts.get(name),
        ink: Ink::Generation(generation),
        counts: counts.to_vec(),
    };
    Bars {
        title: texts.get("console-sample-epicurve"),
        labels: days(12, 14),
        series: vec![
            series(
                "console-sample-series-f0",
                0,
                &[1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 3, 2, 2, 1],
            ),
            series(
                "console-sample-series-f1",
                1,
                &[0, 0, 0, 1, 2, 4, 3, 6, 5, 8, 7, 5, 3, 2],
            ),
            series(
                "console-sample-series-f2",
                2,
                &[0, 0, 0, 0, 0, 1, 2, 2, 4, 3, 5, 4, 4, 3],
            ),
        ],
        size: Size::Half,
    }
    .draw(texts)
}

pub(super) fn estimate(texts: Texts) -> Html {
    let mids = [1.9, 1.8, 1.8, 1.6, 1.5, 1.5, 1.3, 1.2, 1.1, 1.0, 0.9, 0.9, 0.8, 0.8];
    let points = mids.iter().zip(1..).map(|(mid, day)| {
        let wide = 0.6 - f64::from(day) * 0.02;
        (day != 6).then_some(Banded {
            low: mid - wide,
            mid: *mid,
            high: mid + wide,
        })
    });
    Line {
        title: texts.get("console-sample-rt"),
        name: texts.get("console-sample-rt-name"),
        labels: days(12, 14),
        points: points.collect(),
        goal: Some((1.0, texts.get("console-sample-rt-goal"))),
        size: Size::Half,
    }
    .draw(texts)
}

pub(super) fn long_curve(texts: Texts) -> Html {
    let counts = |step: u32, top: u32| (0..49).map(|day: u32| day * step * (49 - day) % top).collect();
    let series = |name: &str, ink: u8, counts| Series {
        name: texts.get(name),
        ink: Ink::Plain(ink),
        counts,
    };
    Bars {
        title: texts.get("console-sample-epicurve"),
        labels: days(1, 49),
        series: vec![
            series("console-sample-uncalled", 0, counts(3, 23)),
            series("console-sample-home", 1, counts(7, 17)),
        ],
        size: Size::Wide,
    }
    .draw(texts)
}
