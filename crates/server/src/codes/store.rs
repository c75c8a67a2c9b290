//! SQL of codes and attempts.

use std::collections::HashSet;

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{CaseFacts, CodeState, Finding, Lane};
use crate::civil::CivilDate;
use crate::db::lists::{CHUNK, id_list, ours};
use crate::db::{Db, DbError, Tx};

/// A new issue: two codes, of which only the keyed hashes are stored.
pub(super) struct NewIssue<'a> {
    pub(super) issue_id: &'a str,
    pub(super) case_id: &'a str,
    pub(super) facts: &'a CaseFacts,
    /// `None` when there is nobody to read it out to.
    pub(super) short_hash: Option<[u8; 32]>,
    pub(super) link_hash: [u8; 32],
    pub(super) now: UnixSeconds,
    pub(super) short_until: UnixSeconds,
    pub(super) link_until: UnixSeconds,
    /// Whether the link goes out in a message.
    pub(super) is_sent: bool,
}

/// A code found by its hash or by its token.
pub(super) struct StoredIssue {
    pub(super) issue_id: String,
    pub(super) facts: CaseFacts,
    pub(super) state: String,
    pub(super) short_until: UnixSeconds,
    pub(super) link_until: UnixSeconds,
    pub(super) certificate_id: Option<String>,
    pub(super) keys_hmac: Option<String>,
}

/// What the desk shows of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueStatus {
    /// Id of the issue.
    pub issue_id: String,
    /// Where it stands.
    pub state: CodeState,
    /// When it was issued.
    pub issued_at: UnixSeconds,
    /// Until when the short code is valid.
    pub short_until: UnixSeconds,
    /// Until when the link code is valid.
    pub link_until: UnixSeconds,
    /// When a phone redeemed it.
    pub claimed_at: Option<UnixSeconds>,
    /// When the certificate was signed.
    pub certified_at: Option<UnixSeconds>,
}

const BY_HASH: &str = "SELECT issue_id, report_type, test_date, onset_date, state, short_until_s, link_until_s, \
                       certificate_id, keys_hmac FROM verification_code WHERE short_hash = $1 OR link_hash = $1";
const BY_TOKEN: &str = "SELECT issue_id, report_type, test_date, onset_date, state, short_until_s, link_until_s, \
                        certificate_id, keys_hmac FROM verification_code WHERE token_id = $1";

pub(super) async fn insert(tx: &mut Tx, issue: &NewIssue<'_>) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO verification_code (issue_id, case_id, report_type, test_date, onset_date, short_hash, link_hash, \
         issued_at_s, short_until_s, link_until_s, is_sent, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'issued')",
    )
    .bind(issue.issue_id)
    .bind(issue.case_id)
    .bind(issue.facts.finding.word())
    .bind(issue.facts.test_date.map(CivilDate::number))
    .bind(issue.facts.onset_date.map(CivilDate::number))
    .bind(issue.short_hash.as_ref().map(|hash| &hash[..]))
    .bind(&issue.link_hash[..])
    .bind(issue.now.0)
    .bind(issue.short_until.0)
    .bind(issue.link_until.0)
    .bind(i64::from(issue.is_sent))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Withdraws the codes of a case that nobody has redeemed.
pub(super) async fn withdraw(tx: &mut Tx, case_id: &str) -> Result<u64, DbError> {
    let done = sqlx::query(
        "UPDATE verification_code SET state = 'withdrawn', short_hash = NULL, link_hash = NULL \
         WHERE case_id = $1 AND state = 'issued'",
    )
    .bind(case_id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Returns which of `cases` have a code that can be redeemed still, by whoever has it, or that was redeemed.
pub(super) async fn served(tx: &mut Tx, cases: &[&str], now: UnixSeconds) -> Result<HashSet<String>, DbError> {
    let mut found = HashSet::new();
    for chunk in cases.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 2);
        let text = format!(
            "SELECT DISTINCT case_id FROM verification_code WHERE (state IN ('claimed', 'certified') \
             OR (state = 'issued' AND (short_until_s >= $1 OR (is_sent = 1 AND link_until_s >= $1)))) \
             AND case_id IN {list}"
        );
        let mut query = sqlx::query(ours(text)).bind(now.0);
        for case in &filled {
            query = query.bind(case);
        }
        for row in query.fetch_all(&mut **tx).await? {
            found.insert(row.try_get(0)?);
        }
    }
    Ok(found)
}

/// Notes that the link of an issue goes out in a message.
pub(super) async fn mark_sent(tx: &mut Tx, issue: &str) -> Result<(), DbError> {
    sqlx::query("UPDATE verification_code SET is_sent = 1 WHERE issue_id = $1")
        .bind(issue)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn find_by_hash(tx: &mut Tx, hash: &[u8; 32]) -> Result<Option<StoredIssue>, DbError> {
    let row = sqlx::query(BY_HASH).bind(&hash[..]).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read_issue).transpose()
}

pub(super) async fn find_by_token(tx: &mut Tx, token: &str) -> Result<Option<StoredIssue>, DbError> {
    let row = sqlx::query(BY_TOKEN).bind(token).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read_issue).transpose()
}

pub(super) async fn claim(tx: &mut Tx, issue: &str, token: &str, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE verification_code SET state = 'claimed', claimed_at_s = $1, token_id = $2 \
         WHERE issue_id = $3 AND state = 'issued'",
    )
    .bind(now.0)
    .bind(token)
    .bind(issue)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn certify(
    tx: &mut Tx,
    issue: &str,
    certificate: &str,
    keys_hmac: &str,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE verification_code SET state = 'certified', certified_at_s = $1, certificate_id = $2, keys_hmac = $3 \
         WHERE issue_id = $4 AND state = 'claimed'",
    )
    .bind(now.0)
    .bind(certificate)
    .bind(keys_hmac)
    .bind(issue)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts short codes that could be redeemed at `now`.
pub(super) async fn count_live(tx: &mut Tx, now: UnixSeconds) -> Result<u64, DbError> {
    let live: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM verification_code WHERE state = 'issued' AND short_until_s >= $1")
            .bind(now.0)
            .fetch_one(&mut **tx)
            .await?;
    Ok(live.unsigned_abs())
}

/// Counts an attempt in the lane's minute; returns whether it stays within `limit`.
pub(super) async fn count_attempt(tx: &mut Tx, now: UnixSeconds, lane: Lane, limit: u32) -> Result<bool, DbError> {
    let counted = sqlx::query(
        "INSERT INTO code_attempt (minute_s, lane, attempts) VALUES ($1, $2, 1) ON CONFLICT (minute_s, lane) \
         DO UPDATE SET attempts = code_attempt.attempts + 1 WHERE code_attempt.attempts < $3 RETURNING attempts",
    )
    .bind(now.0.div_euclid(60) * 60)
    .bind(lane.word())
    .bind(i64::from(limit))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(counted.is_some())
}

/// Returns the issues of a case, newest first.
pub(super) async fn list_issues(db: &Db, case_id: &str, now: UnixSeconds) -> Result<Vec<IssueStatus>, DbError> {
    let rows = sqlx::query(
        "SELECT issue_id, state, issued_at_s, short_until_s, link_until_s, claimed_at_s, certified_at_s \
         FROM verification_code WHERE case_id = $1 ORDER BY issued_at_s DESC, issue_id",
    )
    .bind(case_id)
    .fetch_all(db.reader())
    .await?;
    rows.iter().map(|row| read_status(row, now)).collect()
}

/// Erases hashes of old codes, states of older ones, and counts of attempts (U27).
pub(super) async fn erase(
    tx: &mut Tx,
    codes_before: UnixSeconds,
    states_before: UnixSeconds,
    attempts_before: UnixSeconds,
) -> Result<(), DbError> {
    for (statement, before) in [
        (
            "UPDATE verification_code SET short_hash = NULL, link_hash = NULL, keys_hmac = NULL, token_id = NULL, \
             certificate_id = NULL WHERE issued_at_s < $1",
            codes_before,
        ),
        ("DELETE FROM verification_code WHERE issued_at_s < $1", states_before),
        ("DELETE FROM code_attempt WHERE minute_s < $1", attempts_before),
    ] {
        sqlx::query(statement).bind(before.0).execute(&mut **tx).await?;
    }
    Ok(())
}

fn read_issue(row: &AnyRow) -> Result<StoredIssue, DbError> {
    let finding: String = row.try_get(1)?;
    Ok(StoredIssue {
        issue_id: row.try_get(0)?,
        facts: CaseFacts {
            finding: Finding::parse(&finding).ok_or_else(|| DbError::Failed("an unknown finding is stored".into()))?,
            test_date: date(row, 2)?,
            onset_date: date(row, 3)?,
        },
        state: row.try_get(4)?,
        short_until: UnixSeconds(row.try_get(5)?),
        link_until: UnixSeconds(row.try_get(6)?),
        certificate_id: row.try_get(7)?,
        keys_hmac: row.try_get(8)?,
    })
}

fn read_status(row: &AnyRow, now: UnixSeconds) -> Result<IssueStatus, DbError> {
    let word: String = row.try_get(1)?;
    let link_until = UnixSeconds(row.try_get(4)?);
    Ok(IssueStatus {
        issue_id: row.try_get(0)?,
        state: CodeState::of(&word, link_until, now),
        issued_at: UnixSeconds(row.try_get(2)?),
        short_until: UnixSeconds(row.try_get(3)?),
        link_until,
        claimed_at: row.try_get::<Option<i64>, _>(5)?.map(UnixSeconds),
        certified_at: row.try_get::<Option<i64>, _>(6)?.map(UnixSeconds),
    })
}

fn date(row: &AnyRow, at: usize) -> Result<Option<CivilDate>, DbError> {
    Ok(row.try_get::<Option<i64>, _>(at)?.and_then(CivilDate::from_number))
}
