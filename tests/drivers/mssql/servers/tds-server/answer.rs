//! The answers to statements: one row for a `SELECT` of values that the server supports.

use crate::token::{Answer, End, Value, done};
use crate::users::{Directory, Refusal};

/// The user and the database of a session.
pub struct Session {
    pub user: String,
    pub database: String,
}

impl Session {
    /// Answers a batch (`SQLBatch`, MS-TDS 2.2.6.7).
    pub fn batch(&mut self, directory: &Directory, payload: &[u8]) -> Vec<u8> {
        // Since TDS 7.2, headers precede the text. They begin with their length.
        let headers = payload.first_chunk().map_or(0, |length| u32::from_le_bytes(*length) as usize);
        let statement = text(payload.get(headers..).unwrap_or_default());
        let mut answer = Answer::default();
        if let Some(database) = statement.trim().to_lowercase().strip_prefix("use ") {
            let asked = database.trim_matches(['[', ']', '"', ';', ' ', '\n']);
            match directory.open(&self.user, asked) {
                Ok(database) => {
                    answer.changed(1, &database, &self.database);
                    answer.info(5701, &format!("Changed database context to '{database}'."));
                    answer.done(End::Statement, done::FINAL, 0);
                    self.database = database;
                }
                Err(refusal) => refuse(&mut answer, &refusal),
            }
        } else {
            self.select(&statement, &mut answer, End::Statement, done::FINAL);
        }
        answer.into_bytes()
    }

    /// Answers a procedure call by executing the `SELECT` in its arguments.
    pub fn call(&self, payload: &[u8]) -> Vec<u8> {
        let mut answer = Answer::default();
        // Names and arguments are UTF-16 at any offset, even an odd one.
        let select = [text(payload), text(payload.get(1..).unwrap_or_default())]
            .into_iter()
            .find(|text| text.to_lowercase().contains("select "))
            .unwrap_or_default();
        self.select(&select, &mut answer, End::InProcedure, done::MORE);
        answer.return_status();
        answer.done(End::Procedure, done::FINAL, 0);
        answer.into_bytes()
    }

    fn select(&self, statement: &str, answer: &mut Answer, end: End, status: u16) {
        let statement = statement.to_lowercase();
        let Some((_, columns)) = statement.rsplit_once("select ") else {
            return answer.done(end, status, 0);
        };
        let row: Vec<Value> = expressions(columns).into_iter().map(|expression| self.value(expression)).collect();
        answer.row(&row);
        answer.done(end, status | done::COUNT, 1);
    }

    /// The value of an expression; 1 for an unknown one.
    fn value(&self, expression: &str) -> Value {
        if expression.contains("updateability") {
            return Value::Text("READ_WRITE".to_owned());
        }
        if expression.starts_with("db_name()") {
            return Value::Text(self.database.clone());
        }
        if expression.starts_with("suser_sname()") {
            return Value::Text(self.user.clone());
        }
        let digits: String = expression.chars().take_while(char::is_ascii_digit).collect();
        Value::Int(digits.parse().unwrap_or(1))
    }
}

/// Splits a select list at its commas, except those in parentheses.
fn expressions(list: &str) -> Vec<&str> {
    let mut depth = 0;
    list.split(|character| {
        depth += i32::from(character == '(') - i32::from(character == ')');
        character == ',' && depth == 0
    })
    .map(str::trim)
    .collect()
}

fn refuse(answer: &mut Answer, refusal: &Refusal) {
    answer.error(refusal);
    answer.done(End::Statement, done::ERROR, 0);
}

fn text(utf16: &[u8]) -> String {
    let units: Vec<u16> = utf16.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
