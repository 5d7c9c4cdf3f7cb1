//! Annotation data: data units of whole datasets and of selections, against what other programs expect, what is worked out by hand,
//! and what the fields listed in the vectors say.

use mpegg::ErrorKind;
use mpegg::access::annotation::{AnnotationSelection, GenomicRange};
use mpegg::decapsulate::annotation_units;
use mpegg::file::{Dataset, Field, File};
use mpegg::source::{Bytes, Source};
use mpegg_tests::annotation::{Listed, number_of};
use mpegg_tests::inputs::{Vector, shared, vectors};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// The datasets of annotation data, in order.
fn datasets<S: Source>(file: &File<S>) -> Vec<Dataset<'_>> {
    let all = file.groups().unwrap().into_iter().flat_map(|group| group.datasets().unwrap());
    all.filter(|dataset| dataset.header().unwrap().dataset_type.code() == 3).collect()
}

/// The data units, one behind the other, and the notes.
fn extract(dataset: &Dataset<'_>, selection: &AnnotationSelection) -> mpegg::Result<(Vec<u8>, Vec<String>)> {
    let mut out = vec![];
    let mut units = annotation_units(dataset, selection)?;
    for unit in &mut units {
        let unit = unit?;
        let before = out.len() as u64;
        unit.write_to(&mut out, &mut vec![])?;
        assert_eq!(out.len() as u64 - before, unit.len());
    }
    Ok((out, units.notes()))
}

fn region(chromosome: &str, start: u64, end: u64) -> GenomicRange {
    GenomicRange { chromosome: chromosome.to_owned(), start, end }
}

#[test]
fn whole_datasets_of_other_programs() {
    let Some(root) = shared() else { return };
    let mut compared = 0;
    for entry in fs::read_dir(root.join("cases")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(expect) = fs::read(folder.join("expect.json")) else { continue };
        let expect: Value = serde_json::from_slice(&expect).unwrap();
        let name = expect["case"].as_str().unwrap();
        let (input, prefix) = match expect["input"].as_str() {
            Some("input.mgg") => ("input.mgg", ""),
            _ => ("file.auc.mgg", "auc."),
        };
        let Ok(bytes) = fs::read(folder.join(input)) else { continue };
        let file = File::new(Bytes(&bytes)).unwrap();
        for set in datasets(&file) {
            let header = set.header().unwrap();
            let wanted = fs::read(folder.join(format!("{prefix}group{}.dataset{}.units", header.dataset_group_id, header.dataset_id))).unwrap();
            let (found, notes) = extract(&set, &AnnotationSelection::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(found == wanted, "{name}: {} bytes, {} wanted", found.len(), wanted.len());
            // Strings that are left in an index are told (R32).
            assert_eq!(notes.iter().any(|note| note.contains("is in a string index")), name.starts_with("str-"), "{name}: {notes:?}");
            compared += 1;
        }
    }
    assert!(compared >= 7, "{compared}");
}

/// Small numbers that look random; the same ones in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % sides.max(1)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.roll(from.len())).cloned()
    }
}

/// What selections of a dataset can be made of.
#[derive(Default)]
struct Choices {
    indexes: [BTreeSet<u64>; 2],
    positions: BTreeSet<u64>,
    chromosomes: BTreeSet<String>,
    fields: Vec<Field>,
    classes: Vec<u8>,
    tables: Vec<u8>,
}

impl Choices {
    /// Numbers at which something begins or ends, and their neighbours.
    fn of(vector: &Vector, dataset: &str) -> Choices {
        let mut choices = Choices { chromosomes: BTreeSet::from(["nowhere".to_owned()]), ..Choices::default() };
        let around = |number: u64| [number.saturating_sub(1), number, number.saturating_add(1)];
        for line in vector.json["lines"].as_array().unwrap() {
            let (path, name) = (line[0].as_str().unwrap(), line[1].as_str().unwrap());
            if !path.starts_with(dataset) {
                continue;
            }
            let (index, number) = (line[2].as_array().unwrap(), number_of(&line[5]));
            let last = index.last().and_then(Value::as_u64).unwrap_or(0) as usize;
            match (name, number) {
                ("start_index" | "end_index" | "dimension_size", Some(number)) => choices.indexes[last].extend(around(number)),
                ("tile_size", Some(number)) => (0..4).for_each(|times| choices.indexes[last].extend(around(number.saturating_mul(times)))),
                ("start_pos" | "end_pos", Some(number)) => choices.positions.extend(around(number)),
                ("chr_ID", _) => _ = choices.chromosomes.insert(line[5].as_str().unwrap().to_owned()),
                ("attribute_ID", Some(id)) => choices.fields.push(Field::Attribute(id as u16)),
                ("descriptor_ID", Some(id)) if id != 31 => choices.fields.push(Field::Descriptor(id as u8)),
                ("AG_class", Some(class)) => choices.classes.push(class as u8),
                ("AT_ID", Some(id)) => choices.tables.push(id as u8),
                _ => {}
            }
        }
        // The rows of the groups of columns are columns of the main data.
        let rows = choices.indexes[0].clone();
        choices.indexes[1].extend(rows);
        choices
    }

    fn selection(&self, dice: &mut Dice) -> AnnotationSelection {
        let mut selection = AnnotationSelection::default();
        let list = |set: &BTreeSet<u64>| set.iter().copied().collect::<Vec<_>>();
        let range = |dice: &mut Dice, from: &[u64]| Some(dice.pick(from)?..=dice.pick(from)?);
        let regions = |dice: &mut Dice| -> Vec<GenomicRange> {
            let (positions, names) = (list(&self.positions), self.chromosomes.iter().cloned().collect::<Vec<_>>());
            let one = |dice: &mut Dice| Some(region(&dice.pick(&names)?, dice.pick(&positions)?, dice.pick(&positions)?));
            (0..=dice.roll(2)).filter_map(|_| one(dice)).collect()
        };
        if dice.roll(2) == 0 {
            selection.rows = range(dice, &list(&self.indexes[0]));
        }
        if dice.roll(3) == 0 {
            selection.columns = range(dice, &list(&self.indexes[1]));
        }
        if dice.roll(2) == 0 {
            selection.regions = regions(dice);
        }
        if dice.roll(4) == 0 {
            selection.column_regions = regions(dice);
        }
        if dice.roll(3) == 0 {
            selection.fields = (0..=dice.roll(2)).filter_map(|_| dice.pick(&self.fields)).collect();
        }
        if dice.roll(4) == 0 {
            selection.groups = Some((0..dice.roll(3)).filter_map(|_| dice.pick(&self.classes)).collect());
        }
        if dice.roll(4) == 0 {
            selection.tables = Some((0..dice.roll(3)).filter_map(|_| dice.pick(&self.tables)).collect());
        }
        selection
    }
}

/// Whether a selection means something in all tables that it names.
fn supported(listed: &Listed<'_>, dataset: &str, selection: &AnnotationSelection) -> bool {
    let has_regions = !selection.regions.is_empty() || !selection.column_regions.is_empty();
    let asks_columns = selection.columns.is_some() || !selection.column_regions.is_empty();
    let of = |table: &String| {
        let main = listed.boxes(&format!("{table}.agcn")).into_iter().find(|group| listed.get(&format!("{group}.aghd.AG_class")) == Some(0));
        let columns = main.is_none_or(|main| listed.number(&format!("{main}.aghd.two_dimensional")) == 1);
        let sorted = listed.number(&format!("{table}.athd.AT_genomic_pos_sort_mode"));
        let indexed = listed.get(&format!("{table}.atix.AG_class[0]")).is_some();
        (columns || !asks_columns) && (!has_regions || sorted > 0 && indexed) && (selection.column_regions.is_empty() || sorted > 1)
    };
    let wanted = |table: &String| selection.tables.as_ref().is_none_or(|tables| tables.contains(&(listed.number(&format!("{table}.athd.AT_ID")) as u8)));
    listed.tables(dataset).iter().filter(|table| wanted(table)).all(of)
}

#[test]
fn selections_give_what_the_listed_fields_say() {
    let mut dice = Dice(7);
    let (mut compared, mut some, mut refused, mut with_regions) = (0, 0, 0, 0);
    for vector in vectors().iter().filter(|vector| vector.kind == mpegg::walk::Kind::File && !vector.is_broken()) {
        let listed = Listed::of(vector);
        let file = File::new(Bytes(&vector.bytes)).unwrap();
        for (path, dataset) in listed.datasets().iter().zip(datasets(&file)) {
            let choices = Choices::of(vector, path);
            let (whole, _) = extract(&dataset, &AnnotationSelection::default()).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
            assert!(whole == listed.units(path, &AnnotationSelection::default()), "{} as a whole", vector.name);
            for _ in 0..60 {
                let selection = choices.selection(&mut dice);
                let found = extract(&dataset, &selection);
                if !supported(&listed, path, &selection) {
                    let error = found.expect_err(&vector.name);
                    assert_eq!(error.kind(), ErrorKind::Unsupported, "{}: {selection:?}: {error}", vector.name);
                    refused += 1;
                    continue;
                }
                let (found, notes) = found.unwrap_or_else(|error| panic!("{}: {selection:?}: {error}", vector.name));
                assert!(!notes.iter().any(|note| note.contains("do not fit")), "{}: {notes:?}", vector.name);
                let wanted = listed.units(path, &selection);
                assert!(found == wanted, "{}: {selection:?}: {} bytes, {} wanted", vector.name, found.len(), wanted.len());
                compared += 1;
                some += usize::from(!found.is_empty() && found.len() < whole.len());
                with_regions += usize::from(!selection.regions.is_empty() && !found.is_empty());
            }
        }
    }
    assert!(compared > 600 && some > 200 && refused > 100 && with_regions > 10, "{compared} {some} {refused} {with_regions}");
}

/// Random files of an independent model, and what it says of random queries.
#[test]
fn selections_of_random_files() {
    use mpegg_tests::maker::expect::{AnnotationQuery, annotation_units as expected};
    use mpegg_tests::maker::model::{Content, Field as Named};
    use mpegg_tests::maker::random::{Rng, annotation_file, annotation_query};
    let named = |field: &Named| match field {
        Named::Attribute(id) => Field::Attribute(*id),
        Named::Descriptor(id) => Field::Descriptor(*id),
    };
    for case in 0..48 {
        let mut rng = Rng::new(case);
        let model = annotation_file(case).file;
        let bytes = mpegg_tests::maker::write::file(&model);
        let file = File::new(Bytes(&bytes)).unwrap();
        let Content::Annotation(tables) = &model.groups[0].datasets[0].content else { panic!("no annotation data") };
        let queries =
            std::iter::once(AnnotationQuery::default()).chain(std::iter::repeat_with(|| annotation_query(&mut rng, tables)).take(8)).collect::<Vec<_>>();
        for query in queries {
            let selection = AnnotationSelection {
                tables: query.table.map(|id| vec![id]),
                groups: query.group.map(|class| vec![class]),
                fields: query.fields.iter().map(named).collect(),
                rows: query.rows.map(|(start, end)| start..=end),
                columns: query.columns.map(|(start, end)| start..=end),
                regions: query.regions.iter().map(|(name, start, end)| region(name, *start, *end)).collect(),
                column_regions: query.column_regions.iter().map(|(name, start, end)| region(name, *start, *end)).collect(),
            };
            let (found, notes) = extract(&file.dataset(1u16).unwrap(), &selection).unwrap_or_else(|error| panic!("case {case}, {selection:?}: {error}"));
            assert!(!notes.iter().any(|note| note.contains("do not fit")), "case {case}: {notes:?}");
            let wanted = expected(&model, 0, 1, &query);
            assert!(found == wanted, "case {case}, {selection:?}: {} bytes, {} wanted", found.len(), wanted.len());
        }
    }
}
