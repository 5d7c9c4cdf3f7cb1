//! FASTA texts: the rules of their lines, however they are cut, stored and indexed.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::fasta::Text;
use super::genome::{Genome, hash};
use super::lines::{Event, Lines};
use super::raw::RawFile;
use super::sections::{parts, sections};
use crate::tables::ChecksumAlg;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufReader, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The sequences of a text that is read so many bytes at a time.
fn read(text: &[u8], cut: usize) -> Result<Vec<(String, String)>, String> {
    let mut found: Vec<(String, String)> = vec![];
    let mut tell = |at: u64, event: Event<'_>| {
        match event {
            Event::Sequence(name, _) => found.push((name.to_owned(), String::new())),
            Event::Bases(bases) => {
                assert_eq!(text[at as usize..].get(..bases.len()), Some(bases), "bases are told where they stand");
                found.last_mut().unwrap().1.push_str(std::str::from_utf8(bases).unwrap());
            }
        }
        Ok(ControlFlow::Continue(()))
    };
    Lines::new(0, false).run(&mut BufReader::with_capacity(cut, text), Path::new("x.fa"), &mut tell).map_err(|error| error.to_string())?;
    Ok(found)
}

fn cuts(text: &[u8]) -> Result<Vec<(String, String)>, String> {
    let whole = read(text, text.len().max(1));
    for cut in 1..text.len() {
        assert_eq!(read(text, cut), whole, "cut into {cut}: {}", text.escape_ascii());
    }
    whole
}

type Pairs = &'static [(&'static str, &'static str)];

fn pairs(pairs: Pairs) -> Vec<(String, String)> {
    pairs.iter().map(|(name, bases)| ((*name).to_owned(), (*bases).to_owned())).collect()
}

#[test]
fn what_the_rules_allow() {
    let cases: [(&[u8], Pairs); 10] = [
        (b">a\nACGT\nAC\n>b\nN\n", &[("a", "ACGTAC"), ("b", "N")]),
        (b">a", &[]),
        (b">1 dna:chromosome chromosome:GRCh37:1\nacgt\nRYK-\n", &[("1", "acgtRYK-")]),
        (b">a\ttab > and ; in the line\nAC", &[("a", "AC")]),
        (b">a\r\nAC\r\nGT\r\n\r\n>b\r\nT\r\n", &[("a", "ACGT"), ("b", "T")]),
        (b">a\rAC\rGT\r", &[("a", "ACGT")]),
        (b"; first\n;\n>a ; no comment\nAC\n; between\nGT\n;last", &[("a", "ACGT")]),
        (b"\n \t\x0b\x0c\n>a\nAC\n\n\x01\x7f\n  \nGT\n\x00", &[("a", "ACGT")]),
        ("\n>é-1\nA\n".as_bytes(), &[("é-1", "A")]),
        (b"", &[]),
    ];
    for (text, wanted) in cases {
        if text == b">a" {
            assert_eq!(cuts(text), Err("truncated: x.fa: the line of a name ends the text: 1 more byte needed at bit 16 (byte 2)".to_owned()));
        } else {
            assert_eq!(cuts(text), Ok(pairs(wanted)), "{}", text.escape_ascii());
        }
    }
}

#[test]
fn what_the_rules_forbid() {
    let cases: [(&[u8], &str); 9] = [
        (b"ACGT\n", "malformed: x.fa: the first line begins with `>`, not `A` at bit 0 (byte 0)"),
        (b";c\n\nacgt\n>a\nA\n", "malformed: x.fa: the first line begins with `>`, not `a` at bit 32 (byte 4)"),
        (b">a\nAC1T\n", "malformed: x.fa: `1` is no base at bit 40 (byte 5)"),
        (b">a\nAC T\n", "malformed: x.fa: ` ` is no base at bit 40 (byte 5)"),
        (b">a\nAC>b\nT\n", "malformed: x.fa: `>` is no base at bit 40 (byte 5)"),
        (b">a\n  ACGT\n", "malformed: x.fa: a line of bases begins with what is no base at bit 24 (byte 3)"),
        (b">a\nA\n>\nC\n", "malformed: x.fa: a sequence without a name at bit 40 (byte 5)"),
        (b">a\nA\n> b\nC\n", "malformed: x.fa: a sequence without a name at bit 40 (byte 5)"),
        (b">\xff\nA\n", "malformed: x.fa: a name that is not UTF-8 at bit 0 (byte 0)"),
    ];
    for (text, wanted) in cases {
        assert_eq!(cuts(text), Err(wanted.to_owned()), "{}", text.escape_ascii());
    }
    let long = [b">", [b'n'; 16385].as_slice(), b"\nA\n"].concat();
    assert_eq!(read(&long, 1000), Err("limit exceeded: x.fa: a name of more than 16384 bytes at bit 0 (byte 0)".to_owned()));
}

/// Bases that look random and are always the same.
fn bases(seed: u64, length: usize) -> String {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        char::from(b"ACGTacgtN"[(state >> 33) as usize % 9])
    };
    (0..length).map(|_| next()).collect()
}

/// A text of three sequences, one of them long.
fn genome() -> Vec<(&'static str, String)> {
    vec![("one", bases(1, 100)), ("two", bases(2, 200_003)), ("three", bases(3, 77_777))]
}

fn text(sequences: &[(&str, String)], width: usize, end: &str) -> Vec<u8> {
    let mut text = String::new();
    for (name, bases) in sequences {
        text += &format!(">{name} of a test{end}");
        for line in bases.as_bytes().chunks(width) {
            text += &format!("{}{end}", std::str::from_utf8(line).unwrap());
        }
    }
    text.into_bytes()
}

/// The rows of the index of such a text.
fn fai(sequences: &[(&str, String)], width: usize, end: &str) -> String {
    let mut at = 0;
    let mut rows = String::new();
    for (name, bases) in sequences {
        at += format!(">{name} of a test{end}").len();
        let first = bases.len().min(width);
        rows += &format!("{name}\t{}\t{at}\t{first}\t{}\n", bases.len(), first + end.len());
        at += bases.len() + bases.len().div_ceil(width) * end.len();
    }
    rows
}

fn gzip(text: &[u8]) -> Vec<u8> {
    // Two members, as concatenated files have.
    let (first, second) = text.split_at(text.len() / 3);
    let member = |part: &[u8]| {
        let mut encoder = GzEncoder::new(vec![], flate2::Compression::fast());
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap()
    };
    [member(first), member(second)].concat()
}

fn bgzf(text: &[u8]) -> Vec<u8> {
    let mut writer = noodles_bgzf::io::Writer::new(vec![]);
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

/// Where the blocks begin, from their own sizes.
fn gzi(blocks: &[u8]) -> Vec<u8> {
    let mut rows = vec![];
    let (mut at, mut unpacked) = (0, 0u64);
    while at < blocks.len() {
        at += usize::from(u16::from_le_bytes([blocks[at + 16], blocks[at + 17]])) + 1;
        unpacked += u64::from(u32::from_le_bytes(blocks[at - 4..at].try_into().unwrap()));
        rows.push((at as u64, unpacked));
    }
    // Neither the end of the file nor the empty block in front of it.
    rows.truncate(rows.len().saturating_sub(2));
    let rows = rows.iter().flat_map(|(at, unpacked)| [at.to_le_bytes(), unpacked.to_le_bytes()].concat());
    (rows.clone().count() as u64 / 16).to_le_bytes().into_iter().chain(rows).collect()
}

/// The same genome in every way of storing it.
fn stored(folder: &TempDir) -> Vec<PathBuf> {
    let genome = genome();
    let plain = text(&genome, 60, "\n");
    let blocks = bgzf(&plain);
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("plain.fa", plain.clone()),
        ("crlf.fa", text(&genome, 61, "\r\n")),
        ("line.fa", text(&genome, 1 << 20, "\n")),
        ("odd.fa", String::from_utf8(plain.clone()).unwrap().replace("\n>", "\n\n; comment\n \n>").replacen("A\n", "A\n;\n", 20).into_bytes()),
        ("gzip.fa.gz", gzip(&plain)),
        ("blocks.fa.gz", blocks.clone()),
        ("indexed.fa", plain.clone()),
        ("indexed.fa.fai", fai(&genome, 60, "\n").into_bytes()),
        ("indexed-crlf.fa", text(&genome, 61, "\r\n")),
        ("indexed-crlf.fa.fai", fai(&genome, 61, "\r\n").into_bytes()),
        ("indexed-line.fa", text(&genome, 1 << 20, "\n")),
        ("indexed-line.fa.fai", fai(&genome, 1 << 20, "\n").into_bytes()),
        ("indexed-gzip.fa.gz", gzip(&plain)),
        ("indexed-gzip.fa.gz.fai", fai(&genome, 60, "\n").into_bytes()),
        ("indexed-blocks.fa.gz", blocks.clone()),
        ("indexed-blocks.fa.gz.fai", fai(&genome, 60, "\n").into_bytes()),
        ("indexed-blocks.fa.gz.gzi", gzi(&blocks)),
    ];
    for (name, bytes) in &files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let texts = files.iter().filter(|(name, _)| !name.ends_with("i"));
    texts.map(|(name, _)| folder.path().join(name)).collect()
}

#[test]
fn every_way_of_storing() {
    let folder = TempDir::new().unwrap();
    let wanted = genome();
    for path in stored(&folder) {
        let open = Genome::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let found: Vec<(&str, u64)> = open.sections.iter().map(|section| (section.name.as_str(), section.length)).collect();
        let names: Vec<(&str, u64)> = wanted.iter().map(|(name, bases)| (*name, bases.len() as u64)).collect();
        assert_eq!(found, names, "{}", path.display());
        // In order, which goes on reading, and then here and there.
        let mut ranges: Vec<(usize, usize, usize)> = (0..3).map(|number| (number, 0, wanted[number].1.len() - 1)).collect();
        let places = [0, 59, 60, 65_535, 65_536, 65_580, 65_581, 150_000, 200_001];
        ranges.extend(places.iter().flat_map(|start| [(1, *start, *start), (1, *start, start + 1), (1, *start, (start + 1000).min(200_002))]));
        ranges.extend([(2, 77_776, 77_776), (0, 99, 99), (2, 66_000, 77_776), (1, 120_000, 200_002)]);
        for (number, start, end) in ranges {
            let mut found = vec![];
            open.read(&open.sections[number], start as u64..=end as u64, &mut found).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(found == wanted[number].1[start..=end].to_ascii_uppercase().as_bytes(), "{} {number} {start}-{end}", path.display());
        }
    }
}

#[test]
fn hashes_of_every_way_of_storing() {
    let folder = TempDir::new().unwrap();
    let wanted: Vec<Vec<u8>> = genome().iter().map(|(_, bases)| Sha256::digest(bases.to_ascii_uppercase()).to_vec()).collect();
    for path in stored(&folder) {
        let number = |name: &str| ["one", "two", "three"].iter().position(|other| *other == name);
        let mut found = hash(&path, ChecksumAlg::Sha256, &number, &|_| ()).unwrap();
        found.sort_by_key(|hashed| hashed.listed);
        assert_eq!(found.iter().map(|hashed| hashed.digest.clone()).collect::<Vec<_>>(), wanted, "{}", path.display());
        assert_eq!(found.iter().map(|hashed| hashed.length).collect::<Vec<_>>(), [100, 200_003, 77_777]);
    }
}

/// The error of opening a text and reading a few parts of it.
fn error(path: &Path) -> String {
    let read = || {
        let open = Genome::open(path)?;
        for section in &open.sections {
            open.read(section, 0..=section.length - 1, &mut vec![])?;
            open.read(section, section.length - 1..=section.length - 1, &mut vec![])?;
        }
        Ok(())
    };
    read().map_or_else(|error: mpegg_runtime::Error| error.to_string(), |()| "no error".to_owned())
}

#[test]
fn an_index_that_does_not_fit() {
    let folder = TempDir::new().unwrap();
    let genome = genome();
    let index = fai(&genome, 60, "\n");
    let path = folder.path().join("x.fa");
    let cases: Vec<(&str, Vec<u8>, String)> = vec![
        ("a base more", text(&[("one", genome[0].1.clone() + "A"), genome[1].clone(), genome[2].clone()], 60, "\n"), index.clone()),
        ("a base less", text(&[genome[0].clone(), ("two", genome[1].1[1..].to_owned()), genome[2].clone()], 60, "\n"), index.clone()),
        ("the last sequence is longer", [text(&genome, 60, "\n"), b"ACGT\n".to_vec()].concat(), index.clone()),
        ("it is shorter", text(&genome, 60, "\n")[..250_000].to_vec(), index.clone()),
        ("other lines", text(&genome, 70, "\n"), index.clone()),
        ("another name", text(&[genome[0].clone(), ("owt", genome[1].1.clone()), genome[2].clone()], 60, "\n"), index.clone()),
        ("a name of another length", text(&[("ONCE", genome[0].1.clone()), genome[1].clone(), genome[2].clone()], 60, "\n"), index.clone()),
        ("no number", text(&genome, 60, "\n"), index.replace("200003", "many")),
        ("no lines", text(&genome, 60, "\n"), index.replace("\t60\t61", "\t0\t61")),
        ("no bases", text(&genome, 60, "\n"), index.replace("200003", "0")),
        ("an offset beyond all", text(&genome, 60, "\n"), index.replace("200003", "18446744073709551615")),
    ];
    for (what, text, index) in cases {
        fs::write(&path, text).unwrap();
        fs::write(folder.path().join("x.fa.fai"), index).unwrap();
        let error = error(&path);
        assert!(error.starts_with("malformed: ") && error.contains("x.fa.fai: the index does not fit the text ("), "{what}: {error}");
    }
}

#[test]
fn what_is_compressed_and_damaged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.fa.gz");
    let check = |bytes: &[u8], wanted: &str| {
        fs::write(&path, bytes).unwrap();
        let error = error(&path);
        assert!(error.starts_with(wanted) && error.contains("x.fa.gz: "), "{error}");
    };
    let plain = text(&genome(), 60, "\n");
    for packed in [gzip(&plain), bgzf(&plain)] {
        check(&packed[..packed.len() / 2], "truncated: ");
        // Cut in the head of a block, which noodles takes for the end.
        let blocks = packed.len() > 18 && packed[12..14] == *b"BC";
        if blocks {
            let first = usize::from(u16::from_le_bytes([packed[16], packed[17]])) + 1;
            check(&packed[..first + 10], "truncated: ");
        }
        let mut flipped = packed.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x55;
        check(&flipped, "malformed: ");
    }
    // An index of blocks that lies.
    let packed = bgzf(&plain);
    let good = gzi(&packed);
    fs::write(&path, &packed).unwrap();
    fs::write(folder.path().join("x.fa.gz.fai"), fai(&genome(), 60, "\n")).unwrap();
    for place in [0, 7, 8, 12, 15, 16, 18, 22, 24, 31, 32, 40, good.len() - 1] {
        let mut index = good.clone();
        index[place] ^= 0xa5;
        fs::write(folder.path().join("x.fa.gz.gzi"), index).unwrap();
        let error = error(&path);
        assert!(error == "no error" || error.contains("x.fa.gz"), "byte {place}: {error}");
    }
}

#[test]
fn what_is_no_genome() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.fa");
    let cases: [(&[u8], &str); 5] = [
        (b"", "no sequence"),
        (b"; nothing\n\n", "no sequence"),
        (b">a\n>b\nACGT\n", "the sequence `a` has no bases at bit 0"),
        (b">a\nACGT\n>b\n\n;\n", "the sequence `b` has no bases at bit 64"),
        (b">a\nA\n>b\nC\n>a\nG\n", "the sequence `a` occurs more than once"),
    ];
    for (text, wanted) in cases {
        fs::write(&path, text).unwrap();
        let error = error(&path);
        assert!(error.starts_with("malformed: ") && error.contains(wanted), "{error}");
    }
    assert!(error(folder.path()).starts_with("input/output: "), "a folder is no file");
}

#[test]
fn lines_that_are_alike() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.fa");
    let check = |text: &str, line: Option<(u64, u64)>| {
        fs::write(&path, text).unwrap();
        let found = sections(&Text::open(&path).unwrap()).unwrap();
        assert_eq!(found[0].line, line, "{text:?}");
    };
    check(">a\nACGT\nACGT\nAC\n", Some((4, 5)));
    check(">a\r\nACGT\r\nACGT\r\n", Some((4, 6)));
    check(">a\nACGT", Some((4, 4)));
    check(">a\n\nACGT\nACGT\n\n", Some((4, 5)));
    check(">a\nACGT\n\nACGT\nAC\n", None);
    check(">a\nACGT\nACG\nACGT\n", None);
    check(">a\nACGT\nACGTA\n", None);
    check(">a\nACGT\n;\nACGT\nACGT\n", None);
}

#[test]
fn names_at_the_edges_of_chunks() {
    // A name at each distance from an edge, in lines that are no names too.
    let text = b">n >\nA\r>m\nC>\n".repeat(700_000);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.fa");
    fs::write(&path, &text).unwrap();
    let parts = parts(Text::open(&path).unwrap().plain().unwrap(), &path).unwrap();
    assert_eq!(parts.len(), 1_400_000);
    let starts = (0..700_000).flat_map(|round| [round * 13, round * 13 + 7]);
    assert!(parts.iter().map(|(start, _)| *start).eq(starts));
    assert!(parts.iter().map(|(_, end)| *end).eq(parts.iter().skip(1).map(|(start, _)| *start).chain([text.len() as u64])));
}

fn raw(entries: &[(u16, u64, u64, &[u8])]) -> Vec<u8> {
    let mut bytes = (entries.len() as u16).to_be_bytes().to_vec();
    for (id, start, end, bases) in entries {
        bytes.extend(id.to_be_bytes());
        bytes.extend(&start.to_be_bytes()[3..]);
        bytes.extend(&end.to_be_bytes()[3..]);
        bytes.extend(*bases);
    }
    bytes
}

#[test]
fn raw_files() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.raw");
    let error = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        RawFile::open(&path).map_or_else(|error| error.to_string(), |file| format!("{} sequences", file.entries.len()))
    };
    let good = raw(&[(7, 0, 3, b"ACGT"), (9, 0, 0, b"N")]);
    assert_eq!(error(&good), "2 sequences");
    assert_eq!(error(&raw(&[])), "0 sequences");
    for cut in 0..good.len() {
        let error = error(&good[..cut]);
        assert!(error.starts_with("truncated: ") && error.contains("x.raw"), "{cut}: {error}");
    }
    let cases: [(Vec<u8>, &str); 5] = [
        ([good.clone(), b"A".to_vec()].concat(), "1 bytes behind the last sequence at bit 248"),
        (raw(&[(7, 1, 3, b"CGT")]), "seq_start 1: a reference begins at 0 at bit 32 (byte 4), sequence[0].seq_start"),
        (raw(&[(7, 0, 0xff_ffff_ffff, b"CGT")]), "a sequence of 1099511627776 bases: 1099511627773 more bytes needed at bit 72 (byte 9), sequence[0].seq_end"),
        (raw(&[(7, 0, 0, b"C"), (7, 0, 0, b"G")]), "sequence_ID 7 occurs twice"),
        ([vec![0], (good.len() as u64 + 9).to_be_bytes().to_vec(), good].concat(), "a data unit; a RAW_REF file holds its payload alone"),
    ];
    for (bytes, wanted) in cases {
        let error = error(&bytes);
        assert!(error.contains(wanted), "{error}");
    }
}
