//! The audit's recurring work: a signed root each hour, and the end of what is older than 24 months.

use super::chain::Pruned;
use super::model::{Action, Actor, Entry, Purpose};
use super::store;
use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;

/// How long an entry is kept, in seconds: 24 months, of which none is shorter than this.
pub const RETENTION_SECONDS: i64 = 731 * 86_400;
/// Lines erased in one transaction.
const AT_ONCE: i64 = 1000;
/// Role of the service itself.
const ROLE: &str = "system";

/// Signs the root of this hour, records that, and copies it to the file of roots (A14–A16).
///
/// # Errors
///
/// [`ServiceError`]; run again, it does what is left.
pub(crate) async fn sign_root(app: &AuthorityApp) -> Result<(), ServiceError> {
    let hour = app.clock.now().0.div_euclid(3600) * 3600;
    let roots = &app.audit.roots;
    if let Some(root) = roots.sign(&app.db, &app.secrets.audit, hour).await? {
        let hash = hex::encode(root.hash);
        let entry = Entry {
            record: Some(&hash),
            ..Entry::new(Actor::System, ROLE, Purpose::Oversight, Action::AUDIT_ROOT)
        };
        app.audit.record(entry).await?;
    }
    roots.copy(&app.db).await
}

/// Erases entries that are older than [`RETENTION_SECONDS`]: of each chain the longest run from its beginning (A18).
///
/// # Errors
///
/// [`ServiceError`]; what was erased until then has its statement.
pub(crate) async fn prune(app: &AuthorityApp) -> Result<(), ServiceError> {
    let before_s = app.clock.now().0 - RETENTION_SECONDS;
    let mut reading = app.db.begin_reading().await?;
    let chains = store::chains(&mut reading).await?;
    reading.commit().await?;
    let mut erased = 0;
    for chain in &chains {
        loop {
            let lines = prune_some(app, chain.writer, before_s).await?;
            erased += lines;
            if lines < AT_ONCE {
                break;
            }
        }
    }
    if erased > 0 {
        let entry = Entry {
            count: u32::try_from(erased).unwrap_or(u32::MAX),
            ..Entry::new(Actor::System, ROLE, Purpose::Erasure, Action::AUDIT_PRUNE)
        };
        app.audit.record(entry).await?;
    }
    Ok(())
}

async fn prune_some(app: &AuthorityApp, writer: [u8; 16], before_s: i64) -> Result<i64, ServiceError> {
    transaction!(app.db, "prune audit", |tx| {
        let oldest = store::oldest(tx, &writer, AT_ONCE).await?;
        let old: Vec<_> = oldest.iter().take_while(|(_, at_s, _)| *at_s < before_s).collect();
        if let Some(&&(seq, _, hash)) = old.last() {
            store::prune(tx, &Pruned::sign(&app.secrets.audit, writer, seq, hash)).await?;
        }
        Ok(old.len() as i64)
    })
}
