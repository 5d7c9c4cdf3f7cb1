//! Files over a network: boxes in packets, and back (6.6, 6.7).
//!
//! * [`Mux`] makes the packets of a file, one when it is asked for one.
//!
//! Neither reads or writes a network or a file by itself.

mod code;
mod data_type;
mod mux;

pub use code::PacketCode;
pub use mpegg_runtime::transport::{Header, Loss, LossKind, Statistics};
pub use mux::{Mux, MuxOptions, Packets};

/// Cuts boxes into packets.
pub type Packetizer = mpegg_runtime::transport::Packetizer<PacketCode>;
/// Finds the boxes in packets.
pub type Demultiplexer = mpegg_runtime::transport::Demultiplexer<PacketCode>;
