//! Free texts about a person (where somebody was, what an address is to a case), sealed under that person's key: they are
//! gone with the person.

use std::collections::HashMap;

use protocol::seal::{Key, open, seal};

use super::model::PersonId;
use super::store::CHUNK;
use super::store::keyring::Which;
use crate::app::AuthorityApp;
use crate::error::ServiceError;

/// A text to be sealed or opened: whose, for which record, and the text.
pub struct About<'a, T: ?Sized> {
    /// The person.
    pub person: PersonId,
    /// Table, column and row: a text moved elsewhere does not open.
    pub bound: String,
    /// Plain or sealed.
    pub text: &'a T,
}

/// Seals texts in the order given.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when a person has no key: erased or never entered; [`ServiceError::Database`].
pub async fn seal_texts(app: &AuthorityApp, texts: &[About<'_, str>]) -> Result<Vec<Vec<u8>>, ServiceError> {
    let keys = keys_of(app, texts.iter().map(|about| about.person)).await?;
    texts
        .iter()
        .map(|about| {
            let key = keys
                .get(&about.person)
                .ok_or(ServiceError::NotFound { what: "person" })?;
            let nonce = app.entropy.bytes();
            Ok(seal(key, &nonce, &bound(about), about.text.as_bytes()))
        })
        .collect()
}

/// Opens texts in the order given; `None` where the person is erased.
///
/// # Errors
///
/// [`ServiceError::Internal`] when a text was tampered with; [`ServiceError::Database`].
pub async fn open_texts(app: &AuthorityApp, texts: &[About<'_, [u8]>]) -> Result<Vec<Option<String>>, ServiceError> {
    let keys = keys_of(app, texts.iter().map(|about| about.person)).await?;
    texts
        .iter()
        .map(|about| {
            let Some(key) = keys.get(&about.person) else {
                return Ok(None);
            };
            let broken = ServiceError::Internal("a sealed text does not open");
            let plain = open(key, &bound(about), about.text).ok_or(broken)?;
            Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
        })
        .collect()
}

fn bound<T: ?Sized>(about: &About<'_, T>) -> Vec<u8> {
    [about.bound.as_bytes(), b"/", &about.person.0].concat()
}

async fn keys_of(
    app: &AuthorityApp,
    people: impl Iterator<Item = PersonId>,
) -> Result<HashMap<PersonId, Key>, ServiceError> {
    let mut wanted: Vec<PersonId> = people.collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut keys = HashMap::with_capacity(wanted.len());
    for chunk in wanted.chunks(CHUNK) {
        let found = app.people.find_keys(Which::Of(chunk)).await?;
        keys.extend(found.into_iter().filter_map(|(person, key)| Some((person, key?))));
    }
    Ok(keys)
}
