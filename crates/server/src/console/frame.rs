//! The frame around every page: rail, top bar, search box, footer. A page's template embeds a [`Frame`] as `frame`.

use askama::Template;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use protocol::time::UnixSeconds;
use serde::Serialize;

use super::address::Address;
use super::assets::{asset, modules};
use super::html::{Html, component, escape};
use super::icon::Icon;
use super::marks::Avatar;
use super::{Language, Texts};
use crate::civil::{CivilDate, clock_time};

/// Longest list of destinations in the search box.
const MAX_DESTINATIONS: usize = 200;
/// Most destinations that one search answers.
const MAX_FOUND: usize = 20;

/// One destination of the rail.
#[derive(Clone)]
pub(crate) struct NavItem {
    /// Address of the page.
    pub(crate) href: String,
    /// Drawn beside the label.
    pub(crate) icon: Icon,
    /// What stands there.
    pub(crate) label: String,
    /// How many wait there, as written.
    pub(crate) count: Option<String>,
    /// The count calls for somebody now.
    pub(crate) hot: bool,
    /// This is the page.
    pub(crate) current: bool,
    /// Letters that lead there, such as `g q`.
    pub(crate) key: Option<&'static str>,
}

impl NavItem {
    /// Returns a destination without count and keys.
    pub(crate) fn new(href: &str, icon: Icon, label: String) -> Self {
        Self {
            href: href.to_owned(),
            icon,
            label,
            count: None,
            hot: false,
            current: false,
            key: None,
        }
    }

    /// Adds how many wait; a hot count stands out.
    pub(crate) fn counted(self, count: String, hot: bool) -> Self {
        Self {
            count: Some(count),
            hot,
            ..self
        }
    }

    /// Adds the letters that lead there.
    pub(crate) fn keyed(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }
}

/// Destinations under one heading.
#[derive(Clone)]
pub(crate) struct NavGroup {
    /// The heading; the first group has none.
    pub(crate) title: Option<String>,
    /// Its destinations.
    pub(crate) items: Vec<NavItem>,
}

/// The destinations that the person may open.
#[derive(Clone, Default)]
pub(crate) struct Nav {
    /// In the order of the rail.
    pub(crate) groups: Vec<NavGroup>,
}

impl Nav {
    /// Adds a group.
    pub(crate) fn group(mut self, title: Option<String>, items: Vec<NavItem>) -> Self {
        self.groups.push(NavGroup { title, items });
        self
    }

    /// Marks the destination that holds `path`: the longest address that it begins with.
    pub(crate) fn at(mut self, path: &str) -> Self {
        let holds = |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        let items = || self.groups.iter().flat_map(|group| &group.items);
        let longest = items().map(|item| &item.href).filter(|href| holds(href));
        let longest = longest.max_by_key(|href| href.len()).cloned();
        for item in self.groups.iter_mut().flat_map(|group| &mut group.items) {
            item.current = Some(&item.href) == longest.as_ref();
        }
        self
    }

    fn items(&self) -> impl Iterator<Item = &NavItem> {
        self.groups.iter().flat_map(|group| &group.items)
    }
}

/// The officer who is signed in, as the rail shows them.
#[derive(Clone)]
pub(crate) struct Person {
    /// Full name.
    pub(crate) name: String,
    /// Role and unit.
    pub(crate) role: String,
}

/// The unit that the page is about.
#[derive(Clone)]
pub(crate) struct Scope {
    /// Its name and size.
    pub(crate) label: String,
    /// Where another is chosen, if the person may.
    pub(crate) href: Option<String>,
}

/// A key and what it does, in the footer.
#[derive(Clone)]
pub(crate) struct Hint {
    /// The keys, one after the other.
    pub(crate) keys: Vec<&'static str>,
    /// What they do.
    pub(crate) words: String,
}

/// What stands around a page. Every page's template struct has one as `frame`, and `frame.html` as its base.
///
/// Built by `Desk::frame` and `Visitor::frame`, then completed: `desk.frame().titled(…).scoped(…)`.
#[derive(Clone)]
pub(crate) struct Frame {
    /// Texts in the person's language.
    pub(crate) texts: Texts,
    /// Title of the window.
    pub(crate) title: String,
    /// Whose console it is, below the product's name.
    pub(crate) office: String,
    /// What stands beside a door.
    pub(crate) motto: String,
    /// Where the product's name leads.
    pub(crate) home: &'static str,
    /// The address of this page, for the language switch.
    pub(crate) here: Address,
    /// The rail; empty when nobody is signed in.
    pub(crate) nav: Nav,
    /// Who is signed in.
    pub(crate) person: Option<Person>,
    /// The unit that the page is about.
    pub(crate) scope: Option<Scope>,
    /// When the data was read, `HH:MM, d/m/yyyy`.
    pub(crate) as_of: Option<String>,
    /// Value that every form of this session carries; there is none when nobody is signed in.
    pub(crate) form_token: Option<String>,
    /// Keys of this page.
    pub(crate) hints: Vec<Hint>,
    /// Address that answers `?q=` with destinations for the search box, if there is one.
    pub(crate) lookup: Option<&'static str>,
    /// Names the person's drafts in the browser; other drafts are wiped. Never the session's secret.
    pub(crate) draft_session: Option<String>,
}

impl Frame {
    /// Returns the frame of a page that anybody may open.
    pub(crate) fn open(texts: Texts, here: Address) -> Self {
        Self {
            texts,
            title: texts.get("console-title"),
            office: texts.get("console-office"),
            motto: texts.get("console-motto"),
            home: "/desk",
            here,
            nav: Nav::default(),
            person: None,
            scope: None,
            as_of: None,
            form_token: None,
            hints: Vec::new(),
            lookup: None,
            draft_session: None,
        }
    }

    /// Sets the title of the window.
    pub(crate) fn titled(self, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..self
        }
    }

    /// Says where the product's name leads, and what stands beside the page, where it is not the desk's.
    pub(crate) fn outside(self, home: &'static str, motto: String) -> Self {
        Self { home, motto, ..self }
    }

    /// Sets the unit that the page is about.
    pub(crate) fn scoped(self, label: impl Into<String>, href: Option<String>) -> Self {
        let scope = Some(Scope {
            label: label.into(),
            href,
        });
        Self { scope, ..self }
    }

    /// Says when the data of the page was read.
    pub(crate) fn dated(self, at: UnixSeconds) -> Self {
        let as_of = Some(format!("{}, {}", clock_time(at), CivilDate::today(at).local()));
        Self { as_of, ..self }
    }

    /// Adds a key hint to the footer.
    pub(crate) fn hint(mut self, keys: &[&'static str], words: String) -> Self {
        self.hints.push(Hint {
            keys: keys.to_vec(),
            words,
        });
        self
    }

    /// Returns the value for the hidden field of a form, empty when nobody is signed in.
    pub(crate) fn token(&self) -> &str {
        self.form_token.as_deref().unwrap_or_default()
    }

    /// Whether the rail stands beside the page; without it the page is a door.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.form_token.is_some()
    }

    /// Returns what stands in `<head>` after the title.
    pub(crate) fn head(&self) -> Html {
        let mut out = format!(
            "<link rel=\"stylesheet\" href=\"{}\"><link rel=\"icon\" href=\"{}\">",
            asset("console.css"),
            asset("mark.svg")
        );
        for font in ["public-sans-latin.woff2", "public-sans-vietnamese.woff2"] {
            let href = asset(font);
            out.push_str(&format!(
                "<link rel=\"preload\" as=\"font\" type=\"font/woff2\" crossorigin href=\"{href}\">"
            ));
        }
        for module in modules() {
            let href = asset(module);
            out.push_str(&if module == "console.js" {
                format!("<script type=\"module\" src=\"{href}\"></script>")
            } else {
                format!("<link rel=\"modulepreload\" href=\"{href}\">")
            });
        }
        Html::trusted(out)
    }

    /// Returns what stands before `<main>`.
    pub(crate) fn before(&self) -> Html {
        Html::of(&Before { frame: self })
    }

    /// Returns what stands after `<main>`.
    pub(crate) fn after(&self) -> Html {
        Html::of(&After { frame: self })
    }

    fn initials(&self) -> Option<Avatar> {
        self.person.as_ref().map(|person| Avatar::big(&person.name))
    }

    fn other_language(&self) -> String {
        self.here.with("lang", self.texts.other()).to_string()
    }

    /// Returns what the search box offers before the server is asked.
    fn destinations(&self) -> Html {
        let items: Vec<Destination> = self.nav.items().take(MAX_DESTINATIONS).map(Destination::of).collect();
        let json = serde_json::to_string(&items).unwrap_or_default();
        // Inside a script element only `<` could end it.
        Html::trusted(json.replace('<', "\\u003c"))
    }
}

/// What the search box offers: a page to go to. The answer to `?q=` is a JSON list of these.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Destination {
    /// What is read.
    pub(crate) label: String,
    /// Said quietly beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// Where it leads.
    pub(crate) href: String,
    /// Letters that lead there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

impl Destination {
    fn of(item: &NavItem) -> Self {
        Self {
            label: item.label.clone(),
            note: None,
            href: item.href.clone(),
            key: item.key.map(str::to_owned),
        }
    }
}

/// Answers the search box: at most twenty destinations, kept by no cache.
pub(crate) fn destinations(mut found: Vec<Destination>) -> Response {
    found.truncate(MAX_FOUND);
    ([(header::CACHE_CONTROL, "no-store")], Json(found)).into_response()
}

#[derive(Template)]
#[template(path = "parts/before.html")]
struct Before<'a> {
    frame: &'a Frame,
}

#[derive(Template)]
#[template(path = "parts/after.html")]
struct After<'a> {
    frame: &'a Frame,
}

component!(Before<'_>, After<'_>);

impl Texts {
    /// Returns the name of the other language, in that language.
    pub(crate) fn other_name(&self) -> &'static str {
        match self.0 {
            Language::Vietnamese => "English",
            Language::English => "Tiếng Việt",
        }
    }
}

/// Returns `<kbd>` signs for keys.
pub(super) fn kbds(keys: &[&str]) -> Html {
    let signs = keys.iter().map(|key| format!("<kbd>{}</kbd>", escape(key)));
    Html::trusted(signs.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nav() -> Nav {
        let item = |href: &str| NavItem::new(href, Icon::Queue, href.to_owned());
        Nav::default().group(None, vec![item("/desk"), item("/desk/cases"), item("/desk/cases/new")])
    }

    fn marked(path: &str) -> Vec<String> {
        let nav = nav().at(path);
        let current = nav.items().filter(|item| item.current);
        current.map(|item| item.href.clone()).collect()
    }

    #[test]
    fn the_nearest_destination_is_marked() {
        assert_eq!(marked("/desk"), ["/desk"]);
        assert_eq!(marked("/desk/cases/7"), ["/desk/cases"]);
        assert_eq!(marked("/desk/cases/new"), ["/desk/cases/new"]);
        assert_eq!(marked("/desk/casesx"), ["/desk"]);
        assert!(marked("/elsewhere").is_empty());
    }

    #[test]
    fn a_label_cannot_end_the_script_that_holds_it() {
        let mut frame = Frame::open(Texts(Language::English), Address::read("/desk", ""));
        let label = "</script><b>".to_owned();
        frame.nav = Nav::default().group(None, vec![NavItem::new("/desk", Icon::Queue, label)]);
        assert!(!frame.destinations().as_str().contains('<'));
        let items: serde_json::Value = serde_json::from_str(frame.destinations().as_str()).expect("JSON");
        assert_eq!(items[0]["label"], "</script><b>");
    }

    #[test]
    fn the_language_switch_keeps_the_query() {
        let frame = Frame::open(Texts(Language::English), Address::read("/desk", "gen=f1&lang=en"));
        assert_eq!(frame.other_language(), "/desk?gen=f1&lang=vi");
    }
}
