//! `mpegg strings search`: the strings that match.

use super::row::{Format, Row, Rows};
use super::selection::{Selected, SelectionArgs};
use crate::access::Region;
use crate::access::annotation::GenomicRange;
use crate::cli::output::stdout;
use crate::cli::status::{Failure, Status};
use crate::file::File;
use crate::strings::{Contents, Hits, Mode, Pattern, Text, Wanted, Way};
use clap::Args;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

/// `strings search`.
#[derive(Args, Debug)]
pub struct SearchArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// What to look for: strings that have one of these anywhere
    #[arg(value_name = "PATTERN", required_unless_present = "patterns_from")]
    pub patterns: Vec<OsString>,
    /// More patterns, one a line; empty lines are none; - is stdin
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub patterns_from: Option<PathBuf>,
    /// Strings that begin with a pattern
    #[arg(long, group = "mode")]
    pub prefix: bool,
    /// Strings that end with a pattern
    #[arg(long, group = "mode")]
    pub suffix: bool,
    /// Strings that are a pattern
    #[arg(long, group = "mode")]
    pub exact: bool,
    /// Upper and lower case of a to z are the same
    #[arg(short, long)]
    pub ignore_case: bool,
    /// Only strings of records in tiles with a position in this region, by the genomic range index: NAME or NAME:START-END (1-based, inclusive)
    #[arg(short, long, value_name = "REGION")]
    pub region: Vec<Region>,
    /// Print how many strings match each pattern: pattern, tab, number
    #[arg(short, long, conflicts_with_all = ["limit", "record", "format"])]
    pub count: bool,
    /// Only so many strings
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// The other strings of the record too: of this index, and of the other string indexes of its attribute group
    #[arg(long)]
    pub record: bool,
    /// How to print: tsv has the columns dataset, table, group, field, tile, access unit, record, string_index, string
    #[arg(long, value_enum, default_value_t = Format::Tsv)]
    pub format: Format,
}

/// `mpegg strings search`.
pub fn search(args: &SearchArgs) -> Result<Status, Failure> {
    let patterns = args.patterns()?;
    let file = File::new(args.selection.source()?).map_err(|error| args.selection.wrong(error))?;
    let indexes = args.selection.indexes(&file)?;
    let mut out = stdout();
    if args.count {
        let mut counts = vec![0; patterns.len()];
        for selected in &indexes {
            args.count(selected, &patterns, &mut counts)?;
        }
        for (pattern, count) in patterns.iter().zip(counts) {
            out.write_all(&pattern.bytes).and_then(|()| writeln!(out, "\t{count}")).map_err(Failure::output)?;
        }
        return out.flush().map_err(Failure::output).map(|()| Status::Fine);
    }
    let mut rows = Rows::new(&mut out, args.format, args.limit);
    for selected in &indexes {
        if rows.is_full() {
            break;
        }
        args.print(selected, &patterns, &mut rows)?;
    }
    out.flush().map_err(Failure::output)?;
    Ok(Status::Fine)
}

impl SearchArgs {
    fn patterns(&self) -> Result<Vec<Pattern>, Failure> {
        let mode = match (self.prefix, self.suffix, self.exact) {
            (true, ..) => Mode::Prefix,
            (_, true, _) => Mode::Suffix,
            (.., true) => Mode::Exact,
            _ => Mode::Substring,
        };
        let mut bytes: Vec<Vec<u8>> = self.patterns.iter().map(|pattern| pattern.as_encoded_bytes().to_vec()).collect();
        if let Some(path) = &self.patterns_from {
            let text = crate::cli::input::bytes(path)?;
            let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
            bytes.extend(lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec));
        }
        Ok(bytes.into_iter().map(|bytes| Pattern { bytes, mode, ignore_case: self.ignore_case }).collect())
    }

    fn regions(&self) -> mpegg_runtime::Result<Vec<GenomicRange>> {
        self.region.iter().cloned().map(GenomicRange::try_from).collect()
    }

    /// Calls a function with the text of each sub-index, one after the other, and with which of its units are wanted; until it says that it is
    /// enough.
    fn each_text(
        &self,
        selected: &Selected<'_>,
        patterns: &[Pattern],
        mut with: impl FnMut(&Text<'_>, Option<Vec<Wanted>>) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let wrong = |error| self.selection.wrong(error);
        let index = &selected.index;
        let regions = self.regions().map_err(wrong)?;
        let touched = if regions.is_empty() { None } else { Some(index.units_in(&regions).map_err(wrong)?) };
        for (number, part) in index.sub_indexes().iter().enumerate() {
            let units = touched.as_ref().map(|touched| touched.get(number).cloned().unwrap_or_default());
            if units.as_ref().is_some_and(|units| units.iter().all(|wanted| *wanted == Wanted::Nothing)) {
                continue;
            }
            let content = index.content(part).map_err(wrong)?;
            let text = Text::open(index, part, &content).map_err(wrong)?;
            let text = text.suited(Way::Auto, patterns, units.as_deref()).map_err(wrong)?;
            if !with(&text, units)? {
                break;
            }
        }
        Ok(())
    }

    fn count(&self, selected: &Selected<'_>, patterns: &[Pattern], counts: &mut [u64]) -> Result<(), Failure> {
        let wrong = |error| self.selection.wrong(error);
        let wanted = &selected.wanted;
        self.each_text(selected, patterns, |text, units| {
            for (pattern, count) in patterns.iter().zip(counts.iter_mut()) {
                let found = if units.is_none() && !wanted.contains(&false) {
                    text.count(pattern).map_err(wrong)?
                } else {
                    let mut hits = hits(text, std::slice::from_ref(pattern), units.clone()).map_err(wrong)?;
                    let mut found = 0u64;
                    while let Some(hit) = hits.next_hit().map_err(wrong)? {
                        found = found.saturating_add(u64::from(wanted.get(hit.string_index).is_some_and(|wanted| *wanted)));
                    }
                    found
                };
                *count = count.saturating_add(found);
            }
            Ok(true)
        })
    }

    fn print(&self, selected: &Selected<'_>, patterns: &[Pattern], rows: &mut Rows<'_>) -> Result<(), Failure> {
        let wrong = |error| self.selection.wrong(error);
        let (index, wanted) = (&selected.index, &selected.wanted);
        let (table, group) = (index.table().header().map_err(wrong)?.at_id, index.ag_class());
        let all = if self.record { index.table().string_indexes().map_err(wrong)? } else { vec![] };
        let contents = Contents::new(all.iter().filter(|other| other.ag_class() == group));
        let mut companions = contents.records();
        self.each_text(selected, patterns, |text, units| {
            let mut hits = hits(text, patterns, units).map_err(wrong)?;
            while let Some(hit) = hits.next_hit().map_err(wrong)? {
                let field = index.fields().get(hit.string_index).copied();
                let Some(field) = field.filter(|_| wanted.get(hit.string_index).is_some_and(|wanted| *wanted)) else { continue };
                let others = if self.record { Some(companions.others(hit.unit, hit.record, field).map_err(wrong)?) } else { None };
                rows.print(&Row { dataset: &selected.dataset, table, group, field, hit, others })?;
                if rows.is_full() {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }
}

/// The strings that match, in all units or what is wanted of them.
fn hits<'t>(text: &'t Text<'_>, patterns: &[Pattern], wanted: Option<Vec<Wanted>>) -> mpegg_runtime::Result<Hits<'t>> {
    match wanted {
        Some(wanted) => text.search_in(patterns, wanted),
        None => text.search(patterns),
    }
}
