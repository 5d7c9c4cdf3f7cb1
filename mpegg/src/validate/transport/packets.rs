//! Packets one by one (6.6.5).

use super::super::finding::Findings;
use super::super::model::Stream;
use super::super::rule::rules;
use crate::walk::Packets;
use mpegg_runtime::source::Source;
use mpegg_runtime::{ErrorKind, Result};
use std::collections::{HashMap, HashSet};

rules! {
    /// The packets of a stream are numbered one after the other, modulo 256: a gap is a lost packet.
    SEQUENCE: Error "packet.sequence_number" "6.6.5.2.3"
    /// The stream of a packet is 0, 1, or one that the mapping tables list.
    SID: Error "packet.SID" "6.6.5.2.3"
    /// No packet follows on a stream behind the one of 5 bytes that ends it.
    AFTER_END: Error "packet.packet_size" "6.6.5.2.3"
}

/// What is known of a stream so far.
#[derive(Default)]
struct Sent {
    last: Option<u8>,
    ended: bool,
}

/// Checks them.
pub(super) fn check(source: &dyn Source, stream: &Stream, findings: &mut Findings) -> Result<()> {
    let mut known: HashSet<u16> = [0, 1].into_iter().collect();
    known.extend(stream.lists.iter().flat_map(|list| list.value.dataset_mapping_table_sid.iter().copied()));
    known.extend(stream.mapped.keys());
    let mut sent: HashMap<u16, Sent> = HashMap::new();
    for packet in Packets::new(source) {
        let packet = match packet {
            Ok(packet) => packet,
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(_) => break, // the walk tells
        };
        let header = &packet.header;
        let first = !sent.contains_key(&header.sid);
        let before = sent.entry(header.sid).or_default();
        if first && !known.contains(&header.sid) {
            findings.field(&SID, packet.offset, "packet_header.SID", &[], format!("no mapping table lists the stream {}", header.sid));
        }
        let expected = before.last.map(|last| last.wrapping_add(1));
        if let Some(expected) = expected.filter(|expected| *expected != header.sequence_number) {
            let message = format!("sequence_number is {}, {expected} was expected on the stream {}", header.sequence_number, header.sid);
            findings.field(&SEQUENCE, packet.offset, "packet_header.sequence_number", &[], message);
        }
        if before.ended {
            findings.field(&AFTER_END, packet.offset, "packet_header.packet_size", &[], format!("the stream {} has ended before", header.sid));
        }
        before.last = Some(header.sequence_number);
        before.ended = header.packet_size == 5;
    }
    Ok(())
}
