//! `connprobe explain`: the longer text behind a class, a reason, a warning or a server's code.

use std::io::{self, BufWriter, Write};

use super::args::ExplainArguments;
use super::exit::Exit;
use super::output::Screen;
use super::say;
use crate::driver::Registry;
use crate::model::class::{Class, Retry};
use crate::model::codes::refinement::{Refinement, Text, refinements};
use crate::model::codes::{self, CheckedCredential, CodeEntry};
use crate::model::connection::normalize_type;
use crate::model::reason::ReasonCode;
use crate::model::warning::WarningCode;
use crate::report::table::Style;

pub(super) fn run(arguments: &ExplainArguments) -> Exit {
    let word = arguments.word.trim();
    let style = Screen::of_stdout().style;
    let mut out = BufWriter::new(io::stdout().lock());
    let class = Class::ALL.iter().find(|class| class.as_str().eq_ignore_ascii_case(word));
    let reason = ReasonCode::ALL.iter().find(|code| code.as_str().eq_ignore_ascii_case(word));
    let warning = WarningCode::ALL.iter().find(|code| code.as_str().eq_ignore_ascii_case(word));
    let written = if let Some(class) = class {
        explain_class(&mut out, *class, &style)
    } else if let Some(reason) = reason {
        explain_reason(&mut out, *reason, &style)
    } else if let Some(warning) = warning {
        explain_warning(&mut out, *warning, &style)
    } else {
        let entries = match entries(word) {
            Ok(entries) => entries,
            Err((message, hint)) => {
                say::error(message, Some(&hint));
                return Exit::Usage;
            }
        };
        entries.iter().enumerate().try_for_each(|(position, row)| {
            if position > 0 {
                writeln!(out)?;
            }
            explain_code(&mut out, row, &style)
        })
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => Exit::Success,
        Err(error) => say::unwritten("the explanation", &error),
    }
}

/// A row of a driver's tables.
struct Row {
    driver: &'static str,
    entry: &'static CodeEntry,
    /// Where it is a text that decides, the whole of it.
    refinement: Option<&'static Refinement>,
}

/// The rows that `[TYPE:]CODE` names, or what is wrong with it and what to do.
fn entries(word: &str) -> Result<Vec<Row>, (String, String)> {
    let (driver, code) = match word.split_once(':') {
        Some((conn_type, code)) => {
            let Some((driver, _)) = Registry::builtin().find(&normalize_type(conn_type)) else {
                return Err((
                    format!("no driver for connection type `{conn_type}`"),
                    "`connprobe types` lists the supported ones".to_owned(),
                ));
            };
            (Some(driver.spec().name), code)
        }
        None => (None, word),
    };
    let is_meant = |entry: &&CodeEntry| {
        let bare = entry.code.split_once('/').map_or(entry.code, |(code, _)| code);
        bare.eq_ignore_ascii_case(code) || entry.name.eq_ignore_ascii_case(code)
    };
    let found: Vec<_> = codes::TABLES
        .iter()
        .filter(|(name, _)| driver.is_none_or(|driver| driver == *name))
        .flat_map(|(driver, entries)| {
            let by_code = entries.iter().filter(is_meant).map(|entry| Row { driver, entry, refinement: None });
            by_code.chain(
                refinements(driver)
                    .filter(|row| row.codes.iter().any(|own| own.eq_ignore_ascii_case(code)))
                    .map(|row| Row { driver, entry: &row.entry, refinement: Some(row) }),
            )
        })
        .collect();
    if found.is_empty() {
        let classes: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
        return Err((
            format!("`{word}` is no class, reason, warning or code that connprobe knows"),
            format!("the classes are {}; reasons, warnings and codes stand in results", classes.join(", ")),
        ));
    }
    Ok(found)
}

fn explain_class(out: &mut impl Write, class: Class, style: &Style) -> io::Result<()> {
    style.wrapped(out, &format!("{}: {}", class.as_str(), class.meaning()), "", "  ")?;
    let retried = match class.retry() {
        Retry::Yes => "yes",
        Retry::InWait => "only while waiting for a server",
        Retry::No => "no",
    };
    writeln!(out, "status: {}; retried: {retried}\n", class.status().as_str())?;
    style.wrapped(out, class.explanation(), "", "")
}

fn explain_reason(out: &mut impl Write, reason: ReasonCode, style: &Style) -> io::Result<()> {
    let class = reason.class();
    writeln!(out, "{}: a reason, as a rule of class {} ({})", reason.as_str(), class.as_str(), class.meaning())?;
    if !reason.fields().is_empty() {
        writeln!(out, "fields: {}", reason.fields().join(", "))?;
    }
    let codes: Vec<String> = codes::TABLES
        .iter()
        .flat_map(|(driver, entries)| entries.iter().map(move |entry| (driver, entry)))
        .filter(|(_, entry)| entry.reason == reason)
        .map(|(driver, entry)| format!("{driver} {}", entry.code))
        .collect();
    if !codes.is_empty() {
        style.wrapped(out, &format!("codes: {}", codes.join(", ")), "", "  ")?;
    }
    writeln!(out)?;
    style.wrapped(out, reason.explanation(), "", "")
}

fn explain_warning(out: &mut impl Write, warning: WarningCode, style: &Style) -> io::Result<()> {
    writeln!(out, "{warning}: a warning, which changes no verdict\n")?;
    style.wrapped(out, warning.explanation(), "", "")
}

fn explain_code(out: &mut impl Write, row: &Row, style: &Style) -> io::Result<()> {
    let Row { driver, entry, refinement } = row;
    // What a result fills in stands here as the name of the field.
    let generic = |template: &str| template.replace(['{', '}'], "");
    let said = match refinement {
        Some(row) => format!("{} {}, {}", driver, row.codes.join(", "), words(row)),
        None => format!("{driver} {} ({})", entry.code, entry.name),
    };
    style.wrapped(out, &format!("{said}: {}", generic(entry.message)), "", "  ")?;
    writeln!(out, "class: {} ({}); reason: {}", entry.class.as_str(), entry.class.meaning(), entry.reason.as_str())?;
    let checked = refinement.map_or_else(|| codes::checked(driver, entry.code), |row| row.checked);
    match (checked, codes::source(driver, entry.code).filter(|_| refinement.is_none())) {
        (CheckedCredential::Unknown, _) => writeln!(out)?,
        (_, Some(source)) => style.wrapped(out, &format!("said {}: {source}\n", checked.when()), "", "  ")?,
        (_, None) => writeln!(out, "said {}\n", checked.when())?,
    }
    style.wrapped(out, entry.explanation, "", "")?;
    style.wrapped(out, &format!("hint: {}", generic(entry.hint)), "", "  ")
}

/// Whose text a row is about, and what it is like.
fn words(row: &Refinement) -> String {
    let product = row.product();
    match row.text {
        Text::Starts(start) => format!("{product} with a text that begins `{start}`"),
        Text::Has(words) => format!("{product} with a text that has `{}` in it", words.join("` and `")),
        Text::Empty => format!("{product} without a text"),
    }
}
