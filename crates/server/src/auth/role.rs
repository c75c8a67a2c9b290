//! Roles and permissions as `roles.toml` states them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::scope::Level;

/// The roles, read once; a test reads the file too, so a wrong one never ships.
pub static ROLES: LazyLock<RoleTable> = LazyLock::new(|| {
    let table: RoleTable =
        toml::from_str(include_str!("roles.toml")).expect("the table of roles parses: a test reads it");
    table
});

/// One thing a person may do; its word stands in `roles.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum Permission {
    /// See cases.
    #[serde(rename = "case.read")]
    CaseRead,
    /// Open and change cases.
    #[serde(rename = "case.write")]
    CaseWrite,
    /// Confirm or refute a case, make a contact a case.
    #[serde(rename = "case.convert")]
    CaseConvert,
    /// See contacts.
    #[serde(rename = "contact.read")]
    ContactRead,
    /// Enter and change contacts.
    #[serde(rename = "contact.write")]
    ContactWrite,
    /// Take calls from the queue and record follow-up.
    #[serde(rename = "queue.work")]
    QueueWork,
    /// Give calls to others.
    #[serde(rename = "queue.assign")]
    QueueAssign,
    /// Search people by name, telephone or document.
    #[serde(rename = "person.search")]
    PersonSearch,
    /// See who a person is, with a reason.
    #[serde(rename = "person.reveal")]
    PersonReveal,
    /// Erase a person.
    #[serde(rename = "person.erase")]
    PersonErase,
    /// Issue verification codes.
    #[serde(rename = "code.issue")]
    CodeIssue,
    /// Import lists.
    #[serde(rename = "import.run")]
    ImportRun,
    /// Export lists; above 200 rows a second person approves.
    #[serde(rename = "export.run")]
    ExportRun,
    /// See the measures of the programme.
    #[serde(rename = "kpi.read")]
    KpiRead,
    /// Read and verify the audit record.
    #[serde(rename = "audit.read")]
    AuditRead,
    /// Invite officers, change roles, end accounts.
    #[serde(rename = "user.manage")]
    UserManage,
    /// Make and revoke keys for programs; a key may no more than who made it.
    #[serde(rename = "key.manage")]
    KeyManage,
    /// Import units and boundaries.
    #[serde(rename = "unit.manage")]
    UnitManage,
    /// Read the rule tables.
    #[serde(rename = "rule.read")]
    RuleRead,
    /// See the state of the system.
    #[serde(rename = "system.read")]
    SystemRead,
}

/// What a role sees of who people are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentitySight {
    /// Nothing.
    Never,
    /// One person at a time, with a reason.
    Reveal,
    /// Also the people it is assigned to, inside its unit.
    Inside,
}

/// A kind of act that needs a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Approvable {
    /// An export of more than 200 rows.
    Export,
    /// A change of an officer's role.
    Role,
}

/// A role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// Units it may be given.
    pub tiers: Vec<Level>,
    /// What it sees of who people are.
    pub identity: IdentitySight,
    /// Whether it sees findings, symptoms, contacts.
    pub health: bool,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Roles it may give to others.
    pub grants: Vec<String>,
    /// Acts for which it may be the second person.
    pub seconds: Vec<Approvable>,
}

/// All roles.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTable {
    /// Every permission there is.
    pub permissions: Vec<Permission>,
    /// The roles by name.
    pub role: BTreeMap<String, RoleRule>,
}

/// A role that the table knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(&'static str);

impl std::fmt::Debug for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl Permission {
    /// Returns the permission's word.
    pub fn word(self) -> &'static str {
        WORDS
            .iter()
            .find(|(known, _)| *known == self)
            .map_or("", |(_, word)| word)
    }

    /// Reads a permission's word.
    pub fn parse(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| known == word).map(|(known, _)| *known)
    }
}

/// The words of `roles.toml` beside what they mean.
static WORDS: LazyLock<Vec<(Permission, String)>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Words {
        permissions: Vec<String>,
    }
    let words: Words = toml::from_str(include_str!("roles.toml")).expect("the table of roles parses: a test reads it");
    ROLES.permissions.iter().copied().zip(words.permissions).collect()
});

impl Role {
    /// Made by the wizard at first start.
    pub const ADMINISTRATOR: Self = Self("administrator");

    /// Reads a role's word.
    pub fn parse(word: &str) -> Option<Self> {
        ROLES.role.get_key_value(word).map(|(name, _)| Self(name.as_str()))
    }

    /// Returns the role's word.
    pub fn word(self) -> &'static str {
        self.0
    }

    /// Returns all roles.
    pub fn all() -> impl Iterator<Item = Self> {
        ROLES.role.keys().map(|name| Self(name.as_str()))
    }

    /// Returns what the table says of it.
    pub fn rule(self) -> &'static RoleRule {
        &ROLES.role[self.0]
    }

    /// Returns whether its holder may do something.
    pub fn may(self, permission: Permission) -> bool {
        self.rule().permissions.contains(&permission)
    }

    /// Returns whether its holder may give `other` to somebody.
    pub fn may_grant(self, other: Self) -> bool {
        self.rule().grants.iter().any(|granted| granted == other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        for role in Role::all() {
            let rule = role.rule();
            assert!(!rule.tiers.is_empty(), "{role:?}");
            assert!(
                rule.permissions.iter().all(|p| ROLES.permissions.contains(p)),
                "{role:?}"
            );
            for granted in &rule.grants {
                assert!(Role::parse(granted).is_some(), "{role:?} grants the unknown {granted}");
            }
            if rule.identity == IdentitySight::Never {
                assert!(
                    !role.may(Permission::PersonReveal) && !role.may(Permission::PersonSearch),
                    "{role:?}"
                );
            }
            if !rule.health {
                assert!(
                    !role.may(Permission::CaseRead) && !role.may(Permission::ContactRead),
                    "{role:?}"
                );
            }
        }
        assert!(Role::parse("somebody").is_none());
        for permission in &ROLES.permissions {
            assert_eq!(Permission::parse(permission.word()), Some(*permission));
        }
        assert_eq!(Permission::AuditRead.word(), "audit.read");
    }

    #[test]
    fn whoever_runs_the_system_sees_no_person_and_whoever_audits_changes_nothing() {
        let administrator = Role::ADMINISTRATOR;
        assert!(!administrator.may(Permission::CaseRead) && !administrator.may(Permission::AuditRead));
        let auditor = Role::parse("auditor").expect("a role");
        assert_eq!(
            auditor.rule().permissions,
            [Permission::AuditRead, Permission::KeyManage, Permission::RuleRead]
        );
    }

    /// The administrator is apart from content, so it gives roles it does not have; everybody else gives less than their own.
    #[test]
    fn nobody_but_the_administrator_grants_what_they_do_not_have() {
        for role in Role::all().filter(|role| *role != Role::ADMINISTRATOR) {
            for other in Role::all().filter(|other| role.may_grant(*other)) {
                let more: Vec<_> = other.rule().permissions.iter().filter(|p| !role.may(**p)).collect();
                assert!(more.is_empty(), "{role:?} grants {other:?}, which may {more:?}");
            }
        }
    }
}
