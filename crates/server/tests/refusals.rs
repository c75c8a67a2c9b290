//! Every bad upload is refused by its numbered rule and leaves nothing behind (docs/spec/upload.md).

mod common;

use common::{HMAC_KEY, World, encode, post, send, upload, uploaded_keys};
use protocol::certificate::{VerificationClaims, hmac_over_keys};
use protocol::jws::{self, DocumentType};
use protocol::message::{KeyUpload, KeyUploadAnswer, UploadedKey};
use protocol::signature::SecretKey;

async fn nothing_is_stored(world: &World) {
    assert_eq!(world.rows("keys.diagnosis_key").await, 0);
    assert_eq!(world.rows("keys.certificate_use").await, 0);
}

async fn refused(world: &World, upload: &KeyUpload, rule: &str) {
    let answer = post(&world.keys, "/v1/publish", upload).await;
    assert_eq!(answer.status, 422, "{rule}: {}", answer.text());
    assert_eq!(answer.rule(), rule, "{}", answer.text());
    nothing_is_stored(world).await;
}

/// Certifies and uploads keys that break `rule`.
async fn refused_keys(world: &World, keys: &[UploadedKey], rule: &str) {
    let upload = world.certified_upload(keys).await;
    refused(world, &upload, rule).await;
}

fn claims(world: &World, keys: &[UploadedKey]) -> VerificationClaims {
    let now = world.clock.now().0;
    VerificationClaims {
        iss: world.both.authority.config.certificate_issuer.clone(),
        aud: world.both.authority.config.health_authority_id.clone(),
        iat: now,
        nbf: now,
        exp: now + 900,
        jti: "0123456789abcdef".into(),
        tekmac: encode(&hmac_over_keys(&HMAC_KEY, keys)),
        report_type: "confirmed".into(),
        symptom_onset_interval: None,
    }
}

fn signed(world: &World, keys: &[UploadedKey], change: impl FnOnce(&mut VerificationClaims)) -> KeyUpload {
    let mut claims = claims(world, keys);
    change(&mut claims);
    let secret = &world.both.authority.secrets.certificate;
    upload(keys, jws::sign(DocumentType::Certificate, "v1", secret, &claims))
}

on_each_database! {
    async fn the_helper_that_signs_certificates_makes_good_ones(world) {
        let keys = uploaded_keys(world, 2);
        let answer = post(&world.keys, "/v1/publish", &signed(world, &keys, |_| {})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    async fn what_is_no_upload_is_refused_by_u1(world) {
        let body = serde_json::to_vec(&world.certified_upload(&uploaded_keys(world, 2)).await).expect("JSON");
        for length in [0, 1, body.len() / 2, body.len() - 1] {
            let answer = send(&world.keys, "/v1/publish", body[..length].to_vec(), &[]).await;
            assert_eq!((answer.status, answer.rule().as_str()), (400, "U1"), "{length}");
        }
        let huge = send(&world.keys, "/v1/publish", vec![b' '; 10 << 20], &[]).await;
        assert_eq!((huge.status, huge.rule().as_str()), (413, "U1"));
        let undeclared = send(&world.keys, "/v1/publish", body, &[("content-type", "text/plain")]).await;
        assert_eq!((undeclared.status, undeclared.rule().as_str()), (415, "U1"));
        nothing_is_stored(world).await;
    }

    async fn certificates_of_others_are_refused_by_u2(world) {
        let keys = uploaded_keys(world, 1);
        let stranger = SecretKey::from_bytes(&[5; 32]).expect("in range");
        let forged = jws::sign(DocumentType::Certificate, "v1", &stranger, &claims(world, &keys));
        refused(world, &upload(&keys, forged), "U2").await;
        let secret = &world.both.authority.secrets.certificate;
        let token = jws::sign(DocumentType::Token, "v1", secret, &claims(world, &keys));
        refused(world, &upload(&keys, token), "U2").await;
        refused(world, &signed(world, &keys, |c| c.iss = "another".into()), "U2").await;
        refused(world, &signed(world, &keys, |c| c.aud = "another".into()), "U2").await;
        refused(world, &signed(world, &keys, |c| c.report_type = "negative".into()), "U2").await;
        refused(world, &signed(world, &keys, |c| c.jti = "../../etc".into()), "U2").await;
        refused(world, &upload(&keys, String::new()), "U2").await;
        let elsewhere = KeyUpload { health_authority_id: "another".into(), ..signed(world, &keys, |_| {}) };
        refused(world, &elsewhere, "U2").await;
    }

    async fn certificates_out_of_time_are_refused_by_u3(world) {
        let keys = uploaded_keys(world, 1);
        refused(world, &signed(world, &keys, |c| c.exp = c.iat + 901), "U3").await;
        refused(world, &signed(world, &keys, |c| c.nbf += 60), "U3").await;
        refused(world, &signed(world, &keys, |c| c.exp = i64::MAX), "U3").await;
        let good = world.certified_upload(&keys).await;
        world.clock.advance(901);
        refused(world, &good, "U3").await;
    }

    async fn keys_that_were_not_certified_are_refused_by_u3(world) {
        let keys = uploaded_keys(world, 2);
        let certificate = world.certificate_for(&keys).await;
        let mut others = keys.clone();
        others[0].key = encode(&[77; 16]);
        refused(world, &upload(&others, certificate.clone()), "U3").await;
        refused(world, &upload(&keys[..1], certificate.clone()), "U3").await;
        let wrong_secret = KeyUpload { hmac_key: encode(&[1; 32]), ..upload(&keys, certificate.clone()) };
        refused(world, &wrong_secret, "U3").await;
        let no_secret = KeyUpload { hmac_key: String::new(), ..upload(&keys, certificate) };
        refused(world, &no_secret, "U3").await;
    }

    async fn a_used_certificate_is_refused_by_u4_and_a_retry_is_answered_alike(world) {
        let keys = uploaded_keys(world, 2);
        let good = world.certified_upload(&keys).await;
        let first: KeyUploadAnswer = post(&world.keys, "/v1/publish", &good).await.json();
        world.clock.advance(3600);
        let retry = KeyUpload { padding: "other filling".into(), ..good.clone() };
        let again: KeyUploadAnswer = post(&world.keys, "/v1/publish", &retry).await.json();
        assert_eq!((first.inserted_exposures, &first.outcomes), (again.inserted_exposures, &again.outcomes));
        let other = KeyUpload { symptom_onset_interval: Some(keys[0].rolling_start_number), ..good };
        let answer = post(&world.keys, "/v1/publish", &other).await;
        assert_eq!((answer.status, answer.rule().as_str()), (422, "U4"));
        assert_eq!(world.rows("keys.diagnosis_key").await, 2);
    }

    async fn no_keys_or_too_many_are_refused_by_u5(world) {
        refused_keys(world, &[], "U5").await;
        let one = uploaded_keys(world, 1).remove(0);
        let many: Vec<_> = (0..31u8).map(|n| UploadedKey { key: encode(&[n; 16]), ..one.clone() }).collect();
        refused_keys(world, &many, "U5").await;
    }

    async fn a_key_that_breaks_a_rule_is_refused_by_its_number(world) {
        let good = uploaded_keys(world, 1).remove(0);
        let now = world.clock.now().interval().0;
        for (rule, key) in [
            ("U6", UploadedKey { key: encode(&[1; 15]), ..good.clone() }),
            ("U6", UploadedKey { key: encode(&[1; 17]), ..good.clone() }),
            ("U6", UploadedKey { key: "not base64!".into(), ..good.clone() }),
            ("U7", UploadedKey { rolling_period: 0, ..good.clone() }),
            ("U7", UploadedKey { rolling_period: 145, ..good.clone() }),
            ("U8", UploadedKey { rolling_start_number: now + 1, ..good.clone() }),
            ("U8", UploadedKey { rolling_start_number: u32::MAX, ..good.clone() }),
            ("U9", UploadedKey { rolling_start_number: now - 15 * 144 - 1, ..good.clone() }),
            ("U9", UploadedKey { rolling_start_number: 0, ..good.clone() }),
            ("U10", UploadedKey { transmission_risk: 9, ..good.clone() }),
        ] {
            refused_keys(world, &[key], rule).await;
        }
    }

    async fn a_key_far_from_the_onset_is_refused_by_u11(world) {
        let keys = uploaded_keys(world, 1);
        let early = keys[0].rolling_start_number - 15 * 144;
        refused(world, &signed(world, &keys, |c| c.symptom_onset_interval = Some(early)), "U11").await;
        let ancient = keys[0].rolling_start_number - 40 * 144;
        let upload = signed(world, &keys, |c| c.symptom_onset_interval = Some(ancient));
        assert_eq!(post(&world.keys, "/v1/publish", &upload).await.status, 200, "an onset 40 days ago says nothing and is passed over");
    }

    async fn crowded_and_overlapping_keys_are_refused_by_u12_and_u13(world) {
        let one = uploaded_keys(world, 1).remove(0);
        let same: Vec<_> = (0..4u8).map(|n| UploadedKey { key: encode(&[n; 16]), ..one.clone() }).collect();
        refused_keys(world, &same, "U12").await;
        let next = UploadedKey {
            key: encode(&[9; 16]),
            rolling_start_number: one.rolling_start_number + 143,
            ..one.clone()
        };
        refused_keys(world, &[one, next], "U13").await;
        let answer = post(&world.keys, "/v1/publish", &world.certified_upload(&same[..3]).await).await;
        assert_eq!(answer.json::<KeyUploadAnswer>().inserted_exposures, 3, "three of one start are allowed");
    }

    async fn good_keys_of_a_mixed_upload_are_stored_and_each_key_has_its_outcome(world) {
        let mut keys = uploaded_keys(world, 4);
        keys[1].key = encode(&[1; 15]);
        keys[2].rolling_start_number = world.clock.now().interval().0 + 200;
        let answer: KeyUploadAnswer = post(&world.keys, "/v1/publish", &world.certified_upload(&keys).await).await.json();
        let rules: Vec<_> = answer.outcomes.iter().map(|o| o.rule.as_deref()).collect();
        assert_eq!(rules, [None, Some("U6"), Some("U8"), None]);
        assert_eq!(answer.inserted_exposures, 2);
        assert_eq!(world.rows("keys.diagnosis_key").await, 2);
        let again: KeyUploadAnswer =
            post(&world.keys, "/v1/publish", &world.certified_upload(&keys[..1]).await).await.json();
        assert_eq!(again.outcomes[0].rule.as_deref(), Some("U14"));
    }

    async fn cover_traffic_is_answered_alike_and_stores_nothing(world) {
        let keys = uploaded_keys(world, 3);
        let body = serde_json::to_vec(&upload(&keys, "no certificate".into())).expect("JSON");
        let chaff = send(&world.keys, "/v1/publish", body, &[("x-chaff", "1")]).await;
        assert_eq!(chaff.status, 200);
        let told: KeyUploadAnswer = chaff.json();
        assert_eq!(told.inserted_exposures, 3);
        assert!((1024..2048).contains(&told.padding.len()));
        nothing_is_stored(world).await;
        let body = br#"{"code":"whatever","accept":["confirmed"]}"#.to_vec();
        let verify = send(&world.authority, "/v1/verify", body, &[("x-chaff", "1")]).await;
        let token = verify.json::<protocol::message::VerifyAnswer>().token;
        let body = serde_json::to_vec(&serde_json::json!({"token": token, "ekeyhmac": encode(&[0; 32])})).expect("JSON");
        let certificate = send(&world.authority, "/v1/certificate", body.clone(), &[("x-chaff", "1")]).await;
        let certificate = certificate.json::<protocol::message::CertificateAnswer>().certificate;
        assert_eq!(send(&world.authority, "/v1/certificate", body, &[]).await.rule(), "U25", "its token is worth nothing");
        refused(world, &upload(&keys, certificate), "U2").await;
        assert_eq!(world.rows("authority.verification_code").await, 0);
    }
}

#[tokio::test]
async fn a_flipped_bit_never_stores_another_key() {
    let world = World::in_memory().await;
    let keys = uploaded_keys(&world, 1);
    let body = serde_json::to_vec(&KeyUpload {
        padding: String::new(),
        ..world.certified_upload(&keys).await
    })
    .expect("JSON");
    let mut refusals = 0;
    for at in 0..body.len() {
        let mut flipped = body.clone();
        flipped[at] ^= 1 << (at % 7);
        refusals += u32::from(send(&world.keys, "/v1/publish", flipped, &[]).await.status != 200);
    }
    assert!(refusals as usize > body.len() * 4 / 5, "{refusals} of {}", body.len());
    for table in world.both.keys.db.dump().await.expect("a dump") {
        if table.table == "diagnosis_key" {
            assert!(
                table
                    .rows
                    .iter()
                    .all(|row| row[0] == "01".repeat(16) && row[2] == "144"),
                "{:?}",
                table.rows
            );
        }
    }
}
