//! The interpreter of [table descriptions](crate::table).
//!
//! [`walk_box`] reads one box from a [`Cursor`] and tells a [`Visitor`] everything that stands there, in the order of
//! the bits; it returns a [`Record`] of the values that expressions may need. What a table depends on comes from a
//! [`Scope`], and is asked for only when an expression first uses it. [`JsonBuilder`] is a visitor that makes JSON,
//! and [`compose_box`] runs the same rows backwards, from that JSON to bits.
//!
//! The control flow of rows (`if`, `for`, `let`, ..) is written once, over a port: one port reads, another one writes.

mod boxes;
pub mod compose;
mod container;
mod cursor;
mod embedded;
mod eval;
mod foreign;
mod frame;
mod json;
mod leaf;
mod names;
mod opaque;
mod port;
mod reader;
mod scope;
mod value;
mod visitor;
mod walker;

pub use compose::{ContainerComposer, compose_box, compose_struct};
pub use container::{ChildRow, Container};
pub use cursor::{Cursor, read_bits};
pub use foreign::{Guessed, read_guessing, read_whole};

pub use json::JsonBuilder;
pub use scope::{NoScope, Scope};
pub use value::{Record, Value};
pub use visitor::{BitsHandle, BoxHead, FieldEvent, FieldValue, Finding, FindingKind, LoopEvent, Quiet, RuleEvent, StructEvent, Visitor};
pub use walker::{Place, walk_box, walk_box_at, walk_offs, walk_opaque_box, walk_struct};

#[cfg(test)]
mod tests;
