//! Gates as the authority meets them: opened by a link, sealing what they scan, sending it late, twice and out of order.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::collections::BTreeMap;

use common::gate::{Device, enrol, new_gate, record, typed};
use common::{World, post};
use protocol::gate::record::{Direction, Evidence, Record};
use protocol::pass::{Pass, print_card};
use protocol::signature::SecretKey;
use protocol::venue::VenueKind;
use protocol::visit::day_of;
use serde_json::{Value, json};
use server::config::AuthorityConfig;
use server::people::{self, Identity, LegalBasis, NewPerson, PersonId, finder};
use server::venues::{self, NewVenue, Venue};
use server::{gates, passes, visits};

async fn worlds() -> Vec<World> {
    let postgres = World::on_postgres(AuthorityConfig::default()).await;
    let worlds: Vec<World> = [Some(World::in_memory().await), postgres]
        .into_iter()
        .flatten()
        .collect();
    for world in &worlds {
        finder::warm(&world.both.authority).await.unwrap();
    }
    worlds
}

async fn plant(world: &World) -> Venue {
    let today = server::civil::CivilDate::today(world.clock.now());
    let commune = world.both.authority.geo.by_code("28249", today).unwrap().id.number();
    let new = NewVenue {
        kind: VenueKind::Plant,
        name: "Nhà máy".to_owned(),
        address: String::new(),
        commune,
    };
    venues::register(&world.both.authority, None, new).await.unwrap()
}

async fn person(world: &World, name: &str) -> PersonId {
    let new = NewPerson {
        identity: Identity {
            name: name.to_owned(),
            ..Identity::default()
        },
        commune: None,
        legal_basis: LegalBasis::Consent,
    };
    people::create(&world.both.authority, vec![new]).await.unwrap()[0]
}

/// Where somebody was, as beginning, end and whether a time was put right.
async fn whereabouts(world: &World, person: PersonId) -> Vec<(i64, i64, bool)> {
    let (app, now) = (&world.both.authority, world.clock.now());
    let from = now.plus(-20 * 86_400);
    let places = visits::places_of(app, person, from, now.plus(1)).await.unwrap();
    places
        .iter()
        .map(|place| (place.visit.from, place.visit.to, place.is_skewed))
        .collect()
}

async fn named(world: &World, name: &str) -> Vec<PersonId> {
    let hits = world.both.authority.finder.find(name, 10);
    hits.into_iter().map(|hit| hit.person).collect()
}

fn wrong(answer: &Value) -> BTreeMap<u64, String> {
    let list = answer["wrong"].as_array().unwrap();
    list.iter()
        .map(|wrong| {
            let why = wrong["why"].as_str().unwrap().to_owned();
            (wrong["counter"].as_u64().unwrap(), why)
        })
        .collect()
}

#[tokio::test]
async fn a_link_opens_a_gate_once_and_for_fifteen_minutes() {
    for world in worlds().await {
        let (app, venue) = (&world.both.authority, plant(&world).await);
        let gate = gates::register(app, &venue.venue_id, new_gate("Cổng Bắc"))
            .await
            .unwrap();
        let key = SecretKey::from_bytes(&[5; 32]).unwrap();
        let old = gates::make_link(app, &gate).await.unwrap();
        let secret = gates::make_link(app, &gate).await.unwrap();
        assert_eq!(enrol(&world, &old, &key).await.status, 400);
        // Somebody else's signature over the same words.
        let point = protocol::gate::rules::to_hex(&key.public_key().to_point());
        let other = SecretKey::from_bytes(&[6; 32]).unwrap();
        let words = protocol::gate::enrolment(secret.as_bytes(), &key.public_key().to_point());
        let signature = protocol::gate::rules::to_hex(&other.sign_digest(&protocol::signature::digest(&words)));
        let body = json!({"secret": secret, "point": point, "signature": signature});
        assert_eq!(post(&world.authority, "/v1/gates/enrol", &body).await.status, 400);
        assert_eq!(enrol(&world, &secret, &key).await.status, 200);
        assert_eq!(enrol(&world, &secret, &key).await.status, 400);
        let late = gates::make_link(app, &gate).await.unwrap();
        world.clock.advance(901);
        assert_eq!(enrol(&world, &late, &key).await.status, 400);
    }
}

#[tokio::test]
async fn batches_that_come_twice_and_out_of_order_are_stored_once() {
    for world in worlds().await {
        let venue = plant(&world).await;
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let now = world.clock.now().0;
        let scan = |number: i64| {
            let who = typed("Trần Thị Lan", "0912345678");
            let direction = if number % 2 == 0 { Direction::In } else { Direction::Out };
            record(now - 36_000 + 1800 * number, direction, who)
        };
        let records: Vec<Value> = (0..10).map(|number| device.seal(&scan(number))).collect();
        let gate = gates::list(&world.both.authority, &venue.venue_id)
            .await
            .unwrap()
            .remove(0);
        let tally = async || gates::tally(&world.both.authority, &gate).await.unwrap();
        assert_eq!(device.send(&world, &records[7..]).await.status, 200);
        assert_eq!(device.send(&world, &records[..5]).await.status, 200);
        assert_eq!((tally().await.arrived, tally().await.missing), (8, 2));
        // An hour later, all of it once more.
        world.clock.advance(3600);
        for part in [&records[..], &records[3..8], &records[..]] {
            let answer = device.send(&world, part).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(wrong(&answer.json()).is_empty());
        }
        assert_eq!((tally().await.arrived, tally().await.missing), (10, 0));
        assert_eq!(visits::count(&world.both.authority).await.unwrap(), 10);
        let [lan] = named(&world, "Trần Thị Lan").await[..] else {
            panic!("one person")
        };
        let expected: Vec<(i64, i64, bool)> = (0..5)
            .map(|visit| (now - 36_000 + 3600 * visit, now - 36_000 + 3600 * visit + 1800, false))
            .collect();
        assert_eq!(whereabouts(&world, lan).await, expected);
    }
}

/// Half a day of scans by a device whose clock is moved by three hours and back: what it says, and what is true.
fn shift(now: i64, ids: &[[u8; 16]], authority: &SecretKey) -> Vec<(Record, i64)> {
    let begin = now - 12 * 3600;
    (0..ids.len() as i64)
        .map(|number| {
            let truth = begin + number * 40;
            let moved = match number * 3 / ids.len() as i64 {
                0 => 0,
                1 => 3 * 3600,
                _ => -3 * 3600,
            };
            let card = print_card(&ids[number as usize], authority);
            let said = Record {
                at: truth + moved,
                ..record(truth, Direction::In, Evidence::Scanned(card))
            };
            (said, truth)
        })
        .collect()
}

#[tokio::test]
async fn a_clock_moved_by_three_hours_is_put_right_and_flagged() {
    for world in worlds().await {
        let (app, venue) = (&world.both.authority, plant(&world).await);
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let mut cards = Vec::new();
        for number in 0..600 {
            let who = person(&world, &format!("Người {number}")).await;
            cards.push((who, passes::make_card(app, who).await.unwrap().id));
        }
        let ids: Vec<[u8; 16]> = cards.iter().map(|(_, id)| *id).collect();
        let now = world.clock.now().0;
        let scans = shift(now, &ids, &app.secrets.certificate);
        let sealed: Vec<Value> = scans.iter().map(|(said, _)| device.seal(said)).collect();
        for part in sealed.chunks(200) {
            // The clock on its wall is still three hours behind.
            let request = device.request(part, 1, now - 3 * 3600, Some(now));
            let answer = post(&world.authority, "/v1/gates/sync", &request).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        assert_eq!(visits::count(app).await.unwrap(), 600);
        for ((who, _), (said, truth)) in cards.iter().zip(&scans) {
            let [(from, _, is_skewed)] = whereabouts(&world, *who).await[..] else {
                panic!("one visit")
            };
            assert_eq!((from, is_skewed), (*truth, said.at != *truth));
        }
        let gate = gates::list(app, &venue.venue_id).await.unwrap().remove(0);
        assert_eq!(gate.skew_s, Some(-3 * 3600));
    }
}

#[tokio::test]
async fn who_it_was_is_read_from_codes_cards_and_papers() {
    for world in worlds().await {
        let (app, venue) = (&world.both.authority, plant(&world).await);
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let now = world.clock.now().0;
        let lan = person(&world, "Trần Thị Lan").await;
        let holder = SecretKey::from_bytes(&[9; 32]).unwrap();
        let day = day_of(now - 600);
        let minute = ((now - 600) / 60) as u32;
        let pass = passes::issue(app, lan, &[(day, holder.public_key())])
            .await
            .unwrap()
            .remove(0);
        let forged = Pass::issue(day, &[1; 16], &holder.public_key(), &holder);
        let card = passes::make_card(app, lan).await.unwrap();
        let revoked = passes::make_card(app, lan).await.unwrap();
        passes::revoke_card(app, &revoked.id).await.unwrap();
        let hex: String = "Lê Văn Ba".bytes().map(|byte| format!("{byte:02x}")).collect();
        let identity = "082099001234|310123456|Nguyễn Văn Mười|05071990|Nam|Mỹ Tho|10052021";
        let texts = [
            (pass.show(minute, &holder), None),
            (card.text.clone(), None),
            (identity.to_owned(), None),
            (identity.to_owned(), None),
            (
                format!("DN4828212345678|{hex}|1/2/1985|2|x|82 - 001|01/01/2021|-$"),
                None,
            ),
            (
                "******001234|PHAM THI TU|1990-07-05|1|8212345|<0987654321<".to_owned(),
                None,
            ),
            (revoked.text, Some("over")),
            (forged.show(minute, &holder), Some("forged")),
            (print_card(&[7; 16], &holder), Some("forged")),
            ("https://example.com".to_owned(), Some("unknown")),
        ];
        let records: Vec<Value> = texts
            .iter()
            .enumerate()
            .map(|(number, (text, _))| {
                let at = now - 600 + 30 * number as i64;
                device.seal(&record(at, Direction::In, Evidence::Scanned(text.clone())))
            })
            .collect();
        let answer = device.send(&world, &records).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let expected: BTreeMap<u64, String> = texts
            .iter()
            .enumerate()
            .filter_map(|(number, (_, why))| Some((number as u64, (*why)?.to_owned())))
            .collect();
        assert_eq!(wrong(&answer.json()), expected);
        // Pass and card are one person at one place: one visit.
        assert_eq!(whereabouts(&world, lan).await.len(), 1);
        for name in ["Nguyễn Văn Mười", "Lê Văn Ba", "PHAM THI TU"] {
            let [found] = named(&world, name).await[..] else {
                panic!("one {name}")
            };
            assert_eq!(whereabouts(&world, found).await.len(), 1, "{name}");
        }
        // Sent again, what was wrong stays wrong.
        let again: Value = device.send(&world, &records).await.json();
        assert_eq!(wrong(&again), expected);
    }
}

#[tokio::test]
async fn names_of_visitors_are_data_whatever_they_say() {
    for world in worlds().await {
        let venue = plant(&world).await;
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let now = world.clock.now().0;
        let formula = "=HYPERLINK(\"http://x\",\"A\")";
        let long = Record {
            who: typed(&"A".repeat(1 << 20), "0912345678"),
            ..record(now - 60, Direction::In, Evidence::Scanned(String::new()))
        };
        let records = [
            device.seal(&record(now - 90, Direction::In, typed(formula, "0912345679"))),
            device.seal(&record(now - 80, Direction::In, typed("Lan\u{202e}", "0912345678"))),
            device.seal_bytes(&[b'A'; 5000]),
        ];
        let answer: Value = device.send(&world, &records).await.json();
        let expected = [(1, "unknown".to_owned()), (2, "sealed".to_owned())];
        assert_eq!(wrong(&answer), BTreeMap::from(expected));
        assert_eq!(named(&world, "HYPERLINK").await.len(), 1);
        // A megabyte does not even come in.
        let huge = device.seal(&long);
        assert_eq!(device.send(&world, &[huge]).await.status, 413);
    }
}

#[tokio::test]
async fn what_was_changed_or_comes_from_another_is_refused() {
    for world in worlds().await {
        let venue = plant(&world).await;
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let now = world.clock.now().0;
        let mut seal = || device.seal(&record(now - 60, Direction::In, typed("Lan", "0912345678")));
        let [first, second, third] = [seal(), seal(), seal()];
        let mut changed = first.clone();
        let text = changed["sealed"].as_str().unwrap().replacen('a', "b", 1);
        changed["sealed"] = json!(text);
        // Changed on the way: not what the gate signed.
        let mut request = device.request(std::slice::from_ref(&first), 1, now, Some(now));
        request["records"] = json!([changed]);
        assert_eq!(post(&world.authority, "/v1/gates/sync", &request).await.status, 401);
        // Left out, or in another order.
        for records in [[&first, &third], [&second, &first], [&first, &first]] {
            let records: Vec<Value> = records.into_iter().cloned().collect();
            assert_eq!(device.send(&world, &records).await.status, 400);
        }
        // Changed and signed by whoever has the device: it does not open.
        device.sign(&mut changed);
        let answer: Value = device.send(&world, &[changed]).await.json();
        assert_eq!(wrong(&answer), BTreeMap::from([(0, "sealed".to_owned())]));
        // Another device.
        let other = Device::at(&world, &venue.venue_id, 6).await;
        let mut stolen = other.request(std::slice::from_ref(&first), 1, now, Some(now));
        stolen["gate"] = json!(protocol::gate::rules::to_hex(&device.gate));
        assert_eq!(post(&world.authority, "/v1/gates/sync", &stolen).await.status, 401);
        stolen["gate"] = json!("00".repeat(16));
        assert_eq!(post(&world.authority, "/v1/gates/sync", &stolen).await.status, 401);
        assert_eq!(visits::count(&world.both.authority).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn two_devices_with_one_key_are_found_and_nothing_of_either_is_lost() {
    for world in worlds().await {
        let venue = plant(&world).await;
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let now = world.clock.now().0;
        let first = device.seal(&record(now - 7200, Direction::In, typed("Lan", "0912345678")));
        assert_eq!(device.send(&world, &[first]).await.status, 200);
        device.rewind();
        let second = device.seal(&record(now - 3600, Direction::In, typed("Hoa", "0912345679")));
        assert_eq!(device.send(&world, &[second]).await.status, 200);
        assert_eq!(visits::count(&world.both.authority).await.unwrap(), 2);
        let gate = gates::list(&world.both.authority, &venue.venue_id)
            .await
            .unwrap()
            .remove(0);
        assert_eq!(gate.forked_at, Some(world.clock.now()));
    }
}

#[tokio::test]
async fn a_wiped_gate_delivers_what_it_had_and_nothing_after() {
    for world in worlds().await {
        let (app, venue) = (&world.both.authority, plant(&world).await);
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let before = world.clock.now().0;
        let kept = device.seal(&record(before - 60, Direction::In, typed("Lan", "0912345678")));
        let gate = gates::list(app, &venue.venue_id).await.unwrap().remove(0);
        gates::wipe(app, &gate).await.unwrap();
        world.clock.advance(600);
        let after = device.seal(&record(before + 300, Direction::In, typed("Hoa", "0912345679")));
        let answer: Value = device.send(&world, &[kept, after]).await.json();
        assert_eq!(answer["wiped"], true);
        assert_eq!(wrong(&answer), BTreeMap::from([(1, "wiped".to_owned())]));
        assert_eq!(visits::count(app).await.unwrap(), 1);
        assert!(answer.get("rules").is_none());
    }
}

#[tokio::test]
async fn rules_come_when_they_changed_and_when_they_are_old() {
    for world in worlds().await {
        let venue = plant(&world).await;
        let device = Device::at(&world, &venue.venue_id, 5).await;
        let ask = async |rules_from: i64| {
            let now = world.clock.now().0;
            let mut request = device.request(&[], 1, now, Some(now));
            request["rules_from"] = json!(rules_from);
            request["asks_present"] = json!(true);
            let answer: Value = post(&world.authority, "/v1/gates/sync", &request).await.json();
            assert_eq!(answer["present"], 0);
            answer.get("rules").is_some()
        };
        let made = world.clock.now().0;
        assert!(!ask(made).await && ask(made - 1).await);
        world.clock.advance(6 * 3600 + 1);
        assert!(ask(made).await && !ask(world.clock.now().0).await);
    }
}

#[tokio::test]
async fn what_is_older_than_visits_are_kept_is_not_taken() {
    for world in worlds().await {
        let venue = plant(&world).await;
        let mut device = Device::at(&world, &venue.venue_id, 5).await;
        let now = world.clock.now().0;
        let old = record(now - 22 * 86_400, Direction::In, typed("Lan", "0912345678"));
        let sealed = device.seal(&old);
        let answer: Value = device.send(&world, &[sealed]).await.json();
        assert_eq!(wrong(&answer), BTreeMap::from([(0, "old".to_owned())]));
    }
}
