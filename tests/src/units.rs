//! Streams of data units, taken apart.

use mpegg::access::Selection;
use mpegg::access::annotation::AnnotationSelection;
use mpegg::decapsulate::annotation_units;
use mpegg::file::{Dataset, File};
use mpegg::source::Source;
use mpegg::tables::DatasetType;

/// The data units of a stream.
pub fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut units = vec![];
    while !bytes.is_empty() {
        let word = |at: usize| u64::from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()));
        let size = match bytes[0] {
            0 => word(1) << 32 | word(5),
            1 | 3 => word(1) & 0x3f_ffff,
            _ => word(1) & 0x1fff_ffff,
        };
        let (unit, rest) = bytes.split_at(size as usize);
        units.push(unit.to_vec());
        bytes = rest;
    }
    units
}

/// The parameter sets in their order, then the access units of all types, sorted: what does not depend on where they stand.
pub fn content(mut units: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    units.sort_by_key(|unit| match unit[0] {
        1 | 3 => (0, vec![]),
        _ => (1, unit.clone()),
    });
    units
}

/// All data units of a dataset.
pub fn of_dataset(dataset: &Dataset<'_>) -> mpegg::Result<Vec<Vec<u8>>> {
    if dataset.header()?.dataset_type == DatasetType::Annotation {
        return annotation_units(dataset, &AnnotationSelection::default())?.map(|unit| unit?.to_vec()).collect();
    }
    dataset.select(&Selection::all())?.units()?.map(|unit| unit?.to_vec()).collect()
}

/// Group and dataset, and the bytes of each data unit.
pub type Units = ((u8, u16), Vec<Vec<u8>>);

/// The content of every dataset of a file, by its identifiers.
pub fn of_file<S: Source>(file: &File<S>) -> mpegg::Result<Vec<Units>> {
    let mut all = vec![];
    for group in file.groups()? {
        let id = group.header()?.dataset_group_id;
        for dataset in group.datasets()? {
            all.push(((id, dataset.header()?.dataset_id), content(of_dataset(&dataset)?)));
        }
    }
    Ok(all)
}
