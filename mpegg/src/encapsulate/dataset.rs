//! A dataset of sequencing data to be made.

use super::copy::Copier;
use super::header;
use super::node::{HEAD, Node, head, lengths};
use super::order::Order;
use super::payload::Sources;
use super::storage::{Mode, Storage};
use super::streams::{Precedence, SealedStream, Stream};
use super::table::{Index, none, signatures};
use super::units::{Context, Entry, U, Unit, Units};
use crate::tables::{AccessUnitHeader, DatasetHeader, DatasetParameterSet, FileHeader};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::{BTreeMap, BTreeSet};

/// A dataset of sequencing data: its settings, its boxes, and its access units, which come in any order.
pub struct Dataset {
    /// Boxes behind the dataset header, in front of the parameter sets.
    pub front: Vec<Node>,
    /// Boxes behind the parameter sets, in front of the master index table.
    pub between: Vec<Node>,
    /// Boxes behind all others.
    pub behind: Vec<Node>,
    /// Descriptor streams as they stood in another file.
    pub streams: Vec<Stream>,
    file: FileHeader,
    header: DatasetHeader,
    /// The header under which headers of access units have positions and signatures: so they are in memory.
    plain: DatasetHeader,
    sets: Vec<DatasetParameterSet>,
    storage: Storage,
    units: Units,
    sealed: Option<Sealed>,
}

/// What is known when all access units are there.
pub(super) struct Sealed {
    pub header: DatasetHeader,
    pub order: Order,
    /// The access units of class U in the order of the table.
    pub u_rows: Vec<u32>,
    /// block_byte_offset of each part that is a block.
    pub block_offsets: Vec<u64>,
    header_box: Vec<u8>,
    sets: Vec<DatasetParameterSet>,
    set_boxes: Vec<u8>,
    index_length: u64,
    /// For each class the order of the blocks in its streams.
    stream_orders: Vec<Vec<u32>>,
    streams: Vec<SealedStream>,
    length: u64,
    /// Whether blocks come out of the streams in the order in which they were.
    order_kept: bool,
}

impl Dataset {
    /// A dataset without access units. Of the header count identifiers, flags that the storage does not decide, signatures, and what
    /// `seq_ID`, `thres`, `clid` and `descriptor_ID` list already; the rest follows from the storage and the access units.
    ///
    /// # Errors
    ///
    /// Annotation data, which has other boxes; a table that is to hold access units of which header and parameter sets say different things.
    pub fn new(file: &FileHeader, header: DatasetHeader, sets: Vec<DatasetParameterSet>, storage: Storage) -> Result<Dataset> {
        if header.dataset_type.code() > 2 {
            return Err(Error::without_position(
                ErrorKind::Unsupported,
                format!("access units of sequencing data in a dataset of type {}", header.dataset_type.code()),
            ));
        }
        if storage.has_index() {
            header::check_agreement(&header, &sets)?;
        }
        let (front, between, behind, streams) = (vec![], vec![], vec![], vec![]);
        let plain = header::with_positions(&header);
        Ok(Dataset { front, between, behind, streams, file: file.clone(), header, plain, sets, storage, units: Units::default(), sealed: None })
    }

    /// Adds an access unit. Its header is written in the widths that the dataset header or its parameter set says.
    ///
    /// # Errors
    ///
    /// A header that does not fit the dataset; blocks that do not fit their access unit; I/O where blocks have to be looked at.
    pub fn push(&mut self, unit: Unit<'_>, sources: &Sources<'_>) -> Result<()> {
        self.sealed = None;
        self.units.push(unit, self.storage.mode, Context { file: &self.file, dataset: &self.plain, sets: &self.sets }, sources)
    }

    /// How many access units there are.
    pub fn len(&self) -> usize {
        self.units.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.units.entries.is_empty()
    }

    /// The header, with what it was made of until the file is written.
    pub fn header(&self) -> &DatasetHeader {
        self.sealed.as_ref().map_or(&self.header, |sealed| &sealed.header)
    }

    /// The same, to be changed before the file is written: identifiers, sequences and thresholds, but nothing that decides the form of
    /// access unit headers.
    pub fn header_mut(&mut self) -> &mut DatasetHeader {
        self.sealed = None;
        &mut self.header
    }

    /// How it is stored.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The sequences on which access units lie.
    pub fn sequences(&self) -> BTreeSet<u16> {
        self.units.entries.iter().filter_map(|entry| entry.sequence).collect()
    }

    /// How far the access units of a reference reach on each of its sequences, in bases.
    ///
    /// # Errors
    ///
    /// None that [`push`](Self::push) did not have.
    pub fn carried(&self) -> Result<BTreeMap<u16, u64>> {
        let mut carried: BTreeMap<u16, u64> = BTreeMap::new();
        for entry in &self.units.entries {
            let unit = self.units.header(entry, self.context())?;
            if let (Some(id), Some(end)) = (unit.ref_sequence_id, unit.ref_end_position) {
                let furthest = carried.entry(id).or_default();
                *furthest = (*furthest).max(end.saturating_add(1));
            }
        }
        Ok(carried)
    }

    /// Reads the header of an access unit as [`push`](Self::push) takes it: with positions and signatures.
    ///
    /// # Errors
    ///
    /// A header that does not fit the dataset header and the parameter sets.
    pub fn read_header(&self, r: &mut BitReader<'_>) -> Result<AccessUnitHeader> {
        AccessUnitHeader::read(r, &self.file, &self.plain, &self.sets)
    }

    /// What the storage does not keep of the access units, in words.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = vec![];
        if self.units.empty_blocks > 0 {
            notes.push(format!("{} blocks without payload are left out", self.units.empty_blocks));
        }
        if self.sealed.as_ref().is_some_and(|sealed| !sealed.order_kept) {
            notes.push("access units differ in the order of their blocks, which descriptor streams do not keep".to_owned());
        }
        notes
    }

    /// The boxes that are kept as they are, in the order in which they stand.
    pub(super) fn boxes(&self) -> impl Iterator<Item = &Node> {
        self.front.iter().chain(&self.between).chain(&self.behind)
    }

    pub(super) fn boxes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.front.iter_mut().chain(&mut self.between).chain(&mut self.behind)
    }

    /// Orders the access units, completes the header, and gives everything its place.
    pub(super) fn seal(&mut self) -> Result<()> {
        if self.sealed.is_some() {
            return Ok(());
        }
        let auto = self.storage.wide_offsets.is_none() && self.storage.has_index();
        let mut wide = match self.storage.wide_offsets {
            None if !auto => self.header.byte_offset_size_flag,
            wide => wide.unwrap_or(false),
        };
        loop {
            let sealed = self.sealed_with(wide)?;
            let furthest = self.units.entries.iter().map(|entry| entry.at).chain(sealed.block_offsets.iter().copied()).max();
            let fits = !self.storage.has_index() || furthest.is_none_or(|at| at < none(&sealed.header));
            if fits || !auto || wide {
                if !fits {
                    return Err(Error::without_position(ErrorKind::Limit, "offsets of 32 bits do not reach the end of the dataset"));
                }
                self.sealed = Some(sealed);
                return Ok(());
            }
            wide = true;
        }
    }

    fn sealed_with(&mut self, wide: bool) -> Result<Sealed> {
        let mut header = self.header.clone();
        header.byte_offset_size_flag = wide;
        header::set_mode(&mut header, &self.storage);
        self.add_sequences(&mut header);
        let order = Order::of(&self.units.entries, &header.seq_id, self.storage.mode);
        let count_u = self.units.entries.iter().filter(|entry| entry.class == U).count();
        header::set_class_u(&mut header, u32::try_from(count_u).unwrap_or(u32::MAX));
        let (classes, order_kept) = self.found_classes();
        header::set_classes(&mut header, &self.storage, &classes);
        let thresholds = self.thresholds(&header.seq_id);
        header::set_sequences(&mut header, order.rows.clone(), &thresholds);
        let header_box = header::to_box(&mut header).map_err(|error| error.in_field("dthd", &[]))?;
        let mut sets = self.sets.clone();
        let mut set_boxes = vec![];
        for set in &mut sets {
            header::fit_set(set, &self.file, &header);
            set_boxes.extend(set.to_box(&self.file, &header).map_err(|error| error.in_field("pars", &[]))?);
        }
        let u_rows = self.u_rows(&header)?;
        let block_offsets = if self.storage.mode.is_auc() { vec![] } else { vec![0; self.units.parts.len()] };
        let mut sealed = Sealed {
            header,
            order,
            u_rows,
            block_offsets,
            header_box,
            sets,
            set_boxes,
            index_length: 0,
            stream_orders: vec![],
            streams: vec![],
            length: 0,
            order_kept,
        };
        if self.storage.has_index() {
            sealed.index_length = self.index(&sealed).length()?;
        }
        self.place(&mut sealed)?;
        Ok(sealed)
    }

    /// Sequences of access units that the header does not list, in the order in which they came.
    fn add_sequences(&self, header: &mut DatasetHeader) {
        let listed = self.storage.has_index() || !header.seq_id.is_empty() || header.reference_id.is_some();
        let mut known: BTreeSet<u16> = header.seq_id.iter().copied().collect();
        for id in self.units.entries.iter().filter_map(|entry| entry.sequence) {
            if listed && known.insert(id) {
                header.seq_id.push(id);
            }
        }
    }

    /// The classes of the access units, and the descriptors of each in an order that the units keep; and whether they do.
    fn found_classes(&self) -> (BTreeMap<u8, Vec<u8>>, bool) {
        let mut found: BTreeMap<u8, Precedence> = BTreeMap::new();
        for class in &self.header.classes {
            let class_id = u8::try_from(class.clid.code()).unwrap_or(U);
            found.entry(class_id).or_default().add(class.descriptor_id.iter().copied());
        }
        for entry in &self.units.entries {
            let class = found.entry(entry.class).or_default();
            if !self.storage.mode.is_auc() {
                class.add(self.units.parts(entry).iter().filter_map(super::units::Part::descriptor));
            }
        }
        let mut kept = true;
        let classes = found.into_iter().map(|(class, precedence)| {
            let (order, keeps) = precedence.order();
            kept &= keeps;
            (class, order)
        });
        (classes.collect(), kept)
    }

    /// For each sequence the longest region that an access unit covers: no range differs by more from its region.
    fn thresholds(&self, sequences: &[u16]) -> Vec<u32> {
        let mut longest: BTreeMap<u16, u64> = BTreeMap::new();
        for entry in &self.units.entries {
            if let Some(sequence) = entry.sequence {
                let longest = longest.entry(sequence).or_default();
                *longest = (*longest).max(entry.end.saturating_sub(entry.start));
            }
        }
        let of = |id: &u16| u32::try_from(longest.get(id).copied().unwrap_or(0)).unwrap_or(u32::MAX).min(u32::MAX >> 1);
        sequences.iter().map(of).collect()
    }

    /// The access units of class U; with a table that has signatures by the number that the first of them is.
    fn u_rows(&self, header: &DatasetHeader) -> Result<Vec<u32>> {
        let mut rows: Vec<u32> = (0..).zip(&self.units.entries).filter(|(_, entry)| entry.class == U).map(|(number, _)| number).collect();
        if self.storage.has_index() && header.u_signature_flag == Some(true) {
            let context = self.context();
            // Those that cannot have signatures (R12) come last; a unit of none comes first.
            let key = |number: &u32| -> Result<(bool, usize, Vec<u8>)> {
                let Some(entry) = self.units.entries.get(*number as usize) else { return Ok((true, 0, vec![])) };
                let unit = self.units.header(entry, context)?;
                let unsigned = unit.u_signature_flag(context.file, context.dataset, context.sets)? == 0;
                let first = signatures(&unit, context, header)?.into_iter().next();
                let number = first.map(|signature| number_of(&signature.u_cluster_signature)).unwrap_or_default();
                Ok((unsigned, number.len(), number))
            };
            let mut keyed = rows.iter().map(|number| Ok((key(number)?, *number))).collect::<Result<Vec<_>>>()?;
            keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
            rows = keyed.into_iter().map(|(_, number)| number).collect();
        }
        Ok(rows)
    }

    /// Gives each access unit and block its offset.
    fn place(&mut self, sealed: &mut Sealed) -> Result<()> {
        let front = [&self.front, &self.between].into_iter().fold(0u64, |sum, nodes| sum.saturating_add(lengths(nodes)));
        let boxes = (sealed.header_box.len() as u64).saturating_add(sealed.set_boxes.len() as u64);
        let mut at = front.saturating_add(boxes).saturating_add(sealed.index_length);
        let mut offsets = vec![0; self.units.entries.len()];
        for number in &sealed.order.storage {
            let Some(entry) = self.units.entries.get(*number as usize) else { continue };
            if let Some(offset) = offsets.get_mut(*number as usize) {
                *offset = at;
            }
            at = at.saturating_add(self.unit_length(entry, sealed)?);
        }
        for (entry, offset) in self.units.entries.iter_mut().zip(offsets) {
            entry.at = offset;
        }
        if !self.storage.mode.is_auc() {
            at = self.place_streams(sealed, at)?;
        }
        sealed.length = at.saturating_add(lengths(&self.behind)).saturating_add(HEAD);
        Ok(())
    }

    fn place_streams(&self, sealed: &mut Sealed, mut at: u64) -> Result<u64> {
        let mut offsets = std::mem::take(&mut sealed.block_offsets);
        for (number, class) in sealed.header.classes.iter().enumerate() {
            let class_id = u8::try_from(class.clid.code()).unwrap_or(U);
            let order = self.stream_order(sealed, class_id);
            for descriptor in &class.descriptor_id {
                let known = self.streams.iter().find(|stream| stream.header.class_id == class.clid && stream.header.descriptor_id == *descriptor);
                let stream = SealedStream::new(known, (class.clid, *descriptor), number, &self.units, &order, at, &mut offsets)?;
                at = at.saturating_add(stream.length());
                sealed.streams.push(stream);
            }
            sealed.stream_orders.push(order);
        }
        sealed.block_offsets = offsets;
        Ok(at)
    }

    /// The access units of a class as their blocks stand in the streams: as in the table, or as they are stored.
    fn stream_order(&self, sealed: &Sealed, class: u8) -> Vec<u32> {
        if self.storage.mode != (Mode::Dsc { ordered: true }) {
            let of_class = |number: &u32| self.units.entries.get(*number as usize).is_some_and(|entry| entry.class == class);
            return sealed.order.storage.iter().copied().filter(of_class).collect();
        }
        if class == U {
            return sealed.u_rows.clone();
        }
        let runs = (0..sealed.header.seq_id.len()).filter_map(|seq| sealed.order.runs.get(&(seq, class)));
        runs.flatten().map(|(_, number)| *number).collect()
    }

    fn context(&self) -> Context<'_> {
        Context { file: &self.file, dataset: &self.plain, sets: &self.sets }
    }

    fn index<'a>(&'a self, sealed: &'a Sealed) -> Index<'a> {
        Index { units: &self.units, sealed, plain: self.context() }
    }

    /// Whether the header of an access unit is stored as it is in memory.
    fn as_it_is(&self, entry: &Entry) -> bool {
        !self.storage.has_index() && Units::is_plain(entry)
    }

    fn unit_length(&self, entry: &Entry, sealed: &Sealed) -> Result<u64> {
        let header = if self.as_it_is(entry) {
            self.units.header_bytes(entry).len() as u64
        } else {
            let stored = self.units.stored_header(entry, self.context())?;
            stored.bits(&self.file, &sealed.header, &sealed.sets)?.div_ceil(8)
        };
        let auc = self.storage.mode.is_auc();
        let parts = self.units.parts(entry).iter().fold(0u64, |sum, part| match part.descriptor() {
            None => sum.saturating_add(part.payload().length),
            Some(_) if auc => sum.saturating_add(part.payload().length).saturating_add(5),
            Some(_) => sum,
        });
        Ok(parts.saturating_add(header).saturating_add(2 * HEAD))
    }

    /// Bytes of the box.
    pub(super) fn length(&self) -> u64 {
        self.sealed.as_ref().map_or(0, |sealed| sealed.length)
    }

    pub(super) fn write(&self, out: &mut Copier<'_, '_, '_>, targets: &mut dyn Iterator<Item = u64>) -> Result<()> {
        let sealed = self.sealed.as_ref().ok_or_else(|| Error::without_position(ErrorKind::Malformed, "a dataset that was not completed"))?;
        head(out, *b"dtcn", sealed.length)?;
        out.bytes(&sealed.header_box)?;
        self.front.iter().try_for_each(|node| node.write(out, targets))?;
        out.bytes(&sealed.set_boxes)?;
        self.between.iter().try_for_each(|node| node.write(out, targets))?;
        if self.storage.has_index() {
            self.index(sealed).write(out, sealed.index_length)?;
        }
        for number in &sealed.order.storage {
            if let Some(entry) = self.units.entries.get(*number as usize) {
                self.write_unit(entry, sealed, out)?;
            }
        }
        for stream in &sealed.streams {
            stream.write(&self.units, sealed.stream_orders.get(stream.class()).map_or(&[][..], Vec::as_slice), out)?;
        }
        self.behind.iter().try_for_each(|node| node.write(out, targets))
    }

    fn write_unit(&self, entry: &Entry, sealed: &Sealed, out: &mut Copier<'_, '_, '_>) -> Result<()> {
        head(out, *b"aucn", self.unit_length(entry, sealed)?)?;
        if self.as_it_is(entry) {
            let bytes = self.units.header_bytes(entry);
            head(out, AccessUnitHeader::KEY, HEAD.saturating_add(bytes.len() as u64))?;
            out.bytes(bytes)?;
        } else {
            let header = self.units.stored_header(entry, self.context())?;
            out.bytes(&header.to_box(&self.file, &sealed.header, &sealed.sets)?)?;
        }
        for part in self.units.parts(entry) {
            match part.descriptor() {
                None => out.payload(&part.payload())?,
                Some(descriptor) if self.storage.mode.is_auc() => {
                    out.bytes(&super::payload::block_header(descriptor, part.payload().length)?)?;
                    out.payload(&part.payload())?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// The bytes of a string of bits as a number, without zeros in front.
fn number_of(bits: &mpegg_runtime::bits::BitString) -> Vec<u8> {
    let mut w = mpegg_runtime::bits::BitWriter::new();
    let _ = w.unsigned(0, (8 - bits.bits() % 8) % 8);
    w.bit_string(bits);
    let bytes = w.into_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default().to_vec()
}
