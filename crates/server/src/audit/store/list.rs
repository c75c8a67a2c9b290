//! SQL of the auditor's list and of a person's own.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::bytes;
use crate::audit::model::Outcome;
use crate::audit::{Cursor, Filter};
use crate::db::{Db, DbError};

/// What a condition compares with.
enum Value {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A line with its place.
pub(in crate::audit) struct Placed {
    pub(in crate::audit) place: Cursor,
    pub(in crate::audit) line: String,
}

/// Returns at most `limit` lines that pass the filter, newest first, or oldest first where it goes back. The text is put together from the constants
/// below; what is asked for is only ever bound.
pub(in crate::audit) async fn newest(
    db: &Db,
    filter: &Filter,
    object_hmac: Option<[u8; 16]>,
    limit: i64,
) -> Result<Vec<Placed>, DbError> {
    let mut values = Vec::new();
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let mut conditions = Vec::new();
    // The index that leads to the rows is the object's when one is asked for, else that of the entries.
    let (from, at) = match object_hmac {
        Some(hmac) => {
            conditions.push(format!("o.object_hmac = {}", bind(Value::Bytes(hmac.to_vec()))));
            (
                "audit_object o JOIN audit_entry e ON e.writer = o.writer AND e.seq = o.seq",
                "o",
            )
        }
        None => ("audit_entry e", "e"),
    };
    if let Some(from) = filter.from {
        conditions.push(format!("{at}.at_s >= {}", bind(Value::Number(from.0))));
    }
    if let Some(until) = filter.until {
        conditions.push(format!("{at}.at_s < {}", bind(Value::Number(until.0))));
    }
    if let Some(actor) = &filter.actor {
        conditions.push(format!("e.actor = {}", bind(Value::Text(actor.text()))));
    }
    if let Some(action) = filter.action {
        conditions.push(format!("e.action = {}", bind(Value::Text(action.word().to_owned()))));
    }
    if let Some(role) = &filter.role {
        // Lines are canonical and words need no escape, so the text of a pair stands nowhere else.
        let pair = format!("%\"role\":\"{}\"%", role.replace('_', "!_").replace('%', "!%"));
        conditions.push(format!("e.line LIKE {} ESCAPE '!'", bind(Value::Text(pair))));
    }
    let goes_back = filter.before.is_some();
    if let Some(Cursor { at_s, writer, seq }) = filter.before.or(filter.after) {
        let place = [Value::Number(at_s), Value::Bytes(writer.to_vec()), Value::Number(seq)].map(&mut bind);
        let (place, beyond) = (place.join(", "), if goes_back { '>' } else { '<' });
        conditions.push(format!("({at}.at_s, {at}.writer, {at}.seq) {beyond} ({place})"));
    }
    match filter.outcome {
        // A literal, so that the partial index of refusals serves.
        Some(Outcome::Denied) => conditions.push("e.outcome = 'denied'".into()),
        Some(Outcome::Allowed) => conditions.push("e.outcome = 'allowed'".into()),
        None => {}
    }
    if conditions.is_empty() {
        conditions.push("1 = 1".into());
    }
    let conditions = conditions.join(" AND ");
    let order = if goes_back { "" } else { " DESC" };
    let text = format!(
        "SELECT e.at_s, e.writer, e.seq, e.line FROM {from} WHERE {conditions} \
         ORDER BY {at}.at_s{order}, {at}.writer{order}, {at}.seq{order} LIMIT {limit}"
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for value in values {
        query = match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        };
    }
    let rows = query.fetch_all(db.reader()).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Placed, DbError> {
    Ok(Placed {
        place: Cursor {
            at_s: row.try_get(0)?,
            writer: bytes(row, 1)?,
            seq: row.try_get(2)?,
        },
        line: row.try_get(3)?,
    })
}
