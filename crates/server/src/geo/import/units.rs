//! A list of units as CSV: code, name, type, parent, and where known the last day and the predecessors.

use std::collections::{BTreeMap, BTreeSet};

use super::Problems;
use crate::civil::CivilDate;
use crate::fold::fold;
use crate::geo::Catalogue;
use crate::geo::model::{Tier, Unit, UnitId};
use crate::geo::store::{LinkRow, UnitRow};

/// Largest file, in bytes: the list of the whole country is about 0.7 MB.
pub(crate) const MAX_BYTES: usize = 16 << 20;
const MAX_ROWS: usize = 50_000;
const MAX_NAME: usize = 100;
const MAX_PREDECESSORS: usize = 50;

/// Kinds of units (Law on the organisation of local government).
const KINDS: [&str; 9] = [
    "Tỉnh",
    "Thành phố",
    "Quận",
    "Huyện",
    "Thị xã",
    "Phường",
    "Xã",
    "Thị trấn",
    "Đặc khu",
];

/// Names of the columns, folded.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("code", &["code", "ma"]),
    ("name", &["name", "ten"]),
    ("type", &["type", "loai", "cap"]),
    ("parent", &["parent", "ma cap tren"]),
    ("valid_to", &["valid to", "den ngay"]),
    ("predecessors", &["predecessors", "tu cac ma"]),
];

/// How a list is to be understood.
#[derive(Clone, Debug)]
pub struct UnitOptions {
    /// Where it comes from: the number of a resolution or decision.
    pub source: String,
    /// First day of its units.
    pub valid_from: CivilDate,
    /// Whether it lists every unit of its tiers, so that others end on the day before.
    pub complete: bool,
}

/// A list that was read and judged.
#[derive(Debug)]
pub struct UnitFile {
    pub(in crate::geo) options: UnitOptions,
    pub(in crate::geo) units: Vec<UnitRow>,
    pub(in crate::geo) ends: Vec<(UnitId, CivilDate)>,
    pub(in crate::geo) links: Vec<LinkRow>,
}

/// A line as it stands in the file.
struct Line {
    number: usize,
    cells: [String; 6],
}

/// Reads a list of units and judges it against what is known.
///
/// # Errors
///
/// [`Problems`]: every line that cannot be used, with its number.
pub fn read_units(bytes: &[u8], options: UnitOptions, known: &Catalogue) -> Result<UnitFile, Problems> {
    if options.source.trim().is_empty() || options.source.chars().count() > 200 {
        return Err(Problems::one(
            "line",
            0,
            "the source is missing or longer than 200 characters",
        ));
    }
    let lines = read_lines(bytes)?;
    let codes: BTreeSet<&str> = lines.iter().map(|line| line.cells[0].as_str()).collect();
    let mut problems = Problems::new("line");
    let mut seen = BTreeMap::new();
    let mut units = Vec::new();
    let mut became: BTreeMap<UnitId, Vec<UnitId>> = BTreeMap::new();
    let day_before = CivilDate::from_number(options.valid_from.number() - 1);
    for line in &lines {
        if let Some(first) = seen.insert(line.cells[0].clone(), line.number) {
            problems.add(
                line.number,
                format!("the code {} stands in line {first} already", line.cells[0]),
            );
            continue;
        }
        match read_unit(line, &options, known, &codes) {
            Ok(unit) => {
                let id = unit.0.id;
                units.push(unit);
                for code in line.cells[5].split_whitespace().take(MAX_PREDECESSORS) {
                    match day_before.map(|day| known.by_code(code, day)) {
                        Some(Ok(old)) => became.entry(old.id).or_default().push(id),
                        _ => problems.add(line.number, format!("no unit had the code {code} on the day before")),
                    }
                }
            }
            Err(what) => problems.add(line.number, what),
        }
    }
    problems.or(())?;
    let ends = ends(&options, &units, &became, known);
    let links = became
        .into_iter()
        .flat_map(|(old, news)| (0..).zip(news).map(move |(at, new)| (old, new, at)))
        .collect();
    Ok(UnitFile {
        options,
        units,
        ends,
        links,
    })
}

fn read_lines(bytes: &[u8]) -> Result<Vec<Line>, Problems> {
    let whole = |what: String| Problems::one("line", 1, what);
    if bytes.len() > MAX_BYTES {
        return Err(whole(format!("the file has more than {MAX_BYTES} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| whole("the file is not UTF-8".into()))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let head = reader
        .headers()
        .map_err(|_| whole("the head of the file cannot be read".into()))?;
    let mut places = [None; COLUMNS.len()];
    for (place, title) in head.iter().enumerate() {
        let title = fold(title);
        if let Some(at) = COLUMNS.iter().position(|(_, names)| names.contains(&title.as_str())) {
            places[at] = Some(place);
        }
    }
    if let Some(at) = places.iter().take(4).position(Option::is_none) {
        return Err(whole(format!("there is no column `{}`", COLUMNS[at].0)));
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let number = error.position().map_or(1, csv::Position::line);
            Problems::one(
                "line",
                usize::try_from(number).unwrap_or(1),
                "the line has another number of cells",
            )
        })?;
        if lines.len() == MAX_ROWS {
            return Err(whole(format!("the file has more than {MAX_ROWS} lines")));
        }
        let number = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| places[at].and_then(|place| record.get(place)).unwrap_or_default();
        lines.push(Line {
            number: usize::try_from(number).unwrap_or(0),
            cells: std::array::from_fn(|at| cell(at).trim().to_owned()),
        });
    }
    if lines.is_empty() {
        return Err(whole("the file lists no unit".into()));
    }
    Ok(lines)
}

fn read_unit(line: &Line, options: &UnitOptions, known: &Catalogue, codes: &BTreeSet<&str>) -> Result<UnitRow, String> {
    let [code, name, kind, parent, valid_to, _] = &line.cells;
    let id = UnitId::new(code, options.valid_from)
        .ok_or_else(|| format!("the code `{}` has not 2, 3 or 5 digits", shortened(code)))?;
    let kind = KINDS
        .iter()
        .find(|known| fold(known) == fold(kind))
        .ok_or_else(|| format!("`{}` is no type of unit", shortened(kind)))?;
    let name = name.strip_prefix(*kind).unwrap_or(name).trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(format!(
            "the name is missing, longer than {MAX_NAME} characters or not plain text"
        ));
    }
    let parent = check_parent(parent, id, options.valid_from, known, codes)?;
    let valid_to = match valid_to.as_str() {
        "" => None,
        text => Some(
            CivilDate::parse(text)
                .filter(|last| *last >= options.valid_from)
                .ok_or("the last day is no date yyyy-mm-dd or lies before the first")?,
        ),
    };
    let unit = Unit {
        id,
        kind: (*kind).into(),
        name: name.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        parent: None,
        valid_to,
        point: None,
    };
    Ok((unit, parent))
}

fn check_parent(
    parent: &str,
    id: UnitId,
    day: CivilDate,
    known: &Catalogue,
    codes: &BTreeSet<&str>,
) -> Result<Option<String>, String> {
    let Some(tier) = Tier::of_code(parent) else {
        return match (parent, id.tier()) {
            ("", Tier::PROVINCE) => Ok(None),
            ("", _) => Err("the parent is missing".into()),
            _ => Err(format!("the parent `{}` is no code", shortened(parent))),
        };
    };
    if tier >= id.tier() {
        return Err(format!("the parent {parent} is not of a wider tier"));
    }
    if !codes.contains(parent) && known.by_code(parent, day).is_err() {
        return Err(format!(
            "the parent {parent} is not in the list and not valid on {}",
            day.local()
        ));
    }
    Ok(Some(parent.to_owned()))
}

/// Returns which units end on the day before: predecessors, and in a complete list all others of its tiers.
fn ends(
    options: &UnitOptions,
    units: &[UnitRow],
    became: &BTreeMap<UnitId, Vec<UnitId>>,
    known: &Catalogue,
) -> Vec<(UnitId, CivilDate)> {
    let Some(last) = CivilDate::from_number(options.valid_from.number() - 1) else {
        return Vec::new();
    };
    let tiers: BTreeSet<Tier> = units.iter().map(|(unit, _)| unit.tier()).collect();
    let listed: BTreeSet<String> = units.iter().map(|(unit, _)| unit.code()).collect();
    let ended = known.units().iter().filter(|unit| {
        let replaced = options.complete && tiers.contains(&unit.tier()) && unit.is_valid_on(options.valid_from);
        let ends = became.contains_key(&unit.id) || replaced;
        // one of the same code ends by itself
        ends && unit.is_valid_on(last) && !listed.contains(&unit.code())
    });
    ended.map(|unit| (unit.id, last)).collect()
}

/// Returns the beginning of a cell: enough to find it, not enough to fill a log.
fn shortened(cell: &str) -> String {
    cell.chars().filter(|c| !c.is_control()).take(20).collect()
}
