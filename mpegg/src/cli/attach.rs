//! `mpegg attach`: a box put into a file that exists.

use super::make;
use super::status::{Failure, Status};
use crate::encapsulate::Spool;
use crate::encapsulate::attach::{Attachment, Target};
use crate::encapsulate::pack::label_list;
use crate::encapsulate::pack::plan::LabelPlan;
use crate::file::{DatasetId, File};
use clap::{Args, ValueEnum};
use mpegg_runtime::source::{FileSource, Source};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

/// `attach`.
#[derive(Args, Debug)]
pub struct AttachArgs {
    /// The file that gets the box
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// The box: dgmd, dgcd, dgpr, labl of a dataset group; rfmd of a reference; dtmd, dtmt, dtcd, dtpr of a dataset; atmd, atcd, atpr
    /// of an annotation table
    #[arg(long = "box", value_name = "KEY", value_parser = make::addressed)]
    pub key: [u8; 4],
    /// What goes into it; labels are the JSON that a plan of `pack` has for them; - is stdin
    #[arg(value_name = "VALUE_FILE")]
    pub value: PathBuf,
    /// What the value file is
    #[arg(long = "as", value_name = "KIND", value_enum, default_value_t = ValueKind::Value)]
    pub kind: ValueKind,
    /// Of this dataset group
    #[arg(long, value_name = "G", conflicts_with_all = ["dataset", "reference"])]
    pub group: Option<u8>,
    /// Of this dataset
    #[arg(short, long, value_name = "[G:]D", conflicts_with = "reference")]
    pub dataset: Option<DatasetId>,
    /// Of this reference
    #[arg(short, long, value_name = "[G:]R")]
    pub reference: Option<DatasetId>,
    /// Of this annotation table of the dataset, by its AT_ID
    #[arg(short, long, value_name = "AT_ID", requires = "dataset")]
    pub table: Option<u8>,
    /// Write to this file, and leave the first one as it is
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
}

/// What a value file is.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// What stands behind the identifiers in the box
    Value,
    /// The whole box, Key and Length included
    Box,
}

impl AttachArgs {
    fn target(&self) -> Result<Target, Failure> {
        let usage = |message: &str| Failure::Other(message.to_owned(), Status::Usage);
        let of_dataset = |dataset: Option<DatasetId>| dataset.ok_or_else(|| usage("say of which dataset: --dataset [G:]D"));
        match &self.key {
            b"rfmd" => self.reference.map(Target::Reference).ok_or_else(|| usage("say of which reference: --reference [G:]R")),
            [b'd', b't', ..] => of_dataset(self.dataset).map(Target::Dataset),
            [b'a', b't', ..] => {
                let table = self.table.ok_or_else(|| usage("say of which annotation table: --dataset [G:]D --table AT_ID"))?;
                of_dataset(self.dataset).map(|dataset| Target::Table(dataset, table))
            }
            _ => Ok(Target::Group(self.group)),
        }
    }
}

/// `mpegg attach`.
pub fn attach(args: &AttachArgs) -> Result<Status, Failure> {
    let target = args.target()?;
    let value = read(&args.value)?;
    let wrong = |error| Failure::input(&args.path, error);
    // Opened for writing only where it is written to: through an `offs` that stands ready.
    let mut handle = OpenOptions::new().read(true).write(args.output.is_none()).open(&args.path).map_err(|error| Failure::file(&args.path, &error))?;
    if args.output.is_none() {
        // Two that append at once would not both be addressed rightly.
        handle.lock().map_err(|error| Failure::file(&args.path, &error))?;
    }
    let source = handle.try_clone().map_err(mpegg_runtime::Error::from).and_then(FileSource::new).map_err(wrong)?;
    let file = File::new(source).map_err(wrong)?;
    let attachment = attachment(args, &file, target, value)?;
    if args.output.is_none() && attachment.placeholder().is_some() {
        attachment.append(&mut handle).map_err(wrong)?;
        return Ok(Status::Fine);
    }
    let spool = Spool::new();
    let mut made = attachment.rewrite(&file, &spool).map_err(wrong)?;
    for note in &made.notes {
        eprintln!("mpegg: {}: {note}", args.path.display());
    }
    let permissions = handle.metadata().map_err(|error| Failure::file(&args.path, &error))?.permissions();
    let output = args.output.as_deref().unwrap_or(&args.path);
    make::write(output, &args.path, |out| made.write(out))?;
    if args.output.is_none() {
        std::fs::set_permissions(output, permissions).map_err(|error| Failure::file(output, &error))?;
    }
    Ok(Status::Fine)
}

fn attachment<S: Source>(args: &AttachArgs, file: &File<S>, target: Target, value: Vec<u8>) -> Result<Attachment, Failure> {
    let failure = |error: mpegg_runtime::Error| match (error.kind(), error.position()) {
        // What was asked for and is not there is a question of usage.
        (mpegg_runtime::ErrorKind::CrossReference, None) => Failure::Other(format!("{}: {}", args.path.display(), error.message()), Status::Usage),
        _ => Failure::input(&args.path, error),
    };
    let of_value = |error: mpegg_runtime::Error| Failure::Other(format!("{}: {}", args.value.display(), error.message()), Status::Usage);
    match (args.kind, &args.key) {
        (ValueKind::Box, key) if !value.starts_with(key) => {
            Err(Failure::Other(format!("{}: no box `{}`", args.value.display(), key.escape_ascii()), Status::Usage))
        }
        (ValueKind::Box, _) => Attachment::of_box(file, target, value).map_err(failure),
        (ValueKind::Value, b"labl") => {
            let labels: Vec<LabelPlan> =
                serde_json::from_slice(&value).map_err(|error| Failure::Other(format!("{}: {error}", args.value.display()), Status::Usage))?;
            let group = file.group(args.group).map_err(failure)?;
            let bytes = label_list(&labels, &group).map_err(of_value)?;
            Attachment::of_box(file, target, bytes).map_err(failure)
        }
        (ValueKind::Value, b"atmd") => Err(Failure::Other("the contents of atmd are several values: give the whole box, --as box".to_owned(), Status::Usage)),
        (ValueKind::Value, key) => Attachment::new(file, *key, target, value).map_err(failure),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        return super::input::stdin();
    }
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}
