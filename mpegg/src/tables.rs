//! The types of ISO/IEC 23092-1, generated from its syntax tables.

#![allow(missing_docs)]

mpegg_derive::standard_tables!();
