//! S3 of rclone at the gate.

use serde_json::{Value, json};

use crate::served::{Place, Served};
use crate::servers::Servers;

pub const OWN: Served = Served {
    options: &["-v"],
    // It names no key, and denies the request without one that follows a good login.
    refused: Some(|servers, _| servers.lines("s3-rclone/log", |line| line.contains("Access Denied: "))),
    place: Some(Place {
        fields: || json!({"schema": "later"}),
        reason: "bucket_not_found",
        // It does not look at its folder again by itself.
        made: MADE,
    }),
    ..Served::of(("s3", "s3-rclone", "S3_PORT"), definition, SUITE)
};

const SUITE: &str = r#""$VENV/bin/python" -c "
import boto3
boto3.client('s3', endpoint_url='http://127.0.0.1:$S3_PORT', region_name='us-east-1', aws_access_key_id='connprobe-demo-key',
    aws_secret_access_key='connprobe-demo-secret').list_objects_v2(Bucket='demo')
""#;
const MADE: &str = r#""$VENV/bin/python" -c "
import boto3
boto3.client('s3', endpoint_url='http://127.0.0.1:$S3_PORT', region_name='us-east-1', aws_access_key_id='connprobe-demo-key',
    aws_secret_access_key='connprobe-demo-secret').create_bucket(Bucket='later')
""#;

fn definition(servers: &Servers) -> Value {
    let endpoint = format!("http://127.0.0.1:{}", servers.port(&OWN));
    json!({"conn_type": "aws", "login": "connprobe-demo-key", "password": "connprobe-demo-secret", "schema": "demo",
        "extra": {"endpoint_url": endpoint, "region_name": "us-east-1"}})
}
