//! What stands around every route of the desk: forms of other sites and forms without the session's token are refused before
//! anything is done, and every answer carries the headers that keep a page from being framed, cached or scripted.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use axum::http::header;
use common::World;
use common::desk::{Person, officer_in};

/// Forms that are sent by somebody who is not signed in, or that belong to nobody's session.
const OPEN: &[&str] = &["/desk/sign-in", "/desk/setup", "/desk/invitation/{token}"];

fn address(route: &str) -> String {
    route
        .split('/')
        .map(|part| if part.starts_with('{') { "none_0" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// Every role, so that no route is refused for want of a permission.
async fn everybody(world: &World) -> Vec<Person<'_>> {
    let mut all = Vec::new();
    for (login, role, code) in [
        ("lead", "team_lead", "82"),
        ("admin", "administrator", "82"),
        ("auditor", "auditor", "82"),
        ("science", "epidemiologist", "82"),
    ] {
        all.push(officer_in(world, login, role, code).await);
    }
    all
}

async fn rows(world: &World) -> Vec<(String, i64)> {
    let counts = world.both.authority.db.table_counts().await.unwrap();
    let moves = |table: &str| table.starts_with("audit") || table == "officer_session" || table == "job";
    counts.into_iter().filter(|(table, _)| !moves(table)).collect()
}

#[tokio::test]
async fn no_form_of_another_site_or_without_its_token_does_anything() {
    let world = World::in_memory().await;
    let people = everybody(&world).await;
    let before = rows(&world).await;
    let (mut foreign, mut tokenless) = (0, 0);
    for (method, route, _) in server::desk_access() {
        if method != "POST" {
            continue;
        }
        let path = address(route);
        let crossing: &[(&str, &str)] = &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
        let sibling: &[(&str, &str)] = &[("sec-fetch-site", "same-site")];
        let old: &[(&str, &str)] = &[("origin", "https://evil.example"), ("host", "desk.example")];
        for headers in [crossing, sibling, old] {
            let answer = people[0].post(&path, "form_token=x", headers).await;
            assert_eq!(answer.status, 403, "{route} with {headers:?}");
            foreign += 1;
        }
        // Owners and visitors have no token: their cookie goes with no form of another site, and such a form was refused above.
        let is_outside = route.starts_with("/venues") || route.starts_with("/v/");
        if OPEN.contains(&route) || is_outside {
            continue;
        }
        let mut refusals = Vec::new();
        for person in &people {
            for token in ["", "form_token=", "form_token=0000000000000000"] {
                let form = format!("{token}&act=save&approve=yes&reason=call&login=x&role=tracer");
                refusals.push(person.post(&path, &form, &[]).await.status);
            }
        }
        // Before anything is looked up or read: an id that is not there would be 404, a wrong field 422. What is no form with a
        // file is not even a form.
        let refused = if route == "/desk/imports" { 400 } else { 403 };
        let fits = |status: &u16| *status == 403 || *status == refused;
        assert!(refusals.iter().all(fits), "{route}: {refusals:?}");
        tokenless += 1;
    }
    assert!(foreign >= 100 && tokenless >= 30, "{foreign}, {tokenless}");
    assert_eq!(rows(&world).await, before);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let world = World::in_memory().await;
    let people = everybody(&world).await;
    let stranger = Person::stranger(&world);
    let mut looked = 0;
    for (method, route, _) in server::desk_access() {
        if method != "GET" {
            continue;
        }
        for person in people.iter().chain([&stranger]) {
            let path = address(route);
            let answer = person.get(&path).await;
            let header = |name: header::HeaderName| {
                let value = answer.headers.get(&name);
                value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
            };
            assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{route}");
            assert_eq!(header(header::REFERRER_POLICY), "no-referrer", "{route}");
            assert_eq!(header(header::X_FRAME_OPTIONS), "SAMEORIGIN", "{route}");
            let policy = header(header::CONTENT_SECURITY_POLICY);
            assert!(policy.starts_with("default-src 'none'"), "{route}: {policy}");
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{route}: {policy}");
            let is_page = header(header::CONTENT_TYPE).starts_with("text/html");
            assert!(!is_page || header(header::CACHE_CONTROL) == "no-store", "{route}");
            assert!(header(header::SERVER).is_empty(), "{route}");
            looked += 1;
        }
    }
    assert!(looked >= 150, "{looked}");
}
