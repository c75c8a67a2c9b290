//! Visits by place and by person, and who was at the same place at the same time.

use std::collections::{BTreeMap, HashMap, HashSet};

/// A visit: one person at one venue in `[from, to)`, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Who.
    pub person: u32,
    /// Where.
    pub venue: u32,
    /// First minute.
    pub from: u64,
    /// First minute after it.
    pub to: u64,
}

/// How long somebody was at the same places as the cases, at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Who; never one of the cases.
    pub person: u32,
    /// How many pairs of visits (of a case, of this person) overlap by the minimum or longer.
    pub pairs: u64,
    /// Their overlaps together, in minutes.
    pub minutes: u64,
}

/// A window of visits in columns, sorted by venue and then by beginning.
#[derive(Debug, Default)]
pub struct VisitIndex {
    people: Vec<u32>,
    from: Vec<u64>,
    to: Vec<u64>,
    venues: HashMap<u32, VenueRows>,
    by_person: HashMap<u32, Vec<usize>>,
}

/// Where a venue's rows stand, and how long its longest visit is: nothing that began earlier can reach a moment.
#[derive(Clone, Copy, Debug)]
struct VenueRows {
    start: usize,
    end: usize,
    longest: u64,
}

impl VisitIndex {
    /// Builds the index; a visit that ends before it begins is as long as one that ends at once.
    pub fn new(visits: impl IntoIterator<Item = Visit>) -> Self {
        let mut rows: Vec<Visit> = visits.into_iter().collect();
        rows.sort_unstable_by_key(|visit| (visit.venue, visit.from, visit.to, visit.person));
        let mut index = Self::default();
        for (at, visit) in rows.iter().enumerate() {
            index.people.push(visit.person);
            index.from.push(visit.from);
            index.to.push(visit.to.max(visit.from));
            index.by_person.entry(visit.person).or_default().push(at);
            let venue = index.venues.entry(visit.venue).or_insert(VenueRows {
                start: at,
                end: at,
                longest: 0,
            });
            venue.end = at + 1;
            venue.longest = venue.longest.max(visit.to.saturating_sub(visit.from));
        }
        index
    }

    /// Returns how many visits there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Returns whether there is no visit.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Returns who was with `cases` at any venue for `minimum` minutes or longer in one pair of visits, by ascending person.
    pub fn overlaps(&self, cases: &[u32], minimum: u64) -> Vec<Overlap> {
        let cases: HashSet<u32> = cases.iter().copied().collect();
        let mut met: BTreeMap<u32, Overlap> = BTreeMap::new();
        let mut venues: Vec<&VenueRows> = self.venues.values().collect();
        venues.sort_unstable_by_key(|venue| venue.start);
        for case in &cases {
            for &at in self.by_person.get(case).into_iter().flatten() {
                let venue = venues[venues.partition_point(|venue| venue.end <= at)];
                for (person, minutes) in self.with(at, venue) {
                    if minutes >= minimum && !cases.contains(&person) {
                        let overlap = met.entry(person).or_insert(Overlap {
                            person,
                            pairs: 0,
                            minutes: 0,
                        });
                        overlap.pairs += 1;
                        overlap.minutes += minutes;
                    }
                }
            }
        }
        met.into_values().collect()
    }

    /// Visits of the same venue that share a moment with the one at `at`, itself included, with how many minutes.
    fn with(&self, at: usize, venue: &VenueRows) -> impl Iterator<Item = (u32, u64)> {
        let (from, to) = (self.from[at], self.to[at]);
        let began = &self.from[venue.start..venue.end];
        let first = venue.start + began.partition_point(|began| began.saturating_add(venue.longest) < from);
        let last = venue.start + began.partition_point(|&began| began < to);
        (first..last).filter_map(move |row| {
            let shared = self.to[row].min(to).checked_sub(self.from[row].max(from))?;
            (shared > 0).then_some((self.people[row], shared))
        })
    }
}
