use super::*;

const DAY: UtcDay = UtcDay(18_820);

fn scan(second: i64, typical: i16, packets: u16, seconds: Option<u32>) -> HeardScan {
    let db = Decibels(typical);
    HeardScan {
        at: DAY.start().plus(second),
        typical: db,
        min: Decibels(typical - 3),
        packets,
        seconds_since_last_scan: seconds,
        calibration_confidence: 2,
    }
}

fn windows(scans: &[HeardScan]) -> Vec<ExposureWindow> {
    let facts = DiagnosisFacts {
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(0),
    };
    exposure_windows(facts, scans, &RiskConfig::vietnam_default())
}

fn counts(scans: &[HeardScan]) -> Vec<usize> {
    windows(scans)
        .iter()
        .map(|window| window.scan_instances.len())
        .collect()
}

#[test]
fn a_window_ends_thirty_minutes_after_its_first_scan() {
    let at = |second| scan(second, 50, 1, Some(60));
    assert_eq!(counts(&[at(100), at(1899), at(1900), at(3699), at(3700)]), [2, 2, 1]);
}

#[test]
fn a_window_does_not_cross_midnight() {
    assert_eq!(counts(&[scan(86_390, 50, 1, None), scan(86_400, 50, 1, None)]), [1, 1]);
}

#[test]
fn a_scan_stands_for_five_minutes_at_most_and_two_when_unknown() {
    let found = windows(&[
        scan(0, 50, 1, Some(301)),
        scan(10, 50, 1, None),
        scan(20, 50, 1, Some(7)),
    ]);
    let seconds: Vec<_> = found[0]
        .scan_instances
        .iter()
        .map(|scan| scan.seconds_since_last_scan)
        .collect();
    assert_eq!(seconds, [300, 120, 7]);
}

#[test]
fn parts_of_one_scan_count_once_and_average_by_packets() {
    let found = windows(&[scan(0, 60, 1, Some(60)), scan(0, 51, 2, Some(60))]);
    let expected = ScanInstance {
        typical: Decibels(54),
        min: Decibels(48),
        seconds_since_last_scan: 60,
    };
    assert_eq!(found[0].scan_instances, [expected]);
}

#[test]
fn a_key_without_report_type_takes_the_configured_one() {
    let facts = DiagnosisFacts {
        report_type: ReportType::Unknown,
        days_since_onset: Some(-9),
    };
    let found = exposure_windows(facts, &[scan(0, 50, 1, None)], &RiskConfig::vietnam_default());
    assert_eq!(
        (found[0].report_type, found[0].infectiousness),
        (ReportType::ConfirmedTest, Infectiousness::None)
    );
}

#[test]
fn windows_read_back_as_written_and_numbers_are_names() {
    let found = windows(&[scan(0, 50, 1, None)]);
    let json = serde_json::to_string(&found[0]).unwrap();
    assert_eq!(serde_json::from_str::<ExposureWindow>(&json).unwrap(), found[0]);
    let numbers = json.replace("\"CONFIRMED_TEST\"", "1").replace("\"STANDARD\"", "1");
    assert_ne!(numbers, json);
    assert_eq!(serde_json::from_str::<ExposureWindow>(&numbers).unwrap(), found[0]);
}
