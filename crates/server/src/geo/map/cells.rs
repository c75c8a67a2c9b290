//! Voronoi cells by cutting half-planes, inside a rounded hull of the points.

use crate::geo::{Point, UnitId};

/// The ground nearest to the point of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The unit.
    pub unit: UnitId,
    /// Its outline, counter-clockwise, not closed.
    pub ring: Vec<Point>,
}

type Xy = [f64; 2];

/// Smallest margin around the outermost points, in degrees: about 500 m.
const MARGIN: f64 = 0.005;
/// How far a rounded cell reaches from its point, in usual distances between neighbours.
const REACH: f64 = 1.6;
/// Directions in which the hull is widened.
const DIRECTIONS: u32 = 16;

/// Returns a cell for each point, in the same order; points in the same place share one: each gets a slice of it.
///
/// Distances are measured on a plane true to scale at the middle latitude.
///
/// # Cost
///
/// n² log n for n points: a province of 400 communes takes a few milliseconds, a country is not meant.
pub fn cells(points: &[(UnitId, Point)]) -> Vec<Cell> {
    let plane = Plane::of(points);
    let sites = plane.sites(points);
    let hull = widened_hull(&sites);
    let cell = |(at, (unit, _)): (usize, &(UnitId, Point))| Cell {
        unit: *unit,
        ring: cut(at, &sites, &hull).into_iter().map(|xy| plane.back(xy)).collect(),
    };
    points.iter().enumerate().map(cell).collect()
}

/// Returns the cells, each cut to the surroundings of its point: the map keeps the bends of a province, which the convex
/// outline of [`cells`] fills with ground of its neighbours and of the sea.
pub fn rounded_cells(points: &[(UnitId, Point)]) -> Vec<Cell> {
    let plane = Plane::of(points);
    let sites = plane.sites(points);
    let reach = REACH * usual_distance(&sites);
    let mut cells = cells(points);
    for (cell, [x, y]) in cells.iter_mut().zip(sites) {
        let mut ring: Vec<Xy> = cell.ring.iter().map(|p| [p.lon * plane.narrowing, p.lat]).collect();
        for step in 0..DIRECTIONS {
            let angle = std::f64::consts::TAU * f64::from(step) / f64::from(DIRECTIONS);
            // the border with a point at twice the reach touches the circle
            let mirror = [x + 2.0 * reach * angle.cos(), y + 2.0 * reach * angle.sin()];
            ring = keep_nearer(&ring, [x, y], mirror);
        }
        cell.ring = ring.into_iter().map(|xy| plane.back(xy)).collect();
    }
    cells
}

/// Returns the outline that all cells fill together: the convex hull of the points with a margin, counter-clockwise.
pub fn outline(points: &[(UnitId, Point)]) -> Vec<Point> {
    let plane = Plane::of(points);
    let hull = widened_hull(&plane.sites(points));
    hull.into_iter().map(|xy| plane.back(xy)).collect()
}

/// A plane in degrees of latitude, true to scale at one latitude.
struct Plane {
    narrowing: f64,
}

impl Plane {
    fn of(points: &[(UnitId, Point)]) -> Self {
        let latitudes = points.iter().map(|(_, point)| point.lat);
        let (low, high) = latitudes.fold((90.0, -90.0), |(low, high): (f64, f64), lat| {
            (low.min(lat), high.max(lat))
        });
        let middle: f64 = if low > high { 0.0 } else { f64::midpoint(low, high) };
        Self {
            narrowing: middle.to_radians().cos(),
        }
    }

    fn sites(&self, points: &[(UnitId, Point)]) -> Vec<Xy> {
        let mut sites: Vec<Xy> = points
            .iter()
            .map(|(_, point)| [point.lon * self.narrowing, point.lat])
            .collect();
        // two points in one place have no border between them: the later ones step aside by about a centimetre
        for at in 1..sites.len() {
            while sites[..at].contains(&sites[at]) {
                sites[at][0] += 1e-7;
            }
        }
        sites
    }

    fn back(&self, [x, y]: Xy) -> Point {
        Point {
            lon: x / self.narrowing,
            lat: y,
        }
    }
}

/// Returns the usual distance to the nearest neighbour (the median), at least [`MARGIN`].
fn usual_distance(sites: &[Xy]) -> f64 {
    let mut nearest: Vec<f64> = sites
        .iter()
        .enumerate()
        .map(|(at, site)| {
            let others = sites.iter().enumerate().filter(|(other, _)| *other != at);
            others
                .map(|(_, other)| distance(*site, *other))
                .fold(f64::INFINITY, f64::min)
        })
        .filter(|distance| distance.is_finite())
        .collect();
    nearest.sort_by(f64::total_cmp);
    nearest.get(nearest.len() / 2).copied().unwrap_or_default().max(MARGIN)
}

/// Returns the convex hull of circles around all sites; their radius is the usual distance to the nearest neighbour.
fn widened_hull(sites: &[Xy]) -> Vec<Xy> {
    let margin = usual_distance(sites);
    let circle = |site: &Xy| {
        let [x, y] = *site;
        (0..DIRECTIONS).map(move |step| {
            let angle = std::f64::consts::TAU * f64::from(step) / f64::from(DIRECTIONS);
            [x + margin * angle.cos(), y + margin * angle.sin()]
        })
    };
    convex_hull(sites.iter().flat_map(circle).collect())
}

/// Andrew's monotone chain; counter-clockwise.
fn convex_hull(mut points: Vec<Xy>) -> Vec<Xy> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let half = |points: &mut dyn Iterator<Item = Xy>| {
        let mut chain: Vec<Xy> = Vec::new();
        for point in points {
            while let [.., a, b] = chain.as_slice()
                && turn(*a, *b, point) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

/// Cuts the hull by the border with each neighbour, nearest first, until the others are too far to matter.
fn cut(at: usize, sites: &[Xy], hull: &[Xy]) -> Vec<Xy> {
    let site = sites[at];
    let mut others: Vec<(f64, usize)> = (0..sites.len())
        .filter(|other| *other != at)
        .map(|other| (distance(site, sites[other]), other))
        .collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut ring = hull.to_vec();
    for (far, other) in others {
        let reach = ring.iter().map(|corner| distance(site, *corner)).fold(0.0, f64::max);
        if far > 2.0 * reach {
            break;
        }
        ring = keep_nearer(&ring, site, sites[other]);
    }
    ring
}

/// Returns the part of a convex ring that is nearer to `site` than to `other`.
fn keep_nearer(ring: &[Xy], site: Xy, other: Xy) -> Vec<Xy> {
    let middle = [f64::midpoint(site[0], other[0]), f64::midpoint(site[1], other[1])];
    let beyond = |p: Xy| (p[0] - middle[0]) * (other[0] - site[0]) + (p[1] - middle[1]) * (other[1] - site[1]);
    let mut kept = Vec::with_capacity(ring.len() + 1);
    for (at, corner) in ring.iter().enumerate() {
        let next = ring[(at + 1) % ring.len()];
        let (here, there) = (beyond(*corner), beyond(next));
        if here <= 0.0 {
            kept.push(*corner);
        }
        if (here < 0.0 && there > 0.0) || (here > 0.0 && there < 0.0) {
            let part = here / (here - there);
            kept.push([
                corner[0] + part * (next[0] - corner[0]),
                corner[1] + part * (next[1] - corner[1]),
            ]);
        }
    }
    kept
}

fn distance(a: Xy, b: Xy) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn turn(a: Xy, b: Xy, c: Xy) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::CivilDate;
    use crate::geo::{Catalogue, Tier};

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).expect("a date")
    }

    fn area(ring: &[Point]) -> f64 {
        let next = ring.iter().cycle().skip(1);
        ring.iter()
            .zip(next)
            .map(|(a, b)| a.lon * b.lat - b.lon * a.lat)
            .sum::<f64>()
            / 2.0
    }

    fn points_of(code: &str, on: &str) -> Vec<(UnitId, Point)> {
        let catalogue = Catalogue::shipped();
        let province = catalogue.by_code(code, day(on)).expect("a province").id;
        let inside = catalogue.descendants(province);
        let communes = inside.iter().filter(|unit| unit.tier() == Tier::COMMUNE);
        communes.filter_map(|unit| Some((unit.id, unit.point?))).collect()
    }

    /// Cells that fill the outline and each hold no place nearer to another point cannot overlap.
    fn check(points: &[(UnitId, Point)]) {
        let cells = cells(points);
        let whole = area(&outline(points));
        let sum: f64 = cells.iter().map(|cell| area(&cell.ring)).sum();
        assert!((sum - whole).abs() < whole * 1e-6, "{sum} of {whole}");
        for (cell, (unit, point)) in cells.iter().zip(points) {
            assert_eq!(cell.unit, *unit);
            assert!(holds(&cell.ring, *point), "{unit}");
            let others = points.iter().filter(|(other, place)| other != unit && place != point);
            for (other, place) in others {
                assert!(!holds(&cell.ring, *place), "{unit} holds {other}");
            }
        }
    }

    fn holds(ring: &[Point], p: Point) -> bool {
        let next = ring.iter().cycle().skip(1);
        ring.iter()
            .zip(next)
            .all(|(a, b)| (b.lon - a.lon) * (p.lat - a.lat) - (b.lat - a.lat) * (p.lon - a.lon) >= -1e-12)
    }

    #[test]
    fn cells_of_real_communes_fill_the_outline_and_hold_their_point_only() {
        for (code, on, communes) in [
            ("82", "2021-07-12", 172),
            ("82", "2025-07-01", 102),
            ("38", "2025-07-01", 166),
        ] {
            let points = points_of(code, on);
            assert_eq!(points.len(), communes);
            check(&points);
        }
    }

    #[test]
    fn any_place_belongs_to_the_nearest_point() {
        let points = points_of("82", "2021-07-12");
        let cells = cells(&points);
        let plane = Plane::of(&points);
        let sites = plane.sites(&points);
        let mut held = 0;
        for step in 0..500_u32 {
            let place = Point {
                lon: 105.8 + 0.9 * f64::from(step * 37 % 500) / 500.0,
                lat: 10.2 + 0.4 * f64::from(step * 101 % 499) / 499.0,
            };
            let here = [place.lon * plane.narrowing, place.lat];
            let far = |site: &Xy| distance(*site, here);
            let nearest = (0..sites.len()).min_by(|a, b| far(&sites[*a]).total_cmp(&far(&sites[*b])));
            for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| holds(&cell.ring, place)) {
                held += 1;
                let tie = far(&sites[at]) - far(&sites[nearest.expect("many")]);
                assert!(tie < 1e-9, "{} holds a place nearer to another", cell.unit);
            }
        }
        assert!(held > 200, "{held}");
    }

    #[test]
    fn a_rounded_cell_is_a_part_of_its_cell_and_holds_its_point() {
        let points = points_of("82", "2021-07-12");
        let rounded = rounded_cells(&points);
        for ((cell, part), (_, point)) in cells(&points).iter().zip(&rounded).zip(&points) {
            assert!(
                holds(&part.ring, *point)
                    && part.ring.iter().all(|corner| {
                        let towards = |a: f64, b: f64| a + (b - a) * (1.0 - 1e-6);
                        holds(
                            &cell.ring,
                            Point {
                                lon: towards(point.lon, corner.lon),
                                lat: towards(point.lat, corner.lat),
                            },
                        )
                    }),
                "{}",
                cell.unit
            );
        }
        let sum = |cells: &[Cell]| cells.iter().map(|cell| area(&cell.ring)).sum::<f64>();
        assert!(sum(&rounded) < 0.95 * sum(&cells(&points)));
    }

    #[test]
    fn few_collinear_and_equal_points_have_cells_as_well() {
        let all = points_of("82", "2021-07-12");
        let at = |at: usize, lon: f64| (all[at].0, Point { lon, lat: 10.5 });
        assert!(cells(&[]).is_empty());
        check(&all[..1]);
        check(&all[..2]);
        check(&[at(0, 106.0), at(1, 106.1), at(2, 106.3)]);
        let same = [at(0, 106.0), at(1, 106.0), at(2, 106.0), at(3, 106.2)];
        let sum: f64 = cells(&same).iter().map(|cell| area(&cell.ring)).sum();
        assert!((sum - area(&outline(&same))).abs() < 1e-9);
    }
}
