//! `Lines`: records on their way into the file, each a line of JSON. Records of logins under way, two of three, are
//! serialised by hand here, in serde's format and in a third of its time.

use std::io;

use super::clock::Moment;
use super::digest::Digest;
use super::journal::{Pending, Record};

/// Above this number of bytes the lines are written although more follow: fresh memory costs more than another write
/// (page faults were 0.7 % of the CPU time of 500 logins to MariaDB that begin at one moment, and are 0.2 %).
const MANY: usize = 16 << 10;

/// Lines to be written.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// The number of lines in `bytes`.
    waiting: usize,
    /// The number of lines that were written before these, since the last [`Lines::clear`].
    written: usize,
    /// The error of a line that could not be serialised.
    failed: Option<io::Error>,
}

impl Lines {
    pub(super) fn add(&mut self, record: &Record<'_>) {
        let written = match record {
            Record::Pending(id, pending) => write_pending(&mut self.bytes, *id, pending.as_deref()),
            other => serde_json::to_writer(&mut self.bytes, other),
        };
        if let Err(error) = written {
            self.failed = Some(error.into());
        }
        self.bytes.push(b'\n');
        self.waiting += 1;
    }

    /// The number of lines since [`Lines::clear`].
    pub(super) fn count(&self) -> usize {
        self.written + self.waiting
    }

    /// The number of lines that are still to be written.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether there are so many that some should be written.
    pub(super) fn are_many(&self) -> bool {
        self.bytes.len() > MANY
    }

    /// The waiting lines are written, and others follow.
    pub(super) fn are_written(&mut self) {
        self.bytes.clear();
        self.written += std::mem::take(&mut self.waiting);
    }

    /// All lines are written. Keeps the allocation.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        (self.waiting, self.written) = (0, 0);
    }

    /// All waiting lines, or the error of one that could not be serialised.
    pub(super) fn made(&mut self) -> io::Result<&[u8]> {
        self.failed.take().map_or(Ok(&self.bytes), Err)
    }
}

fn write_pending(to: &mut Vec<u8>, id: Digest, pending: Option<&Pending>) -> serde_json::Result<()> {
    digest(to, b"{\"pending\":[", id);
    let Some(pending) = pending else {
        to.extend_from_slice(b",null]}");
        return Ok(());
    };
    let Pending { owner, number, at, deadline, secret, bound, met, by, sent, early, shown } = pending;
    text(to, b",{\"owner\":", owner)?;
    to.extend_from_slice(b",\"number\":");
    to.extend_from_slice(number.to_string().as_bytes());
    moment(to, b",\"at\":", *at);
    moment(to, b",\"deadline\":", *deadline);
    digest(to, b",\"secret\":", *secret);
    digest(to, b",\"bound\":", *bound);
    if let Some(met) = met {
        to.extend_from_slice(b",\"met\":");
        serde_json::to_writer(&mut *to, met)?;
    }
    text(to, b",\"by\":", by)?;
    truth(to, b",\"sent\":", *sent);
    truth(to, b",\"early\":", *early);
    text(to, b",\"shown\":", shown)?;
    to.extend_from_slice(b"}]}");
    Ok(())
}

fn digest(to: &mut Vec<u8>, key: &[u8], digest: Digest) {
    to.extend_from_slice(key);
    to.push(b'"');
    to.extend_from_slice(&digest.digits());
    to.push(b'"');
}

fn moment(to: &mut Vec<u8>, key: &[u8], moment: Moment) {
    to.extend_from_slice(key);
    to.extend_from_slice(moment.milliseconds().to_string().as_bytes());
}

fn truth(to: &mut Vec<u8>, key: &[u8], is_true: bool) {
    to.extend_from_slice(key);
    to.extend_from_slice(if is_true { b"true" } else { b"false" });
}

fn text(to: &mut Vec<u8>, key: &[u8], text: &str) -> serde_json::Result<()> {
    to.extend_from_slice(key);
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        return serde_json::to_writer(to, text);
    }
    to.push(b'"');
    to.extend_from_slice(text.as_bytes());
    to.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::Duration;

    use super::super::clock::Clock;
    use super::super::digest::{KEY_LENGTH, Key};
    use super::super::entry::Met;
    use super::*;

    #[test]
    fn a_login_under_way_is_written_as_serde_would() {
        let key = Key::of(&[7; KEY_LENGTH]);
        let digest = |name: &[u8]| key.digest(&[name]);
        let now = Clock::default().now();
        let shown = ["mysql://etl@db:3306", "mysql://a\"b\\c\n\u{1}ä@db", ""];
        for (number, shown) in shown.into_iter().enumerate() {
            let pending = Pending {
                owner: "0123456789abcdef".to_owned(),
                number: 42,
                at: now,
                deadline: now.after(Duration::from_secs(10)),
                secret: digest(b"secret"),
                bound: digest(b"bound"),
                met: (number == 1).then(|| Met { of: digest(b"of"), met: digest(b"met") }),
                by: "result".to_owned(),
                sent: number == 0,
                early: number == 1,
                shown: shown.to_owned(),
            };
            for record in
                [Record::Pending(digest(b"id"), Some(Cow::Owned(pending))), Record::Pending(digest(b"x"), None)]
            {
                let mut lines = Lines::default();
                lines.add(&record);
                let expected = format!("{}\n", serde_json::to_string(&record).unwrap());
                assert_eq!(std::str::from_utf8(lines.made().unwrap()).unwrap(), expected);
            }
        }
    }
}
