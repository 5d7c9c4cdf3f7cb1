//! How fast generated readers are, as ratios to a peer or to a physical limit measured in the same run.
//!
//! `cargo bench -p mpegg-tests`. Each figure is the median of several rounds; no test depends on it.

#![allow(clippy::expect_used)]

use deku::prelude::*;
use mpegg::bits::{BitReader, BitWriter};
use mpegg::tables::{
    DatasetHeader, MasterIndexTable, MasterIndexTableSequence, MasterIndexTableSequenceClass, MasterIndexTableSequenceClassAccessUnit, PacketHeader,
};
use mpegg_tests::timing::median;
use std::hint::black_box;

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

fn main() {
    records();
    index_table();
}
