//! Cases, contacts, calls and follow-up: what they are and when a call is due. Pure.

use protocol::time::UnixSeconds;

use super::rules::{RULES, on};
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::people::PersonId;
use crate::scope::Place;

/// Declares a word that is stored and shown by a text of its own.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$item])* $value,)* }
        impl $name {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];
            /// Returns the stored word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }
            /// Reads the stored word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    };
}

words! {
    /// Where a case stands.
    CaseState {
        /// Not confirmed yet.
        Suspected = "suspected",
        /// F0.
        Confirmed = "confirmed",
        /// Was suspected or confirmed, and is not.
        Refuted = "refuted",
        /// Its tracing is done.
        Closed = "closed",
    }
}

impl CaseState {
    /// Returns whether the person counts as F0: a confirmed case, traced to the end or not.
    pub fn is_source(self) -> bool {
        matches!(self, Self::Confirmed | Self::Closed)
    }
}

words! {
    /// Where a contact stands.
    ContactState {
        /// Nobody has called yet.
        New = "new",
        /// Called without an answer.
        Trying = "trying",
        /// Reached and followed.
        Reached = "reached",
        /// Not reached by telephone: the commune goes there.
        HandedOver = "handed_over",
        /// Refuses.
        Refused = "refused",
        /// The number belongs to somebody else.
        WrongNumber = "wrong_number",
        /// Follow-up is over.
        Finished = "finished",
        /// Became a case.
        Converted = "converted",
        /// Is no contact any more: the case was refuted.
        Cancelled = "cancelled",
    }
}

impl ContactState {
    /// Returns whether somebody has to call or go there.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Trying | Self::HandedOver)
    }
}

words! {
    /// How it became known that two people met; nothing else may pair two people.
    Origin {
        /// Both consented, each with a tap.
        Referral = "referral",
        /// The case told.
        Interview = "interview",
        /// Both were at a place of a named case.
        CoPresence = "co_presence",
    }
}

words! {
    /// Where a milestone is known from.
    Source {
        /// The case told.
        Interview = "interview",
        /// The person's telephone gave notice of an exposure, and the person told that.
        ExposureNotice = "exposure_notice",
        /// Papers: a ticket, a list of attendance.
        Record = "record",
    }
}

words! {
    /// How a call ended.
    Outcome {
        /// Answered; told what to do.
        Reached = "reached",
        /// No answer.
        NoAnswer = "no_answer",
        /// Busy or switched off.
        Busy = "busy",
        /// The number belongs to somebody else.
        WrongNumber = "wrong_number",
        /// Answered and refuses.
        Refused = "refused",
        /// Asks to be called later.
        Later = "later",
    }
}

words! {
    /// A person's state on a day of follow-up.
    DayState {
        /// Well.
        Well = "well",
        /// Fever.
        Fever = "fever",
        /// Cough.
        Cough = "cough",
        /// Another symptom.
        Other = "other",
        /// Not met.
        NotMet = "not_met",
    }
}

impl DayState {
    /// Returns whether the person should be tested.
    pub fn is_ill(self) -> bool {
        matches!(self, Self::Fever | Self::Cough | Self::Other)
    }
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Id in addresses.
    pub case_id: String,
    /// Pseudonymous label, `BN-0001`.
    pub label: String,
    /// Who; `None` for a case of which only the facts for a code are kept.
    pub person: Option<PersonId>,
    /// Where it stands.
    pub state: CaseState,
    /// How it was diagnosed.
    pub finding: Finding,
    /// Date of the test.
    pub test_date: CivilDate,
    /// Onset of symptoms.
    pub onset_date: Option<CivilDate>,
    /// When the person was isolated.
    pub isolated_date: Option<CivilDate>,
    /// The case that infected this one, as far as known.
    pub infected_by: Option<String>,
    /// Unit of residence, valid on the date of the test.
    pub unit: Option<i64>,
    /// The units that answer for it.
    pub place: Place,
    /// When it was opened.
    pub opened_at: UnixSeconds,
    /// When it was confirmed.
    pub confirmed_at: Option<UnixSeconds>,
    /// Counts changes.
    pub version: i64,
}

impl CaseFile {
    /// Returns the first and last day on which this case can have infected others: from some days before onset until
    /// isolation, or `today`.
    pub fn infectious(&self, today: CivilDate) -> (CivilDate, CivilDate) {
        let from = RULES.infectious_from(self.onset_date, self.test_date);
        (from, self.isolated_date.unwrap_or(today).max(from))
    }
}

/// A person who met a case, or met somebody who met one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Id in addresses.
    pub contact_id: String,
    /// Pseudonymous label, `7K2M-41`.
    pub label: String,
    /// Who.
    pub person: PersonId,
    /// Whom this person met.
    pub of_person: PersonId,
    /// The case under which it was found.
    pub case_id: String,
    /// Label of that case.
    pub case_label: String,
    /// How it became known.
    pub origin: Origin,
    /// Day of the last exposure.
    pub exposed_on: CivilDate,
    /// Length of the exposure in minutes.
    pub exposed_minutes: Option<i64>,
    /// Where they met, sealed.
    pub place_sealed: Option<Vec<u8>>,
    /// What the person is to the case: a word, not a name.
    pub relation: String,
    /// How close it was, 1 to 4.
    pub level: u8,
    /// F1 to F4; `None` when no confirmed case reaches this person any more.
    pub generation: Option<u8>,
    /// Where it stands.
    pub state: ContactState,
    /// Calls so far.
    pub attempts: i64,
    /// When the person is to be reached.
    pub due_at: UnixSeconds,
    /// Not to be called before.
    pub next_try_at: UnixSeconds,
    /// Officer who has the call.
    pub leased_by: Option<String>,
    /// Until when.
    pub leased_until: UnixSeconds,
    /// First and last day of follow-up.
    pub follow: Option<(CivilDate, CivilDate)>,
    /// The case it became.
    pub converted_to: Option<String>,
    /// The units that answer for it.
    pub place: Place,
    /// When it was entered.
    pub created_at: UnixSeconds,
    /// Counts changes.
    pub version: i64,
}

/// Returns when a contact of `level` found at `now` is to be reached: the closer, the sooner.
pub fn due_at(level: u8, now: UnixSeconds) -> UnixSeconds {
    let hours = on(&RULES.call, CivilDate::today(now)).rule.hours;
    let at = usize::from(level.clamp(1, 4)) - 1;
    now.plus(hours[at] * 3600)
}

/// What a call makes of a contact: its state, and when it may be called again.
pub fn after_call(outcome: Outcome, attempts: i64, now: UnixSeconds) -> (ContactState, UnixSeconds) {
    let rule = on(&RULES.call, CivilDate::today(now)).rule;
    let later = now.plus(rule.pause_hours * 3600);
    match outcome {
        Outcome::Reached => (ContactState::Reached, now),
        Outcome::Refused => (ContactState::Refused, now),
        // Somebody has to find the person: the commune does.
        Outcome::WrongNumber => (ContactState::HandedOver, now),
        Outcome::NoAnswer | Outcome::Busy if attempts >= rule.tries => (ContactState::HandedOver, now),
        Outcome::NoAnswer | Outcome::Busy | Outcome::Later => (ContactState::Trying, later),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_calls_without_an_answer_hand_over_to_the_commune() {
        let now = UnixSeconds(1_626_073_200);
        assert_eq!(
            after_call(Outcome::NoAnswer, 1, now),
            (ContactState::Trying, now.plus(7200))
        );
        assert_eq!(
            after_call(Outcome::Busy, 2, now),
            (ContactState::Trying, now.plus(7200))
        );
        assert_eq!(after_call(Outcome::NoAnswer, 3, now).0, ContactState::HandedOver);
        assert_eq!(
            after_call(Outcome::Later, 3, now),
            (ContactState::Trying, now.plus(7200))
        );
        assert_eq!(after_call(Outcome::Reached, 3, now).0, ContactState::Reached);
        assert!(due_at(4, now) < due_at(1, now));
    }
}
