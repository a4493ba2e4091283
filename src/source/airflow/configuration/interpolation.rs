//! `%` in a value of `airflow.cfg`: `%%` is one, `%(name)s` another setting of its section.

use zeroize::Zeroizing;

/// How deep references may lead, as in Python.
const DEPTH: usize = 10;

/// How long a value may become, and how many pieces it may have.
const LIMIT: usize = 64 << 10;

/// Why a value means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A `%` that is neither doubled nor followed by a name in parentheses.
    Percent,
    /// A reference to a setting that does not exist.
    Missing,
    /// References that lead too deep, or to too much.
    Endless,
}

impl Fault {
    /// What is wrong, behind the setting's name; never a value.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Percent => "holds a single `%`",
            Self::Missing => "refers to a setting that its section lacks",
            Self::Endless => "refers to other settings without end",
        }
    }
}

/// Resolves every `%` of `value`; `find` gives the other settings as they are written.
pub(super) fn interpolate<'a>(
    value: &'a str,
    find: &dyn Fn(&str) -> Option<&'a str>,
) -> Result<Zeroizing<String>, Fault> {
    let mut resolver = Resolver { find, text: Zeroizing::new(String::with_capacity(LIMIT)), left: LIMIT };
    resolver.resolve(value, 1)?;
    Ok(resolver.text)
}

struct Resolver<'a, 'f> {
    find: &'f dyn Fn(&str) -> Option<&'a str>,
    text: Zeroizing<String>,
    left: usize,
}

impl<'a> Resolver<'a, '_> {
    fn resolve(&mut self, mut rest: &'a str, depth: usize) -> Result<(), Fault> {
        if depth > DEPTH {
            return Err(Fault::Endless);
        }
        while let Some((before, behind)) = rest.split_once('%') {
            self.append(before)?;
            if let Some(behind) = behind.strip_prefix('%') {
                self.append("%")?;
                rest = behind;
            } else {
                let reference = behind.strip_prefix('(').and_then(|behind| behind.split_once(')'));
                let (name, behind) = reference.filter(|(name, _)| !name.is_empty()).ok_or(Fault::Percent)?;
                rest = behind.strip_prefix('s').ok_or(Fault::Percent)?;
                self.resolve((self.find)(name).ok_or(Fault::Missing)?, depth + 1)?;
            }
        }
        self.append(rest)
    }

    /// Pieces that are empty cost something too.
    fn append(&mut self, piece: &str) -> Result<(), Fault> {
        self.left = self.left.checked_sub(piece.len() + 1).ok_or(Fault::Endless)?;
        self.text.push_str(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_are_resolved_as_python_does() {
        let settings =
            [("home", "/h"), ("base", "%(home)s/b"), ("loop", "%(loop)s"), ("with space", "w"), ("half", "50%")];
        let find = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        for (value, expected) in [
            ("", Ok("")),
            ("a%%40b", Ok("a%40b")),
            ("%%%%", Ok("%%")),
            ("%(base)s/%(home)s", Ok("/h/b//h")),
            ("%(with space)s", Ok("w")),
            ("%%(home)s", Ok("%(home)s")),
            ("a%40b", Err(Fault::Percent)),
            ("a%", Err(Fault::Percent)),
            ("%(home)", Err(Fault::Percent)),
            ("%(home", Err(Fault::Percent)),
            ("%()s", Err(Fault::Percent)),
            ("%(home)d", Err(Fault::Percent)),
            ("%(half)s", Err(Fault::Percent)),
            ("%(nobody)s", Err(Fault::Missing)),
            ("%(Home)s", Err(Fault::Missing)),
            ("%(loop)s", Err(Fault::Endless)),
        ] {
            assert_eq!(
                interpolate(value, &find).as_deref().map(String::as_str),
                expected.as_ref().map(|text| *text),
                "{value}"
            );
        }
    }

    #[test]
    fn references_that_multiply_are_bounded() {
        for last in ["x", ""] {
            let values: Vec<String> =
                (1..9).map(|level| format!("%({level})s").repeat(20)).chain([last.to_owned()]).collect();
            let find = |name: &str| values.get(name.parse::<usize>().ok()?).map(String::as_str);
            assert_eq!(interpolate("%(0)s", &find), Err(Fault::Endless), "`{last}`");
        }
    }
}
