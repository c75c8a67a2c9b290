//! Built-in pictures of codes for whoever has no camera and no papers at hand: all of people and places that do not exist.

use axum::{
    Json,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use protocol::{pass::print_card, signature::SecretKey};
use serde_json::json;
use server::qr_picture;

use super::http::problem;

/// Name in the address, what it is, and its text.
const PICTURES: [(&str, &str, &str, &str); 4] = [
    (
        "identity",
        "Căn cước của bà Bảy",
        "Identity card of Mrs Bảy",
        "082161000777||Lê Thị Bảy|02091961|Nữ|Ấp Tân Phú, Châu Thành, Tiền Giang|01072021",
    ),
    (
        "insurance",
        "Thẻ bảo hiểm của anh Út",
        "Insurance card of Mr Út",
        // The name in hexadecimal UTF-8, as on the cards.
        "DN4828200000777|5472e1baa76e2056c4836e20c39a74|12/05/1988|1|8200|-|01/01/2021|-|01012021|-|-|4|01/01/2021|00000000-00|$",
    ),
    (
        "decision",
        "Mã QR quốc gia của chị Sáu",
        "National QR code of Ms Sáu",
        "082******777|NGUYỄN THỊ SÁU|1979-11-20|0|QID|Nguyễn Thị Sáu<0<20/11/1979<0920000777",
    ),
    // Drawn when it is asked for: a card that somebody else signed.
    ("forged", "Thẻ in giả", "A forged card", ""),
];

/// `GET /demo/v1/pictures`.
pub(super) async fn list() -> Response {
    let shown: Vec<_> = PICTURES
        .iter()
        .map(|(name, vi, en, _)| json!({"name": {"vi": vi, "en": en}, "src": format!("/demo/v1/pictures/{name}")}))
        .collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}

/// `GET /demo/v1/pictures/{name}`.
pub(super) async fn picture(Path(name): Path<String>) -> Response {
    match text_of(&name).and_then(|text| qr_picture(&text)) {
        Some(picture) => {
            let headers = [
                (header::CONTENT_TYPE, "image/svg+xml"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, picture).into_response()
        }
        None => problem(StatusCode::NOT_FOUND, "no such picture"),
    }
}

fn text_of(name: &str) -> Option<String> {
    let (_, _, _, text) = PICTURES.iter().find(|(known, ..)| *known == name)?;
    match name {
        "forged" => Some(print_card(&[7; 16], &SecretKey::from_bytes(&[7; 32]).ok()?)),
        _ => Some((*text).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use protocol::{document, pass::PersonalCode};

    use super::*;

    #[test]
    fn papers_are_such_as_a_gate_reads_and_the_forged_card_is_not_the_authoritys() {
        for name in ["identity", "insurance", "decision"] {
            let text = text_of(name).expect(name);
            assert!(document::read(&text).is_some(), "{name}");
        }
        let authority = SecretKey::from_bytes(&[9; 32]).expect("a key").public_key();
        assert!(PersonalCode::read(&text_of("forged").expect("a card"), &[authority]).is_err());
        assert_eq!(text_of("x"), None);
    }
}
