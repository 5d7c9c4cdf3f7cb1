//! Ranks of a text with many codes.

use super::rank::{LINES, Part, ROWS, Ranks, SUPER, before, code, equal, rows_of, set_codes};

/// A few lines behind the counts in front of them, so that a rank is one wait for memory. Counts begin anew every [`SUPER`] rows.
pub(super) struct Wide {
    words: Vec<u64>,
    /// In front of each superblock.
    supers: Vec<u32>,
    alpha: u32,
    layout: Layout,
}

/// How groups of lines are laid out. Each begins with its counts, of 16 bits each; a line has the bits of its codes, then its marks.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// The bits of a code.
    planes: usize,
    /// Words of counts.
    counts: usize,
    /// Lines of a group, as a power of two.
    shift: u32,
}

impl Layout {
    fn of(alpha: u32) -> Layout {
        // Many codes: fewer counts, which would be most of it.
        let shift = if alpha <= 64 { 0 } else { 2 };
        Layout { planes: super::super::counters::width_of(alpha.into()) as usize, counts: alpha.div_ceil(4) as usize, shift }
    }

    /// Words of a line.
    fn line(self) -> usize {
        self.planes.wrapping_add(1)
    }

    /// Words of a group.
    fn group(self) -> usize {
        self.counts.wrapping_add(self.line() << self.shift)
    }

    /// The first word of the group of a line.
    #[inline]
    fn start(self, line: u32) -> usize {
        ((line >> self.shift) as usize).wrapping_mul(self.group())
    }

    /// The first word of a line.
    #[inline]
    fn place(self, line: u32) -> usize {
        let within = (line & (1u32 << self.shift).wrapping_sub(1)) as usize;
        self.start(line).wrapping_add(self.counts).wrapping_add(within.wrapping_mul(self.line()))
    }

    /// Fills a superblock: the codes of its rows, and what lies in front of it for each code.
    pub(super) fn fill(self, words: &mut [u64], supers: &mut [u32], codes: &[u8], starts: &[u32]) {
        for (to, start) in supers.iter_mut().zip(starts) {
            *to = *start;
        }
        let mut counts = [0u16; 256];
        for (number, group) in words.chunks_mut(self.group()).enumerate() {
            let (stored, lines) = group.split_at_mut_checked(self.counts).unwrap_or_default();
            for (word, four) in stored.iter_mut().zip(counts.as_chunks::<4>().0) {
                *word = four.iter().rev().fold(0, |word, &count| word << 16 | u64::from(count));
            }
            for (i, line) in lines.chunks_mut(self.line()).enumerate() {
                let rows = rows_of(codes, (number << self.shift).wrapping_add(i));
                set_codes(line.get_mut(..self.planes).unwrap_or_default(), rows);
                for &code in rows {
                    let count = &mut counts[usize::from(code)];
                    *count = count.wrapping_add(1);
                }
            }
        }
    }
}

impl Wide {
    /// The bits of the codes of a line.
    #[inline]
    fn planes(&self, line: u32) -> &[u64] {
        let place = self.layout.place(line);
        self.words.get(place..place.wrapping_add(self.layout.planes)).unwrap_or_default()
    }

    /// How often a code occurs between the start of a superblock and the group of a line.
    #[inline]
    fn count(&self, code: u32, line: u32) -> u32 {
        let word = self.words.get(self.layout.start(line).wrapping_add(code as usize / 4)).copied().unwrap_or(0);
        (word >> (code % 4).wrapping_mul(16)) as u32 & 0xFFFF
    }
}

impl Ranks for Wide {
    fn new(n: u32, alpha: u32) -> Wide {
        let layout = Layout::of(alpha);
        let lines = (n / ROWS).saturating_add(1);
        let groups = lines.div_ceil(1 << layout.shift) as usize;
        let supers = (lines as usize).div_ceil(LINES).saturating_mul(alpha as usize);
        Wide { words: vec![0; groups.saturating_mul(layout.group())], supers: vec![0; supers], alpha, layout }
    }

    fn parts(&mut self) -> Vec<Part<'_>> {
        let layout = self.layout;
        let words = self.words.chunks_mut((LINES >> layout.shift).saturating_mul(layout.group()));
        words.zip(self.supers.chunks_mut(self.alpha as usize)).map(|(words, supers)| Part::Wide { words, supers, layout }).collect()
    }

    #[inline]
    fn rank(&self, code: u32, row: u32) -> u32 {
        let line = row / ROWS;
        let start = self.supers.get((row / SUPER).wrapping_mul(self.alpha).wrapping_add(code) as usize).copied().unwrap_or(0);
        let mut rank = start.wrapping_add(self.count(code, line));
        for passed in line >> self.layout.shift << self.layout.shift..line {
            rank = rank.wrapping_add(equal(self.planes(passed), code).count_ones());
        }
        rank.wrapping_add((equal(self.planes(line), code) & before(row)).count_ones())
    }

    #[inline]
    fn code(&self, row: u32) -> u32 {
        code(self.planes(row / ROWS), row)
    }

    #[inline]
    fn touch(&self, row: u32) -> u64 {
        self.words.get(self.layout.place(row / ROWS)).copied().unwrap_or(0)
    }

    #[inline]
    fn touch_count(&self, code: u32, row: u32) -> u64 {
        self.count(code, row / ROWS).into()
    }

    #[inline]
    fn marks(&self, row: u32) -> u64 {
        self.words.get(self.layout.place(row / ROWS).wrapping_add(self.layout.planes)).copied().unwrap_or(0)
    }

    fn mark(&mut self, row: u32) {
        let place = self.layout.place(row / ROWS).wrapping_add(self.layout.planes);
        if let Some(marks) = self.words.get_mut(place) {
            *marks |= 1 << (row % ROWS);
        }
    }

    fn memory(&self) -> u64 {
        (size_of_val(self.words.as_slice()) as u64).saturating_add(size_of_val(self.supers.as_slice()) as u64)
    }
}
