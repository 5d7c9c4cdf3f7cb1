//! What the compiler proves about sizes and values, against sizes counted by hand and values computed by brute force.

use mpegg_schema::ir::{Range, Row, RowKind, Schema};
use mpegg_schema::{Source, compile, render};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;

/// Items that the rows of the cases may use.
const ITEMS: &str = r#"
enum colour : u(2) { 0 = red, 1 = green, 2.. reserved }
foreign value "ISO/IEC 23092-3"
#[clause = "1"]
struct pair { first u(3) second u(5) }
#[clause = "1"]
box small "smal" { x u(8) }
#[clause = "1"]
struct sized (width: 4..=40) { x u(width) }
"#;

fn source(rows: &str) -> [Source; 1] {
    [Source { name: "case.mgs".to_owned(), text: format!("{ITEMS}#[clause = \"1\"]\nbox case \"case\" forms(a, b) {{\n{rows}\n}}\n") }]
}

fn compiled(rows: &str) -> Schema {
    let sources = source(rows);
    compile(&sources).unwrap_or_else(|found| panic!("{}", render::render(&found, &sources, false)))
}

#[test]
fn smallest_sizes() {
    let cases: &[(&str, u64, Option<u64>)] = &[
        ("", 0, Some(0)),
        ("a u(8)\nb u(24)\nc c(4)\nd f(3) = 5", 67, Some(67)),
        ("a u(64)\nb u(0)", 64, Some(64)),
        ("a u(2) as colour", 2, Some(2)),
        ("a u(256) as checksum", 256, Some(256)),
        ("a st(v)", 8, None),
        ("value() bytes(3)", 24, Some(24)),
        ("value() bytes(..)", 0, None),
        ("n u(8)\nvalue() bytes(n)", 8, None),
        // Choices: the smaller branch; exact only where both are equal.
        ("n u(1)\nif (n) { a u(7) }", 1, None),
        ("n u(1)\nif (n) { a u(7) } else { b u(9) }", 8, None),
        ("n u(1)\nif (n) { a u(7) } else { b u(3) c u(4) }", 8, Some(8)),
        ("n u(1)\na u(n ? 40 : 32)", 33, None),
        ("n u(1)\nlet width = n ? 40 : 32\na u(width)", 33, None),
        ("n u(2)\na u(n + 4)", 6, None),
        ("n u(5)\nrequire n >= 3\na u(n)", 8, None),
        ("n u(2)\nlet width = 8 << n\na u(width)", 10, None),
        // Loops: a round times the fewest rounds.
        ("for (i = 0; i < 4; i++) { a[i] u(6) }", 24, None),
        ("for (i = 0; i <= 4; i++) { a[i] u(6) }", 30, None),
        ("for (i = 3; i < 5; i++) { a[i] u(6) }", 12, None),
        ("for (i = 5; i < 3; i++) { a[i] u(6) }", 0, None),
        ("n u(8)\nfor (i = 0; i < n; i++) { a[i] u(6) }", 8, None),
        ("n u(8)\nrequire n >= 2\nfor (i = 0; i < n; i++) { a[i] u(6) }", 20, None),
        ("n u(8)\nfor (i = n; i < 9; i++) { a[i] u(6) }", 8, None),
        ("for (i = 0; i < 3; i++) { for (j = 0; j < 2; j++) { a[i][j] u(6) } }", 36, None),
        ("for (i = 0; i < 5; i++) { a[i] u(8) as bytes }", 40, Some(40)),
        ("for (i = 0; remaining() >= 8; i++) { a[i] u(8) }", 0, None),
        // Other tables: with Key and Length where they are boxes.
        ("a pair\nb pair", 16, Some(16)),
        ("a smal", 104, None),
        ("a smal or offs", 96, None),
        ("while (!byte_aligned()) { z f(1) }", 0, None),
        ("a u(3)\nwhile (!byte_aligned()) { z f(1) }", 3, None),
        ("#[form(a)] a u(8)\nb u(16)", 16, None),
        ("remark \"nothing\"\nlet n = 3\nrequire n == 3\n/// It is 3.\nwhere n == 3 : \"1\" as three", 0, Some(0)),
    ];
    for (rows, least, exact) in cases {
        let schema = compiled(rows);
        let table = schema.table("case").unwrap();
        // Alignment and rows of a form may take bits or not: nothing is said about the exact size then.
        assert_eq!((table.min_bits, table.fixed_bits), (*least, *exact), "{rows}");
    }
}

/// The bits of a round of the outermost loop.
fn round(rows: &[Row]) -> Option<u64> {
    rows.iter().find_map(|row| match &row.kind {
        RowKind::For { min_bits, .. } => Some(*min_bits),
        _ => None,
    })
}

#[test]
fn smallest_rounds() {
    let cases: &[(&str, u64)] = &[
        ("a[i] u(6)", 6),
        ("a[i] u(n)", 4),
        ("a[i] u(1)\nif (a[i]) { b[i] u(16) } else { c[i] u(7) }", 8),
        ("a[i] st(v)\nb[i] u(8)", 16),
        ("a[i] smal\nb[i] pair", 112),
        ("for (j = 0; j < 2; j++) { a[i][j] u(6) }", 12),
        ("b[i] u(3)\nfor (j = 0; j < n; j++) { a[i][j] u(6) }", 27),
        ("let k = i * 2\na[i] u(5)", 5),
    ];
    for (body, least) in cases {
        let rows = format!("n u(4)\nrequire n >= 4\nfor (i = 0; i < n; i++) rounds {{\n{body}\n}}");
        assert_eq!(round(&compiled(&rows).table("case").unwrap().rows), Some(*least), "{body}");
    }
}

/// The range of a slot of the case.
fn range(rows: &str, slot: &str) -> Range {
    let schema = compiled(rows);
    let slots = &schema.table("case").unwrap().slots;
    slots.iter().rfind(|found| found.name == slot).unwrap_or_else(|| panic!("{slot}: {rows}")).range
}

#[test]
fn ranges_of_values() {
    const LENGTH: i128 = (1 << 64) - 1;
    let cases: &[(&str, i128, i128)] = &[
        ("x u(0)", 0, 0),
        ("x u(5)", 0, 31),
        ("x u(64)", 0, LENGTH),
        ("x f(3) = 5", 0, 7),
        ("n u(3)\nx u(n)", 0, 127),
        ("n u(8)\nlet x = n + 1", 1, 256),
        ("n u(8)\nm u(4)\nlet x = n - m", -15, 255),
        ("n u(8)\nm u(4)\nlet x = n * m", 0, 255 * 15),
        ("n u(8)\nlet x = -n", -255, 0),
        ("n u(8)\nlet x = n / 3", 0, 85),
        ("n u(8)\nlet x = n % 3", 0, 2),
        ("n u(8)\nlet x = n & 12", 0, 12),
        ("n u(8)\nlet x = n | 256", 256, 511),
        ("n u(2)\nlet x = n | 4", 4, 7),
        ("n u(8)\nlet x = (n - 9) & (n - 5)", -16, 250),
        ("n u(8)\nlet x = (n - 9) | 1", -9, 255),
        ("n u(8)\nlet x = Ceil((n - 9) / 4)", -2, 62),
        ("n u(8)\nlet x = n << 2", 0, 1020),
        ("n u(8)\nlet x = 8 << (n & 3)", 8, 64),
        ("n u(8)\nlet x = n >> 2", 0, 63),
        ("n u(8)\nlet x = !n", 0, 1),
        ("n u(8)\nlet x = n == 3 || n > 7", 0, 1),
        ("n u(8)\nlet x = Min(n, 40)", 0, 40),
        ("n u(8)\nlet x = Max(n, 40)", 40, 255),
        ("n u(8)\nlet x = Ceil(Log2(n))", 0, 8),
        ("n u(1)\nlet x = n ? 40 : 32", 32, 40),
        ("n u(8)\nlet x = n < 64 ? n : 64", 0, 64),
        ("n u(8)\nlet x: 0..=9 = n", 0, 9),
        ("f u(1)\nif (f) { n u(4) }\nlet x = n ?? 20", 0, 20),
        ("p pair\nlet x = p.second", 0, 31),
        ("p sized(12)\nlet x = p.x", 0, (1 << 40) - 1),
        // What a condition leaves.
        ("x u(8)\nrequire x >= 3 && x < 100", 3, 99),
        ("x u(8)\nrequire !(x < 3 || x > 9)", 3, 9),
        ("x u(8)\nrequire 7 == x", 7, 7),
        ("x u(8)\nrequire x != 0", 1, 255),
        ("x u(8)\nrequire x != 9", 0, 255),
        ("x u(8)\nm u(2)\nrequire x <= m", 0, 3),
        ("n u(8)\nif (n > 9) { let x = n } else { let x = 20 }", 10, 255),
        ("n u(8)\nif (n > 9) { let x = 9 } else { let x = n }", 0, 9),
        ("n u(8)\nif (n <= 20 && n >= 4) { let x = n } else { let x = 4 }", 4, 20),
        // What stands before bounds Length; the variable of a loop stays below its bound.
        ("n u(8)\nlet x = Length", 13, LENGTH),
        ("a u(7)\nlet x = Length", 13, LENGTH),
        ("n u(1)\nif (n) { a u(31) } else { b u(15) }\nlet x = Length - 12", 2, LENGTH - 12),
        ("n u(8)\nfor (x = 0; x < n; x++) { a[x] u(8) }", 0, 254),
        ("n u(8)\nfor (x = 2; x <= n; x++) { a[x] u(8) }", 2, 255),
        ("n u(8)\nfor (i = 0; i < n; i++) { a[i] u(4) }\nlet x = Find(a, 3)", -1, (1 << 32) - 1),
    ];
    for (rows, low, high) in cases {
        let found = range(rows, "x");
        assert_eq!((found.low, found.high), (*low, *high), "{rows}");
    }
}

#[test]
fn what_may_go_wrong_is_refused() {
    let cases: &[(&str, &str)] = &[
        ("n u(7)\na u(n)", "MG020"),
        ("n u(6)\na u(n + 2)", "MG020"),
        ("n u(4)\na u(8 << n)", "MG020"),
        ("n u(4)\na u(n * 5)", "MG020"),
        ("a u(Length)", "MG020"),
        ("n u(6)\na u(n - 1)", "MG021"),
        ("n u(6)\na u(-n)", "MG021"),
        ("n u(4)\nm u(4)\na u(n - m)", "MG021"),
        ("a u(8)\nb u(8)\nlet n = Length - 15\nrequire n <= 64\nc u(n)", "MG021"),
        ("n u(64)\nlet a = n * n", "MG022"),
        ("n u(64)\nlet a = n << 47", "MG022"),
        ("n u(32)\nlet a = n * n * n * n", "MG022"),
        ("n u(4)\na sized(n)", "MG022"),
        ("n u(6)\nrequire n >= 4\na sized(n)", "MG022"),
        ("n u(8)\nlet a = 1 / n", "MG023"),
        ("n u(8)\nlet a = 1 % (n - 1)", "MG023"),
        ("n u(8)\nlet a = Ceil(1 / n)", "MG023"),
        ("n u(7)\nlet a = 1 << n", "MG024"),
        ("n u(6)\nlet a = 1 >> (n - 1)", "MG024"),
        ("n u(64)\nfor (i = 0; i < n; i++) { a[i] u(0) }", "MG025"),
        ("n u(64)\nf u(1)\nfor (i = 0; i < n; i++) { if (f) { a[i] u(8) } }", "MG025"),
        ("n u(12)\nfor (i = 0; i < n; i++) { for (j = 0; j < n; j++) { a[i][j] u(0) } }", "MG025"),
    ];
    for (rows, code) in cases {
        let Err(found) = compile(&source(rows)) else { panic!("accepted: {rows}") };
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [*code], "{rows}");
    }
}

#[test]
fn what_cannot_go_wrong_is_accepted() {
    let cases = [
        "n u(6)\na u(n)",
        "n u(7)\nrequire n <= 64\na u(n)",
        "n u(7)\nif (n <= 64) { a u(n) }",
        "n u(7)\nif (n > 64) { a u(8) } else { b u(n) }",
        "n u(7)\na u(n > 64 ? 64 : n)",
        "n u(7)\na u(Min(n, 64))",
        "n u(7)\na u(n % 65)",
        "n u(6)\nm u(6)\nrequire n >= 32 && m <= 32\na u(n - m)",
        "a u(8)\nb u(8)\nlet n = Length - 14\nrequire n <= 64\nc u(n)",
        "n u(64)\nlet a = n << 46",
        "n u(32)\nlet a = n * n * n",
        "n u(6)\nrequire n >= 4 && n <= 40\na sized(n)",
        "n u(8)\nlet a = n != 0 && 100 / n > 3",
        "n u(8)\nlet a = n == 0 || 100 / n > 3",
        "n u(8)\nlet a = n ? 0 : 1",
        "x[0] u(5)\nn u(8)\nfor (i = 1; i < n; i++) {\nif (n == 3) { x[i] u(5) } else { x[i] = x[i - 1] }\n}\na u(x[0])",
        // Numbers of bytes are no widths: they are checked when the bits are read.
        "n u(8)\nvalue() bytes(n - 5)",
        "n u(8)\nfor (i = 5; i < n - 9; i++) {\na[i] u(8) as bytes\n}",
        "n u(64)\nfor (i = 0; i < n; i++) { a[i] u(1) }",
        "n u(20)\nfor (i = 0; i < n; i++) { a[i] u(0) }",
        "n u(10)\nfor (i = 0; i < n; i++) { for (j = 0; j < n; j++) { a[i][j] u(0) } }",
    ];
    for rows in cases {
        compiled(rows);
    }
}

/// An expression over two fields and a `let`.
#[derive(Clone, Debug)]
enum Sum {
    Int(i128),
    Name(&'static str),
    Not(Box<Sum>),
    Negate(Box<Sum>),
    Binary(&'static str, Box<Sum>, Box<Sum>),
    Choose(Box<Sum>, Box<Sum>, Box<Sum>),
    Call(&'static str, Box<Sum>, Box<Sum>),
    CeilLog2(Box<Sum>),
}

/// Expressions; with all operators, or without those whose ranges are known to be wrong for negative operands.
fn sums(all: bool) -> impl Strategy<Value = Sum> {
    let mut operators = vec!["+", "-", "*", "/", "%", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&&", "||"];
    let mut calls = vec!["Min", "Max", "CeilOfMax"];
    if all {
        operators.extend(["&", "|"]);
        calls.push("Ceil");
    }
    let leaf = prop_oneof![(0..9i128).prop_map(Sum::Int), prop::sample::select(&["a", "b", "k"][..]).prop_map(Sum::Name)];
    leaf.prop_recursive(5, 24, 3, move |inner| {
        let part = move || inner.clone().prop_map(Box::new);
        prop_oneof![
            8 => (prop::sample::select(operators.clone()), part(), part()).prop_map(|(op, a, b)| Sum::Binary(op, a, b)),
            1 => part().prop_map(Sum::Not),
            1 => part().prop_map(Sum::Negate),
            2 => (part(), part(), part()).prop_map(|(c, a, b)| Sum::Choose(c, a, b)),
            2 => (prop::sample::select(calls.clone()), part(), part()).prop_map(|(name, a, b)| Sum::Call(name, a, b)),
            1 => part().prop_map(Sum::CeilLog2),
        ]
    })
}

impl Sum {
    fn text(&self) -> String {
        match self {
            Sum::Int(value) => value.to_string(),
            Sum::Name(name) => (*name).to_owned(),
            Sum::Not(a) => format!("!({})", a.text()),
            Sum::Negate(a) => format!("-({})", a.text()),
            Sum::Binary(op, a, b) => format!("(({}) {op} ({}))", a.text(), b.text()),
            Sum::Choose(c, a, b) => format!("(({}) ? ({}) : ({}))", c.text(), a.text(), b.text()),
            Sum::Call("Ceil", a, b) => format!("Ceil(({}) / ({}))", a.text(), b.text()),
            Sum::Call("CeilOfMax", a, b) => format!("Ceil(Max({}, 0) / Max({}, 1))", a.text(), b.text()),
            Sum::Call(name, a, b) => format!("{name}({}, {})", a.text(), b.text()),
            Sum::CeilLog2(a) => format!("Ceil(Log2({}))", a.text()),
        }
    }

    /// Its value; `None` where a step of it has none, which the compiler must have refused.
    fn value(&self, names: &[(&str, i128)]) -> Option<i128> {
        let e = |sum: &Sum| sum.value(names);
        Some(match self {
            Sum::Int(value) => *value,
            Sum::Name(name) => names.iter().find(|(known, _)| known == name)?.1,
            Sum::Not(a) => i128::from(e(a)? == 0),
            Sum::Negate(a) => e(a)?.checked_neg()?,
            Sum::Choose(c, a, b) => e(if e(c)? != 0 { a } else { b })?,
            Sum::Binary("&&", a, b) => i128::from(e(a)? != 0 && e(b)? != 0),
            Sum::Binary("||", a, b) => i128::from(e(a)? != 0 || e(b)? != 0),
            Sum::Binary(op, a, b) => binary(op, e(a)?, e(b)?)?,
            Sum::Call("Min", a, b) => e(a)?.min(e(b)?),
            Sum::Call("Max", a, b) => e(a)?.max(e(b)?),
            Sum::Call(name, a, b) => {
                let (a, b) = (e(a)?, e(b)?);
                let (a, b) = if *name == "CeilOfMax" { (a.max(0), b.max(1)) } else { (a, b) };
                let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
                quotient + i128::from(rest != 0 && (a < 0) == (b < 0))
            }
            Sum::CeilLog2(a) => {
                let a = e(a)?;
                (0..127).find(|bits| 1i128 << bits >= a)?
            }
        })
    }
}

fn binary(op: &str, a: i128, b: i128) -> Option<i128> {
    let shift = || u32::try_from(b).ok().filter(|bits| *bits <= 64);
    match op {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        "/" => a.checked_div(b),
        "%" => a.checked_rem(b),
        "<<" => a.checked_mul(1i128 << shift()?),
        ">>" => Some(a >> shift()?),
        "&" => Some(a & b),
        "|" => Some(a | b),
        "<" => Some(i128::from(a < b)),
        "<=" => Some(i128::from(a <= b)),
        ">" => Some(i128::from(a > b)),
        ">=" => Some(i128::from(a >= b)),
        "==" => Some(i128::from(a == b)),
        _ => Some(i128::from(a != b)),
    }
}

/// Whether every value of the expression has a value and lies in the range that the compiler found; `None` where the compiler refuses it.
fn sound(sum: &Sum) -> Result<bool, String> {
    let text = sum.text();
    let rows = format!("a u(2)\nb u(3)\nc u(3)\nlet k: -3..=2 = c - 3\nlet x = {text}");
    let Ok(schema) = compile(&source(&rows)) else { return Ok(false) };
    let found = schema.table("case").and_then(|table| table.slots.iter().find(|slot| slot.name == "x")).map(|slot| slot.range);
    let found = found.ok_or("no slot")?;
    for (a, b, k) in (0..4).flat_map(|a| (0..8).flat_map(move |b| (-3..=2).map(move |k| (a, b, k)))) {
        match sum.value(&[("a", a), ("b", b), ("k", k)]) {
            Some(value) if (found.low..=found.high).contains(&value) => {}
            // Beyond this a `let` without a range is refused at run time.
            Some(value) if value.abs() > 1 << 66 => {}
            value => return Err(format!("{text}: {value:?} for a = {a}, b = {b}, k = {k}, but the range is {} to {}", found.low, found.high)),
        }
    }
    Ok(true)
}

/// Tries expressions, the same ones each time.
fn try_sums(all: bool) {
    let config = Config { cases: 4000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let accepted = Cell::new(0);
    let result = runner.run(&sums(all), |sum| {
        let ok = sound(&sum).map_err(TestCaseError::fail)?;
        accepted.set(accepted.get() + usize::from(ok));
        Ok(())
    });
    if let Err(found) = result {
        panic!("{found}");
    }
    assert!(accepted.get() > 1000, "only {} expressions were accepted", accepted.get());
}

#[test]
fn no_value_lies_outside_its_range() {
    try_sums(false);
}

#[test]
fn no_value_lies_outside_its_range_with_all_operators() {
    try_sums(true);
}

#[test]
fn what_may_go_wrong_on_other_paths_is_refused() {
    let cases: &[(&str, &str)] = &[
        // What a round requires is not known where no round ran.
        ("n u(8)\nm u(8)\nfor (i = 0; i < m; i++) {\nrequire n <= 64\na[i] u(8)\n}\nb u(n)", "MG020"),
        // What was known of a `let` ends where it is assigned, here and in the next round.
        ("let k: 0..=255 = 0\nif (k <= 5) {\nk = 200\na u(k)\n}", "MG020"),
        ("n u(8)\nlet k: 0..=255 = 0\nrequire k <= 5\nfor (i = 0; i < n; i++) {\na[i] u(k)\nk = k + 100\n}", "MG020"),
        // A row of one form says nothing about the others.
        ("n u(8)\n#[form(b)] require n <= 64\na u(n)", "MG020"),
        ("#[form(a)] n u(6)\na u(n)", "MG014"),
        ("#[form(a)] let n = 6\na u(n)", "MG014"),
        // Not even where it ran before: the second round sees what the first one assigned.
        ("n u(8)\nlet k: 0..=99 = 0\nfor (i = 0; i < n; i++) rounds {\nif (k <= 9) {\na[i] u(k)\nk = 80\nb[i] u(k)\n}\n}", "MG020"),
        ("x[0] u(2)\nn u(8)\nfor (i = 1; i < n; i++) {\na[i] u(8 * x[i - 1])\nx[i] u(8)\n}", "MG020"),
        ("x[0] u(2)\nn u(8)\nfor (i = 1; i < n; i++) {\nif (n == 3) { x[i] u(2) } else { x[i] = x[i - 1] + 40 }\n}\na u(x[0])", "MG020"),
        ("#[form(a)] a u(8)\nb u(8)\nlet n = Length - 14\nrequire n <= 64\nc u(n)", "MG021"),
    ];
    let found = |rows: &str| compile(&source(rows)).err().and_then(|found| found.first().map(|found| found.code));
    let missed: Vec<_> = cases.iter().filter(|(rows, code)| found(rows) != Some(*code)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn ranges_reach_through_many_tables() {
    let mut text = String::from("#[clause = \"1\"]\nstruct outer (inner: t0) { x u(inner.n) }\n");
    for number in 0..9 {
        text += &format!("#[clause = \"1\"]\nstruct t{number} (inner: t{}) {{ let n = inner.n }}\n", number + 1);
    }
    text += "#[clause = \"1\"]\nstruct t9 { n u(8) }\n";
    let found = compile(&[Source { name: "chain.mgs".to_owned(), text }]);
    assert_eq!(found.err().and_then(|found| found.first().map(|found| found.code)), Some("MG020"));
}

#[test]
fn optional_children_take_no_bits() {
    let child = "#[clause = \"1\"]\nbox child \"chld\" { x u(8) }\n#[clause = \"1\"]\ncontainer group \"grup\" {\nn u(8)\n";
    for (row, least) in [("c chld", 8 + 96), ("c chld ?", 8), ("c[] chld ?", 8)] {
        let text = format!("{child}{row}\n}}\n");
        let schema = compile(&[Source { name: "group.mgs".to_owned(), text }]).unwrap();
        assert_eq!(schema.table("grup").unwrap().min_bits, least, "{row}");
    }
}
