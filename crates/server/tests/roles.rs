//! Every role against every route of the desk: what `roles.csv` says, written by hand, is what happens.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::collections::BTreeMap;

use common::World;
use common::desk::{Person, officer_in};

/// The sentence of a refusal; any other answer means that the route let the role in.
const REFUSAL: &str = "Vai trò của anh/chị không được phép";

const ROLES: [(char, &str, &str); 8] = [
    ('A', "administrator", "82"),
    ('C', "commune_tracer", "28249"),
    ('T', "tracer", "815"),
    ('L', "team_lead", "82"),
    ('E', "epidemiologist", "82"),
    ('I', "code_issuer", "82"),
    ('D', "leadership", "82"),
    ('U', "auditor", "82"),
];

fn table() -> BTreeMap<(String, String), String> {
    include_str!("roles.csv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let mut parts = line.split_whitespace();
            let mut next = || parts.next().unwrap_or_else(|| panic!("three words: {line}")).to_owned();
            ((next(), next()), next())
        })
        .collect()
}

/// Fills ids of nothing into a route.
fn address(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "none_0" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn opens(person: &Person<'_>, method: &str, path: &str, token: &str) -> bool {
    let answer = match method {
        "GET" => person.get(&address(path)).await,
        _ => person.post(&address(path), &format!("form_token={token}"), &[]).await,
    };
    let to_sign_in = answer.status == 303 && answer.headers["location"].as_bytes().starts_with(b"/desk/sign-in");
    !answer.text().contains(REFUSAL) && (!to_sign_in || path == "/desk/setup")
}

#[test]
fn every_route_stands_in_the_table_and_nothing_else() {
    let routes: Vec<(String, String)> = server::desk_access()
        .into_iter()
        .map(|(method, path, _)| (method, path.to_owned()))
        .collect();
    let table = table();
    let missing: Vec<_> = routes.iter().filter(|route| !table.contains_key(*route)).collect();
    assert!(missing.is_empty(), "not in roles.csv: {missing:?}");
    let stale: Vec<_> = table.keys().filter(|route| !routes.contains(route)).collect();
    assert!(stale.is_empty(), "no longer routes: {stale:?}");
}

on_each_database! {
    async fn every_role_may_what_the_table_says_and_no_more(world) {
        let stranger = Person::stranger(world);
        let (mut checked, mut wrong) = (0, Vec::new());
        for ((method, path), who) in table() {
            if opens(&stranger, &method, &path, "").await != (who == "-") {
                wrong.push(format!("nobody {method} {path}"));
            }
        }
        for (letter, role, unit) in ROLES {
            let person = officer_in(world, &format!("role.{}", letter.to_ascii_lowercase()), role, unit).await;
            let token = person.form_token().await;
            for ((method, path), who) in table() {
                // Signing out would end the session, and everybody may.
                if path == "/desk/sign-out" {
                    continue;
                }
                let expected = who == "-" || who == "*" || who.contains(letter);
                checked += 1;
                if opens(&person, &method, &path, &token).await != expected {
                    wrong.push(format!("{role} {method} {path}: expected {expected}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        println!("{checked} pairs of role and route");
    }
}
