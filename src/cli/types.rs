//! `connprobe types`: lists the supported connection types, or everything that one type reads.

use std::io::{self, BufWriter, Write};

use super::args::TypesArguments;
use super::diagnostics;
use super::exit::Exit;
use super::output::Screen;
use crate::driver::{Driver, ExtraKind, Registry};
use crate::model::connection::normalize_type;
use crate::report::table::Style;

pub(super) fn run(arguments: &TypesArguments) -> Exit {
    let registry = Registry::builtin();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match &arguments.conn_type {
        None => all(&mut out, registry),
        Some(word) => {
            let Some((driver, _)) = registry.find(&normalize_type(word)) else {
                let hint = registry.nearest(word).map(|name| format!("did you mean `{name}`?"));
                diagnostics::error(
                    format!("no driver for connection type `{word}`"),
                    Some(hint.as_deref().unwrap_or("`connprobe types` lists the supported ones")),
                );
                return Exit::Usage;
            };
            one(&mut out, driver, &Screen::of_stdout().style)
        }
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => Exit::Success,
        Err(error) => diagnostics::unwritten("the types", &error),
    }
}

fn all(out: &mut impl Write, registry: &Registry) -> io::Result<()> {
    writeln!(out, "{:<10} {:<16} {:>5}  SCHEMA", "DRIVER", "TYPE", "PORT")?;
    for driver in registry.drivers() {
        let (spec, is_built_in) = (driver.spec(), driver.is_built_in());
        for (position, (name, port)) in spec.types.iter().enumerate() {
            // `connprobe types TYPE` shows the full text.
            let gist = spec.schema.split([';', ',']).next().unwrap_or_default();
            let (driver, schema) = if position == 0 { (spec.name, gist) } else { ("", "") };
            let absent = if driver.is_empty() || is_built_in { "" } else { " (not built in)" };
            let line = format!("{driver:<10} {name:<16} {port:>5}  {schema}{absent}");
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn one(out: &mut impl Write, driver: &dyn Driver, style: &Style) -> io::Result<()> {
    let spec = driver.spec();
    let types: Vec<String> = spec.types.iter().map(|(name, port)| format!("{name} ({port})")).collect();
    writeln!(out, "{}: driver `{}`", spec.product, spec.name)?;
    if !driver.is_built_in() {
        style.wrapped(out, "not built in: this connprobe cannot check it, and skips its definitions", "", "  ")?;
    }
    style.wrapped(out, &format!("types (port): {}", types.join(", ")), "", "  ")?;
    style.wrapped(out, &format!("schema: {}", spec.schema), "", "  ")?;
    style.wrapped(out, &format!("`ok` means: {}", spec.proof.rule), "", "  ")?;
    for (kind, title) in [
        (ExtraKind::Used, "extras it reads:"),
        (ExtraKind::Secret, "extras it reads and hides:"),
        (ExtraKind::Irrelevant, "extras without meaning for a login, passed over:"),
        (ExtraKind::Unsupported, "extras that ask for a login it lacks (`skipped`):"),
    ] {
        let extras: Vec<_> = spec.extras.iter().filter(|extra| extra.kind == kind).collect();
        if extras.is_empty() {
            continue;
        }
        writeln!(out, "\n{title}")?;
        if kind == ExtraKind::Irrelevant {
            let names: Vec<&str> = extras.iter().map(|extra| extra.name).collect();
            style.wrapped(out, &names.join(", "), "  ", "  ")?;
            continue;
        }
        for extra in extras {
            style.wrapped(out, &format!("{}: {}", extra.name, extra.doc), "  ", "      ")?;
        }
    }
    if let Some(what) = spec.open_extras {
        writeln!(out)?;
        style.wrapped(out, &format!("any other extra is {what}"), "", "  ")?;
    }
    Ok(())
}
