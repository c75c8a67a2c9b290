//! Lists and boundaries that an operator imports, on both databases, and what is refused.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::World;
use server::civil::CivilDate;
use server::geo::{
    self, Catalogue, GeoError, ImportCounts, Share, Tier, UnitFile, UnitId, UnitOptions, read_boundaries, read_units,
};

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

fn names(catalogue: &Catalogue, of: &str) -> Vec<String> {
    let steps = catalogue.successors(id(of));
    let name = |step: &geo::Succession| catalogue.unit(step.unit).unwrap().full_name();
    steps.iter().map(name).collect()
}

fn units(csv: &str, valid_from: &str, complete: bool, known: &Catalogue) -> Result<UnitFile, String> {
    let options = UnitOptions {
        source: "resolution 1/2027 (made up)".into(),
        valid_from: day(valid_from),
        complete,
    };
    read_units(csv.as_bytes(), options, known).map_err(|problems| problems.to_string())
}

async fn reopened(world: &World) -> Arc<Catalogue> {
    geo::open(&world.both.authority.db).await.unwrap()
}

on_each_database! {
    async fn an_imported_list_is_there_after_a_restart_and_comes_in_once(world) {
        let db = &world.both.authority.db;
        let clock = world.both.authority.clock.now();
        let before = Arc::clone(&world.both.authority.geo);
        let csv = "\u{feff}Mã,Tên,Loại,Mã cấp trên,Từ các mã\n\
                   28249,Phường Mỹ Tho Mới,Phường,82,28249 28270\n\
                   28999,\"Cồn, Bãi\",đặc khu,82,28270\n";
        let file = units(csv, "2027-01-01", false, &before).unwrap();
        let added = ImportCounts { added: 2, ..Default::default() };
        assert_eq!(geo::import_units(db, &file, clock).await.unwrap(), added);
        let dump = db.dump().await.unwrap();
        let after = reopened(world).await;
        let again = units(csv, "2027-01-01", false, &after).unwrap();
        let unchanged = ImportCounts { unchanged: 2, ..Default::default() };
        assert_eq!(geo::import_units(db, &again, clock.plus(60)).await.unwrap(), unchanged);
        assert_eq!(db.dump().await.unwrap(), dump);

        // the day before, all is as it was
        let eve = day("2026-12-31");
        assert_eq!(counts(&after, eve), counts(&before, eve));
        let new_day = day("2027-01-01");
        assert_eq!(counts(&after, new_day), [("province", 34), ("commune", 3_321)]);
        assert_eq!(after.by_code("28249", eve).unwrap().full_name(), "Phường Đạo Thạnh");
        let new = after.by_code("28249", new_day).unwrap();
        assert_eq!(new.full_name(), "Phường Mỹ Tho Mới");
        assert_eq!(new.parent, Some(id("82@2025-07-01")));
        assert!(after.by_code("28270", new_day).is_err());
        assert_eq!(after.by_code("28999", new_day).unwrap().name, "Cồn, Bãi");
        // 2021 → 2025 → 2027, the last step divided in two
        let parts = after.as_now(id("28270@2021-01-01"), new_day).unwrap();
        let half = Share::new(1, 2).unwrap();
        assert_eq!(parts, [(id("28249@2027-01-01"), half), (id("28999@2027-01-01"), half)]);
        let one: BTreeMap<UnitId, u64> = before.on(then()).unwrap().of_tier(Tier::COMMUNE).iter().map(|u| (u.id, 1)).collect();
        assert_eq!(after.sum_as_now(&one, new_day).unwrap().values().sum::<u64>(), 10_599);
        assert_eq!(after.children(id("82@2025-07-01")).len(), 104);
    }

    async fn a_complete_list_ends_what_it_does_not_name(world) {
        let db = &world.both.authority.db;
        let known = Catalogue::shipped();
        let provinces = known.on(now()).unwrap().of_tier(Tier::PROVINCE);
        let mut csv = "code,name,type,parent\n".to_owned();
        for unit in provinces.iter().filter(|unit| unit.code() != "96") {
            csv += &format!("{},{},{},\n", unit.code(), unit.name, unit.kind);
        }
        let file = units(&csv, "2028-01-01", true, &known).unwrap();
        geo::import_units(db, &file, world.both.authority.clock.now()).await.unwrap();
        let after = reopened(world).await;
        assert_eq!(counts(&after, day("2028-01-01")), [("province", 33), ("commune", 3_321)]);
        assert_eq!(counts(&after, day("2027-12-31")), [("province", 34), ("commune", 3_321)]);
        // nobody said what became of Cà Mau: its figures are refused, not lost
        let figures = BTreeMap::from([(id("96@2021-01-01"), 5)]);
        assert_eq!(after.sum_as_now(&figures, day("2028-01-01")), Err(GeoError::NoSuccessor(id("96@2025-07-01"))));
        let figures = BTreeMap::from([(id("82@2021-01-01"), 5)]);
        let told = after.sum_as_now(&figures, day("2028-01-01")).unwrap();
        assert_eq!(told, BTreeMap::from([(id("82@2028-01-01"), 5)]));
        assert_eq!(after.children(id("82@2028-01-01")).len(), 102);
    }

    async fn a_correction_of_a_shipped_unit_keeps_its_place(world) {
        let db = &world.both.authority.db;
        let known = Catalogue::shipped();
        let csv = "code,name,type,parent\n28249,Năm,Phường,815\n";
        let file = units(csv, "2021-01-01", false, &known).unwrap();
        geo::import_units(db, &file, world.both.authority.clock.now()).await.unwrap();
        let after = reopened(world).await;
        let unit = after.by_code("28249", then()).unwrap();
        assert_eq!((unit.full_name().as_str(), unit.valid_to), ("Phường Năm", Some(day("2025-06-30"))));
        assert_eq!(unit.point, known.unit(unit.id).unwrap().point);
        assert_eq!(names(&after, "28249@2021-01-01"), ["Phường Đạo Thạnh"]);
        assert_eq!(counts(&after, then()), counts(&known, then()));
    }

    async fn boundaries_come_back_as_they_were_given(world) {
        let db = &world.both.authority.db;
        let known = Catalogue::shipped();
        let geojson = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","id":"28249","properties":{},"geometry":{"type":"Polygon","coordinates":
              [[[106.1,10.1],[106.2,10.1],[106.2,10.2],[106.1,10.1]],[[106.15,10.12],[106.16,10.12],[106.16,10.13],[106.15,10.12]]]}},
            {"type":"Feature","properties":{"commune_code":"28252"},"geometry":{"type":"MultiPolygon","coordinates":
              [[[[106.3,10.1],[106.4,10.1,7.5],[106.4,10.2],[106.3,10.1]]]]}}]}"#;
        let file = read_boundaries(geojson.as_bytes(), "a drawing", Some(then()), &known).unwrap();
        let clock = world.both.authority.clock.now();
        let added = ImportCounts { added: 2, ..Default::default() };
        assert_eq!(geo::import_boundaries(db, &file, clock).await.unwrap(), added);
        let unchanged = ImportCounts { unchanged: 2, ..Default::default() };
        assert_eq!(geo::import_boundaries(db, &file, clock.plus(60)).await.unwrap(), unchanged);
        let after = reopened(world).await;
        let rings = after.boundary(id("28249@2021-01-01")).unwrap();
        assert_eq!((rings.len(), rings[0].len(), rings[0][1][1]), (1, 2, [106.16, 10.12]));
        assert_eq!(after.boundary(id("28252@2021-01-01")).unwrap()[0][0][1], [106.4, 10.1]);
        assert_eq!(after.boundary(id("28249@2025-07-01")), None);
        let both = [id("28249@2021-01-01"), id("28252@2021-01-01")];
        assert!(!geo::map::shapes(&after, &both).from_points);
        assert!(geo::map::shapes(&after, &[both[0], id("28255@2021-01-01")]).from_points);
    }
}

#[test]
fn every_bad_line_of_a_list_is_named_by_its_number() {
    let known = Catalogue::shipped();
    let csv = "code,name,type,parent,valid_to,predecessors\n\
               28249,A,Phường,82,,\n\
               28249,B,Phường,82,,\n\
               2824,C,Phường,82,,\n\
               28301,D,Village,82,,\n\
               28302,,Phường,82,,\n\
               28303,E,Phường,,,\n\
               28304,F,Phường,83,,\n\
               28305,G,Phường,28304,,\n\
               28306,H,Phường,82,2026-12-31,\n\
               28307,I,Phường,82,,28249 815\n";
    let problems = units(csv, "2027-01-01", false, &known).err().unwrap();
    assert_eq!(
        problems.lines().collect::<Vec<_>>(),
        [
            "line 3: the code 28249 stands in line 2 already",
            "line 4: the code `2824` has not 2, 3 or 5 digits",
            "line 5: `Village` is no type of unit",
            "line 6: the name is missing, longer than 100 characters or not plain text",
            "line 7: the parent is missing",
            "line 8: the parent 83 is not in the list and not valid on 1/1/2027",
            "line 9: the parent 28304 is not of a wider tier",
            "line 10: the last day is no date yyyy-mm-dd or lies before the first",
            "line 11: no unit had the code 815 on the day before",
        ]
    );
    for (csv, problem) in [
        ("", "line 1: there is no column `code`"),
        ("code,name,type\n", "line 1: there is no column `parent`"),
        ("code,name,type,parent\n", "line 1: the file lists no unit"),
        (
            "code,name,type,parent\n28249,A\n",
            "line 2: the line has another number of cells",
        ),
    ] {
        assert_eq!(units(csv, "2027-01-01", false, &known).err().unwrap(), problem);
    }
    let options = UnitOptions {
        source: " ".into(),
        valid_from: now(),
        complete: false,
    };
    assert!(read_units(b"code", options.clone(), &known).is_err());
    let named = UnitOptions {
        source: "x".into(),
        ..options
    };
    let latin = read_units(b"code,name,type,parent\n28249,\xe9,Ph\n", named, &known);
    assert_eq!(latin.err().unwrap().to_string(), "line 1: the file is not UTF-8");
}

#[test]
fn bad_boundaries_are_refused() {
    let known = Catalogue::shipped();
    let file = |id: &str, geometry: &str| {
        let text = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature",{id}"properties":{{}},"geometry":{geometry}}}]}}"#
        );
        let on = (!id.contains("28270")).then(then);
        let read = read_boundaries(text.as_bytes(), "a drawing", on, &known);
        read.err().map(|problems| problems.to_string()).unwrap_or_default()
    };
    let square = r#"{"type":"Polygon","coordinates":[[[106.1,10.1],[106.2,10.1],[106.2,10.2],[106.1,10.1]]]}"#;
    assert_eq!(file(r#""id":"28249","#, square), "");
    assert_eq!(file("", square), "feature 1: there is no code");
    assert!(file(r#""id":"99999","#, square).contains("no unit has the code 99999"));
    assert!(file(r#""id":"28270","#, square).contains("give a date"));
    let open = square.replace(",[106.1,10.1]]]", ",[106.1,10.3]]]");
    assert!(file(r#""id":"28249","#, &open).contains("does not end where it begins"));
    let swapped = square.replace("106.1,10.1", "10.1,106.1");
    assert!(file(r#""id":"28249","#, &swapped).contains("outside Viet Nam"));
    let line = r#"{"type":"LineString","coordinates":[[106.1,10.1],[106.2,10.1]]}"#;
    assert!(file(r#""id":"28249","#, line).contains("not a GeoJSON FeatureCollection of polygons"));
    let empty = r#"{"type":"Polygon","coordinates":[]}"#;
    assert!(file(r#""id":"28249","#, empty).contains("no ring"));
}
