//! Fields of forms: label, help, error tied to the control, and the summary of errors on top of the form.
//!
//! Dates are typed `d/m/yyyy` in a text field: date pickers follow the language of the browser, not of the page.

use askama::Template;

use super::Texts;
use super::html::{Html, component};
use super::icon::Icon;

/// An option of a select or of radio buttons.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is read.
    pub(crate) label: String,
    /// Said quietly below the label of a radio button.
    pub(crate) note: Option<String>,
}

impl Choice {
    /// Returns an option without a note.
    pub(crate) fn new(value: &str, label: impl Into<String>) -> Self {
        Self {
            value: value.to_owned(),
            label: label.into(),
            note: None,
        }
    }
}

/// How a field is filled in.
#[derive(Clone, Debug)]
enum Control {
    Line {
        kind: &'static str,
        mode: &'static str,
        complete: &'static str,
    },
    Area {
        rows: u8,
    },
    Select(Vec<Choice>),
    Radios(Vec<Choice>),
    Check,
}

/// A field of a form; written as `{{ field }}`.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/field.html")]
pub(crate) struct Field {
    texts: Texts,
    /// Name and id.
    name: &'static str,
    label: String,
    help: Option<String>,
    error: Option<String>,
    value: String,
    required: bool,
    focus: bool,
    max: u32,
    placeholder: String,
    control: Control,
}

impl Field {
    fn new(texts: Texts, name: &'static str, label: String, control: Control) -> Self {
        Self {
            texts,
            name,
            label,
            help: None,
            error: None,
            value: String::new(),
            required: false,
            focus: false,
            max: 200,
            placeholder: String::new(),
            control,
        }
    }

    fn line(texts: Texts, name: &'static str, label: String, kind: &'static str, mode: &'static str) -> Self {
        let complete = "off";
        Self::new(texts, name, label, Control::Line { kind, mode, complete })
    }

    /// Returns a line of text.
    pub(crate) fn text(texts: Texts, name: &'static str, label: String) -> Self {
        Self::line(texts, name, label, "text", "text")
    }

    /// Returns a field for a day, typed `d/m/yyyy`.
    pub(crate) fn day(texts: Texts, name: &'static str, label: String) -> Self {
        let mut field = Self::line(texts, name, label, "text", "numeric").at_most(10);
        field.placeholder = texts.get("console-day-form");
        field
    }

    /// Returns a field for a telephone number.
    pub(crate) fn phone(texts: Texts, name: &'static str, label: String) -> Self {
        Self::line(texts, name, label, "tel", "tel").at_most(20)
    }

    /// Returns a field for digits, such as those of a second factor.
    pub(crate) fn digits(texts: Texts, name: &'static str, label: String) -> Self {
        Self::line(texts, name, label, "text", "numeric").at_most(12)
    }

    /// Returns a field for a secret; its value is never written into the page.
    pub(crate) fn secret(texts: Texts, name: &'static str, label: String) -> Self {
        Self::line(texts, name, label, "password", "text").completes("current-password")
    }

    /// Returns a field for several lines.
    pub(crate) fn area(texts: Texts, name: &'static str, label: String, rows: u8) -> Self {
        Self::new(texts, name, label, Control::Area { rows }).at_most(4000)
    }

    /// Returns a list to choose from; without a value the first line asks to choose.
    pub(crate) fn select(texts: Texts, name: &'static str, label: String, choices: Vec<Choice>) -> Self {
        Self::new(texts, name, label, Control::Select(choices))
    }

    /// Returns buttons of which one is chosen.
    pub(crate) fn radios(texts: Texts, name: &'static str, label: String, choices: Vec<Choice>) -> Self {
        Self::new(texts, name, label, Control::Radios(choices))
    }

    /// Returns a box to tick, which sends `yes`.
    pub(crate) fn check(texts: Texts, name: &'static str, label: String) -> Self {
        Self::new(texts, name, label, Control::Check)
    }

    /// Says what to write, below the label.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Fills the field in.
    pub(crate) fn value(self, value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            ..self
        }
    }

    /// Says what is wrong with it and how to mend it.
    pub(crate) fn error(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    /// Makes it compulsory; the others are marked as not.
    pub(crate) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Gives it the focus when the page opens.
    pub(crate) fn focused(self) -> Self {
        Self { focus: true, ..self }
    }

    /// Limits it to so many characters.
    pub(crate) fn at_most(self, max: u32) -> Self {
        Self { max, ..self }
    }

    /// Says what the browser may fill in, as `autocomplete` does.
    pub(crate) fn completes(mut self, hint: &'static str) -> Self {
        if let Control::Line { complete, .. } = &mut self.control {
            *complete = hint;
        }
        self
    }

    /// Returns the value of the attribute that ties help and error to the control.
    fn described(&self) -> String {
        let help = self.help.as_ref().map(|_| format!("{}-help", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        help.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }

    /// Returns the attributes that say of the control what stands around it.
    fn tied(&self) -> Html {
        let mut out = String::new();
        if self.help.is_some() || self.error.is_some() {
            out.push_str(&format!(" aria-describedby=\"{}\"", self.described()));
        }
        if self.error.is_some() {
            out.push_str(" aria-invalid=\"true\"");
        }
        if self.required {
            out.push_str(" required");
        }
        if self.focus {
            out.push_str(" autofocus");
        }
        Html::trusted(out)
    }

    /// Returns the id that a link to the field names.
    fn target(&self) -> String {
        match self.control {
            Control::Radios(_) => format!("{}-1", self.name),
            _ => self.name.to_owned(),
        }
    }

    fn is_secret(&self) -> bool {
        matches!(self.control, Control::Line { kind: "password", .. })
    }
}

/// What is wrong with a form, on top of it, each with a link to its field. Nothing when all is well.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/error_summary.html")]
pub(crate) struct ErrorSummary {
    texts: Texts,
    takes_focus: bool,
    errors: Vec<(String, String)>,
}

impl ErrorSummary {
    /// Gathers the errors of the fields.
    pub(crate) fn of<'a>(texts: Texts, fields: impl IntoIterator<Item = &'a Field>) -> Self {
        let errors = fields
            .into_iter()
            .filter_map(|field| Some((field.target(), field.error.clone()?)));
        Self {
            texts,
            takes_focus: true,
            errors: errors.collect(),
        }
    }

    /// Leaves the focus where it is: for a page that shows a form it was not asked to take.
    pub(crate) fn quiet(self) -> Self {
        Self {
            takes_focus: false,
            ..self
        }
    }
}

/// What a form with `data-draft="name"` says of its draft: it is back, or it could not be sent. The first thing in the form.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "parts/draft.html")]
pub(crate) struct DraftNotes {
    /// Texts in the person's language.
    pub(crate) texts: Texts,
}

component!(Field, ErrorSummary, DraftNotes);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Language;

    const TEXTS: Texts = Texts(Language::English);

    #[test]
    fn help_and_error_are_tied_to_the_control() {
        let field = Field::text(TEXTS, "phone", "Phone".into())
            .help("Ten digits.")
            .error(Some("A digit is missing.".into()))
            .required();
        let html = field.to_string();
        assert!(html.contains(r#"aria-describedby="phone-help phone-error""#), "{html}");
        assert!(html.contains(r#"id="phone-error""#) && html.contains(r#"id="phone-help""#));
        assert!(html.contains(r#"aria-invalid="true""#) && html.contains(" required"));
        let summary = ErrorSummary::of(TEXTS, [&field]).to_string();
        assert!(
            summary.contains(r##"href="#phone""##) && summary.contains("A digit is missing."),
            "{summary}"
        );
        assert_eq!(
            ErrorSummary::of(TEXTS, [&Field::text(TEXTS, "a", "A".into())])
                .to_string()
                .trim(),
            ""
        );
    }

    #[test]
    fn an_error_of_radio_buttons_leads_to_the_first() {
        let choices = vec![Choice::new("a", "A"), Choice::new("b", "B")];
        let field = Field::radios(TEXTS, "finding", "Finding".into(), choices)
            .value("b")
            .error(Some("?".into()));
        let html = field.to_string();
        assert!(
            html.contains(r#"id="finding-1""#) && html.contains("<fieldset"),
            "{html}"
        );
        assert_eq!(html.matches(" checked").count(), 1);
        assert!(ErrorSummary::of(TEXTS, [&field]).to_string().contains("#finding-1"));
    }

    #[test]
    fn a_secret_is_never_written_back() {
        let html = Field::secret(TEXTS, "password", "Password".into())
            .value("hunter2")
            .to_string();
        assert!(!html.contains("hunter2"), "{html}");
    }

    #[test]
    fn values_are_escaped() {
        let hostile = "\"><script>";
        for field in [
            Field::text(TEXTS, "a", hostile.into()).value(hostile).help(hostile),
            Field::area(TEXTS, "a", hostile.into(), 3)
                .value(hostile)
                .error(Some(hostile.into())),
            Field::select(TEXTS, "a", hostile.into(), vec![Choice::new(hostile, hostile)]).value(hostile),
        ] {
            assert!(!field.to_string().contains("<script"), "{field}");
        }
    }
}
