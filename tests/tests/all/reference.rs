//! References through the command and the library: listed, hashed, compared, written.

use super::command::mpegg;
use mpegg::access::ReferencePart;
use mpegg::bits::{Ascii, BitString, BitWriter};
use mpegg::file::File;
use mpegg::reference::{self, RawReference, Resolver};
use mpegg::tables::{ChecksumAlg, DatasetGroupHeader, FileHeader, Reference, ReferenceSequence, ReferenceType};
use mpegg_tests::alloc::peak;
use mpegg_tests::inputs::{here, hex_of, shared};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// The exit code of the command, what it prints and what it says.
fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A file with a reference in a folder of its own.
struct Made {
    folder: TempDir,
    minor: &'static str,
    reference: Reference,
}

const ALPHA: &str = "ACGTACGTNN";
const BETA: &str = "TTTTTGGGGGCCCCCAAAAATTTTTGGGGGCCCCCAAAAATTTTTGGGGGCCCCCAAAAATTTTT";

fn sha(bases: &str) -> BitString {
    BitString::new(256, Sha256::digest(bases).to_vec())
}

impl Made {
    /// FASTA with alpha and beta; the file lists them the other way round.
    fn new(minor: &'static str, uri: &str, kind: ReferenceType) -> Made {
        let current = minor != "1900";
        let sequence = |name: &str, bases: &str, id| ReferenceSequence {
            sequence_name: name.to_owned(),
            sequence_length: current.then_some(bases.len() as u32),
            sequence_id: current.then_some(id),
        };
        let reference = Reference {
            reference_id: 3,
            reference_name: "made".to_owned(),
            reference_major_version: 1,
            sequences: vec![sequence("beta", BETA, 70), sequence("alpha", ALPHA, 40)],
            external_ref_flag: true,
            ref_uri: Some(uri.to_owned()),
            checksum_alg: Some(ChecksumAlg::Sha256),
            reference_type: Some(kind),
            ref_seq_checksum: vec![sha(BETA), sha(ALPHA)],
            ..Reference::default()
        };
        let made = Made { folder: TempDir::new().unwrap(), minor, reference };
        made.put("made.fa", format!("; a comment\n>alpha first\r\nacgt\r\n\r\nACGTNN\r\n>other\nA\n>beta\n{}\n{}\n", &BETA[..30], &BETA[30..]));
        made
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn get(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).unwrap()
    }

    /// The file; its path.
    fn file(&self) -> String {
        let header = FileHeader { major_brand: Ascii(*b"MPEG-G"), minor_version: Ascii::from_text(self.minor).unwrap(), ..FileHeader::default() };
        let mut w = BitWriter::new();
        header.write_box(&mut w).unwrap();
        let group = w.begin_box(*b"dgcn");
        DatasetGroupHeader::default().write_box(&mut w).unwrap();
        self.reference.write_box(&mut w, &header).unwrap();
        w.end_box(group).unwrap();
        self.put("made.mgg", w.into_bytes()).display().to_string()
    }

    /// Runs `reference` with these arguments behind the file.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let file = self.file();
        told(&mpegg(["reference", &file].into_iter().chain(arguments.iter().copied())))
    }

    /// What `-o` writes.
    fn written(&self, arguments: &[&str]) -> Vec<u8> {
        let out = self.folder.path().join("out");
        let (code, _, said) = self.run(&[arguments, &["-o", &out.display().to_string()]].concat());
        assert_eq!((code, said.as_str()), (Some(0), ""), "{arguments:?}");
        self.get("out")
    }
}

/// A raw reference, put together by hand.
fn raw(entries: &[(u16, u64, &str)]) -> Vec<u8> {
    let mut bytes = (entries.len() as u16).to_be_bytes().to_vec();
    for (id, start, bases) in entries {
        bytes.extend(id.to_be_bytes());
        bytes.extend(&start.to_be_bytes()[3..]);
        bytes.extend(&(start + bases.len() as u64 - 1).to_be_bytes()[3..]);
        bytes.extend(bases.bytes());
    }
    bytes
}

fn unit(raw: &[u8]) -> Vec<u8> {
    [&[0], (raw.len() as u64 + 9).to_be_bytes().as_slice(), raw].concat()
}

#[test]
fn the_list() {
    let sample = here("../samples/sample.mgg").display().to_string();
    let (code, text, _) = told(&mpegg(["reference", &sample]));
    assert_eq!(code, Some(0));
    for wanted in
        ["reference 0:0 \"toy genome\" 1.2.0: reference.fa (FASTA_REF), SHA-256", "600  230bc12c58bd934e", "dataset 0:4 of this file (MPEGG_REF)", "180  spike"]
    {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    let (code, json, _) = told(&mpegg(["reference", &sample, "--json", "--reference", "0:1"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json[0]["id"].as_str(), json[0]["dataset"].as_str()), (Some(0), Some("0:1"), Some("0:4")));
    assert_eq!(json[0]["sequences"][0], serde_json::json!({"id": 10, "name": "spike", "length": 180, "checksum": null}));
    assert_eq!(json[0]["uri"], Value::Null);
}

#[test]
fn the_list_of_all_kinds() {
    let Some(shared) = shared() else { return };
    let file = shared.join("jmpegg/N12_references_all_kinds.mgg").display().to_string();
    let (code, json, _) = told(&mpegg(["reference", &file, "--json"]));
    assert_eq!(code, Some(0));
    let json: Value = serde_json::from_str(&json).unwrap();
    let kinds: Vec<&str> = json.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["FASTA_REF", "FASTA_REF", "RAW_REF", "RAW_REF", "MPEGG_REF", "MPEGG_REF", "MPEGG_REF", "FASTA_REF"]);
    assert_eq!(json[2]["sequences"][1]["checksum"], "e4a274ad55d8e57625e949275c124ead");
    assert_eq!((json[3]["sequences"][2]["id"].as_u64(), &json[3]["sequences"][2]["length"]), (Some(2), &Value::Null));
    assert_eq!((json[4]["checksum"].as_str(), json[4]["dataset"].as_str()), (Some("daea87fbc568a300804c5ec17b87c267"), Some("1:2")));
    assert_eq!((json[6]["external"].as_bool(), json[6]["dataset"].as_str()), (Some(false), Some("9:1")));
    assert_eq!((json[7]["id"].as_str(), json[7]["name"].as_str()), (Some("9:255"), Some("référence")));
    // What cannot be reached is told one by one.
    let said = |arguments: &[&str]| told(&mpegg(["reference", &file].into_iter().chain(arguments.iter().copied())));
    let (code, _, https) = said(&["--reference", "0", "--verify"]);
    assert!(code == Some(6) && https.contains("the scheme `https`") && https.contains("--fasta") && https.contains("dgcn[0].rfgn[0].ref_uri"), "{https}");
    let (code, _, missing) = said(&["--reference", "9:3", "--checksums"]);
    assert!(code == Some(2) && missing.contains("jmpegg/refs/raw2.bin: "), "{missing}");
    let (code, _, encoded) = said(&["--reference", "4", "--checksums"]);
    assert!(code == Some(2) && encoded.contains("/data/refs/genome v1.mgg: "), "{encoded}");
    let (code, _, coded) = said(&["--reference", "6", "-o", "/dev/null"]);
    assert!(code == Some(6) && coded.contains("dataset 9:1 is a coded reference; its bases need Part 2"), "{coded}");
    let (code, _, all) = said(&["--verify"]);
    assert_eq!((code, all.lines().count()), (Some(6), 8));
}

#[test]
fn peers_and_their_genomes() {
    let Some(shared) = shared() else { return };
    let genie = shared.join("genie");
    let path = |name: &str| genie.join(name).display().to_string();
    for (file, fasta) in
        [("small.ref.mgg", ""), ("sim2.ref-gabac.mgg", ""), ("gen-011.ref-gabac.mgg", "gen-011.fa"), ("ecoli10k.fasta-gabac.mgg", "gen-011.fa")]
    {
        let (code, text, said) = told(&mpegg(["reference", &path(file), "--verify", "--fasta", &path(fasta)]));
        assert!(code == Some(0) && text.ends_with(": fits\n"), "{file}: {text}{said}");
    }
    // This one has checksums that nobody computed.
    let (code, text, _) = told(&mpegg(["reference", &path("json.ref_md5.mgg"), "--verify", "--fasta", &path("")]));
    assert_eq!(code, Some(1));
    assert!(text.contains("  chrB: checksum 714898e3a54b52463178441aa77d08e9, expected 00112233445566778899aabbccddeeff\n"), "{text}");
    let (code, text, _) = told(&mpegg(["reference", &path("json.ref_md5.mgg"), "--checksums", "--fasta", &path("small.ref.fa.gz")]));
    assert_eq!((code, text.as_str()), (Some(0), "b78131dcc92f6a8529d7bb62a00a2b5f  chrA\n714898e3a54b52463178441aa77d08e9  chrB\n"));
}

#[test]
fn checksums() {
    let made = Made::new("2000", "made.fa", ReferenceType::FastaRef);
    let wanted = format!("{}  beta\n{}  alpha\n", sha(BETA), sha(ALPHA));
    assert_eq!(made.run(&["--checksums"]), (Some(0), wanted, String::new()));
    assert_eq!(made.run(&["--verify"]), (Some(0), "reference 0:3 \"made\": fits\n".to_owned(), String::new()));
}

#[test]
fn a_wrong_base_anywhere() {
    let made = Made::new("2000", "made.fa", ReferenceType::FastaRef);
    let good = made.get("made.fa");
    let (mut found, mut line) = (0, 0);
    for place in 0..good.len() {
        line = if good[place] == b'\n' { place + 1 } else { line };
        if !good[place].is_ascii_alphabetic() || matches!(good[line], b'>' | b';') || good[..place].ends_with(b">other\n") {
            continue;
        }
        let mut wrong = good.clone();
        wrong[place] = if wrong[place].eq_ignore_ascii_case(&b'C') { b'G' } else { b'C' };
        made.put("made.fa", &wrong);
        let file = File::open(made.file()).unwrap();
        let entry = reference::find(&file, 3).unwrap();
        let differences = reference::verify(&entry, &Resolver::beside(made.file()), &|_| ()).unwrap();
        let name = if place < 40 { "alpha" } else { "beta" };
        assert_eq!(differences.iter().map(ToString::to_string).filter(|text| text.starts_with(&format!("{name}: checksum "))).count(), 1, "byte {place}");
        assert_eq!(differences.len(), 1);
        found += 1;
    }
    assert_eq!(found, ALPHA.len() + BETA.len());
    let (code, text, _) = made.run(&["--verify"]);
    assert!(code == Some(1) && text.starts_with("reference 0:3 \"made\": does not fit\n  beta: checksum "), "{text}");
}

#[test]
fn lengths_and_missing_sequences() {
    let mut made = Made::new("2500", "made.fa", ReferenceType::FastaRef);
    made.reference.sequences[1].sequence_length = Some(11);
    let (code, text, _) = made.run(&["--verify"]);
    assert_eq!((code, text.as_str()), (Some(1), "reference 0:3 \"made\": does not fit\n  alpha: 10 bases, expected 11\n"));
    for arguments in [["--checksums", "--reference", "3"], ["-o", "/dev/null", "--format=raw"]] {
        let (code, text, said) = made.run(&arguments);
        assert!(code == Some(4) && text.is_empty(), "{text}");
        assert!(
            said.contains(
                "cross-reference: the source has 10 bases of `alpha`, not 11 at bit 736 (byte 92), dgcn[0].rfgn[0].sequence_length[1], 6.4.2.3 Table 15"
            ),
            "{said}"
        );
    }
    made.reference.sequences[0].sequence_name = "gamma".to_owned();
    let (code, text, _) = made.run(&["--verify"]);
    assert!(code == Some(1) && text.contains("  gamma: the source has no such sequence\n"), "{text}");
    let out = made.folder.path().join("absent").display().to_string();
    let (code, _, said) = made.run(&["-o", &out]);
    assert!(code == Some(4) && said.contains("the source has no sequence `gamma`") && said.contains("sequence_name[0]"), "{said}");
    assert!(!Path::new(&out).exists(), "complete or absent");
    let left: Vec<_> = fs::read_dir(made.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn the_raw_reference() {
    // The order is that of the source, the IDs are those of the box; what the box does not list has no ID.
    let made = Made::new("2000", "made.fa", ReferenceType::FastaRef);
    let whole = raw(&[(40, 0, ALPHA), (70, 0, BETA)]);
    assert_eq!(made.written(&[]), unit(&whole));
    assert_eq!(made.written(&["--format", "raw"]), whole);
    let fasta = format!(">alpha\n{ALPHA}\n>beta\n{}\n{}\n", &BETA[..60], &BETA[60..]);
    assert_eq!(String::from_utf8(made.written(&["--format", "fasta"])).unwrap(), fasta);
    let (code, text, _) = made.run(&["-o", "-", "--format", "fasta"]);
    assert_eq!((code, text), (Some(0), fasta.clone()));
    // In the first edition the source counts.
    let first = Made::new("1900", "made.fa", ReferenceType::FastaRef);
    assert_eq!(first.written(&["--format", "raw"]), raw(&[(0, 0, ALPHA), (1, 0, "A"), (2, 0, BETA)]));
    #[cfg(unix)]
    assert_eq!(made.run(&["-o", "/dev/full"]).0, Some(2), "a full disk is an error");
    // What was written is a source again.
    let again = Made::new("2000", "made.raw", ReferenceType::RawRef);
    again.put("made.raw", &whole);
    assert_eq!(again.run(&["--verify"]).0, Some(0));
    assert_eq!(again.written(&[]), unit(&whole));
    assert_eq!(String::from_utf8(again.written(&["--format", "fasta"])).unwrap(), fasta);
}

#[test]
fn parts() {
    let made = Made::new("2000", "made.fa", ReferenceType::FastaRef);
    let part = |regions: &[&str], format: &str| {
        let regions: Vec<&str> = regions.iter().flat_map(|region| ["--region", region]).collect();
        made.written(&[&["--format", format], regions.as_slice()].concat())
    };
    assert_eq!(part(&["beta:1-5"], "unit"), unit(&raw(&[(70, 0, &BETA[..5])])));
    assert_eq!(part(&["@40:9-9"], "raw"), raw(&[(40, 9, "N")]));
    // A range for each sequence, in the order of the source.
    assert_eq!(part(&["beta:61-1,000", "alpha:3-4", "beta:21-22"], "raw"), raw(&[(40, 2, "GT"), (70, 20, &BETA[20..])]));
    assert_eq!(part(&["alpha"], "raw"), raw(&[(40, 0, ALPHA)]));
    let fasta = format!(">beta:29-32\n{}\n>alpha\n{ALPHA}\n>alpha:1-1\nA\n", &BETA[28..32]);
    assert_eq!(String::from_utf8(part(&["beta:29-32", "alpha", "@40:0-0"], "fasta")).unwrap(), fasta);
    for region in ["gamma", "gamma:1-2", "@41:0-0", "beta:0-5", "beta:9-5", "beta:66-70", "@40:10-"] {
        let (code, _, said) = made.run(&["-o", "/dev/null", "--region", region]);
        assert!(code == Some(2) && said.contains(region), "{region}: {said}");
    }
    assert_eq!(made.run(&["--region", "beta:1-2"]).0, Some(2), "a region of what is not written");
}

#[test]
fn parts_for_a_selection() {
    let made = Made::new("2000", "made.fa", ReferenceType::FastaRef);
    let file = File::open(made.file()).unwrap();
    let entry = reference::find(&file, (0, 3)).unwrap();
    let source = RawReference::open(&entry, &Resolver::beside(made.file())).unwrap();
    assert_eq!(
        source.sequences().iter().map(|sequence| (sequence.name.as_str(), sequence.sequence_id, sequence.length)).collect::<Vec<_>>(),
        [("alpha", 40, 10), ("beta", 70, 65)]
    );
    let written = |parts: &[(u16, u64, u64)]| {
        let parts: Vec<ReferencePart> = parts.iter().map(|(sequence, start, end)| ReferencePart { sequence: *sequence, start: *start, end: *end }).collect();
        let mut out = vec![];
        source.write_unit(Some(&parts), &mut out).map(|()| out)
    };
    assert_eq!(written(&[]).unwrap(), b"", "nothing is needed");
    // Existing software says one position too many at the end of a sequence.
    assert_eq!(written(&[(70, 60, 65), (70, 10, 12)]).unwrap(), unit(&raw(&[(70, 10, &BETA[10..])])));
    assert!(written(&[(70, 65, 65)]).unwrap_err().to_string().contains("`beta` has 65 bases"));
    assert!(written(&[(41, 0, 0)]).unwrap_err().to_string().contains("no sequence with the ID 41"));
    assert!(source.read(1, 60..=65, &mut vec![]).is_err());
    assert!(source.read(2, 0..=0, &mut vec![]).is_err());
}

#[test]
fn where_external_references_are() {
    let mut made = Made::new("2000", "https://example.org/genomes/made.fa?version=2", ReferenceType::FastaRef);
    let folder = made.folder.path().display().to_string();
    let (code, _, said) = made.run(&["--verify"]);
    assert!(code == Some(6) && said.contains("the scheme `https` is not read"), "{said}");
    assert_eq!(made.run(&["--verify", "--fasta", &folder]).0, Some(0));
    assert_eq!(made.run(&["--verify", "--fasta", &format!("{folder}/made.fa")]).0, Some(0));
    let (code, _, said) = made.run(&["--verify", "--fasta", "/nowhere/x.fa"]);
    assert!(code == Some(2) && said.contains("/nowhere/x.fa: "), "{said}");
    made.reference.ref_uri = Some(format!("file://{}/made%2Efa", made.folder.path().display()));
    assert_eq!(made.run(&["--verify"]).0, Some(0));
    made.reference.ref_uri = Some("file:other.fa".to_owned());
    let (code, _, said) = made.run(&["--verify"]);
    assert!(code == Some(2) && said.contains(&format!("{folder}/other.fa: ")) && said.contains("rfgn[0].ref_uri"), "{said}");
}

#[test]
fn a_coded_reference() {
    // The first edition hashes the Value of the dataset of another file.
    let sample = fs::read(here("../samples/sample.mgg")).unwrap();
    let file = File::new(mpegg::source::Bytes(&sample)).unwrap();
    let dataset = file.dataset((0, 4)).unwrap();
    let (start, end) = (dataset.node().offset() as usize + 12, (dataset.node().offset() + dataset.node().length()) as usize);
    let checksum = Sha256::digest(&sample[start..end]);
    let mut made = Made::new("1900", "sample.mgg", ReferenceType::MpeggRef);
    made.put("sample.mgg", &sample);
    made.reference.ref_seq_checksum.clear();
    made.reference.external_dataset_group_id = Some(0);
    made.reference.external_dataset_id = Some(4);
    made.reference.ref_checksum = Some(BitString::new(256, checksum.to_vec()));
    assert_eq!(made.run(&["--checksums"]), (Some(0), format!("{}  made\n", hex_of(&checksum)), String::new()));
    assert_eq!(made.run(&["--verify"]).0, Some(0));
    let (code, _, said) = made.run(&["-o", "/dev/null"]);
    assert!(code == Some(6) && said.contains("its bases need Part 2"), "{said}");
    let mut flipped = sample.clone();
    flipped[end - 1] ^= 1;
    made.put("sample.mgg", &flipped);
    let (code, text, _) = made.run(&["--verify"]);
    assert!(code == Some(1) && text.contains("  made: checksum "), "{text}");
    // Neither a dataset of reads nor none is a reference.
    made.reference.external_dataset_id = Some(1);
    let (code, _, said) = made.run(&["--verify"]);
    assert!(code == Some(4) && said.contains("dataset 0:1 has the type aligned") && said.contains("external_dataset_ID"), "{said}");
    made.reference.external_dataset_group_id = Some(9);
    let (code, _, said) = made.run(&["--checksums"]);
    assert!(code == Some(4) && said.contains("there is no dataset group 9") && said.contains("external_dataset_group_ID"), "{said}");
    // Later editions hash its sequences, which are not decoded.
    let mut later = Made::new("2000", "absent.mgg", ReferenceType::MpeggRef);
    later.reference.external_dataset_group_id = Some(0);
    later.reference.external_dataset_id = Some(4);
    assert_eq!(later.run(&["--verify"]).0, Some(6));
    let (code, text, _) = later.run(&[]);
    assert!(code == Some(0) && text.contains(&sha(ALPHA).to_string()), "the stored ones are listed");
}

#[test]
fn a_dataset_that_is_not_there() {
    let mut made = Made::new("2000", "", ReferenceType::MpeggRef);
    made.reference.external_ref_flag = false;
    (made.reference.ref_uri, made.reference.checksum_alg, made.reference.reference_type) = (None, None, None);
    made.reference.ref_seq_checksum.clear();
    made.reference.internal_dataset_group_id = Some(0);
    made.reference.internal_dataset_id = Some(99);
    for arguments in [&[][..], &["--json"], &["--checksums"], &["--verify", "--reference", "0:3"], &["-o", "/dev/null"]] {
        let (code, _, said) = made.run(arguments);
        assert!(
            code == Some(4) && said.contains("cross-reference: dataset group 0 has no dataset 99") && said.contains("rfgn[0].internal_dataset_ID"),
            "{said}"
        );
    }
    made.reference.internal_dataset_group_id = Some(5);
    let (code, _, said) = made.run(&["--verify"]);
    assert!(code == Some(4) && said.contains("there is no dataset group 5") && said.contains("internal_dataset_group_ID"), "{said}");
    let Some(shared) = shared() else { return };
    let dangling = shared.join("cases/bad/internal-dataset-dangling.mgg").display().to_string();
    let (code, _, said) = told(&mpegg(["reference", &dangling, "--reference", "0:0", "--checksums"]));
    assert!(code == Some(4) && said.contains("(byte 109), dgcn[0].rfgn[0].internal_dataset_ID, 6.4.2.3 Table 15"), "{said}");
}

#[test]
fn reserved_and_damaged() {
    let made = Made::new("2000", "made.fa", ReferenceType::Unknown(7));
    assert_eq!(made.run(&[]).0, Some(0));
    let (code, _, said) = made.run(&["--verify"]);
    assert!(code == Some(6) && said.contains("reference_type 7 is reserved"), "{said}");
    let made = Made::new("2000", "made.fa", ReferenceType::FastaRef);
    made.put("made.fa", ">alpha\nACGT?\n");
    let (code, _, said) = made.run(&["--verify"]);
    assert!(code == Some(4) && said.contains("made.fa: `?` is no base at bit 88 (byte 11)"), "{said}");
    // A box that cannot be read does not hide the others; there are none here.
    let mut bytes = fs::read(made.file()).unwrap();
    let place = bytes.len() - 2 - 64;
    assert_eq!(bytes[place..place + 2], [1, 2], "checksum_alg and reference_type");
    bytes[place] = 9;
    let path = made.put("damaged.mgg", bytes).display().to_string();
    for arguments in [vec!["reference", &path], vec!["reference", &path, "--reference", "3", "--verify"]] {
        let (code, _, said) = told(&mpegg(&arguments));
        assert!(code == Some(6) && said.contains("unsupported: checksum_alg 9 at bit ") && said.contains("dgcn[0].rfgn[0].checksum_alg"), "{said}");
    }
}

#[test]
fn questions_of_usage() {
    let sample = here("../samples/sample.mgg").display().to_string();
    let cases: [&[&str]; 7] = [
        &["--reference", "7"],
        &["--reference", "1:0"],
        &["--reference", "256"],
        &["-o", "/dev/null"],
        &["--checksums", "--verify"],
        &["--format", "raw"],
        &["--verify", "--reference", "0", "-o", "/dev/null"],
    ];
    for arguments in cases {
        let (code, _, said) = told(&mpegg(["reference", &sample].into_iter().chain(arguments.iter().copied())));
        assert!(code == Some(2) && !said.is_empty(), "{arguments:?}: {said}");
    }
}

#[test]
fn a_large_genome_in_little_memory() {
    let mut made = Made::new("2000", "made.fa", ReferenceType::FastaRef);
    let length = 8 << 20;
    let bases = "ACGTTGCA".repeat(length / 8);
    made.reference.sequences = vec![ReferenceSequence { sequence_name: "long".to_owned(), sequence_length: Some(length as u32), sequence_id: Some(1) }];
    made.reference.ref_seq_checksum = vec![sha(&bases)];
    // In one line, and in many.
    let many: Vec<&str> = bases.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for text in [format!(">long\n{bases}"), format!(">long\n{}\n", many.join("\n"))] {
        made.put("made.fa", text);
        let path = made.file();
        let (written, most) = peak(|| {
            let file = File::open(&path).unwrap();
            let entry = reference::find(&file, 3).unwrap();
            let resolver = Resolver::beside(&path);
            assert_eq!(reference::verify(&entry, &resolver, &|_| ()).unwrap(), []);
            let source = RawReference::open(&entry, &resolver).unwrap();
            let mut written = Sha256::new();
            source.write_unit(None, &mut written).unwrap();
            written.finalize()
        });
        assert_eq!(written, Sha256::digest(unit(&raw(&[(1, 0, &bases)]))));
        assert!(most < 2 << 20, "{most} bytes");
    }
}
