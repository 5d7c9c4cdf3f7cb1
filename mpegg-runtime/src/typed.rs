//! What generated readers and writers use: checked access to lists, forms, and boxes that are kept as bits.

use crate::bits::{Ascii, BitReader, BitString, BitWriter};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Element `index` of a list.
///
/// # Errors
///
/// A cross-reference error at bit `position` where the list is shorter.
pub fn element<'a, T>(list: &'a [T], index: i128, name: &'static str, position: u64) -> Result<&'a T> {
    let found = usize::try_from(index).ok().and_then(|index| list.get(index));
    found.ok_or_else(|| Error::cross_reference(position, format!("`{name}` has {} elements, there is no element {index}", list.len())))
}

/// The next value of a column.
///
/// # Errors
///
/// Malformed at bit `position` where the column has ended.
pub fn next<T>(column: &mut impl Iterator<Item = T>, name: &'static str, position: u64) -> Result<T> {
    column.next().ok_or_else(|| Error::malformed(position, format!("column `{name}` is shorter than its count")))
}

/// A field that must be there because its condition holds.
///
/// # Errors
///
/// Malformed at bit `position` where it is absent.
pub fn present<T>(value: Option<T>, name: &'static str, position: u64) -> Result<T> {
    value.ok_or_else(|| Error::malformed(position, format!("`{name}` is absent although its condition holds")))
}

/// A number in a declared range.
///
/// # Errors
///
/// Malformed at bit `position` where it lies outside.
pub fn within(value: i128, low: i128, high: i128, name: &'static str, position: u64) -> Result<i128> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(Error::malformed(position, format!("`{name}` would be {value}, allowed is {low} to {high}")))
}

/// A size in bytes, which cannot be negative.
///
/// # Errors
///
/// Malformed at bit `position` where it is.
pub fn size(value: i128, name: &'static str, position: u64) -> Result<u64> {
    u64::try_from(value).map_err(|_| Error::malformed(position, format!("`{name}` would have {value} bytes")))
}

/// Checks the length of a list against the field that says it.
///
/// # Errors
///
/// Malformed at bit `position` where they differ.
pub fn same_count(found: usize, wanted: i128, name: &'static str, position: u64) -> Result<()> {
    if i128::try_from(found).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    Err(Error::malformed(position, format!("`{name}` has {found} elements where {wanted} are announced")))
}

/// Checks a value that is not written against the one that readers will infer.
///
/// # Errors
///
/// Malformed at bit `position` where they differ.
pub fn implied(found: i128, wanted: i128, name: &'static str, position: u64) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::malformed(position, format!("`{name}` is {found}, but without bits of its own it is read as {wanted}")))
}

/// The index that [`Iterator::position`] found, or -1.
pub fn position(found: Option<usize>) -> i128 {
    found.and_then(|index| i128::try_from(index).ok()).unwrap_or(-1)
}

/// The smallest integer not under a / b; b is not zero by proof, and where it were, the result is 0.
pub fn ceil_div(a: i128, b: i128) -> i128 {
    let (quotient, rest) = (a.checked_div(b).unwrap_or(0), a.checked_rem(b).unwrap_or(0));
    quotient + i128::from(rest != 0 && (rest > 0) == (b > 0))
}

/// The smallest e with 2^e >= a; 0 for a <= 1.
pub fn ceil_log2(a: i128) -> i128 {
    if a <= 1 { 0 } else { i128::from(128 - (a - 1).leading_zeros()) }
}

/// A number as unsigned bits; a negative one as all ones, which fits no field.
pub fn unsigned(value: i128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// What has a number of elements that a count field says.
pub trait Counted {
    /// The number of elements.
    fn count(&self) -> usize;
}

impl<T> Counted for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }
}

impl<T> Counted for Option<Vec<T>> {
    fn count(&self) -> usize {
        self.as_ref().map_or(0, Vec::len)
    }
}

/// The error of a run of fields that does not fit: the field that is cut, at its bit.
pub fn missing_in_run(r: &BitReader<'_>, fields: &[(&'static str, u64)]) -> Error {
    let (mut at, mut left) = (r.position(), r.remaining());
    for (name, bits) in fields {
        if *bits > left {
            return Error::truncated(at, bits - left).in_field(name, &[]);
        }
        at += bits;
        left -= bits;
    }
    Error::truncated(at, 1)
}

/// Characters inside a run of fields.
pub fn ascii<const N: usize, const OFFSET: usize, const BYTES: usize>(run: &[u8; BYTES]) -> Ascii<N> {
    let mut characters = [0; N];
    let (skip, shift) = (OFFSET / 8, OFFSET % 8);
    for (number, character) in characters.iter_mut().enumerate() {
        let at = |index: usize| u16::from(run.get(index).copied().unwrap_or(0));
        let pair = (at(skip + number) << 8) | at(skip + number + 1);
        *character = (pair >> (8 - shift)) as u8;
    }
    Ascii(characters)
}

/// Tries the forms of a table in order and takes the first that fits to the last bit: fixed patterns equal, padding zero, nothing left.
/// Where none does, the first that reads without error; where none does that either, the error of the first.
///
/// # Errors
///
/// The error of the first form where all fail.
pub fn first_form<'a, T>(forms: u8, r: &mut BitReader<'a>, read: impl Fn(u8, &mut BitReader<'a>) -> Result<(T, bool)>) -> Result<T> {
    let mut kept: Option<(T, BitReader<'a>)> = None;
    let mut first_error = None;
    for form in 0..forms {
        let mut attempt = r.clone();
        match read(form, &mut attempt) {
            Ok((value, true)) if attempt.remaining() == 0 => {
                *r = attempt;
                return Ok(value);
            }
            Ok((value, _)) => kept = kept.or(Some((value, attempt))),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match (kept, first_error) {
        (Some((value, attempt)), _) => {
            *r = attempt;
            Ok(value)
        }
        (None, Some(error)) => Err(error),
        (None, None) => Err(Error::malformed(r.position(), "the table has no form")),
    }
}

/// Checks that nothing but the padding to a whole byte is left of a Value, and that it is zero.
///
/// # Errors
///
/// Malformed where more is left, or padding is not zero.
pub fn finish(r: &mut BitReader<'_>) -> Result<()> {
    let (position, left) = (r.position(), r.remaining());
    if left >= 8 {
        return Err(Error::malformed(position, format!("{left} bits are left behind the last field")));
    }
    match r.unsigned(left)? {
        0 => Ok(()),
        _ => Err(Error::malformed(position, "the padding behind the last field is not zero")),
    }
}

/// A box that is decoded on demand, because what it depends on stands further on in the file: all of its bits, Key and Length
/// included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferred(pub BitString);

impl Deferred {
    /// Takes the box at this bit as it is.
    ///
    /// # Errors
    ///
    /// Another key, or a Length that does not fit.
    pub fn read(r: &mut BitReader<'_>, key: [u8; 4]) -> Result<Self> {
        let mut head = r.clone();
        let (_, length) = head.enter_box(key)?;
        r.bit_string(length.saturating_mul(8)).map(Deferred)
    }

    /// Writes the bits.
    pub fn write(&self, w: &mut BitWriter) {
        w.bit_string(&self.0);
    }

    /// A reader of the bits; the box starts at the first of them.
    pub fn reader(&self) -> BitReader<'_> {
        BitReader::new(self.0.bytes())
    }
}

/// A box, or an `offs` in its place that says where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OrOffset<T> {
    /// The box stands here.
    Here(T),
    /// It stands elsewhere: SubKey and Offset (6.5.4).
    Elsewhere {
        /// The key of the box.
        sub_key: Ascii<4>,
        /// Where its Key stands, in bytes from the start of the file; all ones: nowhere.
        offset: u64,
    },
}

impl<T> OrOffset<T> {
    /// Reads whichever stands at this bit.
    ///
    /// # Errors
    ///
    /// As `read`; truncated.
    pub fn read<'a>(r: &mut BitReader<'a>, read: impl FnOnce(&mut BitReader<'a>) -> Result<T>) -> Result<Self> {
        let mut ahead = r.clone();
        if ahead.read::<32>()? != u64::from(u32::from_be_bytes(*b"offs")) {
            return read(r).map(OrOffset::Here);
        }
        *r = ahead;
        Ok(OrOffset::Elsewhere { sub_key: r.ascii::<4>()?, offset: r.read::<64>()? })
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// As `write`.
    pub fn write(&self, w: &mut BitWriter, write: impl FnOnce(&T, &mut BitWriter) -> Result<()>) -> Result<()> {
        match self {
            OrOffset::Here(value) => write(value, w),
            OrOffset::Elsewhere { sub_key, offset } => {
                w.bytes(b"offs");
                w.ascii(sub_key);
                w.write::<64>(*offset)
            }
        }
    }
}
