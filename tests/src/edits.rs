//! Small changes of an input, written as text, to make what a rule forbids.
//!
//! ```text
//! dgcn[0].dghd.dataset_ID[1] = 1      a field, by its path in the dump: a number, or a text of the same length
//! remove dgcn[0].labl                 a box of a file with the Lengths of those around it, or packet[3] of a stream
//! copy dgcn[0].labl                   the same box or packet once more, behind itself
//! move dgcn[0].labl behind dgcn[0].dghd
//! insert wxyz behind dgcn[0].dghd     an empty box of this key
//! bytes 100 = 00ff                    bytes at an offset
//! cut 100                             the bytes from there on
//! json /boxes/1/.. = 3                a member of the input as JSON, which is then written anew
//! json /boxes/1/.. with {"a": 1}      further members, or other values of them
//! json /boxes/1/.. without a b        members less
//! ```

use crate::inputs::bytes_of;
use crate::sinks::Collect;
use mpegg::dump::LineValue;
use mpegg::source::Bytes;
use mpegg::tree::{Node, tree};
use mpegg::walk::{Kind, Packets};
use mpegg::{Limits, json};
use serde_json::Value as Json;

/// Makes the changes, one after the other.
///
/// # Errors
///
/// What cannot be done.
pub fn edit(bytes: &[u8], edits: &str) -> Result<Vec<u8>, String> {
    let mut bytes = bytes.to_vec();
    for one in edits.split(';').map(str::trim).filter(|one| !one.is_empty()) {
        let words: Vec<&str> = one.split_whitespace().collect();
        bytes = match words.as_slice() {
            ["remove", path] => replace(&bytes, path, |_| vec![]),
            ["copy", path] => replace(&bytes, path, |part| part.repeat(2)),
            ["move", path, "behind", other] => moved(&bytes, path, other),
            ["insert", key, "behind", path] => {
                let mut boxed = key.as_bytes().to_vec();
                boxed.extend(12u64.to_be_bytes());
                replace(&bytes, path, |part| [part, boxed.as_slice()].concat())
            }
            ["bytes", at, "=", hex] => overwrite(bytes, number(at)?, &bytes_of(hex)),
            ["cut", at] => {
                bytes.truncate(number(at)?);
                Ok(bytes)
            }
            ["json", pointer, "=", value @ ..] => in_json(&bytes, pointer, |place| {
                *place = parsed(&value.join(" "))?;
                Ok(())
            }),
            ["json", pointer, "with", members @ ..] => in_json(&bytes, pointer, |place| {
                let (Some(object), Json::Object(more)) = (place.as_object_mut(), parsed(&members.join(" "))?) else { return Err("no object".to_owned()) };
                object.extend(more);
                Ok(())
            }),
            ["json", pointer, "without", names @ ..] => in_json(&bytes, pointer, |place| {
                let object = place.as_object_mut().ok_or("no object")?;
                names.iter().for_each(|name| drop(object.shift_remove(*name)));
                Ok(())
            }),
            [path, "=", value @ ..] => field(bytes, path, &value.join(" ")),
            _ => Err("not understood".to_owned()),
        }
        .map_err(|why: String| format!("`{one}`: {why}"))?;
    }
    Ok(bytes)
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn overwrite(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Result<Vec<u8>, String> {
    bytes.get_mut(at..at + new.len()).ok_or("behind the end")?.copy_from_slice(new);
    Ok(bytes)
}

fn kind(bytes: &[u8]) -> Kind {
    Kind::of(&Bytes(bytes)).expect("memory is readable")
}

/// A field gets another value.
fn field(mut bytes: Vec<u8>, path: &str, value: &str) -> Result<Vec<u8>, String> {
    let (sink, _) = Collect::of(&bytes, kind(&bytes));
    let line = sink.lines.iter().find(|line| line.path == path && line.bits > 0).ok_or("there is no such field")?;
    if let Some(text) = value.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        let LineValue::Text(old) = &line.value else { return Err("not a text".to_owned()) };
        if old.len() != text.len() {
            return Err(format!("{old:?} is not as long"));
        }
        for (number, byte) in (0u64..).zip(text.bytes()) {
            put(&mut bytes, line.bit + 8 * number, 8, u64::from(byte));
        }
        return Ok(bytes);
    }
    let value: u64 = value.parse().map_err(|_| "neither a number nor a text".to_owned())?;
    if line.bits > 64 || line.bits < 64 && value >> line.bits != 0 {
        return Err(format!("the field has {} bits", line.bits));
    }
    put(&mut bytes, line.bit, line.bits, value);
    Ok(bytes)
}

fn put(bytes: &mut [u8], bit: u64, bits: u64, value: u64) {
    for number in 0..bits {
        let (byte, mask) = (((bit + number) / 8) as usize, 0x80u8 >> ((bit + number) % 8));
        match value >> (bits - 1 - number) & 1 {
            1 => bytes[byte] |= mask,
            _ => bytes[byte] &= !mask,
        }
    }
}

fn nodes(bytes: &[u8]) -> Vec<Node> {
    let mut found = vec![];
    let give = &mut |node: &Node| {
        found.push(node.clone());
        Ok(())
    };
    tree(&Bytes(bytes), kind(bytes), &Limits::default(), give).expect("memory is readable");
    found
}

/// The bytes of a box or packet.
fn range(bytes: &[u8], path: &str) -> Result<(usize, usize), String> {
    if let Some(wanted) = path.strip_prefix("packet[").and_then(|rest| rest.strip_suffix(']')) {
        let packet = Packets::new(&Bytes(bytes)).nth(number(wanted)?).and_then(Result::ok).ok_or("there is no such packet")?;
        return Ok((packet.offset as usize, packet.end() as usize));
    }
    let node = nodes(bytes).into_iter().find(|node| node.path == path).ok_or_else(|| format!("there is no box {path}"))?;
    Ok((node.offset as usize, (node.offset + node.length) as usize))
}

/// A box or packet becomes something else; the Lengths of the boxes around it follow.
fn replace(bytes: &[u8], path: &str, make: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<Vec<u8>, String> {
    let (start, end) = range(bytes, path)?;
    let new = make(&bytes[start..end]);
    let mut edited = bytes.to_vec();
    for node in nodes(bytes).iter().filter(|node| (node.offset as usize) < start && end <= (node.offset + node.length) as usize) {
        let length = node.length as usize - (end - start) + new.len();
        let at = node.offset as usize + 4;
        edited[at..at + 8].copy_from_slice(&(length as u64).to_be_bytes());
    }
    edited.splice(start..end, new);
    Ok(edited)
}

fn moved(bytes: &[u8], path: &str, other: &str) -> Result<Vec<u8>, String> {
    let (start, end) = range(bytes, path)?;
    let part = bytes[start..end].to_vec();
    // The later one of the two first, so that paths and places stay.
    if range(bytes, other)?.0 > start {
        let edited = replace(bytes, other, |there| [there, part.as_slice()].concat())?;
        return replace(&edited, path, |_| vec![]);
    }
    let edited = replace(bytes, path, |_| vec![])?;
    replace(&edited, other, |there| [there, part.as_slice()].concat())
}

fn parsed(text: &str) -> Result<Json, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn in_json(bytes: &[u8], pointer: &str, change: impl FnOnce(&mut Json) -> Result<(), String>) -> Result<Vec<u8>, String> {
    let mut text = vec![];
    json::to_json(&Bytes(bytes), kind(bytes), &Limits::default(), &mut text).map_err(|error| error.to_string())?;
    let mut document: Json = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    change(document.pointer_mut(pointer).ok_or("there is no such member")?)?;
    let mut edited = vec![];
    json::from_json(&document.to_string(), &mut edited).map_err(|error| error.to_string())?;
    Ok(edited)
}
