//! Every truncation and every flipped bit of small inputs: no panic, errors with a place, lines in order, little memory.

use mpegg::walk::Kind;
use mpegg_tests::alloc::{allowed, peak};
use mpegg_tests::inputs::{good_peers, samples, vectors};
use mpegg_tests::targets::{dump_as, select, validate_as};
use mpegg_tests::typed::{boxes_of_file, one};

/// Larger inputs are not damaged.
const SMALL: usize = 3000;
/// Of inputs of so many bytes every bit is flipped, of larger ones so many in all; an optimised build flips all.
const EVERY_BIT: usize = 400;
const FLIPS: usize = if cfg!(debug_assertions) { 250 } else { usize::MAX };
/// How many truncations of an input at the most; an optimised build makes all.
const CUTS: usize = if cfg!(debug_assertions) { 120 } else { usize::MAX };

struct Small {
    name: String,
    kind: Kind,
    bytes: Vec<u8>,
}

fn small() -> Vec<Small> {
    let mut all: Vec<Small> = vectors().into_iter().map(|vector| Small { name: vector.name, kind: vector.kind, bytes: vector.bytes }).collect();
    let kind = |bytes: &[u8]| Kind::of(&mpegg::source::Bytes(bytes)).unwrap();
    all.extend(samples().into_iter().chain(good_peers()).map(|input| Small { kind: kind(&input.bytes), name: input.name, bytes: input.bytes }));
    all.retain(|input| input.bytes.len() < SMALL);
    all
}

/// The first few numbers of `0..n` at equal distances, an odd one so that all bits of a byte have their turn.
fn some(n: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..n).step_by(if n <= most { 1 } else { n.div_ceil(most.max(1)) | 1 })
}

fn tell(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} failures, the first:\n{}", wrong.len(), wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn truncated() {
    let mut wrong = vec![];
    for Small { name, kind, bytes } in small() {
        for end in some(bytes.len(), CUTS) {
            let cut = bytes.get(..end).unwrap_or_default();
            wrong.extend(dump_as(cut, kind).err().map(|why| format!("{name} cut behind byte {end}: {why}")));
        }
    }
    tell(wrong);
}

/// In two halves, for two processors.
#[test]
fn flipped() {
    flip(0);
}

#[test]
fn flipped_too() {
    flip(1);
}

fn flip(half: usize) {
    let mut wrong = vec![];
    for Small { name, kind, mut bytes } in small().into_iter().skip(half).step_by(2) {
        let bits = bytes.len() * 8;
        for bit in some(bits, if bytes.len() <= EVERY_BIT { bits } else { FLIPS }) {
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            wrong.extend(dump_as(&bytes, kind).err().map(|why| format!("{name} with bit {bit} flipped: {why}")));
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
    }
    tell(wrong);
}

/// The validator reads an input several times: it has fewer of them.
const VALIDATED: usize = if cfg!(debug_assertions) { 25 } else { 500 };

#[test]
fn validated() {
    let mut wrong = vec![];
    for Small { name, kind, mut bytes } in small() {
        for end in some(bytes.len(), VALIDATED / 2) {
            wrong.extend(validate_as(&bytes[..end], kind).err().map(|why| format!("{name} cut behind byte {end}: {why}")));
        }
        for bit in some(bytes.len() * 8, VALIDATED) {
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            wrong.extend(validate_as(&bytes, kind).err().map(|why| format!("{name} with bit {bit} flipped: {why}")));
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
    }
    tell(wrong);
}

/// The generated readers, of each box by itself in its context.
#[test]
fn typed() {
    let mut wrong = vec![];
    let mut boxes = 0;
    for Small { name, bytes, .. } in small().into_iter().filter(|input| input.kind == Kind::File) {
        boxes_of_file(&bytes, &mut |path, bytes, context| {
            let Some(key) = bytes.get(..4).and_then(|key| key.try_into().ok()) else { return };
            let mut run = |damaged: &[u8], what: String| {
                let (read, taken) = peak(|| one(key, damaged, context));
                let late = read.and_then(|read| read.err()).filter(|error| error.position().is_none_or(|bit| bit > damaged.len() as u64 * 8));
                wrong.extend(late.map(|error| format!("{name} {path} {what}: no place in the box: {error}")));
                if taken > allowed(damaged.len()) {
                    wrong.push(format!("{name} {path} {what}: {taken} bytes of memory"));
                }
            };
            for end in some(bytes.len(), 40) {
                run(bytes.get(..end).unwrap_or_default(), format!("cut behind byte {end}"));
            }
            let mut damaged = bytes.to_vec();
            for bit in some(bytes.len() * 8, 80) {
                damaged[bit / 8] ^= 0x80 >> (bit % 8);
                run(&damaged, format!("with bit {bit} flipped"));
                damaged[bit / 8] ^= 0x80 >> (bit % 8);
            }
            boxes += 1;
        });
    }
    tell(wrong);
    assert!(boxes > 1000, "{boxes} boxes are too few");
}

/// Selections of damaged files.
#[test]
fn selected() {
    let mut wrong = vec![];
    for Small { name, mut bytes, .. } in small().into_iter().filter(|input| input.kind == Kind::File) {
        for end in some(bytes.len(), CUTS / 4) {
            wrong.extend(select(bytes.get(..end).unwrap_or_default()).err().map(|why| format!("{name} cut behind byte {end}: {why}")));
        }
        for bit in some(bytes.len() * 8, FLIPS / 2) {
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            wrong.extend(select(&bytes).err().map(|why| format!("{name} with bit {bit} flipped: {why}")));
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
    }
    tell(wrong);
}
