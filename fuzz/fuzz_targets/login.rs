//! See `fuzzing::login` in the library; `CONNPROBE_DRIVER` names the driver, as `fuzz/run` does for each.

#![no_main]

use std::sync::LazyLock;

static DRIVER: LazyLock<String> = LazyLock::new(|| std::env::var("CONNPROBE_DRIVER").expect("a driver is named"));

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _reached = connprobe::fuzzing::login(&DRIVER, input);
});
