//! Any text as the JSON of an input.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::json_text(data) {
        panic!("{wrong}");
    }
});
