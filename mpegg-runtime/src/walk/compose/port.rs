//! The port that writes.

use serde_json::Value as Json;

use super::place::{Place, Places};
use super::{Names, wrong};
use crate::bits::BitWriter;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::table::{Field, Row, Table};
use crate::walk::Value;
use crate::walk::eval::is_unknown;
use crate::walk::frame::Frame;
use crate::walk::json::may_be_missing;
use crate::walk::names::{array_name, array_row};
use crate::walk::port::{Loop, Port};

/// Writes rows from JSON.
pub(crate) struct Composer<'c, 'j> {
    pub writer: &'c mut BitWriter,
    pub limits: &'c Limits,
    pub places: Places<'j>,
    pub names: Names,
    /// Where alignment counts from: the first bit of the box.
    pub base: u64,
    /// The bit behind the box, once it is known.
    pub end: Option<u64>,
    /// Whether something could not be evaluated without the Length.
    pub length_missed: bool,
    pub depth: u32,
    pub room: u64,
}

impl<'c, 'j> Composer<'c, 'j> {
    pub(super) fn new(writer: &'c mut BitWriter, limits: &'c Limits) -> Composer<'c, 'j> {
        let base = writer.position();
        Composer {
            writer,
            limits,
            places: Places::default(),
            names: Names::default(),
            base,
            end: None,
            length_missed: false,
            depth: 0,
            room: limits.allocation / size_of::<Value>() as u64,
        }
    }

    /// The JSON that stands for a row with these subscripts.
    pub(super) fn json(&mut self, table: &'static Table, row: &'static Row, index: &[u64]) -> Option<&'j Json> {
        let member = self.names.element(table, row, index)?;
        self.places.element(&member)
    }

    /// Whether an expression failed because of the Length, or of what was left out because of it.
    pub(super) fn excuses(&mut self, error: &Error) -> bool {
        self.length_missed |= is_unknown(error);
        is_unknown(error) || (self.length_missed && self.end.is_none())
    }

    /// Whether the JSON has one of these rows.
    fn has_one_of(&mut self, table: &'static Table, rows: &'static [Row]) -> bool {
        rows.iter().any(|row| match row {
            Row::Field(_) | Row::For { .. } => {
                let member = self.names.loop_member(table, row);
                member.is_some_and(|member| self.places.has(&member))
            }
            Row::If { then, otherwise, .. } => self.has_one_of(table, then) || self.has_one_of(table, otherwise),
            Row::Form { row, .. } => self.has_one_of(table, std::slice::from_ref(*row)),
            _ => false,
        })
    }
}

impl Port for Composer<'_, '_> {
    fn position(&self) -> u64 {
        self.writer.position()
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.end?.saturating_sub(self.writer.position()))
    }

    fn room(&mut self) -> &mut u64 {
        &mut self.room
    }

    fn unknown(&mut self, error: Error) -> Result<()> {
        if self.excuses(&error) { Ok(()) } else { Err(error) }
    }

    fn guess(&mut self, frame: &Frame<'_>, then: &'static [Row], error: Error) -> Result<bool> {
        self.unknown(error)?;
        Ok(self.has_one_of(frame.table, then))
    }

    fn leaf(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value> {
        let json = self.json(frame.table, row, index);
        self.write_leaf(frame, row, field, json)
    }

    fn embedded(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value> {
        let json = self.json(frame.table, row, index);
        self.write_embedded(frame, field, json).map_err(|error| error.in_field(field.name, index))
    }

    fn align(&mut self, frame: &Frame<'_>, row: &'static Row) -> Result<()> {
        let member = self.names.member(frame.table, row).unwrap_or_default();
        let bits = match self.places.beside(&member) {
            Some(value) => self.small(value).map_err(|error| error.in_field(&member, &[]))?,
            None => 0,
        };
        self.writer.pad(self.base, bits)
    }

    fn rounds(&mut self, frame: &Frame<'_>, looped: &Loop, count: Result<Option<u64>>) -> Result<Option<u64>> {
        let name = array_name(looped.row).unwrap_or("loop");
        let in_field = |error: Error| error.in_field(name, &[]);
        let member = self.names.loop_member(frame.table, looped.row);
        let columns = member.is_none();
        let value = member.and_then(|member| self.places.value(&member));
        let found = match value {
            Some(Json::Array(elements)) => Some(elements.len() as u64),
            Some(_) => return Err(in_field(wrong(self.position(), "an array is expected"))),
            None => None,
        };
        let count = match count {
            Ok(Some(count)) => Some(count),
            Ok(None) => None,
            Err(error) if self.excuses(&error) => None,
            Err(error) => return Err(in_field(error)),
        };
        self.length_missed |= count.is_none() && self.end.is_none();
        match (count, found) {
            (Some(count), Some(found)) if count != found => Err(in_field(wrong(self.position(), format!("{found} elements where there should be {count}")))),
            (_, Some(found)) => Ok(Some(found)),
            (Some(count), None) if count == 0 || columns || may_be_missing(looped.row) => {
                if count > self.limits.allocation {
                    return Err(in_field(Error::limit(self.position(), format!("{count} elements"))));
                }
                Ok(Some(count))
            }
            (Some(count), None) => Err(in_field(wrong(self.position(), format!("the array of {count} is missing")))),
            (None, None) => Ok(Some(0)),
        }
    }

    fn enter_loop(&mut self, frame: &Frame<'_>, looped: &Loop) -> Result<()> {
        let member = self.names.loop_member(frame.table, looped.row);
        let value = member.and_then(|member| self.places.value(&member));
        let elements: &[Json] = value.and_then(Json::as_array).map_or(&[], Vec::as_slice);
        let of_objects = looped.name.is_some() && array_row(looped.row).is_some();
        self.places.push(Place::Array { elements, of_objects });
        Ok(())
    }

    fn enter_element(&mut self, round: u64, _: i128) -> Result<()> {
        let Some(Place::Array { elements, of_objects }) = self.places.0.last() else {
            return Ok(());
        };
        let value = usize::try_from(round).ok().and_then(|round| elements.get(round));
        let place = match value {
            Some(value) if *of_objects => Place::object(value).map_err(|error| error.at(self.writer.position()))?,
            value => Place::Round { number: round, value },
        };
        self.places.push(place);
        Ok(())
    }

    fn leave_element(&mut self, _: bool) -> Result<()> {
        let position = self.writer.position();
        match self.places.pop() {
            Some(place) => all_used(place, position),
            None => Ok(()),
        }
    }

    fn leave_loop(&mut self) {
        self.places.pop();
    }
}

/// Refuses members that no row has asked for.
pub(super) fn all_used(place: Place<'_>, position: u64) -> Result<()> {
    let Place::Object { members, used } = place else {
        return Ok(());
    };
    match members.keys().find(|member| !used.contains(*member) && !super::is_extra(member)) {
        Some(member) => Err(wrong(position, format!("no row needs the member `{member}` here"))),
        None => Ok(()),
    }
}
