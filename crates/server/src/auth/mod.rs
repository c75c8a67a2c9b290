//! Officers: their accounts, roles and sessions, and acts that need a second person.
//!
//! The first administrator is made by a wizard with a token printed at the first start; everybody else is invited. An
//! account is a password *and* a one-time code. What a role may do stands in `roles.toml`; [`access`] asks it for every
//! route. Rules D1 and on of docs/spec/access.md.

pub(crate) mod access;
mod accounts;
mod approvals;
pub mod model;
pub(crate) mod page;
pub mod role;
mod session;
mod store;

#[cfg(any(test, feature = "in-process"))]
pub use accounts::seat;
pub use accounts::{
    Enrolment, Invitation, NewOfficer, accept, first_officer, invite, leave, list_officers, setup_token,
};
pub use approvals::{Approval, ApprovalState, ask_role_change, decide, list_approvals};
pub use model::{Officer, OfficerState, from_base32, one_time_code};
pub use role::{Approvable, IdentitySight, Permission, Role};
#[cfg(any(test, feature = "in-process"))]
pub use session::session_of;
pub use session::{SESSION_SECONDS, Session};
pub(crate) use session::{erase_expired, sign_in, sign_out, step_up};
