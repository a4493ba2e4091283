//! A file of JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    connprobe::source::fuzzing::json(text);
});
