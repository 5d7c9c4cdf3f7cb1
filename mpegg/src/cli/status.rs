//! How the command ends.

use mpegg_runtime::{Error, ErrorKind};
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0.
    Fine,
    /// 1: a check failed.
    Findings,
    /// 2: usage, input/output.
    Usage,
    /// 3: a schema is wrong.
    Schema,
    /// 4: malformed or truncated input.
    Malformed,
    /// 5: a limit is exceeded.
    Limit,
    /// 6: unsupported.
    Unsupported,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

impl Status {
    /// The status of an error of an input.
    pub fn of(error: &Error) -> Status {
        match error.kind() {
            ErrorKind::Truncated { .. } | ErrorKind::Malformed | ErrorKind::CrossReference => Status::Malformed,
            ErrorKind::Unsupported => Status::Unsupported,
            ErrorKind::Limit => Status::Limit,
            ErrorKind::Checksum => Status::Findings,
            _ => Status::Usage,
        }
    }
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// An error of an input, with its name.
    Input(String, Error),
    /// Anything else: a message and the status.
    Other(String, Status),
}

impl Failure {
    /// A file that cannot be read or written.
    pub fn file(path: &Path, error: &std::io::Error) -> Failure {
        Failure::Other(format!("{}: {error}", path.display()), Status::Usage)
    }

    /// Output that cannot be written.
    pub fn output(error: std::io::Error) -> Failure {
        Failure::Other(format!("output: {error}"), Status::Usage)
    }

    /// An error of the input of this name.
    pub fn input(path: &Path, error: Error) -> Failure {
        Failure::Input(path.display().to_string(), error)
    }

    /// The exit code.
    pub fn status(&self) -> Status {
        match self {
            Failure::Input(_, error) => Status::of(error),
            Failure::Other(_, status) => *status,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Input(name, error) => write!(f, "{name}: {error}"),
            Failure::Other(message, _) => f.write_str(message),
        }
    }
}
