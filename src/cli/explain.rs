//! `connprobe explain`: the longer explanation of a class, a reason, a warning or a server's code.

use std::io::{self, BufWriter, Write};

use super::args::ExplainArguments;
use super::diagnostics;
use super::exit::Exit;
use super::output::Screen;
use crate::driver::Registry;
use crate::model::class::{Class, Retry};
use crate::model::codes::refinement::{Refinement, Text};
use crate::model::codes::{CheckedCredential, CodeEntry, CodeTable, Other};
use crate::model::connection::normalize_type;
use crate::model::reason::{Http, Reason, ReasonCode};
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
        match entries(word) {
            Ok(rows) => explain_rows(&mut out, &rows, &style),
            Err((message, hint)) => {
                diagnostics::error(message, Some(&hint));
                return Exit::Usage;
            }
        }
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => Exit::Success,
        Err(error) => diagnostics::unwritten("the explanation", &error),
    }
}

/// One meaning of a code.
enum Row {
    /// A row of a driver's tables.
    Told {
        driver: &'static str,
        table: &'static CodeTable,
        entry: &'static CodeEntry,
        /// The refinement, if the entry belongs to a text.
        refinement: Option<&'static Refinement>,
    },
    /// A code without a row, which is classified by its HTTP status.
    Other(&'static str, &'static Other),
}

impl Row {
    fn refinement(&self) -> Option<&'static Refinement> {
        match self {
            Self::Told { refinement, .. } => *refinement,
            Self::Other(..) => None,
        }
    }

    /// The product whose text the row is about.
    fn product(&self) -> Option<&'static str> {
        self.refinement().map(Refinement::product)
    }

    /// The product of the driver.
    fn own_product(&self) -> Option<&'static str> {
        let Self::Told { driver: name, .. } = self else { return None };
        let driver = Registry::builtin().drivers().find(|driver| driver.spec().name == *name);
        driver.map(|driver| driver.spec().product)
    }
}

/// The rows for `[TYPE:]CODE` or for the name of a product; otherwise a message and a hint.
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
    if code.trim().is_empty() {
        return Err((
            "a class, a reason, a warning or a server's code is missing".to_owned(),
            "give one, as in `connprobe explain auth` or `connprobe explain mysql:1045`".to_owned(),
        ));
    }
    let is_meant =
        |entry: &&CodeEntry| entry.shown().eq_ignore_ascii_case(code) || entry.name.eq_ignore_ascii_case(code);
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for (name, table) in tables().filter(|(name, _)| driver.is_none_or(|driver| driver == *name)) {
        let told = |entry, refinement| Row::Told { driver: name, table, entry, refinement };
        found.extend(table.rows.iter().filter(is_meant).map(|entry| told(entry, None)));
        let texts = table
            .refinements()
            .filter(|row| row.codes.iter().chain([&row.product()]).any(|own| own.eq_ignore_ascii_case(code)));
        found.extend(texts.map(|row| told(&row.entry, Some(row))));
        others.extend(table.others_of(code).map(|other| Row::Other(name, other)));
    }
    found.append(&mut others);
    if found.is_empty() {
        if let Some(conn_type) = conn_type_of(word) {
            return Err((
                format!("`{conn_type}` is a connection type"),
                format!("`connprobe types {conn_type}` shows what connprobe reads of it"),
            ));
        }
        if let Some(driver) = driver {
            return Err((
                format!("`{code}` is no code that connprobe knows of a `{driver}` server"),
                "the manual of the server has it; a result with such a code shows the server's own text".to_owned(),
            ));
        }
        let classes: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
        return Err((
            format!("`{word}` is no class, reason, warning, code or product that connprobe knows"),
            format!("the classes are {}; reasons, warnings and codes stand in results", classes.join(", ")),
        ));
    }
    Ok(found)
}

/// The code tables of all drivers.
fn tables() -> impl Iterator<Item = (&'static str, &'static CodeTable)> {
    Registry::builtin().code_tables()
}

/// `word`, normalized, if it is the name of a connection type.
fn conn_type_of(word: &str) -> Option<String> {
    let conn_type = normalize_type(word);
    Registry::builtin().find(&conn_type).map(|_| conn_type)
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
    writeln!(out, "{}: a reason, usually of class {} ({})", reason.as_str(), class.as_str(), class.meaning())?;
    if !reason.fields().is_empty() {
        writeln!(out, "fields: {}", reason.fields().join(", "))?;
    }
    let mut codes: Vec<String> = tables()
        .flat_map(|(driver, table)| table.rows.iter().map(move |entry| (driver, entry)))
        .filter(|(_, entry)| entry.reason == reason)
        .map(|(driver, entry)| format!("{driver} {}", entry.shown()))
        .collect();
    // The rows of one code stand together.
    codes.dedup();
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

/// Explains each row. If the code has a row of its own, the meanings of other products' texts are only listed.
fn explain_rows(out: &mut impl Write, rows: &[Row], style: &Style) -> io::Result<()> {
    let (refined, plain): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.refinement().is_some());
    let in_full = if plain.is_empty() { &refined } else { &plain };
    for (position, row) in in_full.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        match row {
            Row::Told { driver, table, entry, refinement } => {
                explain_code(out, (driver, table), entry, *refinement, style)?;
            }
            Row::Other(driver, other) => explain_other(out, driver, other, style)?,
        }
    }
    // Texts of the driver's own product are not listed as those of other products.
    let refined: Vec<&Refinement> =
        refined.iter().filter(|row| row.product() != row.own_product()).filter_map(|row| row.refinement()).collect();
    if plain.is_empty() || refined.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    style.wrapped(
        out,
        "Other products use the code too, and their text decides; `connprobe explain NAME` has them in full:",
        "",
        "",
    )?;
    let mut products: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in refined {
        let reason = row.entry.reason.as_str();
        match products.iter_mut().find(|(product, _)| *product == row.product()) {
            Some((_, reasons)) if reasons.contains(&reason) => {}
            Some((_, reasons)) => reasons.push(reason),
            None => products.push((row.product(), vec![reason])),
        }
    }
    products.iter().try_for_each(|(product, reasons)| {
        style.wrapped(out, &format!("{product}: {}", reasons.join(", ")), "- ", "  ")
    })
}

/// A code without a row has the message of its HTTP status.
fn explain_other(out: &mut impl Write, driver: &str, other: &Other, style: &Style) -> io::Result<()> {
    let words = Reason::from(Http::CodeUnknown { service: other.service, status: other.status }).words();
    style.wrapped(out, &format!("{driver} {}: {}", other.code, words.message), "", "  ")?;
    writeln!(out, "class: {} ({}); reason: {}", words.class.as_str(), words.class.meaning(), words.code.as_str())?;
    writeln!(out)?;
    style.wrapped(out, other.explanation, "", "")?;
    style.wrapped(out, &format!("hint: {}", words.hint.as_deref().unwrap_or_default()), "", "  ")
}

fn explain_code(
    out: &mut impl Write,
    (driver, table): (&str, &CodeTable),
    entry: &CodeEntry,
    refinement: Option<&Refinement>,
    style: &Style,
) -> io::Result<()> {
    // A placeholder, which a result fills in, is shown here as the name of its field.
    let generic = |template: &str| template.replace(['{', '}'], "");
    let said = match refinement {
        Some(row) => format!("{} {}, {}", driver, row.codes.join(", "), words(row)),
        None => format!("{driver} {} ({})", entry.shown(), entry.name),
    };
    style.wrapped(out, &format!("{said}: {}", generic(entry.message)), "", "  ")?;
    writeln!(out, "class: {} ({}); reason: {}", entry.class.as_str(), entry.class.meaning(), entry.reason.as_str())?;
    let checked = refinement.map_or_else(|| table.when(entry.code), |row| row.checked);
    match (checked, table.source(entry.code).filter(|_| refinement.is_none())) {
        (CheckedCredential::Unknown, _) => writeln!(out)?,
        (_, Some(source)) => style.wrapped(out, &format!("said {}: {source}\n", checked.when()), "", "  ")?,
        (_, None) => writeln!(out, "said {}\n", checked.when())?,
    }
    style.wrapped(out, entry.explanation, "", "")?;
    style.wrapped(out, &format!("hint: {}", generic(entry.hint)), "", "  ")
}

/// The product that a row is about, and the form of its text.
fn words(row: &Refinement) -> String {
    let product = row.product();
    match row.text {
        Text::Starts(start) => format!("{product} with a text that begins `{start}`"),
        Text::Has(words) => format!("{product} with a text that has `{}` in it", words.join("` and `")),
        Text::Empty => format!("{product} without a text"),
        Text::Any => format!("{product} with any text"),
    }
}
