//! All that a request may reach, one value for each trust side. Neither holds anything of the other.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard};

use exposure::config::RiskConfig;
use object_store::ObjectStore;
use protocol::code::VerificationCode;
use protocol::seal;
use protocol::signature::{PublicKey, SecretKey};

use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::codes::Sources;
use crate::config::{AuthorityConfig, KeysConfig};
use crate::db::{Db, Migrations};
use crate::entropy::Entropy;
use crate::error::ServiceError;
use crate::http::source::Source;
use crate::keys::Issuer;
use crate::messages::Outbox;
use crate::people::Vault;
use crate::secrets::{AuthoritySecrets, KeysSecrets};
use crate::{audit, auth, codes, exchange, gates, geo, jobs, keys, messages, people, proof, records, venues, visits};

/// Schema of the keys side.
pub const KEYS_MIGRATIONS: Migrations = Migrations(&[
    (1, include_str!("db/migrations/0001_jobs.sql")),
    (2, include_str!("db/migrations/0002_keys.sql")),
]);
/// Schema of the authority's side.
pub const AUTHORITY_MIGRATIONS: Migrations = Migrations(&[
    (1, include_str!("db/migrations/0001_jobs.sql")),
    (2, include_str!("db/migrations/0002_authority.sql")),
    (3, include_str!("db/migrations/0003_geo.sql")),
    (4, include_str!("db/migrations/0004_people.sql")),
    (5, include_str!("db/migrations/0005_audit.sql")),
    (6, include_str!("db/migrations/0006_auth.sql")),
    (7, include_str!("db/migrations/0007_cases.sql")),
    (8, include_str!("db/migrations/0008_record.sql")),
    (9, include_str!("db/migrations/0009_exchange.sql")),
    (10, include_str!("db/migrations/0010_messages.sql")),
    (11, include_str!("db/migrations/0011_lists.sql")),
    (12, include_str!("db/migrations/0012_venues.sql")),
    (13, include_str!("db/migrations/0013_visits.sql")),
    (14, include_str!("db/migrations/0014_passes.sql")),
    (15, include_str!("db/migrations/0015_gates.sql")),
]);
/// Schema of the keyring, a database of its own.
pub const KEYRING_MIGRATIONS: Migrations = Migrations(&[(1, include_str!("db/migrations/0001_keyring.sql"))]);

/// The keys side; clones share everything.
#[derive(Clone)]
pub struct KeysApp(Arc<KeysInner>);

/// What [`KeysApp`] holds.
pub struct KeysInner {
    /// Configuration.
    pub config: KeysConfig,
    /// Database of this side.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Where export files lie.
    pub files: Arc<dyn ObjectStore>,
    /// Signing keys.
    pub secrets: KeysSecrets,
    /// Verifies the authority's certificates.
    pub certificate_key: PublicKey,
    /// What phones are told to do.
    pub risk_config: RiskConfig,
}

/// The authority's side; clones share everything.
#[derive(Clone)]
pub struct AuthorityApp(Arc<AuthorityInner>);

/// What [`AuthorityApp`] holds.
pub struct AuthorityInner {
    /// Configuration.
    pub config: AuthorityConfig,
    /// Database of this side.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Signing keys and the pepper of codes.
    pub secrets: AuthoritySecrets,
    /// Administrative units of all times.
    pub geo: Arc<geo::Catalogue>,
    /// Opens and seals people.
    pub people: Vault,
    /// Finds people by what is typed.
    pub finder: Arc<people::Finder>,
    /// Records every look at a person.
    pub audit: AuditLog,
    /// Stores check-ins.
    pub(crate) visits: visits::VisitWriter,
    /// Codes of venues that were good a moment ago.
    pub(crate) venue_codes: venues::KnownCodes,
    /// Who carries messages to telephones.
    pub outbox: Outbox,
    /// Signs what cover traffic is answered; nobody trusts it.
    pub(crate) throw_away: SecretKey,
    sources: Mutex<Sources>,
    setup_token: Mutex<Option<[u8; 32]>>,
}

impl Deref for KeysApp {
    type Target = Arc<KeysInner>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Deref for AuthorityApp {
    type Target = Arc<AuthorityInner>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl KeysApp {
    /// Opens the keys side: brings the schema up to date and enters its jobs.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`].
    pub async fn open(inner: KeysInner) -> Result<Self, ServiceError> {
        inner.db.migrate(&KEYS_MIGRATIONS, inner.clock.now()).await?;
        jobs::register(&inner.db, &[CUT_EXPORTS, ERASE_KEYS]).await?;
        Ok(Self(Arc::new(inner)))
    }

    /// Returns what certificates are checked against.
    pub fn issuer(&self) -> Issuer<'_> {
        Issuer {
            key: &self.certificate_key,
            key_id: &self.config.certificate_key_id,
            issuer: &self.config.certificate_issuer,
            audience: &self.config.health_authority_id,
        }
    }

    /// Runs every job that is due; returns how many ran.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] of the first job that failed; it is tried again later.
    pub async fn run_due_jobs(&self) -> Result<u32, ServiceError> {
        let mut ran = 0;
        while let Some(lease) = jobs::lease(&self.db, self.clock.now(), &self.entropy.hex_id()).await? {
            let result = match lease.kind.as_str() {
                CUT_EXPORTS => keys::cut_exports(self).await.map(|_| ()),
                ERASE_KEYS => keys::erase_expired(self).await,
                _ => Err(ServiceError::Internal("an unknown job is registered")),
            };
            let every = if lease.kind == CUT_EXPORTS {
                self.config.export_period_seconds.min(60)
            } else {
                HOUR
            };
            jobs::settle(&self.db, &lease, self.clock.now(), every, result.is_ok()).await?;
            result?;
            ran += 1;
        }
        Ok(ran)
    }
}

impl AuthorityApp {
    /// Opens the authority's side: brings the schema up to date and enters its jobs.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`]; [`ServiceError::Unavailable`] when the keyring is not that of the people.
    pub async fn open(
        config: AuthorityConfig,
        db: Db,
        people: Vault,
        clock: Clock,
        entropy: Entropy,
        secrets: AuthoritySecrets,
    ) -> Result<Self, ServiceError> {
        db.migrate(&AUTHORITY_MIGRATIONS, clock.now()).await?;
        let geo = geo::open(&db).await?;
        jobs::register(
            &db,
            &[ERASE_CODES, KEEP_KEYRING, SIGN_AUDIT_ROOT, PRUNE_AUDIT, SEND_MESSAGES],
        )
        .await?;
        let finder = Arc::new(people::Finder::default());
        people.follow(Arc::clone(&finder) as Arc<dyn people::Follower>);
        people.check_fits(&db).await?;
        let throw_away = entropy.secret_key();
        let audit = AuditLog::start(db.clone(), clock.clone(), &secrets, entropy.bytes());
        let sources = Mutex::default();
        let visits = visits::VisitWriter::new(db.clone());
        Ok(Self(Arc::new(AuthorityInner {
            config,
            db,
            clock,
            entropy,
            secrets,
            geo,
            people,
            finder,
            audit,
            visits,
            venue_codes: venues::KnownCodes::default(),
            outbox: Outbox::default(),
            throw_away,
            sources,
            setup_token: Mutex::default(),
        })))
    }

    /// Runs every job that is due; returns how many ran.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] of the first job that failed; it is tried again later.
    pub async fn run_due_jobs(&self) -> Result<u32, ServiceError> {
        let mut ran = 0;
        while let Some(lease) = jobs::lease(&self.db, self.clock.now(), &self.entropy.hex_id()).await? {
            let result = match lease.kind.as_str() {
                ERASE_CODES => self.erase_expired().await,
                KEEP_KEYRING => people::keep(self).await,
                SIGN_AUDIT_ROOT => audit::jobs::sign_root(self).await,
                PRUNE_AUDIT => audit::jobs::prune(self).await,
                SEND_MESSAGES => messages::work_off(self).await.map(|_| ()),
                _ => Err(ServiceError::Internal("an unknown job is registered")),
            };
            let every = if lease.kind == SEND_MESSAGES { SECONDS } else { HOUR };
            jobs::settle(&self.db, &lease, self.clock.now(), every, result.is_ok()).await?;
            result?;
            ran += 1;
        }
        Ok(ran)
    }

    async fn erase_expired(&self) -> Result<(), ServiceError> {
        codes::erase_expired(self).await?;
        records::erase_expired(self).await?;
        exchange::purge(self).await?;
        messages::erase_expired(self).await?;
        proof::erase_expired(self).await?;
        venues::erase_expired(self).await?;
        visits::erase_expired(self).await?;
        gates::erase_expired(self).await?;
        auth::erase_expired(self).await
    }

    pub(crate) fn sources(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().expect("no holder of this lock can panic")
    }

    /// Returns the hash of the token that opens the first-run wizard, while there is one.
    pub(crate) fn setup_token(&self) -> MutexGuard<'_, Option<[u8; 32]>> {
        self.setup_token.lock().expect("no holder of this lock can panic")
    }

    pub(crate) fn seal_staff_secret(&self, officer_id: &str, secret: &[u8]) -> Vec<u8> {
        seal::seal(
            &self.secrets.staff_key,
            &self.entropy.bytes(),
            officer_id.as_bytes(),
            secret,
        )
    }

    pub(crate) fn open_staff_secret(&self, officer_id: &str, sealed: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let opened = seal::open(&self.secrets.staff_key, officer_id.as_bytes(), sealed);
        let broken = ServiceError::Internal("an officer's secret does not open");
        Ok(opened.ok_or(broken)?.to_vec())
    }

    pub(crate) fn code_hash(&self, code: &VerificationCode) -> [u8; 32] {
        codes::code_hash(&self.secrets.code_pepper, code)
    }

    pub(crate) fn source_hash(&self, source: &Source) -> [u8; 16] {
        codes::source_hash(&self.secrets.code_pepper, &source.0)
    }
}

const HOUR: i64 = 3600;
/// How soon a message leaves, in seconds.
const SECONDS: i64 = 5;
const CUT_EXPORTS: &str = "cut_exports";
const ERASE_KEYS: &str = "erase_keys";
const ERASE_CODES: &str = "erase_codes";
const KEEP_KEYRING: &str = "keep_keyring";
const SIGN_AUDIT_ROOT: &str = "sign_audit_root";
const PRUNE_AUDIT: &str = "prune_audit";
const SEND_MESSAGES: &str = "send_messages";
