//! The chain that a case stands in: from whom it came, whom it infected, and how far from the first case each stands.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use protocol::time::UnixSeconds;

use super::contacts::{MAX_CONTACTS, NewContact, free_label, new_row};
use super::files::{Subject, load_file};
use super::graph::recompute;
use super::looks::{Act, record};
use super::model::{CaseFile, ContactState, Origin};
use super::store::{chain, contacts, files};
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::auth::Session;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::geo::UnitId;

/// Most cases of a chain that are shown.
pub const MAX_CASES: usize = 2000;

/// A case of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The case; `None` for one outside the own unit, of which only its place in the chain is told.
    pub case: Option<CaseFile>,
    /// Steps from the nearest case without a known source: 0 for such a case itself.
    pub generation: usize,
    /// Labels of the cases it may have come from, of the own unit.
    pub sources: Vec<String>,
    /// Cases that came from it.
    pub infected: usize,
}

/// Returns the whole chain of a case: the first cases, each followed by those that came from it.
///
/// # Errors
///
/// [`ServiceError::NotFound`] outside the own unit; [`ServiceError::Database`].
pub async fn chain_of(app: &AuthorityApp, by: &Session, case_id: &str) -> Result<Vec<Link>, ServiceError> {
    load_file(app, by, case_id).await?;
    let (cases, edges) = connected(app, case_id).await?;
    let walk = walk(&cases, &edges);
    let ids: Vec<String> = walk.iter().map(|(id, _)| id.clone()).collect();
    let mut known: BTreeMap<String, CaseFile> = files::find_all(&app.db, &ids, by.officer.scope)
        .await?
        .into_iter()
        .map(|case| (case.case_id.clone(), case))
        .collect();
    let people: Vec<_> = known.values().filter_map(|case| case.person).collect();
    record(
        app,
        by,
        Act::tracing(Action::CASE_LIST, &people, &["state", "source"], Some(case_id)),
    )
    .await?;
    let labels: BTreeMap<String, String> = known
        .iter()
        .map(|(id, case)| (id.clone(), case.label.clone()))
        .collect();
    let links = walk.into_iter().map(|(id, generation)| {
        let sources = edges.iter().filter(|(_, to)| *to == id);
        Link {
            generation,
            sources: sources.filter_map(|(from, _)| labels.get(from).cloned()).collect(),
            infected: edges.iter().filter(|(from, _)| *from == id).count(),
            case: known.remove(&id),
        }
    });
    Ok(links.collect())
}

type Edges = BTreeSet<(String, String)>;

/// Returns all cases that hang together with one, and who came from whom among them.
async fn connected(app: &AuthorityApp, case_id: &str) -> Result<(BTreeSet<String>, Edges), ServiceError> {
    let mut cases = BTreeSet::from([case_id.to_owned()]);
    let mut edges = Edges::new();
    let mut frontier = vec![case_id.to_owned()];
    while !frontier.is_empty() && cases.len() < MAX_CASES {
        let mut next = Vec::new();
        for (from, to) in chain::around(&app.db, &frontier).await? {
            for end in [&from, &to] {
                if cases.insert(end.clone()) {
                    next.push(end.clone());
                }
            }
            edges.insert((from, to));
        }
        frontier = next;
    }
    Ok((cases, edges))
}

/// Returns every case once with its generation, those that came from a case right behind it. A circle, which only wrong
/// entries can make, begins with its smallest id.
fn walk(cases: &BTreeSet<String>, edges: &Edges) -> Vec<(String, usize)> {
    let generations = generations(cases, edges);
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in edges {
        // Of several sources the one nearest to the beginning carries the case in the list.
        if generations.get(from.as_str()).map(|of| of + 1) == generations.get(to.as_str()).copied() {
            children.entry(from).or_default().push(to);
        }
    }
    let mut order: Vec<(String, usize)> = Vec::with_capacity(cases.len());
    let mut seen = BTreeSet::new();
    let mut firsts: Vec<(&str, usize)> = generations.iter().map(|(id, of)| (*id, *of)).collect();
    firsts.sort_by_key(|(id, of)| (*of, *id));
    for (first, _) in firsts {
        let mut open = vec![first];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            order.push((id.to_owned(), generations.get(id).copied().unwrap_or_default()));
            open.extend(children.get(id).into_iter().flatten().rev());
        }
    }
    order
}

fn generations<'a>(cases: &'a BTreeSet<String>, edges: &'a Edges) -> BTreeMap<&'a str, usize> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let has_source: BTreeSet<&str> = edges.iter().map(|(_, to)| to.as_str()).collect();
    let mut open: VecDeque<&str> = VecDeque::new();
    let begin = |found: &mut BTreeMap<&'a str, usize>, open: &mut VecDeque<&'a str>, id: &'a str| {
        found.insert(id, 0);
        open.push_back(id);
    };
    for id in cases.iter().filter(|id| !has_source.contains(id.as_str())) {
        begin(&mut found, &mut open, id);
    }
    loop {
        while let Some(id) = open.pop_front() {
            let next = found[id] + 1;
            for (_, to) in edges.iter().filter(|(from, _)| from == id) {
                if !found.contains_key(to.as_str()) {
                    found.insert(to, next);
                    open.push_back(to);
                }
            }
        }
        match cases.iter().find(|id| !found.contains_key(id.as_str())) {
            Some(id) => begin(&mut found, &mut open, id),
            None => return found,
        }
    }
}

/// Notes that cases came from cases, as a list says: `(source, case)` by id. The person of the second becomes a contact of
/// the first that was converted; the first source named is the likely one. Returns how many links are new.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when a case is not of the own unit; [`ServiceError::Invalid`] for more than 500 links;
/// [`ServiceError::Database`].
pub async fn link_cases(
    app: &AuthorityApp,
    by: &Session,
    links: &[(String, String)],
    about: &str,
) -> Result<usize, ServiceError> {
    if links.len() > MAX_CONTACTS {
        return Err(ServiceError::Invalid {
            field: "links",
            why: "at most 500",
        });
    }
    let mut ids: Vec<String> = links.iter().flat_map(|(from, to)| [from.clone(), to.clone()]).collect();
    ids.sort_unstable();
    ids.dedup();
    let people: Vec<_> = files::find_all(&app.db, &ids, by.officer.scope)
        .await?
        .iter()
        .filter_map(|case| case.person)
        .collect();
    record(
        app,
        by,
        Act::tracing(Action::CASE_CHANGE, &people, &["source"], Some(about)),
    )
    .await?;
    transaction!(app.db, "link cases", |tx| {
        let mut new = 0;
        for (from, to) in links {
            let source = files::find_in(tx, app.db.dialect(), from, by.officer.scope).await?;
            let case = files::find_in(tx, app.db.dialect(), to, by.officer.scope).await?;
            let (Some(source), Some(case)) = (source, case) else {
                return Err(ServiceError::NotFound { what: "case" });
            };
            let (Some(of_person), Some(person)) = (source.person, case.person) else {
                continue;
            };
            if of_person == person || chain::is_linked(tx, from, of_person, person).await? {
                continue;
            }
            let unit = case.unit.and_then(UnitId::from_number);
            let met = NewContact {
                subject: Subject::Known(person),
                exposed_on: case.onset_date.unwrap_or(case.test_date),
                minutes: None,
                place: String::new(),
                relation: String::new(),
                level: 4,
                unit: unit.ok_or(ServiceError::Internal("a case has no unit"))?,
                origin: Origin::Interview,
            };
            let id = format!("contact_{}", app.entropy.hex_id());
            let mut row = new_row(app, by, &source, of_person, &met, person, &id)?;
            row.contact.label = format!("{}-01", free_label(app, tx).await?);
            row.contact.state = ContactState::Converted;
            row.contact.converted_to = Some(to.clone());
            row.contact.due_at = UnixSeconds(0);
            contacts::insert(tx, &[row]).await?;
            recompute(tx, &[person, of_person]).await?;
            if case.infected_by.is_none() {
                let mut linked = case.clone();
                linked.infected_by = Some(from.clone());
                linked.version += 1;
                if !files::replace(tx, &linked).await? {
                    return Err(ServiceError::Conflict {
                        why: "somebody else changed the case",
                    });
                }
            }
            new += 1;
        }
        Ok(new)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(&str, &str)]) -> (BTreeSet<String>, Edges) {
        let edges: Edges = pairs
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect();
        let cases = edges.iter().flat_map(|(from, to)| [from.clone(), to.clone()]).collect();
        (cases, edges)
    }

    #[test]
    fn who_came_from_a_case_stands_behind_it() {
        let (cases, edges) = edges(&[("a", "b"), ("b", "c"), ("a", "d"), ("d", "c"), ("x", "d")]);
        let order = walk(&cases, &edges);
        let text: Vec<String> = order.iter().map(|(id, of)| format!("{id}{of}")).collect();
        assert_eq!(text.join(" "), "a0 b1 c2 d1 x0");
    }

    #[test]
    fn a_circle_has_a_beginning_all_the_same() {
        let (cases, edges) = edges(&[("a", "b"), ("b", "c"), ("c", "a")]);
        assert_eq!(
            walk(&cases, &edges),
            [("a".to_owned(), 0), ("b".to_owned(), 1), ("c".to_owned(), 2)]
        );
    }
}
