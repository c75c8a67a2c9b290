//! Lists that come in and go out: spreadsheets of contacts and of cases, checked row by row, entered once, and written so that
//! a lost row is noticed (docs/spec/exchange.md).
//!
//! An uploaded list lies here for a day at most, sealed under a key of its own in the keyring, so that no backup keeps it
//! longer either.

mod acts;
mod export;
mod fields;
mod model;
pub(crate) mod page;
mod report;
mod rows;
pub mod sheet;
mod store;
mod upload;
mod work;

pub use acts::{check, discard, enter, find_import, list_imports, purge};
pub use export::{ALONE, ExportAsk, ExportWords, Exported, Standing, ask_approval, columns, count, export, standing};
pub use fields::{Field, Guess, guess};
pub use model::{Import, ImportState, Kind, Options, RowState, Verdict};
pub use report::{Words, error_workbook};
pub use upload::{Incoming, UploadError, upload};
pub use work::{go_on, go_on_for};
