//! How phones and the demo reach the services: over HTTP, or straight into routers in the same process.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{self, HeaderMap, HeaderName, HeaderValue},
};
use device::sync::{Method, Request, Response, Side};
use tower::ServiceExt;

/// Largest answer read, in bytes.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;
/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A way to the two sides.
#[derive(Clone)]
pub enum Wire {
    /// Two processes.
    Http {
        /// Client without cookies and redirects.
        client: reqwest::Client,
        /// Base address of the keys side.
        keys_url: String,
        /// Base address of the authority's side.
        authority_url: String,
    },
    /// Two routers in this process.
    Routers {
        /// The keys side.
        keys: Router,
        /// The authority's side.
        authority: Router,
    },
}

/// Nobody answered; the text names no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} side does not answer")]
pub struct NoAnswer(&'static str);

/// An answer with its headers.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Wire {
    /// Returns the way to two processes on plain HTTP.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`] when no client can be made.
    pub fn http(keys_url: &str, authority_url: &str) -> Result<Self, NoAnswer> {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| NoAnswer("keys"))?;
        Ok(Self::Http {
            client,
            keys_url: keys_url.into(),
            authority_url: authority_url.into(),
        })
    }

    /// Sends a request of a device.
    pub async fn send(&self, request: &Request) -> Response {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        let answer = self
            .call(
                request.side,
                method,
                &request.path,
                &request.headers,
                request.body.clone(),
            )
            .await;
        answer.map_or(Response::NO_ANSWER, |answer| Response {
            status: answer.status,
            body: answer.body,
        })
    }

    /// Sends any request.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`].
    pub async fn call(
        &self,
        side: Side,
        method: http::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, NoAnswer> {
        let headers = header_map(headers);
        match self {
            Self::Http {
                client,
                keys_url,
                authority_url,
            } => {
                let (base, missing) = match side {
                    Side::Keys => (keys_url, NoAnswer("keys")),
                    Side::Authority => (authority_url, NoAnswer("authority")),
                };
                let request = client
                    .request(method, format!("{base}{path}"))
                    .headers(headers)
                    .body(body);
                let answer = request.send().await.map_err(|_| missing)?;
                let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
                let body = answer.bytes().await.map_err(|_| missing)?.to_vec();
                Ok(Answer { status, headers, body })
            }
            Self::Routers { keys, authority } => {
                let (router, missing) = match side {
                    Side::Keys => (keys, NoAnswer("keys")),
                    Side::Authority => (authority, NoAnswer("authority")),
                };
                let mut request = http::Request::new(Body::from(body));
                *request.method_mut() = method;
                *request.uri_mut() = path.parse().map_err(|_| missing)?;
                *request.headers_mut() = headers;
                let answer = router.clone().oneshot(request).await.map_err(|_| missing)?;
                let (parts, body) = answer.into_parts();
                let body = to_bytes(body, MAX_ANSWER_BYTES).await.map_err(|_| missing)?.to_vec();
                Ok(Answer {
                    status: parts.status.as_u16(),
                    headers: parts.headers,
                    body,
                })
            }
        }
    }
}

fn header_map(headers: &[(&str, &str)]) -> HeaderMap {
    let pair =
        |&(name, value): &(&str, &str)| Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?));
    headers.iter().filter_map(pair).collect()
}
