//! Paper: pages of a PDF with our fonts embedded, text that wraps and centres, QR codes as vectors. Lengths are millimetres
//! from the upper left corner. The platform's; what stands on a page is the features' matter.

use std::sync::LazyLock;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use krilla::{Data, Document};
use qrcodegen::{QrCode, QrCodeEcc};
use unicode_normalization::UnicodeNormalization;

use crate::error::ServiceError;

/// Points of a millimetre.
const POINTS: f32 = 72.0 / 25.4;
/// Width of a QR code's quiet zone, in modules (ISO 18004).
const QUIET: i32 = 4;

const REGULAR: &[u8] = include_bytes!("../assets/fonts/public-sans-regular.ttf");
const BOLD: &[u8] = include_bytes!("../assets/fonts/public-sans-bold.ttf");

/// A colour of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Colour {
    /// For text.
    pub(crate) const INK: Self = Self(0x0f, 0x25, 0x30);
    /// For text that matters less.
    pub(crate) const QUIET: Self = Self(0x52, 0x69, 0x74);
    /// The dark of the name.
    pub(crate) const LAM: Self = Self(0x0b, 0x25, 0x36);
    /// The accent.
    pub(crate) const NGHE: Self = Self(0xeb, 0xa5, 0x2a);
    /// Paper.
    pub(crate) const WHITE: Self = Self(0xff, 0xff, 0xff);
    /// What scanners see best.
    pub(crate) const BLACK: Self = Self(0, 0, 0);
}

/// Weight of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// 400.
    Regular,
    /// 700.
    Bold,
}

struct Face {
    drawn: Font,
    measured: rustybuzz::Face<'static>,
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        Some(Self {
            drawn: Font::new(Data::from(bytes), 0)?,
            measured: rustybuzz::Face::from_slice(bytes, 0)?,
        })
    }
}

static FACES: LazyLock<Option<(Face, Face)>> = LazyLock::new(|| Some((Face::read(REGULAR)?, Face::read(BOLD)?)));

fn face(weight: Weight) -> Option<&'static Face> {
    let (regular, bold) = FACES.as_ref()?;
    Some(match weight {
        Weight::Regular => regular,
        Weight::Bold => bold,
    })
}

/// How a line of text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Weight.
    pub(crate) weight: Weight,
    /// Height of the type, in millimetres.
    pub(crate) size: f32,
    /// Colour.
    pub(crate) colour: Colour,
}

impl Style {
    /// Returns the width of a line, in millimetres.
    pub(crate) fn width(&self, text: &str) -> f32 {
        let Some(face) = face(self.weight) else {
            return 0.0;
        };
        let mut buffer = rustybuzz::UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(&face.measured, &[], buffer);
        let units: i32 = shaped.glyph_positions().iter().map(|glyph| glyph.x_advance).sum();
        units as f32 * self.size / face.measured.units_per_em() as f32
    }

    /// Breaks a text into at most `most` lines of at most `width`; what is left over ends with an ellipsis.
    pub(crate) fn lines(&self, text: &str, width: f32, most: usize) -> Vec<String> {
        let text: String = text.nfc().collect();
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            match longer {
                Some(longer) if self.width(&longer) <= width => *lines.last_mut().expect("there is one") = longer,
                _ => lines.push(word.to_owned()),
            }
        }
        let is_cut = lines.len() > most;
        lines.truncate(most);
        let last = lines.len().saturating_sub(1);
        for (at, line) in lines.iter_mut().enumerate() {
            self.fit(line, width, is_cut && at == last);
        }
        lines
    }

    /// Shortens a line that is too wide, a single long word perhaps, or that does not say all.
    fn fit(&self, line: &mut String, width: f32, is_cut: bool) {
        if !is_cut && self.width(line) <= width {
            return;
        }
        while !line.is_empty() && self.width(&format!("{line}…")) > width {
            line.pop();
        }
        line.push('…');
    }
}

/// A document that grows page by page.
pub(crate) struct Paper(Document);

impl Paper {
    /// Begins a document.
    pub(crate) fn new(title: &str, language: &str) -> Self {
        let mut document = Document::new();
        let metadata = Metadata::new().title(title.to_owned()).language(language.to_owned());
        document.set_metadata(metadata);
        Self(document)
    }

    /// Adds a page of so many millimetres and draws on it.
    pub(crate) fn page(
        &mut self,
        width: f32,
        height: f32,
        draw: impl FnOnce(&mut Sheet<'_>),
    ) -> Result<(), ServiceError> {
        let size = PageSettings::from_wh(width * POINTS, height * POINTS);
        let mut page = self
            .0
            .start_page_with(size.ok_or(ServiceError::Internal("a page has a size"))?);
        draw(&mut Sheet(page.surface()));
        page.finish();
        Ok(())
    }

    /// Returns the document's bytes.
    pub(crate) fn finish(self) -> Result<Vec<u8>, ServiceError> {
        self.0
            .finish()
            .map_err(|_| ServiceError::Internal("a document cannot be written"))
    }
}

/// A page that is drawn on.
pub(crate) struct Sheet<'a>(Surface<'a>);

impl Sheet<'_> {
    fn ink(&mut self, colour: Colour) {
        self.0.set_fill(Some(Fill {
            paint: rgb::Color::new(colour.0, colour.1, colour.2).into(),
            rule: FillRule::NonZero,
            ..Fill::default()
        }));
    }

    /// Fills a rectangle.
    pub(crate) fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        let rect = Rect::from_xywh(x * POINTS, y * POINTS, width * POINTS, height * POINTS);
        let mut path = PathBuilder::new();
        if let Some(rect) = rect {
            path.push_rect(rect);
        }
        if let Some(path) = path.finish() {
            self.ink(colour);
            self.0.draw_path(&path);
        }
    }

    /// Writes a line whose letters stand on `y`.
    pub(crate) fn text(&mut self, x: f32, y: f32, style: Style, text: &str) {
        if let Some(face) = face(style.weight) {
            self.ink(style.colour);
            let at = Point::from_xy(x * POINTS, y * POINTS);
            let size = style.size * POINTS;
            self.0
                .draw_text(at, face.drawn.clone(), size, text, false, TextDirection::LeftToRight);
        }
    }

    /// Writes a line around `x`.
    pub(crate) fn centred(&mut self, x: f32, y: f32, style: Style, text: &str) {
        self.text(x - style.width(text) / 2.0, y, style, text);
    }

    /// Draws a QR code with its quiet zone into a square of `side`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Internal`] when the text is too long for one.
    pub(crate) fn qr(&mut self, x: f32, y: f32, side: f32, text: &str) -> Result<(), ServiceError> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium);
        let code = code.map_err(|_| ServiceError::Internal("a text is too long for a QR code"))?;
        self.fill(x, y, side, side, Colour::WHITE);
        let module = side / (code.size() + 2 * QUIET) as f32;
        let mut path = PathBuilder::new();
        for row in 0..code.size() {
            let mut column = 0;
            while column < code.size() {
                let start = column;
                while column < code.size() && code.get_module(column, row) {
                    column += 1;
                }
                if column > start {
                    let left = (x + (start + QUIET) as f32 * module) * POINTS;
                    let top = (y + (row + QUIET) as f32 * module) * POINTS;
                    let width = (column - start) as f32 * module * POINTS;
                    if let Some(rect) = Rect::from_xywh(left, top, width, module * POINTS) {
                        path.push_rect(rect);
                    }
                }
                column += 1;
            }
        }
        if let Some(path) = path.finish() {
            self.ink(Colour::BLACK);
            self.0.draw_path(&path);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        weight: Weight::Bold,
        size: 10.0,
        colour: Colour::INK,
    };

    #[test]
    fn text_is_measured_and_breaks_between_words() {
        assert!(STYLE.width("MMMM") > 2.0 * STYLE.width("iiii"));
        let both = STYLE.width("Bến xe Tiền Giang");
        assert_eq!(STYLE.lines("Bến xe Tiền  Giang", both + 0.1, 2), ["Bến xe Tiền Giang"]);
        assert_eq!(
            STYLE.lines("Bến xe Tiền Giang", both - 0.1, 2),
            ["Bến xe Tiền", "Giang"]
        );
        // Composed and decomposed letters are the same letters.
        let apart: String = "Bến".nfd().collect();
        assert_eq!(STYLE.lines(&apart, 100.0, 1), ["Bến"]);
    }

    #[test]
    fn what_does_not_fit_ends_with_an_ellipsis() {
        let lines = STYLE.lines("một hai ba bốn năm sáu bảy tám", 40.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && lines.iter().all(|line| STYLE.width(line) <= 40.0));
        let word = STYLE.lines(&"W".repeat(200), 40.0, 2);
        assert!(word.len() == 1 && word[0].ends_with('…') && STYLE.width(&word[0]) <= 40.0);
        assert!(STYLE.lines("  ", 40.0, 2).is_empty());
    }

    #[test]
    fn every_letter_of_the_language_is_in_the_fonts() {
        let letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ…·–“”";
        let both = letters
            .chars()
            .chain(letters.to_uppercase().chars().collect::<Vec<_>>());
        for letter in both {
            for weight in [Weight::Regular, Weight::Bold] {
                let face = &face(weight).expect("fonts are there").measured;
                assert!(face.glyph_index(letter).is_some(), "{letter} {weight:?}");
            }
        }
    }
}
