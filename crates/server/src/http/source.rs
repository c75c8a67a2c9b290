//! Where a request comes from, as the rate limiter counts it: never stored, never logged.

use std::net::IpAddr;

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use axum::http::HeaderMap;

use crate::run::Peer;

/// A caller's network: an IPv4 address or a /64 of IPv6.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Source(pub(crate) String);

impl Source {
    /// Reads the source from the trusted proxy's header when there is one, else from the connection.
    ///
    /// Proxies append the address they saw, so the last entry of the header is the one to trust.
    pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions, trusted_header: Option<&str>) -> Self {
        let stated = trusted_header
            .and_then(|name| headers.get_all(name).iter().next_back())
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .and_then(|value| value.trim().parse::<IpAddr>().ok());
        let connected = || extensions.get::<ConnectInfo<Peer>>().map(|info| info.0.0.ip());
        Self(stated.or_else(connected).map_or_else(|| "unknown".to_owned(), network))
    }
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(value: &str, trusted: Option<&str>) -> Source {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", value.parse().expect("a header value"));
        Source::of(&headers, &Extensions::new(), trusted)
    }

    #[test]
    fn only_the_trusted_proxys_own_entry_counts() {
        let trusted = Some("x-forwarded-for");
        assert_eq!(source("6.6.6.6, 203.0.113.9", trusted).0, "203.0.113.9");
        assert_eq!(source("203.0.113.9", None).0, "unknown");
        assert_eq!(source("nonsense", trusted).0, "unknown");
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_as_one() {
        let trusted = Some("x-forwarded-for");
        assert_eq!(
            source("2001:db8:1:2::3", trusted),
            source("2001:db8:1:2:ffff::9", trusted)
        );
        assert_eq!(source("::ffff:203.0.113.9", trusted).0, "203.0.113.9");
    }
}
