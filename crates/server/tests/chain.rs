//! The whole line through both routers: a case is confirmed, a code redeemed, keys uploaded, a file cut and read.

mod common;

use common::{World, new_case, post, uploaded_keys};
use protocol::certificate::hmac_over_keys;
use protocol::export::Export;
use protocol::jws::{self, DocumentType};
use protocol::message::{KeyUploadAnswer, SignedTime, Trust};
use protocol::signature::PublicKey;

on_each_database! {
    async fn a_confirmed_persons_keys_reach_a_signed_listed_file(world) {
        let keys = uploaded_keys(world, 3);
        let upload = world.certified_upload(&keys).await;
        let answer = post(&world.keys, "/v1/publish", &upload).await;
        assert_eq!(answer.status, 200);
        let told: KeyUploadAnswer = answer.json();
        assert_eq!(told.inserted_exposures, 3);
        assert!((1024..2048).contains(&told.padding.len()));

        world.clock.advance(86_400);
        world.both.run_due_jobs().await.expect("jobs");
        let names = world.index().await;
        assert_eq!(names.len(), 1);
        let zip = world.file(&names[0]).await;
        let trust: Trust = common::get(&world.keys, "/v1/trust").await.json();
        let public = PublicKey::from_pem(&trust.export_public_key_pem).expect("a key");
        let export = Export::open(&zip).expect("a file");
        export
            .verify(&trust.export_key_id, &trust.export_key_version, &public)
            .expect("a good signature");
        let mut found = Vec::new();
        export.for_each_key(|key| found.push(key.key)).expect("intact");
        assert_eq!(found.len(), 100);
        for key in &keys {
            let bytes = common::decode(&key.key);
            let exported = found.iter().find(|k| k.key == bytes).expect("every uploaded key");
            assert_eq!(exported.rolling_start.0, key.rolling_start_number);
        }
    }

    async fn the_time_is_signed_together_with_the_callers_nonce(world) {
        let trust: Trust = common::get(&world.keys, "/v1/trust").await.json();
        let public = PublicKey::from_pem(&trust.document_public_key_pem).expect("a key");
        let document = common::get(&world.keys, "/v1/time?nonce=0123456789abcdef").await.text();
        let time: SignedTime = jws::verify(DocumentType::Time, &trust.document_key_id, &public, &document).expect("signed");
        assert_eq!(
            (time.unix, time.nonce.as_str()),
            (world.clock.now().0, "0123456789abcdef")
        );
        let config = common::get(&world.keys, "/v1/config").await.text();
        let config: exposure::config::RiskConfig =
            jws::verify(DocumentType::Config, &trust.document_key_id, &public, &config).expect("signed");
        assert_eq!(config, exposure::config::RiskConfig::vietnam_default());
        for nonce in [
            "",
            "?nonce=123",
            "?nonce=zzzzzzzz",
            &format!("?nonce={}", "0".repeat(65)),
        ] {
            assert_eq!(
                common::get(&world.keys, &format!("/v1/time{nonce}")).await.status,
                400,
                "{nonce}"
            );
        }
    }

    async fn a_code_works_once_and_its_link_dies_with_it(world) {
        let (_, issue) = world.issue(&new_case(world)).await;
        let token = world.verify(issue.short.reveal()).await;
        assert_eq!(world.try_verify(issue.short.reveal()).await.rule(), "U22");
        assert_eq!(world.try_verify(issue.link.reveal()).await.rule(), "U22");
        let keys = uploaded_keys(world, 1);
        let mac = common::encode(&hmac_over_keys(&[9; 32], &keys));
        let first = world.try_certificate(&token, &mac).await;
        assert_eq!(first.status, 200);
        assert_eq!(
            world.try_certificate(&token, &mac).await.status,
            200,
            "a lost answer may be asked for again"
        );
        let other = common::encode(&[1; 32]);
        assert_eq!(world.try_certificate(&token, &other).await.rule(), "U25");
    }
}
