//! The formats of inputs, and how they are told.

use crate::tables::{AtSubtype, AtType};

/// A format of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Variant Call Format, as text or binary (BCF).
    Vcf,
    /// Gene Transfer Format.
    Gtf,
    /// General Feature Format 3.
    Gff,
    /// Browser Extensible Data.
    Bed,
    /// Columns between tabs, names in the first line.
    Tsv,
    /// Columns between commas, names in the first line.
    Csv,
    /// A string a line.
    Lines,
}

impl Format {
    /// The format that the first bytes of an input say, if any.
    pub fn of_bytes(head: &[u8]) -> Option<Format> {
        if head.starts_with(b"##fileformat=VCF") || head.starts_with(b"BCF\x02") {
            Some(Format::Vcf)
        } else if head.starts_with(b"##gff-version") {
            let two = head.get(13..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"2"));
            Some(if two { Format::Gtf } else { Format::Gff })
        } else if head.starts_with(b"#gtf-version") || head.starts_with(b"#!genome-build") {
            Some(Format::Gtf)
        } else {
            None
        }
    }

    /// The format that the name of a file says, if any: `variants.vcf.gz`.
    pub fn of_name(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or(name.strip_suffix(".bgz")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "vcf" | "bcf" => Some(Format::Vcf),
            "gtf" => Some(Format::Gtf),
            "gff" | "gff3" => Some(Format::Gff),
            "bed" => Some(Format::Bed),
            "tsv" | "tab" => Some(Format::Tsv),
            "csv" => Some(Format::Csv),
            "txt" | "lst" | "list" => Some(Format::Lines),
            _ => None,
        }
    }

    /// Type and subtype of the annotation table for it (5.7, Tables 8 and 9). The standard has no type for tables of any kind; they count as functional
    /// annotations of an undefined subtype.
    pub fn table_type(self) -> (AtType, AtSubtype) {
        match self {
            Format::Vcf => (AtType::Variants, AtSubtype::Vcf),
            Format::Gtf => (AtType::FunctionalAnnotations, AtSubtype::Gtf),
            Format::Gff => (AtType::FunctionalAnnotations, AtSubtype::Gff),
            Format::Bed => (AtType::Tracks, AtSubtype::Bed),
            Format::Tsv | Format::Csv | Format::Lines => (AtType::FunctionalAnnotations, AtSubtype::Undefined),
        }
    }
}
