//! Runs of fields of fixed width behind one length check.

/// The `WIDTH` bits that start at bit `OFFSET` of a run.
#[inline(always)]
pub fn field<const OFFSET: usize, const WIDTH: usize, const BYTES: usize>(run: &[u8; BYTES]) -> u64 {
    const {
        assert!(WIDTH <= 64, "a field has at most 64 bits");
        assert!(OFFSET + WIDTH <= BYTES * 8, "the field lies behind the run");
    }
    if WIDTH == 0 {
        return 0;
    }
    // One load of eight bytes wherever the field lies inside eight of the run.
    let start = const { start_of::<OFFSET, BYTES>() };
    let end = const { OFFSET - start_of::<OFFSET, BYTES>() * 8 + WIDTH };
    if BYTES >= 8
        && end <= 64
        && let Some(word) = run.get(start..).and_then(<[u8]>::first_chunk::<8>)
    {
        return (u64::from_be_bytes(*word) >> (64 - end)) & (u64::MAX >> const { (64 - WIDTH as u32) % 64 });
    }
    let first = OFFSET / 8;
    let bytes = const { (OFFSET % 8 + WIDTH).div_ceil(8) };
    let drop = const { (8 - (OFFSET + WIDTH) % 8) % 8 };
    let mask = u64::MAX >> const { (64 - WIDTH as u32) % 64 };
    let head = run.get(first..).unwrap_or(&[]);
    if bytes > 8 {
        let wide = head.iter().take(bytes).fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
        return ((wide >> drop) as u64) & mask;
    }
    let word = head.iter().take(bytes).fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    (word >> drop) & mask
}

/// The first of the eight bytes that hold a field: where it begins, but no later than eight bytes before the end.
const fn start_of<const OFFSET: usize, const BYTES: usize>() -> usize {
    if BYTES < 8 || OFFSET / 8 + 8 <= BYTES { OFFSET / 8 } else { BYTES - 8 }
}
