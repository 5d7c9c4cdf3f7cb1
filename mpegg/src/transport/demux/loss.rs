//! What to do about losses.

use super::super::code::{PACKET_SIZE_BIT, of_packet_size};
use crate::tables::PacketHeader;
use mpegg_runtime::Error;
use mpegg_runtime::transport::{Loss, LossKind};

/// What to do where something is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnLoss {
    /// It is an error, whatever it is.
    #[default]
    Fail,
    /// The boxes of which something is lost are left out, and what depends on them. A packet that comes twice or late is left out itself.
    Drop,
}

/// The error that a loss is, where losses are errors.
pub(super) fn error(loss: &Loss) -> Error {
    let bit = loss.offset.saturating_mul(8);
    let stream = loss.sid.map_or(String::new(), |sid| format!("stream {sid}: "));
    let message = match loss.kind {
        LossKind::Gap { missing: 1 } => "a packet is missing before this one".to_owned(),
        LossKind::Gap { missing } => format!("{missing} packets are missing before this one"),
        LossKind::MissingMarker => "the last packet of a box is missing, or does not say that it is the last one".to_owned(),
        LossKind::Duplicate => "a packet comes for the second time".to_owned(),
        LossKind::Late => "a packet comes too late".to_owned(),
        LossKind::Unknown => "no mapping table says what the packets of this stream carry".to_owned(),
        LossKind::NoBox => "the packets do not make a box of the stream: another key, or a Length that is not their bytes".to_owned(),
        LossKind::Cut { missing } => {
            let missing = u64::from(missing).saturating_mul(8);
            return match loss.sid {
                Some(_) => of_packet_size(Error::truncated(bit.saturating_add(PACKET_SIZE_BIT), missing).with_message(format!("{stream}the packet is cut"))),
                None => Error::truncated(bit, missing).with_message("the header of a packet is cut").in_field("packet_header", &[]),
            };
        }
        _ => "something is lost".to_owned(),
    };
    let field = match loss.kind {
        LossKind::Unknown => "SID",
        LossKind::MissingMarker => "marker_bit",
        LossKind::NoBox => "packet_payload",
        _ => "sequence_number",
    };
    let table = &PacketHeader::TABLE;
    let error = Error::malformed(bit, format!("{stream}{message}")).in_field(field, &[]);
    let error = if loss.kind == LossKind::NoBox { error } else { error.in_field("packet_header", &[]) };
    error.in_table(table.name, table.clause, table.number)
}
