//! A compressed string index (7.1.5) of a small text, made in the most simple way.

/// How an index is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextForm {
    /// sampling_rate_sa, sampling_rate_lf.
    pub rates: (u32, u32),
    /// Blocks of a superblock.
    pub superblock: u32,
    /// Bits of a block: 3 to 63, no power of two.
    pub block: u32,
    /// The lowest byte of a number first, as in the memory of the one known program.
    pub little_endian: bool,
}

/// Numbers of several widths, in either order.
struct Out {
    bytes: Vec<u8>,
    little_endian: bool,
}

impl Out {
    fn put(&mut self, value: u64, bytes: usize) {
        let all = value.to_be_bytes();
        let own = &all[8 - bytes..];
        if self.little_endian {
            self.bytes.extend(own.iter().rev());
        } else {
            self.bytes.extend(own);
        }
    }

    fn u32(&mut self, value: usize) {
        self.put(value as u64, 4);
    }

    /// Bits, filled up to whole words of 64.
    fn words(&mut self, bits: &[bool]) {
        for word in bits.chunks(64) {
            let value = word.iter().fold(0u64, |value, bit| value << 1 | u64::from(*bit));
            self.put(value.checked_shl(64 - word.len() as u32).unwrap_or(0), 8);
        }
    }

    /// Table 80.
    fn counters(&mut self, values: &[usize], width: u32) {
        self.u32(values.len());
        self.u32(width as usize);
        let bits: Vec<bool> = values.iter().flat_map(|value| bits_of(*value as u128, width)).collect();
        self.words(&bits);
    }

    /// Table 82.
    fn sampled(&mut self, n: usize, rate: usize, counts: &[usize]) {
        self.u32(n);
        self.u32(rate);
        let many = ((16.0 * (n as f64).ln() / (rate as f64).ln()).ceil() as usize).max(1);
        let major: Vec<usize> = counts.iter().step_by(many).copied().collect();
        let minor: Vec<usize> = counts.iter().enumerate().map(|(number, count)| count - major[number / many]).collect();
        self.counters(&major, width(n));
        self.counters(&minor, width(rate * many));
    }

    /// Table 81.
    fn bitmap(&mut self, bits: &[bool], form: TextForm) {
        let (class_width, rate) = (width(form.block as usize), (form.superblock * form.block) as usize);
        let (mut classes, mut indexes, mut ranks, mut offsets) = (vec![], vec![], vec![], vec![]);
        let mut ones = 0;
        for (number, block) in bits.chunks(form.block as usize).enumerate() {
            if number % form.superblock as usize == 0 {
                ranks.push(ones);
                offsets.push(indexes.len());
            }
            let mut block = block.to_vec();
            block.resize(form.block as usize, false);
            let class = block.iter().filter(|bit| **bit).count();
            classes.extend(bits_of(class as u128, class_width));
            ones += class;
            if class > form.block as usize / 2 {
                block.iter_mut().for_each(|bit| *bit = !*bit);
            }
            let (index, choices) = rank(&block);
            indexes.extend(bits_of(index, ceil_log2(choices)));
        }
        self.u32(bits.len());
        self.put(u64::from(form.superblock) << 8 | u64::from(form.block), 4);
        let mut counters = Out { bytes: vec![], little_endian: self.little_endian };
        counters.sampled(bits.len(), rate, &ranks);
        counters.sampled(bits.len(), rate, &offsets);
        self.u32(counters.bytes.len());
        self.u32(classes.len());
        self.bytes.extend(counters.bytes);
        classes.extend(indexes);
        self.words(&classes);
    }
}

fn bits_of(value: u128, width: u32) -> impl Iterator<Item = bool> {
    (0..width).rev().map(move |bit| value >> bit & 1 == 1)
}

/// Ceil(Log2(n)).
fn width(n: usize) -> u32 {
    ceil_log2(n as u128)
}

fn ceil_log2(n: u128) -> u32 {
    (0..).find(|bits| 1u128 << bits >= n).unwrap_or(0)
}

fn choose(n: u32, k: u32) -> u128 {
    (0..k).fold(1, |value, i| if k > n { 0 } else { value * u128::from(n - i) / u128::from(i + 1) })
}

/// How many words with as many ones are smaller, and how many there are.
fn rank(block: &[bool]) -> (u128, u128) {
    let mut left = block.iter().filter(|bit| **bit).count() as u32;
    let choices = choose(block.len() as u32, left);
    let mut rank = 0;
    for (number, bit) in block.iter().enumerate() {
        if *bit {
            rank += choose((block.len() - 1 - number) as u32, left);
            left -= 1;
        }
    }
    (rank, choices)
}

/// The Value of `csix` (Tables 77 to 82).
pub fn text_index(text: &[u8], form: TextForm) -> Vec<u8> {
    let n = text.len();
    let mut symbols: Vec<u8> = (0..=255).filter(|byte| text.contains(byte)).collect();
    symbols.sort_by_key(|byte| std::cmp::Reverse(text.iter().filter(|other| *other == byte).count()));
    let codes: Vec<usize> = text.iter().map(|byte| symbols.iter().position(|symbol| symbol == byte).unwrap_or(0)).collect();
    let mut suffixes: Vec<usize> = (0..n).collect();
    suffixes.sort_by(|a, b| codes[*a..].cmp(&codes[*b..]));
    let mut rows = vec![0; n];
    suffixes.iter().enumerate().for_each(|(row, suffix)| rows[*suffix] = row);
    let bwt: Vec<usize> = suffixes.iter().map(|suffix| codes[(suffix + n - 1) % n]).collect();
    let before = |code: usize| codes.iter().filter(|other| **other < code).count();

    let mut out = Out { bytes: vec![], little_endian: form.little_endian };
    let (sa, lf) = (form.rates.0 as usize, form.rates.1 as usize);
    [n, symbols.len(), sa, lf].into_iter().for_each(|value| out.u32(value));
    for byte in 0..=255u8 {
        out.put(symbols.iter().position(|symbol| *symbol == byte).map_or(0xFFFF, |code| code as u64), 2);
    }
    (0..256).for_each(|code| out.put(symbols.get(code).copied().unwrap_or(0).into(), 1));
    // Of the whole text the known program stores n.
    let stored = |suffix: usize| if form.little_endian && suffix == 0 { n & ((1 << width(n)) - 1) } else { suffix };
    out.counters(&suffixes.iter().step_by(sa).map(|suffix| stored(*suffix)).collect::<Vec<_>>(), width(n));
    out.counters(&(0..n.div_ceil(lf)).map(|number| rows[(n - number * lf) % n]).collect::<Vec<_>>(), width(n));
    [n, symbols.len()].into_iter().for_each(|value| out.u32(value));
    (0..257).for_each(|code| out.u32(before(code)));
    [rows[0], codes[n - 1], 2 * symbols.len() - 1].into_iter().for_each(|value| out.u32(value));
    let last = symbols.len() - 1;
    let mut bitmaps = Out { bytes: vec![], little_endian: form.little_endian };
    for code in 0..=last {
        let start = bitmaps.bytes.len();
        if code < last {
            let bits: Vec<bool> = bwt.iter().filter(|other| **other >= code).map(|other| *other > code).collect();
            bitmaps.bitmap(&bits, form);
            out.put((code << 16 | last) as u64, 4);
            out.u32(bitmaps.bytes.len() - start);
        }
        out.put((code << 16 | code) as u64, 4);
        out.u32(0);
    }
    out.bytes.extend(bitmaps.bytes);
    out.bytes
}
