//! What an officer does with a list of the own: says what its columns are, has it entered, or has it destroyed.

use protocol::time::UnixSeconds;

use super::fields::Field;
use super::model::{Import, ImportState, Options, RowState, Verdict};
use super::store;
use super::upload::cells_place;
use crate::app::AuthorityApp;
use crate::auth::Session;
use crate::cases::files::load_file;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;
use crate::people::{ListKey, PersonId};

/// Lists shown.
const LISTED: u32 = 50;

/// Returns a list of the officer's own.
///
/// # Errors
///
/// [`ServiceError::NotFound`], the same whether it is another's or nobody's.
pub async fn find_import(app: &AuthorityApp, by: &Session, import_id: &str) -> Result<Import, ServiceError> {
    let found = store::find(&app.db, import_id, &by.officer.officer_id).await?;
    found.ok_or(ServiceError::NotFound { what: "import" })
}

/// Returns the officer's newest lists.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_imports(app: &AuthorityApp, by: &Session) -> Result<Vec<Import>, ServiceError> {
    Ok(store::list(&app.db, &by.officer.officer_id, LISTED).await?)
}

/// Returns when the officer had rows of the same file entered before.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(super) async fn earlier(
    app: &AuthorityApp,
    by: &Session,
    list: &Import,
) -> Result<Option<UnixSeconds>, ServiceError> {
    Ok(store::same_content(&app.db, list, &by.officer.officer_id).await?)
}

/// What a page shows of a list's rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// The heading; empty without one.
    pub(super) heading: Vec<String>,
    /// The first rows.
    pub(super) first: Vec<Vec<String>>,
    /// Wrong rows: number among the rows, cells, and what is wrong.
    pub(super) wrong: Vec<(i64, Vec<String>, Verdict)>,
}

/// First rows shown.
const FIRST: usize = 5;
/// Chunks that are looked through for wrong rows.
const LOOKED_THROUGH: i64 = 20;

/// Returns the heading, the first rows and up to `most` wrong ones; nothing when the list's day is over.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(super) async fn sample(app: &AuthorityApp, list: &Import, most: usize) -> Result<Sample, ServiceError> {
    let Some(key) = ListKey::find(app, list.key_id).await? else {
        return Ok(Sample::default());
    };
    let mut sample = Sample::default();
    if let Some((mut rows, _)) = load_chunk(app, &key, &list.import_id, 0).await? {
        sample.heading = rows.pop().unwrap_or_default();
    }
    let is_checked = matches!(list.state, ImportState::Checked | ImportState::Done);
    let last = if is_checked && list.bad > 0 { LOOKED_THROUGH } else { 1 };
    let mut number = 0;
    for at in 1..=last {
        let Some((rows, verdicts)) = load_chunk(app, &key, &list.import_id, at).await? else {
            break;
        };
        if at == 1 {
            sample.first = rows.iter().take(FIRST).cloned().collect();
        }
        let mut verdicts = verdicts.into_iter();
        for mut cells in rows {
            number += 1;
            let verdict = verdicts.next().unwrap_or_default();
            if is_checked && verdict.state == RowState::Bad && sample.wrong.len() < most {
                cells.resize(list.fields.len(), String::new());
                sample.wrong.push((number, cells, verdict));
            }
        }
    }
    for row in &mut sample.first {
        row.resize(list.fields.len(), String::new());
    }
    if !sample.heading.is_empty() {
        sample.heading.resize(list.fields.len(), String::new());
    }
    Ok(sample)
}

/// Says what the columns are, and has the rows checked from the first on; the unit's next list with this heading begins so.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] when rows were entered already or are being; [`ServiceError::Invalid`].
pub async fn check(
    app: &AuthorityApp,
    by: &Session,
    import_id: &str,
    fields: Vec<Field>,
    options: Options,
) -> Result<(), ServiceError> {
    if let Some(case_id) = &options.case_id {
        load_file(app, by, case_id).await?;
    }
    let now = app.clock.now();
    let (fields, options) = (&fields, &options);
    transaction!(app.db, "check list", |tx| {
        let mut list = in_hand(tx, by, import_id).await?;
        if !matches!(
            list.state,
            ImportState::Uploaded | ImportState::Checking | ImportState::Checked
        ) {
            return Err(ServiceError::Conflict {
                why: "its rows are being entered or were",
            });
        }
        let allowed = Field::all(list.kind);
        if fields.len() != list.fields.len() || fields.iter().any(|field| !allowed.contains(field)) {
            return Err(ServiceError::Invalid {
                field: "fields",
                why: "one for each column",
            });
        }
        (list.fields, list.options) = (fields.clone(), options.clone());
        (list.state, list.next_chunk, list.good, list.bad) = (ImportState::Checking, 1, 0, 0);
        store::save(tx, &list).await?;
        if list.has_heading {
            store::remember(tx, &list, by.officer.scope, now).await?;
        }
        Ok(())
    })
}

/// Has the good rows of a checked list entered.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] when it is not checked, or no row is good.
pub async fn enter(app: &AuthorityApp, by: &Session, import_id: &str) -> Result<(), ServiceError> {
    transaction!(app.db, "enter list", |tx| {
        let mut list = in_hand(tx, by, import_id).await?;
        if list.state != ImportState::Checked || list.good == 0 {
            return Err(ServiceError::Conflict {
                why: "it has no checked good rows",
            });
        }
        (list.state, list.next_chunk) = (ImportState::Entering, 1);
        store::save(tx, &list).await?;
        Ok(())
    })
}

async fn in_hand(tx: &mut Tx, by: &Session, import_id: &str) -> Result<Import, ServiceError> {
    let found = store::find_in(tx, import_id, &by.officer.officer_id).await?;
    let list = found.ok_or(ServiceError::NotFound { what: "import" })?;
    if list.state == ImportState::Expired {
        return Err(ServiceError::Conflict { why: "its day is over" });
    }
    Ok(list)
}

/// Destroys a list's rows; what was entered stays.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn discard(app: &AuthorityApp, by: &Session, import_id: &str) -> Result<(), ServiceError> {
    let list = find_import(app, by, import_id).await?;
    ListKey::destroy(app, &[list.key_id]).await?;
    transaction!(app.db, "discard list", |tx| { Ok(store::empty(tx, import_id).await?) })
}

/// Destroys the rows of lists whose day is over.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn purge(app: &AuthorityApp) -> Result<(), ServiceError> {
    let over = store::over(&app.db, app.clock.now()).await?;
    let keys: Vec<PersonId> = over.iter().map(|(_, key)| *key).collect();
    ListKey::destroy(app, &keys).await?;
    let over = &over;
    transaction!(app.db, "purge lists", |tx| {
        for (import_id, _) in over {
            store::empty(tx, import_id).await?;
        }
        Ok(())
    })
}

/// Returns cells and verdicts of a chunk; `None` behind the last one.
pub(super) async fn load_chunk(
    app: &AuthorityApp,
    key: &ListKey,
    import_id: &str,
    at: i64,
) -> Result<Option<(Vec<Vec<String>>, Vec<Verdict>)>, ServiceError> {
    let Some((cells, verdicts)) = store::chunk(&app.db, import_id, at).await? else {
        return Ok(None);
    };
    let broken = ServiceError::Internal("a kept row does not open");
    let cells = key.open(&cells_place(import_id, at), &cells);
    let cells = cells
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or(broken)?;
    let verdicts = match verdicts {
        Some(sealed) => {
            let plain = key.open(&verdicts_place(import_id, at), &sealed);
            let broken = ServiceError::Internal("a kept verdict does not open");
            plain
                .and_then(|plain| serde_json::from_slice(&plain).ok())
                .ok_or(broken)?
        }
        None => Vec::new(),
    };
    Ok(Some((cells, verdicts)))
}

pub(super) fn verdicts_place(import_id: &str, chunk: i64) -> String {
    format!("import.verdicts/{import_id}/{chunk}")
}
