//! Attribute groups against the header of their table (6.4.7).

use crate::validate::finding::Findings;
use crate::validate::model::Parts;
use crate::validate::rule::rules;
use std::collections::HashSet;

rules! {
    /// The header counts the auxiliary groups: with the main one there is one group more.
    COUNT: Error "athd.n_aux_attribute_groups" "6.4.6.2.3"
    /// Each attribute group that the header describes is there.
    DESCRIBED_ONLY: Error "athd.AG_class_present" "6.4.6.2.3"
    /// A field stands once in its group.
    FIELD_TWICE: Error "athd.field_ID" "6.4.6.2.3"
    /// An attribute group is one of those that the header describes, where it describes them.
    NOT_DESCRIBED: Error "aghd.AG_class_described" "6.4.7.2.3"
    /// No two attribute groups of a table have the same class.
    CLASS: Error "aghd.AG_class" "6.4.7.2.3"
    /// The main attribute group comes first.
    MAIN_FIRST: Error "aghd.AG_class_main" "6.4.6.1"
    /// Each attribute group has a tile configuration.
    NOT_CONFIGURED: Error "agcn.tile_configuration" "6.4.6.6"
    /// An attribute group has one tile configuration.
    CONFIGURED_TWICE: Error "agtc.AG_class" "6.4.6.6"
    /// Data has a size in each dimension; in a stream the size may be open.
    SIZE: Warning "aghd.dimension_size_zero" "6.4.7.2.3"
    /// Auxiliary data of the rows or columns of the main data has as many rows as that has rows or columns.
    MAPPED_SIZE: Note "aghd.dimension_size_main" "6.4.7.2.3"
}

/// Checks them.
pub(super) fn check(parts: &Parts, is_stream: bool, findings: &mut Findings) {
    let header = &parts.header;
    let (told, found) = (usize::from(header.value.n_aux_attribute_groups).saturating_add(1), parts.groups.len());
    if told != found && parts.complete {
        let message = format!("{told} attribute groups are announced, there are {found}");
        findings.field(&COUNT, header.at, "n_aux_attribute_groups", &[], message);
    }
    described(parts, findings);
    let mut seen = HashSet::new();
    for (number, (group, at)) in parts.headers.iter().zip(parts.groups.iter().map(|group| group.header_at)).enumerate() {
        let class = group.ag_class.code();
        if number == 0 && class != 0 && !is_stream {
            findings.field(&MAIN_FIRST, at, "AG_class", &[], format!("the first attribute group has the class {class}"));
        }
        if !seen.insert(class) {
            findings.field(&CLASS, at, "AG_class", &[], format!("another attribute group has the class {class} too"));
        }
        if header.value.ag_info_exists && parts.fields(class).is_none() {
            findings.field(&NOT_DESCRIBED, at, "AG_class", &[], format!("the header of the table does not describe the class {class}"));
        }
        if parts.configuration_of(class).is_none() && parts.complete {
            let message = format!("the attribute group {class} has no tile configuration");
            findings.of_box(&NOT_CONFIGURED, parts.groups.get(number).map_or(at, |group| group.at), message);
        }
        sizes(parts, number, at, is_stream, findings);
    }
    let mut seen = HashSet::new();
    for (configuration, at) in parts.configurations.iter().zip(&parts.configurations_at) {
        let class = configuration.ag_class.code();
        if !seen.insert(class) {
            findings.field(&CONFIGURED_TWICE, *at, "AG_class", &[], format!("another tile configuration belongs to the class {class} too"));
        }
    }
}

fn described(parts: &Parts, findings: &mut Findings) {
    let header = &parts.header;
    for (i, group) in (0u64..).zip(&header.value.groups) {
        let class = group.ag_class.code();
        if parts.group_of(class).is_none() && parts.complete {
            findings.field(&DESCRIBED_ONLY, header.at, "AG_class", &[i], format!("there is no attribute group of the class {class}"));
        }
        let mut seen = HashSet::new();
        for (j, field) in (0u64..).zip(&group.fields) {
            if !seen.insert((field.is_attribute, field.field_id)) {
                findings.field(&FIELD_TWICE, header.at, "field_ID", &[i, j], format!("the field {} stands before in the group", field.field_id));
            }
        }
    }
}

fn sizes(parts: &Parts, number: usize, at: u64, is_stream: bool, findings: &mut Findings) {
    let Some(group) = parts.headers.get(number) else { return };
    for (i, size) in (0u64..).zip(&group.dimension_size) {
        if *size == 0 && !is_stream {
            findings.field(&SIZE, at, "dimension_size", &[i], "the data has no elements in this dimension");
        }
    }
    let main = parts.group_of(0).and_then(|main| parts.headers.get(main)).map(|main| &main.dimension_size);
    let wanted = match group.ag_class.code() {
        1 | 3 => main.and_then(|size| size.first()),
        2 | 4 => main.and_then(|size| size.get(1)),
        _ => None,
    };
    if let (Some(wanted), Some(size)) = (wanted, group.dimension_size.first())
        && wanted != size
    {
        findings.field(&MAPPED_SIZE, at, "dimension_size", &[0], format!("the data has {size} rows for {wanted} of the main data"));
    }
}
