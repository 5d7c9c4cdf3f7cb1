//! Containers in parts; boxes and structures that no row embeds.

use super::inside::{CHILD, OTHER, POINT};
use super::*;

static HOLDER: Table = Table {
    kind: Kind::Container,
    ..table(
        Some(*b"hold"),
        "holder",
        &[kept("flag"), kept("size")],
        &[
            field(0, "flag", 0, u(8)),
            Row::If {
                line: 1,
                cond: Expr::Slot(0),
                then: &[Row::Child { line: 2, name: "other", table: &OTHER, many: true, optional: false }],
                otherwise: &[],
            },
            Row::Child { line: 3, name: "child", table: &CHILD, many: false, optional: true },
            field(4, "size", 1, u(4)),
            field(5, "block", 99, What::Bytes(Some(Expr::Slot(1)))),
        ],
    )
};

#[test]
fn containers_in_parts() {
    let other = boxed(*b"othr", &[(1, 8), (2, 8)]);
    let mut value = vec![1];
    value.extend(&other);
    value.extend(&other);
    value.extend([0x2a, 0xbc, 0xd0]);
    let mut bytes = b"hold".to_vec();
    bytes.extend((value.len() as u64 + 12).to_be_bytes());
    bytes.extend(&value);
    bytes.extend([0xff; 4]);
    let source = Bytes(&bytes);
    let limits = Limits::default();
    let mut cursor = Cursor::new(&source);
    let mut builder = JsonBuilder::default();
    let mut holder = Container::new(&HOLDER, &NoScope, 0, value.len() as u64 + 12);
    holder.before(&mut cursor, &mut builder, &limits).unwrap();
    assert_eq!(cursor.position(), 13 * 8);
    let names: Vec<_> = holder.children().unwrap().iter().map(|child| child.name).collect();
    assert_eq!(names, ["other", "child"]);
    for ordinal in 0..2 {
        let place = Place { name: "other", ordinal, ..Place::default() };
        walk_box_at(&mut cursor, &OTHER, &NoScope, &mut Quiet, &limits, place).unwrap();
    }
    holder.behind(&mut cursor, &mut builder, &limits).unwrap();
    assert_eq!(cursor.position(), (value.len() as u64 + 12) * 8);
    assert_eq!(holder.record().number("size"), Some(2));
    let json = builder.finish().unwrap();
    assert_eq!(json.to_string(), r#"{"flag":1,"size":2,"block":"abcd"}"#);

    let mut writer = BitWriter::new();
    let mark = writer.begin_box(*b"hold");
    let mut composer = ContainerComposer::new(&HOLDER, &json, &NoScope, 0);
    composer.before(&mut writer, &limits).unwrap();
    writer.bytes(&other);
    writer.bytes(&other);
    composer.behind(&mut writer, &limits).unwrap();
    writer.end_box(mark).unwrap();
    assert_eq!(writer.into_bytes(), &bytes[..bytes.len() - 4]);
}

#[test]
fn boxes_and_structures_on_their_own() {
    let mut bytes = boxed(*b"what", &[(0xab, 8)]);
    bytes.extend(b"offsothr\0\0\0\0\0\0\0\x09");
    let source = Bytes(&bytes);
    let limits = Limits::default();
    let mut cursor = Cursor::new(&source);
    let mut recorder = Recorder::default();
    let found = walk_opaque_box(&mut cursor, &mut recorder, &limits, Place::default()).unwrap();
    assert_eq!(found, (*b"what", 13));
    let found = walk_offs(&mut cursor, &mut recorder, &limits, Place::default()).unwrap();
    assert_eq!(found, (*b"othr", 9));
    assert_eq!(recorder.lines, ["what #0 {", "Value 8 ab", "}", "offs #0 {", "SubKey 32 \"othr\"", "Offset 64 9", "}"]);
    cursor.seek(3).unwrap();
    let mut builder = JsonBuilder::default();
    let scope = Width;
    let record = walk_struct(&mut cursor, &POINT, &scope, &mut builder, &limits).unwrap();
    assert_eq!((record.number("x"), cursor.position()), (Some(0b1_0111_0110), 3 + 16));
    let json = builder.finish().unwrap();
    let mut writer = BitWriter::new();
    compose_struct(&POINT, &json, &scope, &limits, &mut writer).unwrap();
    let kept = read_bits(&source, 3, 16).unwrap();
    assert_eq!(writer.into_bytes(), kept.bytes());
}

struct Width;

impl Scope for Width {
    fn one(&self, table: &'static Table) -> Result<Value> {
        NoScope.one(table)
    }

    fn many(&self, table: &'static Table) -> Result<Value> {
        NoScope.many(table)
    }

    fn grouped(&self, table: &'static Table) -> Result<Value> {
        NoScope.grouped(table)
    }

    fn number(&self, _: &str) -> Option<i128> {
        Some(9)
    }
}
