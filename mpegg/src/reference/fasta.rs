//! What FASTA texts are stored in, through noodles and flate2; no other module knows these libraries.
//!
//! A text is plain, gzip, or BGZF (gzip in blocks); its first bytes tell which, not its name. Beside it an index can stand: `.fai`, the
//! sequences and their lines, and for BGZF `.gzi`, where each block begins. Positions are bytes of the text that is not compressed.

use super::lines::{unreadable, within};
use flate2::bufread::MultiGzDecoder;
use mpegg_runtime::source::{FileSource, Source};
use mpegg_runtime::{Error, Result};
use noodles_bgzf::gzi;
use noodles_bgzf::io::MultithreadedReader;
use noodles_fasta::fai;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// Bytes read at once.
const PIECE: usize = 1 << 18;

/// A stored text.
pub(super) struct Text {
    path: PathBuf,
    form: Form,
}

enum Form {
    Plain(Arc<FileSource>),
    Gzip,
    /// Compressed and uncompressed offset of each block but the first, where they are known.
    Bgzf(Option<gzi::Index>),
}

/// A text from some byte on.
pub(super) type Reader = Box<dyn BufRead + Send>;

/// A row of `.fai`: name, bases, the byte of the first base, and bases and bytes of a line.
pub(super) struct Row {
    pub name: Vec<u8>,
    pub length: u64,
    pub offset: u64,
    pub line_bases: u64,
    pub line_width: u64,
}

impl Text {
    /// Opens a file; the index of its blocks is read where there is one.
    pub fn open(path: &Path) -> Result<Text> {
        let mut start = [0; 18];
        let file = FileSource::new(open(path)?)?;
        let length = file.len().min(18);
        file.read_at(0, start.get_mut(..usize::try_from(length).unwrap_or(0)).unwrap_or_default()).map_err(|error| within(path, error))?;
        let form = match start {
            // The one extra field of a block is its size (BC).
            [0x1f, 0x8b, 8, 4, _, _, _, _, _, _, 6, 0, b'B', b'C', 2, 0, ..] => Form::Bgzf(beside(path, ".gzi", gzi::fs::read)?),
            [0x1f, 0x8b, ..] => Form::Gzip,
            _ => Form::Plain(Arc::new(file)),
        };
        Ok(Text { path: path.to_owned(), form })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes, where they are not compressed.
    pub fn plain(&self) -> Option<&Arc<FileSource>> {
        match &self.form {
            Form::Plain(source) => Some(source),
            _ => None,
        }
    }

    /// Whether a text can be read from anywhere without reading all in front of it.
    pub fn can_seek(&self) -> bool {
        matches!(self.form, Form::Plain(_) | Form::Bgzf(Some(_)))
    }

    /// The text from a byte on. One that is compressed is unpacked by other threads.
    pub fn reader(&self, offset: u64) -> Result<Reader> {
        let (mut reader, skip): (Reader, u64) = match &self.form {
            Form::Plain(source) => (Box::new(Window::new(source.clone(), offset, source.len())), 0),
            Form::Gzip => {
                let packed = BufReader::with_capacity(PIECE, open(&self.path)?);
                let reader = Ahead::new(MultiGzDecoder::new(packed)).map_err(|error| unreadable(&self.path, offset, error))?;
                (Box::new(reader), offset)
            }
            Form::Bgzf(index) => {
                let (block, start) = self.block(index.as_ref(), offset)?;
                let reader = Blocks::open(&self.path, block).map_err(|error| unreadable(&self.path, offset, error))?;
                (Box::new(reader), offset.saturating_sub(start))
            }
        };
        skip_bytes(&mut reader, skip).map_err(|error| unreadable(&self.path, offset, error))?;
        Ok(reader)
    }

    /// Compressed and uncompressed offset of the block with this byte of the text.
    fn block(&self, index: Option<&gzi::Index>, offset: u64) -> Result<(u64, u64)> {
        let blocks = index.map_or(&[][..], AsRef::as_ref);
        let before = blocks.partition_point(|(_, start)| *start <= offset);
        let (block, start) = before.checked_sub(1).and_then(|last| blocks.get(last)).copied().unwrap_or((0, 0));
        if start > offset {
            return Err(misfit(&self.path, ".gzi", "its blocks are not in order"));
        }
        Ok((block, start))
    }

    /// The rows of the index of sequences, where there is one.
    pub fn index(&self) -> Result<Option<Vec<Row>>> {
        let Some(index) = beside(&self.path, ".fai", fai::fs::read)? else { return Ok(None) };
        let rows = index.as_ref().iter().map(|row| Row {
            name: row.name().to_vec(),
            length: row.length(),
            offset: row.position(),
            line_bases: row.line_base_count().get(),
            line_width: row.line_width().get(),
        });
        Ok(Some(rows.collect()))
    }
}

/// The error of an index that does not fit its text.
pub(super) fn misfit(path: &Path, ending: &str, message: &str) -> Error {
    within(&with_ending(path, ending), Error::malformed(0, format!("the index does not fit the text ({message}); make it anew or remove it")))
}

/// A file that is named.
fn open(path: &Path) -> Result<File> {
    let file = File::open(path).and_then(|file| if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) });
    file.map_err(|error| unreadable(path, 0, error))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn beside<T>(path: &Path, ending: &str, read: impl FnOnce(PathBuf) -> io::Result<T>) -> Result<Option<T>> {
    let index = with_ending(path, ending);
    if !index.is_file() {
        return Ok(None);
    }
    let damaged = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => misfit(path, ending, &error.to_string()),
        _ => unreadable(&index, 0, error),
    };
    read(index.clone()).map(Some).map_err(damaged)
}

/// Leaves out so many bytes; the text may end before.
pub(super) fn skip_bytes(reader: &mut Reader, mut skip: u64) -> io::Result<()> {
    while skip > 0 {
        let there = reader.fill_buf()?.len();
        if there == 0 {
            break;
        }
        let used = usize::try_from(skip).unwrap_or(usize::MAX).min(there);
        reader.consume(used);
        skip = skip.saturating_sub(used as u64);
    }
    Ok(())
}

/// A part of a file, a piece at a time.
pub(super) struct Window {
    source: Arc<FileSource>,
    at: u64,
    end: u64,
    piece: Vec<u8>,
    used: usize,
}

impl Window {
    pub fn new(source: Arc<FileSource>, start: u64, end: u64) -> Window {
        Window { source, at: start, end, piece: vec![], used: 0 }
    }
}

impl BufRead for Window {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used >= self.piece.len() {
            let length = self.end.saturating_sub(self.at).min(PIECE as u64);
            self.piece.resize(usize::try_from(length).unwrap_or(PIECE), 0);
            self.source.read_at(self.at, &mut self.piece).map_err(|error| io::Error::other(error.message()))?;
            self.at = self.at.saturating_add(length);
            self.used = 0;
        }
        Ok(self.piece.get(self.used..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.used = self.used.saturating_add(amount);
    }
}

/// BGZF from the beginning of a block on. Its end shall be that of the file: noodles takes a block that is cut in its head as the end.
struct Blocks {
    reader: MultithreadedReader<File>,
    length: u64,
}

impl Blocks {
    fn open(path: &Path, block: u64) -> io::Result<Blocks> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len().saturating_sub(block);
        file.seek(SeekFrom::Start(block))?;
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN).min(NonZero::new(8).unwrap_or(NonZero::<usize>::MIN));
        Ok(Blocks { reader: MultithreadedReader::with_worker_count(threads, file), length })
    }
}

impl BufRead for Blocks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.reader.fill_buf()?.is_empty() && self.reader.position() != self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
    }
}

/// A reader that another thread reads ahead of, a few pieces at most.
struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    used: usize,
}

impl Ahead {
    fn new(mut inner: impl Read + Send + 'static) -> io::Result<Ahead> {
        let (sender, pieces) = sync_channel(4);
        // Ends with the reader or, when nobody listens any more, with the next piece.
        std::thread::Builder::new().spawn(move || {
            loop {
                let mut piece = Vec::with_capacity(PIECE);
                let read = inner.by_ref().take(PIECE as u64).read_to_end(&mut piece);
                let last = piece.is_empty() || read.is_err();
                // What was unpacked before an error is good.
                if !piece.is_empty() && sender.send(Ok(piece)).is_err() {
                    return;
                }
                if let Err(error) = read {
                    let _ = sender.send(Err(error));
                }
                if last {
                    return;
                }
            }
        })?;
        Ok(Ahead { pieces, piece: vec![], used: 0 })
    }
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used >= self.piece.len() {
            self.piece = self.pieces.recv().unwrap_or(Ok(vec![]))?;
            self.used = 0;
        }
        Ok(self.piece.get(self.used..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.used = self.used.saturating_add(amount);
    }
}

/// Reading through the buffer.
macro_rules! read_buffered {
    ($($reader:ty),*) => {$(
        impl Read for $reader {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let read = self.fill_buf()?.read(out)?;
                self.consume(read);
                Ok(read)
            }
        }
    )*};
}

read_buffered!(Window, Blocks, Ahead);
