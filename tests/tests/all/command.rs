//! The command as a process.

pub use mpegg_tests::command::mpegg;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;

/// What it says and how it ends.
pub fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]).into_owned();
    format!("exit code {:?}\n{}{}", output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// How bytes differ from those that are wanted, if they do.
pub fn difference(found: &[u8], wanted: &[u8]) -> Option<String> {
    if found == wanted {
        return None;
    }
    let at = found.iter().zip(wanted).position(|(a, b)| a != b).unwrap_or(found.len().min(wanted.len()));
    Some(format!("{} bytes, wanted {}; they differ from byte {at} on", found.len(), wanted.len()))
}

/// Arguments of `extract`.
pub struct Extract<'a> {
    pub file: &'a Path,
    pub dataset: String,
    pub options: Vec<String>,
    pub output: PathBuf,
    pub reference_output: Option<PathBuf>,
}

impl Extract<'_> {
    /// The command must end well. What it wrote: the data units, and those of the reference where that is asked.
    pub fn run(&self) -> Result<(Vec<u8>, Vec<u8>), String> {
        let mut arguments: Vec<&OsStr> =
            vec!["extract".as_ref(), self.file.as_ref(), "--dataset".as_ref(), self.dataset.as_ref(), "-o".as_ref(), self.output.as_ref()];
        arguments.extend(self.options.iter().map(OsStr::new));
        if let Some(output) = &self.reference_output {
            arguments.extend(["--reference-output".as_ref(), output.as_os_str()]);
        }
        let output = mpegg(&arguments);
        if output.status.code() != Some(0) {
            return Err(told(&output));
        }
        let read = |path: &Path| {
            let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
            let _ = std::fs::remove_file(path);
            bytes
        };
        Ok((read(&self.output)?, self.reference_output.as_deref().map_or(Ok(vec![]), read)?))
    }
}
