//! Lists that leave: what, for whom, approved by whom, recorded person by person before a row is written.

use std::fs::File;

use super::report::full;
use super::sheet::{OutFormat, SheetWriter};
use crate::app::AuthorityApp;
use crate::audit::{Action, Actor, Entry, Object, Purpose};
use crate::auth::{
    APPROVAL_SECONDS, ApprovalState, IdentitySight, Permission, Session, ask_export, list_approvals, use_export,
};
use crate::cases::contacts::{ContactFilter, ContactOrder, count_contacts, list_contacts};
use crate::cases::files::{CaseFilter, count_cases, list_files};
use crate::cases::model::{CaseFile, CaseState, Contact, ContactState};
use crate::cases::view::places;
use crate::civil::{CivilDate, clock_time};
use crate::error::ServiceError;
use crate::geo::{Tier, UnitId};
use crate::people::{self, Birth, Person, PersonId, Sex};
use crate::scope::Place;

use super::model::Kind;

/// Rows that one officer may export alone.
pub const ALONE: i64 = 200;
/// Rows read and recorded together.
const PAGE: u32 = 1000;
/// Rows that may have come since a second person approved, in parts of a hundred.
const GROWTH: i64 = 10;

/// What an officer may see of people in an export; its words are names of fields in the audit record.
const WHOLE: &[&str] = &["name", "birth", "sex", "phones", "address", "documents"];
const PSEUDONYMOUS: &[&str] = &["birth_year", "sex"];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportAsk {
    /// Contacts or cases.
    pub kind: Kind,
    /// Only in this state.
    pub state: Option<String>,
    /// Only contacts of this generation.
    pub generation: Option<u8>,
    /// Only contacts of this case.
    pub case_id: Option<String>,
}

/// Where an export stands before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be made.
    Free,
    /// A second person has to agree; nobody was asked yet.
    NeedsApproval,
    /// A second person was asked.
    Asked,
    /// A second person agreed: the approval's id and what it says.
    Approved(String, String),
}

impl ExportAsk {
    /// Returns what is asked for as a second person is shown it, with the number of rows; no personal data.
    pub fn subject(&self, rows: i64) -> String {
        let mut text = self.kind.word().to_owned();
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!(" {key}={value}"));
            }
        };
        add("state", self.state.clone());
        add("gen", self.generation.map(|generation| generation.to_string()));
        add("case", self.case_id.clone());
        add("rows", Some(rows.to_string()));
        text
    }

    /// Returns whether an approved subject is for this, and for how many rows.
    fn approved_rows(&self, subject: &str) -> Option<i64> {
        let rows: i64 = subject.rsplit_once("rows=")?.1.parse().ok()?;
        (self.subject(rows) == subject).then_some(rows)
    }

    fn contacts(&self) -> ContactFilter {
        ContactFilter {
            state: self.state.as_deref().and_then(ContactState::parse),
            generation: self.generation,
            case_id: self.case_id.clone(),
            limit: PAGE,
            ..ContactFilter::default()
        }
    }

    fn cases(&self) -> CaseFilter {
        CaseFilter {
            state: self.state.as_deref().and_then(CaseState::parse),
            limit: PAGE,
            ..CaseFilter::default()
        }
    }
}

/// Returns how many rows an export has.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`]; [`ServiceError::Database`].
pub async fn count(app: &AuthorityApp, by: &Session, ask: &ExportAsk) -> Result<i64, ServiceError> {
    may(by, ask.kind)?;
    match ask.kind {
        Kind::Contacts => count_contacts(app, by, &ask.contacts()).await,
        Kind::Cases => count_cases(app, by, &ask.cases()).await,
    }
}

fn may(by: &Session, kind: Kind) -> Result<(), ServiceError> {
    let reads = match kind {
        Kind::Contacts => Permission::ContactRead,
        Kind::Cases => Permission::CaseRead,
    };
    if by.may(Permission::ExportRun) && by.may(reads) {
        Ok(())
    } else {
        Err(ServiceError::NotAllowed)
    }
}

/// Returns whether an export of so many rows can be made now.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn standing(app: &AuthorityApp, by: &Session, ask: &ExportAsk, rows: i64) -> Result<Standing, ServiceError> {
    if rows <= ALONE {
        return Ok(Standing::Free);
    }
    let since = app.clock.now().plus(-APPROVAL_SECONDS);
    let mut standing = Standing::NeedsApproval;
    let mine = list_approvals(app, by).await?;
    for approval in mine
        .iter()
        .filter(|approval| approval.asked_by_id == by.officer.officer_id)
    {
        let Some(approved) = ask.approved_rows(&approval.subject) else {
            continue;
        };
        let fits = rows <= approved + approved * GROWTH / 100;
        match approval.state {
            ApprovalState::Approved if fits && approval.decided_at.is_some_and(|at| at >= since) => {
                return Ok(Standing::Approved(
                    approval.approval_id.clone(),
                    approval.subject.clone(),
                ));
            }
            ApprovalState::Asked if fits => standing = Standing::Asked,
            _ => {}
        }
    }
    Ok(standing)
}

/// Asks for a second person's word.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`]; [`ServiceError::Database`].
pub async fn ask_approval(app: &AuthorityApp, by: &Session, ask: &ExportAsk) -> Result<(), ServiceError> {
    let rows = count(app, by, ask).await?;
    if standing(app, by, ask, rows).await? == Standing::NeedsApproval {
        ask_export(app, by, &ask.subject(rows)).await?;
    }
    Ok(())
}

/// What the words of an export are, in the officer's language.
pub struct ExportWords<'a> {
    /// Headings of the columns, as [`columns`] lists them.
    pub heading: Vec<String>,
    /// Says a state, by the id of its text.
    pub state: &'a (dyn Fn(&str) -> String + Sync),
}

/// A finished export: a file without a name, and its id, which stands in its control row and in the audit record.
#[derive(Debug)]
pub struct Exported {
    /// The file, at its beginning.
    pub file: File,
    /// Id.
    pub export_id: String,
    /// Rows without heading and control row.
    pub rows: u32,
}

/// Makes an export. Each person in it is recorded before the row is written.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`]; [`ServiceError::Conflict`] for more than [`ALONE`] rows that no second person approved;
/// [`ServiceError::Unavailable`] when it cannot be recorded or there is no room.
pub async fn export(
    app: &AuthorityApp,
    by: &Session,
    ask: &ExportAsk,
    format: OutFormat,
    words: &ExportWords<'_>,
) -> Result<Exported, ServiceError> {
    let rows = count(app, by, ask).await?;
    match standing(app, by, ask, rows).await? {
        Standing::Free => {}
        Standing::Approved(approval_id, subject) => use_export(app, by, &approval_id, &subject).await?,
        Standing::NeedsApproval | Standing::Asked => {
            return Err(ServiceError::Conflict {
                why: "a second person has to agree",
            });
        }
    }
    let export_id = format!("export_{}", app.entropy.hex_id());
    let most = rows + rows * GROWTH / 100;
    let mut out = Out {
        app,
        by,
        export_id: &export_id,
        words,
        writer: Some(SheetWriter::begin(format, &words.heading).map_err(|_| full())?),
        rows: 0,
    };
    match ask.kind {
        Kind::Contacts => out.contacts(ask, most).await?,
        Kind::Cases => out.cases(ask, most).await?,
    }
    let (writer, rows) = (out.writer.take(), out.rows);
    let writer = writer.ok_or(ServiceError::Internal("an export has no file"))?;
    let id = export_id.clone();
    let file = tokio::task::spawn_blocking(move || writer.finish(Some(&id)))
        .await
        .map_err(|_| ServiceError::Internal("writing an export was cut off"))?
        .map_err(|_| full())?;
    Ok(Exported { file, export_id, rows })
}

struct Out<'a> {
    app: &'a AuthorityApp,
    by: &'a Session,
    export_id: &'a str,
    words: &'a ExportWords<'a>,
    writer: Option<SheetWriter>,
    rows: u32,
}

impl Out<'_> {
    async fn contacts(&mut self, ask: &ExportAsk, most: i64) -> Result<(), ServiceError> {
        let mut filter = ask.contacts();
        loop {
            let page = list_contacts(self.app, self.by, ContactOrder::Newest, &filter).await?;
            let Some(last) = page.last() else { return Ok(()) };
            filter.after = Some((last.created_at.0, last.contact_id.clone()));
            let people = self.look(page.iter().map(|contact| contact.person)).await?;
            let whereabouts = places(self.app, &page).await?;
            let rows: Vec<Vec<String>> = page
                .iter()
                .zip(whereabouts)
                .map(|(contact, place)| self.contact(contact, people.get(&contact.person), place))
                .collect();
            self.write(rows).await?;
            if i64::from(self.rows) >= most {
                return Ok(());
            }
        }
    }

    async fn cases(&mut self, ask: &ExportAsk, most: i64) -> Result<(), ServiceError> {
        let mut filter = ask.cases();
        loop {
            let page = list_files(self.app, self.by, &filter).await?;
            let Some(last) = page.last() else { return Ok(()) };
            filter.after = Some((last.opened_at.0, last.case_id.clone()));
            let people = self.look(page.iter().filter_map(|case| case.person)).await?;
            let rows: Vec<Vec<String>> = page
                .iter()
                .map(|case| self.case(case, case.person.and_then(|person| people.get(&person))))
                .collect();
            self.write(rows).await?;
            if i64::from(self.rows) >= most {
                return Ok(());
            }
        }
    }

    /// Records the look at people and returns who they are.
    async fn look(
        &self,
        people: impl Iterator<Item = PersonId>,
    ) -> Result<std::collections::HashMap<PersonId, Person>, ServiceError> {
        let mut people: Vec<PersonId> = people.collect();
        people.sort_unstable();
        people.dedup();
        let objects: Vec<Object> = people.iter().map(|person| Object(person.0)).collect();
        let actor = Actor::Officer(self.by.officer.officer_id.clone());
        let mut entry = Entry::new(actor, self.by.officer.role.word(), Purpose::Tracing, Action::EXPORT);
        entry.objects = &objects;
        entry.fields = if self.names() { WHOLE } else { PSEUDONYMOUS };
        entry.record = Some(self.export_id);
        entry.count = u32::try_from(people.len()).unwrap_or(u32::MAX);
        entry.scope = Some(self.by.officer.scope.unit);
        self.app.audit.record(entry).await?;
        Ok(people::load(self.app, &people).await?.into_iter().collect())
    }

    async fn write(&mut self, rows: Vec<Vec<String>>) -> Result<(), ServiceError> {
        self.rows += u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let mut writer = self
            .writer
            .take()
            .ok_or(ServiceError::Internal("an export has no file"))?;
        let writer = tokio::task::spawn_blocking(move || {
            for row in &rows {
                writer.row(row, &[])?;
            }
            Ok::<_, std::io::Error>(writer)
        })
        .await
        .map_err(|_| ServiceError::Internal("writing an export was cut off"))?
        .map_err(|_| full())?;
        self.writer = Some(writer);
        Ok(())
    }

    fn names(&self) -> bool {
        self.by.officer.role.rule().identity == IdentitySight::Inside
    }

    /// Name, birth, sex, telephones, address, documents; for roles that see no names only year of birth and sex.
    fn person(&self, person: Option<&Person>) -> Vec<String> {
        let Some(person) = person else {
            return vec![String::new(); 6];
        };
        let identity = &person.identity;
        let names = self.names();
        let shown = |text: String| if names { text } else { String::new() };
        let birth = match identity.birth {
            Some(Birth::Day(_)) if names => identity.birth.and_then(Birth::date).map(CivilDate::local),
            Some(birth) => Some(birth.year().to_string()),
            None => None,
        };
        let documents: Vec<&str> = identity.documents.iter().map(|one| one.number.as_str()).collect();
        vec![
            shown(identity.name.clone()),
            birth.unwrap_or_default(),
            identity.sex.map(sex_word).unwrap_or_default().to_owned(),
            shown(identity.phones.join("; ")),
            shown(identity.address.clone()),
            shown(documents.join("; ")),
        ]
    }

    fn units(&self, place: &Place) -> Vec<String> {
        let name = |unit: Option<i64>, tier: Tier| {
            unit.and_then(UnitId::from_number)
                .and_then(|unit| self.app.geo.unit(unit))
                .filter(|unit| unit.tier() == tier)
                .map(|unit| unit.full_name())
                .unwrap_or_default()
        };
        vec![name(place.commune, Tier::COMMUNE), name(place.district, Tier::DISTRICT)]
    }

    fn contact(&self, contact: &Contact, person: Option<&Person>, place: Option<String>) -> Vec<String> {
        let day = |day: Option<CivilDate>| day.map(CivilDate::local).unwrap_or_default();
        let mut row = vec![
            contact.label.clone(),
            contact.generation.map(|of| format!("F{of}")).unwrap_or_default(),
            contact.case_label.clone(),
        ];
        row.extend(self.person(person));
        row.extend(self.units(&contact.place));
        row.extend([
            contact.exposed_on.local(),
            contact
                .exposed_minutes
                .map(|minutes| minutes.to_string())
                .unwrap_or_default(),
            place.unwrap_or_default(),
            contact.relation.clone(),
            contact.level.to_string(),
            (self.words.state)(&format!("cases-contact-{}", contact.state.word().replace('_', "-"))),
            contact.attempts.to_string(),
            moment(contact.due_at),
            day(contact.follow.map(|follow| follow.0)),
            day(contact.follow.map(|follow| follow.1)),
            moment(contact.created_at),
        ]);
        row
    }

    fn case(&self, case: &CaseFile, person: Option<&Person>) -> Vec<String> {
        let mut row = vec![case.label.clone()];
        row.extend(self.person(person));
        row.extend(self.units(&case.place));
        row.extend([
            (self.words.state)(&format!("cases-state-{}", case.state.word())),
            (self.words.state)(&format!("desk-finding-{}", case.finding.word())),
            case.test_date.local(),
            case.onset_date.map(CivilDate::local).unwrap_or_default(),
            case.isolated_date.map(CivilDate::local).unwrap_or_default(),
            moment(case.opened_at),
        ]);
        row
    }
}

/// Ids of the texts of the columns of an export, in order.
pub fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contacts => &[
            "exchange-col-code",
            "exchange-col-generation",
            "exchange-field-case-code",
            "exchange-field-name",
            "exchange-field-birth",
            "exchange-field-sex",
            "exchange-field-phone",
            "exchange-field-address",
            "exchange-field-document",
            "exchange-field-commune",
            "exchange-col-district",
            "exchange-field-exposed-on",
            "exchange-field-minutes",
            "exchange-field-place",
            "exchange-field-relation",
            "exchange-field-level",
            "exchange-col-state",
            "exchange-col-attempts",
            "exchange-col-due",
            "exchange-col-follow-from",
            "exchange-col-follow-until",
            "exchange-col-entered",
        ],
        Kind::Cases => &[
            "exchange-field-code",
            "exchange-field-name",
            "exchange-field-birth",
            "exchange-field-sex",
            "exchange-field-phone",
            "exchange-field-address",
            "exchange-field-document",
            "exchange-field-commune",
            "exchange-col-district",
            "exchange-col-state",
            "exchange-col-finding",
            "exchange-field-test-date",
            "exchange-field-onset",
            "exchange-col-isolated",
            "exchange-col-entered",
        ],
    }
}

fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "nữ",
        Sex::Male => "nam",
    }
}

fn moment(at: protocol::time::UnixSeconds) -> String {
    if at.0 <= 0 {
        return String::new();
    }
    format!("{} {}", CivilDate::today(at).local(), clock_time(at))
}
