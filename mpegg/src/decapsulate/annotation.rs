//! Annotation data as data units: parameter sets (type 3, R18) and annotation access units (type 4, R26).

use super::DataUnit;
use super::parameters::NeededSets;
use crate::access::Step;
use crate::access::annotation::{AnnotationSelection, SelectedBlocks, SelectedUnit, SelectedUnits, Trace, units_of_table};
use crate::file::Dataset;
use crate::tables::{DataUnitType, DatasetType};
use mpegg_runtime::{Error, Result};
use std::iter::Peekable;
use std::rc::Rc;

/// The data units of a selection of annotation data, made one by one as the iterator goes on: first the parameter sets of the tables
/// that have something selected, once each, then the units, both in the order of the file, in which a table behind an `offs` has the place
/// of the `offs`. It ends with the first error.
///
/// The header of a unit is as it is stored, without its box head, but that it counts the blocks that come with it. Protection is left
/// out. Of a selection no unit without a block is part; where everything is wanted, a unit without blocks comes too.
pub struct AnnotationUnits<'s> {
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
/// let dataset = file.dataset(3)?;
/// let rows = AnnotationSelection { rows: Some(0..=9), ..Default::default() };
/// let (mut out, mut buffer) = (std::io::sink(), vec![]);
/// let mut units = annotation_units(&dataset, &rows)?;
/// for unit in &mut units {
///     unit?.write_to(&mut out, &mut buffer)?;
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
        let front = dataset.front()?;
        let dataset_type = front.header.dataset_type;
        if dataset_type != DatasetType::Annotation {
            let message = format!("annotation data is asked of a dataset of type {}", dataset_type.code());
            return dataset.located(Err(Error::unsupported(front.header_box.offset().saturating_mul(8), message).in_field("dthd", &[])));
        }
        let (selection, trace) = (Rc::new(selection.clone()), Rc::new(trace));
        let (mut needed, mut selected) = (NeededSets::none(&front), vec![]);
        for table in dataset.tables()? {
            let header = table.header()?;
            if !selection.has_table(header.at_id) {
                continue;
            }
            let mut units = units_of_table(&table, &selection, &trace)?.peekable();
            if units.peek().is_some() {
                let at = table.header_node()?.offset().saturating_mul(8);
                needed.add(&front, header.parameter_set_id, at).map_err(|error| table.inside(error.in_field("athd", &[])))?;
                selected.push(units);
            }
        }
        for (set, _) in front.parameter_set_boxes.iter().zip(needed.flags()).filter(|(_, needed)| *needed) {
            trace.result("pars", (set.offset(), set.length()), || "a parameter set that tables need".to_owned());
        }
        let sets = needed.units(&front).map(|unit| dataset.located(unit)).collect::<Result<Vec<_>>>()?;
        Ok(AnnotationUnits { sets: sets.into_iter(), tables: selected.into_iter(), current: None, trace })
    }

    /// What is read and why, as far as the iterator has come; empty unless the trace was made to keep it.
    pub fn steps(&self) -> Vec<Step> {
        self.trace.steps()
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
                return match selected.and_then(|selected| access_unit(&selected)) {
                    Ok(unit) => Some(Ok(unit)),
                    Err(error) => self.fail(error),
                };
            }
            self.current = Some(self.tables.next()?);
        }
    }
}

/// The data unit of an annotation access unit.
fn access_unit<'s>(selected: &SelectedUnit<'s>) -> Result<DataUnit<'s>> {
    let unit = &selected.unit;
    let mut made = DataUnit::new(DataUnitType::AnnotationAccessUnit, unit.node().source());
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
