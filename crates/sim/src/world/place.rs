//! Where people can be: sites within which phones hear each other, and rooms parted by walls.

use super::path_loss::Path;

/// Homes in one street.
pub const HOMES_A_STREET: usize = 10;
/// Buses of the factory.
pub const BUSES: usize = 6;
/// Seats of one line in a factory hall.
pub const SEATS_A_LINE: usize = 16;
/// Lines of one hall.
pub const LINES_A_HALL: usize = 7;
/// Stalls of the market.
pub const STALLS: usize = 30;
/// Distance within which two people of one room are together (11042/BYT-DP), metres.
pub const TOGETHER_M: f64 = 2.0;

/// An area in which phones may hear each other; phones of two sites never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// On the way, alone.
    Way,
    /// A street with its homes in a row.
    Street(u16),
    /// The factory: halls and canteen.
    Factory,
    /// The market, under the open sky.
    Market,
    /// A bus.
    Bus(u16),
}

/// A position: rooms of a site share its coordinates and are parted by walls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Area.
    pub site: Site,
    /// Room within it; neighbours differ by one.
    pub room: u16,
    /// Metres.
    pub x: f64,
    /// Metres.
    pub y: f64,
}

/// Rooms of the factory.
pub const HALLS: [u16; 2] = [0, 1];
/// Room of the canteen.
pub const CANTEEN: u16 = 2;

impl Spot {
    /// Returns the position of a person who is alone.
    pub const WAY: Self = Self {
        site: Site::Way,
        room: 0,
        x: 0.0,
        y: 0.0,
    };

    /// Returns a position in a home of 5 × 6 m; `u` and `v` are 0..1.
    pub fn home(home: usize, u: f64, v: f64) -> Self {
        let room = home % HOMES_A_STREET;
        Self {
            site: Site::Street(number(home / HOMES_A_STREET)),
            room: number(room),
            x: room as f64 * 6.0 + u * 5.0,
            y: v * 6.0,
        }
    }

    /// Returns a seat at a bench of two; benches stand 4 m apart, lines 5 m.
    pub fn seat(hall: usize, line: usize, seat: usize) -> Self {
        let (bench, side) = (seat / 2, seat % 2);
        let room = HALLS[hall % HALLS.len()];
        let x = f64::from(room) * 60.0 + bench as f64 * 4.0;
        Self {
            site: Site::Factory,
            room,
            x,
            y: line as f64 * 5.0 + side as f64 * 0.9,
        }
    }

    /// Returns a chair at a table for four in the canteen; tables stand 3.5 m apart.
    pub fn chair(chair: usize) -> Self {
        let (table, corner) = (chair / 4, chair % 4);
        let (column, row) = (table % 6, table / 6);
        let x = 130.0 + column as f64 * 3.5 + (corner % 2) as f64 * 0.8;
        Self {
            site: Site::Factory,
            room: CANTEEN,
            x,
            y: row as f64 * 3.5 + (corner / 2) as f64 * 0.9,
        }
    }

    /// Returns a seat in a bus, two and two with an aisle.
    pub fn bus(bus: usize, seat: usize) -> Self {
        let (row, place) = (seat / 4, seat % 4);
        let y = place as f64 * 0.5 + if place > 1 { 0.6 } else { 0.0 };
        Self {
            site: Site::Bus(number(bus % BUSES)),
            room: 0,
            x: row as f64 * 0.85,
            y,
        }
    }

    /// Returns a position before a stall of the market; stalls stand 3 m apart in rows of ten.
    pub fn stall(stall: usize, u: f64, v: f64) -> Self {
        let (row, at) = (stall / 10, stall % 10);
        Self {
            site: Site::Market,
            room: 0,
            x: at as f64 * 3.0 + u * 1.5,
            y: row as f64 * 5.0 + 1.0 + v * 1.5,
        }
    }

    /// Returns what lies between two positions, `None` when they are at different sites.
    pub fn path(&self, other: &Self, pockets: u8) -> Option<Path> {
        let apart = self.site != other.site || self.site == Site::Way;
        (!apart).then(|| Path {
            metres: self.metres(other),
            walls: u8::try_from(self.room.abs_diff(other.room)).unwrap_or(u8::MAX),
            pockets,
        })
    }

    /// Returns whether two people are together: one room, at most [`TOGETHER_M`] apart.
    pub fn together(&self, other: &Self) -> bool {
        self.site != Site::Way && self.site == other.site && self.room == other.room && self.metres(other) <= TOGETHER_M
    }

    fn metres(&self, other: &Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

fn number(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bench_mates_are_together_and_neighbouring_benches_are_not() {
        let seat = |n| Spot::seat(0, 0, n);
        assert!(seat(0).together(&seat(1)));
        assert!(!seat(0).together(&seat(2)) && !seat(1).together(&Spot::seat(0, 1, 0)));
        assert!(!seat(0).together(&Spot::seat(1, 0, 1)));
    }

    #[test]
    fn a_wall_parts_people_who_are_near() {
        let (left, right) = (Spot::home(0, 1.0, 0.5), Spot::home(1, 0.0, 0.5));
        assert!(
            !left.together(&right)
                && left
                    .path(&right, 0)
                    .is_some_and(|path| path.walls == 1 && path.metres < 1.5)
        );
        assert!(Spot::home(9, 0.0, 0.0).path(&Spot::home(10, 0.0, 0.0), 0).is_none());
        assert!(Spot::WAY.path(&Spot::WAY, 0).is_none() && !Spot::WAY.together(&Spot::WAY));
    }

    #[test]
    fn a_table_seats_people_together() {
        assert!(Spot::chair(0).together(&Spot::chair(3)) && !Spot::chair(1).together(&Spot::chair(4)));
        assert!(Spot::bus(0, 0).together(&Spot::bus(0, 1)) && !Spot::bus(0, 0).together(&Spot::bus(1, 1)));
    }
}
