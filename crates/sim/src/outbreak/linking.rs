//! What a reader of the province's whole table of visits learns without a key: tested by trying.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use std::collections::{BTreeMap, HashMap};

use protocol::visit::{VisitKey, Week};
use server::{
    clock::{Clock, VirtualClock},
    in_process::Both,
};

use super::*;
use crate::world::LocalDay;

/// A row as the thief has it.
#[derive(Clone, Debug)]
struct Row {
    venue: i64,
    at: i64,
    event: i64,
    token: [u8; 16],
    scan: i64,
    flags: i64,
}

async fn rows(both: &Both) -> Vec<Row> {
    let dumps = both.authority.db.dump().await.unwrap();
    let table = dumps.into_iter().find(|dump| dump.table == "visit").unwrap();
    let at = |name: &str| table.columns.iter().position(|column| column == name).unwrap();
    let number = |row: &[String], name: &str| row[at(name)].parse::<i64>().unwrap();
    let read = |row: &Vec<String>| Row {
        venue: number(row, "venue"),
        at: number(row, "at_s"),
        event: number(row, "event"),
        token: hex::decode(&row[at("token")]).unwrap().try_into().unwrap(),
        scan: number(row, "scan"),
        flags: number(row, "flags"),
    };
    table.rows.iter().map(read).collect()
}

/// Whose row it is, opened with the key of its venue and week.
async fn holders(both: &Both, rows: &[Row]) -> Vec<[u8; 16]> {
    let app = &both.authority;
    let mut keys: HashMap<(i64, Week), VisitKey> = HashMap::new();
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let week = Week::of(row.at);
        if let std::collections::hash_map::Entry::Vacant(free) = keys.entry((row.venue, week)) {
            let key = app.people.week_key(week, app.clock.now(), &app.entropy).await.unwrap();
            free.insert(VisitKey::derive(&key.unwrap(), row.venue));
        }
        found.push(keys[&(row.venue, week)].person(&row.token));
    }
    found
}

/// How far two rows are apart, as a way of guessing sees it.
type Distance = fn(&Row, &Row) -> u128;

fn as_number(token: &[u8; 16]) -> u128 {
    u128::from_be_bytes(*token)
}

const GUESSES: &[(&str, Distance)] = &[
    ("bits of the pseudonym", |a, b| {
        u128::from((as_number(&a.token) ^ as_number(&b.token)).count_ones())
    }),
    ("pseudonym as a number", |a, b| {
        as_number(&a.token).abs_diff(as_number(&b.token))
    }),
    ("bytes in common", |a, b| {
        16 - a.token.iter().filter(|byte| b.token.contains(byte)).count() as u128
    }),
    ("last bytes", |a, b| u128::from(a.token[15] ^ b.token[15])),
    ("number of the event", |a, b| u128::from(a.event.abs_diff(b.event))),
    ("direction and flags", |a, b| {
        u128::from(a.scan != b.scan) + u128::from(a.flags != b.flags)
    }),
];

/// A scan of somebody, a scan of the same person elsewhere, and one of somebody else there, scanned as near to it in time as any.
struct Question {
    row: Row,
    same: Row,
    other: Row,
}

fn questions(rows: &[Row], holders: &[[u8; 16]]) -> Vec<Question> {
    let mut of_venue: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    let mut of_person: BTreeMap<[u8; 16], Vec<usize>> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        of_venue.entry(row.venue).or_default().push(number);
        of_person.entry(holders[number]).or_default().push(number);
    }
    let mut asked = Vec::new();
    let pairs = of_person
        .values()
        .flat_map(|own| own.iter().flat_map(|&one| own.iter().map(move |&same| (one, same))));
    for (one, same) in pairs.filter(|&(one, same)| rows[one].venue < rows[same].venue) {
        let there = of_venue[&rows[same].venue].iter().copied();
        // In the same direction: somebody who goes out again says nothing of who came.
        let others = there.filter(|&other| holders[other] != holders[one] && rows[other].scan == rows[same].scan);
        if let Some(other) = others.min_by_key(|&other| (rows[other].at.abs_diff(rows[same].at), rows[other].event)) {
            asked.push(Question {
                row: rows[one].clone(),
                same: rows[same].clone(),
                other: rows[other].clone(),
            });
        }
    }
    asked
}

/// Share of questions that a way of guessing answers rightly; half a point where it cannot tell.
fn share(asked: &[Question], distance: Distance) -> f64 {
    let right = asked.iter().map(|question| {
        let (same, other) = (
            distance(&question.row, &question.same),
            distance(&question.row, &question.other),
        );
        match same.cmp(&other) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 0.0,
        }
    });
    right.sum::<f64>() / asked.len() as f64
}

#[tokio::test]
async fn whoever_reads_the_whole_table_of_visits_links_no_two_places_of_one_person() {
    let present = LocalDay::STORY.offset(1).time(9, 30);
    let clock = VirtualClock::new(present);
    let both = Both::open_memory(Clock::from(clock.clone()), 1).await.unwrap();
    let size = Size {
        people: 10_000,
        cases: 70,
        contacts: 900,
    };
    let plan = Outbreak::plan(1, size, present);
    let done = populate(&both.authority, &plan, &clock, &|_, _| ()).await.unwrap();
    check_in(&both.authority, &plan, &done).await.unwrap();
    let rows = rows(&both).await;
    let holders = holders(&both, &rows).await;
    let asked = questions(&rows, &holders);
    assert!(asked.len() >= 400, "{} questions", asked.len());
    // Four standard deviations of a coin.
    let chance = 4.0 * 0.5 / (asked.len() as f64).sqrt();
    for (name, distance) in GUESSES {
        let share = share(&asked, *distance);
        assert!((share - 0.5).abs() <= chance, "{name}: {share:.3} of {}", asked.len());
    }
    // Had everybody one pseudonym everywhere, the same reader would link all.
    let known: HashMap<[u8; 16], [u8; 16]> = rows.iter().zip(&holders).map(|(row, who)| (row.token, *who)).collect();
    let bare = |row: &Row| Row {
        token: known[&row.token],
        ..row.clone()
    };
    let bare: Vec<Question> = asked
        .iter()
        .map(|question| Question {
            row: bare(&question.row),
            same: bare(&question.same),
            other: bare(&question.other),
        })
        .collect();
    assert!((share(&bare, GUESSES[0].1) - 1.0).abs() < f64::EPSILON);
}
