//! What is read for a selection, and why: before any payload is read.

use super::{Access, RowRef};
use crate::file::{AccessUnit, BoxRef};
use mpegg_runtime::Result;
use serde::Serialize;

/// A range of the file that is read for a selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The key of the box that the range is, or stands in.
    #[serde(rename = "box")]
    pub key: String,
    /// The first byte.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
    /// Whether they are part of the result; else they are read to find it.
    pub result: bool,
    /// Why it is read.
    pub why: String,
}

impl Access<'_> {
    /// Tells each range of bytes that the selection reads: the headers, the parameter sets and access units of the result, in their
    /// order, then the parts of the master index table that were searched for them.
    ///
    /// # Errors
    ///
    /// As [`units`](Self::units); those of `tell`.
    pub fn plan(&self, tell: &mut dyn FnMut(&Step) -> Result<()>) -> Result<()> {
        tell(&step(&self.front.header_box, false, "widths, flags and classes of the dataset"))?;
        let needed = self.needed_sets()?;
        for ((node, set), needed) in self.front.parameter_set_boxes.iter().zip(&self.front.parameter_sets).zip(needed.flags()) {
            let id = set.parameter_set_id;
            let why = if needed { format!("parameter set {id}, which access units need") } else { format!("parameter set {id}, which nothing needs") };
            tell(&Step { result: needed, ..step(node, true, &why) })?;
        }
        let mut units = self.found();
        loop {
            let batch = units.by_ref().take(self.batch()).collect::<Result<Vec<_>>>()?;
            if batch.is_empty() {
                break;
            }
            let wanted: Vec<_> = batch.iter().map(|(found, unit)| (*found, unit.header.num_blocks)).collect();
            let mut blocks = self.dataset.located(self.blocks(&wanted))?.into_iter();
            for (found, unit) in &batch {
                let why = self.why(found.row, unit)?;
                tell(&step(&unit.node, true, &why))?;
                for block in blocks.next().unwrap_or_default() {
                    let why = format!("block of descriptor {} of it", block.descriptor_id);
                    tell(&Step { key: "dscn".to_owned(), offset: block.offset, length: block.length, result: true, why })?;
                }
            }
        }
        if let Some(table) = &self.index {
            let why = format!("rows of the master index table, which has {} bytes", table.node().length());
            for (offset, length) in table.ranges() {
                tell(&Step { key: "mitb".to_owned(), offset, length, result: false, why: why.clone() })?;
            }
        }
        Ok(())
    }

    fn why(&self, row: Option<RowRef>, unit: &AccessUnit<'_>) -> Result<String> {
        let symbol = unit.header.au_type.symbol().unwrap_or("reserved type");
        let name = format!("access unit {} of class {}", unit.header.access_unit_id, symbol.strip_suffix("_TYPE_AU").unwrap_or(symbol));
        let header = self.dataset.located(self.header_of(row, unit))?;
        Ok(match (header.sequence_id, header.au_start_position, header.au_end_position) {
            (Some(sequence), Some(start), Some(end)) => format!("{name}, @{sequence}:{start}-{end}"),
            _ => name,
        })
    }
}

fn step(node: &BoxRef<'_>, result: bool, why: &str) -> Step {
    Step { key: node.key().escape_ascii().to_string(), offset: node.offset(), length: node.length(), result, why: why.to_owned() }
}
