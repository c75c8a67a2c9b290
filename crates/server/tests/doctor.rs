//! What `vunglam doctor` finds, on installations that are well and on ones that are not.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::START;
use server::backup::Places;
use server::clock::{Clock, VirtualClock};
use server::config::{AuthorityConfig, KeysConfig};
use server::doctor::{Finding, Verdict, examine};

fn places(folder: &std::path::Path) -> Places {
    Places {
        authority: AuthorityConfig {
            data: folder.join("authority"),
            ..AuthorityConfig::default()
        },
        keys: KeysConfig {
            data: folder.join("keys"),
            ..KeysConfig::default()
        },
    }
}

async fn found(places: &Places, language: &str) -> Vec<Finding> {
    server::secrets::hand_over_certificate_public_key(&key(places), &places.keys.data).unwrap();
    examine(places, &Clock::from(VirtualClock::new(START)), language).await
}

/// The public key of the authority's certificates, made when there is none.
fn key(places: &Places) -> protocol::signature::PublicKey {
    let secrets = server::secrets::AuthoritySecrets::load_or_create(&places.authority.data, &server::Entropy::System);
    secrets.unwrap().certificate.public_key()
}

fn verdict(findings: &[Finding], side: &str, check: &str) -> Option<Verdict> {
    let mut fitting = findings
        .iter()
        .filter(|finding| finding.side == side && finding.check == check);
    fitting.next().map(|finding| finding.verdict)
}

#[tokio::test]
async fn a_new_installation_is_well_but_for_its_first_officer() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    let findings = found(&places, "vi").await;
    assert!(
        findings.iter().all(|finding| finding.verdict != Verdict::Fail),
        "{findings:?}"
    );
    assert_eq!(verdict(&findings, "authority", "open"), Some(Verdict::Ok));
    assert_eq!(verdict(&findings, "keys", "open"), Some(Verdict::Ok));
    assert_eq!(verdict(&findings, "authority", "officers"), Some(Verdict::Warn));
    assert_eq!(verdict(&findings, "authority", "people"), Some(Verdict::Ok));
    // What it made nobody else may look into.
    for side in ["authority", "keys"] {
        assert_eq!(verdict(&findings, side, "folder"), Some(Verdict::Ok), "{side}");
    }
    for database in [
        places.authority.data.join("authority.sqlite"),
        places.keys.data.join("keys.sqlite"),
    ] {
        let mode = fs::metadata(&database).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{database:?} is {mode:o}");
    }
    // In the operator's language, without ids of texts.
    let english = found(&places, "en").await;
    for (here, there) in findings.iter().zip(&english) {
        assert_eq!((here.side, here.check), (there.side, there.check));
        assert_ne!(here.message, there.message);
        assert!(
            !here.message.contains("doctor-") && !there.message.contains("doctor-"),
            "{here:?}"
        );
    }
}

#[tokio::test]
async fn a_keyring_that_was_lost_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    found(&places, "en").await;
    // The key of the keyring's epoch is gone.
    fs::remove_file(places.authority.data.join("keyring-kek")).unwrap();
    let findings = found(&places, "en").await;
    assert_eq!(
        verdict(&findings, "authority", "keyring"),
        Some(Verdict::Fail),
        "{findings:?}"
    );
    assert_eq!(verdict(&findings, "keys", "open"), Some(Verdict::Ok));
}

#[tokio::test]
async fn what_others_can_read_or_reach_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut places = places(folder.path());
    found(&places, "en").await;
    fs::set_permissions(&places.authority.data, fs::Permissions::from_mode(0o755)).unwrap();
    places.authority.listen = "0.0.0.0:8402".parse().unwrap();
    let findings = found(&places, "en").await;
    assert_eq!(verdict(&findings, "authority", "folder"), Some(Verdict::Warn));
    assert_eq!(verdict(&findings, "keys", "folder"), Some(Verdict::Ok));
    assert_eq!(verdict(&findings, "authority", "tls"), Some(Verdict::Warn));
    assert_eq!(verdict(&findings, "keys", "tls"), Some(Verdict::Ok));
    // A key file that everybody may read is never used.
    let pepper = places.authority.data.join("code-pepper.hex");
    fs::set_permissions(&pepper, fs::Permissions::from_mode(0o644)).unwrap();
    let findings = examine(&places, &Clock::from(VirtualClock::new(START)), "en").await;
    assert_eq!(
        verdict(&findings, "authority", "secrets"),
        Some(Verdict::Fail),
        "{findings:?}"
    );
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut places = places(folder.path());
    found(&places, "en").await;
    places.authority.database = Some("mysql://somewhere".into());
    let findings = found(&places, "en").await;
    assert_eq!(
        verdict(&findings, "authority", "database"),
        Some(Verdict::Fail),
        "{findings:?}"
    );
    let database = folder.path().join("authority").join("authority.sqlite");
    fs::write(
        &database,
        b"not a database at all, but a text that is long enough to be looked at",
    )
    .unwrap();
    places.authority.database = Some(format!("sqlite:{}", database.display()));
    let findings = found(&places, "en").await;
    assert_eq!(
        verdict(&findings, "authority", "database"),
        Some(Verdict::Fail),
        "{findings:?}"
    );
}
