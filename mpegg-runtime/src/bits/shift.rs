//! Bits and bytes that start inside bytes.

/// Fills `out` with the bytes that start at bit `offset` of `data`; zero bits follow behind the end of `data`.
pub(crate) fn copy_bits(data: &[u8], offset: u64, out: &mut [u8]) {
    if offset.is_multiple_of(8) {
        let data = data.get((offset / 8) as usize..).unwrap_or(&[]);
        let whole = out.len().min(data.len());
        let (head, tail) = out.split_at_mut(whole);
        head.copy_from_slice(data.get(..whole).unwrap_or(&[]));
        tail.fill(0);
        return;
    }
    let mut bit = offset;
    let mut chunks = out.chunks_exact_mut(8);
    for chunk in &mut chunks {
        chunk.copy_from_slice(&load(data, bit, 64).to_be_bytes());
        bit = bit.wrapping_add(64);
    }
    for byte in chunks.into_remainder() {
        *byte = (load(data, bit, 8) & 0xff) as u8;
        bit = bit.wrapping_add(8);
    }
}

/// The same for a few bytes of known number, in whole words as far as possible.
#[inline(always)]
pub(crate) fn copy_run<const BYTES: usize>(data: &[u8], offset: u64, out: &mut [u8; BYTES]) {
    let Some(behind) = BYTES.checked_sub(8) else {
        let word = load(data, offset, 64).to_be_bytes();
        out.iter_mut().zip(word).for_each(|(to, from)| *to = from);
        return;
    };
    let mut bit = offset;
    for chunk in out.chunks_exact_mut(8) {
        chunk.copy_from_slice(&load(data, bit, 64).to_be_bytes());
        bit = bit.wrapping_add(64);
    }
    if let Some(last) = out.last_chunk_mut::<8>() {
        let bit = offset.wrapping_add((behind as u64).wrapping_mul(8));
        *last = load(data, bit, 64).to_be_bytes();
    }
}

/// The `count` bits (1 to 64) that start at bit `bit` of `data`; zero bits follow behind its end.
#[inline(always)]
pub(crate) fn load(data: &[u8], bit: u64, count: u32) -> u64 {
    let first = (bit / 8) as usize;
    let shift = (bit % 8) as u32;
    match data.get(first..first.wrapping_add(8)).and_then(|word| word.first_chunk::<8>()) {
        Some(word) => {
            let word = u64::from_be_bytes(*word) << shift;
            if count <= 57 || shift.wrapping_add(count) <= 64 {
                return word >> 64u32.wrapping_sub(count);
            }
            let next = data.get(first.wrapping_add(8)).copied().unwrap_or(0);
            (word | (u64::from(next) >> 8u32.wrapping_sub(shift))) >> 64u32.wrapping_sub(count)
        }
        None => load_tail(data, first, shift, count),
    }
}

/// The same near the end of the data.
#[cold]
#[inline(never)]
fn load_tail(data: &[u8], first: usize, shift: u32, count: u32) -> u64 {
    let mut word = [0u8; 8];
    for (to, from) in word.iter_mut().zip(data.get(first..).unwrap_or(&[])) {
        *to = *from;
    }
    (u64::from_be_bytes(word) << shift) >> 64u32.wrapping_sub(count)
}
