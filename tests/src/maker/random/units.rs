//! Access units: positions, parts of a reference, signatures, blocks, and their order in the file.

use super::super::model::{ALPHABETS, Block, Form, Key, ParameterSet, ReferenceSequence, Sequencing, Signatures, Storage, Unit, signature_number};
use super::Rng;

/// A dataset whose units are to be made.
pub struct Units<'a> {
    pub content: &'a mut Sequencing,
    pub sets: &'a [ParameterSet],
    /// Lengths of the dataset's sequences.
    pub lengths: &'a [u64],
    /// The sequences of all references of the group.
    pub reference: &'a [ReferenceSequence],
    pub first_edition: bool,
}

impl Units<'_> {
    pub fn make(mut self, rng: &mut Rng) {
        self.aligned(rng);
        self.unaligned(rng);
        self.order(rng);
        if !self.content.has_index() {
            self.counts(rng);
        }
    }

    /// What every unit has.
    fn unit(&self, rng: &mut Rng, class: u8, id: u32) -> Unit {
        let reads = rng.between(0, 5000) as u32;
        let threshold = rng.between(0, 3) as u16;
        let keys: &[&Key] = if self.first_edition { &[b"auin", b"aupr"] } else { &[b"auin", b"aumt", b"aupr"] };
        let mut boxes = if rng.chance(25) { rng.opaques(keys) } else { vec![] };
        // No `offs` addresses these.
        boxes.iter_mut().for_each(|one| one.place = Default::default());
        let descriptors = self.content.classes.iter().find(|other| other.id == class).map_or(vec![], |class| class.descriptors.clone());
        let descriptors = rng.some(&descriptors, 1);
        Unit {
            id,
            class,
            reads,
            parameter_set: rng.pick(self.sets).id,
            mismatches: (threshold, if threshold == 0 { 0 } else { rng.between(0, reads.into()) as u32 }),
            part: self.part(rng),
            boxes,
            blocks: descriptors.into_iter().map(|descriptor| Block { descriptor, payload: rng.bytes(1, 40) }).collect(),
            ..Unit::default()
        }
    }

    /// A piece of a sequence of the reference.
    fn part(&self, rng: &mut Rng) -> (u16, u64, u64) {
        if self.content.dataset_type != 2 {
            return (0, 0, 0);
        }
        let sequence = rng.pick(self.reference);
        let start = rng.between(0, u64::from(sequence.length) - 1);
        let end = rng.between(start, (start + u64::from(sequence.length) / 4).min(u64::from(sequence.length) - 1));
        (sequence.id, start, end)
    }

    fn form(&self, unit: &Unit) -> Form {
        let set = self.sets.iter().find(|set| set.id == unit.parameter_set);
        set.and_then(|set| set.form).unwrap_or(self.content.form)
    }

    /// Units of each sequence and row: each row has one at least, a class begins in each row behind where it begins in the one before.
    fn aligned(&mut self, rng: &mut Rng) {
        let classes: Vec<u8> = self.content.classes.iter().map(|class| class.id).filter(|class| *class != 6).collect();
        for sequence in 0..self.content.sequences.len() {
            let rows = self.content.sequences[sequence].blocks;
            let window = self.lengths[sequence] / u64::from(rows);
            for id in 0..rows {
                let first = window * u64::from(id);
                for class in rng.some(&classes, 1) {
                    let mut unit = self.unit(rng, class, id);
                    let start = rng.between(first, first + window - 1);
                    let furthest = if self.content.non_overlapping { first + window } else { (start + 2 * window).min(self.lengths[sequence]) };
                    unit.sequence = Some(sequence);
                    unit.range = (start, if rng.chance(15) { start } else { rng.between(start, furthest - 1) });
                    unit.extended = unit.range;
                    if self.form(&unit).multiple_alignment && rng.chance(80) {
                        unit.extended.0 -= rng.between(0, start.min(window));
                        unit.extended.1 = rng.between(unit.range.1, self.lengths[sequence] - 1);
                    }
                    self.content.units.push(unit);
                }
            }
        }
    }

    /// Units of class U; only a table tells of empty ones. They are ordered by their first signature.
    fn unaligned(&mut self, rng: &mut Rng) {
        let mut units = vec![];
        for _ in 0..self.content.u_units {
            let mut unit = self.unit(rng, 6, 0);
            let form = self.form(&unit);
            unit.signatures = signatures(rng, &form, self.content.form.alphabet);
            units.push(unit);
        }
        let alphabet = self.content.form.alphabet;
        units.sort_by_key(|unit| unit.signatures.first().map(|signature| signature_number(signature, alphabet)));
        let sparse = self.content.has_index();
        for (id, mut unit) in units.into_iter().enumerate() {
            unit.id = id as u32;
            if !(sparse && rng.chance(20)) {
                self.content.units.push(unit);
            }
        }
    }

    fn order(&mut self, rng: &mut Rng) {
        let units = &mut self.content.units;
        let by_position = |unit: &Unit| (unit.class == 6, unit.sequence, unit.range.0, unit.id);
        match self.content.storage {
            Storage::Auc { class_contiguity: false, .. } => units.sort_by_key(by_position),
            Storage::Auc { class_contiguity: true, .. } => {
                let mut classes = vec![1, 2, 3, 4, 5, 6];
                if rng.chance(30) {
                    rng.shuffle(units);
                } else {
                    units.sort_by_key(by_position);
                    rng.shuffle(&mut classes);
                }
                units.sort_by_key(|unit| classes.iter().position(|class| *class == unit.class));
            }
            Storage::Dsc { .. } if rng.chance(50) => rng.shuffle(units),
            Storage::Dsc { .. } => units.sort_by_key(by_position),
        }
    }

    /// Without a table seq_blocks counts the different IDs, or says nothing.
    fn counts(&mut self, rng: &mut Rng) {
        for sequence in 0..self.content.sequences.len() {
            let mut ids: Vec<u32> = self.content.units.iter().filter(|unit| unit.sequence == Some(sequence)).map(|unit| unit.id).collect();
            ids.sort_unstable();
            ids.dedup();
            self.content.sequences[sequence].blocks = if rng.chance(20) { 0 } else { ids.len() as u32 };
        }
    }
}

/// Up to three signatures in the letters of a form, ascending as numbers of the dataset's alphabet. Few letters: some are common.
fn signatures(rng: &mut Rng, form: &Form, alphabet: u8) -> Vec<String> {
    let letters: Vec<char> = ALPHABETS[usize::from(form.alphabet)].chars().collect();
    let letters = if rng.chance(50) { letters[letters.len() - 3..].to_vec() } else { letters };
    let mut list: Vec<String> = vec![];
    for _ in 0..rng.between(1, 3) {
        let length = match form.signatures {
            Signatures::Absent => return vec![],
            Signatures::Constant(length) => length.into(),
            Signatures::Variable => rng.between(1, 20),
        };
        list.push((0..length).map(|_| rng.pick(&letters)).collect());
    }
    list.sort_by_key(|signature| signature_number(signature, alphabet));
    list
}
