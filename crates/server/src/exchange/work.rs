//! Checking an uploaded list and entering its good rows, chunk by chunk: cut off anywhere, it goes on where it was, and a row
//! that was entered is found again by its fingerprint.

use std::collections::{BTreeMap, HashMap};

use super::acts::{find_import, load_chunk, verdicts_place};
use super::fields::Field;
use super::model::{Import, ImportState, Kind, RowState, Verdict};
use super::rows::{Faults, Reader, Row};
use super::store;
use crate::app::AuthorityApp;
use crate::auth::{Permission, Session};
use crate::cases::chain::link_cases;
use crate::cases::contacts::{Batch, Entered, NewContact, add_lists};
use crate::cases::files::{MAX_CASE_AGE_DAYS, NewCaseFile, Subject, labelled, open_case};
use crate::cases::known::known_here;
use crate::cases::model::{CaseFile, CaseState, Origin};
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::search::{Candidate, Reason};
use crate::people::{self, Fingerprint, LegalBasis, ListKey, NewPerson, PersonId};

/// How long a process has a list while it works on it, in seconds; each chunk renews it.
const LEASE_SECONDS: i64 = 120;
/// From this probability on somebody known, with the same telephone number or document, is taken to be the person of a row.
const CERTAIN: f32 = 0.9;
/// Most links noted at once.
const LINKS: usize = 500;
/// Works on a list until it waits for the officer again; returns at once when another process has it.
///
/// # Errors
///
/// [`ServiceError`] of the first chunk that failed; the next call goes on with it.
pub async fn go_on(app: &AuthorityApp, by: &Session, import_id: &str) -> Result<(), ServiceError> {
    go_on_for(app, by, import_id, usize::MAX).await
}

/// Works on at most `chunks` chunks of a list and leaves it as a process that dies leaves it: taken until its lease is over.
///
/// # Errors
///
/// As [`go_on`].
pub async fn go_on_for(app: &AuthorityApp, by: &Session, import_id: &str, chunks: usize) -> Result<(), ServiceError> {
    if !by.may(Permission::ImportRun) {
        return Err(ServiceError::NotAllowed);
    }
    let now = app.clock.now();
    let mut list = find_import(app, by, import_id).await?;
    if !list.state.is_running() {
        return Ok(());
    }
    let until = now.plus(LEASE_SECONDS);
    let is_mine = transaction!(app.db, "lease list", |tx| {
        Ok(store::lease(tx, import_id, now, until).await?)
    })?;
    if !is_mine {
        return Ok(());
    }
    let key = ListKey::find(app, list.key_id).await?;
    let key = key.ok_or(ServiceError::Conflict { why: "its day is over" })?;
    let today = CivilDate::today(now);
    let reader = Reader::new(app, by.officer.scope, list.kind, &list.fields, &list.options, today);
    let work = Work { app, by, key, reader };
    let mut left = chunks;
    while list.state.is_running() && left > 0 {
        left -= 1;
        let done = work.step(&mut list).await;
        if let Err(error) = done {
            // Whoever comes next need not wait.
            list.leased_until = now;
            let list = &list;
            transaction!(app.db, "give list back", |tx| { Ok(store::save(tx, list).await?) })?;
            return Err(error);
        }
    }
    Ok(())
}

struct Work<'a> {
    app: &'a AuthorityApp,
    by: &'a Session,
    key: ListKey,
    reader: Reader,
}

impl Work<'_> {
    /// Works on the next chunk and writes what came of it.
    async fn step(&self, list: &mut Import) -> Result<(), ServiceError> {
        let at = list.next_chunk;
        let Some((cells, verdicts)) = load_chunk(self.app, &self.key, &list.import_id, at).await? else {
            (list.state, list.next_chunk) = match (list.state, list.kind) {
                (ImportState::Checking, _) => (ImportState::Checked, at),
                (ImportState::Entering, Kind::Cases) => (ImportState::Linking, 1),
                _ => (ImportState::Done, at),
            };
            let until = if list.state.is_running() { LEASE_SECONDS } else { 0 };
            list.leased_until = self.app.clock.now().plus(until);
            let list = &*list;
            return transaction!(self.app.db, "end of list", |tx| { Ok(store::save(tx, list).await?) });
        };
        let verdicts = match list.state {
            ImportState::Checking => Some(self.check(list, &cells).await?),
            ImportState::Entering => Some(self.enter(list, &cells, verdicts).await?),
            _ => {
                self.link(list, &cells, &verdicts).await?;
                None
            }
        };
        list.next_chunk += 1;
        list.leased_until = self.app.clock.now().plus(LEASE_SECONDS);
        let sealed = verdicts
            .map(|verdicts| serde_json::to_vec(&verdicts))
            .transpose()
            .map_err(|_| ServiceError::Internal("verdicts cannot be written"))?
            .map(|plain| self.key.seal(self.app, &verdicts_place(&list.import_id, at), &plain));
        let list = &*list;
        transaction!(self.app.db, "chunk of list", |tx| {
            if let Some(sealed) = &sealed {
                store::set_verdicts(tx, &list.import_id, at, sealed).await?;
            }
            Ok(store::save(tx, list).await?)
        })
    }

    async fn check(&self, list: &mut Import, cells: &[Vec<String>]) -> Result<Vec<Verdict>, ServiceError> {
        let today = CivilDate::today(self.app.clock.now());
        let mut rows: Vec<Result<Row, Faults>> = cells.iter().map(|cells| self.reader.read(cells)).collect();
        for row in &mut rows {
            let Ok(read) = row else { continue };
            let person = NewPerson {
                identity: read.identity.clone(),
                commune: None,
                legal_basis: LegalBasis::Law,
            };
            match people::check(person, today) {
                Ok(person) => read.identity = person.identity,
                Err(ServiceError::Invalid { field, .. }) => *row = Err(vec![(None, bad(field))]),
                Err(other) => return Err(other),
            }
        }
        let cases = self
            .cases(list, rows.iter().filter_map(|row| row.as_ref().ok()))
            .await?;
        let column = |field| {
            let at = list.fields.iter().position(|own| *own == field);
            at.and_then(|at| u16::try_from(at).ok())
        };
        for row in &mut rows {
            let Ok(read) = row else { continue };
            let wrong = match (list.kind, &read.code) {
                (Kind::Contacts, Some(code)) => match cases.get(code) {
                    None => Some("unknown-case"),
                    Some(case) => case.person.is_none().then_some("case-unnamed"),
                },
                _ => None,
            };
            if let Some(word) = wrong {
                *row = Err(vec![(column(Field::CaseCode), word)]);
            }
        }
        let known = self.known(&rows).await?;
        let verdicts: Vec<Verdict> = rows
            .into_iter()
            .zip(known)
            .map(|(row, known)| match row {
                Err(faults) => Verdict {
                    state: RowState::Bad,
                    wrong: faults.into_iter().map(|(at, word)| (at, word.to_owned())).collect(),
                    person: None,
                },
                Ok(row) => Verdict {
                    state: match (known, row.code.as_ref().and_then(|code| cases.get(code)), list.kind) {
                        (_, Some(_), Kind::Cases) => RowState::Known,
                        (Some(_), ..) => RowState::Matched,
                        _ => RowState::New,
                    },
                    wrong: Vec::new(),
                    person: known.map(|person| person.hex()),
                },
            })
            .collect();
        let bad = verdicts.iter().filter(|row| row.state == RowState::Bad).count() as i64;
        list.bad += bad;
        list.good += verdicts.len() as i64 - bad;
        Ok(verdicts)
    }

    /// Returns the cases of the own unit that rows name, by code.
    async fn cases<'b>(
        &self,
        list: &Import,
        rows: impl Iterator<Item = &'b Row>,
    ) -> Result<HashMap<String, CaseFile>, ServiceError> {
        let mut codes: Vec<String> = rows
            .flat_map(|row| {
                let sources = if list.state == ImportState::Linking {
                    row.sources.as_slice()
                } else {
                    &[]
                };
                row.code.iter().chain(sources).cloned()
            })
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let found = labelled(self.app, self.by, &codes).await?;
        Ok(found.into_iter().map(|case| (case.label.clone(), case)).collect())
    }

    /// Returns for each row who it is, when it was entered before or somebody of the own unit is that person for certain.
    async fn known<E>(&self, rows: &[Result<Row, E>]) -> Result<Vec<Option<PersonId>>, ServiceError> {
        let prints: Vec<Option<Fingerprint>> = rows
            .iter()
            .map(|row| row.as_ref().ok().map(|row| self.print(row)))
            .collect();
        let asked: Vec<Fingerprint> = prints.iter().flatten().copied().collect();
        let by_row = people::of_rows(self.app, &asked).await?;
        let mut known: Vec<Option<PersonId>> = prints
            .iter()
            .map(|print| print.and_then(|print| by_row.get(&print).copied()))
            .collect();
        let strangers: Vec<(usize, people::Identity)> = rows
            .iter()
            .enumerate()
            .filter(|(at, _)| known[*at].is_none())
            .filter_map(|(at, row)| Some((at, row.as_ref().ok()?.identity.clone())))
            .filter(|(_, identity)| !identity.phones.is_empty() || !identity.documents.is_empty())
            .collect();
        let finder = std::sync::Arc::clone(&self.app.finder);
        let candidates: Vec<(usize, Vec<Candidate>)> = tokio::task::spawn_blocking(move || {
            let look = |(at, identity): (usize, people::Identity)| (at, finder.sharing_number(&identity, 3));
            strangers.into_iter().map(look).collect()
        })
        .await
        .map_err(|_| ServiceError::Internal("looking for people was cut off"))?;
        let certain = |candidate: &&Candidate| {
            let same = |reason: &Reason| matches!(reason, Reason::SamePhone | Reason::SameDocument);
            candidate.probability >= CERTAIN && candidate.reasons.iter().any(same)
        };
        let found: Vec<(usize, PersonId)> = candidates
            .iter()
            .filter_map(|(at, all)| {
                let mut all = all.iter().filter(certain);
                match (all.next(), all.next()) {
                    (Some(one), None) => Some((*at, one.person)),
                    // Two who fit are nobody: an officer decides.
                    _ => None,
                }
            })
            .collect();
        let people: Vec<PersonId> = found.iter().map(|(_, person)| *person).collect();
        let here = known_here(self.app, self.by, &people).await?;
        for (at, person) in found.into_iter().filter(|(_, person)| here.contains_key(person)) {
            known[at] = Some(person);
        }
        Ok(known)
    }

    fn print(&self, row: &Row) -> Fingerprint {
        people::fingerprint(self.app, &row.identity)
    }

    async fn enter(
        &self,
        list: &mut Import,
        cells: &[Vec<String>],
        mut verdicts: Vec<Verdict>,
    ) -> Result<Vec<Verdict>, ServiceError> {
        let mut rows: Vec<(usize, Row)> = Vec::new();
        for (at, cells) in cells.iter().enumerate() {
            let verdict = verdicts.get(at).map(|verdict| verdict.state);
            if matches!(verdict, Some(RowState::New | RowState::Matched | RowState::Known))
                && let Ok(row) = self.reader.read(cells)
            {
                rows.push((at, row));
            }
        }
        let subjects = self.subjects(&mut rows, &verdicts).await?;
        let entered = match list.kind {
            Kind::Contacts => self.enter_contacts(list, &rows, subjects).await?,
            Kind::Cases => self.enter_cases(&rows, subjects).await?,
        };
        for ((at, _), state) in rows.iter().zip(entered) {
            match state {
                Ok(true) => list.entered += 1,
                Ok(false) => list.known += 1,
                Err(word) => {
                    list.bad += 1;
                    list.good -= 1;
                    verdicts[*at].wrong = vec![(None, word.to_owned())];
                }
            }
            verdicts[*at].state = match state {
                Ok(true) => RowState::Entered,
                Ok(false) => RowState::Known,
                Err(_) => RowState::Bad,
            };
        }
        Ok(verdicts)
    }

    /// Returns whom each row is about.
    async fn subjects(&self, rows: &mut [(usize, Row)], verdicts: &[Verdict]) -> Result<Vec<Subject>, ServiceError> {
        let today = CivilDate::today(self.app.clock.now());
        for (_, row) in rows.iter_mut() {
            let person = NewPerson {
                identity: std::mem::take(&mut row.identity),
                commune: None,
                legal_basis: LegalBasis::Law,
            };
            row.identity = people::check(person, today)?.identity;
        }
        let prints: Vec<Fingerprint> = rows.iter().map(|(_, row)| self.print(row)).collect();
        let by_row = people::of_rows(self.app, &prints).await?;
        let subject = |((at, row), print): (&(usize, Row), &Fingerprint)| {
            let matched = verdicts.get(*at).and_then(|verdict| verdict.person.as_deref());
            match by_row.get(print).copied().or(matched.and_then(PersonId::parse)) {
                Some(person) => Subject::Known(person),
                None => Subject::Listed(Box::new(row.identity.clone()), *print),
            }
        };
        Ok(rows.iter().zip(&prints).map(subject).collect())
    }

    /// Enters contacts; `true` for those that are new.
    async fn enter_contacts(
        &self,
        list: &Import,
        rows: &[(usize, Row)],
        subjects: Vec<Subject>,
    ) -> Result<Vec<Result<bool, &'static str>>, ServiceError> {
        let cases = self.cases(list, rows.iter().map(|(_, row)| row)).await?;
        let mut states: Vec<Result<bool, &'static str>> = vec![Err("unknown-case"); rows.len()];
        let mut batches: BTreeMap<String, (Vec<usize>, Vec<NewContact>)> = BTreeMap::new();
        for (at, ((_, row), subject)) in rows.iter().zip(subjects).enumerate() {
            let case_id = match &row.code {
                Some(code) => cases.get(code).map(|case| case.case_id.clone()),
                None => list.options.case_id.clone(),
            };
            let (Some(case_id), Some(unit)) = (case_id, row.unit) else {
                continue;
            };
            let (places, contacts) = batches.entry(case_id).or_default();
            places.push(at);
            contacts.push(NewContact {
                subject,
                exposed_on: row.day,
                minutes: row.minutes,
                place: row.place.clone(),
                relation: row.relation.clone(),
                level: row.level,
                unit,
                origin: Origin::Interview,
            });
        }
        let places: Vec<Vec<usize>> = batches.values().map(|(places, _)| places.clone()).collect();
        let batches: Vec<Batch> = batches
            .into_iter()
            .map(|(case_id, (_, contacts))| Batch {
                case_id,
                of_contact: None,
                contacts,
                entry_seconds: None,
            })
            .collect();
        if batches.is_empty() {
            return Ok(states);
        }
        let entered = add_lists(self.app, self.by, batches, &list.import_id).await?;
        for (places, entered) in places.iter().zip(entered) {
            for (at, entered) in places.iter().zip(entered) {
                states[*at] = Ok(matches!(entered, Entered::New(_)));
            }
        }
        Ok(states)
    }

    /// Enters cases; `true` for those that are new.
    async fn enter_cases(
        &self,
        rows: &[(usize, Row)],
        subjects: Vec<Subject>,
    ) -> Result<Vec<Result<bool, &'static str>>, ServiceError> {
        let codes: Vec<String> = rows.iter().filter_map(|(_, row)| row.code.clone()).collect();
        let there = labelled(self.app, self.by, &codes).await?;
        let today = CivilDate::today(self.app.clock.now());
        let mut states = Vec::with_capacity(rows.len());
        for ((_, row), subject) in rows.iter().zip(subjects) {
            let is_there = row.code.is_some() && there.iter().any(|case| Some(&case.label) == row.code.as_ref());
            // A row without a code is known by whom it is about.
            let was_entered = row.code.is_none() && matches!(subject, Subject::Known(_));
            let Some(unit) = row.unit.filter(|_| !is_there && !was_entered) else {
                states.push(Ok(false));
                continue;
            };
            let is_over = today.days_since(row.day) > MAX_CASE_AGE_DAYS;
            let new = NewCaseFile {
                subject,
                label: row.code.clone(),
                state: if is_over {
                    CaseState::Closed
                } else {
                    CaseState::Confirmed
                },
                finding: Finding::Confirmed,
                test_date: row.day,
                onset_date: row.onset,
                unit,
                is_listed: true,
            };
            states.push(match open_case(self.app, self.by, new).await {
                Ok(_) => Ok(true),
                // The code belongs to a case of another unit, or twice to this list.
                Err(ServiceError::Conflict { .. }) => Err("code-taken"),
                Err(ServiceError::Invalid { field, .. }) => Err(bad(field)),
                Err(other) => return Err(other),
            });
        }
        Ok(states)
    }

    /// Notes who came from whom, for the rows of a chunk; codes of no case of the own unit say where somebody came from and
    /// are no links.
    async fn link(&self, list: &mut Import, cells: &[Vec<String>], verdicts: &[Verdict]) -> Result<(), ServiceError> {
        let rows: Vec<Row> = cells
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| matches!(verdict.state, RowState::Entered | RowState::Known))
            .filter_map(|(cells, _)| self.reader.read(cells).ok())
            .filter(|row| !row.sources.is_empty())
            .collect();
        let cases = self.cases(list, rows.iter()).await?;
        let mut links = Vec::new();
        for row in &rows {
            let Some(case) = row.code.as_ref().and_then(|code| cases.get(code)) else {
                continue;
            };
            let sources = row.sources.iter().filter_map(|code| cases.get(code));
            links.extend(sources.map(|source| (source.case_id.clone(), case.case_id.clone())));
        }
        for part in links.chunks(LINKS) {
            list.links += link_cases(self.app, self.by, part, &list.import_id).await? as i64;
        }
        Ok(())
    }
}

/// Returns the word of the fault that a field of a person has.
fn bad(field: &str) -> &'static str {
    match field {
        "name" => "bad-name",
        "birth" => "bad-birth",
        "phones" => "bad-phone",
        "documents" => "bad-document",
        "unit" => "bad-commune",
        "test_date" | "onset_date" => "bad-day",
        "label" => "bad-code",
        _ => "too-long",
    }
}
