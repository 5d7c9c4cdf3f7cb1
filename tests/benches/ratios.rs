//! How fast generated readers are, as ratios to a peer or to a physical limit measured in the same run.
//!
//! `cargo bench -p mpegg-tests`. Each figure is the median of several rounds; no test depends on it.

#![allow(clippy::expect_used)]

use deku::prelude::*;
use mpegg::bits::{BitReader, BitWriter};
use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg::tables::{
    DatasetHeader, MasterIndexTable, MasterIndexTableSequence, MasterIndexTableSequenceClass, MasterIndexTableSequenceClassAccessUnit, PacketHeader,
};
use mpegg::transport::{Arrival, Demux, DemuxOptions, Mux, MuxOptions, OnLoss, Receiver};
use mpegg_tests::maker::big::{Big, storage};
use mpegg_tests::timing::median;
use std::hint::black_box;
use std::io::Cursor;

mod record {
    #![allow(missing_docs)]
    mpegg_derive::tables! {
        /// A record of literal widths that start inside bytes.
        #[clause = "none"]
        struct record {
            a   u(5)
            b   u(3)
            c   u(16)
            d   u(1)
            e   u(7)
            f   u(32)
            g   u(12)
            h   u(20)
            i   u(40)
            j   u(8)
        }
    }
}

/// The same record for the peer.
#[derive(Debug, DekuRead, PartialEq)]
#[deku(endian = "big")]
struct Peer {
    #[deku(bits = 5)]
    a: u8,
    #[deku(bits = 3)]
    b: u8,
    #[deku(bits = 16)]
    c: u16,
    #[deku(bits = 1)]
    d: u8,
    #[deku(bits = 7)]
    e: u8,
    #[deku(bits = 32)]
    f: u32,
    #[deku(bits = 12)]
    g: u16,
    #[deku(bits = 20)]
    h: u32,
    #[deku(bits = 40)]
    i: u64,
    #[deku(bits = 8)]
    j: u8,
}

const RECORD: usize = 18;

fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

fn records() {
    let data = noise(RECORD * 1_000_000);
    let ours = median(7, || {
        let mut r = BitReader::new(&data);
        let mut sum = 0u64;
        while r.remaining() > 0 {
            let record = record::Record::read(&mut r).expect("whole records");
            sum = sum.wrapping_add(record.i ^ u64::from(record.h) ^ u64::from(record.e));
            black_box(&record);
        }
        black_box(sum);
    });
    let few = &data[..RECORD * 10_000];
    let peer = median(5, || {
        let mut rest = (few, 0);
        while !rest.0.is_empty() {
            let (next, record) = Peer::from_bytes(rest).expect("whole records");
            black_box(&record);
            rest = next;
        }
    });
    let (ours, peer) = (data.len() as f64 / ours / 1e9, few.len() as f64 / peer / 1e9);
    println!("record of literal widths: {ours:.2} GB/s, deku {:.4} GB/s, ratio {:.0}", peer, ours / peer);

    let data = noise(5 * 2_000_000);
    let packets = median(7, || {
        let mut r = BitReader::new(&data);
        while r.remaining() > 0 {
            black_box(PacketHeader::read(&mut r).expect("whole headers"));
        }
    });
    println!("packet headers: {:.2} GB/s", data.len() as f64 / packets / 1e9);
}

fn index_table() {
    let rows = 10_000_000;
    let mut header =
        DatasetHeader { block_header_flag: true, mit_flag: Some(true), cc_mode_flag: Some(false), reference_id: Some(0), ..DatasetHeader::default() };
    header.seq_id = vec![0];
    header.seq_blocks = vec![rows];
    header.classes = vec![Default::default()];
    header.classes[0].clid = mpegg::tables::DataClass::ClassP;
    let column = || (0..u64::from(rows)).map(|row| row & 0xffff_ffff).collect::<mpegg::columns::Numbers>();
    let units =
        MasterIndexTableSequenceClassAccessUnit { au_byte_offset: column(), au_start_position: column(), au_end_position: column(), ..Default::default() };
    let table = MasterIndexTable {
        sequences: vec![MasterIndexTableSequence { classes: vec![MasterIndexTableSequenceClass { access_units: units }] }],
        ..Default::default()
    };
    let mut w = BitWriter::new();
    table.write(&mut w, &header).expect("a table");
    let bytes = w.into_bytes();
    drop(table);
    let decode = median(5, || {
        let table = MasterIndexTable::read(&mut BitReader::new(&bytes), &header).expect("a table");
        black_box(&table);
    });
    let mut copy = vec![0u8; bytes.len()];
    let memcpy = median(9, || {
        copy.copy_from_slice(&bytes);
        black_box(&copy);
    });
    let rate = bytes.len() as f64 / decode / 1e9;
    let limit = bytes.len() as f64 / memcpy / 1e9;
    println!("master index table of {rows} rows: {rate:.2} GB/s, memcpy {limit:.2} GB/s, ratio {:.3}", rate / limit);
}

/// A file of so many access units as packets and back, all from memory.
fn transport(rows: u32, size: u32, packet_size: u16) {
    let storage = storage("auc-mit").expect("a storage mode");
    let big = Big { storage, sequences: 1, rows, classes: 1, every: 1, blocks: 8, size, wide_offsets: false, sparse: false };
    let mut bytes = Cursor::new(vec![]);
    big.write(&mut bytes).expect("memory");
    let bytes = bytes.into_inner();
    let mut copy = vec![0u8; bytes.len()];
    let memcpy = median(9, || {
        copy.copy_from_slice(&bytes);
        black_box(&copy);
    });
    let mut stream = Vec::with_capacity(bytes.len() + bytes.len() / 50 + (1 << 20));
    let file = File::new(Bytes(&bytes)).expect("a file");
    let options = MuxOptions { packet_size, repeat_tables: 1000 };
    let mux = median(5, || {
        stream.clear();
        let mux = Mux::new(&file, &options).expect("a file");
        let (mut packets, mut packet) = (mux.packets().expect("packets"), vec![]);
        while packets.next_packet(&mut packet).expect("packets") {
            stream.extend_from_slice(&packet);
        }
    });
    let receive = median(5, || {
        let (mut receiver, mut pieces) = (Receiver::new(OnLoss::Fail), 0u64);
        for mut chunk in stream.chunks(1 << 18) {
            while let Some(arrival) = receiver.next(&mut chunk).expect("packets") {
                if let Arrival::Piece { bytes, .. } = arrival {
                    pieces += bytes.len() as u64;
                }
            }
        }
        black_box(pieces);
    });
    let mut made = Vec::with_capacity(bytes.len() + (1 << 20));
    let mut demux = |descriptor_streams| {
        median(5, || {
            made.clear();
            let mut demux = Demux::new(&DemuxOptions { descriptor_streams, ..DemuxOptions::default() });
            stream.chunks(1 << 18).for_each(|chunk| demux.push(chunk).expect("packets"));
            demux.finish(&mut made).expect("a file");
            black_box(&made);
        })
    };
    let (auc, dsc) = (demux(false), demux(true));
    let rate = |seconds: f64| bytes.len() as f64 / seconds / 1e9;
    println!("packets of {packet_size} bytes, units of 8 blocks of {size} bytes: memcpy {:.2} GB/s", rate(memcpy));
    for (what, seconds) in [("mux", mux), ("boxes in packets", receive), ("demux to AUC", auc), ("demux to DSC", dsc)] {
        println!("  {what}: {:.2} GB/s, ratio {:.2}", rate(seconds), memcpy / seconds);
    }
}

fn main() {
    if !std::env::args().any(|argument| argument == "transport") {
        records();
        index_table();
    }
    transport(3200, 2500, 1400);
    transport(3200, 2500, 32767);
    transport(40_000, 200, 1400);
}
