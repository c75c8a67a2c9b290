//! SQL of cases.

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::ConfirmedCase;
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::db::{Db, DbError, Tx};

const ONE: &str = "SELECT case_id, label, report_type, test_date, onset_date, confirmed_at_s FROM case_file \
                   WHERE case_id = $1";
const NEWEST: &str = "SELECT case_id, label, report_type, test_date, onset_date, confirmed_at_s FROM case_file \
                      ORDER BY confirmed_at_s DESC, label DESC LIMIT $1";

pub(in super::super) async fn insert(tx: &mut Tx, case: &ConfirmedCase) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO case_file (case_id, label, state, report_type, test_date, onset_date, opened_at_s, confirmed_at_s, \
         version) VALUES ($1, $2, 'confirmed', $3, $4, $5, $6, $6, 1)",
    )
    .bind(&case.case_id)
    .bind(&case.label)
    .bind(case.finding.word())
    .bind(case.test_date.number())
    .bind(case.onset_date.map(CivilDate::number))
    .bind(case.confirmed_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in super::super) async fn label_exists(tx: &mut Tx, label: &str) -> Result<bool, DbError> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM case_file WHERE label = $1")
        .bind(label)
        .fetch_one(&mut **tx)
        .await?;
    Ok(found > 0)
}

/// Returns the next free label `BN-0001`, `BN-0002`, …
pub(in super::super) async fn next_label(tx: &mut Tx) -> Result<String, DbError> {
    let mut number: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM case_file WHERE label LIKE 'BN-%'")
        .fetch_one(&mut **tx)
        .await?;
    loop {
        number += 1;
        let label = format!("BN-{number:04}");
        if !label_exists(tx, &label).await? {
            return Ok(label);
        }
    }
}

pub(in super::super) async fn find(db: &Db, case_id: &str) -> Result<Option<ConfirmedCase>, DbError> {
    let row = sqlx::query(ONE).bind(case_id).fetch_optional(db.reader()).await?;
    row.as_ref().map(read_case).transpose()
}

pub(in super::super) async fn list(db: &Db, limit: u32) -> Result<Vec<ConfirmedCase>, DbError> {
    let rows = sqlx::query(NEWEST)
        .bind(i64::from(limit))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read_case).collect()
}

fn read_case(row: &AnyRow) -> Result<ConfirmedCase, DbError> {
    let stored = |what: &str| DbError::Failed(format!("a stored case has an impossible {what}"));
    let finding: String = row.try_get(2)?;
    Ok(ConfirmedCase {
        case_id: row.try_get(0)?,
        label: row.try_get(1)?,
        finding: Finding::parse(&finding).ok_or_else(|| stored("finding"))?,
        test_date: CivilDate::from_number(row.try_get(3)?).ok_or_else(|| stored("test date"))?,
        onset_date: row.try_get::<Option<i64>, _>(4)?.and_then(CivilDate::from_number),
        confirmed_at: UnixSeconds(row.try_get(5)?),
    })
}
