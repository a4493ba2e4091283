//! `Remembered`: a cache of the symbols of characters outside ASCII, one for each alphabet. Bytes that are not text
//! yield tens of thousands of such characters when read as UTF-16, and decomposing and folding one takes a hundred
//! times as long as a lookup.

use std::sync::atomic::{AtomicU32, Ordering};

/// The size of the Basic Multilingual Plane; characters beyond it are rare.
const PLANE: usize = 0x1_0000;

/// The maximum number of symbols that fit next to their count.
const MOST: usize = 3;

/// For each character, its symbols after their count plus one, or 0 if not computed yet.
pub(super) struct Remembered([AtomicU32; PLANE]);

impl Remembered {
    #[expect(clippy::large_stack_arrays, reason = "it is made for statics only")]
    pub(super) const fn new() -> Self {
        Self([const { AtomicU32::new(0) }; PLANE])
    }

    /// Adds the symbols of `character` to `symbols`. If they are not cached, `fold` computes them.
    pub(super) fn push(&self, character: char, symbols: &mut Vec<u8>, fold: impl FnOnce(&mut Vec<u8>)) {
        let Some(known) = usize::try_from(u32::from(character)).ok().and_then(|place| self.0.get(place)) else {
            return fold(symbols);
        };
        let [count, kept @ ..] = known.load(Ordering::Relaxed).to_le_bytes();
        if let Some(count) = count.checked_sub(1) {
            return symbols.extend(kept.iter().take(usize::from(count)));
        }
        let from = symbols.len();
        fold(symbols);
        let folded = &symbols[from..];
        if let Ok(count) = u8::try_from(folded.len())
            && folded.len() <= MOST
        {
            let kept = |place: usize| folded.get(place).copied().unwrap_or_default();
            known.store(u32::from_le_bytes([count + 1, kept(0), kept(1), kept(2)]), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_worked_out_once_is_the_same_the_second_time() {
        static REMEMBERED: Remembered = Remembered::new();
        for (character, folded) in [('é', &b"e"[..]), ('ﬃ', b"ffl"), ('ﷺ', b"more than three"), ('́', b""), ('🔑', b"k")]
        {
            let is_kept = character <= '\u{ffff}' && folded.len() <= MOST;
            for round in 0..3 {
                let (mut symbols, mut asked) = (b"x".to_vec(), false);
                REMEMBERED.push(character, &mut symbols, |symbols| {
                    asked = true;
                    symbols.extend_from_slice(folded);
                });
                assert_eq!(&symbols[1..], folded, "{character}");
                assert_eq!(asked, round == 0 || !is_kept, "{character}");
            }
        }
    }
}
