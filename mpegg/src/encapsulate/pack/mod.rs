//! A file out of data units: `.mgb` streams and a plan become a file.
//!
//! ```
//! use mpegg::decapsulate::Chunks;
//! use mpegg::encapsulate::Spool;
//! use mpegg::encapsulate::pack::{Input, Places, Plan, pack};
//! use mpegg::source::FileSource;
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgb");
//! let source = FileSource::open(path)?;
//! let spool = Spool::new();
//! let inputs = [Input { name: "reads.mgb".to_owned(), source: &source }];
//! // All that a decoder reads is inferred; the parameter sets of this sample mean nothing, so that the plan tells.
//! let plan: Plan = serde_json::from_str(r#"{"other_datasets": {"dataset_type": "aligned", "flags": {"U_signature": true, "U_signature_length": 8}}}"#).unwrap();
//! let mut packed = pack(plan, &inputs, &spool, &Places::default())?;
//! let mut out = vec![];
//! packed.write(Chunks::new(&mut out))?;
//! # assert!(mpegg::file::File::new(mpegg::source::Bytes(&out))?.dataset(0)?.access_units()?.count() > 0);
//! # Ok(())
//! # }
//! ```

mod dataset;
mod group;
mod infer;
mod input;
mod labels;
pub mod plan;
mod reference;
mod sets;
mod side_car;
mod units;
mod value;

pub use input::Input;
pub use labels::label_list;
pub use plan::Plan;

use super::{Node, SourceId, Sources, Spool, node};
use crate::decapsulate::Chunks;
use crate::tables::FileHeader;
use input::Scanned;
use mpegg_runtime::{Error, Result};
use std::path::PathBuf;

/// The folders from which relative paths start.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Those of a plan.
    pub input: PathBuf,
    /// Those that are written into the file: of references.
    pub output: PathBuf,
}

/// A file that is ready to be written.
pub struct Packed<'s> {
    nodes: Vec<Node>,
    sources: Sources<'s>,
    /// The plan with all that was inferred.
    pub plan: Plan,
    /// What was left out or could not be told, in words.
    pub notes: Vec<String>,
}

impl Packed<'_> {
    /// Writes it and gives the number of bytes.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn write(&mut self, out: Chunks<'_>) -> Result<u64> {
        node::write(&mut self.nodes, &self.sources, out)
    }
}

/// Prepares a file. The headers of the data units are read and kept in memory; payloads are read when it is written.
///
/// # Errors
///
/// I/O; what is wrong with a data unit, with the name of its input; a plan that cannot be; unsupported: annotation data, or what the
/// wanted storage cannot hold.
pub fn pack<'s>(plan: Plan, inputs: &'s [Input<'s>], spool: &'s Spool, places: &Places) -> Result<Packed<'s>> {
    let mut sources = Sources::new();
    let spooled = sources.add(spool)?;
    let mut ids = vec![];
    for input in inputs {
        ids.push(sources.add(input.source)?);
    }
    let scanned = inputs.iter().map(|input| Scanned::of(input).map_err(|error| named(&input.name, error))).collect::<Result<Vec<_>>>()?;
    let mut plan = infer::complete(plan, inputs, &scanned)?;
    let minor_version = value::characters(plan.minor_version.get_or_insert_with(|| "2500".to_owned()))?;
    let compatible_brand = plan.compatible_brands.iter().map(|brand| value::characters(brand)).collect::<Result<_>>()?;
    let file = FileHeader { major_brand: (*b"MPEG-G").into(), minor_version, compatible_brand };
    let mut packer =
        Packer { inputs, scanned: &scanned, ids: &ids, sources: &sources, spool, spooled, places, file: &file, notes: vec![], taken: vec![0; inputs.len()] };
    packer.note_what_is_left_out();
    let mut nodes = vec![Node::Bytes(file.to_box()?)];
    for group in &mut plan.groups {
        nodes.push(packer.group(group)?);
    }
    packer.note_what_was_not_taken();
    let notes = packer.notes;
    Ok(Packed { nodes, sources, plan, notes })
}

struct Packer<'a, 's> {
    inputs: &'s [Input<'s>],
    scanned: &'a [Scanned],
    ids: &'a [SourceId],
    sources: &'a Sources<'s>,
    spool: &'s Spool,
    spooled: SourceId,
    places: &'a Places,
    file: &'a FileHeader,
    notes: Vec<String>,
    /// How many access units of each input have a place.
    taken: Vec<u64>,
}

impl Packer<'_, '_> {
    fn first_edition(&self) -> bool {
        self.file.minor_version == *"1900"
    }

    fn note_what_is_left_out(&mut self) {
        for (input, scanned) in self.inputs.iter().zip(self.scanned) {
            if scanned.raw_references > 0 {
                self.notes.push(format!("{}: {} raw references are left out: a file says where its reference is", input.name, scanned.raw_references));
            }
            if scanned.reserved > 0 {
                self.notes.push(format!("{}: {} data units of reserved types are left out", input.name, scanned.reserved));
            }
        }
    }

    fn note_what_was_not_taken(&mut self) {
        for ((input, scanned), taken) in self.inputs.iter().zip(self.scanned).zip(&self.taken) {
            let left = (scanned.units.len() as u64).saturating_sub(*taken);
            if left > 0 {
                self.notes.push(format!("{}: {left} access units belong to no dataset of the plan", input.name));
            }
        }
    }
}

/// The error of an input, with its name in front.
fn named(name: &str, error: Error) -> Error {
    let message = error.message();
    let kind = error.kind();
    // What is missing is told behind the message anyway.
    match kind {
        mpegg_runtime::ErrorKind::Truncated { .. } => error.with_message(name.to_owned()),
        _ => error.with_message(format!("{name}: {message}")),
    }
}
