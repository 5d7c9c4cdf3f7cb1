//! Numbers and strings of bits as JSON.

use serde_json::{Map, Value as Json};

use crate::bits::BitString;
use crate::table::{Row, What};

/// Numbers above this are strings of decimal digits.
const EXACT: u64 = 1 << 53;

pub(super) fn number_json(number: u64) -> Json {
    if number > EXACT { Json::from(number.to_string()) } else { Json::from(number) }
}

/// Hexadecimal digits; in an object of its own where a text is usual.
pub(super) fn bits_json(row: Option<&'static Row>, bits: &BitString) -> Json {
    let usual_text = match row {
        Some(Row::Field(field)) => matches!(field.what, What::Ascii(_) | What::Letters { .. }),
        _ => false,
    };
    let digits = Json::from(bits.hex());
    if usual_text { Json::Object(Map::from_iter([("hex".to_owned(), digits)])) } else { digits }
}
