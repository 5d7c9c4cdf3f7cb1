//! The validator.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::validate(data) {
        panic!("{wrong}");
    }
});
