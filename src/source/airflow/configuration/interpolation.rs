//! Interpolates `%` in a value of `airflow.cfg`: `%%` is a percent sign, `%(name)s` is another setting of the section.

use zeroize::Zeroizing;

use crate::model::reason::unusable::Interpolation;

/// The maximum depth of references, the same as in Python.
const DEPTH: usize = 10;

/// The limit of a value: its length in bytes plus the number of its pieces.
const LIMIT: usize = 64 << 10;

/// Resolves every `%` in `value`. `find` returns other settings as written.
pub(super) fn interpolate<'a>(
    value: &'a str,
    find: &dyn Fn(&str) -> Option<&'a str>,
) -> Result<Zeroizing<String>, Interpolation> {
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
    fn resolve(&mut self, mut rest: &'a str, depth: usize) -> Result<(), Interpolation> {
        if depth > DEPTH {
            return Err(Interpolation::Endless);
        }
        while let Some((before, behind)) = rest.split_once('%') {
            self.append(before)?;
            if let Some(behind) = behind.strip_prefix('%') {
                self.append("%")?;
                rest = behind;
            } else {
                let reference = behind.strip_prefix('(').and_then(|behind| behind.split_once(')'));
                let (name, behind) = reference.filter(|(name, _)| !name.is_empty()).ok_or(Interpolation::Percent)?;
                rest = behind.strip_prefix('s').ok_or(Interpolation::Percent)?;
                self.resolve((self.find)(name).ok_or(Interpolation::Missing)?, depth + 1)?;
            }
        }
        self.append(rest)
    }

    /// Appends `piece`. An empty piece counts towards the limit too.
    fn append(&mut self, piece: &str) -> Result<(), Interpolation> {
        self.left = self.left.checked_sub(piece.len() + 1).ok_or(Interpolation::Endless)?;
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
            ("a%40b", Err(Interpolation::Percent)),
            ("a%", Err(Interpolation::Percent)),
            ("%(home)", Err(Interpolation::Percent)),
            ("%(home", Err(Interpolation::Percent)),
            ("%()s", Err(Interpolation::Percent)),
            ("%(home)d", Err(Interpolation::Percent)),
            ("%(half)s", Err(Interpolation::Percent)),
            ("%(nobody)s", Err(Interpolation::Missing)),
            ("%(Home)s", Err(Interpolation::Missing)),
            ("%(loop)s", Err(Interpolation::Endless)),
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
            assert_eq!(interpolate("%(0)s", &find), Err(Interpolation::Endless), "`{last}`");
        }
    }
}
