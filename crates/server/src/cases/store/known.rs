//! SQL of who is known in a unit, as case or as contact.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::super::known::Known;
use super::person;
use crate::db::lists::{CHUNK, id_list, ours};
use crate::db::{Db, DbError};
use crate::people::PersonId;
use crate::scope::Scope;

const CASES: &str = "SELECT person_id, case_id, label, NULL FROM case_file";
const CONTACTS: &str = "SELECT c.person_id, c.contact_id, c.label, (SELECT f.label FROM case_file f \
                        WHERE f.case_id = c.case_id) FROM contact c";

/// Returns the records of people that belong to a unit: cases first, then contacts in the order they became known.
pub(in super::super) async fn of_people(
    db: &Db,
    scope: Scope,
    people: &[PersonId],
) -> Result<Vec<(PersonId, Known)>, DbError> {
    let mut found = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 2);
        let (case, contact) = (scope.check_of("case_file"), scope.check_of("c"));
        let texts = [
            format!("{CASES} WHERE {case} = $1 AND person_id IN {list} AND state <> 'refuted' ORDER BY opened_at_s"),
            format!(
                "{CONTACTS} WHERE {contact} = $1 AND c.person_id IN {list} AND c.state <> 'cancelled' ORDER BY c.created_at_s, 4"
            ),
        ];
        for text in texts {
            let mut query = sqlx::query(ours(text)).bind(scope.unit);
            for id in &filled {
                query = query.bind(&id.0[..]);
            }
            for row in query.fetch_all(db.reader()).await? {
                found.push((person(row.try_get(0)?)?, known(&row)?));
            }
        }
    }
    Ok(found)
}

/// Returns records of a unit whose label begins so, cases first.
pub(in super::super) async fn by_label(db: &Db, scope: Scope, label: &str, most: u32) -> Result<Vec<Known>, DbError> {
    // A range instead of LIKE, which SQLite would answer from no index.
    let end = format!("{label}~");
    let bytes = db.dialect().byte_order();
    let (case, contact) = (scope.check_of("case_file"), scope.check_of("c"));
    let texts = [
        format!("{CASES} WHERE {case} = $1 AND label {bytes} >= $2 AND label {bytes} < $3 ORDER BY label LIMIT $4"),
        format!(
            "{CONTACTS} WHERE {contact} = $1 AND c.label {bytes} >= $2 AND c.label {bytes} < $3 ORDER BY c.label LIMIT $4"
        ),
    ];
    let mut found = Vec::new();
    for text in texts {
        let query = sqlx::query(ours(text)).bind(scope.unit).bind(label).bind(&end);
        for row in query.bind(i64::from(most)).fetch_all(db.reader()).await? {
            found.push(known(&row)?);
        }
    }
    Ok(found)
}

fn known(row: &AnyRow) -> Result<Known, DbError> {
    Ok(Known {
        id: row.try_get(1)?,
        label: row.try_get(2)?,
        of_case: row.try_get(3)?,
    })
}
