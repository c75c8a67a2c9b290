//! As much of HTTP/1.1 as the drill needs: one request a connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for an answer; a killed process closes the connection at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer whose body is complete.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Sends a body; calls `sent` once it is on its way and before the answer is read.
pub(crate) fn post(address: SocketAddr, path: &str, body: &str, sent: impl FnOnce()) -> Result<Answer, String> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: drill\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    exchange(address, &[head.as_bytes(), body.as_bytes()].concat(), sent)
}

/// Fetches a path.
pub(crate) fn get(address: SocketAddr, path: &str) -> Result<Answer, String> {
    let head = format!("GET {path} HTTP/1.1\r\nhost: drill\r\nconnection: close\r\n\r\n");
    exchange(address, head.as_bytes(), || {})
}

fn exchange(address: SocketAddr, request: &[u8], sent: impl FnOnce()) -> Result<Answer, String> {
    let no_answer = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(address).map_err(no_answer)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(no_answer)?;
    stream.write_all(request).map_err(no_answer)?;
    sent();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map_err(no_answer)?;
    parse(&bytes).ok_or_else(|| "the answer was cut off".to_owned())
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..split]).ok()?.to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = &bytes[split + 4..];
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let body = match length {
        Some(length) => body.get(..length)?.to_vec(),
        None if head.contains("transfer-encoding: chunked") => unchunk(body)?,
        None => return None,
    };
    Some(Answer { status, body })
}

/// Joins chunks; `None` when the last one is missing.
fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).ok()?.trim(), 16).ok()?;
        if length == 0 {
            return Some(out);
        }
        out.extend(body.get(end + 2..end + 2 + length)?);
        body = body.get(end + 4 + length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_answer_is_read_in_both_forms() {
        let plain = parse(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").expect("whole");
        assert_eq!((plain.status, plain.body.as_slice()), (200, &b"abc"[..]));
        let chunked = b"HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(parse(chunked).expect("whole").body, b"abc");
    }

    #[test]
    fn a_cut_answer_is_no_answer() {
        assert!(parse(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab").is_none());
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n").is_none());
        assert!(parse(b"HTTP/1.1 200 OK\r\n").is_none());
    }
}
