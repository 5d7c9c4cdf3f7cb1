//! How a dataset is named: `G:D`, or `D` where the file has one group.

use mpegg_runtime::{Error, ErrorKind, Result};
use std::fmt;
use std::str::FromStr;

/// The identifiers of a dataset (or, in the same form, of a reference): dataset_group_ID and dataset_ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DatasetId {
    /// dataset_group_ID; may be left out where the file has one group.
    pub group: Option<u8>,
    /// dataset_ID.
    pub dataset: u16,
}

impl From<u16> for DatasetId {
    fn from(dataset: u16) -> Self {
        DatasetId { group: None, dataset }
    }
}

impl From<(u8, u16)> for DatasetId {
    fn from((group, dataset): (u8, u16)) -> Self {
        DatasetId { group: Some(group), dataset }
    }
}

impl FromStr for DatasetId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::without_position(ErrorKind::Malformed, format!("`{text}` is not a dataset: write D or G:D, numbers"));
        let (group, dataset) = match text.split_once(':') {
            Some((group, dataset)) => (Some(group.parse().map_err(|_| wrong())?), dataset),
            None => (None, text),
        };
        Ok(DatasetId { group, dataset: dataset.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for DatasetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            Some(group) => write!(f, "{group}:{}", self.dataset),
            None => write!(f, "{}", self.dataset),
        }
    }
}
