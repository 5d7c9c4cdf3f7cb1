//! Making an index of a text: suffix sorting, the transformed text, its tree, the standard's layout.

mod samples;
mod superblock;
mod tree;
mod writer;

use super::Options;
use super::counters::width_of;
use crate::{Error, ErrorKind, Result};
use libsais::SuffixArrayConstruction;
use samples::Packed;
use writer::Writer;

/// The longest text of an index: positions have 31 bits while suffixes are sorted.
pub const LONGEST: usize = i32::MAX as usize;

/// The index of a text: the Value of a `csix` box, from `n` on, in the standard's byte order. The same text and options give the same
/// bytes.
///
/// It takes six times the memory of the text, itself included, and one thread.
///
/// # Errors
///
/// Limit: the text has more than 2^31 - 1 bytes. Malformed: it is empty, or a rate is 0. I/O: there is no memory for sorting.
pub fn build(text: &[u8], options: &Options) -> Result<Vec<u8>> {
    let wrong = |message: &str| Error::without_position(ErrorKind::Malformed, message.to_owned()).in_field("text", &[]);
    if text.is_empty() {
        return Err(wrong("an index has at least one character"));
    }
    if options.sampling_rate_sa == 0 || options.sampling_rate_lf == 0 {
        return Err(wrong("a sampling rate is 0"));
    }
    if text.len() > LONGEST {
        let message = format!("a text of {} bytes; one index holds {LONGEST}: split it into several", text.len());
        return Err(Error::limit((LONGEST as u64).saturating_mul(8), message).in_field("text", &[]));
    }
    let n = text.len() as u32;
    let codes = Codes::of(text);
    let mut coded: Vec<u8> = text.iter().map(|&byte| codes.encode[usize::from(byte)] as u8).collect();
    let mut rows = sort(&coded)?;
    let width = width_of(n.into());
    let sa = samples::of_rows(&rows, options.sampling_rate_sa, width);
    let (lf, red_isa_0) = samples::of_walk(&rows, options.sampling_rate_lf, width);
    let last = coded.last().copied().unwrap_or(0);
    transform(&mut rows, &coded);
    coded.clear();
    // The transformed text takes the place of the text.
    unpack(&rows, n as usize, &mut coded);
    drop(rows);
    Ok(write(&codes, options, [sa, lf], red_isa_0, last, coded))
}

/// The codes of bytes: 0 for the most frequent one, equal ones by value.
struct Codes {
    encode: [u16; 256],
    decode: Vec<u8>,
    /// How often each code occurs.
    counts: Vec<u32>,
}

impl Codes {
    fn of(text: &[u8]) -> Codes {
        // Four lists: runs of one byte would wait for themselves.
        let mut counts = [[0u32; 256]; 4];
        for four in text.chunks(4) {
            for (byte, counts) in four.iter().zip(&mut counts) {
                let count = &mut counts[usize::from(*byte)];
                *count = count.wrapping_add(1);
            }
        }
        let count = |byte: u8| counts.iter().fold(0u32, |sum, counts| sum.saturating_add(counts[usize::from(byte)]));
        let mut symbols: Vec<(u8, u32)> = (0..=255).map(|byte| (byte, count(byte))).filter(|symbol| symbol.1 > 0).collect();
        symbols.sort_by_key(|&(byte, count)| (std::cmp::Reverse(count), byte));
        let mut encode = [0xFFFF; 256];
        for (code, symbol) in (0..).zip(&symbols) {
            encode[usize::from(symbol.0)] = code;
        }
        Codes { encode, decode: symbols.iter().map(|symbol| symbol.0).collect(), counts: symbols.iter().map(|symbol| symbol.1).collect() }
    }
}

/// The suffix array.
fn sort(coded: &[u8]) -> Result<Vec<i32>> {
    let sorted = SuffixArrayConstruction::for_text(coded).in_owned_buffer().single_threaded().run();
    let sorted = sorted.map_err(|error| Error::without_position(ErrorKind::Io, format!("suffixes cannot be sorted: {error:?}")))?;
    Ok(sorted.into_vec())
}

/// Puts the code in front of each suffix, four at a time, where the suffix array was: its first quarter is the transformed text.
fn transform(rows: &mut [i32], coded: &[u8]) {
    let last = coded.last().copied().unwrap_or(0);
    let in_front = |position: i32| (position as usize).checked_sub(1).map_or(last, |before| coded.get(before).copied().unwrap_or(0));
    for to in 0..rows.len().div_ceil(4) {
        let from = to.saturating_mul(4);
        let mut four = [0u8; 4];
        for (code, position) in four.iter_mut().zip(rows.get(from..).unwrap_or_default()) {
            *code = in_front(*position);
        }
        if let Some(slot) = rows.get_mut(to) {
            *slot = i32::from_le_bytes(four);
        }
    }
}

/// The first `n` codes of what [`transform`] packed.
fn unpack(rows: &[i32], n: usize, into: &mut Vec<u8>) {
    for four in rows.iter().take(n.div_ceil(4)) {
        let four = four.to_le_bytes();
        let count = n.saturating_sub(into.len()).min(4);
        into.extend_from_slice(four.get(..count).unwrap_or_default());
    }
}

/// Tables 77 and 78.
fn write(codes: &Codes, options: &Options, samples: [Packed; 2], red_isa_0: u32, last: u8, transformed: Vec<u8>) -> Vec<u8> {
    let n = transformed.len() as u32;
    let alpha = codes.decode.len() as u32;
    let mut out = Writer::default();
    for value in [n, alpha, options.sampling_rate_sa, options.sampling_rate_lf] {
        out.u32(value);
    }
    for code in codes.encode {
        out.u16(code);
    }
    for code in 0..256 {
        out.bytes(&[codes.decode.get(code).copied().unwrap_or(0)]);
    }
    for packed in &samples {
        packed.write(&mut out);
    }
    drop(samples);
    out.u32(n);
    out.u32(alpha);
    let mut smaller = 0u32;
    for code in 0..257 {
        out.u32(smaller);
        smaller = smaller.saturating_add(codes.counts.get(code).copied().unwrap_or(0));
    }
    out.u32(red_isa_0);
    out.u32(last.into());
    tree::write(transformed, alpha, &mut out);
    out.finish()
}
