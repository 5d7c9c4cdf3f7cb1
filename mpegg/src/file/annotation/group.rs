//! An attribute group.

use super::{AnnotationAccessUnit, AnnotationTable};
use crate::file::BoxRef;
use crate::tables::{AnnotationAccessUnitHeader, AttributeDataByteOffset, AttributeGroupHeader, AttributeGroupTileConfiguration};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::{Error, Result};

/// An attribute group (6.4.7, Table 49). Cheap to copy.
#[derive(Clone)]
pub struct AttributeGroup<'s> {
    table: AnnotationTable<'s>,
    node: BoxRef<'s>,
    number: u64,
}

impl<'s> AttributeGroup<'s> {
    pub(super) fn new(table: AnnotationTable<'s>, node: BoxRef<'s>, number: u64) -> Self {
        AttributeGroup { table, node, number }
    }

    /// The box.
    pub fn node(&self) -> &BoxRef<'s> {
        &self.node
    }

    /// The table in which it stands.
    pub fn table(&self) -> &AnnotationTable<'s> {
        &self.table
    }

    /// How many groups of the table stand before it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where it stands in its dataset: `atcn[0].agcn[1]`.
    pub fn path(&self) -> String {
        format!("{}.agcn[{}]", self.table.path(), self.number)
    }

    /// The same error with the place of the group in front of its path.
    pub(crate) fn inside(&self, error: Error) -> Error {
        self.table.inside(error.in_field("agcn", &[self.number]))
    }

    /// The box of the header.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::child`]; a group without header.
    pub fn header_node(&self) -> Result<BoxRef<'s>> {
        let missing = || self.inside(Error::malformed(self.node.offset().saturating_mul(8), "an attribute group without `aghd`"));
        self.node.first_child(AttributeGroupHeader::KEY)?.ok_or_else(missing)
    }

    /// The header (Table 50).
    ///
    /// # Errors
    ///
    /// As [`AnnotationTable::group_headers`].
    pub fn header(&self) -> Result<&AttributeGroupHeader> {
        let headers = self.table.group_headers()?;
        let header = usize::try_from(self.number).ok().and_then(|number| headers.get(number));
        header.ok_or_else(|| self.inside(Error::malformed(self.node.offset().saturating_mul(8), "an attribute group without `aghd`")))
    }

    /// AG_class as a number.
    ///
    /// # Errors
    ///
    /// As [`header`](Self::header).
    pub fn class(&self) -> Result<u8> {
        Ok(u8::try_from(self.header()?.ag_class.code()).unwrap_or(u8::MAX))
    }

    /// The tile configuration of its class (Table 47), and how many configurations stand before it.
    ///
    /// # Errors
    ///
    /// As [`AnnotationTable::configurations`]; there is none for this class.
    pub fn configuration(&self) -> Result<(u64, &AttributeGroupTileConfiguration)> {
        let class = self.header()?.ag_class;
        let found = (0..).zip(self.table.configurations()?).find(|(_, configuration)| configuration.ag_class == class);
        found.ok_or_else(|| {
            let message = format!("no tile configuration has the AG_class {}", class.code());
            self.inside(Error::cross_reference(self.node.offset().saturating_mul(8), message))
        })
    }

    /// The annotation access units, found one behind the other as the iterator goes on.
    ///
    /// # Errors
    ///
    /// None at the start; each item can be one of I/O, or a box whose Length cannot be.
    pub fn units(&self) -> Result<impl Iterator<Item = Result<AnnotationAccessUnit<'s>>> + use<'s>> {
        let group = self.clone();
        let units = self.node.each_child().filter(|child| child.as_ref().map_or(true, |child| child.key() == *b"aauc"));
        Ok(units.zip(0..).map(move |(unit, number)| match unit {
            Ok(unit) => Ok(AnnotationAccessUnit::new(group.clone(), unit, number)),
            Err(error) => Err(group.inside(error)),
        }))
    }

    /// Where the access units and their blocks stand (Table 58), as the tile configuration says. It can be read only where the table
    /// lists the fields of its groups (AG_info_exists), and takes the headers of all units of the group (R24).
    ///
    /// # Errors
    ///
    /// Byte offsets that do not fit these units.
    pub fn byte_offsets(&self, units: Vec<AnnotationAccessUnitHeader>) -> Result<Option<AttributeDataByteOffset>> {
        let (number, configuration) = self.configuration()?;
        let (dataset, header) = (self.table.dataset_header()?, self.table.header()?);
        let Some(kept) = configuration.attribute_data_byte_offset.as_ref().filter(|_| header.ag_info_exists) else { return Ok(None) };
        let mut by_group = vec![vec![]; usize::try_from(self.number).unwrap_or(0)];
        by_group.push(units);
        let (class, place) = (i128::from(configuration.ag_class.code()), i128::from(self.number));
        let read = |bit| AttributeDataByteOffset::read_box(&mut BitReader::at(kept.0.bytes(), bit), dataset, header, class, place, &by_group);
        // Where the box stands is looked for only when it has to be told.
        let read = read(0).or_else(|_| read(self.byte_offsets_bit()?));
        read.map(Some).map_err(|error| self.table.inside(error.in_field("adbo", &[]).in_field("agtc", &[number])))
    }

    /// The bit of the file at which the byte offsets begin: they are the last thing in their box but for its alignment.
    ///
    /// # Errors
    ///
    /// As [`configuration`](Self::configuration); I/O.
    pub fn byte_offsets_bit(&self) -> Result<u64> {
        let (number, configuration) = self.configuration()?;
        let nodes = self.table.configuration_nodes()?;
        let node = usize::try_from(number).ok().and_then(|number| nodes.get(number)).unwrap_or(&self.node);
        let bits = configuration.attribute_data_byte_offset.as_ref().map_or(0, |kept| kept.0.bits());
        let (start, end) = (node.offset().saturating_mul(8), node.offset().saturating_add(node.length()).saturating_mul(8));
        let bytes = node.bytes()?;
        let is_key = |bit: &u64| {
            let mut reader = BitReader::at(&bytes, start);
            let read = reader.skip(bit.saturating_sub(start)).and_then(|()| reader.read::<32>());
            read.is_ok_and(|key| key == u64::from(u32::from_be_bytes(AttributeDataByteOffset::KEY)))
        };
        let last = end.saturating_sub(bits);
        Ok((0..8).map(|alignment| last.saturating_sub(alignment)).find(is_key).unwrap_or(last))
    }
}
