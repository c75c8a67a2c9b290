//! Whom a paper or a name with a telephone means: somebody who is known, or somebody new.

use super::model::{DocumentKind, phone};
use super::{Identity, LegalBasis, NewPerson, PersonId, create, load};
use crate::app::AuthorityApp;
use crate::error::ServiceError;
use crate::fold::fold;

/// Most people that share a number.
const SHARING: usize = 20;

/// Returns the person of this identity, entered now if nobody is: with the same document; else with the same name and telephone; else, where
/// there is neither number, with the same name and day of birth. Compared here, shown to nobody.
///
/// # Errors
///
/// [`ServiceError::Unavailable`] while the search is warming: somebody known would be entered again; [`ServiceError::Invalid`] names the
/// field of a new identity.
pub async fn known_or_new(
    app: &AuthorityApp,
    identity: Identity,
    legal_basis: LegalBasis,
) -> Result<PersonId, ServiceError> {
    if !app.finder.is_warm() {
        return Err(ServiceError::Unavailable { what: "the search" });
    }
    if let Some(known) = known(app, &identity).await? {
        return Ok(known);
    }
    let new = NewPerson {
        identity,
        commune: None,
        legal_basis,
    };
    let made = create(app, vec![new]).await?;
    made.first()
        .copied()
        .ok_or(ServiceError::Internal("one person was entered"))
}

async fn known(app: &AuthorityApp, identity: &Identity) -> Result<Option<PersonId>, ServiceError> {
    let numbers: Vec<String> = identity.phones.iter().filter_map(|typed| phone(typed)).collect();
    let has_number = !numbers.is_empty() || !identity.documents.is_empty();
    let asked = Identity {
        phones: numbers,
        ..identity.clone()
    };
    let candidates = if has_number {
        app.finder.sharing_number(&asked, SHARING)
    } else {
        app.finder.duplicates(&asked, None, SHARING)
    };
    let people: Vec<PersonId> = candidates.iter().map(|candidate| candidate.person).collect();
    let found = load(app, &people).await?;
    let same = |is_same: &dyn Fn(&Identity) -> bool| {
        let mut same = found.iter().filter(|(_, known)| is_same(&known.identity));
        same.next().map(|(person, _)| *person)
    };
    let by_document = same(&|known| share(&asked.documents, &known.documents));
    let by_phone = || {
        same(&|known| {
            fold(&known.name) == fold(&asked.name) && share(&asked.phones, &known.phones) && !contradict(&asked, known)
        })
    };
    let by_birth = || {
        let is_whole = !has_number && asked.birth.and_then(|birth| birth.date()).is_some();
        same(&|known| is_whole && fold(&known.name) == fold(&asked.name) && known.birth == asked.birth)
    };
    Ok(by_document.or_else(by_phone).or_else(by_birth))
}

fn share<T: PartialEq>(some: &[T], others: &[T]) -> bool {
    some.iter().any(|one| others.contains(one))
}

/// Returns whether two have documents of the same kind with different numbers: father and son of one name and one telephone.
fn contradict(one: &Identity, other: &Identity) -> bool {
    let number = |identity: &Identity, kind: DocumentKind| {
        let mut found = identity.documents.iter().filter(|document| document.kind == kind);
        found.next().map(|document| document.number.clone())
    };
    [DocumentKind::Identity, DocumentKind::Insurance, DocumentKind::Passport]
        .into_iter()
        .any(|kind| match (number(one, kind), number(other, kind)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        })
}
