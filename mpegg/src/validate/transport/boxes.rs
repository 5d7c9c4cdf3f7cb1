//! The boxes that arrive in a stream: whether they may, on which stream, and to what they belong (6.6.2, 6.6.4).

use super::super::finding::{Draft, Findings, Place};
use super::super::model::{Arrived, Input, Stream, Trail};
use super::super::rule::{Rule, rules};
use super::super::structure;
use crate::tables::descriptions;
use crate::walk::table_of;
use mpegg_runtime::Result;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Mandatory, Scope};
use std::collections::HashSet;

rules! {
    /// A stream carries the boxes that its mapping tables can announce, file headers, mapping tables and their lists; no others.
    CARRIED: Error "stream.box" "6.6.2"
    /// A box that exists in files only is not sent.
    FILE_ONLY: Error "stream.scope" "6.1.1"
    /// File headers, and nothing else, are sent on stream 1.
    HEADER: Error "stream.SID_1" "6.6.2"
    /// Lists of mapping tables, and nothing else, are sent on stream 0.
    LIST: Error "stream.SID_0" "6.6.3.1"
    /// What arrives on a data stream is of the type that its mapping table says.
    TYPE: Error "stream.data_type" "6.6.4.3"
    /// What arrives on a data stream belongs to the dataset group of its mapping table.
    GROUP: Error "stream.dataset_group_ID" "6.6.4.3"
    /// What arrives on a data stream belongs to the dataset of its mapping table.
    DATASET: Error "stream.dataset_ID" "6.6.4.3"
    /// A box of an annotation table belongs to one whose header is sent and that the dataset header lists, if it lists any.
    TABLE: Error "stream.AT_ID" "6.4.6.2.3"
    /// A box of an attribute group belongs to one whose header is sent.
    CLASS: Error "stream.AG_class" "6.4.7.2.3"
    /// The mandatory boxes are sent: file header, lists of mapping tables and the tables, headers of groups and datasets, parameter sets.
    MISSING: Error "stream.missing" "6.1.1"
}

/// Checks them.
///
/// # Errors
///
/// I/O.
pub(super) fn check(source: &dyn Source, stream: &Stream, input: &Input, findings: &mut Findings) -> Result<()> {
    let mut annotation = Annotation::default();
    for group in &input.groups {
        for dataset in &group.datasets {
            let (Some(group), Some(id)) = (group.id(), dataset.id()) else { continue };
            for table in &dataset.tables {
                let Some(table_id) = table.id() else { continue };
                annotation.tables.insert((group, id, table_id));
                annotation.classes.extend(table.groups.iter().filter_map(|part| Some((group, id, table_id, part.class()?))));
            }
            if let Some(header) = dataset.header.as_ref().filter(|header| !header.value.ann_tables.is_empty()) {
                annotation.listed.insert((group, id), header.value.ann_tables.iter().map(|table| table.at_id).collect());
            }
        }
    }
    for arrived in &stream.boxes {
        one(stream, arrived, &annotation, findings)?;
    }
    units(stream, input, findings)?;
    missing(source, stream, input, findings);
    Ok(())
}

/// What boxes of annotation tables can belong to.
#[derive(Default)]
struct Annotation {
    tables: HashSet<(u8, u16, u8)>,
    classes: HashSet<(u8, u16, u8, u8)>,
    listed: std::collections::HashMap<(u8, u16), Vec<u8>>,
}

fn name(key: [u8; 4]) -> String {
    key.escape_ascii().to_string()
}

/// The types of data (Table 68) that a box of this key can be; access units are of a type for each class.
fn types_of(key: [u8; 4]) -> impl Iterator<Item = u64> {
    let name = name(key);
    let rows = descriptions::CODES_DATA_TYPE.codes.iter();
    rows.filter(move |(_, _, symbol)| symbol.is_some_and(|symbol| symbol.split('_').next() == Some(name.as_str()))).map(|(first, ..)| *first)
}

fn one(stream: &Stream, arrived: &Arrived, annotation: &Annotation, findings: &mut Findings) -> Result<()> {
    let (key, sid) = (arrived.key, arrived.sid);
    let at = arrived.pieces.first().map_or(0, |(at, _)| *at);
    let scope = structure::level(key).map(|level| level.scope);
    let fixed: Option<(u16, &'static Rule)> = match &key {
        b"flhd" => Some((1, &HEADER)),
        b"dmtl" => Some((0, &LIST)),
        _ => None,
    };
    if table_of(key).is_none() {
        return Ok(()); // the walk tells that it is no box
    }
    if scope == Some(Scope::File) {
        findings.of_box(&FILE_ONLY, at, format!("`{}` exists in files only", name(key)));
        return Ok(());
    }
    if fixed.is_none() && key != *b"dmtb" && types_of(key).next().is_none() {
        findings.of_box(&CARRIED, at, format!("a stream does not carry `{}` by itself", name(key)));
        return Ok(());
    }
    match (fixed, sid) {
        (Some((wanted, rule)), _) if wanted != sid => findings.of_box(rule, at, format!("`{}` is sent on stream {wanted}, not {sid}", name(key))),
        (None, 0) => findings.of_box(&LIST, at, format!("`{}` is sent on stream 0", name(key))),
        (None, 1) => findings.of_box(&HEADER, at, format!("`{}` is sent on stream 1", name(key))),
        _ => {}
    }
    let Some(mapped) = stream.mapped.get(&sid) else { return Ok(()) };
    if types_of(key).all(|code| code != u64::from(mapped.data_type)) {
        findings.of_box(&TYPE, at, format!("`{}` arrives on a stream for data of the type {}", name(key), mapped.data_type));
        return Ok(());
    }
    let trail = stream.trail(arrived)?;
    // Of an annotation access unit the header inside has the identifiers.
    let below = |field: &str| if key == *b"aauc" { format!("aauh.{field}") } else { field.to_owned() };
    if let Some(group) = trail.group.filter(|group| *group != mapped.group) {
        let message = format!("the stream {sid} carries data of the group {}, not {group}", mapped.group);
        findings.below(&GROUP, at, below("dataset_group_ID"), message);
    }
    let of_groups = matches!(&key, b"dghd" | b"rfgn" | b"labl" | b"dgmd" | b"rfmd" | b"dgpr" | b"dgcd");
    if let Some(dataset) = trail.dataset.filter(|dataset| *dataset != mapped.dataset && !of_groups) {
        let message = format!("the stream {sid} carries data of the dataset {}, not {dataset}", mapped.dataset);
        findings.below(&DATASET, at, below("dataset_ID"), message);
    }
    belongs(&trail, key, at, annotation, &below, findings);
    Ok(())
}

/// Whether the annotation table and the attribute group of a box are there.
fn belongs(trail: &Trail, key: [u8; 4], at: u64, annotation: &Annotation, below: &dyn Fn(&str) -> String, findings: &mut Findings) {
    let (Some(group), Some(dataset), Some(table)) = (trail.group, trail.dataset, trail.table) else { return };
    let listed = annotation.listed.get(&(group, dataset)).is_none_or(|listed| listed.contains(&table));
    if !listed {
        findings.below(&TABLE, at, below("AT_ID"), format!("the dataset header does not list the annotation table {table}"));
    } else if !annotation.tables.contains(&(group, dataset, table)) {
        findings.below(&TABLE, at, below("AT_ID"), format!("no header of the annotation table {table} is sent"));
    } else if let Some(class) = trail.class.filter(|_| matches!(&key, b"agtc" | b"aauc"))
        && !annotation.classes.contains(&(group, dataset, table, class))
    {
        findings.below(&CLASS, at, below("AG_class"), format!("no header of the attribute group {class} is sent"));
    }
}

/// The types of access units, which are known only with the headers of their datasets.
fn units(stream: &Stream, input: &Input, findings: &mut Findings) -> Result<()> {
    let file = input.header.as_ref().map(|header| header.value.clone()).unwrap_or_default();
    for dataset in input.groups.iter().flat_map(|group| &group.datasets) {
        for ((sid, _), unit) in dataset.arrived.iter().zip(dataset.units(&file)) {
            let unit = unit?;
            let (Some(header), Some(mapped)) = (&unit.header, stream.mapped.get(sid)) else { continue };
            let own = header.value.au_type.code();
            if own.saturating_add(9) != u64::from(mapped.data_type) {
                let message = format!("the stream {sid} carries data of the type {}, not access units of the type {own}", mapped.data_type);
                findings.below(&TYPE, unit.node.at, "auhd.AU_type", message);
            }
        }
    }
    Ok(())
}

fn missing(source: &dyn Source, stream: &Stream, input: &Input, findings: &mut Findings) {
    if findings.is_unreadable() {
        return;
    }
    let sent: HashSet<[u8; 4]> = stream.boxes.iter().map(|arrived| arrived.key).collect();
    let end = source.len().saturating_mul(8);
    for key in [*b"flhd", *b"dghd", *b"dmtl", *b"dmtb", *b"dthd", *b"pars"] {
        let mandatory = structure::level(key).is_some_and(|level| level.mandatory == Mandatory::Both);
        if mandatory && !sent.contains(&key) {
            let place = Place::Known { bit: Some(end), path: name(key) };
            findings.add(Draft { rule: &MISSING, clause: None, place, message: format!("no `{}` is sent", name(key)) });
        }
    }
    for dataset in input.groups.iter().flat_map(|group| &group.datasets) {
        if let Some(header) = dataset.header.as_ref().filter(|_| dataset.sets.is_empty() && sent.contains(b"pars")) {
            findings.of_box(&MISSING, header.at, format!("no `pars` of the dataset {} is sent", header.value.dataset_id));
        }
    }
}
