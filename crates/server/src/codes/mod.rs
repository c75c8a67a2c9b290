//! Issues verification codes, redeems them, and signs the certificate that lets a phone upload its keys.
//!
//! One issue gives a short code for the telephone and a link code for a message. Codes are stored only as keyed hashes
//! and work once. The certificate says what was diagnosed and when; it names nobody. Rules U20–U27 of
//! docs/spec/upload.md.

pub(crate) mod http;
mod model;
mod store;

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::certificate::{MAX_LIFETIME_SECONDS, VerificationClaims};
use protocol::code::{CodeKind, VerificationCode};
use protocol::jws::{self, DocumentType};
use protocol::time::{INTERVALS_PER_DAY, UnixSeconds};

pub use model::{CaseFacts, CodeState, Finding, Lane, Limits, SHORT_CODE_SPACE, Sources, nth_short_code};
pub(crate) use model::{code_hash, source_hash};
pub use store::IssueStatus;

use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;
use crate::http::source::Source;

/// The two codes of one issue; shown once, never stored.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Id of the issue.
    pub issue_id: String,
    /// Read out on the telephone.
    pub short: VerificationCode,
    /// Sent in a link.
    pub link: VerificationCode,
    /// Until when the short code is valid.
    pub short_until: UnixSeconds,
    /// Until when the link code is valid.
    pub link_until: UnixSeconds,
}

/// What a redeemed code gives.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// Signed token for [`certify_keys`].
    pub token: String,
    /// What the code stands for.
    pub facts: CaseFacts,
}

/// How an attempt to redeem ended; all of them are committed, so that an attempt counts whatever comes of it.
enum Attempt {
    Redeemed(String, CaseFacts),
    Refused(crate::error::Rule),
    OverCeiling,
}

/// Issues the two codes of a case and withdraws those of earlier issues that nobody has redeemed (U21).
///
/// # Errors
///
/// [`ServiceError::NotFound`] when there is no such case.
pub async fn issue_codes(app: &AuthorityApp, case_id: &str, facts: &CaseFacts) -> Result<Issue, ServiceError> {
    let now = app.clock.now();
    let space = app.config.code_limits.short_code_space;
    transaction!(app.db, "issue codes", |tx| {
        store::withdraw(tx, case_id).await?;
        let mut short = model::draw(CodeKind::Short, space, &app.entropy);
        let mut attempts = 0;
        while store::find_by_hash(tx, &app.code_hash(&short)).await?.is_some() {
            attempts += 1;
            if attempts > 1000 {
                return Err(ServiceError::Unavailable { what: "a free code" });
            }
            short = model::draw(CodeKind::Short, space, &app.entropy);
        }
        let issue = Issue {
            issue_id: format!("issue_{}", app.entropy.hex_id()),
            link: model::draw(CodeKind::Link, space, &app.entropy),
            short_until: now.plus(CodeKind::Short.lifetime_seconds()),
            link_until: now.plus(CodeKind::Link.lifetime_seconds()),
            short,
        };
        let row = store::NewIssue {
            issue_id: &issue.issue_id,
            case_id,
            facts,
            short_hash: Some(app.code_hash(&issue.short)),
            link_hash: app.code_hash(&issue.link),
            now,
            short_until: issue.short_until,
            link_until: issue.link_until,
            is_sent: false,
        };
        store::insert(tx, &row).await?;
        Ok(issue)
    })
}

/// A link code that goes out in a message, not issued yet: nobody reads anything out, so there is no short code.
pub struct Draft {
    /// Id the issue will have.
    pub issue_id: String,
    /// Sent in a link.
    pub link: VerificationCode,
    /// Until when it will be valid.
    pub until: UnixSeconds,
}

/// Draws a code for a message.
pub fn draft(app: &AuthorityApp) -> Draft {
    Draft {
        issue_id: format!("issue_{}", app.entropy.hex_id()),
        link: model::draw(CodeKind::Link, app.config.code_limits.short_code_space, &app.entropy),
        until: app.clock.now().plus(CodeKind::Link.lifetime_seconds()),
    }
}

/// Issues a drafted code in the transaction that sends it, and withdraws what the case had (U21).
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn issue_draft(
    tx: &mut Tx,
    app: &AuthorityApp,
    case_id: &str,
    facts: &CaseFacts,
    draft: &Draft,
) -> Result<(), ServiceError> {
    let now = app.clock.now();
    store::withdraw(tx, case_id).await?;
    let row = store::NewIssue {
        issue_id: &draft.issue_id,
        case_id,
        facts,
        short_hash: None,
        link_hash: app.code_hash(&draft.link),
        now,
        // Over before anybody could guess it.
        short_until: now.plus(-1),
        link_until: draft.until,
        is_sent: true,
    };
    Ok(store::insert(tx, &row).await?)
}

/// Returns which of `cases` need no code: one can be redeemed still, or was.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn served(tx: &mut Tx, app: &AuthorityApp, cases: &[&str]) -> Result<HashSet<String>, ServiceError> {
    Ok(store::served(tx, cases, app.clock.now()).await?)
}

/// Notes that the link of an issue goes out in a message.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn mark_sent(tx: &mut Tx, issue_id: &str) -> Result<(), ServiceError> {
    Ok(store::mark_sent(tx, issue_id).await?)
}

/// Redeems a code as a person typed it (U20, U22–U24). The answer is the same whether a code is unknown, used or
/// expired.
///
/// # Errors
///
/// [`ServiceError::Refused`] with U20, U22 or U23; [`ServiceError::TooMany`] before a comparison is made.
pub(crate) async fn redeem_code(
    app: &AuthorityApp,
    typed: &str,
    accept: &[String],
    source: &Source,
) -> Result<Redeemed, ServiceError> {
    let code = VerificationCode::parse(typed).map_err(|_| ServiceError::Refused(model::U20))?;
    let now = app.clock.now();
    let source = app.source_hash(source);
    let lane = admit_source(app, &code, source, now)?;
    let attempt = attempt(app, &code, accept, lane, now).await?;
    metrics::counter!("code_attempts_total", "lane" => lane.word()).increment(1);
    match attempt {
        Attempt::OverCeiling => {
            let retry_after_seconds = u32::try_from(60 - now.0.rem_euclid(60)).unwrap_or(60);
            Err(ServiceError::TooMany { retry_after_seconds })
        }
        Attempt::Refused(rule) => Err(ServiceError::Refused(rule)),
        Attempt::Redeemed(token, facts) => {
            app.sources().forgive(source, &app.config.code_limits);
            Ok(Redeemed { token, facts })
        }
    }
}

fn admit_source(
    app: &AuthorityApp,
    code: &VerificationCode,
    source: [u8; 16],
    now: UnixSeconds,
) -> Result<Lane, ServiceError> {
    if code.kind() == CodeKind::Link {
        return Ok(Lane::Link);
    }
    if !app.config.code_limits.enabled {
        return Ok(Lane::Fresh);
    }
    let admitted = app.sources().admit(source, now, &app.config.code_limits);
    admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })
}

async fn attempt(
    app: &AuthorityApp,
    code: &VerificationCode,
    accept: &[String],
    lane: Lane,
    now: UnixSeconds,
) -> Result<Attempt, ServiceError> {
    let limits = &app.config.code_limits;
    let hash = app.code_hash(code);
    let token_id = app.entropy.hex_id();
    let claims = model::TokenClaims {
        jti: token_id,
        exp: now.0 + model::TOKEN_SECONDS,
    };
    transaction!(app.db, "redeem code", |tx| {
        let live = store::count_live(tx, now).await?;
        let share = if limits.enabled {
            lane.share(limits.ceiling_per_minute(live), limits)
        } else {
            u32::MAX
        };
        if !store::count_attempt(tx, now, lane, share).await? {
            return Ok(Attempt::OverCeiling);
        }
        let Some(issue) = store::find_by_hash(tx, &hash).await? else {
            return Ok(Attempt::Refused(model::U22));
        };
        let until = if code.kind() == CodeKind::Short {
            issue.short_until
        } else {
            issue.link_until
        };
        let state = CodeState::of(&issue.state, until, now);
        if !state.may_become(CodeState::Claimed) {
            return Ok(Attempt::Refused(model::U22));
        }
        if !accept.is_empty() && !accept.iter().any(|word| word == issue.facts.finding.word()) {
            return Ok(Attempt::Refused(model::U23));
        }
        store::claim(tx, &issue.issue_id, &claims.jti, now).await?;
        let token = jws::sign(
            DocumentType::Token,
            &app.config.certificate_key_id,
            &app.secrets.token,
            &claims,
        );
        Ok(Attempt::Redeemed(token, issue.facts))
    })
}

/// Signs the certificate for the keys whose HMAC is `keys_hmac` (U25, U26).
///
/// Asking again with the same token and HMAC gives a certificate with the same id, which the keys side accepts once.
///
/// # Errors
///
/// [`ServiceError::Refused`] with U25 or U26.
pub async fn certify_keys(app: &AuthorityApp, token: &str, keys_hmac: &str) -> Result<String, ServiceError> {
    let now = app.clock.now();
    if !STANDARD.decode(keys_hmac).is_ok_and(|bytes| bytes.len() == 32) {
        return Err(ServiceError::Refused(model::U26));
    }
    let key_id = &app.config.certificate_key_id;
    let public = app.secrets.token.public_key();
    let claims: model::TokenClaims =
        jws::verify(DocumentType::Token, key_id, &public, token).map_err(|_| ServiceError::Refused(model::U25))?;
    if now.0 > claims.exp {
        return Err(ServiceError::Refused(model::U25));
    }
    let certificate_id = app.entropy.hex_id();
    let (certificate_id, facts) = transaction!(app.db, "certify keys", |tx| {
        let unknown = ServiceError::Refused(model::U25);
        let Some(issue) = store::find_by_token(tx, &claims.jti).await? else {
            return Err(unknown);
        };
        match (issue.state.as_str(), issue.keys_hmac.as_deref(), issue.certificate_id) {
            ("claimed", _, _) => {
                store::certify(tx, &issue.issue_id, &certificate_id, keys_hmac, now).await?;
                Ok((certificate_id.clone(), issue.facts))
            }
            ("certified", Some(same), Some(id)) if same == keys_hmac => Ok((id, issue.facts)),
            _ => Err(unknown),
        }
    })?;
    let claims = certificate_claims(app, certificate_id, &facts, keys_hmac, now);
    Ok(jws::sign(
        DocumentType::Certificate,
        key_id,
        &app.secrets.certificate,
        &claims,
    ))
}

/// Does the work of redeeming or certifying for cover traffic; what it signs is worth nothing (U18).
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn pretend(app: &AuthorityApp, kind: DocumentType) -> Result<String, ServiceError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::count_live(&mut tx, now).await?;
    store::find_by_hash(&mut tx, &app.entropy.bytes()).await?;
    tx.rollback().await?;
    let key_id = &app.config.certificate_key_id;
    let facts = CaseFacts {
        finding: Finding::Confirmed,
        test_date: None,
        onset_date: None,
    };
    let hmac = STANDARD.encode(app.entropy.bytes::<32>());
    Ok(match kind {
        DocumentType::Certificate => {
            let claims = certificate_claims(app, app.entropy.hex_id(), &facts, &hmac, now);
            jws::sign(kind, key_id, &app.throw_away, &claims)
        }
        _ => {
            let claims = model::TokenClaims {
                jti: app.entropy.hex_id(),
                exp: now.0 + model::TOKEN_SECONDS,
            };
            jws::sign(kind, key_id, &app.throw_away, &claims)
        }
    })
}

/// Returns the issues of a case, newest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_issues(app: &AuthorityApp, case_id: &str) -> Result<Vec<IssueStatus>, ServiceError> {
    Ok(store::list_issues(&app.db, case_id, app.clock.now()).await?)
}

/// Erases codes, their states and counts of attempts whose time is over (U27).
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let codes = now.plus(-model::CODE_RETENTION_SECONDS);
    let states = now.plus(-model::STATE_RETENTION_SECONDS);
    transaction!(app.db, "erase expired codes", |tx| {
        store::erase(tx, codes, states, now.plus(-3600)).await?;
        Ok(())
    })
}

fn certificate_claims(
    app: &AuthorityApp,
    id: String,
    facts: &CaseFacts,
    keys_hmac: &str,
    now: UnixSeconds,
) -> VerificationClaims {
    VerificationClaims {
        iss: app.config.certificate_issuer.clone(),
        aud: app.config.health_authority_id.clone(),
        iat: now.0,
        nbf: now.0,
        exp: now.0 + MAX_LIFETIME_SECONDS,
        jti: id,
        tekmac: keys_hmac.to_owned(),
        report_type: facts.finding.word().to_owned(),
        symptom_onset_interval: facts.onset_date.and_then(onset_interval),
    }
}

/// Returns the first interval of the onset's date, as Google's servers count it.
fn onset_interval(date: CivilDate) -> Option<u32> {
    u32::try_from(date.number())
        .ok()
        .map(|day| day.saturating_mul(INTERVALS_PER_DAY))
}

/// Returns the HTTP words of a case's dates.
fn dates(facts: &CaseFacts) -> (Option<String>, Option<String>) {
    (
        facts.onset_date.map(CivilDate::iso),
        facts.test_date.map(CivilDate::iso),
    )
}
