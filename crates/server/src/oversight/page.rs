//! `/desk/audit`: the record of access as the auditor reads it. It shows officers by login, people only as hashes.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::note;
use crate::app::AuthorityApp;
use crate::audit::{self, Action as Act, Actor, Cursor, Filter, Outcome, Recorded, text_id};
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::auth::{self, Permission, Role};
use crate::civil::{CivilDate, clock_time};
use crate::console::{
    Accepts, Action, Address, Choice, Column, Deed, Desk, Empty, ErrorSummary, Field, Filter as Narrow, Filters, Frame,
    Icon, ListFoot, ListHead, ListPage, ListQuery, ListSpec, Mark, PageHead, Seek, Shape, SortKey, Texts, Token, go,
    page, page_with, sorry,
};
use crate::error::ServiceError;
use protocol::time::UnixSeconds;

/// Where the list stands.
pub(super) const LIST: &str = "/desk/audit";

static RECORD: ListSpec = ListSpec {
    columns: &[
        column("at", "audit-at"),
        column("who", "audit-who"),
        column("what", "audit-what"),
        column("fields", "audit-fields"),
        Column {
            key: "count",
            label: "audit-count",
            sortable: false,
            numeric: true,
        },
        column("about", "audit-about"),
        column("outcome", "audit-outcome"),
    ],
    filters: &[
        narrow("from", Accepts::Day),
        narrow("until", Accepts::Day),
        narrow("action", Accepts::Code),
        narrow("role", Accepts::Code),
        narrow("outcome", Accepts::One(&["allowed", "denied"])),
        narrow("officer", Accepts::Code),
        narrow("object", Accepts::Code),
    ],
    usual: ("at", true),
    rows: 50,
};

const fn column(key: &'static str, label: &'static str) -> Column {
    Column {
        key,
        label,
        sortable: false,
        numeric: false,
    }
}

const fn narrow(key: &'static str, accepts: Accepts) -> Narrow {
    Narrow { key, accepts }
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct AuditPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    filters: Filters,
    list_head: ListHead,
    rows: Vec<Row>,
    list_foot: ListFoot,
    empty: Option<Empty>,
    errors: ErrorSummary,
    /// The form for what no menu offers, and whether it is open.
    fields: Vec<Field>,
    is_open: bool,
    kept: String,
}

/// A line of the record as the list shows it.
struct Row {
    time: String,
    day: String,
    who: String,
    role: String,
    action: String,
    purpose: String,
    reason: Option<String>,
    fields: String,
    count: String,
    record: Option<String>,
    /// The first people, as hashes that narrow the list.
    people: Vec<(String, String)>,
    more: Option<String>,
    outcome: Mark,
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
struct FindForm {
    form_token: String,
    from: String,
    until: String,
    officer: String,
    object: String,
    kept: String,
}

/// The routes of the feature's pages.
pub(crate) fn routes() -> Vec<Route> {
    let read = Access::Needs(Permission::AuditRead);
    let mut routes = vec![
        route(LIST, read, show_list),
        form("/desk/audit/find", read, submit_find),
    ];
    routes.extend(super::verify_page::routes());
    routes.extend(super::download::routes());
    routes
}

async fn show_list(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match audit_page(&app, &desk, &desk.here, &[]).await {
        Ok(list) => page(&list),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn audit_page(
    app: &AuthorityApp,
    desk: &Desk,
    here: &Address,
    wrong: &[(&'static str, &'static str, String)],
) -> Result<AuditPage, ServiceError> {
    let texts = desk.texts;
    let query = RECORD.read(here)?;
    let filter = filter_of(&query)?;
    let found = audit::list(app, &filter, query.limit()).await?;
    note(
        app,
        &desk.session,
        Act::AUDIT_LIST,
        found.entries.len().min(RECORD.rows as usize),
    )
    .await?;
    let listed = ListPage::of(&query, found.entries, place_of);
    let logins = logins_of(app, &listed.rows, &query).await?;
    let title = texts.get("console-nav-audit");
    let fields = find_fields(texts, &query, &logins, wrong);
    let narrowed = ["until", "officer", "object"]
        .iter()
        .any(|key| !query.filter(key).is_empty());
    Ok(AuditPage {
        head: head(desk, &query, title.clone()),
        frame: desk.frame().titled(title).dated(app.clock.now()),
        filters: Filters::of(texts, &query, None, tokens(app, texts, &query, &logins), false),
        list_head: ListHead::of(texts, &query, false),
        list_foot: ListFoot::of(texts, &query, &listed, None),
        empty: listed.rows.is_empty().then(|| empty(texts, &query)),
        rows: listed
            .rows
            .iter()
            .map(|entry| row(texts, &query, entry, &logins))
            .collect(),
        errors: ErrorSummary::of(texts, &fields),
        fields,
        is_open: narrowed || !wrong.is_empty(),
        kept: query.first_page().to_string(),
        texts,
    })
}

fn head(desk: &Desk, query: &ListQuery, title: String) -> PageHead {
    let texts = desk.texts;
    let verify = Deed::Send {
        action: "/desk/audit/verify".into(),
        form_token: desk.session.form_token.clone(),
    };
    let within = query
        .first_page()
        .only(|key| key == "from" || key == "until")
        .to_string();
    let download = within.replacen(LIST, "/desk/audit/download", 1);
    PageHead::new(title)
        .lead(texts.get("audit-lead"))
        .action(Action::new(texts.get("audit-verify"), verify).icon(Icon::Shield).main())
        .action(Action::open(texts.get("audit-roots"), "/desk/audit/verify"))
        .action(Action::open(texts.get("audit-download"), download).icon(Icon::Download))
}

/// Returns what a filter's first value says, read by `read`.
fn value<T>(query: &ListQuery, key: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ServiceError> {
    match query.filter(key).first() {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or(ServiceError::Invalid {
            field: key,
            why: "does not fit the list",
        }),
    }
}

fn filter_of(query: &ListQuery) -> Result<Filter, ServiceError> {
    let cursor = |row: &crate::console::Cursor| cursor_of(&row.key, &row.id);
    let wrong = ServiceError::Invalid {
        field: "after",
        why: "does not fit the list",
    };
    let (after, before) = match query.seek() {
        Seek::Start => (None, None),
        Seek::After(row) => (Some(cursor(row).ok_or(wrong)?), None),
        Seek::Before(row) => (None, Some(cursor(row).ok_or(wrong)?)),
    };
    Ok(Filter {
        from: value(query, "from", |text| Some(CivilDate::parse(text)?.begins()))?,
        until: value(query, "until", |text| Some(CivilDate::parse(text)?.next().begins()))?,
        actor: value(query, "officer", |id| Some(Actor::Officer(id.to_owned())))?,
        action: value(query, "action", action_of)?,
        role: value(query, "role", |word| {
            role_words().contains(&word).then(|| word.to_owned())
        })?,
        object: None,
        hashed: value(query, "object", |text| hex::decode(text).ok()?.try_into().ok())?,
        outcome: value(query, "outcome", Outcome::parse)?,
        after,
        before,
    })
}

/// An action stands in an address with hyphens, as in the ids of its texts.
fn action_of(text: &str) -> Option<Act> {
    Act::KNOWN.iter().copied().find(|action| action_code(*action) == text)
}

fn action_code(action: Act) -> String {
    action.word().replace(['.', '_'], "-")
}

/// Returns the roles that stand in the record: those of officers, and of who is none.
fn role_words() -> Vec<&'static str> {
    let others = ["api_key", "system", "visitor"];
    Role::all().map(Role::word).chain(others).collect()
}

fn place_of(entry: &Recorded) -> (SortKey, String) {
    let text = entry.place.text();
    let (at, rest) = text.split_once('.').unwrap_or_default();
    (SortKey::Number(at.parse().unwrap_or_default()), rest.replace('.', "-"))
}

fn cursor_of(key: &SortKey, id: &str) -> Option<Cursor> {
    match key {
        SortKey::Number(at) => Cursor::parse(&format!("{at}.{}", id.replacen('-', ".", 1))),
        SortKey::Text(_) => None,
    }
}

/// Returns the logins of the officers on the page and of the one asked for.
async fn logins_of(
    app: &AuthorityApp,
    rows: &[Recorded],
    query: &ListQuery,
) -> Result<HashMap<String, String>, ServiceError> {
    let acted = rows.iter().filter_map(|entry| entry.actor.strip_prefix("officer:"));
    let mut ids: Vec<String> = acted
        .map(str::to_owned)
        .chain(query.filter("officer").iter().cloned())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    auth::logins(app, &ids).await
}

fn tokens(app: &AuthorityApp, texts: Texts, query: &ListQuery, logins: &HashMap<String, String>) -> Vec<Token> {
    let today = CivilDate::today(app.clock.now());
    let token =
        |key: &str, label: &str, choices: &[Choice]| Token::of(texts, query, key, texts.get(label), choices, false);
    let only = |key: &str, name: &dyn Fn(&String) -> String| -> Vec<Choice> {
        query
            .filter(key)
            .iter()
            .map(|value| Choice::new(value, name(value)))
            .collect()
    };
    let local = |day: &String| CivilDate::parse(day).map(CivilDate::local).unwrap_or_default();
    let mut days: Vec<Choice> = [
        (0, "audit-today"),
        (6, "audit-week"),
        (29, "audit-month"),
        (89, "audit-quarter"),
    ]
    .iter()
    .filter_map(|(back, label)| Some((CivilDate::from_number(today.number() - back)?, label)))
    .map(|(day, label)| Choice::new(&day.iso(), texts.get(label)))
    .collect();
    let set = only("from", &local);
    days.extend(
        set.into_iter()
            .filter(|set| !days.iter().any(|day| day.value == set.value))
            .collect::<Vec<_>>(),
    );
    let action = |act: &Act| Choice::new(&action_code(*act), texts.get(&text_id("action", act.word())));
    let actions: Vec<Choice> = Act::KNOWN.iter().map(action).collect();
    let roles: Vec<Choice> = role_words()
        .iter()
        .map(|word| Choice::new(word, role_name(texts, word)))
        .collect();
    let outcomes = Outcome::ALL
        .iter()
        .map(|o| Choice::new(o.word(), texts.get(&text_id("outcome", o.word()))));
    let mut tokens = vec![
        token("from", "audit-from", &days),
        token("action", "audit-what", &actions),
        token("role", "audit-role", &roles),
        token("outcome", "audit-outcome", &outcomes.collect::<Vec<_>>()),
    ];
    let login = |id: &String| logins.get(id).unwrap_or(id).clone();
    for (key, label, choices) in [
        ("until", "audit-until", only("until", &local)),
        ("officer", "audit-officer", only("officer", &login)),
        ("object", "audit-object", only("object", &|hash| short(hash))),
    ] {
        if !choices.is_empty() {
            tokens.push(token(key, label, &choices));
        }
    }
    tokens
}

/// Returns the beginning of a hash, enough to tell people apart on a page.
fn short(hash: &str) -> String {
    hash.chars().take(8).collect::<String>() + "…"
}

fn role_name(texts: Texts, word: &str) -> String {
    let kind = if Role::parse(word).is_some() {
        "auth-role-"
    } else {
        "audit-role-"
    };
    known(texts, format!("{kind}{}", word.replace('_', "-")), word)
}

/// Returns the text of an id, or the stored word where another release knew more words.
fn known(texts: Texts, id: String, word: &str) -> String {
    let text = texts.get(&id);
    if text == id { word.to_owned() } else { text }
}

fn empty(texts: Texts, query: &ListQuery) -> Empty {
    let clear = (texts.get("console-filter-clear-all"), query.unfiltered().to_string());
    Empty {
        title: texts.get("audit-nothing"),
        text: texts.get("audit-nothing-text"),
        action: query.is_narrowed().then_some(clear),
    }
}

fn row(texts: Texts, query: &ListQuery, entry: &Recorded, logins: &HashMap<String, String>) -> Row {
    let who = match entry.actor.split_once(':') {
        Some(("officer", id)) => logins.get(id).map_or(id, String::as_str).to_owned(),
        Some(("api_key", id)) => texts.with("audit-program", "id", id),
        _ => known(texts, format!("audit-role-{}", entry.actor), &entry.actor),
    };
    let fields = entry
        .fields
        .iter()
        .map(|field| known(texts, text_id("field", field), field));
    let (shape, outcome) = match entry.allowed {
        true => (Shape::Disc, Outcome::Allowed),
        false => (Shape::Diamond, Outcome::Denied),
    };
    let people = entry.objects.iter().take(2);
    let rest = entry.objects.len().saturating_sub(2);
    Row {
        time: clock_time(entry.at),
        day: CivilDate::today(entry.at).local(),
        who,
        role: role_name(texts, &entry.role),
        action: known(texts, text_id("action", &entry.action), &entry.action),
        purpose: known(texts, text_id("purpose", &entry.purpose), &entry.purpose),
        reason: entry.reason.clone(),
        fields: fields.collect::<Vec<_>>().join(", "),
        count: if entry.count == 0 {
            String::new()
        } else {
            texts.number(i64::from(entry.count))
        },
        record: entry.record.clone(),
        people: people
            .map(|hash| (short(hash), query.with_filter("object", hash).to_string()))
            .collect(),
        more: (rest > 0).then(|| texts.with("audit-more-people", "count", &rest.to_string())),
        outcome: Mark::new(shape, texts.get(&text_id("outcome", outcome.word()))),
    }
}

/// Returns the fields of the form for what no menu offers; `wrong` says field, text and what was typed.
fn find_fields(
    texts: Texts,
    query: &ListQuery,
    logins: &HashMap<String, String>,
    wrong: &[(&'static str, &'static str, String)],
) -> Vec<Field> {
    let set = |key: &str| query.filter(key).first().cloned().unwrap_or_default();
    let local = |key: &str| CivilDate::parse(&set(key)).map(CivilDate::local).unwrap_or_default();
    let complete = |name: &'static str, field: Field, value: String| {
        let bad = wrong.iter().find(|(field, ..)| *field == name);
        let value = bad.map_or(value, |(.., typed)| typed.clone());
        field.value(value).error(bad.map(|(_, text, _)| texts.get(text)))
    };
    let login = logins.get(&set("officer")).cloned().unwrap_or_default();
    vec![
        complete(
            "from",
            Field::day(texts, "from", texts.get("audit-from")),
            local("from"),
        ),
        complete(
            "until",
            Field::day(texts, "until", texts.get("audit-until")),
            local("until"),
        ),
        complete(
            "officer",
            Field::text(texts, "officer", texts.get("audit-officer")).at_most(40),
            login,
        ),
        complete(
            "object",
            Field::text(texts, "object", texts.get("audit-object"))
                .help(texts.get("audit-object-help"))
                .at_most(32),
            set("object"),
        ),
    ]
}

/// `POST /desk/audit/find`: what is typed becomes a filter of the address; a login does not stand in it.
async fn submit_find(State(app): State<AuthorityApp>, desk: Desk, form: Filled<FindForm>) -> Response {
    let form = filled(form);
    let done = match desk.session.check_form(&form.form_token) {
        Ok(()) => find(&app, &form).await,
        Err(error) => Err(error),
    };
    match done {
        Ok((address, wrong)) if wrong.is_empty() => go(&address.to_string()),
        Ok((address, wrong)) => match audit_page(&app, &desk, &address, &wrong).await {
            Ok(list) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &list),
            Err(error) => sorry(desk.texts, error),
        },
        Err(error) => sorry(desk.texts, error),
    }
}

type Wrong = Vec<(&'static str, &'static str, String)>;

/// Returns the address that the form asks for, and what in it cannot be read.
async fn find(app: &AuthorityApp, form: &FindForm) -> Result<(Address, Wrong), ServiceError> {
    let query = form.kept.strip_prefix(LIST).and_then(|rest| rest.strip_prefix('?'));
    let mut address = Address::read(LIST, query.unwrap_or_default())
        .without("after")
        .without("before");
    let mut wrong = Wrong::new();
    for (key, typed) in [("from", &form.from), ("until", &form.until)] {
        let (next, day) = (address.without(key), typed.trim());
        address = match typed_day(day) {
            Some(day) => next.with(key, &day.iso()),
            None if day.is_empty() => next,
            None => {
                wrong.push((key, "audit-wrong-day", day.to_owned()));
                next
            }
        };
    }
    address = address.without("officer");
    let login = form.officer.trim();
    if !login.is_empty() {
        match auth::id_of_login(app, login).await? {
            Some(id) => address = address.with("officer", &id),
            None => wrong.push(("officer", "audit-wrong-officer", login.to_owned())),
        }
    }
    let hash = form.object.trim().to_lowercase();
    address = address.without("object");
    match hash.len() {
        0 => {}
        32 if hash.bytes().all(|b| b.is_ascii_hexdigit()) => address = address.with("object", &hash),
        _ => wrong.push(("object", "audit-wrong-object", hash)),
    }
    Ok((address, wrong))
}

/// Reads a day as it is typed, `d/m/yyyy`.
pub(super) fn typed_day(text: &str) -> Option<CivilDate> {
    let mut parts = text.split('/').map(|part| part.trim().parse::<i16>().ok());
    let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
    parts
        .next()
        .is_none()
        .then(|| CivilDate::from_parts(year, month, day))
        .flatten()
}

/// Returns `HH:MM, d/m/yyyy`.
pub(super) fn moment(at: UnixSeconds) -> String {
    format!("{}, {}", clock_time(at), CivilDate::today(at).local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_has_one_address() {
        for action in Act::KNOWN {
            assert_eq!(action_of(&action_code(*action)), Some(*action));
        }
        assert_eq!(action_of("person.read"), None);
    }

    #[test]
    fn a_place_in_the_record_is_found_again() {
        let text = format!("1626091200.7.{}", "0b".repeat(16));
        let place = Cursor::parse(&text).expect("a place");
        let (key, id) = (SortKey::Number(1_626_091_200), format!("7-{}", "0b".repeat(16)));
        assert_eq!(cursor_of(&key, &id), Some(place));
        for wrong in ["", "7", "7-xx", "-", &"7-0b".repeat(9)] {
            assert_eq!(cursor_of(&key, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_is_read_as_it_is_typed() {
        let read = |text| typed_day(text).map(CivilDate::iso);
        assert_eq!(read("5/7/2021").as_deref(), Some("2021-07-05"));
        assert_eq!(read(" 05 / 07 / 2021 ").as_deref(), Some("2021-07-05"));
        for wrong in [
            "",
            "5/7",
            "31/2/2021",
            "2021-07-05",
            "5/7/2021/1",
            "a/b/c",
            "5/99999/2021",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
