//! Files out of data units: what is taken out of a file and packed again is the same in content.

use mpegg::access::Selection;
use mpegg::decapsulate::Chunks;
use mpegg::encapsulate::Spool;
use mpegg::encapsulate::pack::plan::*;
use mpegg::encapsulate::pack::{Input, Places, Plan, pack};
use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg_tests::command::mpegg;
use mpegg_tests::maker::model;
use mpegg_tests::maker::random::{Case, sequencing_file};
use mpegg_tests::maker::write;
use mpegg_tests::units;
use std::fs;
use std::path::{Path, PathBuf};

use super::repacked::{all_kept, findings};

/// Exit code, what is printed, what is said.
fn told(output: &std::process::Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn value(bytes: &[u8]) -> ValuePlan {
    ValuePlan::Hex(hex(bytes))
}

fn class(id: u8) -> ClassPlan {
    [ClassPlan::P, ClassPlan::N, ClassPlan::M, ClassPlan::I, ClassPlan::HM, ClassPlan::U][usize::from(id) - 1]
}

fn boxes(boxes: &[model::Opaque]) -> Vec<BoxPlan> {
    let plan = |one: &model::Opaque| BoxPlan {
        key: one.key.escape_ascii().to_string(),
        value: value(&one.value),
        reference_id: None,
        dataset_id: None,
        behind_offs: one.place != model::Place::Here,
    };
    boxes.iter().map(plan).collect()
}

fn flags(form: &model::Form) -> FlagsPlan {
    FlagsPlan {
        multiple_alignment: form.multiple_alignment,
        pos_40_bits: form.wide_positions,
        alphabet_id: form.alphabet,
        u_signature: form.signatures != model::Signatures::Absent,
        u_signature_length: if let model::Signatures::Constant(length) = form.signatures { Some(length) } else { None },
    }
}

fn reference(reference: &model::Reference) -> ReferencePlan {
    let mut plan = ReferencePlan {
        reference_id: reference.id,
        name: Some(reference.name.clone()),
        version: Some(reference.version.map(|part| part.to_string()).join(".")),
        ..ReferencePlan::default()
    };
    let sequence = |one: &model::ReferenceSequence| SequencePlan { name: one.name.clone(), length: one.length, sequence_id: one.id, checksum: None };
    plan.sequences = reference.sequences.iter().map(sequence).collect();
    match &reference.location {
        model::Location::Internal { group, dataset } => plan.location = Some(LocationPlan::Dataset { dataset_group_id: *group, dataset_id: *dataset }),
        model::Location::External { uri, algorithm, kind, checksums } => {
            plan.checksum_alg = Some(if *algorithm == 0 { ChecksumPlan::Md5 } else { ChecksumPlan::Sha256 });
            for (sequence, checksum) in plan.sequences.iter_mut().zip(checksums) {
                sequence.checksum = Some(hex(checksum));
            }
            let uri = uri.clone();
            plan.location = Some(match kind {
                model::ReferenceKind::Raw => LocationPlan::Raw { uri },
                model::ReferenceKind::Fasta => LocationPlan::Fasta { uri },
                model::ReferenceKind::Mpegg { group, dataset } => {
                    LocationPlan::Mpegg { uri, dataset_group_id: *group, dataset_id: *dataset, checksum: checksums.first().map(|checksum| hex(checksum)) }
                }
            });
        }
    }
    plan
}

fn label(label: &model::Label) -> LabelPlan {
    let region = |region: &model::LabelRegion| LabelRegionPlan {
        region: format!("@{}:{}-{}", region.sequence, region.start, region.end),
        classes: region.classes.iter().map(|id| class(*id)).collect(),
    };
    let dataset = |one: &model::LabelDataset| LabelDatasetPlan { dataset_id: one.dataset, regions: one.regions.iter().map(region).collect() };
    LabelPlan { label_id: label.id.clone(), datasets: label.datasets.iter().map(dataset).collect() }
}

fn dataset(group: u8, dataset: &model::Dataset) -> DatasetPlan {
    let content = dataset.sequencing().unwrap();
    let units = content.units.iter().filter(|unit| !unit.boxes.is_empty());
    let mut plan = DatasetPlan {
        dataset_id: dataset.id,
        inputs: vec![PathBuf::from(format!("{group}.{}.mgb", dataset.id))],
        dataset_type: Some([TypePlan::NonAligned, TypePlan::Aligned, TypePlan::Reference][usize::from(content.dataset_type)]),
        version: Some(dataset.version.escape_ascii().to_string()),
        reference_id: (!content.sequences.is_empty()).then_some(content.reference),
        sequences: content.sequences.iter().map(|sequence| sequence.id).collect(),
        non_overlapping_au_range: content.non_overlapping,
        parameters_update: Some(content.parameters_update),
        flags: Some(flags(&content.form)),
        boxes: boxes(&dataset.boxes),
        access_units: units
            .map(|unit| AccessUnitPlan {
                class: class(unit.class),
                sequence_id: unit.sequence.map(|number| content.sequences[number].id),
                access_unit_id: unit.id,
                boxes: boxes(&unit.boxes),
            })
            .collect(),
        ..DatasetPlan::default()
    };
    for set in &dataset.parameter_sets {
        plan.parameter_sets.extend(set.form.map(|form| ParameterSetPlan { parameter_set_id: set.id, flags: flags(&form) }));
    }
    for sequence in &content.sequences {
        plan.thresholds.push(sequence.threshold.unwrap_or_else(|| *plan.thresholds.last().unwrap()));
    }
    plan
}

/// What the model says, as a plan.
fn plan(file: &model::File) -> Plan {
    let text = |key: &[u8; 4]| key.escape_ascii().to_string();
    let group = |group: &model::Group| GroupPlan {
        dataset_group_id: group.id,
        version_number: group.version,
        references: group.references.iter().map(reference).collect(),
        labels: group.labels.iter().flat_map(|labels| &labels.list).map(label).collect(),
        boxes: group
            .reference_metadata
            .iter()
            .flat_map(|(id, one)| boxes(std::slice::from_ref(one)).into_iter().map(|one| BoxPlan { reference_id: Some(*id), ..one }))
            .chain(boxes(&group.boxes))
            .collect(),
        placeholders: vec![],
        datasets: group.datasets.iter().map(|one| dataset(group.id, one)).collect(),
    };
    Plan {
        minor_version: Some(text(&file.minor_version)),
        compatible_brands: file.brands.iter().map(text).collect(),
        groups: file.groups.iter().map(group).collect(),
        other_datasets: None,
    }
}

/// The data units of each dataset, with all parameter sets.
fn inputs(bytes: &[u8]) -> mpegg::Result<Vec<(String, Vec<u8>)>> {
    let file = File::new(Bytes(bytes))?;
    let mut inputs = vec![];
    for group in file.groups()? {
        let id = group.header()?.dataset_group_id;
        for dataset in group.datasets()? {
            let access = dataset.select(&Selection { all_parameter_sets: true, ..Selection::all() })?;
            let units = access.units()?.map(|unit| unit?.to_vec()).collect::<mpegg::Result<Vec<_>>>()?.concat();
            inputs.push((format!("{id}.{}.mgb", dataset.header()?.dataset_id), units));
        }
    }
    Ok(inputs)
}

fn packed(plan: &Plan, inputs: &[(String, Vec<u8>)]) -> mpegg::Result<(Vec<u8>, Vec<String>, Plan)> {
    let sources: Vec<Bytes<&[u8]>> = inputs.iter().map(|(_, bytes)| Bytes(bytes.as_slice())).collect();
    let inputs: Vec<Input<'_>> = inputs.iter().zip(&sources).map(|((name, _), source)| Input { name: name.clone(), source }).collect();
    let spool = Spool::new();
    let mut made = pack(plan.clone(), &inputs, &spool, &Places::default())?;
    let mut out = vec![];
    made.write(Chunks::new(&mut out))?;
    Ok((out, made.notes, made.plan))
}

/// The plan with every dataset in a mode.
fn stored(plan: &Plan, mode: ModePlan, mit: bool, ordered: bool) -> Plan {
    let mut plan = plan.clone();
    for dataset in plan.groups.iter_mut().flat_map(|group| &mut group.datasets) {
        (dataset.mode, dataset.mit, dataset.ordered) = (mode, Some(mit), Some(ordered));
    }
    plan
}

#[test]
fn what_was_taken_out_is_packed_again() {
    let modes = [
        ("auc-grc", ModePlan::AucGrc, false, true),
        ("auc-grc with table", ModePlan::AucGrc, true, true),
        ("auc-cc", ModePlan::AucCc, false, true),
        ("auc-cc with table", ModePlan::AucCc, true, true),
        ("dsc ordered", ModePlan::Dsc, true, true),
        ("dsc unordered", ModePlan::Dsc, true, false),
    ];
    let (mut wrong, mut done) = (vec![], 0);
    for case in 0..96 {
        let Case { file, conformant } = sequencing_file(case);
        let bytes = write::file(&file);
        let Ok(inputs) = inputs(&bytes) else { continue };
        // An empty dataset has no parameter sets to be packed.
        if inputs.iter().any(|(_, units)| units.is_empty()) {
            continue;
        }
        let plan = plan(&file);
        let before = units::of_file(&File::new(Bytes(&bytes)).unwrap()).unwrap();
        let kept = all_kept(&bytes);
        for (name, mode, mit, ordered) in modes {
            let plan = stored(&plan, mode, mit, ordered);
            // A plan comes back from JSON as it was.
            assert_eq!(serde_json::from_str::<Plan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
            match packed(&plan, &inputs) {
                Err(error) => wrong.push(format!("case {case} {name}: {error}")),
                Ok((made, notes, _)) => {
                    done += 1;
                    if units::of_file(&File::new(Bytes(&made)).unwrap()).unwrap() != before {
                        wrong.push(format!("case {case} {name}: other units {notes:?}"));
                    }
                    if !file.has_unknown_boxes() && all_kept(&made) != kept {
                        wrong.push(format!("case {case} {name}: other boxes"));
                    }
                    if conformant {
                        wrong.extend(findings(&made).into_iter().map(|finding| format!("case {case} {name}: {finding}")));
                    }
                }
            }
        }
    }
    let count = wrong.len();
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{count}\n{}", wrong.join("\n"));
    assert!(done > 300, "{done}");
}

fn genie() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/genie");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is absent", folder.display());
    None
}

/// The boxes of a file, each with the bytes that it does not share with those inside it.
fn tree(path: &Path) -> String {
    let output = mpegg(["tree".as_ref(), path.as_os_str(), "--json".as_ref()]);
    let lines = String::from_utf8(output.stdout).unwrap();
    let key = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["path"].to_string();
    lines.lines().map(key).collect::<Vec<_>>().join("\n")
}

/// Fields that differ from those of Genie's container tool, whose slips they are.
const SLIPS: [&str; 8] = ["Length", "num_U_access_units", "seq_blocks", "reference_minor_version", "thres", "nesting_zero_bit", "reserved", "U_signature_flag"];

#[test]
fn the_files_of_genie() {
    let Some(folder) = genie() else { return };
    let out = tempfile::tempdir().unwrap();
    for name in ["small.ref", "sim2.ref-gabac", "gen-011.ref-gabac", "ecoli10k.fasta-gabac", "fourteen-records.global-gabac", "fourteen-records.lowlat-gabac"] {
        let (units, theirs) = (folder.join(format!("{name}.mgb")), folder.join(format!("{name}.mgg")));
        let (side_car, ours) = (folder.join(format!("{name}.mgb.json")), out.path().join(format!("{name}.mgg")));
        let output = mpegg(["pack".as_ref(), units.as_os_str(), "--side-car".as_ref(), side_car.as_os_str(), "-o".as_ref(), ours.as_os_str()]);
        assert_eq!(told(&output), (Some(0), String::new(), String::new()), "{name}");
        assert_eq!(tree(&ours), tree(&theirs), "{name}");
        assert_eq!(findings(&fs::read(&ours).unwrap()), Vec::<String>::new(), "{name}");
        // Every field but their slips is the same.
        let fields = |path: &Path| {
            let output = mpegg(["dump".as_ref(), path.as_os_str(), "--format".as_ref(), "jsonl".as_ref(), "--payloads".as_ref()]);
            let lines = String::from_utf8(output.stdout).unwrap();
            let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let same = lines.iter().filter(|line| !SLIPS.iter().any(|slip| line["name"].as_str().unwrap().starts_with(slip)));
            same.map(|line| format!("{} = {}", line["path"], line["value"])).collect::<Vec<_>>()
        };
        let (ours, theirs) = (fields(&ours), fields(&theirs));
        let difference = ours.iter().zip(&theirs).find(|(a, b)| a != b);
        assert_eq!((difference, ours.len()), (None, theirs.len()), "{name}");
    }
}

/// The reference, taken from the FASTA text that lies beside, is that of Genie; the plan that is printed makes the same file again.
#[test]
fn a_reference_from_its_text() {
    let Some(folder) = genie() else { return };
    let out = tempfile::tempdir().unwrap();
    let path = |name: &str| out.path().join(name);
    fs::copy(folder.join("small.ref.fa.gz"), path("small.ref.fa.gz")).unwrap();
    fs::copy(folder.join("small.ref.mgb"), path("small.ref.mgb")).unwrap();
    let (units, fasta, first, second, plan) = (path("small.ref.mgb"), path("small.ref.fa.gz"), path("first.mgg"), path("second.mgg"), path("plan.json"));
    let arguments = ["pack".as_ref(), units.as_os_str(), "--reference".as_ref(), fasta.as_os_str(), "-o".as_ref(), first.as_os_str()];
    let output = mpegg(arguments);
    assert_eq!(told(&output), (Some(0), String::new(), String::new()));
    let verified = mpegg(["reference".as_ref(), first.as_os_str(), "--verify".as_ref()]);
    assert_eq!(verified.status.code(), Some(0), "{:?}", told(&verified));
    let theirs = File::open(folder.join("small.ref.mgg")).unwrap().groups().unwrap()[0].references().unwrap();
    let ours = File::open(&first).unwrap().groups().unwrap()[0].references().unwrap();
    assert_eq!((&ours[0].sequences, &ours[0].ref_seq_checksum), (&theirs[0].sequences, &theirs[0].ref_seq_checksum));
    assert_eq!((ours[0].ref_uri.as_deref(), ours[0].reference_name.as_str()), (Some("small.ref.fa.gz"), "small.ref"));
    let printed = mpegg(arguments.iter().copied().chain(["--print-plan".as_ref()]));
    fs::write(&plan, &printed.stdout).unwrap();
    let output = mpegg(["pack".as_ref(), units.as_os_str(), "--plan".as_ref(), plan.as_os_str(), "-o".as_ref(), second.as_os_str()]);
    assert_eq!(told(&output), (Some(0), String::new(), String::new()));
    assert!(fs::read(first).unwrap() == fs::read(second).unwrap());
}

#[test]
fn the_schema_of_plans_is_that_of_the_types() {
    let output = mpegg(["pack", "--plan-schema"]);
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mpegg/src/encapsulate/pack/plan.schema.json");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), fs::read_to_string(committed).unwrap(), "write it anew: mpegg pack --plan-schema");
}

/// Plans and inputs that cannot be are told, and nothing is written.
#[test]
fn what_cannot_be_packed() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/sample.mgb");
    let out = tempfile::tempdir().unwrap();
    let (made, plan) = (out.path().join("made.mgg"), out.path().join("plan.json"));
    let run = |arguments: &[&str]| {
        let mut all = vec!["pack".as_ref(), sample.as_os_str(), "-o".as_ref(), made.as_os_str()];
        all.extend(arguments.iter().map(std::ffi::OsStr::new));
        let (code, out, message) = told(&mpegg(all));
        assert!(out.is_empty() && !made.exists(), "{arguments:?}");
        (code.unwrap(), message)
    };
    let fails = |arguments: &[&str], code: i32, part: &str| {
        let (found, message) = run(arguments);
        assert!(found == code && message.contains(part), "{arguments:?}: {found} {message}");
    };
    // Parameter sets of the sample are no encoding parameters.
    fails(&[], 6, "parameter set 0 cannot be read");
    let right = ["--dataset-type", "aligned", "--signatures=8"];
    let with = |more: &[&'static str]| right.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
    fails(&["--dataset-type", "aligned"], 4, "data_unit[7].block[0].block_payload");
    fails(&with(&["--reference", "nowhere.fa"]), 2, "nowhere.fa");
    fails(&with(&["--reference", "../samples/reference.fa"]), 4, "sequence 2");
    fails(&with(&["--mode", "dsc", "--no-mit"]), 2, "always has a master index table");
    fails(&with(&["--label", "x=0@chr:1-2"]), 2, "no reference has the sequence");
    fails(&with(&["--box", "dthd=Cargo.toml"]), 2, "has no box `dthd`");
    fails(&with(&["--box", "7.dtmd=Cargo.toml"]), 2, "dataset 7");
    fails(&with(&["--minor-version", "25"]), 2, "four ASCII characters");
    for (text, part) in [
        ("{", "EOF"),
        (r#"{"groupies": []}"#, "unknown field `groupies`"),
        (r#"{"groups": [{"datasets": [{"dataset_ID": 1}, {"dataset_ID": 1}]}]}"#, "two datasets 1"),
        (r#"{"groups": [{"datasets": [{"inputs": ["other.mgb"]}]}]}"#, "other.mgb"),
    ] {
        fs::write(&plan, text).unwrap();
        fails(&["--plan", plan.to_str().unwrap()], 2, part);
    }
}
