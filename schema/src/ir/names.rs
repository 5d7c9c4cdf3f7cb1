//! Names of tables and slots as names of Rust.

/// `dataset_header` as `DatasetHeader`, `DG_CDL` as `DgCdl`.
pub fn camel_case(name: &str) -> String {
    let mut out = String::new();
    for word in name.split('_').filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            out.extend(first.to_uppercase());
            let rest: String = letters.collect();
            let upper = rest.chars().all(|c| !c.is_lowercase());
            out.push_str(&if upper { rest.to_lowercase() } else { rest });
        }
    }
    out
}

/// The words that Rust keeps for itself, in this edition or the next.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn",
    "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of a Rust field or variable: `AU_type` as `au_type`, `posSize` as `pos_size`.
pub fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut before = '_';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
        before = letter;
    }
    if KEYWORDS.contains(&out.as_str()) { out + "_" } else { out }
}
