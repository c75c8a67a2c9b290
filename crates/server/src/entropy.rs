//! Randomness as a port: the operating system's in production, a seeded stream in tests and the simulator.

use std::fmt;
use std::sync::{Arc, Mutex};

use protocol::signature::SecretKey;
use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};

/// Where random bytes come from.
#[derive(Clone, Debug)]
pub enum Entropy {
    /// The operating system's generator.
    System,
    /// A stream that a seed determines; never for production.
    Seeded(SeededStream),
}

/// SHA-256 in counter mode over a seed; clones share the position.
#[derive(Clone)]
pub struct SeededStream {
    seed: [u8; 32],
    position: Arc<Mutex<u64>>,
}

impl fmt::Debug for SeededStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededStream(…)")
    }
}

impl Entropy {
    /// Makes a stream from a seed.
    pub fn seeded(seed: u64) -> Self {
        let seed = Sha256::digest(seed.to_be_bytes()).into();
        Self::Seeded(SeededStream {
            seed,
            position: Arc::default(),
        })
    }

    /// Fills `out` with random bytes.
    pub fn fill(&self, out: &mut [u8]) {
        match self {
            Self::System => getrandom::fill(out).expect("the operating system provides randomness"),
            Self::Seeded(stream) => stream.fill(out),
        }
    }

    /// Returns `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// Returns a number in `0..bound`; `bound` is small, so the bias of the remainder does not matter.
    pub fn below(&self, bound: u32) -> u32 {
        u32::from_be_bytes(self.bytes()) % bound.max(1)
    }

    /// Returns 32 lower-case hexadecimal digits.
    pub fn hex_id(&self) -> String {
        hex::encode(self.bytes::<16>())
    }

    /// Returns as many ids of 32 lower-case hexadecimal digits as one asks for, of things made together: the second, 64 random
    /// bits, a count. They lie side by side in every index, so that many cost a database little more than one. No secrets:
    /// whoever knows one can guess its neighbours.
    pub fn ids_together(&self, now: UnixSeconds) -> impl Iterator<Item = String> + use<> {
        let start = format!("{:08x}{}", now.0 & 0xffff_ffff, hex::encode(self.bytes::<8>()));
        (0..=u32::MAX).map(move |at| format!("{start}{at:08x}"))
    }

    /// Returns a fresh signing key.
    pub fn secret_key(&self) -> SecretKey {
        loop {
            if let Ok(key) = SecretKey::from_bytes(&self.bytes()) {
                return key;
            }
        }
    }
}

impl SeededStream {
    fn fill(&self, out: &mut [u8]) {
        let mut position = self.position.lock().expect("no holder of this lock can panic");
        for chunk in out.chunks_mut(32) {
            let block = Sha256::new()
                .chain_update(self.seed)
                .chain_update(position.to_be_bytes())
                .finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
            *position += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_another_seed_another() {
        let (one, again, other) = (Entropy::seeded(1), Entropy::seeded(1), Entropy::seeded(2));
        let first: [u8; 40] = one.bytes();
        assert_eq!(first, again.bytes::<40>());
        assert_ne!(first, other.bytes::<40>());
        assert_ne!(first, one.bytes::<40>());
    }

    #[test]
    fn ids_made_together_lie_together() {
        let entropy = Entropy::seeded(1);
        let make = |seconds| entropy.ids_together(UnixSeconds(seconds)).take(300).collect::<Vec<_>>();
        let (first, second, later) = (make(7), make(7), make(8));
        assert!(first.is_sorted() && first.iter().all(|id| id.len() == 32));
        assert!(first.iter().all(|id| !second.contains(id)) && first.iter().all(|id| *id < later[0]));
        assert!(first[0] > second[299] || first[299] < second[0]);
    }
}
