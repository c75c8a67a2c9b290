//! Codes for many cases at once: a list of codes of cases, and to each case a link by message.
//!
//! The same list twice sends nothing twice: a case whose code can be redeemed still, or was, needs none. So a list that was
//! cut off is simply given again (docs/spec/messages.md M6–M9).

use std::collections::HashMap;

use super::files::labelled;
use super::looks::{Act, record};
use super::model::CaseFile;
use super::read_label;
use crate::app::AuthorityApp;
use crate::audit::{Action, Purpose};
use crate::auth::{Permission, Session};
use crate::codes::{self, CaseFacts};
use crate::db::transaction;
use crate::error::ServiceError;
use crate::fold::fold;
use crate::messages::{self, MessageKind, NewMessage};
use crate::people::{self, PersonId, model::phone};

/// Most lines of a list.
pub const MAX_LINES: usize = 10_000;
/// Lines that are issued together.
const BATCH: usize = 200;

/// What became of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issued {
    /// Cases that got a code, which goes out in a message.
    pub issued: usize,
    /// Cases that need none.
    pub served: usize,
    /// Lines for which nothing was done.
    pub wrong: Vec<WrongLine>,
}

/// A line for which nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// Number of the line, from 1.
    pub number: usize,
    /// The line.
    pub text: String,
    /// Word of the reason, which names a text.
    pub why: &'static str,
}

/// A line that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    number: usize,
    text: String,
    label: String,
    /// Number given in the list; without it the number in the record is used.
    to: Option<String>,
}

/// Issues a link code to every case of a list and sends it by message. `first` is the number of the first line; `write` makes
/// the text around a link.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] without `code.issue`; [`ServiceError::Invalid`] for more than 10,000 lines;
/// [`ServiceError::Unavailable`] when it cannot be recorded; [`ServiceError::Database`]: then what was issued before stays, and
/// the same list goes on behind it.
pub async fn issue_list(
    app: &AuthorityApp,
    by: &Session,
    list: &str,
    first: usize,
    write: &(dyn Fn(&str) -> String + Sync),
) -> Result<Issued, ServiceError> {
    if !by.may(Permission::CodeIssue) {
        return Err(ServiceError::NotAllowed);
    }
    if list.lines().count() > MAX_LINES {
        return Err(ServiceError::Invalid {
            field: "lines",
            why: "at most 10,000 lines",
        });
    }
    let mut all = Issued::default();
    let lines = read(list, first, &mut all.wrong);
    for batch in lines.chunks(BATCH) {
        issue_batch(app, by, batch, write, &mut all).await?;
    }
    all.wrong.sort_by_key(|line| line.number);
    Ok(all)
}

/// Reads lines of `code; number`, the number not needed; what cannot be read goes to `wrong`.
fn read(list: &str, first: usize, wrong: &mut Vec<WrongLine>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (at, text) in list.lines().enumerate() {
        let number = first + at;
        let mut cells = text
            .split(['\t', ';', ','])
            .map(|cell| cell.trim().trim_matches('"').trim());
        let (code, given) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        if text.trim().is_empty() || (number == 1 && is_heading(code)) {
            continue;
        }
        let to = phone(given);
        let why = match read_label(code) {
            None => Some("bad-code"),
            Some(_) if !given.is_empty() && to.is_none() => Some("bad-phone"),
            Some(label) => match seen.insert(label.clone(), number) {
                Some(_) => Some("twice"),
                None => {
                    lines.push(Line {
                        number,
                        text: text.to_owned(),
                        label,
                        to,
                    });
                    None
                }
            },
        };
        wrong.extend(why.map(|why| WrongLine {
            number,
            text: text.to_owned(),
            why,
        }));
    }
    lines
}

fn is_heading(cell: &str) -> bool {
    matches!(
        fold(cell).as_str(),
        "ma ca" | "ma" | "ca" | "case" | "code" | "ma so" | "ma benh nhan"
    )
}

async fn issue_batch(
    app: &AuthorityApp,
    by: &Session,
    lines: &[Line],
    write: &(dyn Fn(&str) -> String + Sync),
    all: &mut Issued,
) -> Result<(), ServiceError> {
    let labels: Vec<String> = lines.iter().map(|line| line.label.clone()).collect();
    let cases: HashMap<String, CaseFile> = labelled(app, by, &labels)
        .await?
        .into_iter()
        .map(|case| (case.label.clone(), case))
        .collect();
    let mut chosen: Vec<(&Line, &CaseFile, PersonId)> = Vec::new();
    let mut wrong = |line: &Line, why| {
        all.wrong.push(WrongLine {
            number: line.number,
            text: line.text.clone(),
            why,
        });
    };
    for line in lines {
        match cases.get(&line.label) {
            // The same for a case of another unit: this list tells nobody what is there.
            None => wrong(line, "no-case"),
            Some(case) if !case.state.is_source() => wrong(line, "not-confirmed"),
            Some(case) => match case.person {
                Some(person) => chosen.push((line, case, person)),
                None => wrong(line, "no-person"),
            },
        }
    }
    let people: Vec<PersonId> = chosen.iter().map(|(_, _, person)| *person).collect();
    if people.is_empty() {
        return Ok(());
    }
    let act = Act {
        purpose: Purpose::CodeIssue,
        ..Act::tracing(Action::CODE_ISSUE, &people, &["phones"], None)
    };
    record(app, by, act).await?;
    let known: HashMap<PersonId, people::Person> = people::load(app, &people).await?.into_iter().collect();
    let mut drafts = Vec::with_capacity(chosen.len());
    let mut outgoing = Vec::with_capacity(chosen.len());
    for (line, case, person) in chosen {
        let own = known.get(&person).map(|known| known.identity.phones.first());
        let to = match (own, &line.to) {
            (None, _) => {
                wrong(line, "no-person");
                continue;
            }
            (Some(_), Some(to)) => Some(to.clone()),
            (Some(own), None) => own.and_then(|own| phone(own)),
        };
        let Some(to) = to else {
            wrong(line, "no-phone");
            continue;
        };
        let draft = codes::draft(app);
        outgoing.push(NewMessage {
            person,
            kind: MessageKind::Code,
            about: draft.issue_id.clone(),
            to,
            text: write(&link(app, draft.link.reveal())),
            until: draft.until,
            place: case.place,
        });
        drafts.push((case, draft));
    }
    let prepared = messages::prepare(app, outgoing).await?;
    let (issued, served) = transaction!(app.db, "issue codes of a list", |tx| {
        let ids: Vec<&str> = drafts.iter().map(|(case, _)| case.case_id.as_str()).collect();
        let served = codes::served(tx, app, &ids).await?;
        let mut fresh = Vec::with_capacity(prepared.len());
        for ((case, draft), message) in drafts.iter().zip(&prepared) {
            if served.contains(&case.case_id) {
                continue;
            }
            codes::issue_draft(tx, app, &case.case_id, &facts(case), draft).await?;
            fresh.push(message);
        }
        messages::insert(tx, &fresh, app.clock.now()).await?;
        Ok((fresh.len(), drafts.len() - fresh.len()))
    })?;
    all.issued += issued;
    all.served += served;
    Ok(())
}

/// Returns what a code stands for.
pub(super) fn facts(case: &CaseFile) -> CaseFacts {
    CaseFacts {
        finding: case.finding,
        test_date: Some(case.test_date),
        onset_date: case.onset_date,
    }
}

/// Returns the address that opens a code in the citizen app: after `#`, so that no server on the way logs it.
pub(super) fn link(app: &AuthorityApp, code: &str) -> String {
    format!("{}#code={code}", app.config.link_url)
}

/// Sends the link of a freshly issued code to the number in the person's record.
///
/// # Errors
///
/// [`ServiceError::Invalid`] when there is no number; [`ServiceError::NotFound`] for a case without a person;
/// [`ServiceError::Database`].
pub async fn send_link(
    app: &AuthorityApp,
    case: &CaseFile,
    issue: &codes::Issue,
    write: &(dyn Fn(&str) -> String + Sync),
) -> Result<(), ServiceError> {
    let person = case.person.ok_or(ServiceError::NotFound { what: "person" })?;
    let known = people::load(app, &[person]).await?;
    let (_, known) = known.first().ok_or(ServiceError::NotFound { what: "person" })?;
    let to = known.identity.phones.first().and_then(|own| phone(own));
    let message = NewMessage {
        person,
        kind: MessageKind::Code,
        about: issue.issue_id.clone(),
        to: to.ok_or(ServiceError::Invalid {
            field: "phones",
            why: "no number in the record",
        })?,
        text: write(&link(app, issue.link.reveal())),
        until: issue.link_until,
        place: case.place,
    };
    let prepared = messages::prepare(app, vec![message]).await?;
    transaction!(app.db, "send link of a code", |tx| {
        codes::mark_sent(tx, &issue.issue_id).await?;
        messages::insert(tx, &prepared.iter().collect::<Vec<_>>(), app.clock.now()).await?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_their_numbers() {
        let mut wrong = Vec::new();
        let list = "Mã ca;SĐT\nbn 17;0912 345 678\n\nBN-18\n\"BN-19\",0912\nBN 17\nBN 17!!";
        let lines = read(list, 1, &mut wrong);
        let read: Vec<_> = lines
            .iter()
            .map(|line| (line.number, line.label.as_str(), line.to.as_deref()))
            .collect();
        assert_eq!(read, [(2, "BN-17", Some("0912345678")), (4, "BN-18", None)]);
        let wrong: Vec<_> = wrong.iter().map(|line| (line.number, line.why)).collect();
        assert_eq!(wrong, [(5, "bad-phone"), (6, "twice"), (7, "bad-code")]);
    }

    #[test]
    fn a_later_part_has_no_heading() {
        let mut wrong = Vec::new();
        let numbers = |lines: Vec<Line>| lines.iter().map(|line| line.number).collect::<Vec<_>>();
        assert_eq!(numbers(read("ma ca\nBN-1", 201, &mut wrong)), [201, 202]);
        assert_eq!(numbers(read("ma ca\nBN-1", 1, &mut wrong)), [2]);
    }
}
