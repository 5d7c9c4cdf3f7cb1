//! String indexes of attribute groups (7.1).

use super::super::write::TextForm;
use super::{Field, Place};

/// A string index (Tables 62 and 73).
#[derive(Clone, Debug)]
pub struct StringIndex {
    /// Where `avix` stands.
    pub place: Place,
    /// The strings of a record: descriptors, then attributes.
    pub fields: Vec<Field>,
    /// compress with compress_algorithm_ID; the data that follows is then no string index.
    pub compressed: Option<u8>,
    /// index_type 2, else 0.
    pub by_tile: bool,
    /// string_index_id.
    pub id: u16,
    /// The header has the first field again and again, else one after the other.
    pub first_again: bool,
    /// Its parts.
    pub parts: Vec<StringPart>,
}

/// A sub-index (Table 75).
#[derive(Clone, Debug)]
pub struct StringPart {
    /// How its text is stored.
    pub form: TextForm,
    /// Its tiles or access units.
    pub units: Vec<StringUnit>,
}

/// The records of a tile or an access unit.
#[derive(Clone, Debug)]
pub struct StringUnit {
    /// tile_index_1 and tile_index_2, or au_id.
    pub id: StringUnitId,
    /// The strings of each record.
    pub records: Vec<Vec<String>>,
    /// Records with a record index begin with it; all of them or none.
    pub record_indexes: bool,
    /// Whether its offset is behind the first record index.
    pub offset_behind: bool,
}

/// Which tile or access unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringUnitId {
    /// tile_index_1, tile_index_2.
    Tile(u64, Option<u64>),
    /// au_id.
    Unit(u32),
}

impl StringPart {
    /// The text and where the units begin in it (Table 83).
    pub fn text(&self) -> (Vec<u8>, Vec<usize>) {
        let (mut text, mut starts) = (vec![], vec![]);
        for unit in &self.units {
            let behind = usize::from(unit.record_indexes && unit.offset_behind && !unit.records.is_empty());
            starts.push(text.len() + behind);
            for (number, record) in unit.records.iter().enumerate() {
                if unit.record_indexes && number < 64 {
                    text.push(0x80 | number as u8);
                }
                for string in record {
                    text.extend(string.as_bytes());
                    text.push(1);
                }
            }
        }
        text.push(0);
        (text, starts)
    }
}
