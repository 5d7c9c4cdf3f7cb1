//! The data units of an input: where they stand, and its parameter sets.

use super::plan::FlagsPlan;
use crate::tables::coding::EncodingParameters;
use crate::tables::{DataUnitType, DatasetType};
use crate::walk::Units;
use mpegg_runtime::source::{ReadAhead, Source};
use mpegg_runtime::{Error, Result};

/// Bytes of type and size in front of a data unit of types 1 to 4.
pub(super) const UNIT_HEAD: u64 = 5;

/// A stream of data units.
pub struct Input<'s> {
    /// Its name, for messages and plans.
    pub name: String,
    /// Its bytes.
    pub source: &'s dyn Source,
}

/// What was found in an input.
pub(super) struct Scanned {
    /// Its parameter sets, in their order.
    pub sets: Vec<ScannedSet>,
    /// Its access units.
    pub units: Vec<ScannedUnit>,
    /// How many raw references there are.
    pub raw_references: u64,
    /// How many units of types that the standard reserves.
    pub reserved: u64,
}

/// Where an access unit stands.
#[derive(Clone, Copy)]
pub(super) struct ScannedUnit {
    /// Its first byte.
    pub offset: u64,
    /// data_unit_size.
    pub size: u32,
    /// Its number among all data units of the input.
    pub number: u32,
}

impl ScannedUnit {
    /// Says which data unit is wrong.
    pub fn here(&self, error: Error) -> Error {
        error.at(self.offset.saturating_mul(8)).in_field("data_unit", &[u64::from(self.number)])
    }
}

/// A parameter set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScannedSet {
    pub id: u8,
    pub parent: u8,
    pub parameters: Vec<u8>,
    /// What it says, where it can be read.
    pub read: Option<(DatasetType, FlagsPlan)>,
}

impl Scanned {
    /// Looks through an input.
    pub fn of(input: &Input<'_>) -> Result<Scanned> {
        let source = ReadAhead::new(input.source);
        let mut scanned = Scanned { sets: vec![], units: vec![], raw_references: 0, reserved: 0 };
        for (unit, number) in Units::new(&source).zip(0u32..) {
            let here = |error: Error| error.in_field("data_unit", &[u64::from(number)]);
            let unit = unit.map_err(here)?;
            match unit.unit_type {
                DataUnitType::RawReference => scanned.raw_references = scanned.raw_references.saturating_add(1),
                DataUnitType::ParameterSet => scanned.set(&source, unit.offset, unit.length).map_err(here)?,
                DataUnitType::AccessUnit => {
                    scanned.units.push(ScannedUnit { offset: unit.offset, size: u32::try_from(unit.length).unwrap_or(u32::MAX), number });
                }
                DataUnitType::AnnotationParameterSet | DataUnitType::AnnotationAccessUnit => {
                    let message = "data units of annotation data: their tables, tiles and attributes are not in them";
                    return Err(here(Error::unsupported(unit.offset.saturating_mul(8), message)));
                }
                _ => scanned.reserved = scanned.reserved.saturating_add(1),
            }
        }
        Ok(scanned)
    }

    fn set(&mut self, source: &dyn Source, offset: u64, length: u64) -> Result<()> {
        let size = usize::try_from(length.saturating_sub(UNIT_HEAD)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; size];
        source.read_at(offset.saturating_add(UNIT_HEAD), &mut bytes)?;
        let (id, parent, parameters) = match bytes.as_slice() {
            [id, parent, parameters @ ..] => (*id, *parent, parameters.to_vec()),
            _ => return Err(Error::truncated(offset.saturating_add(length).saturating_mul(8), 16).with_message("a parameter set without its IDs")),
        };
        let set = ScannedSet { id, parent, read: read(&parameters), parameters };
        match self.sets.iter().find(|known| known.id == id) {
            None => self.sets.push(set),
            // Streams that are sent may repeat what a reader could have missed.
            Some(known) if *known == set => {}
            Some(_) => {
                let bit = offset.saturating_add(UNIT_HEAD).saturating_mul(8);
                return Err(Error::cross_reference(bit, format!("another parameter set {id} stands before")).in_field("parameter_set_ID", &[]));
            }
        }
        Ok(())
    }
}

/// What encoding parameters say about access unit headers.
fn read(parameters: &[u8]) -> Option<(DatasetType, FlagsPlan)> {
    let parameters = EncodingParameters::from_bytes(parameters).ok()?;
    let flags = FlagsPlan {
        multiple_alignment: parameters.multiple_alignments_flag,
        pos_40_bits: parameters.pos_40_bits_flag,
        alphabet_id: u8::try_from(parameters.alphabet_id.code()).unwrap_or(u8::MAX),
        u_signature: parameters.u_signature_flag,
        u_signature_length: parameters.u_signature_length,
    };
    Some((parameters.dataset_type, flags))
}
