//! Every diagnostic has a schema that is accepted, schemas that are refused with it, and an explanation.
//!
//! `diagnostics/CODE.accepted.mgs` and `diagnostics/CODE.rejected.mgs` differ in what the code is about and in nothing else;
//! `CODE-WHAT.rejected.mgs` are further ways to the same code.

use mpegg_schema::{Source, compile, explain, format, render};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The cases whose names end so, in order: the name without this ending, and the file.
fn cases(ending: &str) -> Vec<(String, Source)> {
    let mut found = vec![];
    for entry in fs::read_dir(folder("diagnostics")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if let Some(case) = name.strip_suffix(ending) {
            found.push((case.to_owned(), Source { text: fs::read_to_string(&path).unwrap(), name: name.clone() }));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The code that a case is about.
fn code(case: &str) -> &str {
    case.split('-').next().unwrap_or(case)
}

/// Each `"MGnnn"` in the compiler, its explanations and tests left out.
fn emitted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder("../schema/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            if name == "tests" || name == "explain" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("\"MG") {
                let code = text.get(at + 1..at + 6).unwrap_or("");
                let digits = code.get(2..).unwrap_or("");
                if digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) && text.get(at + 6..at + 7) == Some("\"") {
                    found.insert(code.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn every_code_has_its_cases_and_its_explanation() {
    let emitted = emitted();
    assert!(emitted.len() > 35, "the compiler's sources were not found");
    for ending in [".accepted.mgs", ".rejected.mgs"] {
        let covered: BTreeSet<String> = cases(ending).into_iter().map(|(case, _)| code(&case).to_owned()).collect();
        assert_eq!(covered, emitted, "tests/diagnostics/*{ending} (left) against the compiler (right)");
    }
    let explained: BTreeSet<String> = explain::CODES.iter().map(|(code, ..)| (*code).to_owned()).collect();
    assert_eq!(explained, emitted, "explain::CODES (left) against the compiler (right)");
    for code in &emitted {
        assert!(explain::explain(code).is_some_and(|text| !text.trim().is_empty()), "{code}");
    }
}

#[test]
fn accepted_schemas_compile() {
    for (case, source) in cases(".accepted.mgs") {
        let sources = [source];
        match compile(&sources) {
            Ok(schema) => assert!(!mpegg_schema::emit::rust(&schema, &sources).is_empty(), "{case}"),
            Err(found) => panic!("{case}\n{}", render::render(&found, &sources, false)),
        }
        assert_eq!(format::format(&sources[0].text).as_ref(), Ok(&sources[0].text), "{case}: as the formatter writes it");
    }
}

#[test]
fn rejected_schemas_show_their_code_first() {
    for (case, source) in cases(".rejected.mgs") {
        let sources = [source];
        let Err(found) = compile(&sources) else { panic!("{case} is accepted") };
        assert_eq!(found.first().map(|found| found.code), Some(code(&case)), "{case}\n{}", render::render(&found, &sources, false));
        insta::with_settings!({ snapshot_path => "../../snapshots/diagnostics", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(case.as_str(), render::render(&found, &sources, false));
        });
        let lines = render::render_json(&found, &sources);
        assert_eq!(lines.lines().count(), found.len(), "{case}");
        for (line, found) in lines.lines().zip(&found) {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(object["code"], found.code);
            assert_eq!(object["file"], sources[0].name.as_str());
        }
    }
}
