//! Which string indexes of a file are meant.

use crate::cli::status::{Failure, Status};
use crate::file::{AnnotationTable, Dataset, DatasetId, Field, File};
use crate::strings::StringIndex;
use crate::tables::DatasetType;
use clap::Args;
use mpegg_runtime::source::{MappedFile, Reading, Source};
use mpegg_runtime::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// A file, and which of its string indexes.
#[derive(Args, Debug)]
pub struct SelectionArgs {
    /// A file; - is stdin
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Only of this dataset; the group G may be left out where the file has one group
    #[arg(short, long, value_name = "[G:]D")]
    pub dataset: Option<DatasetId>,
    /// Only of this annotation table
    #[arg(long, value_name = "AT_ID")]
    pub table: Vec<u8>,
    /// Only of attribute groups of this class
    #[arg(long, value_name = "AG_class")]
    pub group: Vec<u8>,
    /// Only strings of this field, attribute:ID or descriptor:ID
    #[arg(long, value_name = "FIELD")]
    pub field: Vec<Field>,
    /// Only strings of this field by its name: of an attribute in the parameter set, or of a descriptor in the standard
    #[arg(long, value_name = "NAME")]
    pub column: Vec<String>,
}

/// A string index that is meant, with the name of its dataset.
pub struct Selected<'s> {
    /// `G:D`.
    pub dataset: String,
    /// The index.
    pub index: StringIndex<'s>,
    /// Which strings of a record are wanted.
    pub wanted: Vec<bool>,
}

impl SelectionArgs {
    /// The file: mapped into memory, so that only what is looked at is read; stdin is read to its end.
    pub fn source(&self) -> Result<Box<dyn Source>, Failure> {
        if self.path == Path::new("-") {
            return crate::cli::input::source(&self.path);
        }
        let file = MappedFile::open(&self.path).map_err(|error| self.wrong(error))?;
        file.expect(Reading::Scattered, 0, file.len());
        Ok(Box::new(file))
    }

    /// The indexes that are meant, in the order of the file.
    pub fn indexes<'s, S: Source>(&self, file: &'s File<S>) -> Result<Vec<Selected<'s>>, Failure> {
        let wrong = |error| self.wrong(error);
        let (mut found, mut unknown) = (vec![], self.column.clone());
        for dataset in self.datasets(file).map_err(wrong)? {
            let group = dataset.group().header().map_err(wrong)?.dataset_group_id;
            let header = dataset.header().map_err(wrong)?;
            if header.dataset_type != DatasetType::Annotation {
                match self.dataset {
                    Some(id) => return Err(Failure::Other(format!("dataset {id} has no annotation data, and no string index"), Status::Usage)),
                    None => continue,
                }
            }
            for table in dataset.tables().map_err(wrong)? {
                if !self.table.is_empty() && !self.table.contains(&table.header().map_err(wrong)?.at_id) {
                    continue;
                }
                let fields = self.fields(&table, &mut unknown).map_err(wrong)?;
                let is_wanted = |field: &Field| fields.as_ref().is_none_or(|fields| fields.contains(field));
                for index in table.string_indexes().map_err(wrong)? {
                    let wanted: Vec<bool> = index.fields().iter().map(is_wanted).collect();
                    let of_group = self.group.is_empty() || self.group.contains(&index.ag_class());
                    if of_group && (wanted.contains(&true) || fields.is_none()) {
                        found.push(Selected { dataset: format!("{group}:{}", header.dataset_id), index, wanted });
                    }
                }
            }
        }
        match unknown.first() {
            Some(name) => Err(Failure::Other(format!("{}: no table has a field of the name {name:?}", self.path.display()), Status::Usage)),
            None => Ok(found),
        }
    }

    /// The fields of a table that are asked for; none: all. Names that it knows are no longer unknown.
    fn fields(&self, table: &AnnotationTable<'_>, unknown: &mut Vec<String>) -> mpegg_runtime::Result<Option<Vec<Field>>> {
        if self.field.is_empty() && self.column.is_empty() {
            return Ok(None);
        }
        let mut fields = self.field.clone();
        for name in &self.column {
            let named = table.fields_named(name)?;
            if !named.is_empty() {
                unknown.retain(|other| other != name);
            }
            fields.extend(named);
        }
        Ok(Some(fields))
    }

    fn datasets<'s, S: Source>(&self, file: &'s File<S>) -> mpegg_runtime::Result<Vec<Dataset<'s>>> {
        if let Some(id) = self.dataset {
            return Ok(vec![file.dataset(id)?]);
        }
        Ok(file.groups()?.iter().map(|group| group.datasets()).collect::<mpegg_runtime::Result<Vec<_>>>()?.concat())
    }

    /// What does not stand in the input, but was asked for by name, is a question of usage.
    pub fn wrong(&self, error: Error) -> Failure {
        match (error.kind(), error.position()) {
            (ErrorKind::CrossReference, None) => Failure::Other(format!("{}: {}", self.path.display(), error.message()), crate::cli::status::Status::Usage),
            _ => Failure::input(&self.path, error),
        }
    }
}
