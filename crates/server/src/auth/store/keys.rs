//! SQL of the keys of programs.

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::auth::keys::ApiKey;
use crate::auth::model::OfficerState;
use crate::auth::role::{Permission, Role};
use crate::db::{Db, DbError, Tx};
use crate::scope::{Level, Scope};

/// Most keys of a list.
const LISTED: i64 = 200;

/// A key with what its maker may do now.
pub(in crate::auth) struct StoredKey {
    pub(in crate::auth) key: ApiKey,
    pub(in crate::auth) maker_role: Role,
    pub(in crate::auth) maker_role_until: UnixSeconds,
    pub(in crate::auth) maker_state: OfficerState,
    pub(in crate::auth) maker_scope: Scope,
}

pub(in crate::auth) async fn insert(tx: &mut Tx, key: &ApiKey, hash: &[u8; 32], maker_id: &str) -> Result<(), DbError> {
    let words: Vec<&str> = key.permissions.iter().map(|permission| permission.word()).collect();
    sqlx::query(
        "INSERT INTO api_key (key_id, key_hash, label, permissions, level, unit, created_by, created_at_s, \
         expires_at_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&key.key_id)
    .bind(&hash[..])
    .bind(&key.label)
    .bind(words.join(" "))
    .bind(key.scope.level.word())
    .bind(key.scope.unit)
    .bind(maker_id)
    .bind(key.created_at.0)
    .bind(key.until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::auth) async fn find(db: &Db, hash: &[u8; 32]) -> Result<Option<StoredKey>, DbError> {
    let row = sqlx::query(
        "SELECT k.key_id, k.label, k.permissions, k.level, k.unit, o.login, k.created_at_s, k.expires_at_s, \
         k.revoked_at_s, o.role, o.role_until_s, o.state, o.level, o.unit \
         FROM api_key k JOIN officer o ON o.officer_id = k.created_by WHERE k.key_hash = $1",
    )
    .bind(&hash[..])
    .fetch_optional(db.reader())
    .await?;
    row.map(|row| {
        let (role, state): (String, String) = (row.try_get(9)?, row.try_get(11)?);
        Ok(StoredKey {
            key: key(&row)?,
            maker_role: Role::parse(&role).ok_or(DbError::Stored("role"))?,
            maker_role_until: UnixSeconds(row.try_get(10)?),
            maker_state: OfficerState::parse(&state).ok_or(DbError::Stored("state of an officer"))?,
            maker_scope: scope(&row, 12)?,
        })
    })
    .transpose()
}

/// Returns the keys that officers of a unit made, newest first.
pub(in crate::auth) async fn list(db: &Db, within: Scope) -> Result<Vec<ApiKey>, DbError> {
    let text = "SELECT k.key_id, k.label, k.permissions, k.level, k.unit, o.login, k.created_at_s, k.expires_at_s, \
                k.revoked_at_s FROM api_key k \
                JOIN (SELECT officer_id, login FROM officer WHERE {scope} = $1) o ON o.officer_id = k.created_by \
                ORDER BY k.created_at_s DESC, k.key_id LIMIT $2";
    let rows = sqlx::query(db.dialect().scoped(text, within))
        .bind(within.unit)
        .bind(LISTED)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(key).collect()
}

/// Revokes a key; `false` when it is revoked already.
pub(in crate::auth) async fn revoke(tx: &mut Tx, key_id: &str, now: UnixSeconds) -> Result<bool, DbError> {
    let done = sqlx::query("UPDATE api_key SET revoked_at_s = $1 WHERE key_id = $2 AND revoked_at_s IS NULL")
        .bind(now.0)
        .bind(key_id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn key(row: &AnyRow) -> Result<ApiKey, DbError> {
    let words: String = row.try_get(2)?;
    let permissions = words.split(' ').map(Permission::parse).collect::<Option<Vec<_>>>();
    Ok(ApiKey {
        key_id: row.try_get(0)?,
        label: row.try_get(1)?,
        permissions: permissions.ok_or(DbError::Stored("permission"))?,
        scope: scope(row, 3)?,
        made_by: row.try_get(5)?,
        created_at: UnixSeconds(row.try_get(6)?),
        until: UnixSeconds(row.try_get(7)?),
        revoked_at: row.try_get::<Option<i64>, _>(8)?.map(UnixSeconds),
    })
}

fn scope(row: &AnyRow, at: usize) -> Result<Scope, DbError> {
    let level: String = row.try_get(at)?;
    Ok(Scope {
        level: Level::parse(&level).ok_or(DbError::Stored("level"))?,
        unit: row.try_get(at + 1)?,
    })
}
