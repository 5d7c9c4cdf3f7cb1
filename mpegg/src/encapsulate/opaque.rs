//! Boxes whose contents other parts define: identifiers in front, then bytes as they are.

use crate::tables::{
    AtCdl, AtProtection, AuInformation, AuMetrics, AuProtection, DgCdl, DgMetadata, DgProtection, DsProtection, DtCdl, DtMetadata, DtMetrics, DtProtection,
    FileHeader, ReferenceMetadata,
};
use mpegg_runtime::{Error, ErrorKind, Result};

/// To what such a box belongs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Owner {
    /// dataset_group_ID.
    pub group: u8,
    /// dataset_ID.
    pub dataset: u16,
    /// reference_ID of rfmd.
    pub reference: u8,
}

/// The box of a key around a value.
pub(crate) fn opaque_box(key: [u8; 4], value: Vec<u8>, owner: Owner, file: &FileHeader) -> Result<Vec<u8>> {
    let Owner { group: dataset_group_id, dataset: dataset_id, reference: reference_id } = owner;
    // The first edition has no identifiers in some of them.
    let later = file.minor_version != *"1900";
    let (group, dataset) = (later.then_some(dataset_group_id), later.then_some(dataset_id));
    match &key {
        b"rfmd" => ReferenceMetadata { dataset_group_id, reference_id, reference_metadata_value: value }.to_box(),
        b"dgmd" => DgMetadata { dataset_group_id: group, dg_metadata_value: value }.to_box(file),
        b"dgcd" => DgCdl { dataset_group_id, dg_cdl_value: value }.to_box(),
        b"dgpr" => DgProtection { dataset_group_id: group, dg_protection_value: value }.to_box(file),
        b"dtmd" => DtMetadata { dataset_group_id: group, dataset_id: dataset, dt_metadata_value: value }.to_box(file),
        b"dtmt" => DtMetrics { dataset_group_id, dataset_id, dt_metrics_value: value }.to_box(),
        b"dtcd" => DtCdl { dataset_group_id, dataset_id, dt_cdl_value: value }.to_box(),
        b"dtpr" => DtProtection { dataset_group_id: group, dataset_id: dataset, dt_protection_value: value }.to_box(file),
        b"auin" => AuInformation { dataset_group_id: group, dataset_id: dataset, au_information_value: value }.to_box(file),
        b"aumt" => AuMetrics { dataset_group_id, dataset_id, au_metrics_value: value }.to_box(),
        b"aupr" => AuProtection { dataset_group_id: group, dataset_id: dataset, au_protection_value: value }.to_box(file),
        b"dspr" => DsProtection { ds_protection_value: value }.to_box(),
        b"atcd" => AtCdl { at_cdl_value: value, ..AtCdl::default() }.to_box(0),
        b"atpr" => AtProtection { at_protection_value: value, ..AtProtection::default() }.to_box(0),
        _ => Err(Error::without_position(ErrorKind::Unsupported, format!("a box `{}` whose contents are bytes", key.escape_ascii()))),
    }
}
