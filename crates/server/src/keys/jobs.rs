//! Cutting, signing and erasing export files.
//!
//! A file is written to the object store first and then listed in the same transaction that marks its keys exported.
//! Every attempt has its own number and so its own file name: a process that dies at any point leaves at most a file
//! that no index lists, and its keys are claimed again (U32).

use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use protocol::diagnosis::DiagnosisKey;
use protocol::export::{ExportHeader, ExportWriter, MAX_KEYS, SignatureInfo};
use protocol::time::{DAY_SECONDS, UnixSeconds};

use super::{model, store};
use crate::app::{KeysApp, KeysInner};
use crate::db::transaction;
use crate::error::ServiceError;

/// How long keys and files are kept (U34).
const RETENTION_SECONDS: i64 = 14 * DAY_SECONDS;
/// How long a used certificate is remembered, so that a lost answer can be asked for again (U4).
const REMEMBER_USE_SECONDS: i64 = DAY_SECONDS;
/// Age after which an unlisted file can only be litter.
const LITTER_SECONDS: i64 = DAY_SECONDS;
/// Length of a period before the first export.
const FIRST_PERIOD_SECONDS: i64 = DAY_SECONDS;

/// Cuts all files that are due: keys out of embargo at the end of the newest whole period (U30). Returns their names.
///
/// # Errors
///
/// [`ServiceError`] of the database or the object store; keys that were not listed wait for the next run.
pub async fn cut_exports(app: &KeysApp) -> Result<Vec<String>, ServiceError> {
    let now = app.clock.now();
    let end = model::period_end(now, app.config.export_period_seconds);
    let mut names = Vec::new();
    loop {
        let cut = cut_one(app, end, now, names.len()).await?;
        let Some((name, keys)) = cut else { break };
        names.push(name);
        if keys < MAX_KEYS {
            break;
        }
    }
    Ok(names)
}

async fn cut_one(
    app: &KeysApp,
    end: UnixSeconds,
    now: UnixSeconds,
    already: usize,
) -> Result<Option<(String, usize)>, ServiceError> {
    let limit = i64::try_from(MAX_KEYS).unwrap_or(i64::MAX);
    let claimed = transaction!(app.db, "claim keys for export", |tx| {
        let last = store::last_end(tx).await?;
        // Never two cuts of one period, except for the rest of a very large one.
        if already == 0 && last.is_some_and(|last| last >= end) {
            return Ok(None);
        }
        let empty = already == 0 && app.config.always_pad;
        if !empty && !store::any_waiting(tx, end).await? {
            return Ok(None);
        }
        Ok(Some((store::claim(tx, end, now, limit).await?, last)))
    })?;
    let Some((attempt, last)) = claimed else {
        return Ok(None);
    };
    let start = last.unwrap_or(end.plus(-FIRST_PERIOD_SECONDS)).min(end.plus(-1));
    // Later files of one period end a second later each, so that every file is a batch of its own.
    let end = end.plus(i64::try_from(already).unwrap_or(0));
    let keys = load_keys(app, attempt.number).await?;
    let real = keys.len();
    if real as u64 != attempt.keys {
        return Err(ServiceError::Conflict {
            why: "another export took the keys",
        });
    }
    let zip = write_file(app, &padded(app, keys, end), start, end)?;
    let file = store::ListedFile {
        name: format!("{}-{}-{:05}.zip", start.0, end.0, attempt.number),
        start,
        end,
        keys: i64::try_from(zip.1).unwrap_or(i64::MAX),
        bytes: i64::try_from(zip.0.len()).unwrap_or(i64::MAX),
    };
    app.files
        .put(&path_of(app, &file.name), PutPayload::from(zip.0))
        .await?;
    transaction!(app.db, "list export file", |tx| {
        let marked = store::list_file(tx, attempt.number, &file).await?;
        if marked == attempt.keys {
            Ok(())
        } else {
            Err(ServiceError::Conflict {
                why: "another export took the keys",
            })
        }
    })?;
    metrics::counter!("export_keys_total").increment(real as u64);
    Ok(Some((file.name, real)))
}

async fn load_keys(app: &KeysApp, number: i64) -> Result<Vec<DiagnosisKey>, ServiceError> {
    let mut keys: Vec<DiagnosisKey> = Vec::new();
    loop {
        let page = store::claimed_keys(&app.db, number, keys.last().map(|k| k.key)).await?;
        if page.is_empty() {
            return Ok(keys);
        }
        keys.extend(page);
    }
}

fn padded(app: &KeysApp, mut keys: Vec<DiagnosisKey>, end: UnixSeconds) -> Vec<DiagnosisKey> {
    let pick = |bound: usize| app.entropy.below(u32::try_from(bound).unwrap_or(u32::MAX)) as usize;
    let padding = model::padding(&keys, app.config.export_minimum_keys, end, || app.entropy.bytes(), pick);
    keys.extend(padding);
    keys.sort_unstable_by_key(|key| key.key);
    keys.dedup_by_key(|key| key.key);
    keys
}

/// Returns the signed zip and the number of keys in it.
fn write_file(
    app: &KeysApp,
    keys: &[DiagnosisKey],
    start: UnixSeconds,
    end: UnixSeconds,
) -> Result<(Vec<u8>, usize), ServiceError> {
    let header = ExportHeader {
        start,
        end,
        region: app.config.region.clone(),
        batch_num: 1,
        batch_size: 1,
        signature_infos: vec![SignatureInfo {
            key_version: app.config.export_key_version.clone(),
            key_id: app.config.export_key_id.clone(),
            algorithm: protocol::export::ALGORITHM.into(),
        }],
    };
    let unwritten = |_| ServiceError::Internal("an export could not be written");
    let mut writer = ExportWriter::new(Vec::new(), header).map_err(unwritten)?;
    for key in keys {
        writer.push(key).map_err(unwritten)?;
    }
    let zip = writer.finish(&app.secrets.export).map_err(unwritten)?;
    Ok((zip, keys.len()))
}

/// Erases keys, files and used certificates whose time is over, and files no index lists (U34).
///
/// # Errors
///
/// [`ServiceError`] of the database or the object store; the rest is erased by the next run.
pub async fn erase_expired(app: &KeysApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "erase expired keys", |tx| {
        store::erase(tx, now.plus(-RETENTION_SECONDS)).await?;
        store::erase_uses(tx, now.plus(-REMEMBER_USE_SECONDS)).await?;
        Ok(())
    })?;
    sweep(app, now).await
}

/// Deletes files that are not listed and whose attempt is long over.
async fn sweep(app: &KeysApp, now: UnixSeconds) -> Result<(), ServiceError> {
    let newest = store::newest_attempt_before(&app.db, now.plus(-LITTER_SECONDS)).await?;
    let listed = store::listed_names(&app.db).await?;
    let folder = Path::from("exports").join(app.config.region.as_str());
    let found = app.files.list_with_delimiter(Some(&folder)).await?;
    for object in found.objects {
        let name = object.location.filename().unwrap_or_default();
        let number = name
            .rsplit('-')
            .next()
            .and_then(|n| n.strip_suffix(".zip"))
            .and_then(|n| n.parse::<i64>().ok());
        if number.is_some_and(|n| n <= newest) && !listed.iter().any(|l| l == name) {
            app.files.delete(&object.location).await?;
        }
    }
    Ok(())
}

pub(super) fn path_of(app: &Arc<KeysInner>, name: &str) -> Path {
    Path::from("exports").join(app.config.region.as_str()).join(name)
}
