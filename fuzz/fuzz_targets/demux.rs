//! Packets to a file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = mpegg_tests::targets::demux(data) {
        panic!("{wrong}");
    }
});
