//! The tokens of a server's answer (MS-TDS 2.2.7), each appended to a message.

use crate::prelogin::SERVER_VERSION;
use crate::users::Refusal;

/// The name that the server reports.
const SERVER_NAME: &str = "TDSTEST";

/// The collation `Latin1_General_CI_AS`.
const COLLATION: [u8; 5] = [0x09, 0x04, 0xd0, 0x00, 0x34];

/// The status bits of DONE.
pub mod done {
    pub const FINAL: u16 = 0;
    pub const MORE: u16 = 1;
    pub const ERROR: u16 = 2;
    pub const COUNT: u16 = 0x10;
    pub const ATTENTION: u16 = 0x20;
}

/// The three tokens that end a statement: a statement on its own, one inside a procedure, and the procedure itself.
#[derive(Clone, Copy)]
pub enum End {
    Statement = 0xfd,
    InProcedure = 0xff,
    Procedure = 0xfe,
}

/// An answer being written.
#[derive(Default)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// The complete message.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// ERROR.
    pub fn error(&mut self, refusal: &Refusal) {
        self.report(0xaa, refusal.number, refusal.class, &refusal.text);
    }

    /// INFO.
    pub fn info(&mut self, number: u32, text: &str) {
        self.report(0xab, number, 0, text);
    }

    fn report(&mut self, token: u8, number: u32, class: u8, text: &str) {
        let mut body = number.to_le_bytes().to_vec();
        body.extend([1, class]);
        long_text(&mut body, text);
        short_text(&mut body, SERVER_NAME);
        short_text(&mut body, "");
        body.extend(1_u32.to_le_bytes());
        self.sized(token, &body);
    }

    /// ENVCHANGE of a text. `what` is 1 for the database, 2 for the language, 4 for the packet size.
    pub fn changed(&mut self, what: u8, new: &str, old: &str) {
        let mut body = vec![what];
        short_text(&mut body, new);
        short_text(&mut body, old);
        self.sized(0xe3, &body);
    }

    /// ENVCHANGE of the collation.
    pub fn collation(&mut self) {
        let mut body = vec![7, 5];
        body.extend(COLLATION);
        body.push(0);
        self.sized(0xe3, &body);
    }

    /// ENVCHANGE that redirects the client to another server.
    pub fn routed(&mut self, host: &str, port: u16) {
        let mut route = vec![0];
        route.extend(port.to_le_bytes());
        long_text(&mut route, host);
        let mut body = vec![20];
        body.extend(u16_of(route.len()).to_le_bytes());
        body.extend(route);
        body.extend([0, 0]);
        self.sized(0xe3, &body);
    }

    /// LOGINACK, in the protocol version that the client asked for.
    pub fn login_ack(&mut self, mut tds_version: [u8; 4]) {
        tds_version.reverse();
        let mut body = vec![1];
        body.extend(tds_version);
        short_text(&mut body, "Microsoft SQL Server");
        body.extend(SERVER_VERSION);
        self.sized(0xad, &body);
    }

    /// FEATUREEXTACK without a feature.
    pub fn features(&mut self) {
        self.0.extend([0xae, 0xff]);
    }

    /// One row with a column for each value, preceded by the column descriptions.
    pub fn row(&mut self, values: &[Value]) {
        self.0.push(0x81);
        self.0.extend(u16_of(values.len()).to_le_bytes());
        for value in values {
            self.0.extend([0; 6]);
            match value {
                Value::Int(_) => self.0.extend([0x26, 4]),
                Value::Text(_) => {
                    self.0.extend([0xe7, 0x00, 0x01]);
                    self.0.extend(COLLATION);
                }
            }
            self.0.push(0);
        }
        self.0.push(0xd1);
        for value in values {
            match value {
                Value::Int(number) => {
                    self.0.push(4);
                    self.0.extend(number.to_le_bytes());
                }
                Value::Text(text) => {
                    let text = utf16(text);
                    self.0.extend(u16_of(text.len()).to_le_bytes());
                    self.0.extend(text);
                }
            }
        }
    }

    /// RETURNSTATUS of a procedure that succeeded.
    pub fn return_status(&mut self) {
        self.0.extend([0x79, 0, 0, 0, 0]);
    }

    /// DONE, DONEINPROC or DONEPROC.
    pub fn done(&mut self, end: End, status: u16, rows: u64) {
        self.0.push(end as u8);
        self.0.extend(status.to_le_bytes());
        self.0.extend([0, 0]);
        self.0.extend(rows.to_le_bytes());
    }

    fn sized(&mut self, token: u8, body: &[u8]) {
        self.0.push(token);
        self.0.extend(u16_of(body.len()).to_le_bytes());
        self.0.extend(body);
    }
}

/// A value in a row.
pub enum Value {
    Int(i32),
    Text(String),
}

fn short_text(body: &mut Vec<u8>, text: &str) {
    let text = utf16(text);
    body.push(u8::try_from(text.len() / 2).expect("names of the server are short"));
    body.extend(text);
}

fn long_text(body: &mut Vec<u8>, text: &str) {
    let text = utf16(text);
    body.extend(u16_of(text.len() / 2).to_le_bytes());
    body.extend(text);
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn u16_of(length: usize) -> u16 {
    u16::try_from(length).expect("answers are short")
}
