//! `mpegg pack`: a file out of data units.

use super::make;
use super::repack::ModeArg;
use super::status::{Failure, Status};
use crate::encapsulate::Spool;
use crate::encapsulate::pack::plan::{
    BoxPlan, ChecksumPlan, ClassPlan, DatasetPlan, FlagsPlan, GroupPlan, LabelDatasetPlan, LabelPlan, LabelRegionPlan, LocationPlan, ModePlan, ReferencePlan,
    TypePlan, ValuePlan,
};
use crate::encapsulate::pack::{Input, Places, Plan, pack as prepare};
use crate::file::DatasetId;
use clap::{Args, ValueEnum};
use mpegg_runtime::source::Source;
use std::io::Write;
use std::path::{Path, PathBuf};

/// `pack`.
#[derive(Args, Debug)]
pub struct PackArgs {
    /// Streams of data units; - is stdin
    #[arg(value_name = "IN.mgb")]
    pub paths: Vec<PathBuf>,
    /// The file to be made; - is stdout
    #[arg(short, long, value_name = "OUT.mgg", required_unless_present_any = ["print_plan", "plan_schema"])]
    pub output: Option<PathBuf>,
    /// What the file shall be, as JSON: for all that the options do not reach. Inputs are those of the plan, or of the command line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["FileOptions", "StorageOptions", "FlagOptions", "ReferenceOptions"])]
    pub plan: Option<PathBuf>,
    /// The side-car (X.mgb.json) that Genie's codec wrote beside the data units, as a plan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan", "FileOptions", "StorageOptions", "FlagOptions", "ReferenceOptions"])]
    pub side_car: Option<PathBuf>,
    /// Print the plan with all that is inferred, and pack nothing
    #[arg(long)]
    pub print_plan: bool,
    /// Print the JSON Schema of plans
    #[arg(long, exclusive = true)]
    pub plan_schema: bool,
    /// What the file shall be.
    #[command(flatten)]
    pub file: FileOptions,
    /// How datasets are stored.
    #[command(flatten)]
    pub storage: StorageOptions,
    /// What parameter sets say that cannot be read.
    #[command(flatten)]
    pub flags: FlagOptions,
    /// The reference.
    #[command(flatten)]
    pub reference: ReferenceOptions,
}

/// File, groups, labels, boxes.
#[derive(Args, Debug)]
#[command(next_help_heading = "File")]
pub struct FileOptions {
    /// The edition: 1900, 2000 or 2500
    #[arg(long, value_name = "VERSION")]
    pub minor_version: Option<String>,
    /// A brand that the file is compatible with
    #[arg(long, value_name = "BRAND")]
    pub brand: Vec<String>,
    /// dataset_group_ID
    #[arg(long, value_name = "G")]
    pub group: Option<u8>,
    /// dataset_ID of the first dataset; others count on
    #[arg(long, value_name = "D")]
    pub dataset: Option<u16>,
    /// A label: of a dataset, or of a region of it and some classes of it, as in genes=1@chr1:100-200/P,M; given again it gets more of them
    #[arg(long, value_name = "LABEL=D[@REGION[/CLASSES]]", value_parser = label)]
    pub label: Vec<LabelPlan>,
    /// Put the bytes of a file into a box: dgmd, dgcd, dgpr, rfmd of the group; dtmd, dtmt, dtcd, dtpr of every dataset, or of dataset D
    #[arg(long = "box", value_name = "[D.]KEY=FILE", value_parser = file_box)]
    pub boxes: Vec<BoxPlan>,
    /// An `offs` that addresses nothing yet, for a box that comes later
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = make::addressed)]
    pub placeholder: Vec<[u8; 4]>,
}

/// Mode, table, offsets.
#[derive(Args, Debug)]
#[command(next_help_heading = "Storage")]
pub struct StorageOptions {
    /// How blocks are stored
    #[arg(long, value_name = "MODE")]
    pub mode: Option<ModeArg>,
    /// In DSC: blocks in the order of the master index table, which is usual
    #[arg(long, conflicts_with = "unordered")]
    pub ordered: bool,
    /// In DSC: blocks in any order
    #[arg(long)]
    pub unordered: bool,
    /// With a master index table, which is usual
    #[arg(long, conflicts_with = "no_mit")]
    pub mit: bool,
    /// Without master index table
    #[arg(long)]
    pub no_mit: bool,
    /// The bits of offsets in master index tables; usual is 64 where 32 are not enough
    #[arg(long, value_name = "BITS", value_parser = make::offsets)]
    pub offsets: Option<bool>,
    /// Ranges of access units of one type do not overlap
    #[arg(long)]
    pub non_overlapping: bool,
}

/// What encoding parameters say.
#[derive(Args, Debug)]
#[command(next_help_heading = "Parameter sets that cannot be read")]
pub struct FlagOptions {
    /// The type of data; also chooses among the types of the inputs
    #[arg(long, value_name = "TYPE")]
    pub dataset_type: Option<TypeArg>,
    /// The bits of positions
    #[arg(long, value_name = "BITS", value_parser = ["32", "40"])]
    pub positions: Option<String>,
    /// Access units have extended positions
    #[arg(long)]
    pub multiple_alignment: bool,
    /// Access units of class U have signatures, all of this length, or each with its own
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, require_equals = true)]
    pub signatures: Option<Option<u8>>,
    /// The alphabet of signatures
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(0..=1))]
    pub alphabet: Option<u8>,
}

/// dataset_type.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum TypeArg {
    /// Reads that are not aligned
    NonAligned,
    /// Aligned reads
    Aligned,
    /// A reference
    Reference,
}

/// Where the reference is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Reference")]
pub struct ReferenceOptions {
    /// A FASTA file: the reference, or the names and lengths of its sequences
    #[arg(long, value_name = "FASTA")]
    pub reference: Option<PathBuf>,
    /// A file with a raw reference (RAW_REF)
    #[arg(long, value_name = "FILE")]
    pub reference_raw: Option<PathBuf>,
    /// A dataset of this file that is the reference
    #[arg(long, value_name = "[G:]D", conflicts_with = "reference_uri")]
    pub reference_dataset: Option<DatasetId>,
    /// What the file says about where the reference is
    #[arg(long, value_name = "URI")]
    pub reference_uri: Option<String>,
    /// Its name
    #[arg(long, value_name = "NAME")]
    pub reference_name: Option<String>,
    /// Its version, as MAJOR.MINOR.PATCH
    #[arg(long, value_name = "VERSION")]
    pub reference_version: Option<String>,
    /// sequence_ID of the first sequence of the FASTA file; others count on
    #[arg(long, value_name = "ID")]
    pub first_sequence: Option<u16>,
    /// MD5 instead of SHA-256
    #[arg(long)]
    pub md5: bool,
}

/// A label, or a part of it.
fn label(text: &str) -> Result<LabelPlan, String> {
    let wrong = || "LABEL=D, LABEL=D@REGION or LABEL=D@REGION/CLASSES".to_owned();
    let (name, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (dataset, region) = rest.split_once('@').map_or((rest, None), |(dataset, region)| (dataset, Some(region)));
    let dataset_id = dataset.parse().map_err(|_| wrong())?;
    let regions = region.map(label_region).transpose()?.into_iter().collect();
    Ok(LabelPlan { label_id: name.to_owned(), datasets: vec![LabelDatasetPlan { dataset_id, regions }] })
}

fn label_region(text: &str) -> Result<LabelRegionPlan, String> {
    let (region, classes) = text.rsplit_once('/').unwrap_or((text, ""));
    let classes = classes.split(',').filter(|class| !class.is_empty()).map(class).collect::<Result<_, _>>()?;
    Ok(LabelRegionPlan { region: region.to_owned(), classes })
}

fn class(text: &str) -> Result<ClassPlan, String> {
    let all = [("P", ClassPlan::P), ("N", ClassPlan::N), ("M", ClassPlan::M), ("I", ClassPlan::I), ("HM", ClassPlan::HM), ("U", ClassPlan::U)];
    all.iter().find(|(name, _)| *name == text).map(|(_, class)| *class).ok_or_else(|| "the classes are P, N, M, I, HM and U".to_owned())
}

/// A box of the group, or of a dataset.
fn file_box(text: &str) -> Result<BoxPlan, String> {
    let (place, file) = text.split_once('=').ok_or_else(|| "[D.]KEY=FILE".to_owned())?;
    let (dataset_id, key) = match place.split_once('.') {
        Some((id, key)) => (Some(id.parse().map_err(|_| format!("`{id}` is no dataset"))?), key),
        None => (None, place),
    };
    Ok(BoxPlan { key: key.to_owned(), value: ValuePlan::File(PathBuf::from(file)), reference_id: None, dataset_id, behind_offs: false })
}

/// Whether a box of this key stands in a dataset.
fn is_of_dataset(key: &str) -> bool {
    key.starts_with("dt")
}

impl PackArgs {
    /// The plan that the options are.
    fn plan(&self) -> Plan {
        let of_dataset = |one: &BoxPlan| one.dataset_id.is_none() && is_of_dataset(&one.key);
        let (boxes, of_group): (Vec<BoxPlan>, Vec<BoxPlan>) = self.file.boxes.iter().cloned().partition(of_dataset);
        let keys = self.file.placeholder.iter().map(|key| key.escape_ascii().to_string());
        let (placeholders, group_placeholders): (Vec<String>, Vec<String>) = keys.partition(|key| is_of_dataset(key));
        let group = GroupPlan {
            dataset_group_id: self.file.group.unwrap_or(0),
            references: self.reference().into_iter().collect(),
            labels: labels(&self.file.label),
            boxes: of_group,
            placeholders: group_placeholders,
            ..GroupPlan::default()
        };
        let mode = match self.storage.mode {
            None | Some(ModeArg::AucGrc) => ModePlan::AucGrc,
            Some(ModeArg::AucCc) => ModePlan::AucCc,
            Some(ModeArg::Dsc) => ModePlan::Dsc,
        };
        let datasets = DatasetPlan {
            dataset_id: self.file.dataset.unwrap_or(0),
            dataset_type: self.flags.dataset_type.map(|found| match found {
                TypeArg::NonAligned => TypePlan::NonAligned,
                TypeArg::Aligned => TypePlan::Aligned,
                TypeArg::Reference => TypePlan::Reference,
            }),
            mode,
            ordered: (self.storage.ordered || self.storage.unordered).then_some(!self.storage.unordered),
            mit: (self.storage.mit || self.storage.no_mit).then_some(self.storage.mit),
            offsets: self.storage.offsets.map(|wide| if wide { 64 } else { 32 }),
            non_overlapping_au_range: self.storage.non_overlapping,
            flags: self.flags(),
            boxes,
            placeholders,
            ..DatasetPlan::default()
        };
        Plan { minor_version: self.file.minor_version.clone(), compatible_brands: self.file.brand.clone(), groups: vec![group], other_datasets: Some(datasets) }
    }

    fn flags(&self) -> Option<FlagsPlan> {
        let FlagOptions { positions, multiple_alignment, signatures, alphabet, .. } = &self.flags;
        let said = positions.is_some() || *multiple_alignment || signatures.is_some() || alphabet.is_some();
        said.then(|| FlagsPlan {
            multiple_alignment: *multiple_alignment,
            pos_40_bits: positions.as_deref() == Some("40"),
            alphabet_id: alphabet.unwrap_or(0),
            u_signature: signatures.is_some(),
            u_signature_length: signatures.flatten(),
        })
    }

    fn reference(&self) -> Option<ReferencePlan> {
        let ReferenceOptions { reference, reference_raw, reference_dataset, reference_uri, reference_name, reference_version, first_sequence, md5 } =
            &self.reference;
        if reference.is_none() && reference_raw.is_none() && reference_dataset.is_none() {
            return None;
        }
        let group = self.file.group.unwrap_or(0);
        let location = match (reference_dataset, reference_uri) {
            (Some(id), _) => Some(LocationPlan::Dataset { dataset_group_id: id.group.unwrap_or(group), dataset_id: id.dataset }),
            (None, Some(uri)) if reference_raw.is_some() => Some(LocationPlan::Raw { uri: uri.clone() }),
            (None, Some(uri)) => Some(LocationPlan::Fasta { uri: uri.clone() }),
            (None, None) => None,
        };
        Some(ReferencePlan {
            name: reference_name.clone(),
            version: reference_version.clone(),
            location,
            fasta: reference.clone(),
            raw: reference_raw.clone(),
            first_sequence_id: *first_sequence,
            checksum_alg: md5.then_some(ChecksumPlan::Md5),
            ..ReferencePlan::default()
        })
    }
}

/// Labels of one name are one.
fn labels(parts: &[LabelPlan]) -> Vec<LabelPlan> {
    let mut labels: Vec<LabelPlan> = vec![];
    for part in parts.iter().cloned() {
        let Some(label) = labels.iter_mut().find(|label| label.label_id == part.label_id) else {
            labels.push(part);
            continue;
        };
        for dataset in part.datasets {
            match label.datasets.iter_mut().find(|known| known.dataset_id == dataset.dataset_id) {
                Some(known) => known.regions.extend(dataset.regions),
                None => label.datasets.push(dataset),
            }
        }
    }
    labels
}

/// `mpegg pack`.
pub fn pack(args: &PackArgs) -> Result<Status, Failure> {
    if args.plan_schema {
        return print(&schemars::schema_for!(Plan));
    }
    let (plan, folder) = match (&args.plan, &args.side_car) {
        (Some(path), _) => {
            let text = super::input::text(path)?;
            let plan = serde_json::from_str(&text).map_err(|error| Failure::Other(format!("{}: {error}", path.display()), Status::Usage))?;
            (plan, path.parent().unwrap_or(Path::new("")).to_owned())
        }
        (None, Some(path)) => {
            let text = super::input::text(path)?;
            let plan = Plan::of_side_car(&text).map_err(|error| Failure::input(path, error))?;
            (plan, PathBuf::new())
        }
        (None, None) => (args.plan(), PathBuf::new()),
    };
    // What the plan names is beside it; what the command line names is where it says.
    let named = plan.groups.iter().flat_map(|group| &group.datasets).flat_map(|dataset| &dataset.inputs);
    let mut opened: Vec<(String, Box<dyn Source>)> = vec![];
    for path in &args.paths {
        opened.push((path.display().to_string(), super::input::source(path)?));
    }
    for path in named {
        let name = path.display().to_string();
        if !opened.iter().any(|(known, _)| *known == name) {
            opened.push((name, super::input::source(&folder.join(path))?));
        }
    }
    if opened.is_empty() {
        return Err(Failure::Other("no input: name streams of data units, or a plan that does".to_owned(), Status::Usage));
    }
    let inputs: Vec<Input<'_>> = opened.iter().map(|(name, source)| Input { name: name.clone(), source }).collect();
    let output = args.output.clone().unwrap_or_default();
    let places = Places { input: folder, output: output.parent().unwrap_or(Path::new("")).to_owned() };
    let spool = Spool::new();
    let mut packed = prepare(plan, &inputs, &spool, &places).map_err(failure)?;
    for note in &packed.notes {
        eprintln!("mpegg: {note}");
    }
    if args.print_plan {
        return print(&packed.plan);
    }
    make::write(&output, &args.paths.first().cloned().unwrap_or_default(), |out| packed.write(out))?;
    Ok(Status::Fine)
}

/// A plan that cannot be is a question of usage; the others are about an input, which the message names.
fn failure(error: mpegg_runtime::Error) -> Failure {
    let of_plan = error.message().starts_with("plan: ");
    Failure::Other(if of_plan { error.message() } else { error.to_string() }, if of_plan { Status::Usage } else { Status::of(&error) })
}

fn print(value: &impl serde::Serialize) -> Result<Status, Failure> {
    let mut out = super::output::stdout();
    let printed = serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from).and_then(|()| writeln!(out)).and_then(|()| out.flush());
    printed.map_err(Failure::output)?;
    Ok(Status::Fine)
}
