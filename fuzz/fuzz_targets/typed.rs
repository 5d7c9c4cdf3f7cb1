//! Every box by its generated type, and written again.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::typed_boxes(data) {
        panic!("{wrong}");
    }
});
