//! SQL of what records say of somebody who is erased, besides what is sealed under the person's key.

use crate::db::{DbError, Tx};
use crate::people::PersonId;

/// Empties what officers wrote of somebody as a contact, and deletes the sealed texts that nobody can open any more.
pub(in super::super) async fn forget(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    for text in [
        "UPDATE contact SET relation = '', place_sealed = NULL WHERE person_id = $1",
        "UPDATE contact SET milestone_id = NULL WHERE milestone_id IN (SELECT milestone_id FROM milestone WHERE person_id = $1)",
        "DELETE FROM milestone WHERE person_id = $1",
    ] {
        sqlx::query(text).bind(&person.0[..]).execute(&mut **tx).await?;
    }
    Ok(())
}
