//! Access units of sequencing data, each with all that it needs (6.7.1).

use super::super::data_type;
use super::parcel::Parcel;
use super::sids::{Sids, Streams};
use crate::access::{Access, Selection};
use crate::decapsulate::{Stored, StoredPart};
use crate::file::Dataset;
use crate::tables::{AccessUnitHeader, AuType};
use mpegg_runtime::bits::BOX_HEAD;
use mpegg_runtime::{Error, Result};
use std::collections::BTreeMap;

/// A dataset of sequencing data to be sent.
pub(super) struct Sequencing<'s> {
    access: Access<'s>,
    /// The stream of each class.
    sids: BTreeMap<u64, u16>,
}

/// Gives the classes of a dataset their streams: where there is a master index table those that the header lists, else all.
pub(super) fn sequencing<'s>(dataset: &Dataset<'s>, streams: &mut Streams, sids: &mut Sids) -> Result<Sequencing<'s>> {
    let access = dataset.select(&Selection::all())?;
    let header = &access.front().header;
    let listed = |code: u64| !access.has_index() || header.classes.iter().any(|class| class.clid.code() == code);
    let mut found = BTreeMap::new();
    for data_type in data_type::of_access_units() {
        let class = data_type.code().saturating_sub(crate::tables::DataType::AucnP.code()).saturating_add(AuType::PTypeAu.code());
        if listed(class) {
            found.insert(class, streams.open(data_type, sids)?);
        }
    }
    Ok(Sequencing { access, sids: found })
}

impl<'s> Sequencing<'s> {
    /// The access units: by position where a table knows the positions, so that those of one region travel together, else as they stand.
    pub fn parcels(&self) -> impl Iterator<Item = Result<Parcel<'s>>> + '_ {
        self.access.stored(self.access.found_by_position()).map(|stored| {
            let stored = stored?;
            self.access.dataset().located(self.parcel(&stored))
        })
    }

    fn parcel(&self, stored: &Stored<'s>) -> Result<Parcel<'s>> {
        let (unit, class) = (&stored.unit, stored.unit.header.au_type);
        let Some(sid) = self.sids.get(&class.code()).copied() else {
            let message = format!("an access unit of AU_type {}, of which the dataset has no class", class.code());
            return Err(Error::malformed(unit.header_at.saturating_mul(8), message).in_field("auhd", &[]).in_field("aucn", &[]));
        };
        let mut parcel = Parcel::new(sid, *b"aucn", unit.node.source());
        let header = self.access.header_bytes(stored.found.row, unit)?;
        parcel.push(&AccessUnitHeader::KEY);
        parcel.push(&BOX_HEAD.saturating_add(header.len() as u64).to_be_bytes());
        parcel.push(&header);
        // The boxes around the header.
        let (first, _) = unit.node.value();
        let before = unit.header_at.saturating_sub(BOX_HEAD);
        let behind = unit.header_at.saturating_add(unit.header_value.len() as u64);
        parcel.push_range(first, before.saturating_sub(first));
        parcel.push_range(behind, unit.blocks_at.saturating_sub(behind));
        stored.blocks(&mut |part| match part {
            StoredPart::Bytes(bytes) => parcel.push(bytes),
            StoredPart::Range(offset, length) => parcel.push_range(offset, length),
        })?;
        Ok(parcel.closed())
    }
}
