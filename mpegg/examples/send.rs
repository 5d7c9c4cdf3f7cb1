//! Sends a file over a network: over TCP as a stream, over UDP a packet a datagram, some of which may be lost on purpose.
//!
//! `cargo run --example send -- tcp|udp FILE HOST:PORT [--lose N]`: of N datagrams one does not leave.

#![allow(clippy::print_stdout)]

use mpegg::file::File;
use mpegg::transport::{Mux, MuxOptions};
use std::error::Error;
use std::io::{BufWriter, Write};
use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

/// After so many datagrams the receiver gets time to take them.
const BURST: u64 = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tcp", file, address] => tcp(file, address),
        ["udp", file, address] => udp(file, address, 0),
        ["udp", file, address, "--lose", one_in] => udp(file, address, one_in.parse()?),
        _ => Err("usage: send tcp|udp FILE HOST:PORT [--lose N]".into()),
    }
}

fn tcp(file: &str, address: &str) -> Result<(), Box<dyn Error>> {
    let file = File::open(file)?;
    let mux = Mux::new(&file, &MuxOptions::default())?;
    let mut connection = BufWriter::new(TcpStream::connect(address)?);
    let (mut packets, mut packet) = (mux.packets()?, vec![]);
    while packets.next_packet(&mut packet)? {
        connection.write_all(&packet)?;
    }
    connection.flush()?;
    Ok(())
}

fn udp(file: &str, address: &str, one_in: u64) -> Result<(), Box<dyn Error>> {
    let file = File::open(file)?;
    // Who misses a mapping table gets it again.
    let mux = Mux::new(&file, &MuxOptions { packet_size: 1400, repeat_tables: 100 })?;
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    // Not connected: a sender does not fail when the receiver has all that it needs and is gone.
    let (mut packets, mut packet) = (mux.packets()?, vec![]);
    let (mut number, mut lost) = (0u64, 0u64);
    let mut chance = 1u64;
    while packets.next_packet(&mut packet)? {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The first packet is the file header, which nothing can do without.
        if one_in > 0 && number > 0 && (chance >> 33).is_multiple_of(one_in) {
            lost += 1;
        } else {
            socket.send_to(&packet, address)?;
        }
        number += 1;
        if number.is_multiple_of(BURST) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    // Nobody knows whether the last packets arrive: empty datagrams say that there are no more.
    for _ in 0..3 {
        socket.send_to(&[], address)?;
    }
    println!("{number} packets, {lost} of them lost");
    Ok(())
}
