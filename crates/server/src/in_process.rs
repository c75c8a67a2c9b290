//! Both sides in one process, each on its own database in memory, with fresh keys: for the simulator and for tests.

use std::sync::Arc;

use exposure::config::RiskConfig;
use object_store::memory::InMemory;

use crate::app::{AuthorityApp, KeysApp, KeysInner};
use crate::clock::Clock;
use crate::config::{AuthorityConfig, KeysConfig};
use crate::db::{Db, TableDump};
use crate::entropy::Entropy;
use crate::error::ServiceError;
use crate::people::{KekPlace, KeptInMemory, Vault};
use crate::secrets::{AuthoritySecrets, KeysSecrets};

/// Opens a vault whose keyring ends with the process.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn memory_vault(clock: &Clock, entropy: &Entropy) -> Result<Vault, ServiceError> {
    let db = Db::connect("sqlite::memory:").await?;
    Ok(Vault::open(db, KekPlace::Memory(KeptInMemory::default()), clock.now(), entropy).await?)
}

/// Both sides of the service. Neither holds the other: this value only keeps them together.
#[derive(Clone)]
pub struct Both {
    /// The keys side.
    pub keys: KeysApp,
    /// The authority's side.
    pub authority: AuthorityApp,
}

impl Both {
    /// Opens both sides on databases in memory; the same `seed` gives the same keys and codes.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`].
    ///
    /// # Cost
    ///
    /// A few milliseconds and two threads, which end when the value is dropped.
    pub async fn open_memory(clock: Clock, seed: u64) -> Result<Self, ServiceError> {
        let (keys, authority) = (
            Db::connect("sqlite::memory:").await?,
            Db::connect("sqlite::memory:").await?,
        );
        Self::open(
            keys,
            authority,
            clock,
            seed,
            KeysConfig::default(),
            AuthorityConfig::default(),
        )
        .await
    }

    /// Opens both sides on the given databases and configurations, with export files and the keyring in memory.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`].
    pub async fn open(
        keys_db: Db,
        authority_db: Db,
        clock: Clock,
        seed: u64,
        keys: KeysConfig,
        authority: AuthorityConfig,
    ) -> Result<Self, ServiceError> {
        let entropy = Entropy::seeded(seed);
        let secrets = AuthoritySecrets::generate(&entropy);
        let inner = KeysInner {
            config: keys,
            db: keys_db,
            clock: clock.clone(),
            secrets: KeysSecrets::generate(&entropy),
            entropy: entropy.clone(),
            files: Arc::new(InMemory::new()),
            certificate_key: secrets.certificate.public_key(),
            risk_config: RiskConfig::vietnam_default(),
        };
        let keys = KeysApp::open(inner).await?;
        let people = memory_vault(&clock, &entropy).await?;
        let authority = AuthorityApp::open(authority, authority_db, people, clock, entropy, secrets).await?;
        crate::people::finder::warm(&authority).await?;
        Ok(Self { keys, authority })
    }

    /// Runs every job that is due on both sides; returns how many ran.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] of the first job that failed.
    pub async fn run_due_jobs(&self) -> Result<u32, ServiceError> {
        Ok(self.keys.run_due_jobs().await? + self.authority.run_due_jobs().await?)
    }

    /// Counts the rows of every table; names begin with `keys.`, `authority.` and `keyring.`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`].
    pub async fn table_counts(&self) -> Result<Vec<(String, i64)>, ServiceError> {
        let mut counts = Vec::new();
        for (side, db) in [
            ("keys", &self.keys.db),
            ("authority", &self.authority.db),
            ("keyring", self.authority.people.keyring()),
        ] {
            counts.extend(
                db.table_counts()
                    .await?
                    .into_iter()
                    .map(|(table, rows)| (format!("{side}.{table}"), rows)),
            );
        }
        Ok(counts)
    }

    /// Returns every cell of all databases as text, bytes in hexadecimal.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`].
    pub async fn dump(&self) -> Result<Vec<TableDump>, ServiceError> {
        let mut tables = self.keys.db.dump().await?;
        tables.extend(self.authority.db.dump().await?);
        tables.extend(self.authority.people.keyring().dump().await?);
        Ok(tables)
    }
}
