//! Characters that steer a terminal, or hide or reorder what stands around them.

/// Foreign text without control characters, bidirectional overrides and zero-width characters.
/// Line ends and tabs become spaces.
#[must_use]
pub fn strip_control(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => {
                if !stripped.ends_with(' ') {
                    stripped.push(' ');
                }
            }
            _ if is_hazard(character) => {}
            _ => stripped.push(character),
        }
    }
    stripped.trim().to_owned()
}

/// The owner's own text with hazards made visible (`\u{1b}`), never removed.
#[must_use]
pub fn escape_control(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hazard(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Whether `character` steers a terminal, or hides or reorders what stands around it.
#[must_use]
pub fn is_hazard(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_never_pass() {
        assert_eq!(strip_control("a\x1b[31mb\r\nc\u{202e}d\u{9b}e"), "a[31mb cde");
        assert_eq!(escape_control("a\x1bb"), "a\\u{1b}b");
    }
}
