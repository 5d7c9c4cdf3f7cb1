//! The maker against peers: a model is built from the trees of boxes that side-cars tell; the file written from it must be the peer's,
//! bit for bit, and the data units told from it must be those that the peer expects.

use mpegg_tests::maker::expect::{self, Query, Region};
use mpegg_tests::maker::model::*;
use mpegg_tests::maker::write;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

use super::rebuilt_annotation::table;

pub fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok())).unwrap_or_else(|| panic!("{value} is no number"))
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The bytes that hex digits tell.
pub fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn key(value: &Value) -> Key {
    text(value).as_bytes().try_into().unwrap()
}

/// The folder of cases, where there is one.
pub fn cases() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/cases");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is absent", folder.display());
    None
}

/// A tree of boxes over the bytes of its file.
pub struct Tree<'a> {
    bytes: &'a [u8],
    top: &'a [Value],
}

impl<'a> Tree<'a> {
    /// The boxes of a container: what `offs` address stands in their place.
    pub fn children(&self, node: &'a Value) -> Vec<(&'a Value, Place)> {
        let children = list(&node["children"]).iter().filter(|child| child["fields"]["Offset"] != u64::MAX);
        children
            .map(|child| match child["key"].as_str() {
                Some("offs") => {
                    let target = self.top.iter().find(|node| node["offset"] == child["fields"]["Offset"]);
                    (target.unwrap_or_else(|| panic!("nothing at {child}")), Place::Away)
                }
                _ => (child, Place::Here),
            })
            .collect()
    }

    /// The `offs` of a container that address nothing.
    pub fn extras(&self, node: &Value) -> Extras {
        let placeholders = list(&node["children"]).iter().filter(|child| child["fields"]["Offset"] == u64::MAX);
        Extras { placeholders: placeholders.map(|child| key(&child["fields"]["SubKey"])).collect(), unknown: vec![] }
    }

    pub fn part(&self, start: u64, end: u64) -> Vec<u8> {
        self.bytes[start as usize..end as usize].to_vec()
    }

    /// The last field of a box: what is behind this many bytes of its Value.
    pub fn tail(&self, node: &Value, behind: u64) -> Vec<u8> {
        let start = number(&node["offset"]);
        self.part(start + 12 + behind, start + number(&node["length"]))
    }

    pub fn opaque(&self, node: &Value, place: Place, identifiers: u64) -> Opaque {
        Opaque { key: key(&node["key"]), value: self.tail(node, identifiers), place }
    }

    pub fn file(&self) -> File {
        let head = &self.top[0]["fields"];
        let brands = list(&head["compatible_brand"]).iter().map(key).collect();
        let groups = self.top.iter().filter(|node| node["key"] == "dgcn").map(|node| self.group(node)).collect();
        File { minor_version: key(&head["minor_version"]), brands, groups, extras: Extras::default() }
    }

    fn group(&self, node: &'a Value) -> Group {
        let mut group = Group { extras: self.extras(node), ..Group::default() };
        for (child, place) in self.children(node) {
            let fields = &child["fields"];
            match child["key"].as_str().unwrap() {
                "dghd" => (group.id, group.version, group.place) = (number(&fields["dataset_group_ID"]) as u8, number(&fields["version_number"]) as u8, place),
                "rfgn" => group.references.push(self.reference(fields, place)),
                "rfmd" => group.reference_metadata.push((number(&fields["reference_ID"]) as u8, self.opaque(child, place, 2))),
                "labl" => group.labels = Some(self.labels(child, place)),
                "dtcn" => group.datasets.push(self.dataset(child, place)),
                _ => match group.boxes.last_mut() {
                    // A box in place and an `offs` of its kind: that which is addressed counts.
                    Some(stale) if stale.key == key(&child["key"]) => *stale = self.opaque(child, Place::StaleFirst, 1),
                    _ => group.boxes.push(self.opaque(child, place, 1)),
                },
            }
        }
        group
    }

    fn reference(&self, fields: &Value, place: Place) -> Reference {
        let sequences = list(&fields["sequence_name"]).iter().enumerate().map(|(at, name)| ReferenceSequence {
            name: text(name),
            length: number(&fields["sequence_length"][at]) as u32,
            id: number(&fields["sequence_ID"][at]) as u16,
        });
        let id = |name: &str| number(&fields[name]);
        let location = if fields["external_ref_flag"] == 1 {
            let kind = match id("reference_type") {
                0 => ReferenceKind::Mpegg { group: id("external_dataset_group_ID") as u8, dataset: id("external_dataset_ID") as u16 },
                1 => ReferenceKind::Raw,
                _ => ReferenceKind::Fasta,
            };
            let checksums = list(&fields["ref_seq_checksum"]).iter().map(|sum| bytes_of(sum["hex"].as_str().unwrap())).collect();
            Location::External { uri: text(&fields["ref_uri"]), algorithm: id("checksum_alg") as u8, kind, checksums }
        } else {
            Location::Internal { group: id("internal_dataset_group_ID") as u8, dataset: id("internal_dataset_ID") as u16 }
        };
        let version = ["major", "minor", "patch"].map(|part| id(&format!("reference_{part}_version")) as u16);
        Reference { id: id("reference_ID") as u8, name: text(&fields["reference_name"]), version, sequences: sequences.collect(), location, place }
    }

    fn labels(&self, node: &'a Value, place: Place) -> Labels {
        let label = |(node, place): (&Value, Place)| {
            let datasets = list(&node["fields"]["datasets"]).iter().map(|dataset| {
                let regions = list(&dataset["regions"]).iter().map(|region| LabelRegion {
                    sequence: number(&region["seq_ID"]) as u16,
                    classes: list(&region["class_ID"]).iter().map(|class| number(class) as u8).collect(),
                    start: number(&region["start_pos"]),
                    end: number(&region["end_pos"]),
                });
                LabelDataset { dataset: number(&dataset["dataset_ID"]) as u16, regions: regions.collect() }
            });
            Label { id: text(&node["fields"]["label_ID"]), datasets: datasets.collect(), place }
        };
        Labels { place, list: self.children(node).into_iter().map(label).collect(), extras: self.extras(node) }
    }

    fn dataset(&self, node: &'a Value, place: Place) -> Dataset {
        let children = self.children(node);
        let of = |key: &str| children.iter().filter(|(child, _)| child["key"] == key).map(|(child, _)| *child).collect::<Vec<&Value>>();
        let head = &of("dthd")[0]["fields"];
        let boxes = children.iter().filter(|(child, _)| ["dtmd", "dtmt", "dtcd", "dtpr"].contains(&child["key"].as_str().unwrap()));
        let update = head["parameters_update_flag"] == 1;
        let sets = of("pars").into_iter().map(|node| {
            let fields = &node["fields"];
            let payload = if fields["encoding_parameters"].is_null() { &fields["annotation_encoding_parameters"] } else { &fields["encoding_parameters"] };
            let end = number(&node["offset"]) + number(&node["length"]);
            ParameterSet {
                id: number(&fields["parameter_set_ID"]) as u8,
                parent: number(&fields["parent_parameter_set_ID"]) as u8,
                form: update.then(|| form(fields)),
                payload: self.part(end - number(&payload["size"]), end),
            }
        });
        let content = if head["dataset_type"] == 3 {
            Content::Annotation(children.iter().filter(|(child, _)| child["key"] == "atcn").map(|(child, place)| table(self, child, *place)).collect())
        } else {
            Content::Sequencing(Box::new(self.sequencing(node, head, &of)))
        };
        Dataset {
            id: number(&head["dataset_ID"]) as u16,
            version: key(&head["version"]),
            wide_offsets: head["byte_offset_size_flag"] == 1,
            place,
            boxes: boxes.map(|(child, place)| self.opaque(child, *place, 3)).collect(),
            parameter_sets: sets.collect(),
            content,
            extras: self.extras(node),
        }
    }

    fn sequencing(&self, node: &'a Value, head: &Value, of: &dyn Fn(&str) -> Vec<&'a Value>) -> Sequencing {
        let flag = |name: &str| head[name] == 1;
        let storage = if flag("block_header_flag") {
            Storage::Auc { index: flag("MIT_flag"), class_contiguity: flag("CC_mode_flag") }
        } else {
            Storage::Dsc { ordered: flag("ordered_blocks_flag"), empty: EmptyBlocks::AllOnes }
        };
        let sequence = |(at, id): (usize, &Value)| Sequence {
            id: number(id) as u16,
            blocks: number(&head["seq_blocks"][at]) as u32,
            threshold: (head["tflag"][at] == 1).then(|| number(&head["thres"][at]) as u32),
        };
        let class = |(at, id): (usize, &Value)| Class {
            id: number(id) as u8,
            descriptors: list(&head["descriptor_ID"][at]).iter().map(|descriptor| number(descriptor) as u8).collect(),
        };
        let mut content = Sequencing {
            dataset_type: number(&head["dataset_type"]) as u8,
            storage,
            form: form(head),
            parameters_update: flag("parameters_update_flag"),
            non_overlapping: flag("non_overlapping_AU_range_flag"),
            reference: head["reference_ID"].as_u64().unwrap_or(0) as u8,
            sequences: list(&head["seq_ID"]).iter().enumerate().map(sequence).collect(),
            classes: list(&head["clid"]).iter().enumerate().map(class).collect(),
            u_units: number(&head["num_U_access_units"]) as u32,
            reserved: None,
            last_flag_missing: false,
            units: vec![],
            streams: vec![],
        };
        let rows = rows(&content, of("mitb").first().copied());
        let base = number(&node["offset"]) + 12;
        let mut units_rows = vec![];
        for node in of("aucn") {
            let row = rows.iter().find(|row| number(&row.fields["AU_byte_offset"]) == number(&node["offset"]) - base);
            content.units.push(self.unit(&content, node, row));
            units_rows.push(row);
        }
        for node in of("dscn") {
            let stream = self.stream(&mut content, node, base, &units_rows);
            content.streams.push(stream);
        }
        for unit in &mut content.units {
            let class = content.classes.iter().find(|class| class.id == unit.class);
            if let Some(class) = class.filter(|class| !class.descriptors.is_empty()) {
                unit.blocks.sort_by_key(|block| class.descriptors.iter().position(|id| *id == block.descriptor));
            }
        }
        content
    }

    fn unit(&self, content: &Sequencing, node: &Value, row: Option<&Row>) -> Unit {
        let fields = &node["children"][0]["fields"];
        // What the header lacks stands in the table.
        let field = |name: &str| match (&fields[name], row) {
            (Value::Null, Some(row)) => row.fields[name].clone(),
            (value, _) => value.clone(),
        };
        let of = |name: &str| field(name).as_u64().unwrap_or(0);
        let class = of("AU_type") as u8;
        let sequence = match row {
            Some(row) => row.sequence,
            None => content.sequences.iter().position(|sequence| fields["sequence_ID"] == sequence.id),
        };
        let signatures = field("signatures");
        let boxes = list(&node["children"])[1..].iter().map(|child| self.opaque(child, Place::Here, 3));
        let blocks = list(&node["blocks"]).iter().map(|block| {
            let (start, length) = (number(&block["offset"]), number(&block["length"]));
            Block { descriptor: number(&block["descriptor_ID"]) as u8, payload: self.part(start + 5, start + length) }
        });
        Unit {
            id: of("access_unit_ID") as u32,
            parameter_set: of("parameter_set_ID") as u8,
            class,
            reads: of("reads_count") as u32,
            mismatches: (of("mm_threshold") as u16, of("mm_count") as u32),
            sequence,
            range: (of("AU_start_position"), of("AU_end_position")),
            extended: (of("extended_AU_start_position"), of("extended_AU_end_position")),
            part: (of("ref_sequence_id") as u16, of("ref_start_position"), of("ref_end_position")),
            signatures: list(&signatures).iter().map(|one| text(&one["U_cluster_signature"])).collect(),
            boxes: boxes.collect(),
            blocks: blocks.collect(),
        }
    }

    /// A descriptor stream; its payload goes to the units.
    fn stream(&self, content: &mut Sequencing, node: &Value, base: u64, rows: &[Option<&Row>]) -> Stream {
        let fields = &node["children"][0]["fields"];
        let (class, descriptor) = (number(&fields["class_ID"]) as u8, number(&fields["descriptor_ID"]) as u8);
        let column = content.classes.iter().find(|other| other.id == class).and_then(|class| class.descriptors.iter().position(|id| *id == descriptor));
        let ones = if number(&rows[0].unwrap().fields["AU_byte_offset"]) > u64::from(u32::MAX) { u64::MAX } else { u64::from(u32::MAX) };
        let mut blocks: Vec<(u64, usize, usize)> = vec![];
        for (unit, row) in rows.iter().enumerate().filter(|(unit, _)| content.units[*unit].class == class) {
            let row = row.unwrap();
            let offset = number(&row.fields["block_byte_offset"][column.unwrap()]);
            if offset != ones && offset != u64::MAX {
                blocks.push((base + offset, row.number, unit));
            }
        }
        blocks.sort_unstable();
        let end = number(&node["payload"]["offset"]) + number(&node["payload"]["size"]);
        let mut units = vec![];
        for (at, (start, _, unit)) in blocks.iter().enumerate() {
            let next = blocks.get(at + 1).map_or(end, |next| next.0);
            if next == *start {
                if let Storage::Dsc { empty, .. } = &mut content.storage {
                    *empty = EmptyBlocks::Next;
                }
                continue;
            }
            content.units[*unit].blocks.push(Block { descriptor, payload: self.part(*start, next) });
            units.push(*unit);
        }
        Stream { class, descriptor, protection: node["children"].get(1).map(|child| self.tail(child, 0)), units }
    }
}

/// A row of the master index table.
struct Row<'a> {
    number: usize,
    sequence: Option<usize>,
    fields: &'a Value,
}

fn rows<'a>(content: &Sequencing, table: Option<&'a Value>) -> Vec<Row<'a>> {
    let mut rows = vec![];
    let Some(fields) = table.map(|table| &table["fields"]) else { return rows };
    for sequence in 0..content.sequences.len() {
        for fields in list(&fields["entries"][sequence]).iter().flat_map(list) {
            rows.push(Row { number: rows.len(), sequence: Some(sequence), fields });
        }
    }
    for fields in list(&fields["U"]) {
        rows.push(Row { number: rows.len(), sequence: None, fields });
    }
    rows
}

fn form(fields: &Value) -> Form {
    let signatures = match (fields["U_signature_flag"] == 1, fields["U_signature_constant_length"] == 1) {
        (false, _) => Signatures::Absent,
        (true, false) => Signatures::Variable,
        (true, true) => Signatures::Constant(number(&fields["U_signature_length"]) as u8),
    };
    Form {
        multiple_alignment: fields["multiple_alignment_flag"] == 1,
        wide_positions: fields["pos_40_bits_flag"] == 1,
        alphabet: number(&fields["alphabet_ID"]) as u8,
        signatures,
    }
}

/// What an operation asks.
pub fn query(arguments: &Value) -> Query {
    let regions = list(&arguments["regions"]).iter().map(|region| Region {
        sequence: number(&region["seq_ID"]) as u16,
        start: number(&region["start"]),
        end: number(&region["end"]),
    });
    Query {
        regions: regions.collect(),
        labels: arguments["label"].as_str().map(str::to_owned).into_iter().collect(),
        signatures: list(&arguments["signatures"]).iter().map(text).collect(),
        classes: arguments["classes"].as_array().map(|classes| classes.iter().map(|class| number(class) as u8).collect()),
        units: None,
    }
}

#[test]
fn the_maker_agrees_with_peers() {
    let Some(folder) = cases() else { return };
    let (mut same, mut wrong) = (0, vec![]);
    for folder in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("expect.json").is_file()) {
        let expect: Value = serde_json::from_slice(&fs::read(folder.join("expect.json")).unwrap()).unwrap();
        let name = text(&expect["case"]);
        // A string index is beyond the maker.
        if name.starts_with("str-") {
            continue;
        }
        let mut trees = vec![(&expect["input"], &expect["boxes"])];
        trees.extend(list(&expect["operations"]).iter().map(|operation| (&operation["output"], &operation["boxes"])));
        for (input, boxes) in trees.into_iter().filter(|(_, boxes)| boxes.is_array()) {
            let bytes = fs::read(folder.join(text(input))).unwrap();
            let tree = Tree { bytes: &bytes, top: list(boxes) };
            let file = tree.file();
            let written = write::file(&file);
            // The order of boxes behind the groups is free.
            let equal =
                if tree.top.iter().all(|node| node["key"] == "flhd" || node["key"] == "dgcn") { written == bytes } else { written.len() == bytes.len() };
            if !equal {
                let at = written.iter().zip(&bytes).position(|(a, b)| a != b);
                wrong.push(format!("{name}: {input}: {} bytes, wanted {}; first difference at {at:?}", written.len(), bytes.len()));
            }
            for operation in
                list(&expect["operations"]).iter().filter(|operation| operation["arguments"]["of"].is_null() || operation["arguments"]["of"] == *input)
            {
                let arguments = &operation["arguments"];
                let id = |name: &str| arguments[name].as_u64().unwrap_or(0);
                let (group, dataset) = (id("dataset_group_ID") as u8, id("dataset_ID") as u16);
                let units = match operation["operation"].as_str().unwrap() {
                    "extract_dataset" | "extract_regions" | "extract_label" | "extract_signatures" => {
                        expect::dataset_units(&file, group, dataset, &query(arguments))
                    }
                    "reference_for_regions" | "reference_for_label" => expect::reference_units(&file, group, dataset, &query(arguments)),
                    _ => continue,
                };
                if units != fs::read(folder.join(text(&operation["output"]))).unwrap() {
                    wrong.push(format!("{name}: {}: {} bytes, wanted {}", operation["output"], units.len(), operation["size"]));
                }
                same += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same > 25, "{same} operations are too few");
}
