//! Servers that refuse every login with a text of the test's choice.

use std::io::Write;

use crate::hostile::peers::{hold, peer, read_some};

/// A PostgreSQL server without TLS that refuses every login with `text`.
pub fn postgres(text: &str) -> u16 {
    postgres_of(format!("M{text}\0"))
}

/// Like [`postgres`], with the fields `said` in the error message.
pub fn postgres_of(said: String) -> u16 {
    postgres_with("28P01", said)
}

/// Like [`postgres_of`], with another code.
pub fn postgres_with(code: &'static str, said: String) -> u16 {
    peer(move |mut stream| {
        read_some(&mut stream);
        drop(stream.write_all(b"N"));
        read_some(&mut stream);
        let fields = format!("SFATAL\0VFATAL\0C{code}\0{said}Rauth_failed\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        drop(stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat()));
    })
}

/// A MySQL server that refuses every host with `text`.
pub fn mysql(text: String) -> u16 {
    peer(move |mut stream| {
        let body = [b"\xff\x6a\x04", text.as_bytes()].concat();
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        drop(stream.write_all(&[&length[..3], &[0], &body].concat()));
        hold(stream);
    })
}

/// An S3 server that refuses every request with `text`.
pub fn s3(text: &str) -> u16 {
    s3_of("", format!("<Code>AccessDenied</Code><Message>{text}</Message>"))
}

/// Like [`s3`], with these headers and elements.
pub fn s3_of(headers: &'static str, error: String) -> u16 {
    peer(move |mut stream| {
        read_some(&mut stream);
        let body = format!("<?xml version=\"1.0\"?><Error>{error}</Error>");
        drop(write!(
            stream,
            "HTTP/1.1 403 Forbidden\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ));
    })
}
