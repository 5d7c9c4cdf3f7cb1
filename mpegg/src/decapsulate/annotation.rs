//! Annotation data as data units: parameter sets (type 3, R18) and annotation access units (type 4, R26).

use super::{DataUnit, DataUnitType};
use crate::access::annotation::{AnnotationSelection, Read, SelectedBlocks, SelectedUnit, SelectedUnits, Trace, units_of_table};
use crate::file::{AnnotationTable, Dataset};
use crate::tables::{DatasetParameterSet, DatasetType};
use mpegg_runtime::{Error, Result};
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::rc::Rc;

/// The data units of a selection of annotation data, made one by one as the iterator goes on: first the parameter sets of the tables
/// that have something selected, once each, then the units, both in the order of the file. It ends with the first error.
///
/// The header of a unit is as it is stored, without its box head, but that it counts the blocks that come with it. Protection is left
/// out. A unit of which no block is wanted is left out; one whose blocks are not restricted comes whole, also without blocks.
pub struct AnnotationUnits<'s> {
    dataset: Dataset<'s>,
    sets: std::vec::IntoIter<DataUnit<'s>>,
    tables: std::vec::IntoIter<Peekable<SelectedUnits<'s>>>,
    current: Option<Peekable<SelectedUnits<'s>>>,
    trace: Rc<Trace>,
}

/// The data units of what is selected of a dataset of type 3.
///
/// ```
/// use mpegg::access::annotation::AnnotationSelection;
/// use mpegg::decapsulate::annotation_units;
/// use mpegg::file::File;
///
/// # fn main() -> mpegg::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
/// let file = File::open(path)?;
/// let dataset = &file.groups()?[0].datasets()?[2];
/// let rows = AnnotationSelection { rows: Some(0..=9), ..Default::default() };
/// let mut out = std::io::sink();
/// let mut units = annotation_units(dataset, &rows)?;
/// for unit in &mut units {
///     unit?.write_to(&mut out)?;
/// }
/// for note in units.notes() {
///     eprintln!("note: {note}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A dataset of another type (unsupported); I/O; tables that cannot be read; a parameter set that is not there; genomic ranges where a
/// table is not sorted by position or has no index (unsupported). Each item can be an error too.
pub fn annotation_units<'s>(dataset: &Dataset<'s>, selection: &AnnotationSelection) -> Result<AnnotationUnits<'s>> {
    AnnotationUnits::new(dataset, selection, Trace::default())
}

impl<'s> AnnotationUnits<'s> {
    /// The same, telling a trace what is read.
    ///
    /// # Errors
    ///
    /// As [`annotation_units`].
    pub fn new(dataset: &Dataset<'s>, selection: &AnnotationSelection, trace: Trace) -> Result<Self> {
        let dataset_type = dataset.header()?.dataset_type;
        if dataset_type != DatasetType::Annotation {
            let message = format!("a dataset of type {} has no annotation data", dataset_type.code());
            return Err(Error::unsupported(dataset.node().offset().saturating_mul(8), message).in_field("dthd", &[]));
        }
        let (selection, trace) = (Rc::new(selection.clone()), Rc::new(trace));
        let mut tables = dataset.tables()?;
        tables.sort_by_key(|table| table.node().offset());
        let (mut needed, mut selected) = (BTreeMap::new(), vec![]);
        for table in tables {
            let header = table.header()?;
            if !selection.has_table(header.at_id) {
                continue;
            }
            let mut units = units_of_table(&table, &selection, &trace)?.peekable();
            if units.peek().is_some() {
                needed.entry(header.parameter_set_id).or_insert_with(|| table.clone());
                selected.push(units);
            }
        }
        let sets = parameter_sets(dataset, needed, &trace)?;
        Ok(AnnotationUnits { dataset: dataset.clone(), sets: sets.into_iter(), tables: selected.into_iter(), current: None, trace })
    }

    /// What is read and why, as far as the iterator has come; empty unless the trace was made to keep it.
    pub fn reads(&self) -> Vec<Read> {
        self.trace.reads()
    }

    /// What a user should know, as far as the iterator has come: strings that are left in an index, byte offsets that do not fit.
    pub fn notes(&self) -> Vec<String> {
        self.trace.notes()
    }

    fn fail(&mut self, error: Error) -> Option<Result<DataUnit<'s>>> {
        self.sets = vec![].into_iter();
        self.tables = vec![].into_iter();
        self.current = None;
        Some(Err(error))
    }
}

impl<'s> Iterator for AnnotationUnits<'s> {
    type Item = Result<DataUnit<'s>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(set) = self.sets.next() {
            return Some(Ok(set));
        }
        loop {
            if let Some(selected) = self.current.as_mut().and_then(Iterator::next) {
                return match selected.and_then(|selected| access_unit(&self.dataset, &selected)) {
                    Ok(unit) => Some(Ok(unit)),
                    Err(error) => self.fail(error),
                };
            }
            self.current = Some(self.tables.next()?);
        }
    }
}

/// The parameter sets that tables need, in the order of the file.
fn parameter_sets<'s>(dataset: &Dataset<'s>, mut needed: BTreeMap<u8, AnnotationTable<'s>>, trace: &Trace) -> Result<Vec<DataUnit<'s>>> {
    let (mut units, header) = (vec![], dataset.header()?);
    for (number, set) in (0..).zip(dataset.parameter_set_nodes()?) {
        if needed.is_empty() {
            break;
        }
        let read = set.decode_nth(number, |r| DatasetParameterSet::read_box(r, dataset.file_header(), &header))?;
        let parameters = read.annotation_encoding_parameters.unwrap_or_default().len() as u64;
        if needed.remove(&read.parameter_set_id).is_some() {
            trace.read(|| format!("pars[{number}]"), (set.offset(), set.length()), "a parameter set that selected units need");
            let mut unit = DataUnit::new(DataUnitType::AnnotationParameterSet, set.source());
            unit.push_bytes(&[read.parameter_set_id]);
            // The parameters are the last thing in the box.
            unit.push_range(set.offset().saturating_add(set.length()).saturating_sub(parameters), parameters);
            units.push(unit.finish().map_err(|error| error.at(set.offset().saturating_mul(8)).in_field("pars", &[number]))?);
        }
    }
    match needed.into_iter().next() {
        None => Ok(units),
        Some((id, table)) => {
            let bit = table.header_node()?.offset().saturating_mul(8);
            let error = Error::cross_reference(bit, format!("the dataset has no parameter set {id}"));
            Err(table.inside(error.in_field("parameter_set_ID", &[]).in_field("athd", &[])))
        }
    }
}

/// The data unit of an annotation access unit.
fn access_unit<'s>(dataset: &Dataset<'s>, selected: &SelectedUnit<'s>) -> Result<DataUnit<'s>> {
    let unit = &selected.unit;
    let mut made = DataUnit::new(DataUnitType::AnnotationAccessUnit, dataset.node().source());
    match &selected.blocks {
        SelectedBlocks::All => {
            let (offset, length) = unit.header_node()?.value();
            made.push_range(offset, length);
            let (offset, length) = unit.block_bytes()?;
            made.push_range(offset, length);
        }
        SelectedBlocks::Some { count, ranges } => {
            made.push_bytes(&unit.header_with_blocks(*count)?);
            ranges.iter().for_each(|(offset, length)| made.push_range(*offset, *length));
        }
    }
    made.finish().map_err(|error| unit.inside(error.at(unit.node().offset().saturating_mul(8))))
}
