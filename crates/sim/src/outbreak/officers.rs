//! The demo's accounts: one for each role, and a tracer for each further district. All names are made up.

use std::collections::BTreeMap;

use server::{
    AuthorityApp, ServiceError,
    auth::{self, Enrolment, NewOfficer, Role, Session},
    civil::CivilDate,
    scope::{Level, Place, Scope},
};

use super::{course::COMMUNE, people::PROVINCE};
use crate::seed::Seed;

/// Password of every account of the demo: it is shown on its start page.
pub const PASSWORD: &str = "ba con vit di cho som";
/// Login of the lead of the whole province.
pub const LEAD: &str = "truongnhom";
/// District of the demo's tracer: the town where the story takes place.
pub const TOWN: &str = "815";

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Name to sign in with.
    pub login: String,
    /// Name shown to colleagues.
    pub name: &'static str,
    /// Word of the role.
    pub role: &'static str,
    /// Code of the unit of 2021; `None` for the whole nation.
    pub unit: Option<String>,
}

impl Account {
    fn new(login: impl Into<String>, name: &'static str, role: &'static str, unit: Option<&str>) -> Self {
        Self {
            login: login.into(),
            name,
            role,
            unit: unit.map(str::to_owned),
        }
    }

    /// Returns the secret of the account's one-time codes in a run of this seed.
    pub fn secret(&self, seed: u64) -> [u8; 20] {
        let bytes = Seed::root(seed).child("officer").child(&self.login).bytes();
        let mut secret = [0; 20];
        secret.copy_from_slice(&bytes[..20]);
        secret
    }
}

/// Returns all accounts: those of the role bar first, then the tracers of the other districts.
pub fn accounts() -> Vec<Account> {
    let mut accounts = vec![
        Account::new("quantri", "Nguyễn Thị Mẫu", "administrator", None),
        Account::new("truyvet", "Trần Văn Thử", "tracer", Some(TOWN)),
        Account::new(LEAD, "Lê Thị Diễn", "team_lead", Some(PROVINCE)),
        Account::new("dichte", "Phạm Văn Phỏng", "epidemiologist", Some(PROVINCE)),
        Account::new("kiemtra", "Huỳnh Thị Soát", "auditor", Some(PROVINCE)),
        Account::new("xa", "Võ Văn Xóm", "commune_tracer", Some(COMMUNE)),
        Account::new("truongnhom2", "Phan Văn Tập", "team_lead", Some(PROVINCE)),
        Account::new("lanhdao", "Đặng Thị Tưởng", "leadership", Some(PROVINCE)),
    ];
    let others = [
        ("816", "Bùi Văn Nháp"),
        ("817", "Đỗ Thị Ví"),
        ("818", "Ngô Văn Dụ"),
        ("819", "Hồ Thị Giả"),
        ("820", "Dương Văn Định"),
        ("821", "Đoàn Thị Mượn"),
        ("822", "Lâm Văn Tạm"),
        ("823", "Cao Thị Vẽ"),
        ("824", "Châu Văn Chép"),
        ("825", "Tô Thị Tượng"),
    ];
    let tracers = others.map(|(code, name)| Account::new(format!("truyvet{code}"), name, "tracer", Some(code)));
    accounts.extend(tracers);
    accounts
}

/// Seats all officers; returns their sessions by login.
pub(super) async fn seat_all(app: &AuthorityApp, seed: u64) -> Result<BTreeMap<String, Session>, ServiceError> {
    let mut sessions = BTreeMap::new();
    for account in accounts() {
        let (scope, place) = scope_of(app, account.unit.as_deref())?;
        let new = NewOfficer {
            login: account.login.clone(),
            name: account.name.into(),
            role: Role::parse(account.role).ok_or(ServiceError::Internal("a role of the demo is unknown"))?,
            scope,
            place,
        };
        let secret = account.secret(seed);
        let enrolment = Enrolment {
            password: PASSWORD.into(),
            secret: secret.to_vec(),
            code: auth::one_time_code(&secret, app.clock.now()).unwrap_or_default(),
        };
        auth::seat(app, &new, &enrolment).await?;
        sessions.insert(account.login.clone(), auth::session_of(app, &account.login).await?);
    }
    Ok(sessions)
}

fn scope_of(app: &AuthorityApp, code: Option<&str>) -> Result<(Scope, Place), ServiceError> {
    let Some(code) = code else {
        return Ok((Scope::NATION, Place::default()));
    };
    let missing = ServiceError::NotFound { what: "unit" };
    let day = CivilDate::today(app.clock.now());
    let unit = app.geo.by_code(code, day).map_err(|_| missing)?;
    let path = app.geo.path(unit.id).ok_or(ServiceError::NotFound { what: "unit" })?;
    let level = match code.len() {
        2 => Level::Province,
        3 => Level::District,
        _ => Level::Commune,
    };
    let place = Place {
        province: Some(path.province.number()),
        district: path.district.map(|unit| unit.number()),
        commune: path.commune.map(|unit| unit.number()),
    };
    let unit = unit.id.number();
    Ok((Scope { level, unit }, place))
}
