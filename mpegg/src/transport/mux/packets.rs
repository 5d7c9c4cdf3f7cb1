//! The packets of a file, one by one.

use super::super::{PacketCode, Packetizer};
use super::parcel::{Parcel, Sent};
use super::{LISTS, Mux, Outgoing};
use mpegg_runtime::Result;
use mpegg_runtime::transport::{Cut, Header, HeaderCode};

/// The packets of a file. Memory is taken for a box that is made, not for a packet.
pub struct Packets<'a, 's> {
    packetizer: Packetizer,
    boxes: Box<dyn Iterator<Item = Result<Outgoing<'a, 's>>> + 'a>,
    current: Option<Sending<Outgoing<'a, 's>>>,
    /// The lists of mapping tables, and the tables.
    tables: Vec<Parcel<'s>>,
    /// The one of them that comes next; behind the last: they are not being sent.
    next_table: usize,
    table: Option<Sending<usize>>,
    /// After how many packets they are sent again, and how many there were.
    repeat_tables: u64,
    since_tables: u64,
}

/// A box of which a part is sent.
struct Sending<T> {
    what: T,
    cut: Cut,
    sent: Sent,
}

impl<'a, 's> Packets<'a, 's> {
    pub(super) fn new(mux: &'a Mux<'s>) -> Result<Self> {
        let source = mux.header.source();
        let lists = mux.groups.iter().map(|group| Parcel::of_bytes(LISTS, source, &group.list));
        let tables = mux.groups.iter().flat_map(|group| &group.tables).map(|(sid, table)| Parcel::of_bytes(*sid, source, table));
        let tables: Vec<Parcel<'s>> = lists.chain(tables).collect();
        Ok(Packets {
            packetizer: Packetizer::new(mux.options.packet_size)?,
            boxes: Box::new(mux.parcels()),
            current: None,
            next_table: tables.len(),
            tables,
            table: None,
            repeat_tables: mux.options.repeat_tables,
            since_tables: 0,
        })
    }

    /// Puts the next packet in place of what the vector holds. `false`: there are no more.
    ///
    /// # Errors
    ///
    /// I/O; access units that cannot be read.
    pub fn next_packet(&mut self, packet: &mut Vec<u8>) -> Result<bool> {
        packet.clear();
        if self.repeat_tables > 0 && self.since_tables >= self.repeat_tables {
            (self.next_table, self.since_tables) = (0, 0);
        }
        loop {
            if self.table_packet(packet)? {
                return Ok(true);
            }
            if let Some(sending) = &mut self.current
                && let Some(parcel) = sending.what.parcel()
                && let Some(header) = self.packetizer.next(&mut sending.cut)
            {
                write(parcel, &header, &mut sending.sent, packet)?;
                self.since_tables = self.since_tables.saturating_add(1);
                return Ok(true);
            }
            self.current = None;
            match self.boxes.next().transpose()? {
                None => return Ok(false),
                Some(Outgoing::Tables) => (self.next_table, self.since_tables) = (0, 0),
                Some(Outgoing::End(sid)) => {
                    PacketCode::write(&self.packetizer.end(sid), packet)?;
                    return Ok(true);
                }
                Some(next) => {
                    self.current = next.parcel().map(|parcel| self.packetizer.begin(parcel.sid, parcel.length())).transpose()?.map(|cut| Sending {
                        what: next,
                        cut,
                        sent: Sent::default(),
                    })
                }
            }
        }
    }

    /// The next packet of the mapping tables, while they are being sent.
    fn table_packet(&mut self, packet: &mut Vec<u8>) -> Result<bool> {
        loop {
            if let Some(sending) = &mut self.table
                && let Some(parcel) = self.tables.get(sending.what)
                && let Some(header) = self.packetizer.next(&mut sending.cut)
            {
                write(parcel, &header, &mut sending.sent, packet)?;
                return Ok(true);
            }
            self.table = None;
            let Some(parcel) = self.tables.get(self.next_table) else { return Ok(false) };
            let cut = self.packetizer.begin(parcel.sid, parcel.length())?;
            self.table = Some(Sending { what: self.next_table, cut, sent: Sent::default() });
            self.next_table = self.next_table.saturating_add(1);
        }
    }
}

fn write(parcel: &Parcel<'_>, header: &Header, sent: &mut Sent, packet: &mut Vec<u8>) -> Result<()> {
    PacketCode::write(header, packet)?;
    parcel.read(sent, usize::from(header.size).saturating_sub(PacketCode::BYTES), packet)
}
