//! Officers of real units, for tests of the desk's pages.

#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use axum::http::header;
use server::audit::{self, Action, Filter, Recorded};
use server::scope::{Place, Scope};

use super::desk::{Person, scope_of, seat};
use super::{Answer, World};

/// Returns a unit of today as a scope: `""` is the whole nation.
fn unit(world: &World, code: &str) -> (Scope, Place) {
    if code.is_empty() {
        return (Scope::NATION, Place::default());
    }
    scope_of(world, code)
}

/// Makes an account in a unit; returns its id.
pub async fn seated(world: &World, login: &str, role: &str, code: &str) -> String {
    let (scope, place) = unit(world, code);
    seat(world, login, role, scope, place).await
}

/// Makes an account in a unit and signs it in.
pub async fn signed_in<'a>(world: &'a World, login: &str, role: &str, code: &str) -> Person<'a> {
    seated(world, login, role, code).await;
    Person::sign_in(world, login).await
}

/// Sends a form with the session's token.
pub async fn submit(person: &Person<'_>, path: &str, form: &str) -> Answer {
    let token = person.form_token().await;
    person.post(path, &format!("form_token={token}&{form}"), &[]).await
}

pub fn location(answer: &Answer) -> String {
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

/// Returns everything recorded of one kind of act, newest first.
pub async fn recorded(world: &World, action: Action) -> Vec<Recorded> {
    let filter = Filter {
        action: Some(action),
        ..Filter::default()
    };
    audit::list(&world.both.authority, &filter, 100).await.unwrap().entries
}

/// Returns actor kind, role, outcome and record of everything recorded of one kind of act, newest first.
pub async fn trail(world: &World, action: Action) -> Vec<(String, bool)> {
    let entries = recorded(world, action).await.into_iter();
    entries.map(|entry| (entry.role, entry.allowed)).collect()
}
