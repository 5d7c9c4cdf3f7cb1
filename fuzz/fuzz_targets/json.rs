//! To JSON and back, byte for byte.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::json(data) {
        panic!("{wrong}");
    }
});
