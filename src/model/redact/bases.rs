//! Encoded bytes: in base 16, 32 or 64, or as lists of numbers.
//!
//! Neither the start of an encoded text nor the separators between its digits are known. So all other characters are
//! dropped, and the digits are decoded from each offset at which a byte may begin.

/// One encoding of bytes as digits.
pub(super) struct Base {
    /// Bits per digit.
    bits: u32,
    /// The number of consecutive offsets at which a byte may begin.
    starts: usize,
    digit: fn(u8) -> Option<u8>,
}

/// The supported encodings.
pub(super) const BASES: [Base; 3] = [
    Base { bits: 4, starts: 2, digit: base16 },
    Base { bits: 5, starts: 8, digit: base32 },
    Base { bits: 6, starts: 4, digit: base64 },
];

fn base16(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn base32(digit: u8) -> Option<u8> {
    match digit {
        b'a'..=b'z' => Some(digit - b'a'),
        b'A'..=b'Z' => Some(digit - b'A'),
        b'2'..=b'7' => Some(digit - b'2' + 26),
        _ => None,
    }
}

fn base64(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The other base 32 of RFC 4648, with its digits in alphabetical order, which hardly any program writes. It is decoded
/// only from words that may consist of such digits, all of one case, so that other noise costs nothing.
const BASE32_HEX: Base = Base { bits: 5, starts: 8, digit: base32_hex };

fn base32_hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'v' => Some(digit - b'a' + 10),
        b'A'..=b'V' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Decodes the words of `text` that may be in the other base 32, all together: those with digits, and the letters-only
/// words between them.
pub(super) fn decoded_hex32(text: &str) -> Vec<Vec<u8>> {
    let is_digits = |word: &str| {
        let is_of = |letters: std::ops::RangeInclusive<u8>| {
            word.bytes().all(|byte| byte.is_ascii_digit() || letters.contains(&byte))
        };
        is_of(b'A'..=b'V') || is_of(b'a'..=b'v')
    };
    let words: Vec<&str> = text.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let of_digits: String = words.iter().copied().filter(|word| is_digits(word)).collect();
    let is_written = of_digits.len() >= HEX32 && of_digits.bytes().any(|byte| byte.is_ascii_digit());
    if is_written { BASE32_HEX.decoded(&of_digits).collect() } else { Vec::new() }
}

/// The number of digits that encode four letters.
const HEX32: usize = 7;

/// Decodes numbers that follow each other without separators in `text`, if they are enough for a secret: eight digits
/// each in base 2, three in base 8 or 10, or a variable number in base 10.
pub(super) fn in_a_row(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for row in text.split(|letter: char| !letter.is_ascii_digit()).filter(|row| row.len() >= ROW) {
        let digits = row.as_bytes();
        if digits.len() >= 2 * ROW && digits.iter().all(|digit| matches!(digit, b'0' | b'1')) {
            found.extend((0..8).map(|start| numbers(&digits[start..], |_| 8, 2)));
        }
        for start in 0..3 {
            let digits = &digits[start..];
            found.push(numbers(digits, |_| 3, 8));
            found.push(numbers(digits, |_| 3, 10));
            // Without leading zeros, of the codes of letters only those from 100 on begin with a one.
            found.push(numbers(digits, |first| if first == b'1' { 3 } else { 2 }, 10));
        }
    }
    found
}

/// The number of decimal digits that encode four letters.
const ROW: usize = 8;

/// The numbers in `digits` of base `radix`; the first digit determines the length of each. A blank stands for a number
/// that is not a byte.
fn numbers(mut digits: &[u8], count: impl Fn(u8) -> usize, radix: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    while let [first, ..] = digits {
        let (number, rest) = digits.split_at(digits.len().min(count(*first)));
        let number = str::from_utf8(number).ok().and_then(|number| u8::from_str_radix(number, radix).ok());
        bytes.push(number.unwrap_or(b' '));
        digits = rest;
    }
    bytes
}

impl Base {
    /// The bytes that `text` may decode to, from each offset at which one may begin.
    pub(super) fn decoded(&self, text: &str) -> impl Iterator<Item = Vec<u8>> {
        let digits: Vec<u8> = if self.bits == 4 && text.contains(['x', 'X']) {
            text.replace("0x", "").replace("0X", "").bytes().filter_map(self.digit).collect()
        } else {
            text.bytes().filter_map(self.digit).collect()
        };
        let bits = self.bits;
        (0..self.starts).filter_map(move |start| Some(joined(digits.get(start..)?, bits)))
    }
}

/// Decodes `digits` of base 64 as UTF-16 text; empty if that is invalid.
pub(super) fn base64_units(digits: &str) -> String {
    let bytes = joined(&digits.bytes().filter_map(base64).collect::<Vec<u8>>(), 6);
    let units: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from_utf16(&units).unwrap_or_default()
}

/// Joins `digits` of `bits` bits each to bytes.
fn joined(digits: &[u8], bits: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut held, mut count) = (0_u32, 0);
    for digit in digits {
        held = held << bits | u32::from(*digit);
        count += bits;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(held >> count & 0xff).unwrap_or_default());
        }
    }
    bytes
}

/// The bases that lists of numbers are read in.
pub(super) const RADICES: [u32; 4] = [2, 8, 10, 16];

/// The characters whose codes are listed in `text`, in base `radix`, if they are enough for a secret. Negative numbers
/// are signed bytes.
pub(super) fn listed(text: &str, radix: u32) -> Option<String> {
    if text.bytes().filter(u8::is_ascii_digit).count() < 4 {
        return None;
    }
    let mut listed = String::new();
    let mut count = 0;
    let mut before = ['\0'; 2];
    for token in text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let word = token.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let digits = word.trim_start_matches(['x', 'X', 'u', 'U', 'o', 'b']);
        // The prefixes that programs write: `0x5a`, `0o132`, `0b1011010`.
        let marks = match radix {
            2 => ["0b", "0B"],
            8 => ["0o", "0O"],
            _ => ["0x", "0X"],
        };
        let digits = marks.iter().find_map(|mark| digits.strip_prefix(mark)).unwrap_or(digits);
        let is_long_enough = match radix {
            2 => (6..=8).contains(&digits.len()),
            8 => (2..=4).contains(&digits.len()),
            10 => (1..=7).contains(&digits.len()),
            _ => (1..=6).contains(&digits.len()),
        };
        if let Some(number) = u32::from_str_radix(digits, radix).ok().filter(|_| is_long_enough) {
            let is_negative = before[1] == '-' && !before[0].is_ascii_digit() && number <= 128;
            let number = if is_negative { 256 - number } else { number };
            listed.extend(char::from_u32(number));
            count += 1;
        }
        for letter in token.chars() {
            before = [before[1], letter];
        }
    }
    (count >= 4 && !listed.chars().all(char::is_control)).then_some(listed)
}

/// Reverses the scrambling of a password in the login packet of SQL Server, where the halves of every byte are swapped
/// and some bits inverted.
pub(super) fn unscrambled(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| (byte ^ 0xa5).rotate_left(4)).collect()
}

/// Whether `bytes` may be such a password in Latin letters: every second byte is then the scrambled zero.
pub(super) fn may_be_scrambled(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0xa5, bytes).nth(3).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_among(base: usize, text: &str, plain: &[u8]) -> bool {
        BASES[base].decoded(text).any(|bytes| bytes.windows(plain.len()).any(|window| window == plain))
    }

    #[test]
    fn bytes_are_found_wherever_they_begin() {
        for lead in ["", "x", "ab", "a bad one: "] {
            for (base, written) in [
                (0, "68756e746572"),
                (0, "68 75:6E-74'65\n72"),
                (0, "0x68, 0x75, 0x6e, 0x74, 0x65, 0x72"),
                (0, r"\x68\x75\x6e\x74\x65\x72"),
                (1, "NB2W45DFOI======"),
                (1, "nb2w 45df oi"),
                (2, "aHVudGVy"),
                (2, "aHVu\r\n dGVy"),
                (2, "dXM6aHVudGVyIGFuZCBtb3Jl"),
            ] {
                assert!(is_among(base, &format!("{lead}{written}."), b"hunter"), "{lead}{written}");
            }
        }
    }

    #[test]
    fn the_other_base_32_is_read_in_words_of_one_case() {
        for lead in ["", "a bad one: ", "X"] {
            for written in ["D1QMST35E8======", "d1qmst35e8", "D1QM ST35\r\nE8"] {
                let found = decoded_hex32(&format!("{lead} {written}."));
                let is_in = |bytes: &Vec<u8>| bytes.windows(6).any(|window| window == b"hunter");
                assert!(found.iter().any(is_in), "{lead}{written}");
            }
        }
        for text in ["", "password rejected", "a1b2", "D1qMsP3iCo", "D1QMSP3ICOWXYZ"] {
            assert_eq!(decoded_hex32(text), Vec::<Vec<u8>>::new(), "{text}");
        }
    }

    #[test]
    fn digits_in_a_row_are_letters() {
        let is_in = |text: &str, plain: &[u8]| {
            in_a_row(text).iter().any(|bytes| bytes.windows(plain.len()).any(|window| window == plain))
        };
        for text in [
            "B'011010000111010101101110011101000110010101110010'",
            "150165156164145162",
            "104117110116101114",
            "x104117110116101114x",
            "0104117110116101114",
        ] {
            assert!(is_in(text, b"hunter"), "{text}");
        }
        assert!(is_in("90113577597110", b"Zq9Kan"));
        assert_eq!(in_a_row("16.4 (Debian 1234567)"), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn numbers_are_letters() {
        for (radix, text) in [
            (10, "[104, 117, 110, 116, 101, 114]"),
            (10, "CHAR(104)+CHAR(117)+CHAR(110)+CHAR(116)+CHAR(101)+CHAR(114)"),
            (8, "150 165 156 164 145 162"),
            (8, r"\150\165\156\164\145\162"),
            (2, "01101000 01110101 01101110 01110100 01100101 01110010"),
            (16, "U+0068 U+0075 U+006E U+0074 U+0065 U+0072"),
            (16, "0x68,0x75,0x6e,0x74,0x65,0x72"),
        ] {
            assert!(listed(text, radix).unwrap().contains("hunter"), "{text}");
        }
        assert_eq!(listed("-61, -87, 97, 98", 10).unwrap(), "Ã©ab");
        assert_eq!(listed("16.4 (Debian)", 10), None);
    }

    #[test]
    fn a_scrambled_password_is_read() {
        let scrambled: Vec<u8> =
            "hunter".encode_utf16().flat_map(u16::to_le_bytes).map(|byte| byte.rotate_left(4) ^ 0xa5).collect();
        assert_eq!(unscrambled(&scrambled), b"h\0u\0n\0t\0e\0r\0");
        assert!(may_be_scrambled(&scrambled) && !may_be_scrambled(b"plain text"));
    }
}
