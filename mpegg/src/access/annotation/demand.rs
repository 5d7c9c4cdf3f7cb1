//! What a selection asks of a table and of each of its attribute groups.

use super::{AnnotationSelection, GenomicRange};
use crate::file::{AnnotationTable, AttributeGroup};
use crate::tables::AnnotationTableHeader;
use mpegg_runtime::{Error, Result};
use std::ops::RangeInclusive;

/// What is asked of the rows or of the columns of some data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Axis {
    /// By number, 0-based.
    pub indexes: Option<RangeInclusive<u64>>,
    /// By position.
    pub regions: Vec<GenomicRange>,
}

impl Axis {
    /// Whether nothing is.
    pub fn is_free(&self) -> bool {
        self.indexes.is_none() && self.regions.is_empty()
    }
}

/// What is asked of rows and columns: of the main data, or of a group in its own rows and columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Demand {
    pub rows: Axis,
    pub columns: Axis,
}

/// AG_class of the main data, of the groups of its rows, of the groups of its columns (6.4.7.2.3).
const MAIN: u8 = 0;
const OF_ROWS: [u8; 2] = [1, 3];
const OF_COLUMNS: [u8; 2] = [2, 4];
/// AT_genomic_pos_sort_mode (Table 43).
const SORTED_NONE: u64 = 0;
const SORTED_ROWS: u64 = 1;
const SORTED_COLUMNS: u64 = 2;

impl Demand {
    /// Of the main data of a table.
    ///
    /// # Errors
    ///
    /// Unsupported: genomic ranges where nothing is sorted by position or no index is, ranges of columns where there are none.
    pub fn of_table(selection: &AnnotationSelection, table: &AnnotationTable<'_>) -> Result<Demand> {
        let mut demand = Demand {
            rows: Axis { indexes: selection.rows.clone(), regions: selection.regions.clone() },
            columns: Axis { indexes: selection.columns.clone(), regions: selection.column_regions.clone() },
        };
        if demand.is_free() {
            return Ok(demand);
        }
        let header = table.header()?;
        let refuse = |why: &str| Err(unsupported(table, header, why));
        let main = table.group_headers()?.iter().find(|group| group.ag_class.code() == u64::from(MAIN));
        let has_columns = main.is_none_or(|main| main.two_dimensional);
        if !has_columns && !demand.columns.is_free() {
            return refuse("its main data has no columns");
        }
        if demand.rows.regions.is_empty() && demand.columns.regions.is_empty() {
            return Ok(demand);
        }
        match header.at_genomic_pos_sort_mode.code() {
            SORTED_NONE => return refuse("it is not sorted by genomic position (AT_genomic_pos_sort_mode 0)"),
            SORTED_ROWS if !demand.columns.regions.is_empty() => return refuse("its columns are not sorted by genomic position"),
            SORTED_COLUMNS if has_columns => {
                let regions = std::mem::take(&mut demand.rows.regions);
                demand.columns.regions.extend(regions);
            }
            _ => {}
        }
        if table.index_node()?.is_none() {
            return refuse("it has no index (atix) that says where positions are");
        }
        Ok(demand)
    }

    /// Of a group of the table.
    ///
    /// # Errors
    ///
    /// As [`AttributeGroup::header`].
    pub fn of_group(&self, group: &AttributeGroup<'_>) -> Result<Demand> {
        Ok(match group.class()? {
            MAIN => self.clone(),
            class if OF_ROWS.contains(&class) => Demand { rows: self.rows.clone(), columns: Axis::default() },
            class if OF_COLUMNS.contains(&class) => Demand { rows: self.columns.clone(), columns: Axis::default() },
            _ => Demand::default(),
        })
    }

    /// Whether nothing is asked.
    pub fn is_free(&self) -> bool {
        self.rows.is_free() && self.columns.is_free()
    }

    /// Whether positions are asked for.
    pub fn has_regions(&self) -> bool {
        !self.rows.regions.is_empty() || !self.columns.regions.is_empty()
    }
}

fn unsupported(table: &AnnotationTable<'_>, header: &AnnotationTableHeader, why: &str) -> Error {
    let message = format!("annotation table {} cannot be selected from like this: {why}", header.at_id);
    let error = Error::unsupported(table.node().offset().saturating_mul(8), message);
    table.inside(error.in_field("athd", &[]))
}
