//! Input that is made to hurt: deep, long, and randomly changed.

use super::{codes, files};
use crate::parse::parse;
use crate::parse::tokens::Kind;
use std::time::{Duration, Instant};

#[test]
fn depth_is_limited() {
    let wrap = |before: &str, middle: &str, after: &str, count: usize| format!("{}{middle}{}", before.repeat(count), after.repeat(count));
    let texts = |count: usize| {
        [
            format!("const A = {}", wrap("(", "1", ")", count)),
            format!("const A = {}", wrap("-", "1", "", count)),
            format!("const A = {}", wrap("1 ? 1 : ", "1", "", count)),
            format!("const A = {}", wrap("1 ?? ", "1", "", count)),
            format!("const A = {}", wrap("1 + ", "1", "", count)),
            format!("const A = {}", wrap("", "a", "[0]", count)),
            format!("const A = {}", wrap("", "a", ".b", count)),
            format!("const A = {}", wrap("f(", "a", ")", count)),
            format!("struct s {{ {} }}", wrap("if (a) {", "b u(8)", "}", count)),
            format!("struct s {{ {} }}", wrap("if (a) {} else ", "{}", "", count)),
            format!("struct s {{ {} }}", wrap("for (i = 0; i < 1; i++) {", "", "}", count)),
            format!("hierarchy {{ {} }}", wrap("abcd \"1\" {", "", "}", count)),
        ]
    };
    for text in texts(30) {
        assert_eq!(codes(&text), Vec::<&str>::new(), "{text}");
    }
    for count in [80, 3000] {
        for text in texts(count) {
            let text = text.replace("struct s { {}", "struct s { if (a) {}");
            assert_eq!(codes(&text).first(), Some(&"MG003"), "{text}");
        }
    }
}

/// A small generator of random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (bound.max(1) as u64)).unwrap_or(0)
    }
}

#[test]
fn changed_files_never_panic() {
    let pieces = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "#",
        "#[",
        "\"",
        "/*",
        "*/",
        "//",
        "///",
        "//!",
        "\n",
        "?",
        "??",
        ":",
        "..",
        "..=",
        "=",
        "<<",
        "-",
        "!",
        ".",
        ",",
        ";",
        "'",
        "\\",
        "0x",
        "99999999999999999999",
        "1.",
        "ü",
        "\u{feff}",
        "\r",
        "r#",
        "if",
        "else",
        "for (",
        "while (",
        "let ",
        "where ",
        "box ",
        "enum ",
        "hierarchy {",
        "as ",
        " deferred if (",
        "\0",
    ];
    let sources = files();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let start = Instant::now();
    for round in 0..3000 {
        let Some((_, text)) = sources.get(random.below(sources.len())) else {
            return;
        };
        let mut text: Vec<char> = text.chars().collect();
        // Mostly a part of a file: shorter texts are changed more densely.
        if round % 3 > 0 {
            let from = random.below(text.len());
            text.drain(..from);
            text.truncate(200 + random.below(2000));
        }
        for _ in 0..=random.below(4) {
            let at = random.below(text.len());
            match random.below(4) {
                0 => drop(text.drain(at..(at + 1 + random.below(8)).min(text.len()))),
                1 => {
                    let part: Vec<char> = text.iter().skip(random.below(text.len())).take(20).copied().collect();
                    text.splice(at..at, part);
                }
                _ => {
                    let piece = pieces.get(random.below(pieces.len())).copied().unwrap_or("");
                    text.splice(at..at, piece.chars());
                }
            }
        }
        let text: String = text.into_iter().collect();
        let (_, diagnostics) = parse(round, &text);
        assert!(diagnostics.len() <= 100);
        for found in diagnostics {
            assert!(text.get(found.span.bytes.clone()).is_some(), "{found:?}");
        }
        for token in crate::parse::marked(&text).0 {
            let written = text.get(token.bytes.clone()).unwrap_or("?");
            match token.kind {
                Kind::Word(word) => assert_eq!(word, written),
                Kind::Sign(sign) => assert_eq!(sign, written),
                Kind::Open(_) => assert!(["(", "[", "{"].contains(&written)),
                Kind::Close(_) => assert!([")", "]", "}"].contains(&written)),
                Kind::Doc(_) => assert!(written.starts_with("//") || written.starts_with("/*")),
                _ => {}
            }
        }
        if let Ok(formatted) = crate::format::format(&text) {
            assert_eq!(crate::format::format(&formatted), Ok(formatted));
        }
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn long_texts_take_time_in_proportion() {
    let lines = ["x +\n", "{", "(", "}", "a ", "struct s {}\n", "/// a\n", "\"", "#", "1.", "/*", "+ ", "? ", "'a ", "x u(8)\n", "ü", "()", "[{}]", "0 = a\n"];
    for line in lines {
        for (before, after) in [("", ""), ("struct s {\n", "}"), ("const A = ", ""), ("enum e : u(8) {", "}")] {
            let text = format!("{before}{}{after}", line.repeat(4_000));
            let start = Instant::now();
            assert!(parse(0, &text).1.len() <= 100);
            assert!(start.elapsed() < Duration::from_secs(10), "{line:?}");
        }
    }
}
