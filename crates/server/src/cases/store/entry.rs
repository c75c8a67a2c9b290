//! SQL of how long entering contacts took.

use protocol::time::UnixSeconds;
use sqlx::Row as _;

use crate::db::{Db, DbError};
use crate::scope::Scope;

/// Returns seconds and contacts of each save since `since`, newest first, at most `limit`. The contacts of a save share
/// case, officer and second.
pub(in super::super) async fn saves(
    db: &Db,
    scope: Scope,
    since: UnixSeconds,
    limit: u32,
) -> Result<Vec<(i64, i64)>, DbError> {
    let text = "SELECT MAX(entry_seconds), COUNT(*) FROM contact \
                WHERE {scope} = $1 AND created_at_s >= $2 AND entry_seconds IS NOT NULL \
                GROUP BY created_at_s, case_id, created_by ORDER BY created_at_s DESC LIMIT $3";
    let rows = sqlx::query(db.dialect().scoped(text, scope))
        .bind(scope.unit)
        .bind(since.0)
        .bind(i64::from(limit))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
