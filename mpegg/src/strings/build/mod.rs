//! Annotation tables with string indexes, out of tables that other programs wrote.
//!
//! Each column of text gets a string index with tiles (`avix` of type 2), whose text the table has only there (7.1.1). Columns of numbers become blocks of
//! the access units: arrays of Part 6, not compressed. All columns are attributes, whose names are in the parameter set; an access unit is a tile.
//!
//! An input is read once. Its values are put aside in files without names; the texts of a column are then indexed part by part.
//!
//! ```
//! use mpegg::decapsulate::Chunks;
//! use mpegg::strings::build::{Format, Options, build};
//!
//! # fn main() -> mpegg::Result<()> {
//! let names = "rs6025\nrs334\nrs429358\n";
//! let options = Options { format: Some(Format::Lines), ..Options::default() };
//! let mut bytes = vec![];
//! let report = build(Box::new(names.as_bytes()), &options, Chunks::new(&mut bytes), &mut |_| {})?;
//! assert_eq!((report.rows, report.columns.len()), (3, 1));
//! let file = mpegg::file::File::new(mpegg::source::Bytes(&bytes))?;
//! assert_eq!(file.dataset(1)?.header()?.dataset_type, mpegg::tables::DatasetType::Annotation);
//! # Ok(())
//! # }
//! ```

mod column;
mod input;
mod parts;
mod places;
mod table;

pub use input::Format;

use crate::decapsulate::Chunks;
use crate::encapsulate::{Node, Sources, Spool, write};
use crate::tables::{DatasetGroupHeader, FileHeader};
use column::{Content, Stored};
use input::{Kind, Row, Rows};
use mpegg_runtime::fm_index;
use mpegg_runtime::{Error, ErrorKind, Result};
use places::Places;
use std::io::Read;
use std::path::PathBuf;

/// How a table is built.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format of the input; else its first bytes or its name tell.
    pub format: Option<Format>,
    /// The name of the input, which may tell the format.
    pub input_name: String,
    /// The name of the table, at most 260 bytes.
    pub name: String,
    /// The columns to be taken, in this order; else all of them.
    pub columns: Option<Vec<String>>,
    /// The rows of a tile.
    pub rows_per_tile: u32,
    /// How dense the samples of the indexes are.
    pub index: fm_index::Options,
    /// The longest text of a sub-index in bytes, unless a tile is longer; else 64 MiB, or what makes few enough of them.
    pub max_index_size: Option<u64>,
    /// Whether an input that is not sorted by position is an error. Else its table has no genomic range index.
    pub sorted: bool,
    /// Where values are put aside.
    pub folder: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            format: None,
            input_name: String::new(),
            name: String::new(),
            columns: None,
            rows_per_tile: 4096,
            index: fm_index::Options::default(),
            max_index_size: None,
            sorted: false,
            folder: std::env::temp_dir(),
        }
    }
}

/// How far building is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many rows are read.
    Read(u64),
    /// So many bytes of text are indexed, of so many.
    Indexed {
        /// Bytes that are.
        done: u64,
        /// All bytes.
        total: u64,
    },
}

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The format of the input.
    pub format: Format,
    /// How many rows it has.
    pub rows: u64,
    /// Names of the columns, and how many sub-indexes each has; none: numbers.
    pub columns: Vec<(String, usize)>,
    /// Why there is no genomic range index.
    pub no_genomic_index: Option<String>,
    /// Bytes of the file.
    pub written: u64,
}

/// The rows of a table and how they are cut into tiles.
struct Shape {
    format: Format,
    rows: u64,
    rows_per_tile: u64,
}

impl Shape {
    fn tiles(&self) -> u64 {
        self.rows.div_ceil(self.rows_per_tile)
    }
}

/// Builds a file with one annotation table from an input: plain, gzip or bgzip.
///
/// # Errors
///
/// I/O. Malformed: rows that are not of the format; strings that are not UTF-8 or have a byte 0 or 1, which no index can hold (7.2.1.2); an input without rows.
/// Cross-reference: a column that the input does not have, or an unsorted input where sorted is asked for. Unsupported: columns whose form in Part 6 is not
/// known. Limit: over 255 columns, texts that are too long.
pub fn build(input: Box<dyn Read + Send>, options: &Options, out: Chunks<'_>, progress: &mut dyn FnMut(Step)) -> Result<Report> {
    let (format, mut rows) = input::open(input, &options.input_name, options.format)?;
    let rows_per_tile = u64::from(options.rows_per_tile.max(1));
    let (columns, places, count) = collect(rows.as_mut(), options, rows_per_tile, progress)?;
    let shape = Shape { format, rows: count, rows_per_tile };
    let (genomic, no_genomic_index) = match places.finish() {
        Ok(index) => (Some(index), None),
        Err(why) if options.sorted => return Err(asked(format!("the input is not sorted by position: {why}"))),
        Err(why) => (None, Some(why)),
    };
    let spool = Spool::in_folder(&options.folder);
    let parts = parts::build(&columns, options, &spool, progress)?;
    let report = columns.iter().zip(&parts).map(|(column, parts)| (column.name.clone(), parts.len())).collect();
    let mut sources = Sources::new();
    let source = sources.add(&spool)?;
    let file = FileHeader { major_brand: (*b"MPEG-G").into(), minor_version: (*b"2500").into(), compatible_brand: vec![] };
    let group = DatasetGroupHeader { dataset_group_id: 0, version_number: 0, dataset_id: vec![1] };
    let dataset = table::Dataset { file: &file, options, shape: &shape, columns: &columns, parts: &parts, genomic, spool: &spool, source };
    let children = vec![Node::Bytes(group.to_box()?), dataset.node()?];
    let mut nodes = [Node::Bytes(file.to_box()?), Node::container(*b"dgcn", vec![], children)];
    let written = write(&mut nodes, &sources, out)?;
    Ok(Report { format, rows: count, columns: report, no_genomic_index, written })
}

/// Reads all rows.
fn collect(rows: &mut dyn Rows, options: &Options, rows_per_tile: u64, progress: &mut dyn FnMut(Step)) -> Result<(Vec<Stored>, Places, u64)> {
    let (mut columns, mut places, mut row, mut count, mut seen) = (vec![], Places::default(), Row::default(), 0u64, 0usize);
    add_columns(rows, options, &mut columns, &mut seen)?;
    if rows.is_complete() {
        choose(rows, options, &mut columns)?;
    }
    while rows.next_row(&mut row)? {
        let before = columns.len();
        if rows.columns().len() > seen {
            add_columns(rows, options, &mut columns, &mut seen)?;
        }
        for column in columns.iter_mut().skip(before) {
            // The rows before this one have no value.
            let tiles = count / rows_per_tile;
            for _ in 0..tiles {
                column.skip(rows_per_tile, row.number)?;
                column.end_tile();
            }
            column.skip(count % rows_per_tile, row.number)?;
        }
        let in_tile = count % rows_per_tile;
        if in_tile == 0 && count > 0 {
            // Those that came with this row have ended their tiles.
            columns.iter_mut().take(before).for_each(Stored::end_tile);
        }
        places.take(&row, in_tile == 0);
        for column in &mut columns {
            column.push(row.values.get(column.source).map_or(b"", Vec::as_slice), row.number)?;
        }
        count = count.saturating_add(1);
        if count.is_multiple_of(4096) {
            progress(Step::Read(count));
        }
    }
    if count == 0 {
        return Err(wrong("the input has no rows"));
    }
    columns.iter_mut().for_each(Stored::end_tile);
    choose(rows, options, &mut columns)?;
    progress(Step::Read(count));
    Ok((columns, places, count))
}

/// Takes the columns of an input that are new and wanted.
fn add_columns(rows: &dyn Rows, options: &Options, columns: &mut Vec<Stored>, seen: &mut usize) -> Result<()> {
    for (source, column) in rows.columns().iter().enumerate().skip(*seen) {
        if options.columns.as_ref().is_some_and(|wanted| !wanted.contains(&column.name)) {
            continue;
        }
        let name = column.name.clone();
        columns.push(match &column.kind {
            Kind::Text => Stored::text(source, name, &options.folder),
            Kind::Number(data_type) => Stored::number(source, name, *data_type, &options.folder),
            Kind::Unknown(what) => {
                let others: Vec<&str> =
                    rows.columns().iter().filter(|other| !matches!(other.kind, Kind::Unknown(_))).map(|other| other.name.as_str()).collect();
                let message = format!("the column {name} ({what}) has no form in Part 6 that is known here; without it: --columns {}", others.join(","));
                return Err(Error::without_position(ErrorKind::Unsupported, message));
            }
        });
        if columns.len() > MOST {
            return Err(Error::limit(0, format!("over {MOST} columns: choose some with --columns")));
        }
    }
    *seen = rows.columns().len();
    Ok(())
}

/// n_attributes and n_attr_value_indexes have 8 bits.
const MOST: usize = u8::MAX as usize;

/// Puts the columns into the wanted order; all that are wanted must be there.
fn choose(rows: &dyn Rows, options: &Options, columns: &mut [Stored]) -> Result<()> {
    if let Some(wanted) = &options.columns {
        if let Some(name) = wanted.iter().find(|name| !columns.iter().any(|column| column.name == **name)) {
            let names: Vec<&str> = rows.columns().iter().map(|column| column.name.as_str()).collect();
            return Err(asked(format!("there is no column {name}; there are {}", names.join(", "))));
        }
        columns.sort_by_key(|column| wanted.iter().position(|name| *name == column.name));
    }
    if !columns.iter().any(|column| matches!(column.content, Content::Text { .. })) {
        return Err(asked("none of the columns has text".to_owned()));
    }
    Ok(())
}

/// Something in the input that is not as it should be.
fn wrong(message: &str) -> Error {
    Error::without_position(ErrorKind::Malformed, message.to_owned())
}

/// Something that was asked for is not in the input.
fn asked(message: String) -> Error {
    Error::without_position(ErrorKind::CrossReference, message)
}
