//! Everything in an input as lines: one for each field, in the order of the bits, covering every bit once.

mod json;
mod line;
mod lines;
mod select;
mod text;

pub use json::{JsonArray, JsonLines};
pub use line::{Line, LineValue};
pub use lines::{BoxLine, LineSink, Lines, StructLine};
pub use select::Selector;
pub use text::Text;

use crate::walk::{Kind, walk};
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, Limits, Result};

/// What to print of an input.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only what stands at or below this path.
    pub select: Option<Selector>,
    /// Only so many levels of boxes and structures.
    pub depth: Option<usize>,
    /// Only so many lines.
    pub limit: Option<u64>,
    /// Byte strings of any length, not only up to 64 bytes.
    pub payloads: bool,
    /// The value of exactly this path as bytes, if it is one that another part of the standard defines. Others are opened: shown as the
    /// structures that they are.
    pub raw: Option<Selector>,
}

/// Dumps an input to a sink. What is wrong with the input is returned, in the order in which it was met; all that was decoded has been
/// printed by then.
///
/// # Errors
///
/// I/O, of the input or of the sink.
pub fn dump(source: &dyn Source, kind: Kind, options: &Options, limits: &Limits, sink: &mut dyn LineSink) -> Result<Vec<Error>> {
    let mut lines = Lines::new(options.clone(), sink);
    walk(source, kind, &mut lines, limits)?;
    lines.finish()
}
