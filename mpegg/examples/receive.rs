//! Receives a file over a network, from the example `send`. Prints the address first, at last what came in each stream.
//!
//! `cargo run --example receive -- tcp|udp HOST:PORT FILE [--mode auc|dsc]`: port 0 is any free one. Over UDP what is lost is left out.

#![allow(clippy::print_stdout)]

use mpegg::transport::{Demux, DemuxOptions, OnLoss};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::net::{TcpListener, UdpSocket};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (network, address, file, descriptor_streams) = match words.as_slice() {
        [network, address, file] => (*network, *address, *file, false),
        [network, address, file, "--mode", mode] => (*network, *address, *file, *mode == "dsc"),
        _ => return Err("usage: receive tcp|udp HOST:PORT FILE [--mode auc|dsc]".into()),
    };
    let on_loss = if network == "udp" { OnLoss::Drop } else { OnLoss::Fail };
    let mut demux = Demux::new(&DemuxOptions { descriptor_streams, on_loss, ..DemuxOptions::default() });
    if network == "udp" {
        udp(address, &mut demux)?
    } else {
        tcp(address, &mut demux)?
    }
    let mut out = BufWriter::new(File::create(file)?);
    demux.finish(&mut out)?;
    out.flush()?;
    for note in demux.notes() {
        println!("note: {note}");
    }
    for (sid, statistics) in demux.statistics() {
        println!("stream {sid}: {} packets, {} missing, {} boxes, {} dropped", statistics.packets, statistics.missing, statistics.boxes, statistics.dropped);
    }
    Ok(())
}

fn tcp(address: &str, demux: &mut Demux) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(address)?;
    println!("{}", listener.local_addr()?);
    let (mut connection, _) = listener.accept()?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match connection.read(&mut buffer)? {
            0 => return Ok(()),
            count => demux.push(buffer.get(..count).unwrap_or_default())?,
        }
    }
}

fn udp(address: &str, demux: &mut Demux) -> Result<(), Box<dyn Error>> {
    let socket = UdpSocket::bind(address)?;
    println!("{}", socket.local_addr()?);
    let mut buffer = vec![0; 1 << 16];
    // The end packets may be lost, or arrive before others.
    while !demux.is_complete() {
        match socket.recv(&mut buffer)? {
            0 => break,
            count => demux.push_datagram(buffer.get(..count).unwrap_or_default())?,
        }
    }
    Ok(())
}
