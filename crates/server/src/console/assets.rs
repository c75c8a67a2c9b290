//! Style, scripts, fonts and the mark of the pages, from this program. Scripts are plain modules: what is in `assets` is
//! what the browser gets, so that the server builds and its tests run without a build of the web.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::http::{Problem, ProblemKind};

/// Style sheets in the order of the cascade: the tokens first, print last.
const STYLES: &[&str] = &[
    include_str!("../../../../web/kit/tokens.css"),
    include_str!("../../assets/console/base.css"),
    include_str!("../../assets/console/frame.css"),
    include_str!("../../assets/console/button.css"),
    include_str!("../../assets/console/page.css"),
    include_str!("../../assets/console/figures.css"),
    include_str!("../../assets/console/filters.css"),
    include_str!("../../assets/console/table.css"),
    include_str!("../../assets/console/marks.css"),
    include_str!("../../assets/console/panel.css"),
    include_str!("../../assets/console/form.css"),
    include_str!("../../assets/console/dialog.css"),
    include_str!("../../assets/console/chart.css"),
    include_str!("../../assets/console/readout.css"),
    include_str!("../../assets/console/owner.css"),
    include_str!("../../assets/console/print.css"),
];

/// Modules that only some pages load, when they need them.
const LATER: [&str; 7] = [
    "bulk.js",
    "draft.js",
    "grid.js",
    "readout.js",
    "sheet.js",
    "similar.js",
    "vault.js",
];

/// The modules of the pages by name.
const MODULES: &[(&str, &str)] = &[
    ("bulk.js", include_str!("../../assets/console/bulk.js")),
    ("console.js", include_str!("../../assets/console/console.js")),
    ("dialog.js", include_str!("../../assets/console/dialog.js")),
    ("draft.js", include_str!("../../assets/console/draft.js")),
    ("fold.js", include_str!("../../assets/console/fold.js")),
    ("grid.js", include_str!("../../assets/console/grid.js")),
    ("keys.js", include_str!("../../assets/console/keys.js")),
    ("live.js", include_str!("../../assets/console/live.js")),
    ("metric.js", include_str!("../../assets/console/metric.js")),
    ("palette.js", include_str!("../../assets/console/palette.js")),
    ("readout.js", include_str!("../../assets/console/readout.js")),
    ("sheet.js", include_str!("../../assets/console/sheet.js")),
    ("similar.js", include_str!("../../assets/console/similar.js")),
    ("table.js", include_str!("../../assets/console/table.js")),
    ("vault.js", include_str!("../../assets/console/vault.js")),
];

const LATIN: &[u8] = include_bytes!("../../assets/fonts/public-sans-latin-wght-normal.woff2");
const VIETNAMESE: &[u8] = include_bytes!("../../assets/fonts/public-sans-vietnamese-wght-normal.woff2");
const MARK: &str = include_str!("../../assets/console/mark.svg");

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// What is sent of each module: without comments and indentation.
static SENT: LazyLock<Vec<(&str, String)>> =
    LazyLock::new(|| MODULES.iter().map(|(name, text)| (*name, lean(text))).collect());

static STYLE: LazyLock<String> = LazyLock::new(|| STYLES.join("\n"));

/// Changes whenever a file changes, so that browsers may keep files for good.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    hash.update(STYLE.as_bytes());
    MODULES.iter().for_each(|(_, text)| hash.update(text.as_bytes()));
    hash.update(MARK.as_bytes());
    hash.update(LATIN);
    hash.update(VIETNAMESE);
    let digest = hash.finalize();
    digest.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
});

/// Returns a module without its comments and its indentation. Our modules have no text over several lines and no `/**` in a
/// text; a test looks.
fn lean(module: &str) -> String {
    let mut code = String::with_capacity(module.len());
    let mut rest = module;
    while let Some((before, comment)) = rest.split_once("/**") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let lines = code
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// Returns the address of a file of the pages.
pub(super) fn asset(name: &str) -> String {
    format!("/desk/assets/{}/{name}", *VERSION)
}

/// Returns the names of the modules that every page loads; `console.js` starts the others.
pub(super) fn modules() -> impl Iterator<Item = &'static str> {
    MODULES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !LATER.contains(name))
}

/// `GET /desk/assets/{version}/{name}`. A file asked for under another version is not kept by the browser.
pub(crate) async fn serve(Path((version, name)): Path<(String, String)>) -> Response {
    let script = || SENT.iter().find(|(known, _)| *known == name);
    let (kind, body): (&str, &[u8]) = match name.as_str() {
        "console.css" => (CSS, STYLE.as_bytes()),
        "mark.svg" => ("image/svg+xml", MARK.as_bytes()),
        "public-sans-latin.woff2" => ("font/woff2", LATIN),
        "public-sans-vietnamese.woff2" => ("font/woff2", VIETNAMESE),
        _ => match script() {
            Some((_, text)) => (JAVASCRIPT, text.as_bytes()),
            None => return Problem::new(ProblemKind::NotFound).into_response(),
        },
    };
    let keep = if version == *VERSION {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)],
        body.to_vec(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest size of the modules that every page loads together, and of each that only some pages load, in bytes as they
    /// are sent, before compression: what a page costs stays bounded however many features there are.
    const MAX_EVERYWHERE: usize = 15 * 1024;
    const MAX_LATER: usize = 4 * 1024;

    fn imports(text: &str) -> Vec<&str> {
        let named = text.split("from \"./").skip(1).chain(text.split("import(\"./").skip(1));
        named.filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_module_that_is_imported_is_served() {
        for (name, text) in MODULES {
            for other in imports(text) {
                assert!(
                    MODULES.iter().any(|(known, _)| *known == other),
                    "{name} imports {other}"
                );
            }
        }
    }

    #[test]
    fn what_every_page_loads_is_named_in_its_head() {
        let start = SENT.iter().find(|(name, _)| *name == "console.js");
        let (_, start) = start.expect("the module that starts the others");
        let mut first: Vec<&str> = start
            .split("from \"./")
            .skip(1)
            .filter_map(|t| t.split('"').next())
            .collect();
        first.extend(["console.js", "fold.js"]);
        first.sort_unstable();
        let mut named: Vec<&str> = modules().collect();
        named.sort_unstable();
        assert_eq!(named, first);
    }

    #[test]
    fn scripts_stay_small() {
        let (later, first): (Vec<_>, Vec<_>) = SENT.iter().partition(|(name, _)| LATER.contains(name));
        let everywhere: usize = first.iter().map(|(_, text)| text.len()).sum();
        assert!(everywhere <= MAX_EVERYWHERE, "{everywhere} bytes on every page");
        for (name, text) in later {
            assert!(text.len() <= MAX_LATER, "{name}: {} bytes", text.len());
        }
    }

    #[test]
    fn comments_go_and_code_stays() {
        assert_eq!(
            lean("// @ts-check\n/** @param {x} a */\nf(/** @type {X} */ (a));\n\n  // why\n  g();\n"),
            "f( (a));\ng();\n"
        );
        for (name, text) in MODULES {
            for (number, line) in text.lines().enumerate() {
                assert!(
                    line.matches('`').count() % 2 == 0,
                    "{name}:{}: a text over several lines",
                    number + 1
                );
            }
            let (left, lean) = (text.matches("import").count(), lean(text));
            assert!(
                left >= lean.matches("import").count() && !lean.contains("@ts-check"),
                "{name}"
            );
        }
    }

    #[test]
    fn the_style_loads_nothing_from_elsewhere() {
        assert!(!STYLE.contains("://") && !STYLE.contains("@import"));
        for url in STYLE.split("url(").skip(1) {
            assert!(url.starts_with("\"public-sans-"), "{}", &url[..30]);
        }
    }
}
