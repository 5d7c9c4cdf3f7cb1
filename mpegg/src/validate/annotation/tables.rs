//! Annotation tables: their headers against the dataset (6.4.6.2).

use crate::tables::AtSubtype;
use crate::validate::finding::Findings;
use crate::validate::model::{AnnotationTable, Dataset, Parts};
use crate::validate::rule::rules;
use std::collections::HashSet;

rules! {
    /// A dataset lists no annotation table twice.
    LISTED_TWICE: Error "dthd.AT_ID" "6.4.3.2.3"
    /// Each annotation table that a dataset lists is there.
    LISTED_ONLY: Error "dthd.AT_ID_present" "6.4.3.2.3"
    /// An annotation table is one of those that the dataset lists.
    NOT_LISTED: Error "athd.AT_ID" "6.4.6.2.3"
    /// No two annotation tables of a dataset have the same identifier.
    TABLE_ID: Error "athd.AT_ID_unique" "6.4.6.2.3"
    /// The parameter set of an annotation table is one of the dataset.
    SET: Error "athd.parameter_set_ID" "6.4.6.2.3"
    /// A subtype belongs to the type of the table: VCF to variants, GTF, GFF and GENBANK to functional annotations, BED, BEDGRAPH, WIG and BIGWIG to
    /// tracks, HIC to contact matrices, GENE_EXPRESSION to gene expression.
    SUBTYPE: Note "athd.AT_subtype_of_type" "5.7"
    /// A table whose data is sorted by genomic position has an index with the genomic ranges of the tiles.
    SORTED: Error "athd.AT_genomic_pos_sort_mode" "6.4.6.2.3"
}

/// The list of tables in the dataset header.
pub(super) fn listed(dataset: &Dataset, findings: &mut Findings) {
    let Some(header) = &dataset.header else { return };
    // In a stream the list may be empty as long as tables are added.
    let is_open = dataset.node.is_none() && header.value.ann_tables.is_empty();
    let present: HashSet<u8> = dataset.tables.iter().filter_map(AnnotationTable::id).collect();
    let mut listed = HashSet::new();
    for (i, table) in (0u64..).zip(&header.value.ann_tables) {
        let id = table.at_id;
        if !listed.insert(id) {
            findings.field(&LISTED_TWICE, header.at, "AT_ID", &[i], format!("the annotation table {id} is listed before"));
        } else if !present.contains(&id) && !findings.is_unreadable() {
            findings.field(&LISTED_ONLY, header.at, "AT_ID", &[i], format!("there is no annotation table {id}"));
        }
    }
    let mut seen = HashSet::new();
    for header in dataset.tables.iter().filter_map(|table| table.header.as_ref()) {
        let id = header.value.at_id;
        if !listed.contains(&id) && !is_open {
            findings.field(&NOT_LISTED, header.at, "AT_ID", &[], format!("the dataset does not list the annotation table {id}"));
        }
        if !seen.insert(id) {
            findings.field(&TABLE_ID, header.at, "AT_ID", &[], format!("another annotation table has the identifier {id} too"));
        }
    }
}

/// A table by itself.
pub(super) fn check(dataset: &Dataset, table: &AnnotationTable, parts: &Parts, is_stream: bool, findings: &mut Findings) {
    let header = &parts.header;
    let set = header.value.parameter_set_id;
    if dataset.sets.iter().all(|known| known.parameter_set_id != set) {
        findings.field(&SET, header.at, "parameter_set_ID", &[], format!("the dataset has no parameter set {set}"));
    }
    let (kind, subtype) = (header.value.at_type.code(), header.value.at_subtype);
    if type_of(subtype).is_some_and(|wanted| wanted != kind) {
        let message = format!("the subtype {} does not belong to the type {kind}", subtype.code());
        findings.field(&SUBTYPE, header.at, "AT_subtype", &[], message);
    }
    if header.value.at_genomic_pos_sort_mode.code() > 0 && table.index.is_none() && !is_stream {
        findings.field(&SORTED, header.at, "AT_genomic_pos_sort_mode", &[], "the table is sorted by genomic position, but it has no index");
    }
}

/// The type (Table 8) to which a subtype belongs (Table 9); nothing for one that belongs to any.
fn type_of(subtype: AtSubtype) -> Option<u64> {
    match subtype.code() {
        1 => Some(1),
        2 | 3 | 8 => Some(2),
        9 => Some(3),
        10 => Some(4),
        4..=7 => Some(5),
        _ => None,
    }
}
