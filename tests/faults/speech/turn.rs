//! The turns of a good login.

use super::{http, mongodb, mssql, mysql, postgres, redis, s3};
use crate::matrix::Driver;
use crate::peer::framing::Framing;
use crate::peer::{Script, Step};

/// Who logs in.
pub const LOGIN: &str = "etl";

/// With what: wherever this is seen but in a definition, a secret has leaked.
pub const CANARY: &str = "cAnArY-hunter2+7/9";

/// What a turn of the server's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its first words.
    First,
    /// Which proof it wants.
    Demand,
    /// What the proof has to be made of.
    Challenge,
    /// Whether the login is accepted.
    Verdict,
    /// The answer to the test query.
    Answer,
}

/// One turn of the server's in a good login.
pub struct Turn {
    /// What it is for.
    pub role: Role,
    /// The phase that waits for it.
    pub phase: &'static str,
    /// A message of the client's comes before it.
    pub hears: bool,
    /// What is said.
    pub says: Step,
    /// It is one byte, which has no half.
    pub short: bool,
}

impl Turn {
    pub(super) fn new(role: Role, phase: &'static str, says: Step) -> Self {
        Self { role, phase, hears: true, says, short: false }
    }
}

/// A good login in clear, as `driver` makes it.
pub fn login(driver: Driver) -> Vec<Turn> {
    match driver {
        Driver::Postgres => postgres::login(),
        Driver::Mysql => mysql::login(),
        Driver::Mssql => mssql::login(),
        Driver::Mongodb => mongodb::login(),
        Driver::Redis => redis::login(),
        Driver::S3 => s3::login(),
        Driver::Http => http::login(),
    }
}

/// The script of `turns`.
pub fn script(turns: &[Turn]) -> Script {
    let mut script = Vec::new();
    for turn in turns {
        if turn.hears {
            script.push(Step::Hear);
        }
        script.push(turn.says.clone());
    }
    script
}

/// How `driver` divides what it says into messages.
pub fn framing(driver: Driver) -> Framing {
    match driver {
        Driver::Postgres => Framing::Postgres,
        Driver::Mysql => Framing::Mysql,
        Driver::Mssql => Framing::Tds,
        Driver::Mongodb => Framing::Mongodb,
        Driver::Redis => Framing::Resp,
        Driver::S3 | Driver::Http => Framing::Http,
    }
}
