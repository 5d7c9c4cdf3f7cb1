//! Files like those of the conformance tests AbL-001 to AbL-026 of Part 5, which are not public: the same modes, regions, labels and
//! signatures over a genome of the same lengths, with few access units.

use mpegg_tests::maker::model::*;
use mpegg_tests::maker::random::Rng;

/// Lengths of the chromosomes of GRCh37: 1 to 22, X, Y.
const CHROMOSOMES: [u32; 24] = [
    249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431, 135534747, 135006516, 133851895, 115169878, 107349540,
    102531392, 90354753, 81195210, 78077248, 59128983, 63025520, 48129895, 51304566, 155270560, 59373566,
];

pub const AUC: Storage = Storage::Auc { index: true, class_contiguity: false };
pub const AUC_CC: Storage = Storage::Auc { index: true, class_contiguity: true };
pub const NO_INDEX: Storage = Storage::Auc { index: false, class_contiguity: false };
pub const DSC_ORDERED: Storage = Storage::Dsc { ordered: true, empty: EmptyBlocks::AllOnes };
pub const DSC_UNORDERED: Storage = Storage::Dsc { ordered: false, empty: EmptyBlocks::AllOnes };

/// The genome's sequences, counted from 1.
pub fn chromosomes() -> Vec<ReferenceSequence> {
    let name = |number: usize| match number {
        22 => "X".to_owned(),
        23 => "Y".to_owned(),
        number => (number + 1).to_string(),
    };
    CHROMOSOMES.iter().enumerate().map(|(number, length)| ReferenceSequence { name: name(number), length: *length, id: number as u16 + 1 }).collect()
}

pub fn reference(id: u8, sequences: Vec<ReferenceSequence>, location: Location) -> Reference {
    Reference { id, name: "GRCh37".into(), version: [37, 0, 0], sequences, location, place: Place::Here }
}

/// A file with a group.
pub fn file(references: Vec<Reference>, datasets: Vec<Dataset>, labels: Vec<Label>) -> File {
    let labels = (!labels.is_empty()).then(|| Labels { list: labels, ..Labels::default() });
    let group = Group { references, datasets, labels, ..Group::default() };
    File { minor_version: *b"2000", brands: vec![], groups: vec![group], extras: Extras::default() }
}

/// A region of a label: sequence, classes, start, end.
type Labelled<'a> = (u16, &'a [u8], u64, u64);

/// A label: of each dataset the regions.
pub fn label(id: &str, datasets: &[(u16, &[Labelled])]) -> Label {
    let region = |(sequence, classes, start, end): &Labelled| LabelRegion { sequence: *sequence, classes: classes.to_vec(), start: *start, end: *end };
    let datasets = datasets.iter().map(|(dataset, regions)| LabelDataset { dataset: *dataset, regions: regions.iter().map(region).collect() });
    Label { id: id.into(), datasets: datasets.collect(), place: Place::Here }
}

fn sequencing(dataset_type: u8, storage: Storage, classes: &[u8]) -> Sequencing {
    Sequencing {
        dataset_type,
        storage,
        form: Form { multiple_alignment: false, wide_positions: false, alphabet: 0, signatures: Signatures::Absent },
        parameters_update: false,
        non_overlapping: false,
        reference: 0,
        sequences: vec![],
        classes: classes.iter().map(|id| Class { id: *id, descriptors: vec![0, 1, 2 + id, 9] }).collect(),
        u_units: 0,
        reserved: None,
        last_flag_missing: false,
        units: vec![],
        streams: vec![],
    }
}

/// Some blocks of a unit, and a parameter set.
fn filled(rng: &mut Rng, content: &Sequencing, mut unit: Unit) -> Unit {
    let descriptors = content.classes.iter().find(|class| class.id == unit.class).map_or(vec![], |class| class.descriptors.clone());
    unit.blocks = rng.some(&descriptors, 1).into_iter().map(|descriptor| Block { descriptor, payload: rng.bytes(4, 60) }).collect();
    unit.parameter_set = rng.between(0, 1) as u8;
    unit.reads = rng.between(1, 5000) as u32;
    unit
}

fn dataset(id: u16, rng: &mut Rng, mut content: Sequencing) -> Dataset {
    if let Storage::Dsc { ordered, .. } = content.storage {
        for class in &content.classes {
            for descriptor in &class.descriptors {
                let holds = |unit: &Unit| unit.class == class.id && unit.blocks.iter().any(|block| block.descriptor == *descriptor);
                let mut units: Vec<usize> = (0..content.units.len()).filter(|number| holds(&content.units[*number])).collect();
                units.sort_by_key(|number| (content.units[*number].sequence, content.units[*number].id));
                if !ordered {
                    rng.shuffle(&mut units);
                }
                content.streams.push(Stream { class: class.id, descriptor: *descriptor, protection: None, units });
            }
        }
    }
    // The second set needs the first; nothing needs the third.
    let set = |id: u8, parent: u8, rng: &mut Rng| ParameterSet { id, parent, form: None, payload: rng.bytes(20, 60) };
    let parameter_sets = vec![set(1, 0, rng), set(0, 0, rng), set(2, 2, rng)];
    Dataset {
        id,
        version: *b"2000",
        wide_offsets: false,
        place: Place::Here,
        boxes: vec![],
        parameter_sets,
        content: Content::Sequencing(Box::new(content)),
        extras: Extras::default(),
    }
}

/// Aligned data of classes P, N, M, I on sequences. About each of the positions stand units that end in front of it, begin or end at it,
/// hold it, and begin behind it; of each some are empty.
pub fn aligned(id: u16, storage: Storage, reference: u8, sequences: &[(u16, &[u64])]) -> Dataset {
    let mut rng = Rng::new(u64::from(id) + 100);
    let classes = [1, 2, 3, 4];
    let mut content = sequencing(1, storage, &classes);
    content.reference = reference;
    for (number, (id, positions)) in sequences.iter().enumerate() {
        let last = u64::from(CHROMOSOMES[usize::from(*id) - 1]) - 1;
        let around = |position: &u64| {
            let (at, clip) = (*position, |position: u64| position.min(last));
            let before = (at >= 5000).then(|| [(at - 5000, at - 1), (at - 700, at), (at - 600, at + 600)]);
            let behind = [(at, at + 900), (at + 1, at + 2000), (at + 300_000, at + 900_000)];
            before.into_iter().flatten().chain(behind).map(|(start, end)| (clip(start), clip(end))).collect::<Vec<_>>()
        };
        let mut ranges: Vec<(u64, u64)> = positions.iter().flat_map(around).collect();
        ranges.sort_unstable();
        content.sequences.push(Sequence { id: *id, blocks: ranges.len() as u32, threshold: Some(300) });
        for (row, range) in ranges.into_iter().enumerate() {
            for class in rng.some(&classes, 1) {
                let mismatches = if class == 2 || class == 3 { (2, 1) } else { (0, 0) };
                let unit = Unit { id: row as u32, class, sequence: Some(number), range, mismatches, ..Unit::default() };
                let unit = filled(&mut rng, &content, unit);
                content.units.push(unit);
            }
        }
    }
    if let Storage::Auc { class_contiguity: true, .. } = storage {
        content.units.sort_by_key(|unit| (unit.class, unit.sequence, unit.range.0));
    } else {
        content.units.sort_by_key(|unit| (unit.sequence, unit.range.0));
    }
    dataset(id, &mut rng, content)
}

/// A compressed reference of whole chromosomes in pieces of 30 million bases.
pub fn compressed(id: u16, storage: Storage, sequences: &[u16]) -> Dataset {
    let mut rng = Rng::new(u64::from(id) + 200);
    let mut content = sequencing(2, storage, &[6]);
    for sequence in sequences {
        let length = u64::from(CHROMOSOMES[usize::from(*sequence) - 1]);
        for start in (0..length).step_by(30_000_000) {
            let unit = Unit { id: content.u_units, class: 6, part: (*sequence, start, (start + 30_000_000).min(length) - 1), ..Unit::default() };
            let unit = filled(&mut rng, &content, unit);
            content.units.push(unit);
            content.u_units += 1;
        }
    }
    dataset(id, &mut rng, content)
}

/// Unaligned data whose units have these signatures.
pub fn signed(id: u16, alphabet: u8, signatures: Signatures, units: &[&[&str]]) -> Dataset {
    let mut rng = Rng::new(u64::from(id) + 300);
    let mut content = sequencing(0, AUC, &[6]);
    content.form.alphabet = alphabet;
    content.form.signatures = signatures;
    for signatures in units {
        let unit = Unit { id: content.u_units, class: 6, signatures: signatures.iter().map(|text| (*text).to_owned()).collect(), ..Unit::default() };
        let unit = filled(&mut rng, &content, unit);
        content.units.push(unit);
        content.u_units += 1;
    }
    dataset(id, &mut rng, content)
}
