//! Arrays of which the subscripts say where each element goes.

use super::*;
use crate::table::Until;

const I: Expr = Expr::Slot(3);
const J: Expr = Expr::Slot(4);

/// `tflag[0]` and `thres[0]` stand before the loop over the others; in each group the same once more.
static COLUMNS: Table = table(
    Some(*b"cols"),
    "columns",
    &[kept("n"), kept("tflag"), kept("thres"), kept("i"), kept("j"), kept("flag"), kept("value")],
    &[
        field(0, "n", 0, u(4)),
        element(1, "tflag", &[Expr::Int(0)], 1, What::Fixed { bits: 1, value: 1 }),
        element(2, "thres", &[Expr::Int(0)], 2, u(7)),
        Row::For {
            line: 3,
            var: 3,
            from: Expr::Int(1),
            until: Until::Below(Expr::Slot(0)),
            name: None,
            min_bits: 1,
            body: &[
                element(4, "tflag", &[I], 1, u(1)),
                Row::If { line: 5, cond: Expr::Index(&Expr::Slot(1), &I), then: &[element(6, "thres", &[I], 2, u(7))], otherwise: &[] },
            ],
        },
        Row::For {
            line: 7,
            var: 3,
            from: Expr::Int(0),
            until: Until::Below(Expr::Int(2)),
            name: Some("groups"),
            min_bits: 2,
            body: &[
                element(8, "flag", &[I, Expr::Int(0)], 5, u(1)),
                Row::For {
                    line: 9,
                    var: 4,
                    from: Expr::Int(1),
                    until: Until::Below(Expr::Slot(0)),
                    name: None,
                    min_bits: 3,
                    body: &[
                        element(10, "flag", &[I, J], 5, u(1)),
                        element(11, "value", &[I, J], 6, What::Table { table: &PAIR, args: &[], or_offs: false, deferred: None }),
                    ],
                },
            ],
        },
    ],
);

static PAIR: Table = table(None, "pair", &[], &[field(0, "a", 99, u(1)), field(1, "b", 99, u(1))]);

#[test]
fn columns() {
    let bits = [(3, 4), (1, 1), (100, 7), (0, 1), (1, 1), (33, 7), (1, 1), (0b001, 3), (0b110, 3), (0, 1), (0, 6)];
    let bytes = boxed(*b"cols", &bits);
    let (record, _) = read(&COLUMNS, &bytes, &NoScope);
    let record = record.unwrap();
    assert_eq!(record.get("thres").unwrap().elements().len(), 3);
    let json = there_and_back(&COLUMNS, &bytes, &NoScope);
    let expected = concat!(
        r#"{"n":3,"tflag":[1,0,1],"thres":[100,null,33],"groups":["#,
        r#"{"flag":[1,0,1],"value":[null,{"a":0,"b":1},{"a":1,"b":0}]},"#,
        r#"{"flag":[0,0,0],"value":[null,{"a":0,"b":0},{"a":0,"b":0}]}]}"#,
    );
    assert_eq!(json.to_string(), expected);
    // the fixed bit is as it should be where it is left out
    let mut shorter = json.clone();
    shorter["tflag"][0] = Json::Null;
    let mut writer = BitWriter::new();
    compose_box(&COLUMNS, &shorter, &NoScope, &Limits::default(), &mut writer).unwrap();
    assert_eq!(writer.into_bytes(), bytes);
    let mut wrong = json;
    wrong["thres"][2] = Json::Null;
    let error = compose_box(&COLUMNS, &wrong, &NoScope, &Limits::default(), &mut BitWriter::new()).unwrap_err();
    assert_eq!(error.path(), "thres[2]");
}
