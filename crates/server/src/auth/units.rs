//! Which unit somebody means who types a code or a name, and what it is as a scope.

use crate::civil::CivilDate;
use crate::geo::{Catalogue, Tier, Unit, UnitId};
use crate::scope::{Level, Place, Scope};

/// Most units offered for one name.
const OFFERED: usize = 12;
/// Units looked at before those outside the own unit are left out.
const LOOKED_AT: usize = 200;

/// What a text stands for.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    /// The whole nation.
    Nation,
    /// This unit.
    One(&'a Unit),
    /// One of these; the person has to say which.
    Several(Vec<&'a Unit>),
    /// Nothing inside the own unit.
    Nothing,
}

/// Finds the unit that is valid on `day` and inside `within`: by code (`815`), by id (`815@2021-01-01`), or by name. Nothing
/// typed means the whole nation, for those whose scope it is.
pub(super) fn find<'a>(geo: &'a Catalogue, day: CivilDate, within: Scope, text: &str) -> Found<'a> {
    let text = text.trim();
    if text.is_empty() {
        return if within == Scope::NATION {
            Found::Nation
        } else {
            Found::Nothing
        };
    }
    let is_inside = |unit: &Unit| scope_of(geo, unit.id).is_some_and(|(_, place)| within.covers(&place));
    let one = |unit: Option<&'a Unit>| match unit.filter(|unit| is_inside(unit)) {
        Some(unit) => Found::One(unit),
        None => Found::Nothing,
    };
    if let Some(id) = UnitId::parse(text) {
        return one(geo.unit(id).filter(|unit| unit.is_valid_on(day)));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return one(geo.by_code(text, day).ok());
    }
    let named = geo
        .on(day)
        .map(|day| day.search(text, None, LOOKED_AT))
        .unwrap_or_default();
    let mut inside: Vec<&Unit> = named.into_iter().filter(|unit| is_inside(unit)).take(OFFERED).collect();
    match inside.len() {
        0 => Found::Nothing,
        1 => Found::One(inside.remove(0)),
        _ => Found::Several(inside),
    }
}

/// Returns a unit as a scope, with the units above it.
pub(super) fn scope_of(geo: &Catalogue, unit: UnitId) -> Option<(Scope, Place)> {
    let path = geo.path(unit)?;
    let place = Place {
        province: Some(path.province.number()),
        district: path.district.map(UnitId::number),
        commune: path.commune.map(UnitId::number),
    };
    let level = match unit.tier() {
        Tier::PROVINCE => Level::Province,
        Tier::DISTRICT => Level::District,
        _ => Level::Commune,
    };
    let unit = unit.number();
    Some((Scope { level, unit }, place))
}

/// Returns a unit's name with the one above it and its code: `Phường 5, Thành phố Mỹ Tho (28249)`.
pub(super) fn described(geo: &Catalogue, unit: &Unit) -> String {
    let above = geo.ancestors(unit.id);
    let above = above.first().map(|above| format!(", {}", above.full_name()));
    format!("{}{} ({})", unit.full_name(), above.unwrap_or_default(), unit.code())
}

/// Returns the name of a scope's unit; nothing for the whole nation and for a unit that no catalogue knows.
pub(super) fn name_of(geo: &Catalogue, scope: Scope) -> Option<String> {
    Some(described(geo, geo.unit(UnitId::from_number(scope.unit)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).expect("a date")
    }

    fn scope(code: &str, on: &str) -> Scope {
        let geo = Catalogue::shipped();
        let unit = geo.by_code(code, day(on)).expect("a unit");
        scope_of(&geo, unit.id).expect("a scope").0
    }

    #[test]
    fn a_code_means_what_it_means_on_the_day_and_nothing_outside_the_own_unit() {
        let geo = Catalogue::shipped();
        let name = |within, on: &str, text: &str| match find(&geo, day(on), within, text) {
            Found::One(unit) => unit.full_name(),
            other => format!("{other:?}"),
        };
        assert_eq!(name(Scope::NATION, "2021-07-12", "82"), "Tỉnh Tiền Giang");
        assert_eq!(name(Scope::NATION, "2025-07-12", "82"), "Tỉnh Đồng Tháp");
        let tien_giang = scope("82", "2021-07-12");
        assert_eq!(name(tien_giang, "2021-07-12", " 815 "), "Thành phố Mỹ Tho");
        assert_eq!(name(tien_giang, "2021-07-12", "815@2021-01-01"), "Thành phố Mỹ Tho");
        for (text, on) in [
            ("79", "2021-07-12"),
            ("99999", "2021-07-12"),
            ("815", "2025-07-12"),
            ("815@2021-01-01", "2025-07-12"),
            ("", "2021-07-12"),
        ] {
            assert_eq!(find(&geo, day(on), tien_giang, text), Found::Nothing, "{text}");
        }
        assert_eq!(find(&geo, day("2021-07-12"), Scope::NATION, " "), Found::Nation);
    }

    #[test]
    fn a_name_that_several_units_have_is_a_question() {
        let geo = Catalogue::shipped();
        let on = day("2021-07-12");
        match find(&geo, on, Scope::NATION, "phuong 5") {
            Found::Several(units) => assert!(units.len() == OFFERED),
            other => panic!("{other:?}"),
        }
        let my_tho = scope("815", "2021-07-12");
        match find(&geo, on, my_tho, "Phường 5") {
            Found::One(unit) => assert_eq!(unit.code(), "28249"),
            other => panic!("{other:?}"),
        }
        let unit = geo.by_code("28249", on).expect("a unit");
        assert_eq!(described(&geo, unit), "Phường 5, Thành phố Mỹ Tho (28249)");
    }
}
