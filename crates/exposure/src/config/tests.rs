use super::*;

const GAEN: &str = r#"{
    "attenuationBucketThresholds": [50, 60, 70], "attenuationBucketWeights": [2.5, 1.0, 0.5, 0.0],
    "infectiousnessForDaysSinceOnset": {"-2": "STANDARD", "0": "high", "14": 1},
    "infectiousnessWeights": [0, 1, 1.5], "reportTypeWeights": {"CONFIRMED_TEST": 1, "3": 0.4},
    "minimumWindowScore": 10
}"#;

fn with(change: &str, to: &str) -> Result<RiskConfig, InvalidConfig> {
    assert!(GAEN.contains(change));
    RiskConfig::parse(GAEN.replace(change, to).as_bytes())
}

#[test]
fn the_shipped_configuration_reads_back_as_written() {
    let config = RiskConfig::vietnam_default();
    let json = serde_json::to_vec(&config).unwrap();
    assert_eq!(RiskConfig::parse(&json), Ok(config));
}

#[test]
fn gaens_names_are_read_with_names_or_numbers() {
    let config = RiskConfig::parse(GAEN.as_bytes()).unwrap();
    assert_eq!(config.infectiousness().level(Some(0)), Infectiousness::High);
    assert_eq!(config.infectiousness().level(Some(14)), Infectiousness::Standard);
    assert_eq!(config.infectiousness().level(Some(1)), Infectiousness::None);
    assert_eq!(config.report_type_weight(ReportType::SelfReport), 0.4);
    assert_eq!(config.report_type_weight(ReportType::ConfirmedClinicalDiagnosis), 0.0);
    let list = r#"[{"daysSinceOnsetOfSymptoms": 3, "infectiousness": 2}]"#;
    let config = with(r#"{"-2": "STANDARD", "0": "high", "14": 1}"#, list).unwrap();
    assert_eq!(config.infectiousness().level(Some(3)), Infectiousness::High);
}

#[test]
fn thresholds_are_inclusive() {
    let config = RiskConfig::parse(GAEN.as_bytes()).unwrap();
    let buckets = [-3, 50, 51, 60, 61, 70, 71, 400].map(|db| config.bucket(Decibels(db)));
    assert_eq!(buckets, [0, 0, 1, 1, 2, 2, 3, 3]);
}

#[test]
fn values_out_of_range_are_refused_by_name() {
    use InvalidConfig as E;
    assert_eq!(with("[50, 60, 70]", "[50, 50, 70]"), Err(E::Thresholds));
    assert_eq!(with("[50, 60, 70]", "[50, 60]"), Err(E::Thresholds));
    assert_eq!(
        with("2.5, 1.0", "2.6, 1.0"),
        Err(E::Weights("attenuationBucketWeights", 4))
    );
    assert_eq!(
        with("[0, 1, 1.5]", "[0, 1]"),
        Err(E::Weights("infectiousnessWeights", 3))
    );
    assert_eq!(
        with("\"3\": 0.4", "\"6\": 0.4"),
        Err(E::Weights("reportTypeWeights", 6))
    );
    assert_eq!(with("\"14\": 1", "\"15\": 1"), Err(E::Infectiousness));
    assert_eq!(with("Score\": 10", "Score\": -1"), Err(E::MinimumWindowScore));
    assert_eq!(
        with("Score\": 10", "Score\": 1, \"notice\": {\"thresholdMinutes\": 0}"),
        Err(E::Notice)
    );
    let scan = r#"Score": 1, "scan": {"scanSeconds": 4, "baseSeconds": 30, "denseSeconds": 60, "companySeconds": 1, "budgetPerMille": 19}"#;
    assert_eq!(with("Score\": 10", scan), Err(E::Scan));
    assert!(matches!(with("minimumWindowScore", "minimumScore"), Err(E::Json(_))));
    assert_eq!(
        RiskConfig::parse(&[b' '; MAX_CONFIG_BYTES + 1]),
        Err(E::TooLong(MAX_CONFIG_BYTES + 1))
    );
}

#[test]
fn the_shipped_rule_is_fifteen_minutes_from_two_days_before_onset() {
    let config = RiskConfig::vietnam_default();
    assert_eq!(config.notice().threshold_minutes, 15);
    let weight = |day| config.infectiousness_weight(config.infectiousness().level(day));
    assert_eq!(
        [weight(Some(-3)), weight(Some(-2)), weight(Some(14)), weight(None)],
        [0.0, 1.0, 1.0, 1.0]
    );
}
