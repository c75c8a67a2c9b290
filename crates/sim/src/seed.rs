//! Random numbers as a tree: every person and purpose has its own, so that one draw more does not change the rest.

use protocol::signature::digest;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

/// A seed from which further seeds grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Returns the root of a run.
    pub fn root(number: u64) -> Self {
        Self(digest(&number.to_le_bytes()))
    }

    /// Returns the seed of a purpose.
    pub fn child(&self, purpose: &str) -> Self {
        let mut message = self.0.to_vec();
        message.extend(purpose.as_bytes());
        Self(digest(&message))
    }

    /// Returns the seed of one among many.
    pub fn nth(&self, number: usize) -> Self {
        self.child(&number.to_string())
    }

    /// Returns the bytes, for whoever keeps a generator of their own.
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// Returns the generator that starts here.
    pub fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.0)
    }
}

/// Returns a number from 0 up to, not including, 1.
pub fn unit(rng: &mut ChaCha20Rng) -> f64 {
    // 53 bits: every value is exact.
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// Returns a number from 0 up to, not including, `below`; 0 when `below` is 0.
pub fn below(rng: &mut ChaCha20Rng, below: u32) -> u32 {
    ((u64::from(rng.next_u32()) * u64::from(below)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_grows_the_same_tree_every_time() {
        let draw = |seed: Seed| unit(&mut seed.rng());
        let root = Seed::root(7);
        assert_eq!(
            draw(root.child("adoption").nth(3)),
            draw(Seed::root(7).child("adoption").nth(3))
        );
        assert_ne!(draw(root.nth(3)), draw(root.nth(4)));
        assert_ne!(draw(root.nth(3)), draw(Seed::root(8).nth(3)));
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut rng = Seed::root(1).rng();
        let draws: Vec<u32> = (0..1000).map(|_| below(&mut rng, 3)).collect();
        assert!((0..3).all(|n| draws.contains(&n)) && draws.iter().all(|&n| n < 3));
        assert_eq!(below(&mut rng, 0), 0);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&unit(&mut rng))));
    }
}
