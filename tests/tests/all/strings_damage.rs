//! String indexes with any byte changed or cut: no panic, no loop, errors with a place, little memory.

use mpegg_tests::inputs::vectors;
use mpegg_tests::maker::random::strings_file;
use mpegg_tests::maker::write;
use mpegg_tests::strings::ask;

/// How many bytes of an input are changed at the most; an optimised build changes all.
const CHANGED: usize = if cfg!(debug_assertions) { 600 } else { usize::MAX };

/// Small files with string indexes.
fn inputs() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = vectors().into_iter().filter(|vector| vector.name.starts_with("avix-")).map(|vector| (vector.name, vector.bytes)).collect();
    all.extend((0..64).map(|case| (format!("case {case}"), write::file(&strings_file(case).file))));
    all.retain(|(_, bytes)| bytes.len() < 9000);
    all.sort_by_key(|(_, bytes)| bytes.len());
    all.truncate(if cfg!(debug_assertions) { 10 } else { 40 });
    all
}

fn tell(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} failures, the first:\n{}", wrong.len(), wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn changed() {
    let mut wrong = vec![];
    for (name, mut bytes) in inputs() {
        ask(&bytes).unwrap();
        let step = if bytes.len() <= CHANGED { 1 } else { bytes.len().div_ceil(CHANGED) };
        for (at, change) in (0..bytes.len()).step_by(step).zip([0xFFu8, 0x01, 0x80, 0x10].into_iter().cycle()) {
            bytes[at] ^= change;
            wrong.extend(ask(&bytes).err().map(|why| format!("{name}, byte {at} changed by {change:#x}: {why}")));
            bytes[at] ^= change;
        }
    }
    tell(wrong);
}

#[test]
fn cut() {
    let mut wrong = vec![];
    for (name, bytes) in inputs() {
        let step = bytes.len().div_ceil(CHANGED).max(1) * 4;
        for end in (0..bytes.len()).step_by(step) {
            wrong.extend(ask(&bytes[..end]).err().map(|why| format!("{name} cut behind byte {end}: {why}")));
        }
    }
    tell(wrong);
}
