//! Attempts one login. Usage: `check_one URI`, for example `check_one postgres://etl:secret@db.example/sales`.

use std::error::Error;

use connprobe::{CheckOptions, Connection, check_one};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let uri = std::env::args().nth(1).ok_or("usage: check_one URI")?;
    let result = check_one(&Connection::from_uri(&uri), &CheckOptions::default()).await?;
    println!("{}", told(&result));
    Ok(())
}

/// The result of the login, in one line.
fn told(result: &connprobe::CheckResult) -> String {
    let target = result.target.as_deref().unwrap_or("nowhere");
    match &result.failure {
        None => format!("{target}: ok"),
        Some(failure) => {
            format!("{target}: {} {}: {}", failure.class.as_str(), failure.reason.as_str(), failure.message)
        }
    }
}

#[cfg(test)]
mod tests {
    use connprobe::model::reason::ReasonCode;

    use super::*;

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told() {
        // No server listens on port 1.
        let connection = Connection::from_uri("postgres://etl:hunter2@127.0.0.1:1/sales");
        let result = check_one(&connection, &CheckOptions::default()).await.unwrap();
        assert_eq!(result.failure.as_ref().map(|failure| failure.reason), Some(ReasonCode::ConnectionRefused));
        assert!(told(&result).starts_with("127.0.0.1:1/sales: ") && !told(&result).contains("hunter2"));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_a_result_too() {
        let result = check_one(&Connection::from_uri("no uri"), &CheckOptions::default()).await.unwrap();
        assert!(result.failure.is_some() && result.attempts == 0, "{result:?}");
    }
}
