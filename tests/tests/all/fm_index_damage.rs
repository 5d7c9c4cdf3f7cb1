//! Damaged string indexes: errors with places, or answers; never a panic, a loop, or much memory.

use mpegg_runtime::fm_index::{Index, Options, build};
use mpegg_tests::alloc::{allowed, peak};
use mpegg_tests::inputs::shared;
use mpegg_tests::searching::parse_and_query;
use std::fs;

/// Small indexes: two alphabets, both byte orders.
fn small() -> Vec<Vec<u8>> {
    let rates = Options { sampling_rate_sa: 3, sampling_rate_lf: 5 };
    let mut indexes = vec![build(b"banana\x01bandana\x01\0", &rates).unwrap(), build(b"abcabcabcaabbccabc\x01\x02\x03\x04\x05\x06\0", &rates).unwrap()];
    if let Some(folder) = shared() {
        indexes.push(fs::read(folder.join("csa/banana.c-native.idx")).unwrap());
        indexes.push(fs::read(folder.join("csa/boundary.std.idx")).unwrap());
    }
    indexes
}

#[test]
fn every_byte_changed() {
    for bytes in small() {
        for at in 0..bytes.len() {
            for change in [1u8, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                parse_and_query(&changed).unwrap_or_else(|wrong| panic!("byte {at} ^ {change:02x} of {}: {wrong}", bytes.len()));
            }
        }
    }
}

#[test]
fn every_byte_cut() {
    for bytes in small() {
        for length in 0..bytes.len() {
            assert!(Index::parse(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
            parse_and_query(&bytes[..length]).unwrap_or_else(|wrong| panic!("{length} of {}: {wrong}", bytes.len()));
        }
        let longer = [&bytes[..], &[0; 8]].concat();
        assert!(Index::parse(&longer).unwrap_err().to_string().contains("behind the index"));
    }
}

/// What is wrong, and where: field, clause and table.
#[test]
fn errors_say_where() {
    let bytes = build(b"banana\x01\0", &Options { sampling_rate_sa: 4, sampling_rate_lf: 4 }).unwrap();
    // The places of the worked example: samples from 784 on, the tree from 816 on.
    let cases: &[(usize, u8, &str)] = &[
        (3, 0, "n is 0 at bit 0 (byte 0), n, 7.1.5.2 Table 77"),
        (6, 9, "at bit 32 (byte 4), alpha, 7.1.5.2 Table 77"),
        (11, 0, "sampling_rate_sa is 0"),
        (16 + 2 * 97 + 1, 9, "encode[97], 7.1.5.2 Table 77"),
        (528 + 1, b'a', "encode[110]"),
        (787, 3, "sa.n, 7.1.5.5 Table 80"),
        (791, 4, "sa.bits_number, 7.1.5.5 Table 80"),
        (816 + 3, 9, "wt.n, 7.1.5.3 Table 78"),
        (816 + 8 + 3, 1, "wt.c[0], 7.1.5.3 Table 78"),
        (816 + 8 + 4 + 3, 9, "wt.c[1], 7.1.5.3 Table 78"),
        (816 + 8 + 1028 + 3, 8, "wt.red_isa_0"),
        (816 + 8 + 1028 + 3, 6, "wt.char_red_isa_0"),
        (816 + 8 + 1032 + 3, 5, "wt.char_red_isa_0"),
        (816 + 8 + 1036 + 3, 8, "wt.num_nodes"),
        (816 + 8 + 1040 + 1, 1, "wt.nodes[0]"),
        (816 + 8 + 1040 + 7, 0, "wt.bitmap_bytes[0]"),
        (816 + 8 + 1040 + 15, 8, "wt.bitmap_bytes[1]"),
        (816 + 8 + 1040 + 72 + 3, 7, "wt.bitmap[0].n, 7.1.5.6 Table 81"),
        (816 + 8 + 1040 + 72 + 7, 64, "wt.bitmap[0].block_size"),
        (816 + 8 + 1040 + 72 + 7, 32, "wt.bitmap[0].block_size"),
        (816 + 8 + 1040 + 72 + 11, 8, "wt.bitmap[0].superblock_bytes"),
        (816 + 8 + 1040 + 72 + 15, 12, "wt.bitmap[0].classes_bits"),
        (816 + 8 + 1040 + 72 + 16 + 15, 33, "wt.bitmap[0].superblock_ranks.major.bits_number, 7.1.5.5 Table 80"),
    ];
    for &(at, value, message) in cases {
        let mut changed = bytes.clone();
        changed[at] = value;
        let error = Index::parse(&changed).err().unwrap_or_else(|| panic!("byte {at} may be {value}"));
        assert!(error.to_string().contains(message), "byte {at}: {error}");
    }
}

/// Numbers that promise much: nothing is reserved for what is not there.
#[test]
fn memory_follows_the_bytes() {
    let bytes = build(b"banana\x01\0", &Options::default()).unwrap();
    for at in (0..16).chain(784..816).chain(824..840).step_by(4) {
        for value in [u32::MAX, i32::MAX as u32, 1 << 24] {
            let mut changed = bytes.clone();
            changed[at..at + 4].copy_from_slice(&value.to_be_bytes());
            let (result, taken) = peak(|| parse_and_query(&changed));
            result.unwrap();
            assert!(taken < allowed(changed.len()), "{taken} bytes");
        }
    }
    // One symbol needs no bitmap: its text can be as long as it says.
    let mut one = build(&[b'a'; 64], &Options { sampling_rate_sa: u32::MAX, sampling_rate_lf: u32::MAX }).unwrap();
    assert!(Index::parse(&one).is_ok());
    let n = 1u32 << 31;
    let tree = one.len() - 16 - 1028 - 12;
    for at in (0..4).step_by(4).chain([tree]).chain((tree + 12..tree + 8 + 1028).step_by(4)) {
        one[at..at + 4].copy_from_slice(&n.to_be_bytes());
    }
    for at in [788, 804] {
        one[at..at + 4].copy_from_slice(&31u32.to_be_bytes());
    }
    let error = Index::parse(&one).err().unwrap();
    assert!(error.to_string().starts_with("limit exceeded"), "{error}");
}

/// A text that is not repetitive.
fn mixed() -> Vec<u8> {
    let mixed = |i: u32| (i ^ i >> 15).wrapping_mul(0x85eb_ca6b) >> 20;
    (0..40_000u32).map(|i| b"ACGT"[mixed(i.wrapping_mul(0x9e37_79b1)) as usize % 4]).collect()
}

/// An index that is opened by its fields answers what lies in its sound parts, and finds the damage where it looks at it.
#[test]
fn what_is_looked_at_is_checked() {
    let text = mixed();
    let bytes = build(&text, &Options::default()).unwrap();
    let sound = Index::open(&bytes).unwrap();
    assert!(!sound.is_checked());
    sound.check_counters().unwrap();
    assert!(sound.is_checked());
    let start = bytes.len() - sound.sizes().indexes as usize;
    let (mut answered, mut found) = (0, 0);
    for at in (start..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[at..bytes.len().min(at + 64)].fill(0xFF);
        // The fields of the next bitmap.
        let Ok(opened) = Index::open(&changed) else { continue };
        let whole = Index::parse(&changed).map(drop);
        for pattern in [b"ACGTACG", b"TTGACCA", b"GGGATTC"] {
            match opened.count(pattern) {
                Ok(_) => answered += 1,
                // It is the damage that a check finds, with the same words.
                Err(error) => {
                    assert_eq!(error.to_string(), whole.as_ref().unwrap_err().to_string());
                    found += 1;
                }
            }
        }
    }
    assert!(answered > 100 && found > 0, "{answered} {found}");
}

/// Counters of superblocks that are wrong: passed over by a check, told by their own.
#[test]
fn counters_of_superblocks() {
    let text = mixed();
    let bytes = build(&text, &Options::default()).unwrap();
    let table = mpegg::tables::CompressedStringIndex::read(&mut mpegg_runtime::bits::BitReader::new(&bytes)).unwrap();
    let first = &table.wt.bitmap[0];
    // The counters stand behind 16 bytes of fields, those of ranks first: 8 bytes of fields, 8 of the major ones.
    let fields = bytes
        .windows(8)
        .position(|field| field == [first.n.to_be_bytes(), (first.superblock_size << 8 | u32::from(first.block_size)).to_be_bytes()].concat())
        .unwrap();
    let majors = (u64::from(first.superblock_ranks.major.bits_number) * first.superblock_ranks.major.bitmap.len() as u64).div_ceil(64) as usize * 8;
    let minors = fields + 16 + 8 + 8 + majors + 8;
    let mut changed = bytes.clone();
    changed[minors + 2] ^= 0x10;
    let index = Index::parse(&changed).unwrap();
    assert_eq!(index.count(b"ACGT").unwrap(), Index::parse(&bytes).unwrap().count(b"ACGT").unwrap());
    let error = index.check_counters().unwrap_err().to_string();
    assert!(error.contains("wt.bitmap[0].superblock_ranks, 7.1.5.6 Table 81"), "{error}");
}
