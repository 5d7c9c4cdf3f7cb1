//! The summary, the tree and the lazily opened file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::look(data) {
        panic!("{wrong}");
    }
});
