//! Mutations of inputs, from a seed and nothing else.

use crate::typed::boxes_of_stream;

/// Numbers by xorshift (64 bits, multiplied).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed; any seed will do.
    pub fn new(seed: u64) -> Random {
        let mut random = Random(seed ^ 0x9e37_79b9_7f4a_7c15 | 1);
        for _ in 0..8 {
            random.next();
        }
        random
    }

    /// The next number.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number under `n`; 0 where that is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() >> 11) as usize % n }
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// A number that is often small.
    fn small(&mut self) -> usize {
        let bits = self.below(10) as u32;
        self.below(1 << bits)
    }
}

/// What a corpus holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Boxes.
    File,
    /// Packets.
    Stream,
    /// Bytes of any sort.
    Bytes,
    /// Text.
    Text,
}

impl Shape {
    /// What the files of a folder of `tests/corpus` are.
    pub fn of(folder: &str) -> Shape {
        match folder {
            "file" => Shape::File,
            "stream" => Shape::Stream,
            "schema" | "json" => Shape::Text,
            _ => Shape::Bytes,
        }
    }
}

/// The longest input made.
const MOST: usize = 1 << 16;

const INTERESTING: [u64; 18] = [0, 1, 2, 4, 5, 7, 8, 11, 12, 13, 16, 0x7f, 0x7fff, 0xffff_ffff, 0x7fff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX, u64::MAX - 11];

const KEYS: [&[u8; 4]; 38] = [
    b"flhd", b"dgcn", b"dghd", b"rfgn", b"rfmd", b"labl", b"lbll", b"dgmd", b"dgcd", b"dgpr", b"dtcn", b"dthd", b"dtmd", b"dtmt", b"dtcd", b"dtpr", b"pars",
    b"mitb", b"aucn", b"auhd", b"auin", b"aumt", b"aupr", b"dscn", b"dshd", b"atcn", b"athd", b"atmd", b"agtc", b"adts", b"adbo", b"atix", b"avix", b"agcn",
    b"aghd", b"aauc", b"aauh", b"offs",
];

/// Makes an input of one of a corpus, with a second one to take pieces from.
pub fn mutate(random: &mut Random, shape: Shape, first: &[u8], second: &[u8]) -> Vec<u8> {
    let mut data = first.to_vec();
    let times = 1 + random.small().min(7);
    for _ in 0..times {
        data = match shape {
            Shape::Text => text(random, &data, second),
            Shape::Stream if random.chance(40) => repacked(random, &data, second),
            Shape::File | Shape::Stream if random.chance(50) => boxes(random, data, second),
            _ => bytes(random, data, second),
        };
        data.truncate(MOST);
    }
    data
}

fn bytes(random: &mut Random, mut data: Vec<u8>, second: &[u8]) -> Vec<u8> {
    let at = random.below(data.len());
    match random.below(9) {
        0 | 1 => {
            if let Some(byte) = data.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        2 => {
            if let Some(byte) = data.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        3 | 4 => number(random, &mut data, at),
        5 => {
            let end = (at + random.small()).min(data.len());
            data.drain(at.min(end)..end);
        }
        6 => {
            let from = random.below(second.len());
            let piece = second.get(from..(from + 1 + random.small()).min(second.len())).unwrap_or_default().to_vec();
            data.splice(at..at, piece);
        }
        7 => {
            let piece = data.get(at..(at + 1 + random.small()).min(data.len())).unwrap_or_default().to_vec();
            let to = random.below(data.len());
            data.splice(to..to, piece);
        }
        _ => {
            if random.chance(20) {
                data.truncate(at);
            } else {
                number(random, &mut data, at);
            }
        }
    }
    data
}

/// An interesting number, or one nearby, of 1 to 8 bytes.
fn number(random: &mut Random, data: &mut [u8], at: usize) {
    let width = 1 << random.below(4);
    let Some(place) = data.get_mut(at..at + width) else { return };
    let old = place.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let new = match random.below(4) {
        0 => old.wrapping_add(1 + random.small() as u64),
        1 => old.wrapping_sub(1 + random.small() as u64),
        _ => *random.pick(&INTERESTING).unwrap_or(&0),
    };
    for (byte, new) in place.iter_mut().rev().zip(new.to_le_bytes()) {
        *byte = new;
    }
}

/// A box in bytes: where it starts, how long it is, in how many others it stands.
struct Place {
    at: usize,
    length: usize,
    parents: Vec<usize>,
}

fn places(data: &[u8], from: usize, end: usize, parents: &[usize], found: &mut Vec<Place>) {
    let mut at = from;
    while at + 12 <= end && found.len() < 4096 {
        let Some(head) = data.get(at..at + 12) else { return };
        let (key, length) = head.split_at(4);
        if !KEYS.iter().any(|known| known.as_slice() == key) {
            return;
        }
        let length = if key == b"offs" { 16 } else { length.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte)) };
        let Some(length) = usize::try_from(length).ok().filter(|length| *length >= 12 && at.checked_add(*length).is_some_and(|behind| behind <= end)) else {
            return;
        };
        found.push(Place { at, length, parents: parents.to_vec() });
        let inner = match key {
            b"dgcn" | b"dtcn" | b"aucn" | b"dscn" | b"atcn" | b"agcn" | b"aauc" => 12,
            b"labl" => 15,
            _ => 0,
        };
        if inner > 0 && parents.len() < 16 {
            let mut around = parents.to_vec();
            around.push(at);
            places(data, at + inner, at + length, &around, found);
        }
        at += length;
    }
}

fn resize(data: &mut [u8], box_at: usize, by: i64) {
    if let Some(place) = data.get_mut(box_at + 4..box_at + 12) {
        let old = place.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        place.copy_from_slice(&old.wrapping_add_signed(by).to_be_bytes());
    }
}

/// Changes the structure: what is inside a box, whole boxes, Lengths. Lengths around mostly stay right.
fn boxes(random: &mut Random, mut data: Vec<u8>, second: &[u8]) -> Vec<u8> {
    let mut found = vec![];
    places(&data, 0, data.len(), &[], &mut found);
    let Some(place) = random.pick(&found) else { return bytes(random, data, second) };
    let (at, end) = (place.at, place.at + place.length);
    let before = data.len();
    let mut around = place.parents.clone();
    match random.below(8) {
        // A field of this box.
        0..=2 => {
            let field = at + 12 + random.below(place.length.saturating_sub(12).min(64));
            if random.chance(50) {
                number(random, &mut data, field);
            } else if let Some(byte) = data.get_mut(field) {
                *byte ^= 1 << random.below(8);
            }
        }
        // Bytes more or fewer in it.
        3 | 4 => {
            around.push(at);
            let here = at + 12 + random.below(place.length - 12 + 1);
            if random.chance(50) {
                let piece: Vec<u8> = (0..=random.small().min(64)).map(|_| if random.chance(50) { 0 } else { random.next() as u8 }).collect();
                data.splice(here..here, piece);
            } else {
                data.drain(here..(here + 1 + random.small()).min(end).max(here));
            }
        }
        // The box goes.
        5 => {
            data.drain(at..end);
        }
        // A box comes, from here or from the other input.
        6 => {
            let mut others = vec![];
            let other = if random.chance(50) { second } else { first_of(&data) }.to_vec();
            places(&other, 0, other.len(), &[], &mut others);
            if let Some(new) = random.pick(&others) {
                data.splice(at..at, other.get(new.at..new.at + new.length).unwrap_or_default().iter().copied());
            }
        }
        // An offs in its place that addresses it behind the end.
        _ => {
            let key = data.get(at..at + 4).unwrap_or_default().to_vec();
            let whole: Vec<u8> = data.drain(at..end).collect();
            let target = (data.len() + 16) as u64;
            let mut offs = b"offs".to_vec();
            offs.extend(key);
            offs.extend(target.to_be_bytes());
            data.splice(at..at, offs);
            for parent in &around {
                resize(&mut data, *parent, 16 - whole.len() as i64);
            }
            data.extend(whole);
            return data;
        }
    }
    let by = data.len() as i64 - before as i64;
    if by != 0 {
        for parent in around {
            if random.chance(95) {
                resize(&mut data, parent, by);
            }
        }
    }
    data
}

fn first_of(data: &[u8]) -> &[u8] {
    data
}

/// A box of a stream changed, and the stream cut into packets again.
fn repacked(random: &mut Random, data: &[u8], second: &[u8]) -> Vec<u8> {
    let mut whole = boxes_of_stream(data);
    if whole.is_empty() {
        return bytes(random, data.to_vec(), second);
    }
    let number = random.below(whole.len());
    match random.below(4) {
        0 => {
            let to = random.below(whole.len());
            whole.swap(number, to);
        }
        1 => {
            whole.remove(number);
        }
        _ => {
            if let Some((_, inner)) = whole.get_mut(number) {
                *inner = boxes(random, std::mem::take(inner), second);
            }
        }
    }
    packets(random, &whole)
}

/// Cuts boxes into packets of random sizes.
fn packets(random: &mut Random, whole: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut stream = vec![];
    let mut sequence = std::collections::HashMap::new();
    for (sid, data) in whole {
        let size = if random.chance(70) { 32000 } else { 1 + random.below(100) };
        let count = data.chunks(size).len();
        for (number, piece) in data.chunks(size).enumerate() {
            let place = sequence.entry(*sid).or_insert(0u8);
            let head = u64::from(*sid & 0x1fff) << 27 | u64::from(number + 1 == count) << 23 | u64::from(*place) << 15 | (piece.len() as u64 + 5);
            *place = place.wrapping_add(1);
            stream.extend(head.to_be_bytes().iter().skip(3));
            stream.extend(piece);
        }
    }
    stream
}

const WORDS: [&str; 60] = [
    "if",
    "else",
    "for",
    "while",
    "let",
    "remark",
    "require",
    "where",
    "as",
    "box",
    "struct",
    "container",
    "enum",
    "fn",
    "process",
    "foreign",
    "hierarchy",
    "u(8)",
    "u(64)",
    "u(n)",
    "f(1)",
    "f(3) = 5",
    "c(4)",
    "st(v)",
    "bytes(..)",
    "bytes(n)",
    "count(a)",
    "Find(",
    "Ceil(",
    "Log2(",
    "Min(",
    "Max(",
    "??",
    "?",
    ":",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "[i]",
    "==",
    "!=",
    "<<",
    ">>",
    "&&",
    "||",
    "-",
    "+",
    "/",
    "%",
    "..",
    "..=",
    "reserved",
    "#[clause = \"1\"]",
    "#[form(a)]",
    "///",
    "\"",
    "//",
];

const NUMBERS: [&str; 10] = ["0", "1", "-1", "64", "65", "255", "0xFFFFFFFF", "18446744073709551616", "170141183460469231731687303715884105727", "1e999"];

/// Changes a text: words and lines rather than bytes.
fn text(random: &mut Random, data: &[u8], second: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = data.split_inclusive(|byte| *byte == b'\n').collect();
    match random.below(8) {
        // A line goes, comes twice, or comes from elsewhere.
        0..=2 if !lines.is_empty() => {
            let mut lines = lines;
            let at = random.below(lines.len());
            let others: Vec<&[u8]> = second.split_inclusive(|byte| *byte == b'\n').collect();
            match random.below(4) {
                0 => {
                    lines.remove(at);
                }
                1 => {
                    let line = *random.pick(&lines).unwrap_or(&&b""[..]);
                    lines.insert(at, line);
                }
                2 => {
                    let from = random.below(others.len());
                    let some = others.get(from..(from + 1 + random.small().min(30)).min(others.len())).unwrap_or_default();
                    lines.splice(at..at, some.iter().copied());
                }
                _ => {
                    let to = random.below(lines.len());
                    lines.swap(at, to);
                }
            }
            lines.concat()
        }
        // A word becomes another.
        3..=5 => {
            let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            let at = random.below(data.len());
            let Some(start) = data.get(at..).and_then(|rest| rest.iter().position(word)).map(|skip| at + skip) else { return data.to_vec() };
            let end = data.get(start..).and_then(|rest| rest.iter().position(|byte| !word(byte))).map_or(data.len(), |length| start + length);
            let digits = data.get(start).is_some_and(u8::is_ascii_digit);
            let new = if digits && random.chance(70) {
                random.pick(&NUMBERS).map_or(vec![], |number| number.as_bytes().to_vec())
            } else if random.chance(50) {
                random.pick(&WORDS).map_or(vec![], |word| word.as_bytes().to_vec())
            } else {
                let words: Vec<&[u8]> = data.split(|byte| !word(byte)).filter(|word| !word.is_empty()).collect();
                random.pick(&words).map_or(vec![], |word| word.to_vec())
            };
            let mut data = data.to_vec();
            data.splice(start..end, new);
            data
        }
        6 => {
            let mut data = data.to_vec();
            let at = random.below(data.len());
            // Deep nesting.
            let open = *random.pick(&["(", "[", "{", "-", "!", "1+(", "if(", "a?", "[["]).unwrap_or(&"(");
            let times = if random.chance(10) { random.below(20000) } else { 1 + random.small() };
            data.splice(at..at, open.repeat(times).into_bytes());
            data
        }
        _ => bytes(random, data.to_vec(), second),
    }
}
