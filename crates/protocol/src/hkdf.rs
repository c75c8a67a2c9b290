//! HKDF-SHA256 with an empty salt and a 16-byte result, written on the compression function.
//!
//! The generic construction hashes two constant pads for every key. They are constants here, which leaves six
//! compressions a key: matching derives hundreds of thousands (docs/adr/0004-cryptography.md). This is the only module
//! that names the low-level face of `sha2`.

use sha2::block_api::compress256;

const IV: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
/// State after the inner pad of an all-zero HMAC key.
const ZERO_INNER: [u32; 8] = [
    0xf454_dead,
    0x9725_214f,
    0x90da_f2a0,
    0xdf12_28ea,
    0x64e5_750f,
    0xa392_4181,
    0x824a_932b,
    0xf8e0_4e32,
];
/// State after the outer pad of an all-zero HMAC key.
const ZERO_OUTER: [u32; 8] = [
    0xd385_480f,
    0x7abb_6477,
    0x37c9_c538,
    0x5dd8_2467,
    0x8e04_3a72,
    0x7534_34b0,
    0xdeb8_2818,
    0x361d_45a6,
];
const BLOCK: usize = 64;

/// Returns the first 16 bytes of HKDF-SHA256(`ikm`, no salt, `info`).
///
/// `info` must be at most 54 bytes; ours are 7 to 9.
pub(crate) fn derive16(ikm: &[u8; 16], info: &[u8]) -> [u8; 16] {
    let prk = extract(ikm);
    expand16(&prk, info)
}

/// Returns the pseudo-random key of HKDF-Extract with an all-zero salt, as a SHA-256 state.
fn extract(ikm: &[u8; 16]) -> [u32; 8] {
    let mut state = ZERO_INNER;
    compress256(&mut state, &[last_block(ikm, BLOCK + ikm.len())]);
    outer(ZERO_OUTER, &state)
}

fn expand16(prk: &[u32; 8], info: &[u8]) -> [u8; 16] {
    let key = bytes(prk);
    let mut message = [0u8; 55];
    message[..info.len()].copy_from_slice(info);
    message[info.len()] = 1;
    let mut inner = padded(&key, 0x36);
    compress256(
        &mut inner,
        &[last_block(&message[..=info.len()], BLOCK + info.len() + 1)],
    );
    let okm = bytes(&outer(padded(&key, 0x5c), &inner));
    let mut out = [0u8; 16];
    out.copy_from_slice(&okm[..16]);
    out
}

/// Finishes an HMAC: hashes the inner digest after the outer pad `state`.
fn outer(mut state: [u32; 8], inner: &[u32; 8]) -> [u32; 8] {
    compress256(&mut state, &[last_block(&bytes(inner), BLOCK + 32)]);
    state
}

fn padded(key: &[u8; 32], pad: u8) -> [u32; 8] {
    let mut block = [pad; BLOCK];
    for (b, k) in block.iter_mut().zip(key) {
        *b ^= k;
    }
    let mut state = IV;
    compress256(&mut state, &[block]);
    state
}

/// Returns SHA-256's final block for a message of `total` bytes whose last part is `tail`.
fn last_block(tail: &[u8], total: usize) -> [u8; BLOCK] {
    let mut block = [0u8; BLOCK];
    block[..tail.len()].copy_from_slice(tail);
    block[tail.len()] = 0x80;
    block[56..].copy_from_slice(&(total as u64 * 8).to_be_bytes());
    block
}

fn bytes(state: &[u32; 8]) -> [u8; 32] {
    let mut out = [0u8; 32];
    for (chunk, word) in out.chunks_exact_mut(4).zip(state) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_pads_are_the_compressed_pads_of_a_zero_key() {
        assert_eq!(padded(&[0; 32], 0x36), ZERO_INNER);
        assert_eq!(padded(&[0; 32], 0x5c), ZERO_OUTER);
    }

    #[test]
    fn it_agrees_with_a_generic_hkdf() {
        use hmac::{Hmac, KeyInit, Mac};
        type HmacSha256 = Hmac<sha2::Sha256>;
        for seed in 0u8..32 {
            let ikm = [seed; 16];
            let prk = HmacSha256::new_from_slice(&[0; 32])
                .expect("any length")
                .chain_update(ikm)
                .finalize()
                .into_bytes();
            let okm = HmacSha256::new_from_slice(&prk)
                .expect("any length")
                .chain_update(b"EN-RPIK\x01")
                .finalize();
            assert_eq!(derive16(&ikm, b"EN-RPIK"), okm.into_bytes()[..16]);
        }
    }
}
