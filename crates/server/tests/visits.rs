//! Check-ins from a phone's request to the case page, and what a reader of the table learns.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Request, header};
use common::carrier::Telephones;
use common::{Answer, World, answer, post};
use exposure::visit::Scan;
use protocol::time::UnixSeconds;
use protocol::venue::VenueKind;
use serde_json::{Value, json};
use server::config::AuthorityConfig;
use server::people::PersonId;
use server::venues::{self, NewVenue, Venue};
use server::visits::{self, NewVisit};

async fn venue(world: &World, name: &str, kind: VenueKind) -> Venue {
    let today = server::civil::CivilDate::today(world.clock.now());
    let commune = world.both.authority.geo.by_code("28249", today).unwrap().id.number();
    let new = NewVenue {
        kind,
        name: name.to_owned(),
        address: String::new(),
        commune,
    };
    venues::register(&world.both.authority, None, new).await.unwrap()
}

async fn credential(world: &World, telephones: &Telephones, number: &str) -> String {
    let asked: Value = post(
        &world.authority,
        "/v1/proofs",
        &json!({"phone": number, "language": "en"}),
    )
    .await
    .json();
    let request = json!({"proof_id": asked["proof_id"], "code": telephones.digits(number), "name": "Trần Thị Lan"});
    let made = post(&world.authority, "/v1/citizens", &request).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.json::<Value>()["credential"].as_str().unwrap().to_owned()
}

async fn send(world: &World, credential: &str, body: &Value) -> Answer {
    let request = Request::post("/v1/visits")
        .header(header::AUTHORIZATION, format!("Bearer {credential}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    answer(&world.authority, request).await
}

fn scan(event: &str, venue: &Venue, direction: &str, at: UnixSeconds) -> Value {
    json!({"event_id": event, "venue": venue.poster.short.signs(), "direction": direction, "at": at.0})
}

async fn worlds() -> Vec<World> {
    let postgres = World::on_postgres(AuthorityConfig::default()).await;
    [Some(World::in_memory().await), postgres]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test]
async fn a_phone_registers_once_what_it_sends_twice_and_in_any_order() {
    for world in worlds().await {
        let telephones = Telephones::of(&world);
        let market = venue(&world, "Chợ", VenueKind::Market).await;
        let lan = credential(&world, &telephones, "0912345678").await;
        let now = world.clock.now();
        let (came, left) = (now.plus(-3600), now.plus(-1800));
        let out = json!({"visits": [scan("b", &market, "out", left)]});
        let both = json!({"visits": [scan("a", &market, "in", came), scan("b", &market, "out", left)]});
        for body in [&out, &both, &both] {
            let sent = send(&world, &lan, body).await;
            assert_eq!(sent.status, 200, "{}", sent.text());
            assert!(
                sent.json::<Value>()["results"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|one| one["stored"] == true)
            );
        }
        assert_eq!(visits::present(&world.both.authority, &market).await.unwrap(), 0);
        let rows = table(&world).await;
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["token"], rows[1]["token"], "one person, one venue, one week");
    }
}

/// The whole table of visits, as whoever steals the database has it.
async fn table(world: &World) -> Vec<BTreeMap<String, String>> {
    let dumps = world.both.authority.db.dump().await.unwrap();
    let dump = dumps.into_iter().find(|dump| dump.table == "visit").unwrap();
    let rows = dump.rows.iter();
    rows.map(|row| dump.columns.iter().cloned().zip(row.iter().cloned()).collect())
        .collect()
}

#[tokio::test]
async fn what_cannot_be_stored_is_named_and_the_rest_is_stored() {
    let world = World::in_memory().await;
    let telephones = Telephones::of(&world);
    let market = venue(&world, "Chợ", VenueKind::Market).await;
    let lan = credential(&world, &telephones, "0912345678").await;
    let now = world.clock.now();
    let mut unknown = scan("d", &market, "in", now);
    unknown["venue"] = json!("2222222");
    let body = json!({"visits": [
        scan("a", &market, "in", now),
        scan("b", &market, "in", now.plus(3600)),
        scan("c", &market, "in", now.plus(-22 * 86_400)),
        unknown,
    ]});
    let sent: Value = send(&world, &lan, &body).await.json();
    let results: Vec<(bool, &str)> = sent["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["stored"].as_bool().unwrap(), one["wrong"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(results, [(true, ""), (false, "at"), (false, "at"), (false, "venue")]);
    assert_eq!(visits::present(&world.both.authority, &market).await.unwrap(), 1);

    let one = json!({"visits": [scan("a", &market, "in", now)]});
    for wrong in ["", "ff", &"0".repeat(40), &"g".repeat(40), &"a".repeat(5_000)] {
        assert_eq!(send(&world, wrong, &one).await.status, 401, "{}", wrong.len());
    }
    for body in [
        json!({"visits": []}),
        json!({"visits": vec![scan("a", &market, "in", now); 101]}),
        json!({"visits": [scan("", &market, "in", now)]}),
        json!({"visits": [scan(&"e".repeat(65), &market, "in", now)]}),
    ] {
        assert_eq!(send(&world, &lan, &body).await.status, 400);
    }
    assert_eq!(send(&world, &lan, &json!({"visits": 7})).await.status, 400);
    let big = json!({"visits": [{"event_id": "e".repeat(1 << 20)}]});
    assert_eq!(send(&world, &lan, &big).await.status, 413);

    let ended = Request::post("/v1/citizens/end").header(header::AUTHORIZATION, format!("Bearer {lan}"));
    assert_eq!(
        answer(&world.authority, ended.body(Body::empty()).unwrap())
            .await
            .status,
        200
    );
    assert_eq!(send(&world, &lan, &one).await.status, 401);
}

#[tokio::test]
async fn a_code_that_is_taken_back_registers_nobody_from_then_on() {
    for world in worlds().await {
        let telephones = Telephones::of(&world);
        let (market, plant) = (
            venue(&world, "Chợ", VenueKind::Market).await,
            venue(&world, "Xưởng may", VenueKind::Plant).await,
        );
        let lan = credential(&world, &telephones, "0912345678").await;
        let now = world.clock.now();
        let wrong = async |event: &str, code: &str| {
            let mut one = scan(event, &market, "in", now);
            one["venue"] = json!(code);
            let sent: Value = send(&world, &lan, &json!({"visits": [one]})).await.json();
            sent["results"][0]["wrong"].as_str().unwrap_or("none").to_owned()
        };
        let app = &world.both.authority;
        let scanned = venues::poster_address(app, &market);
        let (short, other) = (market.poster.short.signs(), plant.poster.short.signs());
        for code in [&scanned, short, other] {
            assert_eq!(wrong("a", code).await, "none");
        }
        let renewed = venues::renew_code(app, &market.venue_id).await.unwrap();
        assert_eq!(wrong("b", &scanned).await, "venue");
        assert_eq!(wrong("c", short).await, "venue");
        assert_eq!(wrong("d", renewed.poster.short.signs()).await, "none");
        assert_eq!(wrong("e", other).await, "none");
    }
}

fn visit(venue: &Venue, person: u8, from: UnixSeconds, scan: Scan, event: i64) -> NewVisit {
    NewVisit {
        venue: venue.number,
        person: PersonId([person; 16]),
        at: from,
        scan,
        event,
        flags: 0,
    }
}

#[tokio::test]
async fn where_somebody_was_and_with_whom_is_found_across_weeks() {
    for world in worlds().await {
        let app = &world.both.authority;
        let market = venue(&world, "Chợ", VenueKind::Market).await;
        let plant = venue(&world, "Xưởng may", VenueKind::Plant).await;
        // START is Monday 19:00: the night before lies in the week before.
        let sunday = world.clock.now().plus(-21 * 3600);
        let monday = sunday.plus(4 * 3600);
        let all = [
            visit(&plant, 1, sunday, Scan::In, 1),
            visit(&plant, 1, monday, Scan::Out, 2),
            visit(&plant, 2, sunday.plus(3600), Scan::In, 3),
            visit(&plant, 2, sunday.plus(7200), Scan::Out, 4),
            visit(&plant, 3, monday, Scan::In, 5),
            visit(&market, 1, monday.plus(7200), Scan::Whole(monday.plus(9000).0), 6),
            visit(&market, 4, monday.plus(8000), Scan::In, 7),
            visit(&market, 5, monday.plus(-86_400), Scan::Whole(monday.plus(-80_000).0), 8),
        ];
        visits::register(app, &all).await.unwrap();
        let day = (sunday.plus(-3600), world.clock.now());
        let places = visits::places_of(app, PersonId([1; 16]), day.0, day.1).await.unwrap();
        let short: Vec<_> = places
            .iter()
            .map(|place| (place.venue.name.as_str(), place.visit.to - place.visit.from))
            .collect();
        assert_eq!(short, [("Xưởng may", 4 * 3600), ("Chợ", 1800)]);
        let with = async |venue: &Venue, from: UnixSeconds, to: UnixSeconds| -> Vec<(u8, i64)> {
            let met = visits::company_at(app, venue, PersonId([1; 16]), (from, to))
                .await
                .unwrap();
            met.iter().map(|met| (met.who[0], met.seconds)).collect()
        };
        assert_eq!(with(&plant, day.0, day.1).await, [(2, 3600)]);
        assert_eq!(with(&market, day.0, day.1).await, [(4, 1000)]);
        // Outside the window there is nothing, and nobody is with somebody who was not there.
        assert_eq!(with(&plant, monday, day.1).await, []);
        assert!(
            visits::places_of(app, PersonId([9; 16]), day.0, day.1)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn the_table_of_visits_says_nothing_of_who_was_at_two_places() {
    let world = World::in_memory().await;
    let app = &world.both.authority;
    let (market, plant) = (
        venue(&world, "Chợ", VenueKind::Market).await,
        venue(&world, "Xưởng may", VenueKind::Plant).await,
    );
    let now = world.clock.now().plus(-7200);
    let both = (1..=100).flat_map(|person| {
        let event = i64::from(person);
        [
            visit(&market, person, now, Scan::In, event),
            visit(&plant, person, now, Scan::In, event),
            visit(&market, person, now.plus(-7 * 86_400), Scan::In, event),
        ]
    });
    visits::register(app, &both.collect::<Vec<_>>()).await.unwrap();
    let rows = table(&world).await;
    assert_eq!(rows.len(), 300);
    let tokens: BTreeSet<&str> = rows.iter().map(|row| row["token"].as_str()).collect();
    assert_eq!(tokens.len(), 300, "no pseudonym comes twice");
    let bits: u32 = rows
        .iter()
        .flat_map(|row| row["token"].bytes())
        .map(|digit| char::from(digit).to_digit(16).unwrap().count_ones())
        .sum();
    let share = f64::from(bits) / (300.0 * 128.0);
    assert!((share - 0.5).abs() < 0.02, "{share}");
}

#[tokio::test]
async fn when_a_weeks_key_is_destroyed_nothing_of_the_week_opens_from_a_backup_either() {
    let world = World::in_memory().await;
    let app = &world.both.authority;
    let market = venue(&world, "Chợ", VenueKind::Market).await;
    let then = world.clock.now();
    let one = visit(&market, 1, then, Scan::Whole(then.plus(600).0), 1);
    visits::register(app, std::slice::from_ref(&one)).await.unwrap();
    let found = async || {
        visits::places_of(app, PersonId([1; 16]), then.plus(-60), then.plus(3600))
            .await
            .unwrap()
            .len()
    };
    assert_eq!(found().await, 1);
    // The week ends six days later; its key lives three weeks more.
    world.clock.advance(26 * 86_400);
    assert_eq!(found().await, 1);
    let before = table(&world).await;
    world.clock.advance(2 * 86_400);
    app.run_due_jobs().await.unwrap();
    assert_eq!(found().await, 0);
    assert!(table(&world).await.is_empty());
    // The rows come back from a backup; the key does not, and a new one is not drawn for a week that is over.
    let row = &before[0];
    let text = format!(
        "INSERT INTO visit (venue, at_s, event, token, scan, until_s, flags) VALUES ({}, {}, {}, X'{}', {}, {}, 0)",
        row["venue"], row["at_s"], row["event"], row["token"], row["scan"], row["until_s"]
    );
    app.db.execute_for_test(&text).await.unwrap();
    assert_eq!((table(&world).await.len(), found().await), (1, 0));
    assert!(visits::register(app, &[one]).await.is_err());
    let keys = world.both.authority.people.keyring().dump().await.unwrap();
    let keys = keys.iter().find(|dump| dump.table == "person_key").unwrap();
    let weeks = hex::encode("week-key");
    assert!(keys.rows.iter().all(|row| !row[0].starts_with(&weeks)));
}

/// A number from a number, the same each time.
fn mixed(number: u64) -> u64 {
    let mut x = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 32)
}

/// 10⁵ scans of a made-up province against a program in another language.
#[tokio::test]
async fn company_is_what_another_program_finds_in_a_hundred_thousand_scans() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let world = World::in_memory().await;
    let app = &world.both.authority;
    let kinds = [
        VenueKind::Market,
        VenueKind::Plant,
        VenueKind::Shop,
        VenueKind::Lodging,
        VenueKind::Checkpoint,
    ];
    let mut places = Vec::new();
    for number in 0..50 {
        places.push(venue(&world, &format!("Nơi {number}"), kinds[number % kinds.len()]).await);
    }
    let begin = world.clock.now().plus(-10 * 86_400);
    let person = |number: u64| PersonId((u128::from(mixed(number)) << 64 | u128::from(number)).to_be_bytes());
    let mut all = Vec::with_capacity(100_000);
    for number in 0..100_000_u64 {
        let draw = mixed(number);
        let at = begin.plus((draw % (10 * 86_400)) as i64);
        let scan = match (draw >> 24) % 10 {
            0..5 => Scan::In,
            5..9 => Scan::Out,
            _ => Scan::Whole(at.plus(1 + (draw >> 40) as i64 % 20_000).0),
        };
        all.push(NewVisit {
            venue: places[(draw >> 32) as usize % places.len()].number,
            person: person((draw >> 12) % 400),
            at,
            scan,
            event: number as i64,
            flags: 0,
        });
    }
    for chunk in all.chunks(4_000) {
        visits::register(app, chunk).await.unwrap();
    }
    let questions: Vec<(usize, PersonId, UnixSeconds, UnixSeconds)> = (0..200)
        .map(|number| {
            let draw = mixed(1_000_000 + number);
            let from = begin.plus((draw % (9 * 86_400)) as i64);
            let place = (draw >> 32) as usize % places.len();
            (
                place,
                person((draw >> 12) % 400),
                from,
                from.plus(3_600 + (draw >> 44) as i64 % 200_000),
            )
        })
        .collect();
    let mut found = Vec::new();
    for (place, who, from, to) in &questions {
        let met = visits::company_at(app, &places[*place], *who, (*from, *to))
            .await
            .unwrap();
        found.push(
            met.iter()
                .map(|met| json!([hex::encode(met.who), met.seconds, met.is_scanned]))
                .collect::<Vec<_>>(),
        );
    }
    let asked = json!({
        "now": world.clock.now().0,
        "longest": places.iter().map(|place| (place.number.to_string(), place.longest_stay_s)).collect::<BTreeMap<_, _>>(),
        "scans": all.iter().map(|scan| {
            let what = match scan.scan {
                Scan::In => json!("in"),
                Scan::Out => json!("out"),
                Scan::Whole(until) => json!(until),
            };
            json!([scan.venue, scan.person.hex(), scan.at.0, what])
        }).collect::<Vec<_>>(),
        "questions": questions.iter().map(|(place, who, from, to)| json!([places[*place].number, who.hex(), from.0, to.0])).collect::<Vec<_>>(),
    });
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/evaluation/co_attendance.py"
    );
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python
        .stdin
        .take()
        .unwrap()
        .write_all(asked.to_string().as_bytes())
        .unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let expected: Value = serde_json::from_slice(&output.stdout).unwrap();
    let met: usize = found.iter().map(Vec::len).sum();
    assert!(met > 500, "the questions must have answers: {met}");
    assert_eq!(json!(found), expected);
}
