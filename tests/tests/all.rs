//! All tests in one binary: linking is what costs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mpegg_tests::alloc::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

mod all {
    mod abl;
    mod abl_files;
    mod abl_test;
    mod access;
    mod annotation;
    mod annotation_by_hand;
    mod annotation_damage;
    mod attached;
    mod cases;
    mod command;
    mod corpus;
    mod damage;
    mod diagnostics;
    mod fm_index;
    mod fm_index_damage;
    mod generated;
    mod interrupted;
    mod language;
    mod lossy_streams;
    mod made_streams;
    mod network;
    mod packed;
    mod part2;
    mod part6;
    mod parts;
    mod peers;
    mod ranges;
    mod rebuilt;
    mod rebuilt_annotation;
    mod reference;
    mod repacked;
    mod round_trip;
    mod rules;
    mod snapshots;
    mod strings;
    mod strings_build;
    mod strings_command;
    mod strings_damage;
    mod strings_generated;
    mod strings_little_endian;
    mod transport;
    mod transport_command;
    mod validator_rules;
    mod vectors;
}
