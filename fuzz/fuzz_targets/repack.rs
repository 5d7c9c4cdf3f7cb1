//! A file that is stored in other modes.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::repack(data) {
        panic!("{wrong}");
    }
});
