//! The structures of Part 6 inside data units and parameter sets: opened where they are right to the last bit, else bytes.

use mpegg::dump::{Line, LineSink, Options, StructLine, dump};
use mpegg::source::Bytes;
use mpegg::tables::annotations::*;
use mpegg::tables::{AgClass, AtCoordSize, AtType, DataUnit};
use mpegg::walk::Kind;
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::walk::{Finding, FindingKind};
use mpegg_tests::inputs::peers;
use mpegg_tests::maker::random::Rng;
use mpegg_tests::sinks::Cover;
use std::collections::BTreeSet;
use std::io;

/// Checks that every bit is told once, and keeps what was opened and what could not be.
#[derive(Default)]
struct Opened {
    cover: Cover,
    opaque: BTreeSet<String>,
    structures: BTreeSet<String>,
    lines: Vec<Line>,
}

impl LineSink for Opened {
    fn begin_struct(&mut self, head: &StructLine) -> io::Result<()> {
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
    fn of(bytes: &[u8]) -> Opened {
        let mut sink = Opened::default();
        let errors = dump(&Bytes(bytes), Kind::Units, &Options::default(), &Default::default(), &mut sink).unwrap();
        assert!(errors.is_empty(), "{errors:?}");
        sink.cover.check(bytes.len(), true).unwrap();
        sink
    }

    fn has(&self, name: &str) -> bool {
        self.lines.iter().any(|line| line.path.ends_with(name))
    }
}

/// A data unit of type 3 or 4.
fn unit(unit_type: u8, payload: &[u8]) -> Vec<u8> {
    [&[unit_type], (payload.len() as u32 + 5).to_be_bytes().as_slice(), payload].concat()
}

fn descriptor(id: DescriptorId) -> DescriptorConfiguration {
    let parameter = AlgorithmParametersParameter {
        par_id: 3,
        par_type: DataTypeId::Uint16,
        par_array_dims: vec![2],
        par_val: vec![TypedValue { text: None, value: Some(500) }, TypedValue { text: None, value: Some(7) }],
    };
    DescriptorConfiguration {
        descriptor_id: id,
        encoding_mode_id: Some(EncodingModeId::Lzma),
        algorithm_parameters: Some(AlgorithmParameters { n_pars: 1, parameters: vec![parameter] }),
        ..Default::default()
    }
}

/// Genotypes as an edition has them.
fn genotypes(edition: i128) -> DescriptorConfiguration {
    if edition == 1 {
        let variants = vec![GenotypeParametersVariant { variants_codec_id: EncodingModeId::Jbig, ..Default::default() }; 2];
        let genotype_parameters = GenotypeParameters {
            max_ploidy: 2,
            num_bit_planes: Some(2),
            concat_axis: ConcatAxis::None,
            variants,
            phasing_value: Some(true),
            ..Default::default()
        };
        return DescriptorConfiguration { genotype_parameters: Some(genotype_parameters), ..descriptor(DescriptorId::Genotype) };
    }
    let second = GenotypeParameters2 { variants_codec_id: 5, phases_codec_id: 1, encode_phases_data_flag: true, ..Default::default() };
    DescriptorConfiguration { descriptor_id: DescriptorId::Genotype, genotype_parameters_2: Some(second), ..Default::default() }
}

fn parameters(edition: i128) -> AnnotationEncodingParameters {
    let text = |text: &str| TypedValue { text: Some(text.to_owned()), value: None };
    let attribute = AttributeParameterSet {
        attribute_id: 500,
        attribute_name_len: 4,
        attribute_name: b"GENE".to_vec(),
        attribute_type: DataTypeId::String,
        attribute_default_val: text("none"),
        attribute_miss_val_flag: true,
        attribute_miss_default_flag: Some(false),
        attribute_miss_val: Some(text("?")),
        attribute_miss_str: Some(".".to_owned()),
        compressor_id: 1,
        ..Default::default()
    };
    let step = CompressorParameterSetStep { algorithm_id: AlgorithmId::Lzma, use_default_pars: true, ..Default::default() };
    AnnotationEncodingParameters {
        n_filter: 1,
        filters: vec![AnnotationEncodingParametersFilter { filter_id_len: 3, filter_id: b"q10".to_vec(), desc_len: 1, description: b"x".to_vec() }],
        descriptor_configuration: vec![descriptor(DescriptorId::Name), genotypes(edition)],
        compressor_parameter_set: vec![CompressorParameterSet { compressor_id: 1, n_compressor_steps: 1, steps: vec![step], ..Default::default() }],
        attribute_parameter_set: vec![attribute],
        ..Default::default()
    }
}

/// A set with the tiles of its table.
fn parameter_set(edition: i128) -> AnnotationParameterSet {
    let structure = TileStructure { n_tiles: 3, tile_size: vec![10], ..Default::default() };
    AnnotationParameterSet {
        parameter_set_id: 7,
        at_id: Some(4),
        at_alphabet_id: Some(Default::default()),
        reserved: Some(0),
        at_coord_size: Some(AtCoordSize::Bits16),
        at_pos_40_bits_flag: Some(false),
        n_aux_attribute_groups: Some(0),
        tile_configuration: vec![TileConfiguration {
            ag_class: AgClass::RowData,
            reserved_2: Some(0),
            default_tile_structure: structure,
            ..Default::default()
        }],
        annotation_encoding_parameters: parameters(edition),
    }
}

fn access_unit(set: &AnnotationParameterSet) -> Vec<u8> {
    let header = AnnotationAccessUnitHeader { tile_index_1: Some(2), tile_index_2_exists: Some(false), n_blocks: 2, ..Default::default() };
    let block = |descriptor: DescriptorId, attribute: Option<u16>| Block {
        descriptor_id: Some(descriptor),
        attribute_id: attribute,
        block_payload_size: 3,
        block_payload: vec![1, 2, 3],
        ..Default::default()
    };
    let made = AnnotationAccessUnit {
        at_id: 4,
        at_type: AtType::Variants,
        ag_class: AgClass::RowData,
        annotation_access_unit_header: header,
        block: vec![block(DescriptorId::Name, None), block(DescriptorId::Attribute, Some(500))],
        ..Default::default()
    };
    made.to_bytes(std::slice::from_ref(set)).unwrap()
}

#[test]
fn both_editions_open_with_their_access_units() {
    for edition in [1, 2] {
        let set = parameter_set(edition);
        let bytes = set.to_bytes(0, edition).unwrap();
        assert_eq!(AnnotationParameterSet::from_bytes(&bytes, 0, edition).unwrap(), set);
        let unit_bytes = access_unit(&set);
        let stream = [unit(3, &bytes), unit(4, &unit_bytes)].concat();
        let opened = Opened::of(&stream);
        assert!(opened.opaque.is_empty(), "{edition}: {:?}", opened.opaque);
        assert!(opened.has("genotype_parameters_2.variants_codec_ID") == (edition == 2), "{edition}");
        assert!(opened.has("genotype_parameters.max_ploidy") == (edition == 1), "{edition}");
        assert!(opened.has("data_unit[1].annotation_access_unit.block[1].attribute_ID"));
        // Without the set nobody knows the widths.
        let alone = Opened::of(&unit(4, &unit_bytes));
        assert!(alone.opaque.contains("data_unit[0].annotation_access_unit"));
    }
}

#[test]
fn a_set_as_part_1_has_it_opens_too() {
    for edition in [1, 2] {
        let set = AnnotationParameterSet { parameter_set_id: 7, annotation_encoding_parameters: parameters(edition), ..Default::default() };
        let bytes = set.to_bytes(1, edition).unwrap();
        assert_eq!(bytes[1..], parameters(edition).to_bytes(edition).unwrap());
        let opened = Opened::of(&unit(3, &bytes));
        assert!(opened.opaque.is_empty(), "{edition}: {:?}", opened.opaque);
        assert!(!opened.has("AT_ID") && opened.has("attribute_parameter_set[0].attribute_name"));
    }
}

#[test]
fn what_genie_wrote_opens_and_is_written_as_it_was_read() {
    for input in peers("genie", &[".p6.mgb"]) {
        let opened = Opened::of(&input.bytes);
        assert!(opened.opaque.is_empty(), "{}: {:?}", input.name, opened.opaque);
        assert!(opened.structures.contains("data_unit[1].annotation_access_unit.block[28]"), "{}", input.name);
        let mut reader = BitReader::new(&input.bytes);
        let set = DataUnit::read(&mut reader).unwrap().annotation_parameter_set.unwrap();
        let read = AnnotationParameterSet::from_bytes(&set, 0, 1).unwrap();
        assert_eq!(read.to_bytes(0, 1).unwrap(), set);
        let unit = DataUnit::read(&mut reader).unwrap().annotation_access_unit.unwrap();
        let sets = [read];
        let read = AnnotationAccessUnit::from_bytes(&unit, &sets).unwrap();
        assert_eq!(read.block.len(), 29);
        assert_eq!(read.to_bytes(&sets).unwrap(), unit);
    }
}

#[test]
fn changed_and_cut_bytes_are_told_whole() {
    let set = parameter_set(1);
    let stream = [unit(3, &set.to_bytes(0, 1).unwrap()), unit(4, &access_unit(&set))].concat();
    let mut rng = Rng::new(6);
    for at in 5..stream.len() {
        let mut bytes = stream.clone();
        bytes[at] ^= 1 << rng.between(0, 7);
        let mut sink = Opened::default();
        dump(&Bytes(&bytes), Kind::Units, &Options::default(), &Default::default(), &mut sink).unwrap();
        // Opened or not, every bit is told once; where a size in a head is another one, up to there.
        let whole = at < 5 || sink.cover.check(bytes.len(), true).is_ok() || sink.cover.check(bytes.len(), false).is_ok();
        assert!(whole, "byte {at}");
    }
}

#[test]
fn values_of_an_attribute() {
    let numbers = [TypedValue { text: None, value: Some(7) }, TypedValue { text: None, value: Some(0xFFFF_FFFF) }];
    let data = TypedData { data_type_id: DataTypeId::Uint32, array_dims: vec![2], value: numbers.to_vec(), ..Default::default() };
    let bytes = data.to_bytes().unwrap();
    // 8 bits of type, 2 of dimensions, 32 of the size, 1 of the flag, 64 of values, 5 of padding.
    assert_eq!(bytes.len(), 14);
    assert_eq!(bytes[..2], [8, 0b0100_0000]);
    assert_eq!(TypedData::from_bytes(&bytes).unwrap(), data);
    // Three dimensions of 2^32 - 1 elements are no reason to reserve memory.
    let mut bomb = vec![8, 0b1111_1111];
    bomb.extend([0xFF; 14]);
    assert!(TypedData::from_bytes(&bomb).is_err());
}
