//! Accepts key uploads that a health authority vouches for and gives them out again as signed export files.
//!
//! It never learns whose keys they are, and holds nothing that tells which keys came together. An acknowledged key is
//! durable and ends in exactly one listed file. Start at [`publish`] and [`cut_exports`]; the rules are in
//! docs/spec/upload.md.

pub(crate) mod http;
mod jobs;
pub(crate) mod model;
mod store;

use protocol::message::{KeyOutcome, KeyUpload, KeyUploadAnswer};
use serde_json as json;

pub use jobs::{cut_exports, erase_expired};
pub use model::{Admitted, Issuer};

use crate::app::KeysApp;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;

/// Stores the keys of a verified upload and says what became of each (U2–U16).
///
/// Repeating the same upload with the same certificate gives the same answer and stores nothing twice.
///
/// # Errors
///
/// [`ServiceError::Refused`] with the rule that refused the upload; nothing is stored then.
pub async fn publish(app: &KeysApp, upload: &KeyUpload) -> Result<KeyUploadAnswer, ServiceError> {
    let now = app.clock.now();
    let claims = model::verify_certificate(upload, &app.issuer()).map_err(ServiceError::Refused)?;
    let digest = model::digest(upload);
    transaction!(app.db, "publish keys", |tx| {
        if let Some(earlier) = store::find_use(tx, &claims.jti).await? {
            return repeat(&earlier, &digest);
        }
        let admitted = model::admit(upload, &claims, now).map_err(ServiceError::Refused)?;
        let outcomes = insert(tx, &admitted, now).await?;
        let text = json::to_string(&outcomes).map_err(|_| ServiceError::Internal("outcomes do not serialise"))?;
        store::record_use(tx, &claims.jti, &digest, &text, now).await?;
        Ok(answer(outcomes))
    })
}

/// Does the work of [`publish`] for cover traffic and forgets it: the transaction is rolled back (U18).
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn pretend_publish(app: &KeysApp, upload: &KeyUpload) -> Result<KeyUploadAnswer, ServiceError> {
    let now = app.clock.now();
    // The checks cost their time; what they say does not matter.
    let _ = model::verify_certificate(upload, &app.issuer());
    let digest = model::digest(upload);
    let outcomes = model::pretend(upload);
    let mut tx = app.db.begin().await?;
    for key in model::decoys(outcomes.len(), now, || app.entropy.bytes()) {
        store::insert_key(&mut tx, &key, now).await?;
    }
    let text = json::to_string(&outcomes).map_err(|_| ServiceError::Internal("outcomes do not serialise"))?;
    store::record_use(&mut tx, &app.entropy.hex_id(), &digest, &text, now).await?;
    tx.rollback().await?;
    Ok(answer(outcomes))
}

/// Returns the names of the export files, oldest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_export_names(app: &KeysApp) -> Result<Vec<String>, ServiceError> {
    Ok(store::listed_names(&app.db).await?)
}

/// Returns the bytes of a listed export file.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when the index does not list it.
pub async fn load_export(app: &KeysApp, name: &str) -> Result<Vec<u8>, ServiceError> {
    use object_store::ObjectStoreExt;
    let missing = ServiceError::NotFound { what: "export file" };
    if !store::is_listed(&app.db, name).await? {
        return Err(missing);
    }
    match app.files.get(&jobs::path_of(app, name)).await {
        Ok(found) => Ok(found.bytes().await?.to_vec()),
        // Erased between the two questions.
        Err(object_store::Error::NotFound { .. }) => Err(missing),
        Err(error) => Err(error.into()),
    }
}

fn repeat(earlier: &store::EarlierUse, digest: &[u8; 32]) -> Result<KeyUploadAnswer, ServiceError> {
    if earlier.digest != digest {
        return Err(ServiceError::Refused(model::U4));
    }
    let outcomes = json::from_str(&earlier.answer);
    Ok(answer(outcomes.map_err(|_| {
        ServiceError::Internal("a stored answer cannot be read")
    })?))
}

async fn insert(
    tx: &mut Tx,
    admitted: &Admitted,
    now: protocol::time::UnixSeconds,
) -> Result<Vec<KeyOutcome>, ServiceError> {
    let mut outcomes = admitted.outcomes.clone();
    for (index, key) in &admitted.keys {
        if !store::insert_key(tx, key, now).await? {
            outcomes[*index as usize] = model::outcome(*index, model::U14);
        }
    }
    Ok(outcomes)
}

fn answer(outcomes: Vec<KeyOutcome>) -> KeyUploadAnswer {
    let inserted = outcomes.iter().filter(|o| o.rule.is_none()).count();
    KeyUploadAnswer {
        inserted_exposures: u32::try_from(inserted).unwrap_or(u32::MAX),
        outcomes,
        padding: String::new(),
    }
}
