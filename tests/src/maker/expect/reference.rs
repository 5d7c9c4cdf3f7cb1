//! Raw references (R19).

use super::super::bits::Bits;

/// The structure raw_reference: of each sequence its ID, its first position, and its bases.
pub fn raw_reference(sequences: &[(u16, u64, &[u8])]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(sequences.len() as u64, 16);
    for (id, start, bases) in sequences {
        bits.u((*id).into(), 16);
        bits.u(*start, 40);
        bits.u(start + bases.len() as u64 - 1, 40);
        bits.raw(bases);
    }
    bits.finish()
}

/// The data unit of a raw reference.
pub fn raw_unit(raw_reference: &[u8]) -> Vec<u8> {
    let mut unit = vec![0];
    unit.extend((raw_reference.len() as u64 + 9).to_be_bytes());
    unit.extend(raw_reference);
    unit
}

/// A FASTA file of these names and bases, in lines of so many.
pub fn fasta(sequences: &[(&str, &[u8])], line: usize) -> Vec<u8> {
    let mut text = vec![];
    for (name, bases) in sequences {
        text.extend(format!(">{name} a description\n").bytes());
        for chunk in bases.chunks(line) {
            text.extend(chunk);
            text.push(b'\n');
        }
    }
    text
}
