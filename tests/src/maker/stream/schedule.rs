//! The order of boxes in a stream (6.1.2): tables and file header first, and the rest as it is recommended, or in any other way.

use super::super::model::File;
use super::super::piece::Piece;
use super::super::random::Rng;
use super::super::write;
use super::Sent;
use super::mapping::{Mapping, Table};
use super::packets::{Phase, Sender};

/// The places of data types in the hierarchy.
const LEVELS: u8 = 8;

fn level(data_type: u8) -> u8 {
    match data_type {
        0 => 0,
        1 | 2 | 5 | 6 | 8 | 17 => 1,
        3 => 2,
        4 | 7 | 9 | 16 | 18 => 3,
        20 => 4,
        19 | 21 | 22 => 5,
        23 | 24 => 6,
        _ => 7,
    }
}

/// Everything, sent.
pub fn send(rng: &mut Rng, file: &File, boxes: &[Sent], mapping: &Mapping) -> Sender {
    let mut sender = Sender::new(rng);
    let phases = phases(rng, boxes);
    let updates = rng.chance(30);
    let first_of = |sid: u16| phases.iter().position(|phase| phase.iter().any(|number| mapping.sids[*number] == sid)).unwrap_or(0);
    // A table may list a stream long before it is used, or just in time.
    let early: Vec<bool> = (0..8192).map(|_| !updates || rng.chance(50)).collect();
    let known = |phase: usize, sid: u16| early[usize::from(sid)] || first_of(sid) <= phase;

    let header_early = rng.chance(50);
    let header = || Piece::boxed(b"flhd", write::file_header(file)).finish();
    let lists: Vec<Vec<u8>> = file.groups.iter().map(|group| mapping.list(group.id)).collect();
    let mut first = Phase::default();
    lists.iter().for_each(|list| first.add(0, None, list.clone()));
    if header_early {
        first.add(1, None, header());
    }
    sender.send(rng, first);
    let mut second = Phase::default();
    if !header_early {
        second.add(1, None, header());
    }
    mapping.tables.iter().for_each(|table| second.add(table.sid, None, table.bytes(|sid| known(0, sid))));
    sender.send(rng, second);

    let repeats = rng.pick(&[0, 0, 1, 3, 10]);
    for (number, numbers) in phases.iter().enumerate() {
        if updates && number > 0 {
            // Tables that have more to tell.
            let mut update = Phase::default();
            let grown = |table: &&Table| table.streams.iter().any(|(_, sid)| known(number, *sid) != known(number - 1, *sid));
            mapping.tables.iter().filter(grown).for_each(|table| update.add(table.sid, None, table.bytes(|sid| known(number, sid))));
            sender.send(rng, update);
        }
        let mut phase = Phase::default();
        numbers.iter().for_each(|number| phase.add(mapping.sids[*number], Some(*number), boxes[*number].bytes.clone()));
        for _ in 0..repeats {
            let again = rng.between(0, (lists.len() + mapping.tables.len()) as u64 - 1) as usize;
            match lists.get(again) {
                Some(list) => phase.insert(rng, 0, list.clone()),
                None => {
                    let table = &mapping.tables[again - lists.len()];
                    phase.insert(rng, table.sid, table.bytes(|sid| known(number, sid)));
                }
            }
        }
        sender.send(rng, phase);
    }
    end(rng, &mut sender, boxes, mapping);
    sender
}

/// The boxes of each phase: as the hierarchy has it, dataset after dataset, or all at once. Units come in an order of their own.
fn phases(rng: &mut Rng, boxes: &[Sent]) -> Vec<Vec<usize>> {
    // Neighbouring levels may be sent together.
    let mut step = 0;
    let joined: Vec<u32> = (0..LEVELS)
        .map(|_| {
            step += u32::from(rng.chance(60));
            step
        })
        .collect();
    let strict = rng.chance(50);
    let style = rng.between(0, 9);
    let phase = |one: &Sent| -> (u32, Option<(u8, u16)>, u32) {
        let level = level(one.data_type);
        let level = if strict { level.into() } else { joined[usize::from(level)] };
        match style {
            0..=5 => (level, None, 0),
            6..=7 => one.dataset.map_or((0, None, level), |dataset| (1, Some((one.group, dataset)), level)),
            _ => (0, None, 0),
        }
    };
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    if rng.chance(70) {
        rng.shuffle(&mut order);
    }
    let mut phases = std::collections::BTreeMap::<_, Vec<usize>>::new();
    order.into_iter().for_each(|number| phases.entry(phase(&boxes[number])).or_default().push(number));
    phases.into_values().collect()
}

/// End packets, on one of the streams of a dataset or on several; or none.
fn end(rng: &mut Rng, sender: &mut Sender, boxes: &[Sent], mapping: &Mapping) {
    if rng.chance(40) {
        return;
    }
    for table in &mapping.tables {
        let own = |number: &usize| boxes[*number].group == table.group && boxes[*number].dataset == Some(table.dataset);
        let mut sids: Vec<u16> = (0..boxes.len()).filter(own).map(|number| mapping.sids[number]).collect();
        sids.sort_unstable();
        sids.dedup();
        let count = if rng.chance(60) { 1 } else { sids.len() as u64 };
        rng.shuffle(&mut sids);
        sids.truncate(count as usize);
        sids.into_iter().for_each(|sid| sender.end(rng, sid));
    }
}
