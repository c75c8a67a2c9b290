//! Two names word by word: which words belong together, how well, and in which order.

use super::index::SearchIndex;
use super::name::{self, MAX_WORDS};
use super::packed::{Features, Phone, Row};

/// A word of a name that is compared.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen<'a> {
    pub marked: &'a str,
    pub folded: &'a str,
}

/// A person in the form that is compared, whether in the index or not.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    words: [Seen<'a>; MAX_WORDS],
    len: usize,
    /// Whether the name was written with marks at all.
    pub has_marks: bool,
    pub birth: u32,
    pub sex: u8,
    pub household: u32,
    pub commune: u32,
    pub phones: &'a [Phone],
    pub papers: &'a [u32],
    pub address: &'a [u32],
}

impl<'a> View<'a> {
    /// Looks at a person of the index.
    pub(super) fn of_row(index: &'a SearchIndex, row: &'a Row) -> Self {
        let words = row.words().iter().map(|id| {
            let word = index.words.word(*id);
            Seen {
                marked: &word.text,
                folded: &index.words.syllable(word.syllable).text,
            }
        });
        Self {
            birth: row.birth,
            sex: row.sex,
            household: row.household,
            commune: row.commune,
            phones: row.phones(),
            papers: row.papers(),
            address: row.address(),
            ..Self::of_name(words)
        }
    }

    /// Looks at a person who is not in the index.
    pub(super) fn of_features(features: &'a Features, commune: u32) -> Self {
        let words = features.words.iter().map(|word| Seen {
            marked: &word.marked,
            folded: &word.folded,
        });
        Self {
            birth: features.birth,
            sex: features.sex,
            household: features.household,
            commune,
            phones: &features.phones,
            papers: &features.papers,
            address: &features.address,
            ..Self::of_name(words)
        }
    }

    fn of_name(words: impl Iterator<Item = Seen<'a>>) -> Self {
        let mut view = Self {
            words: [Seen::default(); MAX_WORDS],
            len: 0,
            has_marks: false,
            birth: 0,
            sex: 0,
            household: 0,
            commune: 0,
            phones: &[],
            papers: &[],
            address: &[],
        };
        for (place, word) in view.words.iter_mut().zip(words) {
            *place = word;
            view.has_marks |= word.marked != word.folded;
            view.len += 1;
        }
        view
    }

    pub(super) fn words(&self) -> &[Seen<'a>] {
        &self.words[..self.len]
    }
}

/// How well two words fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    /// The same without marks.
    Same,
    /// One abbreviates the other.
    Short,
    /// One typing error apart.
    Near,
    /// Nothing in common: what was left over on both sides.
    Other,
}

/// Two words that belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Link {
    /// Place in the first name.
    pub left: usize,
    /// Place in the second name.
    pub right: usize,
    pub fit: Fit,
}

/// How the words of two names stand to each other.
pub(super) struct Alignment {
    links: [Option<Link>; MAX_WORDS],
    pub order: Order,
}

/// In which order the words that belong together stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// The same.
    Kept,
    /// The beginning of one is the end of the other.
    Turned,
    /// Any other.
    Shuffled,
}

impl Alignment {
    /// Finds which words belong together: the same ones first, then abbreviations, then near ones, then the rest.
    pub(super) fn of(left: &[Seen<'_>], right: &[Seen<'_>]) -> Self {
        let mut links = [None; MAX_WORDS];
        let mut taken = [false; MAX_WORDS];
        let mut open = left.len().min(right.len());
        for fit in [Fit::Same, Fit::Short, Fit::Near, Fit::Other] {
            if open == 0 {
                break;
            }
            for (i, a) in left.iter().enumerate() {
                if links[i].is_some() {
                    continue;
                }
                let from_end = (right.len() + i).checked_sub(left.len());
                let facing = [Some(i), from_end].into_iter().flatten();
                // short syllables are near to too many others to be looked for in any place
                let anywhere = if fit == Fit::Near && a.folded.len() < 4 {
                    0..0
                } else {
                    0..right.len()
                };
                let mut places = facing.filter(|j| *j < right.len()).chain(anywhere);
                let found = places.find(|j| !taken[*j] && fits(fit, a.folded, right[*j].folded));
                if let Some(j) = found {
                    taken[j] = true;
                    links[i] = Some(Link { left: i, right: j, fit });
                    open -= 1;
                }
            }
        }
        let order = order(&links);
        Self { links, order }
    }

    pub(super) fn links(&self) -> impl Iterator<Item = Link> + '_ {
        self.links.iter().flatten().copied()
    }
}

fn fits(fit: Fit, a: &str, b: &str) -> bool {
    match fit {
        Fit::Same => a == b,
        Fit::Short => shortens(a, b) || shortens(b, a),
        Fit::Near => !name::is_short(a) && !name::is_short(b) && name::is_near(a, b),
        Fit::Other => true,
    }
}

/// Tells whether `short` abbreviates `long`.
pub(super) fn shortens(short: &str, long: &str) -> bool {
    short.len() < long.len() && name::is_short(short) && long.starts_with(short)
}

fn order(links: &[Option<Link>; MAX_WORDS]) -> Order {
    let (mut falls, mut first, mut last) = (0, None, None);
    for link in links.iter().flatten().filter(|link| link.fit != Fit::Other) {
        falls += usize::from(last.is_some_and(|last| link.right < last));
        first = first.or(Some(link.right));
        last = Some(link.right);
    }
    match (falls, first, last) {
        (0, ..) => Order::Kept,
        (1, Some(first), Some(last)) if last < first => Order::Turned,
        _ => Order::Shuffled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::search::name::words;

    fn aligned(left: &str, right: &str) -> (String, Order) {
        let (left, right) = (words(left), words(right));
        let alignment = Alignment::of(&seen(&left), &seen(&right));
        let links = alignment
            .links()
            .map(|link| format!("{}{:?}{}", link.left, link.fit, link.right));
        (links.collect::<Vec<_>>().join(" "), alignment.order)
    }

    fn seen(words: &[name::NameWord]) -> Vec<Seen<'_>> {
        words
            .iter()
            .map(|word| Seen {
                marked: &word.marked,
                folded: &word.folded,
            })
            .collect()
    }

    #[test]
    fn names_are_aligned() {
        for (left, right, links, order) in [
            (
                "Nguyễn Văn Mười",
                "nguyen van muoi",
                "0Same0 1Same1 2Same2",
                Order::Kept,
            ),
            (
                "Mười Nguyễn Văn",
                "Nguyễn Văn Mười",
                "0Same2 1Same0 2Same1",
                Order::Turned,
            ),
            (
                "Nguyen V. Muoi",
                "Nguyễn Văn Mười",
                "0Same0 1Short1 2Same2",
                Order::Kept,
            ),
            ("NV Mười", "Nguyễn Văn Mười", "0Short0 1Short1 2Same2", Order::Kept),
            ("Nguyễn Mười", "Nguyễn Văn Mười", "0Same0 1Same2", Order::Kept),
            ("Nguyễn Văn Mừi", "Nguyễn Văn Mười", "0Same0 1Same1 2Near2", Order::Kept),
            (
                "Nguyễn Thị Lan",
                "Nguyễn Văn Hùng",
                "0Same0 1Other1 2Other2",
                Order::Kept,
            ),
            (
                "Nguyễn Minh Hoàng",
                "Nguyễn Hoàng Minh",
                "0Same0 1Same2 2Same1",
                Order::Shuffled,
            ),
            ("", "Nguyễn", "", Order::Kept),
        ] {
            assert_eq!(aligned(left, right), (links.to_owned(), order), "{left} | {right}");
        }
    }
}
