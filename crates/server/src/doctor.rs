//! What is right and what is wrong with an installation, in sentences of the operator's language.

use protocol::time::UnixSeconds;
use serde::Serialize;

use crate::app::AuthorityApp;
use crate::backup::Places;
use crate::civil::{CivilDate, clock_time};
use crate::clock::Clock;
use crate::config::{Role, Tls};
use crate::console::{Language, Texts};
use crate::db::Dialect;
use crate::http::problem::chain;
use crate::run::{RunError, open_authority, open_keys};
use crate::secrets::is_open_to_all;
use crate::{audit, auth, people};

/// How old the newest signed root of the audit may be, in seconds: it is signed hourly.
const OLD_ROOT: i64 = 2 * 3600;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The service runs; somebody should look.
    Warn,
    /// The service cannot start, or must not.
    Fail,
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Which side.
    pub side: &'static str,
    /// Which check; a stable word for programs.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found, as a sentence.
    pub message: String,
}

/// Examines both sides as they are configured, and opens them. The authority comes first: the keys side needs its public key.
///
/// `language` is `vi` or `en`.
pub async fn examine(places: &Places, clock: &Clock, language: &str) -> Vec<Finding> {
    let texts = Texts(Language::parse(language).unwrap_or_default());
    let mut found = Found {
        texts,
        side: Role::Authority.name(),
        findings: Vec::new(),
    };
    authority(places, clock, &mut found).await;
    found.side = Role::Keys.name();
    keys(places, clock, &mut found).await;
    found.findings
}

struct Found {
    texts: Texts,
    side: &'static str,
    findings: Vec<Finding>,
}

impl Found {
    fn say(&mut self, verdict: Verdict, check: &'static str, values: &[(&str, &str)]) {
        let word = match verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
        };
        self.findings.push(Finding {
            side: self.side,
            check,
            verdict,
            message: self.texts.fill(&format!("doctor-{check}-{word}"), values),
        });
    }

    /// Says why a side does not open: which part, and in its own words.
    fn cannot_open(&mut self, error: &RunError) {
        let check = match error {
            RunError::Config(_) => "config",
            RunError::Clock(_) => "clock",
            RunError::Secret(_) => "secrets",
            RunError::Database(_) => "database",
            RunError::Keyring(_) => "keyring",
            RunError::Objects(_) => "objects",
            _ => "open",
        };
        self.say(Verdict::Fail, check, &[("error", &chain(error))]);
    }
}

async fn authority(places: &Places, clock: &Clock, found: &mut Found) {
    let config = &places.authority;
    reachable(config.listen.ip().is_loopback(), config.tls.as_ref(), found);
    folder(&config.data, found);
    let app = match open_authority(config.clone(), clock.clone()).await {
        Ok(app) => app,
        Err(error) => return found.cannot_open(&error),
    };
    found.say(Verdict::Ok, "open", &[("database", name(app.db.dialect()))]);
    if app.db.dialect() == Dialect::Postgres {
        programs(found).await;
    }
    if let Err(error) = look(&app, clock.now(), found).await {
        found.say(Verdict::Fail, "database", &[("error", &error.to_string())]);
    }
    app.people.close().await;
    app.audit.close().await;
    app.db.close().await;
}

async fn look(app: &AuthorityApp, now: UnixSeconds, found: &mut Found) -> Result<(), crate::ServiceError> {
    let walked = people::for_each(app, |_| {}).await?;
    let count = |count: usize| count.to_string();
    let values = [
        ("people", count(walked.opened)),
        ("erased", count(walked.erased)),
        ("damaged", count(walked.damaged)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let verdict = match (walked.damaged, walked.erased) {
        (0, 0) => Verdict::Ok,
        (0, _) => Verdict::Warn,
        _ => Verdict::Fail,
    };
    found.say(verdict, "people", &values);
    if auth::setup_token(app).await?.is_some() {
        found.say(Verdict::Warn, "officers", &[]);
    } else {
        found.say(Verdict::Ok, "officers", &[]);
    }
    match audit::newest_root_hour(&app.db).await? {
        None => found.say(Verdict::Warn, "audit", &[("when", "–")]),
        Some(hour) => {
            let at = UnixSeconds(hour);
            let when = format!("{} {}", clock_time(at), CivilDate::today(at).local());
            let is_late = now.0 - at.0 > OLD_ROOT;
            found.say(
                if is_late { Verdict::Warn } else { Verdict::Ok },
                "audit",
                &[("when", &when)],
            );
            if at.0 > now.0 + 60 {
                found.say(Verdict::Fail, "clock", &[("error", &when)]);
            }
        }
    }
    Ok(())
}

async fn keys(places: &Places, clock: &Clock, found: &mut Found) {
    let config = &places.keys;
    reachable(config.listen.ip().is_loopback(), config.tls.as_ref(), found);
    folder(&config.data, found);
    match open_keys(config.clone(), clock.clone()).await {
        Ok(app) => {
            found.say(Verdict::Ok, "open", &[("database", name(app.db.dialect()))]);
            app.db.close().await;
        }
        Err(error) => found.cannot_open(&error),
    }
}

/// Without TLS a service may only be reached from its own machine, behind a proxy that has it.
fn reachable(is_local: bool, tls: Option<&Tls>, found: &mut Found) {
    let verdict = if is_local || tls.is_some() {
        Verdict::Ok
    } else {
        Verdict::Warn
    };
    found.say(verdict, "tls", &[]);
}

/// Others of the machine must not look into a side's folder.
fn folder(path: &std::path::Path, found: &mut Found) {
    let name = path.display().to_string();
    let verdict = if is_open_to_all(path).unwrap_or(false) {
        Verdict::Warn
    } else {
        Verdict::Ok
    };
    found.say(verdict, "folder", &[("folder", &name)]);
}

/// Backups of PostgreSQL are made by its own programs.
async fn programs(found: &mut Found) {
    let asked = tokio::process::Command::new("pg_dump").arg("--version").output().await;
    let verdict = match asked {
        Ok(output) if output.status.success() => Verdict::Ok,
        _ => Verdict::Warn,
    };
    found.say(verdict, "programs", &[]);
}

fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SQLite",
        Dialect::Postgres => "PostgreSQL",
    }
}
