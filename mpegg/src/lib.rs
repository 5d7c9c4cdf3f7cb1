//! The library.
pub mod dump;
pub mod tables;
pub mod walk;
