//! Transactions with a name that are tried again when they lose a race.

use std::time::Duration;

use super::DbError;
use crate::error::ServiceError;

/// An open transaction; dropping it rolls it back.
pub type Tx = sqlx::Transaction<'static, sqlx::Any>;

tokio::task_local! {
    static INSIDE: ();
}

/// Runs `body` so that [`is_inside`] is true in it.
pub(crate) async fn inside<T>(body: impl Future<Output = T>) -> T {
    INSIDE.scope((), body).await
}

/// Tells whether the caller is in the body of a [`transaction!`]. Who waits there for another transaction waits for
/// ever where the database has one writer.
pub(crate) fn is_inside() -> bool {
    INSIDE.try_with(|()| ()).is_ok()
}

/// How often a transaction is tried.
const ATTEMPTS: u32 = 12;

/// What became of one attempt.
pub(crate) enum Settled<T> {
    /// It is decided.
    Done(Result<T, ServiceError>),
    /// It lost a race.
    Again,
}

impl<T> Settled<T> {
    /// Commits after `Ok`, rolls back after `Err`, and asks for another attempt after a lost race.
    pub(crate) async fn of(tx: Tx, result: Result<T, ServiceError>, name: &'static str, attempt: u32) -> Self {
        let result = match result {
            Ok(value) => match tx.commit().await {
                Ok(()) => Ok(value),
                Err(error) => Err(ServiceError::from(error)),
            },
            Err(error) => {
                // The answer is the error; a failing rollback only means that the connection is gone as well.
                let _ = tx.rollback().await;
                Err(error)
            }
        };
        match result {
            Err(ServiceError::Database(DbError::LostRace)) if attempt < ATTEMPTS => {
                metrics::counter!("db_transaction_retries_total", "transaction" => name).increment(1);
                tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt))).await;
                Self::Again
            }
            result => Self::Done(result),
        }
    }
}

/// Runs `$body` in a transaction named `$name`: commits when it is `Ok`, rolls back when it is `Err`, runs it again
/// when another transaction came first. `$body` must have no effect outside `$tx` and returns
/// `Result<_, ServiceError>`.
macro_rules! transaction {
    ($db:expr, $name:literal, |$tx:ident| $body:block) => {{
        let mut attempt = 1;
        loop {
            let mut begun = $db.begin().await?;
            let result: Result<_, $crate::error::ServiceError> = $crate::db::inside(async {
                let $tx: &mut $crate::db::Tx = &mut begun;
                $body
            })
            .await;
            match $crate::db::Settled::of(begun, result, $name, attempt).await {
                $crate::db::Settled::Done(result) => break result,
                $crate::db::Settled::Again => attempt += 1,
            }
        }
    }};
}
pub(crate) use transaction;
