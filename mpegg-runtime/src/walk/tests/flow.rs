use super::*;
use crate::ErrorKind;
use crate::table::{Binary, Rule, Until};

const I: Expr = Expr::Slot(9);
const J: Expr = Expr::Slot(8);

const fn index(i: i128) -> Expr {
    Expr::Int(i)
}

/// Thresholds that repeat the one before, an array of arrays, an array of objects, counts.
static FLOW: Table = table(
    Some(*b"flow"),
    "flow",
    &[kept("n"), kept("tflag"), kept("thres"), kept("m"), kept("a"), kept("size"), kept("x"), kept("twice"), kept("j"), kept("i")],
    &[
        count(0, "n", 0, 4, "tflag"),
        Row::For {
            line: 1,
            var: 9,
            from: Expr::Int(0),
            until: Until::Below(Expr::Slot(0)),
            name: None,
            min_bits: 1,
            body: &[element(2, "tflag", &[I], 1, u(1))],
        },
        Row::For {
            line: 3,
            var: 9,
            from: Expr::Int(0),
            until: Until::Below(Expr::Slot(0)),
            name: None,
            min_bits: 0,
            body: &[Row::If {
                line: 4,
                cond: Expr::Index(&Expr::Slot(1), &I),
                then: &[element(5, "thres", &[I], 2, u(7))],
                otherwise: &[Row::Element { line: 6, slot: 2, subs: &[I], value: Expr::Index(&Expr::Slot(2), &Expr::Binary(Binary::Subtract, &I, &index(1))) }],
            }],
        },
        count(7, "m", 3, 8, "groups"),
        Row::For {
            line: 8,
            var: 9,
            from: Expr::Int(0),
            until: Until::Below(Expr::Slot(3)),
            name: Some("groups"),
            min_bits: 11,
            body: &[
                element(9, "a", &[I], 4, u(3)),
                Row::Field(Field { line: 10, name: "size", subs: &[I], slot: 5, what: u(8), codes: None, counts: Some("x"), opened: None }),
                Row::For {
                    line: 11,
                    var: 8,
                    from: Expr::Int(0),
                    until: Until::Below(Expr::Index(&Expr::Slot(5), &I)),
                    name: None,
                    min_bits: 5,
                    body: &[element(12, "x", &[I, J], 6, u(5))],
                },
                Row::Align { line: 13 },
            ],
        },
        Row::Let { line: 14, slot: 7, value: Expr::Binary(Binary::Multiply, &Expr::Slot(3), &index(2)), min: 0, max: 9, on_length: false },
        Row::Require { line: 15, cond: Expr::Binary(Binary::Less, &Expr::Slot(0), &index(9)), text: "n < 9" },
        Row::Where(Rule {
            line: 16,
            name: "n",
            cond: Expr::Binary(Binary::Greater, &Expr::Slot(0), &index(2)),
            text: "n > 2",
            clause: "3.4",
            doc: "There are more than 2.",
            warning: false,
        }),
    ],
);

#[test]
fn loops_and_conditions() {
    let bits = [
        (3, 4),
        (0b101, 3),
        (100, 7),
        (33, 7), // tflag 1 0 1, thres
        (2, 8),
        (5, 3),
        (2, 8),
        (30, 5),
        (31, 5),
        (0, 6), // group 0, alignment
        (1, 3),
        (0, 8),
        (0, 5), // group 1, alignment
    ];
    let bytes = boxed(*b"flow", &bits);
    let (record, seen) = read(&FLOW, &bytes, &NoScope);
    let record = record.unwrap();
    let thresholds: Vec<_> = record.get("thres").unwrap().elements().iter().map(Value::number).collect();
    assert_eq!(thresholds, [Some(100), Some(100), Some(33)]);
    assert_eq!(record.number("twice"), Some(4));
    assert_eq!(seen.rules, [("n > 2", Some(true), None)]);
    assert!(seen.lines.contains(&"x[0][1] 5 31".to_owned()));
    let json = there_and_back(&FLOW, &bytes, &NoScope);
    let expected = r#"{"tflag":[1,0,1],"thres":[100,null,33],"groups":[{"a":5,"x":[30,31]},{"a":1,"x":[]}]}"#;
    assert_eq!(json.to_string(), expected);
}

#[test]
fn padding_in_a_round_is_kept() {
    let bytes = boxed(*b"flow", &[(0, 4), (1, 8), (1, 3), (0, 8), (1, 1)]);
    let json = there_and_back(&FLOW, &bytes, &NoScope);
    assert_eq!(json.to_string(), r#"{"tflag":[],"thres":[],"groups":[{"a":1,"x":[],"nesting_zero_bit":1}]}"#);
}

#[test]
fn what_cannot_be() {
    let case = |bits: &[(u64, u64)]| read(&FLOW, &boxed(*b"flow", bits), &NoScope).0.unwrap_err();
    let error = case(&[(1, 4), (0, 1), (0, 3)]);
    assert_eq!(error.kind(), ErrorKind::CrossReference, "{error}");
    let error = case(&[(0, 4), (200, 8)]);
    assert!(matches!(error.kind(), ErrorKind::Truncated { .. }));
    assert_eq!(error.path(), "groups");
    assert!(error.message().starts_with("200 elements as m says: "), "{error}");
    let many = [(0, 4), (5, 8), (0, 12), (0, 64)];
    let error = case(&many);
    assert_eq!((error.path().as_str(), error.message().as_str()), ("twice", "10 is not in 0..=9"));
    let flags: Vec<(u64, u64)> = [(9, 4), (0x1ff, 9)].into_iter().chain([(0, 7); 9]).chain([(0, 8)]).collect();
    assert_eq!(case(&flags).message(), "n is 9, but `n < 9` must hold");
}

#[test]
fn arrays_must_agree_with_counts() {
    let bytes = boxed(*b"flow", &[(2, 4), (0b11, 2), (1, 7), (2, 7), (0, 8)]);
    let mut json = there_and_back(&FLOW, &bytes, &NoScope);
    json["thres"] = Json::from(vec![1]);
    let error = compose_box(&FLOW, &json, &NoScope, &Limits::default(), &mut BitWriter::new()).unwrap_err();
    assert_eq!(error.message(), "1 elements where there should be 2");
    assert_eq!(error.path(), "thres");
}

/// Counts that only the Length tells, a condition on what is left, a loop that runs as long as there is something.
static LENGTH: Table = table(
    Some(*b"leng"),
    "length",
    &[kept("many"), kept("id"), kept("i"), kept("more"), kept("k"), kept("last")],
    &[
        field(0, "kind", 5, u(8)),
        Row::If {
            line: 1,
            cond: Expr::Binary(Binary::Equal, &Expr::Slot(5), &Expr::Int(1)),
            then: &[
                Row::Let {
                    line: 2,
                    slot: 0,
                    value: Expr::Binary(Binary::Divide, &Expr::Binary(Binary::Subtract, &Expr::Length, &Expr::Int(13)), &Expr::Int(2)),
                    min: 0,
                    max: 1 << 64,
                    on_length: true,
                },
                Row::For {
                    line: 3,
                    var: 2,
                    from: Expr::Int(0),
                    until: Until::Below(Expr::Slot(0)),
                    name: None,
                    min_bits: 16,
                    body: &[element(4, "id", &[Expr::Slot(2)], 1, u(16))],
                },
                Row::If { line: 5, cond: Expr::Binary(Binary::Greater, &Expr::Remaining, &Expr::Int(0)), then: &[field(6, "tail", 99, u(8))], otherwise: &[] },
            ],
            otherwise: &[Row::For {
                line: 7,
                var: 4,
                from: Expr::Int(1),
                until: Until::While(Expr::Binary(Binary::GreaterOrEqual, &Expr::Remaining, &Expr::Int(24))),
                name: None,
                min_bits: 24,
                body: &[element(8, "more", &[Expr::Slot(4)], 3, u(24))],
            }],
        },
    ],
);

#[test]
fn what_only_the_length_tells() {
    for (value, expected) in [
        (vec![(1, 8), (7, 16), (8, 16)], r#"{"kind":1,"id":[7,8]}"#),
        (vec![(1, 8), (7, 16), (8, 8)], r#"{"kind":1,"id":[7],"tail":8}"#),
        (vec![(1, 8)], r#"{"kind":1,"id":[]}"#),
        (vec![(2, 8), (5, 24), (6, 24)], r#"{"kind":2,"more":[5,6]}"#),
        (vec![(2, 8), (5, 24), (6, 16)], r#"{"kind":2,"more":[5],"gap":"0006"}"#),
    ] {
        let bytes = boxed(*b"leng", &value);
        let json = there_and_back(&LENGTH, &bytes, &NoScope);
        assert_eq!(json.to_string(), expected);
    }
    let bytes = boxed(*b"leng", &[(1, 8), (7, 16), (8, 16)]);
    let record = read(&LENGTH, &bytes, &NoScope).0.unwrap();
    assert_eq!(record.number("many"), Some(2));
}

#[test]
fn rounds_without_bits_are_limited() {
    static IDLE: Table = table(
        Some(*b"idle"),
        "idle",
        &[kept("n"), kept("i")],
        &[field(0, "n", 0, u(32)), Row::For { line: 1, var: 1, from: Expr::Int(0), until: Until::Below(Expr::Slot(0)), name: None, min_bits: 0, body: &[] }],
    );
    assert!(read(&IDLE, &boxed(*b"idle", &[(1 << 20, 32)]), &NoScope).0.is_ok());
    let error = read(&IDLE, &boxed(*b"idle", &[((1 << 20) + 1, 32)]), &NoScope).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    static FOREVER: Table = table(
        Some(*b"ever"),
        "forever",
        &[kept("i")],
        &[Row::For { line: 0, var: 0, from: Expr::Int(0), until: Until::While(Expr::Int(1)), name: None, min_bits: 1, body: &[] }],
    );
    assert_eq!(read(&FOREVER, &boxed(*b"ever", &[]), &NoScope).0.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn a_visitor_can_stop_the_walk() {
    struct Enough(usize);
    impl Visitor for Enough {
        fn enter_element(&mut self, _: u64) {
            self.0 += 1;
        }
        fn stop(&self) -> bool {
            self.0 >= 1
        }
    }
    let bytes = boxed(*b"leng", &[(1, 8), (7, 16), (8, 16)]);
    let source = Bytes(&bytes);
    let mut enough = Enough(0);
    let error = walk_box(&mut Cursor::new(&source), &LENGTH, &NoScope, &mut enough, &Limits::default()).unwrap_err();
    assert_eq!((error.kind(), enough.0), (ErrorKind::Io, 1));
}
