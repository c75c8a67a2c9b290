//! The search over people as the running service holds it: warmed from the vault at the start, kept current by being told.
//!
//! It is a derived view: deleted and built again it gives the same answers. Nothing of it is ever written to a disk.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use super::model::{Identity, Person, PersonId};
use super::search::{Candidate, Hit, SearchIndex};
use super::vault::Follower;
use crate::app::AuthorityApp;
use crate::error::ServiceError;

/// The index and whether it knows everybody yet.
pub struct Finder {
    index: RwLock<SearchIndex>,
    is_warm: AtomicBool,
}

impl Default for Finder {
    fn default() -> Self {
        Self {
            index: RwLock::new(SearchIndex::new()),
            is_warm: AtomicBool::new(false),
        }
    }
}

impl Follower for Finder {
    fn keep(&self, person: PersonId, known: &Person) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.insert(person, &known.identity, known.commune);
    }

    fn forget(&self, person: PersonId) {
        self.index
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(person);
    }
}

impl Finder {
    /// Returns whether everybody is in the index; until then answers may miss people, and pages say so.
    pub fn is_warm(&self) -> bool {
        self.is_warm.load(Ordering::Acquire)
    }

    /// Returns people that fit what was typed. The caller records the search.
    pub fn find(&self, text: &str, limit: usize) -> Vec<Hit> {
        self.index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .find(text, limit)
    }

    /// As [`Self::duplicates`], but only of those who share a telephone or document number with this one.
    pub fn sharing_number(&self, identity: &Identity, limit: usize) -> Vec<Candidate> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.sharing_number(identity, limit)
    }

    /// Returns who has exactly this telephone number, at most `limit`. The caller records the search, unless nothing of it is shown.
    pub fn having_phone(&self, number: &str, limit: usize) -> Vec<PersonId> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.having_phone(number, limit)
    }

    /// Returns people who may be this one, with the reasons. The caller records the search.
    pub fn duplicates(&self, identity: &Identity, commune: Option<i64>, limit: usize) -> Vec<Candidate> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.duplicates_in(identity, commune, limit)
    }
}

/// Reads everybody into the index. Who is entered or erased meanwhile is told to it as well.
///
/// # Errors
///
/// [`ServiceError::Database`], [`ServiceError::Unavailable`].
pub async fn warm(app: &AuthorityApp) -> Result<(), ServiceError> {
    let finder = std::sync::Arc::clone(&app.finder);
    super::for_each(app, move |chunk| {
        let mut index = finder.index.write().unwrap_or_else(PoisonError::into_inner);
        for (person, known) in chunk {
            // Told of meanwhile, it is newer than what was read.
            if !index.contains(person) {
                index.insert(person, &known.identity, known.commune);
            }
        }
    })
    .await?;
    // Erased between being read and being entered: forget them now.
    let gone = super::changes_since(app, app.clock.now().plus(-WARM_SECONDS))
        .await?
        .erased;
    for person in gone {
        app.finder.forget(person);
    }
    app.finder.is_warm.store(true, Ordering::Release);
    Ok(())
}

/// Longest time that warming may take, in seconds.
const WARM_SECONDS: i64 = 3600;
