//! The lines of a FASTA text by the rules of 6.4.2.3.5, wherever the text is cut into pieces.
//!
//! A line that begins with `>` names a sequence: what follows up to the first white space. A line that begins with `;`, and one without a printable
//! character, is ignored wherever it stands, in front of the first name too. All other lines are bases: letters and `-`. CR and LF both
//! end a line, so that CRLF leaves an empty one, which is ignored.

use memchr::{memchr2, memchr2_iter};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::Path;

/// Bytes of a name; what a reference box can hold (R6).
const LONGEST_NAME: usize = 16384;

/// Bytes that are looked at together.
const BLOCK: usize = 1 << 12;

/// What stands in a FASTA text.
pub(super) enum Event<'t> {
    /// A sequence of this name begins, with the byte where its header line does.
    Sequence(&'t str, u64),
    /// Bases as they stand, at most a line of them.
    Bases(&'t [u8]),
}

enum Piece<'t> {
    Sequence,
    Bases(&'t [u8]),
    Nothing,
}

enum State {
    /// At the beginning of a line.
    Start,
    /// In the line of a name; the name is complete or not.
    Header { named: bool },
    /// In a comment.
    Comment,
    /// In a line of bases.
    Bases,
    /// In a line that had no printable character yet; where it began.
    Blank(u64),
}

/// Tells names and bases apart; the state between two pieces of a text.
pub(super) struct Lines {
    /// The next byte of the text.
    at: u64,
    state: State,
    /// Whether a sequence has begun.
    open: bool,
    name: Vec<u8>,
    header: u64,
    /// Up to this byte other lines than those of bases are known to stand.
    mixed: u64,
}

impl Lines {
    /// From the beginning of a line, inside a sequence or not.
    pub fn new(at: u64, inside: bool) -> Lines {
        Lines { at, state: State::Start, open: inside, name: vec![], header: at, mixed: at }
    }

    /// The byte that follows what has been told.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Tells what stands in a text until it ends or the listener has enough; `path` is for messages. The text continues at
    /// [`position`](Self::position).
    ///
    /// The number given to the listener is the byte where the event's line, or part of a line, begins.
    pub fn run(&mut self, text: &mut dyn BufRead, path: &Path, mut tell: impl FnMut(u64, Event<'_>) -> Result<ControlFlow<()>>) -> Result<()> {
        loop {
            let piece = text.fill_buf().map_err(|error| unreadable(path, self.at, error))?;
            if piece.is_empty() {
                return self.end().map_err(|error| within(path, error));
            }
            let (used, flow) = self.plain_lines(piece, &mut tell)?;
            if used > 0 {
                text.consume(used);
                if flow.is_break() {
                    return Ok(());
                }
                continue;
            }
            let start = self.at;
            let (used, piece) = self.next(piece).map_err(|error| within(path, error))?;
            let flow = match piece {
                Piece::Sequence => {
                    let name = std::str::from_utf8(&self.name).map_err(|_| within(path, Error::malformed(bits(self.header), "a name that is not UTF-8")))?;
                    tell(start, Event::Sequence(name, self.header))?
                }
                Piece::Bases(bases) => tell(start, Event::Bases(bases))?,
                Piece::Nothing => ControlFlow::Continue(()),
            };
            text.consume(used);
            if flow.is_break() {
                return Ok(());
            }
        }
    }

    /// The same for lines that are nothing but bases, which is what most of a text is.
    fn plain_lines(&mut self, piece: &[u8], tell: &mut impl FnMut(u64, Event<'_>) -> Result<ControlFlow<()>>) -> Result<(usize, ControlFlow<()>)> {
        if !self.open || self.at < self.mixed || !matches!(self.state, State::Start | State::Bases) {
            return Ok((0, ControlFlow::Continue(())));
        }
        let blocks = piece.chunks(BLOCK).take_while(|block| block.iter().fold(true, |plain, byte| plain & (is_base(*byte) | is_end(*byte))));
        let plain = piece.get(..blocks.map(<[u8]>::len).sum()).unwrap_or_default();
        if plain.is_empty() {
            self.mixed = self.at.saturating_add(BLOCK as u64);
        }
        let mut used = 0;
        for end in memchr2_iter(b'\n', b'\r', plain).chain([plain.len()]) {
            let line = plain.get(used..end).unwrap_or_default();
            let at = self.at.saturating_add(used as u64);
            used = end.saturating_add(1).min(plain.len());
            if !line.is_empty() && tell(at, Event::Bases(line))?.is_break() {
                self.pass(plain.get(..used).unwrap_or_default());
                return Ok((used, ControlFlow::Break(())));
            }
        }
        self.pass(plain);
        Ok((plain.len(), ControlFlow::Continue(())))
    }

    /// Goes on behind lines of bases.
    fn pass(&mut self, lines: &[u8]) {
        if let Some(last) = lines.last() {
            self.state = if is_end(*last) { State::Start } else { State::Bases };
            self.at = self.at.saturating_add(lines.len() as u64);
        }
    }

    /// The next thing in a piece that is not empty, and the bytes that it takes.
    fn next<'t>(&mut self, text: &'t [u8]) -> Result<(usize, Piece<'t>)> {
        let (line, ended) = match memchr2(b'\n', b'\r', text) {
            Some(end) => (text.get(..end).unwrap_or_default(), 1),
            None => (text, 0),
        };
        if let State::Start = self.state {
            self.state = match line.first() {
                Some(b'>') => {
                    self.name.clear();
                    self.header = self.at;
                    State::Header { named: false }
                }
                Some(b';') => State::Comment,
                Some(_) => State::Blank(self.at),
                None => State::Start,
            };
        }
        let (used, piece) = match self.state {
            State::Start | State::Comment => (line.len(), Piece::Nothing),
            State::Header { named } => {
                self.name_in(line, named)?;
                (line.len(), if ended == 1 { self.header_ends()? } else { Piece::Nothing })
            }
            State::Blank(_) | State::Bases => self.bases_in(line)?,
        };
        let ended = if used == line.len() { ended } else { 0 };
        if ended == 1 {
            self.state = State::Start;
        }
        let used = used.saturating_add(ended);
        self.at = self.at.saturating_add(used as u64);
        Ok((used, piece))
    }

    /// Takes the name from a part of its line.
    fn name_in(&mut self, line: &[u8], named: bool) -> Result<()> {
        if named {
            return Ok(());
        }
        let line = if self.name.is_empty() && self.at == self.header { line.get(1..).unwrap_or_default() } else { line };
        let end = line.iter().position(u8::is_ascii_whitespace);
        self.name.extend_from_slice(line.get(..end.unwrap_or(line.len())).unwrap_or_default());
        if self.name.len() > LONGEST_NAME {
            return Err(Error::limit(bits(self.header), format!("a name of more than {LONGEST_NAME} bytes")));
        }
        self.state = State::Header { named: end.is_some() };
        Ok(())
    }

    fn header_ends(&mut self) -> Result<Piece<'static>> {
        if self.name.is_empty() {
            return Err(Error::malformed(bits(self.header), "a sequence without a name"));
        }
        self.open = true;
        Ok(Piece::Sequence)
    }

    /// The bases at the beginning of a part of a line, or what is no base.
    fn bases_in<'t>(&mut self, line: &'t [u8]) -> Result<(usize, Piece<'t>)> {
        let strange = line.iter().fold(false, |strange, byte| strange | !is_base(*byte));
        let bases = if strange { line.iter().take_while(|byte| is_base(**byte)).count() } else { line.len() };
        let Some((bases, first)) = line.split_at_checked(bases).and_then(|(bases, _)| Some((bases, bases.first()?))) else {
            return self.blanks_in(line);
        };
        if !self.open {
            return Err(Error::malformed(bits(self.at), format!("the first line begins with `>`, not `{}`", first.escape_ascii())));
        }
        if let State::Blank(start) = self.state
            && start != self.at
        {
            return Err(Error::malformed(bits(start), "a line of bases begins with what is no base"));
        }
        self.state = State::Bases;
        Ok((bases.len(), Piece::Bases(bases)))
    }

    /// Characters that do not print, of a line that has no others so far.
    fn blanks_in(&self, line: &[u8]) -> Result<(usize, Piece<'static>)> {
        let blanks = if let State::Bases = self.state { 0 } else { line.iter().take_while(|byte| !byte.is_ascii_graphic()).count() };
        match line.first() {
            Some(first) if blanks == 0 => Err(Error::malformed(bits(self.at), format!("`{}` is no base", first.escape_ascii()))),
            _ => Ok((blanks, Piece::Nothing)),
        }
    }

    /// The text ends here.
    fn end(&self) -> Result<()> {
        match self.state {
            State::Header { .. } => Err(Error::truncated(bits(self.at), 8).with_message("the line of a name ends the text")),
            _ => Ok(()),
        }
    }
}

fn is_base(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'-'
}

fn is_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// The bit of a byte.
pub(super) fn bits(byte: u64) -> u64 {
    byte.saturating_mul(8)
}

/// The error of a file that is not the one that the user named: it says which.
pub(super) fn within(path: &Path, error: Error) -> Error {
    let message = if let ErrorKind::Truncated { .. } = error.kind() {
        // Its message says by itself how much is missing.
        let message = error.message();
        message.rsplit_once(": ").map_or(String::new(), |(before, _)| format!(": {before}"))
    } else {
        format!(": {}", error.message())
    };
    error.with_message(format!("{}{message}", path.display()))
}

/// The error of reading a text at a byte: what was compressed may be damaged.
pub(super) fn unreadable(path: &Path, at: u64, error: std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => within(path, Error::truncated(bits(at), 8).with_message("the compressed text is cut")),
        InvalidData | InvalidInput => within(path, Error::malformed(bits(at), format!("the compressed text is damaged: {error}"))),
        kind => Error::io(std::io::Error::new(kind, format!("{}: {error}", path.display()))),
    }
}
