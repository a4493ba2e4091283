//! A good login, and what must come of it when it breaks.

use std::collections::BTreeSet;

use super::proxy::Way;
use crate::matrix::{Expected, OK, fast};

/// Where the turns of a good login were, in bytes of the server's.
#[derive(Debug)]
pub struct Transcript {
    /// How much the server had said at the beginning of each turn of the client's, and when that was in
    /// bytes of the client's.
    pub turns: Vec<usize>,
    /// How much the client had said at the end of each of its turns.
    pub ends: Vec<usize>,
    /// Up to here the phase is `tls`: the server's first answer is about that.
    pub greeted: usize,
    /// The login was accepted.
    pub accepted: usize,
    /// The session was proved to work.
    pub proved: usize,
}

impl Transcript {
    /// What `spoken` was, in a protocol where the server answers each turn of the client's: to the last but a goodbye, which
    /// is the test query, with what proves the session.
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

    /// What must come of a break after so many bytes of the server's.
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

    /// The beginning, the middle and the end of each turn of the client's, of which a cut one does not
    /// arrive at all.
    pub fn moments_of_client(&self) -> BTreeSet<usize> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        begins.zip(&self.ends).flat_map(|(begin, end)| [begin, usize::midpoint(begin, *end), end - 1]).collect()
    }

    /// What must come of a break after so many bytes of the client's: the turn that they are part of is
    /// never answered.
    pub fn after_client(&self, bytes: usize) -> Expected {
        let turn = self.ends.iter().position(|end| bytes < *end).expect("a byte of the client's");
        self.after_server(self.turns[turn])
    }
}
