//! A secret in rare forms: compressed, in base 85, in UTF-7, with separated or repeated letters; and short secrets in
//! base 16 and 64.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::shows;

const SECRET: &str = "s3cr/t+Ky N0=%w9";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_secret_is_found_in_what_few_programs_write() {
    let base64 = |bytes: &[u8]| STANDARD.encode(bytes);
    let gzip_twice = base64(&gzip(&gzip(SECRET.as_bytes())));
    let long = base64(&zlib(&[&b"password rejected for role etl; ".repeat(1000)[..], SECRET.as_bytes()].concat()));
    for (name, text) in [
        ("ascii85", "F#.<H06A^;Gp#j94XG;4"),
        ("ascii85 inside", "FZO2Y06A^;Gp#j94XG;4"),
        ("Z85", "B2drDflwZqC{2<o"),
        ("base85 of git", "b2DRdFLWzQc_2<OJtcQJ"),
        ("uuencode", "0<S-C<B]T*TMY($XP/25W.0``"),
        ("uuencode with blanks", "0<S-C<B]T*TMY($XP/25W.0  "),
        ("zlib in base64", "eJwrNk4u0i/R9q5U8DOwVS23BAAq6AS+"),
        ("zlib in hexadecimal", "789c2b364e2ed22fd1f6ae54f033b0552db704002ae804be"),
        ("gzip in base64", "H4sIAAAAAAACAys2Ti7SL9H2rlTwM7BVLbcEAN1HkskQAAAA"),
        ("deflate in base64", "KzZOLtIv0fauVPAzsFUttwQA"),
        ("deflate in hexadecimal", "2b364e2ed22fd1f6ae54f033b0552db70400"),
        ("zlib with a window of 512 bytes", "18d32b364e2ed22fd1f6ae54f033b0552db704002ae804be"),
        ("zlib with a window of 16 KiB", "aN4rNk4u0i/R9q5U8DOwVS23BAAq6AS+"),
        ("zlib in base85", r"c$_OXPA<|f(e|!X@H4PgEw=;!D(D2h"),
        ("zlib in ascii85", r"Gap9B:+jsJdIs_Bn2%:K/[ki_.d.#L"),
        ("gzip in gzip in base64", &gzip_twice),
        ("zlib behind more than is read", &long),
        ("UTF-7", "+AHM-+ADM-+AGM-+AHI-+AC8-+AHQ-+ACs-+AEs-+AHk-"),
        ("UTF-7 in one", "+AHMAMwBjAHIALwB0ACsASwB5-"),
        ("letters twice", "ss33ccrr//tt++KKyy NN00"),
        ("letters thrice", "sss333cccrrrtttKKKyyy"),
        ("letters apart", "s-3-c-r-t-K-y-N-0"),
        ("letters apart by signs and blanks", "s, 3, c, r, t, K, y"),
        ("an invalid byte besides", "%FF s%33cr%2ft%2bK%79 %FE"),
    ] {
        for text in [text.to_owned(), format!("bad password <{text}>!"), format!("it was {text}, not another")] {
            assert!(!shows(SECRET, &text), "{name}: {text}");
            // A text that is not decompressed to its end is hidden.
            assert_eq!(shows("KxQ7-pLm2z", &text), !name.contains("behind more"), "{name}: {text}");
        }
    }
}

#[test]
fn a_short_secret_is_found_as_a_word_of_its_own() {
    for (secret, text, passes) in [
        ("abc", "it was YWJj", false),
        ("abc", "Basic ZXRsOmFiYw==", false),
        ("abc", "616263", false),
        ("abc", "0x616263", false),
        ("ab", "pw=YWI=", false),
        ("ab", "pw=YWI", false),
        ("a!", "YSE=", false),
        ("abd", "it was YWJj", true),
        ("abc", "it was YWJk", true),
        ("abc", "it was YWJjZA==", true),
        ("abc", "row 616263 of many", false),
    ] {
        assert_eq!(shows(secret, text), passes, "{secret} {text}");
    }
}

#[test]
fn signs_are_found_with_another_sign_between() {
    for (secret, text, passes) in [
        ("!#%&*", "!,#,%,&,*", false),
        ("!#%&*", "! - # - % - & - *", false),
        ("!#%&*", "{!|#|%|&|*}", false),
        ("!#%&*", "!,#,%,*", true),
        ("!!##%%&&", "!.!.#.#.%.%.&.&", false),
        ("§¤§¤§¤", "§,¤,§,¤,§,¤", false),
    ] {
        assert_eq!(shows(secret, text), passes, "{secret} {text}");
    }
}
