//! An annotation table.

use super::{AttributeGroup, kept};
use crate::file::{BoxRef, Dataset};
use crate::tables::{
    AnnotationTableHeader, AnnotationTableIndex, AtCdl, AtMetadata, AtProtection, AttributeGroupHeader, AttributeGroupTileConfiguration, DatasetHeader,
};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::{Error, Result};
use std::cell::OnceCell;
use std::convert::Infallible;
use std::rc::Rc;

/// An annotation table (6.4.6, Table 40). Cheap to copy: copies share what has been read.
#[derive(Clone)]
pub struct AnnotationTable<'s>(Rc<Known<'s>>);

struct Known<'s> {
    dataset: Dataset<'s>,
    node: BoxRef<'s>,
    number: u64,
    children: OnceCell<Vec<BoxRef<'s>>>,
    dataset_header: OnceCell<DatasetHeader>,
    header: OnceCell<AnnotationTableHeader>,
    group_headers: OnceCell<Vec<AttributeGroupHeader>>,
    configurations: OnceCell<Vec<AttributeGroupTileConfiguration>>,
}

impl<'s> Dataset<'s> {
    /// The annotation tables, in logical order; a table behind an `offs` has the place of the `offs` (R4).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::children`].
    pub fn tables(&self) -> Result<Vec<AnnotationTable<'s>>> {
        let nodes = self.node.children()?.into_iter().filter(|node| node.key() == *b"atcn");
        Ok(nodes.zip(0..).map(|(node, number)| AnnotationTable::new(self.clone(), node, number)).collect())
    }
}

impl<'s> AnnotationTable<'s> {
    fn new(dataset: Dataset<'s>, node: BoxRef<'s>, number: u64) -> Self {
        let known = Known {
            dataset,
            node,
            number,
            children: OnceCell::new(),
            dataset_header: OnceCell::new(),
            header: OnceCell::new(),
            group_headers: OnceCell::new(),
            configurations: OnceCell::new(),
        };
        AnnotationTable(Rc::new(known))
    }

    /// The box.
    pub fn node(&self) -> &BoxRef<'s> {
        &self.0.node
    }

    /// How many tables of the dataset stand before it.
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// Where it stands in its dataset, as errors and plans name it: `atcn[0]`.
    pub fn path(&self) -> String {
        format!("atcn[{}]", self.0.number)
    }

    /// The dataset in which it stands.
    pub fn dataset(&self) -> &Dataset<'s> {
        &self.0.dataset
    }

    /// The same error with the place of the table in front of its path.
    pub(crate) fn inside(&self, error: Error) -> Error {
        let Err(error) = self.0.dataset.located::<Infallible>(Err(error.in_field("atcn", &[self.0.number])));
        error
    }

    /// The header of the dataset.
    ///
    /// # Errors
    ///
    /// As [`Dataset::header`].
    pub fn dataset_header(&self) -> Result<&DatasetHeader> {
        kept(&self.0.dataset_header, || self.0.dataset.header())
    }

    /// The box of the header.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::child`]; a table without header.
    pub fn header_node(&self) -> Result<BoxRef<'s>> {
        let missing = || self.inside(Error::malformed(self.0.node.offset().saturating_mul(8), "an annotation table without `athd`"));
        self.0.node.first_child(AnnotationTableHeader::KEY)?.ok_or_else(missing)
    }

    /// The header (Table 41).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a table without header.
    pub fn header(&self) -> Result<&AnnotationTableHeader> {
        kept(&self.0.header, || self.header_node()?.decode(|r| AnnotationTableHeader::read_box(r, 0)).map_err(|error| self.inside(error)))
    }

    /// The metadata (Table 44), where there are some.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn metadata(&self) -> Result<Option<AtMetadata>> {
        self.optional(AtMetadata::KEY, |r| AtMetadata::read_box(r, 0))
    }

    /// The links to clinical data (Table 45), where there are some.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn cdl(&self) -> Result<Option<AtCdl>> {
        self.optional(AtCdl::KEY, |r| AtCdl::read_box(r, 0))
    }

    /// The protection (Table 46), where there is one.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn protection(&self) -> Result<Option<AtProtection>> {
        self.optional(AtProtection::KEY, |r| AtProtection::read_box(r, 0))
    }

    /// The attribute groups, in the order of the file.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::children`].
    pub fn groups(&self) -> Result<Vec<AttributeGroup<'s>>> {
        Ok(self.nodes(*b"agcn")?.into_iter().zip(0..).map(|(node, number)| AttributeGroup::new(self.clone(), node, number)).collect())
    }

    /// The headers of the attribute groups (Table 50), in the order of the groups.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a group without header.
    pub fn group_headers(&self) -> Result<&[AttributeGroupHeader]> {
        let read = kept(&self.0.group_headers, || {
            let header = self.header()?;
            let one = |group: AttributeGroup<'s>| {
                let read = group.header_node()?.decode(|r| AttributeGroupHeader::read_box(r, 0, header));
                read.map_err(|error| group.inside(error))
            };
            self.groups()?.into_iter().map(one).collect()
        })?;
        Ok(read)
    }

    /// The boxes of the tile configurations, in logical order.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::children`].
    pub fn configuration_nodes(&self) -> Result<Vec<BoxRef<'s>>> {
        self.nodes(AttributeGroupTileConfiguration::KEY)
    }

    /// The tile configurations (Table 47), in logical order; the byte offsets in them are kept as bits.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a configuration of a group that is not there.
    pub fn configurations(&self) -> Result<&[AttributeGroupTileConfiguration]> {
        let read = kept(&self.0.configurations, || {
            let (dataset, header, groups) = (self.dataset_header()?, self.header()?, self.group_headers()?);
            let one = |(node, number): (BoxRef<'s>, u64)| {
                // The units are what the byte offsets depend on, which are not decoded here.
                let read = node.decode_nth(number, |r| AttributeGroupTileConfiguration::read_box(r, 0, dataset, header, groups, &[]));
                read.map_err(|error| self.inside(error))
            };
            self.configuration_nodes()?.into_iter().zip(0..).map(one).collect()
        })?;
        Ok(read)
    }

    /// The box of the index, where there is one.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::child`].
    pub fn index_node(&self) -> Result<Option<BoxRef<'s>>> {
        self.child(AnnotationTableIndex::KEY)
    }

    /// The index (Table 59), decoded as a whole: genomic ranges and string indexes.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn index(&self) -> Result<Option<AnnotationTableIndex>> {
        let Some(node) = self.index_node()? else { return Ok(None) };
        let (header, configurations, groups) = (self.header()?, self.configurations()?, self.group_headers()?);
        let read = node.decode(|r| AnnotationTableIndex::read_box(r, header, configurations, groups));
        read.map(Some).map_err(|error| self.inside(error))
    }

    fn children(&self) -> Result<&[BoxRef<'s>]> {
        let found = kept(&self.0.children, || self.0.node.children().map_err(|error| self.inside(error)))?;
        Ok(found)
    }

    fn nodes(&self, key: [u8; 4]) -> Result<Vec<BoxRef<'s>>> {
        Ok(self.children()?.iter().filter(|node| node.key() == key).copied().collect())
    }

    /// The child of a key that may occur once; one that an `offs` addresses is the valid one (R4).
    fn child(&self, key: [u8; 4]) -> Result<Option<BoxRef<'s>>> {
        let all = self.nodes(key)?;
        Ok(all.iter().find(|node| node.through_offs()).or(all.first()).copied())
    }

    fn optional<T>(&self, key: [u8; 4], read: impl FnOnce(&mut BitReader<'_>) -> Result<T>) -> Result<Option<T>> {
        let node = self.child(key)?;
        node.map(|node| node.decode(read).map_err(|error| self.inside(error))).transpose()
    }
}
