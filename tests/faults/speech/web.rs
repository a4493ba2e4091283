//! What the protocols over HTTP share.

/// A server's answer to bytes that are not a request.
pub const BAD_REQUEST: &str =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 11\r\nConnection: close\r\n\r\nBad Request";

/// A host as it is written in a URL.
pub fn address(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}
