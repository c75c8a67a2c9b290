//! Daily summaries and notices against vectors computed elsewhere (tests/vectors/daily_summaries.py).

use exposure::{config::RiskConfig, notice, score, window::ExposureWindow};
use protocol::time::UtcDay;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    today: u32,
    config: RiskConfig,
    windows: Vec<ExposureWindow>,
    summaries: Value,
    notice_days: Vec<u32>,
}

#[test]
fn summaries_and_notices_are_those_of_the_specification() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/daily_summaries.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_value(vectors["cases"].clone()).unwrap();
    assert_eq!(cases.len(), 60);
    for (at, case) in cases.iter().enumerate() {
        let summaries = score::daily_summaries(&case.windows, &case.config, UtcDay(case.today));
        assert_eq!(serde_json::to_value(&summaries).unwrap(), case.summaries, "case {at}");
        let notices = notice::notice_days(&summaries, &case.config);
        assert_eq!(
            notices.iter().map(|day| day.day.0).collect::<Vec<_>>(),
            case.notice_days,
            "case {at}"
        );
    }
    assert!(
        cases.iter().filter(|case| !case.notice_days.is_empty()).count() > 10,
        "vectors without notices prove little"
    );
}
