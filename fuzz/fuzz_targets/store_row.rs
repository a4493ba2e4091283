//! A row of the store.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    connprobe::store::fuzzing::row(data);
});
