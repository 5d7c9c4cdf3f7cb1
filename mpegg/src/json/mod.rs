//! A whole input as JSON that can be edited, and back, byte for byte.
//!
//! A file is `{"kind": "file", "boxes": [..]}`; a box is `{"box": KEY, "fields": {..}, "boxes": [..]}` with fields under their printed
//! names. Counts follow from the lists and are left out, and so is a Length unless it is not the natural one. A box that an `offs`
//! addresses stands where it stands in the file and says in `"of"` to which container it belongs; offsets are ordinary fields. A
//! stream is its packets with their payloads, data units are their fields.

mod read;
mod write;

pub use read::from_json;
pub use write::to_json;
