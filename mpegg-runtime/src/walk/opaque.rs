//! Boxes that are not decoded, `offs`, and the fields that every box has.

use super::boxes::Head;
use super::names::VALUE;
use super::reader::Reader;
use super::visitor::{BoxHead, FieldEvent, FieldValue};
use crate::error::Result;

/// The key of the box that stands in the place of another one.
pub(super) const OFFS: [u8; 4] = *b"offs";
/// Bits of an `offs`.
pub(super) const OFFS_BITS: u64 = 128;

impl Reader<'_, '_> {
    /// Reads a box as Key, Length and a Value that is not decoded.
    pub(super) fn read_opaque(&mut self, head: Head, mut shown: BoxHead) -> Result<()> {
        shown.decoded = false;
        let outer = self.enter(&head);
        self.show_head(&shown, &head);
        let bits = self.cursor.remaining();
        let bit = self.cursor.position();
        self.show_part(&shown, VALUE, bit, bits, FieldValue::Bytes(self.handle(bit, bits)));
        if !self.is_quiet() {
            self.visitor.leave_box(&shown);
        }
        self.leave(outer, head.end);
        head.wrong.map_or(Ok(()), Err)
    }

    /// Reads an `offs`: SubKey and Offset.
    pub(super) fn read_offs(&mut self, mut shown: BoxHead) -> Result<([u8; 4], u64)> {
        let start = self.cursor.position();
        shown.bit = start;
        let end = start.saturating_add(OFFS_BITS);
        self.cursor.skip(OFFS_BITS)?;
        self.cursor.jump(start);
        let key = (self.cursor.unsigned(32)? as u32).to_be_bytes();
        let sub_key = (self.cursor.unsigned(32)? as u32).to_be_bytes();
        let offset = self.cursor.unsigned(64)?;
        if !self.is_quiet() {
            self.visitor.enter_box(&shown);
            self.show_characters(&shown, "Key", start, key);
            self.show_characters(&shown, "SubKey", start.saturating_add(32), sub_key);
            self.show_part(&shown, "Offset", start.saturating_add(64), 64, FieldValue::Int(offset));
            self.visitor.leave_box(&shown);
        }
        self.cursor.jump(end);
        Ok((sub_key, offset))
    }

    /// Tells of a box, its Key and its Length.
    pub(super) fn show_head(&mut self, shown: &BoxHead, head: &Head) {
        if self.is_quiet() {
            return;
        }
        self.visitor.enter_box(shown);
        self.show_characters(shown, "Key", head.start, head.key);
        let length = FieldValue::Int(head.length);
        self.show_part(shown, "Length", head.start.saturating_add(32), 64, length);
    }

    /// Tells of four characters.
    fn show_characters(&mut self, shown: &BoxHead, name: &'static str, bit: u64, characters: [u8; 4]) {
        let value = match std::str::from_utf8(&characters) {
            Ok(text) if text.is_ascii() => FieldValue::Text(text),
            _ => FieldValue::Bytes(self.handle(bit, 32)),
        };
        self.show_part(shown, name, bit, 32, value);
    }

    /// Tells of a part of a box that no row describes.
    fn show_part(&mut self, shown: &BoxHead, name: &'static str, bit: u64, bits: u64, value: FieldValue<'_>) {
        if self.is_quiet() {
            return;
        }
        let (table, row, codes) = (shown.table, None, None);
        self.visitor.field(&FieldEvent { table, row, name, index: &[], bit, bits, value, codes, counts: false });
    }
}
