//! A stream as [`Input`]: boxes put together from their packets, and sorted by what they say they belong to.

use super::{AnnotationTable, AttributeGroup, Dataset, Found, Group, Input, Node, Origin, Tails, file};
use crate::tables::{
    AnnotationTableHeader, AttributeGroupHeader, DatasetGroupHeader, DatasetHeader, DatasetMappingTable, DatasetMappingTableList, DatasetParameterSet,
    FileHeader, Reference, ReferenceMetadata,
};
use crate::walk::{Gather, Packets, listed, table_of};
use mpegg_runtime::source::{Pieces, Source};
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{Cursor, FieldEvent, FieldValue, Scope, Value, Visitor, walk_box};
use mpegg_runtime::{Limits, Result};
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::rc::Rc;

/// A box that has arrived whole.
pub struct Arrived {
    /// Its stream.
    pub sid: u16,
    /// First byte and length of each piece.
    pub pieces: Vec<(u64, u64)>,
    /// Its key.
    pub key: [u8; 4],
}

/// What the mapping tables say about a data stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// The dataset group.
    pub group: u8,
    /// The dataset.
    pub dataset: u16,
    /// What it carries (Table 68).
    pub data_type: u8,
}

/// A stream.
pub struct Stream<'s> {
    origin: Origin<'s>,
    /// The boxes, in the order in which their first packets arrive.
    pub boxes: Vec<Arrived>,
    /// The lists of mapping tables; the last of each group counts.
    pub lists: Vec<Found<DatasetMappingTableList>>,
    /// The mapping tables with their streams; the last on each stream counts.
    pub tables: Vec<(u16, Found<DatasetMappingTable>)>,
    /// The first entry for each data stream.
    pub mapped: HashMap<u16, Mapped>,
}

/// The identifiers with which a box begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    pub group: Option<u8>,
    pub dataset: Option<u16>,
    pub table: Option<u8>,
    pub class: Option<u8>,
}

impl<'s> Stream<'s> {
    /// Puts the boxes of a stream together, and reads its mapping tables.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn read(source: &'s dyn Source, limits: &Limits, tails: &Rc<Tails>) -> Result<Stream<'s>> {
        let origin = Origin { source, limits: *limits, tails: tails.clone() };
        let mut stream = Stream { origin, boxes: vec![], lists: vec![], tables: vec![], mapped: HashMap::new() };
        let mut gather = Gather::default();
        for packet in Packets::new(source) {
            let Ok(packet) = packet else { break };
            let Some(whole) = gather.take(&packet).filter(|whole| !whole.gap) else { continue };
            let mut key = [0; 4];
            let pieces = Pieces::new(source, whole.pieces.iter().copied())?;
            if pieces.len() >= 12 {
                pieces.read_at(0, &mut key)?;
                stream.boxes.push(Arrived { sid: packet.header.sid, pieces: whole.pieces, key });
            }
        }
        stream.mapping_tables()?;
        Ok(stream)
    }

    fn mapping_tables(&mut self) -> Result<()> {
        let mut lists: Vec<Found<DatasetMappingTableList>> = vec![];
        let mut tables: Vec<(u16, Found<DatasetMappingTable>)> = vec![];
        for arrived in &self.boxes {
            if arrived.key == DatasetMappingTableList::KEY
                && let Some(list) = self.node(arrived)?.decode(DatasetMappingTableList::read_box)?
            {
                lists.retain(|other| other.value.dataset_group_id != list.value.dataset_group_id);
                lists.push(list);
            }
            if arrived.key == DatasetMappingTable::KEY
                && let Some(table) = self.node(arrived)?.decode(DatasetMappingTable::read_box)?
            {
                tables.retain(|(sid, _)| *sid != arrived.sid);
                tables.push((arrived.sid, table));
            }
        }
        for list in &lists {
            for sid in &list.value.dataset_mapping_table_sid {
                for (_, table) in tables.iter().filter(|(on, _)| on == sid) {
                    for entry in &table.value.data_streams {
                        let data_type = u8::try_from(entry.data_type.code()).unwrap_or(u8::MAX);
                        let mapped = Mapped { group: list.value.dataset_group_id, dataset: table.value.dataset_id, data_type };
                        self.mapped.entry(entry.data_sid).or_insert(mapped);
                    }
                }
            }
        }
        (self.lists, self.tables) = (lists, tables);
        Ok(())
    }

    /// A box, to be read.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn node(&self, arrived: &Arrived) -> Result<Node<'s>> {
        Node::in_pieces(&self.origin, &arrived.pieces, arrived.key)
    }

    /// The identifiers of a box.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn trail(&self, arrived: &Arrived) -> Result<Trail> {
        let node = self.node(arrived)?;
        // Of a container the first child has them.
        let (table, start): (Option<&'static Table>, u64) = match table_of(arrived.key) {
            Some(table) if table.kind == TableKind::Container => {
                let own = file::field_before_children(&node, table, "dataset_group_ID");
                if let Some(group) = own {
                    return Ok(Trail { group: u8::try_from(group).ok(), ..Trail::default() });
                }
                (listed(table).first().map(|(_, table)| *table), 96)
            }
            table => (table, 0),
        };
        let mut found = Identifiers::default();
        if let Some(table) = table {
            let mut cursor = Cursor::range(&node.source, start, node.head.length.saturating_mul(8));
            // What depends on other boxes comes behind the identifiers.
            let _ = walk_box(&mut cursor, table, &TransportMode, &mut found, &self.origin.limits);
        }
        Ok(found.0)
    }

    /// Group and dataset of a box: those that its stream is mapped to, else those that it names itself.
    fn place(&self, arrived: &Arrived, trail: &Trail) -> (Option<u8>, Option<u16>) {
        let mapped = self.mapped.get(&arrived.sid);
        (trail.group.or(mapped.map(|mapped| mapped.group)), trail.dataset.or(mapped.map(|mapped| mapped.dataset)))
    }

    /// Everything that the boxes hold.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn input(&self) -> Result<Input<'s>> {
        let mut header = None;
        for arrived in self.boxes.iter().filter(|arrived| arrived.key == FileHeader::KEY) {
            header = self.node(arrived)?.decode(FileHeader::read_box)?.or(header);
        }
        let file = header.as_ref().map(|header| header.value.clone()).unwrap_or_default();
        let input = Input { header, groups: vec![], is_stream: true };
        let mut builder =
            Builder { stream: self, file, input, groups: HashMap::new(), datasets: HashMap::new(), seen: HashSet::new(), hasher: RandomState::new() };
        // Each level needs those above it, whatever the order of arrival.
        for level in [&[*b"dghd"][..], &[*b"rfgn", *b"rfmd", *b"labl", *b"dthd"], &[*b"pars", *b"aucn", *b"athd"], &[*b"aghd", *b"agtc"], &[*b"aauc"]] {
            for arrived in self.boxes.iter().filter(|arrived| level.contains(&arrived.key)) {
                builder.add(arrived)?;
            }
        }
        Ok(builder.input)
    }
}

struct Builder<'b, 's> {
    stream: &'b Stream<'s>,
    file: FileHeader,
    input: Input<'s>,
    groups: HashMap<u8, usize>,
    datasets: HashMap<(u8, u16), usize>,
    /// The boxes that have been added, by a hash of their bytes: the same one may be sent again.
    seen: HashSet<([u8; 4], u8, Option<u16>, u64)>,
    hasher: RandomState,
}

impl<'s> Builder<'_, 's> {
    fn is_new(&mut self, node: &Node, group: u8, dataset: Option<u16>) -> Result<bool> {
        let bytes = node.decode(|r| Ok(r.aligned_bytes(r.remaining()).map(<[u8]>::to_vec)))?;
        let hash = self.hasher.hash_one(bytes.and_then(|bytes| bytes.value));
        Ok(self.seen.insert((node.key(), group, dataset, hash)))
    }

    fn add(&mut self, arrived: &Arrived) -> Result<()> {
        let node = self.stream.node(arrived)?;
        let trail = self.stream.trail(arrived)?;
        let (Some(id), dataset) = self.stream.place(arrived, &trail) else { return Ok(()) };
        let number = self.groups.get(&id).copied();
        if arrived.key == DatasetGroupHeader::KEY {
            let header = node.decode(DatasetGroupHeader::read_box)?;
            match number.and_then(|number| self.input.groups.get_mut(number)) {
                Some(known) => known.header = header.or(known.header.take()),
                None if header.is_some() => {
                    self.groups.insert(id, self.input.groups.len());
                    self.input.groups.push(Group { header, references: vec![], reference_metadata: vec![], labels: None, datasets: vec![] });
                }
                None => {}
            }
            return Ok(());
        }
        if matches!(&arrived.key, b"rfgn" | b"rfmd" | b"pars") && !self.is_new(&node, id, dataset)? {
            return Ok(());
        }
        let Some(group) = number.and_then(|number| self.input.groups.get_mut(number)) else { return Ok(()) };
        let known = dataset.and_then(|dataset| self.datasets.get(&(id, dataset))).copied();
        match &arrived.key {
            b"rfgn" => group.references.extend(node.decode(|r| Reference::read_box(r, &self.file))?),
            b"rfmd" => {
                let found = node.decode(ReferenceMetadata::read_box)?;
                group.reference_metadata.extend(found.map(|found| Found { at: found.at, value: found.value.reference_id }));
            }
            b"labl" => group.labels = Some(file::labels(&node, 0)?),
            b"dthd" => {
                let header = node.decode(DatasetHeader::read_box)?;
                match known.and_then(|known| group.datasets.get_mut(known)) {
                    Some(known) => known.header = header.or(known.header.take()),
                    None => {
                        self.datasets.extend(dataset.map(|dataset| ((id, dataset), group.datasets.len())));
                        group.datasets.push(Dataset { header, origin: Some(self.stream.origin.clone()), ..Dataset::default() });
                    }
                }
            }
            _ => {
                if let Some(dataset) = known.and_then(|known| group.datasets.get_mut(known)) {
                    in_dataset(arrived, &node, &trail, &self.file, dataset)?;
                }
            }
        }
        Ok(())
    }
}

fn in_dataset<'s>(arrived: &Arrived, node: &Node<'s>, trail: &Trail, file: &FileHeader, dataset: &mut Dataset<'s>) -> Result<()> {
    let Some(header) = &dataset.header else { return Ok(()) };
    match &arrived.key {
        b"pars" => {
            if let Some(set) = node.decode(|r| DatasetParameterSet::read_box(r, file, &header.value))? {
                dataset.sets.push(set.value);
                dataset.sets_at.push(set.at);
            }
        }
        b"aucn" => dataset.arrived.push((arrived.sid, arrived.pieces.clone())),
        b"athd" => {
            let header = node.decode(|r| AnnotationTableHeader::read_box(r, 1))?;
            match dataset.tables.iter_mut().find(|known| known.id() == trail.table) {
                Some(known) => known.header = header.or(known.header.take()),
                None => dataset.tables.push(AnnotationTable { header, configurations: vec![], index: None, groups: vec![] }),
            }
        }
        _ => {
            let Some(table) = dataset.tables.iter_mut().find(|known| known.id() == trail.table) else { return Ok(()) };
            let (Some(header), class) = (&table.header, trail.class) else { return Ok(()) };
            match &arrived.key {
                b"aghd" => {
                    let header = node.decode(|r| AttributeGroupHeader::read_box(r, 1, &header.value))?;
                    match table.groups.iter_mut().find(|known| known.class() == class) {
                        Some(known) => known.header = header.or(known.header.take()),
                        None => table.groups.push(AttributeGroup { offset: 0, at: node.at, header, units: vec![] }),
                    }
                }
                b"agtc" => table.configurations.push(node.clone()),
                _ => {
                    if let Some(group) = table.groups.iter_mut().find(|known| known.class() == class) {
                        group.units.push(node.clone());
                    }
                }
            }
        }
    }
    Ok(())
}

/// Takes the identifiers with which a box begins.
#[derive(Default)]
struct Identifiers(Trail);

impl Visitor for Identifiers {
    fn field(&mut self, event: &FieldEvent<'_>) {
        let FieldValue::Int(value) = event.value else { return };
        let byte = u8::try_from(value).ok();
        match event.name {
            "dataset_group_ID" => self.0.group = self.0.group.or(byte),
            "dataset_ID" => self.0.dataset = self.0.dataset.or(u16::try_from(value).ok()),
            "AT_ID" => self.0.table = self.0.table.or(byte),
            "AG_class" => self.0.class = self.0.class.or(byte),
            _ => {}
        }
    }
}

/// Supplies nothing but the mode.
struct TransportMode;

impl Scope for TransportMode {
    fn one(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn many(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn number(&self, name: &str) -> Option<i128> {
        (name == "is_transport_mode").then_some(1)
    }
}
