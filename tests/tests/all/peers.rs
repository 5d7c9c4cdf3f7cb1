//! What other programs wrote: every bit is told once, and the values are those that the side-cars name.

use mpegg::dump::{Line, LineValue, Options};
use mpegg::walk::Kind;
use mpegg_tests::inputs::{Input, good_peers, hex_of, peers, shared};
use mpegg_tests::sinks::{Collect, Cover, located};
use mpegg_tests::typed::boxes_of_stream;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

fn kind_of(bytes: &[u8]) -> Kind {
    Kind::of(&mpegg::source::Bytes(bytes)).unwrap()
}

#[test]
fn every_bit_of_every_peer_once() {
    for input in good_peers() {
        let mut cover = Cover::default();
        let kind = kind_of(&input.bytes);
        let errors = mpegg::dump::dump(&mpegg::source::Bytes(&input.bytes), kind, &Options::default(), &Default::default(), &mut cover).unwrap();
        assert!(errors.is_empty(), "{}: {errors:?}", input.name);
        cover.check(input.bytes.len(), true).unwrap_or_else(|wrong| panic!("{}: {wrong}", input.name));
    }
}

/// What a side-car says, and how often that was looked at.
#[derive(Default)]
struct Compared {
    wrong: Vec<String>,
    boxes: usize,
    values: usize,
    /// Names of ours that the side-car says nothing about.
    unsaid: BTreeSet<String>,
}

/// Lines of ours, by the box that they stand in.
struct Ours {
    bytes: Vec<u8>,
    /// Position of the Key in bits: path and length in bytes.
    boxes: BTreeMap<u64, (String, u64)>,
    lines: HashMap<String, Vec<Line>>,
}

impl Ours {
    fn of(bytes: &[u8]) -> Ours {
        let (sink, errors) = Collect::with(bytes, kind_of(bytes), &Options { payloads: true, ..Options::default() });
        assert!(errors.is_empty(), "{errors:?}");
        let boxes: BTreeMap<u64, (String, u64)> = sink.boxes.iter().map(|head| (head.bit, (head.path.clone(), head.length))).collect();
        let paths: BTreeSet<&str> = boxes.values().map(|(path, _)| path.as_str()).collect();
        let mut lines: HashMap<String, Vec<Line>> = HashMap::new();
        for line in closed(sink.lines, bytes) {
            let mut path = line.path.as_str();
            while let Some((shorter, _)) = path.rsplit_once('.') {
                path = shorter;
                if paths.contains(path) {
                    break;
                }
            }
            lines.entry(path.to_owned()).or_default().push(line);
        }
        Ours { bytes: bytes.to_vec(), boxes, lines }
    }

    /// The values of a box by name, in order.
    fn values(&self, path: &str) -> Map<String, Value> {
        let mut lines: Vec<&Line> = self.lines.get(path).map_or(vec![], |lines| lines.iter().collect());
        if path.contains(".grix") {
            // Its arrays are told tile by tile in the side-cars and stand dimension by dimension in the file.
            lines.sort_by(|a, b| {
                a.name
                    .cmp(&b.name)
                    .then_with(|| if a.name.contains("_chr_idx") || a.name.ends_with("_pos") { a.index.cmp(&b.index) } else { a.bit.cmp(&b.bit) })
            });
        }
        let mut found: Map<String, Value> = Map::new();
        let mut packed: BTreeMap<u64, (String, u64)> = BTreeMap::new();
        for line in lines {
            let parent = line.path.rsplit_once('.').map_or("", |(parent, _)| parent);
            let parent = parent.rsplit('.').next().unwrap_or_default();
            let name = match (parent, line.name.as_str()) {
                // Side-cars have these as the bytes that they are packed into.
                ("sa" | "lf" | "major" | "minor", "bitmap" | "padding") => Some("bitmap"),
                (parent, "classes" | "bitmap") if parent.starts_with("bitmap[") => Some("classes_and_bitmap"),
                _ => None,
            };
            if let Some(name) = name {
                match packed.values_mut().next_back() {
                    Some((_, end)) if *end == line.bit && line.index != [0] => *end += line.bits,
                    _ => {
                        packed.insert(line.bit, (name.to_owned(), line.bit + line.bits));
                    }
                }
                continue;
            }
            let value = match &line.value {
                LineValue::Number(number) => Value::from(*number),
                LineValue::Text(text) | LineValue::Hex(text) => Value::from(text.as_str()),
                LineValue::Long => panic!("{}: a byte string is not shown", line.path),
            };
            push(&mut found, &line.name, value);
        }
        for (start, (name, end)) in packed {
            push(&mut found, &name, Value::from(hex_of(&bits(&self.bytes, start, end - start))));
        }
        found
    }

    fn compare(&self, name: &str, path: &str, wanted: &Map<String, Value>, compared: &mut Compared) {
        let found = self.values(path);
        for (field, wanted) in wanted {
            let wanted: Vec<&Value> = wanted.as_array().map_or(vec![], |list| list.iter().filter(|value| !is_empty(value)).collect());
            let found: Vec<&Value> = found.get(field).and_then(Value::as_array).map_or(vec![], |list| list.iter().filter(|value| !is_empty(value)).collect());
            if field == "nesting_zero_bit" && wanted.iter().all(|value| **value == 0) && found.iter().all(|value| **value == 0) {
                continue;
            }
            compared.values += wanted.len();
            if wanted.len() != found.len() || !wanted.iter().zip(&found).all(|(wanted, found)| same(wanted, found)) {
                let show = |values: &[&Value]| values.iter().take(12).map(ToString::to_string).collect::<Vec<_>>().join(" ");
                compared.wrong.push(format!("{name}: {path}.{field}: wanted {} {}\n    found {} {}", wanted.len(), show(&wanted), found.len(), show(&found)));
            }
        }
        compared.boxes += 1;
        compared.unsaid.extend(found.keys().filter(|field| !wanted.contains_key(*field)).cloned());
    }
}

/// Side-cars have encoding parameters as bytes: the lines of an opened structure become one.
fn closed(lines: Vec<Line>, bytes: &[u8]) -> Vec<Line> {
    const NAME: &str = "encoding_parameters";
    let mut found: Vec<Line> = vec![];
    for line in lines {
        let value = line.path.split_once(&format!(".{NAME}.")).map(|(holder, _)| format!("{holder}.{NAME}"));
        match (value, found.last_mut()) {
            (Some(path), Some(last)) if last.path == path => {
                last.bits += line.bits;
                last.value = LineValue::Hex(hex_of(&bits(bytes, last.bit, last.bits)));
            }
            (Some(path), _) => found.push(Line { path, name: NAME.to_owned(), index: vec![], ..line }),
            (None, _) => found.push(line),
        }
    }
    found
}

fn push(map: &mut Map<String, Value>, name: &str, value: Value) {
    if let Some(list) = map.entry(name).or_insert_with(|| Value::Array(vec![])).as_array_mut() {
        list.push(value);
    }
}

fn bits(bytes: &[u8], start: u64, bits: u64) -> Vec<u8> {
    let mut reader = mpegg::bits::BitReader::new(bytes);
    reader.skip(start).unwrap();
    reader.bit_string(bits).unwrap().bytes().to_vec()
}

/// Byte strings of no byte may have a line or not.
fn is_empty(value: &Value) -> bool {
    value == "" || value["size"] == 0
}

fn same(wanted: &Value, found: &Value) -> bool {
    let Some(size) = wanted.get("size").and_then(Value::as_u64) else {
        return wanted == found || wanted.as_str().zip(found.as_u64()).is_some_and(|(wanted, found)| wanted == found.to_string());
    };
    let Some(hex) = found.as_str() else { return false };
    let right_size = hex.len() as u64 == size * 2;
    right_size
        && match (&wanted["hex"], &wanted["sha256"]) {
            (Value::String(wanted), _) => wanted == hex,
            (_, Value::String(wanted)) => *wanted == hex_of(&Sha256::digest(mpegg_tests::inputs::bytes_of(hex))),
            _ => false,
        }
}

/// `reserved_1` and `reserved_2` are both `reserved`.
fn printed(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((base @ ("reserved" | "reserved_flag"), number)) if number.parse::<u8>().is_ok() => base,
        _ => name,
    }
}

fn is_bytes(value: &Value) -> bool {
    value.get("size").is_some() && (value.get("hex").is_some() || value.get("sha256").is_some())
}

/// The leaves of a field by name, in order; boxes inside go to `boxes`.
fn leaves(name: &str, value: &Value, found: &mut Map<String, Value>, boxes: &mut Vec<Value>) {
    match value {
        Value::Object(object) if object.contains_key("key") && object.contains_key("length") => boxes.push(value.clone()),
        Value::Object(_) if is_bytes(value) => push(found, printed(name), value.clone()),
        Value::Object(object) => object.iter().for_each(|(name, value)| leaves(name, value, found, boxes)),
        Value::Array(list) => list.iter().for_each(|value| leaves(name, value, found, boxes)),
        Value::Null => {}
        value => push(found, printed(name), value.clone()),
    }
}

/// A threshold whose flag is 0 is the one before it and has no bits.
fn carried(wanted: &mut Map<String, Value>) {
    let flags = wanted.get("tflag").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(thresholds) = wanted.get_mut("thres").and_then(Value::as_array_mut) {
        let mut flags = flags.iter();
        thresholds.retain(|_| flags.next().is_none_or(|flag| *flag != 0));
    }
}

/// A box of the tree in an `expect.json`, and those inside.
fn node(name: &str, node: &Value, ours: &Ours, compared: &mut Compared) {
    let key = node["key"].as_str().unwrap_or_default();
    let bit = node["bit_offset"].as_u64().or(node["offset"].as_u64().map(|offset| offset * 8)).unwrap_or(u64::MAX);
    let Some((path, length)) = ours.boxes.get(&bit) else {
        compared.wrong.push(format!("{name}: no box at bit {bit}, wanted {key}"));
        return;
    };
    let last = path.rsplit('.').next().and_then(|last| last.split('[').next());
    if last != Some(key) || node["length"].as_u64() != Some(*length) {
        compared.wrong.push(format!("{name}: at bit {bit} stands {path} of {length} bytes, wanted {key} of {}", node["length"]));
        return;
    }
    let (mut wanted, mut boxes) = (Map::new(), vec![]);
    leaves("", &node["fields"], &mut wanted, &mut boxes);
    for block in node["blocks"].as_array().map_or(&[][..], Vec::as_slice) {
        let fields = block.as_object().into_iter().flatten().filter(|(name, _)| !matches!(name.as_str(), "offset" | "length"));
        fields.for_each(|(name, value)| leaves(name, value, &mut wanted, &mut boxes));
    }
    leaves("block_payload", &node["payload"], &mut wanted, &mut boxes);
    carried(&mut wanted);
    boxes.extend(node["children"].as_array().map_or(&[][..], Vec::as_slice).iter().cloned());
    ours.compare(name, path, &wanted, compared);
    boxes.iter().for_each(|inner| self::node(name, inner, ours, compared));
}

fn tree(name: &str, boxes: &Value, bytes: &[u8], compared: &mut Compared) {
    let ours = Ours::of(bytes);
    let before = compared.boxes;
    let list = boxes.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().for_each(|node| self::node(name, node, &ours, compared));
    // No box of ours that the tree lacks.
    let told = compared.boxes - before;
    if told != ours.boxes.len() {
        compared.wrong.push(format!("{name}: {told} boxes in the tree, {} in the file", ours.boxes.len()));
    }
}

fn stream(name: &str, expect: &Value, bytes: &[u8], compared: &mut Compared) {
    let wanted = expect["boxes_in_order_of_completion"].as_array().unwrap();
    let wanted: Vec<_> =
        wanted.iter().filter(|one| one["key"] != "end").map(|one| (one["SID"].as_u64(), one["key"].as_str(), one["length"].as_u64())).collect();
    let found = boxes_of_stream(bytes);
    let keys: Vec<(u64, String, u64)> = found.iter().map(|(sid, bytes)| (u64::from(*sid), bytes[..4].escape_ascii().to_string(), bytes.len() as u64)).collect();
    let found: Vec<_> = keys.iter().map(|(sid, key, length)| (Some(*sid), Some(key.as_str()), Some(*length))).collect();
    if wanted != found {
        compared.wrong.push(format!("{name}: the boxes of the stream: wanted {wanted:?}\n    found {found:?}"));
    }
    compared.boxes += wanted.len();
    let ours = Ours::of(bytes);
    let heads = expect["packets [offset, SID, sequence_number, marker_bit, packet_size, box]"].as_array().unwrap();
    let mut headers = Map::new();
    for packet in heads {
        for (number, field) in ["SID", "sequence_number", "marker_bit", "packet_size"].into_iter().enumerate() {
            push(&mut headers, field, packet[number + 1].clone());
        }
    }
    // The lines of packets stand in no box; each is found under its own path.
    let mut found: Vec<&Line> = ours.lines.values().flatten().filter(|line| line.path.starts_with("packet[")).collect();
    found.sort_by_key(|line| line.bit);
    for (field, wanted) in headers {
        let found: Vec<Value> = found.iter().filter(|line| line.name == field).map(|line| serde_json::json!(line.value)).collect();
        if wanted != Value::from(found) {
            compared.wrong.push(format!("{name}: {field} of the packets"));
        }
    }
    for group in expect["groups"].as_array().unwrap() {
        let mut tables: Vec<(&str, &Value)> = vec![("dmtl", &group["list"])];
        tables.extend(group["tables"].as_array().unwrap().iter().map(|table| ("dmtb", &table["fields"])));
        for (key, fields) in tables {
            let mut wanted = Map::new();
            leaves("", fields, &mut wanted, &mut vec![]);
            let keyed = ours.boxes.values().filter(|(path, _)| path.starts_with(key));
            let equal = |path: &str| wanted.iter().all(|(field, values)| ours.values(path).get(field) == Some(values));
            if !keyed.into_iter().any(|(path, _)| equal(path)) {
                compared.wrong.push(format!("{name}: no {key} with {fields}"));
            }
        }
    }
}

/// Names of ours that side-cars leave out, because they follow from something else there: sizes and what is computed.
const UNSAID: [&str; 4] = ["Key", "Length", "block_payload_size", "ATMD_general_size"];

#[test]
fn cases_say_the_same() {
    let Some(root) = shared() else { return };
    let mut compared = Compared::default();
    for input in peers("cases", &["expect.json"]) {
        let folder = input.path.parent().unwrap();
        let expect: Value = serde_json::from_slice(&input.bytes).unwrap();
        let name = expect["case"].as_str().unwrap();
        let read = |file: &Value| fs::read(folder.join(file.as_str().unwrap())).unwrap();
        let bytes = read(&expect["input"]);
        if expect["boxes"].is_array() {
            tree(name, &expect["boxes"], &bytes, &mut compared);
        } else {
            stream(name, &expect, &bytes, &mut compared);
        }
        for operation in expect["operations"].as_array().unwrap().iter().filter(|operation| operation["boxes"].is_array()) {
            let output = &operation["output"];
            tree(&format!("{name}/{}", output.as_str().unwrap()), &operation["boxes"], &read(output), &mut compared);
        }
    }
    assert!(compared.wrong.is_empty(), "{} of {}:\n{}", compared.wrong.len(), root.display(), compared.wrong.join("\n"));
    assert!(compared.boxes > 1000 && compared.values > 10000, "{} boxes and {} values are too few", compared.boxes, compared.values);
    let unknown: Vec<&String> = compared.unsaid.iter().filter(|name| !UNSAID.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "of these the side-cars say nothing: {unknown:?}");
}

/// What was put into a file of jmpeg-g, by box: an object, or a list of them.
fn content(name: &str, path: &str, content: &Map<String, Value>, ours: &Ours, compared: &mut Compared) {
    let mut wanted = Map::new();
    for (field, value) in content {
        let key = if field == "label" { "lbll" } else { field };
        let boxes: Vec<&Value> = match value {
            Value::Array(list) if list.iter().all(Value::is_object) => list.iter().collect(),
            Value::Object(_) => vec![value],
            _ => vec![],
        };
        let inner = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let named = |number: usize| [format!("{inner}[{number}]"), inner.clone()].into_iter().find(|path| ours.lines.contains_key(path));
        match (field.as_str(), boxes.is_empty()) {
            // The payloads of blocks that stand in descriptor streams; an earlier draft's names of the same bits.
            ("dsc_blocks" | "draft_u_part", _) => {}
            ("aligned" | "unaligned" | "blocks" | "sequences" | "datasets" | "classes", _) => names(value, &mut wanted),
            (_, true) => names(&Value::Object(Map::from_iter([(field.clone(), value.clone())])), &mut wanted),
            _ => {
                for (number, inside) in boxes.into_iter().enumerate() {
                    match (named(number), inside.as_object()) {
                        (Some(path), Some(inside)) => self::content(name, &path, inside, ours, compared),
                        _ => compared.wrong.push(format!("{name}: no {inner}, number {number}")),
                    }
                }
            }
        }
    }
    if !path.is_empty() {
        // The classes of the table stand in the dataset header; the fields of a stream in its header.
        if path.ends_with(".mitb") {
            wanted.remove("clid");
        }
        let header = format!("{path}.dshd");
        let path = if ours.lines.contains_key(&header) { header.as_str() } else { path };
        let flags = ours.values(path).get("tflag").cloned();
        wanted.extend(flags.map(|flags| ("tflag".to_owned(), flags)));
        carried(&mut wanted);
        let values: Vec<String> = ours.values(path).keys().filter(|field| field.ends_with("_value")).cloned().collect();
        if let (Some(value), [field]) = (wanted.remove("value"), values.as_slice()) {
            wanted.insert(field.clone(), value);
        }
        ours.compare(name, path, &wanted, compared);
    }
}

/// The leaves of content under the printed names.
fn names(value: &Value, wanted: &mut Map<String, Value>) {
    let mut found = Map::new();
    leaves("", value, &mut found, &mut vec![]);
    for (field, values) in found {
        let field = match field.as_str() {
            // Places, not values.
            "seq" | "ci" | "au_id" | "uau_id" => continue,
            "payload_hex" => "block_payload",
            "signatures" => "U_cluster_signature",
            field => field.strip_suffix("_hex").unwrap_or(field),
        };
        if let Some(list) = wanted.entry(field).or_insert_with(|| Value::Array(vec![])).as_array_mut() {
            list.extend(values.as_array().cloned().unwrap_or_default());
        }
    }
}

#[test]
fn jmpegg_says_the_same() {
    let Some(_) = shared() else { return };
    let mut compared = Compared::default();
    for input in good_peers().into_iter().filter(|input| input.name.starts_with("jmpegg/")) {
        let side_car: Value = serde_json::from_slice(&fs::read(input.path.with_extension("json")).unwrap()).unwrap();
        content(&input.name, "", side_car["content"].as_object().unwrap(), &Ours::of(&input.bytes), &mut compared);
    }
    assert!(compared.wrong.is_empty(), "{}:\n{}", compared.wrong.len(), compared.wrong.join("\n"));
    assert!(compared.boxes > 400 && compared.values > 4000, "{} boxes and {} values are too few", compared.boxes, compared.values);
}

/// A file that must be refused: at least one error with a place, whatever comes before it.
fn refused(input: &Input) {
    let mut cover = Cover::default();
    let kind = kind_of(&input.bytes);
    let errors = mpegg::dump::dump(&mpegg::source::Bytes(&input.bytes), kind, &Options::default(), &Default::default(), &mut cover).unwrap();
    assert!(!errors.is_empty(), "{}: no error", input.name);
    for error in &errors {
        located(error, input.bytes.len()).unwrap_or_else(|wrong| panic!("{}: {wrong}", input.name));
        let whole_input = input.bytes.is_empty() || error.path().is_empty() && error.position().is_some();
        assert!(whole_input || !error.path().is_empty(), "{}: {error}", input.name);
    }
    assert!(input.bytes.is_empty() || errors.iter().any(|error| !error.path().is_empty()), "{}: no path: {errors:?}", input.name);
    cover.check(input.bytes.len(), false).unwrap_or_else(|wrong| panic!("{}: {wrong}", input.name));
}

#[test]
fn broken_files_are_refused_with_a_place() {
    let Some(root) = shared() else { return };
    for input in peers("jmpegg", &[".mgg"]).iter().filter(|input| input.name.contains("/D05_") || input.name.contains("/D10_")) {
        refused(input);
    }
    let folder = root.join("cases/bad");
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    for case in manifest.as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let path = folder.join(file);
        let input = Input { name: file.to_owned(), bytes: fs::read(&path).unwrap(), path };
        let reads = matches!(case["operation"].as_str(), Some("parse" | "depacketize"));
        match (case["level"].as_str(), reads) {
            (Some("error"), true) => refused(&input),
            (Some("finding"), _) => {
                let (_, errors) = Collect::of(&input.bytes, kind_of(&input.bytes));
                assert!(errors.is_empty(), "{file} must be read: {errors:?}");
            }
            _ => {}
        }
    }
}
