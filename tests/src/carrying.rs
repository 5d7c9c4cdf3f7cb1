//! Files carried as packets and put together again, and what of a file must come through.

use crate::making::sequencing_units;
use crate::sinks::located;
use mpegg::ErrorKind;
use mpegg::access::Selection;
use mpegg::access::annotation::AnnotationSelection;
use mpegg::decapsulate::{DataUnit, annotation_units};
use mpegg::file::{BoxRef, Dataset, File};
use mpegg::source::{Bytes, Source};
use mpegg::tables::DatasetType;
use mpegg::transport::{Demux, DemuxOptions, Mux, MuxOptions, OnLoss};
use std::collections::BTreeMap;

/// The packets of a file, each by itself.
///
/// # Errors
///
/// As [`Mux`].
pub fn packets(file: &[u8], options: &MuxOptions) -> mpegg::Result<Vec<Vec<u8>>> {
    let file = File::new(Bytes(file))?;
    let mux = Mux::new(&file, options)?;
    let (mut packets, mut packet, mut all) = (mux.packets()?, vec![], vec![]);
    while packets.next_packet(&mut packet)? {
        all.push(packet.clone());
    }
    Ok(all)
}

/// The file that packets make, given in chunks of a size, and the notes.
///
/// # Errors
///
/// As [`Demux`].
pub fn file_of(stream: &[u8], chunk: usize, options: &DemuxOptions) -> mpegg::Result<(Vec<u8>, Vec<String>)> {
    let (mut demux, mut file) = (Demux::new(options), vec![]);
    for chunk in stream.chunks(chunk.max(1)) {
        demux.push(chunk)?;
    }
    demux.finish(&mut file)?;
    Ok((file, demux.notes().to_vec()))
}

/// A data unit: its bytes, and for one whose blocks were in descriptor streams how many of them are in front of the blocks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// All of it.
    pub bytes: Vec<u8>,
    front: Option<usize>,
}

impl Unit {
    fn of(unit: &DataUnit<'_>, split: bool) -> Unit {
        use mpegg::decapsulate::Part;
        // Head and header stand together with the header of the first block, whose payload is elsewhere.
        let front = match unit.parts() {
            [Part::Bytes(range), Part::Source { .. }, ..] if split => Some(range.len() - 5),
            _ => None,
        };
        Unit { bytes: unit.to_vec().expect("memory is readable"), front }
    }

    /// What is in front of the blocks, and the blocks in the order of their bytes.
    pub fn blocks(&self, front: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
        let (head, mut rest) = self.bytes.split_at(front.min(self.bytes.len()));
        let mut blocks = vec![];
        while rest.len() >= 5 {
            let size = u32::from_be_bytes([rest[1] & 31, rest[2], rest[3], rest[4]]) as usize + 5;
            let (block, behind) = rest.split_at(size.min(rest.len()));
            blocks.push(block.to_vec());
            rest = behind;
        }
        blocks.sort();
        (head.to_vec(), blocks)
    }

    /// Whether another unit is the same but for the order of its blocks; this one had its blocks in descriptor streams.
    pub fn same_blocks(&self, other: &Unit) -> bool {
        self.blocks_as(&other.bytes)
    }

    /// The same for the bytes of another unit.
    pub fn blocks_as(&self, other: &[u8]) -> bool {
        match self.front {
            Some(front) => self.blocks(front) == (Unit { bytes: other.to_vec(), front: None }).blocks(front),
            None => self.bytes == other,
        }
    }
}

/// The data units of a dataset, all parameter sets among them.
///
/// # Errors
///
/// What is wrong with the dataset.
pub fn units(dataset: &Dataset<'_>) -> mpegg::Result<Vec<Unit>> {
    let header = dataset.header()?;
    if header.dataset_type == DatasetType::Annotation {
        let all = annotation_units(dataset, &AnnotationSelection::default())?;
        return all.map(|unit| unit.map(|unit| Unit::of(&unit, false))).collect();
    }
    let selection = Selection { all_parameter_sets: true, ..Selection::all() };
    let access = dataset.select(&selection)?;
    access.units()?.map(|unit| unit.map(|unit| Unit::of(&unit, !header.block_header_flag))).collect()
}

/// Optional boxes and headers, by where they stand: those that streams carry.
///
/// # Errors
///
/// What is wrong with the file.
pub fn boxes<S: Source>(file: &File<S>) -> mpegg::Result<BTreeMap<String, Vec<Vec<u8>>>> {
    let mut found: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let mut add = |place: String, node: &BoxRef<'_>| -> mpegg::Result<()> {
        let key = node.key().escape_ascii().to_string();
        found.entry(format!("{place}.{key}")).or_default().push(node.bytes()?.into_owned());
        Ok(())
    };
    for group in file.groups()? {
        let place = group.header()?.dataset_group_id.to_string();
        for key in [*b"dghd", *b"dgmd", *b"dgcd", *b"dgpr"] {
            group.node().child(key)?.map_or(Ok(()), |node| add(place.clone(), &node))?;
        }
        for node in group.node().children()?.iter().filter(|node| [*b"rfgn", *b"rfmd"].contains(&node.key())) {
            add(place.clone(), node)?;
        }
        if let Some(labels) = group.node().child(*b"labl")? {
            labels.children()?.iter().filter(|node| node.key() == *b"lbll").try_for_each(|node| add(place.clone(), node))?;
        }
        for dataset in group.datasets()? {
            let place = format!("{place}:{}", dataset.header()?.dataset_id);
            for key in [*b"dtmd", *b"dtmt", *b"dtcd", *b"dtpr"] {
                dataset.node().child(key)?.map_or(Ok(()), |node| add(place.clone(), &node))?;
            }
            for unit in dataset.access_units()? {
                for node in unit?.children()?.iter().filter(|node| node.key() != *b"auhd") {
                    add(format!("{place}.aucn"), node)?;
                }
            }
            for table in dataset.tables()? {
                let place = format!("{place}.table {}", table.header()?.at_id);
                add(place.clone(), &table.header_node()?)?;
                for key in [*b"atmd", *b"atcd", *b"atpr"] {
                    table.node().child(key)?.map_or(Ok(()), |node| add(place.clone(), &node))?;
                }
                for group in table.groups()? {
                    let place = format!("{place}.group {}", group.class()?);
                    add(place.clone(), &group.header_node()?)?;
                    for unit in group.units()? {
                        unit?.node().children()?.iter().filter(|node| node.key() == *b"aaup").try_for_each(|node| add(place.clone(), node))?;
                    }
                }
            }
        }
    }
    // Access units may come in another order.
    found.values_mut().for_each(|boxes| boxes.sort());
    Ok(found)
}

/// Packets to a file, in every mode, however they are cut. What comes of them is a file; what is wrong with them has a place.
///
/// # Errors
///
/// What is wrong.
pub fn demux_packets(data: &[u8]) -> Result<(), String> {
    for on_loss in [OnLoss::Fail, OnLoss::Drop] {
        for (descriptor_streams, index) in [(false, None), (false, Some(false)), (true, None)] {
            let options = DemuxOptions { descriptor_streams, index, on_loss };
            let (made, again) = (file_of(data, usize::MAX, &options), file_of(data, 3, &options));
            if again.as_ref().ok().map(|(file, _)| file) != made.as_ref().ok().map(|(file, _)| file) {
                let told = |made: mpegg::Result<(Vec<u8>, Vec<String>)>| made.map(|(file, _)| file.len());
                return Err(format!("in chunks of 3 bytes: {:?}, as a whole {:?}", told(again), told(made)));
            }
            match made {
                Ok((made, _)) => {
                    let file = File::new(Bytes(&made)).map_err(|error| format!("what was made is no file: {error}"))?;
                    sequencing_units(&file).map_err(|error| format!("the file that was made: {error}"))?;
                }
                Err(error) if error.kind() == ErrorKind::Io => return Err(format!("input/output on memory: {error}")),
                Err(error) => located(&error, data.len())?,
            }
        }
    }
    Ok(())
}
