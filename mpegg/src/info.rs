//! What is in an input, for people: brands, groups, datasets, references, classes, counts, modes, sizes.

mod text;

pub use text::print;

use crate::file::{AnnotationTable, Dataset, File, Group};
use crate::strings::Stats;
use crate::tables::{AuType, DatasetHeader, DatasetType};
use crate::walk::{Gather, Kind, Packets, Units};
use mpegg_runtime::source::{Pieces, Source};
use mpegg_runtime::{Error, ErrorKind, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// The summary of an input.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Info {
    /// Of a file.
    File(FileInfo),
    /// Of a transport stream.
    Stream(StreamInfo),
    /// Of data units.
    Units(UnitsInfo),
}

/// The summary of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FileInfo {
    /// Bytes.
    pub size: u64,
    /// major_brand.
    pub major_brand: String,
    /// minor_version.
    pub minor_version: String,
    /// Further brands.
    pub compatible_brands: Vec<String>,
    /// The dataset groups.
    pub groups: Vec<GroupInfo>,
    /// Boxes of the top level that no table knows and no `offs` addresses, by key.
    pub other_boxes: BTreeMap<String, u64>,
}

/// The summary of a dataset group.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GroupInfo {
    /// dataset_group_ID.
    pub id: u8,
    /// version_number.
    pub version: u8,
    /// Bytes.
    pub size: u64,
    /// The references.
    pub references: Vec<ReferenceInfo>,
    /// The labels: identifier and labelled datasets.
    pub labels: BTreeMap<String, Vec<u16>>,
    /// Keys and sizes of the metadata and protection boxes.
    pub metadata: BTreeMap<String, u64>,
    /// The datasets.
    pub datasets: Vec<DatasetInfo>,
}

/// The summary of a reference.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReferenceInfo {
    /// reference_ID.
    pub id: u8,
    /// Its name.
    pub name: String,
    /// major.minor.patch.
    pub version: String,
    /// Names of the sequences with their lengths, where they are known.
    pub sequences: Vec<(String, Option<u32>)>,
    /// Where it is: a URI, or a dataset of this file.
    pub location: String,
    /// The type of an external reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// The summary of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DatasetInfo {
    /// dataset_ID.
    pub id: u16,
    /// What it holds.
    pub dataset_type: String,
    /// version: of Part 2 or 6.
    pub version: String,
    /// Bytes.
    pub size: u64,
    /// AUC-GRC, AUC-CC or DSC.
    pub mode: String,
    /// Whether it has a master index table.
    pub master_index_table: bool,
    /// The reference that it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<u8>,
    /// The sequences that it uses, by ID.
    pub sequences: Vec<u16>,
    /// Parameter sets.
    pub parameter_sets: usize,
    /// Access units, reads and bytes of each class.
    pub classes: BTreeMap<String, ClassInfo>,
    /// Descriptor streams.
    pub descriptor_streams: u64,
    /// Annotation tables: ID, name, type, attribute groups.
    pub annotation_tables: Vec<(u8, String, String, u8)>,
    /// The indexes of values of annotation tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub value_indexes: Vec<ValueIndexInfo>,
    /// Keys and sizes of metadata and protection boxes.
    pub metadata: BTreeMap<String, u64>,
    /// Whether the header has the form of existing software (R8), which lacks a flag.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub short_header: bool,
}

/// The summary of an index of values (Table 62).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ValueIndexInfo {
    /// AT_ID of its table.
    pub table: u8,
    /// AG_class of its attribute group.
    pub group: u8,
    /// Its fields, by their names where they have some.
    pub fields: Vec<String>,
    /// What it is: a string index, or something that stays opaque.
    pub kind: String,
    /// Bytes.
    pub size: u64,
    /// Of a string index: its strings, and the bytes of their text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strings: Option<(u64, u64)>,
    /// Whether a part of a string index is in the byte order of little-endian machines, not in the standard's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub little_endian: bool,
    /// Why a string index cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The access units of a class.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClassInfo {
    /// How many.
    pub access_units: u64,
    /// Reads in them.
    pub reads: u64,
    /// Bytes of their boxes.
    pub bytes: u64,
}

/// The summary of a stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StreamInfo {
    /// Bytes.
    pub size: u64,
    /// Packets.
    pub packets: u64,
    /// Each stream by SID: packets, bytes, boxes by key, gaps in the sequence numbers inside boxes.
    pub streams: BTreeMap<u16, SidInfo>,
}

/// One stream of packets.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SidInfo {
    /// Packets.
    pub packets: u64,
    /// Bytes of payload.
    pub bytes: u64,
    /// Boxes by key.
    pub boxes: BTreeMap<String, u64>,
    /// Boxes in which a packet is missing.
    pub damaged: u64,
}

/// The summary of data units.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UnitsInfo {
    /// Bytes.
    pub size: u64,
    /// Number and bytes of the units of each type.
    pub units: BTreeMap<String, (u64, u64)>,
}

/// Summarises an input.
///
/// # Errors
///
/// I/O; what is malformed where the summary needs it.
pub fn info(source: &dyn Source, kind: Kind) -> Result<Info> {
    match kind {
        Kind::File => file(source).map(Info::File),
        Kind::Stream => stream(source).map(Info::Stream),
        Kind::Units => units(source).map(Info::Units),
    }
}

fn file(source: &dyn Source) -> Result<FileInfo> {
    let file = File::new(source)?;
    let header = file.header()?;
    let mut found = FileInfo {
        size: source.len(),
        major_brand: header.major_brand.to_string(),
        minor_version: header.minor_version.to_string(),
        compatible_brands: header.compatible_brand.iter().map(ToString::to_string).collect(),
        ..FileInfo::default()
    };
    for node in file.boxes()? {
        if crate::walk::table_of(node.key()).is_none() {
            *found.other_boxes.entry(node.key().escape_ascii().to_string()).or_default() += 1;
        }
    }
    for (number, entry) in file.groups()?.iter().enumerate() {
        found.groups.push(group(entry).map_err(|error| error.in_field("dgcn", &[number as u64]))?);
    }
    Ok(found)
}

fn group(group: &Group<'_>) -> Result<GroupInfo> {
    let header = group.header()?;
    let mut found = GroupInfo { id: header.dataset_group_id, version: header.version_number, size: group.node().length(), ..GroupInfo::default() };
    for child in group.node().children()? {
        if matches!(&child.key(), b"dgmd" | b"dgcd" | b"dgpr" | b"rfmd") {
            *found.metadata.entry(child.key().escape_ascii().to_string()).or_default() += child.length();
        }
    }
    for reference in group.references()? {
        let location = match (&reference.ref_uri, reference.internal_dataset_group_id.zip(reference.internal_dataset_id)) {
            (Some(uri), _) => uri.clone(),
            (None, Some((group, dataset))) => format!("dataset {group}:{dataset} of this file"),
            _ => String::new(),
        };
        found.references.push(ReferenceInfo {
            id: reference.reference_id,
            version: format!("{}.{}.{}", reference.reference_major_version, reference.reference_minor_version, reference.reference_patch_version),
            sequences: reference.sequences.into_iter().map(|sequence| (sequence.sequence_name, sequence.sequence_length)).collect(),
            name: reference.reference_name,
            location,
            kind: reference.reference_type.and_then(|kind| kind.symbol()).map(str::to_owned),
        });
    }
    for label in group.labels()? {
        found.labels.insert(label.label_id, label.datasets.iter().map(|dataset| dataset.dataset_id).collect());
    }
    for (number, entry) in group.datasets()?.iter().enumerate() {
        found.datasets.push(dataset(entry).map_err(|error| error.in_field("dtcn", &[number as u64]))?);
    }
    Ok(found)
}

fn dataset(dataset: &Dataset<'_>) -> Result<DatasetInfo> {
    let header = dataset.header()?;
    let mut found = DatasetInfo {
        id: header.dataset_id,
        dataset_type: header.dataset_type.symbol().unwrap_or("reserved").to_owned(),
        version: header.version.to_string(),
        size: dataset.node().length(),
        mode: mode(&header).to_owned(),
        master_index_table: header.has_mit() == 1,
        reference: header.reference_id,
        sequences: header.seq_id.clone(),
        short_header: header.form == 1,
        ..DatasetInfo::default()
    };
    for child in dataset.node().children()? {
        match &child.key() {
            b"dscn" => found.descriptor_streams += 1,
            b"pars" => found.parameter_sets += 1,
            b"dtmd" | b"dtmt" | b"dtcd" | b"dtpr" => *found.metadata.entry(child.key().escape_ascii().to_string()).or_default() += child.length(),
            _ => {}
        }
    }
    if header.dataset_type == DatasetType::Annotation {
        found.mode.clear();
        for table in dataset.annotation_tables()? {
            let kind = table.at_type.symbol().unwrap_or("reserved").to_owned();
            found.annotation_tables.push((table.at_id, table.at_name, kind, table.n_aux_attribute_groups + 1));
        }
        for table in dataset.tables()? {
            match value_indexes(&table) {
                Ok(indexes) => found.value_indexes.extend(indexes),
                Err(error) if error.kind() == ErrorKind::Io => return Err(error),
                Err(error) => {
                    found.value_indexes.push(ValueIndexInfo { kind: "index".to_owned(), error: Some(error.to_string()), ..ValueIndexInfo::default() })
                }
            }
        }
        return Ok(found);
    }
    let sets = dataset.parameter_sets()?;
    for unit in dataset.access_units()? {
        let unit = unit?;
        let unit_header = dataset.access_unit_header(&unit, &header, &sets)?;
        let class = found.classes.entry(class_name(unit_header.au_type)).or_default();
        class.access_units += 1;
        class.reads += u64::from(unit_header.reads_count);
        class.bytes += unit.length();
    }
    Ok(found)
}

/// The indexes of values of a table. A string index is read once, for its strings.
fn value_indexes(table: &AnnotationTable<'_>) -> Result<Vec<ValueIndexInfo>> {
    let at_id = table.header()?.at_id;
    let mut found = vec![];
    for index in table.string_indexes()? {
        let stats: Result<Vec<Stats>> = index.sub_indexes().iter().map(|part| index.stats(part)).collect();
        let little_endian = stats.as_ref().is_ok_and(|stats| stats.iter().any(|part| part.little_endian));
        let (strings, error) = match stats {
            Ok(stats) => (Some(stats.iter().fold((0u64, 0u64), |sum, part| (sum.0.saturating_add(part.strings), sum.1.saturating_add(part.text)))), None),
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => (None, Some(error.to_string())),
        };
        let (group, fields, size) = (index.ag_class(), index.names()?, index.length());
        found.push(ValueIndexInfo { table: at_id, group, fields, kind: "string index".to_owned(), size, strings, little_endian, error });
    }
    for index in table.opaque_indexes()? {
        let fields = index.fields.iter().map(ToString::to_string).collect();
        found.push(ValueIndexInfo { table: at_id, group: index.ag_class, fields, kind: index.to_string(), size: index.length, ..ValueIndexInfo::default() });
    }
    Ok(found)
}

fn mode(header: &DatasetHeader) -> &'static str {
    match (header.block_header_flag, header.cc_mode_flag) {
        (false, _) => "DSC",
        (true, Some(true)) => "AUC-CC",
        (true, _) => "AUC-GRC",
    }
}

fn class_name(au_type: AuType) -> String {
    let symbol = au_type.symbol().unwrap_or("reserved");
    symbol.strip_suffix("_TYPE_AU").unwrap_or(symbol).to_owned()
}

fn stream(source: &dyn Source) -> Result<StreamInfo> {
    let mut found = StreamInfo { size: source.len(), ..StreamInfo::default() };
    let mut gather = Gather::default();
    for packet in Packets::new(source) {
        let packet = packet?;
        found.packets += 1;
        let entry = found.streams.entry(packet.header.sid).or_default();
        entry.packets += 1;
        entry.bytes += packet.payload().1;
        let Some(whole) = gather.take(&packet) else { continue };
        entry.damaged += u64::from(whole.gap);
        let pieces = Pieces::new(source, whole.pieces)?;
        let mut key = [0; 4];
        if pieces.len() >= 4 {
            pieces.read_at(0, &mut key)?;
        }
        *entry.boxes.entry(key.escape_ascii().to_string()).or_default() += 1;
    }
    Ok(found)
}

fn units(source: &dyn Source) -> Result<UnitsInfo> {
    let mut found = UnitsInfo { size: source.len(), ..UnitsInfo::default() };
    for unit in Units::new(source) {
        let unit = unit.map_err(|error: Error| error.in_field("data_unit", &[found.units.values().map(|entry| entry.0).sum()]))?;
        let entry = found.units.entry(unit.unit_type.symbol().unwrap_or("unknown type").to_owned()).or_default();
        entry.0 += 1;
        entry.1 += unit.length;
    }
    Ok(found)
}
