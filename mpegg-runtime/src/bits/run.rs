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
