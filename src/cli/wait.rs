//! `connprobe wait`: waits until every connection accepts logins, and then becomes the user's command.

use std::io::IsTerminal;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::args::WaitArguments;
use super::exit::Exit;
use super::output::Screen;
use super::outputs::Outputs;
use super::preflight;
use super::prepared::{Prepared, Request};
use super::signals::Caught;
use super::stderr::{Live, Told};
use super::{diagnostics, exec, expected, plugin, ready_file};
use crate::engine::ledger::Early;
use crate::engine::{Job, Run, Settings, Waiting};
use crate::model::event::Event;
use crate::model::os_error::in_words;
use crate::model::result::{Ended, Summary};
use crate::report::Report;
use crate::report::nagios::{Demands, State, Tally};
use crate::report::waiting::{Board, Lines};

/// The limit of the whole wait, where no other is given.
const LIMIT: Duration = Duration::from_mins(1);
/// The interval between updates of the board.
const TICK: Duration = Duration::from_millis(100);
/// The same where there is no board: a signal ends the run by itself.
const SELDOM: Duration = Duration::from_millis(500);

pub(super) fn run(arguments: &WaitArguments) -> Exit {
    let is_plugin = plugin::is_plugin(&arguments.formats);
    plugin::ending(&arguments.formats, || match until_ready(arguments) {
        Ok(_) if arguments.command.is_empty() && is_plugin => Exit::Plugin(State::Ok),
        Ok(_) if arguments.command.is_empty() => Exit::Success,
        Ok(caught) => exec::become_command(&arguments.command, &caught),
        Err(exit) => exit,
    })
}

/// The end of a wait whose arguments end with `--`.
pub(super) fn without_command() -> Exit {
    diagnostics::error(
        "no command stands behind `--`",
        Some("an empty variable leaves none: name the command, or leave `--` out"),
    );
    Exit::Usage
}

/// Waits; an error is the exit status of a wait that failed, once the reason is on standard error.
fn until_ready(arguments: &WaitArguments) -> Result<Caught, Exit> {
    if let Some(path) = &arguments.ready_file {
        ready_file::prepare(path).map_err(|error| {
            diagnostics::error(
                format!("cannot use `--ready-file` `{}`: {}", path.display(), in_words(&error)),
                Some("name a file that does not exist yet, in a directory that this user may write to"),
            );
            Exit::Usage
        })?;
    }
    if arguments.login.retries > 0 {
        diagnostics::error("`--retries` has no meaning here", Some("`wait` tries again by itself, until its deadline"));
        return Err(Exit::Usage);
    }
    let (strict, allow_empty) = (arguments.strict, arguments.allow_empty);
    let demands = Demands { strict, allow_empty, ..Demands::default() };
    let request = Request {
        select: &arguments.select,
        login: &arguments.login,
        formats: &arguments.formats,
        demands: &demands,
        limit: Some(arguments.login.deadline.unwrap_or(LIMIT)),
        shows_progress: false,
        dry_run: false,
        allow_empty: arguments.allow_empty,
    };
    let Prepared { deadline, caught, mut outputs, source_failed, engine, mut job, .. } = Prepared::of(&request)?;
    if source_failed && !arguments.keep_going {
        let is_late = deadline.at().is_some_and(|at| Instant::now() >= at);
        return Err(caught.exit().unwrap_or(if is_late { Exit::NotInTime } else { Exit::Source }));
    }
    job.expectations =
        expected::assign(&arguments.expect, &job.connections, &job.registry).map_err(|(message, hint)| {
            diagnostics::error(message, Some(&hint));
            Exit::Usage
        })?;
    if let Some(refusals) = arguments.retry_auth {
        diagnostics::warning(format!(
            "refused logins are repeated until their account has seen {refusals}: a server that locks accounts may lock it"
        ));
    }
    let has_outputs = !arguments.formats.is_empty();
    let mut run = preflight::start(&engine, with_waiting(job, arguments), &caught)?;
    let mut listener = Listener::new(&mut outputs, has_outputs, arguments);
    let summary = listener.follow(&mut run, &caught);
    let tally = listener.tally;
    if let Some(summary) = &summary {
        preflight::conclude(&run, summary);
    }
    if let Some(exit) = outputs.end() {
        return Err(caught.exit().unwrap_or(exit));
    }
    let Some(summary) = summary else {
        diagnostics::error("the wait broke off without a summary", Some("this is a bug: please report it"));
        return Err(Exit::Broken);
    };
    let state = tally.state(&summary, &demands);
    if plugin::is_plugin(&arguments.formats) && state != State::Ok {
        return Err(Exit::Plugin(state));
    }
    judge(arguments, &summary, &tally, source_failed, &caught)?;
    if let Some(path) = &arguments.ready_file {
        ready_file::write(path).map_err(|error| {
            diagnostics::error(format!("cannot write `{}`: {}", path.display(), in_words(&error)), None);
            Exit::Broken
        })?;
    }
    // The ledger's notes on this process go before it becomes another one.
    drop((run, engine));
    // A signal that came after the last login still ends it.
    caught.exit().map_or(Ok(caught), Err)
}

fn with_waiting(job: Job, arguments: &WaitArguments) -> Job {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let waiting = Waiting {
        interval: arguments.interval.unwrap_or_default(),
        stable: count(arguments.stable),
        invert: arguments.invert,
        keep_going: arguments.keep_going,
        refusals: arguments.retry_auth.map(count),
        ..Waiting::default()
    };
    let settings = Settings { waiting: Some(waiting), ..job.settings };
    Job { settings, early: arguments.retry_auth.map(|refusals| Early::UpTo(count(refusals))), ..job }
}

/// The exit status of a wait; no error if the command may run.
fn judge(
    arguments: &WaitArguments,
    summary: &Summary,
    tally: &Tally,
    source_failed: bool,
    caught: &Caught,
) -> Result<(), Exit> {
    if let (Ended::Interrupted, Some(exit)) = (summary.ended, caught.exit()) {
        return Err(exit);
    }
    if source_failed {
        return Err(Exit::Source);
    }
    if tally.failed + tally.error > 0 {
        return Err(if summary.ended == Ended::Deadline { Exit::NotInTime } else { Exit::NotOk });
    }
    if arguments.strict && tally.skipped > 0 {
        diagnostics::error(
            format!("{} of the connections skipped, which `--strict` does not allow", tally.skipped),
            Some("`connprobe types` lists the types that this binary knows; `--exclude` leaves connections out"),
        );
        return Err(Exit::NotOk);
    }
    if tally.passed == 0 && !arguments.allow_empty {
        if tally.skipped > 0 {
            diagnostics::error(
                "no login was tried: every connection was skipped",
                Some("add one of a supported type (`connprobe types`), or give --allow-empty"),
            );
        }
        return Err(Exit::Source);
    }
    Ok(())
}

/// The receiver of a wait's events: the reports, and what a person sees.
struct Listener<'a> {
    outputs: &'a mut Outputs,
    has_outputs: bool,
    lines: Lines<Told>,
    board: Option<Board>,
    quiet: bool,
    /// Whether the steps of checks are shown.
    verbose: bool,
    tally: Tally,
}

impl<'a> Listener<'a> {
    fn new(outputs: &'a mut Outputs, has_outputs: bool, arguments: &WaitArguments) -> Self {
        let (quiet, verbose) = (arguments.quiet, arguments.login.verbose);
        let (style, height) = Screen::of_stderr();
        // A terminal that moves no cursor gets the lines of a log.
        let can_move = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let is_live = std::io::stderr().is_terminal() && can_move && !quiet && !verbose;
        let board = is_live.then(|| Board::new(Box::new(Live::default()), style, height));
        Self {
            outputs,
            has_outputs,
            lines: Lines::new(Told::default(), style, !is_live && !quiet && !verbose),
            board,
            quiet,
            verbose,
            tally: Tally::default(),
        }
    }

    /// Handles every event until the wait ends, or until its last report is lost.
    fn follow(&mut self, run: &mut Run, caught: &Caught) -> Option<Summary> {
        let tick = if self.board.is_some() { TICK } else { SELDOM };
        while !(self.has_outputs && self.outputs.are_lost()) {
            caught.heed();
            match run.events.recv_timeout(tick) {
                Ok(event) => {
                    if let Some(summary) = self.hear(event) {
                        return Some(summary);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.outputs.tick();
                    self.draw();
                }
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    fn hear(&mut self, event: Event) -> Option<Summary> {
        let is_shown = match &event {
            Event::Step(step) if self.verbose => {
                diagnostics::step(step);
                false
            }
            Event::Result(result) => {
                if self.verbose {
                    diagnostics::end_of_steps(result);
                }
                self.tally.add(result);
                !self.quiet || result.waited.as_ref().is_none_or(|waited| waited.ready.is_none())
            }
            _ => true,
        };
        if let Some(board) = &mut self.board {
            board.event(&event);
            // Losing the board of a closed terminal does no harm.
            drop(board.clear());
        }
        if is_shown {
            drop(self.lines.event(&event));
        }
        self.outputs.event(&event);
        if let Event::Finished(summary) = event { Some(*summary) } else { None }
    }

    fn draw(&mut self) {
        if let Some(board) = &mut self.board {
            drop(board.draw());
        }
    }
}
