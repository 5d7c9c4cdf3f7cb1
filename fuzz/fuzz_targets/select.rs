//! A file that is opened and asked for selections of its datasets.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::select(data) {
        panic!("{wrong}");
    }
});
