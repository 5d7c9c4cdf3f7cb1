//! The rules of the transport format (6.6): packets, mapping tables, and the boxes that arrive.

pub(super) mod boxes;
pub(super) mod mapping;
pub(super) mod packets;

use super::finding::Findings;
use super::model::{Input, Stream};
use mpegg_runtime::Result;
use mpegg_runtime::source::Source;

/// Checks a stream.
///
/// # Errors
///
/// I/O.
pub(super) fn check(source: &dyn Source, stream: &Stream, input: &Input, findings: &mut Findings) -> Result<()> {
    packets::check(source, stream, findings)?;
    mapping::check(stream, input, findings);
    boxes::check(source, stream, input, findings)
}
