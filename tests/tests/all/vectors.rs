//! The canonical vectors: bytes, and every field in them as somebody else wrote them down.

use mpegg::dump::{Line, LineValue};
use mpegg::walk::Kind;
use mpegg::{Error, ErrorKind};
use mpegg_tests::inputs::{Vector, hex_of, vectors};
use mpegg_tests::sinks::Collect;
use mpegg_tests::typed::boxes_of_stream;
use serde_json::{Value, json};

/// Where this project says something else about a broken input, and why: the kind, the bit and the path that it gives.
struct Different {
    name: &'static str,
    kind: &'static str,
    bit: u64,
    path: &'static str,
    #[expect(dead_code, reason = "for who reads this table")]
    why: &'static str,
}

const DIFFERENT: [Different; 6] = [
    Different {
        name: "error-string-over-16384",
        kind: "malformed",
        bit: 616,
        path: "dgcn[0].labl.lbll[0].label_ID",
        why: "16384 bytes is what st(v) may have, not a limit that could be set higher",
    },
    Different {
        name: "error-string-unterminated",
        kind: "truncated",
        bit: 664,
        path: "dgcn[0].labl.lbll[0].label_ID",
        why: "the box ends where the terminator should be",
    },
    Different {
        name: "error-string-not-utf8",
        kind: "malformed",
        bit: 624,
        path: "dgcn[0].rfgn[0].sequence_name[0]",
        why: "the place of the byte that is wrong, not of the text",
    },
    Different {
        name: "error-child-behind-container",
        kind: "truncated",
        bit: 1928,
        path: "dgcn[0].dtcn[0].dthd.Length",
        why: "the container ends where the file ends",
    },
    Different {
        name: "error-block-size-64",
        kind: "malformed",
        bit: 18299,
        path: "dgcn[0].dtcn[0].atcn[0].atix.avix[0].msix.ssix[0].csix.wt.bitmap[0].block_size",
        why: "no code table reserves the value: it is wrong",
    },
    Different {
        name: "error-embedded-key",
        kind: "malformed",
        bit: 1516,
        path: "dgcn[0].dtcn[0].atcn[0].agtc[0].adts",
        why: "the box that should stand there",
    },
];

/// A line as the vectors write it.
fn row(line: &Line) -> Value {
    json!([line.path, line.name, line.index, line.bit, line.bits, line.value])
}

/// Compares lines; those of the input that have no bits are in none of the vectors.
fn compare(name: &str, wanted: &[Value], found: &[Value]) -> Result<(), String> {
    for (number, (wanted, found)) in wanted.iter().zip(found).enumerate() {
        if wanted != found {
            return Err(format!("{name}: line {number}\n   wanted {wanted}\n    found {found}"));
        }
    }
    match wanted.len() == found.len() {
        true => Ok(()),
        false => Err(format!("{name}: {} lines wanted, {} found", wanted.len(), found.len())),
    }
}

/// Every bit once, in order.
fn gapless(name: &str, lines: &[Line], bytes: usize) -> Result<(), String> {
    let mut end = 0;
    for line in lines.iter().filter(|line| line.bits > 0) {
        if line.bit != end {
            return Err(format!("{name}: {} begins at bit {}, the line before it ends at {end}", line.path, line.bit));
        }
        end += line.bits;
    }
    match end == bytes as u64 * 8 {
        true => Ok(()),
        false => Err(format!("{name}: the lines end at bit {end} of {}", bytes * 8)),
    }
}

fn rows(json: &Value) -> &[Value] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn plain(vector: &Vector) -> Result<(), String> {
    let (sink, errors) = Collect::of(&vector.bytes, vector.kind);
    if let Some(error) = errors.first() {
        return Err(format!("{}: {error}", vector.name));
    }
    gapless(&vector.name, &sink.lines, vector.bytes.len())?;
    let found: Vec<Value> = sink.lines.iter().filter(|line| line.bits > 0).map(row).collect();
    compare(&vector.name, rows(&vector.json["lines"]), &found)
}

/// The lines of a box in a stream as if it stood alone: positions from its first bit, pieces put together.
struct Alone {
    name: String,
    completed: u64,
    lines: Vec<Line>,
}

fn alone(lines: &[Line]) -> Vec<Alone> {
    let mut found: Vec<Alone> = vec![];
    for line in lines.iter().filter(|line| line.bits > 0) {
        let Some((first, rest)) = line.path.split_once('.') else { continue };
        if first.starts_with("packet[") {
            continue;
        }
        let at = match found.iter().position(|alone| alone.name == first) {
            Some(at) => at,
            None => {
                found.push(Alone { name: first.to_owned(), completed: 0, lines: vec![] });
                found.len() - 1
            }
        };
        let alone = &mut found[at];
        let goes_on = line.value == LineValue::Long && alone.completed != line.bit;
        alone.completed = line.bit + line.bits;
        let start = alone.lines.last().map_or(0, |line| line.bit + line.bits);
        match alone.lines.last_mut() {
            // The field goes on in the next packet.
            Some(last) if goes_on && last.path == rest => last.bits += line.bits,
            _ => alone.lines.push(Line { path: rest.to_owned(), bit: start, ..line.clone() }),
        }
    }
    found.sort_by_key(|alone| alone.completed);
    found
}

fn stream(vector: &Vector) -> Result<(), String> {
    let name = &vector.name;
    let (sink, errors) = Collect::of(&vector.bytes, vector.kind);
    if let Some(error) = errors.first() {
        return Err(format!("{name}: {error}"));
    }
    gapless(name, &sink.lines, vector.bytes.len())?;
    let header: Vec<&Line> = sink.lines.iter().filter(|line| line.path.starts_with("packet[") && line.path.contains(".packet_header.")).collect();
    let packets = header.chunks(5).map(|packet| {
        assert_eq!(packet.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["SID", "reserved", "marker_bit", "sequence_number", "packet_size"]);
        let mut row = vec![json!(packet[0].bit)];
        row.extend(packet.iter().map(|line| json!(line.value)));
        Value::from(row)
    });
    compare(&format!("{name}, packets"), rows(&vector.json["packets"]), &packets.collect::<Vec<_>>())?;
    let boxes = boxes_of_stream(&vector.bytes);
    let boxes: Vec<Value> = boxes.iter().map(|(sid, bytes)| json!([sid, bytes[..4].escape_ascii().to_string(), hex_of(bytes)])).collect();
    compare(&format!("{name}, boxes"), rows(&vector.json["boxes"]), &boxes)?;
    let wanted = rows(&vector.json["box_lines"]);
    let found = alone(&sink.lines);
    if wanted.len() != found.len() {
        return Err(format!("{name}: {} boxes wanted, {} found", wanted.len(), found.len()));
    }
    for (wanted, found) in wanted.iter().zip(found) {
        let lines: Vec<Value> = found.lines.iter().map(row).collect();
        let wanted: Vec<Value> = rows(&wanted[2]).iter().map(inside).collect();
        compare(&format!("{name}, {}", found.name), &wanted, &lines)?;
    }
    Ok(())
}

/// A line with a path that begins inside the box.
fn inside(row: &Value) -> Value {
    let mut row = row.clone();
    row[0] = row[0].as_str().and_then(|path| path.split_once('.')).map_or(Value::Null, |(_, rest)| Value::from(rest));
    row
}

fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Truncated { .. } => "truncated",
        ErrorKind::Malformed => "malformed",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Limit => "limit",
        ErrorKind::CrossReference => "cross-reference",
        ErrorKind::Checksum => "checksum",
        _ => "input/output",
    }
}

fn broken(vector: &Vector) -> Result<(), String> {
    let name = &vector.name;
    let wanted = &vector.json["error"];
    let (_, errors) = Collect::of(&vector.bytes, vector.kind);
    let Some(first) = errors.first() else { return Err(format!("{name}: no error, {wanted} is wanted")) };
    let wrong = |what: &str| Err(format!("{name}: {what}: wanted {wanted}\n    found {first}"));
    let different = DIFFERENT.iter().find(|different| different.name == name);
    let (kind, bit, path) = match different {
        Some(different) => (Some(different.kind), Some(different.bit), Some(different.path)),
        None => (wanted["kind"].as_str(), wanted["bit"].as_u64(), wanted["path"].as_str()),
    };
    if Some(kind_name(first.kind())) != kind {
        return wrong("kind");
    }
    if bit.is_some_and(|bit| first.position() != Some(bit)) {
        return wrong("bit");
    }
    if path.is_some_and(|path| first.path() != path) {
        return wrong("path");
    }
    match errors.iter().all(|error: &Error| error.position().is_some_and(|bit| bit <= vector.bytes.len() as u64 * 8)) {
        true => Ok(()),
        false => wrong("an error without a place in the input"),
    }
}

#[test]
fn every_vector_reads_as_written_down() {
    let check = |vector: Vector| match (vector.is_broken(), vector.kind) {
        (true, _) => broken(&vector),
        (false, Kind::Stream) => stream(&vector),
        (false, _) => plain(&vector),
    };
    let wrong: Vec<String> = vectors().into_iter().filter_map(|vector| check(vector).err()).collect();
    assert!(wrong.is_empty(), "{} vectors:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_vector_is_recognised() {
    for vector in vectors() {
        let found = Kind::of(&mpegg::source::Bytes(&vector.bytes)).unwrap();
        assert_eq!(found, vector.kind, "{}", vector.name);
    }
}
