//! Administrative units that change with time: a unit is its code and the day it became valid (DESIGN §8).
//!
//! Codes were used again on 2025-07-01 and districts ceased: 82 was Tiền Giang and is Đồng Tháp. Records keep the unit that
//! was valid on their date; reports tell it "as then" or "as now" ([`Catalogue::sum_as_now`]).

mod catalogue;
mod facts;
mod import;
mod lineage;
pub mod map;
mod model;
mod share;
mod store;

use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};

pub use catalogue::{Catalogue, DayCatalogue, Rings};
pub use import::{BoundaryFile, Problems, UnitFile, UnitOptions, read_boundaries, read_units};
pub use lineage::{Basis, Link, Succession};
pub use model::{GeoError, Path, Point, Population, Tier, Unit, UnitId};
pub use share::{Share, apportion};

use crate::db::{Db, transaction};
use crate::error::ServiceError;

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportCounts {
    /// Entries that were not there.
    pub added: usize,
    /// Entries that were there and different.
    pub changed: usize,
    /// Entries that were there already.
    pub unchanged: usize,
}

impl ImportCounts {
    /// Counts an entry; says whether it must be written.
    fn note<T: PartialEq>(&mut self, old: Option<&T>, new: &T) -> bool {
        match old {
            None => self.added += 1,
            Some(old) if old != new => self.changed += 1,
            Some(_) => {
                self.unchanged += 1;
                return false;
            }
        }
        true
    }
}

/// Opens the catalogue: the shipped facts and what the database holds.
///
/// # Errors
///
/// [`ServiceError::Database`].
///
/// # Cost
///
/// The shipped facts are read once for the process.
pub async fn open(db: &Db) -> Result<Arc<Catalogue>, ServiceError> {
    Ok(Catalogue::with(store::load(db).await?))
}

/// Stores a list of units in one transaction; the same list again changes nothing.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn import_units(db: &Db, file: &UnitFile, now: UnixSeconds) -> Result<ImportCounts, ServiceError> {
    let day = file.options.valid_from.iso();
    let source_id = digest(&["units", &file.options.source, &day]);
    transaction!(db, "import units", |tx| {
        let mut counts = ImportCounts::default();
        let units = store::units(tx).await?;
        let ends: BTreeSet<_> = store::ends(tx).await?.into_iter().collect();
        let links: BTreeSet<_> = store::links(tx).await?.into_iter().collect();
        store::put_source(tx, &source_id, "units", &file.options.source, now).await?;
        for row in &file.units {
            let old = units.binary_search_by_key(&row.0.id, |(unit, _)| unit.id).ok();
            if counts.note(old.map(|at| &units[at]), row) {
                store::put_unit(tx, row, &source_id).await?;
            }
        }
        for end in &file.ends {
            if !ends.contains(end) {
                store::put_end(tx, *end, &source_id).await?;
            }
        }
        for link in &file.links {
            if !links.contains(link) {
                store::put_link(tx, *link, &source_id).await?;
            }
        }
        Ok(counts)
    })
}

/// Stores boundaries in one transaction; the same file again changes nothing.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn import_boundaries(db: &Db, file: &BoundaryFile, now: UnixSeconds) -> Result<ImportCounts, ServiceError> {
    let source_id = digest(&["boundaries", &file.source]);
    transaction!(db, "import boundaries", |tx| {
        let mut counts = ImportCounts::default();
        store::put_source(tx, &source_id, "boundaries", &file.source, now).await?;
        for (id, rings) in &file.rings {
            let text = serde_json::to_string(rings).map_err(|_| ServiceError::Internal("rings always serialise"))?;
            if counts.note(store::boundary(tx, *id).await?.as_ref(), &text) {
                store::put_boundary(tx, *id, &text, &source_id).await?;
            }
        }
        Ok(counts)
    })
}

fn digest(parts: &[&str]) -> String {
    hex::encode(Sha256::digest(parts.join("\n")))
}
