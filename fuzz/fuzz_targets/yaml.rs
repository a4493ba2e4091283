//! A file of YAML.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    connprobe::source::fuzzing::yaml(text);
});
