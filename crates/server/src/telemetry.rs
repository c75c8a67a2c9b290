//! Structured logs and metrics. Neither holds personal data, codes, keys or addresses of callers.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts metrics, and logs as JSON lines on standard error, filtered by `VUNGLAM_LOG`.
pub fn start(role: &'static str) {
    let filter = EnvFilter::try_from_env("VUNGLAM_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let logs = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process keeps the first's subscriber and recorder.
    let _ = logs.try_init();
    let seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];
    let builder = PrometheusBuilder::new()
        .add_global_label("role", role)
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds);
    if let Ok(Ok(handle)) = builder.map(PrometheusBuilder::install_recorder) {
        let _ = METRICS.set(handle);
    }
}

/// Returns all metrics as Prometheus text; empty before [`start`].
pub fn render_metrics() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Lets the metrics forget old samples; call it now and then.
pub fn upkeep() {
    if let Some(handle) = METRICS.get() {
        handle.run_upkeep();
    }
}
