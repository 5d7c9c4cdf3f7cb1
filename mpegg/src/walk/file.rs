//! Walking a file: boxes in the order of the bytes, each read with what the containers around it supply.

use super::level::Level;
use super::offsets::Targets;
use super::path::{Step, repeats};
use super::scope::Inside;
use super::{TOP, Visitor, has_tail, listed};
use crate::tables::descriptions;
use mpegg_runtime::source::{Ahead, Source};
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{BitsHandle, BoxHead, Container, Cursor, FieldEvent, FieldValue, Place, walk_box_at, walk_offs, walk_opaque_box};
use mpegg_runtime::{Error, ErrorKind, Limits, Result};
use std::collections::HashMap;
use std::rc::Rc;

/// Bytes of Key and Length.
const HEAD: u64 = 12;
/// Bytes of an `offs`.
const OFFS: u64 = 16;

/// Key and Length of a box, read from the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The key.
    pub key: [u8; 4],
    /// Where Key stands, in bytes.
    pub offset: u64,
    /// Bytes in all; 16 for an `offs`.
    pub length: u64,
}

impl Head {
    /// The first byte behind the box.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// A child of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its head.
    pub head: Head,
    /// Whether an `offs` addresses it.
    pub through_offs: bool,
}

impl Child {
    /// SubKey and Offset of an `offs`; nothing for other boxes and for a placeholder.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn offs(&self, source: &dyn Source) -> Result<Option<([u8; 4], u64)>> {
        if self.head.key != *b"offs" {
            return Ok(None);
        }
        let (sub_key, offset) = read_offs(source, self.head.offset)?;
        Ok((offset != u64::MAX).then_some((sub_key, offset)))
    }

    /// SubKey of an `offs`.
    ///
    /// # Errors
    ///
    /// I/O.
    pub(crate) fn sub_key(&self, source: &dyn Source) -> Result<[u8; 4]> {
        read_offs(source, self.head.offset).map(|(sub_key, _)| sub_key)
    }

    /// The box of this key that this `offs` addresses.
    ///
    /// # Errors
    ///
    /// I/O; a box there that is cut or has another key.
    pub fn target(&self, source: &dyn Source, key: [u8; 4]) -> Result<Option<Child>> {
        let Some((_, offset)) = self.offs(source)?.filter(|(sub_key, _)| *sub_key == key) else { return Ok(None) };
        let here = self.head.offset.saturating_add(8).saturating_mul(8);
        let head = read_head(source, offset, source.len()).map_err(|error| match error.kind() {
            ErrorKind::Io => error,
            // The fault is of the offs, not of the place where nothing stands.
            _ => Error::malformed(here, format!("Offset {offset}: {}", error.message())).in_field("Offset", &[]).in_field("offs", &[]),
        })?;
        if head.key != key {
            return Ok(None);
        }
        Ok(Some(Child { head, through_offs: true }))
    }
}

/// SubKey and Offset of the `offs` at a byte.
pub(super) fn read_offs(source: &dyn Source, at: u64) -> Result<([u8; 4], u64)> {
    let mut bytes = [0; 16];
    source.read_at(at, &mut bytes)?;
    let [_, _, _, _, a, b, c, d, offset @ ..] = bytes;
    Ok(([a, b, c, d], u64::from_be_bytes(offset)))
}

/// Key and Length of the box at a byte, checked against the end of what is around it.
///
/// # Errors
///
/// Fewer than 12 bytes, a Length under 12, a box that ends behind `end`: located at the box (R2).
pub fn read_head(source: &dyn Source, offset: u64, end: u64) -> Result<Head> {
    head_at(source, offset, end).map_err(|(key, error)| match key {
        Some(key) => error.in_field(&key.escape_ascii().to_string(), &[]),
        None => error,
    })
}

/// An error of a head, with the key if that could be read: who counts siblings adds it to the path.
type HeadError = (Option<[u8; 4]>, Error);

fn head_at(source: &dyn Source, offset: u64, end: u64) -> std::result::Result<Head, HeadError> {
    let left = end.saturating_sub(offset);
    if left < HEAD {
        let error = Error::truncated(offset.saturating_mul(8), (HEAD - left) * 8);
        return Err((None, error.with_message("fewer than 12 bytes are left where a box should begin")));
    }
    let mut bytes = [0; 12];
    source.read_at(offset, &mut bytes).map_err(|error| (None, error))?;
    let [a, b, c, d, length @ ..] = bytes;
    let key = [a, b, c, d];
    let length = if key == *b"offs" { OFFS } else { u64::from_be_bytes(length) };
    check_length(offset, length, end, end >= source.len()).map_err(|error| (Some(key), error.in_field("Length", &[])))?;
    Ok(Head { key, offset, length })
}

/// The same, but a box that ends behind what contains it is cut there; the error is for afterwards.
fn read_cut(source: &dyn Source, offset: u64, end: u64) -> std::result::Result<(Head, Option<Error>), HeadError> {
    let (key, error) = match head_at(source, offset, end) {
        Ok(head) => return Ok((head, None)),
        Err(error) => error,
    };
    let left = end.saturating_sub(offset);
    match key {
        Some(key) if left >= HEAD && stored_length(source, offset).is_ok_and(|length| length >= HEAD) => Ok((Head { key, offset, length: left }, Some(error))),
        key => Err((key, error)),
    }
}

/// No input is so long: a Length beyond it is not cut off but wrong.
const ABSURD: u64 = 1 << 56;

fn check_length(offset: u64, length: u64, end: u64, at_the_end: bool) -> Result<()> {
    let at = offset.saturating_add(4).saturating_mul(8);
    if length < HEAD {
        return Err(Error::malformed(at, format!("Length {length} is less than the 12 bytes of Key and Length")));
    }
    let left = end.saturating_sub(offset);
    if length > left {
        let missing = length - left;
        // Only what ends with the input is truncated; what ends inside it is wrong.
        let error = if at_the_end && length < ABSURD { Error::truncated(at, missing.saturating_mul(8)) } else { Error::malformed(at, "") };
        return Err(error.with_message(format!("the box ends {missing} bytes behind what contains it")));
    }
    Ok(())
}

/// The Length as it stands, which a box that is cut does not have.
fn stored_length(source: &dyn Source, offset: u64) -> Result<u64> {
    let mut bytes = [0; 8];
    source.read_at(offset.saturating_add(4), &mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}

/// The children of a container from a byte on; they end where the container does, where its blocks begin, or at what is no box.
pub fn children(source: &dyn Source, table: Option<&'static Table>, start: u64, end: u64) -> impl Iterator<Item = Result<Child>> {
    strict_children(source, table, start, end).take_while(|child| child.as_ref().map_or_else(|error| error.kind() == ErrorKind::Io, |_| true))
}

/// The same, but what is no box is an error.
pub fn strict_children(source: &dyn Source, table: Option<&'static Table>, start: u64, end: u64) -> impl Iterator<Item = Result<Child>> {
    let keys: Vec<[u8; 4]> = table.map_or(vec![], |table| listed(table).into_iter().filter_map(|(_, table)| table.key).collect());
    let tail = table.is_some_and(has_tail);
    let mut at = start;
    let mut near: Option<Ahead<&dyn Source>> = None;
    let mut last = u64::MAX;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        // Heads of small boxes one behind the other are read together; those of large ones alone.
        if last < SMALL && near.as_ref().is_none_or(|near| near.end() < at.saturating_add(HEAD)) {
            near = Ahead::new(source, at, AHEAD.min(end.saturating_sub(at))).ok();
        }
        let from: &dyn Source = if last < SMALL { near.as_ref().map_or(source, |near| near) } else { source };
        match read_head(from, at, end) {
            Ok(head) if tail && !keys.contains(&head.key) && head.key != *b"offs" => {
                at = end;
                None
            }
            Ok(head) => {
                (at, last) = (head.end(), head.length);
                Some(Ok(Child { head, through_offs: false }))
            }
            Err(error) => {
                at = end;
                // What is no box may be a block; that is for who reads the container.
                if tail && error.kind() != ErrorKind::Io { None } else { Some(Err(error)) }
            }
        }
    })
}

/// Boxes of fewer bytes are small.
const SMALL: u64 = 2048;
/// Bytes that are read for the heads of small boxes.
const AHEAD: u64 = 32 << 10;

/// The first child of a container whose Key stands at this byte.
pub fn first_child(table: &Table, offset: u64) -> u64 {
    offset.saturating_add(HEAD).saturating_add(fields_before(table))
}

/// Bytes of the fields in front of the children: of `label_list` only, whose fields have literal widths.
fn fields_before(table: &Table) -> u64 {
    use mpegg_runtime::table::{Expr, Row, What};
    let bits = table.rows.iter().map_while(|row| match row {
        Row::Field(field) => match &field.what {
            What::Unsigned(Expr::Int(bits)) => u64::try_from(*bits).ok(),
            _ => None,
        },
        _ => None,
    });
    let leading = table.rows.iter().any(|row| matches!(row, Row::Field(_))) && !has_tail(table);
    if leading { bits.sum::<u64>() / 8 } else { 0 }
}

/// Walks a file.
pub fn walk(source: &dyn Source, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
    let top = Rc::new(Level::top(source, limits));
    if source.is_empty() {
        visitor.error(Error::truncated(0, HEAD * 8).with_message("the file is empty: it begins with the box `flhd`"));
        return Ok(());
    }
    let targets = Targets::find(&top, visitor)?;
    let mut walk = FileWalk { visitor, limits, targets, boxes: 0, errors: 0, truncated: false };
    walk.boxes_of(&top)
}

/// Walks the boxes of a reassembled box of a stream: the same, below another scope.
pub fn walk_in(level: &Rc<Level<'_>>, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
    let mut walk = FileWalk { visitor, limits, targets: Targets::default(), boxes: 0, errors: 0, truncated: false };
    walk.boxes_of(level)
}

/// Whether the four bytes here are the key of a child; blocks have none.
fn starts_child(level: &Level, at: u64) -> Result<bool> {
    let mut key = [0; 4];
    if level.end.saturating_sub(at) < 4 {
        return Ok(false);
    }
    level.source.read_at(at, &mut key)?;
    Ok(key == *b"offs" || level.table.is_some_and(|table| listed(table).iter().any(|(_, table)| table.key == Some(key))))
}

struct FileWalk<'v, 's> {
    visitor: &'v mut dyn Visitor,
    limits: &'v Limits,
    targets: Targets<'s>,
    boxes: u64,
    errors: u64,
    /// Whether an error said that the input is cut.
    truncated: bool,
}

impl<'s> FileWalk<'_, 's> {
    /// Boxes one behind the other from the start of a level to its end.
    fn boxes_of(&mut self, level: &Rc<Level<'s>>) -> Result<()> {
        let mut counts: HashMap<[u8; 4], u64> = HashMap::new();
        let mut at = level.children;
        while at < level.end {
            if self.visitor.stop() {
                return Ok(());
            }
            if level.table.is_some_and(has_tail) && !starts_child(level, at)? {
                return Ok(()); // blocks: the container reads them
            }
            let (head, cut) = match read_cut(level.source, at, level.end) {
                Ok(head) => head,
                Err((_, error)) if error.kind() == ErrorKind::Io => return Err(error),
                Err((key, error)) => {
                    let step = key.map(|key| self.step(level, key, &counts));
                    self.rest(level, at, step.iter().fold(error, |error, step| error.in_field(step, &[])));
                    return Ok(());
                }
            };
            if let Some(error) = cut {
                let error = error.in_field(&self.step(level, head.key, &counts), &[]);
                return self.cut_box(level, &head, &mut counts, error);
            }
            self.one_box(level, &head, &mut counts)?;
            at = head.end();
        }
        Ok(())
    }

    /// The step of the next box of a key.
    fn step(&self, level: &Level, key: [u8; 4], counts: &HashMap<[u8; 4], u64>) -> String {
        let ordinal = counts.get(&key).copied().unwrap_or(0);
        Step { key, ordinal, repeats: repeats(level.table, key) }.to_string()
    }

    /// A box that ends behind what contains it: what is there is read; the error is told unless reading finds
    /// the cut itself.
    fn cut_box(&mut self, level: &Rc<Level<'s>>, head: &Head, counts: &mut HashMap<[u8; 4], u64>, error: Error) -> Result<()> {
        let errors = self.errors;
        let table = match level.table {
            Some(table) => listed(table).into_iter().find(|(_, table)| table.key == Some(head.key)).map(|(_, table)| table),
            None if level.outside.is_some() => super::table_of(head.key),
            None => TOP.into_iter().find(|table| table.key == Some(head.key)),
        };
        let Some(table) = table else {
            self.rest(level, head.offset, error);
            return Ok(());
        };
        let ordinal = *counts.entry(head.key).or_default();
        let place = Place { name: table.name, ordinal, through_offs: false, depth: level.depth() };
        self.container(level, head, table, place)?;
        let told = self.errors > errors && self.truncated;
        if !told && !self.visitor.stop() {
            self.errors += 1;
            self.truncated |= matches!(error.kind(), ErrorKind::Truncated { .. });
            let path: Vec<String> = level.path.iter().map(ToString::to_string).collect();
            self.visitor.error(path.iter().rev().fold(error, |error, step| error.in_field(step, &[])));
        }
        Ok(())
    }

    /// A box that cannot be entered: its bytes are shown as a gap, then the error.
    fn rest(&mut self, level: &Level, at: u64, error: Error) {
        let bit = at.saturating_mul(8);
        let bits = level.end.saturating_sub(at).saturating_mul(8);
        let value = FieldValue::Bytes(BitsHandle::new(level.source, bit, bits));
        self.visitor.field(&FieldEvent { table: level.table, row: None, name: "gap", index: &[], bit, bits, value, codes: None, counts: false });
        let path: Vec<String> = level.path.iter().map(ToString::to_string).collect();
        self.errors += 1;
        self.visitor.error(path.iter().rev().fold(error, |error, step| error.in_field(step, &[])));
    }

    fn one_box(&mut self, level: &Rc<Level<'s>>, head: &Head, counts: &mut HashMap<[u8; 4], u64>) -> Result<()> {
        self.boxes += 1;
        if self.boxes > self.limits.boxes {
            return Err(Error::limit(head.offset.saturating_mul(8), format!("more than {} boxes", self.limits.boxes)));
        }
        if let Some(target) = self.targets.at(head.offset).filter(|_| level.table.is_none()) {
            let (home, ordinal, numbers) = (target.level.clone(), target.ordinal, target.numbers.clone());
            let target_numbers = numbers.clone();
            let home = if numbers.is_empty() { home } else { Targets::with_numbers(&home, numbers) };
            self.visitor.base(&home.path, &target_numbers);
            let done = self.known(&home, head, ordinal, true);
            self.visitor.base(&[], &[]);
            return done;
        }
        let ordinal = counts.entry(head.key).or_default();
        let place = *ordinal;
        *ordinal += 1;
        if head.key == *b"offs" {
            // The box that is addressed counts among its siblings here.
            let (sub_key, offset) = read_offs(level.source, head.offset)?;
            if offset != u64::MAX && level.table.is_some() {
                *counts.entry(sub_key).or_default() += 1;
            }
            return self.offs(level, head, place);
        }
        self.known(level, head, place, false)
    }

    fn offs(&mut self, level: &Rc<Level<'s>>, head: &Head, ordinal: u64) -> Result<()> {
        let mut cursor = Cursor::range(level.source, head.offset.saturating_mul(8), head.end().saturating_mul(8));
        let place = Place { name: descriptions::OFFSET.name, ordinal, depth: level.depth(), ..Place::default() };
        match walk_offs(&mut cursor, self.visitor.fields(), self.limits, place) {
            Ok(_) => Ok(()),
            Err(error) => self.report(level, head, ordinal, error),
        }
    }

    /// A box by its table if the level lists it, else as it is.
    fn known(&mut self, level: &Rc<Level<'s>>, head: &Head, ordinal: u64, through_offs: bool) -> Result<()> {
        let row = match level.table {
            Some(table) => listed(table).into_iter().find(|(_, table)| table.key == Some(head.key)),
            None if level.outside.is_some() => super::table_of(head.key).map(|table| (table.name, table)),
            None => TOP.into_iter().find(|table| table.key == Some(head.key)).map(|table| (table.name, table)),
        };
        let place = |name| Place { name, ordinal, through_offs, depth: level.depth() };
        match row {
            Some((name, table)) if table.kind == TableKind::Container => self.container(level, head, table, place(name)),
            Some((name, table)) => {
                let mut cursor = Cursor::range(level.source, head.offset.saturating_mul(8), head.end().saturating_mul(8));
                let scope = Inside(level.clone());
                match walk_box_at(&mut cursor, table, &scope, self.visitor.fields(), self.limits, place(name)) {
                    Ok(_) => Ok(()),
                    Err(error) => self.report(level, head, ordinal, error),
                }
            }
            None => {
                // An avix that an offs in an index addresses is a box of its own here.
                if through_offs && let Some(table) = super::table_of(head.key) {
                    let mut cursor = Cursor::range(level.source, head.offset.saturating_mul(8), head.end().saturating_mul(8));
                    let scope = Inside(level.clone());
                    return match walk_box_at(&mut cursor, table, &scope, self.visitor.fields(), self.limits, place(table.name)) {
                        Ok(_) => Ok(()),
                        Err(error) => self.report(level, head, ordinal, error),
                    };
                }
                let mut cursor = Cursor::range(level.source, head.offset.saturating_mul(8), head.end().saturating_mul(8));
                match walk_opaque_box(&mut cursor, self.visitor.fields(), self.limits, place("")) {
                    Ok(_) => Ok(()),
                    Err(error) => self.report(level, head, ordinal, error),
                }
            }
        }
    }

    fn container(&mut self, level: &Rc<Level<'s>>, head: &Head, table: &'static Table, place: Place) -> Result<()> {
        let bit = head.offset.saturating_mul(8);
        if level.depth() >= self.limits.depth {
            return Err(Error::limit(bit, format!("boxes are nested deeper than {}", self.limits.depth)));
        }
        let mut shown = BoxHead::new(head.key, Some(table), bit, head.length);
        shown.name = place.name;
        shown.ordinal = place.ordinal;
        shown.through_offs = place.through_offs;
        let step = Step { key: head.key, ordinal: place.ordinal, repeats: repeats(level.table, head.key) };
        self.visitor.enter_box(&shown);
        let length = stored_length(level.source, head.offset)?;
        self.head_fields(&shown, table, length);
        let done = self.inside(level, head, &shown, table, step);
        self.visitor.leave_box(&shown);
        done
    }

    /// Key and Length as fields.
    fn head_fields(&mut self, head: &BoxHead, table: &'static Table, length: u64) {
        let key = String::from_utf8_lossy(&head.key);
        let field = |name, bit, bits, value| FieldEvent { table: Some(table), row: None, name, index: &[], bit, bits, value, codes: None, counts: false };
        self.visitor.field(&field("Key", head.bit, 32, FieldValue::Text(&key)));
        self.visitor.field(&field("Length", head.bit.saturating_add(32), 64, FieldValue::Int(length)));
    }

    fn inside(&mut self, level: &Rc<Level<'s>>, head: &Head, shown: &BoxHead, table: &'static Table, step: Step) -> Result<()> {
        let inner = Rc::new(level.inside(table, first_child(table, head.offset), head.end(), step));
        let scope = Inside(inner.clone());
        let mut container = Container::new(table, &scope, head.offset.saturating_mul(8), head.length);
        let mut cursor = Cursor::range(level.source, head.offset.saturating_mul(8), head.end().saturating_mul(8));
        if let Err(error) = container.before(&mut cursor, self.visitor.fields(), self.limits) {
            return self.report(level, head, step.ordinal, error);
        }
        if table.kind == TableKind::Container
            && self.visitor.fields().wants_rules()
            && let Ok(rows) = container.children()
        {
            self.visitor.children(&rows);
        }
        if table.kind != TableKind::Container {
            return Ok(()); // a cut box: there is nothing behind its fields
        }
        self.boxes_of(&inner)?;
        if self.visitor.stop() || self.visitor.fields().skips(shown) {
            return Ok(());
        }
        let behind = self.behind(&inner);
        if cursor.seek(behind.saturating_mul(8)).is_ok()
            && let Err(error) = container.behind(&mut cursor, self.visitor.fields(), self.limits)
        {
            return self.report(level, head, step.ordinal, error);
        }
        Ok(())
    }

    /// Where the children of a container end.
    fn behind(&self, level: &Level) -> u64 {
        if !level.table.is_some_and(has_tail) {
            return level.end;
        }
        let mut at = level.children;
        while starts_child(level, at).unwrap_or(false) {
            match read_head(level.source, at, level.end) {
                Ok(head) => at = head.end(),
                Err(_) => return level.end,
            }
        }
        at
    }

    fn report(&mut self, level: &Level, head: &Head, ordinal: u64, error: Error) -> Result<()> {
        if self.visitor.stop() {
            return Ok(());
        }
        if error.kind() == ErrorKind::Io {
            return Err(error);
        }
        self.errors += 1;
        self.truncated |= matches!(error.kind(), ErrorKind::Truncated { .. });
        let step = Step { key: head.key, ordinal, repeats: repeats(level.table, head.key) };
        let path = level.path.iter().chain([&step]).map(ToString::to_string).collect::<Vec<_>>();
        self.visitor.error(path.iter().rev().fold(error, |error, step| error.in_field(step, &[])));
        Ok(())
    }
}
