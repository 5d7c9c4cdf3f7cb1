//! Whether a text is one of strings as the standard wants it (7.2.1).

use super::index::{Unit, UnitStart};
use super::{STRING_END, TEXT_END, is_record_index, record_index};

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The byte 0 stands at its end and nowhere else.
    Terminator,
    /// The strings of a tile or access unit begin behind the terminator of another string, with the record index or behind it (R31).
    Start,
    /// Every record has its strings.
    Strings,
    /// A string is UTF-8.
    Utf8,
    /// A record index is the number of the record.
    RecordIndex,
    /// A tile or access unit has as many records as the table says.
    Records,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub wrong: Wrong,
    /// The number of the tile or access unit in its sub-index.
    pub unit: usize,
    /// Where in the text.
    pub position: usize,
    /// A sentence.
    pub message: String,
}

/// A text and what it should be.
pub(crate) struct Layout<'l> {
    /// The whole text, with its terminator.
    pub text: &'l [u8],
    /// Its units. Their starts ascend.
    pub units: &'l [UnitStart],
    /// How many strings a record has, at least one.
    pub strings_of_record: usize,
    /// How many records a unit has, where that is known.
    pub records_of: &'l dyn Fn(Unit) -> Option<u64>,
}

/// Bytes of a record index at most (7.2.1.2).
const LONGEST_RECORD_INDEX: usize = 6;
/// So many problems of a text are told.
const TOLD: usize = 1000;

impl Layout<'_> {
    /// What is wrong, in the order of the text; no more than a thousand things.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Found { problems: vec![], unit: 0 };
        let is_terminated = self.text.last() == Some(&TEXT_END);
        let end = self.text.len().saturating_sub(usize::from(is_terminated));
        if !is_terminated {
            found.add(Wrong::Terminator, end, "the text does not end with the byte 0".to_owned());
        }
        for at in memchr::memchr_iter(TEXT_END, self.text.get(..end).unwrap_or_default()).take(TOLD) {
            found.add(Wrong::Terminator, at, format!("the byte 0 stands at {at}, in front of the end"));
        }
        for (number, unit) in self.units.iter().enumerate() {
            found.unit = number;
            let start = self.start_of(unit.start as usize, end);
            let next = self.units.get(number.saturating_add(1)).map_or(end, |next| self.start_of(next.start as usize, end));
            self.unit(unit.unit, start..next, &mut found);
            if found.problems.len() >= TOLD {
                break;
            }
        }
        found.problems
    }

    /// Where a unit begins, with the record index of its first record.
    fn start_of(&self, start: usize, end: usize) -> usize {
        let before = self.text.get(..start.min(end)).unwrap_or_default();
        before.len().saturating_sub(before.iter().rev().take(LONGEST_RECORD_INDEX).take_while(|byte| is_record_index(**byte)).count())
    }

    fn unit(&self, unit: Unit, range: std::ops::Range<usize>, found: &mut Found) {
        let start = range.start;
        if start > 0 && self.text.get(start.saturating_sub(1)) != Some(&STRING_END) {
            found.add(Wrong::Start, start, format!("{unit} begins at {start}, which is not behind the terminator of a string"));
        }
        let text = self.text.get(range.clone()).unwrap_or_default();
        let (mut at, mut strings) = (start, 0usize);
        for string in text.split_inclusive(|byte| *byte == STRING_END) {
            let Some((_, string)) = string.split_last().filter(|(end, _)| **end == STRING_END) else {
                found.add(Wrong::Strings, at, format!("the last string of {unit} has no terminator"));
                break;
            };
            let index = string.iter().take_while(|byte| is_record_index(**byte)).count();
            let (index, bytes) = string.split_at_checked(index).unwrap_or((&[], string));
            let record = strings.checked_div(self.strings_of_record).unwrap_or(0) as u64;
            let is_first = strings.checked_rem(self.strings_of_record) == Some(0);
            if !index.is_empty() && (!is_first || index.len() > LONGEST_RECORD_INDEX || record_index(index) != record) {
                let message = format!("record {record} of {unit} has the record index {}", record_index(index));
                found.add(Wrong::RecordIndex, at, if is_first { message } else { format!("a record index inside record {record} of {unit}") });
            }
            if std::str::from_utf8(bytes).is_err() {
                found.add(Wrong::Utf8, at, format!("a string of record {record} of {unit} is not UTF-8"));
            }
            at = at.saturating_add(string.len()).saturating_add(1);
            strings = strings.saturating_add(1);
        }
        if strings.checked_rem(self.strings_of_record) != Some(0) {
            let message = format!("{unit} has {strings} strings, a record has {}", self.strings_of_record);
            return found.add(Wrong::Strings, range.end, message);
        }
        let records = strings.checked_div(self.strings_of_record).unwrap_or(0) as u64;
        if let Some(wanted) = (self.records_of)(unit).filter(|wanted| *wanted != records) {
            found.add(Wrong::Records, start, format!("{unit} has {records} records in the index, {wanted} in the table"));
        }
    }
}

struct Found {
    problems: Vec<Problem>,
    unit: usize,
}

impl Found {
    fn add(&mut self, wrong: Wrong, position: usize, message: String) {
        if self.problems.len() < TOLD {
            self.problems.push(Problem { wrong, unit: self.unit, position, message });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &[u8], starts: &[u32], strings_of_record: usize, records: u64) -> Vec<Wrong> {
        let units: Vec<UnitStart> = (0..).zip(starts).map(|(id, start)| UnitStart { unit: Unit::AccessUnit(id), start: *start }).collect();
        let layout = Layout { text, units: &units, strings_of_record, records_of: &|_| Some(records) };
        layout.problems().iter().map(|problem| problem.wrong).collect()
    }

    #[test]
    fn right_texts() {
        assert_eq!(problems(b"a\x01b\x01c\x01\x01\0", &[0, 4], 1, 2), []);
        assert_eq!(problems(b"a\x01b\x01c\x01\x01\0", &[0, 4], 2, 1), []);
        // Record indexes in front of the offset of a unit and behind it.
        assert_eq!(problems(b"\x80a\x01\x81b\x01\x80c\x01\x81d\x01\0", &[0, 6], 1, 2), []);
        assert_eq!(problems(b"\x80a\x01\x81b\x01\x80c\x01\x81d\x01\0", &[0, 7], 1, 2), []);
        assert_eq!(problems(b"\0", &[0], 1, 0), []);
        assert_eq!(problems(b"a\x01\0", &[0, 2], 1, 1), [Wrong::Records]);
    }

    #[test]
    fn wrong_texts() {
        assert_eq!(problems(b"a\x01", &[0], 1, 1), [Wrong::Terminator]);
        assert_eq!(problems(b"a\0b\x01\0", &[0], 1, 1), [Wrong::Terminator]);
        assert_eq!(problems(b"ab\x01\0", &[0, 1], 1, 1), [Wrong::Strings, Wrong::Records, Wrong::Start]);
        assert_eq!(problems(b"a\x01b\x01c\x01\0", &[0], 2, 2), [Wrong::Strings]);
        assert_eq!(problems(b"a\x01b\xFF\x01\0", &[0], 1, 2), [Wrong::Utf8]);
        assert_eq!(problems(b"\x81a\x01\0", &[0], 1, 1), [Wrong::RecordIndex]);
    }
}
