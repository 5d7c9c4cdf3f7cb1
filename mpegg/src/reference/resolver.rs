//! Where the file is that a `ref_uri` (6.4.2.3.4) names.

use super::lines::unreadable;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::io;
use std::path::{Path, PathBuf};

/// Finds external references: `file:` URIs and relative references beside the file, or where the user says they are.
///
/// ```
/// use mpegg::reference::Resolver;
///
/// # fn main() -> mpegg::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
/// let resolver = Resolver::beside(path);
/// assert!(resolver.find("reference.fa")?.ends_with("samples/reference.fa"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    /// The folder that relative references start from; empty: the current one.
    pub base: PathBuf,
    /// A file that is taken for any external reference, or a folder that is searched for the last part of its URI, also where one of
    /// the names ends with `.gz` (or `.bgz`) and the other does not.
    pub instead: Option<PathBuf>,
}

impl Resolver {
    /// Relative references start from the folder of this file.
    pub fn beside(file: impl AsRef<Path>) -> Resolver {
        Resolver { base: file.as_ref().parent().map_or(PathBuf::new(), Path::to_owned), instead: None }
    }

    /// The same, with a file or folder where external references are, whatever their URIs say.
    #[must_use]
    pub fn with_instead(self, instead: Option<PathBuf>) -> Resolver {
        Resolver { instead, ..self }
    }

    /// The file of a URI; it exists.
    ///
    /// # Errors
    ///
    /// Unsupported: another scheme than `file`, or a host. I/O: there is no such file; the message names it.
    pub fn find(&self, uri: &str) -> Result<PathBuf> {
        let candidates = match &self.instead {
            Some(folder) if folder.is_dir() => in_folder(folder, uri),
            Some(file) => vec![file.clone()],
            None => self.of_uri(uri)?,
        };
        let missing = candidates.first().cloned().unwrap_or_default();
        let found = candidates.into_iter().find(|path| path.is_file());
        found.ok_or_else(|| match std::fs::metadata(&missing) {
            Ok(_) => unreadable(&missing, 0, io::Error::other("this is no file")),
            Err(error) => unreadable(&missing, 0, error),
        })
    }

    fn of_uri(&self, uri: &str) -> Result<Vec<PathBuf>> {
        let Some((scheme, rest)) = scheme(uri) else {
            // A reference without scheme may be a path that was never encoded.
            return Ok(vec![self.base.join(path_of(uri)), self.base.join(uri)]);
        };
        if !scheme.eq_ignore_ascii_case("file") {
            let message = format!("ref_uri `{uri}`: the scheme `{scheme}` is not read; say with --fasta where the reference is");
            return Err(Error::without_position(ErrorKind::Unsupported, message));
        }
        let path = match rest.strip_prefix("//") {
            Some(rest) => {
                let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
                if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
                    let message = format!("ref_uri `{uri}`: files of the host `{host}` are not read; say with --fasta where the reference is");
                    return Err(Error::without_position(ErrorKind::Unsupported, message));
                }
                path
            }
            None => rest,
        };
        Ok(vec![self.base.join(path_of(path))])
    }
}

/// The scheme of a URI (RFC 3986, 3.1) and what follows its colon. A single letter is a drive.
fn scheme(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let letters = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'));
    (scheme.len() > 1 && letters).then_some((scheme, rest))
}

/// The path without query and fragment, and with the bytes that are written as `%` and two digits.
fn path_of(path: &str) -> PathBuf {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut bytes = vec![];
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.split_at_checked(2).filter(|(digits, _)| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let coded = digits.and_then(|(digits, behind)| Some((u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?, behind)));
        let (byte, behind) = coded.unwrap_or((*first, behind));
        bytes.push(byte);
        rest = behind;
    }
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

fn in_folder(folder: &Path, uri: &str) -> Vec<PathBuf> {
    let path = path_of(uri);
    let name = path.file_name().map_or(uri.into(), |name| name.to_string_lossy());
    let mut found = vec![folder.join(name.as_ref()), folder.join(format!("{name}.gz")), folder.join(format!("{name}.bgz"))];
    found.extend([".gz", ".bgz"].iter().filter_map(|ending| Some(folder.join(name.strip_suffix(ending)?))));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(uri: &str) -> String {
        let resolver = Resolver { base: PathBuf::from("/data"), instead: None };
        resolver.of_uri(uri).map_or_else(|error| error.to_string(), |paths| paths[0].display().to_string())
    }

    #[test]
    fn uris() {
        assert_eq!(path("ref.fa"), "/data/ref.fa");
        assert_eq!(path("refs/my%20genome.fa?x#y"), "/data/refs/my genome.fa");
        assert_eq!(path("file:ref.fa"), "/data/ref.fa");
        assert_eq!(path("file:/abs/ref.fa"), "/abs/ref.fa");
        assert_eq!(path("FILE:///abs/r%C3%A9f.fa"), "/abs/réf.fa");
        assert_eq!(path("file://localhost/abs/50%"), "/abs/50%");
        assert_eq!(path("/abs/ref.fa"), "/abs/ref.fa");
        assert!(path("file://elsewhere/ref.fa").contains("the host `elsewhere`"));
        let http = path("https://example.org/genomes/ref0.fa");
        assert!(http.starts_with("unsupported: ") && http.contains("the scheme `https`") && http.contains("--fasta"), "{http}");
        assert!(path("s3:bucket/ref").contains("`s3`"));
    }

    #[test]
    fn a_folder_instead() {
        let found = in_folder(Path::new("d"), "file:///x/small%20ref.fa");
        assert_eq!(found, ["d/small ref.fa", "d/small ref.fa.gz", "d/small ref.fa.bgz"].map(PathBuf::from));
        assert!(in_folder(Path::new("d"), "https://example.org/ref.fa.gz").contains(&PathBuf::from("d/ref.fa")));
    }
}
