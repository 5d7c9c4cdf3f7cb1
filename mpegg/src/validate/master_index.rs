//! The master index table against the access units that it places (6.5.2.1).

use super::access_units::{Lengths, Units, aligned_to, beyond};
use super::descriptor_streams::{Placed, Streams};
use super::finding::Findings;
use super::model::{Dataset, Group, Node, Row, Rows};
use super::rule::rules;
use crate::tables::{DatasetHeader, MasterIndexTableUAccessUnit};
use mpegg_runtime::Result;
use std::collections::HashMap;

rules! {
    /// AU_byte_offset is all ones, or the place of the Key of an access unit of the dataset, counted from the first byte of the dataset's Value.
    OFFSET: Error "mitb.AU_byte_offset" "6.5.2.1.3"
    /// No two rows place the same access unit.
    TWICE: Error "mitb.AU_byte_offset_unique" "6.5.2.1.3"
    /// A row places an access unit of its class.
    CLASS: Error "mitb.AU_type" "6.5.2.1.3"
    /// The rows of a class and sequence are in the order of their start positions.
    ORDER: Error "mitb.AU_start_position" "6.5.2.1.1"
    /// A covered region ends behind its start.
    END: Error "mitb.AU_end_position" "3.17"
    /// A covered region ends on its sequence.
    END_OF_SEQUENCE: Error "mitb.AU_end_position_in_sequence" "3.15"
    /// All alignments start at or before the first alignments.
    EXTENDED_START: Error "mitb.extended_AU_start_position" "6.5.2.1.3"
    /// All alignments end at or behind the first alignments.
    EXTENDED_END: Error "mitb.extended_AU_end_position" "6.5.2.1.3"
    /// A row says the same about the part of a reference as the header of the access unit.
    REFERENCE: Error "mitb.ref_position" "6.5.2.1.3"
    /// An empty access unit of class U has no signatures.
    EMPTY_SIGNATURES: Error "mitb.num_signatures" "6.5.2.1.3"
    /// The rows of class U are in the order of their first signatures, as numbers.
    U_ORDER: Error "mitb.U_cluster_signature" "6.5.2.1.1"
    /// The signatures of a row are in ascending order, as numbers.
    SIGNATURES: Error "mitb.U_cluster_signature_order" "6.5.2.1.3"
    /// The letters of a signature are those of its alphabet.
    LETTERS: Error "mitb.U_cluster_signature_letters" "6.4.3.2.4"
    /// A row places each access unit of the dataset.
    UNPLACED: Error "aucn.placed" "6.5.2.1.1"
}

/// Checks the table of a dataset, and gives the access units their sequences and positions.
///
/// # Errors
///
/// I/O.
pub(super) fn check(group: &Group, dataset: &Dataset, units: &mut Units, findings: &mut Findings) -> Result<()> {
    let (Some(node), Some(header)) = (&dataset.table, &dataset.header) else { return Ok(()) };
    let header = &header.value;
    if !header.mit_flag.unwrap_or(true) {
        return Ok(());
    }
    let many = units.facts.len();
    let mut table = Table {
        node,
        header,
        base: dataset.node.as_ref().map_or(0, |node| node.head.offset.saturating_add(12)),
        empty: if header.byte_offset_size_flag { u64::MAX } else { u64::from(u32::MAX) },
        lengths: aligned_to(group, header),
        placed: vec![false; many],
        last: HashMap::new(),
        units,
        streams: Streams::new(dataset, header, many),
        findings,
        last_signature: vec![],
    };
    let mut rows = Rows::new(node, header);
    let complete = rows.mapped(&mut |row| {
        table.mapped(row);
        Ok(())
    })? && rows.unmapped(&mut |number, row| {
        table.unmapped(number, row);
        Ok(())
    })?;
    if complete {
        table.finish();
    }
    Ok(())
}

struct Table<'t, 's> {
    node: &'t Node<'s>,
    header: &'t DatasetHeader,
    /// From where offsets count.
    base: u64,
    /// The offset of what is empty.
    empty: u64,
    lengths: Lengths,
    units: &'t mut Units,
    /// Which access units a row has placed.
    placed: Vec<bool>,
    /// The last start position of each sequence and class.
    last: HashMap<[u64; 2], u64>,
    last_signature: Vec<u8>,
    streams: Streams<'t>,
    findings: &'t mut Findings,
}

impl Table<'_, '_> {
    fn field(&mut self, rule: &'static super::rule::Rule, name: &str, index: &[u64], message: String) {
        self.findings.field(rule, self.node.at, name, index, message);
    }

    /// The number of the access unit that a row places.
    fn place(&mut self, offset: u64, class: u64, index: &[u64]) -> Option<usize> {
        let at = self.base.saturating_add(offset);
        let Ok(number) = self.units.facts.binary_search_by_key(&at, |unit| unit.at) else {
            // A unit whose header cannot be read is not known, but may be there.
            if self.units.complete {
                self.field(&OFFSET, "AU_byte_offset", index, format!("no access unit begins at byte {at}"));
            }
            return None;
        };
        let own = self.units.facts.get(number).map_or(0, |unit| u64::from(unit.class));
        if own != class {
            self.field(&CLASS, "AU_byte_offset", index, format!("the access unit at byte {at} has the type {own}, not {class}"));
        }
        match self.placed.get_mut(number) {
            Some(placed) if *placed => {
                self.field(&TWICE, "AU_byte_offset", index, format!("another row places the access unit at byte {at} too"));
                None
            }
            Some(placed) => {
                *placed = true;
                Some(number)
            }
            None => None,
        }
    }

    fn mapped(&mut self, row: Row<'_>) {
        let [seq, ci, au_id] = row.index;
        let class = usize::try_from(ci).ok().and_then(|ci| self.header.classes.get(ci)).map_or(0, |class| class.clid.code());
        if row.offset == self.empty {
            self.streams.row(ci, Placed::Empty, row.blocks, &row.index, self.findings);
            return;
        }
        let number = self.place(row.offset, class, &row.index);
        self.streams.row(ci, number.map_or(Placed::Unknown, Placed::Unit), row.blocks, &row.index, self.findings);
        let (start, end) = row.covered;
        let sequence = usize::try_from(seq).ok().and_then(|seq| self.header.seq_id.get(seq)).copied();
        if let Some(last) = self.last.insert([seq, ci], start).filter(|last| start < *last) {
            self.field(&ORDER, "AU_start_position", &row.index, format!("the unit starts at {start}, the one before it at {last}"));
        }
        if end < start {
            self.field(&END, "AU_end_position", &row.index, format!("the unit from {start} ends at {end}"));
        }
        if let Some((sequence, length)) = sequence.and_then(|sequence| Some((sequence, beyond(&self.lengths, sequence, end)?))) {
            let message = format!("the sequence {sequence} has {length} bases, the unit ends at {end}");
            self.field(&END_OF_SEQUENCE, "AU_end_position", &row.index, message);
        }
        if let Some((first, last)) = row.extended {
            if first > start {
                self.field(&EXTENDED_START, "extended_AU_start_position", &row.index, format!("all alignments start at {first}, the first ones at {start}"));
            }
            if last < end {
                self.field(&EXTENDED_END, "extended_AU_end_position", &row.index, format!("all alignments end at {last}, the first ones at {end}"));
            }
        }
        self.reference(number, row.reference, "", &[seq, ci, au_id]);
        if let Some(unit) = number.and_then(|number| self.units.facts.get_mut(number)) {
            unit.sequence = sequence;
            unit.covered = row.covered;
        }
    }

    fn reference(&mut self, number: Option<usize>, row: Option<(u16, u64, u64)>, prefix: &str, index: &[u64]) {
        let own = number.and_then(|number| self.units.references.get(number)).copied();
        let (Some(own), Some(row)) = (own, row) else { return };
        let pairs = [("ref_sequence_id", u64::from(row.0), u64::from(own.0)), ("ref_start_position", row.1, own.1), ("ref_end_position", row.2, own.2)];
        for (name, told, own) in pairs.into_iter().filter(|(_, told, own)| told != own) {
            self.field(&REFERENCE, &format!("{prefix}{name}"), index, format!("the table says {told}, the access unit {own}"));
        }
    }

    fn unmapped(&mut self, number: u64, row: &MasterIndexTableUAccessUnit) {
        let index = [number];
        let ci = (self.header.classes.len() as u64).saturating_sub(1);
        if row.au_byte_offset == self.empty {
            self.streams.row(ci, Placed::Empty, &row.block_byte_offset, &index, self.findings);
            if !row.signatures.is_empty() {
                let message = format!("an empty access unit has {} signatures", row.signatures.len());
                self.field(&EMPTY_SIGNATURES, "U_cluster_signature", &[number, 0], message);
            }
            return;
        }
        let unit = self.place(row.au_byte_offset, 6, &index);
        self.streams.row(ci, unit.map_or(Placed::Unknown, Placed::Unit), &row.block_byte_offset, &index, self.findings);
        let reference = row.u_ref_sequence_id.zip(row.u_ref_start_position.zip(row.u_ref_end_position));
        self.reference(unit, reference.map(|(id, (start, end))| (id, start, end)), "U_", &index);
        self.signatures(number, row);
    }

    fn signatures(&mut self, number: u64, row: &MasterIndexTableUAccessUnit) {
        let mut before: Option<Vec<u8>> = None;
        for (i, signature) in (0u64..).zip(&row.signatures) {
            let signature = &signature.u_cluster_signature;
            if signature.letters(self.header.alphabet_id.code()).is_none() {
                let message = format!("not every code is a letter of the alphabet {}", self.header.alphabet_id.code());
                self.field(&LETTERS, "U_cluster_signature", &[number, i], message);
            }
            let value = as_number(signature.bytes(), signature.bits());
            if before.as_ref().is_some_and(|before| less(&value, before)) {
                self.field(&SIGNATURES, "U_cluster_signature", &[number, i], "the signature is less than the one before it".to_owned());
            }
            if i == 0 {
                if less(&value, &self.last_signature) {
                    let message = "the first signature is less than that of a row before it".to_owned();
                    self.field(&U_ORDER, "U_cluster_signature", &[number, 0], message);
                }
                self.last_signature = value.clone();
            }
            before = Some(value);
        }
    }

    fn finish(&mut self) {
        if !self.units.complete {
            return;
        }
        for (unit, _) in self.units.facts.iter().zip(&self.placed).filter(|(_, placed)| !**placed) {
            self.findings.of_box(&UNPLACED, unit.at, "no row of the master index table places this access unit");
        }
        self.streams.finish(self.units, &self.placed, self.findings);
    }
}

/// Bits as a number: bytes, the least significant bit last, without zeros in front.
fn as_number(bytes: &[u8], bits: u64) -> Vec<u8> {
    let unused = u32::try_from((bytes.len() as u64).saturating_mul(8).saturating_sub(bits)).unwrap_or(0).min(7);
    let mut number = Vec::with_capacity(bytes.len());
    let mut carried = 0u16;
    for byte in bytes {
        let wide = carried << 8 | u16::from(*byte);
        number.push(u8::try_from((wide >> unused) & 0xFF).unwrap_or(0));
        carried = u16::from(*byte);
    }
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.split_off(zeros)
}

/// Whether one number is less than another.
fn less(a: &[u8], b: &[u8]) -> bool {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b)).is_lt()
}
