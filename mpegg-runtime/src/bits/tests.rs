use super::*;
use crate::error::ErrorKind;

/// Numbers that look random and are always the same (splitmix64).
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Item {
    Number(u64, u64),
    Bytes(Vec<u8>),
    Bits(BitString),
    Text(String),
    Characters(Ascii<4>),
    Pad(u8),
    Box(Vec<u8>),
}

fn item(random: &mut Random) -> Item {
    match random.below(7) {
        0 => {
            let width = random.below(65);
            let value = if width == 0 { 0 } else { random.next() >> (64 - width) };
            Item::Number(value, width)
        }
        1 => Item::Bytes((0..random.below(40)).map(|_| random.next() as u8).collect()),
        2 => {
            let bits = random.below(300);
            Item::Bits(BitString::new(bits, (0..bits.div_ceil(8)).map(|_| random.next() as u8).collect()))
        }
        3 => Item::Text((0..random.below(200)).map(|_| ['a', 'ß', '€', '~'][random.below(4) as usize]).collect()),
        4 => Item::Characters(Ascii((random.next() as u32).to_be_bytes())),
        5 => Item::Pad(0),
        _ => Item::Box((0..random.below(20)).map(|_| random.next() as u8).collect()),
    }
}

#[test]
fn read_of_write_at_every_bit_offset() {
    let mut random = Random(1);
    for round in 0..4000u64 {
        let offset = round % 64;
        let mut writer = BitWriter::new();
        writer.unsigned(0, offset).unwrap();
        let items: Vec<Item> = (0..8).map(|_| item(&mut random)).collect();
        for item in &items {
            match item {
                Item::Number(value, width) => writer.unsigned(*value, *width).unwrap(),
                Item::Bytes(bytes) => writer.bytes(bytes),
                Item::Bits(bits) => writer.bit_string(bits),
                Item::Text(text) => writer.text(text, 16384).unwrap(),
                Item::Characters(characters) => writer.ascii(characters),
                Item::Pad(value) => writer.pad(offset, *value).unwrap(),
                Item::Box(value) => {
                    let mark = writer.begin_box(*b"abcd");
                    writer.bytes(value);
                    assert_eq!(writer.end_box(mark).unwrap(), 12 + value.len() as u64);
                }
            }
        }
        let end = writer.position();
        let bytes = writer.into_bytes();
        assert_eq!(bytes.len() as u64, end.div_ceil(8));
        let mut reader = BitReader::at(&bytes, 1000);
        reader.skip(offset).unwrap();
        for item in &items {
            let again = match item {
                Item::Number(_, width) => Item::Number(reader.unsigned(*width).unwrap(), *width),
                Item::Bytes(bytes) => Item::Bytes(reader.bytes(bytes.len() as u64).unwrap()),
                Item::Bits(bits) => Item::Bits(reader.bit_string(bits.bits()).unwrap()),
                Item::Text(_) => Item::Text(reader.text(16384).unwrap()),
                Item::Characters(_) => Item::Characters(reader.ascii().unwrap()),
                Item::Pad(_) => Item::Pad(reader.pad(1000 + offset).unwrap()),
                Item::Box(_) => {
                    let (mut value, length) = reader.enter_box(*b"abcd").unwrap();
                    let bytes = value.bytes(length - 12).unwrap();
                    assert_eq!(value.remaining(), 0);
                    Item::Box(bytes)
                }
            };
            assert_eq!(&again, item);
        }
        assert_eq!(reader.position(), 1000 + end);
    }
}

#[test]
fn literal_widths_and_runs() {
    let mut random = Random(2);
    for offset in 0..64u64 {
        for short in 0..2 {
            let (a, b, c, d) = (random.below(8), random.next(), random.below(1 << 33), random.below(2));
            let mut writer = BitWriter::new();
            writer.unsigned(0, offset).unwrap();
            for _ in 0..2 {
                writer.write::<3>(a).unwrap();
                writer.write::<64>(b).unwrap();
                writer.write::<33>(c).unwrap();
                writer.write::<1>(d).unwrap();
            }
            if short == 0 {
                writer.bytes(&[0xff; 9]);
            }
            let bytes = writer.into_bytes();
            let mut reader = BitReader::new(&bytes);
            reader.skip(offset).unwrap();
            assert_eq!(reader.read::<3>().unwrap(), a);
            assert_eq!(reader.read::<64>().unwrap(), b);
            assert_eq!(reader.read::<33>().unwrap(), c);
            assert_eq!(reader.read::<1>().unwrap(), d);
            let run = reader.run::<101, 13>().unwrap();
            assert_eq!(field::<0, 3, 13>(&run), a);
            assert_eq!(field::<3, 64, 13>(&run), b);
            assert_eq!(field::<67, 33, 13>(&run), c);
            assert_eq!(field::<100, 1, 13>(&run), d);
        }
    }
}

#[test]
fn errors_name_the_place() {
    let mut reader = BitReader::at(&[0xff, 0xff], 800);
    reader.skip(3).unwrap();
    let error = reader.read::<16>().unwrap_err();
    assert_eq!((error.kind(), error.position()), (ErrorKind::Truncated { missing_bits: 3 }, Some(803)));
    assert_eq!(reader.unsigned(65).unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(reader.skip(u64::MAX).unwrap_err().kind(), ErrorKind::Truncated { missing_bits: u64::MAX - 13 });
    assert!(matches!(reader.bytes(u64::MAX).unwrap_err().kind(), ErrorKind::Truncated { .. }));
    assert!(matches!(reader.count(i128::MAX, 7).unwrap_err().kind(), ErrorKind::Truncated { .. }));
    assert_eq!(reader.count(2, 7).unwrap_err().kind(), ErrorKind::Truncated { missing_bits: 1 });
    assert_eq!(reader.count(-5, 7).unwrap(), 0);
    assert_eq!(reader.count(1, 13).unwrap(), 1);
    assert_eq!(reader.remaining(), 13);
}

#[test]
fn texts() {
    let mut reader = BitReader::new(b"abc");
    assert!(matches!(reader.text(9).unwrap_err().kind(), ErrorKind::Truncated { missing_bits: 8 }));
    let mut reader = BitReader::new(b"abcd\0");
    assert_eq!(reader.text(3).unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(reader.text(4).unwrap(), "abcd");
    let mut reader = BitReader::new(b"ab\xff\0");
    let error = reader.text(4).unwrap_err();
    assert_eq!((error.kind(), error.position()), (ErrorKind::Malformed, Some(16)));
    let long = [vec![b'x'; 200], vec![0]].concat();
    assert_eq!(BitReader::new(&long).text(200).unwrap().len(), 200);
    assert!(BitReader::new(&long).text(199).is_err());
    assert!(BitWriter::new().text("abc", 2).is_err());
    assert!(BitWriter::new().text("a\0c", 3).is_err());
}

#[test]
fn boxes_that_do_not_fit() {
    let head = |length: u64| [b"abcd".as_slice(), &length.to_be_bytes(), b"xy"].concat();
    let bytes = head(14);
    let error = BitReader::new(&bytes).enter_box(*b"efgh").unwrap_err();
    assert_eq!(error.message(), "the box `abcd` where `efgh` is expected");
    assert_eq!(BitReader::new(&head(11)).enter_box(*b"abcd").unwrap_err().kind(), ErrorKind::Malformed);
    for length in [15, u64::MAX] {
        let error = BitReader::new(&head(length)).enter_box(*b"abcd").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Truncated { .. }));
    }
    let mut reader = BitReader::new(&bytes);
    let (value, length) = reader.enter_box(*b"abcd").unwrap();
    assert_eq!((value.remaining(), length, reader.remaining()), (16, 14, 0));
}

#[test]
fn what_is_written_can_be_taken_back() {
    for keep in 0..80u64 {
        for more in 0..80u64 {
            let mut writer = BitWriter::new();
            let mut plain = BitWriter::new();
            for bit in 0..keep {
                writer.unsigned(bit % 3 % 2, 1).unwrap();
                plain.unsigned(bit % 3 % 2, 1).unwrap();
            }
            for _ in 0..more {
                writer.write::<1>(1).unwrap();
            }
            writer.truncate(keep);
            assert_eq!(writer.position(), keep);
            writer.write::<9>(0x155).unwrap();
            plain.write::<9>(0x155).unwrap();
            assert_eq!(writer.into_bytes(), plain.into_bytes());
        }
    }
}

#[test]
fn values_too_wide_for_their_bits() {
    let mut writer = BitWriter::new();
    assert_eq!(writer.write::<3>(8).unwrap_err().message(), "8 does not fit in 3 bits");
    assert!(writer.unsigned(1, 0).is_err());
    assert!(writer.unsigned(0, 65).is_err());
    assert!(writer.unsigned(u64::MAX, 64).is_ok());
}

#[test]
fn letters_and_hexadecimal_digits() {
    for (id, text) in [(0, "ACGTN"), (1, "ACGTRYSWKMBDHVN-"), (0, "")] {
        let bits = BitString::from_letters(text, id).unwrap();
        assert_eq!(bits.letters(id).as_deref(), Some(text));
        assert_eq!(BitString::from_hex(&bits.hex()).unwrap(), bits);
        let json = serde_json::to_string(&bits).unwrap();
        assert_eq!(serde_json::from_str::<BitString>(&json).unwrap(), bits);
    }
    assert_eq!(BitString::from_letters("ACR", 0), None);
    assert_eq!(BitString::new(3, vec![0b1010_0000]).letters(0), None);
    assert_eq!(BitString::new(4, vec![0]).letters(0), None);
    assert_eq!(BitString::new(5, vec![0xff]).hex(), "f8:5");
    assert_eq!(BitString::from_hex("f8:9"), None);
    assert_eq!(BitString::from_hex("f8f"), None);
    assert_eq!(BitString::from_hex("+1"), None);
}

#[test]
fn characters() {
    let text: Ascii<4> = Ascii(*b"1900");
    assert_eq!(text.to_string(), "1900");
    assert_eq!(serde_json::to_string(&text).unwrap(), "\"1900\"");
    let odd: Ascii<2> = Ascii([0xff, b'a']);
    assert_eq!(odd.to_string(), "\\xffa");
    let json = serde_json::to_string(&odd).unwrap();
    assert_eq!(json, "{\"hex\":\"ff61\"}");
    assert_eq!(serde_json::from_str::<Ascii<2>>(&json).unwrap(), odd);
    assert!(serde_json::from_str::<Ascii<3>>(&json).is_err());
}
