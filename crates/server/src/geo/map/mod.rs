//! Maps of units: cells drawn from points where no boundaries were imported, and the picture of either. Pure.
//!
//! Shipped facts have no boundary. A cell is the ground nearest to a unit's point: neighbours and sizes are about right,
//! borders are not, so such a map must carry the label that the caller gives.

mod cells;
mod svg;

pub use cells::{Cell, cells, outline, rounded_cells};
pub use svg::{Area, Band, LAM_RAMP, Paint, Picture, ZONES, svg};

use super::{Catalogue, Rings, UnitId};

/// The shapes of some units, and whether they are official boundaries.
#[derive(Clone, Debug, PartialEq)]
pub struct Shapes {
    /// A shape for each unit that has a point or a boundary.
    pub shapes: Vec<(UnitId, Rings)>,
    /// Whether the shapes are cells: the map must then say that they are no official boundaries.
    pub from_points: bool,
}

/// Returns the imported boundaries of `units` if each has one, else rounded cells around their points.
pub fn shapes(catalogue: &Catalogue, units: &[UnitId]) -> Shapes {
    let boundary = |id: &UnitId| Some((*id, catalogue.boundary(*id)?.clone()));
    if let Some(shapes) = units.iter().map(boundary).collect::<Option<Vec<_>>>() {
        let from_points = false;
        return Shapes { shapes, from_points };
    }
    let point = |id: &UnitId| Some((*id, catalogue.unit(*id)?.point?));
    let points: Vec<_> = units.iter().filter_map(point).collect();
    let ring = |cell: Cell| vec![vec![cell.ring.iter().map(|point| [point.lon, point.lat]).collect()]];
    Shapes {
        shapes: rounded_cells(&points)
            .into_iter()
            .map(|cell| (cell.unit, ring(cell)))
            .collect(),
        from_points: true,
    }
}
