//! `/desk/audit/download`: the record as a file that verifies without us, sent while it is read. Memory does not grow with it.

use std::io::{self, Write};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_core::Stream;
use serde::Deserialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::note;
use crate::app::AuthorityApp;
use crate::audit::{self, Action as Act, ExportError, Within};
use crate::auth::Permission;
use crate::auth::access::{Access, Route, page as route};
use crate::civil::CivilDate;
use crate::console::{Desk, sorry};
use crate::error::ServiceError;
use protocol::time::UnixSeconds;

/// Bytes sent at once.
const PIECE: usize = 64 * 1024;
/// Pieces that wait for a slow reader.
const WAITING: usize = 4;

type Piece = Result<Bytes, ExportError>;

/// The days of a part; without any, the whole record.
#[derive(Deserialize)]
struct Days {
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
}

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let read = Access::StepUp(Permission::AuditRead);
    vec![route("/desk/audit/download", read, download)]
}

async fn download(State(app): State<AuthorityApp>, desk: Desk, Query(days): Query<Days>) -> Response {
    match begin(&app, &desk, &days).await {
        Ok(response) => response,
        Err(error) => sorry(desk.texts, error),
    }
}

async fn begin(app: &AuthorityApp, desk: &Desk, days: &Days) -> Result<Response, ServiceError> {
    let within = within(app, days)?;
    note(app, &desk.session, Act::AUDIT_EXPORT, 0).await?;
    let (to, mut from) = channel(WAITING);
    let (worker, runtime) = (app.clone(), tokio::runtime::Handle::current());
    tokio::task::spawn_blocking(move || runtime.block_on(write(&worker, within, to)));
    // What fails before the first piece is an answer of its own.
    let first = match from.recv().await {
        Some(Ok(first)) => first,
        Some(Err(ExportError::Broken(_))) => {
            return Err(ServiceError::Conflict {
                why: "the audit has flaws: take it out whole",
            });
        }
        Some(Err(ExportError::Service(error))) => return Err(error),
        _ => return Err(ServiceError::Internal("an export of the audit ended early")),
    };
    let mut response = Response::new(Body::from_stream(Pieces {
        first: Some(first),
        rest: from,
    }));
    let name = format!(
        "attachment; filename=\"audit-{}.jsonl\"",
        CivilDate::today(app.clock.now()).iso()
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn within(app: &AuthorityApp, days: &Days) -> Result<Option<Within>, ServiceError> {
    let day = |field, text: &str| match text {
        "" => Ok(None),
        text => CivilDate::parse(text)
            .map(Some)
            .ok_or(ServiceError::Invalid { field, why: "no day" }),
    };
    let (from, until) = (day("from", &days.from)?, day("until", &days.until)?);
    if from.is_none() && until.is_none() {
        return Ok(None);
    }
    Ok(Some(Within {
        from: from.map_or(UnixSeconds(0), CivilDate::begins),
        until: until.map_or(app.clock.now().plus(1), |day| day.next().begins()),
    }))
}

/// Writes the export into pieces. It runs on a thread that may wait.
async fn write(app: &AuthorityApp, within: Option<Within>, to: Sender<Piece>) {
    let mut pipe = Pipe {
        to: to.clone(),
        held: Vec::with_capacity(PIECE),
    };
    if let Err(error) = audit::export(&app.db, &app.secrets.audit, within, &mut pipe).await {
        // Without this the reader would take what came for all of it.
        let _ = wait(to.send(Err(error)));
    }
}

struct Pipe {
    to: Sender<Piece>,
    held: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.held, Vec::with_capacity(PIECE));
        wait(self.to.send(Ok(Bytes::from(piece)))).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Waits on this thread, which belongs to the export alone, until there is room for a piece.
fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// The pieces as the body of an answer.
struct Pieces {
    first: Option<Bytes>,
    rest: Receiver<Piece>,
}

impl Stream for Pieces {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.rest.poll_recv(context),
        }
    }
}
