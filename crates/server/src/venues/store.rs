//! SQL of venues, their codes and their owners.

use protocol::time::UnixSeconds;
use protocol::venue::{ShortCode, VenueCode, VenueKind};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{PosterCode, Venue};
use crate::db::lists::{CHUNK, id_list, ours};
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;
use crate::scope::{Place, Scope};

const COLUMNS: &str = "SELECT v.venue_id, v.venue_number, v.kind, v.name, v.address, v.longest_stay_s, v.province, \
                       v.district, v.commune, v.made_at_s, c.secret, c.version, c.kind, c.short_code, c.made_at_s, \
                       c.revoked_at_s FROM venue v JOIN venue_code c ON c.venue_id = v.venue_id";

pub(super) async fn next_number(tx: &mut Tx) -> Result<i64, DbError> {
    let row = sqlx::query("SELECT COALESCE(MAX(venue_number), 0) + 1 FROM venue")
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn insert(tx: &mut Tx, venue: &Venue, owner: Option<PersonId>) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO venue (venue_id, venue_number, kind, name, address, owner, longest_stay_s, province, district, \
         commune, made_at_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(&venue.venue_id)
    .bind(venue.number)
    .bind(i64::from(venue.kind.number()))
    .bind(&venue.name)
    .bind(&venue.address)
    .bind(owner.as_ref().map(|owner| &owner.0[..]))
    .bind(venue.longest_stay_s)
    .bind(venue.place.province)
    .bind(venue.place.district)
    .bind(venue.place.commune)
    .bind(venue.made_at.0)
    .execute(&mut **tx)
    .await?;
    insert_code(tx, &venue.venue_id, &venue.poster).await
}

pub(super) async fn insert_code(tx: &mut Tx, venue_id: &str, poster: &PosterCode) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO venue_code (secret, venue_id, version, kind, short_code, made_at_s) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&poster.code.secret[..])
    .bind(venue_id)
    .bind(poster.version)
    .bind(i64::from(poster.code.kind.number()))
    .bind(poster.short.signs())
    .bind(poster.made_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn revoke_codes(tx: &mut Tx, venue_id: &str, now: UnixSeconds) -> Result<u64, DbError> {
    let done = sqlx::query("UPDATE venue_code SET revoked_at_s = $2 WHERE venue_id = $1 AND revoked_at_s IS NULL")
        .bind(venue_id)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn is_short_code_taken(tx: &mut Tx, short: &ShortCode) -> Result<bool, DbError> {
    let row = sqlx::query("SELECT 1 FROM venue_code WHERE short_code = $1")
        .bind(short.signs())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

pub(super) async fn of_owner(db: &Db, owner: PersonId) -> Result<Vec<Venue>, DbError> {
    let text = format!("{COLUMNS} WHERE v.owner = $1 AND c.revoked_at_s IS NULL ORDER BY v.venue_number LIMIT 500");
    let rows = sqlx::query(ours(text))
        .bind(&owner.0[..])
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn count_of_owner(tx: &mut Tx, owner: PersonId) -> Result<i64, DbError> {
    let row = sqlx::query("SELECT COUNT(*) FROM venue WHERE owner = $1")
        .bind(&owner.0[..])
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn by_id(db: &Db, venue_id: &str) -> Result<Option<Venue>, DbError> {
    let text = format!("{COLUMNS} WHERE v.venue_id = $1 AND c.revoked_at_s IS NULL");
    let row = sqlx::query(ours(text))
        .bind(venue_id)
        .fetch_optional(db.reader())
        .await?;
    row.as_ref().map(read).transpose()
}

/// Returns the venue of a code, also of one that was taken back.
pub(super) async fn by_secret(db: &Db, secret: &[u8]) -> Result<Option<Venue>, DbError> {
    let text = format!("{COLUMNS} WHERE c.secret = $1");
    let row = sqlx::query(ours(text)).bind(secret).fetch_optional(db.reader()).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn by_short_code(db: &Db, short: &ShortCode) -> Result<Option<Venue>, DbError> {
    let text = format!("{COLUMNS} WHERE c.short_code = $1");
    let row = sqlx::query(ours(text))
        .bind(short.signs())
        .fetch_optional(db.reader())
        .await?;
    row.as_ref().map(read).transpose()
}

/// Returns whether an owner's venue has this id.
pub(super) async fn is_owned(db: &Db, venue_id: &str, owner: PersonId) -> Result<bool, DbError> {
    let row = sqlx::query("SELECT 1 FROM venue WHERE venue_id = $1 AND owner = $2")
        .bind(venue_id)
        .bind(&owner.0[..])
        .fetch_optional(db.reader())
        .await?;
    Ok(row.is_some())
}

/// Returns venues of a scope by ascending number, after `after`.
pub(super) async fn page(db: &Db, scope: Scope, after: i64, limit: i64) -> Result<Vec<Venue>, DbError> {
    let text = format!(
        "{COLUMNS} WHERE {} = $1 AND v.venue_number > $2 AND c.revoked_at_s IS NULL ORDER BY v.venue_number LIMIT $3",
        scope.column_of("v")
    );
    let rows = sqlx::query(ours(text))
        .bind(scope.unit)
        .bind(after)
        .bind(limit)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// Returns venues by number.
pub(super) async fn by_numbers(db: &Db, numbers: &[i64]) -> Result<Vec<Venue>, DbError> {
    let mut found = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 1);
        let text = format!("{COLUMNS} WHERE v.venue_number IN {list} AND c.revoked_at_s IS NULL");
        let mut query = sqlx::query(ours(text));
        for number in &filled {
            query = query.bind(number);
        }
        for row in query.fetch_all(db.reader()).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

fn read(row: &AnyRow) -> Result<Venue, DbError> {
    let kind = |at: usize| -> Result<VenueKind, DbError> {
        let number: i64 = row.try_get(at)?;
        u8::try_from(number)
            .map(VenueKind::from_number)
            .map_err(|_| DbError::Stored("kind of a venue"))
    };
    let secret: Vec<u8> = row.try_get(10)?;
    let short: String = row.try_get(13)?;
    let revoked: Option<i64> = row.try_get(15)?;
    Ok(Venue {
        venue_id: row.try_get(0)?,
        number: row.try_get(1)?,
        kind: kind(2)?,
        name: row.try_get(3)?,
        address: row.try_get(4)?,
        longest_stay_s: row.try_get(5)?,
        place: Place {
            province: row.try_get(6)?,
            district: row.try_get(7)?,
            commune: row.try_get(8)?,
        },
        made_at: UnixSeconds(row.try_get(9)?),
        poster: PosterCode {
            code: VenueCode {
                kind: kind(12)?,
                secret: secret.try_into().map_err(|_| DbError::Stored("secret of a venue"))?,
            },
            version: row.try_get(11)?,
            short: ShortCode::parse(&short).map_err(|_| DbError::Stored("short code of a venue"))?,
            made_at: UnixSeconds(row.try_get(14)?),
            revoked_at: revoked.map(UnixSeconds),
        },
    })
}

/// Returns which of `people` own a venue, or did.
pub(super) async fn owners_among(db: &Db, people: &[PersonId]) -> Result<Vec<PersonId>, DbError> {
    let mut owners = Vec::new();
    for person in people {
        let row = sqlx::query("SELECT 1 FROM venue_owner WHERE person_id = $1")
            .bind(&person.0[..])
            .fetch_optional(db.reader())
            .await?;
        if row.is_some() {
            owners.push(*person);
        }
    }
    Ok(owners)
}

pub(super) async fn insert_owner(tx: &mut Tx, person: PersonId, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("INSERT INTO venue_owner (person_id, made_at_s) VALUES ($1, $2) ON CONFLICT (person_id) DO NOTHING")
        .bind(&person.0[..])
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn insert_session(
    tx: &mut Tx,
    hash: &[u8; 32],
    person: PersonId,
    now: UnixSeconds,
    until: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query("INSERT INTO owner_session (secret_hash, person_id, made_at_s, until_s) VALUES ($1, $2, $3, $4)")
        .bind(&hash[..])
        .bind(&person.0[..])
        .bind(now.0)
        .bind(until.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn session(db: &Db, hash: &[u8; 32], now: UnixSeconds) -> Result<Option<PersonId>, DbError> {
    let row = sqlx::query("SELECT person_id FROM owner_session WHERE secret_hash = $1 AND until_s > $2")
        .bind(&hash[..])
        .bind(now.0)
        .fetch_optional(db.reader())
        .await?;
    row.map(|row| {
        let person: Vec<u8> = row.try_get(0)?;
        person
            .try_into()
            .map(PersonId)
            .map_err(|_| DbError::Stored("id of a person"))
    })
    .transpose()
}

pub(super) async fn end_session(tx: &mut Tx, hash: &[u8; 32]) -> Result<(), DbError> {
    sqlx::query("DELETE FROM owner_session WHERE secret_hash = $1")
        .bind(&hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn erase_sessions(tx: &mut Tx, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM owner_session WHERE until_s <= $1")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
