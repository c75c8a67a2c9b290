//! The desk's pages of lists that come in and go out.

mod download;
mod export;
mod import;
mod imports;

use crate::auth::access::Route;
use crate::console::Texts;

use super::fields::Field;
use super::sheet::SheetError;

/// The routes of this folder.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = imports::routes();
    routes.extend(import::routes());
    routes.extend(export::routes());
    routes
}

fn field_name(texts: Texts, field: Field) -> String {
    texts.get(&format!("exchange-field-{}", field.word()))
}

fn fault_words(texts: Texts, word: &str) -> String {
    texts.get(&format!("exchange-fault-{word}"))
}

fn sheet_error(texts: Texts, error: SheetError) -> String {
    texts.get(&format!("exchange-file-{}", error.word()))
}
