//! The types of ISO/IEC 23092-1, generated from its syntax tables.
//!
//! A type is named after its table; its documentation shows the rows. `read_box` and `write_box` include Key and Length, `read` and
//! `write` are the Value alone; what a table depends on is given as arguments.

mpegg_derive::standard_tables!();
