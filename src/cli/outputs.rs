//! The outputs of a run: each gets every event until it cannot be written any more; the others go on without it, and the
//! run as long as there is one.

use std::io;

use super::exit::Exit;
use super::output_file::OutputFile;
use super::say;
use crate::model::event::Event;
use crate::report::Report;

/// One report and where it goes.
struct Output {
    /// As it is named in a complaint.
    name: String,
    report: Box<dyn Report>,
    /// What gets its name when the report is whole.
    file: Option<OutputFile>,
}

/// All of a run.
#[derive(Default)]
pub(super) struct Outputs {
    outputs: Vec<Output>,
    lost: Vec<(String, io::Error)>,
}

impl Outputs {
    /// Files come first: they wait for no reader.
    pub(super) fn add(&mut self, name: String, report: Box<dyn Report>, file: Option<OutputFile>) {
        let place = if file.is_some() { 0 } else { self.outputs.len() };
        self.outputs.insert(place, Output { name, report, file });
    }

    /// There is none of this `name`, for this reason.
    pub(super) fn lose(&mut self, name: String, error: io::Error) {
        self.lost.push((name, error));
    }

    /// Whether nobody is left to tell.
    pub(super) fn are_lost(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Tells all of `event`; with the end of the run a report is whole, and its file gets its name.
    pub(super) fn event(&mut self, event: &Event) {
        let is_end = matches!(event, Event::Finished(_));
        self.each(|output| {
            output.report.event(event)?;
            output.file.take_if(|_| is_end).map_or(Ok(()), OutputFile::keep)
        });
    }

    pub(super) fn flush(&mut self) {
        self.each(|output| output.report.flush());
    }

    pub(super) fn tick(&mut self) {
        self.each(|output| output.report.tick());
    }

    fn each(&mut self, mut tell: impl FnMut(&mut Output) -> io::Result<()>) {
        let lost = &mut self.lost;
        self.outputs.retain_mut(|output| match tell(output) {
            Ok(()) => true,
            Err(error) => {
                lost.push((std::mem::take(&mut output.name), error));
                false
            }
        });
    }

    /// Says what was lost: how a command ends then.
    pub(super) fn end(self) -> Option<Exit> {
        self.lost.iter().fold(None, |_earlier, (name, error)| Some(say::unwritten(name, error)))
    }
}
