//! Selective access: what of a dataset is wanted, and where that stands in the file.

pub mod annotation;
