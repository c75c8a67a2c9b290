//! The picture of a map: one path a unit inside a link with a title; it works without a script.

use std::fmt::Write;

use crate::geo::Rings;

/// How a band is painted. Zones differ by hatching too, so that they stay apart in grey and for colour-blind eyes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// One colour.
    Plain(&'static str),
    /// Lines at 45° on a ground.
    Hatched {
        /// Colour of the ground.
        ground: &'static str,
        /// Colour of the lines.
        line: &'static str,
        /// Distance of the lines, in units of the picture.
        pitch: f64,
        /// Thickness of the lines, in units of the picture.
        width: f64,
    },
}

/// A class of values: its name for style sheets, its paint, its words in the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Band<'a> {
    /// Class of the paths: letters, digits and `-`.
    pub class: &'a str,
    /// How it is painted.
    pub paint: Paint,
    /// What the legend says.
    pub text: &'a str,
}

/// A unit in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Area<'a> {
    /// Its shape.
    pub rings: &'a Rings,
    /// Where a click leads: no personal data.
    pub href: String,
    /// What a reader is told: name and value.
    pub title: String,
    /// Which of the picture's bands; without one it is painted as having no value.
    pub band: Option<usize>,
}

/// All that a picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture<'a> {
    /// Begins the ids inside the picture; different for each picture of a page.
    pub id: &'a str,
    /// Name of the picture for readers who do not see it.
    pub label: &'a str,
    /// The units.
    pub areas: Vec<Area<'a>>,
    /// The bands, in the order of the legend.
    pub bands: &'a [Band<'a>],
    /// Words for units without a band; empty leaves them out of the legend.
    pub no_value: &'a str,
    /// Line below the map: that these are no official boundaries ([`super::Shapes::from_points`]).
    pub note: Option<&'a str>,
}

/// Colours of rising values, light to dark; take as many as there are bands, from the right.
pub const LAM_RAMP: [&str; 6] = ["#eff6fa", "#dcebf3", "#8dbbd6", "#1a6696", "#14527a", "#0f3148"];
/// Paints of the zones green, yellow, orange, red; the hatches keep them apart in grey.
pub const ZONES: [Paint; 4] = [
    Paint::Plain("#a9d8b8"),
    Paint::Hatched {
        ground: "#f2d25c",
        line: "#b8962a",
        pitch: 9.0,
        width: 1.6,
    },
    Paint::Hatched {
        ground: "#e0812f",
        line: "#a3510f",
        pitch: 5.0,
        width: 1.7,
    },
    Paint::Plain("#96182a"),
];
const NO_VALUE: &str = "#eef1f0";
const INK: &str = "#2b4653";

/// Longer side of the map, in units of the picture.
const SIDE: f64 = 1000.0;
const ROW: f64 = 34.0;

/// Draws a picture. All texts are escaped; ids and classes come from the program.
pub fn svg(picture: &Picture<'_>) -> String {
    let frame = Frame::of(picture.areas.iter().map(|area| area.rings));
    let rows = legend_rows(picture);
    let note = if picture.note.is_some() { ROW } else { 0.0 };
    let height = frame.height + ROW * f64::from(u32::try_from(rows.len()).unwrap_or(0)) + note + 10.0;
    let mut out = format!(
        "<svg class=\"geo-map\" viewBox=\"0 0 {:.0} {height:.0}\" role=\"group\" aria-label=\"{}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n",
        frame.width,
        escaped(picture.label)
    );
    write_patterns(picture, &mut out);
    out.push_str("<g class=\"geo-areas\" stroke=\"#fff\" stroke-width=\"1\" stroke-linejoin=\"round\">\n");
    for area in &picture.areas {
        let band = area.band.and_then(|at| picture.bands.get(at).map(|band| (at, band)));
        let (class, fill) = band.map_or(("geo-none", NO_VALUE.to_owned()), |(at, band)| {
            (band.class, fill(picture.id, at, band.paint))
        });
        let _ = writeln!(
            out,
            "<a href=\"{}\"><path class=\"geo-area {class}\" fill=\"{fill}\" vector-effect=\"non-scaling-stroke\" \
             d=\"{}\"><title>{}</title></path></a>",
            escaped(&area.href),
            frame.path(area.rings),
            escaped(&area.title)
        );
    }
    out.push_str("</g>\n");
    write_below(picture, &rows, frame.height, &mut out);
    out.push_str("</svg>\n");
    out
}

fn legend_rows<'a>(picture: &Picture<'a>) -> Vec<(String, &'a str)> {
    let bands = picture.bands.iter().enumerate();
    let mut rows: Vec<(String, &str)> = bands
        .map(|(at, band)| (fill(picture.id, at, band.paint), band.text))
        .collect();
    if !picture.no_value.is_empty() {
        rows.push((NO_VALUE.to_owned(), picture.no_value));
    }
    rows
}

fn write_below(picture: &Picture<'_>, rows: &[(String, &str)], top: f64, out: &mut String) {
    let mut y = top + 10.0;
    let _ = writeln!(out, "<g class=\"geo-legend\" font-size=\"20\" fill=\"{INK}\">");
    for (fill, text) in rows {
        let _ = writeln!(
            out,
            "<rect x=\"10\" y=\"{y:.0}\" width=\"36\" height=\"24\" fill=\"{fill}\" stroke=\"{INK}\"/>\
             <text x=\"58\" y=\"{:.0}\">{}</text>",
            y + 19.0,
            escaped(text)
        );
        y += ROW;
    }
    if let Some(note) = picture.note {
        let _ = writeln!(
            out,
            "<text class=\"geo-note\" x=\"10\" y=\"{:.0}\" font-style=\"italic\">{}</text>",
            y + 19.0,
            escaped(note)
        );
    }
    out.push_str("</g>\n");
}

fn fill(id: &str, at: usize, paint: Paint) -> String {
    match paint {
        Paint::Plain(colour) => colour.to_owned(),
        Paint::Hatched { .. } => format!("url(#{id}-h{at})"),
    }
}

fn write_patterns(picture: &Picture<'_>, out: &mut String) {
    let mut patterns = String::new();
    for (at, band) in picture.bands.iter().enumerate() {
        if let Paint::Hatched {
            ground,
            line,
            pitch,
            width,
        } = band.paint
        {
            let _ = writeln!(
                patterns,
                "<pattern id=\"{}-h{at}\" width=\"{pitch}\" height=\"{pitch}\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"rotate(45)\"><rect width=\"{pitch}\" height=\"{pitch}\" fill=\"{ground}\"/>\
                 <rect width=\"{width}\" height=\"{pitch}\" fill=\"{line}\"/></pattern>",
                picture.id
            );
        }
    }
    if !patterns.is_empty() {
        let _ = writeln!(out, "<defs>\n{patterns}</defs>");
    }
}

/// Where degrees come to lie in the picture: true to scale at the middle latitude, north above.
struct Frame {
    west: f64,
    north: f64,
    narrowing: f64,
    scale: f64,
    width: f64,
    height: f64,
}

impl Frame {
    fn of<'a>(shapes: impl Iterator<Item = &'a Rings>) -> Self {
        let (mut west, mut south, mut east, mut north) = (180.0_f64, 90.0_f64, -180.0_f64, -90.0_f64);
        for [lon, lat] in shapes.flatten().flatten().flatten() {
            (west, east) = (west.min(*lon), east.max(*lon));
            (south, north) = (south.min(*lat), north.max(*lat));
        }
        if west >= east || south >= north {
            (west, south, east, north) = (0.0, 0.0, 1.0, 1.0);
        }
        let narrowing = f64::midpoint(south, north).to_radians().cos();
        let (wide, high) = ((east - west) * narrowing, north - south);
        let scale = SIDE / wide.max(high);
        Self {
            west,
            north,
            narrowing,
            scale,
            width: wide * scale,
            height: high * scale,
        }
    }

    fn place(&self, [lon, lat]: [f64; 2]) -> [i64; 2] {
        let whole = |value: f64| {
            #[allow(clippy::cast_possible_truncation, reason = "the picture is a thousand wide")]
            let rounded = value.round() as i64;
            rounded
        };
        [
            whole((lon - self.west) * self.narrowing * self.scale),
            whole((self.north - lat) * self.scale),
        ]
    }

    /// Returns the path of a shape on a grid of whole units, with relative steps; steps of no length are left out.
    fn path(&self, rings: &Rings) -> String {
        let mut out = String::new();
        let mut at = [0, 0];
        for ring in rings.iter().flatten() {
            for (number, corner) in ring.iter().enumerate() {
                let next = self.place(*corner);
                let step = [next[0] - at[0], next[1] - at[1]];
                if number == 0 {
                    let _ = write!(out, "M{},{}", next[0], next[1]);
                } else if step != [0, 0] {
                    let _ = write!(out, "l{},{}", step[0], step[1]);
                }
                at = next;
            }
            out.push('Z');
        }
        out
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::CivilDate;
    use crate::geo::map::shapes;
    use crate::geo::{Catalogue, Tier, UnitId};

    const NAMES: [&str; 4] = ["Xanh", "Vàng", "Cam", "Đỏ"];

    fn zones() -> Vec<Band<'static>> {
        let paints = ZONES
            .into_iter()
            .zip(NAMES)
            .zip(["zone-green", "zone-yellow", "zone-orange", "zone-red"]);
        paints
            .map(|((paint, text), class)| Band { class, paint, text })
            .collect()
    }

    fn tien_giang() -> String {
        let catalogue = Catalogue::shipped();
        let day = CivilDate::parse("2021-07-12").expect("a date");
        let province = catalogue.by_code("82", day).expect("a province").id;
        let inside = catalogue.descendants(province);
        let communes: Vec<UnitId> = inside
            .iter()
            .filter(|u| u.tier() == Tier::COMMUNE)
            .map(|u| u.id)
            .collect();
        let drawn = shapes(&catalogue, &communes);
        assert!(drawn.from_points);
        let bands = zones();
        let area = |(at, (id, rings)): (usize, &'_ (UnitId, Rings))| {
            let name = catalogue.unit(*id).expect("a unit").full_name();
            (
                format!("/desk/units/{}?a=1&b=2", id.number()),
                format!("{name} <{at}>"),
                at % 6,
                rings.clone(),
            )
        };
        let parts: Vec<_> = drawn.shapes.iter().enumerate().map(area).collect();
        svg(&Picture {
            id: "m",
            label: "Tiền Giang",
            areas: parts
                .iter()
                .map(|(href, title, band, rings)| Area {
                    rings,
                    href: href.clone(),
                    title: title.clone(),
                    band: (*band < 5).then_some(*band),
                })
                .collect(),
            bands: &bands,
            no_value: "Chưa có số liệu",
            note: Some("không phải địa giới chính thức"),
        })
    }

    #[test]
    fn each_unit_is_a_path_in_a_link_with_a_title() {
        let text = tien_giang();
        for (part, times) in [
            ("<path ", 172),
            ("</a>", 172),
            ("</title>", 172),
            ("vector-effect=\"non-scaling-stroke\"", 172),
            ("<pattern ", 2),
            ("<rect x=", 5),
            ("không phải địa giới chính thức", 1),
            ("fill=\"url(#m-h1)\"", 30),
        ] {
            assert_eq!(text.matches(part).count(), times, "{part}");
        }
        assert!(text.contains("?a=1&amp;b=2") && text.contains("Phường 5 &lt;0&gt;"));
        assert!(!text.contains("NaN") && text.len() < 60_000, "{}", text.len());
        // every element that opens closes
        let mut open = Vec::new();
        for tag in text.split('<').skip(1) {
            let name = tag.split([' ', '>', '/']).next().unwrap_or_default();
            match tag.strip_prefix('/') {
                Some(end) => assert!(open.pop().is_some_and(|name| end.starts_with(name)), "{tag}"),
                None if tag.contains("/>") => {}
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{open:?}");
        if let Some(path) = std::env::var_os("VUNGLAM_TEST_PICTURE") {
            std::fs::write(path, text).expect("the picture is written");
        }
    }

    #[test]
    fn an_empty_map_is_still_a_picture() {
        let text = svg(&Picture {
            id: "m",
            label: "\"<&",
            areas: Vec::new(),
            bands: &[],
            no_value: "",
            note: None,
        });
        assert!(text.contains("aria-label=\"&quot;&lt;&amp;\"") && !text.contains("NaN"));
    }
}
