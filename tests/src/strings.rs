//! Questions to the string indexes of any bytes: errors have a place, memory is bounded.

use crate::alloc::{allowed, peak};
use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg::strings::{Mode, Pattern, StringIndex, SubIndex, Text, Way};
use mpegg::{Error, ErrorKind};

/// Searches, decodes and verifies every string index of a file.
///
/// # Errors
///
/// What should not be: an error without a place, much memory.
pub fn ask(bytes: &[u8]) -> Result<(), String> {
    let (answer, most) = peak(|| of_file(bytes));
    if let Err(error) = answer
        && error.position().is_none()
    {
        return Err(format!("an error without place: {error}"));
    }
    let bound = allowed(bytes.len());
    if most > bound { Err(format!("{most} bytes of memory, {bound} are allowed")) } else { Ok(()) }
}

fn of_file(bytes: &[u8]) -> Result<(), Error> {
    let file = File::new(Bytes(bytes))?;
    let mut first = Ok(());
    for group in file.groups()? {
        for dataset in group.datasets()? {
            for index in dataset.string_indexes()? {
                for part in index.sub_indexes() {
                    first = first.and(of_part(&index, part));
                }
            }
        }
    }
    first
}

fn of_part(index: &StringIndex<'_>, part: &SubIndex) -> Result<(), Error> {
    let verified = index.verify(part)?;
    if let Some(error) = verified.error {
        return Err(error);
    }
    let stats = index.stats(part)?;
    assert!(stats.text > 0, "a text has its terminator");
    let content = index.content(part)?;
    let patterns = ["", "r", "1", "Ab", "\u{80}", "PASS"].map(Pattern::new);
    let modes = [Mode::Substring, Mode::Prefix, Mode::Suffix, Mode::Exact];
    let mut outcome = Ok(());
    for way in [Way::InPlace, Way::Expanded] {
        let text = Text::open(index, part, &content)?.suited(way, &[], None)?;
        for (number, pattern) in patterns.iter().enumerate() {
            let pattern = Pattern { mode: modes[number % 4], ignore_case: number % 2 == 0, ..pattern.clone() };
            outcome = outcome.and(hits(&text, &pattern)).and(text.count(&pattern).map(drop));
        }
        for unit in 0..part.units.len() {
            outcome = outcome.and(strings(&text, unit));
        }
    }
    outcome
}

fn hits(text: &Text<'_>, pattern: &Pattern) -> Result<(), Error> {
    let mut hits = text.search(std::slice::from_ref(pattern))?;
    while let Some(hit) = hits.next_hit()? {
        if !pattern.matches(hit.string) {
            return Err(Error::without_position(ErrorKind::Malformed, format!("{:?} does not match {pattern:?}", hit.string)));
        }
    }
    Ok(())
}

fn strings(text: &Text<'_>, unit: usize) -> Result<(), Error> {
    let mut strings = text.strings(unit)?;
    while strings.next_string()?.is_some() {}
    Ok(())
}
