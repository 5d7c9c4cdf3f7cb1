//! The texts of string indexes (7.1.5, 7.2.1): what no table says about them.

use crate::file::annotation::TileIndex;
use crate::strings::{Layout, Unit, UnitStart, Wrong};
use crate::tables::StringIndex;
use crate::validate::rule::{Rule, rules};
use mpegg_runtime::Error;
use mpegg_runtime::bits::BitWriter;
use mpegg_runtime::fm_index::Index;

rules! {
    /// A compressed string index is one of a text: its counts, classes, blocks and samples agree.
    INDEX: Error "csix.text" "7.1.5.2"
    /// The counters of superblocks say what their blocks do.
    SUPERBLOCKS: Warning "csix.superblocks" "7.1.5.7"
    /// The byte 0 ends the text of a string index, and stands nowhere else in it.
    TERMINATOR: Error "csix.terminator" "7.2.1.1"
    /// The strings of a tile or an access unit begin behind the terminator of another string, with the record index of the first or behind it.
    START: Error "ssix.start" "7.1.4.3"
    /// Each record has its strings, and each string a terminator.
    STRINGS: Error "csix.strings" "7.2.1.2"
    /// Strings are UTF-8.
    UTF8: Error "csix.string_utf8" "7.2.1.2"
    /// A record index is the number of its record in the tile or access unit.
    RECORD_INDEX: Error "csix.record_index" "7.2.1.2"
}

/// The Value of `csix`, in the byte order that it has.
fn content(part: &StringIndex) -> Option<Vec<u8>> {
    let mut writer = BitWriter::new();
    if let Some(index) = &part.compressed_string_index {
        index.write(&mut writer).ok()?;
    }
    if let Some(index) = &part.little_endian {
        writer.bytes(&index.n);
        writer.bytes(&index.alpha);
        writer.bytes(&index.index);
    }
    Some(writer.into_bytes())
}

/// The bytes of the text of a part, as its index says.
pub(super) fn length_of_text(part: &StringIndex) -> u32 {
    match (&part.compressed_string_index, &part.little_endian) {
        (Some(index), _) => index.n,
        (None, Some(index)) => index.n.iter().rev().fold(0, |n, byte| (n << 8) | u32::from(*byte)),
        (None, None) => 0,
    }
}

/// What is wrong with the text of a part: the rule, the place below the part, a sentence.
pub(super) fn problems(part: &StringIndex, strings_of_record: usize) -> Vec<(&'static Rule, String, String)> {
    // What cannot be written again has broken a rule that is told elsewhere.
    let Some(content) = content(part) else { return vec![] };
    let told = |rule, error: Error| (rule, "csix".to_owned(), format!("{}: {}", error.path(), error.message()));
    let read = Index::parse(&content).and_then(|index| Ok((index.text()?, index.check_counters())));
    let (text, counters) = match read {
        Ok(read) => read,
        Err(error) => return vec![told(&INDEX, error)],
    };
    let mut problems: Vec<_> = counters.err().map(|error| told(&SUPERBLOCKS, error)).into_iter().collect();
    problems.extend(problems_of_text(part, strings_of_record, &text));
    problems
}

/// What is wrong with the strings and where units begin.
fn problems_of_text(part: &StringIndex, strings_of_record: usize, text: &[u8]) -> Vec<(&'static Rule, String, String)> {
    let start = |offset: Option<u32>| offset.unwrap_or(0);
    let tile = |first, second| Unit::Tile(TileIndex { first, second });
    let tiles = part.tiles.iter().map(|one| UnitStart { unit: tile(one.tile_index_1, one.tile_index_2), start: start(one.tile_offset) });
    let units = part.aus.iter().map(|one| UnitStart { unit: Unit::AccessUnit(one.au_id), start: start(one.au_offset) });
    let units: Vec<UnitStart> = tiles.chain(units).collect();
    // Offsets that descend or lie behind the text are told by the rules of the table.
    let in_order = units.iter().zip(units.iter().skip(1)).all(|(unit, next)| unit.start <= next.start);
    if strings_of_record == 0 || !in_order || units.last().is_some_and(|unit| unit.start as usize >= text.len()) {
        return vec![];
    }
    let layout = Layout { text, units: &units, strings_of_record, records_of: &|_| None };
    let told = |problem: crate::strings::Problem| {
        let rule = match problem.wrong {
            Wrong::Terminator => &TERMINATOR,
            Wrong::Start => &START,
            Wrong::Strings => &STRINGS,
            Wrong::Utf8 => &UTF8,
            Wrong::RecordIndex => &RECORD_INDEX,
            Wrong::Records => return None,
        };
        let name = if part.tiles.is_empty() { "au_id" } else { "tile_index_1" };
        let below = if matches!(problem.wrong, Wrong::Terminator) { "csix".to_owned() } else { format!("{name}[{}]", problem.unit) };
        Some((rule, below, problem.message))
    };
    layout.problems().into_iter().filter_map(told).collect()
}
