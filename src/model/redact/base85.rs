//! Bytes encoded in letters and punctuation: base 85 with its three alphabets, and uuencode.
//!
//! Nearly every character is a digit of these encodings, so only words that resemble nothing else are decoded, from
//! each offset at which a group may begin.

/// One alphabet of base 85: the value of each byte, or [`NONE`].
type Digits = [u8; 256];

/// Marks a byte that is not a digit.
const NONE: u8 = 0xff;

/// The alphabets of `ascii85` (btoa, PDF, PostScript), Z85 (ZeroMQ's RFC 32), and RFC 1924 (git, Python).
const ALPHABETS: [Digits; 3] = [
    digits(b"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu"),
    digits(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"),
    digits(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"),
];

const fn digits(alphabet: &[u8; 85]) -> Digits {
    let (mut table, mut place) = ([NONE; 256], 0);
    while place < 85_u8 {
        table[alphabet[place as usize] as usize] = place;
        place += 1;
    }
    table
}

/// The bytes that `text` may decode to, from each offset at which a group may begin.
pub(super) fn decoded(text: &str) -> Vec<Vec<u8>> {
    let words: Vec<&[u8]> = text.split(|letter: char| !letter.is_ascii_graphic()).filter_map(odd).collect();
    let mut found = Vec::new();
    if !words.is_empty() {
        for alphabet in &ALPHABETS {
            for start in 0..5 {
                let mut bytes = Vec::new();
                for word in &words {
                    push(alphabet, word.get(start..).unwrap_or_default(), &mut bytes);
                }
                found.push(bytes);
            }
        }
    }
    let lines: Vec<&[u8]> =
        text.as_bytes().split(|byte| !matches!(byte, b' '..=b'`')).filter(|line| line.len() > 6).collect();
    if !lines.is_empty() {
        for start in 0..4 {
            found.push(lines.iter().flat_map(|line| uudecoded(line.get(start..).unwrap_or_default())).collect());
        }
    }
    found
}

/// The bytes of `word`, if [`is_odd`].
fn odd(word: &str) -> Option<&[u8]> {
    is_odd(word).then_some(word.as_bytes())
}

/// Whether `word` is neither a natural word nor a number, also with a punctuation mark before and after it: the class
/// of its characters (lower case, upper case, digit, other) changes at least [`CHANGES`] times.
pub(super) fn is_odd(word: &str) -> bool {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let bytes = word.as_bytes();
    let changes = bytes.array_windows().filter(|[one, other]| kind(*one) != kind(*other));
    bytes.len() > 4 && bytes.iter().any(u8::is_ascii_alphabetic) && changes.take(CHANGES).count() == CHANGES
}

/// The minimum number of changes of the character class in an odd word.
const CHANGES: usize = 3;

/// Adds the bytes that `word` decodes to. Closing punctuation (`>`, `"`) is read once as digits and once not.
fn push(alphabet: &Digits, word: &[u8], bytes: &mut Vec<u8>) {
    push_groups(alphabet, word, bytes);
    let closing = word.iter().rev().take_while(|byte| b"~>\"')]}!.,;:".contains(byte)).count();
    if closing > 0 {
        push_groups(alphabet, &word[..word.len() - closing], bytes);
    }
}

fn push_groups(alphabet: &Digits, word: &[u8], bytes: &mut Vec<u8>) {
    let (mut group, mut count) = (0_u64, 0);
    for digit in word.iter().map(|byte| alphabet[usize::from(*byte)]).filter(|digit| *digit != NONE) {
        group = group * 85 + u64::from(digit);
        count += 1;
        if count == 5 {
            push_bytes(group, 4, bytes);
            (group, count) = (0, 0);
        }
    }
    if count > 1 {
        // An incomplete group is rounded up.
        let whole = (count..5).fold(group, |group, _| group * 85 + 84);
        push_bytes(whole, count - 1, bytes);
    }
}

/// Adds the first `count` of the four bytes of `group`.
fn push_bytes(group: u64, count: usize, bytes: &mut Vec<u8>) {
    if let Ok(group) = u32::try_from(group) {
        bytes.extend_from_slice(&group.to_be_bytes()[..count]);
    }
}

/// Decodes one `line` of uuencode.
fn uudecoded(line: &[u8]) -> impl Iterator<Item = u8> {
    line.chunks(4).flat_map(|group| {
        let joined = group.iter().fold(0_u32, |joined, byte| joined << 6 | u32::from((byte - b' ') & 0x3f));
        let whole = joined << (6 * (4 - group.len()));
        whole.to_be_bytes().into_iter().skip(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_wherever_a_group_begins() {
        for (written, plain) in [
            ("F#.<H06A^;Gp#j94XG;4", "s3cr/t+Ky N0=%w9"),
            ("FZO2YDKKH11,8", "u:hunter22"),
            ("<~BQ\\37ATB@W~>", "hunter-1"),
            ("B2drDflwZqC{2<o", "s3cr/t+Ky N0"),
            ("b2DRdFLWzQc_2<OJtcQJ", "s3cr/t+Ky N0=%w9"),
            ("czJqgb#8QJaxyX", "xyzhunter22"),
            ("0<S-C<B]T*TMY($XP/25W.0``", "s3cr/t+Ky N0=%w9"),
            ("0<S-C<B]T*TMY($XP/25W.0  ", "s3cr/t+Ky N0=%w9"),
        ] {
            for (before, behind) in [("", ""), ("bad: ", ""), ("password='", "'."), ("<", ">!")] {
                let text = format!("{before}{written}{behind}");
                let is_in = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).contains(plain);
                assert!(decoded(&text).into_iter().any(is_in), "{text}");
            }
        }
    }

    #[test]
    fn ordinary_words_are_passed_over() {
        for text in ["", "password authentication failed", "Access denied", "12345", "étranger", "a.b"] {
            assert_eq!(decoded(text), Vec::<Vec<u8>>::new(), "{text}");
        }
    }
}
