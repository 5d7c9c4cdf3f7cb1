//! The library.
pub mod tables;
pub mod walk;
