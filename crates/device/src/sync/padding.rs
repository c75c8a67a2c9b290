//! Bodies of one size: what is sent says nothing of what is inside, nor whether it is cover traffic.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::Serialize;

/// Size of every verification request, in bytes.
pub(super) const VERIFY_BYTES: usize = 1024;
/// Size of every certificate request, in bytes.
pub(super) const CERTIFICATE_BYTES: usize = 2048;
/// Size of every upload, in bytes: 30 keys and a certificate fit.
pub(super) const PUBLISH_BYTES: usize = 8192;

/// Serialises a message whose `padding` is set so that the body has exactly `size` bytes (more when it does not fit).
pub(super) fn padded<T: Serialize>(
    message: &mut T,
    padding: impl Fn(&mut T) -> &mut String,
    size: usize,
    random: &mut dyn FnMut(&mut [u8]),
) -> Vec<u8> {
    padding(message).clear();
    let bare = body(message).len();
    let mut bytes = vec![0; size.saturating_sub(bare)];
    random(&mut bytes);
    let mut text = STANDARD_NO_PAD.encode(&bytes);
    text.truncate(size.saturating_sub(bare));
    *padding(message) = text;
    body(message)
}

fn body<T: Serialize>(message: &T) -> Vec<u8> {
    serde_json::to_vec(message).expect("messages have string keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::message::VerifyRequest;

    #[test]
    fn bodies_of_different_content_have_one_size() {
        for code in ["", "7K2M4PQX", "7K2M4PQX7K2M4PQX"] {
            let mut request = VerifyRequest {
                code: code.into(),
                accept: vec!["confirmed".into()],
                padding: "x".into(),
            };
            let body = padded(&mut request, |r| &mut r.padding, VERIFY_BYTES, &mut |bytes| {
                bytes.fill(0xff)
            });
            assert_eq!(body.len(), VERIFY_BYTES);
        }
    }
}
