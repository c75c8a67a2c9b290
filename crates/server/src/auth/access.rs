//! The one place that decides whether a request of an officer goes on: each page route states what it needs.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::MethodRouter;

use super::role::Permission;
use super::session::{Session, resume};
use super::trail;
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::console::{Desk, Visitor, session_secret, sorry};
use crate::error::ServiceError;

/// What a route asks of whoever opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing.
    Public,
    /// To be signed in.
    SignedIn,
    /// A role with this permission.
    Needs(Permission),
    /// The permission, and a one-time code within the last ten minutes.
    StepUp(Permission),
}

/// A page route.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: MethodRouter<AuthorityApp>,
}

/// A route that answers `GET`.
pub(crate) fn page<H, T>(path: &'static str, access: Access, handler: H) -> Route
where
    H: axum::handler::Handler<T, AuthorityApp>,
    T: 'static,
{
    Route {
        method: Method::GET,
        path,
        access,
        handler: axum::routing::get(handler),
    }
}

/// A route that answers `POST`.
pub(crate) fn form<H, T>(path: &'static str, access: Access, handler: H) -> Route
where
    H: axum::handler::Handler<T, AuthorityApp>,
    T: 'static,
{
    Route {
        method: Method::POST,
        path,
        access,
        handler: axum::routing::post(handler),
    }
}

/// Puts the check in front of a route's handler.
pub(crate) fn guarded(app: &AuthorityApp, route: Route) -> MethodRouter<AuthorityApp> {
    let state = (app.clone(), route.access, route.path);
    route.handler.layer(middleware::from_fn_with_state(state, authorize))
}

/// Lets a request through with its [`Session`] attached, or answers it. A handler that asks for the session without
/// this check before it finds none and refuses.
async fn authorize(
    State((app, access, path)): State<(AuthorityApp, Access, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    if access == Access::Public {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let visitor = match Visitor::of(&parts, &app) {
        Ok(visitor) => visitor,
        Err(refusal) => return refusal,
    };
    let session = match session_secret(&parts.headers) {
        Some(secret) => resume(&app, &secret).await,
        None => Err(ServiceError::Unauthenticated),
    };
    let session = match session {
        Ok(session) => session,
        Err(error) => return sorry(visitor.texts, error),
    };
    match admit(&app, access, &session) {
        Ok(()) => {
            parts.extensions.insert(session);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(ServiceError::StepUpNeeded) if parts.method == Method::GET => {
            let then = parts.uri.path_and_query().map_or("/desk", |path| path.as_str());
            super::page::ask_step_up(&Desk::new(&app, visitor, session), then)
        }
        Err(error @ ServiceError::NotAllowed) => {
            let recorded = trail::refused(&app, &session, Action::DENIED, Some(&trail::route_id(path))).await;
            sorry(visitor.texts, recorded.err().unwrap_or(error))
        }
        Err(error) => sorry(visitor.texts, error),
    }
}

fn admit(app: &AuthorityApp, access: Access, session: &Session) -> Result<(), ServiceError> {
    match access {
        Access::Public | Access::SignedIn => Ok(()),
        Access::Needs(permission) | Access::StepUp(permission) if !session.may(permission) => {
            Err(ServiceError::NotAllowed)
        }
        Access::StepUp(_) if !session.is_stepped_up(app.clock.now()) => Err(ServiceError::StepUpNeeded),
        Access::Needs(_) | Access::StepUp(_) => Ok(()),
    }
}
