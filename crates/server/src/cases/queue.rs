//! The call queue: who is called next, by whom, and what the call made of it.

use protocol::time::UnixSeconds;

use super::contacts::load_contact;
use super::looks::{Act, WHOLE, record};
use super::model::{Contact, ContactState, Outcome, after_call};
use super::rules::RULES;
use super::store::contacts;
use super::store::queue::{self, CallRow};
use crate::app::AuthorityApp;
use crate::audit::{Action, Purpose};
use crate::auth::Session;
use crate::civil::CivilDate;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::{self, Person};
use crate::scope::Level;

/// How long a contact stays with the officer who took it, in seconds; every page of the call renews it.
pub const LEASE_SECONDS: i64 = 15 * 60;

/// A contact in an officer's hands, with who it is: the assignment is the purpose.
#[derive(Clone, Debug)]
pub struct InHand {
    /// The contact.
    pub contact: Contact,
    /// Who it is; `None` when the person was erased.
    pub person: Option<Person>,
    /// Calls so far, newest first.
    pub calls: Vec<(Outcome, UnixSeconds)>,
}

/// Returns the contact the officer has in hand, or gives the next one: due first, not with anybody else, not before its
/// next try. Two officers never get the same.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn take_next(app: &AuthorityApp, by: &Session) -> Result<Option<String>, ServiceError> {
    let now = app.clock.now();
    let officer = &by.officer;
    let is_commune = officer.scope.level == Level::Commune;
    transaction!(app.db, "take next contact", |tx| {
        if let Some(contact) = queue::in_hand(tx, &officer.officer_id, now).await? {
            return Ok(Some(contact.contact_id));
        }
        let until = now.plus(LEASE_SECONDS);
        let dialect = app.db.dialect();
        Ok(queue::take_next(tx, dialect, officer.scope, is_commune, &officer.officer_id, now, until).await?)
    })
}

/// Takes one contact out of the list.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] while another officer has it.
pub async fn take(app: &AuthorityApp, by: &Session, contact_id: &str) -> Result<(), ServiceError> {
    load_contact(app, by, contact_id).await?;
    let now = app.clock.now();
    transaction!(app.db, "take contact", |tx| {
        if queue::take(tx, contact_id, &by.officer.officer_id, now, now.plus(LEASE_SECONDS)).await? {
            Ok(())
        } else {
            Err(ServiceError::Conflict {
                why: "another officer has this contact",
            })
        }
    })
}

/// Gives back what the officer has in hand.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn release(app: &AuthorityApp, by: &Session) -> Result<(), ServiceError> {
    transaction!(app.db, "release contacts", |tx| {
        queue::release(tx, &by.officer.officer_id).await?;
        Ok(())
    })
}

/// Returns a contact with who it is, for the officer who has it in hand.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] for anybody else.
pub async fn open_call(app: &AuthorityApp, by: &Session, contact_id: &str) -> Result<InHand, ServiceError> {
    let contact = load_contact(app, by, contact_id).await?;
    if !is_holder(&contact, by, app.clock.now()) {
        return Err(ServiceError::Conflict {
            why: "the contact is not in your hands",
        });
    }
    record(app, by, call_act(&contact)).await?;
    let person = people::load(app, &[contact.person])
        .await?
        .pop()
        .map(|(_, person)| person);
    let calls = queue::calls(&app.db, contact_id).await?;
    Ok(InHand { contact, person, calls })
}

fn call_act(contact: &Contact) -> Act<'_> {
    Act {
        purpose: Purpose::FollowUp,
        action: Action::PERSON_READ,
        people: std::slice::from_ref(&contact.person),
        fields: WHOLE,
        record: Some(&contact.contact_id),
        reason: Some("call"),
    }
}

/// Returns whether an officer has a contact in hand now.
pub fn is_holder(contact: &Contact, by: &Session, now: UnixSeconds) -> bool {
    contact.leased_by.as_deref() == Some(&by.officer.officer_id) && contact.leased_until > now
}

/// Records how a call ended and gives the contact back: reached ones go into follow-up, three calls without an answer go
/// to the commune.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] when the officer does not have it in hand (any more).
pub async fn record_call(
    app: &AuthorityApp,
    by: &Session,
    contact_id: &str,
    outcome: Outcome,
    began_at: UnixSeconds,
) -> Result<Contact, ServiceError> {
    let now = app.clock.now();
    let call_id = format!("call_{}", app.entropy.hex_id());
    let seen = load_contact(app, by, contact_id).await?;
    let act = Act {
        action: Action::CONTACT_CHANGE,
        fields: &["outcome"],
        ..call_act(&seen)
    };
    record(app, by, act).await?;
    transaction!(app.db, "record call", |tx| {
        let found = contacts::find_in(tx, contact_id, by.officer.scope).await?;
        let mut contact = found.ok_or(ServiceError::NotFound { what: "contact" })?;
        if !is_holder(&contact, by, now) {
            return Err(ServiceError::Conflict {
                why: "the contact is not in your hands",
            });
        }
        contact.attempts += 1;
        let (state, next_try_at) = after_call(outcome, contact.attempts, now);
        contact.state = state;
        contact.next_try_at = next_try_at;
        if state == ContactState::Reached {
            let today = CivilDate::today(now);
            let until = RULES.follow_until(contact.generation.unwrap_or(1), contact.exposed_on, today);
            contact.follow = Some((today, until.max(today)));
        }
        contact.leased_by = None;
        contact.leased_until = UnixSeconds(0);
        contact.version += 1;
        if !contacts::replace(tx, &contact).await? {
            return Err(ServiceError::Conflict {
                why: "somebody else changed the contact",
            });
        }
        let call = CallRow {
            call_id: &call_id,
            contact_id,
            officer: &by.officer.officer_id,
            outcome,
            began_at: UnixSeconds(began_at.0.clamp(now.0 - LEASE_SECONDS, now.0)),
            ended_at: now,
        };
        queue::insert_call(tx, &call).await?;
        Ok(contact)
    })
}
