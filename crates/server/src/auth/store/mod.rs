//! SQL of accounts, sessions, invitations and approvals.

pub(super) mod keys;

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::auth::accounts::{NewOfficer, OfficerFilter, OfficerPlace};
use crate::auth::approvals::{Approval, ApprovalState};
use crate::auth::model::{Officer, OfficerState};
use crate::auth::role::{Approvable, Role};
use crate::db::{Db, DbError, Dialect, Tx};
use crate::scope::{Level, Place, Scope};

pub(in crate::auth) struct Credentials {
    pub(in crate::auth) officer: Officer,
    pub(in crate::auth) password_hash: String,
    pub(in crate::auth) totp_sealed: Vec<u8>,
    pub(in crate::auth) totp_used_step: i64,
}

pub(in crate::auth) struct StoredSession {
    pub(in crate::auth) officer: Officer,
    pub(in crate::auth) form_token: String,
    pub(in crate::auth) begun_at: UnixSeconds,
    pub(in crate::auth) seen_at: UnixSeconds,
    pub(in crate::auth) stepped_up_at: UnixSeconds,
}

pub(in crate::auth) async fn any_officer(db: &Db) -> Result<bool, DbError> {
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM officer")
        .fetch_one(db.reader())
        .await?;
    Ok(rows > 0)
}

pub(in crate::auth) async fn any_officer_in(tx: &mut Tx) -> Result<bool, DbError> {
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM officer")
        .fetch_one(&mut **tx)
        .await?;
    Ok(rows > 0)
}

pub(in crate::auth) async fn login_exists(tx: &mut Tx, login: &str) -> Result<bool, DbError> {
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM officer WHERE login = $1")
        .bind(login)
        .fetch_one(&mut **tx)
        .await?;
    Ok(rows > 0)
}

pub(in crate::auth) async fn count_active(tx: &mut Tx, role: Role) -> Result<i64, DbError> {
    Ok(
        sqlx::query_scalar("SELECT COUNT(*) FROM officer WHERE role = $1 AND state = 'active'")
            .bind(role.word())
            .fetch_one(&mut **tx)
            .await?,
    )
}

pub(in crate::auth) async fn insert_officer(
    tx: &mut Tx,
    officer_id: &str,
    new: &NewOfficer,
    role_until: UnixSeconds,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO officer (officer_id, login, name, role, role_until_s, level, unit, province, district, commune, \
         state, totp_used_step, created_at_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'invited', 0, $11)",
    )
    .bind(officer_id)
    .bind(&new.login)
    .bind(&new.name)
    .bind(new.role.word())
    .bind(role_until.0)
    .bind(new.scope.level.word())
    .bind(new.scope.unit)
    .bind(new.place.province)
    .bind(new.place.district)
    .bind(new.place.commune)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::auth) async fn activate(
    tx: &mut Tx,
    officer_id: &str,
    hash: &str,
    sealed: &[u8],
    step: i64,
) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE officer SET state = 'active', password_hash = $1, totp_sealed = $2, totp_used_step = $3 \
         WHERE officer_id = $4 AND state = 'invited'",
    )
    .bind(hash)
    .bind(sealed)
    .bind(step)
    .bind(officer_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::auth) async fn insert_invitation(
    tx: &mut Tx,
    hash: &[u8; 32],
    officer_id: &str,
    until: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query("INSERT INTO invitation (token_hash, officer_id, expires_at_s) VALUES ($1, $2, $3)")
        .bind(&hash[..])
        .bind(officer_id)
        .bind(until.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::auth) async fn invited(db: &Db, hash: &[u8; 32], now: UnixSeconds) -> Result<Option<Officer>, DbError> {
    let row = sqlx::query(
        "SELECT o.officer_id, o.login, o.name, o.role, o.role_until_s, o.level, o.unit, o.state \
         FROM invitation i JOIN officer o ON o.officer_id = i.officer_id \
         WHERE i.token_hash = $1 AND i.expires_at_s > $2 AND o.state = 'invited'",
    )
    .bind(&hash[..])
    .bind(now.0)
    .fetch_optional(db.reader())
    .await?;
    row.as_ref().map(officer).transpose()
}

pub(in crate::auth) async fn take_invitation(tx: &mut Tx, hash: &[u8; 32], now: UnixSeconds) -> Result<bool, DbError> {
    let taken = sqlx::query("DELETE FROM invitation WHERE token_hash = $1 AND expires_at_s > $2")
        .bind(&hash[..])
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(taken.rows_affected() == 1)
}

pub(in crate::auth) async fn erase_invitations(tx: &mut Tx, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM invitation WHERE expires_at_s <= $1")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::auth) async fn credentials(db: &Db, login: &str) -> Result<Option<Credentials>, DbError> {
    let row = sqlx::query(
        "SELECT officer_id, login, name, role, role_until_s, level, unit, state, password_hash, totp_sealed, \
         totp_used_step FROM officer WHERE login = $1 AND password_hash IS NOT NULL AND totp_sealed IS NOT NULL",
    )
    .bind(login)
    .fetch_optional(db.reader())
    .await?;
    row.map(|row| {
        Ok(Credentials {
            officer: officer(&row)?,
            password_hash: row.try_get(8)?,
            totp_sealed: row.try_get(9)?,
            totp_used_step: row.try_get(10)?,
        })
    })
    .transpose()
}

/// Marks a step of one-time codes as used; `false` when it, or a later one, was used already.
pub(in crate::auth) async fn use_step(tx: &mut Tx, officer_id: &str, step: i64) -> Result<bool, DbError> {
    let used = sqlx::query("UPDATE officer SET totp_used_step = $1 WHERE officer_id = $2 AND totp_used_step < $1")
        .bind(step)
        .bind(officer_id)
        .execute(&mut **tx)
        .await?;
    Ok(used.rows_affected() == 1)
}

pub(in crate::auth) async fn load_officer(
    tx: &mut Tx,
    dialect: Dialect,
    officer_id: &str,
    scope: Scope,
) -> Result<Option<Officer>, DbError> {
    let text = "SELECT officer_id, login, name, role, role_until_s, level, unit, state FROM officer \
                WHERE officer_id = $1 AND {scope} = $2";
    let row = sqlx::query(dialect.scoped(text, scope))
        .bind(officer_id)
        .bind(scope.unit)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(officer).transpose()
}

/// Beyond a place, by the end of the role; `$4` and `$5` are empty, and `$6` is 0, where nothing is asked.
const OFFICERS_UP: &str = "SELECT officer_id, login, name, role, role_until_s, level, unit, state FROM officer \
    WHERE {scope} = $1 AND (role_until_s, officer_id) > ($2, $3) AND ($4 = '' OR role = $4) AND ($5 = '' OR state = $5) \
    AND ($6 = 0 OR state <> 'left') ORDER BY role_until_s, officer_id LIMIT $7";
/// The same downwards.
const OFFICERS_DOWN: &str = "SELECT officer_id, login, name, role, role_until_s, level, unit, state FROM officer \
    WHERE {scope} = $1 AND (role_until_s, officer_id) < ($2, $3) AND ($4 = '' OR role = $4) AND ($5 = '' OR state = $5) \
    AND ($6 = 0 OR state <> 'left') ORDER BY role_until_s DESC, officer_id DESC LIMIT $7";

pub(in crate::auth) async fn list_officers(
    db: &Db,
    scope: Scope,
    filter: &OfficerFilter,
    from: Option<OfficerPlace>,
    descending: bool,
    limit: u32,
) -> Result<Vec<Officer>, DbError> {
    let (text, end) = if descending {
        (OFFICERS_DOWN, i64::MAX)
    } else {
        (OFFICERS_UP, i64::MIN)
    };
    let (until, officer_id) = from.unwrap_or((end, String::new()));
    let rows = sqlx::query(db.dialect().scoped(text, scope))
        .bind(scope.unit)
        .bind(until)
        .bind(officer_id)
        .bind(filter.role.map_or("", Role::word))
        .bind(filter.state.map_or("", OfficerState::word))
        .bind(i64::from(filter.current_only))
        .bind(i64::from(limit))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(officer).collect()
}

pub(in crate::auth) async fn login_of(db: &Db, officer_id: &str) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar("SELECT login FROM officer WHERE officer_id = $1")
        .bind(officer_id)
        .fetch_optional(db.reader())
        .await?)
}

pub(in crate::auth) async fn id_of_login(db: &Db, login: &str) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar("SELECT officer_id FROM officer WHERE login = $1")
        .bind(login)
        .fetch_optional(db.reader())
        .await?)
}

pub(in crate::auth) async fn place_of(db: &Db, officer_id: &str) -> Result<Place, DbError> {
    let row = sqlx::query("SELECT province, district, commune FROM officer WHERE officer_id = $1")
        .bind(officer_id)
        .fetch_one(db.reader())
        .await?;
    Ok(Place {
        province: row.try_get(0)?,
        district: row.try_get(1)?,
        commune: row.try_get(2)?,
    })
}

pub(in crate::auth) async fn leave(tx: &mut Tx, officer_id: &str, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE officer SET state = 'left', left_at_s = $1 WHERE officer_id = $2")
        .bind(now.0)
        .bind(officer_id)
        .execute(&mut **tx)
        .await?;
    for text in [
        "DELETE FROM officer_session WHERE officer_id = $1",
        "DELETE FROM invitation WHERE officer_id = $1",
    ] {
        sqlx::query(text).bind(officer_id).execute(&mut **tx).await?;
    }
    Ok(())
}

pub(in crate::auth) async fn change_role(
    tx: &mut Tx,
    officer_id: &str,
    role: Role,
    scope: Scope,
    place: &Place,
    until: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE officer SET role = $1, level = $2, unit = $3, province = $4, district = $5, commune = $6, \
         role_until_s = $7 WHERE officer_id = $8 AND state <> 'left'",
    )
    .bind(role.word())
    .bind(scope.level.word())
    .bind(scope.unit)
    .bind(place.province)
    .bind(place.district)
    .bind(place.commune)
    .bind(until.0)
    .bind(officer_id)
    .execute(&mut **tx)
    .await?;
    // What was open under the old role is not seen under the new one.
    sqlx::query("DELETE FROM officer_session WHERE officer_id = $1")
        .bind(officer_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::auth) async fn begin(
    tx: &mut Tx,
    hash: &[u8; 32],
    officer_id: &str,
    form: &str,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO officer_session (session_hash, officer_id, form_token, begun_at_s, seen_at_s, stepped_up_at_s) \
         VALUES ($1, $2, $3, $4, $4, $4)",
    )
    .bind(&hash[..])
    .bind(officer_id)
    .bind(form)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::auth) async fn find_session(db: &Db, hash: &[u8; 32]) -> Result<Option<StoredSession>, DbError> {
    let row = sqlx::query(
        "SELECT o.officer_id, o.login, o.name, o.role, o.role_until_s, o.level, o.unit, o.state, \
         s.form_token, s.begun_at_s, s.seen_at_s, s.stepped_up_at_s \
         FROM officer_session s JOIN officer o ON o.officer_id = s.officer_id WHERE s.session_hash = $1",
    )
    .bind(&hash[..])
    .fetch_optional(db.reader())
    .await?;
    row.map(|row| {
        Ok(StoredSession {
            officer: officer(&row)?,
            form_token: row.try_get(8)?,
            begun_at: UnixSeconds(row.try_get(9)?),
            seen_at: UnixSeconds(row.try_get(10)?),
            stepped_up_at: UnixSeconds(row.try_get(11)?),
        })
    })
    .transpose()
}

pub(in crate::auth) async fn see(tx: &mut Tx, hash: &[u8; 32], now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE officer_session SET seen_at_s = $1 WHERE session_hash = $2")
        .bind(now.0)
        .bind(&hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::auth) async fn step_up(tx: &mut Tx, hash: &[u8; 32], now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE officer_session SET stepped_up_at_s = $1 WHERE session_hash = $2")
        .bind(now.0)
        .bind(&hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::auth) async fn end(tx: &mut Tx, hash: &[u8; 32]) -> Result<(), DbError> {
    sqlx::query("DELETE FROM officer_session WHERE session_hash = $1")
        .bind(&hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::auth) async fn end_expired(tx: &mut Tx, seen: UnixSeconds, begun: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM officer_session WHERE seen_at_s <= $1 OR begun_at_s <= $2")
        .bind(seen.0)
        .bind(begun.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::auth) async fn insert_approval(
    tx: &mut Tx,
    approval_id: &str,
    kind: &str,
    subject: &str,
    asked_by: &str,
    place: &Place,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO approval (approval_id, kind, subject, asked_by, asked_at_s, province, district, commune, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'asked')",
    )
    .bind(approval_id)
    .bind(kind)
    .bind(subject)
    .bind(asked_by)
    .bind(now.0)
    .bind(place.province)
    .bind(place.district)
    .bind(place.commune)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::auth) async fn load_approval(
    tx: &mut Tx,
    dialect: Dialect,
    approval_id: &str,
    scope: Scope,
) -> Result<Option<Approval>, DbError> {
    let text = "SELECT a.approval_id, a.kind, a.subject, o.login, a.asked_by, a.asked_at_s, a.state, a.decided_at_s FROM \
                (SELECT * FROM approval WHERE approval_id = $1 AND {scope} = $2) a \
                JOIN officer o ON o.officer_id = a.asked_by";
    let row = sqlx::query(dialect.scoped(text, scope))
        .bind(approval_id)
        .bind(scope.unit)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(approval).transpose()
}

pub(in crate::auth) async fn list_approvals(db: &Db, scope: Scope) -> Result<Vec<Approval>, DbError> {
    let text = "SELECT a.approval_id, a.kind, a.subject, o.login, a.asked_by, a.asked_at_s, a.state, a.decided_at_s FROM \
                (SELECT * FROM approval WHERE {scope} = $1 ORDER BY asked_at_s DESC LIMIT 200) a \
                JOIN officer o ON o.officer_id = a.asked_by ORDER BY a.asked_at_s DESC";
    let rows = sqlx::query(db.dialect().scoped(text, scope))
        .bind(scope.unit)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(approval).collect()
}

pub(in crate::auth) async fn decide(
    tx: &mut Tx,
    approval_id: &str,
    state: ApprovalState,
    by: &str,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "UPDATE approval SET state = $1, decided_by = $2, decided_at_s = $3 WHERE approval_id = $4 AND state = 'asked'",
    )
    .bind(state.word())
    .bind(by)
    .bind(now.0)
    .bind(approval_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::auth) async fn use_export(
    tx: &mut Tx,
    approval_id: &str,
    asked_by: &str,
    subject: &str,
    since: UnixSeconds,
) -> Result<bool, DbError> {
    let used = sqlx::query(
        "UPDATE approval SET state = 'used' WHERE approval_id = $1 AND kind = 'export' AND state = 'approved' \
         AND asked_by = $2 AND subject = $3 AND decided_at_s >= $4",
    )
    .bind(approval_id)
    .bind(asked_by)
    .bind(subject)
    .bind(since.0)
    .execute(&mut **tx)
    .await?;
    Ok(used.rows_affected() == 1)
}

fn officer(row: &AnyRow) -> Result<Officer, DbError> {
    let (role, level, state): (String, String, String) = (row.try_get(3)?, row.try_get(5)?, row.try_get(7)?);
    Ok(Officer {
        officer_id: row.try_get(0)?,
        login: row.try_get(1)?,
        name: row.try_get(2)?,
        role: Role::parse(&role).ok_or(DbError::Stored("role"))?,
        role_until: UnixSeconds(row.try_get(4)?),
        scope: Scope {
            level: Level::parse(&level).ok_or(DbError::Stored("level"))?,
            unit: row.try_get(6)?,
        },
        state: OfficerState::parse(&state).ok_or(DbError::Stored("state of an officer"))?,
    })
}

fn approval(row: &AnyRow) -> Result<Approval, DbError> {
    let (kind, state): (String, String) = (row.try_get(1)?, row.try_get(6)?);
    Ok(Approval {
        approval_id: row.try_get(0)?,
        kind: match kind.as_str() {
            "export" => Approvable::Export,
            "role" => Approvable::Role,
            _ => return Err(DbError::Stored("kind of an approval")),
        },
        subject: row.try_get(2)?,
        asked_by: row.try_get(3)?,
        asked_by_id: row.try_get(4)?,
        asked_at: UnixSeconds(row.try_get(5)?),
        state: ApprovalState::parse(&state).ok_or(DbError::Stored("state of an approval"))?,
        decided_at: row.try_get::<Option<i64>, _>(7)?.map(UnixSeconds),
    })
}
