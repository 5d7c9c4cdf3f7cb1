//! Files over a network: boxes in packets, and back (6.6, 6.7).
//!
//! * [`Mux`] makes the packets of a file, one when it is asked for one.
//! * [`Demux`] makes a file of packets as they come; [`Receiver`] lends the boxes in them to who wants them at once.
//! * [`Packetizer`] and [`Demultiplexer`] do the same for boxes alone, whatever they are.
//!
//! None of them reads or writes a network or a file by itself.

mod code;
mod data_type;
mod demux;
mod mux;

pub use code::PacketCode;
pub use demux::{Arrival, Demux, DemuxOptions, OnLoss, Place, Receiver};
pub use mpegg_runtime::transport::{Header, Loss, LossKind, Statistics};
pub use mux::{Mux, MuxOptions, Packets};

use mux::{FILE_HEADER, LISTS};

/// Cuts boxes into packets.
pub type Packetizer = mpegg_runtime::transport::Packetizer<PacketCode>;
/// Finds the boxes in packets.
pub type Demultiplexer = mpegg_runtime::transport::Demultiplexer<PacketCode>;
