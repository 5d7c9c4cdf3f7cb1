//! Packed counters (Table 80), and the samples of the suffix array among them.

use super::writer::{Bits, Writer};

/// Compact counters as they are made.
pub(super) struct Packed {
    n: u32,
    width: u32,
    bits: Bits,
}

impl Packed {
    pub(super) fn new(values: impl ExactSizeIterator<Item = u32>, width: u32) -> Packed {
        let n = values.len() as u32;
        let mut bits = Bits::with_capacity(u64::from(n).saturating_mul(width.into()));
        for value in values {
            bits.push(value.into(), width);
        }
        Packed { n, width, bits }
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.u32(self.n);
        out.u32(self.width);
        self.bits.write(out);
    }
}

/// The position of every `rate`th row.
pub(super) fn of_rows(rows: &[i32], rate: u32, width: u32) -> Packed {
    Packed::new(rows.iter().step_by(rate as usize).map(|&position| position as u32), width)
}

/// The row of every `rate`th position from the end of the text, the first one that of the whole text; and that row.
pub(super) fn of_walk(rows: &[i32], rate: u32, width: u32) -> (Packed, u32) {
    let n = rows.len() as u32;
    let mut samples = vec![0u32; n.div_ceil(rate) as usize];
    let mut whole = 0;
    let mut put = |row: u32, position: i32, back: u32| {
        if position == 0 {
            whole = row;
            if let Some(first) = samples.first_mut() {
                *first = row;
            }
        } else if let Some(sample) = samples.get_mut((back / rate) as usize) {
            *sample = row;
        }
    };
    let rows = (0u32..).zip(rows).map(|(row, &position)| (row, position, n.wrapping_sub(position as u32)));
    if rate.is_power_of_two() {
        let rest = rate.wrapping_sub(1);
        rows.filter(|&(_, position, back)| back & rest == 0 || position == 0).for_each(|(row, position, back)| put(row, position, back));
    } else {
        rows.filter(|&(_, position, back)| back % rate == 0 || position == 0).for_each(|(row, position, back)| put(row, position, back));
    }
    (Packed::new(samples.into_iter(), width), whole)
}
