//! The names that other clients, older versions and other types have for the extras of S3.

use crate::driver::spec::Synonym;

pub(super) const SYNONYMS: &[Synonym] = &[
    // boto3, s3fs, Hadoop's fs.s3a, rclone and Terraform have these names for the same settings
    ("endpoint", "endpoint_url"),
    ("s3_endpoint", "endpoint_url"),
    ("s3_endpoint_url", "endpoint_url"),
    ("aws_endpoint_url", "endpoint_url"),
    ("url", "endpoint_url"),
    ("aws_access_key", "aws_access_key_id"),
    ("access_key", "aws_access_key_id"),
    ("access_key_id", "aws_access_key_id"),
    ("accessKey", "aws_access_key_id"),
    ("key", "aws_access_key_id"),
    ("aws_secret_key", "aws_secret_access_key"),
    ("secret_key", "aws_secret_access_key"),
    ("secret_access_key", "aws_secret_access_key"),
    ("secretKey", "aws_secret_access_key"),
    ("secret", "aws_secret_access_key"),
    ("session_token", "aws_session_token"),
    ("token", "aws_session_token"),
    ("aws_security_token", "aws_session_token"),
    ("aws_region", "region_name"),
    ("aws_default_region", "region_name"),
    ("s3_bucket", "bucket_name"),
    ("Bucket", "bucket_name"),
    ("verify_ssl", "verify"),
    ("ssl_verify", "verify"),
    ("ca_bundle", "verify"),
    ("addressing_style", "config_kwargs"),
    ("path_style_access", "config_kwargs"),
    ("s3_force_path_style", "config_kwargs"),
    ("signature_version", "config_kwargs"),
    ("role", "role_arn"),
    ("aws_role_arn", "role_arn"),
];
