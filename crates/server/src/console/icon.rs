//! Icons, drawn on 24 × 24 with a line of 1.7 px. A text stands beside an icon, or the control has an `aria-label`.

use std::fmt;

use super::html::component;

/// An icon; written as `{{ icon }}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "the set is for pages still to come")]
pub(crate) enum Icon {
    /// Work waiting in order.
    Queue,
    /// Who infected whom.
    Chain,
    /// People.
    People,
    /// A place.
    Place,
    /// Codes to scan.
    Scan,
    /// A form filled in.
    Form,
    /// Going out to people.
    Outreach,
    /// Figures.
    Bars,
    /// Looking for something.
    Search,
    /// Opens downwards.
    Down,
    /// Sorted upwards.
    Up,
    /// Takes away, closes.
    Close,
    /// Saves to a file.
    Download,
    /// Copies.
    Copy,
    /// Shows what is hidden.
    Eye,
    /// A telephone.
    Phone,
    /// More to do.
    More,
    /// Done well.
    Check,
    /// Mind this.
    Warning,
    /// To know.
    Info,
    /// Rules and rights.
    Shield,
    /// The book of who did what.
    Book,
    /// One's settings.
    Settings,
    /// Leaves.
    Exit,
    /// Adds.
    Plus,
    /// The menu of a narrow page.
    Menu,
    /// Back.
    Left,
    /// Onwards.
    Right,
    /// A key.
    Key,
    /// The clock.
    Clock,
    /// Onto paper.
    Print,
}

impl Icon {
    fn drawing(self) -> &'static str {
        match self {
            Self::Queue => r#"<path d="M4 6h10M4 12h16M4 18h7"/><circle cx="18.5" cy="6" r="1.6"/>"#,
            Self::Chain => {
                r#"<circle cx="5" cy="12" r="2.4"/><circle cx="18" cy="5.5" r="2.4"/><circle cx="18" cy="18.5" r="2.4"/><path d="M7.2 10.9l8.6-4.2M7.2 13.1l8.6 4.2"/>"#
            }
            Self::People => {
                r#"<circle cx="9" cy="8" r="3.2"/><path d="M3.5 20c.4-4 2.7-6 5.5-6s5.1 2 5.5 6M16 5.2a3 3 0 0 1 0 5.7M17.5 14.4c1.9.8 3 2.7 3.2 5.6"/>"#
            }
            Self::Place => {
                r#"<path d="M12 21s7-6.1 7-11.2A7 7 0 0 0 5 9.8C5 14.9 12 21 12 21z"/><circle cx="12" cy="9.8" r="2.3"/>"#
            }
            Self::Scan => r#"<path d="M4 4h5v5H4zM15 4h5v5h-5zM4 15h5v5H4zM15 15h2v2M20 15v5h-5"/>"#,
            Self::Form => r#"<path d="M5 5h14v15H5zM9 3.5h6v3H9zM8.5 11h7M8.5 15h5"/>"#,
            Self::Outreach => r#"<path d="M4 10v4h3l8 4V6L7 10zM18.5 9.5a4 4 0 0 1 0 5"/>"#,
            Self::Bars => r#"<path d="M5 20V10M12 20V4M19 20v-7"/>"#,
            Self::Search => r#"<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>"#,
            Self::Down => r#"<path d="M6 9.5l6 6 6-6"/>"#,
            Self::Up => r#"<path d="M6 14.5l6-6 6 6"/>"#,
            Self::Close => r#"<path d="M6 6l12 12M18 6L6 18"/>"#,
            Self::Download => r#"<path d="M12 4v11M7.5 10.5L12 15l4.5-4.5M5 20h14"/>"#,
            Self::Copy => r#"<path d="M9 9h11v11H9zM5 15H4V4h11v1"/>"#,
            Self::Eye => {
                r#"<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>"#
            }
            Self::Phone => {
                r#"<path d="M5 4h4l1.5 4.5L8 10.5a12 12 0 0 0 5.5 5.5l2-2.5L20 15v4c0 .6-.4 1-1 1C11 20 4 13 4 5c0-.6.4-1 1-1z"/>"#
            }
            Self::More => r#"<path d="M5 12h.01M12 12h.01M19 12h.01"/>"#,
            Self::Check => r#"<path d="M5 12.5l4.5 4.5L19 7.5"/>"#,
            Self::Warning => r#"<path d="M12 4l9 16H3zM12 10v4M12 17h.01"/>"#,
            Self::Info => r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8h.01"/>"#,
            Self::Shield => r#"<path d="M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z"/>"#,
            Self::Book => r#"<path d="M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6"/>"#,
            Self::Settings => {
                r#"<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>"#
            }
            Self::Exit => r#"<path d="M10 4H5v16h5M14 8l4 4-4 4M18 12H9"/>"#,
            Self::Plus => r#"<path d="M12 5v14M5 12h14"/>"#,
            Self::Menu => r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#,
            Self::Left => r#"<path d="M14.5 6l-6 6 6 6"/>"#,
            Self::Right => r#"<path d="M9.5 6l6 6-6 6"/>"#,
            Self::Key => r#"<circle cx="8" cy="15" r="4"/><path d="M11 12l8-8M16 7l3 3"/>"#,
            Self::Clock => r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>"#,
            Self::Print => r#"<path d="M7 8V3.5h10V8M7 17H4V8.5h16V17h-3M7 14h10v6.5H7z"/>"#,
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawing = self.drawing();
        write!(
            f,
            r#"<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg>"#
        )
    }
}

component!(Icon);
