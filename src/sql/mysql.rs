//! A session of MySQL or MariaDB for reading tables.

use std::time::Duration;

use super::Session;
use crate::driver::mysql::{self, Options};
use crate::driver::{Attempt, Cell, Refusal};
use crate::model::connection::Connection;
use crate::model::failure::Failure;

/// A session, and the options that it was opened with.
pub struct Reader {
    session: mysql::Session,
    settings: Options,
}

/// Logs in to the server of `connection`.
///
/// # Errors
///
/// The definition has a flaw, or the login failed.
pub async fn connect(connection: &Connection, attempt: &Attempt) -> Result<Reader, Failure> {
    let (settings, _warnings) = Options::of(connection).map_err(Refusal::into_failure)?;
    let session = mysql::connect(&settings, attempt).await?;
    Ok(Reader { session, settings })
}

impl Session for Reader {
    /// A backtick quotes names in every SQL mode.
    const QUOTE: char = '`';
    /// The second code is that of a database that does not exist.
    const NO_TABLE: &'static [&'static str] = &["1146", "1049"];
    const NO_RIGHT: &'static str = "1142";

    /// Without limits, a statement may wait a year for a table that is being changed, or run forever although the
    /// client has closed the connection, and a session waits eight hours for a client that was stopped. MariaDB (since
    /// 10.1.1) and MySQL (since 5.7.8) have limits of their own for a statement, in seconds and in milliseconds; each
    /// treats the setting of the other as a comment (<https://mariadb.com/kb/en/comment-syntax/>,
    /// <https://dev.mysql.com/doc/refman/8.4/en/comments.html>).
    fn opening(limit: Duration) -> Vec<String> {
        let limit = limit.as_secs() + 1;
        let of_mariadb = format!("/*M!100101 , SESSION max_statement_time = {limit} */");
        let of_mysql = format!("/*!50708 , SESSION max_execution_time = {limit}000 */");
        vec![
            format!("SET SESSION lock_wait_timeout = {limit}, SESSION wait_timeout = {limit} {of_mariadb} {of_mysql}"),
            "START TRANSACTION READ ONLY".to_owned(),
        ]
    }

    async fn each(&mut self, query: &str, take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Failure> {
        self.session.each(query, &self.settings, take).await
    }

    async fn close(self) {
        self.session.close().await;
    }
}
