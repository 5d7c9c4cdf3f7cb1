//! Reference boxes (Table 15) out of plans and the files that tell sequences.

use super::plan::{ChecksumPlan, LocationPlan, ReferencePlan, SequencePlan};
use super::{Places, value};
use crate::reference::{Content, fasta_contents, raw_contents};
use crate::tables::{ChecksumAlg, Reference, ReferenceSequence, ReferenceType};
use mpegg_runtime::bits::BitString;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::path::Path;

/// Fills in what the files of a reference tell.
pub(super) fn complete(plan: &mut ReferencePlan, places: &Places) -> Result<()> {
    let alg = *plan.checksum_alg.get_or_insert(ChecksumPlan::Sha256);
    let alg = if alg == ChecksumPlan::Md5 { ChecksumAlg::Md5 } else { ChecksumAlg::Sha256 };
    let fasta = plan.fasta.as_ref().map(|path| places.input.join(path));
    let raw = plan.raw.as_ref().map(|path| places.input.join(path));
    let contents = match (&fasta, &raw) {
        (_, Some(path)) => raw_contents(path, alg)?,
        (Some(path), None) => fasta_contents(path, alg)?,
        (None, None) => vec![],
    };
    if plan.sequences.is_empty() {
        // A raw reference has no names: those of the FASTA text, if there is one too, are in the order of the IDs.
        let names = match (&fasta, &raw) {
            (Some(path), Some(_)) => fasta_contents(path, alg)?.into_iter().filter_map(|content| content.name).collect(),
            _ => vec![],
        };
        let first = plan.first_sequence_id.unwrap_or(0);
        plan.sequences = (first..=u16::MAX).zip(&contents).map(|(number, content)| sequence(number, content, &names)).collect::<Result<_>>()?;
    }
    for sequence in &mut plan.sequences {
        let same = |content: &&Content| content.name.as_ref() == Some(&sequence.name) || content.sequence_id == Some(sequence.sequence_id);
        if sequence.checksum.is_none() {
            sequence.checksum = contents.iter().find(same).map(|content| hex(&content.checksum));
        }
    }
    let file = raw.as_deref().or(fasta.as_deref());
    if plan.location.is_none() {
        plan.location = match (&raw, &fasta) {
            (Some(path), _) => Some(LocationPlan::Raw { uri: uri(path, &places.output)? }),
            (None, Some(path)) => Some(LocationPlan::Fasta { uri: uri(path, &places.output)? }),
            (None, None) => return Err(value::wrong(format!("reference {} is nowhere: give location, fasta or raw", plan.reference_id))),
        };
    }
    if plan.name.is_none() {
        plan.name = Some(file.map_or_else(|| format!("reference {}", plan.reference_id), stem));
    }
    plan.version.get_or_insert_with(|| "0.0.0".to_owned());
    // What was found is written down; the files need not be read again.
    (plan.fasta, plan.raw, plan.first_sequence_id) = (None, None, None);
    Ok(())
}

fn sequence(number: u16, content: &Content, names: &[String]) -> Result<SequencePlan> {
    let id = content.sequence_id.unwrap_or(number);
    let name = content.name.clone().or_else(|| names.get(usize::from(id)).cloned()).unwrap_or_else(|| id.to_string());
    let length = u32::try_from(content.length).map_err(|_| {
        Error::without_position(ErrorKind::Limit, format!("sequence `{name}` has {} bases, more than the 32 bits of sequence_length say", content.length))
    })?;
    Ok(SequencePlan { name, length, sequence_id: id, checksum: Some(hex(&content.checksum)) })
}

fn hex(bytes: &[u8]) -> String {
    BitString::new((bytes.len() as u64).saturating_mul(8), bytes.to_vec()).hex()
}

/// The name of a file without what says that it is a sequence.
fn stem(path: &Path) -> String {
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".bgz")).unwrap_or(&name);
    [".fasta", ".fa", ".fna", ".raw"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name).to_owned()
}

/// A URI of a file: relative where it lies beside or below the file that names it, so that both can move together.
fn uri(path: &Path, folder: &Path) -> Result<String> {
    let absolute = |path: &Path| path.canonicalize().map_err(|error| Error::io(std::io::Error::new(error.kind(), format!("{}: {error}", path.display()))));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (path, folder) = (absolute(path)?, absolute(folder)?);
    let text = |path: &Path| encoded(&path.to_string_lossy().replace('\\', "/"));
    Ok(match path.strip_prefix(&folder) {
        Ok(relative) => text(relative),
        Err(_) => format!("file://{}", text(&path)),
    })
}

/// Characters that a path in a URI has as they are (RFC 3986, 3.3); others as `%` and two digits.
fn encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'+' | b'@' | b'=' | b',' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The box.
pub(super) fn table(plan: &ReferencePlan, group: u8, first_edition: bool) -> Result<Reference> {
    let id = plan.reference_id;
    let version = plan.version.as_deref().unwrap_or("0.0.0");
    let parts: Vec<u16> = version.split('.').map_while(|part| part.parse().ok()).collect();
    let [major, minor, patch] = parts.as_slice() else { return Err(value::wrong(format!("version `{version}` of reference {id} is not MAJOR.MINOR.PATCH"))) };
    let mut table = Reference {
        dataset_group_id: group,
        reference_id: id,
        reference_name: plan.name.clone().unwrap_or_default(),
        reference_major_version: *major,
        reference_minor_version: *minor,
        reference_patch_version: *patch,
        ..Reference::default()
    };
    for (number, sequence) in (0..).zip(&plan.sequences) {
        if first_edition && sequence.sequence_id != number {
            return Err(value::wrong(format!("in the first edition the sequences of reference {id} have the IDs 0, 1, 2 and so on")));
        }
        let later = !first_edition;
        table.sequences.push(ReferenceSequence {
            sequence_name: sequence.name.clone(),
            sequence_length: later.then_some(sequence.length),
            sequence_id: later.then_some(sequence.sequence_id),
        });
    }
    let location = plan.location.as_ref().ok_or_else(|| value::wrong(format!("reference {id} has no location")))?;
    let (uri, reference_type) = match location {
        LocationPlan::Dataset { dataset_group_id, dataset_id } => {
            (table.internal_dataset_group_id, table.internal_dataset_id) = (Some(*dataset_group_id), Some(*dataset_id));
            return Ok(table);
        }
        LocationPlan::Fasta { uri } => (uri, ReferenceType::FastaRef),
        LocationPlan::Raw { uri } => (uri, ReferenceType::RawRef),
        LocationPlan::Mpegg { uri, .. } => (uri, ReferenceType::MpeggRef),
    };
    table.external_ref_flag = true;
    (table.ref_uri, table.reference_type) = (Some(uri.clone()), Some(reference_type));
    table.checksum_alg = Some(if plan.checksum_alg == Some(ChecksumPlan::Md5) { ChecksumAlg::Md5 } else { ChecksumAlg::Sha256 });
    let checksum = |digits: Option<&String>, what: &str| -> Result<BitString> {
        let digits = digits.ok_or_else(|| value::wrong(format!("no checksum of {what} of reference {id}")))?;
        value::hex(digits)
    };
    if let LocationPlan::Mpegg { dataset_group_id, dataset_id, checksum: whole, .. } = location {
        (table.external_dataset_group_id, table.external_dataset_id) = (Some(*dataset_group_id), Some(*dataset_id));
        if first_edition {
            table.ref_checksum = Some(checksum(whole.as_ref(), "the dataset")?);
            return Ok(table);
        }
    }
    table.ref_seq_checksum =
        plan.sequences.iter().map(|sequence| checksum(sequence.checksum.as_ref(), &format!("`{}`", sequence.name))).collect::<Result<_>>()?;
    Ok(table)
}
