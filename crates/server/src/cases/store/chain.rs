//! SQL of who came from whom among cases: a contact that was converted leads from a case to a case.

use sqlx::Row;

use crate::db::lists::{CHUNK, id_list, ours};
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;

/// Returns the links that begin or end at any of `cases`.
pub(in super::super) async fn around(db: &Db, cases: &[String]) -> Result<Vec<(String, String)>, DbError> {
    let mut found = Vec::new();
    for chunk in cases.chunks(CHUNK) {
        let chunk: Vec<&String> = chunk.iter().collect();
        let (filled, list) = id_list(&chunk, 1);
        for column in ["case_id", "converted_to"] {
            let text = format!(
                "SELECT case_id, converted_to FROM contact WHERE converted_to IS NOT NULL AND state = 'converted' \
                 AND {column} IN {list}"
            );
            let mut query = sqlx::query(ours(text));
            for id in &filled {
                query = query.bind(id.as_str());
            }
            for row in query.fetch_all(db.reader()).await? {
                found.push((row.try_get(0)?, row.try_get(1)?));
            }
        }
    }
    Ok(found)
}

pub(in super::super) async fn is_linked(
    tx: &mut Tx,
    case_id: &str,
    of_person: PersonId,
    person: PersonId,
) -> Result<bool, DbError> {
    let found: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM contact WHERE case_id = $1 AND of_person = $2 AND person_id = $3")
            .bind(case_id)
            .bind(&of_person.0[..])
            .bind(&person.0[..])
            .fetch_one(&mut **tx)
            .await?;
    Ok(found > 0)
}
