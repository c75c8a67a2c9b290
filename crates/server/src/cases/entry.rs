//! How long it takes to enter a contact: measured by the grid from opening to saving, never by asking anybody.

use protocol::time::UnixSeconds;

use super::store::entry;
use crate::app::AuthorityApp;
use crate::auth::{Permission, Session};
use crate::error::ServiceError;

/// Days that are looked back.
pub const DAYS: i64 = 7;
/// Contacts of a save from which on it counts as a pasted list.
pub const PASTED: i64 = 10;
/// Most saves that are read.
const SAVES: u32 = 20_000;

/// Saves of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Saves.
    pub saves: i64,
    /// Contacts entered by them.
    pub contacts: i64,
    /// Seconds from opening the grid to saving it, summed.
    pub seconds: i64,
    /// Tenths of a second that the contact in the middle took; `None` without contacts.
    pub median_tenths: Option<i64>,
}

/// Entry by size of the save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryTimes {
    /// All saves.
    pub all: Entry,
    /// Saves of fewer than [`PASTED`] contacts.
    pub typed: Entry,
    /// Saves of at least [`PASTED`] contacts.
    pub pasted: Entry,
}

/// Returns how long entering contacts took in the unit of `by`, over the last [`DAYS`] days.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] without `kpi.read`; [`ServiceError::Database`].
pub async fn entry_times(app: &AuthorityApp, by: &Session) -> Result<EntryTimes, ServiceError> {
    if !by.may(Permission::KpiRead) {
        return Err(ServiceError::NotAllowed);
    }
    let since = UnixSeconds(app.clock.now().0 - DAYS * 86_400);
    let saves = entry::saves(&app.db, by.officer.scope, since, SAVES).await?;
    let part = |keep: fn(i64) -> bool| sum(saves.iter().copied().filter(|(_, contacts)| keep(*contacts)));
    Ok(EntryTimes {
        all: part(|_| true),
        typed: part(|contacts| contacts < PASTED),
        pasted: part(|contacts| contacts >= PASTED),
    })
}

/// Sums saves of `(seconds, contacts)`; each contact of a save took its even share.
fn sum(saves: impl Iterator<Item = (i64, i64)>) -> Entry {
    let mut all = Entry::default();
    let mut shares: Vec<(i64, i64)> = Vec::new();
    for (seconds, contacts) in saves {
        all.saves += 1;
        all.contacts += contacts;
        all.seconds += seconds;
        shares.push((seconds * 10 / contacts.max(1), contacts));
    }
    shares.sort_unstable();
    let mut before = 0;
    for (share, contacts) in shares {
        before += contacts;
        if before * 2 >= all.contacts {
            all.median_tenths = Some(share);
            break;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_contact_counts_not_the_middle_save() {
        // Fifty contacts in 200 s, three of a minute each: the contact in the middle took four seconds.
        let saves = [(60, 1), (200, 50), (60, 1), (60, 1)];
        let all = sum(saves.into_iter());
        assert_eq!(
            (all.saves, all.contacts, all.seconds, all.median_tenths),
            (4, 53, 380, Some(40))
        );
        assert_eq!(sum([(60, 1), (61, 1), (90, 1)].into_iter()).median_tenths, Some(610));
        assert_eq!(sum(std::iter::empty()), Entry::default());
    }
}
