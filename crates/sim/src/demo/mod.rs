//! The demo: a start page with the letter on the left and live numbers on the right, the phones of four people, and the
//! real services. This process holds the province and the air; the services are two other processes that it reaches as
//! any phone and any officer does. Only to *look* it also opens their database files, read-only.
//!
//! Start at [`Demo::new`] and [`serve`], which lets the world live on and answers [`router`]'s requests.

mod adoption;
mod databases;
mod desk;
mod doors;
mod enter;
mod files;
mod http;
mod knowledge;
mod metrics;
mod owner;
mod pictures;
mod state;
mod text;
mod wire;

use std::{sync::Arc, time::Duration};

pub use databases::{Databases, TableSearch};
pub use desk::{DeskAccess, DeskFailed, IssuedCode};
pub use http::router;
pub use state::{CaseState, Demo, DemoSetup, Steps};
pub use text::Text;
pub use wire::{Answer, NoAnswer, Wire};

/// Real time between two steps of the world.
const TICK: Duration = Duration::from_millis(500);

/// Lets the world live and the phones synchronise, without end.
pub async fn run(demo: Arc<Demo>) {
    let mut beat = tokio::time::interval(TICK);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let living = Arc::clone(&demo);
        if tokio::task::spawn_blocking(move || living.tick()).await.is_err() {
            tracing::error!("the world stands still");
        }
        demo.sync_round().await;
    }
}

/// Serves pages and API while the world lives, until `stop`.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(
    demo: Arc<Demo>,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let living = tokio::spawn(run(Arc::clone(&demo)));
    let aborted = living.abort_handle();
    let ended = async move {
        stop.await;
        aborted.abort();
    };
    tokio::select! {
        result = async { axum::serve(listener, router(demo)).await } => result,
        () = ended => Ok(()),
    }
}

#[cfg(test)]
mod tests;
