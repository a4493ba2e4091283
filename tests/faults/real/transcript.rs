//! A good login, and what must come of it when it breaks.

use std::collections::BTreeSet;

use super::proxy::{Spoken, Way};
use crate::matrix::{Driver, Expected, OK, fast};

/// Where the turns of a good login were, in bytes of the server's.
#[derive(Debug)]
pub struct Transcript {
    driver: Driver,
    /// How much the server had said at the beginning of each turn of the client's, and when that was in
    /// bytes of the client's.
    pub turns: Vec<usize>,
    ends: Vec<usize>,
    /// The server's first answer was whole.
    greeted: usize,
    /// The login was accepted.
    pub accepted: usize,
    /// The session was proved to work.
    pub proved: usize,
}

impl Transcript {
    /// What `spoken` was.
    pub fn of(driver: Driver, spoken: &Spoken) -> Self {
        // Whether the answer to a goodbye still arrives depends on who closes first.
        let spoken = match spoken.as_slice() {
            [all @ .., (Way::FromServer, _)] if driver == Driver::Redis && says_goodbye(all) => all,
            all => all,
        };
        let said = |way: Way, turns: &[(Way, Vec<u8>)]| -> usize {
            turns.iter().filter(|(who, _)| *who == way).map(|(_, words)| words.len()).sum()
        };
        let client = spoken.iter().enumerate().filter(|(_, (who, _))| *who == Way::FromClient);
        let (turns, ends): (Vec<usize>, Vec<usize>) =
            client.map(|(at, _)| (said(Way::FromServer, &spoken[..at]), said(Way::FromClient, &spoken[..=at]))).unzip();
        let farewell = matches!(spoken.last(), Some((Way::FromClient, _)));
        let asked = turns.len() - 1 - usize::from(farewell);
        let accepted = match driver {
            // The head of the first answer tells that the keys are good.
            Driver::S3 => head(&spoken[1].1),
            _ => turns[asked],
        };
        // Nothing but what the server is comes after that, which may be missing.
        let enough = |answer: &[u8]| answer.iter().position(|byte| *byte == b'*').map(|length| accepted + length);
        let enough = if driver == Driver::Redis { enough(&spoken[3].1) } else { None };
        let proved = if let Some(enough) = enough {
            enough
        } else if driver == Driver::S3 {
            // What is asked afterwards, with keys that are made up, changes no verdict when it is not answered.
            spoken[1].1.len()
        } else if farewell {
            turns[turns.len() - 1]
        } else {
            said(Way::FromServer, spoken)
        };
        let greeted = if driver == Driver::Mssql { turns[1] } else { 0 };
        Self { driver, turns, ends, greeted, accepted, proved }
    }

    /// What must come of a break after so many bytes of the server's.
    pub fn after_server(&self, bytes: usize) -> Expected {
        if bytes >= self.proved {
            return OK;
        }
        let phase = if bytes >= self.accepted {
            "query"
        } else if self.driver == Driver::Mssql && bytes < self.greeted {
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

/// Whether the last turn is a goodbye of the client's.
fn says_goodbye(spoken: &[(Way, Vec<u8>)]) -> bool {
    matches!(spoken.last(), Some((Way::FromClient, words)) if words.ends_with(b"QUIT\r\n"))
}

/// How long the head of an HTTP answer is.
fn head(answer: &[u8]) -> usize {
    answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4
}
