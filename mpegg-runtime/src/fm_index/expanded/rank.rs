//! The transformed text in memory, for ranks with one or two accesses to it.
//!
//! 64 rows make a line of the cache: a word for each bit of their codes, and one that marks sampled rows. How often each code occurs
//! in front of a line stands in the line where the alphabet is small ([`Narrow`]), else beside it ([`Wide`]). All counts include the
//! characters with smaller codes, so that a rank is a row.

/// Rows of a line.
pub(super) const ROWS: u32 = 64;

/// Rows that one count for all codes goes before; they are made by one thread.
pub(super) const SUPER: u32 = 1 << 16;

/// Lines of a superblock.
pub(super) const LINES: usize = (SUPER / ROWS) as usize;

/// A line of the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct Line(pub(super) [u64; 8]);

/// The word of a line that marks sampled rows.
const MARKS: usize = 7;

impl Line {
    #[inline]
    fn marked(&self, row: u32) -> bool {
        self.0[MARKS] >> (row % ROWS) & 1 != 0
    }

    /// The sampled rows of the line in front of a row.
    #[inline]
    pub(super) fn marks_before(&self, row: u32) -> u32 {
        (self.0[MARKS] & before(row)).count_ones()
    }

    pub(super) fn marks(&self) -> u32 {
        self.0[MARKS].count_ones()
    }

    pub(super) fn mark(&mut self, row: u32) {
        self.0[MARKS] |= 1 << (row % ROWS);
    }

    /// The rows of a line with this code; `planes` words hold its bits.
    #[inline]
    fn equal(&self, code: u32, planes: usize) -> u64 {
        let mut rows = u64::MAX;
        for (bit, plane) in (0u32..).zip(&self.0[..planes]) {
            rows &= plane ^ u64::from(code >> bit & 1).wrapping_sub(1);
        }
        rows
    }

    #[inline]
    fn code(&self, row: u32, planes: usize) -> u32 {
        let mut code = 0;
        for (bit, plane) in (0u32..).zip(&self.0[..planes]) {
            code |= ((plane >> (row % ROWS) & 1) as u32) << bit;
        }
        code
    }

    fn set_codes(&mut self, codes: &[u8], planes: usize) {
        for (bit, plane) in (0u32..).zip(&mut self.0[..planes]) {
            *plane = gather(codes, bit);
        }
    }
}

/// One bit of up to 64 codes as a word, the first one lowest.
fn gather(codes: &[u8], bit: u32) -> u64 {
    let mut word = 0;
    for (i, eight) in (0u32..).zip(codes.chunks(8)) {
        let mut bytes = [0; 8];
        bytes[..eight.len()].copy_from_slice(eight);
        // The product brings the lowest bit of each byte into the highest byte.
        let lowest = u64::from_le_bytes(bytes) >> bit & 0x0101_0101_0101_0101;
        word |= (lowest.wrapping_mul(0x0102_0408_1020_4080) >> 56) << i.wrapping_mul(8);
    }
    word
}

/// The bits of a word in front of a row.
#[inline]
fn before(row: u32) -> u64 {
    (1u64 << (row % ROWS)).wrapping_sub(1)
}

/// Ranks of the transformed text.
pub(super) trait Ranks: Send + Sync + Sized {
    /// Room for `n` rows of `alpha` codes.
    fn new(n: u32, alpha: u32) -> Self;

    /// Parts of [`SUPER`] rows, to be filled side by side.
    fn parts(&mut self) -> Vec<Part<'_>>;

    /// Rows of suffixes that begin with a code and stand in front of those that begin with it and go on as a row.
    fn rank(&self, code: u32, row: u32) -> u32;

    /// The code of a row.
    fn code(&self, row: u32) -> u32;

    /// Something of what the code of a row stands in. Loading it for many rows, one after the other, is one wait for memory, where
    /// asking for their codes would be many: the processor looks ahead over a few instructions only.
    #[inline]
    fn touch(&self, row: u32) -> u64 {
        self.line(row).0[0]
    }

    /// The same for what a rank needs besides.
    fn touch_count(&self, code: u32, row: u32) -> u64;

    fn line(&self, row: u32) -> &Line;

    fn lines(&mut self) -> &mut [Line];

    /// The bytes of memory.
    fn memory(&self) -> u64;

    #[inline]
    fn marked(&self, row: u32) -> bool {
        self.line(row).marked(row)
    }
}

/// The rows of a superblock while they are made.
pub(super) struct Part<'a> {
    lines: &'a mut [Line],
    wide: Option<WidePart<'a>>,
}

struct WidePart<'a> {
    high: &'a mut [u64],
    supers: &'a mut [u32],
    counts: &'a mut [u16],
    per_count: usize,
}

impl Part<'_> {
    /// Fills it: the codes of its rows, and what lies in front of it for each code.
    pub(super) fn fill(&mut self, codes: &[u8], starts: &[u32]) {
        match &mut self.wide {
            None => fill_narrow(self.lines, codes, starts),
            Some(wide) => wide.fill(self.lines, codes, starts),
        }
    }
}

fn fill_narrow(lines: &mut [Line], codes: &[u8], starts: &[u32]) {
    let mut counts = [0u32; 8];
    for (count, start) in counts.iter_mut().zip(starts) {
        *count = *start;
    }
    for (i, line) in lines.iter_mut().enumerate() {
        for (word, pair) in line.0[NARROW_PLANES..MARKS].iter_mut().zip(counts.as_chunks::<2>().0) {
            *word = u64::from(pair[1]) << 32 | u64::from(pair[0]);
        }
        let rows = rows_of(codes, i);
        line.set_codes(rows, NARROW_PLANES);
        for &code in rows {
            let count = &mut counts[usize::from(code & 7)];
            *count = count.wrapping_add(1);
        }
    }
}

fn rows_of(codes: &[u8], line: usize) -> &[u8] {
    let rest = codes.get(line.saturating_mul(ROWS as usize)..).unwrap_or_default();
    rest.get(..ROWS as usize).unwrap_or(rest)
}

impl WidePart<'_> {
    fn fill(&mut self, lines: &mut [Line], codes: &[u8], starts: &[u32]) {
        for (to, start) in self.supers.iter_mut().zip(starts) {
            *to = *start;
        }
        let alpha = self.supers.len();
        let mut counts = [0u16; 256];
        for (i, line) in lines.iter_mut().enumerate() {
            if i % self.per_count == 0 {
                let from = (i / self.per_count).saturating_mul(alpha);
                for (to, count) in self.counts.get_mut(from..).unwrap_or_default().iter_mut().zip(&counts[..alpha.min(256)]) {
                    *to = *count;
                }
            }
            let rows = rows_of(codes, i);
            line.set_codes(rows, WIDE_PLANES);
            if let Some(high) = self.high.get_mut(i) {
                *high = gather(rows, WIDE_PLANES as u32);
            }
            for &code in rows {
                let count = &mut counts[usize::from(code)];
                *count = count.wrapping_add(1);
            }
        }
    }
}

/// Lines that no row is in.
static NO_LINE: Line = Line([0; 8]);

#[inline]
fn line(lines: &[Line], row: u32) -> &Line {
    lines.get((row / ROWS) as usize).unwrap_or(&NO_LINE)
}

const NARROW_PLANES: usize = 3;

/// Up to 8 codes: everything about a row is in its line.
pub(super) struct Narrow {
    lines: Vec<Line>,
}

impl Narrow {
    pub(super) const MOST: u32 = 8;

    #[inline]
    fn rank_in(line: &Line, code: u32, row: u32) -> u32 {
        let pair = line.0[NARROW_PLANES.wrapping_add(code as usize / 2) & 7];
        let count = if code & 1 == 0 { pair as u32 } else { (pair >> 32) as u32 };
        count.wrapping_add((line.equal(code, NARROW_PLANES) & before(row)).count_ones())
    }
}

impl Ranks for Narrow {
    fn new(n: u32, _: u32) -> Narrow {
        // A rank at the end of a full line is one of the next.
        Narrow { lines: vec![Line::default(); (n / ROWS).saturating_add(1) as usize] }
    }

    fn parts(&mut self) -> Vec<Part<'_>> {
        self.lines.chunks_mut(LINES).map(|lines| Part { lines, wide: None }).collect()
    }

    #[inline]
    fn rank(&self, code: u32, row: u32) -> u32 {
        Narrow::rank_in(line(&self.lines, row), code, row)
    }

    #[inline]
    fn code(&self, row: u32) -> u32 {
        line(&self.lines, row).code(row, NARROW_PLANES)
    }

    #[inline]
    fn touch_count(&self, _: u32, _: u32) -> u64 {
        0
    }

    #[inline]
    fn line(&self, row: u32) -> &Line {
        line(&self.lines, row)
    }

    fn lines(&mut self) -> &mut [Line] {
        &mut self.lines
    }

    fn memory(&self) -> u64 {
        size_of_val(self.lines.as_slice()) as u64
    }
}

const WIDE_PLANES: usize = 7;

/// Any number of codes: counts for each stand beside the lines.
pub(super) struct Wide {
    lines: Vec<Line>,
    /// The eighth bits of codes, if there are any.
    high: Vec<u64>,
    alpha: u32,
    /// In front of each superblock.
    supers: Vec<u32>,
    /// From the start of a superblock, every few lines.
    counts: Vec<u16>,
    /// How many lines that are, as a power of two.
    shift: u32,
}

impl Wide {
    /// How often a code occurs between the start of a superblock and the counts in front of a row.
    #[inline]
    fn count(&self, code: u32, row: u32) -> u16 {
        let counted = (row / ROWS) >> self.shift;
        self.counts.get((counted as usize).wrapping_mul(self.alpha as usize).wrapping_add(code as usize)).copied().unwrap_or(0)
    }

    #[inline]
    fn equal(&self, at: u32, code: u32) -> u64 {
        let rows = line(&self.lines, at.wrapping_mul(ROWS)).equal(code, WIDE_PLANES);
        match self.high.get(at as usize) {
            Some(high) => rows & (high ^ u64::from(code >> WIDE_PLANES & 1).wrapping_sub(1)),
            None => rows,
        }
    }
}

impl Ranks for Wide {
    fn new(n: u32, alpha: u32) -> Wide {
        let lines = (n / ROWS).saturating_add(1) as usize;
        // Many codes: fewer counts, which would be most of it.
        let shift = if alpha <= 64 { 0 } else { 2 };
        let codes = alpha as usize;
        Wide {
            lines: vec![Line::default(); lines],
            high: if alpha > 1 << WIDE_PLANES { vec![0; lines] } else { Vec::new() },
            alpha,
            supers: vec![0; lines.div_ceil(LINES).saturating_mul(codes)],
            counts: vec![0; lines.div_ceil(1 << shift).saturating_mul(codes)],
            shift,
        }
    }

    fn parts(&mut self) -> Vec<Part<'_>> {
        let alpha = self.alpha as usize;
        let per_count = 1usize << self.shift;
        let counts = self.counts.chunks_mut((LINES / per_count).saturating_mul(alpha));
        let mut high = self.high.chunks_mut(LINES);
        let lines = self.lines.chunks_mut(LINES).zip(self.supers.chunks_mut(alpha)).zip(counts);
        let part = |((lines, supers), counts)| {
            let high = high.next().unwrap_or_default();
            Part { lines, wide: Some(WidePart { high, supers, counts, per_count }) }
        };
        lines.map(part).collect()
    }

    #[inline]
    fn rank(&self, code: u32, row: u32) -> u32 {
        let at = row / ROWS;
        let counted = at >> self.shift;
        let start = self.supers.get((row / SUPER).wrapping_mul(self.alpha).wrapping_add(code) as usize).copied().unwrap_or(0);
        let mut rank = start.wrapping_add(self.count(code, row).into());
        for line in counted << self.shift..at {
            rank = rank.wrapping_add(self.equal(line, code).count_ones());
        }
        rank.wrapping_add((self.equal(at, code) & before(row)).count_ones())
    }

    #[inline]
    fn touch_count(&self, code: u32, row: u32) -> u64 {
        self.count(code, row).into()
    }

    #[inline]
    fn code(&self, row: u32) -> u32 {
        let mut code = line(&self.lines, row).code(row, WIDE_PLANES);
        if let Some(high) = self.high.get((row / ROWS) as usize) {
            code |= ((high >> (row % ROWS) & 1) as u32) << WIDE_PLANES;
        }
        code
    }

    #[inline]
    fn line(&self, row: u32) -> &Line {
        line(&self.lines, row)
    }

    fn lines(&mut self) -> &mut [Line] {
        &mut self.lines
    }

    fn memory(&self) -> u64 {
        let sizes = [size_of_val(self.lines.as_slice()), self.high.len() * 8, self.supers.len() * 4, self.counts.len() * 2];
        sizes.iter().fold(0, |sum, &size| sum.saturating_add(size as u64))
    }
}
