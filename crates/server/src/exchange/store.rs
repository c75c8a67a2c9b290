//! SQL of uploaded lists.

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::fields::Field;
use super::model::{Import, ImportState, Kind};
use super::sheet::Format;
use crate::db::lists::ours;
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;
use crate::scope::Scope;

const COLUMNS: &str = "import_id, kind, format, content_hash, shape, key_id, has_heading, fields, options, state, total, \
                       good, bad, entered, known, links, next_chunk, leased_until_s, created_at_s, expires_at_s";

pub(super) async fn insert(tx: &mut Tx, list: &Import, officer: &str) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO import_list (import_id, kind, format, content_hash, shape, key_id, has_heading, fields, options, \
         state, total, good, bad, entered, known, links, next_chunk, leased_until_s, officer_id, province, district, \
         commune, created_at_s, expires_at_s) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, 0, 0, 0, officer_id, province, district, \
         commune, $12, $13 FROM officer WHERE officer_id = $14",
    )
    .bind(&list.import_id)
    .bind(list.kind.word())
    .bind(list.format.word())
    .bind(&list.content_hash[..])
    .bind(&list.shape[..])
    .bind(&list.key_id.0[..])
    .bind(i64::from(list.has_heading))
    .bind(words(&list.fields))
    .bind(options(list)?)
    .bind(list.state.word())
    .bind(list.total)
    .bind(list.created_at.0)
    .bind(list.expires_at.0)
    .bind(officer)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn insert_chunk(tx: &mut Tx, import_id: &str, chunk: i64, cells: &[u8]) -> Result<(), DbError> {
    sqlx::query("INSERT INTO import_chunk (import_id, chunk, cells_sealed) VALUES ($1, $2, $3)")
        .bind(import_id)
        .bind(chunk)
        .bind(cells)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Returns the sealed cells and verdicts of a chunk.
pub(super) async fn chunk(db: &Db, import_id: &str, chunk: i64) -> Result<Option<(Vec<u8>, Option<Vec<u8>>)>, DbError> {
    let row = sqlx::query("SELECT cells_sealed, verdict_sealed FROM import_chunk WHERE import_id = $1 AND chunk = $2")
        .bind(import_id)
        .bind(chunk)
        .fetch_optional(db.reader())
        .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

pub(super) async fn set_verdicts(tx: &mut Tx, import_id: &str, chunk: i64, verdicts: &[u8]) -> Result<(), DbError> {
    sqlx::query("UPDATE import_chunk SET verdict_sealed = $1 WHERE import_id = $2 AND chunk = $3")
        .bind(verdicts)
        .bind(import_id)
        .bind(chunk)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// One text for a list of somebody else and one that is not at all: lists are their uploader's.
const ONE: &str = "WHERE import_id = $1 AND officer_id = $2";

pub(super) async fn find(db: &Db, import_id: &str, officer: &str) -> Result<Option<Import>, DbError> {
    let row = sqlx::query(ours(format!("SELECT {COLUMNS} FROM import_list {ONE}")))
        .bind(import_id)
        .bind(officer)
        .fetch_optional(db.reader())
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn find_in(tx: &mut Tx, import_id: &str, officer: &str) -> Result<Option<Import>, DbError> {
    let row = sqlx::query(ours(format!("SELECT {COLUMNS} FROM import_list {ONE}")))
        .bind(import_id)
        .bind(officer)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Returns the newest lists of an officer.
pub(super) async fn list(db: &Db, officer: &str, limit: u32) -> Result<Vec<Import>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM import_list WHERE officer_id = $1 ORDER BY created_at_s DESC, import_id LIMIT $2"
    );
    let rows = sqlx::query(ours(text))
        .bind(officer)
        .bind(i64::from(limit))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// Returns the officer's earlier list with the same content that is not of this id.
pub(super) async fn same_content(db: &Db, list: &Import, officer: &str) -> Result<Option<UnixSeconds>, DbError> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT created_at_s FROM import_list WHERE officer_id = $1 AND content_hash = $2 AND kind = $3 \
         AND import_id <> $4 AND entered + known > 0 ORDER BY created_at_s DESC LIMIT 1",
    )
    .bind(officer)
    .bind(&list.content_hash[..])
    .bind(list.kind.word())
    .bind(&list.import_id)
    .fetch_optional(db.reader())
    .await?;
    Ok(found.map(UnixSeconds))
}

/// Writes where a list stands.
pub(super) async fn save(tx: &mut Tx, list: &Import) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE import_list SET fields = $1, options = $2, state = $3, good = $4, bad = $5, entered = $6, known = $7, \
         links = $8, next_chunk = $9, leased_until_s = $10 WHERE import_id = $11",
    )
    .bind(words(&list.fields))
    .bind(options(list)?)
    .bind(list.state.word())
    .bind(list.good)
    .bind(list.bad)
    .bind(list.entered)
    .bind(list.known)
    .bind(list.links)
    .bind(list.next_chunk)
    .bind(list.leased_until.0)
    .bind(&list.import_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes a list to work on it until `until`; `false` when another process has it.
pub(super) async fn lease(tx: &mut Tx, import_id: &str, now: UnixSeconds, until: UnixSeconds) -> Result<bool, DbError> {
    let done = sqlx::query("UPDATE import_list SET leased_until_s = $1 WHERE import_id = $2 AND leased_until_s <= $3")
        .bind(until.0)
        .bind(import_id)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Returns lists whose day is over, with the keys of their rows.
pub(super) async fn over(db: &Db, now: UnixSeconds) -> Result<Vec<(String, PersonId)>, DbError> {
    let rows = sqlx::query(
        "SELECT import_id, key_id FROM import_list WHERE state <> 'expired' AND expires_at_s <= $1 LIMIT 100",
    )
    .bind(now.0)
    .fetch_all(db.reader())
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, key(row.try_get(1)?)?)))
        .collect()
}

/// Deletes a list's rows.
pub(super) async fn empty(tx: &mut Tx, import_id: &str) -> Result<(), DbError> {
    sqlx::query("DELETE FROM import_chunk WHERE import_id = $1")
        .bind(import_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query("UPDATE import_list SET state = 'expired' WHERE import_id = $1")
        .bind(import_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Returns what the columns of a list of this shape were the last time.
pub(super) async fn mapping(
    db: &Db,
    shape: &[u8; 16],
    kind: Kind,
    scope: Scope,
) -> Result<Option<Vec<Field>>, DbError> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT fields FROM import_mapping WHERE shape = $1 AND kind = $2 AND unit = $3")
            .bind(&shape[..])
            .bind(kind.word())
            .bind(scope.unit)
            .fetch_optional(db.reader())
            .await?;
    Ok(found.map(|text| fields(&text)))
}

pub(super) async fn remember(tx: &mut Tx, list: &Import, scope: Scope, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO import_mapping (shape, kind, unit, fields, used_at_s) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (shape, kind, unit) DO UPDATE SET fields = excluded.fields, used_at_s = excluded.used_at_s",
    )
    .bind(&list.shape[..])
    .bind(list.kind.word())
    .bind(scope.unit)
    .bind(words(&list.fields))
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn words(fields: &[Field]) -> String {
    let words: Vec<&str> = fields.iter().map(|field| field.word()).collect();
    words.join(",")
}

fn fields(words: &str) -> Vec<Field> {
    words.split(',').filter_map(Field::parse).collect()
}

fn options(list: &Import) -> Result<String, DbError> {
    serde_json::to_string(&list.options).map_err(|_| DbError::Stored("options of an import"))
}

fn key(bytes: Vec<u8>) -> Result<PersonId, DbError> {
    bytes
        .try_into()
        .map(PersonId)
        .map_err(|_| DbError::Stored("key of an import"))
}

fn read(row: &AnyRow) -> Result<Import, DbError> {
    let word = |at: usize| row.try_get::<String, _>(at);
    let hash = |at: usize| -> Result<[u8; 16], DbError> {
        let bytes: Vec<u8> = row.try_get(at)?;
        bytes.try_into().map_err(|_| DbError::Stored("hash of an import"))
    };
    Ok(Import {
        import_id: row.try_get(0)?,
        kind: Kind::parse(&word(1)?).ok_or(DbError::Stored("kind of an import"))?,
        format: Format::parse(&word(2)?).ok_or(DbError::Stored("format of an import"))?,
        content_hash: hash(3)?,
        shape: hash(4)?,
        key_id: key(row.try_get(5)?)?,
        has_heading: row.try_get::<i64, _>(6)? == 1,
        fields: fields(&word(7)?),
        options: serde_json::from_str(&word(8)?).map_err(|_| DbError::Stored("options of an import"))?,
        state: ImportState::parse(&word(9)?).ok_or(DbError::Stored("state of an import"))?,
        total: row.try_get(10)?,
        good: row.try_get(11)?,
        bad: row.try_get(12)?,
        entered: row.try_get(13)?,
        known: row.try_get(14)?,
        links: row.try_get(15)?,
        next_chunk: row.try_get(16)?,
        leased_until: UnixSeconds(row.try_get(17)?),
        created_at: UnixSeconds(row.try_get(18)?),
        expires_at: UnixSeconds(row.try_get(19)?),
    })
}
