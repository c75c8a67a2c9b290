//! Scans at a door → visits, and who was there at the same time (docs/spec/venues.md V23–V27).
//!
//! What was scanned is never changed; visits are computed from all scans of a venue, so that scans which come late, twice or in
//! another order give the same visits.

/// A pseudonym of a person, the same for all scans that are looked at together.
pub type Who = [u8; 16];

/// What was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scan {
    /// Somebody came in.
    In,
    /// Somebody went out.
    Out,
    /// Somebody was there until a moment, in Unix seconds.
    Whole(i64),
}

/// A scan of somebody at a moment, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Who.
    pub who: Who,
    /// When.
    pub at: i64,
    /// What was scanned.
    pub scan: Scan,
}

/// How far the ends of a visit are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ends {
    /// Both were scanned.
    Scanned,
    /// Nobody scanned out yet, and the longest stay is not over.
    Open,
    /// Nobody scanned out: the visit ends with the longest stay, or when the person came in again (V24).
    NoOut,
    /// Nobody scanned in: the visit begins the longest stay before, or when the person went out before (V25).
    NoIn,
}

/// A visit: `[from, to)` in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Who.
    pub who: Who,
    /// First second.
    pub from: i64,
    /// First second after it; `now` while it is open.
    pub to: i64,
    /// How far the ends are known.
    pub ends: Ends,
}

/// Seconds within which a second scan in the same direction is the same scan: somebody who was not sure of the first (V23).
pub const AGAIN_SECONDS: i64 = 120;

/// Computes the visits of a venue from its scans, in any order. `longest` is the venue's longest stay in seconds, `now` the moment
/// at which is asked.
///
/// Visits come by beginning, then by person.
pub fn visits(events: &[Event], longest: i64, now: i64) -> Vec<Visit> {
    let mut sorted = events.to_vec();
    sorted.sort_unstable_by_key(|event| (event.who, event.at, event.scan));
    sorted.dedup();
    let mut found = Vec::with_capacity(sorted.len());
    for own in sorted.chunk_by(|a, b| a.who == b.who) {
        of_one(own, longest, now, &mut found);
    }
    found.sort_unstable_by_key(|visit| (visit.from, visit.who, visit.to));
    found
}

/// The scans of one person in order of time.
fn of_one(events: &[Event], longest: i64, now: i64, found: &mut Vec<Visit>) {
    let mut came: Option<i64> = None;
    let mut left: Option<i64> = None;
    for event in events {
        let (who, at) = (event.who, event.at);
        let mut add = |from: i64, to: i64, ends| {
            if to > from {
                found.push(Visit { who, from, to, ends });
            }
        };
        match event.scan {
            Scan::Whole(until) => add(at, until.min(at + longest), Ends::Scanned),
            Scan::In => match came {
                Some(since) if at - since <= AGAIN_SECONDS => {}
                Some(since) => {
                    add(since, (since + longest).min(at), Ends::NoOut);
                    came = Some(at);
                }
                None => came = Some(at),
            },
            Scan::Out => match came {
                Some(since) if at - since <= longest => {
                    add(since, at, Ends::Scanned);
                    (came, left) = (None, Some(at));
                }
                since => {
                    if let Some(since) = since {
                        add(since, since + longest, Ends::NoOut);
                    }
                    let before = left.max(since.map(|since| since + longest));
                    if left.is_none_or(|left| at - left > AGAIN_SECONDS) || since.is_some() {
                        add(
                            before.map_or(at - longest, |before| before.max(at - longest)),
                            at,
                            Ends::NoIn,
                        );
                    }
                    (came, left) = (None, Some(at));
                }
            },
        }
    }
    if let (Some(since), Some(last)) = (came, events.last()) {
        let ends = if now - since < longest { Ends::Open } else { Ends::NoOut };
        let to = now.clamp(since, since + longest);
        // Whoever has come in this very second is there.
        if to > since || ends == Ends::Open {
            found.push(Visit {
                who: last.who,
                from: since,
                to,
                ends,
            });
        }
    }
}

/// Somebody who was there with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Company {
    /// Who.
    pub who: Who,
    /// Seconds that both were there.
    pub seconds: i64,
    /// First second that both were there.
    pub from: i64,
    /// Whether every visit that counts here was scanned at both ends.
    pub is_scanned: bool,
}

/// Returns who shared the venue with `one` during its visits within `[from, to)`: those whose visits are known at both ends first, then
/// the longest together (V26).
pub fn company(visits: &[Visit], one: Who, from: i64, to: i64) -> Vec<Company> {
    let clip = |visit: &Visit| (visit.from.max(from), visit.to.min(to));
    let own: Vec<(i64, i64)> = visits.iter().filter(|visit| visit.who == one).map(clip).collect();
    let own = united(own);
    let mut by_person: Vec<(Who, i64, i64, bool)> = visits
        .iter()
        .filter(|visit| visit.who != one)
        .map(|visit| (visit.who, clip(visit).0, clip(visit).1, visit.ends == Ends::Scanned))
        .collect();
    by_person.sort_unstable();
    let mut found = Vec::new();
    for theirs in by_person.chunk_by(|a, b| a.0 == b.0) {
        let mut is_scanned = true;
        let mut shared = Vec::new();
        for &(_, began, ended, scanned) in theirs {
            for &(mine_from, mine_to) in &own {
                let (first, last) = (began.max(mine_from), ended.min(mine_to));
                if first < last {
                    shared.push((first, last));
                    is_scanned &= scanned;
                }
            }
        }
        let shared = united(shared);
        if let Some(&(first, _)) = shared.first() {
            found.push(Company {
                who: theirs[0].0,
                seconds: shared.iter().map(|(from, to)| to - from).sum(),
                from: first,
                is_scanned,
            });
        }
    }
    found.sort_unstable_by_key(|met| (!met.is_scanned, -met.seconds, met.from, met.who));
    found
}

/// Joins intervals that touch or overlap; empty ones go.
fn united(mut intervals: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    intervals.retain(|(from, to)| from < to);
    intervals.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(intervals.len());
    for (from, to) in intervals {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Returns how many are there at a moment, counting everybody once.
pub fn present(visits: &[Visit], at: i64) -> usize {
    let mut there: Vec<Who> = visits
        .iter()
        .filter(|visit| visit.from <= at && (at < visit.to || (visit.ends == Ends::Open && at == visit.to)))
        .map(|visit| visit.who)
        .collect();
    there.sort_unstable();
    there.dedup();
    there.len()
}
