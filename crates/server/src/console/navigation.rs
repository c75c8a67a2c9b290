//! Where an officer may go: the rail, and the page each role lands on, its work.

use axum::response::Response;

use super::{Desk, Icon, Nav, NavItem, Texts, go};
use crate::auth::{Permission, Role};

/// A page of the rail: address, icon, text, letters, and what a role must be allowed to see it.
struct Entry(&'static str, Icon, &'static str, &'static str, Permission);

/// The work itself, in the order of a day.
const WORK: &[Entry] = &[
    Entry(
        "/desk/queue",
        Icon::Queue,
        "console-nav-queue",
        "g q",
        Permission::QueueWork,
    ),
    Entry(
        "/desk/follow-up",
        Icon::Form,
        "console-nav-follow-up",
        "g t",
        Permission::QueueWork,
    ),
    Entry(
        "/desk/cases",
        Icon::People,
        "console-nav-cases",
        "g c",
        Permission::CaseRead,
    ),
    Entry(
        "/desk/contacts",
        Icon::Chain,
        "console-nav-contacts",
        "g l",
        Permission::ContactRead,
    ),
    Entry(
        "/desk/people",
        Icon::Search,
        "console-nav-people",
        "g p",
        Permission::PersonSearch,
    ),
    Entry(
        "/desk/imports",
        Icon::Copy,
        "console-nav-imports",
        "g n",
        Permission::ImportRun,
    ),
    Entry(
        "/desk/codes",
        Icon::Outreach,
        "console-nav-codes",
        "g x",
        Permission::CodeIssue,
    ),
];

/// What keeps the work in order.
const ORDER: &[Entry] = &[
    Entry(
        "/desk/audit",
        Icon::Book,
        "console-nav-audit",
        "g a",
        Permission::AuditRead,
    ),
    Entry(
        "/desk/officers",
        Icon::Key,
        "console-nav-officers",
        "g u",
        Permission::UserManage,
    ),
    Entry("/desk/kpi", Icon::Bars, "console-nav-kpi", "g k", Permission::KpiRead),
    Entry(
        "/desk/rules",
        Icon::Form,
        "console-nav-rules",
        "g r",
        Permission::RuleRead,
    ),
];

/// Returns the rail of a role.
pub(super) fn of(texts: Texts, role: Role) -> Nav {
    let items = |entries: &[Entry]| -> Vec<NavItem> {
        let allowed = entries.iter().filter(|entry| role.may(entry.4));
        allowed
            .map(|entry| NavItem::new(entry.0, entry.1, texts.get(entry.2)).keyed(entry.3))
            .collect()
    };
    let mut order = items(ORDER);
    if !role.rule().seconds.is_empty() || role.may(Permission::UserManage) {
        order.push(NavItem::new("/desk/approvals", Icon::Check, texts.get("console-nav-approvals")).keyed("g d"));
    }
    let mut nav = Nav::default();
    let work = items(WORK);
    if !work.is_empty() {
        nav = nav.group(None, work);
    }
    nav.group(Some(texts.get("console-nav-order")), order)
}

/// `GET /desk`: leads to the first page of the role's work.
pub(crate) async fn home(desk: Desk) -> Response {
    let role = desk.session.officer.role;
    let first = WORK.iter().chain(ORDER).find(|entry| role.may(entry.4));
    go(first.map_or("/desk/style", |entry| entry.0))
}
