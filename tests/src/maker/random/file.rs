//! Files of sequencing data: groups, references, labels.

use super::super::model::{
    Content, Dataset, File, Group, Key, Label, LabelDataset, LabelRegion, Labels, Location, Reference, ReferenceKind, ReferenceSequence, Sequencing,
};
use super::dataset::Plan;
use super::{Case, Rng};

/// Keys that an `offs` in a group may have as SubKey.
const GROUP_KEYS: [&Key; 6] = [b"rfgn", b"rfmd", b"labl", b"dgmd", b"dgcd", b"dgpr"];

/// The file of a case. Its first group has the dataset 1; what else there is depends on chance.
pub fn sequencing_file(case: u64) -> Case {
    let mut rng = Rng::new(case);
    let plan = Plan::of(case, &mut rng);
    let conformant = !plan.unknown && !plan.reserved && !plan.last_flag_missing;
    let first_edition = plan.minor_version == *b"1900";
    let sequences = reference_sequences(&mut rng, &plan);

    // The reference of dataset 1, and the one that a reference dataset may be aligned to.
    let internal = rng.chance(60);
    let elsewhere = internal && rng.chance(25);
    let ids: [u8; 2] = if rng.chance(50) { [7, 250] } else { [0, 1] };
    let location = if internal { Location::Internal { group: ids[usize::from(elsewhere)], dataset: 9 } } else { external(&mut rng, &sequences) };
    let mut references = vec![
        Reference { id: 0, name: "a reference".into(), version: [1, 2, 3], sequences: sequences.clone(), location, place: rng.place() },
        Reference {
            id: 200,
            name: "another, β".into(),
            version: [0, 0, 65535],
            sequences: sequences.clone(),
            location: external(&mut rng, &sequences),
            place: rng.place(),
        },
    ];
    rng.shuffle(&mut references);

    let mut datasets = vec![plan.dataset(&mut rng, 1, plan.dataset_type, &sequences, 0)];
    if rng.chance(30) {
        let other = Plan::of(rng.any() % 1000, &mut rng).like(&plan);
        datasets.push(other.dataset(&mut rng, 2, 1, &sequences, 0));
    }
    let labels = rng.chance(70).then(|| labels(&mut rng, &plan, &datasets));
    let holder = internal.then(|| {
        let other = Plan::of(rng.any() % 1000, &mut rng).like(&plan);
        other.dataset(&mut rng, 9, 2, &sequences, 200)
    });
    let mut second = Group { id: ids[1], version: 9, ..Group::default() };
    if let Some(holder) = holder {
        let home = if elsewhere { &mut second.datasets } else { &mut datasets };
        let at = rng.between(0, home.len() as u64) as usize;
        home.insert(at, holder);
    }
    let mut keys: Vec<&Key> = vec![b"dgmd", b"dgpr"];
    if !first_edition {
        keys.insert(1, b"dgcd");
    }
    let mut reference_metadata = rng.opaques(&[b"rfmd"]);
    // Several boxes of the kind are no stale ones.
    reference_metadata.iter_mut().for_each(|one| one.place = rng.place());
    let first = Group {
        id: ids[0],
        version: 0,
        place: rng.place(),
        references,
        reference_metadata: reference_metadata.into_iter().map(|one| (200, one)).collect(),
        labels,
        boxes: rng.opaques(&keys),
        datasets,
        extras: rng.extras(&GROUP_KEYS, plan.unknown),
    };
    let mut groups = vec![first];
    if !second.datasets.is_empty() || rng.chance(10) {
        if second.datasets.is_empty() {
            second.datasets.push(plan.dataset(&mut rng, 1, 0, &[], 0));
        } else {
            // A reference dataset may be aligned to a reference of its own group.
            second.references = groups[0].references.iter().filter(|reference| reference.id == 200).cloned().collect();
        }
        groups.insert(rng.between(0, 1) as usize, second);
    }
    let brands = if plan.minor_version == *b"2500" && rng.chance(50) { vec![*b"2000"] } else { vec![] };
    let mut extras = rng.extras(&[], plan.unknown);
    // Nothing may stand in front of `flhd`.
    extras.unknown.iter_mut().for_each(|unknown| unknown.0 = unknown.0.max(1));
    // Table 10 wants access units.
    let holds = |dataset: &Dataset| dataset.sequencing().is_some_and(|content| !content.units.is_empty());
    let conformant = conformant && groups.iter().flat_map(|group| &group.datasets).all(holds);
    Case { file: File { minor_version: plan.minor_version, brands, groups, extras }, conformant }
}

fn reference_sequences(rng: &mut Rng, plan: &Plan) -> Vec<ReferenceSequence> {
    let first_edition = plan.minor_version == *b"1900";
    let mut ids: Vec<u16> = if rng.chance(50) { vec![1, 2, 3, 4] } else { vec![40, 7, 65535, 300] };
    ids.truncate(rng.between(2, 4) as usize);
    let length = |rng: &mut Rng| match rng.between(0, 2) {
        0 => rng.between(60, 300) as u32,
        1 => rng.between(100_000, 250_000_000) as u32,
        _ => rng.between(4_000_000_000, 4_294_967_295) as u32,
    };
    ids.into_iter()
        .enumerate()
        .map(|(number, id)| ReferenceSequence { name: format!("chr{number}"), length: length(rng), id: if first_edition { number as u16 } else { id } })
        .collect()
}

/// A reference that is nowhere: only who asks for its bases looks for it.
fn external(rng: &mut Rng, sequences: &[ReferenceSequence]) -> Location {
    let algorithm = rng.between(0, 1) as u8;
    let kind = if rng.chance(50) { ReferenceKind::Fasta } else { ReferenceKind::Raw };
    let checksums = sequences.iter().map(|_| rng.bytes(16 + 16 * u64::from(algorithm), 16 + 16 * u64::from(algorithm))).collect();
    Location::External { uri: "nowhere.fa".into(), algorithm, kind, checksums }
}

fn labels(rng: &mut Rng, plan: &Plan, datasets: &[Dataset]) -> Labels {
    let list = ["one", "two words", "drei ☃"].into_iter().map(|id| {
        let covered = rng.some(datasets, 1);
        let datasets = covered.iter().filter_map(|dataset| match &dataset.content {
            Content::Sequencing(content) => Some(LabelDataset { dataset: dataset.id, regions: label_regions(rng, content) }),
            Content::Annotation(_) => None,
        });
        let datasets = datasets.collect();
        Label { id: id.into(), datasets, place: rng.place() }
    });
    let list = list.collect();
    Labels { place: rng.place(), list, extras: rng.extras(&[b"lbll"], plan.unknown) }
}

fn label_regions(rng: &mut Rng, content: &Sequencing) -> Vec<LabelRegion> {
    let aligned: Vec<_> = content.units.iter().filter_map(|unit| Some((unit.sequence?, unit.range))).collect();
    if aligned.is_empty() || rng.chance(25) {
        return vec![];
    }
    let region = |rng: &mut Rng| {
        let (sequence, (start, end)) = rng.pick(&aligned);
        // From a base of one unit to a base of another, or the other way round.
        let other = rng.pick(&aligned).1;
        let ends = [rng.pick(&[start, end]), rng.pick(&[other.0, other.1])];
        LabelRegion {
            sequence: content.sequences[sequence].id,
            classes: if rng.chance(50) { vec![] } else { rng.some(&[1, 2, 3, 4, 5], 1) },
            start: ends[0].min(ends[1]),
            end: ends[0].max(ends[1]),
        }
    };
    (0..rng.between(1, 3)).map(|_| region(rng)).collect()
}
