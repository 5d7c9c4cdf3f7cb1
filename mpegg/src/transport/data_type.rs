//! What streams carry (Table 68), by the keys of the boxes.

use crate::tables::{AuType, DataType, descriptions};
use crate::walk::listed;

/// The key of the boxes of a data type; access units of all classes have one.
pub(super) fn key(data_type: DataType) -> Option<[u8; 4]> {
    data_type.symbol()?.as_bytes().first_chunk::<4>().copied()
}

/// The data type of boxes of a key. Access units have one for each class.
pub(super) fn of_key(key: [u8; 4]) -> Option<DataType> {
    let mut known = (0..=u64::from(u8::MAX)).map(DataType::from_code).filter(|data_type| self::key(*data_type) == Some(key));
    let found = known.next()?;
    known.next().is_none().then_some(found)
}

/// The data type of access units of a class.
pub(super) fn of_class(au_type: AuType) -> Option<DataType> {
    let first = DataType::AucnP.code().saturating_sub(AuType::PTypeAu.code());
    let data_type = DataType::from_code(au_type.code().saturating_add(first));
    (key(data_type) == descriptions::ACCESS_UNIT.key).then_some(data_type)
}

/// The data types of access units, one for each class.
pub(super) fn of_access_units() -> impl Iterator<Item = DataType> {
    (0..16).map(AuType::from_code).filter_map(of_class)
}

/// Whether the boxes belong to a dataset group as a whole: all of its datasets name the same stream.
pub(super) fn is_of_group(data_type: DataType) -> bool {
    listed(&descriptions::DATASET_GROUP).iter().any(|(_, table)| table.key == key(data_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_table_68() {
        let of_group: Vec<u64> = (0..=255).filter(|code| is_of_group(DataType::from_code(*code))).collect();
        assert_eq!(of_group, [0, 1, 2, 5, 6, 8, 17]);
        assert_eq!((key(DataType::from_code(13)), key(DataType::from_code(26))), (Some(*b"aucn"), None));
        assert_eq!((of_key(*b"aauc"), of_key(*b"aucn"), of_key(*b"mitb")), (Some(DataType::Aauc), None, None));
        assert_eq!(of_class(AuType::UTypeAu), Some(DataType::AucnU));
        assert_eq!(of_class(AuType::from_code(0)), None);
        assert_eq!(of_class(AuType::from_code(7)), None);
        assert_eq!(of_access_units().map(|data_type| data_type.code()).collect::<Vec<_>>(), [10, 11, 12, 13, 14, 15]);
    }
}
