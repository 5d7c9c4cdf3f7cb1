//! A place for bytes that arrive as a stream and are needed later, in another order.

use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, Result};
use std::cell::RefCell;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Bytes up to this size are kept in memory.
const IN_MEMORY: usize = 4 << 20;

/// Bytes kept for later: a few in memory, more in a file without a name, which is gone when the process ends.
#[derive(Default)]
pub struct Spool(RefCell<Inner>);

#[derive(Default)]
struct Inner {
    file: Option<File>,
    /// Where the file is made; else where temporary files are.
    folder: Option<PathBuf>,
    /// Bytes in the file.
    written: u64,
    /// Those behind them.
    pending: Vec<u8>,
}

impl Spool {
    /// An empty one.
    pub fn new() -> Spool {
        Spool::default()
    }

    /// An empty one, whose file stands in a folder that has room for it: temporary files may be kept in memory.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Spool {
        Spool(RefCell::new(Inner { folder: Some(folder.into()), ..Inner::default() }))
    }

    /// Puts bytes behind those that are there, and says where they begin.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn push(&self, bytes: &[u8]) -> Result<u64> {
        let mut inner = self.0.borrow_mut();
        let at = inner.written.saturating_add(inner.pending.len() as u64);
        inner.pending.extend_from_slice(bytes);
        if inner.pending.len() >= IN_MEMORY {
            inner.flush()?;
        }
        Ok(at)
    }
}

impl Inner {
    fn flush(&mut self) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(match &self.folder {
                Some(folder) => tempfile::tempfile_in(folder)?,
                None => tempfile::tempfile()?,
            }),
        };
        file.seek(SeekFrom::Start(self.written))?;
        file.write_all(&self.pending)?;
        self.written = self.written.saturating_add(self.pending.len() as u64);
        self.pending.clear();
        Ok(())
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let length = buffer.len() as u64;
        let len = self.written.saturating_add(self.pending.len() as u64);
        if offset.checked_add(length).is_none_or(|end| end > len) {
            return Err(Error::truncated(len.saturating_mul(8), offset.saturating_add(length).saturating_sub(len).saturating_mul(8)));
        }
        let in_file = usize::try_from(self.written.saturating_sub(offset).min(length)).unwrap_or(usize::MAX);
        let (head, tail) = buffer.split_at_mut(in_file.min(usize::try_from(length).unwrap_or(0)));
        if let Some(file) = self.file.as_mut().filter(|_| !head.is_empty()) {
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(head)?;
        }
        let skip = usize::try_from(offset.saturating_sub(self.written)).unwrap_or(usize::MAX);
        if let Some(pending) = self.pending.get(skip..).and_then(|pending| pending.get(..tail.len())) {
            tail.copy_from_slice(pending);
        }
        Ok(())
    }
}

impl Source for Spool {
    fn len(&self) -> u64 {
        let inner = self.0.borrow();
        inner.written.saturating_add(inner.pending.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.0.borrow_mut().read(offset, buffer)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_memory_and_in_the_file() {
        let spool = Spool::new();
        let pattern = |at: u64| (at % 251) as u8;
        let mut len = 0u64;
        for size in [1, 1000, IN_MEMORY - 500, 3, IN_MEMORY * 2, 77] {
            let bytes: Vec<u8> = (len..len + size as u64).map(pattern).collect();
            assert_eq!(spool.push(&bytes).unwrap(), len);
            len += size as u64;
        }
        assert_eq!(Source::len(&spool), len);
        for (offset, length) in [(0, 10), (990, 30), (len - 100, 100), (len - 77 - 20, 40), (5, IN_MEMORY * 3)] {
            let mut bytes = vec![0; length];
            spool.read_at(offset, &mut bytes).unwrap();
            assert!(bytes.iter().zip(offset..).all(|(byte, at)| *byte == pattern(at)), "{offset}");
        }
        assert!(spool.read_at(len - 1, &mut [0; 2]).is_err());
    }
}
