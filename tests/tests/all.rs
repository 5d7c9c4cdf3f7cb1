//! All tests in one binary: linking is what costs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mpegg_tests::alloc::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

mod all {
    mod annotation;
    mod annotation_by_hand;
    mod annotation_damage;
    mod corpus;
    mod damage;
    mod diagnostics;
    mod language;
    mod peers;
    mod ranges;
    mod round_trip;
    mod snapshots;
    mod vectors;
}
