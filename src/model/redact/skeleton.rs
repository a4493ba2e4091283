//! Skeletons: a text reduced by removing case, accents, compatibility forms and everything between letters, so that
//! different spellings of a secret compare equal.
//!
//! A skeleton is a sequence of bytes, one for each letter or digit: an ASCII letter stands for itself (similar letters
//! share one byte), any other letter for one of 128 values. A window of a skeleton fits into one number.

use std::sync::LazyLock;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton as prototype;
use zeroize::Zeroizing;

use super::remembered::Remembered;

/// The symbols of a skeleton.
pub(super) type Symbols = Zeroizing<Vec<u8>>;

/// The characters that a skeleton keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Letters and digits.
    Letters,
    /// All visible characters, except quotes and backslashes, which escaping doubles or adds.
    Visible,
    /// Letters and digits; those of other scripts are replaced by the Latin letters that they resemble.
    Lookalikes,
    /// The letters and digits of ASCII: what remains of a text whose encoding was not recognised.
    Ascii,
    /// The bytes themselves.
    Bytes,
}

/// The skeleton of `text`.
pub(super) fn skeleton(text: &str, alphabet: Alphabet) -> Symbols {
    let mut symbols = Zeroizing::new(Vec::with_capacity(text.len() + 8));
    skeleton_in(text, alphabet, &mut symbols);
    symbols
}

/// Writes the skeleton of `text` to `symbols`, replacing its content.
pub(super) fn skeleton_in(text: &str, alphabet: Alphabet, symbols: &mut Symbols) {
    if text.is_ascii() && !matches!(alphabet, Alphabet::Lookalikes | Alphabet::Ascii) {
        return skeleton_of_bytes(text.as_bytes(), alphabet, symbols);
    }
    symbols.clear();
    for character in text.chars() {
        push(character, alphabet, symbols);
    }
}

/// Writes the skeleton of `bytes` read as Latin-1 to `symbols`, replacing its content. Bytes outside ASCII are usually
/// not text at all, so this must be fast.
pub(super) fn skeleton_of_bytes(bytes: &[u8], alphabet: Alphabet, symbols: &mut Symbols) {
    static LETTERS: LazyLock<[[u8; 3]; 256]> = LazyLock::new(|| latin(Alphabet::Letters));
    static VISIBLE: LazyLock<[[u8; 3]; 256]> = LazyLock::new(|| latin(Alphabet::Visible));
    symbols.clear();
    let table = match alphabet {
        Alphabet::Letters => &*LETTERS,
        Alphabet::Visible => &*VISIBLE,
        Alphabet::Lookalikes | Alphabet::Ascii | Alphabet::Bytes => return symbols.extend_from_slice(bytes),
    };
    for byte in bytes {
        let folded = table[usize::from(*byte)];
        if folded[0] != 0 {
            symbols.push(folded[0]);
            if folded[1] != 0 {
                symbols.extend(folded[1..].iter().filter(|symbol| **symbol != 0));
            }
        }
    }
}

fn latin(alphabet: Alphabet) -> [[u8; 3]; 256] {
    std::array::from_fn(|byte| {
        let mut folded = Zeroizing::new(Vec::new());
        push(u8::try_from(byte).map_or('\0', char::from), alphabet, &mut folded);
        std::array::from_fn(|place| folded.get(place).copied().unwrap_or_default())
    })
}

/// Adds the symbols of `character` in `alphabet`.
pub(super) fn push(character: char, alphabet: Alphabet, symbols: &mut Vec<u8>) {
    static LETTERS: Remembered = Remembered::new();
    static VISIBLE: Remembered = Remembered::new();
    static LOOKALIKES: Remembered = Remembered::new();
    let remembered = match alphabet {
        Alphabet::Bytes => return symbols.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        _ if character.is_ascii() => return push_ascii(character, alphabet, symbols),
        Alphabet::Ascii => return,
        Alphabet::Letters => &LETTERS,
        Alphabet::Visible => &VISIBLE,
        Alphabet::Lookalikes => &LOOKALIKES,
    };
    remembered.push(character, symbols, |symbols| {
        for part in std::iter::once(enclosed(character)).nfkd() {
            push_part(part, alphabet, symbols);
        }
    });
}

fn push_ascii(character: char, alphabet: Alphabet, symbols: &mut Vec<u8>) {
    if character.is_ascii_alphanumeric() {
        symbols.push(match character.to_ascii_lowercase() {
            '0' => b'o',
            '1' | 'i' => b'l',
            letter => u8::try_from(letter).unwrap_or_default(),
        });
    } else if alphabet == Alphabet::Visible && is_kept(character) {
        symbols.push(u8::try_from(character).unwrap_or_default());
    }
}

/// Adds one character of a decomposition.
fn push_part(part: char, alphabet: Alphabet, symbols: &mut Vec<u8>) {
    if part.is_ascii() {
        return push_ascii(part, alphabet, symbols);
    }
    if is_ignorable(part) || is_combining_mark(part) {
        return;
    }
    if alphabet == Alphabet::Lookalikes {
        let mut buffer = [0; 4];
        let alike: String = prototype(part.encode_utf8(&mut buffer)).collect();
        // The prototype of `m` is `rn`, but an ASCII `m` keeps its own symbol.
        for letter in alike.replace("rn", "m").chars() {
            push_folded(enclosed(letter), alphabet, symbols);
        }
    } else {
        push_folded(part, alphabet, symbols);
    }
}

/// Adds `letter` without its case. Converts to upper case first, since several letters may share one upper case.
fn push_folded(letter: char, alphabet: Alphabet, symbols: &mut Vec<u8>) {
    for folded in letter.to_uppercase().flat_map(char::to_lowercase) {
        if folded.is_ascii() {
            push_ascii(folded, alphabet, symbols);
        } else if is_ignorable(folded) || is_combining_mark(folded) {
        } else if folded.is_alphanumeric() || alphabet == Alphabet::Visible && is_kept(folded) {
            // A hash of the character in the upper seven bits.
            let mixed = u32::from(folded).wrapping_mul(0x9e37_79b1) >> 25;
            symbols.push(0x80 | u8::try_from(mixed).unwrap_or_default());
        }
    }
}

/// Whether [`Alphabet::Visible`] keeps `character`, which is not a letter.
fn is_kept(character: char) -> bool {
    !(character.is_whitespace() || character.is_control() || matches!(character, '"' | '\'' | '\\' | '\u{fffd}'))
}

/// Converts small capitals, and letters in circles, squares and flags, to letters. Unicode has no decomposition for
/// them.
fn enclosed(character: char) -> char {
    const SMALL_CAPITALS: &str = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡ-ʏᴢ";
    if let Some((letter, _)) = ('a'..='z').zip(SMALL_CAPITALS.chars()).find(|(_, capital)| *capital == character) {
        return letter;
    }
    let from = |first: u32| char::from_u32(u32::from('A') + u32::from(character) - first).unwrap_or(character);
    match character {
        '\u{1f150}'..='\u{1f169}' => from(0x1f150),
        '\u{1f170}'..='\u{1f189}' => from(0x1f170),
        '\u{1f1e6}'..='\u{1f1ff}' => from(0x1f1e6),
        _ => character,
    }
}

/// Whether `character` is invisible (`Default_Ignorable_Code_Point`).
pub(super) fn is_ignorable(character: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str, alphabet: Alphabet) -> bool {
        skeleton(one, alphabet) == skeleton(other, alphabet)
    }

    #[test]
    fn spellings_of_one_text_have_one_skeleton() {
        for (one, other) in [
            ("hunter22", "H U-N'T''E\u{200b}R\u{3164}2\u{ad}2"),
            ("hunter22", "ｈｕｎｔｅｒ２２"),
            ("hunter22", "𝐡𝑢𝓃𝔱𝖾𝗋²₂"),
            ("café-straße", "CAFE\u{301} STRASSE"),
            ("ΚΩΔΙΚΟΣ", "κωδικος"),
            ("верная", "ВЕРНАЯ"),
            ("office", "oﬃce"),
            ("İstanbul", "istanbul"),
            ("hello", "🅗🅴🇱🇱🇴"),
            ("lol1O0", "l0lI00"),
        ] {
            assert!(same(one, other, Alphabet::Letters), "{one} {other}");
        }
        assert!(!same("hunter22", "hunter23", Alphabet::Letters));
        assert!(!same("верная", "верноя", Alphabet::Letters));
    }

    #[test]
    fn letters_that_look_alike_have_one_skeleton() {
        for (one, other) in [("Hopecapex", "Норесарех"), ("smorgas", "sm\u{f8}rgas"), ("wallet", "ԝаllеt")]
        {
            assert!(same(one, other, Alphabet::Lookalikes), "{one} {other}");
            assert!(!same(one, other, Alphabet::Letters), "{one} {other}");
        }
    }

    #[test]
    fn bytes_are_read_as_latin_1() {
        let text: String = ('\0'..='\u{ff}').collect();
        let bytes: Vec<u8> = (0..=255).collect();
        for alphabet in [Alphabet::Letters, Alphabet::Visible] {
            let mut symbols = Symbols::default();
            skeleton_of_bytes(&bytes, alphabet, &mut symbols);
            assert_eq!(symbols, skeleton(&text, alphabet), "{alphabet:?}");
        }
    }

    #[test]
    fn ascii_has_the_skeleton_of_its_characters() {
        let text: String = ('\0'..='\x7f').collect();
        for alphabet in [Alphabet::Letters, Alphabet::Visible, Alphabet::Bytes] {
            let mut symbols = Symbols::default();
            text.chars().for_each(|character| push(character, alphabet, &mut symbols));
            assert_eq!(symbols, skeleton(&text, alphabet), "{alphabet:?}");
        }
    }

    #[test]
    fn what_is_seen_keeps_its_signs() {
        assert_eq!(*skeleton("a-B' \"c!\n", Alphabet::Visible), b"a-bc!");
        assert_eq!(*skeleton("Zür\u{fffd}ich", Alphabet::Ascii), b"zrlch");
    }
}
