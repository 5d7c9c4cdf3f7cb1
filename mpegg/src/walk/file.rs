//! Walking a file: boxes in the order of the bytes, each read with what the containers around it supply.

use super::children::first_child;
use super::heads::{HEAD, Head, read_cut, read_head, read_offs, stored_length};
use super::level::Level;
use super::offsets::Targets;
use super::path::{Step, repeats};
use super::scope::Inside;
use super::{TOP, Visitor, has_tail, listed};
use crate::tables::descriptions;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{BitsHandle, BoxHead, Container, Cursor, FieldEvent, FieldValue, Place, walk_box_at, walk_offs, walk_opaque_box};
use mpegg_runtime::{Error, ErrorKind, Limits, Result};
use std::collections::HashMap;
use std::rc::Rc;

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
