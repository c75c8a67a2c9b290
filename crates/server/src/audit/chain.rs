//! How lines hang together: hashes, heads, roots and statements of erasure (docs/spec/audit.md A9–A16). Pure.

use protocol::signature::{PublicKey, SecretKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Random id of a writing process.
pub(super) type WriterId = [u8; 16];
/// SHA-256.
pub(super) type Hash = [u8; 32];
/// ES256 in its 64-byte form.
pub(super) type Signature = [u8; 64];

/// A chain's length and the hash of its last line, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// Which process wrote it.
    pub(super) writer: WriterId,
    /// How many lines it has, erased ones included.
    pub(super) length: i64,
    /// Hash of its last line.
    pub(super) head: Hash,
    /// Signature of the three.
    pub(super) signature: Signature,
}

/// A line with its place and the columns by which it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredEntry {
    /// Whose chain.
    pub(super) writer: WriterId,
    /// Number in the chain, from 1.
    pub(super) seq: i64,
    /// Copy of the line's `at`.
    pub(super) at_s: i64,
    /// Copy of the line's `actor`.
    pub(super) actor: String,
    /// Copy of the line's `action`.
    pub(super) action: String,
    /// Copy of the line's `outcome`.
    pub(super) outcome: String,
    /// The line.
    pub(super) line: String,
    /// Hash of the previous hash and the line.
    pub(super) hash: Hash,
}

/// That an entry is about a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StoredObject {
    /// Whose chain.
    pub(super) writer: WriterId,
    /// Which line.
    pub(super) seq: i64,
    /// Keyed hash of the person.
    pub(super) object_hmac: [u8; 16],
    /// Copy of the line's `at`.
    pub(super) at_s: i64,
}

/// That the first lines of a chain were erased for age, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pruned {
    /// Whose chain.
    pub(super) writer: WriterId,
    /// Number of the last erased line.
    pub(super) seq: i64,
    /// Its hash, with which the rest goes on.
    pub(super) hash: Hash,
    /// Signature of the three.
    pub(super) signature: Signature,
}

/// A root as it is stored and copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRoot {
    /// Number from 1, without gaps.
    pub number: i64,
    /// [`Root`] as canonical JSON.
    pub line: String,
    /// [`root_hash`] of the line.
    pub hash: Hash,
    /// Signature of the hash.
    pub signature: Signature,
}

/// What a root says (A14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Root {
    /// Chains that have grown since the root before, sorted by writer.
    pub(super) heads: Vec<RootHead>,
    /// The hour it was made in, as Unix seconds.
    pub(super) hour: i64,
    /// Number from 1.
    pub(super) number: i64,
    /// Hash of the root before, in hexadecimal.
    pub(super) prev: String,
    /// Version of this form.
    pub(super) v: u32,
}

/// Where a chain stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RootHead {
    /// Hash of its last line, in hexadecimal.
    pub(super) head: String,
    /// Its length.
    pub(super) length: i64,
    /// Its writer, in hexadecimal.
    pub(super) writer: String,
}

impl Root {
    /// Writes the line.
    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).expect("strings and integers always serialise")
    }

    /// Reads a line; `None` unless it is exactly what [`Root::write`] gives.
    pub(super) fn read(text: &str) -> Option<Self> {
        let root: Self = serde_json::from_str(text).ok()?;
        (root.v == 1 && root.write() == text).then_some(root)
    }
}

/// Returns what stands before the first line of a writer's chain (A9).
pub(super) fn genesis(writer: &WriterId) -> Hash {
    joined(b"vunglam audit chain", &[writer])
}

/// Returns the hash of a line after the one with `prev` (A9).
pub(super) fn link(prev: &Hash, line: &str) -> Hash {
    joined(prev, &[line.as_bytes()])
}

/// Returns what stands before the first root (A14).
pub(super) fn root_genesis() -> Hash {
    joined(b"vunglam audit roots", &[])
}

/// Returns the hash of a root, which is also what its signature signs (A14).
pub(super) fn root_hash(line: &str) -> Hash {
    joined(b"vunglam audit root", &[line.as_bytes()])
}

fn head_digest(writer: &WriterId, length: i64, head: &Hash) -> Hash {
    joined(b"vunglam audit head", &[writer, &length.to_be_bytes(), head])
}

fn pruned_digest(writer: &WriterId, seq: i64, hash: &Hash) -> Hash {
    joined(b"vunglam audit pruned", &[writer, &seq.to_be_bytes(), hash])
}

fn range_digest(range: &Range) -> Hash {
    let (from, to) = (range.from_seq.to_be_bytes(), range.to_seq.to_be_bytes());
    joined(
        b"vunglam audit range",
        &[&range.writer, &from, &to, &range.before, &range.after],
    )
}

impl Chain {
    /// Signs a head (A11).
    pub(super) fn sign(key: &SecretKey, writer: WriterId, length: i64, head: Hash) -> Self {
        let signature = key.sign_digest(&head_digest(&writer, length, &head));
        Self {
            writer,
            length,
            head,
            signature,
        }
    }

    /// Tells whether the signature is `key`'s.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        let digest = head_digest(&self.writer, self.length, &self.head);
        key.verify_digest(&digest, &self.signature).is_ok()
    }
}

impl Pruned {
    /// Signs that lines up to `seq` were erased (A18).
    pub(super) fn sign(key: &SecretKey, writer: WriterId, seq: i64, hash: Hash) -> Self {
        let signature = key.sign_digest(&pruned_digest(&writer, seq, &hash));
        Self {
            writer,
            seq,
            hash,
            signature,
        }
    }

    /// Tells whether the signature is `key`'s.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        let digest = pruned_digest(&self.writer, self.seq, &self.hash);
        key.verify_digest(&digest, &self.signature).is_ok()
    }
}

impl StoredRoot {
    /// Signs a root (A14).
    pub(super) fn sign(key: &SecretKey, root: &Root) -> Self {
        let line = root.write();
        let hash = root_hash(&line);
        Self {
            number: root.number,
            signature: key.sign_digest(&hash),
            line,
            hash,
        }
    }

    /// Tells whether the signature is `key`'s, for this line.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        root_hash(&self.line) == self.hash && key.verify_digest(&self.hash, &self.signature).is_ok()
    }
}

/// A run of lines taken out of a chain whose other lines were left behind (A20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// Whose chain.
    pub(super) writer: WriterId,
    /// Number of the first line taken.
    pub(super) from_seq: i64,
    /// Number of the last line taken.
    pub(super) to_seq: i64,
    /// Hash of the line before the first.
    pub(super) before: Hash,
    /// Hash of the last line.
    pub(super) after: Hash,
}

impl Range {
    /// Signs the range.
    pub(super) fn sign(&self, key: &SecretKey) -> Signature {
        key.sign_digest(&range_digest(self))
    }
}

fn joined(first: &[u8], rest: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(first);
    for part in rest {
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Truth: Python, hashlib.sha256(...).hexdigest().
    #[test]
    fn hashes_are_those_an_independent_program_gives() {
        let writer = [7; 16];
        let first = genesis(&writer);
        assert_eq!(hex::encode(first), GENESIS);
        assert_eq!(hex::encode(link(&first, "{\"a\":1}")), LINKED);
        assert_eq!(hex::encode(root_hash("{}")), ROOT);
        assert_eq!(hex::encode(head_digest(&writer, 3, &first)), HEAD);
        assert_eq!(hex::encode(pruned_digest(&writer, 3, &first)), PRUNED);
    }

    const GENESIS: &str = "17612b36c7c923eb49bff7ab3112dfd068b598ddfef83e6b74ad689e052720f4";
    const LINKED: &str = "f41f04a2c38b13f0e66b2006581e1504aebca6942f485a47dc49bcb67c0f9be6";
    const ROOT: &str = "b0dc72bbebf2f128c8cfa030ea4639c61b5015490537afa388354e54d32b8feb";
    const HEAD: &str = "5d7b9da6e88e9113820105bf8048a4921149a2bed1478a5dec880151eb4e3257";
    const PRUNED: &str = "33a3470b85c8d77a58fee80b3e38cc0295fbc942a1fba69bc2e50fb9d6f15a18";

    #[test]
    fn a_signature_holds_for_its_head_only() {
        let key = SecretKey::from_bytes(&[5; 32]).unwrap();
        let chain = Chain::sign(&key, [1; 16], 4, [2; 32]);
        assert!(chain.is_signed_by(&key.public_key()));
        for changed in [
            Chain {
                length: 3,
                ..chain.clone()
            },
            Chain {
                head: [3; 32],
                ..chain.clone()
            },
            Chain {
                writer: [2; 16],
                ..chain.clone()
            },
        ] {
            assert!(!changed.is_signed_by(&key.public_key()));
        }
        let pruned = Pruned {
            signature: chain.signature,
            ..Pruned::sign(&key, [1; 16], 4, [2; 32])
        };
        assert!(
            !pruned.is_signed_by(&key.public_key()),
            "a head is no statement of erasure"
        );
    }
}
