//! `Range`: a range of values that raise an alert, in the notation of the plugin API: `[@]START:END`.

use std::str::FromStr;

/// A range: a value outside of it raises an alert, or with `@` one inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    text: String,
    inside: bool,
    start: f64,
    end: f64,
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || "write a range in seconds, as 2, 0.5:2, 10: or @0:1".to_owned();
        let (inside, bounds) = text.strip_prefix('@').map_or((false, text), |bounds| (true, bounds));
        let (start, end) = bounds.split_once(':').unwrap_or(("", bounds));
        let start = match start {
            "" => Some(0.0),
            "~" => Some(f64::NEG_INFINITY),
            start => number(start),
        };
        let end = if end.is_empty() && bounds.len() > 1 { Some(f64::INFINITY) } else { number(end) };
        match start.zip(end) {
            Some((start, end)) if start <= end => Ok(Self { text: text.to_owned(), inside, start, end }),
            _ => Err(invalid()),
        }
    }
}

/// Digits with a sign and a point: no exponent, and no name of a number.
fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte));
    text.parse().ok().filter(|_| is_plain)
}

impl Range {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `value` raises an alert.
    #[must_use]
    pub fn alerts(&self, value: f64) -> bool {
        (self.start..=self.end).contains(&value) == self.inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the plugin API, and more.
    #[test]
    fn a_range_alerts_outside_or_inside() {
        for (text, alerting, silent) in [
            ("10", &[-0.1, 10.1][..], &[0.0, 5.0, 10.0][..]),
            ("10:", &[9.9, -1.0], &[10.0, 1e9]),
            ("~:10", &[10.1], &[-1e9, 10.0]),
            ("10:20", &[9.9, 20.1], &[10.0, 20.0]),
            ("@10:20", &[10.0, 15.0, 20.0], &[9.9, 20.1]),
            (":2", &[2.1, -1.0], &[0.0, 2.0]),
            ("0", &[0.1], &[0.0]),
            ("-1:0.5", &[-1.5, 0.6], &[-1.0, 0.5]),
        ] {
            let range: Range = text.parse().unwrap();
            assert_eq!(range.as_str(), text);
            assert!(alerting.iter().all(|value| range.alerts(*value)), "{text}");
            assert!(!silent.iter().any(|value| range.alerts(*value)), "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in
            ["", ":", "@", "@:", "x", "2s", "1e3", "inf", "nan", "2:1", "1:2:3", "~", "1 2", "10;20", "--1", "|"]
        {
            assert!(text.parse::<Range>().is_err(), "{text}");
        }
    }
}
