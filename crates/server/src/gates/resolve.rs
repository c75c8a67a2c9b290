//! Who it was that a gate scanned.

use protocol::document::{self, Paper, PaperKind};
use protocol::gate::record::Evidence;
use protocol::time::UnixSeconds;

use super::sync::Wrong;
use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::error::ServiceError;
use crate::passes::{self, Holder};
use crate::people::{Birth, Document, DocumentKind, Identity, LegalBasis, PersonId, known_or_new};

/// Who it was, and when a personal code was shown.
pub(super) type Resolved = Result<(PersonId, Option<UnixSeconds>), Wrong>;

/// Finds or enters whoever it was. What tells nobody is wrong for good; an error is worth trying again.
pub(super) async fn resolve(app: &AuthorityApp, who: &Evidence) -> Result<Resolved, ServiceError> {
    let identity = match who {
        Evidence::Typed { name, phone } => Identity {
            name: name.clone(),
            phones: vec![phone.clone()],
            ..Identity::default()
        },
        Evidence::Scanned(text) => match passes::holder(app, text).await? {
            Holder::Known { person, shown_at } => return Ok(Ok((person, shown_at))),
            Holder::Over => return Ok(Err(Wrong::Over)),
            Holder::Forged => return Ok(Err(Wrong::Forged)),
            Holder::Other => match document::read(text) {
                Some(paper) => of_paper(paper),
                None => return Ok(Err(Wrong::Unknown)),
            },
        },
    };
    match known_or_new(app, identity, LegalBasis::Law).await {
        Ok(person) => Ok(Ok((person, None))),
        Err(ServiceError::Invalid { .. }) => Ok(Err(Wrong::Unknown)),
        Err(error) => Err(error),
    }
}

fn of_paper(paper: Paper) -> Identity {
    let birth = paper.birth.map(|(year, month_and_day)| {
        let whole =
            month_and_day.and_then(|(month, day)| CivilDate::from_parts(year, i16::from(month), i16::from(day)));
        whole.map_or(Birth::Year(year), |date| {
            i32::try_from(date.number()).map_or(Birth::Year(year), Birth::Day)
        })
    });
    let document = paper.number.and_then(|number| {
        let kind = match paper.kind {
            PaperKind::Identity => DocumentKind::Identity,
            PaperKind::Insurance => DocumentKind::Insurance,
            // The number of an identity card, or something else that is not said.
            _ if number.len() == 12 => DocumentKind::Identity,
            _ => return None,
        };
        Some(Document { kind, number })
    });
    Identity {
        name: paper.name,
        birth,
        phones: paper.phone.into_iter().collect(),
        documents: document.into_iter().collect(),
        ..Identity::default()
    }
}
