//! The boxes of an input, without reading what is in them.

use crate::walk::{Child, Head, Kind, Packets, Step, TOP, Targets, children, first_child, listed, read_head, repeats};
use mpegg_runtime::source::{Pieces, Source};
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::{Error, Limits, Result};
use serde::Serialize;
use std::collections::HashMap;

/// A box, a reassembled box of a stream, or a data unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Where it stands: `dgcn[0].dtcn[1].dthd`.
    pub path: String,
    /// The key, or `data_unit`.
    pub key: String,
    /// The printed name; absent for an unknown box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    /// Its first byte in the input.
    pub offset: u64,
    /// Bytes in all.
    pub length: u64,
    /// In how many boxes it stands.
    pub depth: usize,
    /// Of an `offs`: the key and the place of the box that it addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<String>,
    /// Of a box of a stream: its SID and the number of its packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets: Option<(u16, usize)>,
}

/// Gives each box to `give`, parents before children, in the order of the bytes. Returns what is wrong with the structure.
///
/// # Errors
///
/// I/O, of the input or of `give`.
pub fn tree(source: &dyn Source, kind: Kind, limits: &Limits, give: &mut dyn FnMut(&Node) -> std::io::Result<()>) -> Result<Vec<Error>> {
    let mut walk = Tree { source, limits, give, errors: vec![], targets: HashMap::new() };
    match kind {
        Kind::File => walk.file()?,
        Kind::Stream => walk.stream()?,
        Kind::Units => walk.units()?,
    }
    Ok(walk.errors)
}

struct Tree<'a> {
    source: &'a dyn Source,
    limits: &'a Limits,
    give: &'a mut dyn FnMut(&Node) -> std::io::Result<()>,
    errors: Vec<Error>,
    /// Boxes that an `offs` addresses: where they belong.
    targets: HashMap<u64, (Option<&'static Table>, String)>,
}

impl Tree<'_> {
    fn file(&mut self) -> Result<()> {
        if self.source.is_empty() {
            self.errors.push(Error::truncated(0, 96).with_message("the file is empty: it begins with the box `flhd`"));
        }
        let targets = Targets::of(self.source, self.limits, &mut self.errors)?;
        self.targets = targets.homes().collect();
        self.boxes(None, 0, self.source.len(), "", 0)
    }

    fn boxes(&mut self, table: Option<&'static Table>, start: u64, end: u64, prefix: &str, depth: usize) -> Result<()> {
        if depth > self.limits.depth as usize {
            self.errors.push(Error::limit(start.saturating_mul(8), format!("boxes are nested deeper than {}", self.limits.depth)));
            return Ok(());
        }
        let mut counts: HashMap<[u8; 4], u64> = HashMap::new();
        let mut at = start;
        if let Some(table) = table {
            for child in children(self.source, Some(table), start, end) {
                let head = child?.head;
                self.one(Some(table), &head, prefix, depth, &mut counts)?;
            }
            return Ok(());
        }
        while at < end {
            match read_head(self.source, at, end) {
                Ok(head) => {
                    self.one(None, &head, prefix, depth, &mut counts)?;
                    at = head.end();
                }
                Err(error) if error.kind() == mpegg_runtime::ErrorKind::Io => return Err(error),
                Err(error) => {
                    self.errors.push(error);
                    break;
                }
            }
        }
        Ok(())
    }

    fn one(&mut self, parent: Option<&'static Table>, head: &Head, prefix: &str, depth: usize, counts: &mut HashMap<[u8; 4], u64>) -> Result<()> {
        let (parent, path) = match self.targets.get(&head.offset).filter(|_| parent.is_none()) {
            Some((home, path)) => (*home, path.clone()),
            None => {
                let ordinal = counts.entry(head.key).or_default();
                let step = Step { key: head.key, ordinal: *ordinal, repeats: repeats(parent, head.key) };
                *ordinal += 1;
                (parent, if prefix.is_empty() { step.to_string() } else { format!("{prefix}.{step}") })
            }
        };
        let row = match parent {
            Some(parent) => listed(parent).into_iter().find(|(_, table)| table.key == Some(head.key)),
            None => TOP.into_iter().find(|table| table.key == Some(head.key)).map(|table| (table.name, table)),
        };
        let addressed = Child { head: *head, through_offs: false }.offs(self.source)?;
        if let Some((sub_key, _)) = addressed.filter(|_| parent.is_some()) {
            *counts.entry(sub_key).or_default() += 1; // it counts among its siblings here
        }
        let addresses = match (addressed, head.key == *b"offs") {
            (Some((sub_key, offset)), _) => Some(format!("{} at {offset}", sub_key.escape_ascii())),
            (None, true) => Some("nothing yet".to_owned()),
            _ => None,
        };
        let node = Node {
            path: path.clone(),
            key: head.key.escape_ascii().to_string(),
            name: row.map(|(name, _)| name).or((head.key == *b"offs").then_some("offset")),
            offset: head.offset,
            length: head.length,
            depth,
            addresses,
            packets: None,
        };
        (self.give)(&node).map_err(Error::io)?;
        match row {
            Some((_, table)) if table.kind == TableKind::Container => self.boxes(Some(table), first_child(table, head.offset), head.end(), &path, depth + 1),
            _ => Ok(()),
        }
    }

    fn stream(&mut self) -> Result<()> {
        let mut gather = crate::walk::Gather::default();
        let mut counts: HashMap<[u8; 4], u64> = HashMap::new();
        for packet in Packets::new(self.source) {
            let packet = match packet {
                Ok(packet) => packet,
                Err(error) if error.kind() == mpegg_runtime::ErrorKind::Io => return Err(error),
                Err(error) => {
                    self.errors.push(error);
                    break;
                }
            };
            let Some(whole) = gather.take(&packet) else { continue };
            let pieces = Pieces::new(self.source, whole.pieces.iter().copied())?;
            let offset = whole.pieces.first().map_or(0, |(at, _)| *at);
            let Ok(head) = read_head(&pieces, 0, pieces.len()) else {
                self.errors.push(Error::malformed(offset.saturating_mul(8), "the packets do not make a box"));
                continue;
            };
            let ordinal = counts.entry(head.key).or_default();
            let path = format!("{}[{ordinal}]", head.key.escape_ascii());
            *ordinal += 1;
            let name = crate::walk::table_of(head.key).map(|table| table.name);
            let packets = Some((packet.header.sid, whole.pieces.len()));
            let node = Node { path, key: head.key.escape_ascii().to_string(), name, offset, length: head.length, depth: 0, addresses: None, packets };
            (self.give)(&node).map_err(Error::io)?;
        }
        Ok(())
    }

    fn units(&mut self) -> Result<()> {
        for (number, unit) in crate::walk::Units::new(self.source).enumerate() {
            match unit {
                Ok(unit) => {
                    let path = format!("data_unit[{number}]");
                    let name = unit.unit_type.symbol();
                    let node =
                        Node { path, key: "data_unit".to_owned(), name, offset: unit.offset, length: unit.length, depth: 0, addresses: None, packets: None };
                    (self.give)(&node).map_err(Error::io)?;
                }
                Err(error) if error.kind() == mpegg_runtime::ErrorKind::Io => return Err(error),
                Err(error) => self.errors.push(error),
            }
        }
        Ok(())
    }
}
