//! The boxes of the annotation table: headers, parameter set, tiles, access units, indexes.

use super::column::{Content, Stored};
use super::parts::{Part, entry};
use super::{Options, Shape};
use crate::encapsulate::{Node, Payload, SourceId, Spool};
use crate::tables::annotations::{AnnotationEncodingParameters, AttributeParameterSet, DataTypeId, TypedValue};
use crate::tables::*;
use mpegg_runtime::bits::{BOX_HEAD, BitString};
use mpegg_runtime::typed::{Deferred, OrOffset};
use mpegg_runtime::{Error, Result};

/// A dataset with one annotation table.
pub(super) struct Dataset<'b> {
    pub file: &'b FileHeader,
    pub options: &'b Options,
    pub shape: &'b Shape,
    pub columns: &'b [Stored],
    pub parts: &'b [Vec<Part>],
    pub genomic: Option<GenomicRangeIndex>,
    /// What is made stands here, and is copied from this source.
    pub spool: &'b Spool,
    pub source: SourceId,
}

const DATASET: u16 = 1;
const TABLE: u8 = 1;
const PARAMETER_SET: u8 = 0;

impl Dataset<'_> {
    /// The box of the dataset.
    pub fn node(self) -> Result<Node> {
        let (at_type, at_subtype) = self.shape.format.table_type();
        let field = |number: u16| AnnotationTableHeaderGroupField { is_attribute: true, field_id: number };
        let fields = self.ids().map(|(id, _)| field(id)).collect();
        let table = AnnotationTableHeader {
            at_id: TABLE,
            at_type,
            at_subtype,
            at_name: self.options.name.clone(),
            at_version: 1,
            at_coord_size: if u32::try_from(self.shape.rows).is_ok() { AtCoordSize::Bits32 } else { AtCoordSize::Bits64 },
            at_genomic_pos_sort_mode: if self.genomic.is_some() { AtGenomicPosSortMode::SortedRows } else { AtGenomicPosSortMode::SortedNone },
            parameter_set_id: PARAMETER_SET,
            ag_info_exists: true,
            groups: vec![AnnotationTableHeaderGroup { ag_class: AgClass::MainData, ag_group_name: "records".to_owned(), fields }],
            ..AnnotationTableHeader::default()
        };
        let group =
            AttributeGroupHeader { ag_class: AgClass::MainData, reserved_2: Some(0), dimension_size: vec![self.shape.rows], ..AttributeGroupHeader::default() };
        let structure = AttributeDataTileStructure { n_tiles: self.shape.tiles(), tile_size: vec![self.shape.rows_per_tile], ..Default::default() };
        let mut tiles = AttributeGroupTileConfiguration { ag_class: AgClass::MainData, default_tile_structure: structure, ..Default::default() };
        let group_box = group.to_box(0, &table)?;
        let (units, payload) = self.units(&table, &group, &tiles)?;
        let mut dataset = DatasetHeader {
            dataset_id: DATASET,
            version: (*b"2500").into(),
            block_header_flag: true,
            mit_flag: Some(false),
            cc_mode_flag: Some(false),
            dataset_type: DatasetType::Annotation,
            ann_tables: vec![DatasetHeaderAnnTable { at_id: TABLE, at_index_exists: true }],
            ..DatasetHeader::default()
        };
        let front = BOX_HEAD.saturating_add(group_box.len() as u64);
        dataset.byte_offset_size_flag = u32::try_from(front.saturating_add(payload.length)).is_err();
        tiles.attribute_data_byte_offset = Some(Deferred(byte_offsets(&dataset, &table, units, front)?));
        let set = DatasetParameterSet {
            dataset_id: DATASET,
            parameter_set_id: PARAMETER_SET,
            annotation_encoding_parameters: Some(self.parameters()?.to_bytes(EDITION)?),
            ..DatasetParameterSet::default()
        };
        let groups = [group];
        let header = Node::Bytes(table.to_box(0)?);
        let configuration = Node::Bytes(tiles.to_box(0, &dataset, &table, &groups, &[])?);
        let dataset_box = Node::Bytes(dataset.to_box()?);
        let set_box = Node::Bytes(set.to_box(self.file, &dataset)?);
        let main = Node::container(AGCN, vec![], vec![Node::Bytes(group_box), Node::Copy(payload)]);
        let coordinates = table.coord_size();
        let index = self.index(table, &[tiles], &groups, u64::try_from(coordinates).unwrap_or(32))?;
        let annotations = Node::container(ATCN, vec![], vec![header, configuration, index, main]);
        Ok(Node::container(DTCN, vec![], vec![dataset_box, set_box, annotations]))
    }

    /// The columns and their attribute_IDs.
    fn ids(&self) -> impl Iterator<Item = (u16, &Stored)> {
        (0..=u16::MAX).zip(self.columns)
    }

    /// The parameter set of Part 6: an attribute for each column, without compressor.
    fn parameters(&self) -> Result<AnnotationEncodingParameters> {
        let attribute = |(id, column): (u16, &Stored)| {
            let (data_type, default) = match &column.content {
                Content::Text { .. } => (DataTypeId::String, TypedValue { text: Some(String::new()), value: None }),
                Content::Number { data_type, .. } => (*data_type, TypedValue { text: None, value: Some(0) }),
            };
            let length = u8::try_from(column.name.len()).map_err(|_| Error::limit(0, format!("the name of the column {} has over 255 bytes", column.name)))?;
            Ok(AttributeParameterSet {
                attribute_id: id,
                attribute_name_len: length,
                attribute_name: column.name.clone().into_bytes(),
                attribute_type: data_type,
                attribute_default_val: default,
                // A flag is there or not; other values may be missing, which inputs write as `.`.
                attribute_miss_val_flag: data_type != DataTypeId::Bool,
                attribute_miss_default_flag: (data_type != DataTypeId::Bool).then_some(true),
                attribute_miss_str: (data_type != DataTypeId::Bool).then(|| ".".to_owned()),
                ..AttributeParameterSet::default()
            })
        };
        let attributes = self.ids().map(attribute).collect::<Result<Vec<_>>>()?;
        Ok(AnnotationEncodingParameters { attribute_parameter_set: attributes, ..AnnotationEncodingParameters::default() })
    }

    /// An access unit for each tile, with a block for each column of numbers; strings are in their index only (7.1.1).
    fn units(&self, table: &AnnotationTableHeader, group: &AttributeGroupHeader, tiles: &AttributeGroupTileConfiguration) -> Result<(Vec<Unit>, Payload)> {
        let (mut units, mut begin, mut length) = (vec![], None, 0u64);
        for tile in 0..self.shape.tiles() {
            let first = tile.saturating_mul(self.shape.rows_per_tile);
            let rows = self.shape.rows_per_tile.min(self.shape.rows.saturating_sub(first));
            let mut blocks = vec![];
            for (id, column) in self.ids() {
                let Some(payload) = column.payload(first, rows)? else { continue };
                let size = u32::try_from(payload.len()).unwrap_or(u32::MAX);
                let header = AauBlockHeader { descriptor_id: Some(ATTRIBUTE), attribute_id: Some(id), block_payload_size: size, ..AauBlockHeader::default() };
                blocks.push([header.to_bytes(0)?, payload].concat());
            }
            let header = AnnotationAccessUnitHeader {
                tile_index_1: Some(tile),
                reserved_3: Some(0),
                tile_index_2_exists: Some(false),
                n_aau_blocks: blocks.len() as u64,
                ..AnnotationAccessUnitHeader::default()
            };
            let mut whole = header.to_box(0, table, group, std::slice::from_ref(tiles))?;
            let mut places = vec![];
            for block in blocks {
                places.push(BOX_HEAD.saturating_add(whole.len() as u64));
                whole.extend(block);
            }
            let size = BOX_HEAD.saturating_add(whole.len() as u64);
            let at = self.spool.push(AAUC)?;
            self.spool.push(&size.to_be_bytes())?;
            self.spool.push(&whole)?;
            let start = *begin.get_or_insert(at);
            units.push(Unit { header, place: at.saturating_sub(start), blocks: places });
            length = length.saturating_add(size);
        }
        Ok((units, Payload { source: self.source, offset: begin.unwrap_or(0), length }))
    }

    /// The index of the table: genomic ranges, and an `avix` for each column of text. Those stand behind the dataset groups, at whole bytes: inside this
    /// box they would begin within a byte.
    fn index(
        self,
        table: AnnotationTableHeader,
        configurations: &[AttributeGroupTileConfiguration],
        groups: &[AttributeGroupHeader],
        coordinates: u64,
    ) -> Result<Node> {
        let mut indexes = vec![];
        for ((id, column), parts) in self.ids().zip(self.parts) {
            if let Content::Text { ends, .. } = &column.content {
                indexes.push(self.value_index(id, ends, parts, coordinates)?);
            }
        }
        let elsewhere = |_: &Node| OrOffset::Elsewhere { sub_key: (*AVIX).into(), offset: u64::MAX };
        let own = AnnotationTableIndexGroup {
            ag_class: AgClass::MainData,
            attribute_value_index: indexes.iter().map(elsewhere).collect(),
            default_genomic_range_index: self.genomic,
            ..Default::default()
        };
        // Behind the class, the genomic ranges and the number of the indexes each `offs` has Key, SubKey and Offset.
        let ranges = own.default_genomic_range_index.as_ref().map_or(Ok(0), |ranges| ranges.to_box(&table, 0).map(|ranges| ranges.len() as u64))?;
        let first = BOX_HEAD.saturating_add(ranges).saturating_mul(8).saturating_add(3 + 8);
        let made = AnnotationTableIndex { groups: vec![own], nesting_zero_bit: 0 };
        let bytes = made.to_box(&table, configurations, groups)?;
        let offset = self.spool.push(&bytes)?;
        let payload = Payload { source: self.source, offset, length: bytes.len() as u64 };
        let place = |number: u64| first.saturating_add(number.saturating_mul(128)).saturating_add(64);
        Ok(Node::Patched { payload, offsets: (0u64..).map(place).zip(indexes).collect() })
    }

    /// The index of the values of a column (Table 62): a string index with tiles, of one attribute.
    fn value_index(&self, id: u16, ends: &[u64], parts: &[Part], coordinates: u64) -> Result<Node> {
        let header = MasterStringIndexHeader { string_index_id: id, indices: parts.iter().map(|_| entry(id)).collect(), nesting_zero_bit: 0 };
        let mut children = vec![Node::Bytes(header.to_box()?)];
        for part in parts {
            let (offset, length) = part.stored;
            let index = Node::Copy(Payload { source: self.source, offset, length });
            children.push(Node::container(*b"ssix", part.fields(ends, coordinates)?, vec![index]));
        }
        let [high, low] = id.to_be_bytes();
        // No descriptors, one attribute; not compressed, index_type 2.
        let fields = vec![0, 1, high, low, 2];
        Ok(Node::container(*AVIX, fields, vec![Node::container(*b"msix", vec![], children)]))
    }
}

/// An access unit.
struct Unit {
    header: AnnotationAccessUnitHeader,
    /// Where it begins, counted from the first one.
    place: u64,
    /// Where its blocks begin, counted from its Key.
    blocks: Vec<u64>,
}

/// Where the access units and their blocks stand (Table 58).
fn byte_offsets(dataset: &DatasetHeader, table: &AnnotationTableHeader, units: Vec<Unit>, front: u64) -> Result<BitString> {
    let order = |field: &AnnotationTableHeaderGroupField| AttributeDataByteOffsetOrder { is_attribute: true, attr_desc_id: field.field_id };
    let order = table.groups.iter().flat_map(|group| &group.fields).map(order).collect();
    let (mut aaus, mut headers) = (vec![], vec![]);
    for unit in units {
        aaus.push(AttributeDataByteOffsetAau { aau_offset: front.saturating_add(unit.place), aau_block_offset: unit.blocks });
        headers.push(unit.header);
    }
    let bytes = AttributeDataByteOffset { order, aaus, nesting_zero_bit: 0 }.to_box(dataset, table, 0, 0, &[headers])?;
    Ok(BitString::new((bytes.len() as u64).saturating_mul(8), bytes))
}

/// The descriptor that stands for attributes (6.4.9.2.3).
const ATTRIBUTE: u8 = 31;
/// Nothing that is written here differs between the editions of Part 6.
const EDITION: i128 = 1;
const DTCN: [u8; 4] = *b"dtcn";
const ATCN: [u8; 4] = *b"atcn";
const AGCN: [u8; 4] = *b"agcn";
const AAUC: &[u8; 4] = b"aauc";
const AVIX: &[u8; 4] = b"avix";
