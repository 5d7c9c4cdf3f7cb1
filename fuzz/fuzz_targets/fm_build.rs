//! An index of any text, built and compared with the text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::fm_build(data) {
        panic!("{wrong}");
    }
});
