//! Accepted and rejected snippets, and the real files.

use super::{parse, parse_tokens};
use crate::ast::{Expr, ExprKind, File, ItemKind, Row, RowKind};

mod hostile;

/// The tables of the project.
pub(crate) fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let here = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![here.join("iso23092-1"), here.join("iso23092-2")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "mgs") {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                files.push((path.display().to_string(), text));
            }
        }
    }
    files.sort();
    files
}

fn codes(text: &str) -> Vec<&'static str> {
    parse(0, text).1.iter().map(|found| found.code).collect()
}

/// The tree of rows in a structure.
fn rows(rows: &str) -> Vec<Row> {
    let text = format!("struct s {{\n{rows}\n}}");
    let (file, diagnostics) = parse(0, &text);
    assert_eq!(diagnostics, [], "{text}");
    match file.items.into_iter().next().map(|item| item.kind) {
        Some(ItemKind::Table(table)) => table.rows,
        _ => Vec::new(),
    }
}

/// An expression with all its parentheses.
fn shape(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Member(base, name) => format!("{}.{}", shape(base), name.text),
        ExprKind::Index(base, index) => format!("{}[{}]", shape(base), shape(index)),
        ExprKind::Call(name, args) => {
            let args: Vec<String> = args.iter().map(shape).collect();
            format!("{}({})", name.text, args.join(","))
        }
        ExprKind::Not(inner) => format!("(!{})", shape(inner)),
        ExprKind::Negate(inner) => format!("(-{})", shape(inner)),
        ExprKind::Binary(sign, a, b) => format!("({}{sign}{})", shape(a), shape(b)),
        ExprKind::Choose(c, a, b) => format!("({}?{}:{})", shape(c), shape(a), shape(b)),
        ExprKind::Default(a, b) => format!("({}??{})", shape(a), shape(b)),
    }
}

fn expr(text: &str) -> String {
    match rows(&format!("let x = {text}")).into_iter().next() {
        Some(Row { kind: RowKind::Let { value, .. }, .. }) => shape(&value),
        _ => String::new(),
    }
}

#[test]
fn real_files_parse() {
    let files = files();
    assert!(!files.is_empty());
    for (name, text) in files {
        let (file, diagnostics) = parse(0, &text);
        assert_eq!(diagnostics, [], "{name}");
        assert!(!file.items.is_empty(), "{name}");
    }
}

#[test]
fn operators_bind_as_in_c() {
    assert_eq!(expr("a + b * c - d"), "((a+(b*c))-d)");
    assert_eq!(expr("a & b == c << 1 + 2"), "(a&(b==(c<<(1+2))))");
    assert_eq!(expr("a || b && c | d & e"), "(a||(b&&(c|(d&e))))");
    assert_eq!(expr("!a.b[i] + -f(x, 0x1_0)"), "((!a.b[i])+(-f(x,16)))");
    assert_eq!(expr("c ? a ?? 0 : d ? e : \"f\""), "(c?(a??0):(d?e:\"f\"))");
    assert_eq!(expr("a ?? b ?? (c + 1)"), "(a??(b??(c+1)))");
    assert_eq!(expr("a % b / c >> 1 >= 2 != 0"), "(((((a%b)/c)>>1)>=2)!=0)");
    assert_eq!(expr("(a\n[1])"), "a[1]");
    assert_eq!(expr("18446744073709551615"), "18446744073709551615");
}

#[test]
fn rows_end_with_their_line() {
    let kinds = |text: &str| -> String {
        let letter = |row: &Row| match row.kind {
            RowKind::Field(_) => 'f',
            RowKind::If { .. } => 'i',
            RowKind::For { .. } => 'l',
            RowKind::Align { .. } => 'a',
            RowKind::Let { .. } => 'v',
            RowKind::Assign { .. } => '=',
            RowKind::Mention(_) => 'm',
            RowKind::Remark(_) => 'r',
            RowKind::Require(_) => 'q',
            RowKind::Where(..) => 'w',
        };
        rows(text).iter().map(letter).collect()
    };
    assert_eq!(kinds("a\nb u(8)\nc dthd ?\nd[] rfgn\ne()\tbytes(..)"), "mffff");
    assert_eq!(kinds("let n = a\n + b\n? c :\nd\nx = 1\ny[i] = 2\nm"), "v==m");
    assert_eq!(kinds("if (a) { m } else if (b) { n u(8) } else {}"), "i");
    assert_eq!(kinds("for (i = 0; i <= n; i++) g {\n x[i][0] u(8) as bytes\n}"), "l");
    assert_eq!(kinds("while (!byte_aligned()) { z f(1) }\nremark \"r\""), "ar");
    assert_eq!(kinds("require a\n&& b\nwhere c ? d : e : \"6\" as f"), "qw");
    assert_eq!(kinds("a k(1) deferred if (b)\ndeferred\nc k or offs\nor u(8)"), "fmff");
    assert_eq!(kinds("a u(16) = count(b) c st(v) <= 260 d f(1) = 1 e c(4)"), "ffff");
    let first = rows("#[columns] for (i = 0; i < n; i++) { x[i] u(8) }");
    assert!(first.iter().all(|row| row.columns && row.form.is_none()));
    let first = rows("#[form(a)]\nx u(8)");
    assert_eq!(first.iter().filter_map(|row| row.form.as_ref()).map(|name| name.text.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn items_have_their_parts() {
    let text = "/// One.\n///\n///  Two.\n#[clause = \"6.1\", table = 3]\nbox b \"boxb\" (n: 0..=N - 1, s: a, t: a[], u: a[][]) forms(x, y) {}\n\
        enum e : u(8) {\n/// Zero.\n0 = a \"more\"\n1..=2 reserved, 3.. reserved\n}\nhierarchy { abcd \"6\" transport # { \"lbl \" \"7\" } efgh \"8\" }";
    let (file, diagnostics) = parse(4, text);
    assert_eq!(diagnostics, []);
    let tree = format!("{file:?}");
    for part in [
        "doc: \"One.\\n\\n Two.\"",
        "clause: Some(\"6.1\")",
        "table: Some(3)",
        "doc: \"Zero.\\nmore\"",
        "from: 3, to: None",
        "from: 1, to: Some(2)",
        "scope: Transport, mandatory: Annotation",
        "text: \"lbl \"",
        "Grouped(",
        "Many(",
        "file: 4",
    ] {
        assert!(tree.contains(part), "{part}");
    }
}

#[test]
fn spans_are_those_of_the_file() {
    for text in ["struct ä { x u(8) }", "\u{feff}const ä = 1", "// ü\nconst A = ü"] {
        // Other files of the thread do not shift the places.
        for _ in 0..3 {
            let (_, diagnostics) = parse(0, text);
            let places: Vec<&str> = diagnostics.iter().filter_map(|found| text.get(found.span.bytes.clone())).collect();
            assert!(matches!(places.as_slice(), ["ä" | "ü"]), "{diagnostics:?}");
        }
    }
    let text = "\u{feff}struct s {\r\n    x u(ü)\r\n    let y = (a  +\r\n b) * 2\r\n}";
    let (_, diagnostics) = parse(0, text);
    assert_eq!(diagnostics.first().and_then(|found| text.get(found.span.bytes.clone())), Some("ü"));
}

#[test]
fn bad_rows_and_items_are_skipped() {
    let text = "struct a {\n    x u(\n    8 8)\n    y + 1\n    if x {\n        z u(8)\n    } else {\n        q u(8)\n    }\n    ok u(8)\n}\nstruct {}\nnonsense\nstruct b { x u(8) }";
    let (file, diagnostics) = parse(0, text);
    let found: Vec<&str> = diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(found, ["MG002"; 4]);
    let names: Vec<usize> = file
        .items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Table(table) => table.rows.len(),
            _ => 0,
        })
        .collect();
    assert_eq!(names, [1, 1]);
    let many = format!("struct s {{\n{}}}", "x +\n".repeat(1000));
    assert_eq!(codes(&many).len(), 100);
}

#[test]
fn every_syntax_code_has_its_mistakes() {
    let bad = [
        (
            "MG001",
            &[
                "const A = 'a'",
                "const A = \"a",
                "const Ä = 1",
                "const A = b\"a\"",
                "const A = 1 ~ 2",
                "/* a",
                "const _ = 1",
                "const r#A = 1",
                "const A = 1 @ 2",
            ][..],
        ),
        (
            "MG002",
            &[
                "const A = 1 +\nconst B = 2",
                "struct s { else {} }",
                "struct s { x u(8) <= 9 }",
                "struct s { a ?? b }",
                "struct s { let a = b + c ?? d }",
                "struct s { x u(8) as a as b }",
                "struct s { for (i = 0; i < n; j++) {} }",
                "struct s { while (a) { } }",
                "box b {}",
                "struct s { if (a) x u(8) }",
                "struct s (n: 1) {}",
                "enum e : u(8) { 1 }",
                "struct s { x st(8) }",
                "struct s { x[i] }",
                "hierarchy { abcd }",
            ],
        ),
        ("MG004", &["const A = 1.5", "const A = 18446744073709551616", "const A = 0b1", "const A = 1u8", "const A = 0x", "#[table = 65536] const A = 1"]),
        (
            "MG005",
            &[
                "#[section = \"6\"] const A = 1",
                "#[columns] const A = 1",
                "struct s { #[form2] x u(8) }",
                "struct s { #[columns] #[columns] x u(8) }",
                "#[table = 1, table = 2] const A = 1",
                "/// a",
                "struct s {\n/// a\nx u(8) }",
            ],
        ),
        ("MG006", &["table s {}", "1", "struct s { 1 }", "struct s { x u(8); }"]),
        ("MG007", &["struct s {", "}{", "const A", "struct s ( }", "struct s { x u(8] }", "struct s"]),
    ];
    for (code, texts) in bad {
        for text in texts {
            assert_eq!(codes(text).first(), Some(&code), "{text}");
        }
    }
    for text in ["const A = 0x1F // b", "const A = 1_000", "struct s { x u(8) y u(8) }", "struct s", "/// a\nconst A = 1"] {
        let expected: &[&str] = if text == "struct s" { &["MG007"] } else { &[] };
        assert_eq!(codes(text), expected, "{text}");
    }
}

#[test]
fn tokens_of_a_macro_parse() {
    for (name, text) in files() {
        let tokens: proc_macro2::TokenStream = text.parse().unwrap_or_default();
        let (file, diagnostics) = parse_tokens(tokens);
        assert_eq!(diagnostics, [], "{name}");
        let strip = |file: File| file.items.len();
        assert_eq!(strip(file), strip(parse(0, &text).0));
    }
    let (file, diagnostics) = parse_tokens(quote::quote! { #[clause = "6"] struct s { x u(8) if (x) { y u(8) z u(8) } } });
    assert_eq!(diagnostics, []);
    assert_eq!(file.items.len(), 1);
}
