//! `mpegg strings`: the string indexes of annotation tables.

mod selection;
mod stats;

use super::status::{Failure, Status};
use clap::Subcommand;

/// The commands of `strings`.
#[derive(Subcommand, Debug)]
pub enum StringsCommand {
    /// What is in string indexes, and how large each part of them is
    Stats(stats::StatsArgs),
}

/// `mpegg strings`.
pub fn run(command: StringsCommand) -> Result<Status, Failure> {
    match command {
        StringsCommand::Stats(args) => stats::stats(&args),
    }
}
