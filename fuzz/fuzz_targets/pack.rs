//! Data units that become a file, in several modes.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::pack(data) {
        panic!("{wrong}");
    }
});
