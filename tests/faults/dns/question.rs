//! A question, and the ways to answer it.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};

/// A question about a name of a cell.
#[derive(Debug)]
pub struct Question {
    /// What stands before the cell's own name: `node` of `node.h1.faults.example`, or nothing.
    pub prefix: String,
    /// The cell's own name.
    pub zone: String,
    pub kind: RecordType,
    /// The port of the cell's peer.
    pub port: u16,
    /// How often this was asked before.
    pub before: usize,
    /// Over TCP, as after an answer that was cut short.
    pub tcp: bool,
}

/// What is answered.
pub enum Reply {
    /// These records and no error; of another name than was asked for where one is given.
    Records(Vec<(Option<String>, RData)>),
    /// No records, for this reason.
    Code(ResponseCode),
    /// Nothing.
    Silence,
    /// That the answer is too long; ask over TCP. There: nothing, and the connection is closed.
    CutShort,
    /// The right answer to somebody else's question.
    WrongId,
    /// Bytes that are no message.
    Garbage,
}

/// How the questions about a cell's name are answered.
pub type Naming = fn(&Question) -> Reply;
