//! SQL of case files.

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::model::{CaseFile, CaseState};
use super::{day, person};
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::db::lists::{CHUNK, id_list, ours};
use crate::db::{Db, DbError, Dialect, Tx};
use crate::scope::{Place, Scope};

/// Which cases a list shows.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// Only these states; all when empty.
    pub state: Option<CaseState>,
    /// Only this label.
    pub label: Option<String>,
    /// Older than this: time and id of the last row before.
    pub after: Option<(i64, String)>,
    /// Rows at most.
    pub limit: u32,
}

pub(in super::super) async fn insert(tx: &mut Tx, case: &CaseFile, officer: Option<&str>) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO case_file (case_id, label, person_id, state, report_type, test_date, onset_date, isolated_date, \
         infected_by, unit, province, district, commune, opened_at_s, opened_by, confirmed_at_s, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(&case.case_id)
    .bind(&case.label)
    .bind(case.person.map(|person| person.0.to_vec()))
    .bind(case.state.word())
    .bind(case.finding.word())
    .bind(case.test_date.number())
    .bind(case.onset_date.map(CivilDate::number))
    .bind(case.isolated_date.map(CivilDate::number))
    .bind(case.infected_by.as_deref())
    .bind(case.unit)
    .bind(case.place.province)
    .bind(case.place.district)
    .bind(case.place.commune)
    .bind(case.opened_at.0)
    .bind(officer)
    .bind(case.confirmed_at.map(|at| at.0))
    .bind(case.version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One text for a case that is elsewhere and one that is not at all: nobody can tell them apart.
const ONE: &str = "SELECT case_id, label, person_id, state, report_type, test_date, onset_date, isolated_date, \
                   infected_by, unit, province, district, commune, opened_at_s, confirmed_at_s, version \
                   FROM case_file WHERE case_id = $1 AND {scope} = $2";

pub(in super::super) async fn find(db: &Db, case_id: &str, scope: Scope) -> Result<Option<CaseFile>, DbError> {
    let row = sqlx::query(db.dialect().scoped(ONE, scope))
        .bind(case_id)
        .bind(scope.unit)
        .fetch_optional(db.reader())
        .await?;
    row.as_ref().map(read).transpose()
}

pub(in super::super) async fn find_in(
    tx: &mut Tx,
    dialect: Dialect,
    case_id: &str,
    scope: Scope,
) -> Result<Option<CaseFile>, DbError> {
    let row = sqlx::query(dialect.scoped(ONE, scope))
        .bind(case_id)
        .bind(scope.unit)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Returns those of `cases` that belong to a scope, by id.
pub(in super::super) async fn find_all(db: &Db, cases: &[String], scope: Scope) -> Result<Vec<CaseFile>, DbError> {
    some(db, "case_id", cases, scope).await
}

/// Returns the cases of a scope that have one of these labels.
pub(in super::super) async fn labelled(db: &Db, labels: &[String], scope: Scope) -> Result<Vec<CaseFile>, DbError> {
    some(db, "label", labels, scope).await
}

async fn some(db: &Db, column: &'static str, values: &[String], scope: Scope) -> Result<Vec<CaseFile>, DbError> {
    let mut found = Vec::new();
    for chunk in values.chunks(CHUNK) {
        let chunk: Vec<&String> = chunk.iter().collect();
        let (filled, list) = id_list(&chunk, 2);
        let text = format!(
            "SELECT case_id, label, person_id, state, report_type, test_date, onset_date, isolated_date, infected_by, \
             unit, province, district, commune, opened_at_s, confirmed_at_s, version FROM case_file c \
             WHERE {} = $1 AND {column} IN {list}",
            scope.check_of("c")
        );
        let mut query = sqlx::query(ours(text)).bind(scope.unit);
        for value in &filled {
            query = query.bind(value.as_str());
        }
        for row in query.fetch_all(db.reader()).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

/// Returns cases, newest first, by seeking behind the last row seen: page 1,000 costs what page 1 costs.
pub(in super::super) async fn list(db: &Db, scope: Scope, filter: &CaseFilter) -> Result<Vec<CaseFile>, DbError> {
    let text = "SELECT case_id, label, person_id, state, report_type, test_date, onset_date, isolated_date, \
                infected_by, unit, province, district, commune, opened_at_s, confirmed_at_s, version FROM case_file \
                WHERE {scope} = $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR label = $3) \
                AND (opened_at_s < $4 OR (opened_at_s = $4 AND case_id < $5)) \
                ORDER BY opened_at_s DESC, case_id DESC LIMIT $6";
    let (at, id) = filter.after.clone().unwrap_or((i64::MAX, String::new()));
    let rows = sqlx::query(db.dialect().scoped(text, scope))
        .bind(scope.unit)
        .bind(filter.state.map_or("", CaseState::word))
        .bind(filter.label.as_deref().unwrap_or(""))
        .bind(at)
        .bind(id)
        .bind(i64::from(filter.limit))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// Returns how many cases there are in each state.
pub(in super::super) async fn counts(db: &Db, scope: Scope) -> Result<Vec<(CaseState, i64)>, DbError> {
    let text = "SELECT state, COUNT(*) FROM case_file WHERE {scope} = $1 GROUP BY state";
    let rows = sqlx::query(db.dialect().scoped(text, scope))
        .bind(scope.unit)
        .fetch_all(db.reader())
        .await?;
    rows.iter()
        .map(|row| {
            let state: String = row.try_get(0)?;
            Ok((
                CaseState::parse(&state).ok_or(DbError::Stored("state of a case"))?,
                row.try_get(1)?,
            ))
        })
        .collect()
}

/// Returns the newest case of a person that is not refuted.
pub(in super::super) async fn of_person(
    tx: &mut Tx,
    person: crate::people::PersonId,
) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar(
        "SELECT case_id FROM case_file WHERE person_id = $1 AND state IN ('confirmed', 'closed') \
         ORDER BY opened_at_s DESC LIMIT 1",
    )
    .bind(&person.0[..])
    .fetch_optional(&mut **tx)
    .await?)
}

/// Puts a changed case in the place of the version before; `false` when somebody else was first.
pub(in super::super) async fn replace(tx: &mut Tx, case: &CaseFile) -> Result<bool, DbError> {
    let done = sqlx::query(
        "UPDATE case_file SET state = $1, report_type = $2, test_date = $3, onset_date = $4, isolated_date = $5, \
         infected_by = $6, confirmed_at_s = $7, closed_at_s = $8, version = $9 WHERE case_id = $10 AND version = $11",
    )
    .bind(case.state.word())
    .bind(case.finding.word())
    .bind(case.test_date.number())
    .bind(case.onset_date.map(CivilDate::number))
    .bind(case.isolated_date.map(CivilDate::number))
    .bind(case.infected_by.as_deref())
    .bind(case.confirmed_at.map(|at| at.0))
    .bind(None::<i64>)
    .bind(case.version)
    .bind(&case.case_id)
    .bind(case.version - 1)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn read(row: &AnyRow) -> Result<CaseFile, DbError> {
    let (state, finding): (String, String) = (row.try_get(3)?, row.try_get(4)?);
    Ok(CaseFile {
        case_id: row.try_get(0)?,
        label: row.try_get(1)?,
        person: row.try_get::<Option<Vec<u8>>, _>(2)?.map(person).transpose()?,
        state: CaseState::parse(&state).ok_or(DbError::Stored("state of a case"))?,
        finding: Finding::parse(&finding).ok_or(DbError::Stored("finding"))?,
        test_date: day(row.try_get(5)?)?,
        onset_date: row.try_get::<Option<i64>, _>(6)?.map(day).transpose()?,
        isolated_date: row.try_get::<Option<i64>, _>(7)?.map(day).transpose()?,
        infected_by: row.try_get(8)?,
        unit: row.try_get(9)?,
        place: Place {
            province: row.try_get(10)?,
            district: row.try_get(11)?,
            commune: row.try_get(12)?,
        },
        opened_at: UnixSeconds(row.try_get(13)?),
        confirmed_at: row.try_get::<Option<i64>, _>(14)?.map(UnixSeconds),
        version: row.try_get(15)?,
    })
}
