//! Finds the extents of login, password, host and port, even if the password contains characters that should have been
//! escaped.

use crate::model::placeholder::is_placeholder;
use crate::model::problem::UriFlaw;

/// `LOGIN:PASSWORD@HOST:PORT`, not decoded. It has no `Debug`, because it contains the password.
pub(super) struct Authority<'a> {
    pub(super) userinfo: Option<&'a str>,
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    /// Whether `host` is a list whose members have their own ports.
    pub(super) is_list: bool,
}

/// A URI without its scheme.
pub(super) struct Split<'a> {
    pub(super) authority: Authority<'a>,
    /// Path, query and fragment.
    pub(super) tail: &'a str,
    /// Whether the password contains characters that should have been escaped.
    pub(super) mended: bool,
}

/// Splits the text after the scheme. The first `/`, `?` or `#` ends the authority, unless that leaves no readable port
/// and exactly one later `@` gives a valid reading.
pub(super) fn split(rest: &str) -> Result<Split<'_>, UriFlaw> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (written, tail) = rest.split_at(end);
    if written.ends_with(':') && tail.starts_with("//") {
        return mend(rest, end).ok_or(UriFlaw::HostIsUrl);
    }
    match (Authority::read(written), has_stray_at(tail)) {
        (Ok(authority), false) => Ok(Split { authority, tail, mended: false }),
        (Err(flaw), false) => Err(flaw),
        (Err(_), true) => mend(rest, end).ok_or(UriFlaw::Ambiguous),
        (Ok(_), true) => Err(UriFlaw::Ambiguous),
    }
}

/// Whether `tail` contains an `@` that more likely ends a password than belongs there: anywhere after the host, except
/// in the value of a query parameter.
fn has_stray_at(tail: &str) -> bool {
    let (tail, fragment) = tail.split_once('#').unwrap_or((tail, ""));
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    path.contains('@')
        || fragment.contains('@')
        || query
            .split('&')
            .any(|pair| pair.contains('@') && !pair.split_once('=').is_some_and(|(name, _)| is_name(name)))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-.".contains(character))
}

/// The only reading in which an `@` after `from` ends the password.
fn mend(rest: &str, from: usize) -> Option<Split<'_>> {
    let mut readings = rest.match_indices('@').filter(|(at, _)| *at > from).filter_map(|(at, _)| {
        let behind = &rest[at + 1..];
        let (place, tail) = behind.split_at(behind.find(['/', '?', '#', '@']).unwrap_or(behind.len()));
        let plausible = !tail.starts_with('@')
            && place.chars().all(|character| character.is_alphanumeric() || "._-%\\,:[]".contains(character));
        let authority = Authority::at(place, Some(&rest[..at])).ok().filter(|_| plausible)?;
        Some(Split { authority, tail, mended: true })
    });
    let reading = readings.next()?;
    (readings.next().is_none() && !has_stray_at(reading.tail)).then_some(reading)
}

impl<'a> Authority<'a> {
    /// Parses the authority; the last `@` ends the user information.
    fn read(written: &'a str) -> Result<Self, UriFlaw> {
        match written.rsplit_once('@') {
            Some((userinfo, place)) => Self::at(place, Some(userinfo)),
            None => Self::at(written, None),
        }
    }

    fn at(place: &'a str, userinfo: Option<&'a str>) -> Result<Self, UriFlaw> {
        let is_list =
            place.rsplit_once(',').is_some_and(|(ahead, last)| ahead.contains([':', '[']) || last.starts_with('['));
        if is_list {
            place.split(',').try_for_each(|member| split_port(member).map(drop))?;
            return Ok(Self { userinfo, host: place, port: None, is_list });
        }
        let (host, port) = split_port(place)?;
        Ok(Self { userinfo, host, port, is_list })
    }
}

/// `HOST`, `HOST:PORT` or `[HOST]:PORT`.
fn split_port(place: &str) -> Result<(&str, Option<u16>), UriFlaw> {
    let (host, port) = match place.strip_prefix('[') {
        Some(bracketed) => {
            let (host, behind) = bracketed.split_once(']').ok_or(UriFlaw::Brackets)?;
            let port = if behind.is_empty() { behind } else { behind.strip_prefix(':').ok_or(UriFlaw::Brackets)? };
            (host, port)
        }
        None if place.contains(['[', ']']) => return Err(UriFlaw::Brackets),
        None => place.split_once(':').unwrap_or((place, "")),
    };
    Ok((host, read_port(port)?))
}

fn read_port(written: &str) -> Result<Option<u16>, UriFlaw> {
    if written.is_empty() {
        return Ok(None);
    }
    if !written.bytes().all(|byte| byte.is_ascii_digit()) {
        // The text may be part of a password, so the problem says only that it is a placeholder.
        return Err(if is_placeholder(written) { UriFlaw::PortPlaceholder } else { UriFlaw::PortNotANumber });
    }
    match written.trim_start_matches('0').parse::<u16>() {
        Ok(port) => Ok(Some(port)),
        Err(_) => Err(UriFlaw::PortOutOfRange),
    }
}
