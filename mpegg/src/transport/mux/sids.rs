//! Which stream carries what.

use super::super::{PacketCode, data_type};
use crate::tables::{DataType, DatasetMappingTable, DatasetMappingTableDataStream};
use mpegg_runtime::transport::HeaderCode;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// The stream of lists of mapping tables (6.6.3.1).
pub(in super::super) const LISTS: u16 = 0;
/// The stream of the file header (6.6.2).
pub(in super::super) const FILE_HEADER: u16 = 1;

/// Gives streams their numbers, from the first that is free (6.6.4.3).
pub(super) struct Sids(u16);

impl Sids {
    pub fn new() -> Self {
        Sids(FILE_HEADER)
    }

    /// The next number.
    ///
    /// # Errors
    ///
    /// There are no more.
    pub fn take(&mut self) -> Result<u16> {
        let next = self.0.checked_add(1).filter(|next| *next < PacketCode::STREAMS);
        self.0 = next.ok_or_else(|| {
            let message = format!("the file needs more than the {} streams that a transport stream can have", PacketCode::STREAMS.saturating_sub(2));
            Error::without_position(ErrorKind::Limit, message).in_table("dataset_mapping_table", "6.6.4", Some(67))
        })?;
        Ok(self.0)
    }
}

/// The streams of a dataset: its own, and those of its group.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams(BTreeMap<u64, u16>);

impl Streams {
    /// The stream of a data type, which is given one if it has none.
    ///
    /// # Errors
    ///
    /// As [`Sids::take`].
    pub fn open(&mut self, data_type: DataType, sids: &mut Sids) -> Result<u16> {
        if let Some(known) = self.of(data_type) {
            return Ok(known);
        }
        let sid = sids.take()?;
        self.0.insert(data_type.code(), sid);
        Ok(sid)
    }

    /// The stream of a data type.
    pub fn of(&self, data_type: DataType) -> Option<u16> {
        self.0.get(&data_type.code()).copied()
    }

    /// The stream of boxes of a key that is not that of access units.
    pub fn open_key(&mut self, key: [u8; 4], sids: &mut Sids) -> Result<Option<u16>> {
        data_type::of_key(key).map(|data_type| self.open(data_type, sids)).transpose()
    }

    /// The mapping table of a dataset.
    pub fn table(&self, dataset_id: u16) -> DatasetMappingTable {
        let stream = |(code, sid): (&u64, &u16)| DatasetMappingTableDataStream { data_type: DataType::from_code(*code), reserved: 0, data_sid: *sid };
        DatasetMappingTable { dataset_id, data_streams: self.0.iter().map(stream).collect() }
    }
}
