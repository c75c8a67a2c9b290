//! SQL of imported units, ends, steps and boundaries.

use std::collections::BTreeMap;

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::catalogue::Rings;
use super::lineage::{Basis, Link};
use super::model::{Unit, UnitId};
use crate::civil::CivilDate;
use crate::db::{Db, DbError, Tx};

const UNITS: &str = "SELECT unit_id, kind, name, parent_code, last_day FROM geo_unit ORDER BY unit_id";
const ENDS: &str = "SELECT unit_id, last_day FROM geo_end ORDER BY unit_id";
const LINKS: &str = "SELECT from_id, to_id, position FROM geo_link ORDER BY from_id, position, to_id";
const BOUNDARIES: &str = "SELECT unit_id, rings FROM geo_boundary ORDER BY unit_id";

/// A unit and the code of its parent.
pub(super) type UnitRow = (Unit, Option<String>);
/// Which unit became which, and at which place among the successors.
pub(super) type LinkRow = (UnitId, UnitId, i64);

/// What an operator imported.
#[derive(Default)]
pub(super) struct Imported {
    pub(super) units: Vec<UnitRow>,
    pub(super) ends: Vec<(UnitId, CivilDate)>,
    pub(super) links: Vec<Link>,
    pub(super) boundaries: BTreeMap<UnitId, Rings>,
}

impl Imported {
    pub(super) fn is_empty(&self) -> bool {
        self.units.is_empty() && self.ends.is_empty() && self.links.is_empty() && self.boundaries.is_empty()
    }
}

pub(super) async fn load(db: &Db) -> Result<Imported, DbError> {
    let units = sqlx::query(UNITS).fetch_all(db.reader()).await?;
    let ends = sqlx::query(ENDS).fetch_all(db.reader()).await?;
    let links = sqlx::query(LINKS).fetch_all(db.reader()).await?;
    let boundaries = sqlx::query(BOUNDARIES).fetch_all(db.reader()).await?;
    let rows: Vec<LinkRow> = links.iter().map(read_link).collect::<Result<_, _>>()?;
    let mut links = Vec::with_capacity(rows.len());
    for same in rows.chunk_by(|a, b| a.0 == b.0) {
        let targets: Vec<(UnitId, bool)> = same.iter().map(|(_, to, _)| (*to, false)).collect();
        Link::divide(same[0].0, &targets, Basis::Stated, &mut links);
    }
    Ok(Imported {
        units: units.iter().map(read_unit).collect::<Result<_, _>>()?,
        ends: ends.iter().map(read_end).collect::<Result<_, _>>()?,
        links,
        boundaries: boundaries
            .iter()
            .map(|row| {
                let rings = serde_json::from_str(row.try_get(1)?).map_err(|_| stored("boundary"))?;
                Ok((read_id(row, 0)?, rings))
            })
            .collect::<Result<_, DbError>>()?,
    })
}

pub(super) async fn units(tx: &mut Tx) -> Result<Vec<UnitRow>, DbError> {
    let rows = sqlx::query(UNITS).fetch_all(&mut **tx).await?;
    rows.iter().map(read_unit).collect()
}

pub(super) async fn ends(tx: &mut Tx) -> Result<Vec<(UnitId, CivilDate)>, DbError> {
    let rows = sqlx::query(ENDS).fetch_all(&mut **tx).await?;
    rows.iter().map(read_end).collect()
}

pub(super) async fn links(tx: &mut Tx) -> Result<Vec<LinkRow>, DbError> {
    let rows = sqlx::query(LINKS).fetch_all(&mut **tx).await?;
    rows.iter().map(read_link).collect()
}

pub(super) async fn boundary(tx: &mut Tx, id: UnitId) -> Result<Option<String>, DbError> {
    let found = sqlx::query_scalar("SELECT rings FROM geo_boundary WHERE unit_id = $1")
        .bind(id.number())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found)
}

/// Enters the source of an import, once.
pub(super) async fn put_source(
    tx: &mut Tx,
    source_id: &str,
    kind: &str,
    named: &str,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO geo_source (source_id, kind, named, imported_at_s) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (source_id) DO NOTHING",
    )
    .bind(source_id)
    .bind(kind)
    .bind(named)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn put_unit(tx: &mut Tx, (unit, parent): &UnitRow, source_id: &str) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO geo_unit (unit_id, kind, name, parent_code, last_day, source_id) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (unit_id) DO UPDATE SET kind = excluded.kind, name = excluded.name, \
         parent_code = excluded.parent_code, last_day = excluded.last_day, source_id = excluded.source_id",
    )
    .bind(unit.id.number())
    .bind(unit.kind.as_ref())
    .bind(unit.name.as_ref())
    .bind(parent.as_deref())
    .bind(unit.valid_to.map(CivilDate::number))
    .bind(source_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn put_end(tx: &mut Tx, (id, last): (UnitId, CivilDate), source_id: &str) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO geo_end (unit_id, last_day, source_id) VALUES ($1, $2, $3) \
         ON CONFLICT (unit_id) DO UPDATE SET last_day = excluded.last_day, source_id = excluded.source_id",
    )
    .bind(id.number())
    .bind(last.number())
    .bind(source_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn put_link(tx: &mut Tx, (from, to, position): LinkRow, source_id: &str) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO geo_link (from_id, to_id, position, source_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (from_id, to_id) DO UPDATE SET position = excluded.position, source_id = excluded.source_id",
    )
    .bind(from.number())
    .bind(to.number())
    .bind(position)
    .bind(source_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn put_boundary(tx: &mut Tx, id: UnitId, rings: &str, source_id: &str) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO geo_boundary (unit_id, rings, source_id) VALUES ($1, $2, $3) \
         ON CONFLICT (unit_id) DO UPDATE SET rings = excluded.rings, source_id = excluded.source_id",
    )
    .bind(id.number())
    .bind(rings)
    .bind(source_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn stored(what: &str) -> DbError {
    DbError::Failed(format!("a stored unit has an impossible {what}"))
}

fn read_id(row: &AnyRow, column: usize) -> Result<UnitId, DbError> {
    UnitId::from_number(row.try_get(column)?).ok_or_else(|| stored("id"))
}

fn read_unit(row: &AnyRow) -> Result<UnitRow, DbError> {
    let unit = Unit {
        id: read_id(row, 0)?,
        kind: row.try_get::<String, _>(1)?.into(),
        name: row.try_get::<String, _>(2)?.into(),
        parent: None,
        valid_to: row.try_get::<Option<i64>, _>(4)?.and_then(CivilDate::from_number),
        point: None,
    };
    Ok((unit, row.try_get(3)?))
}

fn read_end(row: &AnyRow) -> Result<(UnitId, CivilDate), DbError> {
    let last = CivilDate::from_number(row.try_get(1)?).ok_or_else(|| stored("last day"))?;
    Ok((read_id(row, 0)?, last))
}

fn read_link(row: &AnyRow) -> Result<LinkRow, DbError> {
    Ok((read_id(row, 0)?, read_id(row, 1)?, row.try_get(2)?))
}
