//! Data units, walked.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::walk_units(data) {
        panic!("{wrong}");
    }
});
