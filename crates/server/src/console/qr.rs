//! QR codes as SVG, one path, black on white with a quiet zone.

use std::fmt::Write;

use super::html::Html;
use qrcodegen::{QrCode, QrCodeEcc};

/// Width of the quiet zone, in modules (ISO 18004).
const QUIET: i32 = 4;

/// Returns a QR code of `text` for a page; nothing when the text is too long for one.
pub(crate) fn qr_svg(text: &str) -> Html {
    Html::trusted(qr_picture(text).unwrap_or_default())
}

/// Returns a QR code of `text` as an SVG document; `None` when the text is too long for one.
pub fn qr_picture(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", start + QUIET, y + QUIET, x - start, x - start);
            }
            x += 1;
        }
    }
    let side = code.size() + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"200\" height=\"200\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}
