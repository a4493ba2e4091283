//! S3: the recorded real server.

use serde_json::json;

use crate::real::{Recorded, Server, Spoken, Transcript, server, value};

pub const OWN: Recorded = Recorded {
    servers,
    read,
    lead: |definition, port| definition["extra"]["endpoint_url"] = json!(format!("http://127.0.0.1:{port}")),
};

fn servers() -> Vec<Server> {
    let (key, secret, bucket) = (value("S3_ACCESS_KEY"), value("S3_SECRET_KEY"), value("S3_BUCKET"));
    let right = json!({"login": key, "password": secret, "schema": bucket, "extra": {}});
    vec![server("rclone", "S3_PORT", true, right)]
}

/// The head of the first answer shows that the keys are good. The following request with made-up keys does not change
/// the verdict if it is not answered.
fn read(spoken: &Spoken) -> Transcript {
    Transcript { accepted: head(&spoken[1].1), proved: spoken[1].1.len(), ..Transcript::of(spoken) }
}

/// The length of the head of an HTTP answer.
fn head(answer: &[u8]) -> usize {
    answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4
}
