//! `mpegg strings build`: an annotation table with string indexes from other formats.

use crate::cli::make;
use crate::cli::status::{Failure, Status};
use crate::strings::build::{Format, Options, Step, build as make_table};
use clap::{Args, ValueEnum};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use mpegg_runtime::{ErrorKind, fm_index};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// `strings build`.
#[derive(Args, Debug)]
pub struct BuildArgs {
    /// VCF, BCF, GTF, GFF3, BED, TSV or CSV with the names of the columns in the first line, or lines; plain, gzip or bgzip; - is stdin
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,
    /// The file to be made; - is stdout
    #[arg(short, long, value_name = "FILE.mgg")]
    pub output: PathBuf,
    /// The format; usually the first bytes or the name tell
    #[arg(long, value_name = "FORMAT")]
    pub input_format: Option<InputFormat>,
    /// Only these columns, such as ID,CHROM,INFO/GENE (VCF: CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO/KEY; GTF, GFF3: seqid, source, type, start, end, score,
    /// strand, phase and the names of attributes)
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    pub columns: Option<Vec<String>>,
    /// The rows of a tile: what a region or a range of records is decoded by
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    pub rows_per_tile: u32,
    /// One of so many positions of the suffix array is stored: less is faster and larger
    #[arg(long, value_name = "N", default_value_t = fm_index::Options::default().sampling_rate_sa, value_parser = clap::value_parser!(u32).range(1..))]
    pub sampling_rate_sa: u32,
    /// One of so many steps through the text is stored: less is faster and larger
    #[arg(long, value_name = "N", default_value_t = fm_index::Options::default().sampling_rate_lf, value_parser = clap::value_parser!(u32).range(1..))]
    pub sampling_rate_lf: u32,
    /// The most bytes of text of a sub-index, but for a longer tile; 6 times as many are needed to build it. Usual is 64 MiB; K, M, G multiply
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_index_size: Option<u64>,
    /// Fail where the input is not sorted by position, instead of making no genomic range index
    #[arg(long)]
    pub sorted: bool,
    /// The name of the table; usual is that of the input
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Neither progress nor a summary
    #[arg(short, long)]
    pub quiet: bool,
}

/// The formats.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum InputFormat {
    /// Variant Call Format
    Vcf,
    /// Its binary form
    Bcf,
    /// Gene Transfer Format
    Gtf,
    /// General Feature Format 3
    #[value(alias = "gff3")]
    Gff,
    /// Browser Extensible Data
    Bed,
    /// Columns between tabs
    Tsv,
    /// Columns between commas
    Csv,
    /// A string a line
    Lines,
}

impl From<InputFormat> for Format {
    fn from(format: InputFormat) -> Format {
        match format {
            InputFormat::Vcf | InputFormat::Bcf => Format::Vcf,
            InputFormat::Gtf => Format::Gtf,
            InputFormat::Gff => Format::Gff,
            InputFormat::Bed => Format::Bed,
            InputFormat::Tsv => Format::Tsv,
            InputFormat::Csv => Format::Csv,
            InputFormat::Lines => Format::Lines,
        }
    }
}

/// A number of bytes: `64M`.
fn size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.as_bytes().last().map(u8::to_ascii_uppercase) {
        Some(b'K') => (text.get(..text.len().saturating_sub(1)), 10),
        Some(b'M') => (text.get(..text.len().saturating_sub(1)), 20),
        Some(b'G') => (text.get(..text.len().saturating_sub(1)), 30),
        _ => (Some(text), 0),
    };
    let number = digits.and_then(|digits| digits.parse::<u64>().ok()).and_then(|number| number.checked_mul(1 << shift));
    number.filter(|number| *number > 0).ok_or_else(|| "a number of bytes, such as 500000, 64M or 1G".to_owned())
}

/// `mpegg strings build`.
pub fn build(args: &BuildArgs) -> Result<Status, Failure> {
    let stdin = args.input == Path::new("-");
    let bar = bar(args, stdin)?;
    let input: Box<dyn Read + Send> = if stdin {
        Box::new(bar.wrap_read(io::stdin()))
    } else {
        Box::new(bar.wrap_read(File::open(&args.input).map_err(|error| Failure::file(&args.input, &error))?))
    };
    let input_name = if stdin { String::new() } else { args.input.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default() };
    let folder = args.output.parent().filter(|folder| !folder.as_os_str().is_empty() && folder.is_dir()).unwrap_or(Path::new("."));
    let options = Options {
        format: args.input_format.map(Format::from),
        name: args.name.clone().unwrap_or_else(|| input_name.clone()),
        input_name,
        columns: args.columns.clone(),
        rows_per_tile: args.rows_per_tile,
        index: fm_index::Options { sampling_rate_sa: args.sampling_rate_sa, sampling_rate_lf: args.sampling_rate_lf },
        max_index_size: args.max_index_size,
        sorted: args.sorted,
        folder: if args.output == Path::new("-") || folder.starts_with("/dev") { std::env::temp_dir() } else { folder.to_owned() },
    };
    let mut asked = None;
    let mut report = None;
    let made = make::write(&args.output, &args.input, |out| {
        let built = make_table(input, &options, out, &mut |step| show(&bar, step))
            .inspect_err(|error| asked = (error.kind() == ErrorKind::CrossReference).then(|| error.message().clone()))?;
        let written = built.written;
        report = Some(built);
        Ok(written)
    });
    bar.finish_and_clear();
    if let Some(message) = asked {
        return Err(Failure::Other(format!("{}: {message}", args.input.display()), Status::Usage));
    }
    made?;
    if let Some(report) = report.filter(|_| !args.quiet) {
        let names: Vec<&str> = report.columns.iter().filter(|(_, parts)| *parts > 0).map(|(name, _)| name.as_str()).collect();
        eprintln!("mpegg: {} rows, {} bytes; string indexes: {}", HumanCount(report.rows), report.written, names.join(", "));
        if let Some(why) = report.no_genomic_index.filter(|_| !matches!(report.format, Format::Tsv | Format::Csv | Format::Lines)) {
            eprintln!("mpegg: no genomic range index: {why}");
        }
    }
    Ok(Status::Fine)
}

fn show(bar: &ProgressBar, step: Step) {
    match step {
        Step::Read(rows) => bar.set_message(format!("{} rows", HumanCount(rows))),
        Step::Indexed { done, total } => {
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message("indexed");
        }
    }
}

/// A bar on stderr, hidden where that is no terminal.
fn bar(args: &BuildArgs, stdin: bool) -> Result<ProgressBar, Failure> {
    if args.quiet {
        return Ok(ProgressBar::hidden());
    }
    let length = if stdin { None } else { Some(std::fs::metadata(&args.input).map_err(|error| Failure::file(&args.input, &error))?.len()) };
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {msg}");
    Ok(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}
