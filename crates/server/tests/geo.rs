//! Units of all times as they ship with the program, against the lists they were made from.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use server::civil::CivilDate;
use server::geo::{self, Basis, Catalogue, GeoError, Share, Tier, Unit, UnitId};

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn then() -> CivilDate {
    day("2021-07-12")
}

fn now() -> CivilDate {
    day("2026-11-26")
}

fn id(text: &str) -> UnitId {
    UnitId::parse(text).unwrap()
}

fn counts(catalogue: &Catalogue, on: CivilDate) -> Vec<(&'static str, usize)> {
    let day = catalogue.on(on).unwrap();
    day.tiers()
        .into_iter()
        .map(|tier| (tier.word(), day.of_tier(tier).len()))
        .collect()
}

#[test]
fn the_units_of_2021_and_of_2025_are_all_there() {
    let catalogue = Catalogue::shipped();
    let of_2021 = [("province", 63), ("district", 705), ("commune", 10_599)];
    let of_2025 = [("province", 34), ("commune", 3_321)];
    assert_eq!(counts(&catalogue, then()), of_2021);
    assert_eq!(counts(&catalogue, day("2025-06-30")), of_2021);
    assert_eq!(counts(&catalogue, day("2025-07-01")), of_2025);
    assert_eq!(counts(&catalogue, now()), of_2025);
    let error = catalogue.on(day("2020-12-31")).err().unwrap();
    assert_eq!(
        error.to_string(),
        "there is no catalogue of 31/12/2020; the first begins on 1/1/2021"
    );
}

/// Only told, not judged: other programs share the machine. Alone, an unoptimised build needs a tenth of a second.
#[test]
#[allow(clippy::disallowed_methods, reason = "a real duration is what is told")]
fn how_long_the_facts_take_to_load_is_told() {
    let begun = std::time::Instant::now();
    let units = Catalogue::shipped().units().len();
    println!("{units} units in {:?}", begun.elapsed());
    assert_eq!(units, 63 + 705 + 10_599 + 34 + 3_321);
}

#[test]
fn a_code_without_a_date_is_refused_when_it_has_meant_two_units() {
    let catalogue = Catalogue::shipped();
    let error = catalogue.resolve("82", None).err().unwrap();
    assert_eq!(
        error.to_string(),
        "code 82 means different units at different times: Tỉnh Tiền Giang (1/1/2021 to 30/6/2025), \
         Tỉnh Đồng Tháp (since 1/7/2025); give a date"
    );
    let error = catalogue.resolve("28249", None).err().unwrap().to_string();
    assert!(
        error.contains("Phường 5") && error.contains("Phường Đạo Thạnh"),
        "{error}"
    );
    assert_eq!(
        catalogue.resolve("82", Some(then())).unwrap().full_name(),
        "Tỉnh Tiền Giang"
    );
    assert_eq!(
        catalogue.resolve("82", Some(now())).unwrap().full_name(),
        "Tỉnh Đồng Tháp"
    );
    // one meaning only: no date is needed
    assert_eq!(catalogue.resolve("815", None).unwrap().full_name(), "Thành phố Mỹ Tho");
    let error = catalogue.resolve("815", Some(now())).err().unwrap();
    assert_eq!(
        error.to_string(),
        "code 815 means nothing on 26/11/2026; it means Thành phố Mỹ Tho (1/1/2021 to 30/6/2025)"
    );
    assert_eq!(
        catalogue.resolve("99", None).err(),
        Some(GeoError::Unknown { code: "99".into() })
    );
    for code in ["", "8", "8x", "0082", "+1", "１２", "282490"] {
        assert_eq!(
            catalogue.resolve(code, Some(then())).err(),
            Some(GeoError::NoCode),
            "{code}"
        );
    }
}

#[test]
fn tien_giang_of_2021_has_172_communes_in_11_districts() {
    let catalogue = Catalogue::shipped();
    let province = catalogue.by_code("82", then()).unwrap().id;
    assert_eq!(province, id("82@2021-01-01"));
    let districts = catalogue.children(province);
    assert_eq!(districts.len(), 11);
    // research, §7: communes of each district of 2021
    let sizes: Vec<usize> = districts.iter().map(|unit| catalogue.children(unit.id).len()).collect();
    assert_eq!(sizes, [17, 12, 16, 12, 25, 16, 23, 19, 13, 13, 6]);
    let communes: Vec<&Unit> = of_tier(&catalogue.descendants(province), Tier::COMMUNE);
    assert_eq!(communes.len(), 172);
    let of_kind = |kind: &str| communes.iter().filter(|unit| unit.kind == kind).count();
    assert_eq!((of_kind("Xã"), of_kind("Phường"), of_kind("Thị trấn")), (143, 22, 7));
    assert!(communes.iter().all(|unit| unit.point.is_some()));
    let commune = catalogue.by_code("28249", then()).unwrap();
    assert_eq!(
        (commune.full_name(), commune.short_name()),
        ("Phường 5".into(), "Phường 5".into())
    );
    let path = catalogue.path(commune.id).unwrap();
    assert_eq!((path.province, path.district), (province, Some(id("815@2021-01-01"))));
    assert_eq!(path.commune, Some(commune.id));
    let above: Vec<String> = catalogue
        .ancestors(commune.id)
        .iter()
        .map(|unit| unit.full_name())
        .collect();
    assert_eq!(above, ["Thành phố Mỹ Tho", "Tỉnh Tiền Giang"]);
    let today = catalogue.path(catalogue.by_code("28249", now()).unwrap().id).unwrap();
    assert_eq!((today.province, today.district), (id("82@2025-07-01"), None));
    assert_eq!(catalogue.children(id("82@2025-07-01")).len(), 102);
}

fn of_tier<'a>(units: &[&'a Unit], tier: Tier) -> Vec<&'a Unit> {
    units.iter().filter(|unit| unit.tier() == tier).copied().collect()
}

#[test]
fn every_unit_of_2021_leads_to_units_of_today() {
    let catalogue = Catalogue::shipped();
    let old = catalogue.on(then()).unwrap();
    let mut reached = BTreeSet::new();
    for unit in old.units() {
        let parts = catalogue.as_now(unit.id, now()).unwrap();
        let sum = parts.iter().fold(Share::NONE, |sum, (_, share)| sum.plus(*share));
        assert_eq!(sum, Share::WHOLE, "{}", unit.meaning());
        assert!(
            parts
                .iter()
                .all(|(id, _)| catalogue.unit(*id).unwrap().is_valid_on(now()))
        );
        if unit.tier() == Tier::PROVINCE {
            assert_eq!(parts.len(), 1, "{}", unit.meaning());
        } else {
            reached.extend(parts.iter().map(|(id, _)| *id));
        }
    }
    // every commune of today comes from somewhere
    assert_eq!(reached.len(), 3_321);
    for commune in catalogue.on(now()).unwrap().of_tier(Tier::COMMUNE) {
        assert!(!catalogue.predecessors(commune.id).is_empty(), "{}", commune.meaning());
    }
    let became: Vec<String> = names(&catalogue, "28249@2021-01-01");
    assert_eq!(became, ["Phường Đạo Thạnh"]);
    // Phường 7 joined Phường 1 in 2024, which became Phường Mỹ Tho
    let steps = catalogue.successors(id("28255@2021-01-01"));
    assert!(steps.iter().all(|step| step.basis == Basis::FormerName && step.assumed));
    assert_eq!(names(&catalogue, "82@2021-01-01"), ["Tỉnh Đồng Tháp"]);
    let my_tho = catalogue.as_now(id("815@2021-01-01"), now()).unwrap();
    assert!(my_tho.len() > 3 && my_tho.iter().all(|(id, _)| id.tier() == Tier::COMMUNE));
}

fn names(catalogue: &Catalogue, of: &str) -> Vec<String> {
    let steps = catalogue.successors(id(of));
    let name = |step: &geo::Succession| catalogue.unit(step.unit).unwrap().full_name();
    steps.iter().map(name).collect()
}

#[test]
fn a_sum_told_as_now_stays_the_same_sum() {
    let catalogue = Catalogue::shipped();
    let communes = catalogue.on(then()).unwrap().of_tier(Tier::COMMUNE);
    let one: BTreeMap<UnitId, u64> = communes.iter().map(|unit| (unit.id, 1)).collect();
    let told = catalogue.sum_as_now(&one, now()).unwrap();
    assert_eq!(told.values().sum::<u64>(), 10_599);
    assert!(told.keys().all(|id| id.valid_from() == day("2025-07-01")));
    // uneven figures, and each province's sum stays in the province that took it in
    let uneven: BTreeMap<UnitId, u64> = one.keys().zip(0..).map(|(id, at)| (*id, at % 97)).collect();
    let told = catalogue.sum_as_now(&uneven, now()).unwrap();
    let province = |id: &UnitId| catalogue.path(*id).unwrap().province;
    let mut expected: BTreeMap<UnitId, u64> = BTreeMap::new();
    for (id, figure) in &uneven {
        let now = catalogue.successors(province(id))[0].unit;
        *expected.entry(now).or_default() += figure;
    }
    let mut found: BTreeMap<UnitId, u64> = BTreeMap::new();
    for (id, figure) in &told {
        *found.entry(province(id)).or_default() += figure;
    }
    assert_eq!(found, expected);
    // told for its own time, nothing changes
    assert_eq!(catalogue.sum_as_now(&one, then()).unwrap(), one);
    let unknown = BTreeMap::from([(id("99999@2021-01-01"), 1)]);
    assert_eq!(
        catalogue.sum_as_now(&unknown, now()),
        Err(GeoError::NoUnit(id("99999@2021-01-01")))
    );
}

#[test]
fn the_27_suspect_steps_are_listed_and_carry_nothing() {
    let catalogue = Catalogue::shipped();
    let suspects = catalogue.suspects();
    assert_eq!(suspects.len(), 27);
    assert!(
        suspects
            .iter()
            .all(|link| link.to.share == Share::NONE && !link.to.is_default)
    );
    // two wards called 4 are taken for one: Mỹ Tho's did not go to Cao Lãnh
    let found = suspects
        .iter()
        .find(|link| link.from == id("28252@2021-01-01"))
        .unwrap();
    assert_eq!(found.to.unit, id("29869@2025-07-01"));
    let parts = catalogue.as_now(found.from, now()).unwrap();
    assert!(parts.iter().all(|(unit, _)| *unit != found.to.unit));
}

#[test]
fn units_are_found_by_parts_of_their_names_without_marks() {
    let catalogue = Catalogue::shipped();
    let (old, new) = (catalogue.on(then()).unwrap(), catalogue.on(now()).unwrap());
    let found = |units: Vec<&Unit>| units.iter().map(|unit| unit.full_name()).collect::<Vec<_>>();
    assert_eq!(found(old.search("tien giang", None, 3))[0], "Tỉnh Tiền Giang");
    assert!(found(new.search("TIỀN GIANG", Some(Tier::PROVINCE), 3)).is_empty());
    assert_eq!(found(new.search("dao thanh", None, 5)), ["Phường Đạo Thạnh"]);
    assert_eq!(found(old.search("28249", None, 5)), ["Phường 5"]);
    assert_eq!(old.search("phuong", None, 7).len(), 7);
    assert!(old.search("  - ", None, 7).is_empty());
}

#[test]
fn populations_carry_their_source_and_date() {
    let catalogue = Catalogue::shipped();
    let figures = catalogue.populations(id("82@2021-01-01"));
    let census = figures
        .iter()
        .find(|figure| figure.source.contains("Census 2019"))
        .unwrap();
    assert_eq!((census.number, census.on), (1_764_185, day("2019-04-01")));
    assert!(
        figures
            .iter()
            .any(|figure| (figure.number, figure.on.year()) == (1_779_420, 2021))
    );
    let provinces = catalogue.on(then()).unwrap().of_tier(Tier::PROVINCE);
    let with_census = provinces.iter().filter(|unit| {
        let census = |figure: &geo::Population| figure.source.contains("Census 2019");
        catalogue.populations(unit.id).iter().any(census)
    });
    assert_eq!(with_census.count(), 62);
    assert!(provinces.iter().all(|unit| !catalogue.populations(unit.id).is_empty()));
    assert!(catalogue.populations(id("54@2021-01-01"))[0].doubtful);
}

/// The lists the facts were made from; nothing when they are not there.
fn list(name: &str) -> Option<Vec<Vec<String>>> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var("VUNGLAM_TEST_DATA").map_or(beside, PathBuf::from);
    let path = folder.join("admin").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let rows = text.trim_start_matches('\u{feff}').lines().skip(1);
    Some(rows.map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_shipped_units_are_those_of_the_lists() {
    let catalogue = Catalogue::shipped();
    if let Some(rows) = list("vn_communes_20210801_madnh.csv") {
        let kinds = BTreeMap::from([("phuong", "Phường"), ("xa", "Xã"), ("thi-tran", "Thị trấn")]);
        assert_eq!(rows.len(), 10_599);
        for row in rows {
            let unit = catalogue.by_code(&row[0], then()).unwrap();
            assert_eq!(
                unit.full_name(),
                format!("{} {}", kinds[row[2].as_str()], squeezed(&row[1]))
            );
            let path = catalogue.path(unit.id).unwrap();
            assert_eq!(path.district.unwrap().code(), row[3]);
            assert_eq!(path.province.code(), row[6]);
            let province = catalogue.unit(path.province).unwrap();
            assert_eq!(province.name, row[7]);
        }
    }
    if let Some(rows) = list("vn_districts_20210801_madnh.csv") {
        assert_eq!(rows.len(), 705);
        for row in rows {
            let unit = catalogue.by_code(&row[0], then()).unwrap();
            assert_eq!(unit.full_name().to_lowercase(), squeezed(&row[1]).to_lowercase());
            assert_eq!(unit.parent.unwrap().code(), row[3]);
        }
    }
    if let Some(rows) = list("vn_communes_2025.csv") {
        assert_eq!(rows.len(), 3_321);
        for row in rows {
            let unit = catalogue.by_code(&row[0], now()).unwrap();
            // the list writes some kinds in small letters
            assert_eq!(unit.full_name().to_lowercase(), row[2].to_lowercase());
            assert_eq!(unit.parent.unwrap().code(), row[3]);
            let point = unit.point.unwrap();
            let (lon, lat): (f64, f64) = (row[7].parse().unwrap(), row[8].parse().unwrap());
            assert!((point.lon - lon).abs() < 1e-5 && (point.lat - lat).abs() < 1e-5);
        }
    }
}

#[test]
fn the_shipped_lineage_is_that_of_the_list() {
    let Some(rows) = list("vn_commune_map_2025old_to_2025new.csv") else {
        return;
    };
    let catalogue = Catalogue::shipped();
    let mut checked = 0;
    let mut stated: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let old = if row[0].is_empty() { &row[2] } else { &row[0] };
        // Xã Ba Chẽ stands in the list of 2025 under another code
        let new = if row[4] == "06970" { "06978" } else { row[4].as_str() };
        stated.entry(old.clone()).or_default().insert(new.to_owned());
        let Ok(unit) = catalogue.by_code(old, then()) else {
            // four codes came into being after August 2021
            continue;
        };
        let steps = catalogue.successors(unit.id);
        let step = steps.iter().find(|step| step.unit.code() == new).unwrap();
        assert_eq!(step.is_default, row[8] == "1", "{}", unit.meaning());
        assert_eq!(step.suspect, row[9].trim() == "1", "{}", unit.meaning());
        assert_eq!(step.assumed, row[7] == "1", "{}", unit.meaning());
        checked += 1;
    }
    assert!(checked > 10_590, "{checked}");
    let mut merged = 0;
    for unit in catalogue.on(then()).unwrap().of_tier(Tier::COMMUNE) {
        let steps = catalogue.successors(unit.id);
        match stated.get(&unit.code()) {
            Some(news) => assert_eq!(
                steps.iter().map(|step| step.unit.code()).collect::<BTreeSet<_>>(),
                *news
            ),
            None => {
                merged += 1;
                assert!(
                    steps
                        .iter()
                        .all(|step| matches!(step.basis, Basis::FormerName | Basis::Judged))
                );
            }
        }
    }
    assert_eq!(merged, 568);
}

#[test]
fn points_of_tien_giang_lie_inside_their_communes() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var("VUNGLAM_TEST_DATA").map_or(beside, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join("admin/tien_giang_communes_172.geojson")) else {
        eprintln!("skipped: the map of Tiền Giang is not there");
        return;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let catalogue = Catalogue::shipped();
    for feature in file["features"].as_array().unwrap() {
        let code = feature["properties"]["commune_code"].as_str().unwrap();
        let point = catalogue.by_code(code, then()).unwrap().point.unwrap();
        let coordinates = &feature["geometry"]["coordinates"];
        let polygons = match feature["geometry"]["type"].as_str().unwrap() {
            "Polygon" => vec![coordinates.clone()],
            _ => coordinates.as_array().unwrap().clone(),
        };
        let mut crossings = 0;
        for ring in polygons.iter().flat_map(|polygon| polygon.as_array().unwrap()) {
            let corner = |at: usize, axis: usize| ring[at][axis].as_f64().unwrap();
            for at in 1..ring.as_array().unwrap().len() {
                let (x1, y1, x2, y2) = (corner(at - 1, 0), corner(at - 1, 1), corner(at, 0), corner(at, 1));
                let crosses = (y1 > point.lat) != (y2 > point.lat);
                crossings += usize::from(crosses && point.lon < x1 + (point.lat - y1) / (y2 - y1) * (x2 - x1));
            }
        }
        assert_eq!(crossings % 2, 1, "{code}");
    }
}
