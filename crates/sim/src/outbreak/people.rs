//! Who lives in the whole province: households with their names, telephones and work, as few bytes each.

use std::ops::Range;

use protocol::time::DAY_SECONDS;
use rand_chacha::ChaCha20Rng;
use server::{
    civil::CivilDate,
    geo::{Catalogue, UnitId},
    people::{Birth, Identity, Sex},
};

use super::names::{self, NameParts};
use crate::{
    seed::{self, Seed},
    world::{LocalDay, Named},
};

/// Position of a person in the population.
pub type PersonNo = u32;
/// Code of the province until 2025-06-30.
pub const PROVINCE: &str = "82";
/// Commune of each person of the story, in the order of [`Named::ALL`]: all in the town of the demo's tracer.
const STORY_COMMUNES: [&str; 4] = ["28249", "28282", "28285", "28252"];
/// People of a home of the story; the story's own come first.
const STORY_HOME: u32 = 4;
/// First telephone number: 095 has belonged to no operator since S-Fone closed, so none of these rings.
const FIRST_PHONE: u32 = 950_000_000;
/// Numbers that the people of the story have for themselves.
const STORY_PHONES: u32 = 350_000;
/// Telephone numbers there are behind the first, a prime: [`PHONE_STEP`] visits each once.
const PHONES: u32 = 9_999_991;
const PHONE_STEP: u64 = 3_571_428;
const NONE: u32 = u32::MAX;

/// A commune of the province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commune {
    /// Its unit of 2021.
    pub id: UnitId,
    /// Code, such as `28249`.
    pub code: String,
    /// Code of its district.
    pub district: String,
    /// `Phường 5`.
    pub name: String,
    /// Inhabitants it is drawn with, against those of others.
    weight: u32,
}

/// What people of a workplace do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
    /// Dozens to hundreds at machines.
    Factory,
    /// A few in a shop or office.
    Shop,
    /// Stalls under one roof.
    Market,
}

/// Where some work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workplace {
    /// What is done.
    pub kind: WorkKind,
    /// Position of its commune.
    pub commune: u16,
    staff: Range<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Household {
    commune: u16,
    first: PersonNo,
    size: u8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inhabitant {
    household: u32,
    name: NameParts,
    sex: Sex,
    /// Days since 1970-01-01.
    born: i32,
    /// National number without its 0; 0 for none.
    phone: u32,
    work: u32,
}

/// Everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    seed: Seed,
    communes: Vec<Commune>,
    households: Vec<Household>,
    people: Vec<Inhabitant>,
    workplaces: Vec<Workplace>,
    staff: Vec<PersonNo>,
}

impl Population {
    /// Draws at least `people` inhabitants of Tiền Giang's communes; the first four households are those of the story.
    ///
    /// # Cost
    ///
    /// 180,000 people take 40 ms and 7 MB.
    pub fn draw(people: usize, seed: Seed) -> Self {
        let mut drawn = Self {
            seed,
            communes: communes(),
            households: Vec::with_capacity(people / 3),
            people: Vec::with_capacity(people + 8),
            workplaces: Vec::new(),
            staff: Vec::new(),
        };
        let rng = &mut seed.child("households").rng();
        for (named, code) in Named::ALL.into_iter().zip(STORY_COMMUNES) {
            let commune = drawn.communes.iter().position(|commune| commune.code == code);
            drawn.settle(commune.unwrap_or(0), Some(named), rng);
        }
        let mut edges: Vec<u32> = Vec::with_capacity(drawn.communes.len());
        for commune in &drawn.communes {
            edges.push(edges.last().copied().unwrap_or(0) + commune.weight);
        }
        let total = edges.last().copied().unwrap_or(1);
        while drawn.people.len() < people {
            let draw = seed::below(rng, total);
            let commune = edges.partition_point(|edge| *edge <= draw);
            drawn.settle(commune, None, rng);
        }
        drawn.employ(&mut seed.child("work").rng());
        drawn
    }

    /// Adds a household.
    fn settle(&mut self, commune: usize, named: Option<Named>, rng: &mut ChaCha20Rng) {
        let household = u32::try_from(self.households.len()).expect("fewer than 2^32 households");
        let first = self.len();
        let size = match named {
            Some(_) => STORY_HOME,
            None => [1, 2, 2, 3, 3, 4, 4, 4, 5, 6][seed::below(rng, 10) as usize],
        };
        let (own, married) = (names::draw_family(rng), names::draw_family(rng));
        for at in 0..size {
            let sex = if (at + seed::below(rng, 5)).is_multiple_of(2) {
                Sex::Male
            } else {
                Sex::Female
            };
            let family = if at == 1 { married } else { own };
            let years = match at {
                0 | 1 => 24 + seed::below(rng, 40),
                2..=3 => 2 + seed::below(rng, 22),
                _ => 60 + seed::below(rng, 30),
            };
            let born = LocalDay::STORY.0 - i64::from(years) * 365 - i64::from(seed::below(rng, 365));
            let phone = match named {
                Some(_) if at == 0 => FIRST_PHONE + STORY_PHONES + household,
                _ => self.draw_phone(first, at, years, rng),
            };
            self.people.push(Inhabitant {
                household,
                name: names::draw(rng, family),
                sex,
                born: i32::try_from(born).unwrap_or(0),
                phone,
                work: NONE,
            });
        }
        self.households.push(Household {
            commune: u16::try_from(commune).unwrap_or(0),
            first,
            size: u8::try_from(size).unwrap_or(1),
        });
        if let Some(named) = named {
            let person = &mut self.people[first as usize];
            person.sex = if matches!(named, Named::Nam | Named::Hung) {
                Sex::Male
            } else {
                Sex::Female
            };
        }
    }

    /// Children and many of the old share the telephone of the household's first.
    fn draw_phone(&self, first: PersonNo, at: u32, years: u32, rng: &mut ChaCha20Rng) -> u32 {
        let shares = at > 0 && (years < 14 || (years >= 70 && seed::unit(rng) < 0.7));
        if shares {
            return self.people[first as usize].phone;
        }
        let number = u64::from(first + at + 1) * PHONE_STEP % u64::from(PHONES);
        FIRST_PHONE + u32::try_from(number).unwrap_or(0)
    }

    /// Gives work to three of five grown people, beside others of their district.
    fn employ(&mut self, rng: &mut ChaCha20Rng) {
        let mut districts: Vec<(String, Vec<PersonNo>)> = Vec::new();
        for commune in &self.communes {
            if districts.last().is_none_or(|(code, _)| *code != commune.district) {
                districts.push((commune.district.clone(), Vec::new()));
            }
        }
        for person in 0..self.len() {
            let grown = (18..60).contains(&self.age(person));
            if grown && seed::unit(rng) < 0.6 {
                let district = &self.commune(person).district;
                if let Some((_, workers)) = districts.iter_mut().find(|(code, _)| code == district) {
                    workers.push(person);
                }
            }
        }
        for (_, mut workers) in districts {
            for at in (1..workers.len()).rev() {
                workers.swap(at, seed::below(rng, u32::try_from(at).unwrap_or(0) + 1) as usize);
            }
            let mut rest = workers.as_slice();
            while !rest.is_empty() {
                let (kind, size) = match seed::below(rng, 20) {
                    0 => (WorkKind::Factory, 60 + seed::below(rng, 240)),
                    1 | 2 => (WorkKind::Market, 20 + seed::below(rng, 60)),
                    _ => (WorkKind::Shop, 3 + seed::below(rng, 12)),
                };
                let (staff, others) = rest.split_at((size as usize).min(rest.len()));
                self.hire(kind, staff);
                rest = others;
            }
        }
    }

    fn hire(&mut self, kind: WorkKind, staff: &[PersonNo]) {
        let number = u32::try_from(self.workplaces.len()).expect("fewer than 2^32 workplaces");
        let from = u32::try_from(self.staff.len()).expect("fewer than 2^32 people");
        self.staff.extend(staff);
        for person in staff {
            self.people[*person as usize].work = number;
        }
        self.workplaces.push(Workplace {
            kind,
            commune: self.households[self.people[staff[0] as usize].household as usize].commune,
            staff: from..from + u32::try_from(staff.len()).unwrap_or(0),
        });
    }

    /// Returns how many people there are.
    #[expect(clippy::len_without_is_empty, reason = "nobody draws an empty province")]
    pub fn len(&self) -> u32 {
        u32::try_from(self.people.len()).expect("fewer than 2^32 people")
    }

    /// Returns the communes, districts together.
    pub fn communes(&self) -> &[Commune] {
        &self.communes
    }

    /// Returns somebody of the story.
    pub fn named(named: Named) -> PersonNo {
        STORY_HOME
            * Named::ALL
                .iter()
                .position(|other| *other == named)
                .map_or(0, |at| at as u32)
    }

    /// Returns the telephone number of somebody of the story.
    pub fn story_phone(named: Named) -> String {
        format!("0{}", FIRST_PHONE + STORY_PHONES + Self::named(named) / STORY_HOME)
    }

    /// Returns house and street of somebody of the story.
    pub fn story_address(named: Named) -> String {
        names::address(Self::named(named) / STORY_HOME)
    }

    /// Returns the code of the commune of somebody of the story.
    pub fn story_commune(named: Named) -> &'static str {
        STORY_COMMUNES[(Self::named(named) / STORY_HOME) as usize]
    }

    /// Returns where a person lives.
    pub fn commune(&self, person: PersonNo) -> &Commune {
        &self.communes[usize::from(self.home(person).commune)]
    }

    /// Returns the position of the commune where a person lives.
    pub fn commune_number(&self, person: PersonNo) -> u16 {
        self.home(person).commune
    }

    fn home(&self, person: PersonNo) -> &Household {
        &self.households[self.people[person as usize].household as usize]
    }

    /// Returns everybody of a person's household, the person included.
    pub fn household(&self, person: PersonNo) -> Range<PersonNo> {
        let home = self.home(person);
        home.first..home.first + u32::from(home.size)
    }

    /// Returns where a person works.
    pub fn workplace(&self, person: PersonNo) -> Option<(u32, &Workplace)> {
        let number = self.people[person as usize].work;
        Some((number, self.workplaces.get(number as usize)?))
    }

    /// Returns the workplace with this number.
    pub fn workplace_at(&self, number: u32) -> Option<&Workplace> {
        self.workplaces.get(number as usize)
    }

    /// Returns everybody who works at a place.
    pub fn staff(&self, workplace: &Workplace) -> &[PersonNo] {
        &self.staff[workplace.staff.start as usize..workplace.staff.end as usize]
    }

    /// Returns the name.
    pub fn name(&self, person: PersonNo) -> String {
        let named = Named::ALL.into_iter().find(|named| Self::named(*named) == person);
        let Inhabitant { name, sex, .. } = self.people[person as usize];
        named.map_or_else(|| names::name(name, sex), |named| named.full_name().to_owned())
    }

    /// Returns the telephone number, `0950350000`.
    pub fn phone(&self, person: PersonNo) -> String {
        format!("0{}", self.people[person as usize].phone)
    }

    /// Returns house and street.
    pub fn address(&self, person: PersonNo) -> String {
        names::address(self.people[person as usize].household)
    }

    /// Returns the age on the day of the story, in years.
    pub fn age(&self, person: PersonNo) -> i64 {
        (LocalDay::STORY.0 - i64::from(self.people[person as usize].born)) * DAY_SECONDS / (365 * DAY_SECONDS)
    }

    /// Returns what the vault keeps of a person; of a third of the people only the year of birth is known.
    pub fn identity(&self, person: PersonNo) -> Identity {
        let inhabitant = &self.people[person as usize];
        let born = CivilDate::from_number(i64::from(inhabitant.born));
        let birth = match born {
            Some(date) if person.is_multiple_of(3) => Birth::Year(date.year()),
            _ => Birth::Day(inhabitant.born),
        };
        let household = self
            .seed
            .child("household id")
            .nth(inhabitant.household as usize)
            .bytes();
        Identity {
            name: self.name(person),
            birth: Some(birth),
            sex: Some(inhabitant.sex),
            phones: vec![self.phone(person)],
            address: self.address(person),
            household: Some(hex::encode(&household[..16])),
            ..Identity::default()
        }
    }

    /// Returns what a workplace is called: numbers, so that nobody's business is meant.
    pub fn workplace_name(&self, number: u32) -> String {
        let Some(workplace) = self.workplaces.get(number as usize) else {
            return String::new();
        };
        let commune = &self.communes[usize::from(workplace.commune)].name;
        match workplace.kind {
            WorkKind::Factory => format!("xưởng số {}, {commune}", number + 1),
            WorkKind::Shop => format!("cửa hàng số {}, {commune}", number + 1),
            WorkKind::Market => format!("chợ tạm số {}, {commune}", number + 1),
        }
    }
}

/// The communes of 2021 with a share of their district's published population.
fn communes() -> Vec<Commune> {
    let catalogue = Catalogue::shipped();
    let day = CivilDate::from_number(LocalDay::STORY.0).expect("a day of 2021");
    let Ok(province) = catalogue.by_code(PROVINCE, day) else {
        return Vec::new();
    };
    let mut communes = Vec::new();
    for district in catalogue.children(province.id) {
        let inside = catalogue.children(district.id);
        let published = catalogue.populations(district.id).last().map(|found| found.number);
        let many = u32::try_from(inside.len()).unwrap_or(1).max(1);
        let people = published.unwrap_or(many * 8_000);
        for unit in &inside {
            communes.push(Commune {
                id: unit.id,
                code: unit.code(),
                district: district.code(),
                name: unit.full_name(),
                weight: (people / many).max(1),
            });
        }
    }
    communes
}
