//! Errors as JavaScript sees them: `"<word>: <sentence>"`.

use device::{
    device::OpenError,
    store::StoreFailed,
    sync::{BeginUploadError, SyncError},
    visit::CheckInError,
};
use protocol::{code::CodeError, venue::VenueCodeError};
use wasm_bindgen::JsError;

/// An error with the word that the app chooses its text by.
#[derive(Debug, PartialEq, Eq)]
pub struct CoreError {
    word: &'static str,
    sentence: String,
}

impl CoreError {
    pub(crate) fn new(word: &'static str, sentence: impl ToString) -> Self {
        Self {
            word,
            sentence: sentence.to_string(),
        }
    }
}

impl From<CoreError> for JsError {
    fn from(error: CoreError) -> Self {
        Self::new(&format!("{}: {}", error.word, error.sentence))
    }
}

impl From<StoreFailed> for CoreError {
    fn from(error: StoreFailed) -> Self {
        Self::new("store", error)
    }
}

impl From<OpenError> for CoreError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            error => Self::new("trust", error),
        }
    }
}

impl From<SyncError> for CoreError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Store(error) => error.into(),
            error => Self::new("sync", error),
        }
    }
}

impl From<CheckInError> for CoreError {
    fn from(error: CheckInError) -> Self {
        let word = match error {
            CheckInError::Store(error) => return error.into(),
            CheckInError::Code(VenueCodeError::Signature) => "venueForged",
            CheckInError::Code(VenueCodeError::Version(_)) => "venueVersion",
            CheckInError::Code(_) => "venueForm",
            _ => "notThere",
        };
        Self::new(word, error)
    }
}

impl From<CodeError> for CoreError {
    fn from(error: CodeError) -> Self {
        let word = match error {
            CodeError::Length(_) => "codeLength",
            CodeError::Character(_) => "codeCharacter",
            _ => "codeCheck",
        };
        Self::new(word, error)
    }
}

impl From<BeginUploadError> for CoreError {
    fn from(error: BeginUploadError) -> Self {
        match error {
            BeginUploadError::Code(error) => error.into(),
            BeginUploadError::Store(error) => error.into(),
            BeginUploadError::NothingToShare => Self::new("nothingToShare", error),
            error => Self::new("uploadUnderWay", error),
        }
    }
}
