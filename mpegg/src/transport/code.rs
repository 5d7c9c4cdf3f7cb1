//! The header of a packet, as the table prints it (Table 70).

use crate::tables::PacketHeader;
use mpegg_runtime::bits::{BitReader, BitWriter};
use mpegg_runtime::transport::{Header, HeaderCode};
use mpegg_runtime::{Error, Result};

/// Headers of Table 70: 5 bytes, packets of up to 32767 bytes, streams 0 to 8191.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketCode;

/// The bit of packet_size in a header.
pub(super) const PACKET_SIZE_BIT: u64 = 25;

/// Says of an error that it is one of packet_size in the header that begins at this bit.
pub(super) fn of_packet_size(error: Error) -> Error {
    let table = &PacketHeader::TABLE;
    error.in_field("packet_size", &[]).in_field("packet_header", &[]).in_table(table.name, table.clause, table.number)
}

impl HeaderCode for PacketCode {
    const BYTES: usize = 5;
    const LARGEST: u16 = 0x7FFF;
    const STREAMS: u16 = 1 << 13;

    fn read(bytes: &[u8], position: u64) -> Result<Header> {
        let header = PacketHeader::read(&mut BitReader::at(bytes, position)).map_err(|error| error.in_field("packet_header", &[]))?;
        if usize::from(header.packet_size) < Self::BYTES {
            let message = format!("packet_size {} is less than the {} bytes of the header", header.packet_size, Self::BYTES);
            return Err(of_packet_size(Error::malformed(position.saturating_add(PACKET_SIZE_BIT), message)));
        }
        Ok(Header { sid: header.sid, marker: header.marker_bit, sequence_number: header.sequence_number, size: header.packet_size })
    }

    fn write(header: &Header, out: &mut Vec<u8>) -> Result<()> {
        let Header { sid, marker, sequence_number, size } = *header;
        let header = PacketHeader { sid, reserved: 0, marker_bit: marker, sequence_number, packet_size: size };
        let mut w = BitWriter::behind(std::mem::take(out));
        let written = header.write(&mut w);
        *out = w.into_bytes();
        written
    }
}
