//! Proof that somebody holds a telephone: six digits in a message, typed within five minutes (docs/spec/venues.md V10–V14).
//!
//! For people who have no account: owners of venues, and whoever registers a check-in. The number waits sealed and is gone once
//! it is proved or too late.

pub(crate) mod http;
mod model;
mod store;

use protocol::seal;
use protocol::time::UnixSeconds;

pub use model::{ATTEMPTS, LIFETIME_SECONDS, Limits};

use crate::app::AuthorityApp;
use crate::console::Texts;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::http::source::Source;
use crate::messages::{self, NotTaken, Outgoing};
use crate::people;
use model::{code_hash, number_hash};

/// A proof that was asked for. It goes into the form that asks for the digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Id of the proof: 128 random bits.
    pub proof_id: String,
    /// Until when the digits count.
    pub until: UnixSeconds,
}

/// Sends six digits to a telephone.
///
/// # Errors
///
/// [`ServiceError::Invalid`] `phone` when it is no number of this country; [`ServiceError::TooMany`] when this telephone, this
/// network or everybody together asked too often (V13); [`ServiceError::Unavailable`] when the carrier takes nothing.
pub(crate) async fn ask(
    app: &AuthorityApp,
    number: &str,
    source: &Source,
    texts: Texts,
) -> Result<Asked, ServiceError> {
    let number = people::model::phone(number).ok_or(ServiceError::Invalid {
        field: "phone",
        why: "is no telephone number",
    })?;
    let now = app.clock.now();
    admit_source(app, source, now)?;
    let hash = number_hash(&app.secrets.code_pepper, now, &number);
    let code = model::draw(&app.entropy);
    let proof_id = format!("proof_{}", app.entropy.hex_id());
    let sealed = seal::seal(
        &app.secrets.staff_key,
        &app.entropy.bytes(),
        bound(&proof_id).as_bytes(),
        number.as_bytes(),
    );
    let row = store::NewProof {
        proof_id: &proof_id,
        number_hash: hash,
        sealed: &sealed,
        code_hash: code_hash(&app.secrets.code_pepper, &proof_id, &code),
        now,
        until: now.plus(LIFETIME_SECONDS),
    };
    let limits = &app.config.proof_limits;
    transaction!(app.db, "ask for proof of a telephone", |tx| {
        let asked = store::asked_since(tx, &hash, now.plus(-limits.number_seconds)).await?;
        let by_all = store::made_since(tx, now.plus(-3600)).await?;
        model::admit(limits, &asked, by_all, now)?;
        store::insert(tx, &row).await?;
        Ok(())
    })?;
    let asked = Asked {
        proof_id: proof_id.clone(),
        until: row.until,
    };
    let message = Outgoing {
        message_id: proof_id,
        to: number,
        text: texts.with("proof-message", "code", &code),
    };
    match messages::hand_over_now(app, &message).await {
        Ok(()) => Ok(asked),
        Err(NotTaken::Refused) => Err(ServiceError::Invalid {
            field: "phone",
            why: "cannot be reached",
        }),
        Err(NotTaken::Later) => Err(ServiceError::Unavailable { what: "the carrier" }),
    }
}

/// Returns the number of the telephone on which the digits arrived; each proof is good once, and for five attempts.
///
/// # Errors
///
/// [`ServiceError::Invalid`] `code` whatever is wrong: the digits, the time, the number of attempts, or the proof itself.
pub(crate) async fn confirm(app: &AuthorityApp, proof_id: &str, typed: &str) -> Result<String, ServiceError> {
    let wrong = ServiceError::Invalid {
        field: "code",
        why: "is not the one that was sent, or too late",
    };
    let Some(code) = model::read(typed).filter(|_| proof_id.len() <= model::MAX_ID) else {
        return Err(wrong);
    };
    let now = app.clock.now();
    let hash = code_hash(&app.secrets.code_pepper, proof_id, &code);
    // An attempt counts whatever comes of it, so this commits in both cases.
    let sealed = transaction!(app.db, "prove a telephone", |tx| {
        let Some(proof) = store::open(tx, proof_id, now).await? else {
            return Ok(None);
        };
        if proof.attempts >= ATTEMPTS {
            return Ok(None);
        }
        if !model::same(&proof.code_hash, &hash) {
            store::count_attempt(tx, proof_id).await?;
            return Ok(None);
        }
        store::close(tx, proof_id).await?;
        Ok(Some(proof.sealed))
    })?;
    let Some(sealed) = sealed else {
        return Err(wrong);
    };
    let opened = seal::open(&app.secrets.staff_key, bound(proof_id).as_bytes(), &sealed);
    let broken = ServiceError::Internal("a number that waits for its proof does not open");
    String::from_utf8(opened.ok_or(broken)?.to_vec()).map_err(|_| ServiceError::Internal("a number is no text"))
}

/// Erases what is over: numbers after five minutes, that there was a proof after a day.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "erase proofs of telephones", |tx| {
        store::erase(tx, now, now.plus(-model::KEEP_SECONDS)).await?;
        Ok(())
    })
}

fn admit_source(app: &AuthorityApp, source: &Source, now: UnixSeconds) -> Result<(), ServiceError> {
    let counted = app.source_hash(&Source(format!("proof {}", source.0)));
    let admitted = app.sources().admit(counted, now, &app.config.code_limits);
    admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })?;
    Ok(())
}

fn bound(proof_id: &str) -> String {
    format!("phone_proof/sealed/{proof_id}")
}
