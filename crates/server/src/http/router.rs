//! Every route on one page.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRef, MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http};
use protocol::message::{CHAFF_HEADER, MAX_PUBLISH_BODY, MAX_VERIFY_BODY};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::health::Health;
use super::{Problem, ProblemKind, health, openapi};
use crate::app::{AuthorityApp, KeysApp};
use crate::auth::access::{Access, Route, form, guarded, page};
use crate::{
    auth, cases, codes, configs, console, exchange, gates, keys, oversight, passes, proof, records, venues, visits,
};

/// Longest time an answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Longest time for taking or making a whole list: a hundred megabytes over a slow line.
const LIST_TIMEOUT: Duration = Duration::from_secs(600);
/// Longest request of check-ins, in bytes: 100 with scanned codes.
const MAX_VISITS_BODY: usize = 64 * 1024;
/// Longest request of a gate, in bytes: 200 sealed records of scanned codes.
const MAX_SYNC_BODY: usize = 1024 * 1024;
/// Longest form of the desk, in bytes.
const MAX_FORM_BODY: usize = 16 * 1024;

impl FromRef<KeysApp> for Health {
    fn from_ref(app: &KeysApp) -> Self {
        Self {
            db: app.db.clone(),
            is_search_warm: None,
        }
    }
}

impl FromRef<AuthorityApp> for Health {
    fn from_ref(app: &AuthorityApp) -> Self {
        Self {
            db: app.db.clone(),
            is_search_warm: Some(app.finder.is_warm()),
        }
    }
}

/// The documented API of the keys side.
pub(super) fn keys_api() -> OpenApiRouter<KeysApp> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(keys::http::publish))
        .layer(DefaultBodyLimit::max(MAX_PUBLISH_BODY))
        .routes(routes!(keys::http::list_exports))
        .routes(routes!(keys::http::load_export_file))
        .routes(routes!(configs::http::load_config))
        .routes(routes!(configs::http::load_time))
        .routes(routes!(configs::http::load_trust))
}

/// The documented API of the authority's side.
pub(super) fn authority_api() -> OpenApiRouter<AuthorityApp> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(codes::http::verify))
        .routes(routes!(codes::http::certificate))
        .routes(routes!(oversight::http::load_root))
        .routes(routes!(records::http::list_looks))
        .routes(routes!(proof::http::ask_proof))
        .routes(routes!(visits::http::load_venue))
        .routes(routes!(visits::http::register_citizen))
        .routes(routes!(visits::http::end_citizen))
        .routes(routes!(gates::http::enrol_gate))
        .routes(routes!(passes::http::issue_passes))
        .layer(DefaultBodyLimit::max(MAX_VERIFY_BODY))
        .routes(routes!(visits::http::register_visits))
        .layer(DefaultBodyLimit::max(MAX_VISITS_BODY))
        .routes(routes!(gates::http::sync_gate))
        .layer(DefaultBodyLimit::max(MAX_SYNC_BODY))
}

/// Returns the whole of the keys side, for a listener or for `oneshot`.
pub fn keys_router(app: KeysApp) -> Router {
    let api = open_to_pages(keys_api());
    finish(api.merge(common::<KeysApp>()).with_state(app))
}

/// Returns the whole of the authority's side, for a listener or for `oneshot`.
pub fn authority_router(app: AuthorityApp) -> Router {
    let api = open_to_pages(authority_api());
    let pages = desk(&app);
    finish(api.merge(pages).merge(common::<AuthorityApp>()).with_state(app))
}

/// The desk's page routes, each with what it asks of an officer.
fn desk_routes() -> Vec<Route> {
    let mut routes = vec![
        page("/desk", Access::SignedIn, console::home),
        page("/desk/style", Access::SignedIn, console::style::show),
        form("/desk/style", Access::SignedIn, console::style::take),
        page("/desk/style/confirm", Access::SignedIn, console::style::show_confirm),
        page("/desk/style/palette", Access::SignedIn, console::style::find),
    ];
    routes.extend(auth::page::routes());
    routes.extend(cases::page::routes());
    routes.extend(cases::rules_page::routes());
    routes.extend(exchange::page::routes());
    routes.extend(oversight::page::routes());
    routes.extend(venues::page::routes());
    routes.extend(visits::page::routes());
    routes.extend(gates::page::routes());
    routes
}

/// Returns method, path and need of every page route, for the test that runs the table of roles against them.
pub fn desk_access() -> Vec<(String, &'static str, String)> {
    desk_routes()
        .into_iter()
        .map(|route| (route.method.to_string(), route.path, format!("{:?}", route.access)))
        .collect()
}

/// The desk's pages.
fn desk(app: &AuthorityApp) -> Router<AuthorityApp> {
    let mut router = Router::new().route("/desk/assets/{version}/{name}", get(console::asset));
    for route in desk_routes() {
        router = router.route(route.path, guarded(app, route));
    }
    router
        .layer(middleware::from_fn(console::keep_language))
        .layer(DefaultBodyLimit::max(MAX_FORM_BODY))
}

fn common<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Health: FromRef<S>,
{
    Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(openapi::serve))
}

/// Any page may call the public API: it takes no cookies, so nothing can be done in another's name.
fn open_to_pages<S>(api: OpenApiRouter<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static(CHAFF_HEADER),
        ])
        .max_age(Duration::from_secs(86_400));
    // The refusal of other methods comes first: added later, it would answer a page's OPTIONS before the layer does.
    Router::from(api).method_not_allowed_fallback(refuse_method).layer(cors)
}

async fn refuse_method() -> Problem {
    Problem::new(ProblemKind::MethodNotAllowed)
}

fn finish(router: Router) -> Router {
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    router
        .fallback(|| async { Problem::new(ProblemKind::NotFound) })
        .method_not_allowed_fallback(refuse_method)
        .layer(CatchPanicLayer::custom(|_| {
            Problem::new(ProblemKind::Internal).into_response()
        }))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn(record))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .layer(set(header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .layer(set(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Ends a request that takes too long.
async fn in_time(request: Request, next: Next) -> Response {
    let is_list = |path: &str| path.starts_with("/desk/imports") || path == "/desk/export";
    let route = request.extensions().get::<MatchedPath>();
    let most = if route.is_some_and(|route| is_list(route.as_str())) {
        LIST_TIMEOUT
    } else {
        TIMEOUT
    };
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::of_status(http::StatusCode::SERVICE_UNAVAILABLE).into_response(),
    }
}

/// Logs and counts a request by its route, never by its address or content, and turns bare errors into problems.
async fn record(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok().map(str::to_owned));
    let response = next.run(request).await;
    let status = response.status();
    metrics::counter!("http_requests_total", "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    tracing::info!(method = %method, route, status = status.as_u16(), request_id = id, "request");
    let bare = (status.is_client_error() || status.is_server_error())
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if bare {
        Problem::of_status(status).into_response()
    } else {
        response
    }
}
