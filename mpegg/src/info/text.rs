//! The summary as text.

use super::{DatasetInfo, FileInfo, GroupInfo, Info, StreamInfo, UnitsInfo};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Prints a summary.
///
/// # Errors
///
/// I/O.
pub fn print(info: &Info, out: &mut dyn Write) -> io::Result<()> {
    match info {
        Info::File(file) => print_file(file, out),
        Info::Stream(stream) => print_stream(stream, out),
        Info::Units(units) => print_units(units, out),
    }
}

fn print_file(file: &FileInfo, out: &mut dyn Write) -> io::Result<()> {
    let edition = match file.minor_version.get(..2) {
        Some("19") => "first edition",
        Some("20") => "second edition",
        Some("25") => "third edition",
        _ => "an edition of no known year",
    };
    writeln!(out, "{} file, {}, minor_version {} ({edition})", file.major_brand, bytes(file.size), file.minor_version)?;
    if !file.compatible_brands.is_empty() {
        writeln!(out, "compatible brands: {}", file.compatible_brands.join(" "))?;
    }
    for group in &file.groups {
        print_group(group, out)?;
    }
    for (key, number) in &file.other_boxes {
        writeln!(out, "unknown boxes: {number} {key}")?;
    }
    Ok(())
}

fn print_group(group: &GroupInfo, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\ndataset group {}, version {}, {}", group.id, group.version, bytes(group.size))?;
    for reference in &group.references {
        let kind = reference.kind.as_deref().map_or(String::new(), |kind| format!(" ({kind})"));
        writeln!(out, "  reference {} \"{}\" {}: {}{kind}", reference.id, reference.name, reference.version, reference.location)?;
        for (name, length) in reference.sequences.iter().take(20) {
            match length {
                Some(length) => writeln!(out, "    {name}  {length} bases")?,
                None => writeln!(out, "    {name}")?,
            }
        }
        if reference.sequences.len() > 20 {
            writeln!(out, "    and {} more sequences", reference.sequences.len() - 20)?;
        }
    }
    for (label, datasets) in &group.labels {
        let datasets: Vec<String> = datasets.iter().map(ToString::to_string).collect();
        writeln!(out, "  label \"{label}\": datasets {}", datasets.join(", "))?;
    }
    metadata(&group.metadata, "  ", out)?;
    for dataset in &group.datasets {
        print_dataset(dataset, out)?;
    }
    Ok(())
}

fn print_dataset(dataset: &DatasetInfo, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n  dataset {}: {}, version {}, {}", dataset.id, dataset.dataset_type, dataset.version, bytes(dataset.size))?;
    if !dataset.mode.is_empty() {
        let index = if dataset.master_index_table { "with" } else { "without" };
        write!(out, "    {}, {index} master index table", dataset.mode)?;
        if dataset.descriptor_streams > 0 {
            write!(out, ", {} descriptor streams", dataset.descriptor_streams)?;
        }
        writeln!(out)?;
    }
    if let Some(reference) = dataset.reference {
        let sequences: Vec<String> = dataset.sequences.iter().take(20).map(ToString::to_string).collect();
        let more = if dataset.sequences.len() > 20 { ", .." } else { "" };
        writeln!(out, "    reference {reference}, sequences {}{more}", sequences.join(", "))?;
    }
    if dataset.parameter_sets > 0 {
        writeln!(out, "    parameter sets: {}", dataset.parameter_sets)?;
    }
    for (class, counts) in &dataset.classes {
        writeln!(out, "    class {class:<2} {:>8} access units {:>12} reads {:>14}", counts.access_units, counts.reads, bytes(counts.bytes))?;
    }
    for (id, name, kind, groups) in &dataset.annotation_tables {
        writeln!(out, "    annotation table {id} \"{name}\": {kind}, {groups} attribute groups")?;
    }
    for index in &dataset.value_indexes {
        let place = format!("      table {}, group {}: {} of {}", index.table, index.group, index.kind, index.fields.join(", "));
        let strings = index.strings.map_or(String::new(), |(strings, text)| format!(" for {strings} strings of {}", bytes(text)));
        let error = index.error.as_ref().map_or(String::new(), |error| format!(", not readable: {error}"));
        let order = if index.little_endian { ", in C-native (little-endian) byte order" } else { "" };
        writeln!(out, "{place}, {}{strings}{order}{error}", bytes(index.size))?;
    }
    if dataset.short_header {
        writeln!(out, "    note: dthd lacks the last reserved_flag, as existing software writes it")?;
    }
    metadata(&dataset.metadata, "    ", out)
}

fn metadata(boxes: &BTreeMap<String, u64>, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for (key, size) in boxes {
        let name = <[u8; 4]>::try_from(key.as_bytes()).ok().and_then(crate::walk::table_of).map_or("", |table| table.name);
        writeln!(out, "{indent}{name} ({key}), {}", bytes(*size))?;
    }
    Ok(())
}

fn print_stream(stream: &StreamInfo, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "MPEG-G transport stream, {}, {} packets", bytes(stream.size), stream.packets)?;
    for (sid, entry) in &stream.streams {
        let boxes: Vec<String> = entry.boxes.iter().map(|(key, number)| format!("{number} {key}")).collect();
        let damaged = if entry.damaged > 0 { format!(", {} with a packet missing", entry.damaged) } else { String::new() };
        writeln!(out, "  stream {sid:>4}: {} packets, {}, {}{damaged}", entry.packets, bytes(entry.bytes), boxes.join(", "))?;
    }
    Ok(())
}

fn print_units(units: &UnitsInfo, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "MPEG-G data units, {}", bytes(units.size))?;
    for (name, (number, size)) in &units.units {
        writeln!(out, "  {name}: {number}, {}", bytes(*size))?;
    }
    Ok(())
}

/// `1 byte`, `1234 bytes`; from a mebibyte on with a rounded figure.
fn bytes(size: u64) -> String {
    match size {
        1 => "1 byte".to_owned(),
        0..1_048_576 => format!("{size} bytes"),
        _ => format!("{size} bytes ({:.1} MiB)", size as f64 / 1_048_576.0),
    }
}
