//! `mpegg strings verify`: string indexes checked whole.

use super::selection::SelectionArgs;
use crate::cli::output::stdout;
use crate::cli::status::{Failure, Status};
use crate::file::File;
use clap::Args;
use std::io::Write;

/// `strings verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
}

/// `mpegg strings verify`. An index that cannot be read decides how it ends, else one with findings.
pub fn verify(args: &VerifyArgs) -> Result<Status, Failure> {
    let wrong = |error| args.selection.wrong(error);
    let file = File::new(args.selection.source()?).map_err(wrong)?;
    let mut out = stdout();
    let (mut findings, mut unreadable) = (0u64, None);
    for selected in args.selection.indexes(&file)? {
        let (index, dataset) = (&selected.index, &selected.dataset);
        for part in index.sub_indexes() {
            let verified = index.verify(part).map_err(wrong)?;
            let place = format!("dataset {dataset}, {}.msix.ssix[{}]", index.path(), part.number);
            let mut say = |line: String| writeln!(out, "{line}").map_err(Failure::output);
            for problem in &verified.problems {
                say(format!("{place}: byte {} of the text: {}", problem.position, problem.message))?;
            }
            if let Some(error) = &verified.error {
                say(format!("{place}: {error}"))?;
                unreadable = unreadable.or(Some(Status::of(error)));
            }
            if verified.is_right() {
                say(format!(
                    "{place}: fine, {} bytes of text in {} {}",
                    verified.text,
                    verified.units,
                    if index.by_tile() { "tiles" } else { "access units" }
                ))?;
            }
            findings = findings.saturating_add(verified.problems.len() as u64);
        }
    }
    out.flush().map_err(Failure::output)?;
    Ok(unreadable.unwrap_or(if findings > 0 { Status::Findings } else { Status::Fine }))
}
