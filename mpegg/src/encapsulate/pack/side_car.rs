//! The side-cars that Genie's codec writes beside its data units: `X.mgb.json` says what its container tool puts in.

use super::plan::BoxPlan;
use super::plan::{ChecksumPlan, DatasetPlan, GroupPlan, LocationPlan, ModePlan, Plan, ReferencePlan, SequencePlan, ValuePlan};
use super::value;
use mpegg_runtime::Result;
use serde::Deserialize;

/// What stands in a side-car.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct SideCar {
    #[serde(rename = "CC_mode_flag")]
    cc_mode_flag: bool,
    #[serde(rename = "MIT_flag")]
    mit_flag: bool,
    #[serde(rename = "DT_metadata_value")]
    dt_metadata_value: String,
    #[serde(rename = "DT_protection_value")]
    dt_protection_value: String,
    version: u8,
    reference: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    reference_name: String,
    reference_major_version: u16,
    reference_minor_version: u16,
    reference_patch_version: u16,
    #[serde(default)]
    reference_metadata_value: String,
    seqs: Vec<Sequence>,
    external_ref: External,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sequence {
    id: u16,
    length: u32,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct External {
    checksum_alg: u8,
    ref_uri: String,
    reference_type: u8,
    ref_type_other_checksums: Vec<String>,
}

impl Plan {
    /// The plan of a side-car of Genie: one dataset group, edition 2000.
    ///
    /// # Errors
    ///
    /// Text that is no such JSON; a reference that is a dataset.
    pub fn of_side_car(text: &str) -> Result<Plan> {
        let side_car: SideCar = serde_json::from_str(text).map_err(|error| value::wrong(format!("not a side-car: {error}")))?;
        let text_box = |key: &str, text: &String| {
            let value = ValuePlan::Text(text.clone());
            (!text.is_empty()).then(|| BoxPlan { key: key.to_owned(), value, reference_id: None, dataset_id: None, behind_offs: false })
        };
        let datasets = DatasetPlan {
            mode: if side_car.cc_mode_flag { ModePlan::AucCc } else { ModePlan::AucGrc },
            mit: Some(side_car.mit_flag),
            boxes: [("dtmd", &side_car.dt_metadata_value), ("dtpr", &side_car.dt_protection_value)]
                .into_iter()
                .filter_map(|(key, text)| text_box(key, text))
                .collect(),
            ..DatasetPlan::default()
        };
        let group = GroupPlan {
            version_number: side_car.version,
            references: side_car.reference.map(reference).transpose()?.into_iter().collect(),
            ..GroupPlan::default()
        };
        Ok(Plan { minor_version: Some("2000".to_owned()), groups: vec![group], other_datasets: Some(datasets), ..Plan::default() })
    }
}

fn reference(found: Reference) -> Result<ReferencePlan> {
    let External { checksum_alg, ref_uri: uri, reference_type, ref_type_other_checksums } = found.external_ref;
    let location = match reference_type {
        1 => LocationPlan::Raw { uri },
        2 => LocationPlan::Fasta { uri },
        _ => return Err(value::wrong("a side-car with a reference that is a dataset")),
    };
    let checksums = ref_type_other_checksums.into_iter().map(Some).chain(std::iter::repeat(None));
    let sequences = found.seqs.into_iter().zip(checksums);
    Ok(ReferencePlan {
        name: Some(found.reference_name),
        version: Some(format!("{}.{}.{}", found.reference_major_version, found.reference_minor_version, found.reference_patch_version)),
        location: Some(location),
        checksum_alg: Some(if checksum_alg == 0 { ChecksumPlan::Md5 } else { ChecksumPlan::Sha256 }),
        sequences: sequences.map(|(one, checksum)| SequencePlan { name: one.name, length: one.length, sequence_id: one.id, checksum }).collect(),
        metadata: (!found.reference_metadata_value.is_empty()).then_some(ValuePlan::Text(found.reference_metadata_value)),
        ..ReferencePlan::default()
    })
}
