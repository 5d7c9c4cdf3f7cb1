//! The string indexes of the evaluation's cases: every search, every decoded tile, every text; and its damaged indexes.

use mpegg::file::{Field, File};
use mpegg::strings::{Mode, Pattern, StringIndex, Text, Unit, Way};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

use super::command::{mpegg, told};
use super::rebuilt::{cases, list, text};

fn folders() -> Vec<PathBuf> {
    let Some(root) = cases() else { return vec![] };
    let mut found: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|folder| folder.file_name().unwrap().to_string_lossy().starts_with("str-"));
    found.sort();
    found
}

fn expected(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("expect.json")).unwrap()).unwrap()
}

fn id(arguments: &Value, name: &str) -> u64 {
    arguments[name].as_u64().unwrap()
}

fn field(arguments: &Value) -> Field {
    match arguments["attribute_ID"].as_u64() {
        Some(attribute) => Field::Attribute(attribute.try_into().unwrap()),
        None => Field::Descriptor(id(arguments, "descriptor_ID").try_into().unwrap()),
    }
}

/// The options that select what the arguments of an operation name.
fn options(arguments: &Value) -> Vec<String> {
    let field = match field(arguments) {
        Field::Attribute(id) => format!("attribute:{id}"),
        Field::Descriptor(id) => format!("descriptor:{id}"),
    };
    let dataset = format!("{}:{}", arguments["dataset_group_ID"], arguments["dataset_ID"]);
    let (table, group) = (arguments["AT_ID"].to_string(), arguments["AG_class"].to_string());
    ["--dataset", &dataset, "--table", &table, "--group", &group, "--field", &field].map(str::to_owned).into()
}

fn run(command: &str, input: &Path, arguments: &[String]) -> String {
    let all = ["strings".to_owned(), command.to_owned(), input.to_string_lossy().into_owned()];
    let output = mpegg(all.iter().chain(arguments));
    assert_eq!(output.status.code(), Some(0), "{command} {arguments:?}: {}", told(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the command says to a search, and what is expected of it.
fn searched(input: &Path, arguments: &Value, wanted: &Value) {
    let mut all = options(arguments);
    match text(&arguments["mode"]).as_str() {
        "substring" => {}
        mode => all.push(format!("--{mode}")),
    }
    let name = format!("{}:{}", arguments["dataset_group_ID"], arguments["dataset_ID"]);
    let field = all[7].clone();
    let pattern = ["--".to_owned(), text(&arguments["pattern"])];
    let wanted: Vec<Value> = list(wanted)
        .iter()
        .map(|result| {
            let indexes = [&result["tile_index_1"], &result["tile_index_2"]];
            let tile: Vec<&Value> = indexes.into_iter().filter(|index| !index.is_null()).collect();
            let tile = if tile.is_empty() { Value::Null } else { json!(tile) };
            json!({"dataset": name, "table": arguments["AT_ID"], "group": arguments["AG_class"], "field": field, "tile": tile, "unit": result["au_id"],
                "record": result["record"], "string_index": result["string_index"], "string": result["string"]})
        })
        .collect();
    let asked = [all.as_slice(), &["--format".to_owned(), "jsonl".to_owned()], &pattern].concat();
    assert_eq!(lines(&run("search", input, &asked)), wanted, "{arguments}");
    let counted = run("search", input, &[all.as_slice(), &["--count".to_owned()], &pattern].concat());
    assert_eq!(counted, format!("{}\t{}\n", pattern[1], wanted.len()), "{arguments}");
}

/// The unit that arguments name.
fn unit(arguments: &Value) -> Vec<String> {
    match (&arguments["tile_index_1"], &arguments["tile_index_2"], &arguments["au_id"]) {
        (Value::Null, _, id) => vec!["--unit".to_owned(), id.to_string()],
        (first, Value::Null, _) => vec!["--tile".to_owned(), first.to_string()],
        (first, second, _) => vec!["--tile".to_owned(), format!("{first},{second}")],
    }
}

#[test]
fn operations() {
    let mut operations = 0;
    for folder in folders() {
        let expect = expected(&folder);
        let input = folder.join(text(&expect["input"]));
        for operation in list(&expect["operations"]) {
            let (arguments, output) = (&operation["arguments"], || fs::read(folder.join(text(&operation["output"]))).unwrap());
            match text(&operation["operation"]).as_str() {
                "strings_search" => searched(&input, arguments, &serde_json::from_slice(&output()).unwrap()),
                "strings_decode" => {
                    let wanted: Vec<Value> = serde_json::from_slice(&output()).unwrap();
                    assert_eq!(lines(&run("decode", &input, &[options(arguments), unit(arguments)].concat())), wanted, "{arguments}");
                }
                "strings_payload" => {
                    let all = [options(arguments), vec!["--payload".to_owned(), arguments["sub_index"].to_string()]].concat();
                    assert_eq!(run("decode", &input, &all).into_bytes(), output(), "{arguments}");
                }
                _ => continue,
            }
            operations += 1;
        }
    }
    assert!(operations > 80 || folders().is_empty(), "{operations} operations are too few");
}

/// Calls a function with each sub-index.
fn each_text(path: &Path, mut with: impl FnMut(&StringIndex<'_>, Text<'_>, Text<'_>)) {
    let file = File::open(path).unwrap();
    for group in file.groups().unwrap() {
        for dataset in group.datasets().unwrap() {
            for index in dataset.string_indexes().unwrap() {
                for part in index.sub_indexes() {
                    let content = index.content(part).unwrap();
                    let open = || Text::open(&index, part, &content).unwrap();
                    with(&index, open(), open().expand().unwrap());
                }
            }
        }
    }
}

/// The strings of a text: unit, record, number in the record, where it begins, bytes.
type Strings = Vec<(Unit, u64, usize, u32, Vec<u8>)>;

fn strings(text: &Text<'_>) -> Strings {
    let mut found = vec![];
    for unit in 0..text.sub_index().units.len() {
        let mut strings = text.strings(unit).unwrap();
        while let Some(string) = strings.next_string().unwrap() {
            found.push((string.unit, string.record, string.string_index, string.start, string.string.to_vec()));
        }
    }
    found
}

fn hits(text: &Text<'_>, patterns: &[Pattern]) -> Strings {
    let mut found = vec![];
    let mut hits = text.search(patterns).unwrap();
    while let Some(hit) = hits.next_hit().unwrap() {
        found.push((hit.unit, hit.record, hit.string_index, hit.start, hit.string.to_vec()));
    }
    found
}

#[test]
fn both_ways_answer_as_a_scan_does() {
    for folder in folders() {
        each_text(&folder.join("input.mgg"), |_, in_place, expanded| {
            let all = strings(&in_place);
            assert_eq!(all, strings(&expanded));
            assert!(!all.is_empty());
            let mut patterns: Vec<Vec<u8>> = vec![b"".to_vec(), b"s".to_vec(), b"S5".to_vec(), b"\x01".to_vec(), b"\0".to_vec(), b"\x80".to_vec(), "é".into()];
            for (number, string) in all.iter().enumerate() {
                let bytes = &string.4;
                let (start, end) = (number % (bytes.len() + 1), bytes.len() - number / 7 % (bytes.len() + 1));
                patterns.push(bytes[start.min(end)..end.max(start)].to_vec());
            }
            for bytes in patterns {
                for mode in [Mode::Substring, Mode::Prefix, Mode::Suffix, Mode::Exact] {
                    for ignore_case in [false, true] {
                        let pattern = Pattern { bytes: bytes.clone(), mode, ignore_case };
                        let wanted: Strings = all.iter().filter(|string| pattern.matches(&string.4)).cloned().collect();
                        assert_eq!(hits(&in_place, std::slice::from_ref(&pattern)), wanted, "{pattern:?}");
                        assert_eq!(hits(&expanded, std::slice::from_ref(&pattern)), wanted, "{pattern:?}");
                        assert_eq!(in_place.count(&pattern).unwrap(), wanted.len() as u64, "{pattern:?}");
                        assert_eq!(expanded.count(&pattern).unwrap(), wanted.len() as u64, "{pattern:?}");
                    }
                }
            }
        });
    }
}

#[test]
fn several_patterns_give_each_string_once() {
    for folder in folders() {
        each_text(&folder.join("input.mgg"), |_, in_place, _| {
            let patterns = [Pattern::new("rs"), Pattern::new("s"), Pattern { mode: Mode::Suffix, ..Pattern::new("A") }];
            let wanted: Strings = strings(&in_place).into_iter().filter(|string| patterns.iter().any(|pattern| pattern.matches(&string.4))).collect();
            let suited = in_place.suited(Way::Auto, &patterns, None).unwrap();
            assert_eq!(hits(&suited, &patterns), wanted);
        });
    }
}

#[test]
fn verified() {
    for folder in folders() {
        let said = run("verify", &folder.join("input.mgg"), &[]);
        assert!(said.lines().all(|line| line.contains(": fine")), "{said}");
    }
}

#[test]
fn damaged_indexes() {
    let Some(root) = cases().map(|root| root.join("bad")) else { return };
    let manifest: Value = serde_json::from_slice(&fs::read(root.join("manifest.json")).unwrap()).unwrap();
    for entry in list(&manifest).iter().filter(|entry| text(&entry["operation"]).starts_with("strings")) {
        let file = root.join(text(&entry["file"]));
        for arguments in [&["search", "r"][..], &["decode"], &["verify"], &["stats"]] {
            let mut all: Vec<String> = vec!["strings".to_owned(), arguments[0].to_owned(), file.to_string_lossy().into_owned()];
            all.extend(arguments.iter().skip(1).map(|argument| (*argument).to_owned()));
            let output = mpegg(&all);
            if entry["level"] == "error" {
                assert_eq!(output.status.code(), Some(4), "{entry}: {arguments:?}: {}", told(&output));
                let said = [output.stdout, output.stderr].concat();
                assert!(String::from_utf8_lossy(&said).contains("(byte "), "no place: {entry} {arguments:?}");
            } else {
                assert_eq!(output.status.code(), Some(0), "{entry}: {arguments:?}: {}", told(&output));
            }
        }
        let report = mpegg(["validate".as_ref(), file.as_os_str()]);
        let name = text(&entry["field"]).split('[').next().unwrap_or_default().to_owned();
        let said = String::from_utf8_lossy(&report.stdout).into_owned();
        // Where a size is wrong, what stands behind it is told.
        let is_told = |line: &str| line.contains(&text(&entry["box"])) && (line.contains(&name) || entry["level"] == "error");
        assert!(said.lines().any(is_told), "{entry}: {said}");
    }
}
