//! All tests in one binary: linking is what costs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mpegg_tests::alloc::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

mod all {
    mod corpus;
    mod damage;
    mod diagnostics;
    mod language;
    mod peers;
    mod ranges;
    mod round_trip;
    mod validator_rules;
    mod snapshots;
    mod vectors;
}
