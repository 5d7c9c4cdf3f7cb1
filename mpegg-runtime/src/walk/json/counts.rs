//! Counts that an array tells anyway.

use serde_json::{Map, Value as Json};

/// Leaves out those members that only say how many elements others have.
pub(super) fn without_counts(mut members: Map<String, Json>, counts: Vec<(String, String)>) -> Map<String, Json> {
    for (member, counted) in counts {
        let count = members.get(&member);
        if count.is_some_and(|count| says_no_more(count, members.get(&counted))) {
            members.shift_remove(&member);
        }
    }
    members
}

/// Whether a count, or an array of counts, is what the counted array itself tells.
fn says_no_more(count: &Json, counted: Option<&Json>) -> bool {
    match count {
        Json::Array(counts) => {
            let of = |index: usize| counted.and_then(|counted| counted.get(index));
            counts.iter().enumerate().all(|(index, count)| says_no_more(count, of(index)))
        }
        Json::Null => true,
        _ => count.as_u64() == Some(elements(counted)),
    }
}

/// How many elements an array has, or bytes a byte string.
pub(crate) fn elements(counted: Option<&Json>) -> u64 {
    match counted {
        Some(Json::Array(elements)) => elements.len() as u64,
        Some(Json::String(digits)) => (digits.len() / 2) as u64,
        _ => 0,
    }
}
