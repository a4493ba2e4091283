//! The arguments of `connprobe wait` that ask for more than a login.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::model::expected::ExpectedKind;

/// What servers must have besides the login.
#[derive(Args)]
#[command(next_help_heading = "Expect more than a login")]
pub(in crate::cli) struct ExpectArguments {
    /// A table or view that must exist, as SCHEMA.NAME or NAME, in PostgreSQL or MySQL; ID= names the connection, and
    /// is needed where several of such a type are selected
    #[arg(long = "expect-table", value_name = "[ID=]NAME", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "invert")]
    tables: Vec<String>,
    /// A query that must return a row, in PostgreSQL or MySQL; it runs in a read-only transaction with a time limit
    #[arg(long = "expect-query", value_name = "[ID=]SQL", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "invert")]
    queries: Vec<String>,
    /// A collection that must exist in MongoDB, as DATABASE/NAME or NAME
    #[arg(long = "expect-collection", value_name = "[ID=]NAME", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "invert")]
    collections: Vec<String>,
    /// An object that must exist in S3; KEY may be the URL `s3://BUCKET/KEY`
    #[arg(long = "expect-object", value_name = "[ID=]KEY", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "invert")]
    objects: Vec<String>,
    /// A key that must exist in Redis
    #[arg(long = "expect-key", value_name = "[ID=]KEY", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "invert")]
    keys: Vec<String>,
}

impl ExpectArguments {
    /// Every expectation, as it was written.
    pub(in crate::cli) fn all(&self) -> impl Iterator<Item = (ExpectedKind, &str)> {
        let all = [
            (ExpectedKind::Table, &self.tables),
            (ExpectedKind::Query, &self.queries),
            (ExpectedKind::Collection, &self.collections),
            (ExpectedKind::Object, &self.objects),
            (ExpectedKind::Key, &self.keys),
        ];
        all.into_iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (kind, text.as_str())))
    }
}
