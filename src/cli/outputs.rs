//! The outputs of a run. Each gets every event until it cannot be written any more. The others go on without it, and
//! the run goes on while at least one is left.

use std::io;

use super::diagnostics;
use super::exit::Exit;
use super::output_file::OutputFile;
use crate::model::event::Event;
use crate::report::Report;

/// One report and its destination.
struct Output {
    /// The name in error messages.
    name: String,
    report: Box<dyn Report>,
    /// The file that gets its name when the report is complete.
    file: Option<OutputFile>,
}

/// All outputs of a run.
#[derive(Default)]
pub(super) struct Outputs {
    outputs: Vec<Output>,
    lost: Vec<(String, io::Error)>,
}

impl Outputs {
    /// Adds an output. Files come first: they wait for no reader.
    pub(super) fn add(&mut self, name: String, report: Box<dyn Report>, file: Option<OutputFile>) {
        let place = if file.is_some() { 0 } else { self.outputs.len() };
        self.outputs.insert(place, Output { name, report, file });
    }

    /// Records that the output `name` is lost because of `error`.
    pub(super) fn lose(&mut self, name: String, error: io::Error) {
        self.lost.push((name, error));
    }

    /// Whether all outputs are lost.
    pub(super) fn are_lost(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Sends `event` to all outputs. At the end of the run each report is complete, and its file gets its name.
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

    /// Reports the lost outputs. Returns the exit status if there is one.
    pub(super) fn end(self) -> Option<Exit> {
        self.lost.iter().fold(None, |_earlier, (name, error)| Some(diagnostics::unwritten(name, error)))
    }
}
