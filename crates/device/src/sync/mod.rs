//! What to fetch or send next, without a network: ask [`crate::Device::next_request`], send it, hand the answer to
//! [`crate::Device::on_response`].
//!
//! A round asks for the signed time (when it is older than six hours), the signed configuration, the index of export
//! files and each file not read yet; then nothing until the next round is due. An upload goes before everything else
//! and survives a restart at any point. Cover traffic takes the uploads' path at random times.

use protocol::{export::ExportError, jws::JwsError, time::UtcDay};
use serde::{Deserialize, Serialize};

use crate::{clock::InvalidTime, store::StoreFailed};

mod chaff;
mod engine;
mod padding;
mod upload;

pub(crate) use engine::Engine;
pub use upload::{BeginUploadError, UploadOrder, UploadStage, UploadView};

/// Largest answer taken of each kind, in bytes; the host may stop reading there.
pub mod limits {
    /// Signed time.
    pub const TIME: usize = 4 * 1024;
    /// Signed configuration.
    pub const CONFIG: usize = 64 * 1024;
    /// Index of export files.
    pub const INDEX: usize = 1024 * 1024;
    /// Names taken of an index.
    pub const INDEX_NAMES: usize = 20_000;
    /// One export file.
    pub const FILE: usize = protocol::export::MAX_ZIP;
    /// Answers of an upload's three steps.
    pub const UPLOAD: usize = 64 * 1024;
}

/// Which side a request goes to; [`protocol::message::Trust`] holds the two base addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// The keys side: anonymous.
    Keys,
    /// The authority's public API.
    Authority,
}

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Sends `body` as JSON.
    Post,
}

/// A request the host sends without cookies, credentials or a referrer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which base address `path` is appended to.
    pub side: Side,
    /// Method.
    pub method: Method,
    /// Path and query, from `/v1/` on.
    pub path: String,
    /// Headers by lower-case name.
    pub headers: Vec<(&'static str, &'static str)>,
    /// JSON, empty for GET.
    pub body: Vec<u8>,
    /// Largest answer that is of use, in bytes.
    pub max_answer_bytes: usize,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status; 0 when there was no answer.
    pub status: u16,
    /// Body, whatever the status.
    pub body: Vec<u8>,
}

impl Response {
    /// The request reached nobody.
    pub const NO_ANSWER: Self = Self {
        status: 0,
        body: Vec::new(),
    };
}

/// What an answer led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum SyncEvent {
    /// The clock is set.
    TimeSet,
    /// The configuration is read.
    ConfigRead {
        /// Days that have a notice by the new configuration and had none before.
        new_notices: Vec<UtcDay>,
    },
    /// The index is read.
    IndexRead {
        /// Files to fetch in this round.
        unseen: u32,
    },
    /// A file is read and its keys are matched.
    FileRead {
        /// Keys in the file.
        keys: u32,
        /// Keys that were heard.
        matched: u32,
        /// Days that have a notice now and had none before.
        new_notices: Vec<UtcDay>,
    },
    /// The upload moved on; see its stage.
    Upload(UploadView),
    /// A step of cover traffic is done.
    CoverTraffic,
    /// The service did not answer or asked to wait; the same request comes again later.
    RetryLater {
        /// Seconds until then.
        seconds: u32,
    },
}

/// Why an answer was refused. The round goes on with its next step where that makes sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// Nothing was asked.
    #[error("an answer came to no request")]
    NothingAsked,
    /// The service answered with a status that makes no sense here.
    #[error("the service answered with status {0}")]
    Status(u16),
    /// The answer is larger than its limit.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer does not have the form of its kind.
    #[error("the answer is malformed")]
    Malformed,
    /// The signed time is refused.
    #[error(transparent)]
    Time(#[from] InvalidTime),
    /// The configuration's signature does not hold, or its content is not usable.
    #[error("the configuration is refused: {0}")]
    Config(JwsError),
    /// An export file is refused.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The store failed; the request comes again.
    #[error(transparent)]
    Store(#[from] StoreFailed),
}
