//! Selective access to annotation data (5.9): which annotation access units and blocks a selection touches.
//!
//! A selection is made of ranges of rows and columns, genomic ranges, tables, groups and fields; what is not asked for is not restricted.
//! A block is selected where its tile shares a row, a column, a position with each of the ranges that are asked for.
//!
//! * Rows and columns are those of the main data (AG_class 0). The groups that belong to its rows (classes 1 and 3) or to its columns
//!   (2 and 4) follow it: their own rows are these rows or columns (6.4.7.2.3). What nobody relates to them (user-defined groups, and the
//!   groups of columns where only rows are asked for) comes whole; a selection of groups leaves it out.
//! * Genomic ranges are looked up in the genomic range indexes of the groups (6.5.2.4.4). They mean the sorted dimension; where rows and
//!   columns are sorted, they mean the rows, and there are further ranges for the columns.
//! * A dimension_size of 0 is not known yet (6.4.7.2.3) and bounds nothing.
//! * Of symmetric data only the tiles that touch the ranges themselves are selected, not those that mirror them.
//! * Byte offsets (`adbo`) lead to blocks where a unit is a field with all its tiles. Where they do not fit the boxes, the boxes count:
//!   the blocks are found one behind the other, and a note says so. Where a unit is a tile they lead nowhere faster: to find an entry
//!   takes the headers of all units before it (R24), and these headers say which tiles the units are.

mod blocks;
mod demand;
mod genomic;
pub(crate) mod index;
mod offsets;
mod query;
mod selection;
mod tiles;
mod trace;

pub use query::{SelectedBlocks, SelectedUnit, SelectedUnits, units_of_table};
pub(crate) use query::{TouchedTiles, structure_of};
pub use selection::{AnnotationSelection, GenomicRange};
pub use trace::Trace;
