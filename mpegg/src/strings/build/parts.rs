//! The string indexes of the columns: texts cut into sub-indexes of whole tiles, built beside each other.

use super::column::{Content, Stored};
use super::{Options, Step};
use crate::encapsulate::Spool;
use crate::strings::TEXT_END;
use crate::tables::{CompressedStringIndex, MasterStringIndexHeaderIndex};
use mpegg_runtime::bits::{BOX_HEAD, BitWriter};
use mpegg_runtime::fm_index;
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// A sub-index.
pub(super) struct Part {
    /// The tiles of the sub-index.
    pub tiles: Range<usize>,
    /// Where its text begins in that of the column, and where it ends.
    text: Range<u64>,
    /// Where its box (csix) stands in the spool, and its bytes.
    pub stored: (u64, u64),
}

/// Texts up to this size can be sorted.
const LONGEST: u64 = i32::MAX as u64 - 1;
/// The size of texts where none is given.
const USUAL: u64 = 64 << 20;
/// num_indices has 8 bits (Table 74).
const MOST: usize = u8::MAX as usize;

impl Part {
    /// What stands in front of its text: the tiles, where the text of each begins, and the coding mode (Table 75). `size` is coordSize.
    pub fn fields(&self, ends: &[u64], size: u64) -> Result<Vec<u8>> {
        let mut w = BitWriter::new();
        w.unsigned(self.tiles.len() as u64, size)?;
        for tile in self.tiles.clone() {
            w.unsigned(tile as u64, size)?;
            if tile > self.tiles.start {
                let begins = tile.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or_default();
                w.unsigned(begins.saturating_sub(self.text.start), 32)?;
            }
        }
        w.unsigned(0, 8)?;
        Ok(w.into_bytes())
    }
}

/// The header entry of a sub-index of an attribute (Table 74).
pub(super) fn entry(attribute: u16) -> MasterStringIndexHeaderIndex {
    MasterStringIndexHeaderIndex { is_attribute: true, attribute_id: Some(attribute), descriptor_id: None }
}

/// Cuts a text into parts of whole tiles.
fn cut(ends: &[u64], most: u64) -> Vec<Part> {
    let (mut parts, mut first, mut start, mut before) = (vec![], 0, 0, 0);
    for (tile, end) in ends.iter().enumerate() {
        if end.saturating_sub(start) > most && tile > first {
            parts.push(Part { tiles: first..tile, text: start..before, stored: (0, 0) });
            (first, start) = (tile, before);
        }
        before = *end;
    }
    parts.push(Part { tiles: first..ends.len(), text: start..before, stored: (0, 0) });
    parts
}

/// The parts of the text of a column.
fn parts(column: &Stored, ends: &[u64], options: &Options) -> Result<Vec<Part>> {
    let total = ends.last().copied().unwrap_or_default();
    // Tiles are not cut, so that parts are a little shorter than they could be.
    let most = options.max_index_size.unwrap_or_else(|| USUAL.max(total.div_ceil(128)));
    let parts = cut(ends, most.min(LONGEST));
    let limit = |message: String| Err(Error::limit(0, format!("{}: {message}", column.name)));
    if parts.len() > MOST {
        return limit(format!("{} sub-indexes, but a string index has {MOST} at most: give a greater --max-index-size", parts.len()));
    }
    match parts.iter().find(|part| part.text.end.saturating_sub(part.text.start) > LONGEST) {
        Some(part) => limit(format!("the strings of tile {} have over {LONGEST} bytes: give fewer --rows-per-tile", part.tiles.start)),
        None => Ok(parts),
    }
}

/// Builds the indexes of all columns of text; the parts of each column, none for the others. Texts that are built at once are together not larger than one
/// sub-index may be, or they are only one.
pub(super) fn build(columns: &[Stored], options: &Options, results: &Spool, progress: &mut dyn FnMut(Step)) -> Result<Vec<Vec<Part>>> {
    let mut all = vec![];
    for column in columns {
        all.push(match &column.content {
            Content::Text { ends, .. } => parts(column, ends, options)?,
            Content::Number { .. } => vec![],
        });
    }
    let size = |part: &Part| part.text.end.saturating_sub(part.text.start);
    let most = options.max_index_size.unwrap_or(USUAL);
    let total = all.iter().flatten().fold(0u64, |sum, part| sum.saturating_add(size(part)));
    let mut jobs: Vec<(&Stored, &mut Part)> =
        columns.iter().zip(&mut all).flat_map(|(column, parts)| parts.iter_mut().map(move |part| (column, part))).collect();
    // The largest first: what is built last is short.
    jobs.sort_by_key(|(_, part)| std::cmp::Reverse(size(part)));
    let mut jobs = jobs.into_iter().peekable();
    let mut done = 0u64;
    while jobs.peek().is_some() {
        let (mut batch, mut bytes) = (vec![], 0u64);
        while let Some((column, part)) = jobs.next_if(|(_, part)| bytes == 0 || bytes.saturating_add(size(part)) <= most) {
            let text = read(column, part)?;
            bytes = bytes.saturating_add(size(part)).max(1);
            batch.push((part, text));
        }
        let built = batch.into_par_iter().map(|(part, text)| Ok((part, fm_index::build(&text, &options.index)?)));
        for (part, index) in built.collect::<Result<Vec<_>>>()? {
            let length = (index.len() as u64).saturating_add(BOX_HEAD);
            let at = results.push(&CompressedStringIndex::KEY)?;
            results.push(&length.to_be_bytes())?;
            results.push(&index)?;
            part.stored = (at, length);
            done = done.saturating_add(size(part));
            progress(Step::Indexed { done, total });
        }
    }
    Ok(all)
}

/// The text of a part, with the terminator behind it.
fn read(column: &Stored, part: &Part) -> Result<Vec<u8>> {
    let Content::Text { spool, .. } = &column.content else { return Ok(vec![]) };
    let length = usize::try_from(part.text.end.saturating_sub(part.text.start)).map_err(|_| Error::limit(0, "a text that does not fit memory"))?;
    let mut text = Vec::with_capacity(length.saturating_add(1));
    text.resize(length, 0);
    spool.read_at(part.text.start, &mut text)?;
    text.push(TEXT_END);
    Ok(text)
}
