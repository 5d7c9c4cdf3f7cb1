//! From JSON to the bytes of an input.

use crate::tables::descriptions;
use crate::walk::{Container, Inside, Known, TOP, listed, table_of};
use mpegg_runtime::bits::BitWriter;
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{ContainerComposer, NoScope, Value, compose_box, compose_struct};
use mpegg_runtime::{Error, ErrorKind, Limits, Result};
use serde_json::Value as Json;
use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;

/// Writes the input that this JSON describes.
///
/// # Errors
///
/// Text that is no JSON; values that do not fit their fields, with the path; I/O.
pub fn from_json(text: &str, out: &mut dyn Write) -> Result<()> {
    let json: Json = serde_json::from_str(text).map_err(|error| Error::without_position(ErrorKind::Malformed, format!("not JSON: {error}")))?;
    let limits = Limits::default();
    let list = |name: &str| json.get(name).and_then(Json::as_array).ok_or_else(|| missing(&format!("an array \"{name}\"")));
    match json.get("kind").and_then(Json::as_str) {
        Some("file") => {
            let top = Rc::new(Node::top(list("boxes")?));
            for child in top.nodes() {
                let mut w = BitWriter::new();
                child.write(&mut w, &limits)?;
                out.write_all(&w.into_bytes()).map_err(Error::io)?;
            }
        }
        Some("stream") => structures(list("packets")?, &descriptions::PACKET, "packet", &limits, out)?,
        Some("units") => structures(list("units")?, &descriptions::DATA_UNIT, "data_unit", &limits, out)?,
        _ => return Err(missing("\"kind\": \"file\", \"stream\" or \"units\"")),
    }
    Ok(())
}

fn missing(what: &str) -> Error {
    Error::without_position(ErrorKind::Malformed, format!("the JSON lacks {what}"))
}

fn structures(list: &[Json], table: &'static Table, name: &str, limits: &Limits, out: &mut dyn Write) -> Result<()> {
    for (number, json) in list.iter().enumerate() {
        let mut w = BitWriter::new();
        compose_struct(table, json, &NoScope, limits, &mut w).map_err(|error| error.in_field(name, &[number as u64]))?;
        out.write_all(&w.into_bytes()).map_err(Error::io)?;
    }
    Ok(())
}

/// A box in the JSON.
struct Node<'j> {
    json: Option<&'j Json>,
    list: &'j [Json],
    table: Option<&'static Table>,
    parent: Option<Rc<Node<'j>>>,
    /// The path of the container, as `"of"` names it.
    path: String,
    class: Option<i128>,
    known: Known,
    silent: Cell<bool>,
}

const NO_FIELDS: &Json = &Json::Null;

impl<'j> Node<'j> {
    fn top(list: &'j [Json]) -> Node<'j> {
        Node { json: None, list, table: None, parent: None, path: String::new(), class: None, known: Known::default(), silent: Cell::new(false) }
    }

    fn key(json: &Json) -> Option<[u8; 4]> {
        unescape(json.get("box")?.as_str()?)
    }

    fn child(self: &Rc<Self>, json: &'j Json, path: String) -> Rc<Node<'j>> {
        let key = Node::key(json);
        let table = key.and_then(table_of).filter(|table| self.lists(table));
        let list = json.get("boxes").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        Rc::new(Node { json: Some(json), list, table, parent: Some(self.clone()), path, class: None, known: Known::default(), silent: Cell::new(false) })
    }

    fn lists(&self, wanted: &Table) -> bool {
        match self.table {
            Some(table) => listed(table).iter().any(|(_, table)| table.key == wanted.key),
            None => TOP.iter().any(|table| table.key == wanted.key),
        }
    }

    /// The children in the order of the JSON, with their paths; boxes that belong elsewhere stand below their containers.
    fn nodes(self: &Rc<Self>) -> Vec<Rc<Node<'j>>> {
        let mut counts: std::collections::HashMap<[u8; 4], u64> = Default::default();
        self.list
            .iter()
            .map(|json| {
                if let Some(of) = json.get("of").and_then(Json::as_str).filter(|_| self.parent.is_none()) {
                    let home = self.at(of).unwrap_or_else(|| self.clone());
                    let class = json.get("AG_class").and_then(Json::as_i64).map(i128::from);
                    let mut node = home.child(json, String::new());
                    let ordinal = json.get("ordinal").and_then(Json::as_u64).unwrap_or(0);
                    if let Some(node) = Rc::get_mut(&mut node) {
                        node.path = home.step(Node::key(json).unwrap_or_default(), ordinal);
                        // An index in the place of which an offs stands is known by its key.
                        node.table = node.table.or(Node::key(json).and_then(table_of));
                        node.class = class;
                    }
                    return node;
                }
                let key = Node::key(json).unwrap_or_default();
                let ordinal = counts.entry(key).or_default();
                *ordinal += 1;
                let path = self.step(key, *ordinal - 1);
                if let Some(sub_key) = addressed(json).filter(|_| self.table.is_some()) {
                    *counts.entry(sub_key).or_default() += 1;
                }
                self.child(json, path)
            })
            .collect()
    }

    fn step(&self, key: [u8; 4], ordinal: u64) -> String {
        let step = crate::walk::Step { key, ordinal, repeats: crate::walk::repeats(self.table, key) };
        if self.path.is_empty() { step.to_string() } else { format!("{}.{step}", self.path) }
    }

    /// The container of a path, from the top.
    fn at(self: &Rc<Self>, path: &str) -> Option<Rc<Node<'j>>> {
        let direct = self.list.iter().filter(|json| json.get("of").is_none());
        let mut counts: std::collections::HashMap<[u8; 4], u64> = Default::default();
        let mut all: Vec<Rc<Node<'j>>> = vec![];
        for json in direct {
            let key = Node::key(json)?;
            let ordinal = counts.entry(key).or_default();
            *ordinal += 1;
            let own = self.step(key, *ordinal - 1);
            if let Some(sub_key) = addressed(json).filter(|_| self.table.is_some()) {
                *counts.entry(sub_key).or_default() += 1;
            }
            all.push(self.child(json, own));
        }
        let found = all.iter().find(|node| node.path == path).cloned();
        let below = || all.iter().filter(|node| path.starts_with(&format!("{}.", node.path))).find_map(|node| node.at(path));
        found.or_else(below).or_else(|| self.moved_container(path))
    }

    /// A container that itself stands elsewhere.
    fn moved_container(self: &Rc<Self>, path: &str) -> Option<Rc<Node<'j>>> {
        if self.parent.is_some() {
            return None;
        }
        let moved = self.list.iter().filter(|json| json.get("of").and_then(Json::as_str).is_some_and(|of| path.starts_with(of) && of != path));
        for json in moved {
            let Some(home) = json.get("of").and_then(Json::as_str).and_then(|of| self.at(of)) else { continue };
            let own = home.step(Node::key(json)?, json.get("ordinal").and_then(Json::as_u64).unwrap_or(0));
            if own == path {
                return Some(home.child(json, own));
            }
            let below = path.starts_with(&format!("{own}.")).then(|| home.child(json, own).at(path)).flatten();
            if below.is_some() {
                return below;
            }
        }
        None
    }

    fn root(self: &Rc<Self>) -> Rc<Node<'j>> {
        let mut node = self.clone();
        while let Some(parent) = node.parent.clone() {
            node = parent;
        }
        node
    }

    fn fields(&self) -> &'j Json {
        self.json.and_then(|json| json.get("fields")).unwrap_or(NO_FIELDS)
    }

    fn write(self: &Rc<Self>, w: &mut BitWriter, limits: &Limits) -> Result<()> {
        self.write_bits(w, limits)
            .map_err(|error| if self.path.is_empty() { error } else { error.in_field(self.path.rsplit('.').next().unwrap_or_default(), &[]) })
    }

    /// What supplies the structures that this box depends on: the container around it, with the number that its own place adds.
    fn place(self: &Rc<Self>) -> Rc<Node<'j>> {
        let Some(parent) = &self.parent else { return self.clone() };
        match self.class {
            None => parent.clone(),
            class => Rc::new(Node {
                json: parent.json,
                list: parent.list,
                table: parent.table,
                parent: parent.parent.clone(),
                path: parent.path.clone(),
                class,
                known: Known::default(),
                silent: Cell::new(false),
            }),
        }
    }

    fn write_bits(self: &Rc<Self>, w: &mut BitWriter, limits: &Limits) -> Result<()> {
        let key = self.json.and_then(Node::key).ok_or_else(|| missing("a \"box\" of four characters"))?;
        let empty = Json::Object(Default::default());
        let fields = if self.fields().is_null() { &empty } else { self.fields() };
        let scope = Inside(self.place());
        match self.table {
            Some(table) if table.kind == TableKind::Container => {
                let inside = Inside(self.clone());
                let mark = w.begin_box(key);
                let base = w.position().saturating_sub(96);
                let mut composer = ContainerComposer::new(table, fields, &inside, base);
                composer.before(w, limits)?;
                for child in self.nodes() {
                    child.write(w, limits)?;
                }
                composer.behind(w, limits)?;
                w.end_box(mark).map(|_| ())
            }
            Some(table) => compose_box(table, fields, &scope, limits, w).map(|_| ()),
            None if key == *b"offs" => write_offs(fields, w),
            None => write_unknown(key, fields, w),
        }
    }
}

/// The key of the box that an `offs` addresses.
fn addressed(json: &Json) -> Option<[u8; 4]> {
    if json.get("box")?.as_str()? != "offs" {
        return None;
    }
    let fields = json.get("fields")?;
    if number(fields.get("Offset")?)? == u64::MAX {
        return None;
    }
    unescape(fields.get("SubKey")?.as_str()?)
}

fn number(json: &Json) -> Option<u64> {
    json.as_u64().or_else(|| json.as_str()?.parse().ok())
}

fn write_offs(fields: &Json, w: &mut BitWriter) -> Result<()> {
    let sub_key = fields.get("SubKey").and_then(four_bytes).ok_or_else(|| missing("SubKey of an offs"))?;
    let offset = fields.get("Offset").and_then(number).ok_or_else(|| missing("Offset of an offs"))?;
    w.bytes(b"offs");
    w.bytes(&sub_key);
    w.write::<64>(offset)
}

fn write_unknown(key: [u8; 4], fields: &Json, w: &mut BitWriter) -> Result<()> {
    let value = fields.get("Value").or_else(|| fields.get("hex")).and_then(Json::as_str).unwrap_or_default();
    let bits = mpegg_runtime::bits::BitString::from_hex(value).ok_or_else(|| missing("hexadecimal digits as the Value of an unknown box"))?;
    let mark = w.begin_box(key);
    w.bit_string(&bits);
    w.end_box(mark).map(|_| ())
}

/// Characters as text, or, where they are not ASCII, as hexadecimal digits.
fn four_bytes(json: &Json) -> Option<[u8; 4]> {
    let text = json.as_str()?;
    unescape(text).or_else(|| mpegg_runtime::bits::BitString::from_hex(text)?.bytes().try_into().ok())
}

/// Four bytes from their text; others than printable ASCII are written `\xNN`.
fn unescape(text: &str) -> Option<[u8; 4]> {
    let mut bytes = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(escaped) = rest.strip_prefix("\\x") {
            bytes.push(u8::from_str_radix(escaped.get(..2)?, 16).ok()?);
            rest = escaped.get(2..)?;
        } else if let Some(escaped) = rest.strip_prefix('\\') {
            let letter = escaped.chars().next()?;
            bytes.push(match letter {
                'n' => b'\n',
                'r' => b'\r',
                't' => b'\t',
                other => u8::try_from(other).ok()?,
            });
            rest = escaped.get(1..)?;
        } else {
            bytes.push(u8::try_from(first).ok()?);
            rest = rest.get(first.len_utf8()..)?;
        }
    }
    bytes.try_into().ok()
}

impl<'j> Container for Node<'j> {
    type Child = Rc<Node<'j>>;

    fn table(&self) -> Option<&'static Table> {
        self.table
    }

    fn parent(&self) -> Option<&Rc<Self>> {
        self.parent.as_ref()
    }

    fn of_key(self: &Rc<Self>, key: [u8; 4], only_first: bool) -> Result<Vec<Rc<Node<'j>>>> {
        let mut found: Vec<Rc<Node<'j>>> = vec![];
        let mut counts: std::collections::HashMap<[u8; 4], u64> = Default::default();
        for json in self.list.iter().filter(|json| self.parent.is_some() || json.get("of").is_none()) {
            let Some(own) = Node::key(json) else { continue };
            let ordinal = counts.entry(own).or_default();
            *ordinal += 1;
            let path = self.step(own, *ordinal - 1);
            if own == key {
                found.push(self.child(json, path));
            } else if addressed(json) == Some(key) {
                let ordinal = counts.entry(key).or_default();
                *ordinal += 1;
                let wanted = *ordinal - 1;
                let root = self.root();
                let moved = root.list.iter().find(|json| {
                    json.get("of").and_then(Json::as_str) == Some(self.path.as_str())
                        && Node::key(json) == Some(key)
                        && json.get("ordinal").and_then(Json::as_u64).unwrap_or(0) == wanted
                });
                found.extend(moved.map(|json| self.child(json, self.step(key, wanted))));
            }
            if only_first && !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    fn read(self: &Rc<Self>, table: &'static Table, child: &Rc<Node<'j>>) -> Result<Value> {
        let silent = self.silent.replace(true);
        let empty = Json::Object(Default::default());
        let fields = if child.fields().is_null() { &empty } else { child.fields() };
        let record = compose_box(table, fields, &Inside(self.clone()), &Limits::default(), &mut BitWriter::new());
        self.silent.set(silent);
        record.map(Value::from)
    }

    fn inside(self: &Rc<Self>, _: &'static Table, child: &Rc<Node<'j>>) -> Rc<Self> {
        child.clone()
    }

    fn known(&self) -> &Known {
        &self.known
    }

    fn number(&self, name: &str) -> Option<i128> {
        match name {
            "is_transport_mode" => Some(0),
            "AG_class" => self.class,
            _ => None,
        }
    }

    fn decodes_deferred(&self) -> bool {
        !self.silent.get()
    }
}
