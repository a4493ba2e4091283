//! S3: tests of the hints about hosts, clocks and regions.

use std::time::Duration;

use connprobe::model::reason::{Machine, Reason};
use serde_json::json;

use super::speech::{OWN, error};
use crate::peer::{Step, say};
use crate::second_look::{assert_hint, peer, result, with};
use crate::words_from_outside::assert_hidden;

#[test]
fn a_bucket_that_was_put_before_the_host_name() {
    let style =
        json!({"endpoint_url": "http://minio.invalid:9000", "config_kwargs": {"s3": {"addressing_style": "virtual"}}});
    let definition = with(OWN.definition("127.0.0.1", 9000, None), "extra", style);
    assert_hint(
        "a bucket before the host name",
        with(definition, "schema", "lake"),
        "resolve",
        &["extra.endpoint_url", "extra.config_kwargs.s3.addressing_style"],
    );
}

#[test]
fn how_far_a_clock_is_off() {
    for hours in [-3, 3] {
        let theirs = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        let date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT");
        let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>no</Message></Error>";
        let answer = format!("HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let server = peer(&OWN, vec![Step::Hear, say(answer), Step::Hold]);
        let result = result(OWN.definition("127.0.0.1", server.port, None));
        assert_eq!((&result["class"], &result["reason"]), (&json!("local"), &json!("clock_skew")), "{result:#}");
        let by = (0..5).map(|late| Duration::from_secs(if hours < 0 { 3 * 3600 + late } else { 3 * 3600 - late }));
        let off = |by| Reason::from(Machine::ClockOff { by, ahead: hours < 0 }).message();
        assert!(by.map(off).any(|message| result["message"] == message), "{result:#}");
    }
}

#[test]
fn the_region_of_a_bucket() {
    let elsewhere = |region: &str| {
        let lines = format!("x-amz-bucket-region: {region}\r\n");
        let script = vec![Step::Hear, say(error("301 Moved Permanently", &lines, "PermanentRedirect", "no"))];
        let server = peer(&OWN, script);
        (OWN.definition("127.0.0.1", server.port, None), server)
    };
    let ((harmless, _one), (telling, _other)) = (elsewhere("harmless"), elsewhere("x-cAnArY-hunter2"));
    assert_hidden("a region", &harmless, &telling);
}
