//! "What do the services know about Lan?": every table of both databases is searched for everything her phone ever
//! advertised, for its keys and for her name. The same search for Nam shows that it can find something.

use std::collections::BTreeSet;

use protocol::{
    proximity::{ProximityKeys, TemporaryExposureKey},
    time::{IntervalNumber, UnixSeconds},
};
use serde::Serialize;
use serde_json::Value;

use super::{
    databases::{Databases, TableSearch, Unreadable},
    text::Text,
};
use crate::{
    search::Needles,
    world::{Named, Phone},
};

/// Needles of one person.
pub(super) struct Sought {
    named: Named,
    keys: BTreeSet<[u8; 16]>,
    identifiers: BTreeSet<[u8; 16]>,
}

/// How many of what was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct NeedleCount {
    /// What.
    pub what: Text,
    /// How many.
    pub count: usize,
}

/// A search for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct PersonSearch {
    /// Whose.
    pub phone: &'static str,
    /// What was looked for.
    pub needles: Vec<NeedleCount>,
    /// Where, and what was found.
    pub tables: Vec<TableSearch>,
}

/// The answer to the question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Knowledge {
    /// When.
    #[serde(rename = "searchedAt")]
    pub searched_at: UnixSeconds,
    /// The person asked about.
    #[serde(flatten)]
    pub person: PersonSearch,
    /// The case, who is found once he has shared.
    pub control: PersonSearch,
}

impl Sought {
    /// Gathers the keys of a phone and all identifiers they give up to `now`.
    ///
    /// * `seen`: identifiers a page has advertised in the phone's place
    pub(super) fn of(named: Named, phone: &Phone, seen: &BTreeSet<[u8; 16]>, now: UnixSeconds) -> Self {
        let (mut keys, mut identifiers) = (BTreeSet::new(), seen.clone());
        let everything = phone.device.export_all().unwrap_or_default();
        for key in everything["identity"].as_array().into_iter().flatten() {
            let Some((bytes, start, period)) = read_key(key) else {
                continue;
            };
            let derived = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(bytes));
            let intervals = (start..start.saturating_add(period)).map(IntervalNumber);
            identifiers.extend(
                intervals
                    .take_while(|interval| interval.start() <= now)
                    .map(|i| derived.identifier(i).0),
            );
            keys.insert(bytes);
        }
        Self {
            named,
            keys,
            identifiers,
        }
    }

    /// Searches both databases.
    ///
    /// # Errors
    ///
    /// [`Unreadable`].
    pub(super) fn search(&self, databases: &Databases) -> Result<PersonSearch, Unreadable> {
        let bytes: Vec<[u8; 16]> = self.keys.iter().chain(&self.identifiers).copied().collect();
        let (needles, name) = (Needles::new(&bytes), self.named.full_name());
        let contains = |cell: &[u8]| {
            let named = String::from_utf8_lossy(cell).contains(name);
            named || !needles.search([(String::new(), cell.to_vec())]).is_empty()
        };
        let count = |vi, en, count| NeedleCount {
            what: Text::new(vi, en),
            count,
        };
        Ok(PersonSearch {
            phone: self.named.slug(),
            needles: vec![
                count(
                    "mã đã phát qua Bluetooth",
                    "identifiers broadcast over Bluetooth",
                    self.identifiers.len(),
                ),
                count("khoá bí mật của máy", "secret keys of the phone", self.keys.len()),
                count("họ và tên", "full name", 1),
            ],
            tables: databases.search(&contains)?,
        })
    }
}

fn read_key(key: &Value) -> Option<([u8; 16], u32, u32)> {
    let bytes = hex::decode(key["key"].as_str()?).ok()?.try_into().ok()?;
    let number = |name: &str| u32::try_from(key[name].as_u64()?).ok();
    Some((bytes, number("rollingStart")?, number("rollingPeriod")?))
}
