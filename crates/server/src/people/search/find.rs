//! Answers a question that somebody types.

use super::compare::{Seen, View, shortens};
use super::index::SearchIndex;
use super::name::{self, MAX_WORDS};
use super::ordered::Slot;
use super::packed::{self, born, born_parts};
use super::query::{Asked, Number, Query};
use super::select::{Source, Term, all_of};
use super::{Hit, MAX_ANSWERS, Matched};
use crate::people::PersonId;

/// Most people that one question looks at.
const MOST_LOOKED_AT: usize = 20_000;
/// Most people looked at for each condition left out, when nobody fulfils all.
const MOST_WITHOUT_ONE: usize = 2_000;
/// Most entries of lists read for that, the first time not counted.
const MOST_READ: usize = 4_000_000;

impl SearchIndex {
    /// Returns who fits what was typed, best first: names without marks and in any order, abbreviations, the beginning of
    /// the last word, telephone numbers whole or in part, document numbers, years and days of birth. Where nobody fits
    /// all of it, those who fit all but one part are returned.
    pub fn find(&self, text: &str, limit: usize) -> Vec<Hit> {
        let query = Query::parse(text);
        let limit = limit.min(MAX_ANSWERS);
        let terms = self.terms(&query);
        if terms.is_empty() || limit == 0 {
            return Vec::new();
        }
        let all: Vec<&Term<'_>> = terms.iter().collect();
        let hits = self.best(&query, all_of(&all, self.slots(), MOST_LOOKED_AT), 0, limit);
        if !hits.is_empty() || terms.len() < 2 {
            return hits;
        }
        // the rarest part is the likeliest to be wrong
        let mut places: Vec<usize> = (0..terms.len()).collect();
        places.sort_by_key(|at| terms[*at].size());
        let (mut slots, mut read) = (Vec::new(), 0);
        for without in places {
            let others: Vec<&Term<'_>> = (0..terms.len())
                .filter(|at| *at != without)
                .map(|at| &terms[at])
                .collect();
            read += others.iter().map(|term| term.size()).sum::<usize>();
            if read > MOST_READ && !slots.is_empty() {
                break;
            }
            slots.extend(all_of(&others, self.slots(), MOST_WITHOUT_ONE));
        }
        slots.sort_unstable();
        slots.dedup();
        self.best(&query, slots, 1, limit)
    }

    fn best(&self, query: &Query, slots: Vec<Slot>, may_miss: usize, limit: usize) -> Vec<Hit> {
        let mut scored: Vec<(f32, Slot)> = slots
            .into_iter()
            .filter_map(|slot| Some((self.rate(query, slot, may_miss)?.0, slot)))
            .collect();
        let by_score = |a: &(f32, Slot), b: &(f32, Slot)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if scored.len() > limit {
            scored.select_nth_unstable_by(limit, by_score);
            scored.truncate(limit);
        }
        scored.sort_unstable_by(by_score);
        let hit = |(score, slot): (f32, Slot)| {
            let (_, matched) = self.rate(query, slot, may_miss)?;
            Some(Hit {
                person: PersonId(self.row(slot).person),
                score,
                matched: matched.list(),
            })
        };
        scored.into_iter().filter_map(hit).collect()
    }

    fn terms<'a>(&'a self, query: &'a Query) -> Vec<Term<'a>> {
        let last = query.words.len().saturating_sub(1);
        let words = query.words.iter().enumerate();
        let words = words.map(|(at, word)| self.word_term(&word.folded, query.is_open && at == last));
        words
            .chain(query.numbers.iter().map(|number| self.number_term(number)))
            .collect()
    }

    fn word_term<'a>(&'a self, folded: &'a str, is_open: bool) -> Term<'a> {
        let is_known = self.words.find_syllable(folded).is_some();
        let by_beginning = |text: &'a str| Term::new(self.bearers(self.words.with_prefix(text)));
        if name::is_short(folded) {
            return by_beginning(folded);
        }
        if !is_open && is_known {
            return self.as_abbreviated(folded);
        }
        let mut ids: Vec<u32> = self.words.with_prefix(folded).collect();
        if ids.is_empty() {
            ids.extend(self.words.near(folded));
        }
        if is_open {
            let shorter = (1..folded.len())
                .filter_map(|len| folded.get(..len))
                .filter(|short| shortens(short, folded));
            ids.extend(shorter.filter_map(|short| self.words.find_syllable(short)));
        }
        Term::new(self.bearers(ids.into_iter()))
    }

    fn number_term(&self, number: &Number) -> Term<'_> {
        let mut sources = Vec::new();
        if let Some(phone) = number.phone {
            let place = packed::forwards(phone);
            sources.push(Source::Span(&self.beginnings, place, place));
        }
        if let Some((from, to)) = number.beginning {
            sources.push(Source::Span(&self.beginnings, from, to));
        }
        if let Some((from, to)) = number.end {
            sources.push(Source::Span(&self.ends, from, to));
        }
        if let Some(code) = number.paper {
            let place = packed::Paper { class: 0, code }.place();
            sources.push(Source::Span(&self.papers, place, place));
        }
        let mut span = |from: u32, to: u32| sources.push(Source::Span(&self.births, u64::from(from), u64::from(to)));
        match number.birth {
            Some(Asked::Day(year, month, day)) => {
                span(born(year, 0, 0), born(year, 0, 0));
                span(born(year, month, day), born(year, month, day));
                if day <= 12 && day != month {
                    span(born(year, day, month), born(year, day, month));
                }
            }
            Some(Asked::Year(one, other)) => {
                span(born(one, 0, 0), born(one, 15, 31));
                if other != one {
                    span(born(other, 0, 0), born(other, 15, 31));
                }
            }
            Some(Asked::DayMonth(month, day)) => {
                (1900..=2100).for_each(|year| span(born(year, month, day), born(year, month, day)));
            }
            None => {}
        }
        Term::new(sources)
    }

    /// Returns how well a person fits and by what; `None` where more than `may_miss` parts of the question do not fit.
    fn rate(&self, query: &Query, slot: Slot, may_miss: usize) -> Option<(f32, Found)> {
        let row = self.row(slot);
        let view = View::of_row(self, row);
        let mut found = Found::default();
        let (mut sum, mut missed) = (0.0, 0);
        let parts = query.words.len() + query.numbers.len();
        for number in &query.numbers {
            match rate_number(number, &view, &mut found) {
                0.0 => missed += 1,
                score => sum += score,
            }
        }
        if missed > may_miss {
            return None;
        }
        let mut places = [usize::MAX; MAX_WORDS];
        let mut taken = 0u32;
        let last = query.words.len().saturating_sub(1);
        for (at, word) in query.words.iter().enumerate() {
            let asked = Seen {
                marked: &word.marked,
                folded: &word.folded,
            };
            let is_open = query.is_open && at == last;
            let fits = view
                .words()
                .iter()
                .enumerate()
                .filter(|(place, _)| taken & 1 << place == 0);
            // somebody's initial alone is no answer to a word in full
            let fits = fits.filter(|(_, theirs)| parts > 1 || !shortens(theirs.folded, asked.folded));
            let fits = fits.map(|(place, theirs)| (rate_word(asked, *theirs, &view, is_open), place));
            match fits.max_by(|a, b| a.0.0.total_cmp(&b.0.0).then(b.1.cmp(&a.1))) {
                Some(((score, matched), place)) if score > 0.0 => {
                    sum += score;
                    found.add(matched);
                    taken |= 1 << place;
                    places[at] = place;
                }
                _ => missed += 1,
            }
        }
        if missed > may_miss {
            return None;
        }
        Some((sum / parts as f32 * neatness(&places, taken, &view, &mut found), found))
    }
}

/// Returns a factor below one for names that hold more words than were asked for, or hold them in another order.
fn neatness(places: &[usize; MAX_WORDS], taken: u32, view: &View<'_>, found: &mut Found) -> f32 {
    let len = view.words().len();
    if taken == 0 || len == 0 {
        return 1.0;
    }
    let mut at = places.iter().filter(|place| **place != usize::MAX);
    let is_kept = at.clone().zip(at.by_ref().skip(1)).all(|(a, b)| a < b);
    if !is_kept {
        found.add(Matched::NameOrder);
    }
    let has_given = taken >> (len - 1) & 1 == 1;
    let share = taken.count_ones() as f32 / len as f32;
    0.88 + 0.06 * share + if is_kept { 0.04 } else { 0.0 } + if has_given { 0.02 } else { 0.0 }
}

fn rate_word(asked: Seen<'_>, theirs: Seen<'_>, view: &View<'_>, is_open: bool) -> (f32, Matched) {
    if asked.folded == theirs.folded {
        let has_marks = asked.marked != asked.folded;
        return match () {
            () if has_marks && asked.marked == theirs.marked => (1.0, Matched::NameWithMarks),
            () if !has_marks => (1.0, Matched::Name),
            () if view.has_marks => (0.8, Matched::Name),
            () => (0.95, Matched::Name),
        };
    }
    if shortens(asked.folded, theirs.folded) || shortens(theirs.folded, asked.folded) {
        return (0.6, Matched::NameShort);
    }
    if theirs.folded.starts_with(asked.folded) {
        let share = asked.folded.len() as f32 / theirs.folded.len() as f32;
        return (if is_open { 0.65 } else { 0.5 } + 0.25 * share, Matched::NameBeginning);
    }
    if !name::is_short(asked.folded) && !name::is_short(theirs.folded) && name::is_near(asked.folded, theirs.folded) {
        return (0.45, Matched::NameError);
    }
    (0.0, Matched::Name)
}

fn rate_number(number: &Number, view: &View<'_>, found: &mut Found) -> f32 {
    let within = |span: Option<(u64, u64)>, place: u64| span.is_some_and(|(from, to)| (from..=to).contains(&place));
    let is_part = |phone: &u32| {
        within(number.beginning, packed::forwards(*phone)) || within(number.end, packed::backwards(*phone))
    };
    let mut best: f32 = 0.0;
    let mut note = |score: f32, matched: Matched| {
        best = best.max(score);
        found.add(matched);
    };
    if number.phone.is_some_and(|phone| view.phones.contains(&phone)) {
        note(1.0, Matched::Phone);
    } else if view.phones.iter().any(is_part) {
        note(0.8, Matched::PhonePart);
    }
    if number
        .paper
        .is_some_and(|code| packed::papers(view.papers).any(|paper| paper.code == code))
    {
        note(1.0, Matched::Document);
    }
    let (year, month, day) = born_parts(view.birth);
    match number.birth {
        Some(Asked::Day(y, m, d)) if (y, m, d) == (year, month, day) => note(1.0, Matched::BirthDay),
        Some(Asked::Day(y, ..)) if y == year && month == 0 => note(0.8, Matched::BirthYear),
        Some(Asked::Day(y, m, d)) if (y, m, d) == (year, day, month) => note(0.6, Matched::BirthDay),
        Some(Asked::DayMonth(m, d)) if (m, d) == (month, day) => note(0.9, Matched::BirthDay),
        Some(Asked::Year(one, other)) if year != 0 && (year == one || year == other) => note(0.95, Matched::BirthYear),
        _ => {}
    }
    best
}

/// What of a person fitted, as a set.
#[derive(Clone, Copy, Default)]
struct Found(u16);

impl Found {
    fn add(&mut self, matched: Matched) {
        self.0 |= 1 << matched as u16;
    }

    fn list(self) -> Vec<Matched> {
        use Matched::*;
        let all = [
            NameWithMarks,
            Name,
            NameOrder,
            NameShort,
            NameBeginning,
            NameError,
            Phone,
            PhonePart,
            Document,
            BirthDay,
            BirthYear,
        ];
        all.into_iter()
            .filter(|matched| self.0 & 1 << *matched as u16 != 0)
            .collect()
    }
}
