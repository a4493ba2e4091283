//! An environment file.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    connprobe::source::fuzzing::dotenv(text);
});
