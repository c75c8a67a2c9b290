//! From sightings to numbers: how near, how long, how infectious, and whether that is worth a notice.
//!
//! Pure: no I/O, no clock, no random source. Everything a region may want to change is in one [`config::RiskConfig`].
//! Rules carry the numbers of `docs/spec/risk.md` (R…).
//!
//! ```
//! use exposure::{attenuation::attenuation, config::RiskConfig, notice, score, window::{self, DiagnosisFacts, HeardScan}};
//! use protocol::{diagnosis::ReportType, time::UnixSeconds};
//!
//! let config = RiskConfig::vietnam_default();
//! let near = attenuation(-20, -68, 0)?;
//! let scans: Vec<_> = (0..3)
//!     .map(|n| HeardScan {
//!         at: UnixSeconds(1_626_048_000 + n * 300),
//!         typical: near,
//!         min: near,
//!         packets: 8,
//!         seconds_since_last_scan: Some(300),
//!         calibration_confidence: 0,
//!     })
//!     .collect();
//! let facts = DiagnosisFacts { report_type: ReportType::ConfirmedTest, days_since_onset: None };
//! let windows = window::exposure_windows(facts, &scans, &config);
//! let days = score::daily_summaries(&windows, &config, scans[2].at.day());
//! assert_eq!(notice::notice_days(&days, &config)[0].weighted_minutes, 15.0);
//! # Ok::<(), exposure::attenuation::ImplausibleTxPower>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod attenuation;
pub mod config;
mod flexible;
pub mod infectiousness;
pub mod notice;
pub mod score;
pub mod visit;
pub mod window;
