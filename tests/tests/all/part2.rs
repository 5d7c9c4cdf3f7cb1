//! The structures of Part 2 inside data units and parameter sets: opened where they are right to the last bit, else bytes.

use mpegg::dump::{Line, LineSink, LineValue, Options, dump};
use mpegg::source::{Bytes, Counting};
use mpegg::walk::Kind;
use mpegg_runtime::walk::{Finding, FindingKind};
use mpegg_tests::coding;
use mpegg_tests::inputs::{Vector, hex_of, peers, vectors};
use mpegg_tests::maker::random::Rng;
use mpegg_tests::sinks::Cover;
use mpegg_tests::typed;
use std::collections::BTreeSet;
use std::io;

use super::command::{mpegg, told};

/// Checks that every bit is told once, keeps what could not be opened, and the fields whose names are asked for.
#[derive(Default)]
struct Opened {
    cover: Cover,
    opaque: BTreeSet<String>,
    structures: BTreeSet<String>,
    lines: Vec<Line>,
}

impl LineSink for Opened {
    fn begin_struct(&mut self, head: &mpegg::dump::StructLine) -> io::Result<()> {
        self.structures.insert(head.path.clone());
        Ok(())
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        self.lines.push(line.clone());
        self.cover.line(line)
    }

    fn note(&mut self, path: &str, finding: &Finding) -> io::Result<()> {
        if finding.kind == FindingKind::Opaque {
            self.opaque.insert(path.to_owned());
        }
        Ok(())
    }
}

impl Opened {
    fn of(bytes: &[u8], kind: Kind) -> Opened {
        let mut sink = Opened::default();
        let errors = dump(&Bytes(bytes), kind, &Options::default(), &Default::default(), &mut sink).unwrap();
        assert!(errors.is_empty(), "{errors:?}");
        sink.cover.check(bytes.len(), true).unwrap();
        sink
    }

    fn line(&self, path: &str) -> &Line {
        self.lines.iter().find(|line| line.path == path).unwrap_or_else(|| panic!("no {path}"))
    }
}

fn kind_of(bytes: &[u8]) -> Kind {
    Kind::of(&Bytes(bytes)).unwrap()
}

fn vector(name: &str) -> Vector {
    vectors().into_iter().find(|vector| vector.name == name).unwrap_or_else(|| panic!("no vector {name}"))
}

/// Opens everything in the files of a folder; how many structures were opened.
fn all_open(folder: &str, endings: &[&str]) -> usize {
    let mut opened = 0;
    for input in peers(folder, endings) {
        let sink = Opened::of(&input.bytes, kind_of(&input.bytes));
        assert!(sink.opaque.is_empty(), "{}: {:?}", input.name, sink.opaque);
        let last = |path: &String| path.rsplit('.').next().map(str::to_owned).unwrap_or_default();
        opened += sink.structures.iter().map(last).filter(|name| ["encoding_parameters", "access_unit", "raw_reference"].contains(&name.as_str())).count();
    }
    opened
}

#[test]
fn all_that_genie_wrote_opens() {
    if mpegg_tests::inputs::shared().is_some() {
        let opened = all_open("genie", &[".mgb", ".mgg"]);
        assert!(opened > 100, "{opened} are too few");
    }
}

#[test]
fn all_that_jmpegg_wrote_opens() {
    // Two files have wrong Lengths.
    if mpegg_tests::inputs::shared().is_some() {
        let opened = all_open("jmpegg", &["nomit.mgg", "_ordered.mgg", "_cc.mgg", "_mit.mgg", "_hierarchy.mgg", ".units"]);
        assert!(opened > 30, "{opened} are too few");
    }
}

#[test]
fn what_is_opened_is_written_as_it_was_read() {
    let (mut read, mut wrong) = (0, vec![]);
    let mut check = |name: &str, bytes: &[u8]| {
        let kind = kind_of(bytes);
        let opaque = dump_opaque(bytes, kind);
        coding::all(bytes, kind, &mut |outcome| {
            if kind != Kind::Stream && !opaque.contains(&outcome.path) {
                wrong.extend(typed::error_of(&outcome).map(|error| format!("{name}: {}: opened, but not read: {error}", outcome.path)));
            }
            read += usize::from(outcome.result.is_ok());
            wrong.extend(typed::check(&outcome).err().map(|why| format!("{name}: {why}")));
        });
    };
    vectors().iter().filter(|vector| !vector.is_broken()).for_each(|vector| check(&vector.name, &vector.bytes));
    peers("genie", &[".mgb", ".mgg"]).iter().chain(&peers("jmpegg", &[".units"])).for_each(|input| check(&input.name, &input.bytes));
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    assert!(read > 20, "{read} structures are too few");
}

fn dump_opaque(bytes: &[u8], kind: Kind) -> BTreeSet<String> {
    let mut sink = Opened::default();
    dump(&Bytes(bytes), kind, &Options::default(), &Default::default(), &mut sink).unwrap();
    sink.opaque
}

/// A data unit of a type below 3.
fn unit(unit_type: u8, payload: &[u8]) -> Vec<u8> {
    let mut unit = vec![unit_type];
    match unit_type {
        0 => unit.extend((payload.len() as u64 + 9).to_be_bytes()),
        _ => unit.extend((payload.len() as u32 + 5).to_be_bytes()),
    }
    [unit.as_slice(), payload].concat()
}

/// The first data unit of a vector: a parameter set.
fn first_unit(vector: &Vector) -> &[u8] {
    let size = usize::from(vector.bytes[3]) << 8 | usize::from(vector.bytes[4]);
    vector.bytes.get(..size).unwrap()
}

#[test]
fn random_bytes_are_never_opened() {
    let set = vector("part2-signatures");
    let set = first_unit(&set);
    let id = set[5];
    let mut rng = Rng::new(23092);
    let mut input = set.to_vec();
    const UNITS: usize = 20_000;
    for _ in 0..UNITS {
        let length = rng.between(0, 199);
        let mut bytes: Vec<u8> = (0..length).map(|_| rng.any() as u8).collect();
        // A raw reference has little to be recognised by, but its sizes must be right.
        let unit_type = rng.between(0, 2) as u8;
        if unit_type == 2 && bytes.len() > 5 {
            bytes[5] = id;
        }
        input.extend(unit(unit_type, &bytes));
    }
    let sink = Opened::of(&input, Kind::Units);
    assert_eq!(sink.opaque.len(), UNITS);
}

#[test]
fn payloads_of_blocks_are_not_read() {
    let set = vector("part2-signatures");
    let set = first_unit(&set);
    let large = 4 << 20;
    // access_unit_ID 1, one block, the set of this ID, class U, no reads, no signatures; the block.
    let mut access_unit = vec![0, 0, 0, 1, 1, set[5], 0x60, 0, 0, 0, 0, 0, 0];
    access_unit.extend([6]);
    access_unit.extend((large as u32).to_be_bytes());
    access_unit.resize(access_unit.len() + large, 0xab);
    let mut input = set.to_vec();
    (0..4).for_each(|_| input.extend(unit(2, &access_unit)));
    let source = Counting::new(Bytes(&input));
    let mut sink = Opened::default();
    let errors = dump(&source, Kind::Units, &Options::default(), &Default::default(), &mut sink).unwrap();
    assert!(errors.is_empty() && sink.opaque.is_empty(), "{errors:?} {:?}", sink.opaque);
    assert_eq!(sink.line("data_unit[4].access_unit.block[0].block_payload").value, LineValue::Long);
    assert!(source.bytes() < 100_000, "{} bytes are read", source.bytes());
}

#[test]
fn the_bytes_of_a_value_can_be_had() {
    let vector = vector("part2-in-a-file");
    let folder = tempfile::tempdir().unwrap();
    let (path, output) = (folder.path().join("in.mgg"), folder.path().join("out"));
    std::fs::write(&path, &vector.bytes).unwrap();
    let get = |field: &str| {
        let run = mpegg(["get".as_ref(), path.as_os_str(), field.as_ref(), "-o".as_ref(), output.as_os_str()]);
        assert!(run.status.success(), "{field}: {}", told(&run));
        std::fs::read(&output).unwrap()
    };
    let raw = get("dgcn[0].dtcn[0].pars[1].encoding_parameters");
    let mut wanted = vec![];
    coding::all(&vector.bytes, Kind::File, &mut |outcome| wanted.push(outcome.bytes));
    assert_eq!(Some(&raw), wanted.get(1));
    assert_eq!(get("dgcn[0].dtcn[0].pars[1].encoding_parameters.read_length"), b"100\n");
    // In JSON they are bytes.
    let mut json = vec![];
    mpegg::json::to_json(&Bytes(&vector.bytes), Kind::File, &Default::default(), &mut json).unwrap();
    assert!(String::from_utf8(json).unwrap().contains(&format!("\"encoding_parameters\":\"{}\"", hex_of(&raw))));
}

/// The bytes with this field set to another value.
fn with(vector: &Vector, path: &str, value: u64) -> Vec<u8> {
    let line = Opened::of(&vector.bytes, vector.kind).line(path).clone();
    let mut bytes = vector.bytes.clone();
    for i in 0..line.bits {
        let (at, mask) = (line.bit + i, 0x80 >> ((line.bit + i) % 8));
        let byte = bytes.get_mut((at / 8) as usize).unwrap();
        *byte = if value >> (line.bits - 1 - i) & 1 == 1 { *byte | mask } else { *byte & !mask };
    }
    bytes
}

/// Rules and places of the findings about Part 2.
fn findings(bytes: &[u8], kind: Kind) -> Vec<(&'static str, String, Option<u64>)> {
    let report = mpegg::validate::validate(&Bytes(bytes), kind, &Default::default()).unwrap();
    let of_part_2 = |rule: &str| rule.contains(".encoding_") || rule.starts_with("coding.");
    report.findings.into_iter().filter(|found| of_part_2(found.rule)).map(|found| (found.rule, found.path, found.bit)).collect()
}

#[test]
fn parameters_that_contradict_the_headers_are_found() {
    let vector = vector("part2-in-a-file");
    assert_eq!(findings(&vector.bytes, vector.kind), []);
    let (set, parameters) = ("dgcn[0].dtcn[0].pars[0]", "dgcn[0].dtcn[0].pars[0].encoding_parameters");
    // What is changed, and the rule that is broken; the place is that of the encoding parameters.
    let cases = [
        (format!("{parameters}.dataset_type"), 1, "pars.encoding_dataset_type", "dataset_type"),
        (format!("{parameters}.pos_40_bits_flag"), 0, "pars.encoding_pos_40_bits_flag", "pos_40_bits_flag"),
        (format!("{set}.pos_40_bits_flag"), 0, "pars.encoding_pos_40_bits_flag", "pos_40_bits_flag"),
        (format!("{parameters}.multiple_alignments_flag"), 1, "pars.encoding_multiple_alignments_flag", "multiple_alignments_flag"),
        (format!("{set}.multiple_alignment_flag"), 1, "pars.encoding_multiple_alignments_flag", "multiple_alignments_flag"),
        (format!("{parameters}.U_signature_length"), 13, "pars.encoding_U_signature", "U_signature_length"),
        (format!("{parameters}.alphabet_ID"), 1, "pars.encoding_alphabet_ID", "alphabet_ID"),
    ];
    for (path, value, rule, field) in cases {
        let bytes = with(&vector, &path, value);
        let place = format!("{parameters}.{field}");
        let bit = Opened::of(&vector.bytes, vector.kind).line(&place).bit;
        assert_eq!(findings(&bytes, vector.kind), [(rule, place, Some(bit))], "{path} = {value}");
    }
    // A set that has signatures of any length, where the box says that they have one.
    let kind = "dgcn[0].dtcn[0].pars[1].encoding_parameters.U_signature_flag";
    let bytes = with(&vector, "dgcn[0].dtcn[0].pars[1].U_signature_flag", 0);
    let found = findings(&bytes, vector.kind);
    assert!(found.iter().any(|(rule, path, _)| *rule == "pars.encoding_U_signature" && path == kind), "{found:?}");
    // The class of the access unit is another one than that of its set, which is none of the classes.
    let bytes = with(&vector, &format!("{parameters}.class_ID[0]"), 7);
    let found: Vec<(&str, String)> = findings(&bytes, vector.kind).into_iter().map(|(rule, path, _)| (rule, path)).collect();
    let wanted = [
        ("coding.encoding_parameters.class_ID", format!("{parameters}.class_ID[0]")),
        ("auhd.encoding_class_ID", "dgcn[0].dtcn[0].aucn[0].auhd.AU_type".to_owned()),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn parameters_without_signatures_in_the_header_say_what_they_like() {
    // A header with units of class U and no signatures; and encoding parameters that are bytes.
    for name in ["minimal-unaligned", "update-no-u", "reference-mit", "part2-everything", "part2-classes", "part2-references", "part2-signatures"] {
        let vector = vector(name);
        assert_eq!(findings(&vector.bytes, vector.kind), [], "{name}");
    }
}

#[test]
fn units_are_checked_against_their_parameter_sets() {
    let vector = vector("part2-signatures");
    let class = "data_unit[0].parameter_set.encoding_parameters.class_ID[0]";
    let found = findings(&with(&vector, class, 1), vector.kind);
    let rules: Vec<(&str, &str)> = found.iter().map(|(rule, path, _)| (*rule, path.as_str())).collect();
    let unit = |number: u64| format!("data_unit[{number}].access_unit.access_unit_header.AU_type");
    assert_eq!(rules, [("coding.access_unit_header.AU_type", unit(1).as_str()), ("coding.access_unit_header.AU_type", unit(2).as_str())]);
    let alphabet = "data_unit[0].parameter_set.encoding_parameters.alphabet_ID";
    let found = findings(&with(&vector, alphabet, 2), vector.kind);
    assert!(found.iter().any(|(rule, path, _)| *rule == "coding.encoding_parameters.alphabet_ID" && path == alphabet), "{found:?}");
    let descriptor = "data_unit[2].access_unit.block[0].block_header.descriptor_ID";
    let found = findings(&with(&vector, descriptor, 18), vector.kind);
    let bit = Opened::of(&vector.bytes, vector.kind).line(descriptor).bit;
    assert_eq!(found, [("coding.block_header.descriptor_ID", descriptor.to_owned(), Some(bit))]);
}
