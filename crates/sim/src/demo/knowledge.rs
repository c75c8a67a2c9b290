//! "What do the services know about Lan?": every table is searched for everything her phone ever advertised, for its keys,
//! for her name and for her telephone number. The same search for Nam shows that it can find something.
//!
//! Lan was once a contact, so the authority does know her: sealed. How much lies there is said beside what is not found.

use std::collections::BTreeSet;

use protocol::{
    proximity::{ProximityKeys, TemporaryExposureKey},
    time::{IntervalNumber, UnixSeconds},
};
use serde::Serialize;
use serde_json::Value;
use server::people::PersonId;

use super::{
    databases::{Databases, TableSearch, Unreadable},
    text::Text,
};
use crate::{
    outbreak::people::Population,
    search::{Needles, Words},
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

/// What the authority keeps of a person, as far as it can be seen without keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InVault {
    /// Length of the sealed record.
    pub sealed_bytes: i64,
    /// Times the pseudonym stands among contacts.
    pub contacts: i64,
    /// Times it stands among cases.
    pub cases: i64,
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
    /// What lies sealed under the person's pseudonym; `None` when the vault has never heard of the person.
    pub vault: Option<InVault>,
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

    /// Returns what is looked for, as the page tells it.
    fn needles(&self) -> Vec<NeedleCount> {
        let count = |vi, en, count| NeedleCount {
            what: Text::new(vi, en),
            count,
        };
        vec![
            count(
                "mã đã phát qua Bluetooth",
                "identifiers broadcast over Bluetooth",
                self.identifiers.len(),
            ),
            count("khoá bí mật của máy", "secret keys of the phone", self.keys.len()),
            count("họ và tên", "full name", 1),
            count("số điện thoại", "telephone number", 1),
        ]
    }

    fn bytes(&self) -> Needles {
        let bytes: Vec<[u8; 16]> = self.keys.iter().chain(&self.identifiers).copied().collect();
        Needles::new(&bytes)
    }

    fn words(&self) -> Words {
        let (name, phone) = (self.named.full_name(), Population::story_phone(self.named));
        let number = phone.trim_start_matches('0');
        let as_integer: i64 = number.parse().unwrap_or_default();
        let mut words = Words::default();
        for text in [name, &name.to_uppercase(), &server::fold::fold(name), number] {
            words.add(text.as_bytes());
        }
        words.add_raw(&as_integer.to_be_bytes());
        words
    }
}

/// Searches all databases for two people at once.
///
/// # Errors
///
/// [`Unreadable`].
pub(super) fn search(databases: &Databases, sought: [Sought; 2]) -> Result<[PersonSearch; 2], Unreadable> {
    let [one, other] = sought.each_ref().map(|sought| (sought.bytes(), sought.words()));
    let holds = |(bytes, words): &(Needles, Words), cell: &[u8]| words.are_in(cell) || bytes.are_in(cell);
    let [first, second] = databases.search([&|cell| holds(&one, cell), &|cell| holds(&other, cell)])?;
    let told = |sought: &Sought, tables| PersonSearch {
        phone: sought.named.slug(),
        needles: sought.needles(),
        tables,
    };
    Ok([told(&sought[0], first), told(&sought[1], second)])
}

/// Returns what lies under a pseudonym.
pub(super) fn in_vault(databases: &Databases, person: PersonId) -> InVault {
    let number = |query: &str| databases.number("authority", &format!("{query} person_id = x'{}'", person.hex()));
    InVault {
        sealed_bytes: number("SELECT length(sealed) FROM person WHERE").unwrap_or(0),
        contacts: number("SELECT count(*) FROM contact WHERE").unwrap_or(0),
        cases: number("SELECT count(*) FROM case_file WHERE").unwrap_or(0),
    }
}

fn read_key(key: &Value) -> Option<([u8; 16], u32, u32)> {
    let bytes = hex::decode(key["key"].as_str()?).ok()?.try_into().ok()?;
    let number = |name: &str| u32::try_from(key[name].as_u64()?).ok();
    Some((bytes, number("rollingStart")?, number("rollingPeriod")?))
}
