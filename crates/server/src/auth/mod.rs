//! Officers: their accounts, roles and sessions, and acts that need a second person.
//!
//! The first administrator is made by a wizard with a token printed at the first start; everybody else is invited. An
//! account is a password *and* a one-time code. What a role may do stands in `roles.toml`; [`access`] asks it for every
//! route. Rules D1 and on of docs/spec/access.md.

pub(crate) mod access;
mod accounts;
mod approvals;
mod approvals_page;
mod grant_page;
mod keys;
mod keys_page;
pub mod model;
mod officers_page;
pub(crate) mod page;
pub mod role;
mod session;
mod store;
mod trail;
mod units;

#[cfg(any(test, feature = "in-process"))]
pub use accounts::seat;
pub use accounts::{
    Enrolment, Invitation, NewOfficer, OfficerFilter, OfficerPlace, accept, first_officer, invite, leave,
    list_officers, load_officer, setup_token,
};
pub(crate) use accounts::{id_of_login, logins};
pub(crate) use approvals::{APPROVAL_SECONDS, ask_export, use_export};
pub use approvals::{Approval, ApprovalState, ask_role_change, decide, list_approvals};
pub(crate) use keys::{ApiCaller, bearer};
pub use keys::{ApiKey, MadeKey, NewKey, list_keys, make_key, revoke_key};
pub use model::{Officer, OfficerState, one_time_code};
pub use role::{Approvable, IdentitySight, Permission, Role};
#[cfg(any(test, feature = "in-process"))]
pub use session::session_of;
pub use session::{SESSION_SECONDS, Session};
pub(crate) use session::{erase_expired, sign_in, sign_out, step_up};
