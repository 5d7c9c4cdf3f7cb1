//! `mpegg strings`: the string indexes of annotation tables.

mod decode;
mod row;
mod search;
mod selection;
mod stats;
mod verify;

use super::status::{Failure, Status};
use clap::Subcommand;

/// The commands of `strings`.
#[derive(Subcommand, Debug)]
pub enum StringsCommand {
    /// The strings that have, begin with, end with or are a pattern
    Search(Box<search::SearchArgs>),
    /// The strings of records in their order: of all, of a tile or access unit, of some records
    Decode(decode::DecodeArgs),
    /// What is in string indexes, and how large each part of them is
    Stats(stats::StatsArgs),
    /// Whether string indexes are right: structure, samples, texts, records
    Verify(verify::VerifyArgs),
}

/// `mpegg strings`.
pub fn run(command: StringsCommand) -> Result<Status, Failure> {
    match command {
        StringsCommand::Search(args) => search::search(&args),
        StringsCommand::Decode(args) => decode::decode(&args),
        StringsCommand::Stats(args) => stats::stats(&args),
        StringsCommand::Verify(args) => verify::verify(&args),
    }
}
