//! Packets (6.6.5): boxes cut into pieces, and the streams merged.

use super::super::bits::Bits;
use super::super::random::Rng;
use std::collections::BTreeMap;

/// The number of a box among those that are told apart, and its bytes.
type Sent = (Option<usize>, Vec<u8>);

/// What is sent at the same time: of each SID its boxes in their order, with a number that is told when the box is complete.
#[derive(Default)]
pub struct Phase {
    boxes: BTreeMap<u16, Vec<Sent>>,
}

impl Phase {
    /// Adds a box behind those of its SID.
    pub fn add(&mut self, sid: u16, number: Option<usize>, bytes: Vec<u8>) {
        self.boxes.entry(sid).or_default().push((number, bytes));
    }

    /// Puts a box anywhere among those of its SID.
    pub fn insert(&mut self, rng: &mut Rng, sid: u16, bytes: Vec<u8>) {
        let list = self.boxes.entry(sid).or_default();
        let at = rng.between(0, list.len() as u64) as usize;
        list.insert(at, (None, bytes));
    }
}

/// A piece of a box of that number.
struct Piece {
    payload: Vec<u8>,
    marker: bool,
    number: Option<usize>,
}

pub struct Sender {
    /// The next sequence_number of each SID.
    numbers: BTreeMap<u16, u8>,
    /// The largest packet, and whether all are of that size.
    size: u64,
    even: bool,
    /// How often, of a hundred, the next packet is of the same SID.
    burst: u64,
    pub packets: Vec<Vec<u8>>,
    /// Of each packet the number of the box of which it carries a piece.
    pub carried: Vec<Option<usize>>,
    /// The numbers of the boxes in the order in which they are complete.
    pub complete: Vec<usize>,
}

impl Sender {
    pub fn new(rng: &mut Rng) -> Sender {
        Sender {
            numbers: BTreeMap::new(),
            size: rng.pick(&[6, 7, 12, 17, 60, 200, 200, 1400, 1400, 32767]),
            even: rng.chance(50),
            burst: rng.pick(&[0, 50, 90, 100]),
            packets: vec![],
            carried: vec![],
            complete: vec![],
        }
    }

    /// Everything of a phase, in any order but for that of each SID.
    pub fn send(&mut self, rng: &mut Rng, phase: Phase) {
        let mut queues: Vec<(u16, std::collections::VecDeque<Piece>)> = vec![];
        for (sid, boxes) in phase.boxes {
            let pieces = boxes.into_iter().flat_map(|(number, bytes)| self.cut(rng, number, &bytes)).collect();
            queues.push((sid, pieces));
        }
        let mut at = 0;
        while !queues.is_empty() {
            if at >= queues.len() || !rng.chance(self.burst) {
                at = rng.between(0, queues.len() as u64 - 1) as usize;
            }
            let (sid, pieces) = &mut queues[at];
            let (sid, piece) = (*sid, pieces.pop_front());
            match piece {
                Some(piece) => {
                    self.packet(rng, sid, piece.marker, &piece.payload);
                    self.carried.push(piece.number);
                    self.complete.extend(piece.number.filter(|_| piece.marker));
                }
                None => drop(queues.swap_remove(at)),
            }
        }
    }

    /// The last packet of a dataset.
    pub fn end(&mut self, rng: &mut Rng, sid: u16) {
        let marker = rng.chance(50);
        self.packet(rng, sid, marker, &[]);
        self.carried.push(None);
    }

    fn cut(&self, rng: &mut Rng, number: Option<usize>, bytes: &[u8]) -> Vec<Piece> {
        let (mut pieces, mut rest) = (vec![], bytes);
        while !rest.is_empty() {
            let size = if self.even { self.size } else { rng.between(6, self.size) };
            let (payload, behind) = rest.split_at((size as usize - 5).min(rest.len()));
            let marker = behind.is_empty();
            pieces.push(Piece { payload: payload.to_vec(), marker, number });
            rest = behind;
        }
        pieces
    }

    fn packet(&mut self, rng: &mut Rng, sid: u16, marker: bool, payload: &[u8]) {
        // The first number of a stream is any.
        let number = self.numbers.entry(sid).or_insert_with(|| rng.any() as u8);
        let mut bits = Bits::default();
        bits.u(sid.into(), 13);
        bits.u(0, 3);
        bits.flag(marker);
        bits.u((*number).into(), 8);
        bits.u(payload.len() as u64 + 5, 15);
        bits.raw(payload);
        *number = number.wrapping_add(1);
        self.packets.push(bits.finish());
    }
}
