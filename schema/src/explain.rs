//! What the numbers of diagnostics mean, with examples: a file for each in `explain`.

/// The explanation of a diagnostic, by its number: `MG021`.
pub fn explain(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(found, ..)| *found == code).map(|(.., text)| *text)
}

/// All diagnostics: number, title, and an explanation with a bad and a good example.
pub const CODES: &[(&str, &str, &str)] = &[
    ("MG001", "lexical error", include_str!("explain/MG001.md")),
    ("MG002", "unexpected token", include_str!("explain/MG002.md")),
    ("MG003", "nesting too deep", include_str!("explain/MG003.md")),
    ("MG004", "bad number", include_str!("explain/MG004.md")),
    ("MG005", "bad attribute", include_str!("explain/MG005.md")),
    ("MG006", "unknown row or item", include_str!("explain/MG006.md")),
    ("MG007", "missing closing brace or end of file", include_str!("explain/MG007.md")),
    ("MG010", "duplicate item name", include_str!("explain/MG010.md")),
    ("MG011", "unknown name", include_str!("explain/MG011.md")),
    ("MG012", "unknown type, table or key", include_str!("explain/MG012.md")),
    ("MG013", "name defined twice", include_str!("explain/MG013.md")),
    ("MG014", "name may be absent on this path", include_str!("explain/MG014.md")),
    ("MG015", "wrong number of arguments", include_str!("explain/MG015.md")),
    ("MG016", "unknown enum", include_str!("explain/MG016.md")),
    ("MG017", "subscript is not a loop variable or a number", include_str!("explain/MG017.md")),
    ("MG018", "unknown form", include_str!("explain/MG018.md")),
    ("MG020", "width may be over 64 bits", include_str!("explain/MG020.md")),
    ("MG021", "width may be negative", include_str!("explain/MG021.md")),
    ("MG022", "arithmetic may overflow", include_str!("explain/MG022.md")),
    ("MG023", "division by zero possible", include_str!("explain/MG023.md")),
    ("MG024", "shift too large", include_str!("explain/MG024.md")),
    ("MG025", "loop may take no bits and its count is not bounded", include_str!("explain/MG025.md")),
    ("MG026", "recursion", include_str!("explain/MG026.md")),
    ("MG027", "loop body with several fields needs a name", include_str!("explain/MG027.md")),
    ("MG028", "unused parameter", include_str!("explain/MG028.md")),
    ("MG029", "a text is only compared", include_str!("explain/MG029.md")),
    ("MG030", "value of the wrong kind", include_str!("explain/MG030.md")),
    ("MG031", "this cannot be assigned", include_str!("explain/MG031.md")),
    ("MG032", "bytes(..) is not last", include_str!("explain/MG032.md")),
    ("MG033", "count of something that is not an array", include_str!("explain/MG033.md")),
    ("MG034", "codes overlap or exceed the width", include_str!("explain/MG034.md")),
    ("MG035", "container rows out of order", include_str!("explain/MG035.md")),
    ("MG036", "hierarchy and containers disagree", include_str!("explain/MG036.md")),
    ("MG037", "missing clause", include_str!("explain/MG037.md")),
    ("MG038", "key is not four ASCII characters", include_str!("explain/MG038.md")),
    ("MG039", "duplicate key", include_str!("explain/MG039.md")),
    ("MG040", "foreign value is not declared", include_str!("explain/MG040.md")),
    ("MG041", "constant expected", include_str!("explain/MG041.md")),
    ("MG042", "name cannot be a Rust name", include_str!("explain/MG042.md")),
    ("MG043", "expression too large", include_str!("explain/MG043.md")),
    ("MG044", "value does not belong here", include_str!("explain/MG044.md")),
    ("MG045", "meaning does not belong here", include_str!("explain/MG045.md")),
    ("MG046", "this does not belong here", include_str!("explain/MG046.md")),
    ("MG047", "row does not tell the rounds of its loop apart", include_str!("explain/MG047.md")),
    ("MG048", "rule without explanation", include_str!("explain/MG048.md")),
    ("MG049", "part with two names or titles", include_str!("explain/MG049.md")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    /// An example as a file: rows stand in a structure.
    fn codes_of(example: &str) -> Vec<&'static str> {
        let items = ["box", "struct", "container", "enum", "fn", "foreign", "part", "hierarchy", "#[clause", "#[section"];
        let text: String = example.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect();
        let text = if items.iter().any(|item| text.starts_with(&format!("{item} "))) { text } else { format!("struct example {{\n{text}}}\n") };
        parse(0, &text).1.iter().map(|found| found.code).collect()
    }

    #[test]
    fn codes_ascend_and_are_found() {
        assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, _, text) in CODES {
            assert_eq!(explain(code), Some(*text));
        }
        assert_eq!(explain("MG999"), None);
    }

    #[test]
    fn examples_parse_or_fail_as_told() {
        for (code, _, text) in CODES {
            let (rest, good) = text.split_once("Good:\n\n").unwrap_or_default();
            assert_eq!(codes_of(good), Vec::<&str>::new(), "{code}");
            if let Some((_, bad)) = rest.split_once("Bad:\n\n") {
                let found = codes_of(bad);
                if *code < "MG010" {
                    assert_eq!(found, [*code]);
                } else {
                    assert!(found.is_empty(), "{code}");
                }
            }
        }
    }
}
