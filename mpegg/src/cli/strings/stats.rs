//! `mpegg strings stats`: what is in string indexes.

use super::selection::SelectionArgs;
use crate::cli::output::stdout;
use crate::cli::status::{Failure, Status};
use crate::file::File;
use clap::Args;
use std::io::Write;

/// `strings stats`.
#[derive(Args, Debug)]
pub struct StatsArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
}

/// `mpegg strings stats`.
pub fn stats(args: &StatsArgs) -> Result<Status, Failure> {
    let selection = &args.selection;
    let file = File::new(selection.source()?).map_err(|error| selection.wrong(error))?;
    let mut out = stdout();
    for selected in selection.indexes(&file)? {
        let index = &selected.index;
        let fields: Vec<String> = index.fields().iter().map(ToString::to_string).collect();
        let by = if index.by_tile() { "tiles" } else { "access units" };
        let units: usize = index.sub_indexes().iter().map(|part| part.units.len()).sum();
        let header = index.table().header().map_err(|error| selection.wrong(error))?;
        let place = format!("dataset {}, table {}, group {}", selected.dataset, header.at_id, index.ag_class());
        let what = format!("{} bytes, {units} {by} in {} sub-indexes", index.length(), index.sub_indexes().len());
        writeln!(out, "{place}: string index {} of {}: {what}", index.id(), fields.join(", ")).map_err(Failure::output)?;
    }
    out.flush().map_err(Failure::output)?;
    Ok(Status::Fine)
}
