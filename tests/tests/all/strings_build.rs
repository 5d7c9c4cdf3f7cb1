//! `mpegg strings build`: annotation tables from other formats, searched, checked, taken apart.

use flate2::Compression;
use flate2::write::GzEncoder;
use mpegg::decapsulate::Chunks;
use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg::strings::build::{Format, Options, Report, build};
use mpegg::tables::annotations::{AnnotationEncodingParameters, DataTypeId, TypedData};
use mpegg::tables::{AtGenomicPosSortMode, AtSubtype, AtType};
use mpegg_tests::command::{command, mpegg};
use mpegg_tests::maker::random::Rng;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use super::command::told;

const VCF: &str = "##fileformat=VCFv4.3\n\
##INFO=<ID=GENE,Number=1,Type=String,Description=\"g\">\n\
##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n\
##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">\n\
##INFO=<ID=DB,Number=0,Type=Flag,Description=\"d\">\n\
##FILTER=<ID=q10,Description=\"x\">\n\
##contig=<ID=chr1>\n\
##contig=<ID=chr2>\n\
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
chr1\t100\trs1\tA\tG\t30.5\tPASS\tGENE=BRCA1;AF=0.5;DP=10;DB\n\
chr1\t200\trs22\tAC\tG,T\t.\tq10\tGENE=TP53;AF=0.1,0.2\n\
chr2\t5\t.\tA\tG\t10\t.\tDP=3\n\
chr2\t50\trs1234\tA\tG\t10\tPASS\tGENE=BRCA2\n\
chr2\t60\trs77\tA\tG\t10\tPASS\t.\n";

/// A folder for the files of a test.
struct Work(tempfile::TempDir);

impl Work {
    fn new() -> Work {
        Work(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Words with a dot are files in the folder.
    fn run(&self, words: &[&str]) -> Output {
        let word = |word: &&str| word.strip_prefix("./").map_or_else(|| OsString::from(*word), |name| self.path(name).into());
        mpegg(words.iter().map(word))
    }

    fn fine(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// How a command fails: its exit code, and what it says.
    fn fails(&self, words: &[&str]) -> (Option<i32>, String) {
        let output = self.run(words);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Builds a table, which must be right, and from which all strings come out again.
    fn build(&self, input: &str, content: &[u8], options: &[&str]) -> Vec<u8> {
        fs::write(self.path(input), content).unwrap();
        self.fine(&[&["strings", "build", &format!("./{input}"), "-o", "./out.mgg"], options].concat());
        self.right()
    }

    fn right(&self) -> Vec<u8> {
        assert_eq!(self.fine(&["validate", "./out.mgg"]).lines().count(), 1);
        let verified = self.fine(&["strings", "verify", "./out.mgg"]);
        assert!(verified.lines().all(|line| line.contains(": fine, ")) && !verified.is_empty(), "{verified}");
        self.fine(&["info", "./out.mgg"]);
        self.fine(&["dump", "./out.mgg", "-o", "./dump.txt"]);
        self.fine(&["to-json", "./out.mgg", "-o", "./out.json"]);
        self.fine(&["from-json", "./out.json", "-o", "./again.mgg"]);
        self.fine(&["extract", "./out.mgg", "--dataset", "1", "-o", "./out.mgb"]);
        let bytes = fs::read(self.path("out.mgg")).unwrap();
        assert!(fs::read(self.path("again.mgg")).unwrap() == bytes);
        bytes
    }

    /// The strings of a column in the order of the rows.
    fn column(&self, name: &str) -> Vec<String> {
        let decoded = self.fine(&["strings", "decode", "./out.mgg", "--column", name]);
        decoded.lines().map(|line| serde_json::from_str::<Vec<String>>(line).unwrap().remove(0)).collect()
    }
}

/// Type, subtype, sort mode.
fn kind(bytes: &[u8]) -> (AtType, AtSubtype, AtGenomicPosSortMode) {
    let file = File::new(Bytes(bytes)).unwrap();
    let header = &file.dataset(1).unwrap().annotation_tables().unwrap()[0];
    (header.at_type, header.at_subtype, header.at_genomic_pos_sort_mode)
}

#[test]
fn a_vcf() {
    let work = Work::new();
    let bytes = work.build("in.vcf", VCF.as_bytes(), &["--rows-per-tile", "2"]);
    assert_eq!(kind(&bytes), (AtType::Variants, AtSubtype::Vcf, AtGenomicPosSortMode::SortedRows));
    assert_eq!(work.column("ID"), ["rs1", "rs22", "", "rs1234", "rs77"]);
    assert_eq!(work.column("ALT"), ["G", "G,T", "G", "G", "G"]);
    assert_eq!(work.column("INFO/GENE"), ["BRCA1", "TP53", "", "BRCA2", ""]);
    assert_eq!(work.column("INFO/AF"), ["0.5", "0.1,0.2", "", "", ""]);
    let search = |words: &[&str]| work.fine(&[&["strings", "search", "./out.mgg"], words].concat());
    let found = |text: String| text.lines().map(|line| line.rsplit('\t').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(found(search(&["--column", "ID", "rs1"])), ["rs1", "rs1234"]);
    // Tiles are what regions choose: that of rows 2 and 3, and that of row 4.
    assert_eq!(found(search(&["--column", "ID", "--region", "chr2:50-55", "rs"])), ["rs1234"]);
    assert_eq!(found(search(&["--column", "ID", "--region", "chr2:55-60", "rs"])), ["rs77"]);
    assert_eq!(found(search(&["--column", "ID", "--region", "chr1:1-99", "rs"])), [""; 0]);
}

#[test]
fn regions_find_tiles_of_rows() {
    let work = Work::new();
    let header = &VCF[..VCF.find("#CHROM").unwrap()];
    let rows: Vec<(String, u64)> = (0..100u64).map(|row| (format!("chr{}", 1 + row / 35), 10 + row % 35 * 10)).collect();
    let lines: String = (0..).zip(&rows).map(|(row, (name, at))| format!("{name}\t{at}\trs{row}\tA\tG\t.\tPASS\tGENE=G{row}\n")).collect();
    let text = format!("{header}##contig=<ID=chr3>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n{lines}");
    let regions = [("chr1", 95, 130), ("chr1", 1, 9), ("chr2", 340, 1000), ("chr2", 1, 10), ("chr3", 1, 1000), ("chr4", 1, 1000)];
    for size in [1, 4, 64] {
        work.build("in.vcf", text.as_bytes(), &["--rows-per-tile", &size.to_string()]);
        for (name, start, end) in regions {
            // A tile reaches from its first row to the last base of its last, over what lies between on other chromosomes.
            let reaches = |tile: &[(String, u64)]| {
                let order = |(name, at): &(String, u64)| (name.clone(), *at);
                order(&tile[0]) <= (name.to_owned(), end) && order(&tile[tile.len() - 1]) >= (name.to_owned(), start)
            };
            let tiles = rows.chunks(size).enumerate().filter(|(_, tile)| reaches(tile));
            let wanted: Vec<String> = tiles.flat_map(|(number, tile)| (0..tile.len()).map(move |row| format!("rs{}", number * size + row))).collect();
            let region = format!("{name}:{start}-{end}");
            let asked = ["strings", "search", "./out.mgg", "--column", "ID", "rs", "--region", &region];
            let found: Vec<String> = work.fine(&asked).lines().map(|line| line.rsplit('\t').next().unwrap().to_owned()).collect();
            assert_eq!(found, wanted, "{region} with {size} rows a tile");
            assert_eq!(work.fine(&[&asked[..], &["--count"]].concat()), format!("rs\t{}\n", wanted.len()));
        }
    }
}

#[test]
fn numbers_are_blocks_of_part_6() {
    let work = Work::new();
    let bytes = work.build("in.vcf", VCF.as_bytes(), &["--rows-per-tile", "3", "--columns", "POS,ID,QUAL,INFO/DP,INFO/DB"]);
    let file = File::new(Bytes(&bytes)).unwrap();
    let dataset = file.dataset(1).unwrap();
    let sets = dataset.parameter_sets().unwrap();
    let parameters = AnnotationEncodingParameters::from_bytes(sets[0].annotation_encoding_parameters.as_ref().unwrap(), 1).unwrap();
    let attributes: Vec<_> =
        parameters.attribute_parameter_set.iter().map(|own| (own.attribute_id, own.attribute_name.as_slice(), own.attribute_type)).collect();
    let wanted: [(u16, &[u8], DataTypeId); 5] = [
        (0, b"POS", DataTypeId::Uint32),
        (1, b"ID", DataTypeId::String),
        (2, b"QUAL", DataTypeId::Float32),
        (3, b"INFO/DP", DataTypeId::Int32),
        (4, b"INFO/DB", DataTypeId::Bool),
    ];
    assert_eq!(attributes, wanted);
    let bits = |value: f32| u64::from(value.to_bits());
    let values: [(u16, Vec<u64>); 4] = [
        (0, vec![100, 200, 5, 50, 60]),
        (2, vec![bits(30.5), 0x7F80_0001, bits(10.0), bits(10.0), bits(10.0)]),
        (3, vec![10, 0x8000_0000, 3, 0x8000_0000, 0x8000_0000]),
        (4, vec![1, 0, 0, 0, 0]),
    ];
    for (attribute, wanted) in values {
        work.fine(&["extract", "./out.mgg", "--dataset", "1", "--field", &format!("attribute:{attribute}"), "-o", "./one.mgb"]);
        let units = fs::read(work.path("one.mgb")).unwrap();
        let mut found = vec![];
        let mut rest = units.as_slice();
        while !rest.is_empty() {
            let size = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize & 0x1FFF_FFFF;
            let (unit, behind) = rest.split_at(size);
            rest = behind;
            if unit[0] == 4 {
                // tile_index_1, no second index, n_AAU_blocks, then a block head of 7 bytes.
                assert_eq!((unit[10..12].to_vec(), unit[12]), (vec![0, 1], 31));
                let data = TypedData::from_bytes(&unit[19..]).unwrap();
                found.extend(data.value.iter().map(|value| value.value.unwrap()));
            }
        }
        assert_eq!(found, wanted, "attribute {attribute}");
    }
}

#[test]
fn gzip_bgzip_and_stdin_give_the_same() {
    let work = Work::new();
    let plain = work.build("in.vcf", VCF.as_bytes(), &["--name", "table"]);
    let mut gzip = GzEncoder::new(vec![], Compression::fast());
    gzip.write_all(VCF.as_bytes()).unwrap();
    assert!(work.build("in.vcf.gz", &gzip.finish().unwrap(), &["--name", "table"]) == plain);
    // Members one behind the other, as bgzip writes them.
    let (front, behind) = VCF.as_bytes().split_at(300);
    let mut members = vec![];
    for part in [front, behind, b""] {
        let mut member = GzEncoder::new(vec![], Compression::fast());
        member.write_all(part).unwrap();
        members.extend(member.finish().unwrap());
    }
    assert!(work.build("in.vcf.bgz", &members, &["--name", "table"]) == plain);
    let mut child = command()
        .args(["strings", "build", "-", "--name", "table", "-o"])
        .arg(work.path("out.mgg"))
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&members).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(work.right() == plain);
}

#[test]
fn features_and_tracks() {
    let work = Work::new();
    let gtf = "#!genome-build X\n\
chr1\tens\tgene\t11\t20\t.\t+\t.\tgene_id \"G1\"; gene_name \"A;B\"; tag \"x\"; tag \"y\";\n\
chr1\tens\texon\t15\t18\t2.5\t-\t0\tgene_id \"G1\"; exon \"E1\"; source \"havana\";\n\
chr2\tens\tgene\t1\t9\t.\t.\t.\tgene_id \"G2\";\n";
    let bytes = work.build("in.gtf", gtf.as_bytes(), &["--rows-per-tile", "1"]);
    assert_eq!(kind(&bytes), (AtType::FunctionalAnnotations, AtSubtype::Gtf, AtGenomicPosSortMode::SortedRows));
    assert_eq!(work.column("gene_id"), ["G1", "G1", "G2"]);
    assert_eq!(work.column("gene_name"), ["A;B", "", ""]);
    assert_eq!(work.column("tag"), ["x,y", "", ""]);
    // A column that appears later, and one with the name of another.
    assert_eq!(work.column("exon"), ["", "E1", ""]);
    assert_eq!((work.column("source"), work.column("attributes/source")), (vec!["ens".to_owned(); 3], vec![String::new(), "havana".into(), String::new()]));
    assert_eq!(work.column("strand"), ["+", "-", ""]);

    let gff = "##gff-version 3\nchr1\tens\tgene\t11\t20\t.\t+\t.\tID=g1;Name=A%3BB;Parent=a,b\n##FASTA\n>chr1\nACGT\n";
    let bytes = work.build("in.gff3", gff.as_bytes(), &[]);
    assert_eq!(kind(&bytes), (AtType::FunctionalAnnotations, AtSubtype::Gff, AtGenomicPosSortMode::SortedRows));
    assert_eq!((work.column("Name"), work.column("Parent")), (vec!["A;B".to_owned()], vec!["a,b".to_owned()]));

    let bed = "track name=x\nchr1\t5\t10\tfirst\t0\t+\nchr1\t5\t6\tsecond\t.\t-\n";
    let bytes = work.build("in.bed", bed.as_bytes(), &[]);
    assert_eq!(kind(&bytes), (AtType::Tracks, AtSubtype::Bed, AtGenomicPosSortMode::SortedRows));
    assert_eq!(work.column("name"), ["first", "second"]);
}

#[test]
fn delimited_and_lines() {
    let work = Work::new();
    let bytes = work.build("in.csv", b"id,text\n1,\"a, \"\"b\"\"\"\n2,\xc3\xa4\n", &[]);
    assert_eq!(kind(&bytes), (AtType::FunctionalAnnotations, AtSubtype::Undefined, AtGenomicPosSortMode::SortedNone));
    assert_eq!((work.column("id"), work.column("text")), (vec!["1".to_owned(), "2".into()], vec!["a, \"b\"".to_owned(), "\u{e4}".into()]));
    work.build("in.tsv", b"#id\ttext\n1\tx y\n", &["--columns", "text,id"]);
    assert_eq!(work.column("text"), ["x y"]);
    work.build("in.txt", b"one\r\n\ntwo", &["--max-index-size", "1"]);
    assert_eq!(work.column("line"), ["one", "", "two"]);
    // The format that is said counts.
    work.build("in.csv", b"id,text\n", &["--input-format", "lines"]);
    assert_eq!(work.column("line"), ["id,text"]);
}

#[test]
fn a_bcf_gives_what_its_vcf_gives() {
    let work = Work::new();
    let mut reader = noodles_vcf::io::Reader::new(VCF.as_bytes());
    let header = reader.read_header().unwrap();
    let mut writer = noodles_bcf::io::Writer::new(vec![]);
    writer.write_header(&header).unwrap();
    for record in reader.records() {
        noodles_vcf::variant::io::Write::write_variant_record(&mut writer, &header, &record.unwrap()).unwrap();
    }
    writer.try_finish().unwrap();
    let bcf = writer.into_inner().into_inner();
    let plain = work.build("in.vcf", VCF.as_bytes(), &["--name", "table"]);
    assert!(work.build("in.bcf", &bcf, &["--name", "table"]) == plain);
}

/// Builds from lines or a table in memory.
fn made(input: &str, options: &Options) -> (Vec<u8>, Report) {
    let mut bytes = vec![];
    let report = build(Box::new(std::io::Cursor::new(input.to_owned())), options, Chunks::new(&mut bytes), &mut |_| {}).unwrap();
    (bytes, report)
}

#[test]
fn everything_is_found_in_sub_indexes_of_tiles() {
    let mut rng = Rng::new(5);
    let word = |rng: &mut Rng| (0..rng.between(0, 6)).map(|_| ['a', 'b', 'c', '\u{e4}', '\u{4e16}'][rng.between(0, 4) as usize]).collect::<String>();
    for (rows_per_tile, size) in [(1, 50), (7, 100), (16, 1 << 20)] {
        let lines: Vec<String> = (0..rng.between(60, 120)).map(|_| word(&mut rng)).collect();
        let options = Options { format: Some(Format::Lines), rows_per_tile, max_index_size: Some(size), ..Options::default() };
        let (bytes, report) = made(&lines.iter().map(|line| format!("{line}\n")).collect::<String>(), &options);
        assert_eq!((report.rows, report.columns[0].1 > 1), (lines.len() as u64, size < 1000));
        let work = Work::new();
        fs::write(work.path("out.mgg"), bytes).unwrap();
        work.right();
        assert_eq!(work.column("line"), lines);
        for pattern in ["a", "ab", "\u{e4}", "ca\u{4e16}", "zz"] {
            let found = work.fine(&["strings", "search", "./out.mgg", pattern]);
            let wanted = lines.iter().enumerate().filter(|(_, line)| line.contains(pattern));
            let wanted: Vec<String> = wanted.map(|(row, line)| format!("{}\t{}\t{line}", row as u32 / rows_per_tile, row as u32 % rows_per_tile)).collect();
            let short = |line: &str| {
                let parts: Vec<&str> = line.split('\t').collect();
                format!("{}\t{}\t{}", parts[4], parts[6], parts[8])
            };
            assert_eq!(found.lines().map(short).collect::<Vec<_>>(), wanted, "{pattern} in {lines:?}");
        }
    }
}

#[test]
fn what_cannot_be_built_is_said_and_leaves_nothing() {
    let work = Work::new();
    let vcf = |name: &str, text: &str| fs::write(work.path(name), text).unwrap();
    vcf("in.vcf", VCF);
    vcf("unsorted.vcf", &VCF.replace("chr2\t60", "chr2\t40"));
    vcf("samples.vcf", &VCF.replace("INFO\n", "INFO\tFORMAT\tS\n").replace("DB\n", "DB\tGT\t0/1\n"));
    vcf("bad.vcf", &VCF.replace("chr2\t50", "chr2\tx"));
    vcf("number.vcf", &VCF.replace("DP=3", "DP=many"));
    fs::write(work.path("control.txt"), b"fine\nno\x01t\n").unwrap();
    fs::write(work.path("latin.txt"), b"fine\nno\xe4t\n").unwrap();
    fs::write(work.path("empty.txt"), b"").unwrap();
    fs::write(work.path("unknown"), b"what is this").unwrap();
    fs::write(work.path("ragged.csv"), b"a,b\n1\n").unwrap();
    let cases: [(&[&str], i32, &str); 12] = [
        (&["./in.vcf", "--columns", "ID,INFO/NONE"], 2, "no column INFO/NONE"),
        (&["./in.vcf", "--columns", "POS"], 2, "none of the columns has text"),
        (&["./unsorted.vcf", "--sorted"], 2, "row 5 begins in front of the one before"),
        (&["./samples.vcf"], 6, "FORMAT (genotypes and other data of 1 samples) has no form in Part 6 that is known here; without it: --columns CHROM,POS,"),
        (&["./bad.vcf"], 4, "record 4"),
        (&["./number.vcf"], 4, "row 3, INFO/DP: \"many\" is no int32"),
        (&["./control.txt"], 4, "row 2, line: byte 2 of the string is 1"),
        (&["./latin.txt"], 4, "row 2, line: byte 2 of the string is not UTF-8"),
        (&["./empty.txt"], 4, "no rows"),
        (&["./unknown"], 4, "tell the format"),
        (&["./ragged.csv"], 4, "line 2"),
        (&["./missing.vcf"], 2, "missing.vcf"),
    ];
    for (words, code, message) in cases {
        let (found, said) = work.fails(&[&["strings", "build", "-o", "./out.mgg"], words].concat());
        assert_eq!(found, Some(code), "{words:?}: {said}");
        assert!(said.contains(message), "{words:?}: {said}");
    }
    let left: Vec<_> = fs::read_dir(work.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name == "out.mgg" || name.as_encoded_bytes()[0] == b'.')
        .collect();
    assert!(left.is_empty(), "{left:?}");
    // Not sorted is no error where nobody asks for it.
    let unsorted = fs::read(work.path("unsorted.vcf")).unwrap();
    assert_eq!(kind(&work.build("unsorted.vcf", &unsorted, &[])).2, AtGenomicPosSortMode::SortedNone);
    assert_eq!(work.column("ID").len(), 5);
}
