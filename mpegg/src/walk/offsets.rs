//! Boxes that stand elsewhere: which `offs` addresses which box of the top level (R4).

use super::Visitor;
use super::children::{children, first_child};
use super::heads::{Head, read_head, read_offs};
use super::level::Level;
use super::path::{Step, repeats};
use super::scope::Inside;
use super::{TOP, has_tail, listed};
use crate::tables::descriptions;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{BoxHead, Cursor, FieldEvent, FieldValue, Visitor as FieldVisitor, walk_box};
use mpegg_runtime::{Error, ErrorKind, Limits, Result};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

/// A box that an `offs` addresses.
pub struct Target<'s> {
    /// Where it belongs.
    pub level: Rc<Level<'s>>,
    /// How many siblings of its key stand before it there.
    pub ordinal: u64,
    /// Numbers that the place supplies.
    pub numbers: Vec<(&'static str, i128)>,
}

/// All of them, by the byte at which the box stands.
#[derive(Default)]
pub struct Targets<'s>(BTreeMap<u64, Target<'s>>);

impl<'s> Targets<'s> {
    /// The box that stands at this byte.
    pub fn at(&self, offset: u64) -> Option<&Target<'s>> {
        self.0.get(&offset)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks through a source on its own; what is wrong goes to `errors`.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn of(source: &'s dyn Source, limits: &Limits, errors: &mut Vec<Error>) -> Result<Targets<'s>> {
        Targets::find(&Rc::new(Level::top(source, limits)), &mut OnlyErrors(errors))
    }

    /// Where each box stands, the table of the container to which it belongs, and its path.
    pub fn homes(&self) -> impl Iterator<Item = (u64, (Option<&'static Table>, String))> + '_ {
        self.0.iter().map(|(offset, target)| {
            let mut key = [0; 4];
            let _ = target.level.source.read_at(*offset, &mut key);
            let step = Step { key, ordinal: target.ordinal, repeats: repeats(target.level.table, key) };
            let path: Vec<String> = target.level.path.iter().chain([&step]).map(ToString::to_string).collect();
            (*offset, (target.level.table, path.join(".")))
        })
    }

    /// The same level with numbers of its own.
    pub fn with_numbers(level: &Rc<Level<'s>>, numbers: Vec<(&'static str, i128)>) -> Rc<Level<'s>> {
        let mut copy = match level.parent.as_ref().zip(level.table).zip(level.path.last()) {
            Some(((parent, table), step)) => parent.inside(table, level.children, level.end, *step),
            None => return level.clone(),
        };
        copy.numbers.extend(numbers);
        Rc::new(copy)
    }

    /// Looks through the containers. What is wrong with an `offs` is told; what is wrong with other boxes is for who walks them.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn find(top: &Rc<Level<'s>>, visitor: &mut dyn Visitor) -> Result<Targets<'s>> {
        let mut search = Search { targets: BTreeMap::new(), queue: VecDeque::new(), visitor, last_group: 0, top: HashSet::new() };
        let mut groups = 0;
        let mut at = 0;
        while let Ok(head) = read_head(top.source, at, top.end) {
            search.top.insert(at);
            let table = TOP.iter().find(|table| table.key == Some(head.key));
            if let Some(table) = table.filter(|table| table.kind == TableKind::Container) {
                search.last_group = head.end();
                search.enter(top, &head, table, groups);
                groups += 1;
            }
            at = head.end();
            if at >= top.end {
                break;
            }
        }
        while let Some((level, depth)) = search.queue.pop_front() {
            if depth <= top.limits.depth {
                search.level(&level, depth)?;
            }
        }
        Ok(Targets(search.targets))
    }
}

/// Gathers errors.
struct OnlyErrors<'e>(&'e mut Vec<Error>);

impl FieldVisitor for OnlyErrors<'_> {}

impl Visitor for OnlyErrors<'_> {
    fn error(&mut self, error: Error) {
        self.0.push(error);
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}

struct Search<'v, 's> {
    targets: BTreeMap<u64, Target<'s>>,
    queue: VecDeque<(Rc<Level<'s>>, u32)>,
    visitor: &'v mut dyn Visitor,
    last_group: u64,
    /// Where the boxes of the top level begin.
    top: HashSet<u64>,
}

impl<'s> Search<'_, 's> {
    fn enter(&mut self, level: &Rc<Level<'s>>, head: &Head, table: &'static Table, ordinal: u64) {
        let step = Step { key: head.key, ordinal, repeats: repeats(level.table, head.key) };
        let inner = level.inside(table, first_child(table, head.offset), head.end(), step);
        self.queue.push_back((Rc::new(inner), level.depth() + 1));
    }

    fn level(&mut self, level: &Rc<Level<'s>>, _depth: u32) -> Result<()> {
        let mut counts: HashMap<[u8; 4], u64> = HashMap::new();
        for child in children(level.source, level.table, level.children, level.end) {
            let head = child?.head;
            if head.key == *b"offs" {
                let (sub_key, offset) = read_offs(level.source, head.offset)?;
                if offset != u64::MAX {
                    let ordinal = counts.entry(sub_key).or_default();
                    *ordinal += 1;
                    let ordinal = *ordinal - 1;
                    self.address(level, head.offset, sub_key, offset, ordinal, vec![])?;
                }
                continue;
            }
            let ordinal = counts.entry(head.key).or_default();
            *ordinal += 1;
            let ordinal = *ordinal - 1;
            let row = level.table.and_then(|table| listed(table).into_iter().find(|(_, table)| table.key == Some(head.key)));
            if let Some((_, table)) = row {
                if table.kind == TableKind::Container && !has_tail(table) {
                    // Where blocks follow, no box can stand elsewhere.
                    self.enter(level, &head, table, ordinal);
                } else if table.key == descriptions::ANNOTATION_TABLE_INDEX.key {
                    self.index(level, &head)?;
                }
            }
        }
        Ok(())
    }

    /// The index of an annotation table can have an `offs` in the place of a box inside it, at any bit.
    fn index(&mut self, level: &Rc<Level<'s>>, head: &Head) -> Result<()> {
        let mut found = InIndex::default();
        let mut cursor = Cursor::range(level.source, head.offset.saturating_mul(8), head.end().saturating_mul(8));
        let scope = Inside(level.clone());
        // What is wrong with the index itself is told when it is walked.
        let _ = walk_box(&mut cursor, &descriptions::ANNOTATION_TABLE_INDEX, &scope, &mut found, &level.limits);
        for (at, sub_key, offset, group, ordinal) in found.found {
            if offset != u64::MAX {
                let step = Step { key: head.key, ordinal: 0, repeats: false };
                let inner = Rc::new(level.inside(&descriptions::ANNOTATION_TABLE_INDEX, head.offset, head.end(), step));
                self.address(&inner, at, sub_key, offset, ordinal, vec![("AG_class", group)])?;
            }
        }
        Ok(())
    }

    fn address(&mut self, level: &Rc<Level<'s>>, at: u64, sub_key: [u8; 4], offset: u64, ordinal: u64, numbers: Vec<(&'static str, i128)>) -> Result<()> {
        let bit = at.saturating_add(8).saturating_mul(8);
        let key = sub_key.escape_ascii();
        let trouble = |message: String| {
            let error = Error::malformed(bit, message).in_field("Offset", &[]);
            let path: Vec<String> = level.path.iter().map(ToString::to_string).chain(["offs".to_owned()]).collect();
            path.iter().rev().fold(error, |error, step| error.in_field(step, &[])).in_table("offset", "6.5.4", None)
        };
        if offset < self.last_group {
            self.visitor.error(trouble(format!("Offset {offset} of a `{key}` does not lie behind the last dataset group, which ends at {}", self.last_group)));
            return Ok(());
        }
        if self.targets.contains_key(&offset) {
            self.visitor.error(trouble(format!("two `offs` address the box at {offset}")));
            return Ok(());
        }
        let head = match read_head(level.source, offset, level.source.len()) {
            Ok(head) => head,
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => {
                self.visitor.error(trouble(format!("Offset {offset} of a `{key}`: {}", error.message())));
                return Ok(());
            }
        };
        if head.key != sub_key {
            self.visitor.error(trouble(format!("at {offset} stands `{}`, not the `{key}` that is addressed", head.key.escape_ascii())));
            return Ok(());
        }
        if !self.top.contains(&offset) {
            self.visitor.error(trouble(format!("the `{key}` at {offset} lies inside another box")));
            return Ok(());
        }
        let row = level.table.and_then(|table| listed(table).into_iter().find(|(_, table)| table.key == Some(sub_key)));
        match row {
            Some((_, table)) if table.kind == TableKind::Container => self.enter(level, &head, table, ordinal),
            Some((_, table)) if table.key == descriptions::ANNOTATION_TABLE_INDEX.key => self.index(level, &head)?,
            _ => {}
        }
        self.targets.insert(offset, Target { level: level.clone(), ordinal, numbers });
        Ok(())
    }
}

/// The `offs` inside an index, with the class of the attribute group around each.
#[derive(Default)]
struct InIndex {
    group: i128,
    boxes: u64,
    inside: Option<(u64, [u8; 4])>,
    found: Vec<(u64, [u8; 4], u64, i128, u64)>,
}

impl FieldVisitor for InIndex {
    fn enter_box(&mut self, head: &BoxHead) {
        if head.key == *b"offs" {
            self.inside = Some((head.bit / 8, *b"    "));
        }
        if head.key == *b"offs" || Some(head.key) == descriptions::ATTRIBUTE_VALUE_INDEX.key {
            self.boxes += 1;
        }
    }

    fn leave_box(&mut self, _: &BoxHead) {
        self.inside = None;
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        match (event.name, &event.value, &mut self.inside) {
            ("AG_class", FieldValue::Int(class), None) => self.group = i128::from(*class),
            ("SubKey", FieldValue::Text(text), Some((_, key))) => {
                if let Ok(bytes) = <[u8; 4]>::try_from(text.as_bytes()) {
                    *key = bytes;
                }
            }
            ("Offset", FieldValue::Int(offset), Some((at, key))) => {
                self.found.push((*at, *key, *offset, self.group, self.boxes.saturating_sub(1)));
            }
            _ => {}
        }
    }
}
