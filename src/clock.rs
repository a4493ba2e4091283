//! The time of day, whatever the machine's clock says: one that stands outside the years 0 to 9999, which no
//! timestamp of ours can show, counts as the nearest that can be shown.

use std::time::SystemTime;

use jiff::Timestamp;

/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -62_167_219_200;

/// 9999-12-30T00:00:00Z.
const LAST: i64 = 253_402_128_000;

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    shown(SystemTime::now())
}

fn shown(time: SystemTime) -> Timestamp {
    let [first, last] = [FIRST, LAST].map(|second| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH));
    match Timestamp::try_from(time) {
        Ok(now) => now.clamp(first, last),
        Err(_) if time < SystemTime::UNIX_EPOCH => first,
        Err(_) => last,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_is_far_off_still_tells_a_time() {
        let year = Duration::from_hours(365 * 24);
        for (time, shown_year) in [
            (SystemTime::UNIX_EPOCH, "1970-"),
            (SystemTime::UNIX_EPOCH + 20_000 * year, "9999-"),
            (SystemTime::UNIX_EPOCH + 8_020 * year, "9984-"),
            (SystemTime::UNIX_EPOCH - 3_000 * year, "0000-"),
        ] {
            assert!(shown(time).to_string().starts_with(shown_year), "{}", shown(time));
        }
    }
}
