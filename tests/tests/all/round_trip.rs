//! Nothing is lost: what is read is written as it was, what is written is read as it was.

use mpegg::bits::{Ascii, BitReader, BitString, BitWriter};
use mpegg::tables::*;
use mpegg::walk::Kind;
use mpegg_tests::inputs::{good_peers, samples, vectors};
use mpegg_tests::targets;
use mpegg_tests::typed;
use proptest::collection::vec;
use proptest::prelude::*;

/// All well-formed inputs: name, kind, bytes.
fn inputs() -> Vec<(String, Kind, Vec<u8>)> {
    let mut all: Vec<_> = vectors().into_iter().filter(|vector| !vector.is_broken()).map(|vector| (vector.name, vector.kind, vector.bytes)).collect();
    let kind = |bytes: &[u8]| Kind::of(&mpegg::source::Bytes(bytes)).unwrap();
    all.extend(samples().into_iter().chain(good_peers()).map(|input| (input.name, kind(&input.bytes), input.bytes)));
    all
}

#[test]
fn every_box_is_written_as_it_was_read() {
    let (mut wrong, mut boxes) = (vec![], 0);
    for (name, kind, bytes) in inputs() {
        typed::all(&bytes, kind, &mut |outcome| {
            boxes += 1;
            match typed::error_of(&outcome) {
                Some(error) => wrong.push(format!("{name}: {}: not read: {error}", outcome.path)),
                None => wrong.extend(typed::check(&outcome).err().map(|why| format!("{name}: {}", why.chars().take(500).collect::<String>()))),
            }
        });
    }
    assert!(wrong.is_empty(), "{} of {boxes} boxes:\n{}", wrong.len(), wrong.join("\n"));
    assert!(boxes > 1000, "{boxes} boxes are too few");
}

#[test]
fn every_input_comes_back_from_json() {
    let wrong: Vec<String> = inputs().into_iter().filter_map(|(name, _, bytes)| targets::json(&bytes).err().map(|why| format!("{name}: {why}"))).collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 äλ語𝄞]{0,20}"
}

fn four() -> impl Strategy<Value = Ascii<4>> {
    "[0-9A-Za-z]{4}".prop_map(|text| Ascii::from_text(&text).unwrap())
}

fn file() -> impl Strategy<Value = FileHeader> {
    let version = prop_oneof![Just("1900"), Just("2000"), Just("2500")];
    (version, vec(four(), 0..5)).prop_map(|(version, compatible_brand)| FileHeader {
        major_brand: Ascii::from_text("MPEG-G").unwrap(),
        minor_version: Ascii::from_text(version).unwrap(),
        compatible_brand,
    })
}

fn label() -> impl Strategy<Value = Label> {
    let class = (0..16u64).prop_map(DataClass::from_code);
    let region = (any::<u16>(), vec(class, 0..16), 0..1u64 << 40, 0..1u64 << 40);
    let region = region.prop_map(|(seq_id, class_id, start_pos, end_pos)| LabelDatasetRegion { seq_id, class_id, start_pos, end_pos });
    let dataset = (any::<u16>(), vec(region, 0..4)).prop_map(|(dataset_id, regions)| LabelDataset { dataset_id, regions });
    (name(), vec(dataset, 0..4)).prop_map(|(label_id, datasets)| Label { label_id, datasets, nesting_zero_bit: 0 })
}

fn reference(file: &FileHeader) -> impl Strategy<Value = Reference> + use<> {
    let first_edition = file.minor_version.as_str() == Some("1900");
    let sequences = vec((name(), any::<u32>(), any::<u16>()), 0..5);
    let checksums = vec(any::<[u8; 32]>(), 6);
    (any::<[u8; 4]>(), any::<[u16; 4]>(), name(), sequences, any::<bool>(), 0..2u64, 0..4u64, checksums).prop_map(
        move |(small, wide, reference_name, sequences, external, algorithm, kind, checksums)| {
            let of_mpegg = external && kind == 0;
            let size: usize = if algorithm == 0 { 16 } else { 32 };
            let mut checksums = checksums.iter().map(|checksum| BitString::new(size as u64 * 8, checksum[..size].to_vec()));
            let ref_checksum = if of_mpegg && first_edition { checksums.next() } else { None };
            let with_sums = external && !(of_mpegg && first_edition);
            Reference {
                dataset_group_id: small[0],
                reference_id: small[1],
                reference_name,
                reference_major_version: wide[0],
                reference_minor_version: wide[1],
                reference_patch_version: wide[2],
                ref_seq_checksum: if with_sums { checksums.take(sequences.len()).collect() } else { vec![] },
                sequences: sequences
                    .into_iter()
                    .map(|(sequence_name, length, id)| ReferenceSequence {
                        sequence_name,
                        sequence_length: (!first_edition).then_some(length),
                        sequence_id: (!first_edition).then_some(id),
                    })
                    .collect(),
                reserved: small[2] & 0x7f,
                external_ref_flag: external,
                ref_uri: external.then(|| "https://example.org/a.fa".to_owned()),
                checksum_alg: external.then(|| ChecksumAlg::from_code(algorithm)),
                reference_type: external.then(|| ReferenceType::from_code(kind)),
                external_dataset_group_id: of_mpegg.then_some(small[3]),
                external_dataset_id: of_mpegg.then_some(wide[3]),
                ref_checksum,
                internal_dataset_group_id: (!external).then_some(small[3]),
                internal_dataset_id: (!external).then_some(wide[3]),
            }
        },
    )
}

fn dataset() -> impl Strategy<Value = DatasetHeader> {
    let flags = any::<[bool; 12]>();
    let sequences = vec((any::<u16>(), 0..4u32, any::<bool>(), 0..1u32 << 31), 0..4);
    let classes = vec((1..7u64, vec(0..128u8, 0..4)), 0..4);
    let tables = vec((any::<u8>(), any::<bool>()), 0..4);
    (flags, any::<[u8; 3]>(), any::<[u16; 1]>(), four(), sequences, 0..4u64, classes, 0..3u32, tables).prop_map(
        |(flags, small, wide, version, sequences, dataset_type, classes, num_u, tables)| {
            let [multiple, wide_offsets, non_overlapping, wide_positions, blocks, mit, mode, update, signatures, constant, alphabet, reserved] = flags;
            let with_table = !blocks || mit;
            let part = num_u > 0;
            let (tflag, mut thres): (Vec<bool>, Vec<u32>) =
                sequences.iter().enumerate().map(|(number, (_, _, flag, threshold))| (number == 0 || *flag, *threshold)).unzip();
            for number in 1..thres.len() {
                if !tflag[number] {
                    thres[number] = thres[number - 1];
                }
            }
            DatasetHeader {
                form: 0,
                dataset_group_id: small[0],
                dataset_id: wide[0],
                version,
                multiple_alignment_flag: multiple,
                byte_offset_size_flag: wide_offsets,
                non_overlapping_au_range_flag: non_overlapping,
                pos_40_bits_flag: wide_positions,
                block_header_flag: blocks,
                mit_flag: blocks.then_some(mit),
                cc_mode_flag: blocks.then_some(mode),
                ordered_blocks_flag: (!blocks).then_some(mode),
                reference_id: (!sequences.is_empty()).then_some(small[1]),
                seq_id: sequences.iter().map(|sequence| sequence.0).collect(),
                seq_blocks: sequences.iter().map(|sequence| sequence.1).collect(),
                dataset_type: DatasetType::from_code(dataset_type),
                classes: classes
                    .into_iter()
                    .filter(|_| with_table)
                    .map(|(class, descriptors)| DatasetHeaderClass {
                        clid: DataClass::from_code(class),
                        descriptor_id: if blocks { vec![] } else { descriptors },
                    })
                    .collect(),
                parameters_update_flag: update,
                alphabet_id: AlphabetId::from_code(u64::from(alphabet)),
                num_u_access_units: num_u,
                reserved_1: part.then_some(u64::from(small[2]) << 50 | u64::from(small[0])),
                u_signature_flag: part.then_some(signatures),
                u_signature_constant_length: (part && signatures).then_some(constant),
                u_signature_length: (part && signatures && constant).then_some(small[2]),
                reserved_flag_1: part.then_some(u8::from(reserved)),
                reserved_2: (part && reserved).then_some(small[1]),
                reserved_flag_2: part.then_some(u8::from(update)),
                tflag,
                thres,
                ann_tables: tables
                    .into_iter()
                    .filter(|_| dataset_type == 3)
                    .map(|(at_id, at_index_exists)| DatasetHeaderAnnTable { at_id, at_index_exists })
                    .collect(),
                nesting_zero_bit: 0,
            }
        },
    )
}

fn table() -> impl Strategy<Value = AnnotationTableHeader> {
    let field = (any::<bool>(), any::<u16>());
    let field = field.prop_map(|(is_attribute, id)| AnnotationTableHeaderGroupField { is_attribute, field_id: if is_attribute { id } else { id & 0x7f } });
    let group = (0..8u64, name(), vec(field, 0..4));
    let group = group.prop_map(|(class, ag_group_name, fields)| AnnotationTableHeaderGroup { ag_class: AgClass::from_code(class), ag_group_name, fields });
    (any::<[u8; 7]>(), any::<[bool; 2]>(), name(), vec(group, 1..9)).prop_map(|(small, [wide, exists], at_name, groups)| AnnotationTableHeader {
        dataset_group_id: None,
        dataset_id: None,
        at_id: small[0],
        at_type: AtType::from_code(u64::from(small[1] & 15)),
        at_subtype: AtSubtype::from_code(u64::from(small[2] & 15)),
        at_subtype_major_version: small[1] >> 4,
        at_subtype_minor_version: small[2] >> 4,
        at_name,
        at_version: small[3],
        at_coord_size: AtCoordSize::from_code(u64::from(small[4] & 3)),
        at_genomic_pos_sort_mode: AtGenomicPosSortMode::from_code(u64::from(small[5] & 3)),
        at_pos_40_bits_flag: wide,
        parameter_set_id: small[6],
        n_aux_attribute_groups: groups.len() as u8 - 1,
        ag_info_exists: exists,
        groups: if exists { groups } else { vec![] },
        nesting_zero_bit: 0,
    })
}

/// Reads random bits; where that works, writing gives the bits that were read, and they are read as the same value.
macro_rules! bits_come_back {
    ($bytes:expr, $type:ty $(, $argument:expr)*) => {{
        let mut reader = BitReader::new($bytes);
        if let Ok(value) = <$type>::read(&mut reader $(, $argument)*) {
            let mut writer = BitWriter::new();
            value.write(&mut writer $(, $argument)*).unwrap();
            let bits = writer.position();
            prop_assert_eq!(bits, reader.position());
            prop_assert_eq!(Some(bits), value.bits($($argument),*).ok());
            let written = BitString::new(bits, writer.into_bytes());
            prop_assert_eq!(&written, &BitReader::new($bytes).bit_string(bits).unwrap());
            let again = <$type>::read(&mut BitReader::new(written.bytes()) $(, $argument)*).unwrap();
            // Of a table with several forms, another one may fit where the bits end earlier.
            if reader.remaining() == 0 {
                prop_assert_eq!(&again, &value);
            }
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(&serde_json::from_str::<$type>(&json).unwrap(), &value);
        }
    }};
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn file_headers(value in file()) {
        prop_assert_eq!(FileHeader::from_box(&value.to_box().unwrap()).unwrap(), value);
    }

    #[test]
    fn labels(value in label()) {
        prop_assert_eq!(Label::from_box(&value.to_box().unwrap()).unwrap(), value);
    }

    #[test]
    fn references((file, value) in file().prop_flat_map(|file| (reference(&file), Just(file)).prop_map(|(value, file)| (file, value)))) {
        prop_assert_eq!(Reference::from_box(&value.to_box(&file).unwrap(), &file).unwrap(), value);
    }

    #[test]
    fn dataset_headers(value in dataset()) {
        prop_assert_eq!(DatasetHeader::from_box(&value.to_box().unwrap()).unwrap(), value);
    }

    #[test]
    fn annotation_table_headers(value in table()) {
        prop_assert_eq!(AnnotationTableHeader::from_box(&value.to_box(0).unwrap(), 0).unwrap(), value);
    }

    #[test]
    fn random_bits(bytes in vec(prop_oneof![3 => any::<u8>(), 2 => Just(0u8), 1 => 0..8u8], 0..600), file in file(), dataset in dataset(), table in table(), flag in 0..2i128) {
        bits_come_back!(&bytes, PacketHeader);
        bits_come_back!(&bytes, Packet);
        bits_come_back!(&bytes, BlockHeader);
        bits_come_back!(&bytes, Block);
        bits_come_back!(&bytes, DataUnit);
        bits_come_back!(&bytes, Offset);
        bits_come_back!(&bytes, Label);
        bits_come_back!(&bytes, DatasetHeader);
        bits_come_back!(&bytes, DescriptorStreamHeader);
        bits_come_back!(&bytes, MasterStringIndexHeader);
        bits_come_back!(&bytes, CompressedStringCompactCounters);
        bits_come_back!(&bytes, CompressedStringSampledBoundedCounters);
        bits_come_back!(&bytes, Reference, &file);
        bits_come_back!(&bytes, DatasetParameterSet, &file, &dataset);
        bits_come_back!(&bytes, AccessUnitHeader, &file, &dataset, &[]);
        bits_come_back!(&bytes, MasterIndexTable, &dataset);
        bits_come_back!(&bytes, AnnotationTableHeader, flag);
        bits_come_back!(&bytes, AtMetadata, flag);
        bits_come_back!(&bytes, AauBlock, flag);
        bits_come_back!(&bytes, AttributeGroupHeader, flag, &table);
        bits_come_back!(&bytes, AttributeDataTileStructure, &table, flag);
        bits_come_back!(&bytes, GenomicRangeIndex, &table, flag);
    }
}
