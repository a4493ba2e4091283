//! The value of a variable, or of a secret.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    connprobe::source::fuzzing::value(text);
});
