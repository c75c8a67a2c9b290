//! The committed contract is the one the routes make, and describes the messages as they are.

mod common;

use common::{World, get};
use protocol::message::{CertificateRequest, KeyUpload, UploadedKey, VerifyRequest};
use serde_json::Value;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/v1.json");

#[test]
fn the_committed_contract_is_up_to_date() {
    let made = server::contract_json();
    if std::env::var("UPDATE_CONTRACT").is_ok() {
        std::fs::write(COMMITTED, &made).expect("the contract can be written");
    }
    let committed = std::fs::read_to_string(COMMITTED).expect("openapi/v1.json is committed");
    assert!(
        committed == made,
        "openapi/v1.json differs: run UPDATE_CONTRACT=1 cargo test -p server --test contract"
    );
}

#[test]
fn the_described_messages_have_the_fields_of_the_real_ones() {
    let contract: Value = serde_json::from_str(&server::contract_json()).expect("JSON");
    let key = UploadedKey {
        key: String::new(),
        rolling_start_number: 0,
        rolling_period: 1,
        transmission_risk: 0,
    };
    let upload = KeyUpload {
        keys: vec![],
        health_authority_id: String::new(),
        verification_payload: String::new(),
        hmac_key: String::new(),
        symptom_onset_interval: Some(1),
        traveler: false,
        revision_token: Some(String::new()),
        padding: String::new(),
    };
    let verify = VerifyRequest {
        code: String::new(),
        accept: vec![],
        padding: String::new(),
    };
    let certificate = CertificateRequest {
        token: String::new(),
        ekeyhmac: String::new(),
        padding: String::new(),
    };
    for (name, value) in [
        ("UploadedKey", serde_json::to_value(key)),
        ("KeyUpload", serde_json::to_value(upload)),
        ("VerifyRequest", serde_json::to_value(verify)),
        ("CertificateRequest", serde_json::to_value(certificate)),
    ] {
        same_fields(&contract, name, &value.expect("JSON"));
    }
}

#[tokio::test]
async fn the_described_answers_have_the_fields_of_the_real_ones() {
    let world = World::in_memory().await;
    let contract: Value = serde_json::from_str(&server::contract_json()).expect("JSON");
    same_fields(&contract, "Trust", &get(&world.keys, "/v1/trust").await.json());
    let (_, issue) = world.issue(&common::new_case(&world)).await;
    same_fields(
        &contract,
        "VerifyAnswer",
        &world.try_verify(issue.short.reveal()).await.json(),
    );
    let upload = world.certified_upload(&common::uploaded_keys(&world, 1)).await;
    let answer: Value = common::post(&world.keys, "/v1/publish", &upload).await.json();
    same_fields(&contract, "KeyUploadAnswer", &answer);
    same_fields(&contract, "KeyOutcome", &answer["outcomes"][0]);
    for router in [&world.keys, &world.authority] {
        assert_eq!(get(router, "/openapi.json").await.json::<Value>(), contract);
    }
}

#[tokio::test]
async fn every_address_answers_and_what_is_none_is_a_problem() {
    let world = World::in_memory().await;
    for router in [&world.keys, &world.authority] {
        for path in ["/livez", "/readyz", "/metrics"] {
            assert_eq!(get(router, path).await.status, 200, "{path}");
        }
        let missing = get(router, "/v1/nothing").await;
        assert_eq!((missing.status, missing.rule().as_str()), (404, "none"));
        assert_eq!(missing.headers["x-content-type-options"], "nosniff");
        assert!(missing.headers.contains_key("x-request-id"));
    }
    assert_eq!(get(&world.keys, "/v1/publish").await.status, 405);
    assert_eq!(
        get(&world.keys, "/v1/verify").await.status,
        404,
        "the keys side redeems no codes"
    );
    assert_eq!(
        get(&world.authority, "/v1/trust").await.status,
        404,
        "the authority gives out no keys"
    );
}

#[tokio::test]
async fn a_page_of_another_origin_is_told_that_it_may_post() {
    let world = World::in_memory().await;
    for (router, path) in [(&world.keys, "/v1/publish"), (&world.authority, "/v1/verify")] {
        let asks_first = axum::http::Request::builder()
            .method("OPTIONS")
            .uri(path)
            .header("origin", "https://app.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(axum::body::Body::empty())
            .expect("a request");
        let answer = common::answer(router, asks_first).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        let allowed = answer.headers["access-control-allow-headers"].to_str().expect("text");
        assert!(allowed.contains("content-type"), "{allowed}");
        assert!(
            !answer.headers.contains_key("access-control-allow-credentials"),
            "no cookies"
        );
    }
}

fn same_fields(contract: &Value, name: &str, real: &Value) {
    let described = contract["components"]["schemas"][name]["properties"]
        .as_object()
        .expect(name);
    let mut described: Vec<_> = described.keys().collect();
    let mut real: Vec<_> = real.as_object().expect("an object").keys().collect();
    described.sort();
    real.sort();
    assert_eq!(described, real, "{name}");
}
