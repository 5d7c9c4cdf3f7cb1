//! A string index of any bytes, parsed and asked.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::fm_query(data) {
        panic!("{wrong}");
    }
});
