//! Posters: the code of a venue on paper, in both languages, from a wall poster to a sticker (docs/spec/venues.md V7).

use protocol::time::UnixSeconds;

use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::console::{Language, Texts};
use crate::error::ServiceError;
use crate::geo::UnitId;
use crate::paper::{Colour, Paper, Sheet, Style, Weight};

use super::model::Venue;

/// Sizes in which a poster is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 297 × 420 mm, for gates.
    A3,
    /// 210 × 297 mm.
    A4,
    /// 148 × 210 mm, for tables and vehicles.
    A5,
    /// 150 × 150 mm.
    Square,
    /// 50 × 50 mm, for doors and cards.
    Sticker,
}

impl Size {
    /// Every size.
    pub const ALL: [Self; 5] = [Self::A4, Self::A3, Self::A5, Self::Square, Self::Sticker];

    /// Returns the word in addresses and file names.
    pub fn word(self) -> &'static str {
        match self {
            Self::A3 => "a3",
            Self::A4 => "a4",
            Self::A5 => "a5",
            Self::Square => "15cm",
            Self::Sticker => "5cm",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.word() == word)
    }

    /// Returns width and height in millimetres.
    pub fn millimetres(self) -> (f32, f32) {
        match self {
            Self::A3 => (297.0, 420.0),
            Self::A4 => (210.0, 297.0),
            Self::A5 => (148.0, 210.0),
            Self::Square => (150.0, 150.0),
            Self::Sticker => (50.0, 50.0),
        }
    }
}

/// What stands on a poster.
pub(crate) struct Poster {
    address: String,
    name: String,
    place: String,
    short: String,
    hotline: String,
    issued: String,
    version: String,
    begins: String,
}

const VI: Texts = Texts(Language::Vietnamese);
const EN: Texts = Texts(Language::English);

impl Poster {
    /// Gathers what stands on the poster of a venue.
    pub(crate) fn of(app: &AuthorityApp, venue: &Venue) -> Self {
        let address = super::poster_address(app, venue);
        let commune = venue.place.commune.and_then(UnitId::from_number);
        let names = commune.map(|unit| {
            let mut names = vec![app.geo.unit(unit).map(|unit| unit.full_name()).unwrap_or_default()];
            names.extend(app.geo.ancestors(unit).iter().map(|unit| unit.full_name()));
            names
        });
        let street = Some(venue.address.clone()).filter(|street| !street.is_empty());
        let parts: Vec<String> = street.into_iter().chain(names.unwrap_or_default()).collect();
        Self {
            begins: format!("{}…", app.config.venue_url.to_ascii_uppercase()),
            address,
            name: venue.name.clone(),
            place: parts.join(", "),
            short: venue.poster.short.grouped(),
            hotline: spaced(&app.config.hotline),
            issued: local(venue.poster.made_at),
            version: venue.poster.version.to_string(),
        }
    }
}

fn local(at: UnixSeconds) -> String {
    CivilDate::today(at).local()
}

/// Writes a telephone number in groups, of four where there are eight digits, else the last ones of three.
fn spaced(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(|c| !c.is_whitespace()).collect();
    let group = if digits.len() == 8 { 4 } else { 3 };
    let mut out = String::new();
    for (at, digit) in digits.iter().enumerate() {
        let left = digits.len() - at;
        if at > 0 && left.is_multiple_of(group) && left <= 6 {
            out.push(' ');
        }
        out.push(*digit);
    }
    out
}

/// Returns posters as one PDF, a page each.
///
/// # Errors
///
/// [`ServiceError::Internal`] when the address is too long for a code.
pub(crate) fn pdf(posters: &[Poster], size: Size) -> Result<Vec<u8>, ServiceError> {
    let title = posters.first().map_or_else(String::new, |poster| poster.name.clone());
    let mut paper = Paper::new(&title, "vi");
    let (width, height) = size.millimetres();
    for poster in posters {
        let mut drawn = Ok(());
        paper.page(width, height, |sheet| {
            drawn = match size {
                Size::A3 | Size::A4 | Size::A5 => tall(sheet, poster, width, height),
                Size::Square => square(sheet, poster, width),
                Size::Sticker => sticker(sheet, poster, width),
            };
        })?;
        drawn?;
    }
    paper.finish()
}

fn style(weight: Weight, size: f32, colour: Colour) -> Style {
    Style { weight, size, colour }
}

/// A poster of the A series; `u` is a millimetre of A4.
fn tall(sheet: &mut Sheet<'_>, poster: &Poster, width: f32, height: f32) -> Result<(), ServiceError> {
    let u = width / 210.0;
    let middle = width / 2.0;
    sheet.fill(0.0, 0.0, width, 52.0 * u, Colour::LAM);
    sheet.fill(0.0, 52.0 * u, width, 1.6 * u, Colour::NGHE);
    let white = |size: f32, weight| style(weight, size * u, Colour::WHITE);
    let headline = VI.get("poster-headline");
    sheet.centred(
        middle,
        25.0 * u,
        white(fitting(&headline, 15.0, 190.0), Weight::Bold),
        &headline,
    );
    sheet.centred(
        middle,
        40.0 * u,
        white(7.2, Weight::Regular),
        &EN.get("poster-headline"),
    );

    let name = style(Weight::Bold, 11.5 * u, Colour::INK);
    let mut y = 70.0 * u;
    for line in name.lines(&poster.name, 186.0 * u, 2) {
        sheet.centred(middle, y, name, &line);
        y += 14.0 * u;
    }
    let place = style(Weight::Regular, 5.2 * u, Colour::QUIET);
    for line in place.lines(&poster.place, 186.0 * u, 2) {
        sheet.centred(middle, y - 3.0 * u, place, &line);
        y += 7.0 * u;
    }
    let side = 128.0 * u;
    let foot = height - 58.0 * u;
    let top = y + (foot - y - side) / 2.0 - 3.0 * u;
    sheet.qr(middle - side / 2.0, top, side, &poster.address)?;

    typed(sheet, poster, middle, foot, u);
    sheet.fill(12.0 * u, foot + 19.5 * u, 186.0 * u, 0.3 * u, Colour::QUIET);
    let small = style(Weight::Regular, 3.9 * u, Colour::INK);
    let facts = [
        (
            VI.with("poster-hotline", "number", &poster.hotline),
            EN.with("poster-hotline", "number", &poster.hotline),
        ),
        (
            VI.with("poster-genuine", "begins", &poster.begins),
            EN.with("poster-genuine", "begins", &poster.begins),
        ),
        (issued(VI, poster), issued(EN, poster)),
    ];
    for (at, (vi, en)) in facts.iter().enumerate() {
        let y = foot + (27.0 + 10.0 * at as f32) * u;
        let english = Style {
            colour: Colour::QUIET,
            ..small
        };
        sheet.centred(middle, y, small, &small.lines(vi, 186.0 * u, 1).concat());
        sheet.centred(middle, y + 4.7 * u, english, &english.lines(en, 186.0 * u, 1).concat());
    }
    Ok(())
}

/// The short code, for those who cannot scan.
fn typed(sheet: &mut Sheet<'_>, poster: &Poster, middle: f32, y: f32, u: f32) {
    let label = style(Weight::Regular, 4.6 * u, Colour::INK);
    let both = format!("{} · {}", VI.get("poster-type"), EN.get("poster-type"));
    sheet.centred(middle, y, label, &both);
    let code = style(Weight::Bold, 13.0 * u, Colour::INK);
    sheet.centred(middle, y + 14.5 * u, code, &poster.short);
}

fn issued(texts: Texts, poster: &Poster) -> String {
    texts.fill(
        "poster-issued",
        &[("date", &poster.issued), ("version", &poster.version)],
    )
}

fn square(sheet: &mut Sheet<'_>, poster: &Poster, width: f32) -> Result<(), ServiceError> {
    let middle = width / 2.0;
    sheet.fill(0.0, 0.0, width, 17.0, Colour::LAM);
    sheet.fill(0.0, 17.0, width, 0.8, Colour::NGHE);
    let headline = VI.get("poster-headline");
    let size = fitting(&headline, 7.4, width - 12.0);
    sheet.centred(middle, 8.6, style(Weight::Bold, size, Colour::WHITE), &headline);
    sheet.centred(
        middle,
        14.2,
        style(Weight::Regular, 3.8, Colour::WHITE),
        &EN.get("poster-headline"),
    );
    let name = style(Weight::Bold, 6.2, Colour::INK);
    sheet.centred(middle, 26.2, name, &name.lines(&poster.name, width - 12.0, 1).concat());
    sheet.qr(middle - 46.0, 29.0, 92.0, &poster.address)?;
    let small = style(Weight::Regular, 3.1, Colour::INK);
    sheet.centred(
        middle,
        124.6,
        small,
        &format!("{} · {}", VI.get("poster-type"), EN.get("poster-type")),
    );
    sheet.centred(middle, 133.4, style(Weight::Bold, 8.6, Colour::INK), &poster.short);
    let hotline = VI.with("poster-hotline", "number", &poster.hotline);
    sheet.centred(middle, 139.4, small, &format!("{hotline} · {}", issued(VI, poster)));
    let genuine = VI.with("poster-genuine", "begins", &poster.begins);
    sheet.centred(middle, 144.6, small, &small.lines(&genuine, width - 10.0, 1).concat());
    Ok(())
}

fn sticker(sheet: &mut Sheet<'_>, poster: &Poster, width: f32) -> Result<(), ServiceError> {
    let middle = width / 2.0;
    let name = style(Weight::Bold, 2.9, Colour::INK);
    sheet.centred(middle, 3.6, name, &name.lines(&poster.name, width - 4.0, 1).concat());
    sheet.qr(middle - 21.0, 3.6, 42.0, &poster.address)?;
    let foot = style(Weight::Bold, 2.9, Colour::INK);
    sheet.centred(middle, 48.2, foot, &format!("{}  ·  {}", poster.short, poster.hotline));
    Ok(())
}

/// Returns the size at which a line fits into `width`, at most `size`.
fn fitting(text: &str, size: f32, width: f32) -> f32 {
    let whole = style(Weight::Bold, size, Colour::INK).width(text);
    size * (width / whole).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_as_people_say_them() {
        assert_eq!(spaced("19009095"), "1900 9095");
        assert_eq!(spaced("0912345678"), "0912 345 678");
        assert_eq!(spaced("115"), "115");
    }

    #[test]
    fn every_size_is_read_back() {
        for size in Size::ALL {
            assert_eq!(Size::parse(size.word()), Some(size));
        }
        assert_eq!(Size::parse("a0"), None);
    }
}
