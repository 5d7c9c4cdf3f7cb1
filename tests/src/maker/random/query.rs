//! Random queries: their edges are the edges of what is there.

use super::super::expect::{AnnotationQuery, Query, Region};
use super::super::model::{AnnotationTable, AttributeGroup, Dataset, Field, Group, TileSizes};
use super::Rng;

/// A query for a dataset of sequencing data; at least one thing is asked.
pub fn query(rng: &mut Rng, group: &Group, dataset: &Dataset) -> Query {
    let mut query = Query::default();
    let Some(content) = dataset.sequencing() else { return query };
    while query.is_whole() {
        if !content.sequences.is_empty() && rng.chance(60) {
            query.regions = (0..rng.between(1, 3)).map(|_| region(rng, dataset)).collect();
        }
        let signatures: Vec<&String> = content.units.iter().flat_map(|unit| &unit.signatures).collect();
        if !signatures.is_empty() && rng.chance(50) {
            query.signatures = (0..rng.between(1, 2)).map(|_| rng.pick(&signatures).clone()).collect();
            if rng.chance(20) {
                query.signatures.push("ACGTNACGTNACGTNACGTNACGT".into());
            }
        }
        let labels: Vec<&String> = group.labels.iter().flat_map(|labels| &labels.list).map(|label| &label.id).collect();
        if !labels.is_empty() && rng.chance(30) {
            query.labels = (0..rng.between(1, 2)).map(|_| rng.pick(&labels).clone()).collect();
        }
        if rng.chance(25) {
            query.classes = Some(rng.some(&[1, 2, 3, 4, 5, 6], 1));
        }
        if rng.chance(15) {
            query.units = Some(rng.some(&[0, 1, 2, 3, 4, 99], 1));
        }
    }
    query
}

fn region(rng: &mut Rng, dataset: &Dataset) -> Region {
    let aligned: Vec<_> = dataset
        .sequencing()
        .iter()
        .flat_map(|content| content.units.iter().filter_map(|unit| Some((content.sequences[unit.sequence?].id, unit.range, unit.extended))))
        .collect();
    if aligned.is_empty() || rng.chance(10) {
        return Region { sequence: rng.pick(&[0, 1, 2, 40, 12345]), start: 0, end: rng.pick(&[0, 1000, (1 << 40) - 1]) };
    }
    let (sequence, range, extended) = rng.pick(&aligned);
    // Beside a unit, at its edges, in it, around it; and where only its extended range is.
    let edges = [range.0.saturating_sub(1), range.0, range.0 + (range.1 - range.0) / 2, range.1, range.1 + 1, extended.0, extended.1];
    let (one, other) = (rng.pick(&edges), rng.pick(&edges));
    Region { sequence, start: one.min(other), end: one.max(other) }
}

/// A query for an annotation table. Rows, columns and regions are asked of the main group, or of that of its rows.
pub fn annotation_query(rng: &mut Rng, tables: &[AnnotationTable]) -> AnnotationQuery {
    let table = rng.pick(&tables.iter().collect::<Vec<_>>());
    let group = rng.pick(&table.groups.iter().collect::<Vec<_>>());
    let mut query = AnnotationQuery { table: Some(table.id), group: Some(group.class), ..AnnotationQuery::default() };
    let span = |rng: &mut Rng, dimension: usize| {
        let mut edges = vec![0, group.dimensions[dimension] - 1];
        for structure in group.all_structures() {
            match &structure.sizes {
                TileSizes::Fixed(sizes) => edges.extend([sizes[dimension] - 1, sizes[dimension]]),
                TileSizes::Variable(tiles) => tiles.iter().for_each(|tile| edges.extend([tile[dimension].0, tile[dimension].1])),
            }
        }
        let (one, other) = (rng.pick(&edges), rng.pick(&edges));
        (one.min(other), one.max(other))
    };
    let rows_are_known = group.class == 0 || group.class == 1 && !group.two_dimensional();
    if rows_are_known && rng.chance(50) {
        query.rows = Some(span(rng, 0));
    }
    if group.class == 0 && group.two_dimensional() && rng.chance(50) {
        query.columns = Some(span(rng, 1));
    }
    let sorted = if group.class == 0 { table.sort_mode > 0 } else { table.sort_mode & 1 == 1 };
    if rows_are_known && sorted && rng.chance(50) {
        query.regions = genomic_regions(rng, table, group, 0);
    }
    if group.class == 0 && group.two_dimensional() && table.sort_mode == 3 && rng.chance(50) {
        query.column_regions = genomic_regions(rng, table, group, 1);
    }
    if rng.chance(50) {
        query.fields = rng.some(&group.fields, 1);
        if rng.chance(20) {
            query.fields.push(Field::Attribute(64999));
        }
    }
    // Fields have the same meaning in every group.
    if query.rows.is_none() && query.columns.is_none() && query.regions.is_empty() && query.column_regions.is_empty() && rng.chance(40) {
        query.group = None;
        if rng.chance(50) && !query.fields.is_empty() {
            query.table = None;
        }
    }
    query
}

/// Regions about the edges of tiles in the list of ranges of a dimension.
fn genomic_regions(rng: &mut Rng, table: &AnnotationTable, group: &AttributeGroup, dimension: usize) -> Vec<(String, u64, u64)> {
    let Some(index) = &group.tiles.ranges else { return vec![] };
    let furthest = (1 << table.position_size()) - 1;
    if rng.chance(10) {
        return vec![("no such".into(), 0, furthest)];
    }
    let list = dimension.min(index.chromosomes.len() - 1);
    let ranges: Vec<_> = match &group.tiles.sizes {
        TileSizes::Fixed(_) => index.ranges[list].clone(),
        TileSizes::Variable(_) => index.ranges.iter().map(|ranges| ranges[list]).collect(),
    };
    let region = |rng: &mut Rng| {
        let (start, end) = rng.pick(&ranges);
        let (chromosome, edge) = if rng.chance(50) { start } else { end };
        let edges = [edge.saturating_sub(1), edge, (edge + 1).min(furthest), 0, furthest];
        let (one, other) = (rng.pick(&edges), rng.pick(&edges));
        (index.chromosomes[list][usize::from(chromosome)].clone(), one.min(other), one.max(other))
    };
    (0..rng.between(1, 2)).map(|_| region(rng)).collect()
}
