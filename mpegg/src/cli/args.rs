//! What the command takes.

use crate::walk::Kind;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT: &str =
    "Exit codes: 0 fine, 1 a check failed, 2 usage or input/output, 3 schema error, 4 malformed or truncated input, 5 limit exceeded, 6 unsupported.";

/// Read, check and show MPEG-G files (ISO/IEC 23092).
#[derive(Parser, Debug)]
#[command(name = "mpegg", version, propagate_version = true, after_help = EXIT, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// What is in a file: brands, groups, datasets, references, classes, counts, modes, sizes
    #[command(display_order = 1)]
    Info(InfoArgs),
    /// The boxes: key, name, offset, length; payloads are not read
    #[command(display_order = 2)]
    Tree(TreeArgs),
    /// Every field: address, bits, hex, name, value, symbol, table
    #[command(display_order = 3)]
    Dump(DumpArgs),
    /// One field by its path: byte strings raw, others as text
    #[command(display_order = 4)]
    Get(GetArgs),
    /// The data units of a dataset, or of a part of it
    #[command(display_order = 5)]
    Extract(Box<super::extract::ExtractArgs>),
    /// References: the list, checksums computed or compared, the raw reference written
    #[command(display_order = 5)]
    Reference(super::reference::ReferenceArgs),
    /// Whether inputs are what the standard wants: findings with rule, clause and place
    #[command(display_order = 5)]
    Validate(super::validate::ValidateArgs),
    /// Whether the boxes of inputs are complete and their headers readable; payloads are not read
    #[command(display_order = 5)]
    Quickcheck(super::validate::QuickcheckArgs),
    /// A file out of data units
    #[command(display_order = 5)]
    Pack(Box<super::pack::PackArgs>),
    /// A file in another storage mode or edition, or with its boxes elsewhere; the same data units come out of it
    #[command(display_order = 5)]
    Repack(super::repack::RepackArgs),
    /// Metadata, protection, clinical links, metrics or labels put into a file, in place where an `offs` stands ready for them
    #[command(display_order = 5)]
    Attach(super::attach::AttachArgs),
    /// A whole file as JSON that can be edited
    #[command(display_order = 5)]
    ToJson(ToJsonArgs),
    /// The file of such a JSON, byte for byte
    #[command(display_order = 6)]
    FromJson(FromJsonArgs),
    /// A file as the packets of a transport stream
    #[command(display_order = 6)]
    Mux(super::mux::MuxArgs),
    /// The packets of a transport stream as a file
    #[command(display_order = 6)]
    Demux(super::demux::DemuxArgs),
    /// The string indexes of annotation tables
    #[command(subcommand, display_order = 6)]
    Strings(super::strings::StringsCommand),
    /// The syntax tables and the language they are written in
    #[command(subcommand, display_order = 7)]
    Schema(SchemaCommand),
    /// Completions for a shell
    #[command(display_order = 8)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// The manual page
    #[command(display_order = 9)]
    Man {
        /// Write a page for each command into this folder.
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

/// An input.
#[derive(ClapArgs, Debug)]
pub struct Input {
    /// A file, a transport stream or a stream of data units; - is stdin
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Take the input as this, whatever it looks like
    #[arg(long = "as", value_name = "KIND")]
    pub kind: Option<InputKind>,
}

/// The kinds of input.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum InputKind {
    /// Boxes, the first of them flhd
    File,
    /// Packets
    Stream,
    /// Data units
    Units,
}

impl From<InputKind> for Kind {
    fn from(kind: InputKind) -> Kind {
        match kind {
            InputKind::File => Kind::File,
            InputKind::Stream => Kind::Stream,
            InputKind::Units => Kind::Units,
        }
    }
}

/// `info`.
#[derive(ClapArgs, Debug)]
pub struct InfoArgs {
    #[command(flatten)]
    pub input: Input,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `tree`.
#[derive(ClapArgs, Debug)]
pub struct TreeArgs {
    #[command(flatten)]
    pub input: Input,
    /// As JSON, an object a line
    #[arg(long)]
    pub json: bool,
}

/// `dump`.
#[derive(ClapArgs, Debug)]
pub struct DumpArgs {
    #[command(flatten)]
    pub input: Input,
    /// Only what stands at or below this path, such as dgcn[0].dtcn[1].dthd; a number that is left out stands for any
    #[arg(long, value_name = "PATH")]
    pub select: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = DumpFormat::Text)]
    pub format: DumpFormat,
    /// Only so many levels of boxes and structures
    #[arg(long, value_name = "N")]
    pub depth: Option<usize>,
    /// Only so many lines
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Byte strings of any length, not only up to 64 bytes
    #[arg(long)]
    pub payloads: bool,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How to print fields.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpFormat {
    /// Columns
    Text,
    /// An array of objects
    Json,
    /// An object a line
    Jsonl,
}

/// `get`.
#[derive(ClapArgs, Debug)]
pub struct GetArgs {
    #[command(flatten)]
    pub input: Input,
    /// The path of a field, such as dgcn[0].dgmd.DG_metadata_value; a number that is left out is 0
    pub field: String,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `to-json`.
#[derive(ClapArgs, Debug)]
pub struct ToJsonArgs {
    #[command(flatten)]
    pub input: Input,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `from-json`.
#[derive(ClapArgs, Debug)]
pub struct FromJsonArgs {
    /// The JSON; - is stdin
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The schema language's own commands.
#[derive(Subcommand, Debug)]
pub enum SchemaCommand {
    /// Check schema files; without files, the tables that the command carries
    Check {
        /// .mgs files, compiled together
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// How to print diagnostics
        #[arg(long, value_enum, default_value_t = SchemaFormat::Text)]
        format: SchemaFormat,
    },
    /// Format schema files in place
    Fmt {
        /// .mgs files; - is stdin to stdout
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Change nothing; fail if something would change
        #[arg(long)]
        check: bool,
    },
    /// A table: as printed, in the schema, and its Rust type, side by side
    Show {
        /// A key (dthd), a name (dataset_header), a code table (AU_type) or the number of a table (26); without it, the list
        name: Option<String>,
        /// Take the tables from these files instead of those that the command carries
        #[arg(long, value_name = "FILE")]
        schema: Vec<PathBuf>,
        /// Columns of the output; usual is the width of the terminal
        #[arg(long, value_name = "N")]
        width: Option<usize>,
    },
    /// Write a browsable HTML reference of all tables
    Doc {
        /// Where to
        #[arg(short, long, value_name = "DIR", default_value = "schema-doc")]
        output: PathBuf,
    },
    /// The tables and rows that the given inputs do not exercise
    Coverage {
        /// Files, streams, streams of data units, or test vectors (.json with a member "hex")
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What a diagnostic means, with an accepted and a rejected example
    Explain {
        /// Its code, such as MG021; without it, the list
        code: Option<String>,
    },
}

/// How to print diagnostics.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaFormat {
    /// With the source and carets
    Text,
    /// An object a line
    Json,
}
