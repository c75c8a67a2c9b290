//! What phones are told: the signed risk configuration, the signed time, and whom to trust.

pub(crate) mod http;

use protocol::jws::{self, DocumentType};
use protocol::message::{SignedTime, Trust};

use crate::app::KeysApp;
use crate::error::ServiceError;

/// Returns the risk configuration as a signed document.
pub fn signed_config(app: &KeysApp) -> String {
    jws::sign(
        DocumentType::Config,
        &app.config.document_key_id,
        &app.secrets.document,
        &app.risk_config,
    )
}

/// Returns the present time, signed together with the caller's `nonce`.
///
/// # Errors
///
/// [`ServiceError::Invalid`] unless the nonce is 8 to 64 hexadecimal digits.
pub fn signed_time(app: &KeysApp, nonce: &str) -> Result<String, ServiceError> {
    if !(8..=64).contains(&nonce.len()) || !nonce.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ServiceError::Invalid {
            field: "nonce",
            why: "must be 8 to 64 hexadecimal digits",
        });
    }
    let time = SignedTime {
        unix: app.clock.now().0,
        nonce: nonce.to_owned(),
    };
    Ok(jws::sign(
        DocumentType::Time,
        &app.config.document_key_id,
        &app.secrets.document,
        &time,
    ))
}

/// Returns what a phone pins about this region.
pub fn trust(app: &KeysApp) -> Trust {
    let config = &app.config;
    Trust {
        region: config.region.clone(),
        authority_url: config.authority_url.clone(),
        keys_url: config.keys_url.clone(),
        radio_service_uuid: config.radio_service_uuid.clone(),
        document_public_key_pem: app.secrets.document.public_key().to_pem(),
        document_key_id: config.document_key_id.clone(),
        export_public_key_pem: app.secrets.export.public_key().to_pem(),
        export_key_id: config.export_key_id.clone(),
        export_key_version: config.export_key_version.clone(),
        health_authority_id: config.health_authority_id.clone(),
        venue_public_key_pem: app.certificate_key.to_pem(),
    }
}
