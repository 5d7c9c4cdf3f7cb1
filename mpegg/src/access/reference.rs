//! What is needed of a reference to decode the access units of a selection (5.9, R21).

use super::{Access, RowRef};
use crate::file::AccessUnit;
use crate::tables::AccessUnitHeader;
use mpegg_runtime::Result;

/// Part of a sequence of a reference; 0-based, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferencePart {
    /// sequence_ID.
    pub sequence: u16,
    /// The first base.
    pub start: u64,
    /// The last base.
    pub end: u64,
}

/// What is needed of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceNeed {
    /// The parts, in ascending order, none of which touches another; nothing: the whole reference.
    pub parts: Option<Vec<ReferencePart>>,
}

impl ReferencePart {
    /// The part that an access unit of a reference dataset carries.
    pub(crate) fn of(header: &AccessUnitHeader) -> Option<ReferencePart> {
        Some(ReferencePart { sequence: header.ref_sequence_id?, start: header.ref_start_position?, end: header.ref_end_position? })
    }
}

/// Whether a part shares a base with one of these, which are in order.
pub(super) fn overlaps(parts: &[ReferencePart], part: &ReferencePart) -> bool {
    let behind = parts.partition_point(|other| (other.sequence, other.end) < (part.sequence, part.start));
    parts.get(behind).is_some_and(|other| other.sequence == part.sequence && other.start <= part.end)
}

/// Parts that come in any order, kept apart from each other.
#[derive(Default)]
struct Gathered {
    parts: Vec<ReferencePart>,
    /// How many of them are in order and apart.
    sorted: usize,
}

impl Gathered {
    fn add(&mut self, part: ReferencePart) {
        if let Some(last) =
            self.parts.last_mut().filter(|last| last.sequence == part.sequence && part.start >= last.start && part.start <= last.end.saturating_add(1))
        {
            last.end = last.end.max(part.end);
            return;
        }
        self.parts.push(part);
        if self.parts.len() >= self.sorted.saturating_mul(2).max(1024) {
            self.tidy();
        }
    }

    fn tidy(&mut self) {
        self.parts.sort_unstable();
        self.parts.dedup_by(|next, last| {
            let touches = next.sequence == last.sequence && next.start <= last.end.saturating_add(1);
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        self.sorted = self.parts.len();
    }
}

impl Access<'_> {
    /// What the selected access units need of the reference: all of it for the whole dataset, else the ranges that they cover, the extended
    /// ones where they have multiple alignments.
    ///
    /// # Errors
    ///
    /// As [`Access::units`].
    pub fn reference_need(&self) -> Result<ReferenceNeed> {
        if self.query.everything {
            return Ok(ReferenceNeed { parts: None });
        }
        let mut gathered = Gathered::default();
        for found in self.found() {
            let (found, unit) = found?;
            if let Some(part) = self.covered(found.row, &unit)? {
                gathered.add(part);
            }
        }
        gathered.tidy();
        Ok(ReferenceNeed { parts: Some(gathered.parts) })
    }

    /// The range of the reference that an access unit covers; nothing for one of class U.
    pub(crate) fn covered(&self, row: Option<RowRef>, unit: &AccessUnit<'_>) -> Result<Option<ReferencePart>> {
        let header = self.header_of(row, unit)?;
        let plain = header.au_start_position.zip(header.au_end_position);
        let multiple = header.multiple_alignment_flag(self.dataset.file_header(), &self.front.header, &self.front.parameter_sets)? != 0;
        let extended = header.extended_au_start_position.zip(header.extended_au_end_position).filter(|_| multiple);
        let range = extended.or(plain);
        Ok(header.sequence_id.zip(range).map(|(sequence, (start, end))| ReferencePart { sequence, start, end }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(sequence: u16, start: u64, end: u64) -> ReferencePart {
        ReferencePart { sequence, start, end }
    }

    #[test]
    fn parts_that_touch_are_one() {
        let mut gathered = Gathered::default();
        for (start, end) in [(50, 60), (10, 20), (55, 70), (21, 30), (5, 12)] {
            gathered.add(part(1, start, end));
            gathered.add(part(2, start, end));
        }
        gathered.tidy();
        assert_eq!(gathered.parts, [part(1, 5, 30), part(1, 50, 70), part(2, 5, 30), part(2, 50, 70)]);
        assert!(overlaps(&gathered.parts, &part(1, 30, 31)));
        assert!(!overlaps(&gathered.parts, &part(1, 31, 49)));
        assert!(overlaps(&gathered.parts, &part(2, 0, 5)));
        assert!(!overlaps(&gathered.parts, &part(3, 0, 1000)));
    }
}
