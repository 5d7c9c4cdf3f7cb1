//! The whole text, decoded at once: of every row its next one, then walks through these, many side by side.

use super::super::Index;
use super::make::mapping;
use crate::Result;
use rayon::prelude::*;

/// Walks that go on side by side: each waits for memory in every step.
const LANES: usize = 64;

impl Index<'_> {
    /// The whole text, decoded at once on the threads of the current rayon pool. It takes 4 bytes of memory for each character, and
    /// the text.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check).
    pub fn text(&self) -> Result<Vec<u8>> {
        self.check()?;
        if let [byte] = *self.alphabet().map(|(byte, _)| byte).take(2).collect::<Vec<u8>>() {
            // It can be a thousand times as long as its index: no more memory than that.
            return Ok(vec![byte; self.len() as usize]);
        }
        let next = mapping(&self.tree);
        let bytes = FirstBytes::new(self);
        let mut text = vec![0; self.len() as usize];
        let rate = self.sampling_rate_lf as usize;
        text.par_rchunks_mut(rate.saturating_mul(LANES)).enumerate().for_each(|(i, part)| {
            let first = i.saturating_mul(LANES);
            let sample = |lane: usize| self.lf.get(first.saturating_add(lane) as u32);
            walk(part, rate, sample, &next, &bytes);
        });
        Ok(text)
    }
}

/// Decodes segments of a text, the last one first: each from the row behind its last character.
fn walk(part: &mut [u8], rate: usize, sample: impl Fn(usize) -> u32, next: &[u32], bytes: &FirstBytes) {
    let mut rows = [0u32; LANES];
    let mut ends = [0usize; LANES];
    let lanes = part.len().div_ceil(rate).min(LANES);
    for (lane, (row, end)) in rows.iter_mut().zip(&mut ends).enumerate().take(lanes) {
        *row = sample(lane);
        *end = part.len().saturating_sub(lane.saturating_mul(rate));
    }
    for step in 1..=rate {
        // Only the segment at the front of the text can be shorter.
        let active = if ends.get(lanes.wrapping_sub(1)).is_some_and(|&end| end < step) { lanes.wrapping_sub(1) } else { lanes };
        if active == 0 {
            break;
        }
        // Nothing but loads, so that the processor sees many of them at once.
        for row in rows.iter_mut().take(active) {
            *row = next.get(*row as usize).copied().unwrap_or(0);
        }
        for (row, end) in rows.iter().zip(&ends).take(active) {
            if let Some(byte) = part.get_mut(end.wrapping_sub(step)) {
                *byte = bytes.of(*row);
            }
        }
    }
}

/// The first byte of the suffix of a row, found without a look at the text: rows are in the order of the codes.
struct FirstBytes {
    decode: [u8; 256],
    /// The first row of each code, and the end of the last one.
    first: Vec<u32>,
    /// The codes of rows at regular distances.
    codes: Vec<u8>,
    shift: u32,
}

impl FirstBytes {
    /// Bits of the number of rows that codes are kept of.
    const KEPT: u32 = 14;

    fn new(index: &Index<'_>) -> FirstBytes {
        let shift = 32u32.saturating_sub(index.len().leading_zeros()).saturating_sub(FirstBytes::KEPT);
        let first = index.tree.c.clone();
        let code = |row: u32| first.partition_point(|&first| first <= row).saturating_sub(1) as u8;
        let codes = (0..=index.len() >> shift).map(|i| code(i << shift)).collect();
        FirstBytes { decode: index.decode, first, codes, shift }
    }

    #[inline]
    fn of(&self, row: u32) -> u8 {
        let mut code = usize::from(self.codes.get((row >> self.shift) as usize).copied().unwrap_or(0));
        while self.first.get(code.wrapping_add(1)).is_some_and(|&end| end <= row) {
            code = code.wrapping_add(1);
        }
        self.decode[code & 255]
    }
}
