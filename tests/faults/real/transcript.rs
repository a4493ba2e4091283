//! A good login, and the expected result when it breaks.

use std::collections::BTreeSet;

use super::proxy::Way;
use crate::matrix::{Expected, OK, fast};

/// The positions of the turns of a good login, mostly as a number of bytes that the server had sent.
#[derive(Debug)]
pub struct Transcript {
    /// For each turn of the client: the number of bytes that the server had sent when the turn began.
    pub turns: Vec<usize>,
    /// For each turn of the client: the number of bytes that the client had sent when the turn ended.
    pub ends: Vec<usize>,
    /// The phase is `tls` up to this position: the server's first answer is about TLS.
    pub greeted: usize,
    /// The login is accepted at this position.
    pub accepted: usize,
    /// The session is proved to work at this position.
    pub proved: usize,
}

impl Transcript {
    /// Reads `spoken`, in a protocol where the server answers each turn of the client. The client's last turn closes
    /// the session. The turn before it is the test query, whose answer proves the session.
    pub fn of(spoken: &[(Way, Vec<u8>)]) -> Self {
        let said = |way: Way, turns: &[(Way, Vec<u8>)]| -> usize {
            turns.iter().filter(|(who, _)| *who == way).map(|(_, words)| words.len()).sum()
        };
        let client = spoken.iter().enumerate().filter(|(_, (who, _))| *who == Way::FromClient);
        let (turns, ends): (Vec<usize>, Vec<usize>) =
            client.map(|(at, _)| (said(Way::FromServer, &spoken[..at]), said(Way::FromClient, &spoken[..=at]))).unzip();
        let farewell = matches!(spoken.last(), Some((Way::FromClient, _)));
        let accepted = turns[turns.len() - 1 - usize::from(farewell)];
        let proved = if farewell { turns[turns.len() - 1] } else { said(Way::FromServer, spoken) };
        Self { turns, ends, greeted: 0, accepted, proved }
    }

    /// The expected result of a break after this number of bytes from the server.
    pub fn after_server(&self, bytes: usize) -> Expected {
        if bytes >= self.proved {
            return OK;
        }
        let phase = if bytes >= self.accepted {
            "query"
        } else if bytes < self.greeted {
            "tls"
        } else {
            "auth"
        };
        fast(if bytes == 0 { "unreachable" } else { "closed" }, phase)
    }

    /// The beginning, the middle and the end of each turn of the client. If a turn is cut, none of it arrives.
    pub fn moments_of_client(&self) -> BTreeSet<usize> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        begins.zip(&self.ends).flat_map(|(begin, end)| [begin, usize::midpoint(begin, *end), end - 1]).collect()
    }

    /// The expected result of a break after this number of bytes from the client: the server never answers the turn
    /// that contains them.
    pub fn after_client(&self, bytes: usize) -> Expected {
        let turn = self.ends.iter().position(|end| bytes < *end).expect("a byte of the client's");
        self.after_server(self.turns[turn])
    }
}
