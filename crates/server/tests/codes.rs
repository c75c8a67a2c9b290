//! Guessing codes: the limiter holds the ceiling, a genuine person gets through, and without it guessing succeeds.

mod common;

use std::collections::HashSet;

use common::{World, new_case, send};
use server::codes::{Limits, nth_short_code};
use server::config::AuthorityConfig;

const SPACE: u64 = 100_000;
const LIVE: usize = 500;
const MINUTES: u32 = 10;
const ATTEMPTS_PER_MINUTE: u64 = 600;

fn config(enabled: bool) -> AuthorityConfig {
    AuthorityConfig {
        code_limits: Limits {
            enabled,
            short_code_space: SPACE,
            ..Limits::default()
        },
        client_address_header: Some("x-forwarded-for".into()),
        ..AuthorityConfig::default()
    }
}

async fn try_code(world: &World, code: &str, source: &str) -> common::Answer {
    let body = serde_json::to_vec(&serde_json::json!({ "code": code })).expect("JSON");
    send(&world.authority, "/v1/verify", body, &[("x-forwarded-for", source)]).await
}

async fn with_live_codes(enabled: bool) -> (World, Vec<String>) {
    let world = World::with(config(enabled)).await;
    let mut codes = Vec::new();
    for _ in 0..LIVE {
        let (_, issue) = world.issue(&new_case(&world)).await;
        codes.push(issue.short.reveal().to_owned());
    }
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), LIVE);
    (world, codes)
}

struct Outcome {
    compared: i64,
    most_in_a_minute: i64,
    hits: u32,
    genuine: bool,
}

/// Guesses for ten minutes from fifty addresses; meanwhile one person types a code, again when told to wait.
async fn attack(world: &World, genuine: &str) -> Outcome {
    let (mut hits, mut redeemed) = (0, false);
    for minute in 0..MINUTES {
        for attempt in 0..ATTEMPTS_PER_MINUTE {
            let guess = nth_short_code((u64::from(minute) * ATTEMPTS_PER_MINUTE + attempt) * 7919 % SPACE);
            if guess.reveal() == genuine {
                continue;
            }
            let source = format!("198.51.100.{}", attempt % 50);
            hits += u32::from(try_code(world, guess.reveal(), &source).await.status == 200);
            if attempt == ATTEMPTS_PER_MINUTE / 2 && minute >= 1 && !redeemed {
                redeemed = try_code(world, genuine, "203.0.113.7").await.status == 200;
            }
        }
        world.clock.advance(60);
    }
    let (mut compared, mut most) = (0, 0);
    for table in world.both.authority.db.dump().await.expect("a dump") {
        if table.table == "code_attempt" {
            let mut minutes = std::collections::HashMap::new();
            for row in &table.rows {
                *minutes.entry(row[0].clone()).or_insert(0) += row[2].parse::<i64>().expect("a number");
            }
            compared = minutes.values().sum();
            most = minutes.values().copied().max().unwrap_or(0);
        }
    }
    Outcome {
        compared,
        most_in_a_minute: most,
        hits,
        genuine: redeemed,
    }
}

#[tokio::test]
async fn with_the_limiter_guessing_stays_under_the_ceiling_and_a_genuine_person_redeems() {
    let (world, codes) = with_live_codes(true).await;
    let ceiling = i64::from(config(true).code_limits.ceiling_per_minute(LIVE as u64));
    assert_eq!(ceiling, 60);
    let outcome = attack(&world, &codes[LIVE / 2]).await;
    assert!(outcome.genuine, "the genuine person redeems");
    assert!(
        outcome.most_in_a_minute <= ceiling,
        "{} in a minute",
        outcome.most_in_a_minute
    );
    assert!(outcome.compared <= ceiling * i64::from(MINUTES), "{}", outcome.compared);
    assert!(outcome.compared > 0);
}

#[tokio::test]
async fn without_the_limiter_guessing_finds_codes() {
    let (world, codes) = with_live_codes(false).await;
    let outcome = attack(&world, &codes[LIVE / 2]).await;
    assert_eq!(
        outcome.compared,
        i64::from(MINUTES) * i64::try_from(ATTEMPTS_PER_MINUTE).expect("small") + 1
    );
    assert!(outcome.hits > 10, "{} hits", outcome.hits);
}

#[test]
fn the_ceiling_falls_as_codes_become_many_and_stays_within_its_bounds() {
    let limits = Limits::default();
    assert_eq!(limits.ceiling_per_minute(0), 600);
    assert_eq!(limits.ceiling_per_minute(500), 382);
    assert_eq!(limits.ceiling_per_minute(1_000_000), 60);
}

on_each_database! {
    async fn a_code_that_is_misread_expired_or_unknown_says_no_more_than_its_rule(world) {
        let (_, issue) = world.issue(&new_case(world)).await;
        assert_eq!(world.try_verify("0000-0000").await.rule(), "U20");
        assert_eq!(world.try_verify(nth_short_code(1).reveal()).await.rule(), "U22");
        world.clock.advance(15 * 60 + 1);
        assert_eq!(world.try_verify(issue.short.reveal()).await.rule(), "U22", "the short code lives 15 minutes");
        let typed = issue.link.grouped().to_lowercase();
        assert_eq!(world.try_verify(&typed).await.status, 200, "the link code lives on");
    }

    async fn a_new_issue_withdraws_the_codes_before_it(world) {
        let (case, first) = world.issue(&new_case(world)).await;
        let (_, second) = server::cases::issue_codes_for(&world.both.authority, &case.case_id).await.expect("codes");
        assert_eq!(world.try_verify(first.short.reveal()).await.rule(), "U22");
        assert_eq!(world.try_verify(second.short.reveal()).await.status, 200);
    }

    async fn codes_are_stored_as_keyed_hashes_only_and_erased_in_time(world) {
        let (_, issue) = world.issue(&new_case(world)).await;
        let everything = format!("{:?}", world.both.dump().await.expect("a dump"));
        for code in [&issue.short, &issue.link] {
            assert!(!everything.contains(code.reveal()));
            assert!(!everything.contains(&hex::encode(code.reveal())));
        }
        assert_eq!(common::cells(world, "verification_code", "short_hash").await[0].len(), 64);
        world.clock.advance(49 * 3600);
        world.both.run_due_jobs().await.expect("jobs");
        assert_eq!(common::cells(world, "verification_code", "short_hash").await, [""]);
        world.clock.advance(14 * 86_400);
        world.both.run_due_jobs().await.expect("jobs");
        assert_eq!(world.rows("authority.verification_code").await, 0);
    }
}
