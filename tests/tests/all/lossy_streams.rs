//! Random streams of which packets are lost, sent twice, out of order, or cut: what is received is less, never something else, and it is told.

use super::made_streams::{check, findings, told};
use mpegg::Limits;
use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg::tables::DatasetType;
use mpegg::transport::{Demux, DemuxOptions, OnLoss};
use mpegg::validate::validate;
use mpegg::walk::Kind;
use mpegg_tests::carrying::{Unit, file_of, units};
use mpegg_tests::maker::random::Rng;
use mpegg_tests::maker::stream::expect::{self, Mode};
use mpegg_tests::maker::stream::{Item, Stream, stream};
use mpegg_tests::units::of_dataset;
use std::collections::{BTreeMap, BTreeSet};

/// Streams with losses; more where MPEGG_CASES says so.
fn cases() -> u64 {
    std::env::var("MPEGG_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100)
}

/// What arrives: numbers of packets, and for one that is cut its bytes.
struct Arrived {
    packets: Vec<(usize, Option<usize>)>,
    /// The packets of which something is not as it was sent.
    touched: BTreeSet<usize>,
    /// The streams in which packets come twice or late.
    strays: Vec<u16>,
}

fn sid(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[0], packet[1]]) >> 3
}

fn is_marked(packet: &[u8]) -> bool {
    packet[2] & 0x80 != 0 || packet.len() == 5
}

/// A few packets come to harm.
fn harmed(rng: &mut Rng, sent: &Stream) -> Arrived {
    let mut arrived = Arrived { packets: (0..sent.packets.len()).map(|number| (number, None)).collect(), touched: BTreeSet::new(), strays: vec![] };
    for _ in 0..rng.between(1, 4) {
        let at = rng.between(0, arrived.packets.len() as u64 - 1) as usize;
        let number = arrived.packets[at].0;
        let stream = sid(&sent.packets[number]);
        // The next packets of the same stream: further apart, numbers do not tell which comes first.
        let others: Vec<usize> = (at + 1..arrived.packets.len()).filter(|other| sid(&sent.packets[arrived.packets[*other].0]) == stream).take(20).collect();
        let harm = rng.between(0, 4);
        if (1..=3).contains(&harm) {
            arrived.strays.push(stream);
        }
        match (harm, others.as_slice()) {
            (0, _) => {
                arrived.touched.insert(number);
                arrived.packets.remove(at);
            }
            (1, [first, ..]) => {
                let other = if rng.chance(60) { *first } else { rng.pick(&others) };
                // What comes between them is late as well.
                let between = others.iter().take_while(|between| **between <= other).map(|between| arrived.packets[*between].0);
                arrived.touched.extend(between.chain([number]));
                arrived.packets.swap(at, other);
            }
            (2, _) => arrived.packets.insert(at + 1, (number, None)),
            (3, [.., last]) => arrived.packets.insert(last + 1, (number, None)),
            (4, _) => {
                let size = rng.between(0, sent.packets[number].len() as u64 - 1) as usize;
                arrived.touched.insert(number);
                arrived.packets[at].1 = Some(size);
            }
            _ => {}
        }
    }
    arrived
}

impl Arrived {
    fn datagrams<'s>(&self, sent: &'s Stream) -> Vec<&'s [u8]> {
        let whole = self.packets.iter().map(|(number, cut)| &sent.packets[*number][..cut.unwrap_or(sent.packets[*number].len())]);
        whole.filter(|packet| !packet.is_empty()).collect()
    }

    /// Whether the numbers of the packets tell that something is missing, or a box without beginning or end does.
    fn can_be_told(&self, sent: &Stream) -> bool {
        let mut of_stream: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (number, cut) in &self.packets {
            if cut.is_some_and(|size| size > 0) {
                return true;
            }
            if cut.is_none() {
                of_stream.entry(sid(&sent.packets[*number])).or_default().push(*number);
            }
        }
        of_stream.into_iter().any(|(stream, arrived)| {
            let all: Vec<usize> = (0..sent.packets.len()).filter(|number| sid(&sent.packets[*number]) == stream).collect();
            let Some(start) = all.iter().position(|number| *number == arrived[0]) else { return true };
            let in_a_row = all.get(start..start + arrived.len()) == Some(&arrived[..]);
            let begins = start == 0 || is_marked(&sent.packets[all[start - 1]]);
            let ends = arrived.last().is_some_and(|last| is_marked(&sent.packets[*last]));
            !(in_a_row && begins && ends)
        })
    }

    /// The places of the boxes that lost something; nothing where a table or the file header did. Nor where several packets of a stream are
    /// out of order: one behind the other they look like a gap of more packets than are counted, and cost the box under way.
    fn boxes(&self, sent: &Stream) -> Option<BTreeSet<usize>> {
        if self.strays.iter().collect::<BTreeSet<_>>().len() < self.strays.len() {
            return None;
        }
        let of_tables = |number: &&usize| sent.carried[**number].is_none() && sent.packets[**number].len() > 5;
        if self.touched.iter().any(|number| of_tables(&number)) {
            return None;
        }
        Some(self.touched.iter().filter_map(|number| sent.carried[*number]).collect())
    }
}

/// All that is wrong with the reception of a case.
fn case(number: u64) -> Vec<String> {
    let sent = stream(number);
    let mut rng = Rng::new(number ^ 0x1055);
    let arrived = harmed(&mut rng, &sent);
    let mut wrong = vec![];
    let is_cut = arrived.packets.iter().any(|(_, cut)| cut.is_some_and(|size| size > 0));
    let datagrams = arrived.datagrams(&sent);
    let can_be_told = arrived.can_be_told(&sent);
    let by_datagram = is_cut || rng.chance(50);
    let receive = |on_loss: OnLoss, descriptor_streams: bool| -> mpegg::Result<(Vec<u8>, bool)> {
        let mut demux = Demux::new(&DemuxOptions { descriptor_streams, index: None, on_loss });
        if by_datagram {
            datagrams.iter().try_for_each(|datagram| demux.push_datagram(datagram))?;
        } else {
            demux.push(&datagrams.concat())?;
        }
        let mut made = vec![];
        demux.finish(&mut made)?;
        // Whose packet it was of which less than the header came, nobody knows.
        let is_noted = demux.notes().iter().any(|note| note.contains("header of a packet is cut"));
        let is_clean = demux.statistics().all(|(_, statistics)| statistics.is_clean());
        Ok((made, is_clean && !is_noted))
    };
    for descriptor_streams in [false, true] {
        if can_be_told && receive(OnLoss::Fail, descriptor_streams).is_ok() {
            wrong.push("a loss that can be told is none".into());
        }
        let boxes = arrived.boxes(&sent);
        match receive(OnLoss::Drop, descriptor_streams) {
            Ok((made, is_clean)) => {
                if can_be_told && is_clean {
                    wrong.push("a loss that can be told is not counted".into());
                }
                wrong.extend(less(&sent, &made, boxes.as_ref()).err());
            }
            // Without file header or lists nothing can be received.
            Err(error) if arrived.touched.iter().all(|number| sid(&sent.packets[*number]) > 1) => wrong.push(format!("on-loss drop: {error}")),
            Err(_) => {}
        }
    }
    wrong
}

/// Whether a file has nothing that the stream did not have, and lacks nothing but what lost something: the boxes of these places. Where these
/// are not known, anything may be missing.
fn less(sent: &Stream, made: &[u8], lost: Option<&BTreeSet<usize>>) -> Result<(), String> {
    let file = File::new(Bytes(made)).map_err(told)?;
    let mut found: BTreeMap<(u8, u16), usize> = BTreeMap::new();
    let mut whole = true;
    for group in file.groups().map_err(told)? {
        let id = group.header().map_err(told)?.dataset_group_id;
        for dataset in group.datasets().map_err(told)? {
            let header = dataset.header().map_err(told)?;
            let place = |error: String| format!("dataset {id}:{}: {error}", header.dataset_id);
            let mode = Mode { descriptor_streams: !header.block_header_flag, index: header.has_mit() == 1 };
            let wanted = expect::units(sent, id, header.dataset_id, mode);
            let received: Vec<Unit> = units(&dataset).map_err(told).map_err(place)?;
            // Whatever an access unit needs is there.
            of_dataset(&dataset).map_err(told).map_err(place)?;
            let access_units: Vec<&Unit> = received.iter().filter(|unit| unit.bytes[0] % 2 == 0).collect();
            let mut left: Vec<&Vec<u8>> = wanted.units.iter().map(|(_, unit)| unit).collect();
            for unit in &access_units {
                let same = left.iter().position(|other| unit.blocks_as(other)).ok_or_else(|| place("a unit that was not sent".into()))?;
                left.remove(same);
            }
            found.insert((id, header.dataset_id), access_units.len());
            // Groups without a unit, and aligned data without a sequence, are no conforming ones any longer.
            whole &= header.dataset_type != DatasetType::Annotation && !access_units.is_empty();
            whole &= header.dataset_type != DatasetType::Aligned || !header.seq_id.is_empty();
        }
    }
    let Some(lost) = lost else { return Ok(()) };
    // Units of a dataset all of whose headers came are there but for those that lost something.
    let is_unit = |item: Item| matches!(item, Item::AccessUnit(_) | Item::AnnotationUnit(..));
    let optional = |data_type: u8| matches!(data_type, 2 | 5..=9 | 16..=19 | 21 | 22);
    let headers: Vec<_> = lost.iter().map(|place| &sent.sent[*place]).filter(|one| !is_unit(one.item) && !optional(one.data_type)).collect();
    for group in &sent.file.groups {
        for dataset in &group.datasets {
            if headers.iter().any(|one| one.group == group.id && one.dataset.is_none_or(|id| id == dataset.id)) {
                continue;
            }
            let own = |one: &&mpegg_tests::maker::stream::Sent| one.group == group.id && one.dataset == Some(dataset.id) && is_unit(one.item);
            let all = sent.sent.iter().filter(own).count();
            let missing = lost.iter().map(|place| &sent.sent[*place]).filter(own).count();
            let there = found.get(&(group.id, dataset.id)).copied().unwrap_or(0);
            // One that is late as a whole may be received all the same.
            if there < all - missing {
                return Err(format!("dataset {}:{}: {there} units of {all}, but only {missing} lost something", group.id, dataset.id));
            }
        }
    }
    if sent.conformant && whole && headers.is_empty() {
        let report = validate(&Bytes(made), Kind::File, &Limits::default()).map_err(told)?;
        if let Some(finding) = findings(&report) {
            return Err(format!("file: {finding}"));
        }
    }
    Ok(())
}

#[test]
fn streams_with_losses() {
    check(0..cases(), case);
}

/// Duplicates are refused where losses are, and change nothing where they are not.
#[test]
fn everything_twice() {
    check(0..cases() / 10, |number| {
        let sent = stream(number);
        let twice: Vec<u8> = sent.packets.iter().flat_map(|packet| [packet.as_slice(), packet]).flatten().copied().collect();
        let drop = DemuxOptions { on_loss: OnLoss::Drop, ..DemuxOptions::default() };
        let (once, again) = (file_of(&sent.packets.concat(), 1000, &DemuxOptions::default()), file_of(&twice, 1000, &drop));
        let mut wrong = vec![];
        if file_of(&twice, 1000, &DemuxOptions::default()).is_ok() {
            wrong.push("duplicates are taken".into());
        }
        if !matches!((once, again), (Ok((once, _)), Ok((again, _))) if once == again) {
            wrong.push("duplicates make another file".into());
        }
        wrong
    });
}
