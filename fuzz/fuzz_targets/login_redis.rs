//! See `fuzzing::login_redis` in the library.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _reached = connprobe::fuzzing::login_redis(input);
});
