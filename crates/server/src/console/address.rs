//! Addresses of pages: what is asked for stands in the query, so that a list can be sent as a link.

use std::fmt;

use axum::http::Uri;

/// Longest query read, in bytes; of a longer one nothing is read.
const MAX_QUERY: usize = 2048;
/// Most parameters read.
const MAX_PAIRS: usize = 32;
/// Where links lead when the path is none of the console's.
const HOME: &str = "/desk";

/// The path and the parameters of a page. [`fmt::Display`] writes them encoded, ready for `href`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    /// Reads an address of the console; anything else is its first page.
    pub(crate) fn of(uri: &Uri) -> Self {
        Self::read(uri.path(), uri.query().unwrap_or_default())
    }

    /// Reads a path and an encoded query.
    pub(crate) fn read(path: &str, query: &str) -> Self {
        let is_ours = path == HOME || path.starts_with("/desk/");
        let query = if query.len() > MAX_QUERY { "" } else { query };
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).take(MAX_PAIRS);
        Self {
            path: if is_ours { path } else { HOME }.to_owned(),
            pairs: pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(key, value)| (decode(key), decode(value)))
                .collect(),
        }
    }

    /// Returns the path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the first value of a parameter, if it is not empty.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(name, value)| name == key && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Returns the parameters, for hidden fields of a form that keeps them.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Returns the address with a parameter set.
    pub(crate) fn with(&self, key: &str, value: &str) -> Self {
        let mut next = self.without(key);
        next.pairs.push((key.to_owned(), value.to_owned()));
        next
    }

    /// Returns the address without a parameter.
    pub(crate) fn without(&self, key: &str) -> Self {
        let mut next = self.clone();
        next.pairs.retain(|(name, _)| name != key);
        next
    }

    /// Returns the address with only the parameters that `keep` names.
    pub(crate) fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut next = self.clone();
        next.pairs.retain(|(name, _)| keep(name));
        next
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (at, (key, value)) in self.pairs.iter().enumerate() {
            f.write_str(if at == 0 { "?" } else { "&" })?;
            write!(f, "{}={}", encode(key), encode(value))?;
        }
        Ok(())
    }
}

/// Returns `text` as it stands in a query.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Returns what a query means; bytes that are no text become the replacement sign.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let coded = pair
            .filter(|pair| byte == b'%' && pair.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        out.push(coded.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        at += if coded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let address = Address::read("/desk/cases", "")
            .with("q", "Bến Tre & 100%+=?#\"<")
            .with("sort", "-due");
        let text = address.to_string();
        let (path, query) = text.split_once('?').expect("a query");
        assert_eq!(Address::read(path, query), address);
        assert!(text.is_ascii() && !text.contains(['"', '<', ' ', '#']), "{text}");
    }

    #[test]
    fn a_parameter_is_replaced_and_the_others_stay() {
        let address = Address::read("/desk", "gen=f1&lang=vi&q=a+b");
        assert_eq!(address.with("lang", "en").to_string(), "/desk?gen=f1&q=a+b&lang=en");
        assert_eq!(address.without("q").to_string(), "/desk?gen=f1&lang=vi");
        assert_eq!(address.value("q"), Some("a b"));
    }

    #[test]
    fn hostile_addresses_lead_home_and_are_cut() {
        assert_eq!(Address::read("//evil.example/desk", "").to_string(), "/desk");
        assert_eq!(Address::read("/deskx", "").to_string(), "/desk");
        assert!(Address::read("/desk", &"a=b&".repeat(1000)).pairs().is_empty());
        assert_eq!(Address::read("/desk", &"a=b&".repeat(100)).pairs().len(), MAX_PAIRS);
        let odd = Address::read("/desk", "a=%&b=%zz&c=%ff&=&%3D=%+1&d=%\u{e9}1");
        assert_eq!(odd.value("a"), Some("%"));
        assert_eq!(odd.value("b"), Some("%zz"));
        assert_eq!(odd.value("c"), Some("\u{fffd}"));
        assert_eq!(odd.value("="), Some("% 1"));
        assert_eq!(odd.value("d"), Some("%\u{e9}1"));
    }
}
