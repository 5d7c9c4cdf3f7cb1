use super::*;
use crate::ErrorKind;
use crate::table::{Binary, Param, ParamKind, Until};

pub(super) static OTHER: Table = table(Some(*b"othr"), "other", &[kept("id"), kept("width")], &[field(0, "id", 0, u(8)), field(1, "width", 1, u(8))]);

pub(super) static POINT: Table = Table {
    params: &[Param { name: "width", kind: ParamKind::Number(0, 64) }],
    ..table(None, "point", &[kept("x")], &[field(0, "x", 0, What::Unsigned(Expr::Param(0))), Row::Align { line: 1 }])
};

/// Its parameters come from elsewhere; in the first form a bit is reserved.
pub(super) static CHILD: Table = Table {
    params: &[Param { name: "other", kind: ParamKind::One(&OTHER) }, Param { name: "unused", kind: ParamKind::Number(0, 64) }],
    forms: &["printed", "short"],
    ..table(
        Some(*b"chld"),
        "child",
        &[kept("y")],
        &[
            Row::Form { form: 0, row: &field(0, "reserved_flag", 99, What::Fixed { bits: 8, value: 0 }) },
            field(1, "y", 0, What::Unsigned(Expr::Member(&Expr::Param(0), 1))),
        ],
    )
};

static OUTER: Table = Table {
    params: &[Param { name: "others", kind: ParamKind::Many(&OTHER) }, Param { name: "is_transport_mode", kind: ParamKind::Number(0, 64) }],
    ..table(
        Some(*b"outr"),
        "outer",
        &[kept("n"), kept("point"), kept("i"), kept("child"), kept("which"), kept("sum")],
        &[
            field(0, "n", 0, u(2)),
            Row::For {
                line: 1,
                var: 2,
                from: Expr::Int(0),
                until: Until::Below(Expr::Slot(0)),
                name: None,
                min_bits: 8,
                body: &[element(
                    2,
                    "point",
                    &[Expr::Slot(2)],
                    1,
                    What::Table { table: &POINT, args: &[Expr::Binary(Binary::Add, &Expr::Slot(0), &Expr::Slot(2))], or_offs: false, deferred: None },
                )],
            },
            field(3, "which", 4, u(3)),
            Row::If {
                line: 4,
                cond: Expr::Param(1),
                then: &[],
                otherwise: &[field(
                    5,
                    "child",
                    3,
                    What::Table {
                        table: &CHILD,
                        args: &[Expr::Index(&Expr::Param(0), &Expr::Find(&Expr::Member(&Expr::Param(0), 0), &Expr::Slot(4))), Expr::Param(7)],
                        or_offs: true,
                        deferred: Some(Expr::Binary(Binary::Greater, &Expr::Slot(4), &Expr::Int(0))),
                    },
                )],
            },
            Row::Let { line: 6, slot: 5, value: Expr::Default(&Expr::Member(&Expr::Slot(3), 0), &Expr::Int(-1)), min: -1, max: 1 << 64, on_length: false },
        ],
    )
};

struct Others;

impl Scope for Others {
    fn one(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs one")
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        let record = |id, width| {
            let slots = vec![Value::Int(id), Value::Int(width)];
            Value::from(Record { table, form: 0, slots })
        };
        Ok(Value::from(vec![record(5, 11), record(3, 16)]))
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs groups")
    }

    fn number(&self, name: &str) -> Option<i128> {
        (name == "is_transport_mode").then_some(0)
    }
}

/// A scope that knows the number but no structure.
struct Alone;

impl Scope for Alone {
    fn one(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn many(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn number(&self, name: &str) -> Option<i128> {
        Others.number(name)
    }
}

/// The outer box with two points, which has this in it behind 3 bits of a byte.
fn sample(which: u64, inside: &[u8]) -> Vec<u8> {
    let mut writer = BitWriter::new();
    let mark = writer.begin_box(*b"outr");
    for (value, width) in [(2, 2), (1, 2), (0, 4), (5, 3), (0, 5), (which, 3)] {
        writer.unsigned(value, width).unwrap();
    }
    writer.bytes(inside);
    writer.end_box(mark).unwrap();
    writer.into_bytes()
}

#[test]
fn structures_and_boxes_inside() {
    let bytes = sample(3, &boxed(*b"chld", &[(0, 8), (0xabcd, 16)]));
    let (record, seen) = read(&OUTER, &bytes, &Others);
    let record = record.unwrap();
    let expected = [
        "outr #0 {",
        "n 2 2",
        "point[0] {",
        "x 2 1",
        "nesting_zero_bit 4 0",
        "}",
        "point[1] {",
        "x 3 5",
        "nesting_zero_bit 5 0",
        "}",
        "which 3 3",
        "chld #0 {",
        "reserved_flag 8 0",
        "y 16 43981",
        "}",
        "nesting_zero_bit 5 0",
        "}",
    ];
    assert_eq!(seen.lines, expected);
    assert_eq!(record.number("sum"), Some(0xabcd));
    let json = there_and_back(&OUTER, &bytes, &Others);
    assert_eq!(json.to_string(), r#"{"n":2,"point":[{"x":1},{"x":5}],"which":3,"child":{"y":43981}}"#);
}

#[test]
fn the_form_that_fits_is_taken() {
    let bytes = sample(5, &boxed(*b"chld", &[(0x7ff, 11)]));
    let (record, seen) = read(&OUTER, &bytes, &Others);
    let record = record.unwrap();
    assert_eq!(seen.findings, [FindingKind::OtherForm]);
    assert_eq!(record.get("child").unwrap().record().unwrap().form, 1);
    let json = there_and_back(&OUTER, &bytes, &Others);
    assert_eq!(json["child"].to_string(), r#"{"form":"short","y":2047}"#);
    // the fixed bits tell, too
    let bytes = sample(3, &boxed(*b"chld", &[(0x1234, 16)]));
    assert_eq!(read(&OUTER, &bytes, &Others).0.unwrap().number("sum"), Some(0x1234));
    // none fits: the first that can be read
    let bytes = sample(3, &boxed(*b"chld", &[(1, 8), (0x1234, 16)]));
    let (record, seen) = read(&OUTER, &bytes, &Others);
    assert_eq!(record.unwrap().number("sum"), Some(0x1234));
    assert_eq!(seen.findings, [FindingKind::FixedPattern]);
    there_and_back(&OUTER, &bytes, &Others);
    // none can be read: the first
    let bytes = sample(3, &boxed(*b"chld", &[(0, 8)]));
    let error = read(&OUTER, &bytes, &Others).0.unwrap_err();
    assert_eq!((error.path().as_str(), error.table()), ("chld.y", Some("child")));
}

#[test]
fn deferred_boxes_are_kept_as_bits() {
    let inside = boxed(*b"chld", &[(0, 8), (0xabcd, 16)]);
    for (which, scope) in [(3, &Alone as &dyn Scope), (0, &Others), (1, &Others)] {
        let bytes = sample(which, &inside);
        let (record, seen) = read(&OUTER, &bytes, scope);
        assert_eq!(record.unwrap().number("sum"), Some(-1));
        assert!(seen.lines.contains(&"Value 24 00abcd".to_owned()), "{:?}", seen.lines);
        let json = there_and_back(&OUTER, &bytes, scope);
        assert_eq!(json["child"]["hex"], "00abcd");
    }
}

#[test]
fn boxes_that_nobody_wants_are_left_out() {
    /// Leaves out the child, and keeps where its Value stands.
    #[derive(Default)]
    struct Skipper(Vec<(u64, u64)>);
    impl Visitor for Skipper {
        fn skips(&self, head: &BoxHead) -> bool {
            head.key == *b"chld"
        }
        fn field(&mut self, event: &FieldEvent<'_>) {
            if event.name == "Value" {
                self.0.push((event.bit, event.bits));
            }
        }
    }
    let bytes = sample(3, &boxed(*b"chld", &[(0, 8), (0xabcd, 16)]));
    let source = Bytes(&bytes);
    let mut skipper = Skipper::default();
    let record = walk_box(&mut Cursor::new(&source), &OUTER, &Others, &mut skipper, &Limits::default()).unwrap();
    assert_eq!(record.number("sum"), Some(-1));
    assert_eq!(skipper.0, [(96 + 8 + 8 + 3 + 96, 24)]);
    // A wrong Length is still one.
    let mut inside = boxed(*b"chld", &[(0, 8)]);
    inside[11] = 99;
    let bytes = sample(3, &inside);
    let source = Bytes(&bytes);
    let error = walk_box(&mut Cursor::new(&source), &OUTER, &Others, &mut skipper, &Limits::default()).unwrap_err();
    assert_eq!(error.path(), "chld.Length");
}

#[test]
fn an_offset_in_the_place_of_a_box() {
    let bytes = sample(3, b"offschld\xff\xff\xff\xff\xff\xff\xff\xff");
    let (record, seen) = read(&OUTER, &bytes, &Others);
    assert_eq!(record.unwrap().number("sum"), Some(-1));
    assert!(seen.lines.contains(&"SubKey 32 \"chld\"".to_owned()));
    let json = there_and_back(&OUTER, &bytes, &Others);
    assert_eq!(json["child"].to_string(), r#"{"SubKey":"chld","Offset":"18446744073709551615"}"#);
}

#[test]
fn lengths_inside_do_not_lead_outside() {
    for (length, code) in [(11u64, "MPG002"), (99, "MPG001"), (u64::MAX, "MPG001")] {
        let mut bytes = boxed(*b"chld", &[(0, 8), (0xabcd, 16)]);
        bytes[4..12].copy_from_slice(&length.to_be_bytes());
        let error = read(&OUTER, &sample(3, &bytes), &Others).0.unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(error.path(), "chld.Length");
        assert_eq!(error.position(), Some(96 + 8 + 8 + 3 + 32));
    }
    let error = read(&OUTER, &sample(3, &boxed(*b"abcd", &[])), &Others).0.unwrap_err();
    assert_eq!(error.message(), "the box `abcd` where `chld` is expected");
    assert_eq!(error.path(), "chld");
}

#[test]
fn absent_parameters_are_missing_references() {
    let error = read(&OUTER, &sample(3, b""), &NoScope).0.unwrap_err();
    assert_eq!((error.kind(), error.message().as_str()), (ErrorKind::CrossReference, "is_transport_mode is absent"));
}

#[test]
fn depth_is_limited() {
    let bytes = sample(3, &boxed(*b"chld", &[(0, 8), (0xabcd, 16)]));
    let source = Bytes(&bytes);
    let limits = Limits { depth: 0, ..Limits::default() };
    let error = walk_box(&mut Cursor::new(&source), &OUTER, &Others, &mut Quiet, &limits).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Limit, "point[0]"));
}
