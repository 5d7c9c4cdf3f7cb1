//! The order of access units: in the storage, and in the master index table.

use super::storage::Mode;
use super::units::{Entry, U};
use std::collections::BTreeMap;

/// The access units of a class in a sequence: the row of each in the table, and its number; in ascending order of the rows.
pub(super) type Run = Vec<(u32, u32)>;
/// By the number of the sequence in the dataset header, and the class.
pub(super) type Runs = BTreeMap<(usize, u8), Run>;

/// Access units by their numbers, in several orders.
#[derive(Default)]
pub(super) struct Order {
    /// As they are stored.
    pub storage: Vec<u32>,
    /// Those with positions, by sequence and class.
    pub runs: Runs,
    /// How many rows each sequence has: the different values of access_unit_ID.
    pub rows: Vec<u32>,
}

impl Order {
    /// Of access units that name sequences of this list.
    pub fn of(entries: &[Entry], sequences: &[u16], mode: Mode) -> Order {
        let mut number_of = vec![usize::MAX; 1 << 16];
        for (number, id) in sequences.iter().enumerate().rev() {
            if let Some(place) = number_of.get_mut(usize::from(*id)) {
                *place = number;
            }
        }
        let seq = |entry: &Entry| entry.sequence.and_then(|id| number_of.get(usize::from(id))).map_or(usize::MAX, |number| *number);
        let all = 0..u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let entry = |number: &u32| entries.get(*number as usize);
        let mut order = Order { storage: all.clone().collect(), ..Order::default() };
        // Class U has no positions and is the last class: it comes behind the others, in the order in which it came.
        let key = |number: &u32| entry(number).map(|entry| (entry.class == U, if mode == Mode::AucCc { entry.class } else { 0 }, seq(entry), entry.start));
        order.storage.sort_by_key(key);
        let mut by_sequence: Vec<Vec<u32>> = vec![vec![]; sequences.len()];
        for number in all {
            let place = entry(&number).filter(|entry| entry.class != U).map(seq).unwrap_or(usize::MAX);
            if let Some(list) = by_sequence.get_mut(place) {
                list.push(number);
            }
        }
        for (seq, numbers) in by_sequence.into_iter().enumerate() {
            order.rows.push(order_rows(entries, seq, &numbers, &mut order.runs));
        }
        order
    }
}

/// Gives each access unit of a sequence a row, so that positions ascend in each class: the number of its access_unit_ID among all that
/// occur, so that units of several classes that cover the same range share it; where positions do not ascend with these, the IDs are
/// taken by the first position of each; where that does not help either, each class has the rows from the first on.
fn order_rows(entries: &[Entry], seq: usize, numbers: &[u32], runs: &mut Runs) -> u32 {
    let entry = |number: &u32| entries.get(*number as usize);
    let mut first: BTreeMap<u32, u64> = BTreeMap::new();
    for found in numbers.iter().filter_map(entry) {
        first.entry(found.id).and_modify(|start| *start = (*start).min(found.start)).or_insert(found.start);
    }
    let mut classes: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
    for number in numbers {
        if let Some(found) = entry(number) {
            classes.entry(found.class).or_default().push(*number);
        }
    }
    let mut ids: Vec<(u32, u64)> = first.into_iter().collect();
    for by_position in [false, true] {
        if by_position {
            ids.sort_by_key(|(_, start)| *start);
        }
        let row: BTreeMap<u32, u32> = ids.iter().zip(0..).map(|((id, _), row)| (*id, row)).collect();
        let made: Option<Vec<(u8, Run)>> = classes
            .iter()
            .map(|(class, numbers)| {
                let mut rows: Run = numbers.iter().filter_map(|number| Some((row.get(&entry(number)?.id).copied()?, *number))).collect();
                rows.sort_by_key(|(row, _)| *row);
                let start = |number: &u32| entry(number).map_or(0, |entry| entry.start);
                let ascending = rows.windows(2).all(|pair| matches!(pair, [(a, one), (b, other)] if a < b && start(one) <= start(other)));
                ascending.then_some((*class, rows))
            })
            .collect();
        if let Some(made) = made {
            runs.extend(made.into_iter().map(|(class, rows)| ((seq, class), rows)));
            return u32::try_from(ids.len()).unwrap_or(u32::MAX);
        }
    }
    let mut most = ids.len();
    for (class, mut numbers) in classes {
        numbers.sort_by_key(|number| entry(number).map_or(0, |entry| entry.start));
        most = most.max(numbers.len());
        runs.insert((seq, class), (0..).zip(numbers).collect());
    }
    u32::try_from(most).unwrap_or(u32::MAX)
}
