//! Who lives in the province: homes of four, their work, their bus, their phones.

use super::place::{BUSES, HOMES_A_STREET, LINES_A_HALL, SEATS_A_LINE, STALLS};
use crate::seed::{self, Seed};

/// Position of a person in the province.
pub type PersonNumber = usize;
/// People of one home.
pub const PEOPLE_A_HOME: usize = 4;
/// Fewest people a province may have: every person of the story needs a home.
pub const MIN_PEOPLE: usize = 64;
/// Most people: the factory and the market have that many places.
pub const MAX_PEOPLE: usize = 420;

/// The people whose phones are open on the demo's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// Factory worker; his test will be positive.
    Nam,
    /// Factory worker; 45 minutes at Nam's bench on the day of the story.
    Lan,
    /// Factory worker; with Nam 13 minutes in the canteen and 12 minutes on the bus.
    Mai,
    /// Passes Nam for 6 minutes at the market.
    Hung,
}

impl Named {
    /// Everybody, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Nam, Self::Lan, Self::Mai, Self::Hung];

    /// Returns the name in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Nam => "nam",
            Self::Lan => "lan",
            Self::Mai => "mai",
            Self::Hung => "hung",
        }
    }

    /// Returns the person of a name in an address.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|named| named.slug() == slug)
    }

    /// Returns the given name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nam => "Nam",
            Self::Lan => "Lan",
            Self::Mai => "Mai",
            Self::Hung => "Hùng",
        }
    }

    /// Returns the full name.
    pub fn full_name(self) -> &'static str {
        match self {
            Self::Nam => "Trần Văn Nam",
            Self::Lan => "Nguyễn Thị Lan",
            Self::Mai => "Lê Thị Mai",
            Self::Hung => "Phạm Văn Hùng",
        }
    }

    /// Returns the person's number in a province of `people`: the first of a home far from the others'.
    pub fn person(self, people: usize) -> PersonNumber {
        let homes = people / PEOPLE_A_HOME;
        let eighth = match self {
            Self::Nam => 0,
            Self::Lan => 3,
            Self::Mai => 5,
            Self::Hung => 7,
        };
        homes * eighth / 8 * PEOPLE_A_HOME
    }
}

/// Returns the number of Nam's bench mate, whose phone takes part too.
pub fn bench_mate(people: usize) -> PersonNumber {
    people / PEOPLE_A_HOME / 8 * PEOPLE_A_HOME
}

/// What a person does on working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Works at a seat of the factory.
    Worker {
        /// Hall, 0 or 1.
        hall: usize,
        /// Line in the hall.
        line: usize,
        /// Seat in the line.
        seat: usize,
        /// Bus and seat in it; others come by motorbike.
        ride: Option<(usize, usize)>,
    },
    /// Sells at a stall of the market.
    Vendor {
        /// Stall.
        stall: usize,
    },
    /// Stays at home and goes to the market.
    AtHome,
}

/// One inhabitant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Number of the home.
    pub home: usize,
    /// Work.
    pub role: Role,
    /// Name, of those in the story.
    pub named: Option<Named>,
    /// Whether the person's phone runs the app.
    pub covered: bool,
}

/// Draws the people of a province.
///
/// * `adoption`: share of people whose phone runs the app, 0..=1; those of the story always do
pub fn draw(people: usize, adoption: f64, seed: &Seed) -> Vec<Person> {
    let people = people.clamp(MIN_PEOPLE, MAX_PEOPLE);
    let mate = bench_mate(people);
    let adoption_seed = seed.child("adoption");
    let mut drawn: Vec<Person> = (0..people)
        .map(|number| {
            let named = Named::ALL.into_iter().find(|named| named.person(people) == number);
            let draw = seed::unit(&mut adoption_seed.nth(number).rng());
            Person {
                home: number / PEOPLE_A_HOME,
                role: Role::AtHome,
                named,
                covered: named.is_some() || number == mate || draw < adoption,
            }
        })
        .collect();
    employ(&mut drawn, mate, &seed.child("work"));
    drawn
}

/// Gives places to those who work. Nam has the first seat of the first hall, his mate the second; Lan and Mai work in
/// the other hall; Hùng does not work.
fn employ(people: &mut [Person], mate: PersonNumber, seed: &Seed) {
    let per_hall = LINES_A_HALL * SEATS_A_LINE;
    let mut free: [std::ops::Range<usize>; 2] = [2..per_hall, 0..per_hall];
    let mut riders = [0usize; BUSES];
    let mut stalls = 0..STALLS;
    for (number, person) in people.iter_mut().enumerate() {
        let rng = &mut seed.nth(number).rng();
        let draw = seed::unit(rng);
        let hall = usize::from(seed::unit(rng) < 0.5);
        let wants_work = match number % PEOPLE_A_HOME {
            0 => 1.0,
            1 => 0.8,
            _ => 0.1,
        };
        let seat = match person.named {
            Some(Named::Nam) => Some((0, 0)),
            Some(Named::Hung) => continue,
            Some(Named::Lan | Named::Mai) => free[1].next().map(|at| (1, at)),
            None if number == mate => Some((0, 1)),
            None if draw < wants_work => free[hall].next().map(|at| (hall, at)),
            None if draw > 0.93 => {
                person.role = stalls.next().map_or(Role::AtHome, |stall| Role::Vendor { stall });
                None
            }
            None => None,
        };
        let Some((hall, at)) = seat else { continue };
        let street = person.home / HOMES_A_STREET;
        let rides = matches!(person.named, None | Some(Named::Nam)) && street.is_multiple_of(2);
        let ride = rides.then(|| {
            let bus = street % BUSES;
            riders[bus] += 1;
            (bus, riders[bus] - 1)
        });
        person.role = Role::Worker {
            hall,
            line: at / SEATS_A_LINE,
            seat: at % SEATS_A_LINE,
            ride,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_of_the_story_has_a_phone_and_their_place() {
        let people = draw(400, 0.0, &Seed::root(1));
        assert_eq!(people.iter().filter(|person| person.covered).count(), 5);
        let of = |named: Named| &people[named.person(400)];
        assert!(Named::ALL.iter().all(|named| of(*named).named == Some(*named)));
        assert!(matches!(
            of(Named::Nam).role,
            Role::Worker {
                hall: 0,
                line: 0,
                seat: 0,
                ride: Some((0, _))
            }
        ));
        assert!(matches!(
            people[bench_mate(400)].role,
            Role::Worker {
                hall: 0,
                line: 0,
                seat: 1,
                ..
            }
        ));
        assert!(matches!(
            of(Named::Lan).role,
            Role::Worker {
                hall: 1,
                ride: None,
                ..
            }
        ));
        assert_eq!(of(Named::Hung).role, Role::AtHome);
    }

    #[test]
    fn no_two_people_share_a_seat_and_a_seed_gives_the_same_people() {
        let people = draw(400, 0.6, &Seed::root(2));
        let mut roles: Vec<String> = people
            .iter()
            .filter(|person| person.role != Role::AtHome)
            .map(|person| match person.role {
                Role::Worker { hall, line, seat, .. } => format!("{hall} {line} {seat}"),
                other => format!("{other:?}"),
            })
            .collect();
        let count = roles.len();
        roles.sort();
        roles.dedup();
        assert_eq!(roles.len(), count);
        assert!(count > 150, "{count}");
        assert_eq!(people, draw(400, 0.6, &Seed::root(2)));
        let covered = people.iter().filter(|person| person.covered).count();
        assert!((200..=280).contains(&covered), "{covered}");
    }
}
