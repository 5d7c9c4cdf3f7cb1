//! Decapsulation: data units (6.3) out of a file.

mod annotation;
mod unit;

pub use annotation::{AnnotationUnits, annotation_units};
pub use unit::{DataUnit, DataUnitType, Part};
