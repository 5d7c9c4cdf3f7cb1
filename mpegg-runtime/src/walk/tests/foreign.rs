use super::*;
use crate::table::{Param, ParamKind, Until};

/// A list of pairs, of which the scope says how many bits the second one has; aligned.
static INNER: Table = Table {
    params: &[Param { name: "width", kind: ParamKind::Number(0, 64) }],
    ..table(
        None,
        "inner",
        &[kept("n"), kept("x"), kept("reserved"), kept("i")],
        &[
            field(0, "n", 0, u(4)),
            Row::For {
                line: 1,
                var: 3,
                from: Expr::Int(0),
                until: Until::Below(Expr::Slot(0)),
                name: None,
                min_bits: 0,
                body: &[element(2, "x", &[Expr::Slot(3)], 1, What::Unsigned(Expr::Param(0)))],
            },
            field(3, "reserved", 2, u(2)),
            Row::Align { line: 4 },
        ],
    )
};

/// A byte, then bytes that may be the list, from the fifth bit of a byte on.
static HOLDER: Table = table(
    Some(*b"hold"),
    "holder",
    &[kept("first"), kept("inner")],
    &[
        field(0, "first", 0, u(4)),
        Row::Field(Field { line: 1, name: "inner", subs: &[], slot: 1, what: What::Bytes(None), codes: None, counts: None, opened: Some(&INNER) }),
    ],
);

struct Width(i128);

impl Scope for Width {
    fn one(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs one")
    }

    fn many(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs many")
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs groups")
    }

    fn number(&self, _: &str) -> Option<i128> {
        Some(self.0)
    }
}

fn opened(value: &[(u64, u64)], limits: &Limits) -> (Result<Record>, Recorder) {
    let recorder = Recorder { opens: true, ..Recorder::default() };
    read_by(recorder, &HOLDER, &boxed(*b"hold", value), &Width(7), limits)
}

#[test]
fn what_fits_is_told_as_a_structure() {
    let value = [(9, 4), (2, 4), (100, 7), (3, 7), (0, 2), (0, 4)];
    let (record, seen) = opened(&value, &Limits::default());
    assert_eq!(record.unwrap().number("first"), Some(9));
    let expected =
        ["hold #0 {", "first 4 9", "inner[] {", "n 4 2", "x[0] 7 100", "x[1] 7 3", "reserved 2 0", "nesting_zero_bit 4 0", "}", "nesting_zero_bit 4 0", "}"];
    assert_eq!((seen.lines.as_slice(), seen.findings.as_slice()), (expected.map(str::to_owned).as_slice(), &[][..]));
    // Who does not ask for it sees the bytes, and so does JSON.
    let bytes = boxed(*b"hold", &value);
    let (_, seen) = read(&HOLDER, &bytes, &Width(7));
    assert_eq!(seen.lines, ["hold #0 {", "first 4 9", "inner 24 2c80c0", "nesting_zero_bit 4 0", "}"]);
    assert_eq!(there_and_back(&HOLDER, &bytes, &Width(7)).to_string(), r#"{"first":9,"inner":"2c80c0"}"#);
}

#[test]
fn what_does_not_fit_is_bytes() {
    let wrong: [&[(u64, u64)]; 5] = [
        &[(9, 4), (2, 4), (100, 7), (0, 1)],                  // too short
        &[(9, 4), (1, 4), (100, 7), (0, 2), (0, 3), (0, 8)],  // a byte too long
        &[(9, 4), (2, 4), (100, 7), (3, 7), (1, 2), (0, 4)],  // reserved bits in use
        &[(9, 4), (2, 4), (100, 7), (3, 7), (0, 2), (1, 4)],  // padding in use
        &[(9, 4), (15, 4), (100, 7), (3, 7), (0, 2), (0, 4)], // more elements than there are bits
    ];
    for value in wrong {
        let (record, seen) = opened(value, &Limits::default());
        assert_eq!(record.unwrap().number("first"), Some(9), "{value:?}");
        assert_eq!(seen.findings.first(), Some(&FindingKind::Opaque), "{value:?}");
        assert!(seen.lines[2].starts_with("inner "), "{value:?}: {:?}", seen.lines);
    }
}

#[test]
fn structures_inside_each_other_have_a_limit() {
    let value = [(9, 4), (0, 4), (0, 2), (0, 2)];
    let (record, seen) = opened(&value, &Limits { depth: 1, ..Limits::default() });
    assert!(record.is_ok());
    assert!(seen.lines.contains(&"inner[] {".to_owned()));
    let (record, seen) = opened(&value, &Limits { depth: 0, ..Limits::default() });
    assert!(record.is_ok());
    assert!(seen.lines.contains(&"inner 8 00".to_owned()), "{:?}", seen.lines);
}

#[test]
fn reading_as_a_whole_takes_every_bit() {
    let bytes = [0x10, 0x80, 0x00];
    let source = Bytes(&bytes);
    let whole = |bits| read_whole(&mut Cursor::range(&source, 0, bits), &INNER, &Width(7), &Limits::default());
    assert_eq!(whole(16).unwrap().number("n"), Some(1));
    let error = whole(24).unwrap_err();
    assert_eq!((error.position(), error.message().as_str()), (Some(16), "8 bits behind the last row"));
    assert_eq!(whole(15).unwrap_err().position(), Some(13));
}

/// A scope that knows no numbers.
struct Unknown;

impl Scope for Unknown {
    fn one(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs one")
    }

    fn many(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs many")
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        panic!("nobody needs groups")
    }

    fn number(&self, _: &str) -> Option<i128> {
        None
    }
}

#[test]
fn numbers_that_nothing_tells_are_tried() {
    // One element of 5 bits: with fewer, the reserved bits are in use or bits are left over.
    let bytes = [0x1F, 0x80, 0x00];
    let source = Bytes(&bytes);
    let guessed = |bits| read_guessing(&|| Cursor::range(&source, 0, bits), &INNER, &Unknown, &Limits::default());
    let (record, scope) = guessed(16).unwrap();
    assert_eq!((record.number("n"), scope.number("width"), scope.number("other")), (Some(1), Some(5), None));
    // Nothing fits; the error is that of the first try.
    let error = guessed(24).err().unwrap();
    assert_eq!(error.message(), "reserved is 3, not 0");
}
