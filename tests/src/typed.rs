//! Reads every box of an input with its generated type, in the context that the input itself supplies, and writes it again.

use crate::sinks::Collect;
use mpegg::bits::{BitReader, BitWriter};
use mpegg::source::Bytes;
use mpegg::tables::*;
use mpegg::walk::{Kind, Packets};
use mpegg::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// What became of a box.
pub struct Outcome {
    /// Where it stands.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Reading, then writing.
    pub result: Result<Written>,
}

/// What was read.
pub struct Written {
    /// What it is written as.
    pub bytes: Result<Vec<u8>>,
    /// Whether its JSON is read as the same value.
    pub json: std::result::Result<(), String>,
}

/// Whether the JSON of a value is read as the same value.
///
/// # Errors
///
/// What else it is read as.
pub fn through_json<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> std::result::Result<(), String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    match serde_json::from_str::<T>(&text) {
        Ok(again) if again == *value => Ok(()),
        Ok(_) => Err(format!("another value: {text}")),
        Err(error) => Err(format!("{error}: {text}")),
    }
}

/// A box type without a context, or with this one.
macro_rules! way {
    ($bytes:expr, $type:ty $(, $argument:expr)*) => {
        <$type>::from_box($bytes $(, $argument)*).map(|value| Written { bytes: value.to_box($($argument),*), json: through_json(&value) })
    };
}

/// What boxes of a file or a dataset depend on.
#[derive(Clone, Default)]
pub struct Context {
    /// 1 in a stream.
    pub transport: i128,
    /// The file header.
    pub file: FileHeader,
    /// The dataset header.
    pub dataset: DatasetHeader,
    /// The parameter sets.
    pub sets: Vec<DatasetParameterSet>,
    /// The annotation table.
    pub table: AnnotationTableHeader,
    /// Its attribute groups.
    pub groups: Vec<AttributeGroupHeader>,
    /// The tiles of each.
    pub configurations: Vec<AttributeGroupTileConfiguration>,
    /// The headers of the access units of each.
    pub units: Vec<Vec<AnnotationAccessUnitHeader>>,
    /// The attribute group around an access unit.
    pub group: usize,
}

/// Reads and writes a box of this key; `None`: there is no type for it, or the box has no place here.
pub fn one(key: [u8; 4], bytes: &[u8], context: &Context) -> Option<Result<Written>> {
    let Context { transport, file, dataset, sets, table, groups, configurations, units, group } = context;
    Some(match &key {
        b"flhd" => way!(bytes, FileHeader),
        b"dghd" => way!(bytes, DatasetGroupHeader),
        b"rfgn" => way!(bytes, Reference, file),
        b"rfmd" => way!(bytes, ReferenceMetadata),
        b"lbll" => way!(bytes, Label),
        b"dgmd" => way!(bytes, DgMetadata, file),
        b"dgcd" => way!(bytes, DgCdl),
        b"dgpr" => way!(bytes, DgProtection, file),
        b"dthd" => way!(bytes, DatasetHeader),
        b"dtmd" => way!(bytes, DtMetadata, file),
        b"dtmt" => way!(bytes, DtMetrics),
        b"dtcd" => way!(bytes, DtCdl),
        b"dtpr" => way!(bytes, DtProtection, file),
        b"pars" => way!(bytes, DatasetParameterSet, file, dataset),
        b"mitb" => way!(bytes, MasterIndexTable, dataset),
        b"auhd" => way!(bytes, AccessUnitHeader, file, dataset, sets),
        b"auin" => way!(bytes, AuInformation, file),
        b"aumt" => way!(bytes, AuMetrics),
        b"aupr" => way!(bytes, AuProtection, file),
        b"dshd" => way!(bytes, DescriptorStreamHeader),
        b"dspr" => way!(bytes, DsProtection),
        b"athd" => way!(bytes, AnnotationTableHeader, *transport),
        b"atmd" => way!(bytes, AtMetadata, *transport),
        b"atcd" => way!(bytes, AtCdl, *transport),
        b"atpr" => way!(bytes, AtProtection, *transport),
        b"aghd" => way!(bytes, AttributeGroupHeader, *transport, table),
        b"agtc" => way!(bytes, AttributeGroupTileConfiguration, *transport, dataset, table, groups, units),
        b"aauh" => {
            let group = groups.get(*group)?;
            way!(bytes, AnnotationAccessUnitHeader, *transport, table, group, configurations)
        }
        b"aaup" => way!(bytes, AauProtection),
        b"atix" => way!(bytes, AnnotationTableIndex, table, configurations, groups),
        b"csix" => way!(bytes, CompressedStringIndex),
        b"dmtl" => way!(bytes, DatasetMappingTableList),
        b"dmtb" => way!(bytes, DatasetMappingTable),
        // Without the list of groups nobody knows its fields: the walk keeps it as it is.
        b"adbo" if !table.ag_info_exists => return None,
        b"adbo" => {
            let configuration = configurations.get(*group)?;
            let class = i128::from(configuration.ag_class.code());
            let place = groups.iter().position(|group| group.ag_class == configuration.ag_class)? as i128;
            way!(bytes, AttributeDataByteOffset, dataset, table, class, place, units)
        }
        b"avix" => {
            let classes = groups.iter().map(|group| i128::from(group.ag_class.code()));
            let mut ways = classes.map(|class| way!(bytes, AttributeValueIndex, table, configurations, groups, class)).collect::<Vec<_>>();
            // Which group it belongs to stands in front of it, in the box around; the first that can be is taken.
            let best = ways.iter().position(|way| way.is_ok()).unwrap_or(0);
            if ways.is_empty() {
                return None;
            }
            ways.swap_remove(best)
        }
        _ => return None,
    })
}

/// A box and where it is found.
struct Found {
    path: String,
    bytes: Vec<u8>,
}

impl Found {
    fn key(&self) -> [u8; 4] {
        self.bytes.get(..4).and_then(|key| key.try_into().ok()).unwrap_or_default()
    }
}

/// The bytes of a box that starts at any bit.
fn cut(bytes: &[u8], bit: u64, length: u64) -> Option<Vec<u8>> {
    let mut reader = BitReader::new(bytes);
    reader.skip(bit).ok()?;
    Some(reader.bit_string(length.checked_mul(8)?).ok()?.bytes().to_vec())
}

/// The path up to the last box of this key in it.
fn up_to<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    let mut end = 0;
    let mut found = None;
    for part in path.split('.') {
        end += part.len();
        if part.split('[').next() == Some(key) {
            found = path.get(..end);
        }
        end += 1;
    }
    found
}

/// Boxes by path, those that have the same number in the order of these.
struct Boxes(BTreeMap<String, Found>);

impl Boxes {
    fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(|found| found.bytes.as_slice())
    }

    /// The boxes of a key directly inside a container.
    fn all(&self, container: &str, key: &str) -> Vec<&Found> {
        let mut ordinal = 0;
        let mut found = vec![];
        let single = format!("{container}.{key}");
        found.extend(self.0.get(&single));
        while let Some(next) = self.0.get(&format!("{single}[{ordinal}]")) {
            found.push(next);
            ordinal += 1;
        }
        found
    }
}

/// What the boxes of a file depend on, for the container that a path names.
fn context_at(boxes: &Boxes, file: &FileHeader, path: &str) -> Context {
    let mut context = Context { file: file.clone(), ..Context::default() };
    let Some(dataset) = up_to(path, "dtcn") else { return context };
    let header = boxes.get(&format!("{dataset}.dthd")).and_then(|bytes| DatasetHeader::from_box(bytes).ok());
    context.dataset = header.unwrap_or_default();
    context.sets = boxes.all(dataset, "pars").iter().filter_map(|set| DatasetParameterSet::from_box(&set.bytes, file, &context.dataset).ok()).collect();
    if let Some(table) = up_to(path, "atcn") {
        annotation(boxes, table, &mut context);
    }
    context
}

fn annotation(boxes: &Boxes, table: &str, context: &mut Context) {
    context.table = boxes.get(&format!("{table}.athd")).and_then(|bytes| AnnotationTableHeader::from_box(bytes, 0).ok()).unwrap_or_default();
    let groups: Vec<String> = boxes.all(table, "agcn").iter().map(|found| found.path.clone()).collect();
    let header = |group: &String| {
        let bytes = boxes.get(&format!("{group}.aghd"))?;
        AttributeGroupHeader::from_box(bytes, 0, &context.table).ok()
    };
    context.groups = groups.iter().filter_map(header).collect();
    // The units depend on the configurations and these (their offsets only) on the units.
    for found in boxes.all(table, "agtc") {
        let read = AttributeGroupTileConfiguration::from_box(&found.bytes, 0, &context.dataset, &context.table, &context.groups, &[]);
        context.configurations.extend(read.ok());
    }
    for (number, group) in groups.iter().enumerate() {
        let Some(header) = context.groups.get(number) else { continue };
        let units = boxes.all(group, "aauc");
        let units = units.iter().filter_map(|unit| {
            let bytes = boxes.get(&format!("{}.aauh", unit.path))?;
            AnnotationAccessUnitHeader::from_box(bytes, 0, &context.table, header, &context.configurations).ok()
        });
        let units = units.collect();
        context.units.push(units);
    }
}

/// The number in the last segment of this key.
fn ordinal(path: &str, key: &str) -> usize {
    let segment = path.split('.').rfind(|part| part.split('[').next() == Some(key));
    segment.and_then(|part| part.split(['[', ']']).nth(1)).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The boxes of a file with the context of each: the path, the bytes, the context.
pub fn boxes_of_file(bytes: &[u8], each: &mut dyn FnMut(&str, &[u8], &Context)) {
    struct Heads(Vec<(String, u64, u64)>);
    impl mpegg::dump::LineSink for Heads {
        fn begin(&mut self, head: &mpegg::dump::BoxLine) -> std::io::Result<()> {
            self.0.push((head.path.clone(), head.bit, head.length));
            Ok(())
        }
        fn line(&mut self, _: &mpegg::dump::Line) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut heads = Heads(vec![]);
    let dumped = mpegg::dump::dump(&Bytes(bytes), Kind::File, &Default::default(), &Default::default(), &mut heads);
    dumped.expect("memory is readable");
    let mut boxes = Boxes(BTreeMap::new());
    let mut order = vec![];
    for (path, bit, length) in heads.0 {
        // What contains boxes only is not kept: memory would grow with the depth.
        let container = ["dgcn", "dtcn", "aucn", "dscn", "atcn"].iter().any(|key| up_to(&path, key) == Some(&path));
        let cut = if container { Some(vec![]) } else { cut(bytes, bit, length) };
        if let Some(bytes) = cut {
            order.push(path.clone());
            boxes.0.insert(path.clone(), Found { path, bytes });
        }
    }
    let file = boxes.get("flhd").and_then(|bytes| FileHeader::from_box(bytes).ok()).unwrap_or_default();
    let mut contexts: BTreeMap<String, Context> = BTreeMap::new();
    for path in order {
        let Some(found) = boxes.0.get(&path) else { continue };
        let container = up_to(&path, "atcn").or(up_to(&path, "dtcn")).unwrap_or_default().to_owned();
        let context = contexts.entry(container.clone()).or_insert_with(|| context_at(&boxes, &file, &container));
        context.group = if up_to(&path, "agtc").is_some() { ordinal(&path, "agtc") } else { ordinal(&path, "agcn") };
        each(&path, &found.bytes, context);
    }
}

fn key_of(bytes: &[u8]) -> [u8; 4] {
    bytes.get(..4).and_then(|key| key.try_into().ok()).unwrap_or_default()
}

fn file(bytes: &[u8], each: &mut dyn FnMut(Outcome)) {
    boxes_of_file(bytes, &mut |path, bytes, context| {
        if let Some(result) = one(key_of(bytes), bytes, context) {
            each(Outcome { path: path.to_owned(), bytes: bytes.to_vec(), result });
        }
    });
}

/// The boxes of a stream, put together: SID and bytes, in the order of completion.
pub fn boxes_of_stream(bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut open: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    let mut whole = vec![];
    for packet in Packets::new(&Bytes(bytes)) {
        let Ok(packet) = packet else { break };
        let (at, length) = packet.payload();
        if length == 0 {
            continue; // the end of a dataset
        }
        let (Ok(at), Ok(end)) = (usize::try_from(at), usize::try_from(at + length)) else { break };
        open.entry(packet.header.sid).or_default().extend(bytes.get(at..end).unwrap_or_default());
        if packet.header.marker_bit
            && let Some(bytes) = open.remove(&packet.header.sid)
        {
            whole.push((packet.header.sid, bytes));
        }
    }
    whole
}

/// The boxes in a reassembled box, itself included, where it is a container.
fn inside(path: String, bytes: Vec<u8>, found: &mut Vec<Found>) {
    let start = match &key_of(&bytes) {
        b"aucn" | b"aauc" | b"agcn" | b"dscn" => 12,
        b"labl" => 15,
        _ => {
            found.push(Found { path, bytes });
            return;
        }
    };
    let mut at = start;
    let mut number = 0;
    while let Some(length) = bytes.get(at + 4..at + 12).and_then(|length| length.try_into().ok()).map(u64::from_be_bytes) {
        let key = key_of(bytes.get(at..).unwrap_or_default());
        let known = [*b"auhd", *b"auin", *b"aumt", *b"aupr", *b"aauh", *b"aaup", *b"aghd", *b"aauc", *b"dshd", *b"dspr", *b"lbll"].contains(&key);
        let end = usize::try_from(length).ok().and_then(|length| at.checked_add(length)).filter(|_| length >= 12);
        let Some(child) = end.and_then(|end| bytes.get(at..end)).filter(|_| known) else { return };
        inside(format!("{path}.{}#{number}", key.escape_ascii()), child.to_vec(), found);
        at += child.len();
        number += 1;
    }
}

#[derive(Default)]
struct Stream {
    file: FileHeader,
    groups_of_tables: BTreeMap<u16, u8>,
    datasets_of_streams: BTreeMap<u16, (u8, u16)>,
    datasets: BTreeMap<(u8, u16), Context>,
    tables: BTreeMap<(u8, u16, u8), Context>,
}

impl Stream {
    /// dataset_group_ID, dataset_ID and AT_ID as annotation boxes of a stream have them in front; `aauh` has 5 bits before them.
    fn annotation_place(bytes: &[u8]) -> Option<(u8, u16, u8, u8)> {
        let mut reader = BitReader::new(bytes);
        reader.skip(if key_of(bytes) == *b"aauh" { 101 } else { 96 }).ok()?;
        let mut next = |bits| reader.unsigned(bits).ok();
        Some((next(8)? as u8, next(16)? as u16, next(8)? as u8, next(3)? as u8))
    }

    fn context(&self, sid: u16, bytes: &[u8]) -> Context {
        let place = self.datasets_of_streams.get(&sid).copied().unwrap_or_default();
        let mut context = self.datasets.get(&place).cloned().unwrap_or_default();
        if matches!(&key_of(bytes), b"aghd" | b"agtc" | b"aauh" | b"athd" | b"atmd" | b"atcd" | b"atpr")
            && let Some((group, dataset, table, class)) = Self::annotation_place(bytes)
        {
            context = self.tables.get(&(group, dataset, table)).cloned().unwrap_or_default();
            context.dataset = self.datasets.get(&(group, dataset)).map(|context| context.dataset.clone()).unwrap_or_default();
            context.group = context.groups.iter().position(|group| group.ag_class.code() == u64::from(class)).unwrap_or(0);
        }
        context.file = self.file.clone();
        context.transport = 1;
        context
    }

    /// Remembers what others depend on.
    fn keep(&mut self, sid: u16, bytes: &[u8]) {
        let context = self.context(sid, bytes);
        let place = self.datasets_of_streams.get(&sid).copied().unwrap_or_default();
        match &key_of(bytes) {
            b"flhd" => self.file = FileHeader::from_box(bytes).unwrap_or_default(),
            b"dmtl" => {
                let list = DatasetMappingTableList::from_box(bytes).unwrap_or_default();
                self.groups_of_tables.extend(list.dataset_mapping_table_sid.iter().map(|sid| (*sid, list.dataset_group_id)));
            }
            b"dmtb" => {
                let table = DatasetMappingTable::from_box(bytes).unwrap_or_default();
                let group = self.groups_of_tables.get(&sid).copied().unwrap_or_default();
                self.datasets_of_streams.extend(table.data_streams.iter().map(|stream| (stream.data_sid, (group, table.dataset_id))));
            }
            b"dthd" => self.datasets.entry(place).or_default().dataset = DatasetHeader::from_box(bytes).unwrap_or_default(),
            b"pars" => {
                if let Ok(set) = DatasetParameterSet::from_box(bytes, &context.file, &context.dataset) {
                    let sets = &mut self.datasets.entry(place).or_default().sets;
                    sets.retain(|known| known.parameter_set_id != set.parameter_set_id);
                    sets.push(set);
                }
            }
            b"athd" | b"aghd" | b"agtc" => {
                let Some((group, dataset, table, _)) = Self::annotation_place(bytes) else { return };
                let kept = self.tables.entry((group, dataset, table)).or_default();
                match &key_of(bytes) {
                    b"athd" => kept.table = AnnotationTableHeader::from_box(bytes, 1).unwrap_or_default(),
                    b"aghd" => {
                        if let Ok(header) = AttributeGroupHeader::from_box(bytes, 1, &context.table) {
                            kept.groups.retain(|known| known.ag_class != header.ag_class);
                            kept.groups.push(header);
                        }
                    }
                    _ => {
                        let read = AttributeGroupTileConfiguration::from_box(bytes, 1, &context.dataset, &context.table, &context.groups, &[]);
                        if let Ok(configuration) = read {
                            kept.configurations.retain(|known| known.ag_class != configuration.ag_class);
                            kept.configurations.push(configuration);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn stream(bytes: &[u8], each: &mut dyn FnMut(Outcome)) {
    let mut boxes = vec![];
    for (number, (sid, bytes)) in boxes_of_stream(bytes).into_iter().enumerate() {
        let mut found = vec![];
        inside(format!("{number}:{}", key_of(&bytes).escape_ascii()), bytes, &mut found);
        boxes.extend(found.into_iter().map(|found| (sid, found)));
    }
    let mut state = Stream::default();
    // A structure can refer to one that comes later (`agtc` to `aghd`).
    for _ in 0..3 {
        for (sid, found) in &boxes {
            state.keep(*sid, &found.bytes);
        }
    }
    for (sid, mut found) in boxes {
        state.keep(sid, &found.bytes);
        let context = state.context(sid, &found.bytes);
        // What is behind the Length belongs to no box.
        let length = found.bytes.get(4..12).and_then(|length| length.try_into().ok()).map_or(0, u64::from_be_bytes);
        found.bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        if let Some(result) = one(found.key(), &found.bytes, &context) {
            each(Outcome { path: found.path, bytes: found.bytes, result });
        }
    }
}

fn units(bytes: &[u8], each: &mut dyn FnMut(Outcome)) {
    let mut reader = BitReader::new(bytes);
    let mut number = 0;
    while reader.remaining() > 0 {
        let start = usize::try_from(reader.position() / 8).unwrap_or(usize::MAX);
        let read = DataUnit::read(&mut reader);
        let failed = read.is_err();
        let end = usize::try_from(reader.position() / 8).unwrap_or(usize::MAX);
        let result = read.map(|unit| {
            let mut w = BitWriter::new();
            let written = unit.write(&mut w);
            Written { bytes: written.map(|()| w.into_bytes()), json: through_json(&unit) }
        });
        let bytes = bytes.get(start..end).unwrap_or_default().to_vec();
        each(Outcome { path: format!("data_unit[{number}]"), bytes, result });
        if failed {
            break;
        }
        number += 1;
    }
}

/// Reads all boxes of an input, or its units.
pub fn all(bytes: &[u8], kind: Kind, each: &mut dyn FnMut(Outcome)) {
    match kind {
        Kind::File => file(bytes, each),
        Kind::Stream => stream(bytes, each),
        Kind::Units => units(bytes, each),
    }
}

/// Nothing that could be read may be written as anything else.
///
/// # Errors
///
/// The box, and what is wrong.
pub fn check(outcome: &Outcome) -> std::result::Result<(), String> {
    let Outcome { path, bytes, result } = outcome;
    let Ok(written) = result else { return Ok(()) };
    written.json.as_ref().map_err(|error| format!("{path}: as JSON {error}"))?;
    match &written.bytes {
        Ok(again) if again == bytes => Ok(()),
        Ok(again) => Err(format!("{path}: {} is written as {}", crate::inputs::hex_of(bytes), crate::inputs::hex_of(again))),
        Err(error) => Err(format!("{path}: read, but not written: {error}")),
    }
}

/// The error of an outcome.
pub fn error_of(outcome: &Outcome) -> Option<&Error> {
    outcome.result.as_ref().err()
}

/// Whether the dump of an input has no errors.
pub fn well_formed(bytes: &[u8], kind: Kind) -> bool {
    Collect::of(bytes, kind).1.is_empty()
}
