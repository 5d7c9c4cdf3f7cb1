//! References and their metadata (6.4.2.3, 6.4.2.4).

use super::finding::Findings;
use super::model::{Found, Group, Input, sequence_ids};
use super::rule::rules;
use crate::tables::{ChecksumAlg, DatasetType, Reference};
use std::collections::{HashMap, HashSet};

rules! {
    /// No two references of a group have the same identifier.
    REFERENCE_ID: Error "rfgn.reference_ID" "6.4.2.3.1"
    /// The name of a sequence tells it from the other sequences of the reference.
    NAME: Error "rfgn.sequence_name" "6.4.2.3.3"
    /// The identifier of a sequence tells it from the other sequences of the reference.
    SEQUENCE_ID: Error "rfgn.sequence_ID" "6.4.2.3.3"
    /// ref_uri is a URI reference: visible ASCII characters without spaces, quotes, angle and curly brackets, backslash, caret, grave accent and
    /// bar; a percent sign is followed by two hexadecimal digits.
    URI: Error "rfgn.ref_uri" "6.4.2.3.4"
    /// New content uses SHA-256; MD5 is there for what is older.
    MD5: Note "rfgn.checksum_alg" "6.4.2.3.7"
    /// The dataset group of an internal reference exists.
    INTERNAL_GROUP: Error "rfgn.internal_dataset_group_ID" "6.4.2.3.3"
    /// The dataset of an internal reference exists.
    INTERNAL: Error "rfgn.internal_dataset_ID" "6.4.2.3.3"
    /// The dataset of an internal reference is of the type that holds a reference.
    INTERNAL_TYPE: Error "rfgn.internal_dataset_type" "6.4.2.3.3"
    /// Reference metadata belongs to a reference of its group.
    METADATA: Error "rfmd.reference_ID" "6.4.2.4.3"
}

/// The types of all datasets, by group and dataset.
type Types = HashMap<(u8, u16), DatasetType>;

/// Checks them.
pub(super) fn check(input: &Input, findings: &mut Findings) {
    let groups: HashSet<u8> = input.groups.iter().filter_map(Group::id).collect();
    let mut types = Types::new();
    for group in &input.groups {
        for dataset in &group.datasets {
            if let (Some(group), Some(header)) = (group.id(), &dataset.header) {
                types.entry((group, header.value.dataset_id)).or_insert(header.value.dataset_type);
            }
        }
    }
    for group in &input.groups {
        let mut seen = HashSet::new();
        for reference in &group.references {
            let id = reference.value.reference_id;
            if !seen.insert(id) {
                findings.field(&REFERENCE_ID, reference.at, "reference_ID", &[], format!("another reference of the group has the identifier {id} too"));
            }
            sequences(reference, findings);
            place(reference, &groups, &types, findings);
        }
        for metadata in group.reference_metadata.iter().filter(|metadata| !seen.contains(&metadata.value)) {
            let message = format!("the group has no reference {}", metadata.value);
            findings.field(&METADATA, metadata.at, "reference_ID", &[], message);
        }
    }
}

fn sequences(reference: &Found<Reference>, findings: &mut Findings) {
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for (i, (sequence, id)) in (0u64..).zip(reference.value.sequences.iter().zip(sequence_ids(&reference.value))) {
        if !names.insert(&sequence.sequence_name) {
            findings.field(&NAME, reference.at, "sequence_name", &[i], format!("another sequence is called {:?} too", sequence.sequence_name));
        }
        if !ids.insert(id) {
            findings.field(&SEQUENCE_ID, reference.at, "sequence_ID", &[i], format!("another sequence has the identifier {id} too"));
        }
    }
}

/// Where the reference is.
fn place(reference: &Found<Reference>, groups: &HashSet<u8>, types: &Types, findings: &mut Findings) {
    let Reference { ref_uri, checksum_alg, internal_dataset_group_id, internal_dataset_id, .. } = &reference.value;
    if let Some(what) = ref_uri.as_deref().and_then(no_uri) {
        findings.field(&URI, reference.at, "ref_uri", &[], what);
    }
    if *checksum_alg == Some(ChecksumAlg::Md5) {
        findings.field(&MD5, reference.at, "checksum_alg", &[], "the checksums are MD5, which is not recommended");
    }
    let (Some(group), Some(dataset)) = (*internal_dataset_group_id, *internal_dataset_id) else { return };
    if findings.is_unreadable() {
        return; // what could not be read may be that dataset
    }
    if !groups.contains(&group) {
        findings.field(&INTERNAL_GROUP, reference.at, "internal_dataset_group_ID", &[], format!("there is no dataset group {group}"));
        return;
    }
    match types.get(&(group, dataset)) {
        None => findings.field(&INTERNAL, reference.at, "internal_dataset_ID", &[], format!("the dataset group {group} has no dataset {dataset}")),
        Some(DatasetType::Reference) => {}
        Some(other) => {
            let message = format!("the dataset {dataset} has the type {}, not 2", other.code());
            findings.field(&INTERNAL_TYPE, reference.at, "internal_dataset_ID", &[], message);
        }
    }
}

/// What keeps a text from being a URI reference (RFC 3986).
fn no_uri(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let allowed = byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(byte);
        if !allowed {
            return Some(format!("the byte `{}` at {at} does not stand in a URI", byte.escape_ascii()));
        }
        let digits = bytes.get(at.saturating_add(1)..at.saturating_add(3)).unwrap_or(&[]);
        if *byte == b'%' && !(digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)) {
            return Some(format!("the percent sign at {at} is not followed by two hexadecimal digits"));
        }
    }
    None
}
