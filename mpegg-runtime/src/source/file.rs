//! A file, read where it is asked for.

use std::fs::File;
use std::path::Path;

use super::{Source, too_short};
use crate::error::{Error, Result};

/// A file on disk.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Opens a file.
    pub fn open(path: impl AsRef<Path>) -> Result<FileSource> {
        FileSource::new(File::open(path)?)
    }

    /// Reads an open file.
    pub fn new(file: File) -> Result<FileSource> {
        let len = file.metadata()?.len();
        Ok(FileSource { file, len })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let length = buffer.len() as u64;
        if offset.checked_add(length).is_none_or(|end| end > self.len) {
            return Err(too_short(self.len, offset, length));
        }
        let place = offset.saturating_mul(8);
        read_exact(&self.file, offset, buffer).map_err(|error| Error::io(error).at(place))
    }

    /// On Linux the kernel copies from file to file.
    #[cfg(target_os = "linux")]
    fn copy_to(&self, offset: u64, length: u64, file: &File) -> Result<bool> {
        use std::io::{Read, Seek, SeekFrom};
        if offset.checked_add(length).is_none_or(|end| end > self.len) {
            return Err(too_short(self.len, offset, length));
        }
        let mut from = &self.file;
        from.seek(SeekFrom::Start(offset))?;
        let copied = std::io::copy(&mut from.take(length), &mut &*file)?;
        if copied == length { Ok(true) } else { Err(too_short(offset.saturating_add(copied), offset, length)) }
    }
}

#[cfg(unix)]
fn read_exact(file: &File, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> std::io::Result<()> {
    use std::io::ErrorKind;
    use std::os::windows::fs::FileExt;
    while !buffer.is_empty() {
        match file.seek_read(buffer, offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = buffer.get_mut(read..).unwrap_or(&mut []);
                offset = offset.saturating_add(read as u64);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
