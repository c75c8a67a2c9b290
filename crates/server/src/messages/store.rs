//! SQL of messages.

use protocol::time::UnixSeconds;
use sqlx::Row;

use super::{MessageState, Prepared, parts};
use crate::db::lists::{ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;
use crate::scope::Scope;

/// A message that waits.
pub(super) struct Waiting {
    pub(super) message_id: String,
    pub(super) person: PersonId,
    pub(super) sealed: Vec<u8>,
    pub(super) until: UnixSeconds,
}

pub(super) async fn insert(tx: &mut Tx, messages: &[&Prepared], now: UnixSeconds) -> Result<(), DbError> {
    for chunk in row_chunks(messages, 14) {
        let text = format!(
            "INSERT INTO message (message_id, kind, about, person_id, sealed, parts, state, attempts, due_at_s, until_s, \
             made_at_s, province, district, commune) VALUES {}",
            tuples(chunk.len(), 14, 1)
        );
        let mut query = sqlx::query(ours(text));
        for Prepared {
            message_id,
            new,
            sealed,
        } in chunk
        {
            query = query
                .bind(message_id)
                .bind(new.kind.word())
                .bind(&new.about)
                .bind(&new.person.0[..])
                .bind(sealed)
                .bind(i64::try_from(parts(&new.text)).unwrap_or(i64::MAX))
                .bind(MessageState::Waiting.word())
                .bind(0i64)
                .bind(now.0)
                .bind(new.until.0)
                .bind(now.0)
                .bind(new.place.province)
                .bind(new.place.district)
                .bind(new.place.commune);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

pub(super) async fn due(db: &Db, now: UnixSeconds, limit: u32) -> Result<Vec<Waiting>, DbError> {
    let rows = sqlx::query(
        "SELECT message_id, person_id, sealed, until_s FROM message WHERE state = 'waiting' AND due_at_s <= $1 \
         ORDER BY due_at_s, message_id LIMIT $2",
    )
    .bind(now.0)
    .bind(i64::from(limit))
    .fetch_all(db.reader())
    .await?;
    rows.iter()
        .map(|row| {
            let person: Vec<u8> = row.try_get(1)?;
            let person = person.try_into().map_err(|_| DbError::Stored("person"))?;
            Ok(Waiting {
                message_id: row.try_get(0)?,
                person: PersonId(person),
                sealed: row.try_get(2)?,
                until: UnixSeconds(row.try_get(3)?),
            })
        })
        .collect()
}

/// Notes what became of a message; number and text are gone with it.
pub(super) async fn settle(tx: &mut Tx, message_id: &str, state: MessageState) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE message SET state = $1, sealed = NULL, person_id = NULL, attempts = attempts + 1 \
         WHERE message_id = $2 AND state = 'waiting'",
    )
    .bind(state.word())
    .bind(message_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn postpone(tx: &mut Tx, message_id: &str, due: UnixSeconds) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE message SET due_at_s = $1, attempts = attempts + 1 WHERE message_id = $2 AND state = 'waiting'",
    )
    .bind(due.0)
    .bind(message_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn counts(db: &Db, scope: Scope, since: UnixSeconds) -> Result<[i64; 4], DbError> {
    let column = scope.column();
    let text = format!("SELECT state, COUNT(*) FROM message WHERE {column} = $1 AND made_at_s >= $2 GROUP BY state");
    let rows = sqlx::query(ours(text))
        .bind(scope.unit)
        .bind(since.0)
        .fetch_all(db.reader())
        .await?;
    let mut found = [0; 4];
    for row in rows {
        let word: String = row.try_get(0)?;
        if let Some(at) = MessageState::ALL.iter().position(|state| state.word() == word) {
            found[at] = row.try_get(1)?;
        }
    }
    Ok(found)
}

pub(super) async fn erase(tx: &mut Tx, before: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM message WHERE made_at_s < $1")
        .bind(before.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
