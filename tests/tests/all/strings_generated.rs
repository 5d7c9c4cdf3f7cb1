//! Random files with string indexes of every form, held against scans of the strings that they were made of.

use mpegg::access::annotation::GenomicRange;
use mpegg::file::{self, File};
use mpegg::source::Bytes;
use mpegg::strings::{Contents, Mode, Pattern, StringIndex, Text, Unit, Wanted, Way};
use mpegg_tests::maker::expect::{self, AnnotationQuery};
use mpegg_tests::maker::model::{AnnotationTable, AttributeGroup, Content, Field, StringIndex as Model, StringUnitId, TileSizes, TileStructure};
use mpegg_tests::maker::random::{Rng, annotation_query, strings_file};
use mpegg_tests::maker::write;
use serde_json::Value;
use std::fs;

use super::command::{Extract, difference, mpegg, told};
use super::generated::check;

/// How many files are made: more where `MPEGG_CASES` says so.
fn many() -> u64 {
    std::env::var("MPEGG_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(192)
}

fn tables(made: &mpegg_tests::maker::model::File) -> &[AnnotationTable] {
    match &made.groups[0].datasets[0].content {
        Content::Annotation(tables) => tables,
        Content::Sequencing(_) => panic!("not annotation data"),
    }
}

/// The string indexes of a table that can be read, in the order of its index.
fn models(table: &AnnotationTable) -> Vec<(&AttributeGroup, &Model)> {
    let all = table.groups.iter().flat_map(|group| group.strings.iter().map(move |index| (group, index)));
    all.filter(|(_, index)| index.compressed.is_none()).collect()
}

/// A string: unit, record, number in the record, where it begins, bytes.
type String_ = (Unit, u64, usize, u32, Vec<u8>);

fn unit(id: StringUnitId) -> Unit {
    match id {
        StringUnitId::Tile(first, second) => Unit::Tile(file::annotation::TileIndex { first, second }),
        StringUnitId::Unit(id) => Unit::AccessUnit(id),
    }
}

/// The strings of a part, as they were made.
fn made_of(index: &Model, part: usize) -> Vec<String_> {
    let (mut found, mut at) = (vec![], 0);
    for own in &index.parts[part].units {
        for (number, record) in own.records.iter().enumerate() {
            at += usize::from(own.record_indexes && number < 64);
            for (place, string) in record.iter().enumerate() {
                found.push((unit(own.id), number as u64, place, at as u32, string.clone().into_bytes()));
                at += string.len() + 1;
            }
        }
    }
    found
}

fn hits(text: &Text<'_>, patterns: &[Pattern], units: Option<Vec<Wanted>>) -> Vec<String_> {
    let mut found = vec![];
    let mut hits = units.map_or_else(|| text.search(patterns), |units| text.search_in(patterns, units)).unwrap();
    while let Some(hit) = hits.next_hit().unwrap() {
        found.push((hit.unit, hit.record, hit.string_index, hit.start, hit.string.to_vec()));
    }
    found
}

fn field(field: Field) -> file::Field {
    match field {
        Field::Attribute(id) => file::Field::Attribute(id),
        Field::Descriptor(id) => file::Field::Descriptor(id),
    }
}

/// Patterns of which many occur: parts of strings, and others.
fn patterns(rng: &mut Rng, strings: &[String_]) -> Vec<Pattern> {
    let mut found = vec![];
    for _ in 0..12 {
        let whole = if strings.is_empty() { vec![] } else { rng.pick(strings).4 };
        let (mut start, mut end) = (rng.between(0, whole.len() as u64) as usize, rng.between(0, whole.len() as u64) as usize);
        if rng.chance(40) {
            (start, end) = (0, whole.len());
        }
        let mut bytes = whole[start.min(end)..start.max(end)].to_vec();
        if rng.chance(15) {
            bytes.push(rng.pick(b"ab\x00\x01\x80\xC3zr1"));
        }
        if rng.chance(30) {
            bytes.iter_mut().for_each(|byte| *byte = byte.to_ascii_uppercase());
        }
        let mode = rng.pick(&[Mode::Substring, Mode::Prefix, Mode::Suffix, Mode::Exact]);
        found.push(Pattern { bytes, mode, ignore_case: rng.chance(40) });
    }
    found
}

/// Holds a part against the strings that it was made of.
fn part(rng: &mut Rng, index: &StringIndex<'_>, model: &Model, number: usize, failures: &mut Vec<String>) {
    let part = &index.sub_indexes()[number];
    let content = index.content(part).unwrap();
    let wanted = made_of(model, number);
    let mut expect = |what: &str, right: bool| {
        if !right {
            failures.push(format!("{} part {number}: {what}", index.path()));
        }
    };
    for way in [Way::InPlace, Way::Expanded] {
        let text = Text::open(index, part, &content).unwrap().suited(way, &[], None).unwrap();
        let mut all = vec![];
        for number in 0..part.units.len() {
            let mut strings = text.strings(number).unwrap();
            while let Some(string) = strings.next_string().unwrap() {
                all.push((string.unit, string.record, string.string_index, string.start, string.string.to_vec()));
            }
        }
        expect("strings", all == wanted);
        let mut payload = vec![];
        text.extract(0..text.len(), &mut payload).unwrap();
        expect("text", payload == model.parts[number].text().0);
        let patterns = patterns(rng, &wanted);
        for pattern in &patterns {
            let own: Vec<String_> = wanted.iter().filter(|string| pattern.matches(&string.4)).cloned().collect();
            expect(&format!("{way:?} {pattern:?}"), hits(&text, std::slice::from_ref(pattern), None) == own);
            expect(&format!("{way:?} count {pattern:?}"), text.count(pattern).unwrap() == own.len() as u64);
        }
        let units: Vec<bool> = part.units.iter().map(|_| rng.chance(50)).collect();
        let is_wanted = |string: &&String_| part.units.iter().zip(&units).any(|(unit, wanted)| *wanted && unit.unit == string.0);
        let any: Vec<String_> = wanted.iter().filter(|string| patterns.iter().any(|pattern| pattern.matches(&string.4))).cloned().collect();
        expect("several patterns", hits(&text, &patterns, None) == any);
        expect(
            "in units",
            hits(&text, &patterns, Some(units.iter().map(|all| Wanted::from(*all)).collect())) == any.iter().filter(is_wanted).cloned().collect::<Vec<_>>(),
        );
        let (first, last) = (rng.between(0, 6), rng.between(0, 6));
        let some = Wanted::Records(vec![first..last.max(first), last.max(first) + 2..u64::MAX]);
        let own: Vec<String_> = any.iter().filter(|string| some.has(string.1)).cloned().collect();
        expect("in records", hits(&text, &patterns, Some(vec![some; part.units.len()])) == own);
    }
    let verified = index.verify(part).unwrap();
    expect(&format!("verified: {:?} {:?}", verified.problems, verified.error), verified.is_right());
    let stats = index.stats(part).unwrap();
    let parts = stats.header + stats.positions + stats.rows + stats.superblocks + stats.classes + stats.blocks;
    expect("sizes", (stats.index, stats.strings) == (parts, wanted.len() as u64));
}

/// The units with a position in some regions.
fn regions(rng: &mut Rng, table: &AnnotationTable, group: &AttributeGroup, model: &Model, index: &StringIndex<'_>, failures: &mut Vec<String>) {
    let structure = group.tiles_of(model.fields[0]);
    let Some(ranges) = structure.ranges.as_ref().filter(|_| group.class == 0 && table.sort_mode > 0) else { return };
    let names = &ranges.chromosomes[0];
    let (start, length) = (rng.between(0, 2000), rng.between(0, 800));
    let asked = vec![(rng.pick(names), start, start + length)];
    let ours: Vec<GenomicRange> = asked.iter().map(|(name, start, end)| GenomicRange { chromosome: name.clone(), start: *start, end: *end }).collect();
    let tile = |id: StringUnitId| match (id, &structure.sizes) {
        (StringUnitId::Unit(number), _) => group.all_keys().iter().position(|key| *key == group.units[number as usize].key).unwrap(),
        (StringUnitId::Tile(row, Some(column)), TileSizes::Fixed(sizes)) => {
            let tiles = structure.tiles(&group.dimensions, group.column_major);
            tiles.iter().position(|tile| (tile[0].0 / sizes[0], tile[1].0 / sizes[1]) == (row, column)).unwrap()
        }
        (StringUnitId::Tile(number, _), _) => number as usize,
    };
    let found = index.units_in(&ours);
    if group.attribute_contiguity && !model.by_tile {
        return of_fields(table, group, structure, &asked, found, failures);
    }
    let of_part = |part: &mpegg_tests::maker::model::StringPart| {
        part.units.iter().map(|unit| Wanted::from(expect::tile_in_regions(table, group, structure, tile(unit.id), &asked))).collect::<Vec<_>>()
    };
    let wanted: Vec<Vec<Wanted>> = model.parts.iter().map(of_part).collect();
    match found {
        Ok(found) if found == wanted => {}
        found => failures.push(format!("{} {asked:?}: {found:?}, wanted {wanted:?}", index.path())),
    }
}

/// The same where units are fields: the records of each tile.
fn of_fields(
    table: &AnnotationTable,
    group: &AttributeGroup,
    structure: &TileStructure,
    asked: &[(String, u64, u64)],
    found: mpegg_runtime::Result<Vec<Vec<Wanted>>>,
    failures: &mut Vec<String>,
) {
    if group.two_dimensional() {
        return failures.extend(found.is_ok().then(|| "regions of units that are fields of two dimensions".to_owned()));
    }
    let tiles = structure.tiles(&group.dimensions, group.column_major);
    let of_tile = |(number, tile): (usize, &Vec<(u64, u64)>)| {
        let touched = expect::tile_in_regions(table, group, structure, number, asked);
        (tile[0].0..=tile[0].1).map(move |_| touched)
    };
    let records: Vec<bool> = tiles.iter().enumerate().flat_map(of_tile).collect();
    let is_right = |wanted: &Wanted| (0u64..).zip(&records).all(|(record, touched)| wanted.has(record) == *touched) && !wanted.has(records.len() as u64);
    match found {
        Ok(found) if found.iter().flatten().all(is_right) => {}
        found => failures.push(format!("{asked:?}: {found:?}, wanted {records:?}")),
    }
}

#[test]
fn library() {
    check(0..many(), |case, _| {
        let mut rng = Rng::new(case ^ 0x51);
        let made = strings_file(case).file;
        let bytes = write::file(&made);
        let opened = File::new(Bytes(&bytes)).unwrap();
        let mut failures = vec![];
        let dataset = opened.dataset(1).unwrap();
        for (table, model) in dataset.tables().unwrap().iter().zip(tables(&made)) {
            let indexes = table.string_indexes().unwrap();
            let models = models(model);
            if indexes.len() != models.len() {
                failures.push(format!("{} indexes, wanted {}", indexes.len(), models.len()));
                continue;
            }
            for (index, (group, own)) in indexes.iter().zip(&models) {
                let fields: Vec<file::Field> = own.fields.iter().map(|one| field(*one)).collect();
                if (index.ag_class(), index.id(), index.by_tile(), index.fields()) != (group.class, own.id, own.by_tile, &fields[..]) {
                    failures.push(format!("{}: {:?}", index.path(), index.fields()));
                }
                (0..own.parts.len()).for_each(|number| part(&mut rng, index, own, number, &mut failures));
                regions(&mut rng, model, group, own, index, &mut failures);
            }
        }
        failures
    });
}

/// All strings of a table: group, field, unit, record, number in the record, bytes; in the order of the index.
fn all_strings<'m>(models: &[(&'m AttributeGroup, &'m Model)]) -> Vec<(u8, Field, String_)> {
    let parts = models.iter().flat_map(|(group, index)| (0..index.parts.len()).map(move |part| (group, index, part)));
    parts.flat_map(|(group, index, part)| made_of(index, part).into_iter().map(move |string| (group.class, index.fields[string.2], string))).collect()
}

fn name(field: Field) -> String {
    match field {
        Field::Attribute(id) => format!("attribute:{id}"),
        Field::Descriptor(id) => format!("descriptor:{id}"),
    }
}

#[test]
fn commands() {
    check(0..many() / 8, |case, folder| {
        let made = strings_file(case);
        let path = folder.join("strings.mgg");
        fs::write(&path, write::file(&made.file)).unwrap();
        let mut failures = vec![];
        let run = |arguments: &[&str]| {
            let all = [&["strings", arguments[0], path.to_str().unwrap()], &arguments[1..]].concat();
            let output = mpegg(&all);
            assert_eq!(output.status.code(), Some(0), "case {case} {arguments:?}: {}", told(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let strings: Vec<(u8, u8, Field, String_)> = tables(&made.file)
            .iter()
            .flat_map(|table| all_strings(&models(table)).into_iter().map(|(group, field, string)| (table.id, group, field, string)))
            .collect();
        let mut rng = Rng::new(case ^ 0x77);
        for _ in 0..2 {
            let Some((_, _, own, string)) = (!strings.is_empty()).then(|| rng.pick(&strings)) else { break };
            let pattern = String::from_utf8(string.4).unwrap();
            let field_name = name(own);
            let matching = |one: &&(u8, u8, Field, String_)| one.2 == own && String::from_utf8_lossy(&one.3.4).contains(&pattern);
            let wanted: Vec<Value> = strings
                .iter()
                .filter(matching)
                .map(|(table, group, field, (unit, record, number, _, bytes))| {
                    let (tile, id) = match unit {
                        Unit::Tile(tile) => (Some(std::iter::once(tile.first).chain(tile.second).collect::<Vec<_>>()), None),
                        Unit::AccessUnit(id) => (None, Some(*id)),
                    };
                    serde_json::json!({"dataset": "0:1", "table": table, "group": group, "field": name(*field), "tile": tile, "unit": id,
                        "record": record, "string_index": number, "string": String::from_utf8_lossy(bytes)})
                })
                .collect();
            let said = run(&["search", "--field", &field_name, "--format", "jsonl", "--", &pattern]);
            let found: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let counted = run(&["search", "--field", &field_name, "--count", "--", &pattern]);
            if found != wanted || counted != format!("{pattern}\t{}\n", wanted.len()) {
                failures.push(format!("{field_name} {pattern:?}: {found:?}, {counted:?}, wanted {wanted:?}"));
            }
        }
        // What is in the indexes is not in the data units.
        let mut queries = vec![AnnotationQuery::default()];
        queries.extend((0..2).map(|_| annotation_query(&mut rng, tables(&made.file))));
        for query in queries {
            let extract =
                Extract { file: &path, dataset: "0:1".into(), options: query.arguments(), output: folder.join("strings.mgb"), reference_output: None };
            match extract.run() {
                Ok((units, _)) => failures.extend(difference(&units, &expect::annotation_units(&made.file, 0, 1, &query))),
                Err(error) => failures.push(error),
            }
        }
        failures
    });
}

#[test]
fn validated() {
    check(0..many() / 2, |case, folder| {
        let made = strings_file(case);
        if !made.conformant {
            return vec![];
        }
        let reversed = tables(&made.file).iter().flat_map(models).flat_map(|(_, index)| &index.parts).filter(|part| part.form.little_endian).count();
        let path = folder.join("strings.mgg");
        fs::write(&path, write::file(&made.file)).unwrap();
        let output = mpegg(["validate".as_ref(), "--level".as_ref(), "error".as_ref(), path.as_os_str()]);
        let findings = String::from_utf8_lossy(&output.stdout);
        let of_order = findings.matches("error[little_endian_string_index.byte_order]").count();
        let others = findings.matches("error[").count() - of_order;
        // Of a rule that is broken often not all findings are told.
        if (of_order > 0, others) == (reversed > 0, 0) { vec![] } else { vec![format!("{reversed} indexes are little-endian: {}", told(&output))] }
    });
}

#[test]
fn the_other_strings_of_a_record() {
    check(0..many() / 4, |case, _| {
        let made = strings_file(case).file;
        let bytes = write::file(&made);
        let opened = File::new(Bytes(&bytes)).unwrap();
        let mut failures = vec![];
        for (table, model) in opened.dataset(1).unwrap().tables().unwrap().iter().zip(tables(&made)) {
            let (indexes, models) = (table.string_indexes().unwrap(), models(model));
            for group in &model.groups {
                let contents = Contents::new(indexes.iter().filter(|index| index.ag_class() == group.class));
                let mut records = contents.records();
                let own: Vec<_> = models.iter().filter(|(other, _)| other.class == group.class).copied().collect();
                let strings = all_strings(&own);
                for (_, except, string) in strings.iter().step_by(3) {
                    let others = records.others(string.0, string.1, field(*except)).unwrap();
                    let is_other = |other: &&(u8, Field, String_)| (other.2.0, other.2.1) == (string.0, string.1) && other.1 != *except;
                    let wanted: Vec<_> = strings.iter().filter(is_other).map(|other| (field(other.1), other.2.4.clone())).collect();
                    if others != wanted {
                        failures.push(format!("{:?} {}: {others:?}, wanted {wanted:?}", string.0, string.1));
                    }
                }
            }
        }
        failures
    });
}
