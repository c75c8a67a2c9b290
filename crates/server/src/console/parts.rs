//! The other components: head of a page, notices, dialogs, revealing an identity, progress, timeline, facts.

use askama::Template;

use super::Texts;
use super::form::Field;
use super::html::{Html, component};
use super::icon::Icon;
use super::marks::{Generation, Mark};

/// What an action does when it is chosen.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// Opens a page.
    Open(String),
    /// Sends a form of nothing but the session's form token.
    Send {
        /// Where to.
        action: String,
        /// The session's form token.
        form_token: String,
    },
    /// Opens a [`Confirm`] that stands in the page; without script, the page of its own at this address.
    Ask {
        /// Id of the [`Confirm`].
        dialog: &'static str,
        /// Address of the page that asks the same.
        page: String,
    },
}

/// Something to do with what a page shows: a button with words, maybe an icon and a letter.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/action.html")]
pub(crate) struct Action {
    label: String,
    deed: Deed,
    icon: Option<Icon>,
    key: Option<&'static str>,
    form: &'static str,
}

impl Action {
    /// Returns an ordinary button.
    pub(crate) fn new(label: impl Into<String>, deed: Deed) -> Self {
        Self {
            label: label.into(),
            deed,
            icon: None,
            key: None,
            form: "btn",
        }
    }

    /// Returns a link as a button.
    pub(crate) fn open(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self::new(label, Deed::Open(href.into()))
    }

    /// Makes it the one thing to do next; a page has one.
    pub(crate) fn main(self) -> Self {
        Self { form: "btn go", ..self }
    }

    /// Makes it one that cannot be taken back.
    pub(crate) fn grave(self) -> Self {
        Self {
            form: "btn grave",
            ..self
        }
    }

    /// Adds an icon before the words.
    pub(crate) fn icon(self, icon: Icon) -> Self {
        Self {
            icon: Some(icon),
            ..self
        }
    }

    /// Adds the letter that does it, in lower case.
    pub(crate) fn key(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    fn keyed(&self) -> Html {
        Html::trusted(self.key.map(|key| format!(" data-key=\"{key}\"")).unwrap_or_default())
    }

    fn sign(&self) -> String {
        self.key.unwrap_or_default().to_uppercase()
    }
}

/// The head of a page: where it hangs, its title, a sentence, what may be done.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/head.html")]
pub(crate) struct PageHead {
    title: String,
    crumb: Option<(String, String)>,
    generation: Option<Generation>,
    lead: Option<String>,
    alarm: Option<String>,
    actions: Vec<Action>,
}

impl PageHead {
    /// Returns a head with a title only.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            crumb: None,
            generation: None,
            lead: None,
            alarm: None,
            actions: Vec::new(),
        }
    }

    /// Adds the page above: label and address.
    pub(crate) fn under(self, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            crumb: Some((label.into(), href.into())),
            ..self
        }
    }

    /// Puts a tag of generation before the title.
    pub(crate) fn generation(self, generation: Generation) -> Self {
        Self {
            generation: Some(generation),
            ..self
        }
    }

    /// Adds a sentence.
    pub(crate) fn lead(self, lead: impl Into<String>) -> Self {
        Self {
            lead: Some(lead.into()),
            ..self
        }
    }

    /// Adds what must not be overlooked, after the sentence.
    pub(crate) fn alarm(self, alarm: Option<String>) -> Self {
        Self { alarm, ..self }
    }

    /// Adds what may be done.
    pub(crate) fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It was done.
    Good,
    /// Mind this.
    Warn,
    /// It was not done.
    Bad,
    /// To know.
    Info,
}

/// A sentence across the page.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/notice.html")]
pub(crate) struct Notice {
    tone: Tone,
    title: Option<String>,
    text: String,
    action: Option<Action>,
}

impl Notice {
    /// Returns a notice.
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            title: None,
            text: text.into(),
            action: None,
        }
    }

    /// Puts a few words before the text.
    pub(crate) fn titled(self, title: impl Into<String>) -> Self {
        Self {
            title: Some(title.into()),
            ..self
        }
    }

    /// Adds what to do about it.
    pub(crate) fn action(self, action: Action) -> Self {
        Self {
            action: Some(action),
            ..self
        }
    }

    fn form(&self) -> &'static str {
        match self.tone {
            Tone::Good => "ok",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Info => "info",
        }
    }

    /// What has gone wrong is said at once; the rest when there is a pause.
    fn role(&self) -> &'static str {
        if self.tone == Tone::Bad { "alert" } else { "status" }
    }

    fn icon(&self) -> Icon {
        match self.tone {
            Tone::Good => Icon::Check,
            Tone::Info => Icon::Info,
            Tone::Warn | Tone::Bad => Icon::Warning,
        }
    }
}

/// Asks before something is done, and says what will happen. It stands in a page as a dialog (`{{ confirm.dialog() }}`) and is a
/// page of its own, `confirm.html`, for whoever has no script.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/confirm.html")]
pub(crate) struct Confirm {
    /// Texts in the person's language.
    pub(crate) texts: Texts,
    /// Its id in the page.
    pub(crate) id: &'static str,
    /// The question.
    pub(crate) title: String,
    /// What will happen, one sentence each, with numbers.
    pub(crate) effects: Vec<String>,
    /// Where the form is sent.
    pub(crate) action: String,
    /// The session's form token.
    pub(crate) form_token: String,
    /// What else is sent.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// What must be filled in, such as a reason.
    pub(crate) fields: Vec<Field>,
    /// What the button says: the deed itself, not "OK".
    pub(crate) button: String,
    /// It cannot be taken back.
    pub(crate) grave: bool,
    /// The page to which "leave it" leads.
    pub(crate) back: String,
}

impl Confirm {
    /// Returns the dialog, closed.
    pub(crate) fn dialog(&self) -> Html {
        Html::of(&Dialog { confirm: self })
    }
}

#[derive(Template)]
#[template(path = "parts/dialog.html")]
struct Dialog<'a> {
    confirm: &'a Confirm,
}

/// What of a person's identity is shown.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// Hidden: a reason opens it.
    Masked {
        /// Where the reason is sent.
        action: String,
        /// The session's form token.
        form_token: String,
        /// The reason, and what else is asked.
        fields: Vec<Field>,
    },
    /// Shown, until when.
    Shown {
        /// As written.
        until: String,
    },
    /// Hidden, and why the officer may not open it.
    Barred {
        /// Why.
        why: String,
    },
}

/// The line with a person's name and the control that reveals it.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/reveal.html")]
pub(crate) struct Reveal {
    /// Texts in the person's language.
    pub(crate) texts: Texts,
    /// The name, masked unless it is shown.
    pub(crate) name: String,
    /// Sex, age, commune.
    pub(crate) about: String,
    /// Whether it is shown.
    pub(crate) identity: Identity,
}

/// How much of something is done.
#[derive(Clone, Debug, Template)]
#[template(
    source = r#"<div class="prog"><label for="{{ id }}">{{ label }}</label><span class="num">{{ words }}</span><progress id="{{ id }}" value="{{ done }}" max="{{ total }}"></progress></div>"#,
    ext = "html"
)]
pub(crate) struct Progress {
    /// Its id in the page.
    pub(crate) id: &'static str,
    /// What is done.
    pub(crate) label: String,
    /// Done.
    pub(crate) done: u32,
    /// Of so many.
    pub(crate) total: u32,
    /// The same in words.
    pub(crate) words: String,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// When, as written.
    pub(crate) at: String,
    /// What.
    pub(crate) title: String,
    /// More about it.
    pub(crate) text: Option<String>,
    /// Where it stands.
    pub(crate) mark: Option<Mark>,
    /// Who did it.
    pub(crate) by: Option<String>,
    /// Where it can be read.
    pub(crate) href: Option<String>,
    /// Nothing is known of the time before it.
    pub(crate) gap: Option<String>,
    /// What may be done with it.
    pub(crate) deed: Option<Action>,
}

/// Events in order.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/timeline.html")]
pub(crate) struct Timeline {
    /// In the order in which they are shown.
    pub(crate) events: Vec<Event>,
}

/// Names and values. A value that is missing says so.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/facts.html")]
pub(crate) struct Facts {
    /// Texts in the person's language.
    pub(crate) texts: Texts,
    /// In the order in which they are shown.
    pub(crate) rows: Vec<(String, Option<String>)>,
}

component!(
    Action,
    PageHead,
    Notice,
    Confirm,
    Dialog<'_>,
    Reveal,
    Progress,
    Timeline,
    Facts
);
