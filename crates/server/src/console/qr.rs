//! QR codes as SVG, one path, black on white with a quiet zone.

use std::fmt::Write;

use super::html::Html;
use qrcodegen::{QrCode, QrCodeEcc};

/// Width of the quiet zone, in modules (ISO 18004).
const QUIET: i32 = 4;

/// Returns a QR code of `text`; nothing when the text is too long for one.
pub(crate) fn qr_svg(text: &str) -> Html {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return Html::trusted(String::new());
    };
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
    Html::trusted(format!(
        "<svg viewBox=\"0 0 {side} {side}\" width=\"200\" height=\"200\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}
