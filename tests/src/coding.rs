//! The structures of Part 2 inside an input: read with their generated types, and written again.

use crate::typed::{Outcome, Written, boxes_of_file, boxes_of_stream, through_json};
use mpegg::Result;
use mpegg::bits::BitReader;
use mpegg::tables::coding::{AccessUnit, EncodingParameters, ParameterSet, RawReference};
use mpegg::tables::{DataUnit, DatasetParameterSet};
use mpegg::walk::Kind;

/// Reads from bytes, and writes.
macro_rules! way {
    ($bytes:expr, $type:ty $(, $argument:expr)*) => {
        <$type>::from_bytes($bytes $(, $argument)*).map(|value| Written { bytes: value.to_bytes($($argument),*), json: through_json(&value) })
    };
}

/// What an input holds of Part 2, and what becomes of it when it is read and written.
pub fn all(bytes: &[u8], kind: Kind, each: &mut dyn FnMut(Outcome)) {
    match kind {
        Kind::File => boxes_of_file(bytes, &mut |path, bytes, context| {
            if bytes.starts_with(b"pars")
                && let Ok(set) = DatasetParameterSet::from_box(bytes, &context.file, &context.dataset)
            {
                parameters(path, &set, each);
            }
        }),
        Kind::Stream => {
            for (number, (_, bytes)) in boxes_of_stream(bytes).into_iter().enumerate() {
                // Without fields of its own a set can be read without its dataset.
                if bytes.starts_with(b"pars")
                    && let Ok(set) = DatasetParameterSet::from_box(&bytes, &Default::default(), &Default::default())
                {
                    parameters(&format!("{number}:pars"), &set, each);
                }
            }
        }
        Kind::Units => units(bytes, each),
    }
}

fn parameters(path: &str, set: &DatasetParameterSet, each: &mut dyn FnMut(Outcome)) {
    if let Some(bytes) = &set.encoding_parameters {
        each(Outcome { path: format!("{path}.encoding_parameters"), bytes: bytes.clone(), result: way!(bytes, EncodingParameters) });
    }
}

fn units(bytes: &[u8], each: &mut dyn FnMut(Outcome)) {
    let mut reader = BitReader::new(bytes);
    let mut sets: Vec<ParameterSet> = vec![];
    let mut number = 0;
    while reader.remaining() > 0 {
        let Ok(unit) = DataUnit::read(&mut reader) else { return };
        let mut tell = |name: &str, bytes: Vec<u8>, result: Result<Written>| each(Outcome { path: format!("data_unit[{number}].{name}"), bytes, result });
        if let Some(bytes) = unit.raw_reference {
            let result = way!(&bytes, RawReference);
            tell("raw_reference", bytes, result);
        }
        if let Some(bytes) = unit.parameter_set {
            if let Ok(set) = ParameterSet::from_bytes(&bytes) {
                sets.retain(|known| known.parameter_set_id != set.parameter_set_id);
                sets.push(set);
            }
            let result = way!(&bytes, ParameterSet);
            tell("parameter_set", bytes, result);
        }
        if let Some(bytes) = unit.access_unit {
            let result = way!(&bytes, AccessUnit, &sets);
            tell("access_unit", bytes, result);
        }
        number += 1;
    }
}
