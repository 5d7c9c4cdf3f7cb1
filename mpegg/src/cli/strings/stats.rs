//! `mpegg strings stats`: what is in string indexes, and how large each part of them is.

use super::row::name;
use super::selection::{Selected, SelectionArgs};
use crate::cli::output::stdout;
use crate::cli::status::{Failure, Status};
use crate::file::File;
use crate::strings::Stats;
use clap::Args;
use serde_json::json;
use std::io::{self, Write};

/// `strings stats`.
#[derive(Args, Debug)]
pub struct StatsArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// As JSON: an object a sub-index
    #[arg(long)]
    pub json: bool,
}

/// `mpegg strings stats`.
pub fn stats(args: &StatsArgs) -> Result<Status, Failure> {
    let wrong = |error| args.selection.wrong(error);
    let file = File::new(args.selection.source()?).map_err(wrong)?;
    let mut out = stdout();
    for selected in args.selection.indexes(&file)? {
        let index = &selected.index;
        let table = index.table().header().map_err(wrong)?.at_id;
        if !args.json {
            heading(&selected, table, &mut out).map_err(Failure::output)?;
        }
        for part in index.sub_indexes() {
            let stats = index.stats(part).map_err(wrong)?;
            let printed = if args.json {
                let fields: Vec<String> = index.fields().iter().map(|field| name(*field)).collect();
                let object = json!({"dataset": selected.dataset, "table": table, "group": index.ag_class(), "fields": fields, "string_index_id": index.id(), "sub_index": part.number, "stats": stats});
                writeln!(out, "{object}")
            } else {
                print(part.number, &stats, index.by_tile(), &mut out)
            };
            printed.map_err(Failure::output)?;
        }
    }
    out.flush().map_err(Failure::output)?;
    Ok(Status::Fine)
}

fn heading(selected: &Selected<'_>, table: u8, out: &mut dyn Write) -> io::Result<()> {
    let index = &selected.index;
    let fields: Vec<String> = index.fields().iter().map(|field| name(*field)).collect();
    let (dataset, group, id, parts) = (&selected.dataset, index.ag_class(), index.id(), index.sub_indexes().len());
    let place = format!("dataset {dataset}, table {table}, group {group}");
    writeln!(out, "{place}: string index {id} of {}, {} bytes, sub-indexes: {parts}", fields.join(", "), index.length())
}

fn print(number: u64, stats: &Stats, by_tile: bool, out: &mut dyn Write) -> io::Result<()> {
    let units = if by_tile { "tiles" } else { "access units" };
    let order = if stats.little_endian { ", little-endian" } else { "" };
    writeln!(out, "  sub-index {number}: {} bytes of text, {} strings in {} {units}", stats.text, stats.strings, stats.units)?;
    writeln!(out, "    index         {:>12}  {:.3} bytes a byte of text{order}", stats.index, stats.bytes_per_symbol)?;
    let parts = [
        ("header", stats.header),
        ("positions", stats.positions),
        ("rows", stats.rows),
        ("superblocks", stats.superblocks),
        ("classes", stats.classes),
        ("blocks", stats.blocks),
    ];
    for (name, bytes) in parts {
        writeln!(out, "      {name:<11} {bytes:>12}  {:.1} %", 100.0 * bytes as f64 / stats.index.max(1) as f64)?;
    }
    writeln!(out, "    symbols       {:>12}  entropy {:.2} bits", stats.symbols, stats.entropy)?;
    writeln!(out, "    sampling      {:>12}  positions 1 in {}, rows 1 in {}", "", stats.sampling_rate_sa, stats.sampling_rate_lf)?;
    let (ranks, position, text) = (stats.ranks_per_step, stats.steps_to_position, stats.steps_to_text);
    writeln!(out, "    a look-up     {:>12}  {ranks:.1} ranks a step; 2 steps a byte of the pattern, then {position:.0} steps to the position of a match", "")?;
    writeln!(out, "    decoding      {:>12}  {text:.0} steps, then 1 a byte; a tile or access unit has {:.0} bytes", "", stats.text_of_unit)
}
