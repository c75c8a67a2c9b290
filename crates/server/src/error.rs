//! What can go wrong in an operation, apart from HTTP. Features return [`ServiceError`]; `http::problem` gives each a
//! status and a page.

use crate::db::DbError;

/// A numbered rule of docs/spec/upload.md that refused something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The number, for example `U6`.
    pub number: &'static str,
    /// The rule's refusal in plain words, without values.
    pub message: &'static str,
}

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// A field cannot be read or is out of range.
    #[error("{field}: {why}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A numbered rule refused.
    #[error("{} ({})", .0.message, .0.number)]
    Refused(Rule),
    /// Nobody is signed in.
    #[error("not signed in")]
    Unauthenticated,
    /// The form was not made by this site for this session.
    #[error("the form does not belong to this session")]
    Forbidden,
    /// The role does not allow this.
    #[error("the role does not allow this")]
    NotAllowed,
    /// The act is sensitive and the last one-time code was given too long ago.
    #[error("a fresh one-time code is needed")]
    StepUpNeeded,
    /// There is no such thing.
    #[error("no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The thing is in a state that does not allow this.
    #[error("{why}")]
    Conflict {
        /// Which state.
        why: &'static str,
    },
    /// Too many attempts.
    #[error("too many attempts, try again in {retry_after_seconds} s")]
    TooMany {
        /// When the next attempt makes sense.
        retry_after_seconds: u32,
    },
    /// A part this depends on does not answer.
    #[error("{what} is not available")]
    Unavailable {
        /// Which part.
        what: &'static str,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbError),
    /// The object store failed.
    #[error("the object store failed")]
    ObjectStore(#[from] object_store::Error),
    /// Something that should not happen.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

impl From<sqlx::Error> for ServiceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DbError::from(error))
    }
}
