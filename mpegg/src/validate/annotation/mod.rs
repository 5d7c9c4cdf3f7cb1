//! The rules of annotation data: tables, groups, tiles, access units, byte offsets and indexes (6.4.6 to 6.4.9, 6.5.2.3, 6.5.2.4).

pub(super) mod byte_offsets;
pub(super) mod genomic_ranges;
pub(super) mod groups;
pub(super) mod strings;
pub(super) mod tables;
pub(super) mod tiles;
pub(super) mod units;
pub(super) mod values;

use super::finding::Findings;
use super::model::{Dataset, Parts};
use mpegg_runtime::Result;

/// Checks the annotation tables of a dataset.
///
/// # Errors
///
/// I/O.
pub(super) fn check(dataset: &Dataset, is_stream: bool, findings: &mut Findings) -> Result<()> {
    tables::listed(dataset, findings);
    for table in &dataset.tables {
        let Some(parts) = Parts::read(dataset, table, is_stream)? else { continue };
        tables::check(dataset, table, &parts, is_stream, findings);
        groups::check(&parts, is_stream, findings);
        tiles::check(&parts, is_stream, findings);
        let indexed = match (&table.index, is_stream) {
            (Some(index), _) => values::check(index, &parts, findings)?,
            // The index of a stream is made when a file is.
            (None, true) => None,
            (None, false) => Some(values::Indexed::default()),
        };
        let offsets = match &dataset.header {
            Some(header) if !is_stream => byte_offsets::read(&header.value, &parts),
            _ => vec![],
        };
        units::check(&parts, &offsets, indexed.as_ref(), is_stream, findings);
        byte_offsets::check(&parts, &offsets, findings);
    }
    Ok(())
}
