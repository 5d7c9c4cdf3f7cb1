use super::*;
use crate::ErrorKind;
use crate::source::Counting;

/// The same bits through a cursor that reads ahead, and through one that has all in memory.
#[test]
fn cursors_read_alike() {
    let bytes: Vec<u8> = (0..200_000u64).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 11) as u8).collect();
    let (whole, part) = (Bytes(&bytes), Counting::new(Bytes(&bytes)));
    let (mut a, mut b) = (Cursor::new(&whole), Cursor::new(&part));
    let mut n = 0;
    loop {
        n = (n * 7 + 3) % 65;
        let (left, right) = (a.unsigned(n), b.unsigned(n));
        assert_eq!(a.position(), b.position());
        match (left, right) {
            (Ok(left), Ok(right)) => assert_eq!(left, right),
            (Err(left), Err(right)) => {
                assert_eq!(left.to_string(), right.to_string());
                break;
            }
            _ => panic!("one of them failed"),
        }
        if n == 40 {
            a.skip(1000).and(b.skip(1000)).unwrap_or(());
        }
    }
    assert!(part.reads() < 20, "{} reads", part.reads());
    assert!(part.bytes() < 201_000, "{} bytes", part.bytes());
}

#[test]
fn what_is_skipped_is_not_read() {
    static SKIP: Table = table(
        Some(*b"skip"),
        "skip",
        &[Slot { name: "n", kept: true }, Slot { name: "data", kept: false }],
        &[field(0, "n", 0, u(32)), field(1, "data", 1, What::Bytes(Some(Expr::Slot(0)))), field(2, "end", 99, u(8))],
    );
    let mut writer = BitWriter::new();
    let mark = writer.begin_box(*b"skip");
    writer.unsigned(1 << 20, 32).unwrap();
    writer.bytes(&vec![7; 1 << 20]);
    writer.unsigned(9, 8).unwrap();
    writer.end_box(mark).unwrap();
    let source = Counting::new(Bytes(writer.into_bytes()));
    let mut cursor = Cursor::new(&source);
    walk_box(&mut cursor, &SKIP, &NoScope, &mut Quiet, &Limits::default()).unwrap();
    assert!(source.bytes() <= 1024, "{} bytes", source.bytes());
    let builder = JsonBuilder::new(1000);
    let mut builder = builder;
    cursor.seek(0).unwrap();
    walk_box(&mut cursor, &SKIP, &NoScope, &mut builder, &Limits::default()).unwrap();
    let error = builder.finish().unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Limit, "data"));
}

#[test]
fn texts_through_a_cursor() {
    let text = "x".repeat(3000) + "\0y\0";
    for offset in 0..9 {
        let mut writer = BitWriter::new();
        writer.unsigned(0, offset).unwrap();
        writer.bytes(text.as_bytes());
        let bytes = writer.into_bytes();
        let source = Counting::new(Bytes(&bytes));
        let mut cursor = Cursor::range(&source, offset, u64::MAX);
        assert_eq!(cursor.text(2999).unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(cursor.text(3000).unwrap().len(), 3000);
        assert_eq!(cursor.text(3000).unwrap(), "y");
        assert!(matches!(cursor.text(3000).unwrap_err().kind(), ErrorKind::Truncated { .. }));
        assert_eq!(read_bits(&source, offset, 16).unwrap().bytes(), b"xx");
    }
    let source = Bytes(b"ab");
    assert!(matches!(read_bits(&source, 9, 8).unwrap_err().kind(), ErrorKind::Truncated { missing_bits: 1 }));
    assert!(read_bits(&source, u64::MAX, u64::MAX).is_err());
    let mut cursor = Cursor::new(&source);
    assert!(cursor.seek(17).is_err());
    assert_eq!(cursor.source().len(), 2);
}

#[test]
fn a_box_that_is_cut_shows_what_is_there() {
    static TWO: Table = table(Some(*b"two "), "two", &[], &[field(0, "a", 99, u(8)), field(1, "b", 99, u(32))]);
    let bytes = boxed(*b"two ", &[(1, 8), (2, 32)]);
    let (result, seen) = read(&TWO, &bytes[..15], &NoScope);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated { missing_bits: 16 });
    assert_eq!((error.position(), error.path().as_str()), (Some(32), "Length"));
    assert_eq!(seen.lines, ["two  #0 {", "a 8 1", "}"]);
    for cut in 0..12 {
        assert!(matches!(read(&TWO, &bytes[..cut], &NoScope).0.unwrap_err().kind(), ErrorKind::Truncated { .. }));
    }
    let mut long = boxed(*b"two ", &[(1, 8), (2, 32), (3, 16)]);
    let (result, seen) = read(&TWO, &long, &NoScope);
    result.unwrap();
    assert_eq!(seen.findings, [FindingKind::Gap]);
    assert!(seen.lines.contains(&"gap 16 0003".to_owned()));
    there_and_back(&TWO, &long, &NoScope);
    long[0] = b'T';
    let error = read(&TWO, &long, &NoScope).0.unwrap_err();
    assert_eq!(error.to_string(), "malformed: the box `Two ` where `two ` is expected at bit 0 (byte 0)");
}

#[test]
fn padding_at_the_end_of_a_box_is_kept() {
    static ODD: Table = table(Some(*b"odd "), "odd", &[], &[field(0, "a", 99, u(3))]);
    let bytes = boxed(*b"odd ", &[(1, 3), (9, 5)]);
    let (_, seen) = read(&ODD, &bytes, &NoScope);
    assert_eq!(seen.findings, [FindingKind::Padding]);
    let json = there_and_back(&ODD, &bytes, &NoScope);
    assert_eq!(json.to_string(), r#"{"a":1,"nesting_zero_bit_end":9}"#);
    let json = serde_json::json!({"a": 1, "Length": 77});
    let mut writer = BitWriter::new();
    compose_box(&ODD, &json, &NoScope, &Limits::default(), &mut writer).unwrap();
    assert_eq!(writer.into_bytes(), b"odd \0\0\0\0\0\0\0\x4d\x20");
}
