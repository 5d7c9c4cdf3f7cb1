//! Names of fields, from the parameter set of a table (ISO/IEC 23092-6).

use super::StringIndex;
use crate::file::{AnnotationTable, Field};
use crate::tables::annotations::{AnnotationEncodingParameters, DescriptorId};
use mpegg_runtime::Result;

impl AnnotationTable<'_> {
    /// The names of the attributes, as the parameter set of the table gives them; none where it has another form than this project knows.
    ///
    /// # Errors
    ///
    /// I/O; headers and parameter sets of Part 1 that cannot be read.
    pub fn attribute_names(&self) -> Result<Vec<(Field, String)>> {
        let id = self.header()?.parameter_set_id;
        let sets = self.dataset().parameter_sets()?;
        let own = sets.iter().find(|set| set.parameter_set_id == id).and_then(|set| set.annotation_encoding_parameters.as_ref());
        let Some(bytes) = own else { return Ok(vec![]) };
        // What is left over, or is missing, in one edition may be right in the other.
        let Some(read) = EDITIONS.iter().find_map(|edition| AnnotationEncodingParameters::from_bytes(bytes, *edition).ok()) else { return Ok(vec![]) };
        let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(read.attribute_parameter_set.iter().map(|attribute| (Field::Attribute(attribute.attribute_id), name(&attribute.attribute_name))).collect())
    }

    /// The fields of a name: attributes by their names, descriptors by those of the standard (`genotype`).
    ///
    /// # Errors
    ///
    /// As [`attribute_names`](Self::attribute_names).
    pub fn fields_named(&self, name: &str) -> Result<Vec<Field>> {
        let attributes = self.attribute_names()?.into_iter().filter(|(_, own)| own == name).map(|(field, _)| field);
        let is_named = |id: &u8| DescriptorId::from_code((*id).into()).symbol().is_some_and(|symbol| symbol == name);
        let descriptors = (0..=127u8).filter(is_named).map(Field::Descriptor);
        Ok(attributes.chain(descriptors).collect())
    }
}

impl StringIndex<'_> {
    /// The names of its fields, in their order; `attribute 500` where there is none.
    ///
    /// # Errors
    ///
    /// As [`AnnotationTable::attribute_names`].
    pub fn names(&self) -> Result<Vec<String>> {
        let names = self.table().attribute_names()?;
        let name = |field: &Field| match field {
            Field::Descriptor(id) => DescriptorId::from_code((*id).into()).symbol().filter(|symbol| *symbol != "reserved").map(str::to_owned),
            Field::Attribute(_) => names.iter().find(|(own, _)| own == field).map(|(_, name)| name.clone()),
        };
        Ok(self.fields().iter().map(|field| name(field).unwrap_or_else(|| field.to_string())).collect())
    }
}

/// Editions of Part 6, the newest first.
const EDITIONS: [i128; 2] = [2, 1];
