//! The order in which access units are stored (6.4.3.2.5), and whether their ranges overlap.

use super::access_units::{Facts, Units};
use super::finding::Findings;
use super::model::Dataset;
use super::rule::rules;
use std::collections::{HashMap, HashSet};

rules! {
    /// In genomic region contiguity (AUC-GRC), the access units of a sequence are stored in the order of their start positions.
    BY_POSITION: Error "aucn.order_by_position" "6.4.3.2.5"
    /// In class contiguity (AUC-CC), the access units of a class are stored one behind the other.
    BY_CLASS: Error "aucn.order_by_class" "6.4.3.2.5"
    /// Where non_overlapping_AU_range_flag is 1, no two access units of a type have ranges that share a base. A range begins at the start position
    /// and reaches the end position, or comes as close to it as the threshold of the sequence says.
    OVERLAP: Error "dthd.non_overlapping_AU_range_flag" "6.4.3.2.3"
}

/// Checks a dataset of a file.
pub(super) fn check(dataset: &Dataset, units: &Units, findings: &mut Findings) {
    let Some(header) = &dataset.header else { return };
    match (header.value.block_header_flag, header.value.cc_mode_flag) {
        (true, Some(true)) => by_class(&units.facts, findings),
        (true, _) => by_position(&units.facts, findings),
        _ => {}
    }
    if header.value.non_overlapping_au_range_flag {
        let thresholds: HashMap<u16, u32> = header.value.seq_id.iter().copied().zip(header.value.thres.iter().copied()).collect();
        if let Some(message) = overlap(&units.facts, &thresholds) {
            findings.field(&OVERLAP, header.at, "non_overlapping_AU_range_flag", &[], message);
        }
    }
}

fn by_class(units: &[Facts], findings: &mut Findings) {
    let (mut closed, mut current) = (HashSet::new(), None);
    for unit in units {
        if current == Some(unit.class) {
            continue;
        }
        closed.extend(current.replace(unit.class));
        if closed.contains(&unit.class) {
            findings.of_box(&BY_CLASS, unit.at, format!("access units of another class stand between this one and others of the type {}", unit.class));
        }
    }
}

fn by_position(units: &[Facts], findings: &mut Findings) {
    let mut last: HashMap<u16, u64> = HashMap::new();
    for unit in units {
        let Some(sequence) = unit.sequence else { continue };
        let start = unit.covered.0;
        let before = last.entry(sequence).or_insert(start);
        if start < *before {
            let message = format!("the unit starts at {start} of the sequence {sequence}, one before it at {before}");
            findings.of_box(&BY_POSITION, unit.at, message);
        }
        *before = (*before).max(start);
    }
}

/// Two ranges that share a base for sure.
fn overlap(units: &[Facts], thresholds: &HashMap<u16, u32>) -> Option<String> {
    let mut sorted: Vec<(u8, u16, u64, u64, u32)> = vec![];
    for unit in units {
        let Some(sequence) = unit.sequence else { continue };
        let (start, end) = unit.covered;
        let threshold = thresholds.get(&sequence).copied().unwrap_or(0);
        sorted.push((unit.class, sequence, start, end.saturating_sub(u64::from(threshold)).max(start), unit.id));
    }
    sorted.sort_unstable();
    let mut reached: Option<(u8, u16, u64, u32)> = None;
    for (class, sequence, start, end, id) in sorted {
        match reached {
            Some((other, on, to, before)) if (other, on) == (class, sequence) => {
                if start <= to {
                    let message = format!("the access units {before} and {id} of the type {class} share bases of the sequence {sequence}");
                    return Some(message);
                }
                reached = Some((class, sequence, end, id));
            }
            _ => reached = Some((class, sequence, end, id)),
        }
    }
    None
}
