//! Where a case was, on one line of time: what was told and what was scanned.

use exposure::visit::Ends;
use protocol::time::UnixSeconds;

use super::super::places::Visited;
use super::super::timeline::Milestone;
use super::company;
use crate::civil::{CivilDate, clock_time};
use crate::console::{Action, Deed, Event, Texts, Timeline};
use crate::venues::model::kind_word;

/// Time without an entry that the page points out, in seconds.
const GAP_SECONDS: i64 = 3 * 3600;

/// An entry of the timeline.
pub(super) struct Entry {
    from: UnixSeconds,
    to: UnixSeconds,
    title: String,
    by: String,
    company: Option<String>,
}

impl Entry {
    /// Returns what was told in the interview.
    pub(super) fn of_milestones(texts: Texts, case_id: &str, milestones: &[Milestone], may_list: bool) -> Vec<Self> {
        let entry = |milestone: &Milestone| Self {
            from: milestone.from,
            to: milestone.to,
            title: milestone.place.clone().unwrap_or_else(|| texts.get("cases-erased")),
            by: format!(
                "{} · {}",
                texts.get(&format!("cases-source-{}", milestone.source.replace('_', "-"))),
                texts.get(&format!("cases-confidence-{}", milestone.confidence)),
            ),
            company: (may_list && milestone.place.is_some())
                .then(|| format!("/desk/cases/{case_id}/company/{}", milestone.milestone_id)),
        };
        milestones.iter().map(entry).collect()
    }

    /// Returns what was scanned at doors.
    pub(super) fn of_visits(texts: Texts, case_id: &str, visited: &[Visited], may_list: bool) -> Vec<Self> {
        let entry = |visit: &Visited| {
            let mut by = vec![
                texts.get("cases-source-scan"),
                texts.get(&format!("venue-kind-{}", kind_word(visit.venue.kind))),
            ];
            by.extend(ends(texts, visit.ends));
            by.extend(visit.is_skewed.then(|| texts.get("cases-scan-skewed")));
            Self {
                from: visit.from,
                to: visit.to,
                title: visit.venue.name.clone(),
                by: by.join(" · "),
                company: may_list.then(|| company::address(case_id, &visit.venue.venue_id, visit.from, visit.to)),
            }
        };
        visited.iter().map(entry).collect()
    }
}

/// Returns what is to be said of the ends of a visit, when they are not both scanned.
fn ends(texts: Texts, ends: Ends) -> Option<String> {
    let id = match ends {
        Ends::Scanned => return None,
        Ends::Open => "cases-scan-open",
        Ends::NoOut => "cases-scan-no-out",
        Ends::NoIn => "cases-scan-no-in",
    };
    Some(texts.get(id))
}

/// Puts entries in order and points out time of which nothing is known.
pub(super) fn timeline(texts: Texts, mut entries: Vec<Entry>) -> Timeline {
    entries.sort_by_key(|entry| (entry.from, entry.to));
    let mut events = Vec::with_capacity(entries.len());
    let mut until: Option<UnixSeconds> = None;
    for entry in entries {
        let gap = until.filter(|until| entry.from.0 - until.0 > GAP_SECONDS);
        let gap = gap.map(|until| texts.with("cases-gap", "time", &texts.span((entry.from.0 - until.0) / 60)));
        let day = CivilDate::today(entry.from).local();
        let at = if entry.from == entry.to {
            format!("{day} {}", clock_time(entry.from))
        } else {
            format!("{day} {}–{}", clock_time(entry.from), clock_time(entry.to))
        };
        until = Some(until.map_or(entry.to, |until| until.max(entry.to)));
        events.push(Event {
            at,
            title: entry.title,
            text: None,
            mark: None,
            by: Some(entry.by),
            href: None,
            gap,
            deed: entry
                .company
                .map(|href| Action::new(texts.get("cases-company-open"), Deed::Open(href)).key("c")),
        });
    }
    Timeline { events }
}
