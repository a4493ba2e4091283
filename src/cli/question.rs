//! A question to the person at the terminal, answered with yes or no. Asks nobody where there is no terminal.

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How often it is looked whether the question is void.
const BEAT: Duration = Duration::from_millis(50);

/// Whether a person is there who could answer.
pub(super) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether `question` is answered with yes, before `until` and before it `is_void`.
pub(super) fn yes(question: &str, until: Option<Instant>, is_void: impl Fn() -> bool) -> io::Result<bool> {
    let mut stderr = io::stderr();
    write!(stderr, "{question}").and_then(|()| stderr.flush())?;
    let stdin = io::stdin().lock();
    loop {
        let left = until.map_or(BEAT, |until| until.saturating_duration_since(Instant::now()).min(BEAT));
        if left.is_zero() || is_void() {
            // What comes next begins a line of its own.
            writeln!(stderr)?;
            return Ok(false);
        }
        let beat = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&beat)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => break,
            Err(error) => return Err(error.into()),
        }
    }
    // A terminal gives a line at a time.
    let mut line = [0; 256];
    let length = { stdin }.read(&mut line)?;
    let answer = String::from_utf8_lossy(&line[..length]).trim().to_ascii_lowercase();
    Ok(matches!(answer.as_str(), "y" | "yes"))
}
