//! How probable it is that two records are one person, after Fellegi and Sunter (1969) with frequencies of values
//! (Winkler), and with a third case between "the same" and "a stranger": somebody of the same family, who shares
//! telephone, address, surname, for twins even the birth, but not the given name. Each field says by how many bits the
//! first two cases are more probable than the last. The constants were set on seed 1 of
//! `examples/evaluation/people_pairs.py` and judged on others (`tests/person_pairs.rs`).

use super::compare::{Alignment, Fit, Link, Order, View};
use super::frequency::{self, Shares};
use super::index::SearchIndex;
use super::name::{self, MAX_WORDS};
use super::packed::{self, born_parts};
use super::{Reason, Reasons};

/// Probability from which two records are called one person.
pub const DUPLICATE: f32 = 0.5;
/// Probability from which a person is shown as one to look at.
pub const POSSIBLE: f32 = 0.1;
/// Most bits that an address adds: for records that lack more it is not looked at.
const ADDRESS_MOST: f32 = 8.0;
/// How many other records of a person one expects in the index.
const EXPECTED_SAME: f32 = 0.3;
/// How many of the family.
const EXPECTED_FAMILY: f32 = 3.0;

/// Bits by which something is more probable of the same person, and of one of the family, than of a stranger.
#[derive(Clone, Copy, Default)]
struct Bits {
    same: f32,
    family: f32,
}

impl Bits {
    /// Takes the probability of what was seen in the three cases.
    fn of(same: f32, family: f32, stranger: f32) -> Self {
        Self {
            same: (same / stranger).log2(),
            family: (family / stranger).log2(),
        }
    }

    const fn new(same: f32, family: f32) -> Self {
        Self { same, family }
    }

    fn add(&mut self, other: Self) {
        self.same += other.same;
        self.family += other.family;
    }
}

/// A record with which others are compared.
pub(super) struct Probe<'a> {
    pub view: View<'a>,
    shares: [Shares; MAX_WORDS],
    day: f32,
    year: f32,
    commune: f32,
    strangers: f32,
}

impl<'a> Probe<'a> {
    pub(super) fn new(index: &SearchIndex, view: View<'a>) -> Self {
        let mut shares = [Shares::default(); MAX_WORDS];
        for (share, word) in shares.iter_mut().zip(view.words()) {
            *share = frequency::word(index, word.marked, word.folded);
        }
        Self {
            shares,
            day: frequency::day(index, view.birth),
            year: frequency::year(index, view.birth),
            commune: frequency::commune(index, view.commune),
            strangers: index.len() as f32 + frequency::PRESUMED,
            view,
        }
    }

    /// Returns the probability that `other` is the same person, and the reasons; 0 where it cannot reach [`POSSIBLE`].
    pub(super) fn weigh(&self, index: &SearchIndex, other: &View<'_>) -> (f32, Reasons) {
        let mut reasons = Reasons::default();
        let mut bits = Bits::new(EXPECTED_SAME.log2(), EXPECTED_FAMILY.log2());
        bits.add(self.name(other, &mut reasons));
        bits.add(self.birth(other, &mut reasons));
        bits.add(sex(self.view.sex, other.sex, &mut reasons));
        bits.add(papers(self.view.papers, other.papers, &mut reasons));
        bits.add(phones(index, self.view.phones, other.phones, &mut reasons));
        bits.add(self.place(other, &mut reasons));
        if bits.same + ADDRESS_MOST < (self.strangers * POSSIBLE).log2() {
            return (0.0, reasons);
        }
        bits.add(address(index, self.view.address, other.address, &mut reasons));
        let same = bits.same.min(100.0).exp2();
        let probability = same / (same + bits.family.min(100.0).exp2() + self.strangers);
        (probability, reasons)
    }

    fn name(&self, other: &View<'_>, reasons: &mut Reasons) -> Bits {
        let (left, right) = (self.view.words(), other.words());
        if left.is_empty() || right.is_empty() {
            return Bits::default();
        }
        let alignment = Alignment::of(left, right);
        let turned = alignment.order != Order::Kept;
        let (ours, theirs) = (name::is_surname(left[0].folded), name::is_surname(right[0].folded));
        let by_left = turned && ours && !theirs;
        let mut bits = Bits::default();
        let mut seen = Reasons::default();
        let mut linked = 0;
        for link in alignment.links() {
            let (at, len) = if by_left {
                (link.left, left.len())
            } else {
                (link.right, right.len())
            };
            bits.add(self.word(link, Role::of(at, len), other, &mut seen));
            linked += 1;
        }
        for _ in linked..left.len().max(right.len()) {
            seen.add(Reason::NamePart);
            bits.add(Bits::new(-3.0, -0.5));
        }
        if turned {
            seen.add(Reason::NameOrder);
            let is_plain = alignment.order == Order::Turned && !(ours && theirs);
            bits.add(if is_plain {
                Bits::new(-0.5, -3.0)
            } else {
                Bits::new(-5.0, -3.0)
            });
        }
        let is_same = seen.0 & !(1 << Reason::OtherMarks as u32) == 0;
        if is_same {
            let is_exact = seen.0 == 0 && left.iter().zip(right).all(|(a, b)| a.marked == b.marked);
            seen.add(if is_exact {
                Reason::SameName
            } else {
                Reason::SameNameWithoutMarks
            });
        }
        reasons.0 |= seen.0;
        bits
    }

    fn word(&self, link: Link, role: Role, other: &View<'_>, seen: &mut Reasons) -> Bits {
        let (ours, theirs) = (self.view.words()[link.left], other.words()[link.right]);
        let shares = self.shares[link.left];
        let family = role.in_family();
        let shared = |share: f32| Bits::of(0.95, family + (1.0 - family) * share, share);
        match link.fit {
            Fit::Same if !(self.view.has_marks && other.has_marks) => shared(shares.folded),
            Fit::Same if ours.marked == theirs.marked => shared(shares.marked),
            Fit::Same => {
                seen.add(Reason::OtherMarks);
                let others = (shares.folded - shares.marked).max(shares.folded * 0.1);
                let is_usual = name::is_tone_confused(ours.marked, theirs.marked)
                    || ours.marked == ours.folded
                    || theirs.marked == theirs.folded;
                Bits::of(if is_usual { 0.03 } else { 0.01 }, 0.01 + others, others)
            }
            Fit::Short => {
                seen.add(Reason::NameShort);
                shared(shares.letter)
            }
            Fit::Near => {
                seen.add(Reason::NameError);
                // few syllables of six letters are one letter away from another
                let stranger = if ours.folded.len() > 5 { 0.004 } else { 0.05 };
                Bits::of(0.025, family * 0.025 + 0.03 + stranger, stranger)
            }
            Fit::Other => {
                seen.add(Reason::OtherName);
                match role {
                    Role::Surname => Bits::new(-7.5, -1.1),
                    Role::Middle => Bits::new(-5.0, -0.4),
                    Role::Given => Bits::new(-8.5, 0.0),
                }
            }
        }
    }

    fn birth(&self, other: &View<'_>, reasons: &mut Reasons) -> Bits {
        let (ours, theirs) = (self.view.birth, other.birth);
        if ours == 0 || theirs == 0 {
            return Bits::default();
        }
        let ((y, m, d), (year, month, day)) = (born_parts(ours), born_parts(theirs));
        if ours == theirs && m != 0 {
            reasons.add(Reason::SameBirthDay);
            return Bits::of(0.9, 0.02 + self.day, self.day);
        }
        let apart = y.abs_diff(year);
        // the first of January stands for a day that is not known
        let is_year_only = |month, day| (month, day) == (0, 0) || (month, day) == (1, 1);
        if is_year_only(m, d) || is_year_only(month, day) {
            return match apart {
                0 => {
                    reasons.add(Reason::SameBirthYear);
                    Bits::of(0.9, 0.03 + self.year, self.year)
                }
                1 => Bits::new(0.8, 1.2),
                2 => Bits::new(-1.5, 1.0),
                _ => against(reasons, Bits::new(-5.5, 0.0)),
            };
        }
        if apart == 0 && (m, d) == (day, month) {
            reasons.add(Reason::DayMonthSwapped);
            Bits::new(8.2, 1.8)
        } else if apart == 0 && (m == month || d == day) {
            reasons.add(Reason::NearBirth);
            Bits::new(3.2, 1.3)
        } else if (m, d) == (month, day) && (apart == 1 || differ_in_a_digit(y, year)) {
            reasons.add(Reason::NearBirth);
            Bits::new(4.4, 0.0)
        } else {
            against(
                reasons,
                if apart == 0 {
                    Bits::new(-1.5, 1.2)
                } else {
                    Bits::new(-7.5, 0.0)
                },
            )
        }
    }

    fn place(&self, other: &View<'_>, reasons: &mut Reasons) -> Bits {
        let mut bits = Bits::default();
        if self.view.household != 0 && other.household != 0 {
            bits.add(if self.view.household == other.household {
                reasons.add(Reason::SameHousehold);
                Bits::new(12.0, 12.3)
            } else {
                Bits::new(-1.5, -6.0)
            });
        }
        if self.view.commune != 0 && other.commune != 0 {
            bits.add(if self.view.commune == other.commune {
                reasons.add(Reason::SameCommune);
                Bits::of(0.8, 0.9, self.commune)
            } else {
                Bits::new(-2.5, -4.0)
            });
        }
        bits
    }
}

/// Which part of a name a word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Surname,
    Middle,
    Given,
}

impl Role {
    fn of(at: usize, len: usize) -> Self {
        match at {
            at if at + 1 == len => Self::Given,
            0 => Self::Surname,
            _ => Self::Middle,
        }
    }

    /// Returns how often two of one family share it beyond chance.
    fn in_family(self) -> f32 {
        match self {
            Self::Surname => 0.6,
            Self::Middle => 0.25,
            Self::Given => 0.005,
        }
    }
}

fn against(reasons: &mut Reasons, bits: Bits) -> Bits {
    reasons.add(Reason::OtherBirth);
    bits
}

fn differ_in_a_digit(mut a: u32, mut b: u32) -> bool {
    let mut differing = 0;
    while a != b {
        differing += u32::from(a % 10 != b % 10);
        (a, b) = (a / 10, b / 10);
    }
    differing == 1
}

fn sex(ours: u8, theirs: u8, reasons: &mut Reasons) -> Bits {
    match (ours, theirs) {
        (0, _) | (_, 0) => Bits::default(),
        _ if ours == theirs => Bits::new(0.5, 0.0),
        _ => {
            reasons.add(Reason::OtherSex);
            Bits::new(-6.0, 0.0)
        }
    }
}

fn papers(ours: &[u32], theirs: &[u32], reasons: &mut Reasons) -> Bits {
    let mut out = Bits::default();
    let mut is_other = false;
    for paper in packed::papers(ours) {
        for other in packed::papers(theirs).filter(|other| other.class == paper.class) {
            if paper == other {
                reasons.add(Reason::SameDocument);
                out = Bits::new(22.0, 13.0);
            } else if paper.is_near(other) {
                reasons.add(Reason::NearDocument);
                out = Bits::new(out.same.max(11.0), out.family.max(3.0));
            } else {
                is_other = true;
            }
        }
    }
    if is_other {
        reasons.add(Reason::OtherDocument);
        out.add(Bits::new(-5.5, 0.0));
    }
    out
}

fn phones(index: &SearchIndex, ours: &[u32], theirs: &[u32], reasons: &mut Reasons) -> Bits {
    if ours.is_empty() || theirs.is_empty() {
        return Bits::default();
    }
    let shared = ours.iter().filter(|phone| theirs.contains(phone));
    let rarest = shared
        .map(|phone| frequency::phone(index, packed::forwards(*phone)))
        .reduce(f32::min);
    if let Some(share) = rarest {
        reasons.add(Reason::SamePhone);
        return Bits::of(0.55, 0.35 + share, share);
    }
    if ours.iter().any(|a| theirs.iter().any(|b| is_near_phone(*a, *b))) {
        reasons.add(Reason::NearPhone);
        return Bits::new(13.0, 10.0);
    }
    Bits::new(-1.6, -0.8)
}

/// Tells whether two numbers differ in one digit or by two neighbours changed over.
fn is_near_phone(mut a: u32, mut b: u32) -> bool {
    let (mut differing, mut crossed, mut before) = (0, false, (0, 0));
    while a != b {
        let now = (a % 10, b % 10);
        if now.0 != now.1 {
            crossed = differing == 1 && before == (now.1, now.0);
            differing += 1;
        }
        before = now;
        (a, b) = (a / 10, b / 10);
    }
    differing == 1 || (differing == 2 && crossed)
}

fn address(index: &SearchIndex, ours: &[u32], theirs: &[u32], reasons: &mut Reasons) -> Bits {
    let (mut all, mut others, mut shared) = (0.0, 0.0, 0.0);
    for word in packed::address_words(ours) {
        let bits = frequency::address_bits(index, word);
        all += bits;
        if packed::address_words(theirs).any(|other| other == word) {
            shared += bits;
        }
    }
    for word in packed::address_words(theirs) {
        others += frequency::address_bits(index, word);
    }
    let least: f32 = f32::min(all, others);
    if least == 0.0 {
        return Bits::default();
    }
    match shared / least {
        0.7.. => {
            reasons.add(Reason::SameAddress);
            let bits = f32::min(0.5 * shared, ADDRESS_MOST);
            Bits::new(bits, bits + 0.3)
        }
        0.35.. => {
            let bits = f32::min(0.25 * shared, 3.0);
            Bits::new(bits, bits)
        }
        _ => Bits::new(-1.5, -2.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_are_near_by_one_digit_or_two_changed_over() {
        assert!(is_near_phone(912_345_678, 912_345_618));
        assert!(is_near_phone(912_345_678, 912_354_678));
        assert!(!is_near_phone(912_345_678, 912_345_678));
        assert!(!is_near_phone(912_345_678, 912_345_611));
        assert!(!is_near_phone(912_345_678, 913_345_668));
    }
}
