//! A row of a list as a contact or a case, or what is wrong with it.

use std::collections::HashMap;

use super::fields::Field;
use super::model::{Kind, Options};
use crate::app::AuthorityApp;
use crate::cases::grid::{Column, Fault, Reading, read_day};
use crate::cases::read_label;
use crate::civil::CivilDate;
use crate::fold::fold;
use crate::geo::{Tier, UnitId};
use crate::people::{Birth, Identity};
use crate::scope::{Level, Scope};

/// Most cases that a case may have come from.
const MAX_SOURCES: usize = 5;

/// What a row says, whole.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) identity: Identity,
    /// Day of the last exposure, or of the test.
    pub(super) day: CivilDate,
    /// Where the person lives; a row that was read without a fault has it.
    pub(super) unit: Option<UnitId>,
    pub(super) place: String,
    pub(super) relation: String,
    pub(super) minutes: Option<i64>,
    pub(super) level: u8,
    /// Code of the case: the one met, or the own.
    pub(super) code: Option<String>,
    pub(super) onset: Option<CivilDate>,
    pub(super) sources: Vec<String>,
}

/// What is wrong with a row: column, if it is there, and the fault's word, which names a text.
pub(super) type Faults = Vec<(Option<u16>, &'static str)>;

/// Reads rows of one list.
pub(super) struct Reader {
    kind: Kind,
    fields: Vec<Field>,
    today: CivilDate,
    day: Option<CivilDate>,
    level: u8,
    has_case: bool,
    unit: Option<UnitId>,
    communes: HashMap<String, Option<UnitId>>,
}

impl Reader {
    /// Prepares for a list of an officer with `scope`.
    pub(super) fn new(
        app: &AuthorityApp,
        scope: Scope,
        kind: Kind,
        fields: &[Field],
        options: &Options,
        today: CivilDate,
    ) -> Self {
        let own = UnitId::from_number(scope.unit).filter(|_| scope.level != Level::Nation);
        let code = options.unit.as_deref().unwrap_or_default();
        Self {
            kind,
            fields: fields.to_vec(),
            today,
            day: options.day.as_deref().and_then(CivilDate::parse),
            level: options.level.clamp(1, 4),
            has_case: options.case_id.is_some(),
            unit: app.geo.by_code(code, today).ok().map(|unit| unit.id).or(own),
            communes: communes(app, own, today),
        }
    }

    /// Reads a row.
    ///
    /// # Errors
    ///
    /// What is wrong, at least one thing.
    pub(super) fn read(&self, cells: &[String]) -> Result<Row, Faults> {
        let mut faults = Faults::new();
        let mut grid = Reading {
            exposed_on: self.day.filter(|_| self.kind == Kind::Contacts),
            ..Reading::default()
        };
        let mut row = Row {
            identity: Identity::default(),
            day: self.day.unwrap_or(self.today),
            unit: self.unit,
            place: String::new(),
            relation: String::new(),
            minutes: None,
            level: self.level,
            code: None,
            onset: None,
            sources: Vec::new(),
        };
        let mut test_date = self.day.filter(|_| self.kind == Kind::Cases);
        let mut birth_of_age = None;
        for (at, (text, field)) in (0u16..).zip(cells.iter().zip(&self.fields)) {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let taken = match field {
                Field::Grid(column) => grid.take(*column, text, self.today).map_err(Fault::word),
                Field::Code | Field::CaseCode => read_label(text).map(|code| row.code = Some(code)).ok_or("bad-code"),
                Field::Source => {
                    row.sources = sources(text);
                    Ok(())
                }
                Field::Age if is_unknown(text) => Ok(()),
                Field::Age => age(text)
                    .map(|age| birth_of_age = Some(Birth::Year(self.today.year() - age)))
                    .ok_or("bad-age"),
                Field::Commune => match self.communes.get(&fold(text)) {
                    Some(Some(unit)) => {
                        row.unit = Some(*unit);
                        Ok(())
                    }
                    Some(None) => Err("commune-twice"),
                    None => Err("bad-commune"),
                },
                Field::Minutes => number(text, 20_160)
                    .map(|minutes| row.minutes = Some(minutes))
                    .ok_or("bad-minutes"),
                Field::Level => number(text, 4)
                    .filter(|level| *level >= 1)
                    .and_then(|level| u8::try_from(level).ok())
                    .map(|level| row.level = level)
                    .ok_or("bad-level"),
                Field::TestDate => {
                    test_date = self.past(text);
                    test_date.map(|_| ()).ok_or("bad-day")
                }
                Field::Onset => {
                    row.onset = self.past(text);
                    row.onset.map(|_| ()).ok_or("bad-day")
                }
            };
            if let Err(word) = taken {
                faults.push((Some(at), word));
            }
        }
        if grid.identity.birth.is_none() {
            grid.identity.birth = birth_of_age;
        }
        row.identity = grid.identity;
        (row.place, row.relation) = (grid.place, grid.relation.chars().take(60).collect());
        let day = match self.kind {
            Kind::Contacts => grid.exposed_on,
            Kind::Cases => test_date,
        };
        self.complete(&mut row, day, &mut faults);
        if faults.is_empty() { Ok(row) } else { Err(faults) }
    }

    /// Looks for what is missing, where its own cell is not wrong already.
    fn complete(&self, row: &mut Row, day: Option<CivilDate>, faults: &mut Faults) {
        let column = |field: Field| {
            let at = self.fields.iter().position(|own| *own == field);
            at.and_then(|at| u16::try_from(at).ok())
        };
        let mut miss = |fields: &[Field], word: &'static str| {
            let places: Vec<u16> = fields.iter().filter_map(|field| column(*field)).collect();
            let is_said = faults.iter().any(|(at, _)| at.is_some_and(|at| places.contains(&at)));
            if !is_said {
                faults.push((places.first().copied(), word));
            }
        };
        let name = Field::Grid(Column::Name);
        match self.kind {
            Kind::Contacts => {
                if row.identity.name.is_empty() {
                    miss(&[name], "no-name");
                }
                if row.identity.phones.is_empty() && row.identity.address.is_empty() {
                    miss(&[Field::Grid(Column::Phone), Field::Grid(Column::Address)], "no-way");
                }
                match day {
                    Some(day) if self.today.days_since(day) > 60 => {
                        miss(&[Field::Grid(Column::ExposedOn)], "too-old");
                    }
                    Some(day) => row.day = day,
                    None => miss(&[Field::Grid(Column::ExposedOn)], "no-day"),
                }
                if row.code.is_none() && !self.has_case {
                    miss(&[Field::CaseCode], "no-case");
                }
            }
            Kind::Cases => {
                if row.identity.name.is_empty() {
                    match &row.code {
                        // Published lists name nobody: the code is what the person is called there.
                        Some(code) if column(name).is_none() => row.identity.name = format!("Bệnh nhân {code}"),
                        _ => miss(&[name, Field::Code], "no-name"),
                    }
                }
                match day {
                    Some(day) => row.day = day,
                    None => miss(&[Field::TestDate], "no-day"),
                }
                let fits = |onset: CivilDate| (0..=28).contains(&row.day.days_since(onset));
                if row.onset.is_some_and(|onset| !fits(onset)) {
                    miss(&[Field::Onset], "bad-onset");
                }
            }
        }
        if row.unit.is_none() {
            miss(&[Field::Commune], "no-commune");
        }
    }

    fn past(&self, text: &str) -> Option<CivilDate> {
        read_day(text, self.today).filter(|day| *day <= self.today)
    }
}

/// Returns the communes of a unit by folded name and by code; `None` for names that two communes have.
fn communes(app: &AuthorityApp, own: Option<UnitId>, today: CivilDate) -> HashMap<String, Option<UnitId>> {
    let mut found: HashMap<String, Option<UnitId>> = HashMap::new();
    let Some(own) = own else { return found };
    let mut units = app.geo.descendants(own);
    units.extend(app.geo.unit(own));
    for unit in units
        .into_iter()
        .filter(|unit| unit.tier() == Tier::COMMUNE && unit.is_valid_on(today))
    {
        let full = unit.full_name();
        let district = unit.parent.and_then(|parent| app.geo.unit(parent));
        let mut names = vec![unit.code(), fold(&full), fold(&unit.name)];
        if let Some(district) = district {
            names.push(fold(&format!("{full}, {}", district.full_name())));
            names.push(fold(&format!("{full}, {}", district.name)));
            names.push(fold(&format!("{}, {}", unit.name, district.name)));
        }
        names.sort_unstable();
        names.dedup();
        for name in names {
            found
                .entry(name)
                .and_modify(|known| *known = None)
                .or_insert(Some(unit.id));
        }
    }
    found
}

fn sources(text: &str) -> Vec<String> {
    let codes = text.split([',', ';', '/']).filter_map(read_label);
    codes.take(MAX_SOURCES).collect()
}

/// Returns an age in whole years: `66`, `66 tuổi`, `0.25`, `18 tháng`.
fn age(text: &str) -> Option<i16> {
    let lower = text.trim().to_lowercase();
    let split = lower.find(|sign: char| sign.is_alphabetic()).unwrap_or(lower.len());
    let (digits, unit) = lower.split_at(split);
    let number: f32 = digits.trim().replace(',', ".").parse().ok()?;
    let years = match fold(unit).as_str() {
        "" | "tuoi" | "t" | "nam" => number,
        "thang" | "thang tuoi" | "th" => number / 12.0,
        _ => return None,
    };
    (0.0..=120.0)
        .contains(&years)
        .then(|| (0..=120).rev().find(|whole| f32::from(*whole) <= years))
        .flatten()
}

/// Tells whether a cell says that nobody knows: lists write `-1`, `?` or words where an age is missing.
fn is_unknown(text: &str) -> bool {
    matches!(text.trim(), "-1" | "?" | "-" | "—")
        || matches!(
            fold(text).as_str(),
            "khong ro" | "khong biet" | "chua ro" | "kxd" | "n a" | "na" | "unknown"
        )
}

fn number(text: &str, most: i64) -> Option<i64> {
    text.parse().ok().filter(|number| (0..=most).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_years_in_whatever_way_it_is_written() {
        let cases = [
            ("66", Some(66)),
            ("66 tuổi", Some(66)),
            ("0", Some(0)),
            ("0.25", Some(0)),
            ("2,5", Some(2)),
            ("18 tháng", Some(1)),
            ("120", Some(120)),
            ("-1", None),
            ("121", None),
            ("1e9", None),
            ("nan", None),
            ("66 kg", None),
            ("", None),
        ];
        for (text, years) in cases {
            assert_eq!(age(text), years, "{text}");
        }
    }

    #[test]
    fn what_nobody_knows_is_not_wrong() {
        for text in ["-1", " ? ", "không rõ", "KHÔNG RÕ", "n/a", "kxđ"] {
            assert!(is_unknown(text), "{text}");
        }
        assert!(!is_unknown("1"));
    }
}
