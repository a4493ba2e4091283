//! A Fernet token.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    connprobe::source::fuzzing::fernet(text);
});
