//! What peers expect of the command: the operations of the evaluation's cases, its damaged files, and files of other programs.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::command::{Extract, difference, mpegg, told};
use super::rebuilt::{cases, list, number, query, text};

fn extract(file: &Path, group: u64, dataset: u64, options: Vec<String>, folder: &Path, reference: bool) -> Result<(Vec<u8>, Vec<u8>), String> {
    let reference_output = reference.then(|| folder.join("reference.mgb"));
    Extract { file, dataset: format!("{group}:{dataset}"), options, output: folder.join("units.mgb"), reference_output }.run()
}

/// What an operation gives; nothing where it is not for these commands.
fn operate(operation: &Value, input: &Path, folder: &Path) -> Option<Result<Vec<u8>, String>> {
    let arguments = &operation["arguments"];
    let id = |name: &str| arguments[name].as_u64().unwrap_or(0);
    let input = arguments["of"].as_str().map_or(input.to_owned(), |other| input.with_file_name(other));
    let units = |reference| extract(&input, id("dataset_group_ID"), id("dataset_ID"), query(arguments).arguments(), folder, reference);
    Some(match operation["operation"].as_str()? {
        "extract_dataset" | "extract_regions" | "extract_label" | "extract_signatures" => units(false).map(|(units, _)| units),
        "reference_for_dataset" | "reference_for_regions" | "reference_for_label" => units(true).map(|(_, reference)| reference),
        "metadata" => {
            let key = arguments["box"].as_str()?;
            let container = if key.starts_with("dt") { "dgcn[0].dtcn[0]." } else { "dgcn[0]." };
            let number = if key == "rfmd" { "[0]" } else { "" };
            let output = mpegg(["get".as_ref(), input.as_os_str(), format!("{container}{key}{number}.{}", arguments["field"].as_str()?).as_ref()]);
            if output.status.code() == Some(0) { Ok(output.stdout) } else { Err(told(&output)) }
        }
        name if name == "depacketize" || name.starts_with("strings_") => return None,
        name => Err(format!("{name} is unknown to this test")),
    })
}

#[test]
fn operations_of_the_cases() {
    let Some(root) = cases() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let (mut wrong, mut right) = (vec![], 0);
    for folder in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("expect.json").is_file()) {
        let expect: Value = serde_json::from_slice(&fs::read(folder.join("expect.json")).unwrap()).unwrap();
        let input = folder.join(text(&expect["input"]));
        for operation in list(&expect["operations"]) {
            let wanted = || fs::read(folder.join(text(&operation["output"]))).unwrap();
            let failure = match operate(operation, &input, scratch.path()) {
                None => continue,
                Some(Ok(found)) => difference(&found, &wanted()),
                Some(Err(error)) => Some(error),
            };
            right += usize::from(failure.is_none());
            wrong.extend(failure.map(|failure| format!("{} {} {}: {failure}", text(&expect["case"]), operation["operation"], operation["arguments"])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right > 30, "{right} operations are too few");
}

#[test]
fn the_validator_finds_nothing_in_conformant_cases() {
    let Some(root) = cases() else { return };
    let mut wrong = vec![];
    for folder in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("expect.json").is_file()) {
        let expect: Value = serde_json::from_slice(&fs::read(folder.join("expect.json")).unwrap()).unwrap();
        if expect["conformant"] == true && list(&expect["validator"]).is_empty() {
            let output = mpegg(["validate".as_ref(), folder.join(text(&expect["input"])).as_os_str()]);
            if output.status.code() != Some(0) {
                wrong.push(format!("{}: {}", text(&expect["case"]), told(&output)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The dataset that an operation on a damaged file names, and whether its reference is asked too. None: the whole file is read.
fn asked(operation: &str) -> Option<(u64, u64, bool)> {
    let mut words = operation.split(' ');
    let reference = words.next()? == "reference";
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, reference))
}

/// The operation fails, and says where.
fn fails(entry: &Value, file: &Path, folder: &Path) -> Result<(), String> {
    let output = match asked(entry["operation"].as_str().unwrap_or_default()) {
        None => mpegg(["dump".as_ref(), file.as_os_str()]),
        Some((group, dataset, reference)) => {
            let units = folder.join("units.mgb");
            let mut arguments =
                vec!["extract".into(), file.into(), "--dataset".into(), format!("{group}:{dataset}").into(), "-o".into(), units.into_os_string()];
            if reference {
                arguments.extend(["--reference-output".into(), folder.join("reference.mgb").into_os_string()]);
            }
            mpegg(arguments)
        }
    };
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    if !matches!(output.status.code(), Some(4..=6)) {
        return Err(format!("no error of the input: {}", told(&output)));
    }
    if !message.contains("(byte ") {
        return Err(format!("no place: {message}"));
    }
    Ok(())
}

/// The operation works, and the validator tells of the box and the field.
fn found(entry: &Value, file: &Path, folder: &Path) -> Result<(), String> {
    match asked(entry["operation"].as_str().unwrap_or_default()) {
        None => {
            let output = mpegg(["dump".as_ref(), file.as_os_str()]);
            if output.status.code() != Some(0) {
                return Err(told(&output));
            }
        }
        Some((group, dataset, _)) => {
            use sha2::{Digest, Sha256};
            let (units, _) = extract(file, group, dataset, vec![], folder, false)?;
            let sum: String = Sha256::digest(&units).iter().map(|byte| format!("{byte:02x}")).collect();
            if entry["output_size"] != units.len() || entry["output_sha256"] != sum.as_str() {
                return Err(format!("{} bytes with SHA-256 {sum}", units.len()));
            }
        }
    }
    let output = mpegg(["validate".as_ref(), file.as_os_str()]);
    // `seq_blocks[1]` is the field seq_blocks.
    let field = entry["field"].as_str().map_or("", |field| field.split('[').next().unwrap_or_default());
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    let box_ = entry["box"].as_str().unwrap_or_default();
    if output.status.code() != Some(1) || !report.lines().any(|line| line.contains(box_) && line.contains(field)) {
        return Err(format!("not reported at {box_} {field}: {}", told(&output)));
    }
    Ok(())
}

#[test]
fn damaged_files() {
    let Some(root) = cases().map(|root| root.join("bad")) else { return };
    let scratch = tempfile::tempdir().unwrap();
    let manifest: Value = serde_json::from_slice(&fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let mut wrong = vec![];
    for entry in list(&manifest) {
        let (name, operation) = (text(&entry["file"]), text(&entry["operation"]));
        if !name.ends_with(".mgg") || operation.starts_with("strings") {
            continue;
        }
        let check = if entry["level"] == "error" { fails } else { found };
        if let Err(error) = check(entry, &root.join(&name), scratch.path()) {
            wrong.push(format!("{name} ({}): {error}", text(&entry["what"])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files of a folder of peers.
fn peers(folder: &str) -> Vec<PathBuf> {
    let Some(root) = cases().and_then(|cases| Some(cases.parent()?.join(folder))) else { return vec![] };
    let mut files: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn files_of_genie() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = vec![];
    for wanted in peers("genie") {
        // X.decap.G.D.mgb came out of X.mgg.
        let name = wanted.file_name().unwrap().to_string_lossy().into_owned();
        let Some((file, ids)) = name.strip_suffix(".mgb").and_then(|name| name.split_once(".decap.")) else { continue };
        let (group, dataset) = ids.split_once('.').unwrap();
        let found = extract(&wanted.with_file_name(format!("{file}.mgg")), group.parse().unwrap(), dataset.parse().unwrap(), vec![], scratch.path(), false);
        let failure = found.map_or_else(Some, |(units, _)| difference(&units, &fs::read(&wanted).unwrap()));
        wrong.extend(failure.map(|failure| format!("{name}: {failure}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Data units, each as often as it occurs.
fn units_of(mut bytes: &[u8]) -> BTreeMap<Vec<u8>, usize> {
    let mut units = BTreeMap::new();
    while let Some(kind) = bytes.first() {
        let size = match kind {
            0 => u64::from_be_bytes(bytes[1..9].try_into().unwrap()) as usize,
            // Reserved bits are zero.
            _ => u32::from_be_bytes(bytes[1..5].try_into().unwrap()) as usize,
        };
        *units.entry(bytes[..size].to_vec()).or_insert(0) += 1;
        bytes = &bytes[size..];
    }
    units
}

#[test]
fn files_of_jmpegg() {
    let scratch = tempfile::tempdir().unwrap();
    for wanted in peers("jmpegg").into_iter().filter(|path| path.extension().is_some_and(|end| end == "units")) {
        let told: Value = serde_json::from_slice(&fs::read(wanted.with_extension("json")).unwrap()).unwrap();
        let mut found = vec![];
        for group in list(&told["content"]["dgcn"]) {
            for dataset in list(&group["dghd"]["dataset_ID"]) {
                let id = number(&group["dghd"]["dataset_group_ID"]);
                let (units, _) = extract(&wanted.with_extension("mgg"), id, number(dataset), vec![], scratch.path(), false).unwrap();
                found.extend(units);
            }
        }
        let (found, wanted_units) = (units_of(&found), units_of(&fs::read(&wanted).unwrap()));
        assert!(found == wanted_units, "{}: {} kinds of units, wanted {}", wanted.display(), found.len(), wanted_units.len());
    }
}
