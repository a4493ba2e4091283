//! See `fuzzing::login_http` in the library.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _reached = connprobe::fuzzing::login_http(input);
});
