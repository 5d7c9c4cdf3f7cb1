//! Files as packets and back: what comes through, what is lost and told.

use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg::tables::DatasetType;
use mpegg::transport::{Arrival, Demux, DemuxOptions, Mux, MuxOptions, OnLoss, Receiver};
use mpegg::validate::{Report, Severity};
use mpegg::{ErrorKind, Limits, walk::Kind};
use mpegg_tests::alloc::peak;
use mpegg_tests::carrying::{Unit, boxes, file_of, packets, units};
use mpegg_tests::inputs;
use mpegg_tests::maker::big::{Big, storage};
use mpegg_tests::maker::random::{Case, Rng, annotation_file, sequencing_file};
use mpegg_tests::maker::write;
use std::io::Cursor;

const MODES: [(bool, Option<bool>); 4] = [(false, None), (false, Some(true)), (false, Some(false)), (true, None)];

/// What a dataset must give after transport, whatever the order of access units and blocks may be.
fn same_units(before: &[Unit], after: &[Unit], exact: bool) -> Result<(), String> {
    if before.len() != after.len() {
        return Err(format!("{} data units become {}", before.len(), after.len()));
    }
    let mut left: Vec<&Unit> = before.iter().collect();
    for (number, unit) in after.iter().enumerate() {
        let found = left.iter().position(|other| unit.same_blocks(other)).ok_or_else(|| format!("unit {number} was not there before"))?;
        if exact && found != 0 {
            return Err(format!("unit {number} was {} places further on", found));
        }
        left.remove(found);
    }
    Ok(())
}

/// What differs after transport in one mode.
fn carried(file: &[u8], stream: &[u8], chunk: usize, mode: (bool, Option<bool>), conformant: bool) -> Result<(), String> {
    let options = DemuxOptions { descriptor_streams: mode.0, index: mode.1, on_loss: OnLoss::Fail };
    let told = |error: mpegg::Error| error.to_string();
    let (made, mut notes) = file_of(stream, chunk, &options).map_err(told)?;
    notes.retain(|note| !note.contains("(atix)"));
    if !notes.is_empty() {
        return Err(format!("notes: {notes:?}"));
    }
    let (before, after) = (File::new(Bytes(file)).map_err(told)?, File::new(Bytes(&made)).map_err(told)?);
    let (wanted, found) = (boxes(&before).map_err(told)?, boxes(&after).map_err(told)?);
    if wanted != found {
        let differ: Vec<&String> = wanted.keys().chain(found.keys()).filter(|key| wanted.get(*key) != found.get(*key)).collect();
        return Err(format!("other boxes: {differ:?}"));
    }
    let (mut has_index, mut empty) = (false, false);
    for group in before.groups().map_err(told)? {
        let id = group.header().map_err(told)?.dataset_group_id;
        for dataset in group.datasets().map_err(told)? {
            let header = dataset.header().map_err(told)?;
            let other = after.dataset((id, header.dataset_id)).map_err(told)?;
            let annotation = header.dataset_type == DatasetType::Annotation;
            let indexed = header.has_mit() == 1;
            // A table tells the order; without one it is that of the file.
            let exact = annotation || indexed && other.header().map_err(told)?.has_mit() == 1;
            let (before, after) = (units(&dataset).map_err(told)?, units(&other).map_err(told)?);
            empty |= after.is_empty();
            same_units(&before, &after, exact).map_err(|error| format!("dataset {id}:{}: {error}", header.dataset_id))?;
            for table in dataset.tables().map_err(told)? {
                has_index |= table.index_node().map_err(told)?.is_some();
            }
        }
    }
    let report = mpegg::validate::validate(&Bytes(&made), Kind::File, &Limits::default()).map_err(told)?;
    // Streams do not carry the index of a sorted table, nor rows of access units that are not there.
    match told_of(&report) {
        Some(finding) if conformant && !has_index && !empty => Err(format!("the validator: {finding}")),
        _ => Ok(()),
    }
}

/// What the validator finds, but for notes.
fn told_of(report: &Report) -> Option<String> {
    report.findings.iter().find(|finding| finding.severity != Severity::Note).map(|finding| format!("{finding:?}"))
}

fn round_trips(cases: impl Iterator<Item = u64>, make: fn(u64) -> Case) {
    let mut wrong = vec![];
    for case in cases {
        let mut rng = Rng::new(case ^ 0x7A45);
        let Case { file, conformant } = make(case);
        let bytes = write::file(&file);
        let packet_size = rng.pick(&[6, 7, 17, 60, 200, 1400, 32767]);
        let options = MuxOptions { packet_size, repeat_tables: rng.pick(&[0, 1, 5, 100]) };
        let stream = match packets(&bytes, &options) {
            Ok(packets) => packets.concat(),
            Err(error) => {
                wrong.push(format!("case {case}: mux: {error}"));
                continue;
            }
        };
        let report = mpegg::validate::validate(&Bytes(&stream), Kind::Stream, &Limits::default()).unwrap();
        if let Some(finding) = told_of(&report).filter(|_| conformant) {
            wrong.push(format!("case {case}: the validator on the stream: {finding}"));
        }
        let chunk = rng.pick(&[1, 5, 100, 1 << 20]);
        // Each case in the usual mode and in one other.
        for mode in [MODES[0], MODES[1 + (case % 3) as usize]] {
            wrong.extend(carried(&bytes, &stream, chunk, mode, conformant).err().map(|error| format!("case {case} {mode:?}: {error}")));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} failures", wrong[..wrong.len().min(12)].join("\n"), wrong.len());
}

#[test]
fn sequencing_data_comes_through() {
    round_trips((0..96).step_by(5), sequencing_file);
}

#[test]
fn sequencing_data_comes_through_too() {
    round_trips((96..192).step_by(5), sequencing_file);
}

#[test]
fn annotation_data_comes_through() {
    round_trips((0..128).step_by(5), annotation_file);
}

/// What other programs wrote comes through as well.
#[test]
fn files_of_peers_come_through() {
    let mut wrong = vec![];
    for input in inputs::good_peers().into_iter().filter(|input| input.name.ends_with(".mgg")) {
        let stream = match packets(&input.bytes, &MuxOptions::default()) {
            Ok(packets) => packets.concat(),
            Err(error) => {
                wrong.push(format!("{}: mux: {error}", input.name));
                continue;
            }
        };
        for mode in MODES {
            wrong.extend(carried(&input.bytes, &stream, 1000, mode, false).err().map(|error| format!("{} {mode:?}: {error}", input.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The samples, and each packet of them lost, twice, late, or cut: what is left is a file, or the error says where.
#[test]
fn one_packet_is_lost() {
    let sample = inputs::samples().into_iter().find(|input| input.name == "sample.mgg").unwrap();
    let all = packets(&sample.bytes, &MuxOptions { packet_size: 200, repeat_tables: 10 }).unwrap();
    let drop = DemuxOptions { on_loss: OnLoss::Drop, ..DemuxOptions::default() };
    let whole = all.concat();
    let (unharmed, _) = file_of(&whole, 1000, &DemuxOptions::default()).unwrap();
    assert_eq!(file_of(&whole, 1000, &drop).unwrap().0, unharmed);
    for number in 0..all.len() {
        let mut less = all.clone();
        let lost = less.remove(number);
        let stream = less.concat();
        let failed = file_of(&stream, 1000, &DemuxOptions::default()).err();
        // A whole box on a stream of its own, an end packet, or a table that comes again may be missed by nobody.
        if let Some(error) = &failed {
            assert!(error.position().is_some_and(|bit| bit <= stream.len() as u64 * 8), "packet {number}: {error}");
        }
        match file_of(&stream, 1000, &drop) {
            Ok((made, _)) => assert!(boxes(&File::new(Bytes(&made)).unwrap()).is_ok(), "packet {number}"),
            Err(error) => assert!(lost[0] == 0 && lost[1] == 8, "packet {number}: {error}"),
        }
        let mut twice = all.clone();
        twice.insert(number, lost.clone());
        let stream = twice.concat();
        let (made, _) = file_of(&stream, 1000, &drop).unwrap();
        assert_eq!(made, unharmed, "packet {number} twice");
        assert_eq!(file_of(&stream, 1000, &DemuxOptions::default()).unwrap_err().kind(), ErrorKind::Malformed);
        let cut = [all[..number].concat(), lost[..lost.len() - 1].to_vec()].concat();
        assert!(file_of(&cut, 1000, &DemuxOptions::default()).is_err());
    }
}

/// Datagrams: lost, twice, in another order, cut. Losses are counted for each stream.
#[test]
fn datagrams() {
    let sample = inputs::samples().into_iter().find(|input| input.name == "sample.mgg").unwrap();
    let all = packets(&sample.bytes, &MuxOptions { packet_size: 100, repeat_tables: 8 }).unwrap();
    let mut rng = Rng::new(5);
    for round in 0..100 {
        let options = DemuxOptions { on_loss: OnLoss::Drop, descriptor_streams: round % 2 == 0, ..DemuxOptions::default() };
        let mut demux = Demux::new(&options);
        let mut sent = all.clone();
        for number in 12..sent.len() {
            match rng.between(0, 20) {
                0 => sent[number].clear(),
                1 => sent.swap(number, number - 1),
                2 => {
                    let cut = rng.between(0, sent[number].len() as u64) as usize;
                    sent[number].truncate(cut);
                }
                _ => {}
            }
        }
        let mut made = vec![];
        sent.iter().for_each(|datagram| demux.push_datagram(datagram).unwrap());
        demux.finish(&mut made).unwrap();
        let clean = demux.statistics().all(|(_, statistics)| statistics.is_clean());
        assert!(!clean, "round {round}");
        boxes(&File::new(Bytes(&made)).unwrap()).unwrap_or_else(|error| panic!("round {round}: {error}"));
    }
    let mut demux = Demux::new(&DemuxOptions::default());
    for (number, packet) in all.iter().enumerate() {
        assert!(!demux.is_complete(), "packet {number}");
        demux.push_datagram(packet).unwrap();
    }
    assert!(demux.is_complete());
}

/// Counts that a stream leaves open are found out: dimension_size and n_tiles of 0, n_ann_tables of 0, n_AAU_blocks of 0.
#[test]
fn counts_are_found_out() {
    for case in 0..64 {
        let Case { file, .. } = annotation_file(case);
        let bytes = write::file(&file);
        let stream = packets(&bytes, &MuxOptions { packet_size: 32767, repeat_tables: 0 }).unwrap();
        let (wanted, _) = file_of(&stream.concat(), 1 << 20, &DemuxOptions::default()).unwrap();
        let open: Vec<Vec<u8>> = stream.iter().map(|packet| left_open(packet, &bytes)).collect();
        let (found, _) = file_of(&open.concat(), 1 << 20, &DemuxOptions::default()).unwrap_or_else(|error| panic!("case {case}: {error}"));
        let of = |bytes: &[u8]| {
            let file = File::new(Bytes(bytes)).unwrap();
            let dataset = file.dataset(1).unwrap();
            let header = dataset.header().unwrap();
            let tables = dataset.tables().unwrap();
            let groups = tables.iter().flat_map(|table| {
                let configurations = table.configurations().unwrap().to_vec();
                table.groups().unwrap().into_iter().map(move |group| {
                    let tiles = configurations.iter().find(|one| one.ag_class == group.header().unwrap().ag_class).unwrap().clone();
                    let blocks = group.units().unwrap().map(|unit| unit.unwrap().header().unwrap().n_aau_blocks).sum::<u64>();
                    let counted = tiles.add_tile_structures.is_empty() && blocks > 0;
                    (group.header().unwrap().dimension_size.clone(), tiles.default_tile_structure, counted)
                })
            });
            (header.ann_tables.clone(), groups.collect::<Vec<_>>(), units(&dataset).unwrap())
        };
        let ((tables, groups, units), (tables_found, groups_found, units_found)) = (of(&wanted), of(&found));
        assert_eq!(tables, tables_found, "case {case}");
        same_units(&units, &units_found, true).unwrap_or_else(|error| panic!("case {case}: {error}"));
        for ((size, tiles, _), (size_found, tiles_found, counted)) in groups.iter().zip(&groups_found) {
            if tiles.variable_size_tiles {
                assert_eq!((size, tiles), (size_found, tiles_found), "case {case}");
            } else if *counted {
                // Units without blocks may be missing, and the last tile counts as a whole one.
                assert!(tiles_found.n_tiles <= tiles.n_tiles && tiles_found.n_tiles > 0, "case {case}");
                let whole = size.iter().zip(&tiles.tile_size).map(|(size, tile)| size.div_ceil(*tile) * tile);
                assert!(size_found.iter().zip(whole).all(|(found, whole)| *found > 0 && *found <= whole), "case {case}: {size_found:?} for {size:?}");
            }
        }
    }
}

/// A packet with the counts of its box set to 0, if it is one that has such counts.
fn left_open(packet: &[u8], file: &[u8]) -> Vec<u8> {
    use mpegg::tables::{AttributeGroupHeader, AttributeGroupTileConfiguration, DatasetHeader};
    let (head, body) = packet.split_at(5);
    let file = File::new(Bytes(file)).unwrap();
    let dataset = file.dataset(1).unwrap();
    let header = dataset.header().unwrap();
    let tables = dataset.tables().unwrap();
    let at = |offset: usize| body.get(offset).copied();
    let table = tables.iter().find(|table| at(15) == Some(table.header().unwrap().at_id));
    let made = match (body.get(..4), table) {
        (Some(b"dthd"), _) => DatasetHeader { ann_tables: vec![], nesting_zero_bit: 0, ..DatasetHeader::from_box(body).unwrap() }.to_box().unwrap(),
        (Some(b"aghd"), Some(table)) => {
            let mut read = AttributeGroupHeader::from_box(body, 1, table.header().unwrap()).unwrap();
            read.dimension_size.iter_mut().for_each(|size| *size = 0);
            read.to_box(1, table.header().unwrap()).unwrap()
        }
        (Some(b"agtc"), Some(table)) => {
            let (athd, groups) = (table.header().unwrap(), table.group_headers().unwrap());
            let mut read = AttributeGroupTileConfiguration::from_box(body, 1, &header, athd, groups, &[]).unwrap();
            let structures = read.add_tile_structures.iter_mut().map(|one| &mut one.additional_tile_structure);
            for tiles in structures.chain([&mut read.default_tile_structure]).filter(|tiles| !tiles.variable_size_tiles) {
                tiles.n_tiles = 0;
            }
            read.to_box(1, &header, athd, groups, &[]).unwrap()
        }
        _ => return packet.to_vec(),
    };
    let size = (u16::from_be_bytes([head[3], head[4]]) & 0x8000) | (made.len() as u16 + 5);
    [&head[..3], &size.to_be_bytes(), &made].concat()
}

/// Memory is taken for boxes, never for packets.
#[test]
fn packets_take_no_memory() {
    let storage = storage("auc-mit").unwrap();
    let big = Big { storage, sequences: 1, rows: 40, classes: 1, every: 1, blocks: 4, size: 10_000, wide_offsets: false, sparse: false };
    let mut bytes = Cursor::new(vec![]);
    big.write(&mut bytes).unwrap();
    let file = File::new(Bytes(bytes.into_inner())).unwrap();
    let mux = Mux::new(&file, &MuxOptions { packet_size: 1000, repeat_tables: 0 }).unwrap();
    let (mut packets, mut packet, mut stream) = (mux.packets().unwrap(), Vec::with_capacity(1000), vec![]);
    let (mut all, mut with_memory, mut boxes) = (0, 0, 0);
    loop {
        let (more, taken) = peak(|| packets.next_packet(&mut packet).unwrap());
        if !more {
            break;
        }
        (all, with_memory, boxes) = (all + 1, with_memory + u32::from(taken > 0), boxes + u32::from(packet[2] >> 7));
        stream.extend(&packet);
    }
    assert!(with_memory <= boxes && all > 20 * boxes, "{with_memory} of {all} packets, {boxes} boxes");
    let mut receiver = Receiver::new(OnLoss::Fail);
    // Without the end packet: that a dataset ended is remembered.
    let (first, second) = stream[..stream.len() - 5].split_at(stream.len() / 3);
    let mut take = |bytes: &[u8]| {
        let mut pieces = 0;
        for mut chunk in bytes.chunks(777) {
            while let Some(arrival) = receiver.next(&mut chunk).unwrap() {
                pieces += u32::from(matches!(arrival, Arrival::Piece { .. }));
            }
        }
        pieces
    };
    take(first);
    let (pieces, taken) = peak(|| take(second));
    assert!(pieces > 1000 && taken == 0, "{taken} bytes for {pieces} pieces");
}

/// A stream of a reserved data type is left alone; a stream that no table names is a loss.
#[test]
fn streams_of_later_editions() {
    let sample = inputs::samples().into_iter().find(|input| input.name == "sample.mgg").unwrap();
    let all = packets(&sample.bytes, &MuxOptions { packet_size: 32767, repeat_tables: 0 }).unwrap();
    let (wanted, _) = file_of(&all.concat(), 1000, &DemuxOptions::default()).unwrap();
    // One more stream in the first mapping table, and a packet on it at the end.
    let mut more = all.clone();
    let table = more.iter_mut().find(|packet| packet[5..].starts_with(b"dmtb")).unwrap();
    table.extend([200, 0x1F, 0xFF]);
    let (size, length) = (table.len() as u16, (table.len() - 5) as u64);
    table[4] = size as u8;
    table[9..17].copy_from_slice(&length.to_be_bytes());
    let later = [&[0xFF, 0xF8, 0x80, 0x00, 9][..], b"abcd"].concat();
    more.push(later.clone());
    assert!(file_of(&more.concat(), 1000, &DemuxOptions::default()).unwrap().0 == wanted);
    let unknown = [all, vec![later]].concat().concat();
    assert_eq!(file_of(&unknown, 1000, &DemuxOptions::default()).unwrap_err().kind(), ErrorKind::Malformed);
    assert!(file_of(&unknown, 1000, &DemuxOptions { on_loss: OnLoss::Drop, ..DemuxOptions::default() }).unwrap().0 == wanted);
}
