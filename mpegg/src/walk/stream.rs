//! Walking a transport stream: packet headers as they come, and inside the packets the fields of the boxes that they carry, each box
//! decoded when its first packet is met.

use super::file;
use super::level::Level;
use super::packets::{Gather, Gathered, Packet, Packets};
use super::path::Step;
use super::{Visitor, table_of};
use crate::tables::{DatasetMappingTable, DatasetMappingTableList, descriptions};
use mpegg_runtime::source::{Pieces, Source};
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{
    BitsHandle, Cursor, FieldEvent, FieldValue, NoScope, Quiet, Scope, StructEvent, Value, Visitor as FieldVisitor, walk_box, walk_struct,
};
use mpegg_runtime::{Error, ErrorKind, Limits, Result};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// A box whose packets have all arrived.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Its stream.
    pub sid: u16,
    /// First byte and length of each piece.
    pub pieces: Vec<(u64, u64)>,
    /// Whether a packet is missing in it.
    pub gap: bool,
}

/// Walks a stream.
pub fn walk(source: &dyn Source, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
    let boxes = gather(source)?;
    let transport = Rc::new(Transport::default());
    transport.prepare(source, &boxes, limits)?;
    let mut counts: HashMap<[u8; 4], u64> = HashMap::new();
    for (number, packet) in Packets::new(source).enumerate() {
        if visitor.stop() {
            return Ok(());
        }
        let packet = match packet {
            Ok(packet) => packet,
            Err(_) if visitor.stop() => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => {
                visitor.error(error.in_field("packet", &[number as u64]));
                return Ok(());
            }
        };
        visitor.packet(&packet);
        header(source, &packet, number as u64, visitor, limits)?;
        visitor.payload(&packet);
        let (at, length) = packet.payload();
        match boxes.starts.get(&at) {
            Some(whole) => one_box(source, &transport, whole, &mut counts, visitor, limits)?,
            None if boxes.inner.contains(&at) || length == 0 => {}
            None => lost(source, &packet, number as u64, visitor),
        }
    }
    Ok(())
}

struct Boxes {
    /// The boxes, by the first byte of their first piece.
    starts: BTreeMap<u64, Whole>,
    /// The first bytes of all further pieces.
    inner: std::collections::HashSet<u64>,
}

fn gather(source: &dyn Source) -> Result<Boxes> {
    let mut boxes = Boxes { starts: BTreeMap::new(), inner: Default::default() };
    let mut gather = Gather::default();
    for packet in Packets::new(source) {
        let Ok(packet) = packet else { break };
        if let Some(Gathered { pieces, gap, .. }) = gather.take(&packet)
            && let Some(((first, _), rest)) = pieces.split_first()
        {
            boxes.inner.extend(rest.iter().map(|(at, _)| *at));
            let first = *first;
            boxes.starts.insert(first, Whole { sid: packet.header.sid, pieces, gap });
        }
    }
    Ok(boxes)
}

fn header(source: &dyn Source, packet: &Packet, number: u64, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
    let bit = packet.offset.saturating_mul(8);
    let (outer, table): (&'static Table, &'static Table) = (&descriptions::PACKET, &descriptions::PACKET_HEADER);
    let index = [number];
    let Some(row) = outer.rows.first() else { return Ok(()) };
    visitor.base(&[], &[]);
    visitor.enter_struct(&StructEvent { table: outer, outer, row, name: "packet", index: &index, bit });
    visitor.enter_struct(&StructEvent { table, outer, row, name: "packet_header", index: &[], bit });
    let mut cursor = Cursor::range(source, bit, bit.saturating_add(40));
    let done = walk_struct(&mut cursor, table, &NoScope, visitor.fields(), limits);
    visitor.leave_struct();
    visitor.leave_struct();
    done.map(|_| ())
}

/// A payload whose box never ends: bytes, and an error.
fn lost(source: &dyn Source, packet: &Packet, number: u64, visitor: &mut dyn Visitor) {
    let (at, length) = packet.payload();
    let (bit, bits) = (at.saturating_mul(8), length.saturating_mul(8));
    let value = FieldValue::Bytes(BitsHandle::new(source, bit, bits));
    let field = FieldEvent { table: Some(&descriptions::PACKET), row: None, name: "packet_payload", index: &[], bit, bits, value, codes: None, counts: false };
    visitor.field(&field);
    let message = format!("the box of stream {} that this packet belongs to is never completed", packet.header.sid);
    visitor.error(Error::malformed(bit, message).in_field("packet_payload", &[]).in_field("packet", &[number]).in_table("packet", "6.6.5", Some(69)));
}

fn one_box(
    source: &dyn Source,
    transport: &Rc<Transport>,
    whole: &Whole,
    counts: &mut HashMap<[u8; 4], u64>,
    visitor: &mut dyn Visitor,
    limits: &Limits,
) -> Result<()> {
    let pieces = Pieces::new(source, whole.pieces.iter().copied())?;
    if whole.gap {
        let at = whole.pieces.first().map_or(0, |(at, _)| *at).saturating_mul(8);
        visitor.error(Error::malformed(at, format!("a packet is missing inside this box of stream {}", whole.sid)).in_table(
            "packet_header",
            "6.6.5.2",
            Some(70),
        ));
    }
    visitor.fragments(Some(&whole.pieces));
    let done = in_pieces(&pieces, transport, whole, counts, visitor, limits);
    visitor.fragments(None);
    done
}

fn in_pieces(
    pieces: &Pieces<&dyn Source>,
    transport: &Rc<Transport>,
    whole: &Whole,
    counts: &mut HashMap<[u8; 4], u64>,
    visitor: &mut dyn Visitor,
    limits: &Limits,
) -> Result<()> {
    let mut key = [0; 4];
    if pieces.len() >= 4 {
        pieces.read_at(0, &mut key)?;
    }
    // A box that lost a packet says nothing that could be trusted.
    if whole.gap || table_of(key).is_none() || super::read_head(pieces, 0, pieces.len()).is_ok_and(|head| head.end() != pieces.len()) {
        let bits = pieces.len().saturating_mul(8);
        let value = FieldValue::Bytes(BitsHandle::new(pieces, 0, bits));
        visitor.field(&FieldEvent {
            table: Some(&descriptions::PACKET),
            row: None,
            name: "packet_payload",
            index: &[],
            bit: 0,
            bits,
            value,
            codes: None,
            counts: false,
        });
        if !whole.gap {
            visitor.error(Error::malformed(0, "the packets do not make a box: no known key, or a Length that is not their bytes").in_table(
                "packet",
                "6.6.5",
                Some(69),
            ));
        }
        return Ok(());
    }
    let context = transport.enter(pieces, key, whole.sid, limits);
    let mut level = Level::top(pieces, limits);
    level.outside = Some(context);
    level.numbers = vec![("is_transport_mode", 1)];
    let ordinal = counts.entry(key).or_default();
    visitor.base(&[Step { key: *b"\0\0\0\0", ordinal: *ordinal, repeats: false }], &[]);
    *ordinal += 1;
    file::walk_in(&Rc::new(level), visitor, limits)?;
    visitor.base(&[], &[]);
    transport.keep(pieces, key, whole.sid, limits);
    Ok(())
}

/// The structures that have arrived, for those that depend on them.
#[derive(Default)]
pub struct Transport {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// The group of each stream of mapping tables.
    tables: HashMap<u16, i128>,
    /// Group and dataset of each data stream.
    streams: HashMap<u16, (i128, i128)>,
    /// The latest structures: key, group, dataset, annotation table, class or parameter set; those that a structure lacks are -1.
    kept: BTreeMap<([u8; 4], i128, i128, i128, i128), Value>,
}

/// The fields that say to what an annotation box belongs, read before it can be decoded.
#[derive(Default)]
struct Trail(HashMap<&'static str, i128>);

impl FieldVisitor for Trail {
    fn field(&mut self, event: &FieldEvent<'_>) {
        if let FieldValue::Int(value) = event.value {
            self.0.entry(event.name).or_insert(i128::from(value));
        }
    }
}

/// Everything that is kept by number, whether the record has it or the trail does.
fn identity(trail: &Trail, name: &str) -> i128 {
    trail.0.get(name).copied().unwrap_or(-1)
}

impl Transport {
    /// Keeps what arrives anywhere in the stream, because a structure can refer to one that comes later (`agtc` to `aghd`). Where one is sent
    /// several times, the walk replaces it as it goes.
    fn prepare(self: &Rc<Self>, source: &dyn Source, boxes: &Boxes, limits: &Limits) -> Result<()> {
        // As often as there are structures between one and what it depends on: `dthd`, `athd`, `aghd`, `agtc`.
        for _ in 0..4 {
            for whole in boxes.starts.values().filter(|whole| !whole.gap) {
                let pieces = Pieces::new(source, whole.pieces.iter().copied())?;
                let mut key = [0; 4];
                if pieces.len() >= 12 {
                    pieces.read_at(0, &mut key)?;
                    self.keep(&pieces, key, whole.sid, limits);
                }
            }
        }
        Ok(())
    }

    /// What the boxes of a stream can refer to.
    fn enter(self: &Rc<Self>, source: &dyn Source, key: [u8; 4], sid: u16, limits: &Limits) -> Rc<dyn Scope> {
        let trail = self.trail(source, key, limits);
        let (group, dataset) = self.place(&trail, sid);
        Rc::new(Context { transport: self.clone(), group, dataset, table: identity(&trail, "AT_ID"), class: identity(&trail, "AG_class") })
    }

    fn trail(&self, source: &dyn Source, key: [u8; 4], limits: &Limits) -> Trail {
        let mut trail = Trail::default();
        // Of a container the first child has the identifiers.
        let inner = table_of(key).filter(|table| table.kind == mpegg_runtime::table::Kind::Container);
        let start = if inner.is_some() { 96 } else { 0 };
        let mut cursor = Cursor::range(source, start, source.len().saturating_mul(8));
        let first = inner.map_or_else(|| table_of(key), |table| super::listed(table).first().map(|(_, table)| *table));
        if let Some(first) = first {
            let _ = walk_box(&mut cursor, first, &TransportMode, &mut trail, limits);
        }
        trail
    }

    fn place(&self, trail: &Trail, sid: u16) -> (i128, i128) {
        let state = self.state.borrow();
        match state.streams.get(&sid) {
            Some(place) => *place,
            None => (identity(trail, "dataset_group_ID"), identity(trail, "dataset_ID")),
        }
    }

    /// Remembers a box that others depend on.
    fn keep(self: &Rc<Self>, source: &dyn Source, key: [u8; 4], sid: u16, limits: &Limits) {
        let Some(table) = table_of(key).filter(|table| table.kind == mpegg_runtime::table::Kind::Box) else { return };
        let trail = self.trail(source, key, limits);
        let context = self.enter(source, key, sid, limits);
        let mut cursor = Cursor::new(source);
        let Ok(record) = walk_box(&mut cursor, table, &OfContext(context), &mut Quiet, limits) else { return };
        self.map_streams(source, key, sid);
        let (group, dataset) = self.place(&trail, sid);
        let part = match &key {
            b"agtc" | b"aghd" => identity(&trail, "AG_class"),
            b"pars" => identity(&trail, "parameter_set_ID"),
            b"rfgn" => identity(&trail, "reference_ID"),
            _ => -1,
        };
        let id = (key, group, dataset, identity(&trail, "AT_ID"), part);
        self.state.borrow_mut().kept.insert(id, Value::from(record));
    }

    /// What the mapping tables say about streams.
    fn map_streams(&self, source: &dyn Source, key: [u8; 4], sid: u16) {
        let mut state = self.state.borrow_mut();
        if key != DatasetMappingTableList::KEY && key != DatasetMappingTable::KEY {
            return;
        }
        let mut bytes = vec![0; usize::try_from(source.len()).unwrap_or(0)];
        if source.read_at(0, &mut bytes).is_err() {
            return;
        }
        if let Ok(list) = DatasetMappingTableList::from_box(&bytes) {
            for table in list.dataset_mapping_table_sid {
                state.tables.insert(table, i128::from(list.dataset_group_id));
            }
        } else if let Ok(table) = DatasetMappingTable::from_box(&bytes) {
            let Some(group) = state.tables.get(&sid).copied() else { return };
            for stream in table.data_streams {
                state.streams.insert(stream.data_sid, (group, i128::from(table.dataset_id)));
            }
        }
    }
}

/// Nothing but the mode.
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

/// The structures to which a box at hand can refer.
struct Context {
    transport: Rc<Transport>,
    group: i128,
    dataset: i128,
    table: i128,
    class: i128,
}

impl Context {
    /// How well a kept structure belongs to the box: identifiers that both have must be equal.
    fn belongs(&self, id: &([u8; 4], i128, i128, i128, i128)) -> bool {
        let same = |a: i128, b: i128| a == -1 || b == -1 || a == b;
        same(id.1, self.group) && (same(id.2, self.dataset) || id.0 == *b"rfgn" || id.0 == *b"dghd") && same(id.3, self.table)
    }

    fn of_key(&self, table: &'static Table) -> Vec<(i128, Value)> {
        let state = self.transport.state.borrow();
        let found = state.kept.iter().filter(|(id, _)| Some(id.0) == table.key && self.belongs(id));
        found.map(|(id, value)| (id.4, value.clone())).collect()
    }
}

impl Scope for Context {
    fn one(&self, table: &'static Table) -> Result<Value> {
        let found = self.of_key(table);
        let of_class = found.iter().rev().find(|(part, _)| *part == self.class || *part == -1 || self.class == -1);
        Ok(of_class.map_or(Value::Absent, |(_, value)| value.clone()))
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        Ok(Value::from(self.of_key(table).into_iter().map(|(_, value)| value).collect::<Vec<_>>()))
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn number(&self, name: &str) -> Option<i128> {
        (name == "is_transport_mode").then_some(1)
    }
}

struct OfContext(Rc<dyn Scope>);

impl Scope for OfContext {
    fn one(&self, table: &'static Table) -> Result<Value> {
        self.0.one(table)
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        self.0.many(table)
    }

    fn grouped(&self, table: &'static Table) -> Result<Value> {
        self.0.grouped(table)
    }

    fn number(&self, name: &str) -> Option<i128> {
        self.0.number(name)
    }
}
