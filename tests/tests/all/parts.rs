//! Parts of the standard in the schema language: names of their own, modules of their own, bytes of the first part opened by them.

use mpegg_schema::export::expression;
use mpegg_schema::ir::{Field, RowKind, Schema, What};
use mpegg_schema::{Source, compile};

mod generated {
    //! Two parts, each with a header; the second one uses codes and a function of the first.

    mpegg_derive::tables! {
        enum colour : u(2) { 0 = red, 1 = green, 2.. reserved }

        fn shade(colour) = colour == green ? 3 : 5

        const width = 4

        foreign header "PART 2"

        #[clause = "1"]
        struct header {
            colour      u(2) as colour
            shade       u(shade(colour))
            header()    bytes(..)
        }

        part second "PART 2"

        const width = 7

        enum size : u(1) { 0 = red }

        struct header {
            colour      u(2) as colour
            shade       u(shade(colour))
            size        u(1) as size
            number      u(width)
        }
    }
}

#[test]
fn each_part_is_a_module() {
    use generated::{Colour, Header, descriptions, second};
    let inside = second::Header { colour: Colour::Green, shade: 5, size: second::Size::Red, number: 100 };
    // 01 101 0 1100100, padded.
    let bytes = inside.to_bytes().unwrap();
    assert_eq!(bytes, [0b0110_1011, 0b0010_0000]);
    assert_eq!(second::Header::from_bytes(&bytes).unwrap(), inside);
    let outside = Header { colour: Colour::Red, shade: 9, header: bytes };
    assert_eq!(Header::from_bytes(&outside.to_bytes().unwrap()).unwrap(), outside);
    // The description of the bytes names the structure of the other part, and that of a field the codes of the first.
    let fields = |table: &'static mpegg_runtime::table::Table| {
        table.rows.iter().filter_map(|row| if let mpegg_runtime::table::Row::Field(field) = row { Some(field) } else { None })
    };
    let opened = fields(&descriptions::HEADER).find(|field| field.name == "header").unwrap().opened;
    assert!(std::ptr::eq(opened.unwrap(), &second::descriptions::HEADER));
    let codes = fields(&second::descriptions::HEADER).find(|field| field.name == "colour").unwrap().codes;
    assert!(std::ptr::eq(codes.unwrap(), &descriptions::CODES_COLOUR));
    // Without a clause of its own a table says which part has it.
    assert_eq!((descriptions::HEADER.clause, second::descriptions::HEADER.clause), ("1", "PART 2"));
    let error = second::Header::from_bytes(&[]).unwrap_err();
    assert_eq!(error.clause(), Some("PART 2"));
}

fn compiled(files: &[&str]) -> Result<Schema, Vec<&'static str>> {
    let sources: Vec<Source> = files.iter().zip(0..).map(|(text, number)| Source { name: format!("{number}.mgs"), text: (*text).to_owned() }).collect();
    compile(&sources).map_err(|found| found.into_iter().map(|found| found.code).collect())
}

const FIRST: &str = "
const wide = 9
enum kind : u(3) { 1 = small, 2 = large }
fn bits(kind) = kind == large ? wide : 1
#[clause = \"1\"] struct thing { x u(wide) }
#[clause = \"1\"] struct other { x u(8) }
";

#[test]
fn a_part_sees_its_own_names_first() {
    let second = "part second \"PART 2\"
        const wide = 11
        enum kind : u(3) { 5 = large }
        struct thing { x u(wide) }
        struct holder { thing thing other other k u(3) as kind if (k == large) { y u(wide) } z u(bits(2)) }";
    let schema = compiled(&[FIRST, second]).unwrap();
    let size = |part: usize, name: &str| schema.tables.iter().find(|table| table.part == part && table.name == name).unwrap().fixed_bits;
    assert_eq!((size(0, "thing"), size(1, "thing")), (Some(9), Some(11)));
    let holder = schema.tables.iter().find(|table| table.name == "holder").unwrap();
    // The function means the code and the constant of its own part: 2 and 9.
    let widths = holder.rows.iter().filter_map(|row| match &row.kind {
        RowKind::Field(Field { what: What::Unsigned(width), .. }) => Some(expression(&schema, holder, width)),
        _ => None,
    });
    assert_eq!(widths.collect::<Vec<_>>(), ["3", "(2 == 2) ? 9 : 1"]);
    let codes = holder.slots.iter().find_map(|slot| slot.codes).unwrap();
    assert_eq!(schema.enums[codes].part, 1);
    // The first of two is that of the first part.
    assert_eq!(schema.table("thing").unwrap().part, 0);
}

#[test]
fn the_first_part_does_not_see_the_others() {
    let second = "part second \"PART 2\"\nstruct hidden { x u(8) }\nconst secret = 3";
    let wrong = [
        ("#[clause = \"1\"] struct user { hidden hidden }", "MG012"),
        ("#[clause = \"1\"] struct user { x u(secret) }", "MG011"),
        // Nor does a third part see the second one.
        ("part third \"PART 3\"\nstruct user { hidden hidden }", "MG012"),
    ];
    for (text, code) in wrong {
        assert_eq!(compiled(&[FIRST, second, text]).unwrap_err(), [code], "{text}");
    }
    // A file begins in the first part, whatever the one before it ends in; a part goes on in another file.
    assert!(compiled(&[second, FIRST]).is_ok());
    assert!(compiled(&[FIRST, second, "part second \"PART 2\"\nstruct user { hidden hidden }"]).is_ok());
    assert_eq!(compiled(&[second, "part second \"PART 2\"\nstruct hidden { y u(8) }"]).unwrap_err(), ["MG010"]);
}

#[test]
fn bytes_are_opened_by_structures_only() {
    let opened = |foreign: &str, table: &str| {
        let schema = compiled(&[foreign, &format!("part second \"PART 2\"\n{table}")]).unwrap();
        schema.foreign.iter().map(|foreign| foreign.table).collect::<Vec<_>>()
    };
    assert_eq!(opened("foreign thing \"PART 2\"", "struct thing { x u(8) }"), [Some(0)]);
    assert_eq!(opened("foreign thing \"PART 2\"", "struct another { x u(8) }"), [None]);
    assert_eq!(opened("foreign thing \"PART 3\"", "struct thing { x u(8) }"), [None]);
    assert_eq!(opened("foreign thing \"PART 2\"", "box thing \"thng\" { x u(8) }"), [None]);
}
