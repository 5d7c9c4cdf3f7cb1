//! A maker of MPEG-G files that shares nothing with the toolkit: what it knows comes from the printed tables and from how the project
//! reads them. A [`model::File`] is written by [`write::file`]; what must come out of that file is told by [`expect`] from the same
//! model, without reading the file. So both can be held against what the command says.

pub mod big;
pub mod bits;
pub mod expect;
pub mod model;
pub mod piece;
pub mod random;
pub mod stream;
pub mod write;
