//! Digests of a secret, as servers store them.

use super::shows;

/// Digests of `hunter22` with the login `etl`, made with Python's hashlib.
const DIGESTS: [(&str, &str); 12] = [
    ("PostgreSQL", "md5c9eee6e52658e85548238e266dcd61cb"),
    ("MySQL", "*0D5444D6D140CE8232A4FE0DE1919BB9DDFFAB60"),
    ("MySQL before 4.1", "7fe83cc446bb3acd"),
    ("MongoDB", "066960eefe3c43f688a32a2cc68cafd3"),
    ("MD5", "cb95015a436fe976eb38e45455372032"),
    ("SHA-1 in base64", "{SHA}YLOvi/43NWI8fUpe90m7asGkQTo="),
    ("SHA-256", "20d2fe5e369db54ec7090639a9dc30ec4d608604936239d39e2de07fda09eb0b"),
    ("SHA-256 in base64", "INL+XjadtU7HCQY5qdww7E1ghgSTYjnTni3gf9oJ6ws="),
    ("SHA-256 twice", "75ef8f5a571caca169c62c48d423d7d70744a54d1bc47c3abf6bd67340df4709"),
    ("SHA-256 for a URL", "INL-XjadtU7HCQY5qdww7E1ghgSTYjnTni3gf9oJ6ws"),
    ("cut after half of it", "20d2fe5e369db54ec7090639a9dc30ec…"),
    (
        "SHA-512",
        "e633ac1a9852f4a28539d8e6525c79d426cc78b96f48176a46622125504c5e87a9f27ac3d91620483883f6202856d8ac932ce764cce5952a526d399e43f32cf6",
    ),
];

#[test]
fn the_digest_of_a_secret_is_a_leak() {
    for (name, digest) in DIGESTS {
        for text in [digest.to_owned(), format!("stored: {digest}, which is another"), format!("'{digest}'")] {
            assert!(!shows("hunter22", &text), "{name}: {text}");
            assert!(shows("hunter23", &text), "{name}: {text}");
        }
    }
}

#[test]
fn a_short_secret_has_a_digest_too() {
    assert!(!shows("abc", "900150983cd24fb0d6963f7d28e17f72"));
    assert!(shows("abd", "900150983cd24fb0d6963f7d28e17f72"));
    // No digest is computed for what the result shows anyway.
    assert!(shows("etl", "2cc3a3b6e8e5c7ba5d3b6e3e6f6b5d5e"));
}
