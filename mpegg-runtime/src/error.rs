//! The one error type: what went wrong, at which bit, in which field of which table.

use std::borrow::Cow;
use std::fmt;

/// What the functions of this project return.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something could not be read or written. One pointer wide.
pub struct Error(Box<Inner>);

/// The sort of an [`Error`]: what a program may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ends too early.
    Truncated {
        /// So many bits more are needed at least.
        missing_bits: u64,
    },
    /// The input contradicts the format.
    Malformed,
    /// The input is well-formed, but this project cannot do what is asked for.
    Unsupported,
    /// One of the [limits](crate::limits) would be exceeded.
    Limit,
    /// A structure refers to another one that is not there or does not fit.
    CrossReference,
    /// A checksum does not fit the data.
    Checksum,
    /// The operating system refuses to read or write.
    Io,
}

struct Inner {
    kind: ErrorKind,
    position: Option<u64>,
    message: Cow<'static, str>,
    /// The innermost segment first.
    path: Vec<String>,
    table: Option<(Cow<'static, str>, &'static str, Option<u16>)>,
    io: Option<std::io::Error>,
}

impl Error {
    fn new(kind: ErrorKind, position: Option<u64>, message: Cow<'static, str>) -> Error {
        Error(Box::new(Inner { kind, position, message, path: Vec::new(), table: None, io: None }))
    }

    /// At this absolute bit position so many bits more are needed.
    #[cold]
    pub fn truncated(position_bits: u64, missing_bits: u64) -> Error {
        Error::new(ErrorKind::Truncated { missing_bits }, Some(position_bits), Cow::Borrowed(""))
    }

    /// The bits at this absolute position contradict the format.
    #[cold]
    pub fn malformed(position: u64, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Malformed, Some(position), message.into())
    }

    /// What stands at this absolute bit position is beyond this project.
    #[cold]
    pub fn unsupported(position: u64, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Unsupported, Some(position), message.into())
    }

    /// What stands at this absolute bit position exceeds a limit.
    #[cold]
    pub fn limit(position: u64, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Limit, Some(position), message.into())
    }

    /// What stands at this absolute bit position refers to something that is not there.
    #[cold]
    pub fn cross_reference(position: u64, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::CrossReference, Some(position), message.into())
    }

    /// A checksum does not fit; `position` is the absolute bit of the checksum.
    #[cold]
    pub fn checksum(position: u64, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Checksum, Some(position), message.into())
    }

    /// The operating system refuses.
    #[cold]
    pub fn io(error: std::io::Error) -> Error {
        let mut made = Error::new(ErrorKind::Io, None, Cow::Owned(error.to_string()));
        made.0.io = Some(error);
        made
    }

    /// An error that has no position in an input, such as a value that cannot be written.
    #[cold]
    pub fn without_position(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(kind, None, message.into())
    }

    /// Says more: the message is replaced, or for [`ErrorKind::Truncated`] put in front of what is missing.
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Error {
        self.0.message = message.into();
        self
    }

    /// Sets the position where the error has none yet.
    pub fn at(mut self, position: u64) -> Error {
        self.0.position.get_or_insert(position);
        self
    }

    /// Replaces the position: of an error in bytes that stand elsewhere in the input.
    pub fn moved_to(mut self, position: u64) -> Error {
        self.0.position = Some(position);
        self
    }

    /// Puts a segment such as `name[1][2]` in front of the path; a loop without a name is none.
    pub fn in_field(mut self, name: &str, index: &[u64]) -> Error {
        if !name.is_empty() {
            self.0.path.push(segment(name, index));
        }
        self
    }

    /// Says which table was being read or written; the innermost one wins.
    pub fn in_table(mut self, name: impl Into<Cow<'static, str>>, clause: &'static str, number: Option<u16>) -> Error {
        if self.0.table.is_none() {
            self.0.table = Some((name.into(), clause, number));
        }
        self
    }

    /// What sort of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The absolute bit position in the input, where there is one.
    pub fn position(&self) -> Option<u64> {
        self.0.position
    }

    /// The field, for example `dgcn[0].dthd.clid[2]`; empty where it is not known.
    pub fn path(&self) -> String {
        let segments: Vec<&str> = self.0.path.iter().rev().map(String::as_str).collect();
        segments.join(".")
    }

    /// The clause that prints the table.
    pub fn clause(&self) -> Option<&'static str> {
        self.0.table.as_ref().map(|table| table.1)
    }

    /// The name of the table.
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_ref().map(|table| table.0.as_ref())
    }

    /// The number of the table.
    pub fn table_number(&self) -> Option<u16> {
        self.0.table.as_ref().and_then(|table| table.2)
    }

    /// A stable code for each kind, `MPG001` to `MPG007`.
    pub fn code(&self) -> &'static str {
        match self.0.kind {
            ErrorKind::Truncated { .. } => "MPG001",
            ErrorKind::Malformed => "MPG002",
            ErrorKind::Unsupported => "MPG003",
            ErrorKind::Limit => "MPG004",
            ErrorKind::CrossReference => "MPG005",
            ErrorKind::Checksum => "MPG006",
            ErrorKind::Io => "MPG007",
        }
    }

    /// What went wrong, without the place.
    pub fn message(&self) -> String {
        let ErrorKind::Truncated { missing_bits } = self.0.kind else {
            return self.0.message.to_string();
        };
        let (many, unit) = if missing_bits % 8 == 0 { (missing_bits / 8, "byte") } else { (missing_bits, "bit") };
        let plural = if many == 1 { "" } else { "s" };
        let before = if self.0.message.is_empty() { String::new() } else { format!("{}: ", self.0.message) };
        format!("{before}{many} more {unit}{plural} needed")
    }
}

/// A segment of a path: the name and its subscripts.
pub(crate) fn segment(name: &str, index: &[u64]) -> String {
    use fmt::Write;
    let mut text = name.to_owned();
    for i in index {
        let _ = write!(text, "[{i}]");
    }
    text
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorKind::Truncated { .. } => "truncated",
            ErrorKind::Malformed => "malformed",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::Limit => "limit exceeded",
            ErrorKind::CrossReference => "cross-reference",
            ErrorKind::Checksum => "checksum",
            ErrorKind::Io => "input/output",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind, self.message())?;
        if let Some(bit) = self.0.position {
            write!(f, " at bit {bit} (byte {})", bit / 8)?;
        }
        if !self.0.path.is_empty() {
            write!(f, ", {}", self.path())?;
        }
        if let Some((name, clause, number)) = &self.0.table {
            match number {
                Some(number) => write!(f, ", {clause} Table {number}")?,
                None => write!(f, ", {clause} {name}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {self})", self.code())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.io.as_ref().map(|error| error as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::io(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pointer() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn one_line() {
        let error = Error::truncated(1234, 24)
            .in_field("clid", &[2])
            .in_table("dataset_header", "6.4.3.2", Some(26))
            .in_field("dthd", &[])
            .in_table("dataset", "6.4.3.1", Some(25))
            .in_field("dgcn", &[0]);
        assert_eq!(error.to_string(), "truncated: 3 more bytes needed at bit 1234 (byte 154), dgcn[0].dthd.clid[2], 6.4.3.2 Table 26");
        assert_eq!((error.code(), error.clause(), error.table()), ("MPG001", Some("6.4.3.2"), Some("dataset_header")));
    }

    #[test]
    fn what_is_missing() {
        assert_eq!(Error::truncated(0, 1).message(), "1 more bit needed");
        assert_eq!(Error::truncated(0, 8).message(), "1 more byte needed");
        assert_eq!(Error::truncated(0, 9).with_message("7 entries").message(), "7 entries: 9 more bits needed");
    }

    #[test]
    fn io_keeps_its_source() {
        let error = Error::from(std::io::Error::other("disk on fire"));
        assert_eq!(error.to_string(), "input/output: disk on fire");
        assert!(std::error::Error::source(&error).is_some());
        assert_eq!(error.at(9).position(), Some(9));
    }
}
