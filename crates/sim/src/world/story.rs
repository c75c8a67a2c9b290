//! What must happen on the day of the story, whatever the seed: who was with Nam, where and for how long.

use super::{civil::LocalDay, diary::Stay, people::Named, place::Spot};

/// Minutes each of the others spends within reach of Nam on that day.
pub fn minutes_with_nam(named: Named) -> u32 {
    match named {
        Named::Nam => 0,
        Named::Lan => 45,
        Named::Mai => 25,
        Named::Hung => 6,
    }
}

/// Returns what replaces the ordinary diary of a person on [`LocalDay::STORY`].
///
/// Canteen chairs from 144 on and the bus's last row belong to nobody else, so nobody comes between.
pub fn stays(named: Named) -> Vec<Stay> {
    let bench = Spot::seat(0, 0, 0);
    let stall = Spot::stall(14, 0.0, 0.5);
    match named {
        Named::Nam => vec![
            stay((11, 30), (12, 0), Spot::chair(144)),
            stay((16, 40), (17, 5), Spot::bus(0, 40)),
            stay((17, 15), (17, 45), stall),
            stay((17, 45), (17, 55), Spot::WAY),
        ],
        Named::Lan => vec![
            stay((9, 5), (9, 10), Spot::WAY),
            stay(
                (9, 10),
                (9, 55),
                Spot {
                    y: bench.y - 0.8,
                    ..bench
                },
            ),
            stay((9, 55), (10, 0), Spot::WAY),
        ],
        Named::Mai => vec![
            stay((11, 35), (11, 40), Spot::WAY),
            stay((11, 40), (11, 53), Spot::chair(145)),
            stay((11, 53), (11, 58), Spot::WAY),
            stay((16, 30), (16, 40), Spot::WAY),
            stay((16, 40), (16, 52), Spot::bus(0, 41)),
            stay((16, 52), (17, 10), Spot::WAY),
        ],
        Named::Hung => vec![
            stay((17, 10), (17, 25), Spot::WAY),
            stay(
                (17, 25),
                (17, 31),
                Spot {
                    x: stall.x + 1.0,
                    ..stall
                },
            ),
            stay((17, 31), (17, 50), Spot::WAY),
        ],
    }
}

/// Phones are in the hand: between them there is only air.
fn stay(from: (i64, i64), to: (i64, i64), spot: Spot) -> Stay {
    let day = LocalDay::STORY;
    Stay {
        from: day.time(from.0, from.1),
        to: day.time(to.0, to.1),
        spot,
        in_pocket: false,
    }
}
