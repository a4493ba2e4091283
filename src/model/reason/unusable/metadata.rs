//! Problems of Airflow's metadata database and of its URL, and their messages and hints. The URL is never quoted.

use super::unusable::Said;

/// What is wrong with the database, or with its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Metadata {
    /// The variable that should hold the URL is not set.
    VariableUnset {
        /// The variable.
        variable: String,
    },
    /// The value is not a URL.
    NotAUrl,
    /// The URL is of an unsupported kind of database.
    OtherKind {
        /// The URL's dialect.
        dialect: String,
    },
    /// The URL of a SQLite database has a host.
    HostOfFile,
    /// The SQLite database is in memory.
    InMemory,
    /// The URL contains a `file:` URL.
    FileUrl,
    /// An `@` follows the apparent host.
    Ambiguous,
    /// The port is not a number from 1 to 65535.
    BadPort,
    /// The URL uses `read_default_file`.
    OptionFile,
    /// The session's default schema has no such table.
    NoTable,
    /// The schema in Airflow's setting has no such table.
    NoTableInSchema {
        /// The schema.
        schema: String,
    },
    /// The table belongs to another program.
    OtherTable {
        /// The columns that it lacks.
        missing: Vec<&'static str>,
    },
    /// The table is larger than 64 MiB.
    TooLarge,
    /// The table has no rows.
    NoRows,
}

impl Metadata {
    pub(super) fn said(&self) -> Said {
        match self {
            Self::VariableUnset { variable } => Said::new(
                format!("the variable `{variable}` is not set"),
                "export the URL of the database under that name",
            ),
            Self::NotAUrl => Said::new(
                "what should be the URL of a database is none",
                "write it as SQLAlchemy does: `postgresql://LOGIN:PASSWORD@HOST/DATABASE`, `mysql://…` or `sqlite:////PATH`, special characters in the password percent-encoded",
            ),
            Self::OtherKind { dialect } => Said::new(
                format!("databases of the kind `{dialect}` are not read"),
                "Airflow's metadata is read from PostgreSQL, MySQL, MariaDB and SQLite",
            ),
            Self::HostOfFile => Said::new("the URL names a host, and SQLite has none", FILE_FORMS),
            Self::InMemory => Said::new("the URL names a database in memory, which is empty", FILE_FORMS),
            Self::FileUrl => Said::new("the URL names its file by another URL (`file:`)", FILE_FORMS),
            Self::Ambiguous => Said::new(
                "the URL has an `@` behind its host, or a part of its password is taken for the host",
                "write an `@` in login, password or database as %40, and a `/` or `?` in the password as %2F or %3F",
            ),
            Self::BadPort => Said::new(
                "the port in the URL is not a number from 1 to 65535",
                "a `:`, `/` or `@` in the login or password must be written %3A, %2F or %40",
            ),
            Self::OptionFile => Said::new(
                "the URL names a file of options (`read_default_file`), which is not read",
                "write host, login, password and TLS options into the URL",
            ),
            Self::NoTable => Said::new(
                "it holds no table `connection`",
                "name the metadata database of Airflow; in a new one `airflow db migrate` makes the tables",
            ),
            Self::NoTableInSchema { schema } => Said::new(
                format!("it holds no table `connection` in `{}`", schema.escape_default()),
                "that is where `[database] sql_alchemy_schema` says the tables are: correct it, or let `airflow db migrate` make them there",
            ),
            Self::OtherTable { missing } => {
                let missing: Vec<String> = missing.iter().map(|column| format!("`{column}`")).collect();
                Said::new(
                    format!("its table `connection` lacks {}, so it is not Airflow's", missing.join(", ")),
                    "name the metadata database of Airflow: its `[database] sql_alchemy_conn`",
                )
            }
            Self::TooLarge => {
                Said::new("its table `connection` holds more than 64 MiB", "look for rows with an enormous `extra`")
            }
            Self::NoRows => Said::new(
                "no connections are stored in it",
                "check that it is the right database: Airflow may have another in its environment",
            ),
        }
    }

    /// The texts that come from the URL or from a setting.
    pub(super) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::OtherKind { dialect: text } | Self::NoTableInSchema { schema: text } => vec![text],
            _ => Vec::new(),
        }
    }
}

const FILE_FORMS: &str = "write `sqlite:////PATH`, four slashes, for an absolute path, or `sqlite:///FILE`";
