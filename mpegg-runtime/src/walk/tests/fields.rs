use super::*;
use crate::ErrorKind;
use crate::table::Codes;

static CODES: Codes = Codes { name: "colour", number: None, clause: "1", codes: &[(0, 0, Some("red")), (1, 1, Some("blue")), (2, 7, None)] };

static FIELDS: Table = table(
    Some(*b"flds"),
    "fields",
    &[kept("width"), kept("x"), kept("tag"), kept("name"), kept("sum"), kept("sig"), kept("data"), kept("rest")],
    &[
        Row::Field(Field { line: 0, name: "width", subs: &[], slot: 0, what: u(3), codes: Some(&CODES), counts: None, opened: None }),
        field(1, "reserved", 99, What::Fixed { bits: 2, value: 1 }),
        field(2, "x", 1, What::Unsigned(Expr::Slot(0))),
        field(3, "tag", 2, What::Ascii(4)),
        field(4, "name", 3, What::Text(20)),
        field(5, "reserved", 99, u(2)),
        field(6, "sum", 4, What::Bits(Expr::Int(70))),
        field(7, "sig", 5, What::Letters { bits: Expr::Int(9), alphabet: Expr::Int(0) }),
        field(8, "data", 6, What::Bytes(Some(Expr::Slot(0)))),
        Row::Align { line: 9 },
        field(10, "big", 99, u(64)),
        field(11, "rest", 7, What::Bytes(None)),
    ],
);

fn sample(tag: [u8; 4], fixed: u64, letters: u64, align: bool, extra: u64) -> Vec<u8> {
    let mut writer = BitWriter::new();
    let mark = writer.begin_box(*b"flds");
    writer.unsigned(4, 3).unwrap();
    writer.unsigned(fixed, 2).unwrap();
    writer.unsigned(9, 4).unwrap();
    writer.bytes(&tag);
    writer.text("n\u{e4}me", 20).unwrap();
    writer.unsigned(2, 2).unwrap();
    writer.unsigned(u64::MAX, 64).unwrap();
    writer.unsigned(5, 6).unwrap();
    writer.unsigned(letters, 9).unwrap();
    writer.bytes(&[1, 2, 3, 4]);
    let bits = writer.position() % 8;
    writer.unsigned(u64::from(align), (8 - bits) % 8).unwrap();
    writer.unsigned(extra, 64).unwrap();
    writer.bytes(b"rest");
    writer.end_box(mark).unwrap();
    writer.into_bytes()
}

#[test]
fn every_kind_of_field() {
    let bytes = sample(*b"1900", 1, 0o012, false, 1 << 53);
    let (record, seen) = read(&FIELDS, &bytes, &NoScope);
    let record = record.unwrap();
    let expected = [
        "flds #0 {",
        "width 3 4",
        "reserved 2 1",
        "x 4 9",
        "tag 32 \"1900\"",
        "name 48 \"n\u{e4}me\"",
        "reserved 2 2",
        "sum 70 ffffffffffffffff14:70",
        "sig 9 ACG",
        "data 32 01020304",
        "nesting_zero_bit 6 0",
        "big 64 9007199254740992",
        "rest 32 72657374",
        "}",
    ];
    assert_eq!(seen.lines, expected);
    assert_eq!(seen.findings, []);
    assert_eq!(record.number("x"), Some(9));
    assert_eq!(record.get("tag").and_then(Value::text), Some("1900"));
    assert_eq!(record.get("name").and_then(Value::text), Some("n\u{e4}me"));
    assert_eq!(record.get("data").and_then(Value::text), Some("01020304"));
    let json = there_and_back(&FIELDS, &bytes, &NoScope);
    let expected = r#"{"width":4,"x":9,"tag":"1900","name":"näme","reserved_2":2,"sum":"ffffffffffffffff14:70","sig":"ACG","data":"01020304","big":9007199254740992,"rest":"72657374"}"#;
    assert_eq!(json.to_string(), expected);
}

#[test]
fn odd_values_survive() {
    let bytes = sample(*b"\xff900", 3, 0o777, true, u64::MAX);
    let (record, seen) = read(&FIELDS, &bytes, &NoScope);
    record.unwrap();
    assert_eq!(seen.findings, [FindingKind::FixedPattern, FindingKind::Padding]);
    let json = there_and_back(&FIELDS, &bytes, &NoScope);
    assert_eq!(json["reserved_1"], 3);
    assert_eq!(json["tag"]["hex"], "ff393030");
    assert_eq!(json["sig"]["hex"], "ff80:9");
    assert_eq!(json["nesting_zero_bit"], 1);
    assert_eq!(json["big"], u64::MAX.to_string());
}

#[test]
fn symbols() {
    struct Symbols(Vec<Option<&'static str>>);
    impl Visitor for Symbols {
        fn field(&mut self, event: &FieldEvent<'_>) {
            if event.name == "width" {
                self.0.push(event.symbol());
                assert_eq!(event.line(), Some(0));
            }
        }
    }
    let bytes = sample(*b"1900", 1, 0, false, 0);
    let source = Bytes(&bytes);
    let mut symbols = Symbols(Vec::new());
    walk_box(&mut Cursor::new(&source), &FIELDS, &NoScope, &mut symbols, &Limits::default()).unwrap();
    assert_eq!(symbols.0, [Some("reserved")]);
}

#[test]
fn texts_have_limits() {
    let bytes = sample(*b"1900", 1, 0, false, 0);
    let source = Bytes(&bytes);
    let limits = Limits { text: 4, ..Limits::default() };
    let error = walk_box(&mut Cursor::new(&source), &FIELDS, &NoScope, &mut Quiet, &limits).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Limit, "name"));
    static SHORT: Table = table(Some(*b"shrt"), "short", &[], &[field(0, "name", 0, What::Text(2))]);
    let bytes = boxed(*b"shrt", &[(0x6162_6300, 32)]);
    let (result, _) = read(&SHORT, &bytes, &NoScope);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Malformed);
}

#[test]
fn json_that_does_not_fit() {
    let bytes = sample(*b"1900", 1, 0, false, 0);
    let good = there_and_back(&FIELDS, &bytes, &NoScope);
    let cases = [
        ("x", Json::from(16), "16 does not fit in 4 bits"),
        ("x", Json::from(-1), "a number from 0 to 2^64 - 1 is expected"),
        ("x", Json::from("+5"), "a number from 0 to 2^64 - 1 is expected"),
        ("tag", Json::from("abc"), "3 characters, not 4"),
        ("name", Json::from(7), "a text is expected"),
        ("sum", Json::from("00"), "8 bits where there should be 70"),
        ("sig", Json::from("ACX"), "`ACX` is not in the letters of alphabet 0"),
        ("data", Json::from("0102030"), "a string of hexadecimal digits is expected"),
        ("more", Json::from(1), "no row needs the member `more` here"),
        ("nesting_zero_bit", Json::from(64), "64 does not fit in 6 bits"),
    ];
    for (member, value, message) in cases {
        let mut json = good.clone();
        json[member] = value;
        let error = compose_box(&FIELDS, &json, &NoScope, &Limits::default(), &mut BitWriter::new()).unwrap_err();
        assert_eq!(error.message(), message, "{member}");
        assert_eq!(error.clause(), Some("1.2"));
    }
    let mut json = good.clone();
    json.as_object_mut().unwrap().remove("name");
    let error = compose_box(&FIELDS, &json, &NoScope, &Limits::default(), &mut BitWriter::new()).unwrap_err();
    assert_eq!((error.message().as_str(), error.path().as_str()), ("the member is missing", "name"));
}
