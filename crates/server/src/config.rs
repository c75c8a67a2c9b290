//! Configuration of the two sides: one TOML file each, every field with a safe default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Which side a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The anonymous side: keys and configuration.
    Keys,
    /// The side that knows people.
    Authority,
}

impl Role {
    /// Returns the role's name: its folder, its argument, its database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Authority => "authority",
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {0}")]
    Read(PathBuf, #[source] std::io::Error),
    /// The file is not TOML of the expected form. The parser's message names the line.
    #[error("{path}: {message}")]
    Form {
        /// Which file.
        path: PathBuf,
        /// What the parser says.
        message: String,
    },
    /// Values that contradict each other or are out of range, all of them.
    #[error("{}", .0.join("; "))]
    Values(Vec<String>),
}

/// Certificate files of the built-in TLS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// Configuration of the keys side.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// TLS; without it the process speaks plain HTTP and belongs behind a proxy or on loopback.
    pub tls: Option<Tls>,
    /// Folder of the database file, the signing keys and the exports.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; by default `sqlite:` in `data`.
    pub database: Option<String>,
    /// Where exports are stored: a folder, or `s3://bucket` with the usual AWS variables; by default in `data`.
    pub objects: Option<String>,
    /// Region of the exports, by default the province's former code.
    pub region: String,
    /// Base address of the authority's public API, as phones see it.
    pub authority_url: String,
    /// Base address of this side, as phones see it.
    pub keys_url: String,
    /// 16-bit service UUID of the radio, 4 hexadecimal digits.
    pub radio_service_uuid: String,
    /// The health authority whose certificates are accepted.
    pub health_authority_id: String,
    /// Issuer named in its certificates.
    pub certificate_issuer: String,
    /// Id of the key that signs them.
    pub certificate_key_id: String,
    /// Id of the key that signs exports.
    pub export_key_id: String,
    /// Version of the key that signs exports.
    pub export_key_version: String,
    /// Id of the key that signs configuration and time.
    pub document_key_id: String,
    /// Fewest keys in a file (U31).
    pub export_minimum_keys: usize,
    /// Length of an export period in seconds (U30).
    pub export_period_seconds: i64,
    /// Whether a period without keys gets a file of padding.
    pub always_pad: bool,
    /// Risk configuration, JSON; by default the close-contact rule of docs/spec/risk.md.
    pub risk_config: Option<PathBuf>,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7301)),
            tls: None,
            data: PathBuf::from("data/keys"),
            database: None,
            objects: None,
            region: "82".into(),
            authority_url: "http://127.0.0.1:7302".into(),
            keys_url: "http://127.0.0.1:7301".into(),
            radio_service_uuid: "fcb5".into(),
            health_authority_id: "vn.tiengiang.soyte".into(),
            certificate_issuer: "vunglam-authority".into(),
            certificate_key_id: "v1".into(),
            export_key_id: "452".into(),
            export_key_version: "v1".into(),
            document_key_id: "v1".into(),
            export_minimum_keys: 100,
            export_period_seconds: 3600,
            always_pad: false,
            risk_config: None,
        }
    }
}

/// Configuration of the authority's side.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorityConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// TLS; without it the process speaks plain HTTP and belongs behind a proxy or on loopback.
    pub tls: Option<Tls>,
    /// Folder of the database file and the signing keys.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; by default `sqlite:` in `data`.
    pub database: Option<String>,
    /// Database of the keyring, without which nobody's name can be read: kept and backed up apart from `database`. By
    /// default `sqlite:` in `keyring` in `data`.
    pub keyring: Option<String>,
    /// This authority's id, the audience of its certificates.
    pub health_authority_id: String,
    /// Issuer named in certificates.
    pub certificate_issuer: String,
    /// Id of the key that signs certificates and tokens.
    pub certificate_key_id: String,
    /// Address that opens a link code in the citizen app; the code is appended after `#`.
    pub link_url: String,
    /// Code of the province, as of today: its communes are offered to whoever registers a venue.
    pub province: String,
    /// Address on venues' posters; the code is appended. It is printed in upper case, so its path must not mind.
    pub venue_url: String,
    /// Base address of this side, as gates and telephones see it.
    pub public_url: String,
    /// Address of the gate app; what opens it on a device is appended after `#`.
    pub gate_url: String,
    /// Telephone that posters tell people to call.
    pub hotline: String,
    /// File into which messages to telephones are written instead of being sent: for demonstrations, never with real people.
    pub message_file: Option<PathBuf>,
    /// Limits on proofs of a telephone.
    pub proof_limits: crate::proof::Limits,
    /// Header in which a trusted proxy states the caller's address, for example `x-forwarded-for`.
    pub client_address_header: Option<String>,
    /// Limits on attempts to redeem codes.
    pub code_limits: crate::codes::Limits,
    /// Whether session cookies are sent over TLS only. Switch off only for a desk on plain loopback.
    pub secure_cookies: bool,
}

impl Default for AuthorityConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7302)),
            tls: None,
            data: PathBuf::from("data/authority"),
            database: None,
            keyring: None,
            health_authority_id: "vn.tiengiang.soyte".into(),
            certificate_issuer: "vunglam-authority".into(),
            certificate_key_id: "v1".into(),
            link_url: "http://127.0.0.1:7301/app/".into(),
            province: "82".into(),
            venue_url: "http://127.0.0.1:7302/v/".into(),
            public_url: "http://127.0.0.1:7302".into(),
            gate_url: "http://127.0.0.1:7301/gate/".into(),
            hotline: "19009095".into(),
            message_file: None,
            proof_limits: crate::proof::Limits::default(),
            client_address_header: None,
            code_limits: crate::codes::Limits::default(),
            secure_cookies: false,
        }
    }
}

impl KeysConfig {
    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the file, the line or every wrong value.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let config: Self = read(path)?;
        config.check()?;
        Ok(config)
    }

    /// Checks the values.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Values`] lists every wrong one.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut wrong = Vec::new();
        let uuid = self.radio_service_uuid.as_bytes();
        if uuid.len() != 4 || !uuid.iter().all(u8::is_ascii_hexdigit) {
            wrong.push("radio_service_uuid must be 4 hexadecimal digits".to_owned());
        }
        if self.region.is_empty() || !self.region.bytes().all(|b| b.is_ascii_alphanumeric()) {
            wrong.push("region must be letters and digits".to_owned());
        }
        if !(60..=86_400).contains(&self.export_period_seconds) {
            wrong.push("export_period_seconds must be 60 to 86400".to_owned());
        }
        if self.export_minimum_keys > 100_000 {
            wrong.push("export_minimum_keys must be at most 100000".to_owned());
        }
        verdict(wrong)
    }

    /// Returns the address of the database.
    pub fn database_url(&self) -> String {
        database_url(self.database.as_ref(), &self.data, Role::Keys)
    }
}

impl AuthorityConfig {
    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the file, the line or every wrong value.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let config: Self = read(path)?;
        config.check()?;
        Ok(config)
    }

    /// Checks the values.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Values`] lists every wrong one.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut wrong = self.code_limits.faults();
        if self.keyring_url() == self.database_url() {
            wrong.push("keyring must be another database than database".to_owned());
        }
        verdict(wrong)
    }

    /// Returns the address of the database.
    pub fn database_url(&self) -> String {
        database_url(self.database.as_ref(), &self.data, Role::Authority)
    }

    /// Returns the folder of the keyring's database file.
    pub fn keyring_folder(&self) -> PathBuf {
        self.data.join("keyring")
    }

    /// Returns the address of the keyring's database.
    pub fn keyring_url(&self) -> String {
        self.keyring
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.keyring_folder().join("keyring.sqlite").display()))
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read(path.to_owned(), error))?;
    toml::from_str(&text).map_err(|error| ConfigError::Form {
        path: path.to_owned(),
        message: error.message().into(),
    })
}

fn verdict(wrong: Vec<String>) -> Result<(), ConfigError> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ConfigError::Values(wrong))
    }
}

fn database_url(configured: Option<&String>, data: &Path, role: Role) -> String {
    configured
        .cloned()
        .unwrap_or_else(|| format!("sqlite:{}", data.join(format!("{}.sqlite", role.name())).display()))
}
