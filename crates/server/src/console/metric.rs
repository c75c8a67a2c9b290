//! Figures that explain themselves (DESIGN §1.4): no number is typed, each opens its definition, both counts, source and date.

use askama::Template;

use super::Texts;
use super::chart::sparkline;
use super::html::{Html, component};

/// A figure with all that is needed to judge it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metric {
    /// What is measured, in few words.
    pub(crate) label: String,
    /// The figure as written, by [`Texts::number`], [`Texts::percent`] or [`Texts::span`]; not shown when suppressed.
    pub(crate) value: String,
    /// What it counts, if the label does not say so; or the target beside it.
    pub(crate) unit: Option<String>,
    /// What exactly is counted, in one sentence.
    pub(crate) definition: String,
    /// The count above the line, with its words: `112 người`.
    pub(crate) numerator: String,
    /// The count below the line; a plain count has none.
    pub(crate) denominator: Option<String>,
    /// Where the rows come from.
    pub(crate) source: String,
    /// When they were read, as written.
    pub(crate) as_of: String,
    /// The list of exactly the rows that were counted.
    pub(crate) rows_href: Option<String>,
    /// Why the figure is withheld, such as fewer than ten people; then neither value nor counts nor trend are shown.
    pub(crate) suppressed: Option<String>,
    /// The last days, oldest first.
    pub(crate) trend: Option<Vec<f64>>,
    /// The figure calls for somebody now.
    pub(crate) hot: bool,
}

impl Metric {
    fn trend_line(&self) -> Option<Html> {
        let values = self.trend.as_deref().filter(|_| self.suppressed.is_none())?;
        sparkline(values)
    }
}

/// Figures in a ruled strip.
#[derive(Template)]
#[template(path = "parts/figures.html")]
pub(crate) struct Figures {
    /// Texts in the person's language.
    pub(crate) texts: Texts,
    /// From left to right, four at most read well.
    pub(crate) metrics: Vec<Metric>,
}

component!(Figures);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Language;

    fn shown(metric: Metric) -> String {
        let texts = Texts(Language::English);
        let metrics = vec![metric];
        Figures { texts, metrics }.to_string()
    }

    fn metric() -> Metric {
        Metric {
            label: "Staying home".into(),
            value: "112".into(),
            definition: "People with an order in force.".into(),
            numerator: "112 people".into(),
            denominator: Some("of 380".into()),
            source: "Orders".into(),
            as_of: "14:32".into(),
            rows_href: Some("/desk/orders?state=open".into()),
            trend: Some(vec![1.0, 2.0, 3.0]),
            ..Metric::default()
        }
    }

    #[test]
    fn a_figure_shows_all_that_stands_behind_it() {
        let html = shown(metric());
        for part in [
            "112",
            "People with",
            "112 people",
            "of 380",
            "Orders",
            "14:32",
            "/desk/orders?state=open",
            "<svg",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn a_suppressed_figure_shows_its_reason_and_no_count() {
        let html = shown(Metric {
            suppressed: Some("fewer than 10 people".into()),
            ..metric()
        });
        assert!(html.contains("fewer than 10 people"));
        for part in ["112", "of 380", "<polyline", "/desk/orders"] {
            assert!(!html.contains(part), "{part} in {html}");
        }
    }
}
