//! String indexes: what a text holds by looking at every position, what an index of it answers, and that of made-up indexes too.

use mpegg::tables::CompressedStringIndex;
use mpegg_runtime::ErrorKind;
use mpegg_runtime::bits::{BitReader, BitWriter};
use mpegg_runtime::fm_index::{ByteOrder, Expanded, Index, Options, build};

/// Where a pattern occurs in a text; the empty one at every position.
pub fn occurrences(text: &[u8], pattern: &[u8]) -> Vec<u32> {
    let Some(first) = pattern.first() else { return (0..text.len() as u32).collect() };
    (0u32..).zip(text).filter(|&(position, byte)| byte == first && text[position as usize..].starts_with(pattern)).map(|(position, _)| position).collect()
}

/// An index of a text in its forms.
pub struct Both<'a> {
    /// In place, checked.
    pub index: Index<'a>,
    /// In place, opened by its fields only.
    pub opened: Index<'a>,
    /// Expanded.
    pub expanded: Expanded,
}

impl<'a> Both<'a> {
    /// Parses and expands.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn of(bytes: &'a [u8]) -> Result<Both<'a>, String> {
        let index = Index::parse(bytes).map_err(|error| format!("parsing: {error}"))?;
        let expanded = index.expand().map_err(|error| format!("expanding: {error}"))?;
        let opened = Index::open(bytes).map_err(|error| format!("opening: {error}"))?;
        Ok(Both { index, opened, expanded })
    }

    /// All ways to ask for a pattern give these positions.
    ///
    /// # Errors
    ///
    /// Which one does not.
    pub fn finds(&self, pattern: &[u8], positions: &[u32]) -> Result<(), String> {
        let ways = [("in place", self.index.locate(pattern)), ("unchecked", self.opened.locate(pattern)), ("expanded", self.expanded.locate(pattern))];
        for (way, found) in ways {
            let found = found.map_err(|error| format!("{pattern:02x?} {way}: {error}"))?;
            if found != positions {
                return Err(format!("{pattern:02x?} is found at {found:?} {way}, stands at {positions:?}"));
            }
        }
        // The iterator takes its way for each of them; that is long for many.
        let one_by_one =
            if positions.len() < 2000 { self.index.positions(pattern).and_then(Iterator::collect::<Result<Vec<u32>, _>>) } else { Ok(positions.to_vec()) };
        let mut one_by_one = one_by_one.map_err(|error| format!("{pattern:02x?} one by one: {error}"))?;
        one_by_one.sort_unstable();
        let opened = self.opened.count(pattern).map_err(|error| error.to_string())?;
        let counts = [
            opened as usize,
            self.index.count(pattern).map_err(|error| error.to_string())? as usize,
            self.expanded.count(pattern) as usize,
            self.expanded.count_many(&[pattern])[0] as usize,
        ];
        let starts = [&self.index, &self.opened].map(|index| index.starts_with(pattern).ok());
        if starts != [Some(positions.first() == Some(&0)); 2] {
            return Err(format!("{pattern:02x?} stands at the beginning: {starts:?}; it is at {positions:?}"));
        }
        if counts != [positions.len(); 4] || one_by_one != positions {
            return Err(format!("{pattern:02x?} is counted {counts:?} times, stands at {positions:?}, one by one {one_by_one:?}"));
        }
        Ok(())
    }

    /// All ways to ask for a part give it.
    ///
    /// # Errors
    ///
    /// Which one does not.
    pub fn extracts(&self, start: usize, part: &[u8]) -> Result<(), String> {
        let range = start as u32..(start + part.len()) as u32;
        let (mut in_place, mut opened, mut expanded) = (vec![0xEE], vec![0xEE], vec![0xEE]);
        self.opened.extract(range.clone(), &mut opened).map_err(|error| format!("{range:?} unchecked: {error}"))?;
        self.index.extract(range.clone(), &mut in_place).map_err(|error| format!("{range:?} in place: {error}"))?;
        self.expanded.extract(range.clone(), &mut expanded).map_err(|error| format!("{range:?} expanded: {error}"))?;
        if in_place != opened || in_place[1..] != *part || expanded[1..] != *part {
            return Err(format!("{range:?} is {part:02x?}: in place {in_place:02x?}, expanded {expanded:02x?}"));
        }
        Ok(())
    }
}

/// Patterns that are worth asking for in a text: its parts, and those with one byte changed.
pub fn patterns(text: &[u8], random: &mut dyn FnMut(usize) -> usize) -> Vec<Vec<u8>> {
    let mut patterns = vec![vec![], text.to_vec(), [text, b"x"].concat(), [&text[text.len() - 1..], text].concat()];
    for _ in 0..24 {
        let start = random(text.len());
        let length = 1 + random((text.len() - start).min(12));
        let mut pattern = text[start..start + length].to_vec();
        patterns.push(pattern.clone());
        pattern[random(length)] = random(256) as u8;
        patterns.push(pattern);
        patterns.push([&text[text.len() - 1 - random(text.len().min(3))..], &text[..1 + random(text.len().min(4))]].concat());
    }
    patterns
}

/// Builds an index of a text and asks it for everything.
///
/// # Errors
///
/// The first wrong answer.
pub fn build_and_compare(text: &[u8], options: &Options, random: &mut dyn FnMut(usize) -> usize) -> Result<(), String> {
    let bytes = build(text, options).map_err(|error| format!("building: {error}"))?;
    let both = Both::of(&bytes)?;
    if both.index.len() as usize != text.len() || both.index.options() != *options || both.index.byte_order() != ByteOrder::Standard {
        return Err("the index has another length, other rates or another byte order".into());
    }
    for pattern in patterns(text, random) {
        both.finds(&pattern, &occurrences(text, &pattern))?;
    }
    both.extracts(0, text)?;
    for _ in 0..8 {
        let start = random(text.len() + 1);
        let length = random(text.len() - start + 1);
        both.extracts(start, &text[start..start + length])?;
    }
    if Some(&both.opened.first()) != text.first() || Some(&both.opened.last()) != text.last() {
        return Err("the first or the last byte is another one".into());
    }
    if both.index.text().map_err(|error| format!("decoding: {error}"))? != text || both.expanded.text() != text {
        return Err("the decoded text is another one".into());
    }
    as_tables_say(&bytes).map(drop)
}

/// The generated reader of Table 77 takes the bytes, finds the values that the index has, and writes the bytes again.
///
/// # Errors
///
/// What differs. `Ok(false)` if both refuse the bytes.
pub fn as_tables_say(bytes: &[u8]) -> Result<bool, String> {
    let mut reader = BitReader::new(bytes);
    let read = CompressedStringIndex::read(&mut reader);
    let index = match (Index::parse(bytes), &read) {
        (Ok(index), _) if index.byte_order() == ByteOrder::LittleEndian => return Ok(false),
        (Err(_), _) => return Ok(false),
        (Ok(_), Err(error)) => return Err(format!("the index is taken, its tables are not: {error}")),
        (Ok(index), Ok(_)) => index,
    };
    let table = read.map_err(|error| error.to_string())?;
    if reader.remaining() != 0 {
        return Err(format!("the tables leave {} bits", reader.remaining()));
    }
    let rates = Options { sampling_rate_sa: table.sampling_rate_sa, sampling_rate_lf: table.sampling_rate_lf };
    let counts: Vec<u32> = index.alphabet().map(|(_, count)| count).collect();
    let told: Vec<u32> = table.wt.c.windows(2).take(table.alpha.into()).map(|pair| pair[1] - pair[0]).collect();
    let bytes_of: Vec<u8> = index.alphabet().map(|(byte, _)| byte).collect();
    if (index.len(), index.alphabet_size(), index.options()) != (table.n, table.alpha.into(), rates)
        || counts != told
        || bytes_of != table.decode[..table.alpha.into()]
    {
        return Err("a field of the index is not that of its tables".into());
    }
    let sizes = index.sizes();
    let words = |bits: u64| bits.div_ceil(64) * 8;
    let counters = |counters: &mpegg::tables::CompressedStringCompactCounters| 8 + words(counters.bitmap.len() as u64 * u64::from(counters.bits_number));
    let superblocks: u64 = table.wt.bitmap.iter().map(|bitmap| 16 + u64::from(bitmap.superblock_bytes)).sum();
    let bitmaps: u64 = table.wt.entries.iter().map(|entry| u64::from(entry.bitmap_bytes)).sum();
    let told = [counters(&table.sa), counters(&table.lf), superblocks, bitmaps - superblocks];
    if [sizes.sa, sizes.lf, sizes.superblocks, sizes.classes + sizes.indexes] != told || sizes.header + told.iter().sum::<u64>() != bytes.len() as u64 {
        return Err(format!("{sizes:?}; its tables: {told:?}"));
    }
    let mut writer = BitWriter::new();
    table.write(&mut writer).map_err(|error| format!("writing the tables: {error}"))?;
    if writer.into_bytes() != bytes {
        return Err("the tables are written as other bytes".into());
    }
    Ok(true)
}

/// Any bytes as an index: an error with a place, or answers.
///
/// # Errors
///
/// What must not be.
pub fn parse_and_query(bytes: &[u8]) -> Result<(), String> {
    let index = match Index::parse(bytes) {
        Ok(index) => index,
        Err(error) => {
            crate::sinks::located(&error, bytes.len())?;
            return query_unchecked(bytes);
        }
    };
    as_tables_say(bytes)?;
    let expanded = match index.expand() {
        Ok(expanded) => Some(expanded),
        Err(error) if error.kind() == ErrorKind::Malformed => None,
        Err(error) => return Err(format!("expanding: {error}")),
    };
    let symbols: Vec<u8> = index.alphabet().map(|(byte, _)| byte).collect();
    let mut patterns: Vec<Vec<u8>> = symbols.iter().take(8).map(|&byte| vec![byte]).collect();
    patterns.extend(symbols.windows(2).take(8).map(<[u8]>::to_vec));
    let mut part = vec![];
    index.extract(0..index.len().min(64), &mut part).map_err(|error| format!("extracting: {error}"))?;
    patterns.extend(part.chunks(3).map(<[u8]>::to_vec));
    patterns.push(vec![]);
    for pattern in &patterns {
        let count = index.count(pattern).map_err(|error| format!("counting in a checked index: {error}"))?;
        match index.locate(pattern) {
            Ok(positions) if positions.len() == count as usize && positions.is_sorted() && positions.iter().all(|&position| position < index.len()) => {}
            Ok(positions) => return Err(format!("{pattern:02x?} is counted {count} times, found at {positions:?} of {}", index.len())),
            Err(error) if error.kind() == ErrorKind::Malformed => {}
            Err(error) => return Err(format!("locating: {error}")),
        }
        let Some(expanded) = &expanded else { continue };
        if expanded.count(pattern) != count {
            return Err(format!("{pattern:02x?} is counted {count} times in place, {} times expanded", expanded.count(pattern)));
        }
        match expanded.locate(pattern) {
            Ok(positions) if positions.len() == count as usize => {}
            Ok(positions) => return Err(format!("{pattern:02x?} is counted {count} times, found at {positions:?}")),
            Err(error) if error.kind() == ErrorKind::Malformed => {}
            Err(error) => return Err(format!("locating: {error}")),
        }
    }
    Ok(())
}

/// Bytes that are no index, opened by their fields only: an error with a place, or answers, which may be wrong.
fn query_unchecked(bytes: &[u8]) -> Result<(), String> {
    let Ok(index) = Index::open(bytes) else { return Ok(()) };
    let symbols: Vec<u8> = index.alphabet().map(|(byte, _)| byte).collect();
    let mut part = vec![];
    let mut told = vec![index.extract(0..index.len().min(64), &mut part)];
    for pattern in
        symbols.iter().take(8).map(|&byte| vec![byte]).chain(symbols.windows(2).take(8).map(<[u8]>::to_vec)).chain(part.chunks(3).map(<[u8]>::to_vec))
    {
        told.push(index.count(&pattern).map(drop));
        told.push(index.locate(&pattern).map(drop));
    }
    told.push(index.expand().map(drop));
    for error in told.into_iter().filter_map(Result::err) {
        if error.kind() != ErrorKind::Malformed {
            return Err(format!("unchecked: {error}"));
        }
    }
    Ok(())
}
