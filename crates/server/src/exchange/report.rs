//! The error workbook: the same list again, wrong cells red, and in the last column what is wrong, in the officer's language.

use std::fs::File;

use super::acts::{find_import, load_chunk};
use super::fields::Field;
use super::model::{Import, ImportState, RowState};
use super::sheet::{CellTone, OutFormat, SheetWriter};
use super::store;
use super::upload::shape;

use crate::app::AuthorityApp;
use crate::audit::{Action, Actor, Entry, Purpose};
use crate::auth::Session;
use crate::cases::grid::Column;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::ListKey;

/// What the words of a report are.
pub struct Words<'a> {
    /// Heading of the column that says what is wrong.
    pub heading: String,
    /// Says a fault, by its word.
    pub fault: &'a (dyn Fn(&str) -> String + Sync),
    /// Names a field, for a list that has no heading.
    pub field: &'a (dyn Fn(Field) -> String + Sync),
}

/// Returns the list with what is wrong with it, as a workbook in a file without a name; only wrong rows on wish. Mended and
/// uploaded again it enters those rows, and no other a second time.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] before the rows are checked or after their day.
pub async fn error_workbook(
    app: &AuthorityApp,
    by: &Session,
    import_id: &str,
    only_bad: bool,
    words: &Words<'_>,
) -> Result<File, ServiceError> {
    let list = find_import(app, by, import_id).await?;
    if matches!(
        list.state,
        ImportState::Uploaded | ImportState::Checking | ImportState::Expired
    ) {
        return Err(ServiceError::Conflict {
            why: "its rows are not checked, or their day is over",
        });
    }
    let key = ListKey::find(app, list.key_id).await?;
    let key = key.ok_or(ServiceError::Conflict { why: "its day is over" })?;
    let actor = Actor::Officer(by.officer.officer_id.clone());
    let mut entry = Entry::new(actor, by.officer.role.word(), Purpose::Tracing, Action::EXPORT);
    entry.record = Some(&list.import_id);
    entry.count = u32::try_from(if only_bad { list.bad } else { list.total }).unwrap_or(u32::MAX);
    entry.scope = Some(by.officer.scope.unit);
    app.audit.record(entry).await?;
    let width = list.fields.len();
    let heading = load_chunk(app, &key, import_id, 0).await?.map(|(rows, _)| rows);
    let mut heading = heading.and_then(|mut rows| rows.pop()).unwrap_or_default();
    if heading.is_empty() {
        heading = list.fields.iter().map(|field| (words.field)(*field)).collect();
    }
    heading.resize(width, String::new());
    heading.push(words.heading.clone());
    know_again(app, by, &list, &heading).await?;
    let mut writer = SheetWriter::begin(OutFormat::Xlsx, &heading).map_err(|_| full())?;
    let mut at = 1;
    while let Some((rows, verdicts)) = load_chunk(app, &key, import_id, at).await? {
        for (mut cells, verdict) in rows.into_iter().zip(verdicts) {
            let is_bad = verdict.state == RowState::Bad;
            if only_bad && !is_bad {
                continue;
            }
            // A reason that an earlier report left behind the list's own cells is not one of them.
            cells.resize(width, String::new());
            let mut tones = vec![CellTone::Plain; width + 1];
            let mut said: Vec<String> = Vec::new();
            for (column, word) in &verdict.wrong {
                if let Some(tone) = column.and_then(|column| tones.get_mut(usize::from(column))) {
                    *tone = CellTone::Wrong;
                }
                said.push((words.fault)(word));
            }
            if is_bad {
                tones[width] = CellTone::Wrong;
            }
            cells.push(said.join("; "));
            writer.row(&cells, &tones).map_err(|_| full())?;
        }
        at += 1;
    }
    tokio::task::spawn_blocking(move || writer.finish(None))
        .await
        .map_err(|_| ServiceError::Internal("writing a workbook was cut off"))?
        .map_err(|_| full())
}

/// Remembers the columns of the list that is given back, so that it need not be explained a second time.
async fn know_again(app: &AuthorityApp, by: &Session, list: &Import, heading: &[String]) -> Result<(), ServiceError> {
    let mut back = list.clone();
    back.shape = shape(Some(heading), heading.len());
    back.fields.push(Field::Grid(Column::Ignored));
    let now = app.clock.now();
    let back = &back;
    transaction!(app.db, "remember columns", |tx| {
        Ok(store::remember(tx, back, by.officer.scope, now).await?)
    })
}

/// Says that a temporary file could not be written.
pub(super) fn full() -> ServiceError {
    ServiceError::Unavailable {
        what: "room for a temporary file",
    }
}
