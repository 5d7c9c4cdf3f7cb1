//! Reading a box: Key and Length, the form, the Value, what is left behind it.

use super::Record;
use super::cursor::Bounds;
use super::frame::Frame;
use super::names::GAP;
use super::port::run_table;
use super::reader::{Reader, Spot};
use super::visitor::{BoxHead, FieldValue, FindingKind};
use crate::bits::BOX_HEAD;
use crate::error::{Error, Result};
use crate::table::Table;

/// Bits of Key and Length.
pub(super) const HEAD_BITS: u64 = BOX_HEAD * 8;

/// Key and Length of a box.
pub(crate) struct Head {
    pub key: [u8; 4],
    /// The first bit.
    pub start: u64,
    pub length: u64,
    /// The bit behind the box, or behind its part that is there.
    pub end: u64,
    /// What is wrong with the Length.
    pub wrong: Option<Error>,
}

impl<'s> Reader<'_, 's> {
    /// Reads Key and Length; stays at the first bit.
    pub(super) fn head(&mut self, expected: Option<[u8; 4]>) -> Result<Head> {
        let start = self.cursor.position();
        let read = self.key_and_length();
        self.cursor.jump(start);
        let (key, length) = read?;
        if let Some(expected) = expected
            && key != expected
        {
            let (found, expected) = (key.escape_ascii(), expected.escape_ascii());
            return Err(Error::malformed(start, format!("the box `{found}` where `{expected}` is expected")));
        }
        let at = start.saturating_add(32);
        let behind_head = start.saturating_add(HEAD_BITS);
        let Some(value) = length.checked_sub(BOX_HEAD) else {
            let wrong = Error::malformed(at, format!("Length {length} (at least 12)")).in_field("Length", &[]);
            return Ok(Head { key, start, length, end: behind_head, wrong: Some(wrong) });
        };
        let left = self.cursor.end().saturating_sub(behind_head);
        let bits = value.saturating_mul(8);
        if bits > left {
            let wrong = Error::truncated(at, bits.saturating_sub(left)).with_message(format!("a box of {length} bytes"));
            let wrong = Some(wrong.in_field("Length", &[]));
            return Ok(Head { key, start, length, end: self.cursor.end(), wrong });
        }
        Ok(Head { key, start, length, end: behind_head.saturating_add(bits), wrong: None })
    }

    fn key_and_length(&mut self) -> Result<([u8; 4], u64)> {
        let key = (self.cursor.unsigned(32).map_err(|error| error.in_field("Key", &[]))? as u32).to_be_bytes();
        let length = self.cursor.unsigned(64).map_err(|error| error.in_field("Length", &[]))?;
        Ok((key, length))
    }

    /// Reads a box by its table; afterwards the cursor is behind it, after an error too.
    pub(super) fn read_box<'f>(&mut self, head: Head, table: &'static Table, mut shown: BoxHead, make: impl Fn(u8) -> Frame<'f>) -> Result<Record> {
        let outer = self.enter(&head);
        let form = self.pick_form(table, &make);
        shown.form = form;
        let mut frame = make(form);
        self.show_head(&shown, &head);
        self.tell_form(table, &head, form);
        let read = match head.wrong {
            Some(wrong) => {
                // what is there of it is shown, then the error
                let _ = run_table(self, &mut frame, table.rows);
                Err(wrong.in_table(table.name, table.clause, table.number))
            }
            None => self.read_value(&mut frame),
        };
        if !self.is_quiet() {
            self.visitor.leave_box(&shown);
        }
        self.leave(outer, head.end);
        read.map(|()| frame.into_record())
    }

    /// The form that fits; else the first that can be read; else the first.
    pub(super) fn pick_form<'f>(&mut self, table: &'static Table, make: &impl Fn(u8) -> Frame<'f>) -> u8 {
        let many = u8::try_from(table.forms.len()).unwrap_or(u8::MAX);
        if many < 2 {
            return 0;
        }
        // Where no other form can be read it is the first in any case. That is so in most files, and the others tell soon.
        if (1..many).all(|form| self.trial(&mut make(form)).0.is_err()) {
            return 0;
        }
        let mut readable = None;
        for form in 0..many {
            let (read, fits) = self.trial(&mut make(form));
            if fits {
                return form;
            }
            if read.is_ok() && readable.is_none() {
                readable = Some(form);
            }
        }
        readable.unwrap_or(0)
    }

    /// An attempt after which deferred boxes are looked at anew.
    fn trial(&mut self, frame: &mut Frame<'_>) -> (Result<()>, bool) {
        let tried = self.attempt(frame);
        self.decodable.clear();
        tried
    }

    fn tell_form(&mut self, table: &'static Table, head: &Head, form: u8) {
        if form != 0 {
            let name = table.forms.get(usize::from(form)).unwrap_or(&"");
            let spot = Spot { table, row: None, name: "", index: &[], bit: head.start };
            self.tell(&spot, FindingKind::OtherForm, format!("the box has the form `{name}`, not the printed one"));
        }
    }

    /// Reads the Value in silence and comes back; also tells whether everything fits.
    pub(super) fn attempt(&mut self, frame: &mut Frame<'_>) -> (Result<()>, bool) {
        let (bit, allowance, misfit) = (self.cursor.position(), self.allowance, self.misfit);
        let siblings = std::mem::take(&mut self.siblings);
        self.quiet = self.quiet.saturating_add(1);
        self.misfit = false;
        let read = self.read_value(frame);
        let fits = read.is_ok() && !self.misfit;
        self.quiet = self.quiet.saturating_sub(1);
        self.misfit = misfit;
        self.allowance = allowance;
        self.siblings = siblings;
        self.cursor.jump(bit);
        (read, fits)
    }

    /// Reads the rows of a box up to its end.
    pub(super) fn read_value(&mut self, frame: &mut Frame<'_>) -> Result<()> {
        run_table(self, frame, frame.table.rows)?;
        self.read_rest(frame)
    }

    /// Padding, and bits that no row describes.
    pub(super) fn read_rest(&mut self, frame: &Frame<'_>) -> Result<()> {
        let left = self.cursor.remaining();
        if left < 8 {
            return self.padding(frame.table, None, left);
        }
        let spot = Spot { table: frame.table, row: None, name: GAP, index: &[], bit: self.cursor.position() };
        self.cursor.skip(left)?;
        let handle = self.handle(spot.bit, left);
        self.show(&spot, FieldValue::Bytes(handle));
        self.misfit(&spot, FindingKind::Gap, format!("{left} bits behind the last row of the box"));
        Ok(())
    }

    /// Goes to the Value of a box; returns what to come back to.
    pub(super) fn enter(&mut self, head: &Head) -> Outer {
        let outer = Outer { bounds: self.cursor.bounds(), base: self.base, siblings: std::mem::take(&mut self.siblings) };
        self.base = head.start;
        self.cursor.set_bounds(Bounds { start: head.start, end: head.end });
        self.cursor.jump(head.start.saturating_add(HEAD_BITS).min(head.end));
        outer
    }

    pub(super) fn leave(&mut self, outer: Outer, bit: u64) {
        self.cursor.set_bounds(outer.bounds);
        self.cursor.jump(bit);
        self.base = outer.base;
        self.siblings = outer.siblings;
    }
}

/// What was before a box was entered.
pub(super) struct Outer {
    bounds: Bounds,
    base: u64,
    siblings: Vec<([u8; 4], u64)>,
}
