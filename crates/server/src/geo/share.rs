//! Exact shares, and figures divided by them without losing any.

use std::fmt;

/// A part of a unit, from 0 to 1, exact.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Share {
    numerator: u64,
    denominator: u64,
}

impl Share {
    /// Everything.
    pub const WHOLE: Self = Self {
        numerator: 1,
        denominator: 1,
    };
    /// Nothing.
    pub const NONE: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// Returns `numerator / denominator`; `None` when that is no share.
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        (denominator > 0 && numerator <= denominator).then(|| Self::reduced(numerator.into(), denominator.into()))
    }

    /// Returns the numerator in lowest terms.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// Returns the denominator in lowest terms.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// Returns a share of this share.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self::reduced(
            u128::from(self.numerator) * u128::from(other.numerator),
            u128::from(self.denominator) * u128::from(other.denominator),
        )
    }

    /// Returns both shares together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (a, b) = (u128::from(self.denominator), u128::from(other.denominator));
        Self::reduced(u128::from(self.numerator) * b + u128::from(other.numerator) * a, a * b)
    }

    /// Returns the nearest number.
    #[allow(clippy::cast_precision_loss, reason = "denominators are small")]
    pub fn value(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    fn reduced(numerator: u128, denominator: u128) -> Self {
        let divisor = gcd(numerator, denominator);
        let small = |n: u128| u64::try_from(n / divisor).expect("denominators are products of a few small numbers");
        Self {
            numerator: small(numerator),
            denominator: small(denominator),
        }
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Divides a figure by shares that sum to 1: whole numbers that sum to the figure exactly.
///
/// Largest remainders are rounded up; equal ones in the order given, so the first of two halves gets the odd one.
pub fn apportion(figure: u64, shares: &[Share]) -> Vec<u64> {
    let mut parts = Vec::with_capacity(shares.len());
    let mut remainders = Vec::with_capacity(shares.len());
    for (at, share) in shares.iter().enumerate() {
        let product = u128::from(figure) * u128::from(share.numerator);
        let whole = product / u128::from(share.denominator);
        parts.push(u64::try_from(whole).expect("a part is not larger than the whole"));
        remainders.push((
            Share::reduced(product % u128::from(share.denominator), share.denominator.into()),
            at,
        ));
    }
    let larger = |a: &Share, b: &Share| {
        (u128::from(b.numerator) * u128::from(a.denominator))
            .cmp(&(u128::from(a.numerator) * u128::from(b.denominator)))
    };
    remainders.sort_by(|(a, at), (b, bt)| larger(a, b).then(at.cmp(bt)));
    let missing = figure.saturating_sub(parts.iter().sum());
    for (_, at) in remainders.iter().take(usize::try_from(missing).unwrap_or(usize::MAX)) {
        parts[*at] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(numerator: u64, denominator: u64) -> Share {
        Share::new(numerator, denominator).expect("a share")
    }

    #[test]
    fn shares_are_exact() {
        assert_eq!(share(1, 3).plus(share(1, 6)), share(1, 2));
        assert_eq!(share(2, 3).times(share(3, 4)), share(1, 2));
        assert_eq!(Share::new(3, 2), None);
        assert_eq!(Share::new(0, 0), None);
    }

    #[test]
    fn nothing_is_lost_when_a_figure_is_divided() {
        let thirds = [share(1, 3); 3];
        for figure in 0..50 {
            assert_eq!(apportion(figure, &thirds).iter().sum::<u64>(), figure);
        }
        assert_eq!(apportion(1, &[share(1, 2); 2]), [1, 0]);
        assert_eq!(apportion(7, &[share(1, 2), Share::NONE, share(1, 2)]), [4, 0, 3]);
        assert_eq!(apportion(5, &[share(1, 5), share(4, 5)]), [1, 4]);
        assert_eq!(apportion(u64::MAX, &thirds).iter().sum::<u64>(), u64::MAX);
    }
}
