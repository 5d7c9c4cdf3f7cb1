//! Writing results: to stdout, or to a file that is complete or absent.

use super::status::Failure;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Stdout, buffered. A reader that went away ends the command quietly.
pub fn stdout() -> impl Write {
    BufWriter::with_capacity(1 << 16, Quiet(io::stdout()))
}

struct Quiet<W>(W);

impl<W: Write> Write for Quiet<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        quiet(self.0.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        quiet(self.0.flush())
    }
}

fn quiet<T>(result: io::Result<T>) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        result => result,
    }
}

/// Where results go.
pub enum Output {
    /// Stdout, or a device.
    Stdout(Box<dyn Write>),
    /// A temporary file beside the one that it will become.
    File(BufWriter<tempfile::NamedTempFile>, PathBuf),
}

impl Output {
    /// A file, or a device; stdout without a name or for `-`.
    pub fn open(path: Option<&Path>) -> Result<Output, Failure> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Output::Stdout(Box::new(stdout()))) };
        // A device or a pipe is written to, not replaced; of a link, what it leads to is replaced.
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let device = std::fs::OpenOptions::new().write(true).open(path).map_err(|error| Failure::file(path, &error))?;
            return Ok(Output::Stdout(Box::new(BufWriter::with_capacity(1 << 16, Quiet(device)))));
        }
        let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".mpegg-").tempfile_in(folder).map_err(|error| Failure::file(path, &error))?;
        Ok(Output::File(BufWriter::with_capacity(1 << 16, file), path.to_owned()))
    }

    /// Completes the output: a file gets its name.
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            Output::Stdout(mut out) => out.flush().map_err(Failure::output),
            Output::File(writer, path) => {
                let file = writer.into_inner().map_err(|error| Failure::file(&path, error.error()))?;
                // Not forced to the disk: results can be made again, and waiting would take longer than making them.
                readable(file.as_file()).map_err(|error| Failure::file(&path, &error))?;
                file.persist(&path).map_err(|error| Failure::file(&path, &error.error))?;
                Ok(())
            }
        }
    }
}

/// A temporary file is for its owner only; a result is an ordinary file.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}

impl Write for Output {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(out) => out.write(buffer),
            Output::File(out, _) => out.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(out) => out.flush(),
            Output::File(out, _) => out.flush(),
        }
    }
}
