//! Files in other storage modes: the same data units come out of them, and all boxes are there.

use mpegg::decapsulate::Chunks;
use mpegg::encapsulate::Spool;
use mpegg::encapsulate::repack::{Boxes, Change, Contiguity, repack};
use mpegg::file::{BoxRef, File};
use mpegg::source::Bytes;
use mpegg::validate::{Severity, validate};
use mpegg::walk::{Kind, repeats};
use mpegg::{ErrorKind, Limits};
use mpegg_tests::maker::random::{Case, annotation_file, sequencing_file};
use mpegg_tests::maker::write;
use mpegg_tests::units;
use std::path::Path;

/// Every storage mode.
fn modes() -> Vec<(&'static str, Change)> {
    let change = |contiguity, index, ordered| Change { contiguity: Some(contiguity), index: Some(index), ordered: Some(ordered), ..Change::default() };
    vec![
        ("auc-grc", change(Contiguity::AucGrc, false, true)),
        ("auc-grc with table", change(Contiguity::AucGrc, true, true)),
        ("auc-cc", change(Contiguity::AucCc, false, true)),
        ("auc-cc with table", change(Contiguity::AucCc, true, true)),
        ("dsc ordered", change(Contiguity::Dsc, true, true)),
        ("dsc unordered", change(Contiguity::Dsc, true, false)),
    ]
}

pub fn repacked(bytes: &[u8], change: &Change) -> mpegg::Result<(Vec<u8>, Vec<String>)> {
    let file = File::new(Bytes(bytes))?;
    let spool = Spool::new();
    let mut repacked = repack(&file, &spool, change)?;
    let mut out = vec![];
    let written = repacked.write(Chunks::new(&mut out))?;
    assert_eq!(written, out.len() as u64);
    Ok((out, repacked.notes))
}

/// All boxes that are not made anew, with their bytes, in logical order.
fn kept(node: &BoxRef<'_>, found: &mut Vec<Vec<u8>>) {
    let children = node.children().unwrap();
    for child in &children {
        // Where an `offs` addresses a box that occurs once, others do not count.
        let once = !repeats(node.table(), child.key());
        if once && !child.through_offs() && children.iter().any(|other| other.key() == child.key() && other.through_offs()) {
            continue;
        }
        match &child.key() {
            b"dthd" | b"pars" | b"mitb" | b"dscn" | b"auhd" => {}
            b"dtcn" | b"atcn" | b"labl" => kept(child, found),
            b"aucn" => {
                let unit = child.children().unwrap();
                found.extend(unit.iter().filter(|child| child.key() != *b"auhd").map(|child| child.bytes().unwrap().into_owned()));
            }
            // The index of a table can say where boxes stand.
            b"atix" => found.push(child.bytes().unwrap()[..12].to_vec()),
            _ => found.push(child.bytes().unwrap().into_owned()),
        }
    }
}

pub fn all_kept(bytes: &[u8]) -> Vec<Vec<u8>> {
    let file = File::new(Bytes(bytes)).unwrap();
    let mut found = vec![];
    for node in file.boxes().unwrap() {
        match &node.key() {
            b"dgcn" => kept(&node, &mut found),
            // What an `offs` addresses is found through it.
            key if key.iter().all(u8::is_ascii_lowercase) && *key != *b"zzzz" && *key != *b"free" => {}
            _ => found.push(node.bytes().unwrap().into_owned()),
        }
    }
    found.sort();
    found
}

pub fn findings(bytes: &[u8]) -> Vec<String> {
    let report = validate(&Bytes(bytes), Kind::File, &Limits::default()).unwrap();
    report.findings.iter().filter(|finding| finding.severity != Severity::Note).map(ToString::to_string).collect()
}

/// What is wrong with a file in another mode.
fn compare(name: &str, bytes: &[u8], change: &Change, conformant: bool) -> Vec<String> {
    let before = units::of_file(&File::new(Bytes(bytes)).unwrap());
    let (made, notes) = match (repacked(bytes, change), &before) {
        (Ok(made), _) => made,
        // Where no units come out, none go in.
        (Err(error), Err(_)) if error.kind() != ErrorKind::Io => return vec![],
        (Err(error), _) => return vec![format!("{name}: {error}")],
    };
    let Ok(before) = before else { return vec![] };
    let after = match units::of_file(&File::new(Bytes(&made)).unwrap()) {
        Ok(after) => after,
        Err(error) => return vec![format!("{name}: what was made cannot be read: {error}")],
    };
    let mut wrong = vec![];
    for ((id, before), (other, after)) in before.iter().zip(&after) {
        if (id, before) != (other, after) {
            let first = before.iter().zip(after).position(|(a, b)| a != b);
            wrong.push(format!(
                "{name}: dataset {id:?}: {} units before, {} after, the first difference is of {first:?} ({notes:?})",
                before.len(),
                after.len()
            ));
        }
    }
    if all_kept(bytes) != all_kept(&made) && notes.is_empty() {
        wrong.push(format!("{name}: other boxes"));
    }
    if conformant {
        wrong.extend(findings(&made).into_iter().map(|finding| format!("{name}: {finding}")));
    }
    wrong
}

/// The first cases that fail.
fn check(cases: impl IntoIterator<Item = u64>, mut failure: impl FnMut(u64) -> Vec<String>) {
    let mut wrong = vec![];
    for case in cases {
        wrong.extend(failure(case).into_iter().take(2).map(|one| format!("case {case}: {one}")));
    }
    let count = wrong.len();
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{count}\n{}", wrong.join("\n"));
}

#[test]
fn every_mode_to_every_mode() {
    check(0..96, |case| {
        let Case { file, conformant } = sequencing_file(case);
        let bytes = write::file(&file);
        let conformant = conformant && findings(&bytes).is_empty();
        modes().iter().flat_map(|(name, change)| compare(name, &bytes, change, conformant)).collect()
    });
}

#[test]
fn back_again() {
    check(0..96, |case| {
        let bytes = write::file(&sequencing_file(case).file);
        let Ok((there, _)) = repacked(&bytes, &modes()[case as usize % 6].1) else { return vec![] };
        modes().iter().flat_map(|(name, change)| compare(name, &there, change, false)).collect()
    });
}

#[test]
fn annotation_data_is_carried_over() {
    check(0..64, |case| {
        let Case { file, conformant } = annotation_file(case);
        let bytes = write::file(&file);
        let conformant = conformant && findings(&bytes).is_empty();
        compare("dsc", &bytes, &modes()[4].1, conformant)
    });
}

#[test]
fn boxes_elsewhere_and_back() {
    let keys = [b"rfgn", b"rfmd", b"labl", b"dgmd", b"dgcd", b"dgpr", b"dtmd", b"dtmt", b"dtcd", b"dtpr", b"atmd", b"atcd", b"atpr", b"dtcn"];
    let behind = Change { boxes: Boxes::Behind(keys.iter().map(|key| **key).collect()), ..Change::default() };
    let back = Change { boxes: Boxes::InPlace, ..Change::default() };
    check(0..96, |case| {
        let Case { file, conformant } = if case % 3 == 0 { annotation_file(case) } else { sequencing_file(case) };
        let bytes = write::file(&file);
        let conformant = conformant && findings(&bytes).is_empty();
        let mut wrong = compare("behind", &bytes, &behind, conformant);
        wrong.extend(compare("in place", &bytes, &back, conformant));
        if let Ok((there, _)) = repacked(&bytes, &behind) {
            wrong.extend(compare("back", &there, &back, conformant));
        }
        wrong
    });
}

/// Files of other programs: those of which nothing is found before have nothing to be found after.
#[test]
fn peers_are_kept() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    if !vectors.is_dir() {
        eprintln!("skipped: {} is absent", vectors.display());
        return;
    }
    let files = |folder: &str| std::fs::read_dir(vectors.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = files("genie").chain(files("jmpegg")).collect();
    paths.extend(files("cases").map(|case| case.join("input.mgg")));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "mgg") && path.is_file());
    assert!(paths.len() > 20);
    let mut wrong = vec![];
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let conformant = findings(&bytes).is_empty();
        let name = path.strip_prefix(&vectors).unwrap().display();
        for (mode, change) in modes() {
            wrong.extend(compare(&format!("{name} to {mode}"), &bytes, &change, conformant));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Editions that have the same layouts, and the first one where it can say what the file says.
#[test]
fn other_editions() {
    let edition = |version: &[u8; 4]| Change { minor_version: Some((*version).into()), ..Change::default() };
    let mut done = 0;
    check(0..96, |case| {
        let Case { file, conformant } = sequencing_file(case);
        let bytes = write::file(&file);
        let conformant = conformant && findings(&bytes).is_empty();
        let mut wrong = vec![];
        for version in [b"1900", b"2000", b"2500"] {
            match repacked(&bytes, &edition(version)) {
                Err(error) if error.kind() == ErrorKind::Unsupported => {}
                Err(error) => wrong.push(error.to_string()),
                Ok((made, _)) => {
                    done += 1;
                    let units = |bytes: &[u8]| units::of_file(&File::new(Bytes(bytes)).unwrap()).ok();
                    if units(&bytes) != units(&made) {
                        wrong.push(format!("{}: other units", version.escape_ascii()));
                    }
                    if conformant {
                        wrong.extend(findings(&made));
                    }
                }
            }
        }
        wrong
    });
    assert!(done > 150, "{done}");
}
