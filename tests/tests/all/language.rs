//! The compiler as a program: the same output each time, an answer to any text, and a formatter that changes nothing but the layout.

use mpegg_schema::ast::File;
use mpegg_schema::{Diagnostic, Schema, Source, compile, emit, finish, format, parse, render, tables};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Far more than any case takes, for machines that do other work too.
const LONG: Duration = Duration::from_secs(20);

/// Runs a property on many inputs, the same ones each time.
fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), String>) {
    let config = Config { cases, max_shrink_iters: 2000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&strategy, |value| test(value).map_err(TestCaseError::fail));
    if let Err(found) = result {
        panic!("{found}");
    }
}

#[test]
fn output_is_the_same_each_time() {
    let sources = tables::sources();
    let output = || {
        let schema = compile(&sources).unwrap();
        (emit::rust(&schema, &sources).to_string(), format!("{schema:?}"))
    };
    let (first, second) = (output(), output());
    assert!(first == second, "two compilations of the same files differ");
    assert!(first.0.len() > 100_000);
}

/// The parsed standard tables: a case parses only the file that it changes.
fn standard() -> Vec<File> {
    tables::sources().iter().enumerate().map(|(number, source)| parse::parse(number, &source.text).0).collect()
}

/// The schemas of the diagnostics, accepted and rejected.
fn snippets() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("diagnostics");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// Words, numbers, texts, signs and white space of a text.
fn split(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![];
    let class = |char: char| match char {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '"' => 0,
        ' ' => 1,
        _ => 2,
    };
    for char in text.chars() {
        match parts.last_mut() {
            Some(last) if class(char) < 2 && last.chars().next_back().map(class) == Some(class(char)) => last.push(char),
            _ => parts.push(char.to_string()),
        }
    }
    parts
}

/// Words and signs that mean something, and characters that hurt.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "#",
    "\"",
    "/*",
    "*/",
    "//",
    "///",
    "\n",
    "?",
    "??",
    ":",
    "..",
    "..=",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    "<<",
    ">>",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "&&",
    "||",
    "&",
    "|",
    ".",
    ",",
    ";",
    "++",
    "'",
    "\\",
    "\u{0}",
    "\u{feff}",
    "\r",
    "ü",
    "_",
    "r#",
    "0",
    "1",
    "7",
    "64",
    "65",
    "255",
    "4294967296",
    "18446744073709551615",
    "0xFF",
    "99999999999999999999",
    "1.5",
    "if",
    "else",
    "for",
    "while",
    "let",
    "require",
    "where",
    "remark",
    "as",
    "box",
    "container",
    "struct",
    "process",
    "enum",
    "foreign",
    "hierarchy",
    "forms",
    "deferred",
    "optional",
    "u",
    "f",
    "c",
    "st",
    "v",
    "bytes",
    "checksum",
    "letters",
    "bits",
    "columns",
    "form",
    "count",
    "Find",
    "Min",
    "Max",
    "Ceil",
    "Log2",
    "sizeof",
    "remaining",
    "Length",
    "reserved",
    "byte_aligned",
    "i",
    "n",
    "x",
    "true",
];

/// A change of one part or line.
#[derive(Clone, Debug)]
enum Change {
    Drop(Index),
    Put(Index, &'static str),
    Replace(Index, &'static str),
    /// The second part where the first one stands.
    Copy(Index, Index),
    Swap(Index, Index),
    DropLine(Index),
    /// The first line again behind the second one.
    CopyLine(Index, Index),
    Cut(Index),
}

fn changes(most: usize) -> impl Strategy<Value = Vec<Change>> {
    let at = || any::<Index>();
    let change = prop_oneof![
        2 => at().prop_map(Change::Drop),
        2 => (at(), select(PIECES)).prop_map(|(at, piece)| Change::Put(at, piece)),
        3 => (at(), select(PIECES)).prop_map(|(at, piece)| Change::Replace(at, piece)),
        4 => (at(), at()).prop_map(|(at, from)| Change::Copy(at, from)),
        2 => (at(), at()).prop_map(|(a, b)| Change::Swap(a, b)),
        2 => at().prop_map(Change::DropLine),
        2 => (at(), at()).prop_map(|(from, to)| Change::CopyLine(from, to)),
        1 => at().prop_map(Change::Cut),
    ];
    prop::collection::vec(change, 1..=most)
}

/// Places of parts that are no white space: the others are no use.
fn solid(parts: &[String]) -> Vec<usize> {
    (0..parts.len()).filter(|at| parts.get(*at).is_some_and(|part| !part.trim().is_empty())).collect()
}

fn change(text: &str, changes: &[Change]) -> String {
    let mut text = text.to_owned();
    for change in changes {
        let mut parts = split(&text);
        let places = solid(&parts);
        if places.is_empty() {
            return text;
        }
        let place = |index: &Index| *index.get(&places);
        match change {
            Change::Drop(at) => drop(parts.remove(place(at))),
            Change::Put(at, piece) => parts.insert(place(at), format!("{piece} ")),
            Change::Replace(at, piece) => (*piece).clone_into(&mut parts[place(at)]),
            Change::Copy(at, from) => parts[place(at)] = parts[place(from)].clone(),
            Change::Swap(a, b) => parts.swap(place(a), place(b)),
            Change::DropLine(_) | Change::CopyLine(..) => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                match change {
                    Change::DropLine(at) => drop(lines.remove(at.index(lines.len()))),
                    Change::CopyLine(from, to) => lines.insert(to.index(lines.len()), lines[from.index(lines.len())]),
                    _ => {}
                }
                parts = vec![lines.concat()];
            }
            Change::Cut(at) => parts.truncate(place(at)),
        }
        text = parts.concat();
    }
    text
}

/// What every answer of the compiler has to satisfy.
fn answer(sources: &[Source], result: &Result<Schema, Vec<Diagnostic>>) -> Result<(), String> {
    let Err(found) = result else { return Ok(()) };
    if found.is_empty() {
        return Err("refused without a reason".to_owned());
    }
    for found in found {
        let text = sources.get(found.span.file).map_or("", |source| source.text.as_str());
        if text.get(found.span.bytes.clone()).is_none() {
            return Err(format!("{}: no such place: {:?}", found.code, found.span));
        }
        if found.message.is_empty() || mpegg_schema::explain::explain(found.code).is_none() {
            return Err(format!("{}: not explained", found.code));
        }
    }
    let shown = render::render(found, sources, false);
    if shown.matches("error[MG").count() < found.len() {
        return Err(format!("not all is shown: {shown}"));
    }
    Ok(())
}

/// The tree of a text that parses, without its places.
fn tree(text: &str) -> Option<String> {
    let (file, found) = parse::parse(0, text);
    found.is_empty().then(|| without_places(&format!("{file:?}")))
}

/// What is printed of a tree or schema without the places in its files.
fn without_places(printed: &str) -> String {
    let mut parts = printed.split("Span { file: ");
    let mut left = parts.next().unwrap_or("").to_owned();
    for part in parts {
        // The number of the file, `, bytes: `, and the range.
        left.push_str(part.split_once(" }").map_or(part, |(_, rest)| rest));
    }
    left
}

/// The formatter keeps the tree, and its own output.
fn formats(text: &str) -> Result<(), String> {
    let Ok(formatted) = format::format(text) else { return Ok(()) };
    if tree(text) != tree(&formatted) {
        return Err(format!("the formatter changes the meaning:\n{text}\n{formatted}"));
    }
    if format::format(&formatted).as_ref() != Ok(&formatted) {
        return Err(format!("the formatter changes its own output: {formatted}"));
    }
    Ok(())
}

/// Compiles, emits what is accepted and formats what parses, and looks at the answers. The result says whether the text was accepted.
fn examine(text: &str) -> Result<bool, String> {
    let sources = [Source { name: "case.mgs".to_owned(), text: text.to_owned() }];
    let start = Instant::now();
    let result = compile(&sources);
    answer(&sources, &result)?;
    if let Ok(schema) = &result {
        let _ = emit::rust(schema, &sources).to_string();
    }
    formats(text)?;
    if start.elapsed() > LONG {
        return Err(format!("{:?} for {} bytes", start.elapsed(), text.len()));
    }
    Ok(result.is_ok())
}

#[test]
fn changed_standard_tables_get_an_answer() {
    let (files, sources) = (standard(), tables::sources());
    let (parsed, accepted) = (Cell::new(0), Cell::new(0));
    run(2000, (any::<Index>(), changes(4)), |(which, changes)| {
        let which = which.index(files.len());
        let mut sources = sources.clone();
        sources[which].text = change(&sources[which].text, &changes);
        let start = Instant::now();
        let mut files = files.clone();
        let (file, found) = parse::parse(which, &sources[which].text);
        files[which] = file;
        parsed.set(parsed.get() + usize::from(found.is_empty()));
        let result = finish(&files, found);
        accepted.set(accepted.get() + usize::from(result.is_ok()));
        answer(&sources, &result)?;
        if start.elapsed() > LONG { Err(format!("{:?}", start.elapsed())) } else { Ok(()) }
    });
    assert!(parsed.get() > 300 && accepted.get() > 20, "{parsed:?} texts were parsed, {accepted:?} accepted");
}

/// Spaces and line ends between the parts of a text are others now; those that end rows stay.
fn spread(text: &str, gaps: &[(Index, &'static str)]) -> String {
    let mut parts = split(text);
    for (at, gap) in gaps {
        let blank: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].trim_matches(' ').is_empty()).collect();
        if !blank.is_empty() {
            (*gap).clone_into(&mut parts[*at.get(&blank)]);
        }
    }
    parts.concat()
}

#[test]
fn formatting_keeps_the_tree_of_changed_tables() {
    let mut texts: Vec<String> = tables::sources().into_iter().map(|source| source.text).collect();
    texts.extend(snippets());
    let parsed = Cell::new(0);
    let gaps = prop::collection::vec((any::<Index>(), select(&["", " ", "   ", " /* c */ "][..])), 0..6);
    run(3000, (any::<Index>(), changes(2), gaps), |(which, changes, gaps)| {
        let text = spread(&change(&texts[which.index(texts.len())], &changes), &gaps);
        parsed.set(parsed.get() + usize::from(tree(&text).is_some()));
        formats(&text)
    });
    assert!(parsed.get() > 300, "{parsed:?} texts were parsed");
}

#[test]
fn changed_snippets_get_an_answer() {
    let snippets = snippets();
    let accepted = Cell::new(0);
    run(6000, (any::<Index>(), changes(3)), |(which, changes)| {
        let ok = examine(&change(&snippets[which.index(snippets.len())], &changes))?;
        accepted.set(accepted.get() + usize::from(ok));
        Ok(())
    });
    assert!(accepted.get() > 150, "{accepted:?} were accepted");
}

#[test]
fn soups_of_words_get_an_answer() {
    let around = select(&[("", ""), ("#[clause = \"1\"] struct s {", "}"), ("#[clause = \"1\"] box b \"boxb\" {\n", "\n}"), ("enum e : u(2) {", "}")][..]);
    let soup = prop::collection::vec((select(PIECES), select(&[" ", " ", " ", "\n", ""][..])), 0..60);
    run(4000, (around, soup), |((before, after), soup)| {
        let soup: String = soup.into_iter().flat_map(|(piece, gap)| [piece, gap]).collect();
        examine(&format!("{before}{soup}{after}")).map(drop)
    });
}

#[test]
fn formatting_changes_no_meaning() {
    // Places differ, all else is equal.
    let shape = |sources: &[Source]| {
        let schema = compile(sources).unwrap_or_else(|found| panic!("{}", render::render(&found, sources, false)));
        without_places(&format!("{schema:?}"))
    };
    let sources = tables::sources();
    let mut formatted = sources.clone();
    for source in &mut formatted {
        source.text = format::format(&source.text).unwrap_or_else(|found| panic!("{}: {found:?}", source.name));
        assert_eq!(format::format(&source.text).as_ref(), Ok(&source.text), "{}", source.name);
    }
    assert!(shape(&sources) == shape(&formatted), "the formatted tables mean something else");
}

fn example(items: &str, rows: &str) -> String {
    format!("{items}\n#[clause = \"1\"]\nstruct example {{\n{rows}\n}}\n")
}

#[test]
fn odd_names_and_ranges_get_an_answer() {
    let texts = [
        example("", "let k: 9..=2 = 3"),
        "#[clause = \"1\"]\nstruct __ { x u(8) }".to_owned(),
        "#[clause = \"1\"]\nstruct _1 { x u(8) }".to_owned(),
        "enum __ : u(2) { 0 = a }".to_owned(),
        example("enum e : u(2) { 0 = __, 1 = _1 }", "x u(2) as e"),
    ];
    let failed: Vec<_> = texts.iter().filter(|text| !matches!(std::panic::catch_unwind(|| examine(text)), Ok(Ok(_)))).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn constants_do_not_name_themselves() {
    for items in ["const A = A", "const A = B + 1\nconst B = A", "fn f(x) = A + x\nconst A = f(1)"] {
        assert_eq!(examine(&example(items, "x u(A)")), Ok(false), "{items}");
    }
}

#[test]
fn short_texts_stay_short() {
    let chain: String = (0..40).map(|n| format!("const A{n} = A{} + A{}\n", n + 1, n + 1)).collect();
    let functions: String = (0..7).map(|n| format!("fn f{n}(x) = {}\n", vec![format!("f{}(x)", n + 1); 10].join(" + "))).collect();
    let recursive = format!("fn f(x) = {}", ["f(x)"; 12].join(" + "));
    for (items, value) in [
        (format!("{chain}const A40 = 1"), "A0".to_owned()),
        (format!("{functions}fn f7(x) = x"), "f0(1)".to_owned()),
        (recursive, "f(1)".to_owned()),
        ("fn f(x) = x + x + x + x".to_owned(), format!("{}1{}", "f(".repeat(30), ")".repeat(30))),
    ] {
        assert!(examine(&example(&items, &format!("let n = {value}"))).is_ok(), "{items}");
    }
}

#[test]
fn open_codes_with_an_equals_sign_keep_their_meaning() {
    let text = "enum colour : u(2) {\n    0 = red,\n    1.. = blue\n}\n";
    let formatted = format::format(text).unwrap();
    assert!(compile(&[Source { name: "case.mgs".to_owned(), text: formatted.clone() }]).is_ok(), "{formatted}");
    assert_eq!(formatted, text);
}

#[test]
fn what_says_nothing_or_two_things_is_refused() {
    let texts = [
        example("", "z f(65) = 1"),
        example("", "z f(0) = 0"),
        example("", "z f(2) = 9"),
        example("", "a st(v) <= 99999"),
        example("", "x u(8) = 3"),
        example("", "x u(8) as letters"),
        example("", "n u(8)\nfor (i = 0; i < n; i++) { x[i] u(16) as bytes }"),
        example("", "n u(8)\nfor (i = 0; i < n; i++) { for (j = 0; j < n; j++) { x[i] u(8) } }"),
        example("", "n u(8)\nfor (i = 0; i < n; i++) { for (i = 0; i < n; i++) { x[i] u(8) } }"),
        example("#[clause = \"1\"] box p \"pont\" { x u(8) }", "a pont ?"),
        example("#[clause = \"1\"] box p \"pont\" { x u(8) }", "a[] pont"),
        example("#[clause = \"1\"] container p \"pont\" { x u(8) }", "a pont"),
        example("#[clause = \"1\"] process p { let x = 1 }", "a p"),
        "#[clause = \"1\"] process p { x u(8) }".to_owned(),
        "#[clause = \"1\"] struct s (n: 0..=4, n: 0..=2) { x u(n) }".to_owned(),
        "#[clause = \"1\"] box b \"boxb\" forms(a, a) { x u(8) }".to_owned(),
        "#[clause = \"1\"] struct s forms(a, b) { x u(8) }".to_owned(),
        "foreign v \"a\"\nforeign v \"b\"".to_owned(),
        "hierarchy { abcd \"1\"\nabcd \"1\" }".to_owned(),
    ];
    let accepted: Vec<_> = texts.iter().filter(|text| examine(text) == Ok(true)).collect();
    assert!(accepted.is_empty(), "{accepted:#?}");
}

#[test]
fn constants_stand_for_numbers() {
    for (items, row) in [("const W = 4", "tag c(W)"), ("const W = 2 + 2", "z f(W) = 1"), ("fn half(x) = x / 2", "tag c(half(8))")] {
        assert_eq!(examine(&example(items, row)), Ok(true), "{items}");
    }
    for params in ["n: 0..=W", "n: -1 + 1..=4"] {
        let text = format!("const W = 4\n#[clause = \"1\"]\nstruct s ({params}) {{ x u(n) }}\n");
        assert_eq!(examine(&text), Ok(true), "{params}");
    }
}
