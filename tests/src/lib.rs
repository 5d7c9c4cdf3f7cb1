//! What the tests of the toolkit share: inputs, sinks that check what they are given, typed reading of whole inputs, an allocator
//! that counts, and the targets of the fuzzers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod alloc;
pub mod annotation;
pub mod carrying;
pub mod coding;
pub mod command;
pub mod edits;
pub mod fuzzing;
pub mod inputs;
pub mod maker;
pub mod making;
pub mod searching;
pub mod selecting;
pub mod sinks;
pub mod strings;
pub mod targets;
pub mod timing;
pub mod typed;
pub mod units;
