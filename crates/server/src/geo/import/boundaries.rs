//! Boundaries as GeoJSON: one polygon or multipolygon for a code.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Problems;
use crate::civil::CivilDate;
use crate::geo::Catalogue;
use crate::geo::catalogue::Rings;
use crate::geo::model::UnitId;

/// Largest file, in bytes.
pub(crate) const MAX_BYTES: usize = 64 << 20;
const MAX_FEATURES: usize = 20_000;
const MAX_VERTICES: usize = 2_000_000;
/// Viet Nam with its seas: what lies outside has its axes swapped or another projection.
const LONGITUDES: std::ops::RangeInclusive<f64> = 100.0..=118.0;
const LATITUDES: std::ops::RangeInclusive<f64> = 6.0..=24.0;

/// Boundaries that were read and judged.
#[derive(Debug)]
pub struct BoundaryFile {
    pub(in crate::geo) source: String,
    pub(in crate::geo) rings: BTreeMap<UnitId, Rings>,
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    id: Option<serde_json::Value>,
    #[serde(default)]
    properties: serde_json::Map<String, serde_json::Value>,
    geometry: Geometry,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<Position>>),
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

type Position = Vec<f64>;

/// Reads boundaries; the code stands in `commune_code`, `district_code`, `province_code` or `code`, or is the feature's id.
/// `on` says on which day the codes hold; without it a code with several meanings is refused.
///
/// # Errors
///
/// [`Problems`]: every feature that cannot be used, with its number.
pub fn read_boundaries(
    bytes: &[u8],
    source: &str,
    on: Option<CivilDate>,
    known: &Catalogue,
) -> Result<BoundaryFile, Problems> {
    let whole = |what: &str| Problems::one("feature", 0, what);
    if source.trim().is_empty() || source.chars().count() > 200 {
        return Err(whole("the source is missing or longer than 200 characters"));
    }
    if bytes.len() > MAX_BYTES {
        return Err(whole("the file is larger than 64 MB"));
    }
    let collection: Collection = serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        whole(&format!("not a GeoJSON FeatureCollection of polygons ({place})"))
    })?;
    if collection.features.is_empty() || collection.features.len() > MAX_FEATURES {
        return Err(whole("the file has no feature or more than 20,000"));
    }
    let mut problems = Problems::new("feature");
    let mut rings = BTreeMap::new();
    let mut vertices = 0;
    for (number, feature) in (1..).zip(collection.features) {
        let unit = code(&feature).map(|code| known.resolve(&code, on));
        match (unit, read_geometry(feature.geometry, &mut vertices)) {
            (None, _) => problems.add(number, "there is no code"),
            (Some(Err(error)), _) => problems.add(number, error.to_string()),
            (_, Err(what)) => problems.add(number, what),
            (Some(Ok(unit)), Ok(read)) => {
                if rings.insert(unit.id, read).is_some() {
                    problems.add(number, format!("the code {} stands here twice", unit.code()));
                }
            }
        }
        if vertices > MAX_VERTICES {
            return Err(Problems::one(
                "feature",
                number,
                "the file has more than 2,000,000 points",
            ));
        }
    }
    problems.or(BoundaryFile {
        source: source.to_owned(),
        rings,
    })
}

fn code(feature: &Feature) -> Option<String> {
    let named = ["commune_code", "district_code", "province_code", "code"];
    let found = named
        .iter()
        .find_map(|name| feature.properties.get(*name))
        .or(feature.id.as_ref())?;
    found.as_str().map(str::to_owned)
}

fn read_geometry(geometry: Geometry, vertices: &mut usize) -> Result<Rings, &'static str> {
    let polygons = match geometry {
        Geometry::Polygon(rings) => vec![rings],
        Geometry::MultiPolygon(polygons) => polygons,
    };
    if polygons.is_empty() || polygons.iter().any(Vec::is_empty) {
        return Err("a polygon has no ring");
    }
    let read = |ring: Vec<Position>| {
        *vertices += ring.len();
        read_ring(&ring)
    };
    let mut read = read;
    polygons
        .into_iter()
        .map(|rings| rings.into_iter().map(&mut read).collect())
        .collect()
}

fn read_ring(ring: &[Position]) -> Result<Vec<[f64; 2]>, &'static str> {
    if ring.len() < 4 || ring.first() != ring.last() {
        return Err("a ring has fewer than four points or does not end where it begins");
    }
    let point = |position: &Position| match position.as_slice() {
        [lon, lat, ..] if LONGITUDES.contains(lon) && LATITUDES.contains(lat) => Ok([*lon, *lat]),
        _ => Err("a point lies outside Viet Nam: longitude first, degrees of WGS 84"),
    };
    ring.iter().map(point).collect()
}
