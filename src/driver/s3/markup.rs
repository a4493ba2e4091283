//! The XML of answers, before the SDK parses it: checks that it is complete and shallow, and removes what the SDK's
//! parser does not support. Does not interpret it.

use std::borrow::Cow;

/// A document of S3 is about five elements deep.
const DEPTH: usize = 32;

/// Whether no element is nested deeper than those of S3, since the SDK would spend much time on it.
pub(super) fn is_shallow(document: &[u8]) -> bool {
    let mut depth = 0_usize;
    for tag in document.split(|byte| *byte == b'<').skip(1) {
        match tag {
            [b'?' | b'!', ..] => {}
            [b'/', ..] => depth = depth.saturating_sub(1),
            _ if tag.split(|byte| *byte == b'>').next().is_some_and(|tag| tag.ends_with(b"/")) => {}
            _ => depth += 1,
        }
        if depth > DEPTH {
            return false;
        }
    }
    true
}

/// Whether an XML document ends with the end of its first element.
pub(super) fn is_whole(document: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(document) else { return false };
    let Some(root) = text.split('<').find(|tag| tag.starts_with(|first: char| first.is_ascii_alphabetic())) else {
        return false;
    };
    let name = root.split(|end: char| end.is_whitespace() || matches!(end, '>' | '/')).next().unwrap_or_default();
    let text = text.trim_end();
    text.ends_with(&format!("</{name}>")) || text.ends_with(root.trim_end()) && root.trim_end().ends_with("/>")
}

/// `document` without its comments and with its CDATA sections written as text, since the SDK's parser supports
/// neither. Both forms are equivalent for every other XML parser.
pub(super) fn plain(document: Vec<u8>) -> Vec<u8> {
    const SECTIONS: [(&str, &str); 2] = [("<!--", "-->"), ("<![CDATA[", "]]>")];
    let Ok(text) = str::from_utf8(&document) else { return document };
    if !SECTIONS.iter().any(|(begin, _)| text.contains(begin)) {
        return document;
    }
    let (mut rest, mut plain) = (text, String::with_capacity(text.len()));
    while let Some(start) = rest.find("<!") {
        let (before, section) = rest.split_at(start);
        plain.push_str(before);
        let known = SECTIONS.iter().find(|(begin, _)| section.starts_with(begin));
        let Some((begin, end)) = known else {
            plain.push_str("<!");
            rest = &section[2..];
            continue;
        };
        // A section without an end stays, for the parser to refuse.
        let Some((inner, after)) = section[begin.len()..].split_once(end) else {
            plain.push_str(section);
            return plain.into_bytes();
        };
        if *end == "]]>" {
            plain.push_str(&escaped(inner));
        }
        rest = after;
    }
    plain.push_str(rest);
    plain.into_bytes()
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_as_deep_as_its_elements() {
        let nested = |depth| [b"<a>".repeat(depth), b"</a>".repeat(depth)].concat();
        let wide = [&b"<?xml?><a>"[..], &b"<b/><c x=\"y\"></c><!-- -->".repeat(100), b"</a>"].concat();
        for shallow in [nested(32), wide, b"no document".to_vec(), b"</a>".to_vec()] {
            assert!(is_shallow(&shallow), "{}", shallow.escape_ascii());
        }
        assert!(!is_shallow(&nested(33)));
    }

    #[test]
    fn half_a_document_is_told_from_a_whole_one() {
        for whole in ["<A></A>", "<?xml version=\"1.0\"?>\n<A x=\"y\"><B/></A>\n", "<A/>", "<A x=\"y\"/>"] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
        for half in ["", "text", "<A>", "<A><B></B>", "<A><B/>", "<A></A", "<?xml version=\"1.0\"?>", "<A><C/"] {
            assert!(!is_whole(half.as_bytes()), "{half}");
        }
    }

    #[test]
    fn what_the_sdk_does_not_know_is_written_as_it_does() {
        for (document, expected) in [
            ("<Code><![CDATA[AccessDenied]]></Code>", "<Code>AccessDenied</Code>"),
            ("<Code><!-- why -->Access<!---->Denied</Code>", "<Code>AccessDenied</Code>"),
            ("<Code>Access<![CDATA[Den]]>ied</Code>", "<Code>AccessDenied</Code>"),
            ("<M><![CDATA[a <b> & ]] c]]></M>", "<M>a &lt;b&gt; &amp; ]] c</M>"),
            ("<M><![CDATA[<!-- x -->]]></M>", "<M>&lt;!-- x --&gt;</M>"),
            ("<M><!-- <![CDATA[x]]> --></M>", "<M></M>"),
            ("<!DOCTYPE a><a/>", "<!DOCTYPE a><a/>"),
            ("<!DOCTYPE a><a><!-- b --></a>", "<!DOCTYPE a><a></a>"),
            ("<a><!-- half", "<a><!-- half"),
            ("<a><![CDATA[half]]</a>", "<a><![CDATA[half]]</a>"),
            ("text", "text"),
        ] {
            assert_eq!(String::from_utf8(plain(document.as_bytes().to_vec())).unwrap(), expected, "{document}");
        }
        assert_eq!(plain(b"<!--\xff-->".to_vec()), b"<!--\xff-->");
    }
}
