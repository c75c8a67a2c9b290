//! A risk configuration of anybody: refused or valid, and then every weight is a finite number.
#![no_main]

use exposure::config::RiskConfig;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    if let Ok(config) = RiskConfig::parse(json) {
        assert!(config.attenuation_weights().iter().all(|weight| weight.is_finite() && *weight >= 0.0));
        assert!(config.minimum_window_score().is_finite());
    }
});
