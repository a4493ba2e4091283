//! A sealed value of the store, changed in one place.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&[u8], u16, u8)| {
    let (plain, position, with) = input;
    connprobe::store::fuzzing::sealed(plain, position, with);
});
