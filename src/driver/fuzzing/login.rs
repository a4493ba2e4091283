//! A whole login of a driver, through its public traits, in clear, against a scripted peer.

use serde_json::Value;

use super::attempt;
use super::script::{against, choice};
use super::target::Fuzz;
use crate::driver::Driver;
use crate::model::class::Class;
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::secret::Secret;

/// Logs in with one of the definitions of `driver` to a peer that follows the script in `input`, and returns how it
/// ended: `ok`, or the phase and class of the failure. Asserts that it ends soon, and that the cause is never connprobe
/// itself.
#[must_use]
pub fn log_in(driver: &dyn Driver, fuzz: &Fuzz, input: &[u8]) -> String {
    let (chosen, script) = choice(input, fuzz.definitions.len());
    let (conn_type, _) = driver.spec().types[0];
    against(script, async |port| {
        let connection = connection(&(fuzz.definitions[chosen])(port), conn_type, port);
        let plan =
            driver.plan(&connection).unwrap_or_else(|refusal| unreachable!("{}", refusal.into_failure().message));
        let attempt = attempt();
        let Err(failure) = plan.probe.run(&attempt).await else { return "ok".to_owned() };
        assert!(!matches!(failure.class, Class::Internal | Class::Timeout | Class::Local), "{failure:?}");
        let phase = failure.phase.or(attempt.recorder.snapshot().phase());
        format!("{}-{}", phase.map_or("none", |phase| phase.as_str()), failure.class.as_str())
    })
}

fn connection(definition: &Value, conn_type: &str, port: u16) -> Connection {
    let text = |field: &str| definition[field].as_str().map(str::to_owned);
    let origin = Origin { source: "fuzz".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    connection.conn_type = Some(conn_type.to_owned());
    if definition.get("host") != Some(&Value::Null) {
        (connection.host, connection.port) = (Some("127.0.0.1".to_owned()), Some(port));
    }
    connection.schema = text("schema");
    connection.login = text("login");
    connection.password = text("password").map(Secret::new);
    connection.extra = Extra::new(definition["extra"].as_object().cloned().unwrap_or_default());
    connection
}
