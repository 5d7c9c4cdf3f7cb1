//! The `.mgs` files that this crate carries.

use crate::Source;

macro_rules! carried {
    ($($path:literal),+ $(,)?) => {
        /// Name and text of each file, in the order in which they are compiled.
        pub const FILES: &[(&str, &str)] = &[$(($path, include_str!(concat!("../", $path)))),+];
    };
}

carried![
    "iso23092-1/codes.mgs",
    "iso23092-1/foreign.mgs",
    "iso23092-1/file.mgs",
    "iso23092-1/dataset_group.mgs",
    "iso23092-1/dataset.mgs",
    "iso23092-1/access_unit.mgs",
    "iso23092-1/annotation.mgs",
    "iso23092-1/tiles.mgs",
    "iso23092-1/annotation_access_unit.mgs",
    "iso23092-1/master_index.mgs",
    "iso23092-1/index.mgs",
    "iso23092-1/descriptor_stream.mgs",
    "iso23092-1/transport.mgs",
    "iso23092-1/string_index.mgs",
    "iso23092-2/codes.mgs",
    "iso23092-2/parameter_set.mgs",
    "iso23092-2/descriptor_configuration.mgs",
    "iso23092-2/access_unit.mgs",
    "iso23092-6/codes.mgs",
    "iso23092-6/parameter_set.mgs",
    "iso23092-6/encoding_parameters.mgs",
    "iso23092-6/descriptor_configuration.mgs",
    "iso23092-6/access_unit.mgs",
];

/// The files as sources of a compilation.
pub fn sources() -> Vec<Source> {
    FILES.iter().map(|(name, text)| Source { name: (*name).to_owned(), text: (*text).to_owned() }).collect()
}
