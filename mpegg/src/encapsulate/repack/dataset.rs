//! A dataset of sequencing data in another storage mode.

use super::super::{Block, Blocks, Dataset, Node, Payload, Stream, Unit};
use super::containers::Child;
use super::{Path, Rewriter};
use crate::access::{Access, Found, RowRef, Selection};
use crate::file::{self, AccessUnit, BoxRef};
use crate::tables::{DatasetHeader, DatasetParameterSet, DescriptorStreamHeader};
use crate::walk::read_head;
use mpegg_runtime::Result;

/// What stands in a dataset beside its access units.
#[derive(Default)]
struct Beside {
    sets: Vec<DatasetParameterSet>,
    streams: Vec<Stream>,
    access_units: u64,
}

impl<'s> Rewriter<'_, 's> {
    pub fn dataset(&mut self, dataset: &file::Dataset<'s>, path: &Path) -> Result<Node> {
        let access = dataset.select(&Selection::all())?;
        let old = access.front().header.clone();
        let storage = self.change.storage(&old);
        let mut beside = Beside::default();
        let children = dataset.located(self.beside(dataset, path, &old, &mut beside))?;
        dataset.located(self.check_sets(&old, &beside.sets))?;
        if storage.mode.is_auc() && beside.streams.iter().any(|stream| stream.protection.is_some()) {
            self.note(&old, "the protection of descriptor streams (dspr) has no place in access unit contiguity and is left out");
        }
        let form_changes = (old.has_mit() == 1) != storage.has_index();
        let mut made = dataset.located(Dataset::new(&self.new, old.clone(), beside.sets, storage))?;
        made.streams = beside.streams;
        place(&mut made, children);
        let count = self.units(&access, &mut made, form_changes)?;
        if count < beside.access_units {
            let left = beside.access_units - count;
            self.note(&old, &format!("{left} access units that the master index table does not list are left out"));
        }
        dataset.located(made.seal())?;
        for note in made.notes() {
            self.note(&old, &note);
        }
        Ok(Node::Dataset(Box::new(made)))
    }

    fn note(&mut self, header: &DatasetHeader, note: &str) {
        self.notes.push(format!("dataset {}:{}: {note}", header.dataset_group_id, header.dataset_id));
    }

    /// All children but those that are made anew: header, parameter sets, table, access units, streams.
    fn beside(&mut self, dataset: &file::Dataset<'s>, path: &Path, header: &DatasetHeader, beside: &mut Beside) -> Result<Vec<Child>> {
        let node = *dataset.node();
        self.children(&node, path, &mut |this, child| {
            let here = Ok(Some(Node::Bytes(vec![])));
            match &child.key() {
                b"dthd" if child.offset() == node.offset().saturating_add(12) => return Ok(None),
                b"pars" => {
                    beside.sets.push(child.decode(|r| DatasetParameterSet::read_box(r, &this.old, header))?);
                    return if beside.sets.len() == 1 { here } else { Ok(None) };
                }
                b"mitb" => return here,
                b"aucn" => {
                    beside.access_units = beside.access_units.saturating_add(1);
                    return if beside.access_units == 1 { here } else { Ok(None) };
                }
                b"dscn" => {
                    if !header.block_header_flag {
                        beside.streams.extend(this.stream(child)?);
                    }
                    return if beside.streams.len() <= 1 { here } else { Ok(None) };
                }
                _ => {}
            }
            this.of_edition(child, dataset.group(), Some(dataset)).map(Some)
        })
    }

    /// The header and the protection of a descriptor stream.
    fn stream(&self, node: &BoxRef<'s>) -> Result<Option<Stream>> {
        let (mut header, mut protection) = (None, None);
        for child in node.each_child() {
            let child = child?;
            match &child.key() {
                b"dshd" => header = header.or(Some(child.decode(DescriptorStreamHeader::read_box)?)),
                b"dspr" => protection = protection.or(Some(self.payload(child.offset(), child.length()))),
                _ => {}
            }
        }
        Ok(header.map(|header| Stream { header, protection }))
    }

    /// Gives all access units to the new dataset.
    fn units(&self, access: &Access<'s>, made: &mut Dataset, form_changes: bool) -> Result<u64> {
        let auc = access.front().header.block_header_flag;
        let mut found = access.found();
        let mut count = 0u64;
        loop {
            let batch = found.by_ref().take(if auc { 1 } else { access.batch() }).collect::<Result<Vec<_>>>()?;
            if batch.is_empty() {
                return Ok(count);
            }
            let mut blocks = if auc {
                vec![]
            } else {
                let wanted: Vec<(Found, u8)> = batch.iter().map(|(found, unit)| (*found, unit.header.num_blocks)).collect();
                access.dataset().located(access.blocks(&wanted))?
            }
            .into_iter();
            for (found, unit) in &batch {
                let blocks: Option<Vec<Block>> = blocks.next().map(|blocks| {
                    let payload = |offset, length| self.payload(offset, length);
                    blocks.iter().map(|block| Block { descriptor_id: block.descriptor_id, payload: payload(block.offset, block.length) }).collect()
                });
                access
                    .dataset()
                    .located(self.unit(access, found.row, unit, blocks.as_deref(), made, form_changes))
                    .map_err(|error| error.at(found.offset.saturating_mul(8)))?;
                count = count.saturating_add(1);
            }
        }
    }

    fn unit(
        &self,
        access: &Access<'s>,
        row: Option<RowRef>,
        unit: &AccessUnit<'s>,
        blocks: Option<&[Block]>,
        made: &mut Dataset,
        form_changes: bool,
    ) -> Result<()> {
        access.check_rebuilt(row, unit)?;
        let mut header = access.header_of(row, unit)?;
        if form_changes {
            header.nesting_zero_bit = 0;
        }
        let boxes = self.unit_boxes(unit, &access.front().header)?;
        let blocks = match blocks {
            Some(blocks) => Blocks::Each(blocks),
            None => {
                unit.each_block(&mut |_| ())?;
                Blocks::Whole(self.payload(unit.blocks_at, unit.node.end().saturating_sub(unit.blocks_at)))
            }
        };
        made.push(Unit { header, boxes: &boxes, blocks }, self.sources).map_err(|error| error.in_field("aucn", &[]))
    }

    /// The boxes of an access unit beside its header.
    fn unit_boxes(&self, unit: &AccessUnit<'s>, header: &DatasetHeader) -> Result<Vec<Payload>> {
        let (start, end) = (unit.node.offset().saturating_add(12), unit.header_at.saturating_sub(12));
        let behind = unit.header_at.saturating_add(unit.header_value.len() as u64);
        let mut ranges = vec![self.payload(start, end.saturating_sub(start)), self.payload(behind, unit.blocks_at.saturating_sub(behind))];
        ranges.retain(|range| range.length > 0);
        if !self.changes_edition() {
            return Ok(ranges);
        }
        let mut boxes = vec![];
        for range in ranges {
            let mut at = range.offset;
            while at < range.offset.saturating_add(range.length) {
                let head = read_head(unit.node.source(), at, unit.node.end())?;
                let node = unit.node.at(at, head.key)?;
                boxes.push(match self.unit_box(&node, header)? {
                    Some(bytes) => Payload { source: self.spooled, offset: self.spool.push(&bytes)?, length: bytes.len() as u64 },
                    None => self.payload(at, head.length),
                });
                at = head.end();
            }
        }
        Ok(boxes)
    }
}

/// Puts boxes in front of the parameter sets, behind them, or behind everything: empty nodes are where these stood.
fn place(made: &mut Dataset, children: Vec<Child>) {
    let (mut after_sets, mut after_units) = (false, false);
    for (key, node) in children {
        match (&key, node) {
            (b"pars", _) => after_sets = true,
            (b"mitb" | b"aucn" | b"dscn", _) => after_units = true,
            (_, node) if after_units => made.behind.push(node),
            (_, node) if after_sets => made.between.push(node),
            (_, node) => made.front.push(node),
        }
    }
}
