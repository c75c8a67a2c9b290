//! What narrows a list. Every filter is a parameter of the address, so each choice is a link.

use askama::Template;

use super::Texts;
use super::form::Choice;
use super::html::component;
use super::icon::Icon;
use super::table::ListQuery;

/// A choice among views of the same thing: a segmented control, or tabs.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// Where it leads.
    pub(crate) href: String,
    /// What it shows.
    pub(crate) label: String,
    /// How many rows, as written.
    pub(crate) count: Option<String>,
    /// It is the one that is shown.
    pub(crate) current: bool,
}

/// A segmented control: a few views of one list.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/segments.html")]
pub(crate) struct Segments {
    /// What is chosen, for those who do not see it.
    pub(crate) label: String,
    /// From left to right.
    pub(crate) ways: Vec<Way>,
}

/// Tabs: parts of one thing, each a page.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/tabs.html")]
pub(crate) struct Tabs {
    /// What the parts are of, for those who do not see it.
    pub(crate) label: String,
    /// From left to right.
    pub(crate) ways: Vec<Way>,
}

/// A line of a filter's menu.
#[derive(Clone, Debug)]
struct Line {
    label: String,
    href: String,
    on: bool,
}

/// A filter: a menu of links while it is open, and a link that takes it away once it is set.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/token.html")]
pub(crate) struct Token {
    texts: Texts,
    label: String,
    chosen: Option<String>,
    clear: String,
    options: Vec<Line>,
}

impl Token {
    /// Returns the filter `key` of a list with its choices. With `several`, each choice adds to the others.
    pub(crate) fn of(
        texts: Texts,
        query: &ListQuery,
        key: &str,
        label: String,
        choices: &[Choice],
        several: bool,
    ) -> Self {
        let set = query.filter(key);
        let option = |choice: &Choice| {
            let on = set.contains(&choice.value);
            let mut values: Vec<&str> = if several {
                set.iter().map(String::as_str).collect()
            } else {
                Vec::new()
            };
            values.retain(|value| *value != choice.value);
            if !on {
                values.push(&choice.value);
            }
            let address = if values.is_empty() {
                query.without_filter(key)
            } else {
                query.with_filter(key, &values.join(","))
            };
            Line {
                label: choice.label.clone(),
                href: address.to_string(),
                on,
            }
        };
        let name = |value: &String| {
            choices
                .iter()
                .find(|choice| choice.value == *value)
                .map(|c| c.label.as_str())
        };
        let chosen: Vec<&str> = set.iter().filter_map(name).collect();
        Self {
            texts,
            label,
            chosen: (!chosen.is_empty()).then(|| chosen.join(", ")),
            clear: query.without_filter(key).to_string(),
            options: choices.iter().map(option).collect(),
        }
    }
}

/// The field that filters by text: a form that keeps the other parameters.
#[derive(Clone, Debug)]
struct Search {
    path: String,
    kept: Vec<(String, String)>,
    text: String,
}

/// The row above a list: views, filters, search.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/filters.html")]
pub(crate) struct Filters {
    texts: Texts,
    segments: Option<Segments>,
    tokens: Vec<Token>,
    search: Option<Search>,
    clear: Option<String>,
}

impl Filters {
    /// Returns the row of a list; with `searches`, it has a field that filters by text.
    pub(crate) fn of(
        texts: Texts,
        query: &ListQuery,
        segments: Option<Segments>,
        tokens: Vec<Token>,
        searches: bool,
    ) -> Self {
        let kept = query.without_filter("q");
        let text = query.search().unwrap_or_default().to_owned();
        Self {
            texts,
            segments,
            tokens,
            search: searches.then(|| Search {
                path: kept.path().to_owned(),
                kept: kept.pairs().to_vec(),
                text,
            }),
            clear: query.is_narrowed().then(|| query.unfiltered().to_string()),
        }
    }
}

component!(Segments, Tabs, Token, Filters);
