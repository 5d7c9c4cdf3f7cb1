//! The dump as text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::dump_text(data) {
        panic!("{wrong}");
    }
});
