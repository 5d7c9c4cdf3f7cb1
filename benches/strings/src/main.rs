//! The string index beside other FM-indexes, in one run on the same texts: `cargo run --release -- [MEGABYTES..]` (4 and 64).
//!
//! Every answer of a peer is compared with ours. Figures are the best of several rounds; what counts are the ratios.

mod peers;
mod texts;

use mpegg_runtime::fm_index::{Index, Options, build};
use peers::{Bio, Genedex};
use std::hint::black_box;
use std::time::Instant;
use texts::Text;

/// Patterns of a round: each has its own, as of somebody who asks for other strings every time.
const PATTERNS: usize = 2000;
const ROUNDS: usize = 5;

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).map(|size| size.parse().expect("a size in megabytes")).collect();
    for megabytes in if sizes.is_empty() { vec![4, 64] } else { sizes } {
        for text in [Text::identifiers(megabytes << 20), Text::dna(megabytes << 20)] {
            println!("\n{megabytes} MB of {}", text.name);
            measure(&text);
        }
    }
}

/// The seconds of a call, and what it gives.
fn time<T>(call: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = black_box(call());
    (start.elapsed().as_secs_f64(), result)
}

/// Makes sure that an answer is looked for.
fn ask<T>(answer: T) {
    black_box(&answer);
}

/// The least seconds of some calls, each with the number of its round.
fn best(mut call: impl FnMut(usize)) -> f64 {
    (0..ROUNDS).map(|round| time(|| call(round)).0).fold(f64::MAX, f64::min)
}

fn told(what: &str, ours: f64, unit: &str, ratio: f64, goal: &str) {
    println!("  {what:<44} {ours:>9.2} {unit:<6} ratio {ratio:>6.2}   goal: {goal}");
}

fn measure(text: &Text) {
    let bytes = &text.bytes;
    let megabytes = bytes.len() as f64 / 1e6;
    let (sorting, _) =
        time(|| libsais::SuffixArrayConstruction::for_text(bytes).in_owned_buffer32().single_threaded().run().expect("suffixes are sorted").into_vec().len());
    let options = Options { sampling_rate_sa: 32, sampling_rate_lf: 64 };
    let (building, stored) = time(|| build(bytes, &options).expect("an index is built"));
    told("building, to suffix sorting by libsais", megabytes / building, "MB/s", sorting / building, ">= 0.5");
    told("size, to the text", stored.len() as f64 / 1e6, "MB", stored.len() as f64 / bytes.len() as f64, "<= 0.55 (ids)");

    let reading = best(|_| {
        black_box(stored.as_chunks::<8>().0.iter().fold(0u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word))));
    });
    let opening = best(|_| ask(Index::open(&stored).expect("an index")));
    told("opening, to reading all bytes", opening * 1e6, "us", opening / reading, "<= 1");
    let checking = best(|_| ask(Index::parse(&stored).expect("an index")));
    told("opening with a check, to reading all bytes", checking * 1e3, "ms", checking / reading, "-");

    let index = Index::parse(&stored).expect("an index");
    let opened = Index::open(&stored).expect("an index");
    let expanded = index.expand().expect("an index of a text");
    let rounds: Vec<Vec<&[u8]>> = (0..ROUNDS).map(|round| text.patterns(round, PATTERNS)).collect();
    let genedex = Genedex::new(text);
    let each = 1e6 / PATTERNS as f64;

    let peer = best(|round| rounds[round].iter().for_each(|pattern| ask(genedex.count(pattern)))) * each;
    let batched = best(|round| ask(genedex.count_many(&rounds[round]))) * each;
    let ours = best(|round| rounds[round].iter().for_each(|pattern| ask(expanded.count(pattern)))) * each;
    told("count, expanded, to genedex", ours, "us", ours / peer, "<= 1.5");
    let ours = best(|round| ask(expanded.count_many(&rounds[round]))) * each;
    told("count, expanded, many, to genedex", ours, "us", ours / batched, "<= 1.5");
    for (what, index) in [("count, in place", &index), ("count, in place, not checked before", &opened)] {
        let ours = best(|round| rounds[round].iter().for_each(|pattern| ask(index.count(pattern)))) * each;
        told(what, ours, "us", ours / 5.0, "<= 5 us");
    }

    for (what, patterns) in
        [("locate a hit of many, expanded, to genedex", text.short_patterns(PATTERNS / 10)), ("locate the only hit, expanded, to genedex", rounds[0].clone())]
    {
        let hits: usize = patterns.iter().map(|pattern| genedex.count(pattern)).sum();
        let each = 1e6 / hits.max(1) as f64;
        let peer = best(|_| patterns.iter().for_each(|pattern| ask(genedex.locate(pattern)))) * each;
        let ours = best(|_| patterns.iter().for_each(|pattern| ask(expanded.locate(pattern)))) * each;
        told(what, ours, "us", ours / peer, "< 1");
    }

    let decoding = best(|_| assert!(&index.text().expect("an index of a text") == bytes, "another text is decoded"));
    told("the whole text", megabytes / decoding, "MB/s", 50.0 * decoding / megabytes, ">= 50 MB/s");

    let same = |pattern: &[u8], peer: &[u32]| {
        let wrong = || format!("{:?} is found elsewhere", pattern.escape_ascii().to_string());
        assert_eq!(expanded.locate(pattern).ok().as_deref(), Some(peer), "{}", wrong());
        assert_eq!(index.locate(pattern).ok().as_deref(), Some(peer), "{}", wrong());
        assert_eq!(opened.count(pattern).ok(), Some(peer.len() as u32), "{}", wrong());
    };
    rounds[0].iter().for_each(|pattern| same(pattern, &genedex.locate(pattern)));
    println!("  {PATTERNS} patterns: genedex finds the same");
    if bytes.len() < 8 << 20 {
        let bio = Bio::new(text);
        let peer = best(|round| rounds[round].iter().for_each(|pattern| ask(bio.count(pattern)))) * 1e6 / PATTERNS as f64;
        let ours = best(|round| rounds[round].iter().for_each(|pattern| ask(expanded.count(pattern)))) * 1e6 / PATTERNS as f64;
        told("count, expanded, to bio", ours, "us", ours / peer, "<= 1.5");
        rounds[0].iter().for_each(|pattern| same(pattern, &bio.locate(pattern)));
        println!("  bio finds the same");
    }
}
