//! String indexes: the vectors of another producer, every answer of theirs, and texts of every alphabet against looking everywhere.

use mpegg_runtime::ErrorKind;
use mpegg_runtime::fm_index::{ByteOrder, Index, Options, build};
use mpegg_tests::inputs::shared;
use mpegg_tests::searching::{Both, as_tables_say, build_and_compare};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use std::fs;

const NAMES: [&str; 7] = ["banana", "boundary", "empty", "ids", "recidx", "twosym", "utf8"];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// A vector: its payload, its indexes by the end of their names, what was established about it.
struct Vector {
    name: &'static str,
    payload: Vec<u8>,
    indexes: Vec<(&'static str, Vec<u8>)>,
    facts: Value,
}

fn vectors() -> Vec<Vector> {
    let Some(folder) = shared().map(|folder| folder.join("csa")) else { return vec![] };
    let vector = |name| {
        let path = |end: &str| folder.join(format!("{name}.{end}"));
        let ends = ["c-native.idx", "std.idx", "agree.std.idx"];
        let indexes = ends.into_iter().filter_map(|end| Some((end, fs::read(path(end)).ok()?))).collect();
        let facts = serde_json::from_str(&fs::read_to_string(path("json")).unwrap()).unwrap();
        Vector { name, payload: fs::read(path("payload")).unwrap(), indexes, facts }
    };
    NAMES.into_iter().map(vector).collect()
}

#[test]
fn vectors_answer_as_established() {
    for vector in vectors() {
        assert!(vector.indexes.len() >= 2);
        for (end, bytes) in &vector.indexes {
            let both = Both::of(bytes).unwrap_or_else(|wrong| panic!("{} {end}: {wrong}", vector.name));
            // The one that is its own mirror in both orders is taken for the standard's.
            let native = *end == "c-native.idx";
            assert_eq!(both.index.byte_order(), if native { ByteOrder::LittleEndian } else { ByteOrder::Standard }, "{}", vector.name);
            let fact = |name: &str| vector.facts[name].as_u64().unwrap() as u32;
            assert_eq!((both.index.len(), both.index.alphabet_size()), (fact("n"), fact("alpha")));
            assert_eq!(both.index.options(), Options { sampling_rate_sa: fact("sampling_rate_sa"), sampling_rate_lf: fact("sampling_rate_lf") });
            let symbols: Vec<u8> = both.index.alphabet().map(|(byte, _)| byte).collect();
            assert_eq!(symbols, unhex(vector.facts["symbols_by_code"].as_str().unwrap()));
            for (pattern, positions) in vector.facts["search"].as_object().unwrap() {
                let positions: Vec<u32> = positions.as_array().unwrap().iter().map(|position| position.as_u64().unwrap() as u32).collect();
                both.finds(&unhex(pattern), &positions).unwrap_or_else(|wrong| panic!("{} {end}: {wrong}", vector.name));
            }
            for (range, part) in vector.facts["decode"].as_object().unwrap() {
                let start = range.split(',').next().unwrap().parse().unwrap();
                both.extracts(start, &unhex(part.as_str().unwrap())).unwrap_or_else(|wrong| panic!("{} {end}: {wrong}", vector.name));
            }
            assert!(both.index.text().unwrap() == vector.payload && both.expanded.text() == vector.payload, "{} {end}", vector.name);
            if !native {
                assert_eq!(as_tables_say(bytes), Ok(true), "{} {end}", vector.name);
            }
        }
    }
}

#[test]
fn the_bytes_are_the_targets() {
    let mut compared = 0;
    for vector in vectors() {
        for (_, bytes) in vector.indexes.iter().filter(|(end, _)| *end == "agree.std.idx") {
            let options = Index::parse(bytes).unwrap().options();
            let built = build(&vector.payload, &options).unwrap();
            let at = built.iter().zip(bytes).position(|(ours, theirs)| ours != theirs);
            assert!(built == *bytes, "{}: {} bytes of {}, the first other one at {at:?}", vector.name, built.len(), bytes.len());
            compared += 1;
        }
    }
    assert!(compared == 3 || shared().is_none(), "{compared} targets");
}

/// Texts of alphabets of all sizes, terminated or not, with terminators anywhere.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let alphabet = prop_oneof![4 => 1usize..=10, 3 => 11usize..=140, 2 => 141usize..=256];
    let length = prop_oneof![4 => 1usize..40, 4 => 40usize..700, 1 => 700usize..4000];
    let shaped = (alphabet, length, any::<u8>(), 0u8..4, any::<u64>()).prop_map(|(alphabet, length, first, shape, seed)| {
        let mut state = seed | 1;
        let mut random = move |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % most
        };
        let mut text: Vec<u8> = vec![];
        while text.len() < length {
            let symbol = match shape {
                // Rare symbols are rarer.
                0 => random(alphabet).min(random(alphabet)),
                1 => random(alphabet),
                // Runs and repeats.
                2 => text.last().map_or(0, |&last| usize::from(last.wrapping_sub(first))) + usize::from(random(9) == 0),
                _ if text.len() > 3 && random(3) > 0 => {
                    let from = random(text.len());
                    let part = text[from..(from + 1 + random(20)).min(text.len())].to_vec();
                    text.extend(part);
                    continue;
                }
                _ => random(alphabet),
            };
            text.push(first.wrapping_add((symbol % alphabet) as u8));
        }
        text.truncate(length);
        text
    });
    (shaped, 0u8..4).prop_map(|(mut text, end)| {
        match end {
            0 => text.push(0),
            1 => text.extend([1, 0]),
            _ => {}
        }
        text
    })
}

fn rates() -> impl Strategy<Value = u32> {
    prop_oneof![Just(1u32), 2u32..10, Just(32), Just(64), 11u32..300, Just(u32::MAX)]
}

#[test]
fn every_text_answers_as_looking_everywhere_does() {
    let cases = std::env::var("MPEGG_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    runner
        .run(&(texts(), rates(), rates(), any::<u64>()), |(text, sampling_rate_sa, sampling_rate_lf, seed)| {
            let mut state = seed | 1;
            let mut random = |most: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % most.max(1)
            };
            build_and_compare(&text, &Options { sampling_rate_sa, sampling_rate_lf }, &mut random).map_err(TestCaseError::fail)
        })
        .unwrap();
}

/// More rows than one superblock of the expanded form has, of few, some and many codes.
#[test]
fn long_texts() {
    for (alphabet, length) in [(1usize, 70_000usize), (2, 65_536), (8, 131_072), (9, 131_071), (200, 70_000), (256, 66_000)] {
        let mut state = alphabet as u64;
        let mut random = |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % most.max(1)
        };
        let text: Vec<u8> = (0..length).map(|_| random(alphabet).min(random(alphabet)) as u8).collect();
        build_and_compare(&text, &Options::default(), &mut random).unwrap_or_else(|wrong| panic!("{alphabet} symbols: {wrong}"));
    }
}

#[test]
fn what_cannot_be_built_or_asked_for() {
    let options = Options::default();
    let kind = |text: &[u8], options: &Options| build(text, options).unwrap_err().kind();
    assert_eq!(kind(b"", &options), ErrorKind::Malformed);
    assert_eq!(kind(b"a\0", &Options { sampling_rate_sa: 0, ..options }), ErrorKind::Malformed);
    assert_eq!(kind(b"a\0", &Options { sampling_rate_lf: 0, ..options }), ErrorKind::Malformed);
    let bytes = build(b"banana\x01\0", &options).unwrap();
    let both = Both::of(&bytes).unwrap();
    let mut part = vec![];
    #[allow(clippy::reversed_empty_ranges)]
    for range in [0..9, 9..9, 3..2] {
        assert_eq!(both.index.extract(range.clone(), &mut part).unwrap_err().kind(), ErrorKind::CrossReference);
        assert_eq!(both.expanded.extract(range, &mut part).unwrap_err().kind(), ErrorKind::CrossReference);
    }
    assert_eq!(both.index.position(8).unwrap_err().kind(), ErrorKind::CrossReference);
    assert_eq!(both.expanded.locate_rows(7..9, &mut vec![]).unwrap_err().kind(), ErrorKind::CrossReference);
    assert!(part.is_empty());
}

/// Large rates make an index smaller, and no answer another one.
#[test]
fn the_parts_of_an_index_are_all_of_it() {
    let text = b"rs1801133\x01rs1801131\x01rs6025\x01".repeat(50);
    for rate in [1, 32, 1000] {
        let bytes = build(&text, &Options { sampling_rate_sa: rate, sampling_rate_lf: rate }).unwrap();
        let index = Index::parse(&bytes).unwrap();
        let sizes = index.sizes();
        assert_eq!(sizes.header + sizes.sa + sizes.lf + sizes.superblocks + sizes.classes + sizes.indexes, bytes.len() as u64);
        assert!(index.bits_per_symbol() > 1.0 && index.bits_per_symbol() < index.alphabet_size().into());
    }
}
