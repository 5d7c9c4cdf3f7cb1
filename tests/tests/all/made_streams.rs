//! Random streams that share nothing with the packetizer: what the receiver makes of them is what their model says, and what it makes
//! of streams with losses is less, never something else.

use mpegg::file::{Dataset, File};
use mpegg::source::Bytes;
use mpegg::tables::{DatasetHeader, DatasetType};
use mpegg::transport::{DemuxOptions, OnLoss};
use mpegg::validate::{Report, Severity, validate};
use mpegg::{Limits, walk::Kind};
use mpegg_tests::carrying::{boxes, file_of};
use mpegg_tests::maker::model::{self, Content};
use mpegg_tests::maker::random::Rng;
use mpegg_tests::maker::stream::expect::{self, Mode, Rank, Received};
use mpegg_tests::maker::stream::{Open, Stream, stream};
use mpegg_tests::maker::write;
use mpegg_tests::units::of_dataset;
use std::collections::{BTreeMap, BTreeSet};

/// Streams that are received; more where MPEGG_CASES says so.
fn cases() -> u64 {
    std::env::var("MPEGG_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

const MODES: [(bool, Option<bool>); 4] = [(false, None), (false, Some(false)), (true, None), (false, Some(true))];

pub fn told(error: mpegg::Error) -> String {
    error.to_string()
}

/// Runs every case, and tells the first that fail.
pub fn check(cases: std::ops::Range<u64>, mut failures: impl FnMut(u64) -> Vec<String>) {
    let (mut wrong, mut failing) = (vec![], 0);
    for case in cases {
        let found = failures(case);
        failing += u64::from(!found.is_empty());
        wrong.extend(found.into_iter().take(2).map(|one| format!("case {case}: {one}")));
    }
    wrong.truncate(20);
    assert!(failing == 0, "{failing} cases fail\n{}", wrong.join("\n"));
}

/// The mode of a dataset of a received file.
fn mode_of(header: &DatasetHeader) -> Mode {
    Mode { descriptor_streams: !header.block_header_flag, index: header.has_mit() == 1 }
}

/// Whether a file is what the stream says.
fn received(sent: &Stream, made: &[u8], mode: (bool, Option<bool>)) -> Result<(), String> {
    let file = File::new(Bytes(made)).map_err(told)?;
    let mut found = BTreeSet::new();
    let mut wanted = sent.file.clone();
    for group in file.groups().map_err(told)? {
        let id = group.header().map_err(told)?.dataset_group_id;
        for dataset in group.datasets().map_err(told)? {
            let header = dataset.header().map_err(told)?;
            found.insert((id, header.dataset_id));
            let how = mode_of(&header);
            let annotation = header.dataset_type == DatasetType::Annotation;
            if !annotation && (how.descriptor_streams != mode.0 || mode.1.is_some_and(|index| index != how.index)) {
                return Err(format!("{mode:?} gives {how:?}"));
            }
            let open = sent.open.get(&(id, header.dataset_id)).copied().unwrap_or_default();
            let place = |error: String| format!("dataset {id}:{}: {error}", header.dataset_id);
            let model = expect::received(sent, id, header.dataset_id, how).ok_or("a dataset that was not sent")?;
            same_units(&dataset, &expect::units(sent, id, header.dataset_id, how)).map_err(place)?;
            same_header(id, &header, &model, how, open).map_err(place)?;
            same_sizes(&dataset, &model, open).map_err(place)?;
            let slot = wanted.groups.iter_mut().find(|group| group.id == id).and_then(|group| group.datasets.iter_mut().find(|one| one.id == model.id));
            *slot.ok_or("a dataset that was not sent")? = model;
        }
    }
    let all: BTreeSet<(u8, u16)> = sent.file.groups.iter().flat_map(|group| group.datasets.iter().map(|dataset| (group.id, dataset.id))).collect();
    if found != all {
        return Err(format!("datasets {found:?} of {all:?}"));
    }
    // The same content as a file; its sizes were looked at above, and the order of access units is of no account.
    let wanted = write::file(&wanted);
    let content = |bytes: &[u8]| -> Result<BTreeMap<String, Vec<Vec<u8>>>, String> {
        let mut all = boxes(&File::new(Bytes(bytes)).map_err(told)?).map_err(told)?;
        all.retain(|key, _| !key.ends_with(".aghd"));
        Ok(all)
    };
    let (wanted, found) = (content(&wanted)?, content(made)?);
    if wanted != found {
        let differ: Vec<&String> = wanted.keys().chain(found.keys()).filter(|key| wanted.get(*key) != found.get(*key)).collect();
        return Err(format!("other boxes: {differ:?}"));
    }
    Ok(())
}

/// The same data units, in an order that their ranks allow.
fn same_units(dataset: &Dataset<'_>, wanted: &Received) -> Result<(), String> {
    let header = dataset.header().map_err(told)?;
    let (sets, found): (Vec<_>, Vec<_>) = of_dataset(dataset).map_err(told)?.into_iter().partition(|unit| unit[0] % 2 == 1);
    if wanted.sets != sets {
        return Err(format!("{} parameter sets for {}, or in another order", sets.len(), wanted.sets.len()));
    }
    let mut left: Vec<&(Rank, Vec<u8>)> = wanted.units.iter().collect();
    let mut ranks = vec![];
    for (number, unit) in found.iter().enumerate() {
        let at = left.iter().position(|(_, other)| other == unit).ok_or_else(|| format!("unit {number} of {} was not sent", found.len()))?;
        ranks.push(left.remove(at).0);
    }
    if !left.is_empty() {
        return Err(format!("{} of {} units are missing", left.len(), wanted.units.len()));
    }
    if header.dataset_type == DatasetType::Annotation {
        return Ok(());
    }
    let how = mode_of(&header);
    let contiguous = header.cc_mode_flag == Some(true) && !how.index;
    // A table has one class of a sequence behind the other, a file without one has units by position or by class; class U comes last.
    let order = |rank: &Rank| match rank {
        (usize::MAX, ..) if !how.index => (usize::MAX, 0, None),
        (sequence, class, value) if how.index => (*sequence, *class, *value),
        (sequence, _, value) => (*sequence, 0, *value),
    };
    let comparable: Vec<_> = ranks.iter().filter(|rank| rank.2.is_some() || !how.index).map(order).collect();
    if let Some(pair) = comparable.windows(2).find(|pair| pair[0] > pair[1]).filter(|_| !contiguous) {
        return Err(format!("{how:?}: out of order: {pair:?}"));
    }
    let mut classes: Vec<u8> = ranks.iter().map(|rank| rank.1).collect();
    classes.dedup();
    if contiguous && classes.iter().collect::<BTreeSet<_>>().len() < classes.len() {
        return Err(format!("classes {classes:?}"));
    }
    Ok(())
}

/// The same dataset header, but for what is free.
fn same_header(group: u8, found: &DatasetHeader, model: &model::Dataset, how: Mode, open: Open) -> Result<(), String> {
    let bytes = [&b"dthd"[..], &(write::dataset_header(group, model).len() as u64 + 12).to_be_bytes(), &write::dataset_header(group, model)].concat();
    let wanted = DatasetHeader::from_box(&bytes).map_err(told)?;
    let same = |what: &str, same: bool| if same { Ok(()) } else { Err(format!("{what} of the header: {found:?}\nfor {wanted:?}")) };
    same("version", found.version == wanted.version)?;
    same("flags", {
        let flags = |header: &DatasetHeader| {
            (header.multiple_alignment_flag, header.byte_offset_size_flag, header.non_overlapping_au_range_flag, header.pos_40_bits_flag)
        };
        flags(found) == flags(&wanted) && (how.descriptor_streams || found.cc_mode_flag == wanted.cc_mode_flag)
    })?;
    same("sequences", (&found.seq_id, &found.seq_blocks, found.reference_id) == (&wanted.seq_id, &wanted.seq_blocks, wanted.reference_id))?;
    same("U units", found.num_u_access_units == wanted.num_u_access_units && found.parameters_update_flag == wanted.parameters_update_flag)?;
    let listed = |header: &DatasetHeader| {
        let mut tables: Vec<_> = header.ann_tables.iter().map(|table| (table.at_id, table.at_index_exists)).collect();
        // Which of several tables came first is no question where their packets are mixed.
        if open.tables {
            tables.sort_unstable();
        }
        tables
    };
    if listed(found) != listed(&wanted) {
        return Err(format!("tables {:?} for {:?}", found.ann_tables, wanted.ann_tables));
    }
    same("type", found.dataset_type == wanted.dataset_type)
}

/// The dimensions and numbers of tiles that the receiver found out, or was told.
fn same_sizes(dataset: &Dataset<'_>, model: &model::Dataset, open: Open) -> Result<(), String> {
    let Content::Annotation(tables) = &model.content else { return Ok(()) };
    for table in dataset.tables().map_err(told)? {
        let id = table.header().map_err(told)?.at_id;
        let wanted = tables.iter().find(|table| table.id == id).ok_or("a table that was not sent")?;
        let configurations = table.configurations().map_err(told)?;
        for group in table.groups().map_err(told)? {
            let (header, class) = (group.header().map_err(told)?, group.class().map_err(told));
            let configuration = configurations.iter().find(|one| one.ag_class == header.ag_class).ok_or("no tile configuration")?;
            let of = wanted.groups.iter().find(|group| Ok(group.class) == class).ok_or("a group that was not sent")?;
            let (dimensions, tiles) = expect::sizes(of, open);
            let additional = configuration.add_tile_structures.iter().map(|one| one.additional_tile_structure.n_tiles);
            let found: Vec<u64> = std::iter::once(configuration.default_tile_structure.n_tiles).chain(additional).collect();
            if header.dimension_size != dimensions || found != tiles {
                let wrong = format!("{:?} and {found:?} tiles for {dimensions:?} and {tiles:?}", header.dimension_size);
                return Err(format!("table {id}, group {class:?}: {wrong}"));
            }
        }
    }
    Ok(())
}

/// What the validator finds, but for notes and what receiving cannot keep: the index of a sorted table.
pub fn findings(report: &Report) -> Option<String> {
    let inherent = "athd.AT_genomic_pos_sort_mode";
    report.findings.iter().find(|finding| finding.severity != Severity::Note && finding.rule != inherent).map(|finding| format!("{finding:?}"))
}

/// All that is wrong with the reception of a case.
fn case(number: u64) -> Vec<String> {
    let sent = stream(number);
    let mut rng = Rng::new(number ^ 0xDE30);
    let bytes = sent.packets.concat();
    let mut wrong = vec![];
    if sent.conformant {
        let report = validate(&Bytes(&bytes), Kind::Stream, &Limits::default());
        wrong.extend(report.map_or_else(|error| Some(told(error)), |report| findings(&report)).map(|finding| format!("stream: {finding}")));
    }
    for mode in [MODES[0], MODES[1 + (number % 3) as usize]] {
        let options = DemuxOptions { descriptor_streams: mode.0, index: mode.1, on_loss: OnLoss::Fail };
        let chunk = rng.pick(&[1, 5, 100, 1 << 20]);
        let made = match file_of(&bytes, chunk, &options) {
            Ok((made, _)) => made,
            Err(error) => {
                wrong.push(format!("{mode:?}: {error}"));
                continue;
            }
        };
        wrong.extend(received(&sent, &made, mode).err().map(|error| format!("{mode:?}: {error}")));
        if sent.conformant {
            let report = validate(&Bytes(&made), Kind::File, &Limits::default());
            wrong.extend(report.map_or_else(|error| Some(told(error)), |report| findings(&report)).map(|finding| format!("{mode:?} file: {finding}")));
        }
    }
    wrong
}

#[test]
fn streams_are_received() {
    check(0..cases(), case);
}
