//! The API's contract, OpenAPI 3.1, one document for both sides; its committed form is `openapi/v1.json`.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

use super::router::{authority_api, keys_api};

/// Returns an empty document with our own title page.
pub(super) fn frame() -> OpenApi {
    let description = "Exposure notification API of both trust sides. Keys side: publish, exports, config, time, trust. \
                       Authority: verify, certificate, record/looks, audit/root. Refusals are RFC 9457 problems; their rules are numbered in \
                       docs/spec/upload.md.";
    let info = InfoBuilder::new()
        .title("Vùng Lam")
        .version("1")
        .description(Some(description))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").build()))
        .build();
    OpenApiBuilder::new().info(info).build()
}

/// Returns the whole contract.
pub(crate) fn contract() -> OpenApi {
    let mut whole = keys_api().into_openapi();
    whole.merge(authority_api().into_openapi());
    whole
}

/// Returns the contract as the JSON that is committed.
pub fn contract_json() -> String {
    let mut text = contract().to_pretty_json().expect("a contract always serialises");
    text.push('\n');
    text
}

/// `GET /openapi.json`.
pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], contract_json()).into_response()
}

/// Forms of the messages in `protocol::message`, which cannot describe themselves. A test compares the two.
pub(crate) mod schema {
    use serde::Serialize;
    use utoipa::ToSchema;

    /// A key inside an upload.
    #[derive(Serialize, ToSchema)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct UploadedKey {
        /// 16 bytes, standard Base64.
        key: String,
        /// First interval of validity.
        rolling_start_number: u32,
        /// Intervals of validity, 1 to 144.
        #[schema(default = 144, minimum = 1, maximum = 144, required = false)]
        rolling_period: u32,
        /// GAEN's deprecated level.
        #[schema(default = 0, maximum = 8, required = false)]
        transmission_risk: u8,
    }

    /// Keys to publish and the certificate that allows it.
    #[derive(Serialize, ToSchema)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct KeyUpload {
        /// 1 to 30 keys.
        temporary_exposure_keys: Vec<UploadedKey>,
        /// Which authority verified.
        #[serde(rename = "healthAuthorityID")]
        health_authority_id: String,
        /// The verification certificate, a compact JWS.
        verification_payload: String,
        /// Secret of the HMAC over the keys, standard Base64.
        hmac_key: String,
        /// Interval of the onset of symptoms as the person states it.
        #[schema(required = false)]
        symptom_onset_interval: Option<u32>,
        /// Carried for compatibility.
        #[schema(default = false, required = false)]
        traveler: bool,
        /// Carried for compatibility.
        #[schema(required = false)]
        revision_token: Option<String>,
        /// Random filling.
        #[schema(required = false)]
        padding: String,
    }

    /// What became of one uploaded key.
    #[derive(Serialize, ToSchema)]
    pub(crate) struct KeyOutcome {
        /// Position in the upload.
        index: u32,
        /// The rule that dropped the key; null when it was stored.
        rule: Option<String>,
        /// The rule in words.
        message: String,
    }

    /// Answer to an upload.
    #[derive(Serialize, ToSchema)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct KeyUploadAnswer {
        /// Number of keys stored.
        inserted_exposures: u32,
        /// One outcome for each key.
        outcomes: Vec<KeyOutcome>,
        /// Random filling.
        padding: String,
    }

    /// A verification code to redeem.
    #[derive(Serialize, ToSchema)]
    pub(crate) struct VerifyRequest {
        /// The code as typed.
        code: String,
        /// Kinds of report that are accepted; all when empty.
        #[schema(required = false)]
        accept: Vec<String>,
        /// Random filling.
        #[schema(required = false)]
        padding: String,
    }

    /// Answer to a redeemed code.
    #[derive(Serialize, ToSchema)]
    pub(crate) struct VerifyAnswer {
        /// To be exchanged for a certificate.
        token: String,
        /// `confirmed` or `likely`.
        testtype: String,
        /// Onset of symptoms, `yyyy-mm-dd`.
        #[serde(rename = "symptomDate")]
        symptom_date: Option<String>,
        /// Date of the test, `yyyy-mm-dd`.
        #[serde(rename = "testDate")]
        test_date: Option<String>,
        /// Random filling.
        padding: String,
    }

    /// A token and the HMAC over the keys.
    #[derive(Serialize, ToSchema)]
    pub(crate) struct CertificateRequest {
        /// From the redeemed code.
        token: String,
        /// HMAC over the keys, 32 bytes in standard Base64.
        ekeyhmac: String,
        /// Random filling.
        #[schema(required = false)]
        padding: String,
    }

    /// The certificate.
    #[derive(Serialize, ToSchema)]
    pub(crate) struct CertificateAnswer {
        /// Compact JWS, ES256.
        certificate: String,
        /// Random filling.
        padding: String,
    }

    /// Addresses and public keys that a phone pins.
    #[derive(Serialize, ToSchema)]
    pub(crate) struct Trust {
        /// Region of the exports.
        region: String,
        /// Base address of the authority's public API.
        authority_url: String,
        /// Base address of the keys side.
        keys_url: String,
        /// Service UUID of the radio, 4 hexadecimal digits.
        radio_service_uuid: String,
        /// Verifies configuration and time.
        document_public_key_pem: String,
        /// Key id of configuration and time.
        document_key_id: String,
        /// Verifies exports.
        export_public_key_pem: String,
        /// Key id in the exports.
        export_key_id: String,
        /// Key version in the exports.
        export_key_version: String,
        /// Audience of certificates.
        health_authority_id: String,
        /// Verifies codes of venues (docs/spec/venues.md V3).
        venue_public_key_pem: String,
    }
}
