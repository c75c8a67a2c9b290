//! SQL of contacts.

use std::collections::HashSet;

use protocol::time::UnixSeconds;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

use super::super::model::{Contact, ContactState, Origin};
use super::{day, person};
use crate::civil::CivilDate;
use crate::db::lists::{CHUNK, id_list, ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;
use crate::scope::{Place, Scope};

/// The columns every reading statement returns, for [`read`].
pub(super) const COLUMNS: &str = "c.contact_id, c.label, c.person_id, c.of_person, c.case_id, f.label, c.origin, c.exposed_on, \
     c.exposed_minutes, c.place_sealed, c.relation, c.level, c.generation, c.state, c.attempts, c.due_at_s, \
     c.next_try_at_s, c.leased_by, c.leased_until_s, c.follow_from, c.follow_until, c.converted_to, c.province, \
     c.district, c.commune, c.created_at_s, c.version";

/// What a contact has on its row and nowhere else.
pub(in super::super) struct NewRow {
    pub(in super::super) contact: Contact,
    pub(in super::super) milestone: Option<String>,
    pub(in super::super) legal_basis: &'static str,
    pub(in super::super) expires_on: CivilDate,
    pub(in super::super) unit: Option<i64>,
    pub(in super::super) officer: Option<String>,
    pub(in super::super) entry_seconds: Option<i64>,
}

pub(in super::super) async fn label_exists(tx: &mut Tx, label: &str) -> Result<bool, DbError> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM contact WHERE label = $1")
        .bind(label)
        .fetch_one(&mut **tx)
        .await?;
    Ok(found > 0)
}

pub(in super::super) async fn insert(tx: &mut Tx, rows: &[NewRow]) -> Result<(), DbError> {
    for chunk in row_chunks(rows, 32) {
        let text = format!(
            "INSERT INTO contact (contact_id, label, person_id, of_person, case_id, milestone_id, origin, legal_basis, \
             expires_on, exposed_on, exposed_minutes, place_sealed, relation, level, generation, state, is_open, \
             attempts, due_at_s, next_try_at_s, leased_until_s, follow_from, follow_until, converted_to, unit, province, \
             district, commune, created_at_s, created_by, entry_seconds, version) VALUES {}",
            tuples(chunk.len(), 32, 1)
        );
        let mut query = sqlx::query(ours(text));
        for row in chunk {
            let contact = &row.contact;
            query = query
                .bind(&contact.contact_id)
                .bind(&contact.label)
                .bind(&contact.person.0[..])
                .bind(&contact.of_person.0[..])
                .bind(&contact.case_id)
                .bind(row.milestone.as_deref())
                .bind(contact.origin.word())
                .bind(row.legal_basis)
                .bind(row.expires_on.number())
                .bind(contact.exposed_on.number())
                .bind(contact.exposed_minutes)
                .bind(contact.place_sealed.as_deref())
                .bind(&contact.relation)
                .bind(i64::from(contact.level))
                .bind(contact.generation.map(i64::from))
                .bind(contact.state.word())
                .bind(i64::from(contact.state.is_open()))
                .bind(contact.attempts)
                .bind(contact.due_at.0)
                .bind(contact.next_try_at.0)
                .bind(contact.leased_until.0)
                .bind(contact.follow.map(|follow| follow.0.number()))
                .bind(contact.follow.map(|follow| follow.1.number()))
                .bind(contact.converted_to.as_deref())
                .bind(row.unit)
                .bind(contact.place.province)
                .bind(contact.place.district)
                .bind(contact.place.commune)
                .bind(contact.created_at.0)
                .bind(row.officer.as_deref())
                .bind(row.entry_seconds)
                .bind(contact.version);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Which contacts a list shows.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    /// Only this state.
    pub state: Option<ContactState>,
    /// Only this generation.
    pub generation: Option<u8>,
    /// Only of this case.
    pub case_id: Option<String>,
    /// Only those with this officer.
    pub leased_by: Option<String>,
    /// Behind the last row seen: its sort key and id.
    pub after: Option<(i64, String)>,
    /// Rows at most.
    pub limit: u32,
}

/// The order of a list of contacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContactOrder {
    /// What is due first; only open ones.
    #[default]
    Due,
    /// Newest first; all.
    Newest,
}

pub(in super::super) async fn list(
    db: &Db,
    scope: Scope,
    order: ContactOrder,
    filter: &ContactFilter,
) -> Result<Vec<Contact>, DbError> {
    let (seek, sort, first) = match order {
        ContactOrder::Due => (
            "c.is_open = 1 AND c.generation IS NOT NULL AND (c.due_at_s > $2 OR (c.due_at_s = $2 AND c.contact_id > $3))",
            "c.due_at_s, c.contact_id",
            i64::MIN,
        ),
        ContactOrder::Newest => (
            "(c.created_at_s < $2 OR (c.created_at_s = $2 AND c.contact_id < $3))",
            "c.created_at_s DESC, c.contact_id DESC",
            i64::MAX,
        ),
    };
    let (inside, narrowed) = (filter.inside(scope), filter.narrowed(5));
    let text = format!(
        "SELECT {COLUMNS} FROM contact c JOIN case_file f ON f.case_id = c.case_id \
         WHERE {inside} = $1 AND {seek}{narrowed} ORDER BY {sort} LIMIT $4"
    );
    let (at, id) = filter.after.clone().unwrap_or((first, String::new()));
    let query = sqlx::query(ours(text)).bind(scope.unit).bind(at).bind(id);
    let rows = filter
        .bind(query.bind(i64::from(filter.limit)))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

impl ContactFilter {
    /// Returns the column of the scope: one case or one officer is narrower, and finds the rows.
    fn inside(&self, scope: Scope) -> String {
        match (&self.case_id, &self.leased_by) {
            (None, None) => scope.column_of("c"),
            _ => scope.check_of("c"),
        }
    }

    /// Returns only the conditions there are, so that each finds its index; their parameters begin at `first`.
    fn narrowed(&self, first: usize) -> String {
        let state = self.state.map(|_| "c.state");
        let generation = self.generation.map(|_| "c.generation");
        let case = self.case_id.as_ref().map(|_| "c.case_id");
        let officer = self.leased_by.as_ref().map(|_| "c.leased_by");
        let columns = [state, generation, case, officer].into_iter().flatten().zip(first..);
        columns.map(|(column, at)| format!(" AND {column} = ${at}")).collect()
    }

    fn bind<'q>(&'q self, mut query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        if let Some(state) = self.state {
            query = query.bind(state.word());
        }
        if let Some(generation) = self.generation {
            query = query.bind(i64::from(generation));
        }
        for id in [&self.case_id, &self.leased_by].into_iter().flatten() {
            query = query.bind(id.as_str());
        }
        query
    }
}

pub(in super::super) async fn count(db: &Db, scope: Scope, filter: &ContactFilter) -> Result<i64, DbError> {
    let (inside, narrowed) = (filter.inside(scope), filter.narrowed(2));
    let text = format!("SELECT COUNT(*) FROM contact c WHERE {inside} = $1{narrowed}");
    let query = filter.bind(sqlx::query(ours(text)).bind(scope.unit));
    Ok(query.fetch_one(db.reader()).await?.try_get(0)?)
}

/// Returns the contacts of a case whatever their unit: the case's tracer answers for them until they are called.
pub(in super::super) async fn of_case(db: &Db, case_id: &str, limit: u32) -> Result<Vec<Contact>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM contact c JOIN case_file f ON f.case_id = c.case_id WHERE c.case_id = $1 \
         ORDER BY c.created_at_s, c.contact_id LIMIT $2"
    );
    let rows = sqlx::query(ours(text))
        .bind(case_id)
        .bind(i64::from(limit))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

pub(in super::super) async fn people_of(db: &Db, case_id: &str) -> Result<HashSet<PersonId>, DbError> {
    let rows = sqlx::query("SELECT person_id FROM contact WHERE case_id = $1")
        .bind(case_id)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(|row| person(row.try_get(0)?)).collect()
}

pub(in super::super) async fn find(db: &Db, contact_id: &str, scope: Scope) -> Result<Option<Contact>, DbError> {
    let row = sqlx::query(ours(one(scope)))
        .bind(contact_id)
        .bind(scope.unit)
        .fetch_optional(db.reader())
        .await?;
    row.as_ref().map(read).transpose()
}

pub(in super::super) async fn find_in(tx: &mut Tx, contact_id: &str, scope: Scope) -> Result<Option<Contact>, DbError> {
    let row = sqlx::query(ours(one(scope)))
        .bind(contact_id)
        .bind(scope.unit)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One text for a contact that is elsewhere and one that is not at all. A contact is seen by the unit that answers for it
/// and by the unit of its case.
fn one(scope: Scope) -> String {
    format!(
        "SELECT {COLUMNS} FROM contact c JOIN case_file f ON f.case_id = c.case_id \
         WHERE c.contact_id = $1 AND ({} = $2 OR {} = $2)",
        scope.column_of("c"),
        scope.column_of("f")
    )
}

/// Returns which contacts there are of `people`, leaving out `strangers`, who cannot be any: case, whom they met, and who.
pub(in super::super) async fn known_among(
    tx: &mut Tx,
    people: &[PersonId],
    strangers: &HashSet<PersonId>,
) -> Result<HashSet<(String, PersonId, PersonId)>, DbError> {
    let asked: Vec<PersonId> = people.iter().filter(|id| !strangers.contains(id)).copied().collect();
    let mut known = HashSet::new();
    for chunk in asked.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 1);
        let text = format!("SELECT case_id, of_person, person_id FROM contact WHERE person_id IN {list}");
        let mut query = sqlx::query(ours(text));
        for id in &filled {
            query = query.bind(&id.0[..]);
        }
        for row in query.fetch_all(&mut **tx).await? {
            known.insert((row.try_get(0)?, person(row.try_get(1)?)?, person(row.try_get(2)?)?));
        }
    }
    Ok(known)
}

/// Puts a changed contact in the place of the version before; `false` when somebody else was first.
pub(in super::super) async fn replace(tx: &mut Tx, contact: &Contact) -> Result<bool, DbError> {
    let closed = (!contact.state.is_open()).then_some(contact.next_try_at.0);
    let done = sqlx::query(
        "UPDATE contact SET state = $1, is_open = $2, attempts = $3, next_try_at_s = $4, leased_by = $5, \
         leased_until_s = $6, follow_from = $7, follow_until = $8, converted_to = $9, closed_at_s = $10, version = $11 \
         WHERE contact_id = $12 AND version = $13",
    )
    .bind(contact.state.word())
    .bind(i64::from(contact.state.is_open()))
    .bind(contact.attempts)
    .bind(contact.next_try_at.0)
    .bind(contact.leased_by.as_deref())
    .bind(contact.leased_until.0)
    .bind(contact.follow.map(|follow| follow.0.number()))
    .bind(contact.follow.map(|follow| follow.1.number()))
    .bind(contact.converted_to.as_deref())
    .bind(closed)
    .bind(contact.version)
    .bind(&contact.contact_id)
    .bind(contact.version - 1)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Returns the contact that a case was converted from, if any.
pub(in super::super) async fn converted_to(tx: &mut Tx, case_id: &str) -> Result<Option<Contact>, DbError> {
    let text =
        format!("SELECT {COLUMNS} FROM contact c JOIN case_file f ON f.case_id = c.case_id WHERE c.converted_to = $1");
    let row = sqlx::query(ours(text)).bind(case_id).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read).transpose()
}

/// Most contacts that the figures of a queue count: a page has to come quickly however long the queue is, and beyond this an
/// exact figure changes nothing of what is to be done.
pub const MAX_COUNTED: i64 = 10_000;

/// Counts of open contacts for the figures of a queue: of the [`MAX_COUNTED`] that are due first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Open.
    pub open: i64,
    /// Overdue.
    pub overdue: i64,
    /// Never called.
    pub never: i64,
    /// With the asking officer.
    pub mine: i64,
    /// In follow-up today.
    pub followed: i64,
}

pub(in super::super) async fn counts(
    db: &Db,
    scope: Scope,
    officer: &str,
    now: UnixSeconds,
) -> Result<QueueCounts, DbError> {
    let text = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN due_at_s < $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
                CAST(COALESCE(SUM(CASE WHEN attempts = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) \
                FROM (SELECT due_at_s, attempts FROM contact WHERE {scope} = $1 AND is_open = 1 \
                AND generation IS NOT NULL ORDER BY due_at_s, contact_id LIMIT $3) AS first_due";
    let row = sqlx::query(db.dialect().scoped(text, scope))
        .bind(scope.unit)
        .bind(now.0)
        .bind(MAX_COUNTED)
        .fetch_one(db.reader())
        .await?;
    let mine = format!(
        "SELECT COUNT(*) FROM contact c WHERE leased_by = $1 AND is_open = 1 AND leased_until_s > $2 \
         AND generation IS NOT NULL AND {} = $3",
        scope.check_of("c")
    );
    let mine: i64 = sqlx::query_scalar(ours(mine))
        .bind(officer)
        .bind(now.0)
        .bind(scope.unit)
        .fetch_one(db.reader())
        .await?;
    let followed = "SELECT COUNT(*) FROM (SELECT 1 FROM contact WHERE {scope} = $1 AND state = 'reached' \
                    AND follow_until >= $2 LIMIT $3) AS followed";
    let followed: i64 = sqlx::query_scalar(db.dialect().scoped(followed, scope))
        .bind(scope.unit)
        .bind(CivilDate::today(now).number())
        .bind(MAX_COUNTED)
        .fetch_one(db.reader())
        .await?;
    Ok(QueueCounts {
        open: row.try_get(0)?,
        overdue: row.try_get(1)?,
        never: row.try_get(2)?,
        mine,
        followed,
    })
}

pub(super) fn read(row: &AnyRow) -> Result<Contact, DbError> {
    let (origin, state): (String, String) = (row.try_get(6)?, row.try_get(13)?);
    let level: i64 = row.try_get(11)?;
    let generation: Option<i64> = row.try_get(12)?;
    let (from, until): (Option<i64>, Option<i64>) = (row.try_get(19)?, row.try_get(20)?);
    Ok(Contact {
        contact_id: row.try_get(0)?,
        label: row.try_get(1)?,
        person: person(row.try_get(2)?)?,
        of_person: person(row.try_get(3)?)?,
        case_id: row.try_get(4)?,
        case_label: row.try_get(5)?,
        origin: Origin::parse(&origin).ok_or(DbError::Stored("origin"))?,
        exposed_on: day(row.try_get(7)?)?,
        exposed_minutes: row.try_get(8)?,
        place_sealed: row.try_get(9)?,
        relation: row.try_get(10)?,
        level: u8::try_from(level).map_err(|_| DbError::Stored("level"))?,
        generation: generation.and_then(|generation| u8::try_from(generation).ok()),
        state: ContactState::parse(&state).ok_or(DbError::Stored("state of a contact"))?,
        attempts: row.try_get(14)?,
        due_at: UnixSeconds(row.try_get(15)?),
        next_try_at: UnixSeconds(row.try_get(16)?),
        leased_by: row.try_get(17)?,
        leased_until: UnixSeconds(row.try_get(18)?),
        follow: from
            .zip(until)
            .map(|(from, until)| Ok::<_, DbError>((day(from)?, day(until)?)))
            .transpose()?,
        converted_to: row.try_get(21)?,
        place: Place {
            province: row.try_get(22)?,
            district: row.try_get(23)?,
            commune: row.try_get(24)?,
        },
        created_at: UnixSeconds(row.try_get(25)?),
        version: row.try_get(26)?,
    })
}
