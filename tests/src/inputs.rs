//! The inputs of the tests: the vectors and samples of this project, and what other programs wrote, where it is there.

use mpegg::walk::Kind;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of `tests/vectors`: bytes and what they must be read as.
pub struct Vector {
    /// Its name.
    pub name: String,
    /// What sort of input it is.
    pub kind: Kind,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Everything in the JSON.
    pub json: Value,
}

impl Vector {
    /// Whether it is about an error.
    pub fn is_broken(&self) -> bool {
        !self.json["error"].is_null()
    }
}

/// An input with a name.
pub struct Input {
    /// A short name for messages.
    pub name: String,
    /// Where it stands.
    pub path: PathBuf,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A file or folder of this crate.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Bytes from hexadecimal digits.
pub fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "an odd number of digits");
    pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}

/// Hexadecimal digits of bytes.
pub fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn kind_of(json: &Value) -> Kind {
    match json["kind"].as_str() {
        Some("file") => Kind::File,
        Some("stream") => Kind::Stream,
        Some("units") => Kind::Units,
        other => panic!("{other:?} is no kind of input"),
    }
}

/// The files of a folder whose names end so, in order of their names.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.expect("a readable folder").path()).collect(),
        Err(_) => vec![],
    };
    found.retain(|path| path.is_file() && path.file_name().and_then(|name| name.to_str()).is_some_and(|name| endings.iter().any(|end| name.ends_with(end))));
    found.sort();
    found
}

/// All vectors.
pub fn vectors() -> Vec<Vector> {
    let read = |path: PathBuf| {
        let json: Value = serde_json::from_slice(&fs::read(&path).expect("a readable vector")).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = json["name"].as_str().expect("a name").to_owned();
        assert_eq!(path.file_stem().and_then(|stem| stem.to_str()), Some(name.as_str()));
        Vector { name, kind: kind_of(&json), bytes: bytes_of(json["hex"].as_str().expect("hex")), json }
    };
    let found: Vec<Vector> = files(&here("vectors"), &[".json"]).into_iter().map(read).collect();
    assert!(!found.is_empty(), "no vectors");
    found
}

fn read(path: PathBuf, root: &Path) -> Input {
    let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
    Input { bytes: fs::read(&path).expect("a readable input"), name, path }
}

/// The samples.
pub fn samples() -> Vec<Input> {
    let folder = here("../samples");
    files(&folder, &[".mgg", ".mgb", ".stream"]).into_iter().map(|path| read(path, &folder)).collect()
}

/// The folder of what other programs wrote. Without it a notice is printed, and the test that asks has nothing to do.
pub fn shared() -> Option<PathBuf> {
    let folder = here("../../shared/vectors");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

/// The inputs in a folder of what other programs wrote; in its subfolders too.
pub fn peers(folder: &str, endings: &[&str]) -> Vec<Input> {
    let Some(root) = shared() else { return vec![] };
    let mut paths = files(&root.join(folder), endings);
    if let Ok(entries) = fs::read_dir(root.join(folder)) {
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        paths.extend(folders.iter().flat_map(|folder| files(folder, endings)));
    }
    paths.into_iter().map(|path| read(path, &root)).collect()
}

/// Everything that other programs wrote and that is well-formed.
pub fn good_peers() -> Vec<Input> {
    let broken = |input: &Input| input.name.starts_with("cases/bad") || input.name.contains("/D05_") || input.name.contains("/D10_");
    let mut all = peers("genie", &[".mgg", ".mgb"]);
    // Annotation units of a branch of the codec; as units they are units like others.
    all.extend(peers("jmpegg", &[".mgg"]));
    all.extend(peers("cases", &[".mgg", ".stream"]));
    all.retain(|input| !broken(input));
    all
}
