//! What happens at the desks, act by act: pure data, the same for the same seed.

use protocol::time::UnixSeconds;
use server::cases::model::{CaseState, DayState, Origin, Outcome, Source};

use super::people::{PersonNo, Population};
use crate::world::LocalDay;

/// Position of a case among all that are ever opened.
pub type CaseNo = u32;
/// Position of a contact among all that are ever entered.
pub type ContactNo = u32;

/// An outbreak as the desks live it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Everybody.
    pub population: Population,
    /// Number that accounts are made from.
    pub seed: u64,
    /// When the first officer begins.
    pub begin: UnixSeconds,
    /// The present: nothing happens later.
    pub now: UnixSeconds,
    /// Cases opened, those that were contacts before among them.
    pub cases: u32,
    /// Contacts entered.
    pub contacts: u32,
    /// What is done, in the order of time.
    pub acts: Vec<Act>,
}

/// One act at a desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// When.
    pub at: UnixSeconds,
    /// At whose desk.
    pub seat: Seat,
    /// What.
    pub what: What,
}

/// Whose desk an act is done at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seat {
    /// The tracer of the district in which this commune lies.
    DistrictOf(u16),
    /// The tracer of the one commune that has an account of its own.
    Commune,
    /// Nobody's: the service's own work at night.
    Night,
}

/// What is done.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A case is opened.
    Open(Opened),
    /// Contacts of a case, or of one of its contacts, are entered.
    Enter(Batch),
    /// The case tells where it was.
    Tell(Told),
    /// A contact has become a case.
    Convert {
        /// The contact.
        contact: ContactNo,
        /// The new case.
        case: CaseNo,
        /// When it tested positive.
        test: LocalDay,
        /// When symptoms began.
        onset: Option<LocalDay>,
    },
    /// A case is confirmed, refuted or closed.
    Settle(CaseNo, CaseState),
    /// A contact is called.
    Call(ContactNo, Outcome),
    /// States of a day are entered.
    Sheet(LocalDay, Vec<(ContactNo, DayState)>),
    /// Follow-up that is over ends, and the service does its daily work.
    Night,
}

/// A case that was nobody's contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Its number.
    pub case: CaseNo,
    /// Who.
    pub person: PersonNo,
    /// Whether it is only suspected at first.
    pub suspected: bool,
    /// When it was tested.
    pub test: LocalDay,
    /// When symptoms began.
    pub onset: Option<LocalDay>,
}

/// Contacts entered together.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The case.
    pub case: CaseNo,
    /// The contact whose contacts these are.
    pub of: Option<ContactNo>,
    /// Where they met, and what they are to each other.
    pub setting: Setting,
    /// The first contact's number; the others follow.
    pub first: ContactNo,
    /// Who was met.
    pub met: Vec<Met>,
}

/// Somebody who was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// Who.
    pub person: PersonNo,
    /// Last day of exposure.
    pub day: LocalDay,
    /// Its length.
    pub minutes: Option<u16>,
    /// How close, 1 to 4.
    pub level: u8,
}

/// Where people meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// At the home of a person.
    Home(PersonNo),
    /// At a workplace.
    Work(u32),
    /// At a market or stall of a commune.
    Street(u16),
}

/// A milestone of an interview.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The case.
    pub case: CaseNo,
    /// The day.
    pub day: LocalDay,
    /// First and last hour.
    pub hours: (u8, u8),
    /// Where.
    pub setting: Setting,
    /// How sure, 1 to 3.
    pub confidence: i64,
    /// Where it is known from.
    pub source: Source,
}

impl Setting {
    /// Returns the place in words.
    pub fn place(self, population: &Population) -> String {
        match self {
            Self::Home(person) => format!("nhà {}", population.address(person)),
            Self::Work(number) => population.workplace_name(number),
            Self::Street(commune) => {
                let commune = &population.communes()[usize::from(commune)].name;
                format!("quán nước đầu chợ, {commune}")
            }
        }
    }

    /// Returns what people who meet there are to each other.
    pub fn relation(self) -> &'static str {
        match self {
            Self::Home(_) => "người nhà",
            Self::Work(_) => "đồng nghiệp",
            Self::Street(_) => "gặp ở chợ",
        }
    }

    /// Returns how such meetings become known.
    pub fn origin(self) -> Origin {
        match self {
            Self::Home(_) | Self::Work(_) => Origin::Interview,
            Self::Street(_) => Origin::CoPresence,
        }
    }
}
