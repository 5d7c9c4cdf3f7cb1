//! Random models: the same seed gives the same file. Sizes are small; what a number of cases has in common is chosen by the number of
//! the case, so that a run crosses all modes.

mod annotation;
mod dataset;
mod file;
mod query;
mod strings;
mod units;

use super::model::{Extras, File, Key, Opaque, Place};

pub use annotation::annotation_file;
pub use file::sequencing_file;
pub use query::{annotation_query, query};
pub use strings::strings_file;

/// A file, and whether it keeps every rule of the standard.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file.
    pub file: File,
    /// False where something stands in it that a validator reports.
    pub conformant: bool,
}

/// A generator of random numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that depends on the seed only.
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both in it.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        match (high - low).checked_add(1) {
            Some(count) => low + self.any() % count,
            None => self.any(),
        }
    }

    /// True this many times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.any() % 100 < percent
    }

    /// One of them.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.between(0, from.len() as u64 - 1) as usize].clone()
    }

    /// Some of them, in their order: at least so many.
    pub fn some<T: Clone>(&mut self, from: &[T], least: usize) -> Vec<T> {
        let count = self.between(least as u64, from.len() as u64) as usize;
        let mut chosen: Vec<usize> = (0..from.len()).collect();
        self.shuffle(&mut chosen);
        chosen.truncate(count);
        chosen.sort_unstable();
        chosen.into_iter().map(|number| from[number].clone()).collect()
    }

    /// Puts them into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.between(0, last as u64) as usize);
        }
    }

    /// Bytes, as many as from `low` to `high`.
    pub fn bytes(&mut self, low: u64, high: u64) -> Vec<u8> {
        (0..self.between(low, high)).map(|_| self.any() as u8).collect()
    }

    /// Where a box stands that other boxes of its kind may stand beside.
    fn place(&mut self) -> Place {
        if self.chance(75) { Place::Here } else { Place::Away }
    }

    /// Boxes of other parts' making, in this order, some of them.
    fn opaques(&mut self, keys: &[&Key]) -> Vec<Opaque> {
        let keys = self.some(keys, 0);
        let places = [Place::Here, Place::Here, Place::Here, Place::Away, Place::StaleFirst, Place::StaleLast];
        keys.into_iter().map(|key| Opaque { key: *key, value: self.bytes(0, 30), place: self.pick(&places) }).collect()
    }

    /// `offs` that address nothing, and, where the file need not keep all rules, unknown boxes.
    fn extras(&mut self, subkeys: &[&Key], unknown: bool) -> Extras {
        let mut extras = Extras::default();
        if !subkeys.is_empty() && self.chance(15) {
            extras.placeholders.push(*self.pick(subkeys));
        }
        if unknown && self.chance(60) {
            for _ in 0..self.between(1, 2) {
                let key = *self.pick(&[b"zzzz", b"free", b"x\xff\0 "]);
                extras.unknown.push((self.between(0, 6) as usize, key, self.bytes(0, 20)));
            }
        }
        extras
    }
}
