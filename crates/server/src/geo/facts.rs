//! Reads the facts that ship with the program: the units of 2021 and of 2025, what became of whom, populations.
//!
//! The files are written by `facts/build.py`; each explains its form in its head, with source and licence.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::lineage::{Basis, Link};
use super::model::{Point, Population, Tier, Unit, UnitId, day_number};
use crate::civil::CivilDate;

const UNITS: [&str; 2] = [
    include_str!("facts/units_2021.txt"),
    include_str!("facts/units_2025.txt"),
];
const LINEAGE: &str = include_str!("facts/lineage.txt");
const POPULATIONS: &str = include_str!("facts/populations.txt");

/// What the files hold.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) units: Vec<Unit>,
    pub(super) links: Vec<Link>,
    pub(super) populations: BTreeMap<UnitId, Vec<Population>>,
}

/// Reads the shipped files. They are part of the program: a test reads them, so nothing here can fail later.
pub(super) fn read() -> Facts {
    let mut units = Vec::with_capacity(15_000);
    let mut days = [0; UNITS.len()];
    for (text, day) in UNITS.iter().zip(&mut days) {
        *day = read_units(text, &mut units).expect("the units that ship are well formed");
    }
    let [old, new] = days;
    Facts {
        links: read_lineage(LINEAGE, old, new).expect("the lineage that ships is well formed"),
        populations: read_populations(POPULATIONS, old).expect("the populations that ship are well formed"),
        units,
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// Appends the units of a file; returns the day from which they are valid, as `yyyymmdd`.
fn read_units(text: &'static str, units: &mut Vec<Unit>) -> Option<i64> {
    let mut kinds: Vec<(&str, &str)> = Vec::new();
    let (mut day, mut valid_to) = (0, None);
    let mut above: Vec<UnitId> = Vec::new();
    for line in lines(text) {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "=" => kinds.push(rest.split_once(' ')?),
            "@" => {
                let (from, to) = rest.split_once(' ').map_or((rest, None), |(from, to)| (from, Some(to)));
                day = day_number(CivilDate::parse(from)?)?;
                valid_to = to.and_then(CivilDate::parse);
            }
            code => {
                let (letter, named) = rest.split_once(' ')?;
                let (name, point) = named
                    .split_once('|')
                    .map_or((named, None), |(name, at)| (name, Some(at)));
                let tier = Tier::of_code(code)?;
                let id = UnitId::on_day(day, tier, code.parse().ok()?);
                while above.last().is_some_and(|last| last.tier() >= tier) {
                    above.pop();
                }
                units.push(Unit {
                    id,
                    kind: Cow::Borrowed(kinds.iter().find(|(known, _)| *known == letter)?.1),
                    name: Cow::Borrowed(name),
                    parent: above.last().copied(),
                    valid_to,
                    point: point.map(read_point).unwrap_or_default(),
                });
                above.push(id);
            }
        }
    }
    Some(day)
}

fn read_point(text: &str) -> Option<Point> {
    let (lon, lat) = text.split_once(',')?;
    Some(Point {
        lon: lon.parse().ok()?,
        lat: lat.parse().ok()?,
    })
}

fn id_on(day: i64, code: &str) -> Option<UnitId> {
    Some(UnitId::on_day(day, Tier::of_code(code)?, code.parse().ok()?))
}

fn read_lineage(text: &'static str, old_day: i64, new_day: i64) -> Option<Vec<Link>> {
    let mut links = Vec::with_capacity(12_000);
    for line in lines(text) {
        let mut words = line.split(' ');
        let old = words.next()?;
        let basis = match old.as_bytes().last()? {
            b'~' => Basis::FormerName,
            b'!' => Basis::Judged,
            _ => Basis::Stated,
        };
        let from = id_on(old_day, old.trim_end_matches(['~', '!']))?;
        let mut targets = Vec::with_capacity(2);
        for word in words {
            targets.push((id_on(new_day, word.trim_end_matches('?'))?, word.ends_with('?')));
        }
        Link::divide(from, &targets, basis, &mut links);
    }
    Some(links)
}

fn read_populations(text: &'static str, day: i64) -> Option<BTreeMap<UnitId, Vec<Population>>> {
    let mut sources = Vec::new();
    let mut found: BTreeMap<UnitId, Vec<Population>> = BTreeMap::new();
    for line in lines(text) {
        if let Some(source) = line.strip_prefix("= ") {
            sources.push(source.split_once(' ')?);
            continue;
        }
        let mut words = line.split(' ');
        let id = id_on(day, words.next()?)?;
        let on = CivilDate::parse(words.next()?)?;
        let number = words.next()?.parse().ok()?;
        let letter = words.next()?;
        let (_, source) = sources
            .iter()
            .find(|(known, _)| *known == letter.trim_end_matches('?'))?;
        found.entry(id).or_default().push(Population {
            number,
            on,
            source,
            doubtful: letter.ends_with('?'),
        });
    }
    for figures in found.values_mut() {
        figures.sort_by_key(|figure| figure.on);
    }
    Some(found)
}
