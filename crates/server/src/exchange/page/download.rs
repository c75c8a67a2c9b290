//! A finished file as an answer, sent piece by piece.

use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_core::Stream;
use tokio::sync::mpsc::{Receiver, channel};

use crate::error::ServiceError;

use super::super::sheet::OutFormat;

/// Bytes sent at once.
const PIECE: usize = 64 * 1024;

/// Answers with a file that no cache keeps; `name` is of our own words.
pub(super) fn send(mut file: File, name: &str, format: OutFormat) -> Result<Response, ServiceError> {
    let length = file
        .metadata()
        .map_err(|_| ServiceError::Internal("a finished file has no length"))?
        .len();
    let (to, from) = channel(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece);
            let is_over = matches!(read, Ok(0) | Err(_));
            let piece = read.map(|length| {
                piece.truncate(length);
                Bytes::from(piece)
            });
            if matches!(&piece, Ok(piece) if piece.is_empty()) || to.blocking_send(piece).is_err() || is_over {
                break;
            }
        }
    });
    let mut response = Response::new(Body::from_stream(Pieces(from)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let attachment = format!("attachment; filename=\"{name}.{}\"", format.word());
    if let Ok(attachment) = HeaderValue::from_str(&attachment) {
        headers.insert(header::CONTENT_DISPOSITION, attachment);
    }
    Ok(response)
}

struct Pieces(Receiver<io::Result<Bytes>>);

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
