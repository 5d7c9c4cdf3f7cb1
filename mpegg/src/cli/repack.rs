//! `mpegg repack`: a file in another storage mode.

use super::make;
use super::status::{Failure, Status};
use crate::encapsulate::Spool;
use crate::encapsulate::repack::{Boxes, Change, Contiguity, repack as change};
use crate::file::File;
use crate::reference::Resolver;
use clap::{Args, ValueEnum};
use mpegg_runtime::bits::Ascii;
use std::path::PathBuf;

/// `repack`.
#[derive(Args, Debug)]
pub struct RepackArgs {
    /// A file; - is stdin
    #[arg(value_name = "IN")]
    pub path: PathBuf,
    /// The file to be made; - is stdout
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// How blocks are stored in datasets of sequencing data
    #[arg(long, value_name = "MODE")]
    pub mode: Option<ModeArg>,
    /// In DSC: blocks in the order of the master index table
    #[arg(long, conflicts_with = "unordered")]
    pub ordered: bool,
    /// In DSC: blocks in any order
    #[arg(long)]
    pub unordered: bool,
    /// With a master index table
    #[arg(long, conflicts_with = "no_mit")]
    pub mit: bool,
    /// Without master index table
    #[arg(long)]
    pub no_mit: bool,
    /// The bits of offsets in master index tables
    #[arg(long, value_name = "BITS", value_parser = make::offsets)]
    pub offsets: Option<bool>,
    /// The edition that the file header says, such as 2000; 1900 is the first one, whose boxes have other layouts
    #[arg(long, value_name = "VERSION", value_parser = make::characters)]
    pub minor_version: Option<Ascii<4>>,
    /// Put boxes behind the dataset groups, with an `offs` in their places; without KEY metadata, protection, clinical links, metrics,
    /// labels and references
    #[arg(long, value_name = "KEY", value_delimiter = ',', num_args = 0.., require_equals = true, value_parser = make::addressed)]
    pub boxes_behind_offs: Option<Vec<[u8; 4]>>,
    /// Put boxes that stand behind the dataset groups back in their places
    #[arg(long, conflicts_with = "boxes_behind_offs")]
    pub boxes_in_place: bool,
    /// In every container that can have a box of this key, an `offs` that addresses nothing yet
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = make::addressed)]
    pub placeholder: Vec<[u8; 4]>,
    /// Where external references are, whatever their URIs say; asked only where a file of the first edition becomes one of another
    #[arg(long, value_name = "FILE|DIR")]
    pub fasta: Option<PathBuf>,
}

/// The contiguity of blocks.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeArg {
    /// Access units by their start positions, the blocks of each together
    #[value(alias = "auc")]
    AucGrc,
    /// Access units class by class, the blocks of each together
    AucCc,
    /// The blocks of each descriptor and class together
    Dsc,
}

impl From<ModeArg> for Contiguity {
    fn from(mode: ModeArg) -> Contiguity {
        match mode {
            ModeArg::AucGrc => Contiguity::AucGrc,
            ModeArg::AucCc => Contiguity::AucCc,
            ModeArg::Dsc => Contiguity::Dsc,
        }
    }
}

/// What goes behind an `offs` unless it is said.
const MOVED: [&[u8; 4]; 13] = [b"rfgn", b"rfmd", b"labl", b"dgmd", b"dgcd", b"dgpr", b"dtmd", b"dtmt", b"dtcd", b"dtpr", b"atmd", b"atcd", b"atpr"];

/// `mpegg repack`.
pub fn repack(args: &RepackArgs) -> Result<Status, Failure> {
    if args.no_mit && args.mode == Some(ModeArg::Dsc) {
        return Err(Failure::Other("--no-mit: descriptor stream contiguity always has a master index table".to_owned(), Status::Usage));
    }
    let boxes = match &args.boxes_behind_offs {
        Some(keys) if keys.is_empty() => Boxes::Behind(MOVED.iter().map(|key| **key).collect()),
        Some(keys) => Boxes::Behind(keys.clone()),
        None if args.boxes_in_place => Boxes::InPlace,
        None => Boxes::AsFound,
    };
    let wanted = Change {
        contiguity: args.mode.map(Contiguity::from),
        ordered: (args.ordered || args.unordered).then_some(args.ordered),
        index: (args.mit || args.no_mit).then_some(args.mit),
        wide_offsets: args.offsets,
        minor_version: args.minor_version,
        boxes,
        placeholders: args.placeholder.clone(),
        resolver: Resolver::beside(&args.path).with_instead(args.fasta.clone()),
    };
    let wrong = |error| Failure::input(&args.path, error);
    let file = File::new(super::input::source(&args.path)?).map_err(wrong)?;
    let spool = Spool::new();
    let mut repacked = change(&file, &spool, &wanted).map_err(wrong)?;
    for note in &repacked.notes {
        eprintln!("mpegg: {}: {note}", args.path.display());
    }
    make::write(&args.output, &args.path, |out| repacked.write(out))?;
    Ok(Status::Fine)
}
