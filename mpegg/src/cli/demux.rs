//! `mpegg demux`: packets to a file.

use super::output::{Output, stdout};
use super::status::{Failure, Status};
use crate::encapsulate::Spool;
use crate::transport::{Demux, DemuxOptions, OnLoss, Statistics};
use clap::{Args, ValueEnum};
use mpegg_runtime::{Error, ErrorKind};
use std::fs::File;
use std::io::{Read, Write, stdin};
use std::path::{Path, PathBuf};

/// `demux`.
#[derive(Args, Debug)]
pub struct DemuxArgs {
    /// A transport stream, which may still be arriving; - is stdin
    #[arg(value_name = "STREAM")]
    pub path: PathBuf,
    /// Write the file to this name; - is stdout
    #[arg(short, long, value_name = "FILE.mgg")]
    pub output: PathBuf,
    /// Where blocks are stored: in their access units, or in descriptor streams
    #[arg(long, value_enum, default_value_t = Mode::Auc)]
    pub mode: Mode,
    /// With a master index table, which is usual; an error where it cannot hold what came
    #[arg(long, conflicts_with = "no_mit")]
    pub mit: bool,
    /// Without a master index table
    #[arg(long)]
    pub no_mit: bool,
    /// What to do with boxes of which packets are lost
    #[arg(long, value_enum, default_value_t = LossArg::Fail)]
    pub on_loss: LossArg,
    /// Print what came and what was lost in each stream
    #[arg(long)]
    pub stats: bool,
}

/// The contiguity of blocks (6.4.3.2.5).
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Access unit contiguity
    Auc,
    /// Descriptor stream contiguity
    Dsc,
}

/// What to do about losses.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossArg {
    /// Leave them out, and what depends on them
    Drop,
    /// The first loss is an error
    Fail,
}

/// Bytes that are read in one go.
const CHUNK: usize = 256 << 10;

/// `mpegg demux`.
pub fn demux(args: &DemuxArgs) -> Result<Status, Failure> {
    if args.no_mit && args.mode == Mode::Dsc {
        return Err(Failure::Other("--no-mit: with descriptor streams there always is a master index table".to_owned(), Status::Usage));
    }
    let options = DemuxOptions {
        descriptor_streams: args.mode == Mode::Dsc,
        index: if args.mit { Some(true) } else { args.no_mit.then_some(false) },
        on_loss: if args.on_loss == LossArg::Drop { OnLoss::Drop } else { OnLoss::Fail },
    };
    let mut output = Output::open(Some(&args.output))?;
    let mut demux = Demux::new(&options).with_spool(spool(&args.output));
    let made = receive(args, &mut demux, &mut output);
    for note in demux.notes() {
        eprintln!("mpegg: {}: {note}", args.path.display());
    }
    if args.stats {
        statistics(&demux, args.output == Path::new("-")).map_err(Failure::output)?;
    }
    made?;
    output.finish()?;
    Ok(Status::Fine)
}

/// What is put aside stands beside the output, where there has to be room anyway.
fn spool(output: &Path) -> Spool {
    let is_file = output != Path::new("-") && std::fs::metadata(output).map_or(true, |found| found.is_file());
    let folder = output.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    folder.filter(|_| is_file).map_or_else(Spool::new, Spool::in_folder)
}

/// Takes the stream as it arrives; at its end the file is written.
fn receive(args: &DemuxArgs, demux: &mut Demux, output: &mut Output) -> Result<(), Failure> {
    let wrong = |error: Error| match error.kind() {
        // Boxes that cannot be put aside, a file that cannot be written.
        ErrorKind::Io => Failure::Other(format!("output: {}", error.message()), Status::Usage),
        _ => Failure::input(&args.path, error),
    };
    let mut input: Box<dyn Read> = match args.path.as_os_str() == "-" {
        true => Box::new(stdin().lock()),
        false => Box::new(File::open(&args.path).map_err(|error| Failure::file(&args.path, &error))?),
    };
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::file(&args.path, &error)),
        };
        demux.push(buffer.get(..count).unwrap_or_default()).map_err(wrong)?;
    }
    demux.finish(output).map(|_| ()).map_err(wrong)
}

/// A line for each stream; to stderr where the file goes to stdout.
fn statistics(demux: &Demux, aside: bool) -> std::io::Result<()> {
    let mut out: Box<dyn Write> = if aside { Box::new(std::io::stderr()) } else { Box::new(stdout()) };
    writeln!(
        out,
        "{:>5} {:<24} {:>10} {:>14} {:>8} {:>8} {:>6} {:>8} {:>7} {:>7} {:>6} {:>8} {:>8} {:>5}",
        "SID", "carries", "packets", "bytes", "boxes", "dropped", "gaps", "missing", "markers", "twice", "late", "unknown", "no_boxes", "cut"
    )?;
    for (sid, statistics) in demux.statistics() {
        let Statistics { packets, bytes, boxes, dropped, gaps, missing, missing_markers, duplicates, late, unknown, no_boxes, cut, .. } = *statistics;
        let carries = carries(demux, sid);
        writeln!(
            out,
            "{sid:>5} {carries:<24} {packets:>10} {bytes:>14} {boxes:>8} {dropped:>8} {gaps:>6} {missing:>8} {missing_markers:>7} {duplicates:>7} {late:>6} {unknown:>8} {no_boxes:>8} {cut:>5}"
        )?;
    }
    out.flush()
}

/// What a stream carries, for people.
fn carries(demux: &Demux, sid: u16) -> String {
    let one = |place: crate::transport::Place| {
        let name = place.data_type.symbol().unwrap_or("reserved");
        let dataset = place.dataset.map_or(String::new(), |dataset| format!(":{dataset}"));
        format!("{name} of {}{dataset}", place.group)
    };
    let names: Vec<String> = demux.receiver().places(sid).map(one).collect();
    match sid {
        0 => "dmtl".to_owned(),
        1 => "flhd".to_owned(),
        _ if demux.receiver().carries_tables(sid) => "dmtb".to_owned(),
        _ if names.is_empty() => "unknown".to_owned(),
        _ => names.join(", "),
    }
}
