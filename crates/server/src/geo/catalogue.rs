//! All units of all times, in memory: the shipped facts and what an operator imported.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use super::facts::{self, Facts};
use super::lineage::{Basis, Link};
use super::model::{GeoError, Path, Population, Tier, Unit, UnitId};
use super::store::Imported;
use crate::civil::CivilDate;
use crate::fold::fold;

/// Rings of a boundary as imported: polygons, each an outer ring and its holes, in degrees `[lon, lat]`.
pub type Rings = Vec<Vec<Vec<[f64; 2]>>>;

/// All units of all times. Read once at start; an import shows after a restart.
pub struct Catalogue {
    /// By id.
    units: Vec<Unit>,
    /// Places in `units` by tier, code and day.
    by_code: Vec<u32>,
    /// Places in `units` by tier and code of the parent.
    by_parent: Vec<(Tier, u32, u32)>,
    /// By beginning, the default first.
    links: Vec<Link>,
    /// Places in `links` by end.
    by_end: Vec<u32>,
    populations: BTreeMap<UnitId, Vec<Population>>,
    boundaries: BTreeMap<UnitId, Rings>,
    folded: OnceLock<Vec<String>>,
}

static SHIPPED: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::of(facts::read(), BTreeMap::new())));

impl Catalogue {
    /// Returns the facts that ship with the program: units of 2021 and since 2025-07-01.
    pub fn shipped() -> Arc<Self> {
        Arc::clone(&SHIPPED)
    }

    /// Returns the shipped facts with imported units, steps and boundaries. An imported unit replaces a shipped one of the
    /// same id, and ends one of the same code.
    pub(super) fn with(imported: Imported) -> Arc<Self> {
        if imported.is_empty() {
            return Self::shipped();
        }
        let mut facts = facts::read();
        let mut parents = Vec::new();
        let mut units: BTreeMap<UnitId, Unit> = facts.units.into_iter().map(|unit| (unit.id, unit)).collect();
        for (mut unit, parent) in imported.units {
            if let Some(shipped) = units.get(&unit.id) {
                unit.valid_to = unit.valid_to.or(shipped.valid_to);
                unit.point = shipped.point;
            }
            parents.extend(parent.map(|code| (unit.id, code)));
            units.insert(unit.id, unit);
        }
        facts.units = units.into_values().collect();
        end_replaced(&mut facts);
        for (id, last) in imported.ends {
            if let Ok(at) = facts.units.binary_search_by_key(&id, |unit| unit.id) {
                facts.units[at].valid_to = Some(last);
            }
        }
        for link in imported.links {
            facts
                .links
                .retain(|known| (known.from, known.to.unit) != (link.from, link.to.unit));
            facts.links.push(link);
        }
        let mut catalogue = Self::of(facts, imported.boundaries);
        catalogue.set_parents(&parents);
        Arc::new(catalogue)
    }

    fn of(mut facts: Facts, boundaries: BTreeMap<UnitId, Rings>) -> Self {
        facts.units.sort_by_key(|unit| unit.id);
        facts
            .links
            .sort_by_key(|link| (link.from, !link.to.is_default, link.to.unit));
        let mut catalogue = Self {
            by_code: places(facts.units.len()),
            by_end: places(facts.links.len()),
            units: facts.units,
            by_parent: Vec::new(),
            links: facts.links,
            populations: facts.populations,
            boundaries,
            folded: OnceLock::new(),
        };
        let (units, links) = (&catalogue.units, &catalogue.links);
        catalogue.by_code.sort_by_key(|at| code_key(&units[*at as usize]));
        catalogue.by_end.sort_by_key(|at| links[*at as usize].to.unit);
        catalogue.index_parents();
        catalogue
    }

    fn index_parents(&mut self) {
        let parents = self.units.iter().zip(0..);
        let mut found: Vec<(Tier, u32, u32)> = parents
            .filter_map(|(unit, at)| unit.parent.map(|parent| (parent.tier(), parent.code_number(), at)))
            .collect();
        found.sort_unstable();
        self.by_parent = found;
    }

    /// Finds the parents of imported units: the unit of that code on the child's first day.
    fn set_parents(&mut self, parents: &[(UnitId, String)]) {
        for (id, code) in parents {
            let parent = self.by_code(code, id.valid_from()).ok().map(|unit| unit.id);
            if let Ok(at) = self.place(*id) {
                self.units[at].parent = parent;
            }
        }
        self.index_parents();
    }

    fn place(&self, id: UnitId) -> Result<usize, usize> {
        self.units.binary_search_by_key(&id, |unit| unit.id)
    }

    /// Returns a unit.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.place(id).ok().map(|at| &self.units[at])
    }

    /// Returns all units of all times, by id.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Returns what a code has ever meant, oldest first.
    pub fn meanings(&self, code: &str) -> Vec<&Unit> {
        let Some((tier, number)) = Tier::of_code(code).zip(code.parse::<u32>().ok()) else {
            return Vec::new();
        };
        let key = |at: &u32| {
            let (tier, code, _) = code_key(&self.units[*at as usize]);
            (tier, code)
        };
        let from = self.by_code.partition_point(|at| key(at) < (tier, number));
        let same = self.by_code[from..].iter().take_while(|at| key(at) == (tier, number));
        same.map(|at| &self.units[*at as usize]).collect()
    }

    /// Returns what a code meant on a day.
    ///
    /// # Errors
    ///
    /// [`GeoError`] says whether the code, its meaning on this day or the day's catalogue is missing.
    pub fn by_code(&self, code: &str, on: CivilDate) -> Result<&Unit, GeoError> {
        let meanings = self.known(code)?;
        match meanings.iter().find(|unit| unit.is_valid_on(on)) {
            Some(unit) => Ok(unit),
            None => Err(GeoError::NotOnThisDay {
                code: code.to_owned(),
                on,
                meanings: meanings.iter().map(|unit| unit.meaning()).collect(),
            }),
        }
    }

    /// Returns what a code means, on `date` if one is given.
    ///
    /// # Errors
    ///
    /// [`GeoError::Ambiguous`] when no date is given and the code has had several meanings: the explanation names them.
    pub fn resolve(&self, code: &str, date: Option<CivilDate>) -> Result<&Unit, GeoError> {
        if let Some(on) = date {
            return self.by_code(code, on);
        }
        match self.known(code)?.as_slice() {
            [unit] => Ok(unit),
            several => Err(GeoError::Ambiguous {
                code: code.to_owned(),
                meanings: several.iter().map(|unit| unit.meaning()).collect(),
            }),
        }
    }

    fn known(&self, code: &str) -> Result<Vec<&Unit>, GeoError> {
        if Tier::of_code(code).is_none() {
            return Err(GeoError::NoCode);
        }
        let meanings = self.meanings(code);
        if meanings.is_empty() {
            return Err(GeoError::Unknown { code: code.to_owned() });
        }
        Ok(meanings)
    }

    /// Returns the catalogue of a day.
    ///
    /// # Errors
    ///
    /// [`GeoError::NoCatalogue`] for a day before the oldest unit.
    pub fn on(&self, day: CivilDate) -> Result<DayCatalogue<'_>, GeoError> {
        match self.units.first() {
            Some(oldest) if oldest.valid_from() > day => Err(GeoError::NoCatalogue {
                on: day,
                first: oldest.valid_from(),
            }),
            _ => Ok(DayCatalogue { all: self, day }),
        }
    }

    /// Returns the units that contain a unit, the nearest first.
    pub fn ancestors(&self, id: UnitId) -> Vec<&Unit> {
        let parent = |id| {
            self.unit(id)
                .and_then(|unit| unit.parent)
                .and_then(|parent| self.unit(parent))
        };
        std::iter::successors(parent(id), |unit| parent(unit.id)).collect()
    }

    /// Returns a unit's province, district and commune.
    pub fn path(&self, id: UnitId) -> Option<Path> {
        let mut line = self.ancestors(id);
        line.push(self.unit(id)?);
        let of_tier = |tier| line.iter().find(|unit| unit.tier() == tier).map(|unit| unit.id);
        Some(Path {
            province: of_tier(Tier::PROVINCE)?,
            district: of_tier(Tier::DISTRICT),
            commune: of_tier(Tier::COMMUNE),
        })
    }

    /// Returns the units directly inside a unit during any part of its validity, by id.
    pub fn children(&self, id: UnitId) -> Vec<&Unit> {
        let Some(parent) = self.unit(id) else {
            return Vec::new();
        };
        let key = (id.tier(), id.code_number());
        let from = self.by_parent.partition_point(|(tier, code, _)| (*tier, *code) < key);
        let inside = self.by_parent[from..]
            .iter()
            .take_while(|(tier, code, _)| (*tier, *code) == key);
        let children = inside.map(|(.., at)| &self.units[*at as usize]);
        children.filter(|unit| overlap(unit, parent)).collect()
    }

    /// Returns the communes of a unit, itself included, that are valid on a day: with the name of the district behind each, by
    /// name of district and code.
    pub fn communes(&self, within: UnitId, on: CivilDate) -> Vec<(UnitId, String)> {
        let mut units = self.descendants(within);
        units.extend(self.unit(within));
        let mut found: Vec<(UnitId, String, String)> = units
            .into_iter()
            .filter(|unit| unit.tier() == Tier::COMMUNE && unit.is_valid_on(on))
            .map(|unit| {
                let parent = unit.parent.and_then(|parent| self.unit(parent));
                let district = parent.filter(|parent| parent.tier() == Tier::DISTRICT);
                match district.map(Unit::full_name) {
                    Some(district) => (unit.id, format!("{}, {district}", unit.full_name()), district),
                    None => (unit.id, unit.full_name(), unit.full_name()),
                }
            })
            .collect();
        found.sort_by(|a, b| a.2.cmp(&b.2).then_with(|| a.0.code().cmp(&b.0.code())));
        found.into_iter().map(|(unit, name, _)| (unit, name)).collect()
    }

    /// Returns all units inside a unit, parents before children.
    pub fn descendants(&self, id: UnitId) -> Vec<&Unit> {
        let mut found = Vec::new();
        for child in self.children(id) {
            found.push(child);
            found.extend(self.descendants(child.id));
        }
        found
    }

    /// Returns the published populations of a unit, oldest first.
    pub fn populations(&self, id: UnitId) -> &[Population] {
        self.populations.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Returns the imported boundary of a unit.
    pub fn boundary(&self, id: UnitId) -> Option<&Rings> {
        self.boundaries.get(&id)
    }

    pub(super) fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter()
    }

    pub(super) fn links_from(&self, id: UnitId) -> &[Link] {
        let from = self.links.partition_point(|link| link.from < id);
        let until = self.links.partition_point(|link| link.from <= id);
        &self.links[from..until]
    }

    pub(super) fn links_to(&self, id: UnitId) -> Vec<Link> {
        let end = |at: &u32| self.links[*at as usize].to.unit;
        let from = self.by_end.partition_point(|at| end(at) < id);
        let same = self.by_end[from..].iter().take_while(|at| end(at) == id);
        same.map(|at| self.links[*at as usize]).collect()
    }

    fn folded(&self) -> &[String] {
        self.folded
            .get_or_init(|| self.units.iter().map(|unit| fold(&unit.full_name())).collect())
    }
}

/// The units that are valid on one day.
#[derive(Clone, Copy)]
pub struct DayCatalogue<'a> {
    all: &'a Catalogue,
    day: CivilDate,
}

impl<'a> DayCatalogue<'a> {
    /// Returns all units of the day, by id.
    pub fn units(self) -> impl Iterator<Item = &'a Unit> {
        self.all.units.iter().filter(move |unit| unit.is_valid_on(self.day))
    }

    /// Returns the units of a tier, by code.
    pub fn of_tier(self, tier: Tier) -> Vec<&'a Unit> {
        let mut found: Vec<&Unit> = self.units().filter(|unit| unit.tier() == tier).collect();
        found.sort_by_key(|unit| unit.id.code_number());
        found
    }

    /// Returns the tiers that exist on the day, the widest first.
    pub fn tiers(self) -> Vec<Tier> {
        let mut tiers: Vec<Tier> = self.units().map(Unit::tier).collect();
        tiers.sort_unstable();
        tiers.dedup();
        tiers
    }

    /// Returns what a code means on the day.
    ///
    /// # Errors
    ///
    /// As [`Catalogue::by_code`].
    pub fn by_code(self, code: &str) -> Result<&'a Unit, GeoError> {
        self.all.by_code(code, self.day)
    }

    /// Finds units by the beginnings of words of their name, without diacritics, or by code: at most `limit`, names that
    /// begin with the text first, wide tiers before narrow ones.
    pub fn search(self, text: &str, tier: Option<Tier>, limit: usize) -> Vec<&'a Unit> {
        let wanted = fold(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let names = self.all.units.iter().zip(self.all.folded());
        let mut found: Vec<(u8, Tier, u32, &Unit)> = names
            .filter(|(unit, _)| unit.is_valid_on(self.day) && tier.is_none_or(|tier| unit.tier() == tier))
            .filter_map(|(unit, name)| Some((rank(unit, name, &wanted)?, unit.tier(), unit.id.code_number(), unit)))
            .collect();
        found.sort_by_key(|(rank, tier, code, _)| (*rank, *tier, *code));
        found.into_iter().take(limit).map(|(.., unit)| unit).collect()
    }
}

/// Says how well a folded name fits: the whole name without its kind, its beginning, or every word somewhere.
fn rank(unit: &Unit, full: &str, wanted: &str) -> Option<u8> {
    let kind_words = unit.kind.split(' ').count();
    let name = full.splitn(kind_words + 1, ' ').last().unwrap_or(full);
    if unit.code() == wanted || name == wanted || full == wanted {
        return Some(0);
    }
    if name.starts_with(wanted) || full.starts_with(wanted) {
        return Some(1);
    }
    let begins = |part: &str| full.split(' ').any(|word| word.starts_with(part));
    wanted.split(' ').all(begins).then_some(2)
}

fn places(length: usize) -> Vec<u32> {
    (0..u32::try_from(length).expect("far fewer than four thousand million")).collect()
}

fn code_key(unit: &Unit) -> (Tier, u32, UnitId) {
    (unit.tier(), unit.id.code_number(), unit.id)
}

fn overlap(a: &Unit, b: &Unit) -> bool {
    a.valid_to.is_none_or(|last| b.valid_from() <= last) && b.valid_to.is_none_or(|last| a.valid_from() <= last)
}

/// Ends each unit on the day before the next of the same code, hands its end on to that one, and notes the step.
fn end_replaced(facts: &mut Facts) {
    let mut order: Vec<usize> = (0..facts.units.len()).collect();
    order.sort_by_key(|at| code_key(&facts.units[*at]));
    for pair in order.windows(2) {
        let (old, new) = (&facts.units[pair[0]], &facts.units[pair[1]]);
        let same_code = (old.tier(), old.id.code_number()) == (new.tier(), new.id.code_number());
        if !same_code || old.valid_to.is_some_and(|last| last < new.valid_from()) {
            continue;
        }
        let (from, to, end) = (old.id, new.id, old.valid_to);
        // what became of the old one later is what becomes of the new one
        for link in facts
            .links
            .iter_mut()
            .filter(|link| link.from == from && link.to.unit > to)
        {
            link.from = to;
        }
        Link::divide(from, &[(to, false)], Basis::SameCode, &mut facts.links);
        facts.units[pair[0]].valid_to = CivilDate::from_number(to.valid_from().number() - 1);
        let new = &mut facts.units[pair[1]];
        new.valid_to = new.valid_to.or(end);
    }
}
