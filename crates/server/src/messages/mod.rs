//! Messages to people's telephones: an outbox in the database and a carrier that takes what waits in it
//! (docs/spec/messages.md).
//!
//! Number and text wait sealed under the person's key and are gone once the carrier has them.

mod file;
mod model;
mod store;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use protocol::time::UnixSeconds;

pub use file::FileCarrier;
pub use model::{MessageKind, MessageState, Outgoing, parts};

use crate::app::AuthorityApp;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;
use crate::people::{About, PersonId, open_texts, seal_texts};
use crate::scope::{Place, Scope};

/// Messages taken from the outbox at a time.
const BATCH: u32 = 200;
/// How long to wait after a carrier took nothing, in seconds.
const PAUSE_SECONDS: i64 = 60;
/// How long it is kept that there was a message, without number and text, in seconds: 30 days.
const KEEP_SECONDS: i64 = 30 * 86_400;

/// Why a carrier did not take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Not now: its queue is full, or it does not answer.
    Later,
    /// Never: not a number it can reach.
    Refused,
}

/// What [`Carrier::hand_over`] returns.
pub type HandOver<'a> = Pin<Box<dyn Future<Output = Result<(), NotTaken>> + Send + 'a>>;

/// Takes messages to telephones.
pub trait Carrier: Send + Sync {
    /// Takes a message for good, or says why not. The same message may come twice after a crash; its id is then the same.
    fn hand_over<'a>(&'a self, message: &'a Outgoing) -> HandOver<'a>;
}

/// A carrier that only notes that there was a message: for places that have no contract with an operator.
struct LogCarrier;

impl Carrier for LogCarrier {
    fn hand_over<'a>(&'a self, message: &'a Outgoing) -> HandOver<'a> {
        Box::pin(async move {
            // Neither number nor text: logs are read by more people than messages.
            tracing::info!(
                message_id = message.message_id,
                parts = parts(&message.text),
                "message handed over"
            );
            Ok(())
        })
    }
}

/// Who carries the messages.
pub struct Outbox(RwLock<Arc<dyn Carrier>>);

impl Default for Outbox {
    fn default() -> Self {
        Self(RwLock::new(Arc::new(LogCarrier)))
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

impl Outbox {
    /// Has messages carried by `carrier` from now on.
    pub fn through(&self, carrier: Arc<dyn Carrier>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = carrier;
    }

    fn carrier(&self) -> Arc<dyn Carrier> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A message to be sent.
pub struct NewMessage {
    /// To whom: the person whose key seals it.
    pub person: PersonId,
    /// What for.
    pub kind: MessageKind,
    /// Id of what it is about, such as the issue of a code.
    pub about: String,
    /// Number, `0…`.
    pub to: String,
    /// Text.
    pub text: String,
    /// When it is of no use any more.
    pub until: UnixSeconds,
    /// Units that answer for it.
    pub place: Place,
}

/// A sealed message, for [`insert`].
pub struct Prepared {
    message_id: String,
    new: NewMessage,
    sealed: Vec<u8>,
}

/// Seals messages, in the order given.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when a person is erased; [`ServiceError::Database`].
pub async fn prepare(app: &AuthorityApp, messages: Vec<NewMessage>) -> Result<Vec<Prepared>, ServiceError> {
    let ids: Vec<String> = messages
        .iter()
        .map(|_| format!("message_{}", app.entropy.hex_id()))
        .collect();
    let plain: Vec<String> = messages.iter().map(|new| format!("{}\n{}", new.to, new.text)).collect();
    let texts: Vec<About<'_, str>> = messages
        .iter()
        .zip(&ids)
        .zip(&plain)
        .map(|((new, id), text)| About {
            person: new.person,
            bound: bound(id),
            text: text.as_str(),
        })
        .collect();
    let sealed = seal_texts(app, &texts).await?;
    drop(texts);
    let all = messages.into_iter().zip(ids).zip(sealed);
    Ok(all
        .map(|((new, message_id), sealed)| Prepared {
            message_id,
            new,
            sealed,
        })
        .collect())
}

fn bound(message_id: &str) -> String {
    format!("message/sealed/{message_id}")
}

/// Puts messages into the outbox, in the transaction of what they are about.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn insert(tx: &mut Tx, messages: &[&Prepared], now: UnixSeconds) -> Result<(), ServiceError> {
    Ok(store::insert(tx, messages, now).await?)
}

/// Hands what is due to the carrier until nothing is or the carrier takes no more; returns how many it took.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn work_off(app: &AuthorityApp) -> Result<u32, ServiceError> {
    let carrier = app.outbox.carrier();
    let mut taken = 0;
    loop {
        let now = app.clock.now();
        let due = store::due(&app.db, now, BATCH).await?;
        if due.is_empty() {
            return Ok(taken);
        }
        let texts: Vec<About<'_, [u8]>> = due
            .iter()
            .map(|row| About {
                person: row.person,
                bound: bound(&row.message_id),
                text: row.sealed.as_slice(),
            })
            .collect();
        let opened = open_texts(app, &texts).await?;
        for (row, plain) in due.iter().zip(opened) {
            let state = match plain {
                _ if row.until < now => MessageState::Late,
                // Erased since: the row goes with the person, or is of no use.
                None => MessageState::Late,
                Some(plain) => match carrier.hand_over(&outgoing(&row.message_id, &plain)).await {
                    Ok(()) => MessageState::Sent,
                    Err(NotTaken::Refused) => MessageState::Refused,
                    Err(NotTaken::Later) => {
                        postpone(app, &row.message_id, now).await?;
                        return Ok(taken);
                    }
                },
            };
            settle(app, &row.message_id, state).await?;
            metrics::counter!("messages_total", "state" => state.word()).increment(1);
            taken += u32::from(state == MessageState::Sent);
        }
    }
}

/// Hands a message to the carrier at once, without storing it: for what is of no use a few minutes later.
///
/// # Errors
///
/// [`NotTaken`].
pub async fn hand_over_now(app: &AuthorityApp, message: &Outgoing) -> Result<(), NotTaken> {
    app.outbox.carrier().hand_over(message).await
}

fn outgoing(message_id: &str, plain: &str) -> Outgoing {
    let (to, text) = plain.split_once('\n').unwrap_or((plain, ""));
    Outgoing {
        message_id: message_id.to_owned(),
        to: to.to_owned(),
        text: text.to_owned(),
    }
}

async fn settle(app: &AuthorityApp, message_id: &str, state: MessageState) -> Result<(), ServiceError> {
    transaction!(app.db, "settle message", |tx| {
        store::settle(tx, message_id, state).await?;
        Ok(())
    })
}

async fn postpone(app: &AuthorityApp, message_id: &str, now: UnixSeconds) -> Result<(), ServiceError> {
    transaction!(app.db, "postpone message", |tx| {
        store::postpone(tx, message_id, now.plus(PAUSE_SECONDS)).await?;
        Ok(())
    })
}

/// Returns how many messages of a unit were made since a moment, by state in the order of [`MessageState::ALL`].
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn counts(app: &AuthorityApp, scope: Scope, since: UnixSeconds) -> Result<[i64; 4], ServiceError> {
    Ok(store::counts(&app.db, scope, since).await?)
}

/// Erases that there were messages, after 30 days.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let before = app.clock.now().plus(-KEEP_SECONDS);
    transaction!(app.db, "erase messages", |tx| {
        store::erase(tx, before).await?;
        Ok(())
    })
}
