//! Export files: written, read back, and refused when anything is wrong with them.

use proptest::prelude::*;
use protocol::diagnosis::{DiagnosisKey, ReportType};
use protocol::export::{ALGORITHM, Export, ExportError, ExportHeader, ExportWriteError, ExportWriter, SignatureInfo};
use protocol::proximity::RollingPeriod;
use protocol::signature::{PublicKey, SecretKey, SignatureError};
use protocol::time::{IntervalNumber, UnixSeconds};

fn secret() -> SecretKey {
    SecretKey::from_bytes(&[11; 32]).expect("in range")
}

fn header() -> ExportHeader {
    ExportHeader {
        start: UnixSeconds(1_626_048_000),
        end: UnixSeconds(1_626_051_600),
        region: "82".into(),
        batch_num: 1,
        batch_size: 1,
        signature_infos: vec![SignatureInfo {
            key_version: "v1".into(),
            key_id: "82".into(),
            algorithm: ALGORITHM.into(),
        }],
    }
}

fn keys(n: u32) -> Vec<DiagnosisKey> {
    let key = |i: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&i.to_be_bytes());
        bytes[4..8].copy_from_slice(&i.wrapping_mul(2_654_435_761).to_be_bytes());
        DiagnosisKey {
            key: bytes,
            rolling_start: IntervalNumber(2_710_080 - 144 * (i % 14)),
            rolling_period: RollingPeriod::new(1 + i % 144).expect("in range"),
            report_type: ReportType::ConfirmedTest,
            transmission_risk: (i % 8) as u8,
            days_since_onset: (i % 30 != 29).then_some((i % 29) as i8 - 14),
        }
    };
    (0..n).map(key).collect()
}

fn written(keys: &[DiagnosisKey]) -> Vec<u8> {
    let mut writer = ExportWriter::new(Vec::new(), header()).expect("a vector takes all");
    for key in keys {
        writer.push(key).expect("sorted");
    }
    writer.finish(&secret()).expect("a vector takes all")
}

fn read(zip: &[u8]) -> Result<Vec<DiagnosisKey>, ExportError> {
    let export = Export::open(zip)?;
    export.verify("82", "v1", &secret().public_key())?;
    let mut out = Vec::new();
    export.for_each_key(|k| out.push(k.key))?;
    Ok(out)
}

#[test]
fn what_was_written_is_read_back_and_the_same_keys_give_the_same_bytes() {
    for n in [0, 1, 3, 5_000] {
        let zip = written(&keys(n));
        assert_eq!(read(&zip), Ok(keys(n)));
        assert_eq!(zip, written(&keys(n)));
        assert_eq!(Export::open(&zip).expect("own file").header(), &header());
    }
}

#[test]
fn keys_out_of_order_or_twice_are_refused() {
    let two = keys(2);
    let mut writer = ExportWriter::new(Vec::new(), header()).expect("a vector takes all");
    writer.push(&two[1]).expect("first");
    assert_eq!(writer.push(&two[0]), Err(ExportWriteError::Order));
    assert_eq!(writer.push(&two[1]), Err(ExportWriteError::Order));
}

#[test]
fn a_file_is_refused_under_another_key_id_version_or_key() {
    let zip = written(&keys(3));
    let export = Export::open(&zip).expect("own file");
    let public = secret().public_key();
    let stranger = SecretKey::from_bytes(&[12; 32]).expect("in range").public_key();
    assert_eq!(export.verify("82", "v1", &public), Ok(()));
    assert_eq!(export.verify("81", "v1", &public), Err(ExportError::Unsigned));
    assert_eq!(export.verify("82", "v2", &public), Err(ExportError::Unsigned));
    assert_eq!(
        export.verify("82", "v1", &stranger),
        Err(ExportError::Signature(SignatureError::Mismatch))
    );
    assert_eq!(
        export.verify_any(&stranger),
        Err(ExportError::Signature(SignatureError::Mismatch))
    );
}

#[test]
fn every_cut_of_a_file_is_refused() {
    let zip = written(&keys(20));
    for length in 0..zip.len() {
        assert!(read(&zip[..length]).is_err(), "cut at {length}");
    }
}

#[test]
fn no_flipped_bit_changes_a_key_unnoticed() {
    let zip = written(&keys(20));
    for at in 0..zip.len() {
        for bit in 0..8 {
            let mut bent = zip.clone();
            bent[at] ^= 1 << bit;
            // Bits that carry no content (zip times, the local copy of sizes) may change; keys may not.
            if let Ok(read) = read(&bent) {
                assert_eq!(read, keys(20), "byte {at}, bit {bit}");
            }
        }
    }
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("new entry");
        zip.write_all(content).expect("a vector takes all");
    }
    zip.finish().expect("a vector takes all").into_inner()
}

#[test]
fn a_file_that_is_too_large_or_inflates_too_far_is_refused() {
    assert_eq!(
        Export::open(&vec![0; 17 * 1024 * 1024]).err(),
        Some(ExportError::TooLarge)
    );
    let bomb = archive(&[
        ("export.bin", b"EK Export v1    "),
        ("export.sig", &vec![0; 65 * 1024 * 1024]),
    ]);
    assert!(bomb.len() < 200_000);
    assert_eq!(Export::open(&bomb).err(), Some(ExportError::TooLarge));
    let mut bin = b"EK Export v1    ".to_vec();
    bin.resize(65 * 1024 * 1024, 0x20);
    let bomb = archive(&[("export.bin", &bin), ("export.sig", b"")]);
    assert_eq!(Export::open(&bomb).err(), Some(ExportError::TooLarge));
}

#[test]
fn other_archives_are_refused_by_what_they_lack() {
    assert_eq!(Export::open(b"not a zip").err(), Some(ExportError::Zip));
    let missing = |name| Some(ExportError::Missing(name));
    assert_eq!(
        Export::open(&archive(&[("export.sig", b"")])).err(),
        missing("export.bin")
    );
    assert_eq!(
        Export::open(&archive(&[("export.bin", b"EK Export v1    ")])).err(),
        missing("export.sig")
    );
    let wrong = archive(&[("export.bin", b"EK Export v2    "), ("export.sig", b"")]);
    assert_eq!(Export::open(&wrong).err(), Some(ExportError::Magic));
    let endless = archive(&[
        ("export.bin", b"EK Export v1    \x3a\xff\xff\xff\x7f"),
        ("export.sig", b""),
    ]);
    assert_eq!(Export::open(&endless).err(), Some(ExportError::Protobuf));
}

#[test]
fn malformed_keys_are_skipped_and_the_rest_is_read() {
    let mut bin = b"EK Export v1    ".to_vec();
    // a key of 15 bytes; a period of 0; a period of 145; no start; then a good one
    for (length, rest) in [
        (15, &[0x18, 5][..]),
        (16, &[0x18, 5, 0x20, 0]),
        (16, &[0x18, 5, 0x20, 0x91, 1]),
        (16, &[]),
        (16, &[0x18, 5]),
    ] {
        let body = [&[0x0a, length], &vec![length; usize::from(length)][..], rest].concat();
        bin.extend([&[0x3a, body.len() as u8], &body[..]].concat());
    }
    let zip = archive(&[("export.bin", &bin), ("export.sig", b"")]);
    let mut read = Vec::new();
    let count = Export::open(&zip)
        .expect("opens")
        .for_each_key(|k| read.push(k.key))
        .expect("intact");
    assert_eq!((count.read, count.skipped), (1, 4));
    assert_eq!(
        (read[0].rolling_start.0, read[0].rolling_period),
        (5, RollingPeriod::DAY)
    );
}

#[test]
fn googles_example_verifies_under_googles_key() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/vectors");
    let Ok(zip) = std::fs::read(folder.join("google_export_2_records.zip")) else {
        eprintln!("skipped: the official example export is not at {}", folder.display());
        return;
    };
    let pem = std::fs::read_to_string(folder.join("google_export_public.pem")).expect("the key lies beside the file");
    let export = Export::open(&zip).expect("Google's file opens");
    export
        .verify("some_id", "1", &PublicKey::from_pem(&pem).expect("PEM"))
        .expect("Google's signature holds");
    let mut read = Vec::new();
    let count = export
        .for_each_key(|k| read.push(k.key))
        .expect("Google's keys are read");
    assert_eq!(
        (count.read, count.skipped, export.header().region.as_str()),
        (2, 0, "US")
    );
    assert_eq!(read[0].rolling_start, IntervalNumber(2_649_980));
    assert_eq!(read[1].rolling_period.intervals(), 114);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes);
    }
}
