//! What a venue is. Pure: no I/O, no clock.

use protocol::time::UnixSeconds;
use protocol::venue::{ShortCode, VenueCode, VenueKind};

use crate::error::ServiceError;
use crate::people;
use crate::scope::Place;

/// Longest name of a venue, in characters.
pub const MAX_NAME: usize = 120;
/// Longest address, in characters.
pub const MAX_ADDRESS: usize = 200;
/// Most venues of one owner.
pub const MAX_VENUES: usize = 200;

/// Returns the word of a kind, which names its text and stands in forms.
pub fn kind_word(kind: VenueKind) -> &'static str {
    match kind {
        VenueKind::Office => "office",
        VenueKind::School => "school",
        VenueKind::Plant => "plant",
        VenueKind::Shop => "shop",
        VenueKind::Market => "market",
        VenueKind::Lodging => "lodging",
        VenueKind::Restaurant => "restaurant",
        VenueKind::Station => "station",
        VenueKind::Vehicle => "vehicle",
        VenueKind::Worship => "worship",
        VenueKind::Health => "health",
        VenueKind::Event => "event",
        VenueKind::Checkpoint => "checkpoint",
        // `Other`, and what a later version knows.
        _ => "other",
    }
}

/// Reads the word of a kind.
pub fn kind_of(word: &str) -> Option<VenueKind> {
    VenueKind::ALL.into_iter().find(|kind| kind_word(*kind) == word)
}

/// Returns how long a visit without a check-out counts, in seconds (V24): the longest that people usually stay there.
pub fn longest_stay_seconds(kind: VenueKind) -> i64 {
    let quarter_hours = match kind {
        VenueKind::Checkpoint => 1,
        VenueKind::Shop => 8,
        VenueKind::Market | VenueKind::Restaurant => 12,
        VenueKind::Worship => 16,
        VenueKind::Station | VenueKind::Event => 24,
        VenueKind::Vehicle => 32,
        VenueKind::Office | VenueKind::School => 40,
        VenueKind::Plant => 52,
        VenueKind::Lodging | VenueKind::Health => 96,
        _ => 16,
    };
    quarter_hours * 900
}

/// A venue to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVenue {
    /// What kind of place it is.
    pub kind: VenueKind,
    /// Name on the poster.
    pub name: String,
    /// Street, house, hamlet.
    pub address: String,
    /// Number of the commune.
    pub commune: i64,
}

/// Who registers it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewOwner {
    /// Name of the person.
    pub name: String,
}

/// The code on a venue's posters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PosterCode {
    /// What is signed.
    pub code: VenueCode,
    /// Counts the codes of the venue from 1: stands on the poster as its version.
    pub version: i64,
    /// For those who cannot scan.
    pub short: ShortCode,
    /// When it was made; stands on the poster as its date.
    pub made_at: UnixSeconds,
    /// When it was taken back.
    pub revoked_at: Option<UnixSeconds>,
}

/// A venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Id in addresses.
    pub venue_id: String,
    /// Number in visits.
    pub number: i64,
    /// What kind of place it is.
    pub kind: VenueKind,
    /// Name on the poster.
    pub name: String,
    /// Street, house, hamlet.
    pub address: String,
    /// Units that answer for it.
    pub place: Place,
    /// How long a visit without a check-out counts, in seconds.
    pub longest_stay_s: i64,
    /// When it was registered.
    pub made_at: UnixSeconds,
    /// The code that is good now.
    pub poster: PosterCode,
}

impl NewVenue {
    /// Returns the venue with every field in its one form.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] names the field.
    pub fn check(self) -> Result<Self, ServiceError> {
        let name = people::line(&self.name, MAX_NAME, "venue_name")?;
        if !name.chars().any(char::is_alphanumeric) {
            return Err(ServiceError::Invalid {
                field: "venue_name",
                why: "must have a letter",
            });
        }
        Ok(Self {
            name,
            address: people::line(&self.address, MAX_ADDRESS, "address")?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own_and_a_longest_stay() {
        for kind in VenueKind::ALL {
            assert_eq!(kind_of(kind_word(kind)), Some(kind));
            assert!((900..=86_400).contains(&longest_stay_seconds(kind)), "{kind:?}");
        }
        assert_eq!(kind_of("palace"), None);
    }

    #[test]
    fn names_are_one_line_with_a_letter() {
        let venue = |name: &str| NewVenue {
            kind: VenueKind::Market,
            name: name.to_owned(),
            address: String::new(),
            commune: 1,
        };
        assert_eq!(venue("  Chợ  Mỹ Tho ").check().expect("a name").name, "Chợ Mỹ Tho");
        let long = "A".repeat(1 << 20);
        for wrong in ["", " - ", "a\u{202e}b", "a\nb\u{7}", &long] {
            assert!(venue(wrong).check().is_err(), "{}", wrong.len());
        }
    }
}
