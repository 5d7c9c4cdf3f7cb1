//! The master index table of access units that are in memory (Table 57), written some rows at a time: a part of it is the table of a
//! dataset that has no other sequences, classes and access units.

use super::copy::Copier;
use super::dataset::Sealed;
use super::node::{HEAD, head};
use super::units::{Context, Entry, U, Units};
use crate::tables::{
    AccessUnitHeader, DataClass, DatasetHeader, DatasetType, MasterIndexTable, MasterIndexTableSequence, MasterIndexTableSequenceClass,
    MasterIndexTableSequenceClassAccessUnit as Columns, MasterIndexTableUAccessUnit as URow, MasterIndexTableUAccessUnitSignature as Signature,
};
use mpegg_runtime::bits::{BitString, BitWriter};
use mpegg_runtime::{Error, ErrorKind, Result};

/// Rows that are written in one go.
const CHUNK: u32 = 2048;

/// What the table is made from.
pub(super) struct Index<'d> {
    pub units: &'d Units,
    pub sealed: &'d Sealed,
    /// Under which headers of access units are in memory.
    pub plain: Context<'d>,
}

impl Index<'_> {
    /// Bytes of the box.
    pub fn length(&self) -> Result<u64> {
        let header = &self.sealed.header;
        let mut length = HEAD;
        for class in 0..header.classes.len() {
            let Some(alone) = alone(header, class).filter(|_| class_of(header, class) != U) else { continue };
            let row = bits(&columns_table(self.columns(&alone, class, 0..1, &[])?), &alone)? / 8;
            let rows: u64 = header.seq_blocks.iter().map(|rows| u64::from(*rows)).sum();
            length = length.saturating_add(row.saturating_mul(rows));
        }
        let alone = alone_u(header);
        for number in &self.sealed.u_rows {
            length = length.saturating_add(bits(&u_table(self.u_row(*number)?), &alone)? / 8);
        }
        Ok(length)
    }

    pub fn write(&self, out: &mut Copier<'_, '_, '_>, length: u64) -> Result<()> {
        let header = &self.sealed.header;
        let start = out.position();
        head(out, MasterIndexTable::KEY, length)?;
        let mut write = |table: &MasterIndexTable, header: &DatasetHeader| {
            let mut w = BitWriter::new();
            table.write(&mut w, header).map_err(|error| error.in_field("mitb", &[]))?;
            out.bytes(&w.into_bytes())
        };
        for (seq, rows) in header.seq_blocks.iter().enumerate() {
            for class in 0..header.classes.len() {
                let Some(mut alone) = alone(header, class).filter(|_| class_of(header, class) != U) else { continue };
                let run = self.sealed.order.runs.get(&(seq, class_of(header, class))).map_or(&[][..], Vec::as_slice);
                let (mut left, mut first) = (run, 0);
                while first < *rows {
                    let end = first.saturating_add(CHUNK).min(*rows);
                    let (here, rest) = left.split_at(left.partition_point(|(row, _)| *row < end));
                    alone.seq_blocks = vec![end - first];
                    let columns = self.columns(&alone, class, first..end, here)?;
                    write(&columns_table(columns), &alone)?;
                    (left, first) = (rest, end);
                }
            }
        }
        let alone = alone_u(header);
        for number in &self.sealed.u_rows {
            write(&u_table(self.u_row(*number)?), &alone)?;
        }
        match out.position().saturating_sub(start) == length {
            true => Ok(()),
            false => Err(Error::without_position(ErrorKind::Malformed, "the master index table has another size than was computed")),
        }
    }

    /// Rows of a class in a sequence; those between the access units are empty, and nothing looks at their positions (6.5.2.1.3).
    fn columns(&self, header: &DatasetHeader, class: usize, rows: std::ops::Range<u32>, run: &[(u32, u32)]) -> Result<Columns> {
        let none = none(header);
        let descriptors = self.sealed.header.classes.get(class).map_or(&[][..], |class| &class.descriptor_id);
        let mut columns = Columns::default();
        let mut run = run.iter().peekable();
        for row in rows {
            let entry = run.next_if(|(at, _)| *at == row).and_then(|(_, number)| self.units.entries.get(*number as usize));
            let unit = match entry {
                Some(entry) => self.units.header(entry, self.plain)?,
                None => AccessUnitHeader::default(),
            };
            let start = entry.map_or(0, |entry| entry.start);
            let end = entry.map_or(0, |entry| entry.end);
            columns.au_byte_offset.push(entry.map_or(none, |entry| entry.at));
            columns.au_start_position.push(start);
            columns.au_end_position.push(end);
            if header.dataset_type == DatasetType::Reference {
                columns.ref_sequence_id.push(unit.ref_sequence_id.unwrap_or(0));
                columns.ref_start_position.push(unit.ref_start_position.unwrap_or(0));
                columns.ref_end_position.push(unit.ref_end_position.unwrap_or(0));
            }
            if header.multiple_alignment_flag {
                // Of units without multiple alignments the range is that of the first ones.
                columns.extended_au_start_position.push(unit.extended_au_start_position.unwrap_or(start));
                columns.extended_au_end_position.push(unit.extended_au_end_position.unwrap_or(end));
            }
            if !header.block_header_flag {
                self.block_offsets(entry, descriptors, none).for_each(|offset| columns.block_byte_offset.push(offset));
            }
        }
        Ok(columns)
    }

    fn block_offsets<'a>(&'a self, entry: Option<&'a Entry>, descriptors: &'a [u8], none: u64) -> impl Iterator<Item = u64> + 'a {
        let offset = move |descriptor: &u8| self.sealed.block_offsets.get(self.units.block(entry?, *descriptor)?).copied().map(|offset| offset.min(none));
        descriptors.iter().map(move |descriptor| offset(descriptor).unwrap_or(none))
    }

    fn u_row(&self, number: u32) -> Result<URow> {
        let header = &self.sealed.header;
        let Some(entry) = self.units.entries.get(number as usize) else { return Ok(URow::default()) };
        let unit = self.units.header(entry, self.plain)?;
        // An offset that is not known yet has the size of any other.
        let mut row = URow { au_byte_offset: entry.at.min(none(header)), ..URow::default() };
        if header.dataset_type == DatasetType::Reference {
            (row.u_ref_sequence_id, row.u_ref_start_position, row.u_ref_end_position) = (unit.ref_sequence_id, unit.ref_start_position, unit.ref_end_position);
            if !unit.signatures.is_empty() || unit.u_signature_flag(self.plain.file, self.plain.dataset, self.plain.sets)? != 0 {
                let message = "access units of a reference with signatures and a master index table, which has no place for them";
                return Err(Error::without_position(ErrorKind::Unsupported, message));
            }
        } else {
            row.signatures = signatures(&unit, self.plain, header)?;
        }
        if !header.block_header_flag {
            let descriptors = header.classes.last().map_or(&[][..], |class| &class.descriptor_id);
            row.block_byte_offset = self.block_offsets(Some(entry), descriptors, none(header)).collect();
        }
        Ok(row)
    }
}

/// The signatures of a unit in the alphabet of the dataset (R12).
pub(super) fn signatures(unit: &AccessUnitHeader, plain: Context<'_>, header: &DatasetHeader) -> Result<Vec<Signature>> {
    if unit.signatures.is_empty() {
        return Ok(vec![]);
    }
    let (from, to) = (u64::try_from(unit.alphabet(plain.file, plain.dataset, plain.sets)?).unwrap_or(0), header.alphabet_id.code());
    let wrong = || Error::without_position(ErrorKind::Malformed, "a signature with a letter that the alphabet of the dataset lacks");
    let convert = |bits: &BitString| if from == to { Some(bits.clone()) } else { bits.letters(from).and_then(|letters| BitString::from_letters(&letters, to)) };
    unit.signatures
        .iter()
        .map(|signature| {
            let bits = convert(&signature.u_cluster_signature).ok_or_else(wrong)?;
            let length = u8::try_from(bits.bits() / if to == 0 { 3 } else { 5 }).ok();
            Ok(Signature { u_signature_length: length, u_cluster_signature: bits })
        })
        .collect()
}

/// All ones, which is no offset.
pub(super) fn none(header: &DatasetHeader) -> u64 {
    if header.byte_offset_size_flag { u64::MAX } else { u64::from(u32::MAX) }
}

fn class_of(header: &DatasetHeader, class: usize) -> u8 {
    header.classes.get(class).and_then(|class| u8::try_from(class.clid.code()).ok()).unwrap_or(0)
}

/// The header of a dataset with one row of one class.
fn alone(header: &DatasetHeader, class: usize) -> Option<DatasetHeader> {
    let class = header.classes.get(class)?.clone();
    Some(DatasetHeader { seq_id: vec![0], seq_blocks: vec![1], num_u_access_units: 0, classes: vec![class], tflag: vec![], thres: vec![], ..header.clone() })
}

/// The header of a dataset with one row of class U.
fn alone_u(header: &DatasetHeader) -> DatasetHeader {
    let classes = header.classes.last().filter(|class| class.clid == DataClass::ClassU).into_iter().cloned().collect();
    DatasetHeader { seq_id: vec![], seq_blocks: vec![], num_u_access_units: 1, classes, tflag: vec![], thres: vec![], ..header.clone() }
}

fn columns_table(access_units: Columns) -> MasterIndexTable {
    MasterIndexTable { sequences: vec![MasterIndexTableSequence { classes: vec![MasterIndexTableSequenceClass { access_units }] }], u_access_units: vec![] }
}

fn u_table(row: URow) -> MasterIndexTable {
    MasterIndexTable { sequences: vec![], u_access_units: vec![row] }
}

fn bits(table: &MasterIndexTable, header: &DatasetHeader) -> Result<u64> {
    table.bits(header).map_err(|error| error.in_field("mitb", &[]))
}
