//! The server says no, in its own code. The codes are those of design.md and of the vendors' lists;
//! where a real server gives them, `tests/live` has seen it do so.

use ::mongodb::bson::doc;
use serde_json::json;

use super::{Driver, Expected, Fault, Http, Mongodb, Mssql, Mysql, Postgres, Redis, S3, Target, fast};
use crate::peer::{Script, Step, say};
use crate::speech::{self, Role, http, mongodb, mssql, mysql, postgres, redis, s3};

/// What a server says instead of a turn's words.
enum No {
    /// PostgreSQL: the code, and the routine that raised it.
    Pg(&'static str, &'static str),
    /// MySQL: the code.
    My(u16),
    /// MySQL, instead of a greeting.
    MyFirst(u16),
    /// SQL Server: the number.
    Ms(u32),
    /// MongoDB: the code.
    Mg(i32),
    /// Redis: the error.
    Rd(&'static str),
    /// S3: the status and the code.
    Aws(&'static str, &'static str),
    /// HTTP: the status.
    Web(&'static str),
}

use No::{Aws, Mg, Ms, My, MyFirst, Pg, Rd, Web};

const WRONGPASS: &str = "WRONGPASS invalid username-password pair or user is disabled.";

impl No {
    fn driver(&self) -> Driver {
        match self {
            Pg(..) => Postgres,
            My(_) | MyFirst(_) => Mysql,
            Ms(_) => Mssql,
            Mg(_) => Mongodb,
            Rd(_) => Redis,
            Aws(..) => S3,
            Web(_) => Http,
        }
    }

    /// Said in the place of the turn for `role`.
    fn script(&self, role: Role) -> Script {
        let driver = self.driver();
        let (role, number) = match (self, role) {
            (MyFirst(_) | Aws(..), _) | (Rd(_), Role::Verdict) => (Role::First, 0),
            (_, Role::Answer) => (role, 1),
            _ => (role, 2),
        };
        let turns = speech::login(driver);
        let at = turns.iter().position(|turn| turn.role == role).expect("a turn");
        let mut script = speech::script(&turns[..at]);
        if turns[at].hears {
            script.push(Step::Hear);
        }
        script.push(match *self {
            Pg(code, routine) => say(postgres::error(code, "no", routine)),
            My(code) => say(mysql::error(number, code, "no")),
            MyFirst(code) => say(mysql::error(0, code, "no")),
            Ms(number) => say(mssql::packet(1, &[mssql::error(number, "no"), mssql::done(2)].concat())),
            Mg(code) => mongodb::tells(doc! { "ok": 0.0, "code": code, "errmsg": "no" }),
            Rd(text) => say(redis::error(text)),
            Aws(status, code) => say(s3::error(status, "", code, "no")),
            Web(status) => say(http::answer(status, "")),
        });
        script
    }
}

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = logins();
    faults.extend(servers());
    faults.extend(queries());
    faults
}

fn refused(name: &str, class: &'static str, ways: Vec<No>) -> Fault {
    said(name, fast(class, "auth"), Role::Verdict, ways)
}

fn said(name: &str, expected: Expected, role: Role, ways: Vec<No>) -> Fault {
    ways.into_iter().fold(Fault::new(name), |fault, no| fault.on(no.driver(), expected, Target::Peer(no.script(role))))
}

/// What is wrong with the login.
fn logins() -> Vec<Fault> {
    vec![
        refused(
            "a wrong password",
            "auth",
            vec![
                Pg("28P01", "auth_failed"),
                My(1045),
                Ms(18456),
                Mg(18),
                Rd(WRONGPASS),
                Aws("403 Forbidden", "SignatureDoesNotMatch"),
                Web("401 Unauthorized"),
            ],
        ),
        refused(
            "an unknown user",
            "auth",
            vec![
                Pg("28000", "InitializeSessionUserId"),
                My(1698),
                Ms(18452),
                Mg(11),
                Rd(WRONGPASS),
                Aws("403 Forbidden", "InvalidAccessKeyId"),
            ],
        ),
        refused("an account that is locked", "auth", vec![My(3118), Ms(18486)]),
        refused("an account that is locked, as MariaDB says it", "auth", vec![My(4151)]),
        refused("an account that is locked for too many wrong passwords", "auth", vec![My(3955)]),
        refused("an account that is disabled", "auth", vec![Ms(18470)]),
        refused(
            "a password or token that has expired",
            "auth",
            vec![My(1862), Ms(18487), Mg(391), Aws("400 Bad Request", "ExpiredToken")],
        ),
        refused("a password that must be changed", "auth", vec![My(1820), Ms(18488)]),
        refused("a token that is none", "auth", vec![Aws("400 Bad Request", "InvalidToken")]),
        refused("a method of the server's own says no", "auth", vec![Pg("28000", "auth_failed"), Mg(8000)]),
        refused("a bare refusal, as Redshift and poolers give it", "auth", vec![Pg("28000", "")]),
        refused(
            "this machine may not log in",
            "denied",
            vec![Pg("28000", "ClientAuthentication"), MyFirst(1130), Ms(40615), Rd("DENIED no")],
        ),
        refused("this machine is blocked for its errors", "denied", vec![MyFirst(1129), Ms(17892)]),
        refused("a virtual network may not log in", "denied", vec![Ms(40914)]),
        refused("TLS is demanded", "tls", vec![My(3159), Ms(47072)]),
        refused("a login method that is not to be had", "unsupported", vec![My(1251), Mg(334)]),
        refused("a password stored in the old form", "unsupported", vec![My(1275)]),
        refused(
            "a database that does not exist",
            "not_found",
            vec![Pg("3D000", "InitPostgres"), My(1049), Ms(4060), Aws("404 Not Found", "NoSuchBucket")],
        ),
        refused("a default database that does not open", "not_found", vec![Ms(4064)]),
        refused(
            "no right to the database",
            "denied",
            vec![Pg("42501", "CheckMyDatabase"), My(1044), Ms(916), Aws("403 Forbidden", "AccessDenied")],
        ),
        // MongoDB itself says 13 after the login only: see the test query.
        refused("a denial in the place of an accepted login", "auth", vec![Mg(13)]),
        refused("a database that accepts no connections", "denied", vec![Pg("55000", "CheckMyDatabase"), Ms(976)]),
        refused("all access is disabled", "denied", vec![Aws("403 Forbidden", "AllAccessDisabled")]),
        refused("a clock that is wrong", "local", vec![Aws("403 Forbidden", "RequestTimeTooSkewed")]),
        refused("a bucket in another region", "definition", vec![Aws("301 Moved Permanently", "PermanentRedirect")]),
        refused(
            "a region that the signature should name",
            "definition",
            vec![Aws("400 Bad Request", "AuthorizationHeaderMalformed")],
        ),
        refused("a setting that the server does not know", "definition", vec![Pg("42704", "SetConfigOption")])
            .with(json!({"options": "-c nosuch=1"})),
    ]
}

/// What is wrong with the server.
fn servers() -> Vec<Fault> {
    vec![
        refused(
            "no connection free",
            "busy",
            vec![
                Pg("53300", "InitProcess"),
                MyFirst(1040),
                Ms(10928),
                Mg(462),
                Rd("ERR max number of clients reached"),
                Aws("503 Slow Down", "SlowDown"),
            ],
        ),
        refused("no connection free for this user", "busy", vec![My(1203), Ms(17809)]),
        refused("a limit of this user's is reached", "busy", vec![My(1226), Ms(10929)]),
        refused(
            "starting up",
            "busy",
            vec![Pg("57P03", "ProcessStartupPacket"), MyFirst(3168), Ms(17187), Mg(91), Rd("LOADING no")],
        ),
        refused("shutting down", "busy", vec![Pg("57P01", "ProcessInterrupts"), My(1053), Ms(6005), Mg(11600)]),
        refused("another process crashed", "busy", vec![Pg("57P02", "quickdie")]),
        refused(
            "offline for maintenance",
            "busy",
            vec![My(3032), Ms(18401), Mg(11602), Aws("503 Service Unavailable", "ServiceUnavailable")],
        ),
        refused("in single-user mode", "busy", vec![Ms(18461)]),
        refused("a database that is not available at the moment", "busy", vec![Ms(40613), Mg(189)]),
        refused("no primary", "busy", vec![Mg(10107), Mg(13435)].into_iter().take(1).collect()),
        refused("neither primary nor secondary", "busy", vec![Mg(13436)]),
        refused("out of memory", "server", vec![Pg("53200", "AllocSetAlloc"), Ms(701)])
            .but(Driver::Mssql, fast("busy", "auth")),
        refused("out of disk", "server", vec![Pg("53100", "mdextend"), Ms(1105)]),
        refused("out of threads", "busy", vec![My(1135)]),
        refused("the server's pooler has no server", "busy", vec![Pg("08001", ""), My(9001)]),
        refused(
            "an internal error",
            "server",
            vec![Pg("XX000", "elog"), Aws("500 Internal Server Error", "InternalError")],
        ),
        refused(
            "a code that nobody knows",
            "server",
            vec![
                Pg("ZZ123", "nobody"),
                MyFirst(9999),
                Ms(99_999),
                Rd("STRANGE no"),
                Aws("400 Bad Request", "StrangeError"),
            ],
        ),
        // Until the login is done such a code counts as a refusal, so that the secret is not sent again.
        refused("a code that nobody knows, to the proof", "auth", vec![Mg(99_999)]),
        refused("a throttle", "busy", vec![Mg(16500), Aws("503 Service Unavailable", "Throttling")]),
        refused("a status without a code: 500", "server", vec![Aws("500 Internal Server Error", "")]),
    ]
}

/// The login went well, and the session is refused.
fn queries() -> Vec<Fault> {
    let refused = |name, class, ways| said(name, fast(class, "query"), Role::Answer, ways);
    vec![
        refused(
            "the test query is not permitted",
            "denied",
            vec![Pg("42501", "aclcheck_error"), My(1044), Ms(916), Mg(13)],
        ),
        refused("the test query finds the password expired", "auth", vec![My(1820)]),
        refused(
            "the test query is cut off by a shutdown",
            "busy",
            vec![Pg("57P01", "ProcessInterrupts"), My(1053), Ms(6005), Mg(11600)],
        ),
        refused("the test query is canceled", "server", vec![Pg("57014", "ProcessInterrupts")]),
        refused("the test query finds the disk full", "server", vec![Pg("53100", "mdextend")]),
        refused(
            "the test query ends in an unknown error",
            "server",
            vec![Pg("ZZ123", "nobody"), Ms(99_999), Mg(99_999), Rd("STRANGE no")],
        ),
    ]
}
