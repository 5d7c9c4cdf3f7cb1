//! Which string indexes of a file are meant.

use crate::access::annotation::AnnotationSelection;
use crate::cli::status::Failure;
use crate::file::{Dataset, DatasetId, Field, File};
use crate::strings::StringIndex;
use crate::tables::DatasetType;
use clap::Args;
use mpegg_runtime::source::{MappedFile, Source};
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
}

/// A string index that is meant, with the name of its dataset.
pub struct Selected<'s> {
    /// `G:D`.
    pub dataset: String,
    /// The index.
    pub index: StringIndex<'s>,
}

impl SelectionArgs {
    /// The file: mapped into memory, so that only what is looked at is read; stdin is read to its end.
    pub fn source(&self) -> Result<Box<dyn Source>, Failure> {
        if self.path == Path::new("-") {
            return crate::cli::input::source(&self.path);
        }
        let file = MappedFile::open(&self.path).map_err(|error| self.wrong(error))?;
        Ok(Box::new(file))
    }

    /// The indexes that are meant, in the order of the file.
    pub fn indexes<'s, S: Source>(&self, file: &'s File<S>) -> Result<Vec<Selected<'s>>, Failure> {
        let wrong = |error| self.wrong(error);
        let selection = self.selection();
        let mut found = vec![];
        for dataset in self.datasets(file).map_err(wrong)? {
            let group = dataset.group().header().map_err(wrong)?.dataset_group_id;
            let header = dataset.header().map_err(wrong)?;
            if header.dataset_type != DatasetType::Annotation {
                if let Some(id) = self.dataset {
                    return Err(Failure::Other(format!("dataset {id} has no annotation data, and no string index"), crate::cli::status::Status::Usage));
                }
                continue;
            }
            for table in dataset.tables().map_err(wrong)? {
                if !selection.has_table(table.header().map_err(wrong)?.at_id) {
                    continue;
                }
                let indexes = table.string_indexes().map_err(wrong)?.into_iter();
                let wanted = indexes.filter(|index| selection.has_group(index.ag_class()) && index.fields().iter().any(|field| selection.has_field(*field)));
                found.extend(wanted.map(|index| Selected { dataset: format!("{group}:{}", header.dataset_id), index }));
            }
        }
        Ok(found)
    }

    fn datasets<'s, S: Source>(&self, file: &'s File<S>) -> mpegg_runtime::Result<Vec<Dataset<'s>>> {
        if let Some(id) = self.dataset {
            return Ok(vec![file.dataset(id)?]);
        }
        Ok(file.groups()?.iter().map(|group| group.datasets()).collect::<mpegg_runtime::Result<Vec<_>>>()?.concat())
    }

    /// The same as a selection.
    pub fn selection(&self) -> AnnotationSelection {
        let some = |list: &[u8]| (!list.is_empty()).then(|| list.to_vec());
        AnnotationSelection { tables: some(&self.table), groups: some(&self.group), fields: self.field.clone(), ..AnnotationSelection::default() }
    }

    /// What does not stand in the input, but was asked for by name, is a question of usage.
    pub fn wrong(&self, error: Error) -> Failure {
        match (error.kind(), error.position()) {
            (ErrorKind::CrossReference, None) => Failure::Other(format!("{}: {}", self.path.display(), error.message()), crate::cli::status::Status::Usage),
            _ => Failure::input(&self.path, error),
        }
    }
}
