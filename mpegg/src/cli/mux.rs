//! `mpegg mux`: a file as packets.

use super::output::Output;
use super::status::{Failure, Status};
use crate::file::File;
use crate::transport::{Mux, MuxOptions};
use clap::Args;
use mpegg_runtime::source::ReadAhead;
use mpegg_runtime::{Error, ErrorKind};
use std::io::Write;
use std::path::PathBuf;

/// `mux`.
#[derive(Args, Debug)]
pub struct MuxArgs {
    /// A file; - is stdin
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Write the packets to this file; - is stdout
    #[arg(short, long, value_name = "STREAM")]
    pub output: PathBuf,
    /// Bytes of the largest packet, its header of 5 bytes too: 6 to 32767
    #[arg(long, value_name = "N", default_value_t = MuxOptions::default().packet_size, value_parser = clap::value_parser!(u16).range(6..=32767))]
    pub packet_size: u16,
    /// Send the dataset mapping table lists and tables again after every so many packets; 0 is never
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub repeat_tables: u64,
}

/// `mpegg mux`.
pub fn mux(args: &MuxArgs) -> Result<Status, Failure> {
    let source = ReadAhead::new(super::input::source(&args.path)?);
    let wrong = |error: Error| match (error.kind(), error.position()) {
        // The output says so itself.
        (ErrorKind::Io, None) => Failure::Other(error.message(), Status::Usage),
        _ => Failure::input(&args.path, error),
    };
    let file = File::new(source).map_err(wrong)?;
    let options = MuxOptions { packet_size: args.packet_size, repeat_tables: args.repeat_tables };
    let mux = Mux::new(&file, &options).map_err(wrong)?;
    for note in mux.notes() {
        eprintln!("mpegg: {}: {note}", args.path.display());
    }
    let mut output = Output::open(Some(&args.output))?;
    let (mut packets, mut packet) = (mux.packets().map_err(wrong)?, vec![]);
    while packets.next_packet(&mut packet).map_err(wrong)? {
        output.write_all(&packet).map_err(Failure::output)?;
    }
    output.finish()?;
    Ok(Status::Fine)
}
