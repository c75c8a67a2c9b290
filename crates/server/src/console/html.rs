//! What every component has in common: it is a value that a page's template writes as `{{ value }}`.

use std::fmt;

use askama::filters::HtmlSafe;

/// Markup that a template of ours has made; it is written as it is.
#[derive(Clone, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Renders a component; a component that cannot be rendered leaves its place empty.
    pub(crate) fn of(part: &impl askama::Template) -> Self {
        Self(part.render().unwrap_or_default())
    }

    /// Takes markup that this program wrote itself, with every text in it escaped.
    pub(super) fn trusted(markup: String) -> Self {
        Self(markup)
    }

    /// Returns the markup.
    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// Says of template structs that their output is markup: they are written by `{{ value }}`, without a filter.
macro_rules! component {
    ($($name:ty),+ $(,)?) => {
        $(impl askama::filters::HtmlSafe for $name {})+
    };
}
pub(super) use component;

/// Returns `text` with the five signs of markup replaced.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
