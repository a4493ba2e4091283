//! A URI, of any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _uri = connprobe::model::uri::Uri::parse(text);
});
