//! Which access units a query selects (R13, R20 to R22).

use super::super::model::{Dataset, Group, LabelDataset, Sequencing, Unit};

/// What is wanted of a dataset. Regions, labels and signatures add up; classes and IDs filter. Nothing asked is the whole dataset.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Genomic regions.
    pub regions: Vec<Region>,
    /// Labels.
    pub labels: Vec<String>,
    /// Cluster signatures.
    pub signatures: Vec<String>,
    /// Classes.
    pub classes: Option<Vec<u8>>,
    /// access_unit_ID.
    pub units: Option<Vec<u32>>,
}

/// A range of a sequence, 0-based, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// seq_ID.
    pub sequence: u16,
    /// The first base.
    pub start: u64,
    /// The last base.
    pub end: u64,
}

impl Region {
    fn shares_a_base(&self, start: u64, end: u64) -> bool {
        self.start <= end && start <= self.end
    }
}

impl Query {
    /// Whether nothing is asked.
    pub fn is_whole(&self) -> bool {
        self.regions.is_empty() && self.labels.is_empty() && self.signatures.is_empty() && self.classes.is_none() && self.units.is_none()
    }

    /// The options of the command.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![];
        let mut option = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        self.regions.iter().for_each(|region| option("--region", format!("@{}:{}-{}", region.sequence, region.start, region.end)));
        self.labels.iter().for_each(|label| option("--label", label.clone()));
        // A signature may begin with `-`.
        self.signatures.iter().for_each(|signature| option("--signature", signature.clone()));
        if let Some(classes) = &self.classes {
            let letters: Vec<&str> = classes.iter().map(|class| ["?", "P", "N", "M", "I", "HM", "U"][usize::from(*class)]).collect();
            option("--class", letters.join(","));
        }
        self.units.iter().flatten().for_each(|id| option("--access-unit", id.to_string()));
        let mut joined: Vec<String> = vec![];
        for argument in arguments {
            match joined.last_mut() {
                Some(last) if argument.starts_with('-') && last == "--signature" => *last = format!("{last}={argument}"),
                _ => joined.push(argument),
            }
        }
        joined
    }
}

/// The numbers of the selected units: of a selection in file order, of a whole dataset in the order of its table where there is one.
pub fn select(group: &Group, dataset: &Dataset, query: &Query) -> Vec<usize> {
    let Some(content) = dataset.sequencing() else { return vec![] };
    let mut numbers: Vec<usize> = (0..content.units.len()).collect();
    if query.is_whole() {
        if content.has_index() {
            // seq, class, au_id; class U comes last.
            numbers.sort_by_key(|number| {
                let unit = &content.units[*number];
                (unit.sequence.unwrap_or(usize::MAX), unit.class, unit.id)
            });
        }
        return numbers;
    }
    let labels = group.labels.iter().flat_map(|labels| &labels.list).filter(|label| query.labels.contains(&label.id));
    let labelled: Vec<&LabelDataset> = labels.flat_map(|label| &label.datasets).filter(|one| one.dataset == dataset.id).collect();
    numbers.retain(|number| wanted(content, &content.units[*number], query, &labelled));
    numbers
}

fn wanted(content: &Sequencing, unit: &Unit, query: &Query, labelled: &[&LabelDataset]) -> bool {
    let sequence = unit.sequence.map(|number| content.sequences[number].id);
    let (start, end) = unit.range;
    let by_region = query.regions.iter().any(|region| sequence == Some(region.sequence) && region.shares_a_base(start, end));
    let by_label = labelled.iter().any(|covered| {
        covered.regions.is_empty()
            || covered.regions.iter().any(|region| {
                sequence == Some(region.sequence)
                    && (region.classes.is_empty() || region.classes.contains(&unit.class))
                    && Region { sequence: region.sequence, start: region.start, end: region.end }.shares_a_base(start, end)
            })
    });
    let by_signature = unit.class == 6 && unit.signatures.iter().any(|signature| query.signatures.contains(signature));
    let everything = query.regions.is_empty() && query.labels.is_empty() && query.signatures.is_empty();
    (everything || by_region || by_label || by_signature)
        && query.classes.as_ref().is_none_or(|classes| classes.contains(&unit.class))
        && query.units.as_ref().is_none_or(|units| units.contains(&unit.id))
}

/// The ranges that a selection needs of its reference: of all alignments where there are several. None is the whole reference.
pub fn ranges(group: &Group, dataset: &Dataset, query: &Query) -> Option<Vec<Region>> {
    if query.is_whole() {
        return None;
    }
    let content = dataset.sequencing()?;
    let ranges = select(group, dataset, query).into_iter().filter_map(|number| {
        let unit = &content.units[number];
        let several = dataset.form(unit.parameter_set).is_some_and(|form| form.multiple_alignment);
        let (start, end) = if several { unit.extended } else { unit.range };
        Some(Region { sequence: content.sequences[unit.sequence?].id, start, end })
    });
    Some(ranges.collect())
}
