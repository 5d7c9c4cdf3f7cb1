//! Annotation tables of a model, from the trees of boxes that side-cars tell.

use mpegg_tests::maker::model::*;
use serde_json::Value;

use super::rebuilt::{Tree, bytes_of, list, number, text};

pub fn table<'a>(tree: &Tree<'a>, node: &'a Value, place: Place) -> AnnotationTable {
    let children = tree.children(node);
    let of = |key: &str| children.iter().filter(|(child, _)| child["key"] == key).collect::<Vec<_>>();
    let head = &of("athd")[0].0["fields"];
    let id = |name: &str| number(&head[name]);
    let index = of("atix").first().map(|(child, place)| (&child["fields"], *place));
    let groups = of("agtc").into_iter().zip(of("agcn")).enumerate();
    let groups = groups.map(|(at, ((tiles, _), (node, _)))| {
        let ranges = index.map(|(fields, _)| &fields["groups"][at]);
        group(tree, &head["groups"][at], &tiles["fields"], node, ranges)
    });
    AnnotationTable {
        id: id("AT_ID") as u8,
        place,
        kind: ["AT_type", "AT_subtype", "AT_subtype_major_version", "AT_subtype_minor_version"].map(|name| id(name) as u8),
        name: text(&head["AT_name"]),
        version: id("AT_version") as u8,
        coord_size: id("AT_coord_size") as u8,
        sort_mode: id("AT_genomic_pos_sort_mode") as u8,
        wide_positions: head["AT_pos_40_bits_flag"] == 1,
        parameter_set: id("parameter_set_ID") as u8,
        group_info: head["AG_info_exists"] == 1,
        index: index.map(|(_, place)| place),
        metadata: of("atmd").first().map(|(child, place)| (metadata(&child["fields"]), *place)),
        boxes: [of("atcd"), of("atpr")].into_iter().flatten().map(|(child, place)| tree.opaque(child, *place, 0)).collect(),
        groups: groups.collect(),
        extras: tree.extras(node),
    }
}

fn metadata(fields: &Value) -> [Option<Vec<u8>>; 4] {
    ["general", "analytics", "linkages", "history"].map(|part| fields[format!("ATMD_{part}")]["hex"].as_str().map(bytes_of))
}

fn group<'a>(tree: &Tree<'a>, info: &Value, configuration: &Value, node: &'a Value, ranges: Option<&Value>) -> AttributeGroup {
    let head = &node["children"][0]["fields"];
    let fields: Vec<Field> = list(&configuration["attribute_data_byte_offset"]["fields"]["order"]).iter().map(|one| field(one, "attr_desc_ID")).collect();
    let attribute_contiguity = head["attribute_contiguity"] == 1;
    let additional = list(&configuration["additional_tile_structures"]).iter().enumerate().map(|(at, one)| {
        let attributes = list(&one["attribute_ID"]).iter().map(|id| Field::Attribute(number(id) as u16));
        let descriptors = list(&one["descriptor_ID"]).iter().map(|id| Field::Descriptor(number(id) as u8));
        let ranges = ranges.map(|ranges| &ranges["additional_genomic_range_index"][at]);
        (attributes.chain(descriptors).collect(), structure(&one["additional_tile_structure"], ranges))
    });
    let units = list(&node["children"])[1..].iter().map(|node| unit(tree, node, attribute_contiguity));
    AttributeGroup {
        class: number(&head["AG_class"]) as u8,
        name: info["AG_group_name"].as_str().unwrap_or_default().to_owned(),
        fields,
        attribute_contiguity,
        column_major: head["column_major_tile_order"] == 1,
        symmetry_mode: head["symmetry_mode"].as_u64().unwrap_or(0) as u8,
        minor_diagonal: head["symmetry_minor_diagonal"] == 1,
        dimensions: list(&head["dimension_size"]).iter().map(number).collect(),
        tiles: structure(&configuration["default_tile_structure"], ranges.map(|ranges| &ranges["default_genomic_range_index"])),
        additional: additional.collect(),
        units: units.collect(),
        missing_units: false,
        strings: vec![],
        extras: Extras::default(),
    }
}

fn field(value: &Value, name: &str) -> Field {
    let id = number(&value[name]);
    if value["is_attribute"] == 1 { Field::Attribute(id as u16) } else { Field::Descriptor(id as u8) }
}

fn structure(node: &Value, ranges: Option<&Value>) -> TileStructure {
    let fields = &node["fields"];
    let sizes = if fields["variable_size_tiles"] == 1 {
        let tile = |(starts, ends): (&Value, &Value)| list(starts).iter().map(number).zip(list(ends).iter().map(number)).collect();
        TileSizes::Variable(list(&fields["start_index"]).iter().zip(list(&fields["end_index"])).map(tile).collect())
    } else {
        TileSizes::Fixed(list(&fields["tile_size"]).iter().map(number).collect())
    };
    let ranges = ranges.filter(|ranges| !ranges.is_null()).map(|node| range_index(&node["fields"], matches!(sizes, TileSizes::Fixed(_))));
    TileStructure { sizes, ranges }
}

/// Side-cars tell ranges tile by tile.
fn range_index(fields: &Value, fixed: bool) -> GenomicRangeIndex {
    let range = |one: &Value| {
        let coordinate = |end: &str| (number(&one[&format!("{end}_chr_idx")]) as u16, number(&one[&format!("{end}_pos")]));
        (coordinate("start"), coordinate("end"))
    };
    let tiles: Vec<Vec<GenomicRange>> = list(&fields["ranges"]).iter().map(|tile| list(tile).iter().map(range).collect()).collect();
    let chromosomes: Vec<Vec<String>> = list(&fields["chr_ID"]).iter().map(|names| list(names).iter().map(text).collect()).collect();
    let ranges =
        if fixed { (0..chromosomes.len()).map(|dimension| tiles.iter().filter_map(|tile| tile.get(dimension).copied()).collect()).collect() } else { tiles };
    GenomicRangeIndex { chromosomes, ranges }
}

fn unit(tree: &Tree, node: &Value, attribute_contiguity: bool) -> AnnotationUnit {
    let head = &node["children"][0]["fields"];
    let key = if attribute_contiguity {
        let id = if head["is_attribute"] == 1 { "attribute_ID" } else { "descriptor_ID" };
        UnitKey::Field(field(head, id))
    } else {
        UnitKey::Tile(number(&head["tile_index_1"]), head["tile_index_2"].as_u64())
    };
    let blocks = list(&node["blocks"]).iter().map(|block| {
        let end = number(&block["offset"]) + number(&block["length"]);
        let own = match (key, block["attribute_ID"].as_u64()) {
            (UnitKey::Field(field), _) => field,
            (_, Some(id)) => Field::Attribute(id as u16),
            _ => Field::Descriptor(number(&block["descriptor_ID"]) as u8),
        };
        let payload = tree.part(end - number(&block["block_payload"]["size"]), end);
        AnnotationBlock { field: own, indexed: block["indexed"] == 1, encrypted: block["encrypted"] == 1, payload }
    });
    AnnotationUnit { key, protection: node["children"].get(1).map(|child| tree.tail(child, 0)), blocks: blocks.collect() }
}
