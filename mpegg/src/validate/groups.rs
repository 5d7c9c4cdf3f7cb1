//! The file header, and what dataset groups say about themselves and their datasets.

use super::finding::Findings;
use super::model::{Group, Input};
use super::rule::rules;
use std::collections::HashSet;

rules! {
    /// minor_version is two digits of a year in which an edition came out (19, 20, 25), one of the amendment and one of the corrigendum.
    MINOR_VERSION: Warning "flhd.minor_version" "6.4.1.3"
    /// No two dataset groups have the same identifier.
    GROUP_ID: Error "dghd.dataset_group_ID" "6.4.2.2.3"
    /// A dataset group lists no dataset twice.
    LISTED_TWICE: Error "dghd.dataset_ID" "6.4.2.2.3"
    /// Each dataset that a group lists is there.
    LISTED_ONLY: Error "dghd.dataset_ID_present" "6.4.2.2.3"
    /// A dataset is one of those that its group lists.
    NOT_LISTED: Error "dthd.dataset_ID" "6.4.3.2.3"
    /// No two datasets of a group have the same identifier.
    DATASET_ID: Error "dthd.dataset_ID_unique" "6.4.2.2.3"
}

/// Checks them.
pub(super) fn check(input: &Input, findings: &mut Findings) {
    if let Some(header) = &input.header {
        let version = &header.value.minor_version.0;
        let known = [b"19", b"20", b"25"].iter().any(|year| version.starts_with(*year));
        if !known || !version.iter().all(u8::is_ascii_digit) {
            let message = format!("minor_version `{}` is that of no edition", version.escape_ascii());
            findings.field(&MINOR_VERSION, header.at, "minor_version", &[], message);
        }
    }
    let mut seen = HashSet::new();
    for group in &input.groups {
        if let Some(header) = &group.header
            && !seen.insert(header.value.dataset_group_id)
        {
            let message = format!("another dataset group has the identifier {} too", header.value.dataset_group_id);
            findings.field(&GROUP_ID, header.at, "dataset_group_ID", &[], message);
        }
        datasets(group, findings);
    }
}

fn datasets(group: &Group, findings: &mut Findings) {
    let present: HashSet<u16> = group.datasets.iter().filter_map(|dataset| dataset.id()).collect();
    let mut listed = HashSet::new();
    if let Some(header) = &group.header {
        for (i, id) in (0u64..).zip(&header.value.dataset_id) {
            if !listed.insert(*id) {
                findings.field(&LISTED_TWICE, header.at, "dataset_ID", &[i], format!("the dataset {id} is listed before"));
            } else if !present.contains(id) && !findings.is_unreadable() {
                findings.field(&LISTED_ONLY, header.at, "dataset_ID", &[i], format!("there is no dataset {id} in the group"));
            }
        }
    }
    let mut seen = HashSet::new();
    for header in group.datasets.iter().filter_map(|dataset| dataset.header.as_ref()) {
        let id = header.value.dataset_id;
        if group.header.is_some() && !listed.contains(&id) {
            findings.field(&NOT_LISTED, header.at, "dataset_ID", &[], format!("the group does not list the dataset {id}"));
        }
        if !seen.insert(id) {
            findings.field(&DATASET_ID, header.at, "dataset_ID", &[], format!("another dataset of the group has the identifier {id} too"));
        }
    }
}
