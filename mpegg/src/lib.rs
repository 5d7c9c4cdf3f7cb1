//! The library.
pub mod tables;
